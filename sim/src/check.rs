//! What is checked of everything that became durable, frame by frame.

use std::collections::{BTreeMap, BTreeSet};

use alcazar_corridor::QuotaRows;
use alcazar_directory::USERS;
use alcazar_store::{
    Attribute, Frame, Key, KeyWriter, Position, RecordEntry, Scope, ScopeKind, Table, Version,
};
use serde_json::Value;

use crate::caller::{self, CHANGING};
use crate::invariant::Invariant;
use crate::secrets::Secrets;
use crate::state::{Proof, State, call_from};

/// Checks every frame after the first `setup`, and every call against its records.
pub(crate) fn all(frames: &[(Position, Frame)], setup: usize, state: &mut State) {
    let mut check = Check { changing_may: false, records: BTreeMap::new(), rows: BTreeSet::new() };
    for (number, (position, frame)) in frames.iter().enumerate() {
        if number >= setup {
            check.frame(*position, frame, state);
        }
        check.policies(frame);
        check.rows(frame);
    }
    check.calls(state);
    expectations(frames, state);
    reminders(frames, state);
    deleted(frames, state);
    counts(frames, state);
    secrets(frames, state);
}

struct Check {
    /// The rows that there are after the frames seen so far.
    rows: BTreeSet<Key>,
    /// Whether the changing user has its policy after the frames seen so far.
    changing_may: bool,
    /// The accounts of the records of each call.
    records: BTreeMap<usize, Vec<String>>,
}

impl Check {
    fn frame(&mut self, position: Position, frame: &Frame, state: &mut State) {
        let at = position.0;
        if frame.changes_rows() && frame.records.is_empty() && !only_reminders(frame) {
            state.violated(Invariant::NoChangeWithoutRecord, format!("frame {at} changes {}", told(frame)));
        }
        let read: BTreeSet<&Key> = frame.expect.iter().map(|(key, _)| key).collect();
        let mut written = frame.put.iter().map(|(key, _)| key).chain(&frame.delete);
        if let Some(blind) = written.find(|key| !read.contains(*key) && self.rows.contains(*key)) {
            let seen = format!("frame {at} writes {} unread", readable(blind));
            state.violated(Invariant::WrittenRowsWereRead, seen);
        }
        for entry in &frame.records {
            self.record(at, frame, entry, state);
        }
    }

    fn record(&mut self, at: u64, frame: &Frame, entry: &RecordEntry, state: &mut State) {
        let body: Value = serde_json::from_slice(&entry.body).expect("a record is JSON");
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        state.service_events += usize::from(text("eventType") == "AwsServiceEvent");
        let refused = body.get("errorCode").is_some();
        let name = text("eventName");
        let write = body["readOnly"] == Value::Bool(false);
        if write && !refused && !frame.changes_rows() {
            let seen = format!("frame {at} holds a successful {name} and no change");
            state.violated(Invariant::NoSuccessWithoutChange, seen);
        }
        if refused && frame.changes_rows() {
            let seen = format!("frame {at} holds a refused {name} and changes {}", told(frame));
            state.violated(Invariant::RefusalChangesNothing, seen);
        }
        let Some(number) = call_from(text("sourceIPAddress")) else { return };
        self.records.entry(number).or_default().push(text("recipientAccountId").to_owned());
        let Some(call) = state.calls.get(number) else {
            state.violated(Invariant::OneRecordEach, format!("frame {at} records a call that nobody made"));
            return;
        };
        if refused {
            return;
        }
        if !call.might || (call.changing && !self.changing_may) {
            let seen = format!("frame {at}: {} had {} answered", call.caller, call.operation);
            state.violated(Invariant::NoEffectWithoutAllow, seen);
        }
    }

    fn rows(&mut self, frame: &Frame) {
        for key in &frame.delete {
            self.rows.remove(key);
        }
        self.rows.extend(frame.put.iter().map(|(key, _)| key.clone()));
    }

    /// Whether the changing user has its policy from now on.
    fn policies(&mut self, frame: &Frame) {
        let key = USERS.key(Scope::Account(caller::account()), CHANGING);
        if let Some((_, value)) = frame.put.iter().find(|(put, _)| *put == key) {
            self.changing_may = USERS.decode(value).is_ok_and(|user| !user.inline.is_empty());
        }
    }

    fn calls(&self, state: &mut State) {
        for (number, call) in state.calls.clone().iter().enumerate() {
            let accounts = self.records.get(&number).map_or(&[][..], Vec::as_slice);
            let of_caller = accounts.iter().filter(|account| **account == call.account).count();
            let each: BTreeSet<&String> = accounts.iter().collect();
            let what = format!("call {number} ({} {} {:?})", call.caller, call.operation, call.status);
            if each.len() != accounts.len() || (call.proof != Proof::Good && !accounts.is_empty()) {
                state.violated(Invariant::OneRecordEach, format!("{what} has records of {accounts:?}"));
            }
            // A call whose record the store refused is told exactly that.
            let recorded = call.status.is_some_and(|status| status < 500);
            if call.proof == Proof::Good && recorded && of_caller != 1 {
                state.violated(Invariant::OneRecordEach, format!("{what} has {of_caller} records"));
            }
            if call.status == Some(200) {
                if of_caller != 1 {
                    state.violated(Invariant::AnsweredSurvives, format!("{what} is gone"));
                }
                if !call.might {
                    state.violated(Invariant::NoEffectWithoutAllow, format!("{what} was answered"));
                }
            }
        }
    }
}

/// A job may find that nothing is left to do and end its reminder without a record.
fn only_reminders(frame: &Frame) -> bool {
    let table = KeyWriter::new().part(b"corridor/reminders").range();
    frame.put.is_empty() && frame.delete.iter().all(|key| table.contains(key))
}

/// Each frame again on the rows as the frames before it left them.
fn expectations(frames: &[(Position, Frame)], state: &mut State) {
    let mut versions: BTreeMap<&Key, Version> = BTreeMap::new();
    for (position, frame) in frames {
        let now = |key| versions.get(key).copied().unwrap_or(Version::ABSENT);
        if let Some((key, version)) = frame.expect.iter().find(|(key, version)| now(key) != *version) {
            let seen = format!("frame {} expects {} at {version:?}", position.0, readable(key));
            state.violated(Invariant::ExpectationsHeld, format!("{seen}; it is at {:?}", now(key)));
        }
        versions.extend(frame.delete.iter().map(|key| (key, Version::ABSENT)));
        versions.extend(frame.put.iter().map(|(key, _)| (key, Version(position.0))));
    }
}

/// No reminder is taken away that is not there.
fn reminders(frames: &[(Position, Frame)], state: &mut State) {
    let table = KeyWriter::new().part(b"corridor/reminders").range();
    let mut live: BTreeSet<&Key> = BTreeSet::new();
    for (position, frame) in frames {
        for key in frame.delete.iter().filter(|key| table.contains(key)) {
            if !live.remove(key) {
                let seen = format!("frame {} takes {} away once more", position.0, readable(key));
                state.violated(Invariant::RemindersEndOnce, seen);
            }
        }
        live.extend(frame.put.iter().map(|(key, _)| key).filter(|key| table.contains(key)));
    }
}

/// No row of KMS names a key that is gone: its material was in its row, and its aliases and grants went with it.
fn deleted(frames: &[(Position, Frame)], state: &mut State) {
    let keys = KeyWriter::new().part(b"kms/keys").range();
    let mut rows: BTreeMap<&Key, &[u8]> = BTreeMap::new();
    let mut gone: BTreeSet<Vec<u8>> = BTreeSet::new();
    for (_, frame) in frames {
        for key in &frame.delete {
            rows.remove(key);
            if keys.contains(key) {
                gone.extend(key.parts().and_then(|mut parts| parts.pop()));
            }
        }
        rows.extend(frame.put.iter().map(|(key, value)| (key, &value[..])));
    }
    let mut of_gone = Secrets::default();
    gone.iter().for_each(|id| of_gone.add(String::from_utf8_lossy(id), id));
    let search = of_gone.search();
    for (key, value) in rows {
        let parts = key.parts().unwrap_or_default();
        let of_kms = parts.first().is_some_and(|table| table.starts_with(b"kms/"));
        let found = search.find(key.as_bytes()).or_else(|| search.find(value));
        if let Some(id) = found.filter(|_| of_kms) {
            let seen = format!("{} is there, though key {id} is gone", readable(key));
            state.violated(Invariant::DeletedMaterialIsGone, seen);
        }
    }
}

/// The counts of KMS, to be read.
const COUNTS: QuotaRows = Table::new("kms/counts", ScopeKind::Region);

/// KMS counts the keys of each account and Region, and has counted them all whenever it has changed one.
fn counts(frames: &[(Position, Frame)], state: &mut State) {
    #[derive(Default)]
    struct Region<'f> {
        keys: BTreeSet<&'f Key>,
        counts: BTreeMap<&'f Key, u32>,
    }
    let table = |name: &str| KeyWriter::new().part(name.as_bytes()).range();
    let (keys, counts) = (table("kms/keys"), table("kms/counts"));
    let mut regions: BTreeMap<Vec<Vec<u8>>, Region<'_>> = BTreeMap::new();
    for (position, frame) in frames {
        let put = frame.put.iter().map(|(key, value)| (key, Some(value)));
        let mut changed = BTreeSet::new();
        for (key, value) in put.chain(frame.delete.iter().map(|key| (key, None))) {
            if !keys.contains(key) && !counts.contains(key) {
                continue;
            }
            let scope: Vec<_> = key.parts().unwrap_or_default().into_iter().skip(1).take(2).collect();
            let region = regions.entry(scope.clone()).or_default();
            changed.insert(scope);
            match value {
                Some(row) if counts.contains(key) => {
                    region.counts.insert(key, COUNTS.decode(row).expect("a count").count);
                }
                Some(_) => drop(region.keys.insert(key)),
                None => drop(region.keys.remove(key)),
            }
        }
        for scope in changed {
            let Some(region) = regions.get(&scope) else { continue };
            let (there, counted) = (region.keys.len(), region.counts.values().sum::<u32>());
            if there != counted as usize {
                let seen =
                    format!("after frame {} there are {there} keys and {counted} are counted", position.0);
                state.violated(Invariant::CountsAreExact, seen);
            }
        }
    }
}

/// Nothing secret is readable in what was ever durable, deleted rows included.
fn secrets(frames: &[(Position, Frame)], state: &mut State) {
    let mut found = Vec::new();
    let (search, tokens) = (state.secrets.search(), state.tokens.search());
    for (position, frame) in frames {
        let rows = frame.put.iter().flat_map(|(key, value)| [key.as_bytes(), &value[..]]);
        let bodies = frame.records.iter().map(|record| &record.body[..]);
        let of_sts = (Attribute::EventSource, "sts.amazonaws.com".into());
        let others = frame.records.iter().filter(|record| !record.attributes.contains(&of_sts));
        let attributes =
            frame.records.iter().flat_map(|record| &record.attributes).map(|(_, value)| value.as_bytes());
        let facts = frame.facts.iter().map(|fact| &fact.body[..]);
        let shows = |what| format!("frame {} shows {what}", position.0);
        let elsewhere = rows.chain(attributes).chain(facts);
        for text in elsewhere.clone().chain(bodies) {
            found.extend(search.find(text).map(shows));
        }
        for text in elsewhere.chain(others.map(|record| &record.body[..])) {
            found.extend(tokens.find(text).map(shows));
        }
    }
    for seen in found {
        state.violated(Invariant::NoPlaintextAtRest, seen);
    }
}

fn told(frame: &Frame) -> String {
    let keys = frame.put.iter().map(|(key, _)| key).chain(&frame.delete);
    keys.map(readable).collect::<Vec<_>>().join(", ")
}

fn readable(key: &Key) -> String {
    let parts = key.parts().unwrap_or_default();
    parts.iter().map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use alcazar_corridor::QuotaShard;

    use super::*;
    use crate::plan::Plan;
    use crate::run::beginning;
    use crate::state::Asked;

    /// What is found of one call that was refused and has that many records.
    fn violations(proof: Proof, records: usize) -> Vec<Invariant> {
        let mut state = beginning(1, &Plan::of(1), 1);
        state.calls.push(Asked {
            caller: "root's session".to_owned(),
            account: caller::ACCOUNT.to_owned(),
            proof,
            operation: "sts:GetCallerIdentity".to_owned(),
            might: true,
            changing: false,
            status: Some(403),
        });
        let records = BTreeMap::from([(0, vec![caller::ACCOUNT.to_owned(); records])]);
        Check { changing_may: false, records, rows: BTreeSet::new() }.calls(&mut state);
        state.violations.iter().map(|violation| violation.invariant).collect()
    }

    #[test]
    fn a_key_that_is_not_counted_or_counted_when_it_is_gone_is_found() {
        let key = |table: &str, id: &str| {
            let parts = [table, caller::ACCOUNT, "us-east-1", id];
            parts.iter().fold(KeyWriter::new(), |key, part| key.part(part.as_bytes())).finish()
        };
        let keys = |id: &str| (key("kms/keys", id), Default::default());
        let counted = |shard: &str, count| {
            let row = COUNTS.encode(&QuotaShard { count, allowance: 9 }).unwrap();
            (key("kms/counts", shard), row)
        };
        let frame = |put: Vec<_>, delete: Vec<_>| Frame { put, delete, ..Frame::default() };
        let made = frame(vec![keys("a"), counted("1", 1)], vec![]);
        let another = frame(vec![keys("b"), counted("2", 1)], vec![]);
        let ended = frame(vec![counted("1", 0)], vec![keys("a").0]);
        let uncounted = frame(vec![keys("c")], vec![]);
        let kept = frame(vec![], vec![keys("b").0]);
        let found = |frames: &[&Frame]| {
            let mut state = beginning(1, &Plan::of(1), 1);
            let frames = frames.iter().zip(1..).map(|(frame, at)| (Position(at), (*frame).clone()));
            counts(&frames.collect::<Vec<_>>(), &mut state);
            state.violations.iter().map(|violation| violation.seen.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found(&[&made, &another, &ended]), [""; 0]);
        assert_eq!(found(&[&made, &uncounted]), ["after frame 2 there are 2 keys and 1 are counted"]);
        assert_eq!(found(&[&made, &another, &kept]), ["after frame 3 there are 1 keys and 2 are counted"]);
    }

    #[test]
    fn who_was_not_authenticated_has_no_record_and_who_was_has_one() {
        for (proof, records, holds) in [
            (Proof::Good, 1, true),
            (Proof::Good, 0, false),
            (Proof::Bad, 0, true),
            (Proof::Bad, 1, false),
            (Proof::Ended, 0, true),
            (Proof::Ended, 1, false),
        ] {
            let found = violations(proof, records);
            let expected = if holds { vec![] } else { vec![Invariant::OneRecordEach] };
            assert_eq!(found, expected, "{proof:?} with {records} records");
        }
    }
}
