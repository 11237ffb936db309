//! Opening: look at everything first, refuse what is not as it must be, then mend the torn end and bring the view up to date.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::error::EmbeddedError;
use super::folder::{Folder, Label, private};
use super::history::{Parts, Raw};
use super::index::{Index, Summary};
use super::log::{Spare, zero_fill};
use super::sealed::Sealed;
use super::segment::{self, End, SegmentHeader};
use super::view::{Changes, ViewWriter};
use crate::stored::StoredFrame;
use crate::{Key, Position, Version};

/// What opening found.
pub(super) struct Recovered {
    pub(super) label: Label,
    pub(super) parts: Parts,
    /// Where the last segment's next frame goes.
    pub(super) offset: usize,
    /// The size of the last segment.
    pub(super) capacity: usize,
    pub(super) head: Position,
    pub(super) changed: Position,
}

/// A raw segment as it was read.
struct Read {
    header: SegmentHeader,
    path: PathBuf,
    bytes: Vec<u8>,
    index: Index,
    offset: usize,
    /// The position after its last frame.
    next: u64,
    end: End,
}

/// A folder without a store gets one; any other is looked at and mended.
pub(super) fn recover(
    folder: &Folder,
    label: Option<Label>,
    view: &mut ViewWriter,
    spare: &Spare,
) -> Result<Recovered, EmbeddedError> {
    let raw_numbers = folder.numbers("raw")?;
    let sealed_numbers = folder.numbers("sealed")?;
    let nothing = raw_numbers.is_empty() && sealed_numbers.is_empty();
    match label {
        None if nothing && view.applied()? == Position(0) => create(folder, spare),
        None => Err(EmbeddedError::OutOfStep(
            "the folder holds a log or a view, but its file `store` is missing".into(),
        )),
        // Creation was interrupted.
        Some(label) if nothing && label.head == 0 && view.applied()? == Position(0) => create(folder, spare),
        Some(label) => reopen(folder, label, raw_numbers, sealed_numbers, view, spare),
    }
}

fn create(folder: &Folder, spare: &Spare) -> Result<Recovered, EmbeddedError> {
    let label = Label { oldest_segment: 1, head: 0, closed: false };
    folder.set_label(label)?;
    let header = SegmentHeader { number: 1, first: 1, changed_before: 0 };
    let raw = spare.begin(folder, header)?;
    let parts = Parts { sealed: Vec::new(), raw: vec![raw] };
    let (head, changed) = (Position(0), Position(0));
    Ok(Recovered { label, parts, offset: segment::HEADER, capacity: spare.bytes, head, changed })
}

fn reopen(
    folder: &Folder,
    mut label: Label,
    mut raw_numbers: Vec<u64>,
    sealed_numbers: Vec<u64>,
    view: &mut ViewWriter,
    spare: &Spare,
) -> Result<Recovered, EmbeddedError> {
    // Both forms of one segment: sealing was interrupted and will be done again. Before the oldest: forgetting was.
    let (sealed_numbers, leftovers): (Vec<_>, Vec<_>) = sealed_numbers
        .into_iter()
        .partition(|number| *number >= label.oldest_segment && !raw_numbers.contains(number));
    raw_numbers.retain(|number| *number >= label.oldest_segment);
    check_numbers(folder, label, &sealed_numbers, &raw_numbers)?;

    let sealed = read_sealed(folder, &sealed_numbers)?;
    let mut next = sealed.last().map(|sealed| sealed.footer.last + 1);
    let mut segments: Vec<Read> = Vec::new();
    for number in raw_numbers {
        let read = read_raw(folder, number, next)?;
        next = Some(read.next);
        segments.push(read);
    }
    let applied = view.applied()?;
    check_ends(folder, label, &segments, applied)?;

    for number in leftovers {
        let path = folder.sealed(number);
        fs::remove_file(&path).map_err(EmbeddedError::io("remove", &path))?;
    }
    let last =
        segments.pop().ok_or_else(|| EmbeddedError::MissingSegment(folder.raw(label.oldest_segment)))?;
    let head = Position(last.next - 1);
    let (offset, capacity) = mend(&last, !label.closed, spare.bytes)?;
    segments.push(last);
    let mut changed = applied;
    for segment in &segments {
        changed = replay(segment, changed, view)?;
    }
    label = Label { closed: false, head: head.0, ..label };
    folder.set_label(label)?;
    let raw = segments.into_iter().map(open_raw).collect::<Result<_, _>>()?;
    Ok(Recovered { label, parts: Parts { sealed, raw }, offset, capacity, head, changed })
}

/// No segment may be missing: sealed ones first, raw ones after, without a gap.
fn check_numbers(folder: &Folder, label: Label, sealed: &[u64], raw: &[u64]) -> Result<(), EmbeddedError> {
    let mut expected = label.oldest_segment;
    for (number, is_raw) in sealed.iter().map(|n| (*n, false)).chain(raw.iter().map(|n| (*n, true))) {
        if number != expected {
            let path = if is_raw { folder.raw(expected) } else { folder.sealed(expected) };
            return Err(EmbeddedError::MissingSegment(path));
        }
        expected += 1;
    }
    if raw.is_empty() { Err(EmbeddedError::MissingSegment(folder.raw(expected))) } else { Ok(()) }
}

fn read_sealed(folder: &Folder, numbers: &[u64]) -> Result<Vec<Arc<Sealed>>, EmbeddedError> {
    let mut sealed: Vec<Arc<Sealed>> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let path = folder.sealed(*number);
        let segment = Sealed::open(&path)?;
        let follows = sealed.last().is_none_or(|before| before.footer.last + 1 == segment.footer.first);
        if segment.footer.number != *number || !follows {
            return Err(EmbeddedError::damaged(&path, "it does not follow the segment before it"));
        }
        sealed.push(Arc::new(segment));
    }
    Ok(sealed)
}

fn read_raw(folder: &Folder, number: u64, expected_first: Option<u64>) -> Result<Read, EmbeddedError> {
    let path = folder.raw(number);
    let bytes = fs::read(&path).map_err(EmbeddedError::io("read", &path))?;
    let header = SegmentHeader::read(&path, &bytes)?;
    if header.number != number || expected_first.is_some_and(|first| first != header.first) {
        return Err(EmbeddedError::damaged(&path, "it does not follow the segment before it"));
    }
    let mut index = Index::default();
    let (offset, next, end) = segment::frames_and_end(&bytes, header, |found| {
        let summary = StoredFrame::read(found.body).and_then(|frame| Summary::of_stored(&frame));
        let what = || format!("the frame at {} does not parse", found.offset);
        let summary = summary.ok_or_else(|| EmbeddedError::damaged(&path, what()))?;
        index.add(Position(found.header.position), found.offset as u32, &summary);
        Ok(())
    })?;
    Ok(Read { header, path, bytes, index, offset, next, end })
}

/// Whether log, view and label are of one time.
fn check_ends(
    folder: &Folder,
    label: Label,
    segments: &[Read],
    applied: Position,
) -> Result<(), EmbeddedError> {
    let view = folder.view();
    let oldest = segments.first().map_or(0, |segment| segment.header.changed_before);
    if applied.0 < oldest {
        return Err(EmbeddedError::OutOfStep(format!(
            "{} is at position {}, but what the log still holds begins after position {oldest}: the view is missing or \
             older than the log; restore both from one backup",
            view.display(),
            applied.0
        )));
    }
    for (index, segment) in segments.iter().enumerate() {
        let is_last = index + 1 == segments.len();
        let torn_ok = is_last && !label.closed;
        if segment.end == End::Damaged || (segment.end == End::Torn && !torn_ok) {
            let what = format!("the frame of position {} at offset {}", segment.next, segment.offset);
            return Err(EmbeddedError::damaged(&segment.path, what));
        }
    }
    let head = segments.last().map_or(0, |segment| segment.next - 1);
    if head < label.head || head < applied.0 {
        return Err(EmbeddedError::OutOfStep(format!(
            "the log ends at position {head}, but it has been at {}: its end is missing or damaged; restore it from a backup",
            label.head.max(applied.0)
        )));
    }
    Ok(())
}

/// Makes the end of the log what it was read as: durable up to its last frame, zeros after. When the store was not closed, what
/// was read may be in the system's memory alone, or have been lost by a disk that failed, so it is written again.
fn mend(last: &Read, in_doubt: bool, segment_bytes: usize) -> Result<(usize, usize), EmbeddedError> {
    let capacity = last.bytes.len().max(segment_bytes);
    if !in_doubt && last.bytes.len() == capacity {
        return Ok((last.offset, capacity));
    }
    let mend = || {
        let mut file = private().read(true).write(true).open(&last.path)?;
        file.write_all_at(last.bytes.get(..last.offset).unwrap_or_default(), 0)?;
        let zeros_from = if last.end == End::Clean { last.bytes.len() } else { last.offset };
        file.seek(SeekFrom::Start(zeros_from as u64))?;
        zero_fill(&mut file, capacity - zeros_from)?;
        file.sync_all()
    };
    mend().map_err(EmbeddedError::io("mend the end of", &last.path))?;
    Ok((last.offset, capacity))
}

/// Applies what the view does not have; gives how far it is then.
fn replay(segment: &Read, applied: Position, view: &mut ViewWriter) -> Result<Position, EmbeddedError> {
    let (mut changes, mut changed) = (Changes::new(), applied);
    segment::frames(&segment.bytes, segment.header, |found| {
        let position = found.header.position;
        if position > applied.0
            && found.header.changes_rows()
            && let Some(frame) = StoredFrame::read(found.body)
        {
            changed = Position(position);
            for key in frame.deletes {
                changes.insert(Key::from_bytes(key), (Version::ABSENT, None));
            }
            for (key, value) in frame.puts {
                changes
                    .insert(Key::from_bytes(key), (Version(position), Some(Bytes::copy_from_slice(value))));
            }
        }
        Ok(())
    })?;
    if changed > applied {
        tracing::info!(from = applied.0, to = changed.0, "replaying the log into the view");
        view.apply(changed, &changes)?;
    }
    Ok(changed)
}

fn open_raw(read: Read) -> Result<Arc<Raw>, EmbeddedError> {
    let file: File =
        private().read(true).write(true).open(&read.path).map_err(EmbeddedError::io("open", &read.path))?;
    Ok(Arc::new(Raw::new(read.header, read.path, file, read.index)))
}
