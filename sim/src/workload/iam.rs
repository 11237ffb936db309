use alcazar_ports::Clock;
use alcazar_testkit::Credentials;
use serde_json::{Value, json};

use super::{Step, Told, Workload, nothing};
use crate::caller::{ACCOUNT, Caller, READER, Rights};
use crate::draw::Draw;
use crate::invariant::Invariant;
use crate::life::Life;

pub(crate) const WORKLOAD: Workload = Workload {
    service: alcazar_iam::SERVICE,
    steps: &[
        Step { operation: "iam:CreateUser", open: false, weight: 3, ask: new_user, learn: user_made },
        Step { operation: "iam:GetUser", open: false, weight: 1, ask: some_user, learn: nothing },
        Step { operation: "iam:CreateAccessKey", open: false, weight: 3, ask: some_user, learn: key_made },
        Step { operation: "iam:DeleteAccessKey", open: false, weight: 1, ask: end_key, learn: key_ended },
        Step { operation: "iam:TagUser", open: false, weight: 1, ask: tags, learn: nothing },
        Step { operation: "iam:DeleteUser", open: false, weight: 1, ask: end_user, learn: user_ended },
        Step { operation: "iam:CreateRole", open: false, weight: 2, ask: new_role, learn: role_made },
        Step { operation: "iam:DeleteRole", open: false, weight: 1, ask: end_role, learn: role_ended },
        Step {
            operation: "iam:ListUsers",
            open: false,
            weight: 1,
            ask: |_, _, _| Some(json!({})),
            learn: nothing,
        },
        Step { operation: "sts:AssumeRole", open: false, weight: 4, ask: some_role, learn: assumed },
    ],
    verify: |life| Box::pin(verify(life)),
};

#[derive(Default)]
pub(crate) struct Known {
    users: Vec<Made>,
    keys: Vec<(Made, String, Caller)>,
    roles: Vec<Made>,
    sessions: Vec<(String, Caller)>,
}

/// A thing that was made, and what is known of its end.
#[derive(Clone)]
struct Made {
    name: String,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nobody who might has asked for it.
    No,
    /// Somebody has asked; whether it came to it is not known.
    Asked,
    /// It was answered.
    Told,
}

fn new_user(draw: &mut Draw, _: &mut super::Known, _: &Caller) -> Option<Value> {
    Some(json!({"UserName": format!("u-{}", draw.letters(10))}))
}

fn some_user(draw: &mut Draw, known: &mut super::Known, _: &Caller) -> Option<Value> {
    draw.of(&known.iam.users).map(|user| json!({"UserName": user.name}))
}

fn tags(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let mut input = some_user(draw, known, caller)?;
    input["Tags"] = json!([{"Key": draw.letters(4), "Value": draw.letters(9)}]);
    Some(input)
}

fn end_user(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let at = draw.below(known.iam.users.len());
    let user = known.iam.users.get_mut(at)?;
    asked(user, caller, "iam:DeleteUser");
    Some(json!({"UserName": user.name}))
}

fn end_key(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let at = draw.below(known.iam.keys.len());
    let (key, user, _) = known.iam.keys.get_mut(at)?;
    asked(key, caller, "iam:DeleteAccessKey");
    Some(json!({"UserName": user, "AccessKeyId": key.name}))
}

fn new_role(draw: &mut Draw, _: &mut super::Known, _: &Caller) -> Option<Value> {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/{READER}")},
    }]});
    Some(
        json!({"RoleName": format!("r-{}", draw.letters(10)), "AssumeRolePolicyDocument": trust.to_string()}),
    )
}

fn end_role(draw: &mut Draw, known: &mut super::Known, caller: &Caller) -> Option<Value> {
    let at = draw.below(known.iam.roles.len());
    let role = known.iam.roles.get_mut(at)?;
    asked(role, caller, "iam:DeleteRole");
    Some(json!({"RoleName": role.name}))
}

fn some_role(draw: &mut Draw, known: &mut super::Known, _: &Caller) -> Option<Value> {
    let role = draw.of(&known.iam.roles)?;
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{}", role.name);
    Some(json!({"RoleArn": arn, "RoleSessionName": "simulated"}))
}

/// Whether anybody who might has asked for the end of that key, or of the role whose session it is.
pub(super) fn end_was_asked(known: &Known, access_key_id: &str) -> bool {
    let asked = |made: &Made| made.end != End::No;
    let of_session = |(_, caller): &&(String, Caller)| caller.credentials.access_key_id == access_key_id;
    known.keys.iter().any(|(key, ..)| key.name == access_key_id && asked(key))
        || known
            .sessions
            .iter()
            .find(of_session)
            .is_some_and(|(role, _)| known.roles.iter().any(|made| made.name == *role && asked(made)))
}

fn asked(made: &mut Made, caller: &Caller, operation: &str) {
    if made.end == End::No && caller.might(operation) && caller.account == ACCOUNT {
        made.end = End::Asked;
    }
}

/// The first account's things are followed; a stranger's are made and left alone.
fn followed(told: &Told<'_>) -> bool {
    told.succeeded() && told.caller.account == ACCOUNT
}

fn text(input: &Value, name: &str) -> String {
    input[name].as_str().unwrap_or_default().to_owned()
}

fn user_made(life: &Life<'_>, told: &Told<'_>) {
    if followed(told) {
        let name = text(told.input, "UserName");
        life.state.borrow_mut().known.iam.users.push(Made { name, end: End::No });
    }
}

fn user_ended(life: &Life<'_>, told: &Told<'_>) {
    let name = text(told.input, "UserName");
    let mut state = life.state.borrow_mut();
    if let Some(user) = state.known.iam.users.iter_mut().find(|user| user.name == name && followed(told)) {
        user.end = End::Told;
    }
}

fn key_made(life: &Life<'_>, told: &Told<'_>) {
    if !followed(told) {
        return;
    }
    let credentials = Credentials::of(told.answer);
    let user = text(told.input, "UserName");
    let key = Made { name: credentials.access_key_id.clone(), end: End::No };
    let mut state = life.state.borrow_mut();
    state.secrets.add("a secret access key", credentials.secret.expose().as_bytes());
    let caller = Caller {
        name: format!("user {user}"),
        credentials,
        rights: Rights::Nothing,
        expires_at: None,
        ..told.caller.clone()
    };
    state.known.iam.keys.push((key, user, caller));
}

fn key_ended(life: &Life<'_>, told: &Told<'_>) {
    let id = text(told.input, "AccessKeyId");
    let mut state = life.state.borrow_mut();
    if let Some((key, ..)) =
        state.known.iam.keys.iter_mut().find(|(key, ..)| key.name == id && followed(told))
    {
        key.end = End::Told;
    }
}

fn role_made(life: &Life<'_>, told: &Told<'_>) {
    if followed(told) {
        let name = text(told.input, "RoleName");
        life.state.borrow_mut().known.iam.roles.push(Made { name, end: End::No });
    }
}

fn role_ended(life: &Life<'_>, told: &Told<'_>) {
    let name = text(told.input, "RoleName");
    let mut state = life.state.borrow_mut();
    if let Some(role) = state.known.iam.roles.iter_mut().find(|role| role.name == name && followed(told)) {
        role.end = End::Told;
    }
}

fn assumed(life: &Life<'_>, told: &Told<'_>) {
    if !told.succeeded() {
        return;
    }
    let role = text(told.input, "RoleArn").rsplit('/').next().unwrap_or_default().to_owned();
    let credentials = Credentials::of(told.answer);
    let mut state = life.state.borrow_mut();
    state.secrets.add("a role session's secret", credentials.secret.expose().as_bytes());
    let name = format!("session of {role}");
    let caller = Caller {
        name,
        credentials,
        rights: Rights::Nothing,
        expires_at: Some(super::sts::expiration(told.answer)),
        ..told.caller.clone()
    };
    state.known.iam.sessions.push((role, caller));
}

/// Users and keys whose making was answered are there, unless somebody asked for their end; what was told to be gone is gone, and so
/// are the sessions of a role that is gone.
async fn verify(life: &Life<'_>) {
    let Some(root) = life.callers.first() else { return };
    let broken = |seen: String| life.state.borrow_mut().violated(Invariant::AnsweredSurvives, seen);
    let users = life.state.borrow().known.iam.users.clone();
    for user in users {
        let answer = life.call(root, "iam:GetUser", false, &json!({"UserName": user.name})).await;
        if (answer.status == 200 && user.end == End::Told) || (answer.status != 200 && user.end == End::No) {
            broken(format!("user {}, end {:?}: {} {}", user.name, user.end, answer.status, answer.body));
        }
    }
    let keys = life.state.borrow().known.iam.keys.clone();
    for (key, user, caller) in keys {
        let answer = life.call(&caller, "sts:GetCallerIdentity", true, &json!({})).await;
        if (answer.status == 200 && key.end == End::Told) || (answer.status != 200 && key.end == End::No) {
            broken(format!("{user}'s key, end {:?}: {} {}", key.end, answer.status, answer.body));
        }
    }
    let (roles, sessions) = {
        let state = life.state.borrow();
        (state.known.iam.roles.clone(), state.known.iam.sessions.clone())
    };
    for (name, caller) in sessions {
        let end = roles.iter().find(|role| role.name == name).map_or(End::No, |role| role.end);
        let expired = caller.has_expired(life.world.clock.now());
        let answer = life.call(&caller, "sts:GetCallerIdentity", true, &json!({})).await;
        let (ended, alive) = (expired || end == End::Told, !expired && end == End::No);
        if (ended && answer.status == 200) || (alive && answer.status != 200) {
            let told = format!("{} {}", answer.status, answer.body);
            broken(format!("a session of the role {name}, end {end:?}, expired: {expired}: {told}"));
        }
    }
}
