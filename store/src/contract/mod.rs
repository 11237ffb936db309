//! The contract: what every engine promises, as one suite of tests that each engine's own tests run.
//!
//! Public so that an engine outside of this crate can be proven too; the program does not call it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests")]

mod concurrency;
mod life;
mod pages;
mod records;
mod rows;

use std::sync::Arc;

use alcazar_core::{AccountId, Region, Timestamp};
use bytes::Bytes;

use crate::{
    Attribute, Fact, Frame, Key, KeyWriter, Pending, Position, RecordClass, RecordEntry, RecordQuery, Store,
    Version,
};

/// The engine under test.
pub trait Subject: Sync {
    /// A new store with nothing in it.
    fn fresh(&self) -> Pending<'_, Arc<dyn Store>>;

    /// Opens the data of that store again; the store has been closed.
    fn reopened(&self, closed: Arc<dyn Store>) -> Pending<'_, Arc<dyn Store>>;
}

/// Runs the whole suite.
///
/// # Panics
/// When the engine breaks a promise.
pub async fn all(subject: &dyn Subject) {
    rows::all(subject).await;
    pages::all(subject).await;
    records::all(subject).await;
    concurrency::all(subject).await;
    life::all(subject).await;
}

/// Says which promise is being tried, so that a failure can be read.
fn promise(text: &str) {
    println!("promise: {text}");
}

fn key(name: &str) -> Key {
    KeyWriter::new().part(b"contract").part(name.as_bytes()).finish()
}

fn put(name: &str, value: &str) -> Frame {
    Frame { put: vec![(key(name), Bytes::copy_from_slice(value.as_bytes()))], ..Frame::default() }
}

fn fact(name: &str) -> Fact {
    Fact { name: name.to_owned(), body: Bytes::from_static(b"\x80") }
}

fn account() -> AccountId {
    AccountId::from_number(111_122_223_333)
}

fn region(name: &str) -> Region {
    Region::named(name).unwrap()
}

/// A record at that second, found by one event name.
fn record(second: i64, name: &str) -> RecordEntry {
    RecordEntry {
        class: RecordClass::Management,
        id: u128::try_from(second).unwrap().to_be_bytes(),
        time: Timestamp::from_seconds(second),
        account: account(),
        region: region("eu-west-1"),
        attributes: vec![(Attribute::EventName, name.to_owned().into())],
        body: format!(r#"{{"second":{second},"name":"{name}"}}"#).into(),
    }
}

fn everything() -> RecordQuery {
    RecordQuery {
        class: RecordClass::Management,
        account: account(),
        region: Some(region("eu-west-1")),
        from: None,
        to: None,
        attribute: None,
        after: None,
        limit: 1000,
    }
}

async fn bodies(store: &dyn Store, query: &RecordQuery) -> Vec<Bytes> {
    store.records(query).await.unwrap().records.into_iter().map(|(_, body)| body).collect()
}

async fn version(store: &dyn Store, name: &str) -> Version {
    store.get(key(name).as_bytes()).await.unwrap().version
}

async fn value(store: &dyn Store, name: &str) -> String {
    String::from_utf8(store.get(key(name).as_bytes()).await.unwrap().value.to_vec()).unwrap()
}

async fn append(store: &dyn Store, frame: Frame) -> Position {
    store.append(frame).await.unwrap()
}
