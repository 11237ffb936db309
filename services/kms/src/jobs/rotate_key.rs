//! Rotation: the key gets a further material, which encrypts from then on; the older ones stay for what they encrypted.
//!
//! Automatic rotation falls due by its schedule; rotation on demand falls due at once, and, as in AWS, is not part of the call that asks for it.
//! Both are recorded as the service event `RotateKey`. Source: KMS Developer Guide, "Rotating AWS KMS keys" and "RotateKey" in CloudTrail.

use std::sync::Arc;

use alcazar_core::Arn;
use alcazar_corridor::{Committed, Done, Failure, Job, JobCall, ServiceEvent, Tx};
use alcazar_material::{KeySpec, KeyUsage};
use wire_kms::{KeyState, OriginType};

use crate::model::{
    KEY_KIND, KEYS, Key, KeyMaterial, RotationKind, Schedule, days, fresh, new_material, parsed_id, share,
};

/// Automatic rotation.
pub(crate) struct RotateKey;

/// Rotation on demand.
pub(crate) struct RotateKeyNow;

impl Job for RotateKey {
    const NAME: &'static str = "kms/rotate-key";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let Some(key) = key(&call).await? else { return call.commit(None, |_| Ok(())).await };
        // A disabled key is not rotated: EnableKey makes up for it. Nor is one that waits for its end.
        let due = key.rotation.is_some_and(|schedule| schedule.next_at <= call.view().now());
        if !due || key.state() != KeyState::Enabled {
            return call.commit(None, |_| Ok(())).await;
        }
        rotate(call, &key, RotationKind::Automatic).await
    }
}

impl Job for RotateKeyNow {
    const NAME: &'static str = "kms/rotate-key-on-demand";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let Some(key) = key(&call).await? else { return call.commit(None, |_| Ok(())).await };
        if key.on_demand_since.is_none() || key.material.is_empty() {
            return call.commit(None, |_| Ok(())).await;
        }
        if key.origin == OriginType::External {
            return promote(call, &key).await;
        }
        rotate(call, &key, RotationKind::OnDemand).await
    }
}

async fn key(call: &JobCall) -> Result<Option<Arc<Key>>, Failure> {
    call.view().get(&KEYS, call.reminder().scope(), call.reminder().subject.as_str()).await
}

async fn rotate(call: JobCall, key: &Key, kind: RotationKind) -> Result<Committed<Done>, Failure> {
    let (scope, now) = (call.reminder().scope(), call.view().now());
    let material =
        fresh(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, &|bytes| fill(&call, bytes)).await?;
    let mut rotated = key.clone();
    match kind {
        RotationKind::OnDemand => rotated.on_demand_since = None,
        RotationKind::Automatic => rotated.rotation = key.rotation.map(|schedule| following(schedule, now)),
    }
    // The id follows from the secret and the key, so it is known before the material is sealed.
    let sealed = |tx: &Tx<'_>, arn: &Arn| {
        new_material(arn, &key.id, &material, now, Some(kind), |context, secret| tx.seal(context, secret))
    };
    let current = material.id(&parsed_id(&key.id)?).map_err(Failure::internal)?.to_string();
    let event = event(key, &current, kind);
    call.commit(Some(event), |tx| {
        let mut rotated = rotated.clone();
        rotated.material.push(sealed(tx, &key.arn)?);
        share(tx, key, |tx, replica| {
            replica.material.push(sealed(tx, &replica.arn)?);
            (replica.rotation, replica.on_demand_since) = (rotated.rotation, rotated.on_demand_since);
            Ok(())
        })?;
        if let (RotationKind::Automatic, Some(schedule)) = (kind, rotated.rotation) {
            tx.remind(schedule.next_at, RotateKey::NAME, scope, &key.id)?;
        }
        tx.put(&KEYS, scope, key.id.as_str(), &rotated)
    })
    .await
}

/// The next time: a period after this one was due, or, when that is past too, a period from now. Periods that were missed are not made up
/// for one by one.
fn following(schedule: Schedule, now: alcazar_core::Timestamp) -> Schedule {
    let period = days(schedule.period_days);
    let next = schedule.next_at.plus(period);
    Schedule { next_at: if next > now { next } else { now.plus(period) }, ..schedule }
}

/// Rotation to the material that was imported for it. If that is gone in the meantime, there is no rotation.
async fn promote(call: JobCall, key: &Key) -> Result<Committed<Done>, Failure> {
    let (scope, now, kind) = (call.reminder().scope(), call.view().now(), RotationKind::OnDemand);
    let mut rotated = key.clone();
    rotated.on_demand_since = None;
    let pending = rotated.pending.take_if(|pending| pending.sealed.is_some());
    let event = pending.as_ref().map(|pending| event(key, &pending.id, kind));
    let is_there = pending.is_some();
    let current = |pending| KeyMaterial { since: now, rotation: Some(kind), ..pending };
    rotated.material.extend(pending.map(current));
    call.commit(event, |tx| {
        share(tx, key, |_, replica| {
            replica.on_demand_since = None;
            let pending = replica.pending.take_if(|_| is_there);
            replica.material.extend(pending.map(current));
            Ok(())
        })?;
        tx.put(&KEYS, scope, key.id.as_str(), &rotated)
    })
    .await
}

fn event(key: &Key, current: &str, kind: RotationKind) -> ServiceEvent {
    let previous = key.material.last().map(|material| material.id.as_str()).unwrap_or_default();
    let kind = match kind {
        RotationKind::Automatic => "AUTOMATIC",
        RotationKind::OnDemand => "ON_DEMAND",
    };
    ServiceEvent {
        source: "kms.amazonaws.com",
        name: "RotateKey",
        resource: Some((KEY_KIND, key.arn.clone())),
        details: format!(
            r#"{{"keyId":"{}","rotationType":"{kind}","keyOrigin":"{}","previousKeyMaterialId":"{previous}","currentKeyMaterialId":"{current}"}}"#,
            key.id, key.origin
        ),
    }
}

fn fill(call: &JobCall, bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(32) {
        let random: [u8; 32] = call.random();
        for (byte, random) in chunk.iter_mut().zip(random) {
            *byte = random;
        }
    }
}
