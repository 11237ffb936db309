//! What a sealed segment ends with.

use std::path::Path;

use super::error::EmbeddedError;
use super::{FORMAT, OLDEST_READER};
use crate::stored::Reader;

pub(super) const FOOTER: usize = 104;
const MAGIC: &[u8; 8] = b"ALCZSEA1";

/// What it holds, and where. In the file: magic, format:4, oldest_reader:4, the fields in order, crc:4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) number: u64,
    /// The positions of its first and last frame.
    pub(super) first: u64,
    pub(super) last: u64,
    /// The newest position up to `last` that changed rows.
    pub(super) changed: u64,
    /// In milliseconds, of its records.
    pub(super) oldest_time: i64,
    pub(super) newest_time: i64,
    /// Where the tables begin.
    pub(super) tables: u64,
    pub(super) tables_crc: u32,
    pub(super) blocks: u32,
    pub(super) records: u32,
    pub(super) facts: u32,
    pub(super) terms: u32,
    pub(super) lists: u32,
}

impl Footer {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&OLDEST_READER.to_le_bytes());
        for wide in [self.number, self.first, self.last, self.changed] {
            bytes.extend_from_slice(&wide.to_le_bytes());
        }
        bytes.extend_from_slice(&self.oldest_time.to_le_bytes());
        bytes.extend_from_slice(&self.newest_time.to_le_bytes());
        bytes.extend_from_slice(&self.tables.to_le_bytes());
        for count in [self.tables_crc, self.blocks, self.records, self.facts, self.terms, self.lists] {
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        // Room for a later field that an older reader need not know.
        bytes.resize(FOOTER - 4, 0);
        let crc = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn read(path: &Path, bytes: &[u8; FOOTER]) -> Result<Self, EmbeddedError> {
        let damaged = || EmbeddedError::damaged(path, "its footer");
        let (content, crc) = bytes.split_at(FOOTER - 4);
        if crc32fast::hash(content).to_le_bytes() != *crc {
            return Err(damaged());
        }
        let mut reader = Reader(content);
        let mut parse = || {
            (reader.take(8)? == MAGIC).then_some(())?;
            let _format = reader.array::<4>()?;
            let oldest_reader = u32::from_le_bytes(reader.array()?);
            let [number, first, last, changed] =
                [reader.array()?, reader.array()?, reader.array()?, reader.array()?].map(u64::from_le_bytes);
            let [oldest_time, newest_time] = [reader.array()?, reader.array()?].map(i64::from_le_bytes);
            let tables = u64::from_le_bytes(reader.array()?);
            let mut count = || reader.array().map(u32::from_le_bytes);
            let (tables_crc, blocks, records) = (count()?, count()?, count()?);
            let (facts, terms, lists) = (count()?, count()?, count()?);
            let footer = Self {
                number,
                first,
                last,
                changed,
                oldest_time,
                newest_time,
                tables,
                tables_crc,
                blocks,
                records,
                facts,
                terms,
                lists,
            };
            Some((oldest_reader, footer))
        };
        match parse().ok_or_else(damaged)? {
            (oldest_reader, _) if oldest_reader > FORMAT => {
                Err(EmbeddedError::NewerFormat { path: path.to_owned(), oldest_reader })
            }
            (_, footer) => Ok(footer),
        }
    }

    pub(super) fn records_at(&self) -> u64 {
        self.tables + 16 * u64::from(self.blocks)
    }

    pub(super) fn facts_at(&self) -> u64 {
        self.records_at() + 32 * u64::from(self.records)
    }

    pub(super) fn terms_at(&self) -> u64 {
        self.facts_at() + 16 * u64::from(self.facts)
    }

    pub(super) fn lists_at(&self) -> u64 {
        self.terms_at() + 8 * u64::from(self.terms)
    }

    pub(super) fn tables_length(&self) -> usize {
        (self.lists_at() - self.tables) as usize + 4 * self.lists as usize
    }
}
