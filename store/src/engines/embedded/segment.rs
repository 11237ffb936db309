//! A raw segment: a file of fixed size, zero-filled ahead, that frames are appended to.
//!
//! ```text
//! header   "ALCZRAW1" format:4 oldest_reader:4 number:8 first_position:8 changed_before:8 crc:4, padded to 64
//! frame    length:4 body_crc:4 number:8 position:8 synced:8 flags:4 crc:4, then the body
//! ...      zeros
//! ```
//! Numbers are little-endian. `synced` is the last position that was durable when the frame was written: it tells a torn
//! group, which nobody was told of, from damage to frames that were acknowledged.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::error::EmbeddedError;
use super::{FORMAT, OLDEST_READER};
use crate::stored::Reader;

pub(super) const HEADER: usize = 64;
pub(super) const FRAME_HEADER: usize = 40;
/// Flag of a frame that changes rows.
pub(super) const CHANGES_ROWS: u32 = 1;

const MAGIC: &[u8; 8] = b"ALCZRAW1";

/// What the file begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) number: u64,
    /// The position of its first frame.
    pub(super) first: u64,
    /// The newest position before `first` that changed rows: the view must have come at least so far.
    pub(super) changed_before: u64,
}

/// What a frame begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) length: u32,
    pub(super) body_crc: u32,
    pub(super) number: u64,
    pub(super) position: u64,
    pub(super) synced: u64,
    pub(super) flags: u32,
}

/// A frame found in a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) header: FrameHeader,
    /// Where it begins in the file.
    pub(super) offset: usize,
    pub(super) body: &'a [u8],
}

/// How the frames of a segment end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Zeros follow.
    Clean,
    /// Something follows that was never acknowledged.
    Torn,
    /// Acknowledged frames follow that cannot be read.
    Damaged,
}

impl SegmentHeader {
    pub(super) fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[12..16].copy_from_slice(&OLDEST_READER.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.number.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.first.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.changed_before.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..40]);
        bytes[40..44].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Self, EmbeddedError> {
        let damaged = || EmbeddedError::damaged(path, "the header of the segment");
        let header = bytes.get(..44).ok_or_else(damaged)?;
        let mut reader = Reader(header);
        if reader.take(8) != Some(MAGIC) || crc32fast::hash(&header[..40]).to_le_bytes() != header[40..] {
            return Err(damaged());
        }
        let mut parse = || {
            let _format = reader.array::<4>()?;
            let oldest_reader = u32::from_le_bytes(reader.array()?);
            let [number, first, changed_before] =
                [reader.array()?, reader.array()?, reader.array()?].map(u64::from_le_bytes);
            Some((oldest_reader, Self { number, first, changed_before }))
        };
        let (oldest_reader, header) = parse().ok_or_else(damaged)?;
        if oldest_reader > FORMAT {
            return Err(EmbeddedError::NewerFormat { path: path.to_owned(), oldest_reader });
        }
        Ok(header)
    }
}

impl FrameHeader {
    pub(super) fn to_bytes(self) -> [u8; FRAME_HEADER] {
        let mut bytes = [0; FRAME_HEADER];
        bytes[..4].copy_from_slice(&self.length.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.body_crc.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.number.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.position.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.synced.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.flags.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..36]);
        bytes[36..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header at the front of these bytes; `None` when there is none (zeros are none).
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..FRAME_HEADER)?;
        let mut reader = Reader(bytes);
        let [length, body_crc] = [reader.array()?, reader.array()?].map(u32::from_le_bytes);
        let [number, position, synced] =
            [reader.array()?, reader.array()?, reader.array()?].map(u64::from_le_bytes);
        let [flags, crc] = [reader.array()?, reader.array()?].map(u32::from_le_bytes);
        let header = Self { length, body_crc, number, position, synced, flags };
        (crc32fast::hash(&bytes[..36]) == crc).then_some(header)
    }

    pub(super) fn changes_rows(self) -> bool {
        self.flags & CHANGES_ROWS != 0
    }
}

/// The frames of a segment's bytes, in order, handed to `each`; gives where they end, the position after the last, and how they end.
pub(super) fn frames_and_end<'a>(
    bytes: &'a [u8],
    segment: SegmentHeader,
    each: impl FnMut(Found<'a>) -> Result<(), EmbeddedError>,
) -> Result<(usize, u64, End), EmbeddedError> {
    let (offset, position) = frames(bytes, segment, each)?;
    let rest = bytes.get(offset..).unwrap_or_default();
    Ok((offset, position, end(rest, segment.number, position)))
}

/// The same without a look at what follows them. The next frame's position is expected to be one more each.
pub(super) fn frames<'a>(
    bytes: &'a [u8],
    segment: SegmentHeader,
    mut each: impl FnMut(Found<'a>) -> Result<(), EmbeddedError>,
) -> Result<(usize, u64), EmbeddedError> {
    let (mut offset, mut position) = (HEADER, segment.first);
    while let Some(found) = frame_at(bytes, offset) {
        if (found.header.number, found.header.position) != (segment.number, position) {
            break;
        }
        offset += FRAME_HEADER + found.body.len();
        position += 1;
        each(found)?;
    }
    Ok((offset, position))
}

/// The whole frame that begins there, checksums right.
fn frame_at(bytes: &[u8], offset: usize) -> Option<Found<'_>> {
    let header = FrameHeader::read(bytes.get(offset..)?)?;
    let start = offset + FRAME_HEADER;
    let body = bytes.get(start..start.checked_add(header.length as usize)?)?;
    (crc32fast::hash(body) == header.body_crc).then_some(Found { header, offset, body })
}

/// How a log ends whose next frame, of that position, is not readable. If any later frame says that this position was durable
/// when it was written, acknowledged bytes are damaged.
fn end(rest: &[u8], number: u64, position: u64) -> End {
    if is_zero(rest) {
        return End::Clean;
    }
    let number = number.to_le_bytes();
    let acknowledged = rest.windows(FRAME_HEADER).any(|window| {
        window[8..16] == number
            && FrameHeader::read(window).is_some_and(|h| h.position > position && h.synced >= position)
    });
    if acknowledged { End::Damaged } else { End::Torn }
}

/// Whole blocks at a time, which the compiler makes wide instructions of: most of a segment is zeros, and every start looks at them.
fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(4096).all(|block| block.iter().fold(0, |any, byte| any | byte) == 0)
}

/// The body of the frame at that offset of a raw segment.
pub(super) fn read_frame(
    file: &File,
    path: &Path,
    offset: u64,
) -> Result<(FrameHeader, Vec<u8>), EmbeddedError> {
    let mut head = [0; FRAME_HEADER];
    file.read_exact_at(&mut head, offset).map_err(EmbeddedError::io("read", path))?;
    let damaged = || EmbeddedError::damaged(path, format!("the frame at offset {offset}"));
    let header = FrameHeader::read(&head).ok_or_else(damaged)?;
    let mut body = vec![0; header.length as usize];
    file.read_exact_at(&mut body, offset + FRAME_HEADER as u64).map_err(EmbeddedError::io("read", path))?;
    if crc32fast::hash(&body) != header.body_crc {
        return Err(damaged());
    }
    Ok((header, body))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    const SEGMENT: SegmentHeader = SegmentHeader { number: 3, first: 10, changed_before: 9 };

    /// Frames in groups: each group's frames know that the earlier groups were durable.
    fn segment(groups: &[&[&[u8]]]) -> Vec<u8> {
        let mut bytes = SEGMENT.to_bytes().to_vec();
        let mut position = SEGMENT.first;
        for group in groups {
            let synced = position - 1;
            for body in *group {
                let (length, body_crc) = (body.len() as u32, crc32fast::hash(body));
                let header = FrameHeader { length, body_crc, number: 3, position, synced, flags: 0 };
                bytes.extend_from_slice(&header.to_bytes());
                bytes.extend_from_slice(body);
                position += 1;
            }
        }
        bytes.resize(4096, 0);
        bytes
    }

    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, End) {
        let mut bodies = Vec::new();
        let (_, _, end) = frames_and_end(bytes, SEGMENT, |found| {
            bodies.push(found.body.to_vec());
            Ok(())
        })
        .unwrap();
        (bodies, end)
    }

    #[test]
    fn frames_are_read_up_to_the_zeros() {
        let (bodies, end) = read(&segment(&[&[b"one", b"two"], &[b"three"]]));
        assert_eq!((bodies, end), (vec![b"one".to_vec(), b"two".to_vec(), b"three".to_vec()], End::Clean));
        assert_eq!(read(&segment(&[])), (vec![], End::Clean));
    }

    #[test]
    fn one_bit_anywhere_after_the_frames_is_no_clean_end() {
        let whole = segment(&[&[b"one"]]);
        for at in (HEADER + FRAME_HEADER + 3..whole.len()).step_by(61).chain([whole.len() - 1]) {
            let mut bytes = whole.clone();
            bytes[at] = 0x10;
            assert_eq!(read(&bytes).1, End::Torn, "at {at}");
        }
    }

    #[test]
    fn a_torn_group_is_not_damage_even_where_its_later_frames_are_whole() {
        let mut bytes = segment(&[&[b"one"], &[b"two", b"three"]]);
        let two = HEADER + FRAME_HEADER + 3;
        bytes[two] ^= 1;
        assert_eq!(read(&bytes), (vec![b"one".to_vec()], End::Torn));
    }

    #[test]
    fn a_damaged_frame_before_a_later_group_is_damage() {
        let mut bytes = segment(&[&[b"one", b"two"], &[b"three"]]);
        bytes[HEADER + FRAME_HEADER] ^= 1;
        assert_eq!(read(&bytes), (vec![], End::Damaged));
    }

    #[test]
    fn frames_of_an_earlier_use_of_the_file_do_not_count() {
        let mut bytes = segment(&[&[b"one"]]);
        let stale = FrameHeader { length: 0, body_crc: 0, number: 2, position: 11, synced: 10, flags: 0 };
        let at = HEADER + FRAME_HEADER + 3;
        bytes[at..at + FRAME_HEADER].copy_from_slice(&stale.to_bytes());
        assert_eq!(read(&bytes), (vec![b"one".to_vec()], End::Torn));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_of_a_frame_is_noticed(bit in 0_usize..(FRAME_HEADER + 5) * 8) {
            let mut bytes = segment(&[&[b"hello"]]);
            bytes[HEADER + bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(read(&bytes), (vec![], End::Torn));
        }

        #[test]
        fn any_flipped_bit_of_a_header_is_noticed(bit in 0_usize..44 * 8) {
            let mut bytes = SEGMENT.to_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(SegmentHeader::read(Path::new("x"), &bytes).is_err());
        }

        #[test]
        fn rubbish_is_no_frame(rubbish in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = SEGMENT.to_bytes().to_vec();
            bytes.extend(rubbish);
            prop_assert!(read(&bytes).0.is_empty());
        }
    }
}
