//! The power fails at any moment: what was answered is there.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use alcazar_ports::{Entropy, SeededEntropy, array};

use crate::harness::{Home, Key, Program};

const ROUNDS: u64 = 4;
const CLIENTS: u64 = 6;

/// What was answered, for the checks after the restart.
#[derive(Default)]
struct Answered {
    accounts: BTreeSet<String>,
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
        for told in told {
            answered.accounts.extend(told.accounts);
        }
        program = home.start(&[]);
        check(&program, &key, &answered);
    }
    println!("{} accounts", answered.accounts.len());
}

/// Calls until the connection breaks; keeps what was answered.
fn work(program: &Program, key: &Key, name: &str, count: &AtomicU64) -> Answered {
    let mut answered = Answered::default();
    let mut wire = program.connect();
    for number in 0.. {
        let body = format!("{{\"Name\": \"{name}-{number}\"}}");
        if !wire.try_send(&program.json(key, "Alcazar_20261101.CreateAccount", body.as_bytes())) {
            break;
        }
        let Some(answer) = wire.try_answer() else { break };
        assert_eq!(answer.status, 200, "{}", answer.body);
        answered.accounts.insert(answer.text("AccountId"));
        count.fetch_add(1, Ordering::Relaxed);
    }
    answered
}

fn check(program: &Program, key: &Key, answered: &Answered) {
    let accounts = all(program, key, "Alcazar_20261101.ListAccounts", "{\"MaxResults\": 100}", "AccountId");
    let lost: Vec<_> = answered.accounts.difference(&accounts).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
}

/// The values of that member on all pages of a list.
fn all(program: &Program, key: &Key, target: &str, input: &str, member: &str) -> BTreeSet<String> {
    let mut input: serde_json::Value = serde_json::from_str(input).unwrap();
    let mut found = BTreeSet::new();
    loop {
        let answer = program.ask(&program.json(key, target, input.to_string().as_bytes()));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        collect(&page, member, &mut found);
        match page.get("NextToken") {
            Some(token) if token.is_string() => input["NextToken"] = token.clone(),
            _ => return found,
        }
    }
}

fn collect(value: &serde_json::Value, member: &str, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                match value {
                    serde_json::Value::String(text) if name == member => drop(found.insert(text.clone())),
                    other => collect(other, member, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, member, found)),
        _ => {}
    }
}
