//! What the contract does not see: files, damage, failing disks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alcazar_core::{AccountId, Region, Timestamp};
use tempfile::TempDir;

use super::injected::Point;
use super::*;
use crate::{Attribute, KeyWriter, RecordClass, RecordEntry};

mod damage;
mod disks;
mod segments;
mod turns;

fn small() -> EmbeddedOptions {
    EmbeddedOptions::default().with_segment_bytes(8 << 10)
}

fn open(path: &Path) -> Result<EmbeddedStore, EmbeddedError> {
    EmbeddedStore::open(path, &small())
}

fn key(n: u64) -> Key {
    KeyWriter::new().part(b"t").part(&n.to_be_bytes()).finish()
}

fn record(n: u64, bytes: usize) -> RecordEntry {
    RecordEntry {
        class: RecordClass::Management,
        id: u128::from(n).to_be_bytes(),
        time: Timestamp::from_seconds(n.cast_signed()),
        account: AccountId::from_number(1),
        region: Region::default(),
        attributes: vec![
            (Attribute::EventId, n.to_string().into()),
            (Attribute::Username, ["alice", "bob"][usize::try_from(n % 2).unwrap()].into()),
        ],
        body: format!("{n:>bytes$}").into(),
    }
}

/// A row, a record and a fact of that number.
fn frame(n: u64) -> Frame {
    Frame {
        put: vec![(key(n), n.to_string().into())],
        records: vec![record(n, 100)],
        facts: vec![Fact { name: format!("fact-{n}"), body: "x".into() }],
        ..Frame::default()
    }
}

fn query(limit: usize) -> RecordQuery {
    RecordQuery {
        class: RecordClass::Management,
        account: AccountId::from_number(1),
        region: Some(Region::default()),
        from: None,
        to: None,
        attribute: None,
        after: None,
        limit,
    }
}

/// The numbers of the frames that rows, records and facts tell of; they must agree.
async fn numbers(store: &EmbeddedStore) -> Vec<u64> {
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().trim().parse::<u64>().unwrap();
    let rows = store.scan(&KeyWriter::new().part(b"t").range(), 10_000).await.unwrap();
    let rows: Vec<u64> = rows.iter().map(|(_, row)| number(&row.value)).collect();
    let page = store.records(&query(10_000)).await.unwrap();
    let records: Vec<u64> = page.records.iter().rev().map(|(_, body)| number(body)).collect();
    let facts = store.facts(Position(0), 10_000).await.unwrap();
    let facts: Vec<u64> = facts.iter().map(|(_, fact)| number(&fact.name.as_bytes()[5..])).collect();
    assert_eq!(rows, records);
    assert_eq!(rows, facts);
    rows
}

/// A copy of a folder that is open: what a machine that lost power might show.
fn copied(from: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("log")).unwrap();
    for folder in ["", "log"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, copy.path().join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    copy
}

fn files(path: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(path.join("log")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    files
}

/// Waits until the keeper has sealed all full segments.
fn wait_until_sealed(path: &Path) {
    for _ in 0..4000 {
        if files(path, "raw").len() == 1 {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("nothing is sealed");
}

#[tokio::test]
async fn nobody_else_can_read_the_folder_or_open_it_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("data");
    let store = open(&path).unwrap();
    store.append(frame(1)).await.unwrap();
    assert!(matches!(open(&path), Err(EmbeddedError::Locked(_))));
    for (folder, mode) in [("", 0o700), ("log", 0o700)] {
        assert_eq!(fs::metadata(path.join(folder)).unwrap().permissions().mode() & 0o777, mode);
        for entry in fs::read_dir(path.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.metadata().unwrap().is_file() {
                let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{}", entry.path().display());
            }
        }
    }
    store.close().await.unwrap();
    open(&path).unwrap();
}

#[tokio::test]
async fn a_newer_form_is_refused_in_words_and_a_compatible_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let label = folder.path().join("store");
    let text = fs::read_to_string(&label).unwrap();
    fs::write(&label, text.replace("format 1", "format 7")).unwrap();
    drop(open(folder.path()).unwrap());
    fs::write(&label, text.replace("oldest-reader 1", "oldest-reader 2")).unwrap();
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("newer program") && error.contains("form 2"), "{error}");
    fs::write(&label, text).unwrap();
    open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_frame_that_changes_no_row_does_not_touch_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store.append(frame(1)).await.unwrap();
    let wal = || fs::metadata(folder.path().join("view.db-wal")).unwrap();
    let (length, time) = (wal().len(), wal().modified().unwrap());
    for n in 2..20 {
        store.append(Frame { records: vec![record(n, 100)], ..Frame::default() }).await.unwrap();
    }
    assert_eq!((wal().len(), wal().modified().unwrap()), (length, time));
}

#[tokio::test]
async fn rows_that_are_not_in_memory_are_read_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store.append(frame(1)).await.unwrap();
    store.close().await.unwrap();
    let store = open(folder.path()).unwrap();
    for (key, exists) in [(key(1), true), (key(2), false)] {
        assert!(store.cached(key.as_bytes()).is_none());
        assert_eq!(store.get(key.as_bytes()).await.unwrap().exists(), exists);
        assert_eq!(store.cached(key.as_bytes()).unwrap().exists(), exists);
    }
}

/// Readers that miss all the time race with the writer: a version seen once is never followed by an older one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_sees_a_row_go_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(EmbeddedStore::open(folder.path(), &small().with_cache_bytes(128 * 600)).unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, stop) = (store.clone(), stop.clone());
            tokio::spawn(async move {
                let mut seen = [0; 4];
                while !stop.load(Ordering::Relaxed) {
                    tokio::task::yield_now().await;
                    for n in 0..4 {
                        let acknowledged = store.changed_at();
                        let version = store.get(key(n).as_bytes()).await.unwrap().version.0;
                        let last = &mut seen[usize::try_from(n).unwrap()];
                        assert!(version >= *last, "row {n}: {version} after {last}, {acknowledged:?}");
                        *last = version;
                    }
                }
            })
        })
        .collect();
    for n in 0..1500_u64 {
        // Other rows push these out of memory.
        let put = vec![(key(n % 4), "x".into()), (key(100 + n), vec![0; 150].into())];
        let position = store.append(Frame { put, ..Frame::default() }).await.unwrap();
        assert_eq!(store.get(key(n % 4).as_bytes()).await.unwrap().version.0, position.0);
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}
