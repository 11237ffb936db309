//! A sealed segment: the records and facts of a full segment, compressed in blocks, with tables to find them by. Row changes
//! are dropped: the view has them, durably, before the raw segment goes.
//!
//! ```text
//! blocks   zstd frames with checksums: records, and facts
//! tables   blocks   offset:8 stored:4 plain:4
//!          records  time:8 position:8 number:4 block:4 start:4 length:4, in the order of the log
//!          facts    position:8 block:4 start:4
//!          terms    term:4 end:4, by term; a term's list begins where the one before ends
//!          lists    record:4, ascending
//! footer   see `Footer`
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::error::EmbeddedError;
use super::footer::{FOOTER, Footer};
use super::index::Index;
use super::sealing::Builder;
use super::segment::SegmentHeader;
use crate::stored::{Reader, StoredRecord};
use crate::{Fact, Position, RecordCursor, RecordQuery};
use bytes::Bytes;

/// A sealed segment on the disk. The file is opened for each use: there may be thousands.
#[derive(Debug)]
pub(super) struct Sealed {
    path: PathBuf,
    pub(super) footer: Footer,
    tables_verified: OnceLock<()>,
}

/// A sealed segment that is open, with the block that was read last.
struct Open<'a> {
    sealed: &'a Sealed,
    file: File,
    block: Option<(u32, Vec<u8>)>,
}

impl Sealed {
    /// Reads the footer.
    pub(super) fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let read = || -> io::Result<_> {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            let mut footer = [0; FOOTER];
            file.read_exact_at(&mut footer, length.saturating_sub(FOOTER as u64))?;
            Ok(footer)
        };
        let footer = match read() {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(EmbeddedError::damaged(path, "it is too short"));
            }
            read => read.map_err(EmbeddedError::io("read", path))?,
        };
        let footer = Footer::read(path, &footer)?;
        Ok(Self { path: path.to_owned(), footer, tables_verified: OnceLock::new() })
    }

    /// Seals a raw segment: writes the file, durably, and opens it.
    pub(super) fn write(
        path: &Path,
        segment: SegmentHeader,
        raw: &[u8],
        index: &Index,
    ) -> Result<Self, EmbeddedError> {
        let bytes = Builder::build(path, segment, raw, index)?;
        let fresh = path.with_extension("new");
        let written = super::folder::private().create(true).write(true).truncate(true).open(&fresh);
        let written = written.and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(EmbeddedError::io("write", &fresh))?;
        fs::rename(&fresh, path).map_err(EmbeddedError::io("rename", &fresh))?;
        super::folder::sync_folder(path)?;
        Self::open(path)
    }

    pub(super) fn remove(&self) -> Result<(), EmbeddedError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(EmbeddedError::io("remove", &self.path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Adds the records that are asked for, newest first, until there are `want`.
    pub(super) fn find(
        &self,
        query: &RecordQuery,
        terms: &[u32],
        want: usize,
        found: &mut Vec<(RecordCursor, Bytes)>,
    ) -> Result<(), EmbeddedError> {
        let misses = query.from.is_some_and(|from| from.millis() > self.footer.newest_time)
            || query.to.is_some_and(|to| to.millis() < self.footer.oldest_time)
            || query.after.is_some_and(|after| after.0.0 < self.footer.first);
        if misses || self.footer.records == 0 {
            return Ok(());
        }
        let Some(mut open) = self.opened()? else { return Ok(()) };
        let list = open.lists(terms)?;
        for number in list.into_iter().rev() {
            if found.len() >= want {
                break;
            }
            let (cursor, time, place) = open.record(number)?;
            let wanted = query.after.is_none_or(|after| cursor < after)
                && query.covers(alcazar_core::Timestamp::from_millis(time));
            if wanted && let Some(body) = open.matching(place, query)? {
                found.push((cursor, body));
            }
        }
        Ok(())
    }

    /// Adds facts after that position, oldest first, until there are more than `limit`.
    pub(super) fn facts(
        &self,
        after: Position,
        limit: usize,
        found: &mut Vec<(Position, Fact)>,
    ) -> Result<(), EmbeddedError> {
        if self.footer.facts == 0 || self.footer.last <= after.0 {
            return Ok(());
        }
        let Some(mut open) = self.opened()? else { return Ok(()) };
        for number in open.first_fact_after(after)?..self.footer.facts {
            let (position, block, start) = open.fact_place(number)?;
            // A frame's facts come whole, see `whole_frames`.
            if found.len() > limit && found.last().is_some_and(|(last, _)| *last != position) {
                break;
            }
            found.push((position, open.fact(block, start)?));
        }
        Ok(())
    }

    /// `None` when it was forgotten meanwhile.
    fn opened(&self) -> Result<Option<Open<'_>>, EmbeddedError> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(EmbeddedError::io("open", &self.path))?,
        };
        if self.tables_verified.get().is_none() {
            let mut tables = vec![0; self.footer.tables_length()];
            file.read_exact_at(&mut tables, self.footer.tables)
                .map_err(EmbeddedError::io("read", &self.path))?;
            if crc32fast::hash(&tables) != self.footer.tables_crc {
                return Err(EmbeddedError::damaged(&self.path, "its tables"));
            }
            let _ = self.tables_verified.set(());
        }
        Ok(Some(Open { sealed: self, file, block: None }))
    }
}

/// Where something lies: block, start, length.
type Place = (u32, u32, u32);

impl Open<'_> {
    fn damaged(&self, what: &str) -> EmbeddedError {
        EmbeddedError::damaged(&self.sealed.path, what)
    }

    fn read<const N: usize>(&self, offset: u64) -> Result<[u8; N], EmbeddedError> {
        let mut bytes = [0; N];
        self.file.read_exact_at(&mut bytes, offset).map_err(EmbeddedError::io("read", &self.sealed.path))?;
        Ok(bytes)
    }

    fn term(&self, number: u32) -> Result<(u32, u32), EmbeddedError> {
        let row: [u8; 8] = self.read(self.sealed.footer.terms_at() + 8 * u64::from(number))?;
        let row = u64::from_le_bytes(row);
        Ok((row as u32, (row >> 32) as u32))
    }

    /// The records under any of these terms, in the order of the log.
    fn lists(&self, wanted: &[u32]) -> Result<Vec<u32>, EmbeddedError> {
        let mut records = Vec::new();
        for term in wanted {
            records.extend(self.list(*term)?);
        }
        if wanted.len() > 1 {
            // A record may stand under two of them, for terms are checksums.
            records.sort_unstable();
            records.dedup();
        }
        Ok(records)
    }

    /// The records under that term.
    fn list(&self, wanted: u32) -> Result<Vec<u32>, EmbeddedError> {
        let (mut low, mut high) = (0, self.sealed.footer.terms);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.term(middle)?.0 < wanted { low = middle + 1 } else { high = middle }
        }
        if low == self.sealed.footer.terms {
            return Ok(Vec::new());
        }
        let (term, end) = self.term(low)?;
        let start = if low == 0 { 0 } else { self.term(low - 1)?.1 };
        if term != wanted {
            return Ok(Vec::new());
        }
        let mut list = vec![0; 4 * end.saturating_sub(start) as usize];
        let offset = self.sealed.footer.lists_at() + 4 * u64::from(start);
        self.file.read_exact_at(&mut list, offset).map_err(EmbeddedError::io("read", &self.sealed.path))?;
        Ok(list.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect())
    }

    fn record(&self, number: u32) -> Result<(RecordCursor, i64, Place), EmbeddedError> {
        let row: [u8; 32] = self.read(self.sealed.footer.records_at() + 32 * u64::from(number))?;
        let mut reader = Reader(&row);
        let mut parse = || {
            let time = i64::from_le_bytes(reader.array()?);
            let position = Position(u64::from_le_bytes(reader.array()?));
            let [number, block, start, length] =
                [reader.array()?, reader.array()?, reader.array()?, reader.array()?].map(u32::from_le_bytes);
            Some((RecordCursor(position, number), time, (block, start, length)))
        };
        parse().ok_or_else(|| self.damaged("a record's row"))
    }

    /// The body of the record if it is asked for.
    fn matching(
        &mut self,
        (block, start, length): Place,
        query: &RecordQuery,
    ) -> Result<Option<Bytes>, EmbeddedError> {
        let (start, length) = (start as usize, length as usize);
        let stored = self.block(block)?.get(start..start + length).and_then(StoredRecord::read);
        match stored {
            Some(record) => Ok(record.matches(query).then(|| Bytes::copy_from_slice(record.body))),
            None => Err(self.damaged("a record")),
        }
    }

    fn first_fact_after(&self, after: Position) -> Result<u32, EmbeddedError> {
        let (mut low, mut high) = (0, self.sealed.footer.facts);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.fact_place(middle)?.0 <= after { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    fn fact_place(&self, number: u32) -> Result<(Position, u32, u32), EmbeddedError> {
        let row: [u8; 16] = self.read(self.sealed.footer.facts_at() + 16 * u64::from(number))?;
        let mut reader = Reader(&row);
        let mut parse = || {
            let position = Position(u64::from_le_bytes(reader.array()?));
            let [block, start] = [reader.array()?, reader.array()?].map(u32::from_le_bytes);
            Some((position, block, start))
        };
        parse().ok_or_else(|| self.damaged("a fact's row"))
    }

    fn fact(&mut self, block: u32, start: u32) -> Result<Fact, EmbeddedError> {
        let mut reader = Reader(self.block(block)?.get(start as usize..).unwrap_or_default());
        let mut parse = || {
            let name = std::str::from_utf8(reader.bytes()?).ok()?.to_owned();
            Some(Fact { name, body: Bytes::copy_from_slice(reader.bytes()?) })
        };
        parse().ok_or_else(|| self.damaged("a fact"))
    }

    fn block(&mut self, number: u32) -> Result<&[u8], EmbeddedError> {
        if self.block.as_ref().is_none_or(|(held, _)| *held != number) {
            let plain = self.load(number)?;
            self.block = Some((number, plain));
        }
        Ok(self.block.as_ref().map(|(_, plain)| &plain[..]).unwrap_or_default())
    }

    fn load(&self, number: u32) -> Result<Vec<u8>, EmbeddedError> {
        if number >= self.sealed.footer.blocks {
            return Err(self.damaged("the number of a block"));
        }
        let row: [u8; 16] = self.read(self.sealed.footer.tables + 16 * u64::from(number))?;
        let row = u128::from_le_bytes(row);
        let (offset, stored, plain) = (row as u64, (row >> 64) as u32, (row >> 96) as u32);
        let mut block = vec![0; stored as usize];
        self.file.read_exact_at(&mut block, offset).map_err(EmbeddedError::io("read", &self.sealed.path))?;
        zstd::bulk::decompress(&block, plain as usize).map_err(|_| self.damaged("a block"))
    }
}
