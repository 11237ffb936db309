//! Many at once.

use std::sync::Arc;
use std::time::Duration;

use super::{Subject, append, key, promise, put, record, value, version};
use crate::{AppendError, Frame, Position, Store, Version};

pub(super) async fn all(subject: &dyn Subject) {
    no_lost_update(subject.fresh().await).await;
    one_winner(subject.fresh().await).await;
    waiting(subject.fresh().await).await;
}

/// Adds 1 to the row, reading it as the corridor does, until no conflict is in the way.
async fn increment(store: &dyn Store, name: &str) {
    loop {
        let read_at = store.changed_at();
        let known = match store.cached(key(name).as_bytes()) {
            Some(row) => row,
            None => store.get(key(name).as_bytes()).await.unwrap(),
        };
        let count: u64 =
            if known.exists() { std::str::from_utf8(&known.value).unwrap().parse().unwrap() } else { 0 };
        let frame = Frame {
            read_at,
            expect: vec![(key(name), known.version)],
            records: vec![record(1, "Increment")],
            ..put(name, &(count + 1).to_string())
        };
        match store.append(frame).await {
            Ok(_) => return,
            Err(AppendError::Conflict) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn no_lost_update(store: Arc<dyn Store>) {
    promise("of many who increment one row, each is counted");
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    increment(&*store, "shared").await;
                    increment(&*store, &format!("own-{task}")).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(value(&*store, "shared").await, "160");
    assert_eq!(value(&*store, "own-3").await, "10");
    assert_eq!(super::bodies(&*store, &super::everything()).await.len(), 320);
}

async fn one_winner(store: Arc<dyn Store>) {
    promise("of many who create one row, one succeeds");
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let store = store.clone();
            let frame = Frame { expect: vec![(key("a"), Version::ABSENT)], ..put("a", &task.to_string()) };
            tokio::spawn(async move { store.append(frame).await })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(position) => winners.push(position),
            Err(AppendError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(version(&*store, "a").await, Version(winners[0].0));
}

async fn waiting(store: Arc<dyn Store>) {
    promise("who waits for a frame is told when there is one, and at once when there is one already");
    let waiter = tokio::spawn({
        let store = store.clone();
        async move { store.changed(Position(0)).await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!waiter.is_finished());
    let first = append(&*store, put("a", "1")).await;
    let told = tokio::time::timeout(Duration::from_secs(10), waiter).await.unwrap().unwrap();
    assert_eq!(told, first);
    assert_eq!(store.changed(Position(0)).await, first);
    let second = append(&*store, Frame { records: vec![record(1, "x")], ..Frame::default() }).await;
    let told = tokio::time::timeout(Duration::from_secs(10), store.changed(first)).await.unwrap();
    assert_eq!(told, second);
}
