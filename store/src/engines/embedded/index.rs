//! What the records of a raw segment can be found by, in memory: the same terms that a sealed segment carries in its file.

use crate::Position;
use crate::RecordCursor;

/// The index of one raw segment. Records are in the order of the log.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) records: Vec<Entry>,
    /// The terms of all records, each record's beside the next one's.
    terms: Vec<u32>,
    /// Position and offset of the frames that have facts.
    pub(super) facts: Vec<(u64, u32)>,
    /// The newest frame that changed rows.
    pub(super) changed: u64,
}

/// A record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) cursor: RecordCursor,
    /// In milliseconds.
    pub(super) time: i64,
    /// Where its frame begins in the file.
    pub(super) offset: u32,
    terms_end: u32,
}

/// What the index needs to know of a frame; worked out by the caller, so that the writer need not.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// Time, and where the record's terms end.
    records: Vec<(i64, u32)>,
    terms: Vec<u32>,
    has_facts: bool,
    changes_rows: bool,
}

impl Summary {
    pub(super) fn of(frame: &crate::Frame) -> Self {
        let mut summary = Self::new(!frame.facts.is_empty(), frame.changes_rows());
        for record in &frame.records {
            crate::stored::record_terms(record, |term| summary.terms.push(term));
            summary.end_record(record.time.millis());
        }
        summary
    }

    /// From the log; `None` when a record cannot be read.
    pub(super) fn of_stored(frame: &crate::stored::StoredFrame<'_>) -> Option<Self> {
        let changes_rows = !(frame.puts.is_empty() && frame.deletes.is_empty());
        let mut summary = Self::new(!frame.facts.is_empty(), changes_rows);
        for record in &frame.records {
            let record = crate::stored::StoredRecord::read(record)?;
            record.terms(|term| summary.terms.push(term));
            summary.end_record(record.time);
        }
        Some(summary)
    }

    fn new(has_facts: bool, changes_rows: bool) -> Self {
        Self { has_facts, changes_rows, ..Self::default() }
    }

    fn end_record(&mut self, time: i64) {
        self.records.push((time, self.terms.len() as u32));
    }
}

impl Index {
    pub(super) fn add(&mut self, position: Position, offset: u32, summary: &Summary) {
        let start = self.terms.len() as u32;
        self.terms.extend_from_slice(&summary.terms);
        for (number, (time, end)) in (0..).zip(&summary.records) {
            let cursor = RecordCursor(position, number);
            self.records.push(Entry { cursor, time: *time, offset, terms_end: start + end });
        }
        if summary.has_facts {
            self.facts.push((position.0, offset));
        }
        if summary.changes_rows {
            self.changed = position.0;
        }
    }

    /// The terms of the record of that number.
    pub(super) fn terms(&self, number: usize) -> &[u32] {
        let end = |number: usize| self.records.get(number).map_or(0, |entry| entry.terms_end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.terms.get(start..end(number)).unwrap_or_default()
    }

    /// Whether the record of that number has one of these terms, which ascend.
    fn has_any(&self, number: usize, wanted: &[u32]) -> bool {
        let terms = self.terms(number);
        match wanted {
            [one] => terms.contains(one),
            many => terms.iter().any(|term| many.binary_search(term).is_ok()),
        }
    }

    /// The next candidates, newest first, below that record.
    pub(super) fn candidates(
        &self,
        terms: &[u32],
        below: Option<RecordCursor>,
        covers: impl Fn(i64) -> bool,
        limit: usize,
    ) -> Vec<Entry> {
        let end =
            below.map_or(self.records.len(), |below| self.records.partition_point(|e| e.cursor < below));
        let newest_first = self.records.iter().enumerate().take(end).rev();
        newest_first
            .filter(|(number, entry)| covers(entry.time) && self.has_any(*number, terms))
            .map(|(_, entry)| *entry)
            .take(limit)
            .collect()
    }
}
