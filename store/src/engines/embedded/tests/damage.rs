//! Logs that end in the middle of a frame, and logs that were damaged.

use super::*;

/// The length of the used part of the one raw segment, found from behind.
fn used(raw: &[u8]) -> usize {
    raw.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

/// A store with frames 1..=5 in one segment, as a crash leaves it.
async fn crashed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    for n in 1..=5 {
        store.append(frame(n)).await.unwrap();
    }
    copied(folder.path())
}

/// The view as it was before any frame: everything is replayed from the log.
fn without_view(folder: &Path) {
    for name in ["view.db", "view.db-wal", "view.db-shm"] {
        let _ = fs::remove_file(folder.join(name));
    }
}

#[tokio::test]
async fn cut_at_every_byte_of_the_last_frames_the_log_opens_with_the_whole_ones() {
    let origin = crashed().await;
    let raw = fs::read(&files(origin.path(), "raw")[0]).unwrap();
    let used = used(&raw);
    let header = segment::SegmentHeader::read(origin.path(), &raw).unwrap();
    let mut ends = Vec::new();
    segment::frames(&raw, header, |found| {
        ends.push(found.offset + segment::FRAME_HEADER + found.body.len());
        Ok(())
    })
    .unwrap();
    assert_eq!((ends.len(), ends[4]), (5, used));
    without_view(origin.path());
    for cut in ends[2]..used {
        let folder = copied(origin.path());
        let path = &files(folder.path(), "raw")[0];
        let mut bytes = raw[..cut].to_vec();
        // A file that was cut, and one whose end reads as zeros.
        if cut % 2 == 0 {
            bytes.resize(raw.len(), 0);
        }
        fs::write(path, &bytes).unwrap();
        let store = open(folder.path()).unwrap();
        let whole = numbers(&store).await;
        let complete = ends.iter().filter(|end| **end <= cut).count() as u64;
        assert_eq!(whole, (1..=complete).collect::<Vec<_>>(), "cut at {cut}");
        if cut % 16 < 2 {
            // It goes on as if the torn frame had never been.
            assert_eq!(store.append(frame(complete + 1)).await.unwrap(), Position(complete + 1));
            drop(store);
            assert_eq!(numbers(&open(folder.path()).unwrap()).await.len() as u64, complete + 1);
        }
    }
}

#[tokio::test]
async fn a_flipped_bit_in_the_last_frame_drops_it_and_nothing_else() {
    let origin = crashed().await;
    without_view(origin.path());
    let raw = fs::read(&files(origin.path(), "raw")[0]).unwrap();
    let used = used(&raw);
    let last = used - (used - segment::HEADER) / 5;
    for at in last..used {
        let folder = copied(origin.path());
        let mut bytes = raw.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&files(folder.path(), "raw")[0], &bytes).unwrap();
        let store = open(folder.path()).unwrap();
        assert_eq!(numbers(&store).await, [1, 2, 3, 4], "byte {at}");
    }
}

#[tokio::test]
async fn a_damaged_frame_that_was_acknowledged_refuses_to_open_and_nothing_is_changed() {
    let origin = crashed().await;
    let raw = fs::read(&files(origin.path(), "raw")[0]).unwrap();
    for at in (segment::HEADER..used(&raw) - (used(&raw) - segment::HEADER) / 5).step_by(7) {
        let folder = copied(origin.path());
        let path = &files(folder.path(), "raw")[0];
        let mut bytes = raw.clone();
        bytes[at] ^= 0x40;
        fs::write(path, &bytes).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(error, EmbeddedError::Damaged { .. }), "byte {at}: {error}");
        assert!(fs::read(path).unwrap() == bytes, "the damaged file was changed");
    }
}

#[tokio::test]
async fn a_log_that_lost_what_the_view_has_is_refused() {
    let folder = crashed().await;
    let path = &files(folder.path(), "raw")[0];
    let mut bytes = fs::read(path).unwrap();
    let end = used(&bytes);
    bytes[end - 60..].fill(0);
    fs::write(path, &bytes).unwrap();
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("ends at position 4") && error.contains("been at 5"), "{error}");
}

#[tokio::test]
async fn a_closed_log_that_lost_its_end_is_refused_even_without_row_changes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    for n in 1..4 {
        store.append(Frame { records: vec![record(n, 100)], ..Frame::default() }).await.unwrap();
    }
    store.close().await.unwrap();
    let path = &files(folder.path(), "raw")[0];
    let mut bytes = fs::read(path).unwrap();
    let end = used(&bytes);
    bytes[end - 60..].fill(0);
    fs::write(path, &bytes).unwrap();
    assert!(open(folder.path()).is_err());
}

#[tokio::test]
async fn missing_files_are_told_by_name() {
    let origin = tempfile::tempdir().unwrap();
    let store = open(origin.path()).unwrap();
    for n in 0..200 {
        store.append(frame(n)).await.unwrap();
    }
    wait_until_sealed(origin.path());
    store.close().await.unwrap();
    let sealed = files(origin.path(), "sealed");
    assert!(sealed.len() >= 3, "{sealed:?}");
    let gone = [sealed[0].clone(), sealed[1].clone(), files(origin.path(), "raw")[0].clone()];
    for gone in gone {
        let folder = copied(origin.path());
        fs::remove_file(folder.path().join("log").join(gone.file_name().unwrap())).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        let name = gone.file_stem().unwrap().to_str().unwrap();
        assert!(error.contains(name) && error.contains("missing"), "{error}");
    }
    let folder = copied(origin.path());
    without_view(folder.path());
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("the view is missing or older"), "{error}");
    let folder = copied(origin.path());
    fs::remove_file(folder.path().join("store")).unwrap();
    assert!(open(folder.path()).unwrap_err().to_string().contains("`store` is missing"));
}

#[tokio::test]
async fn a_damaged_sealed_segment_is_told_and_never_read_as_something_else() {
    let origin = tempfile::tempdir().unwrap();
    let store = open(origin.path()).unwrap();
    for n in 0..60 {
        store.append(frame(n)).await.unwrap();
    }
    wait_until_sealed(origin.path());
    store.close().await.unwrap();
    let before = numbers(&open(origin.path()).unwrap()).await;
    let name = files(origin.path(), "sealed")[0].file_name().unwrap().to_owned();
    let sealed = fs::read(origin.path().join("log").join(&name)).unwrap();
    for at in (0..sealed.len()).step_by(31) {
        let folder = copied(origin.path());
        let mut bytes = sealed.clone();
        bytes[at] ^= 0x10;
        fs::write(folder.path().join("log").join(&name), bytes).unwrap();
        let Ok(store) = open(folder.path()) else { continue };
        let page = store.records(&query(10_000)).await;
        let facts = store.facts(Position(0), 10_000).await;
        match (page, facts) {
            (Ok(page), Ok(facts)) => {
                assert_eq!((page.records.len(), facts.len()), (before.len(), before.len()))
            }
            (Err(error), _) | (_, Err(error)) => {
                assert!(error.to_string().contains("damaged"), "{at}: {error}")
            }
        }
    }
}
