//! The engine in memory: the reference that the contract is easiest to read from, and the ground of the simulation.
//! Nothing survives the process. Faults are injected by [`super::faults`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alcazar_core::Timestamp;
use tokio::sync::watch;

use crate::{
    AppendError, Fact, Frame, Key, KeyRange, Pending, Position, RecordCursor, RecordEntry, RecordPage,
    RecordQuery, Row, Rows, Store, StoreError, Version,
};

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    closed: watch::Sender<bool>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    head: watch::Sender<Position>,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<Key, Arc<Row>>,
    records: Vec<(RecordCursor, RecordEntry)>,
    facts: Vec<(Position, Fact)>,
    head: Position,
    changed_at: Position,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        let head = watch::Sender::new(Position::default());
        Self { shared: Arc::new(Shared { state: Mutex::default(), head }), closed: watch::Sender::new(false) }
    }

    /// Another handle on the same data, open even if this one is closed: what reopening a durable store gives.
    #[must_use]
    pub fn reopened(&self) -> Self {
        Self { shared: self.shared.clone(), closed: watch::Sender::new(false) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave the state half changed: nothing in `apply` can fail once it writes.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_now(&self, frame: Frame) -> Result<Position, AppendError> {
        if *self.closed.borrow() {
            return Err(StoreError::new("the store is closed").into());
        }
        let position = self.state().apply(frame)?;
        // Only ever forwards: another append may have been told before this one.
        self.shared.head.send_if_modified(|head| {
            position > *head && {
                *head = position;
                true
            }
        });
        Ok(position)
    }
}

impl State {
    fn row(&self, key: &[u8]) -> Option<&Arc<Row>> {
        self.rows.get(key)
    }

    fn range<'a>(
        &'a self,
        range: &KeyRange,
    ) -> impl DoubleEndedIterator<Item = (&'a Key, &'a Arc<Row>)> + use<'a> {
        // BTreeMap panics on a range that ends before it starts; such a range is empty.
        let end = range.end.clone().max(range.start.clone());
        self.rows.range(range.start.clone()..end)
    }

    fn expectations_hold(&self, frame: &Frame) -> bool {
        let nothing_changed = frame.read_at > Position(0) && self.changed_at <= frame.read_at;
        nothing_changed
            || (frame.expect.iter().all(|(key, version)| {
                self.row(key.as_bytes()).map_or(Version::ABSENT, |row| row.version) == *version
            }) && frame.expect_empty.iter().all(|range| self.range(range).next().is_none()))
    }

    fn apply(&mut self, frame: Frame) -> Result<Position, AppendError> {
        if !self.expectations_hold(&frame) {
            return Err(AppendError::Conflict);
        }
        let position = Position(self.head.0 + 1);
        self.head = position;
        if frame.changes_rows() {
            self.changed_at = position;
        }
        for key in frame.delete {
            self.rows.remove(&key);
        }
        for (key, value) in frame.put {
            self.rows.insert(key, Arc::new(Row::new(Version(position.0), value)));
        }
        let cursors = (0..).map(|number| RecordCursor(position, number));
        self.records.extend(cursors.zip(frame.records));
        self.facts.extend(frame.facts.into_iter().map(|fact| (position, fact)));
        Ok(position)
    }

    fn page(&self, query: &RecordQuery) -> RecordPage {
        let mut found = self
            .records
            .iter()
            .rev()
            .filter(|(cursor, _)| query.after.is_none_or(|after| *cursor < after))
            .filter(|(_, record)| query.matches(record));
        let records: Vec<_> =
            found.by_ref().take(query.limit).map(|(at, record)| (*at, record.body.clone())).collect();
        RecordPage { records, more: found.next().is_some() }
    }

    fn facts(&self, after: Position, limit: usize) -> Vec<(Position, Fact)> {
        let start = self.facts.partition_point(|(position, _)| *position <= after);
        crate::frame::whole_frames(self.facts.iter().skip(start).cloned(), limit)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        Box::pin(async move { self.append_now(frame) })
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        Some(self.state().row(key).cloned().unwrap_or_default())
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        Box::pin(async move { Ok(self.state().row(key).cloned().unwrap_or_default()) })
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move {
            Ok(self.state().range(range).take(limit).map(|(key, row)| (key.clone(), row.clone())).collect())
        })
    }

    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move {
            let state = self.state();
            let rows = state.range(range).rev().take(limit);
            Ok(rows.map(|(key, row)| (key.clone(), row.clone())).collect())
        })
    }

    fn changed_at(&self) -> Position {
        self.state().changed_at
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        Box::pin(async move { Ok(self.state().page(query)) })
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        Box::pin(async move { Ok(self.state().facts(after, limit)) })
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut state = self.state();
            let held = state.records.len();
            state.records.retain(|(_, record)| record.time >= before);
            Ok((held - state.records.len()) as u64)
        })
    }

    fn changed(&self, after: Position) -> Pending<'_, Position> {
        Box::pin(async move {
            let mut head = self.shared.head.subscribe();
            // The sender lives as long as this store does.
            head.wait_for(|head| *head > after).await.map_or(after, |head| *head)
        })
    }

    fn close(&self) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.closed.send_replace(true);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::KeyWriter;

    #[tokio::test]
    async fn a_frame_read_after_the_newest_change_is_not_compared() {
        let store = MemoryStore::new();
        let key = KeyWriter::new().part(b"a").finish();
        let put = |read_at, version| Frame {
            read_at,
            expect: vec![(key.clone(), version)],
            put: vec![(key.clone(), "x".into())],
            ..Frame::default()
        };
        let first = store.append(put(Position(0), Version::ABSENT)).await.unwrap();
        assert_eq!(store.changed_at(), first);
        assert!(matches!(store.append(put(Position(0), Version::ABSENT)).await, Err(AppendError::Conflict)));
        store.append(put(first, Version(first.0))).await.unwrap();
        assert!(matches!(store.append(put(first, Version(first.0))).await, Err(AppendError::Conflict)));
    }
}
