use std::collections::BTreeSet;
use std::time::Duration;

use alcazar_ports::Clock;
use alcazar_store::{RecordClass, RecordEntry};
use serde_json::{Value, json};

use super::{Step, Told, Workload};
use crate::caller::Caller;
use crate::draw::Draw;
use crate::invariant::Invariant;
use crate::life::Life;

pub(crate) const WORKLOAD: Workload = Workload {
    service: alcazar_cloudtrail::SERVICE,
    steps: &[Step {
        operation: "cloudtrail:LookupEvents",
        open: false,
        weight: 3,
        ask: lookup,
        learn: looked,
    }],
    verify: |life| Box::pin(verify(life)),
};

fn lookup(draw: &mut Draw, _: &mut super::Known, _: &Caller) -> Option<Value> {
    let most = 1 + draw.below(50);
    let attribute = |key: &str, value: &str| json!({"MaxResults": most, "LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]});
    Some(match draw.below(4) {
        0 => attribute("EventName", "CreateAccount"),
        1 => attribute("Username", "reader"),
        2 => attribute("ReadOnly", "false"),
        _ => json!({"MaxResults": most}),
    })
}

/// An account's history is its own.
fn looked(life: &Life<'_>, told: &Told<'_>) {
    if !told.succeeded() {
        return;
    }
    for event in events(&told.answer.json()) {
        let recipient = event["recipientAccountId"].as_str().unwrap_or_default();
        if recipient != told.caller.account {
            let seen = format!("{} was shown an event of {recipient}", told.caller.name);
            told.step.broke(life, Invariant::NoEffectWithoutAllow, &seen);
        }
    }
}

fn events(answer: &Value) -> Vec<Value> {
    let events = answer["Events"].as_array().into_iter().flatten();
    events.filter_map(|event| serde_json::from_str(event["CloudTrailEvent"].as_str()?).ok()).collect()
}

/// Both accounts' histories, page by page, show exactly the records of the last 90 days, each once.
async fn verify(life: &Life<'_>) {
    for caller in life.callers.iter().filter(|caller| ["root", "stranger"].contains(&caller.name.as_str())) {
        let kept = kept(life, &caller.account);
        let shown = history(life, caller).await;
        let mut once = BTreeSet::new();
        for id in shown {
            if !once.insert(id.clone()) {
                let seen = format!("the history of {} shows event {id} twice", caller.account);
                life.state.borrow_mut().violated(Invariant::OneRecordEach, seen);
            }
        }
        for id in kept.iter().filter(|id| !once.contains(*id)) {
            let seen = format!("event {id} is not in the history of {}", caller.account);
            life.state.borrow_mut().violated(Invariant::AnsweredSurvives, seen);
        }
    }
}

/// The ids of the records that the account's history must show.
fn kept(life: &Life<'_>, account: &str) -> BTreeSet<String> {
    let since = life.world.clock.now().minus(Duration::from_secs(90 * 24 * 3600));
    let frames = life.journal.frames();
    let records = frames.iter().flat_map(|(_, frame)| &frame.records);
    let shown = records.filter(|record| {
        record.account.as_str() == account
            && record.region == life.world.region
            && record.class == RecordClass::Management
            && record.time > since
    });
    let id = |record: &RecordEntry| {
        let body: Value = serde_json::from_slice(&record.body).expect("a record is JSON");
        body["eventID"].as_str().unwrap_or_default().to_owned()
    };
    shown.map(id).collect()
}

async fn history(life: &Life<'_>, caller: &Caller) -> Vec<String> {
    let mut shown = Vec::new();
    let mut token = Value::Null;
    loop {
        let mut input = json!({"MaxResults": 50});
        if !token.is_null() {
            input["NextToken"] = token;
        }
        let answer = life.call(caller, "cloudtrail:LookupEvents", false, &input).await;
        if answer.status != 200 {
            let seen = format!("the history cannot be read: {}", answer.body);
            life.state.borrow_mut().violated(Invariant::AnsweredSurvives, seen);
            return shown;
        }
        let answer = answer.json();
        shown.extend(events(&answer).iter().filter_map(|event| event["eventID"].as_str().map(str::to_owned)));
        token = answer["NextToken"].clone();
        if token.is_null() {
            return shown;
        }
    }
}
