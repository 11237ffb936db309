use std::time::Duration;

use alcazar_ports::Clock;
use alcazar_testkit::Credentials;
use serde_json::{Value, json};

use super::{Step, Told, Workload, nothing};
use crate::caller::{ACCOUNT, Caller, Rights};
use crate::draw::Draw;
use crate::invariant::Invariant;
use crate::life::Life;

pub(crate) const WORKLOAD: Workload = Workload {
    service: alcazar_admin::SERVICE,
    steps: &[
        Step { operation: "alcazar:CreateAccount", open: false, weight: 3, ask: name, learn: created },
        Step { operation: "alcazar:AdvanceClock", open: false, weight: 2, ask: duration, learn: advanced },
        Step {
            operation: "alcazar:GetClock",
            open: false,
            weight: 2,
            ask: |_, _, _| Some(json!({})),
            learn: nothing,
        },
        Step {
            operation: "alcazar:ListAccounts",
            open: false,
            weight: 1,
            ask: |_, _, _| Some(json!({})),
            learn: nothing,
        },
        Step { operation: "alcazar:DescribeAccount", open: false, weight: 2, ask: one, learn: described },
    ],
    verify: |life| Box::pin(verify(life)),
};

#[derive(Default)]
pub(crate) struct Known {
    accounts: Vec<Account>,
    /// The sum of what was answered.
    advanced: Duration,
}

#[derive(Clone)]
struct Account {
    id: String,
    name: String,
    root: Credentials,
}

fn name(draw: &mut Draw, _: &mut super::Known, _: &Caller) -> Option<Value> {
    Some(json!({"Name": draw.letters(12)}))
}

fn duration(draw: &mut Draw, _: &mut super::Known, _: &Caller) -> Option<Value> {
    Some(json!({"Duration": format!("{}m", 1 + draw.below(3000))}))
}

fn one(draw: &mut Draw, known: &mut super::Known, _: &Caller) -> Option<Value> {
    draw.of(&known.admin.accounts).map(|account| json!({"AccountId": account.id}))
}

fn created(life: &Life<'_>, told: &Told<'_>) {
    if !told.succeeded() {
        return;
    }
    let root = Credentials::of(told.answer);
    let name = told.input["Name"].as_str().unwrap_or_default().to_owned();
    let mut state = life.state.borrow_mut();
    state.secrets.add("an account's root secret", root.secret.expose().as_bytes());
    state.known.admin.accounts.push(Account { id: told.answer.text("/Account/AccountId"), name, root });
}

fn advanced(life: &Life<'_>, told: &Told<'_>) {
    let minutes =
        told.input["Duration"].as_str().and_then(|text| text.strip_suffix('m')?.parse::<u64>().ok());
    if told.succeeded() {
        life.state.borrow_mut().known.admin.advanced += Duration::from_secs(60 * minutes.unwrap_or(0));
    }
}

fn described(life: &Life<'_>, told: &Told<'_>) {
    let id = &told.input["AccountId"];
    let known = life.state.borrow().known.admin.accounts.iter().find(|known| *id == known.id).cloned();
    let Some(known) = known else { return };
    if told.succeeded() && told.answer.text("/Account/Name") != known.name {
        told.step.broke(life, Invariant::AnsweredSurvives, &format!("{id} has another name"));
    }
    if told.caller.account == ACCOUNT && told.caller.rights == Rights::Everything && told.answer.status == 404
    {
        told.step.broke(life, Invariant::AnsweredSurvives, &format!("{id} is not there"));
    }
}

/// Every account that was told is there, its key signs, and the clock has moved at least as far as was told.
async fn verify(life: &Life<'_>) {
    let Some(root) = life.callers.first() else { return };
    let accounts = life.state.borrow().known.admin.accounts.clone();
    for account in accounts {
        let input = json!({"AccountId": account.id});
        let answer = life.call(root, "alcazar:DescribeAccount", false, &input).await;
        if answer.status != 200 || answer.text("/Account/Name") != account.name {
            let seen = format!("account {} was created and is not there: {}", account.id, answer.body);
            life.state.borrow_mut().violated(Invariant::AnsweredSurvives, seen);
        }
        let caller = Caller { account: account.id.clone(), credentials: account.root, ..root.clone() };
        let answer = life.call(&caller, "sts:GetCallerIdentity", true, &json!({})).await;
        if answer.status != 200 || answer.text("/Account") != account.id {
            let seen = format!("the root key of account {} does not sign: {}", account.id, answer.body);
            life.state.borrow_mut().violated(Invariant::AnsweredSurvives, seen);
        }
    }
    let (told, ahead) = (life.state.borrow().known.admin.advanced, life.world.clock.ahead());
    if ahead < told {
        let seen = format!("the clock was told to be {told:?} ahead and is {ahead:?} ahead");
        life.state.borrow_mut().violated(Invariant::AnsweredSurvives, seen);
    }
}
