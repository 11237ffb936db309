//! Many segments: rotation, sealing, forgetting, and crashes between their steps.

use super::*;

async fn filled(folder: &Path, frames: u64) -> EmbeddedStore {
    let store = open(folder).unwrap();
    for n in 0..frames {
        store.append(frame(n)).await.unwrap();
    }
    store
}

fn by(attribute: Attribute, value: &str, limit: usize) -> RecordQuery {
    RecordQuery { attribute: Some((attribute, value.to_owned().into())), ..query(limit) }
}

#[tokio::test]
async fn everything_is_found_while_segments_fill_and_are_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    for n in 0..400 {
        store.append(frame(n)).await.unwrap();
        let page = store.records(&query(1)).await.unwrap();
        assert_eq!(page.records[0].1, record(n, 100).body);
        if n % 50 == 0 {
            assert_eq!(numbers(&store).await, (0..=n).collect::<Vec<_>>());
        }
    }
    wait_until_sealed(folder.path());
    assert!(files(folder.path(), "sealed").len() > 5);
    assert_eq!(numbers(&store).await, (0..400).collect::<Vec<_>>());
    for n in [0, 1, 199, 399] {
        let page = store.records(&by(Attribute::EventId, &n.to_string(), 10)).await.unwrap();
        assert_eq!(page.records.len(), 1, "record {n}");
    }
    for region in [Some(Region::default()), None] {
        let of_bob = RecordQuery { region, ..by(Attribute::Username, "bob", 1000) };
        let page = store.records(&of_bob).await.unwrap();
        assert_eq!(page.records.len(), 200, "{region:?}");
        assert_eq!(store.records(&RecordQuery { region, ..query(1000) }).await.unwrap().records.len(), 400);
    }
    drop(store);
    assert_eq!(numbers(&open(folder.path()).unwrap()).await, (0..400).collect::<Vec<_>>());
}

#[tokio::test]
async fn pages_and_times_go_over_the_borders_of_segments() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path(), 150).await;
    wait_until_sealed(folder.path());
    let mut asked = by(Attribute::Username, "alice", 7);
    let mut walked = Vec::new();
    loop {
        let page = store.records(&asked).await.unwrap();
        walked.extend(page.records.iter().map(|(_, body)| body.clone()));
        let Some((last, _)) = page.records.last().filter(|_| page.more) else { break };
        asked.after = Some(*last);
    }
    assert_eq!(walked, (0..75).rev().map(|n| record(2 * n, 100).body).collect::<Vec<_>>());
    let at = |second| Some(Timestamp::from_seconds(second));
    let page = store.records(&RecordQuery { from: at(20), to: at(90), ..query(1000) }).await.unwrap();
    assert_eq!(page.records.len(), 71);
    let mut after = Position(0);
    let mut told = 0;
    while let Some((last, _)) = store.facts(after, 11).await.unwrap().last().cloned() {
        told += store.facts(after, 11).await.unwrap().len();
        after = last;
    }
    assert_eq!(told, 150);
}

#[tokio::test]
async fn forgetting_drops_whole_sealed_segments_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path(), 200).await;
    wait_until_sealed(folder.path());
    let before = Timestamp::from_seconds(100);
    let gone = store.forget_records(before).await.unwrap();
    assert!((60..=100).contains(&gone), "{gone} are gone");
    assert_eq!(store.forget_records(before).await.unwrap(), 0);
    let left = async |store: &EmbeddedStore| store.records(&query(1000)).await.unwrap().records.len() as u64;
    assert_eq!(left(&store).await, 200 - gone);
    assert_eq!(store.get(key(0).as_bytes()).await.unwrap().value, "0", "rows stay");
    store.append(frame(200)).await.unwrap();
    drop(store);
    let store = open(folder.path()).unwrap();
    assert_eq!(left(&store).await, 201 - gone);
    assert_eq!(
        store.forget_records(Timestamp::from_seconds(10_000)).await.unwrap() + left(&store).await,
        201 - gone
    );
}

/// A raw segment whose sealed form is there already, a sealed one that was to be forgotten, files half written.
#[tokio::test]
async fn interrupted_sealing_and_forgetting_are_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = small();
    options.failures.set(&[Point::Seal]);
    let store = EmbeddedStore::open(folder.path(), &options).unwrap();
    for n in 0..100 {
        store.append(frame(n)).await.unwrap();
    }
    store.close().await.unwrap();
    let unsealed = copied(folder.path());
    let raw = files(unsealed.path(), "raw");
    assert!(raw.len() > 2);
    let store = open(folder.path()).unwrap();
    wait_until_sealed(folder.path());
    store.close().await.unwrap();
    for path in &raw[..raw.len() - 1] {
        let sealed = folder.path().join("log").join(path.file_name().unwrap()).with_extension("sealed");
        fs::copy(&sealed, unsealed.path().join("log").join(sealed.file_name().unwrap())).unwrap();
        fs::write(path.with_extension("new"), "half").unwrap();
    }
    let store = open(unsealed.path()).unwrap();
    assert_eq!(numbers(&store).await, (0..100).collect::<Vec<_>>());
    wait_until_sealed(unsealed.path());
    store.forget_records(Timestamp::from_seconds(1000)).await.unwrap();
    drop(store);
    let first = files(folder.path(), "sealed")[0].clone();
    fs::copy(&first, unsealed.path().join("log").join(first.file_name().unwrap())).unwrap();
    let store = open(unsealed.path()).unwrap();
    assert!(store.records(&query(1000)).await.unwrap().records.len() < 100);
    assert!(files(unsealed.path(), "sealed").is_empty());
}

/// The view is older than the log by many frames and some segments: it is brought up to date.
#[tokio::test]
async fn a_view_that_lost_its_last_transactions_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path(), 3).await;
    let old = copied(folder.path());
    for n in 3..10 {
        store.append(frame(n)).await.unwrap();
    }
    store.append(Frame { delete: vec![key(1)], ..Frame::default() }).await.unwrap();
    let crashed = copied(folder.path());
    for name in ["view.db", "view.db-wal"] {
        fs::copy(old.path().join(name), crashed.path().join(name)).unwrap();
    }
    let _ = fs::remove_file(crashed.path().join("view.db-shm"));
    let store = open(crashed.path()).unwrap();
    assert_eq!(store.changed_at(), Position(11));
    assert!(!store.get(key(1).as_bytes()).await.unwrap().exists());
    assert_eq!(store.get(key(9).as_bytes()).await.unwrap().version.0, 10);
}

/// A long WAL of a run that crashed is read by one start and not by all that follow; a short one is left alone.
#[tokio::test]
async fn a_long_wal_of_an_earlier_run_is_emptied() {
    for (row_bytes, emptied) in [(6 << 20, true), (1000, false)] {
        let folder = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(folder.path(), &EmbeddedOptions::default()).unwrap();
        let put = vec![(key(1), vec![7; row_bytes].into())];
        store.append(Frame { put, ..Frame::default() }).await.unwrap();
        let crashed = copied(folder.path());
        let view = View::new(&crashed.path().join("view.db"));
        // The last connection that closes would empty it in any case: this one stays.
        assert_eq!(view.get(key(1).as_bytes()).unwrap().value.len(), row_bytes);
        view.empty_long_wal().unwrap();
        assert_eq!(view.get(key(1).as_bytes()).unwrap().value.len(), row_bytes);
        let wal = fs::metadata(crashed.path().join("view.db-wal")).map_or(0, |wal| wal.len());
        assert_eq!(wal == 0, emptied, "{row_bytes}");
    }
}
