//! Disks that refuse.

use super::*;

struct Failing {
    folder: TempDir,
    options: EmbeddedOptions,
}

impl Failing {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), options: small() }
    }

    fn open(&self) -> EmbeddedStore {
        EmbeddedStore::open(self.folder.path(), &self.options).unwrap()
    }

    fn fail(&self, points: &[Point]) {
        self.options.failures.set(points);
    }
}

/// After a failed write or sync nothing is taken any more, although the disk would: whether the log holds the frame is not
/// known before it is read again.
#[tokio::test]
async fn a_disk_that_refused_once_is_not_trusted_until_the_store_is_opened_again() {
    for point in [Point::Write, Point::Sync, Point::Apply] {
        let disk = Failing::new();
        let store = disk.open();
        store.append(frame(1)).await.unwrap();
        disk.fail(&[point]);
        assert!(matches!(store.append(frame(2)).await, Err(AppendError::Store(_))), "{point:?}");
        assert_eq!(numbers(&store).await, [1], "what failed is not visible");
        disk.fail(&[]);
        let error = store.append(frame(2)).await.unwrap_err().to_string();
        assert!(error.contains("must be opened again"), "{error}");
        assert!(store.close().await.is_err());
        drop(store);

        let store = disk.open();
        let found = numbers(&store).await;
        assert!(found == [1] || found == [1, 2], "{point:?}: {found:?}");
        let next = found.len() as u64 + 1;
        assert_eq!(store.append(frame(next)).await.unwrap(), Position(next));
    }
}

#[tokio::test]
async fn a_full_disk_refuses_new_segments_and_the_store_goes_on_when_there_is_room() {
    let disk = Failing::new();
    let store = disk.open();
    disk.fail(&[Point::Create]);
    let mut n = 0;
    let refused = loop {
        match store.append(frame(n)).await {
            Ok(_) => n += 1,
            Err(error) => break error,
        }
        assert!(n < 1000, "no segment was ever needed");
    };
    assert!(refused.to_string().contains("create"), "{refused}");
    assert!(store.append(frame(n)).await.is_err());
    assert_eq!(numbers(&store).await, (0..n).collect::<Vec<_>>());
    disk.fail(&[]);
    for more in n..n + 50 {
        store.append(frame(more)).await.unwrap();
    }
    assert_eq!(numbers(&store).await, (0..n + 50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_frame_larger_than_a_segment_is_refused_and_the_next_one_is_not() {
    let disk = Failing::new();
    let store = disk.open();
    let large = Frame { put: vec![(key(1), vec![1; 9000].into())], ..Frame::default() };
    assert!(store.append(large).await.unwrap_err().to_string().contains("does not fit"));
    store.append(frame(1)).await.unwrap();
}

/// Whichever step of a rotation fails: what was acknowledged is there, now, after a crash at that moment and after a crash later,
/// and the log goes on where its last frame stands or not at all.
#[tokio::test]
async fn a_rotation_that_fails_at_any_step_leaves_one_end_of_the_log() {
    for (point, goes_on) in
        [(Point::Create, true), (Point::Begin, true), (Point::Rename, false), (Point::Renamed, false)]
    {
        let disk = Failing::new();
        let store = disk.open();
        // The keeper's spare is made before the first rotation, or it is not: both are good, and one of them fails here.
        disk.fail(&[point]);
        let mut n = 0;
        while store.append(frame(n)).await.is_ok() {
            n += 1;
            assert!(n < 1000, "{point:?}: no rotation failed");
        }
        let at_once = copied(disk.folder.path());
        disk.fail(&[]);
        // Small enough for what is left of the old segment.
        let small = Frame { put: vec![(key(5000), "5000".into())], ..Frame::default() };
        let more = store.append(small).await;
        assert_eq!(more.is_ok(), goes_on, "{point:?}: {more:?}");
        let mut acknowledged = n + u64::from(goes_on);
        if goes_on {
            store.append(Frame { delete: vec![key(5000)], ..Frame::default() }).await.unwrap();
            for more in n..n + 50 {
                store.append(frame(more)).await.unwrap();
            }
            acknowledged = n + 52;
        } else {
            let error = more.unwrap_err().to_string();
            assert!(error.contains("must be opened again"), "{point:?}: {error}");
        }
        let later = copied(disk.folder.path());
        assert_eq!(store.head(), Position(acknowledged), "{point:?}");
        assert_eq!(store.close().await.is_ok(), goes_on, "{point:?}");
        drop(store);
        let frames = if goes_on { n + 50 } else { n };
        for (path, frames) in [(at_once.path(), n), (later.path(), frames), (disk.folder.path(), frames)] {
            let store = open(path).unwrap_or_else(|error| panic!("{point:?}: {error}"));
            assert_eq!(numbers(&store).await, (0..frames).collect::<Vec<_>>(), "{point:?}");
            for next in frames..frames + 50 {
                store.append(frame(next)).await.unwrap();
            }
            drop(store);
            assert_eq!(numbers(&open(path).unwrap()).await.len() as u64, frames + 50, "{point:?}");
        }
    }
}
