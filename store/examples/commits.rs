//! Measures the embedded engine: commits a second and CPU for each commit, and what a lookup in memory costs.
//!
//! `cargo run --release -p alcazar-store --example commits [seconds [only what contains this [callers]]]`. CPU is the whole process's:
//! callers, runtime, writer, keeper and what the system computes for them; what it takes to make the frames is taken off.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement")]

use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use alcazar_core::{AccountId, Region, Timestamp};
use alcazar_store::engines::embedded::{EmbeddedOptions, EmbeddedStore};
use bytes::Bytes;

use alcazar_store::{Attribute, Frame, Key, KeyWriter, Position, RecordClass, RecordEntry, Store, Version};

/// Makes a caller's next frame.
type MakeFrame = fn(u64) -> Frame;

fn main() {
    let seconds = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(3);
    let only = std::env::args().nth(2).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("{:44} {:>10} {:>12} {:>12}", "", "callers", "commits/s", "CPU us each");
    let kinds: [(&str, MakeFrame); 3] = [
        ("a record of 1 KB", record_only),
        ("3 new rows and a record, expectations", creation),
        ("3 of 1000 rows and a record", change),
    ];
    for (what, frame) in kinds.into_iter().filter(|(what, _)| what.contains(&only)) {
        for callers in callers() {
            runtime.block_on(measure(what, callers, seconds, frame));
        }
    }
    if "a lookup in memory".contains(&only) {
        runtime.block_on(lookups());
    }
}

async fn measure(what: &str, callers: u64, seconds: u64, frame: MakeFrame) {
    let folder = tempfile::tempdir_in(".").unwrap();
    let store = Arc::new(EmbeddedStore::open(folder.path(), &EmbeddedOptions::default()).unwrap());
    let (done, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let (store, done, stop) = (store.clone(), done.clone(), stop.clone());
            tokio::spawn(async move {
                let mut n = caller << 32;
                while !stop.load(Ordering::Relaxed) {
                    store.append(frame(n)).await.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                    n += 1;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (start, commits, cpu) = (Instant::now(), done.load(Ordering::Relaxed), cpu());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (commits, cpu) = ((done.load(Ordering::Relaxed) - commits) as f64, self::cpu() - cpu);
    let made = frames_made(frame);
    let rate = commits / start.elapsed().as_secs_f64();
    println!("{what:44} {callers:>10} {rate:>12.0} {:>12.1}", cpu.as_secs_f64() * 1e6 / commits - made);
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
}

/// How many call at once; a third argument names one number.
fn callers() -> Vec<u64> {
    std::env::args().nth(3).and_then(|n| n.parse().ok()).map_or_else(|| vec![16, 64], |n| vec![n])
}

/// What it takes to make a frame, in microseconds.
fn frames_made(frame: MakeFrame) -> f64 {
    let start = cpu();
    for n in 0..100_000 {
        black_box(frame(n));
    }
    (cpu() - start).as_secs_f64() * 1e6 / 100_000.0
}

/// What a call's reads cost: a row in memory, by key.
async fn lookups() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let store = EmbeddedStore::open(folder.path(), &EmbeddedOptions::default()).unwrap();
    let keys: Vec<Key> = (0..10_000).map(key).collect();
    for keys in keys.chunks(1000) {
        let put = keys.iter().map(|key| (key.clone(), vec![7; 500].into())).collect();
        store.append(Frame { put, ..Frame::default() }).await.unwrap();
    }
    for (what, count) in [("of 10 rows", 10), ("of 10,000 rows", 10_000)] {
        let start = Instant::now();
        for n in 0..2_000_000_usize {
            black_box(store.cached(keys[n.wrapping_mul(7919) % count].as_bytes()).unwrap());
        }
        let each = start.elapsed().as_nanos() as f64 / 2e6;
        println!("{:44} {each:>36.0} ns", format!("a lookup in memory, {what}"));
    }
}

fn key(n: u64) -> Key {
    // Spread as random ids are.
    let id = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    KeyWriter::new()
        .part(b"kms/keys")
        .part(b"111122223333")
        .part(b"eu-west-1")
        .part(format!("{id:016x}-4a5b-8c9d-{n:012x}").as_bytes())
        .finish()
}

fn record_only(n: u64) -> Frame {
    let text = std::borrow::Cow::Owned;
    let record = RecordEntry {
        class: RecordClass::Management,
        id: u128::from(n).to_be_bytes(),
        time: Timestamp::from_millis(n.cast_signed()),
        account: AccountId::from_number(111_122_223_333),
        region: Region::default(),
        attributes: vec![
            (Attribute::EventId, text(format!("{n:036}"))),
            (Attribute::EventName, "Decrypt".into()),
            (Attribute::ReadOnly, "true".into()),
            (Attribute::Username, "alice".into()),
            (Attribute::ResourceType, "AWS::KMS::Key".into()),
            (
                Attribute::ResourceName,
                text(format!("arn:aws:kms:eu-west-1:111122223333:key/{:036}", n % 1000)),
            ),
            (Attribute::EventSource, "kms.amazonaws.com".into()),
            (Attribute::AccessKeyId, "AKIAIOSFODNN7EXAMPLE".into()),
        ],
        body: Bytes::from_static(&[b'x'; 950]),
    };
    Frame { records: vec![record], ..Frame::default() }
}

/// As CreateKey: rows that must not exist yet.
fn creation(n: u64) -> Frame {
    let keys = [key(4 * n), key(4 * n + 1), key(4 * n + 2)];
    let expect = keys.iter().map(|key| (key.clone(), Version::ABSENT)).collect();
    let put = keys.into_iter().map(|key| (key, vec![7; 300].into())).collect();
    Frame { read_at: Position(0), expect, put, ..record_only(n) }
}

fn change(n: u64) -> Frame {
    let put = [3, 5, 7].map(|odd| (key(n.wrapping_mul(odd) % 1000), vec![7; 300].into()));
    Frame { put: put.into(), ..record_only(n) }
}

/// The time that this process has computed so far. Source: proc(5), `/proc/self/stat`, fields 14 and 15, in hundredths.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
