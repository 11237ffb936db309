//! A rotation is due, or due again: its function takes the four steps. What fails stays visible (the version in the making keeps
//! `AWSPENDING`, the event history has `RotationFailed`) and is tried again, from the first step, until it succeeds.
//!
//! Each step finds for itself what an earlier attempt has done, so a rotation that died anywhere is healed by the next attempt: AWSCURRENT
//! moves last, after a login with the new password. Source: Secrets Manager User Guide, "How rotation works", and `RotateSecret`.

use std::sync::Arc;

use alcazar_corridor::{Committed, Done, Failure, Job, JobCall, Tx};
use serde_json::{Value, json};

use crate::model::{CURRENT, PENDING, Rotation, Run, Secret, happened, held, put, row};
use crate::rotation::{Event, Failed, Step, function};

pub(crate) struct RotateSecret;

impl Job for RotateSecret {
    const NAME: &'static str = "secretsmanager/rotate-secret";
    const OUTSIDE: bool = true;

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let Some((secret, rotation)) = due(&call).await? else {
            return call.commit(None, |_| Ok(())).await;
        };
        let (call, run) = begun(call, &secret, &rotation).await?;
        let outcome = attempt(&call, &secret, &rotation, &run).await;
        ended(call.anew(), &secret, &run, outcome).await
    }
}

/// The secret whose rotation this reminder is about, if it still is.
async fn due(call: &JobCall) -> Result<Option<(Arc<Secret>, Rotation)>, Failure> {
    let (scope, name) = (call.reminder().scope(), call.reminder().subject.clone());
    let secret = held(call.view(), scope, &name).await?;
    let Some(secret) = secret.filter(|secret| secret.deletion.is_none()) else { return Ok(None) };
    let Some(rotation) = secret.rotation.clone().filter(|rotation| rotation.enabled) else { return Ok(None) };
    let reminded = call.reminder().due;
    let is_due = match &rotation.run {
        Some(run) => run.due == reminded,
        // A version that somebody has left in the making stops the schedule, as it stops RotateSecret.
        None => rotation.next.is_some_and(|next| next.opens == reminded) && !secret.is_being_rotated(),
    };
    Ok(is_due.then_some((secret, rotation)))
}

/// The rotation that goes on, with its beginning on record.
async fn begun(call: JobCall, secret: &Secret, rotation: &Rotation) -> Result<(JobCall, Run), Failure> {
    let due = call.reminder().due;
    let run = match &rotation.run {
        Some(run) if run.told => return Ok((call, run.clone())),
        Some(run) => run.clone(),
        None => Run { version_id: call.uuid(), due, failures: 0, told: false, test: false },
    };
    let run = Run { told: true, ..run };
    let name = if run.test { "TestRotationStarted" } else { "RotationStarted" };
    let call = call
        .step(None, |tx| {
            happened(tx, secret, name, Value::Null)?;
            change(tx, secret, |tx, secret| {
                if secret.version(&run.version_id).is_none() {
                    secret.begin(tx, &run.version_id, due, run.test)?;
                }
                secret.rotation.iter_mut().for_each(|rotation| rotation.run = Some(run.clone()));
                Ok(())
            })
        })
        .await?;
    Ok((call, run))
}

async fn attempt(call: &JobCall, secret: &Secret, rotation: &Rotation, run: &Run) -> Result<(), Failed> {
    let function = function(&rotation.function, secret.account, call.view().region())
        .ok_or_else(|| Failed("The rotation function is not there.".to_owned()))?;
    let event = Event { call, secret_id: secret.arn.as_str(), token: &run.version_id };
    if run.test {
        return function.test(&event).await;
    }
    for step in Step::ALL {
        function.step(step, &event).await?;
    }
    Ok(())
}

async fn ended(
    call: JobCall,
    secret: &Secret,
    run: &Run,
    outcome: Result<(), Failed>,
) -> Result<Committed<Done>, Failure> {
    call.commit(None, |tx| {
        tell(tx, secret, run, &outcome)?;
        change(tx, secret, |tx, secret| {
            let ours = secret.rotation.as_ref().and_then(|rotation| rotation.run.as_ref());
            if ours.is_none_or(|ours| ours.version_id != run.version_id) {
                // Cancelled or overtaken meanwhile.
                return Ok(());
            }
            match &outcome {
                // A test is not repeated: it has told what it found.
                _ if run.test => put_away(secret, run),
                Ok(()) => {
                    secret.changed_at = tx.now();
                    let now = tx.now();
                    secret.rotation.iter_mut().for_each(|rotation| {
                        rotation.run = None;
                        rotation.last = Some(now);
                    });
                    secret.plan(tx)?;
                }
                Err(_) => {
                    let mut again = Run { failures: run.failures.saturating_add(1), ..run.clone() };
                    again.due = tx.now().plus(again.pause());
                    secret.remind(tx, again.due)?;
                    secret.rotation.iter_mut().for_each(|rotation| rotation.run = Some(again.clone()));
                }
            }
            Ok(())
        })
    })
    .await
}

/// Takes away the version that a test has made.
fn put_away(secret: &mut Secret, run: &Run) {
    if secret.holder(PENDING) == Some(&run.version_id) && secret.holder(CURRENT) != Some(&run.version_id) {
        secret.detach(PENDING);
    }
    secret.rotation.iter_mut().for_each(|rotation| rotation.run = None);
}

fn tell(tx: &mut Tx<'_>, secret: &Secret, run: &Run, outcome: &Result<(), Failed>) -> Result<(), Failure> {
    match (outcome, run.test) {
        (Ok(()), false) => happened(tx, secret, "RotationSucceeded", Value::Null),
        (Ok(()), true) => happened(tx, secret, "TestRotationSucceeded", Value::Null),
        (Err(failed), test) => {
            let name = if test { "TestRotationFailed" } else { "RotationFailed" };
            // The name of this member is guessed. The words hold no secret.
            happened(tx, secret, name, json!({ "ErrorMessage": failed.0 }))
        }
    }
}

/// Changes the row as it is now, if it is still of that secret.
fn change(
    tx: &mut Tx<'_>,
    secret: &Secret,
    change: impl FnOnce(&mut Tx<'_>, &mut Secret) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let row = row(tx, secret.scope(), &secret.name)?;
    let Some(row) = row.filter(|row| row.arn == secret.arn) else { return Ok(()) };
    let mut held = (*row).clone();
    change(tx, &mut held)?;
    held.keep_in_step(tx)?;
    put(tx, &held)
}
