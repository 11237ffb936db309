//! The power fails at any moment: what was answered is there.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use alcazar_ports::{Entropy, SeededEntropy, array};
use serde_json::{Value, json};

use crate::harness::{Home, Key, Program};

const ROUNDS: u64 = 4;
const CLIENTS: u64 = 6;

/// What was answered, for the checks after the restart.
#[derive(Default)]
struct Answered {
    accounts: BTreeSet<String>,
    keys: BTreeSet<String>,
    users: BTreeSet<String>,
}

#[test]
fn whatever_was_answered_before_a_kill_is_there_after_it() {
    for seed in 1..=2 {
        println!("seed {seed}");
        rounds(seed);
    }
}

fn rounds(seed: u64) {
    let (home, entropy) = (Home::new(), SeededEntropy::new(seed));
    let mut answered = Answered::default();
    let mut program = home.start(&[]);
    for round in 0..ROUNDS {
        let key = home.root();
        let moment = Duration::from_millis(u64::from_be_bytes(array(&entropy as &dyn Entropy)) % 500);
        let count = AtomicU64::new(0);
        let told: Vec<Answered> = thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|client| {
                    let (program, key, count) = (&program, &key, &count);
                    scope.spawn(move || work(program, key, &format!("{round}-{client}"), count))
                })
                .collect();
            // Not before something was answered, however slow the machine.
            while count.load(Ordering::Relaxed) < 20 {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(moment);
            let pid = rustix::process::Pid::from_child(&program.child);
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        program.kill();
        program = home.start(&[]);
        // What this round was told, now; what all rounds were told, at the end.
        for told in told {
            check(&program, &key, &told);
            answered.accounts.extend(told.accounts);
            answered.keys.extend(told.keys);
            answered.users.extend(told.users);
        }
    }
    check(&program, &home.root(), &answered);
    check_records(&program, &home.root(), &answered);
    let Answered { accounts, keys, users } = answered;
    println!("{} accounts, {} keys, {} users", accounts.len(), keys.len(), users.len());
}

/// Calls until the connection breaks; keeps what was answered.
fn work(program: &Program, key: &Key, name: &str, count: &AtomicU64) -> Answered {
    let mut answered = Answered::default();
    let mut wire = program.connect();
    for number in 0.. {
        let (request, member) = match number % 3 {
            0 => {
                let body = format!("{{\"Name\": \"{name}-{number}\"}}");
                (program.json(key, "Alcazar_20261101.CreateAccount", body.as_bytes()), "AccountId")
            }
            1 => (program.json(key, "TrentService.CreateKey", b"{}"), "KeyId"),
            _ => {
                let parameters = format!("Action=CreateUser&UserName=user-{name}-{number}");
                (program.query(key, "iam", &parameters), "UserName")
            }
        };
        if !wire.try_send(&request) {
            break;
        }
        let Some(answer) = wire.try_answer() else { break };
        assert_eq!(answer.status, 200, "{}", answer.body);
        let set = match member {
            "AccountId" => &mut answered.accounts,
            "KeyId" => &mut answered.keys,
            _ => &mut answered.users,
        };
        set.insert(answer.text(member));
        count.fetch_add(1, Ordering::Relaxed);
    }
    answered
}

fn check(program: &Program, key: &Key, answered: &Answered) {
    let accounts =
        all(program, key, "Alcazar_20261101.ListAccounts", json!({"MaxResults": 100}), "AccountId");
    let lost: Vec<_> = answered.accounts.difference(&accounts).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    let mut wire = program.connect();
    // Not only the row: the sealed material opens as well.
    for id in &answered.keys {
        let body = json!({"KeyId": id, "Plaintext": "AA=="}).to_string();
        wire.send(&program.json(key, "TrentService.Encrypt", body.as_bytes()));
        let answer = wire.answer();
        assert_eq!(answer.status, 200, "{id}: {}", answer.body);
    }
    for name in &answered.users {
        wire.send(&program.query(key, "iam", &format!("Action=GetUser&UserName={name}")));
        let answer = wire.answer();
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    }
}

/// No change without its record.
fn check_records(program: &Program, key: &Key, answered: &Answered) {
    for (event, answered) in [
        ("CreateAccount", &answered.accounts),
        ("CreateKey", &answered.keys),
        ("CreateUser", &answered.users),
    ] {
        let wanted = json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": event}]});
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        let recorded = all(program, key, target, wanted, "EventId").len();
        assert!(recorded >= answered.len(), "{} of {event} answered, {recorded} recorded", answered.len());
    }
}

/// The values of that member on all pages of a list.
fn all(program: &Program, key: &Key, target: &str, mut input: Value, member: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut wire = program.connect();
    loop {
        wire.send(&program.json(key, target, input.to_string().as_bytes()));
        let answer = wire.answer();
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page: Value = serde_json::from_str(&answer.body).unwrap();
        collect(&page, member, &mut found);
        match page.get("NextToken") {
            Some(token) if token.is_string() => input["NextToken"] = token.clone(),
            _ => return found,
        }
    }
}

fn collect(value: &Value, member: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == member => drop(found.insert(text.clone())),
                    other => collect(other, member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, member, found)),
        _ => {}
    }
}
