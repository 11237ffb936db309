//! A process killed in the middle of its work loses nothing that it answered, and leaves no change without its record.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use alcazar_core::{AccountId, Region, Timestamp};
use alcazar_store::engines::embedded::{EmbeddedOptions, EmbeddedStore};
use alcazar_store::engines::faults::seeded;
use alcazar_store::{
    Attribute, Fact, Frame, Key, KeyWriter, Position, RecordClass, RecordEntry, RecordQuery, Store,
};

const FOLDER: &str = "ALCAZAR_STORE_KILL_TEST";
const TASKS: u64 = 8;
const ROUNDS: u64 = 12;

fn options() -> EmbeddedOptions {
    // Small, so that segments fill and are sealed all the time.
    EmbeddedOptions::default().with_segment_bytes(64 << 10)
}

fn key(task: u64) -> Key {
    KeyWriter::new().part(b"count").part(&[task as u8]).finish()
}

/// The step of a task: its count goes up by one, with a record and a fact that say so.
fn step(task: u64, count: u64, expected: alcazar_store::Version) -> Frame {
    let said = format!("{task} {count}");
    let record = RecordEntry {
        class: RecordClass::Management,
        id: u128::from(count).to_be_bytes(),
        time: Timestamp::from_seconds(count.cast_signed()),
        account: AccountId::from_number(1),
        region: Region::default(),
        attributes: vec![(Attribute::Username, task.to_string().into())],
        body: said.clone().into(),
    };
    Frame {
        expect: vec![(key(task), expected)],
        put: vec![(key(task), count.to_string().into())],
        records: vec![record],
        facts: vec![Fact { name: said, body: vec![0; 100].into() }],
        ..Frame::default()
    }
}

async fn count(store: &EmbeddedStore, task: u64) -> (alcazar_store::Version, u64) {
    let row = store.get(key(task).as_bytes()).await.unwrap();
    (row.version, std::str::from_utf8(&row.value).unwrap().parse().unwrap_or(0))
}

#[test]
#[ignore = "the process that the other test starts and kills"]
fn the_process_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let store = Arc::new(EmbeddedStore::open(Path::new(&folder), &options()).unwrap());
    let tasks = (0..TASKS).map(|task| {
        let (store, folder) = (store.clone(), folder.clone());
        async move {
            while Path::new(&folder).exists() {
                let (version, last) = count(&store, task).await;
                store.append(step(task, last + 1, version)).await.unwrap();
                // One write each, so that the parent reads whole lines.
                std::io::stdout().write_all(format!("\ndone {task} {}\n", last + 1).as_bytes()).unwrap();
            }
        }
    });
    let tasks: Vec<_> = tasks.map(|task| runtime.spawn(task)).collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the process said it had done, until it was killed so long after its first word.
fn run_and_kill(folder: &Path, after: Duration) -> Vec<(u64, u64)> {
    let mut child = start(folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let parse = |line: String| {
        let mut words = line.strip_prefix("done ")?.split(' ').map(|word| word.parse::<u64>().ok());
        Some((words.next()??, words.next()??))
    };
    let first = lines.by_ref().find_map(parse);
    let killer = std::thread::spawn(move || {
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let said = first.into_iter().chain(lines.filter_map(parse)).collect();
    killer.join().unwrap();
    said
}

#[test]
fn a_process_killed_at_random_moments_loses_nothing_that_it_answered() {
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut draw = seeded(seed);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut answered = [0; TASKS as usize];
    for round in 0..ROUNDS {
        let said = run_and_kill(folder.path(), Duration::from_millis(draw() % 250));
        assert!(!said.is_empty(), "round {round}: the process did nothing");
        for (task, count) in said {
            let known = &mut answered[usize::try_from(task).unwrap()];
            *known = count.max(*known);
        }
        runtime.block_on(check(folder.path(), round, &answered));
    }
    println!("answered: {answered:?}");
}

async fn check(folder: &Path, round: u64, answered: &[u64]) {
    let store = EmbeddedStore::open(folder, &options()).unwrap();
    let facts = store.facts(Position(0), usize::MAX).await.unwrap();
    for (task, answered) in (0..).zip(answered) {
        let (_, count) = count(&store, task).await;
        assert!(count >= *answered, "round {round}, task {task}: {answered} was answered, {count} is there");
        let query = RecordQuery {
            class: RecordClass::Management,
            account: AccountId::from_number(1),
            region: Some(Region::default()),
            from: None,
            to: None,
            attribute: Some((Attribute::Username, task.to_string().into())),
            after: None,
            limit: usize::MAX,
        };
        let records = store.records(&query).await.unwrap().records;
        let expected = (1..=count).map(|count| format!("{task} {count}"));
        let found = records.iter().rev().map(|(_, body)| String::from_utf8(body.to_vec()).unwrap());
        assert!(
            found.eq(expected.clone()),
            "round {round}, task {task}: {count} changes, {} records",
            records.len()
        );
        let mine = format!("{task} ");
        let told = facts.iter().map(|(_, fact)| &fact.name).filter(|name| name.starts_with(&mine)).cloned();
        assert!(told.eq(expected), "round {round}, task {task}: facts and changes differ");
    }
}
