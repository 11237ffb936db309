//! The segments, for those who read records and facts.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use alcazar_core::Timestamp;
use bytes::Bytes;

use super::error::EmbeddedError;
use super::index::Index;
use super::sealed::Sealed;
use super::segment::{self, SegmentHeader};
use crate::stored::{StoredFrame, StoredRecord, query_terms};
use crate::{Fact, Position, RecordCursor, RecordPage, RecordQuery};

/// All segments, oldest first: the sealed ones, then the raw ones, of which the last is appended to.
#[derive(Debug, Default)]
pub(super) struct History(RwLock<Parts>);

#[derive(Debug, Default, Clone)]
pub(super) struct Parts {
    pub(super) sealed: Vec<Arc<Sealed>>,
    pub(super) raw: Vec<Arc<Raw>>,
}

/// A raw segment that is open. Reading goes on when its name has been removed.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) header: SegmentHeader,
    pub(super) path: PathBuf,
    pub(super) file: File,
    index: Mutex<Index>,
}

impl Raw {
    pub(super) fn new(header: SegmentHeader, path: PathBuf, file: File, index: Index) -> Self {
        Self { header, path, file, index: Mutex::new(index) }
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(
        &self,
        query: &RecordQuery,
        terms: &[u32],
        want: usize,
        found: &mut Vec<(RecordCursor, Bytes)>,
    ) -> Result<(), EmbeddedError> {
        let covers = |time| query.covers(Timestamp::from_millis(time));
        let mut below = query.after;
        while found.len() < want {
            let candidates = self.index().candidates(terms, below, covers, (want - found.len()).min(256));
            let Some(last) = candidates.last() else { return Ok(()) };
            below = Some(last.cursor);
            for entry in candidates {
                let damaged = || EmbeddedError::damaged(&self.path, format!("the frame at {}", entry.offset));
                let (_, body) = segment::read_frame(&self.file, &self.path, u64::from(entry.offset))?;
                let frame = StoredFrame::read(&body).ok_or_else(damaged)?;
                let record = frame.records.get(entry.cursor.1 as usize).copied().and_then(StoredRecord::read);
                let record = record.ok_or_else(damaged)?;
                if record.matches(query) {
                    found.push((entry.cursor, Bytes::copy_from_slice(record.body)));
                }
            }
        }
        Ok(())
    }

    fn facts(
        &self,
        after: Position,
        limit: usize,
        found: &mut Vec<(Position, Fact)>,
    ) -> Result<(), EmbeddedError> {
        let frames: Vec<(u64, u32)> = {
            let index = self.index();
            let start = index.facts.partition_point(|(position, _)| *position <= after.0);
            // Every such frame has a fact at least, so no more frames than that are needed.
            index.facts.iter().skip(start).take(limit.saturating_add(1)).copied().collect()
        };
        for (position, offset) in frames {
            if found.len() > limit {
                return Ok(());
            }
            let (_, body) = segment::read_frame(&self.file, &self.path, u64::from(offset))?;
            let frame = StoredFrame::read(&body);
            let frame =
                frame.ok_or_else(|| EmbeddedError::damaged(&self.path, format!("the frame at {offset}")))?;
            found.extend(frame.facts.into_iter().map(|(name, body)| {
                (Position(position), Fact { name: name.to_owned(), body: Bytes::copy_from_slice(body) })
            }));
        }
        Ok(())
    }
}

impl History {
    pub(super) fn new(parts: Parts) -> Self {
        Self(RwLock::new(parts))
    }

    pub(super) fn parts(&self) -> Parts {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A new segment to append to.
    pub(super) fn push(&self, raw: Arc<Raw>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).raw.push(raw);
    }

    /// The oldest raw segment has been sealed.
    pub(super) fn replace_oldest_raw(&self, sealed: Arc<Sealed>) {
        let mut parts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        parts.raw.remove(0);
        parts.sealed.push(sealed);
    }

    /// Drops so many of the oldest sealed segments.
    pub(super) fn forget(&self, count: usize) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).sealed.drain(..count);
    }

    /// A page of records.
    pub(super) fn records(&self, query: &RecordQuery) -> Result<RecordPage, EmbeddedError> {
        let parts = self.parts();
        let (terms, want) = (query_terms(query), query.limit.saturating_add(1));
        let mut records = Vec::new();
        for raw in parts.raw.iter().rev() {
            raw.find(query, &terms, want, &mut records)?;
        }
        for sealed in parts.sealed.iter().rev() {
            if records.len() >= want {
                break;
            }
            sealed.find(query, &terms, want, &mut records)?;
        }
        let more = records.len() > query.limit;
        records.truncate(query.limit);
        Ok(RecordPage { records, more })
    }

    /// A page of facts.
    pub(super) fn facts(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<(Position, Fact)>, EmbeddedError> {
        let parts = self.parts();
        let mut facts = Vec::new();
        for sealed in &parts.sealed {
            sealed.facts(after, limit, &mut facts)?;
        }
        for raw in &parts.raw {
            raw.facts(after, limit, &mut facts)?;
        }
        Ok(crate::frame::whole_frames(facts, limit))
    }
}
