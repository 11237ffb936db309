//! Scans and facts: order, limits, pages.

use super::{Subject, append, fact, key, promise, put};
use crate::{Frame, KeyRange, KeyWriter, Position, Store};

pub(super) async fn all(subject: &dyn Subject) {
    scans(&*subject.fresh().await).await;
    facts(&*subject.fresh().await).await;
}

async fn names(store: &dyn Store, range: &KeyRange, limit: usize) -> Vec<String> {
    let rows = store.scan(range, limit).await.unwrap();
    let name = |parts: Option<Vec<Vec<u8>>>| String::from_utf8(parts.unwrap().swap_remove(1)).unwrap();
    rows.iter().map(|(key, _)| name(key.parts())).collect()
}

async fn scans(store: &dyn Store) {
    let all = KeyWriter::new().part(b"contract").range();
    assert!(store.scan(&all, 10).await.unwrap().is_empty());
    for name in ["m", "a", "z", "aa", "b"] {
        append(store, put(name, name)).await;
    }
    append(store, Frame { delete: vec![key("b")], ..Frame::default() }).await;
    let other = KeyWriter::new().part(b"contractor").part(b"n").finish();
    append(store, Frame { put: vec![(other, "x".into())], ..Frame::default() }).await;
    promise("a scan gives the rows of its range alone, in key order, at most so many");
    assert_eq!(names(store, &all, 10).await, ["a", "aa", "m", "z"]);
    assert_eq!(names(store, &all, 3).await, ["a", "aa", "m"]);
    assert_eq!(names(store, &all, 0).await, [""; 0]);
    promise("the start of a range is in it, the end is not");
    let part = KeyRange { start: key("aa"), end: key("z") };
    assert_eq!(names(store, &part, 10).await, ["aa", "m"]);
    promise("a range that ends before it starts holds nothing");
    assert!(names(store, &KeyRange { start: key("z"), end: key("a") }, 10).await.is_empty());
    promise("pages continue at the successor of the last key");
    let mut walked = Vec::new();
    let mut rest = all.clone();
    while let Some((last, row)) = store.scan(&rest, 1).await.unwrap().pop() {
        walked.push(String::from_utf8(row.value.to_vec()).unwrap());
        rest.start = last.successor();
    }
    assert_eq!(walked, ["a", "aa", "m", "z"]);
    promise("a scan from the end gives the same rows, the last key first");
    let mut walked = Vec::new();
    let mut rest = all.clone();
    while let Some((first, row)) = store.scan_back(&rest, 1).await.unwrap().pop() {
        walked.push(String::from_utf8(row.value.to_vec()).unwrap());
        rest.end = first;
    }
    assert_eq!(walked, ["z", "m", "aa", "a"]);
    let backwards = store.scan_back(&part, 10).await.unwrap();
    assert_eq!(backwards.iter().map(|(key, _)| key).collect::<Vec<_>>(), [&key("m"), &key("aa")]);
    assert_eq!(store.scan_back(&all, 3).await.unwrap().len(), 3);
    assert!(store.scan_back(&KeyRange { start: key("z"), end: key("a") }, 10).await.unwrap().is_empty());
    promise("a scan gives the same version as get");
    for (key, row) in store.scan(&all, 10).await.unwrap() {
        assert_eq!(store.get(key.as_bytes()).await.unwrap().version, row.version);
    }
}

async fn facts(store: &dyn Store) {
    promise("facts come in order, after a position, with the position of their frame");
    let telling =
        |names: &[&str]| Frame { facts: names.iter().map(|n| fact(n)).collect(), ..Frame::default() };
    assert!(store.facts(Position(0), 10).await.unwrap().is_empty());
    append(store, telling(&["one"])).await;
    append(store, put("a", "x")).await;
    append(store, telling(&["two", "three"])).await;
    append(store, telling(&["four"])).await;
    let told = async |after, limit| {
        let facts = store.facts(Position(after), limit).await.unwrap();
        facts.into_iter().map(|(position, fact)| (position.0, fact.name)).collect::<Vec<_>>()
    };
    let all: Vec<(u64, String)> =
        [(1, "one"), (3, "two"), (3, "three"), (4, "four")].map(|(p, n)| (p, n.to_owned())).into();
    assert_eq!(told(0, 10).await, all);
    assert_eq!(told(1, 10).await, all[1..]);
    assert_eq!(told(3, 10).await, all[3..]);
    assert_eq!(told(4, 10).await, []);
    promise("a page of facts ends where a frame ends");
    assert_eq!(told(0, 1).await, all[..1]);
    assert_eq!(told(0, 2).await, all[..1]);
    assert_eq!(told(0, 3).await, all[..3]);
    assert_eq!(told(1, 1).await, all[1..3]);
    assert_eq!(store.facts(Position(0), 1).await.unwrap()[0].1, fact("one"));
}
