use alcazar_core::Timestamp;
use alcazar_core::time::TimestampFormat;
use alcazar_ports::Clock;
use alcazar_testkit::{Answer, Credentials};
use serde_json::{Value, json};

use super::{Step, Told, Workload, nothing};
use crate::caller::{Caller, Rights};
use crate::draw::Draw;
use crate::invariant::Invariant;
use crate::life::Life;

pub(crate) const WORKLOAD: Workload = Workload {
    service: alcazar_sts::SERVICE,
    steps: &[
        Step {
            operation: "sts:GetCallerIdentity",
            open: true,
            weight: 4,
            ask: |_, _, _| Some(json!({})),
            learn: identified,
        },
        Step {
            operation: "sts:GetSessionToken",
            open: true,
            weight: 2,
            ask: |_, _, _| Some(json!({})),
            learn: session,
        },
        Step { operation: "sts:GetFederationToken", open: false, weight: 2, ask: federation, learn: session },
        Step { operation: "sts:GetAccessKeyInfo", open: false, weight: 1, ask: key, learn: nothing },
    ],
    verify: |life| Box::pin(verify(life)),
};

#[derive(Default)]
pub(crate) struct Known {
    sessions: Vec<Session>,
}

#[derive(Clone)]
struct Session {
    issuer: String,
    caller: Caller,
    expires_at: Timestamp,
}

/// One session in four calls is made with credentials that the caller was given before.
pub(crate) fn session_of(draw: &mut Draw, known: &super::Known, caller: &Caller) -> Option<Caller> {
    let own: Vec<&Session> = known.sts.sessions.iter().filter(|s| s.issuer == caller.name).collect();
    let session = *draw.of(&own)?;
    draw.chance(250).then(|| session.caller.clone())
}

fn federation(draw: &mut Draw, _: &mut super::Known, _: &Caller) -> Option<Value> {
    Some(json!({"Name": draw.letters(8), "Policy": crate::caller::reads().text()}))
}

fn key(_: &mut Draw, _: &mut super::Known, caller: &Caller) -> Option<Value> {
    Some(json!({"AccessKeyId": caller.credentials.access_key_id}))
}

fn identified(life: &Life<'_>, told: &Told<'_>) {
    if told.succeeded() && told.answer.text("/Account") != told.caller.account {
        told.step.broke(life, Invariant::NoEffectWithoutAllow, "a caller was told another's account");
    }
}

fn session(life: &Life<'_>, told: &Told<'_>) {
    if !told.succeeded() {
        return;
    }
    let credentials = Credentials::of(told.answer);
    let mut state = life.state.borrow_mut();
    state.secrets.add("a session's secret", credentials.secret.expose().as_bytes());
    let token = credentials.token.clone().unwrap_or_default();
    state.tokens.add("a session token", token.as_bytes());
    let federated = told.step.operation == "sts:GetFederationToken";
    let rights = match (federated, told.caller.rights) {
        (true, Rights::Everything) => Rights::Only(crate::caller::READS),
        (_, rights) => rights,
    };
    let expires_at = expiration(told.answer);
    let caller = Caller {
        name: format!("{}'s session", told.caller.name),
        credentials,
        rights,
        expires_at: Some(expires_at),
        ..told.caller.clone()
    };
    state.known.sts.sessions.push(Session { issuer: told.caller.name.clone(), caller, expires_at });
}

/// When the credentials that were told expire.
pub(super) fn expiration(answer: &Answer) -> Timestamp {
    Timestamp::parse(&answer.text("/Expiration"), TimestampFormat::DateTime).expect("a time")
}

/// A session that has not expired still signs; one that has does not.
async fn verify(life: &Life<'_>) {
    let sessions = life.state.borrow().known.sts.sessions.clone();
    for session in sessions {
        let alive = life.world.clock.now() < session.expires_at;
        let answer = life.call(&session.caller, "sts:GetCallerIdentity", true, &json!({})).await;
        if (answer.status == 200) != alive {
            let seen = format!("{} (alive: {alive}) was told {}", session.caller.name, answer.body);
            life.state.borrow_mut().violated(Invariant::AnsweredSurvives, seen);
        }
    }
}
