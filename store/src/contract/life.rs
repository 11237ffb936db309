//! Closing and opening again.

use super::{Subject, append, bodies, everything, fact, key, promise, put, record, value};
use crate::{AppendError, Frame, KeyWriter, Position};

pub(super) async fn all(subject: &dyn Subject) {
    let store = subject.fresh().await;
    for n in 0..50 {
        let whole = Frame {
            records: vec![record(n, "x")],
            facts: vec![fact(&format!("fact-{n}"))],
            ..put(&format!("row-{:02}", n % 20), &n.to_string())
        };
        append(&*store, whole).await;
    }
    append(&*store, Frame { delete: vec![key("row-07")], ..Frame::default() }).await;
    let last = append(&*store, Frame { records: vec![record(50, "x")], ..Frame::default() }).await;
    let rows = KeyWriter::new().part(b"contract").range();
    let look = async |store: &dyn crate::Store| {
        let versions: Vec<_> =
            store.scan(&rows, 100).await.unwrap().into_iter().map(|(_, r)| r.version).collect();
        (versions, bodies(store, &everything()).await, store.facts(Position(0), 100).await.unwrap())
    };
    let before = look(&*store).await;
    assert_eq!((before.0.len(), before.1.len(), before.2.len()), (19, 51, 50));

    promise("a closed store refuses appends");
    store.close().await.unwrap();
    assert!(matches!(store.append(put("late", "x")).await, Err(AppendError::Store(_))));
    promise("closing twice is no error");
    store.close().await.unwrap();

    promise("a store that is opened again has everything, and goes on where it was");
    let store = subject.reopened(store).await;
    assert_eq!(look(&*store).await, before);
    assert!(store.changed_at() < last && store.changed_at() > Position(0));
    assert!(!store.get(key("late").as_bytes()).await.unwrap().exists());
    assert_eq!(append(&*store, put("row-07", "again")).await, Position(last.0 + 1));
    assert_eq!(value(&*store, "row-07").await, "again");
    assert_eq!(store.changed(Position(0)).await, Position(last.0 + 1));
}
