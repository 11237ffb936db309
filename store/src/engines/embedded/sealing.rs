//! Makes the file of a sealed segment; its form is told in `sealed`.

use std::path::Path;

use zstd::bulk::Compressor;

use super::error::EmbeddedError;
use super::footer::Footer;
use super::index::Index;
use super::segment::{self, SegmentHeader};
use crate::RecordCursor;
use crate::stored::{StoredFrame, write_bytes};

/// How much is compressed together, and how hard: lightly, for what is spent here is missing to the calls.
const BLOCK: usize = 64 << 10;
const LEVEL: i32 = 1;

/// Collects a raw segment's records and facts.
pub(super) struct Builder<'a> {
    path: &'a Path,
    compressor: Compressor<'static>,
    file: Vec<u8>,
    block: Vec<u8>,
    blocks: Vec<u8>,
    block_count: u32,
    records: Vec<u8>,
    facts: Vec<u8>,
    fact_count: u32,
    last: u64,
}

impl Builder<'_> {
    /// The whole file of a raw segment.
    pub(super) fn build(
        path: &Path,
        segment: SegmentHeader,
        raw: &[u8],
        index: &Index,
    ) -> Result<Vec<u8>, EmbeddedError> {
        let compressor = Compressor::new(LEVEL).and_then(|mut compressor| {
            compressor.include_checksum(true)?;
            Ok(compressor)
        });
        let mut builder = Builder {
            path,
            compressor: compressor.map_err(EmbeddedError::io("compress", path))?,
            file: Vec::with_capacity(raw.len() / 3),
            block: Vec::with_capacity(2 * BLOCK),
            blocks: Vec::new(),
            block_count: 0,
            records: Vec::new(),
            facts: Vec::new(),
            fact_count: 0,
            last: segment.first.saturating_sub(1),
        };
        let mut entries = index.records.iter();
        segment::frames(raw, segment, |found| {
            builder.last = found.header.position;
            let stored = StoredFrame::read(found.body);
            let stored = stored.ok_or_else(|| EmbeddedError::damaged(path, "a frame to be sealed"))?;
            for record in stored.records {
                let entry =
                    entries.next().ok_or_else(|| EmbeddedError::damaged(path, "its index in memory"))?;
                builder.add_record(entry.cursor, entry.time, record)?;
            }
            for (name, body) in stored.facts {
                builder.add_fact(found.header.position, name, body)?;
            }
            Ok(())
        })?;
        builder.end_block()?;
        Ok(builder.finish(segment, index))
    }

    fn add_record(&mut self, cursor: RecordCursor, time: i64, record: &[u8]) -> Result<(), EmbeddedError> {
        self.records.extend_from_slice(&time.to_le_bytes());
        self.records.extend_from_slice(&cursor.0.0.to_le_bytes());
        for number in [cursor.1, self.block_count, self.block.len() as u32, record.len() as u32] {
            self.records.extend_from_slice(&number.to_le_bytes());
        }
        self.block.extend_from_slice(record);
        self.end_full_block()
    }

    fn add_fact(&mut self, position: u64, name: &str, body: &[u8]) -> Result<(), EmbeddedError> {
        self.facts.extend_from_slice(&position.to_le_bytes());
        self.facts.extend_from_slice(&self.block_count.to_le_bytes());
        self.facts.extend_from_slice(&(self.block.len() as u32).to_le_bytes());
        self.fact_count += 1;
        write_bytes(&mut self.block, name.as_bytes());
        write_bytes(&mut self.block, body);
        self.end_full_block()
    }

    fn end_full_block(&mut self) -> Result<(), EmbeddedError> {
        if self.block.len() >= BLOCK { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> Result<(), EmbeddedError> {
        if self.block.is_empty() {
            return Ok(());
        }
        let compressed = self.compressor.compress(&self.block);
        let compressed = compressed.map_err(EmbeddedError::io("compress", self.path))?;
        self.blocks.extend_from_slice(&(self.file.len() as u64).to_le_bytes());
        self.blocks.extend_from_slice(&(compressed.len() as u32).to_le_bytes());
        self.blocks.extend_from_slice(&(self.block.len() as u32).to_le_bytes());
        self.block_count += 1;
        self.file.extend_from_slice(&compressed);
        self.block.clear();
        Ok(())
    }

    fn finish(mut self, segment: SegmentHeader, index: &Index) -> Vec<u8> {
        let (terms, lists) = postings(index);
        let tables = self.file.len();
        for table in [&self.blocks, &self.records, &self.facts, &terms, &lists] {
            self.file.extend_from_slice(table);
        }
        let times = || index.records.iter().map(|entry| entry.time);
        let footer = Footer {
            number: segment.number,
            first: segment.first,
            last: self.last,
            changed: index.changed.max(segment.changed_before),
            oldest_time: times().min().unwrap_or(i64::MAX),
            newest_time: times().max().unwrap_or(i64::MIN),
            tables: tables as u64,
            tables_crc: crc32fast::hash(self.file.get(tables..).unwrap_or_default()),
            blocks: self.block_count,
            records: index.records.len() as u32,
            facts: self.fact_count,
            terms: (terms.len() / 8) as u32,
            lists: (lists.len() / 4) as u32,
        };
        self.file.extend_from_slice(&footer.to_bytes());
        self.file
    }
}

/// The tables of terms and of lists.
fn postings(index: &Index) -> (Vec<u8>, Vec<u8>) {
    let numbers = 0..index.records.len();
    let mut pairs: Vec<(u32, u32)> = numbers
        .flat_map(|number| index.terms(number).iter().map(move |term| (*term, number as u32)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let (mut terms, mut lists) = (Vec::new(), Vec::with_capacity(4 * pairs.len()));
    for group in pairs.chunk_by(|a, b| a.0 == b.0) {
        for (_, number) in group {
            lists.extend_from_slice(&number.to_le_bytes());
        }
        let term = group.first().map_or(0, |(term, _)| *term);
        terms.extend_from_slice(&term.to_le_bytes());
        terms.extend_from_slice(&((lists.len() / 4) as u32).to_le_bytes());
    }
    (terms, lists)
}
