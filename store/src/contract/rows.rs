//! Rows and expectations.

use super::{Subject, append, key, promise, put, record, value, version};
use crate::{AppendError, Frame, KeyWriter, Position, Store, Version};

pub(super) async fn all(subject: &dyn Subject) {
    written_rows_are_seen(&*subject.fresh().await).await;
    expectations(&*subject.fresh().await).await;
    conflicts_do_nothing(&*subject.fresh().await).await;
    empty_ranges(&*subject.fresh().await).await;
    the_newest_change(&*subject.fresh().await).await;
    any_bytes(&*subject.fresh().await).await;
}

async fn written_rows_are_seen(store: &dyn Store) {
    promise("positions begin at 1, and a version is the position of the frame that wrote the row");
    let absent = store.get(key("a").as_bytes()).await.unwrap();
    assert!(!absent.exists() && absent.version == Version::ABSENT && absent.value.is_empty());
    assert_eq!(append(store, put("a", "1")).await, Position(1));
    let second = append(store, put("a", "2")).await;
    assert_eq!(second, Position(2));
    promise("a row is visible when append returns, also to a store that holds it in memory");
    assert_eq!((version(store, "a").await, value(store, "a").await), (Version(2), "2".to_owned()));
    if let Some(row) = store.cached(key("a").as_bytes()) {
        assert_eq!((row.version, &row.value[..]), (Version(2), &b"2"[..]));
    }
    promise("a removed row is absent, and removing an absent row is no error");
    let delete = Frame { delete: vec![key("a"), key("never")], ..Frame::default() };
    append(store, delete).await;
    assert!(!store.get(key("a").as_bytes()).await.unwrap().exists());
    assert!(store.cached(key("a").as_bytes()).is_none_or(|row| !row.exists()));
    promise("an empty value is not an absent row");
    append(store, put("a", "")).await;
    assert!(store.get(key("a").as_bytes()).await.unwrap().exists());
}

async fn expectations(store: &dyn Store) {
    promise("a frame whose expectations hold is appended, else it is a conflict");
    append(store, put("a", "1")).await;
    let expecting = |name: &str, version| Frame { expect: vec![(key(name), version)], ..put("b", "x") };
    for (name, wrong) in [("a", 0), ("a", 2), ("none", 1)] {
        let outcome = store.append(expecting(name, Version(wrong))).await;
        assert!(matches!(outcome, Err(AppendError::Conflict)), "{name} at {wrong}: {outcome:?}");
    }
    let position = append(store, expecting("a", Version(1))).await;
    append(store, expecting("none", Version::ABSENT)).await;
    promise("an expectation of a row that was removed and written again does not hold");
    append(store, Frame { delete: vec![key("a")], ..Frame::default() }).await;
    append(store, put("a", "1")).await;
    assert!(matches!(store.append(expecting("a", Version(1))).await, Err(AppendError::Conflict)));
    assert!(position > Position(1));
}

async fn conflicts_do_nothing(store: &dyn Store) {
    promise("a conflict writes no row, no record, no fact, and takes no position");
    append(store, put("a", "1")).await;
    let refused = Frame {
        expect: vec![(key("a"), Version::ABSENT)],
        delete: vec![key("a")],
        records: vec![record(1, "CreateKey")],
        facts: vec![super::fact("Refused")],
        ..put("b", "x")
    };
    assert!(matches!(store.append(refused).await, Err(AppendError::Conflict)));
    assert!(version(store, "a").await == Version(1) && version(store, "b").await == Version::ABSENT);
    assert!(super::bodies(store, &super::everything()).await.is_empty());
    assert!(store.facts(Position(0), 10).await.unwrap().is_empty());
    assert_eq!(append(store, put("c", "x")).await, Position(2));
}

async fn empty_ranges(store: &dyn Store) {
    promise("a range that must be empty is a conflict as soon as it holds one row");
    let range = || KeyWriter::new().part(b"contract").range();
    let expecting = |name: &str| Frame { expect_empty: vec![range()], ..put(name, "x") };
    append(store, expecting("a")).await;
    assert!(matches!(store.append(expecting("b")).await, Err(AppendError::Conflict)));
    append(store, Frame { delete: vec![key("a")], ..Frame::default() }).await;
    append(store, expecting("b")).await;
    let elsewhere = KeyWriter::new().part(b"contracts").part(b"b").finish();
    let next_door = Frame { put: vec![(elsewhere, "x".into())], ..Frame::default() };
    append(store, Frame { delete: vec![key("b")], ..next_door }).await;
    append(store, expecting("c")).await;
}

async fn the_newest_change(store: &dyn Store) {
    promise("changed_at is 0 in an empty store and moves with frames that change rows only");
    assert_eq!(store.changed_at(), Position(0));
    let first = append(store, put("a", "1")).await;
    assert_eq!(store.changed_at(), first);
    append(store, Frame { records: vec![record(1, "Decrypt")], ..Frame::default() }).await;
    assert_eq!(store.changed_at(), first);
    promise("a frame read before the newest change is compared");
    let stale = Frame { read_at: first, expect: vec![(key("a"), Version(first.0))], ..put("b", "x") };
    append(store, stale.clone()).await;
    append(store, put("a", "2")).await;
    assert!(matches!(store.append(stale).await, Err(AppendError::Conflict)));
    promise("a frame read at the newest change passes");
    let now = store.changed_at();
    let fresh = Frame { read_at: now, expect: vec![(key("a"), Version(now.0))], ..put("c", "x") };
    append(store, fresh).await;
    let removed = append(store, Frame { delete: vec![key("a")], ..Frame::default() }).await;
    assert_eq!(store.changed_at(), removed);
}

async fn any_bytes(store: &dyn Store) {
    promise("keys and values are any bytes; a value of a megabyte and a frame of many rows go through");
    let odd = KeyWriter::new().part(&[0, 255, 0, 1]).part(b"").part(&[255; 20]).finish();
    let big: Vec<u8> = (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut frame = Frame { put: vec![(odd.clone(), big.clone().into())], ..Frame::default() };
    frame.put.extend((0..500).map(|n| (key(&format!("many-{n}")), "x".into())));
    append(store, frame).await;
    assert_eq!(store.get(odd.as_bytes()).await.unwrap().value, big);
    assert!(store.get(key("many-499").as_bytes()).await.unwrap().exists());
}
