//! Counts what a store is asked for, over any engine: tests show with it what a call costs, without looking at a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use alcazar_core::Timestamp;

use crate::{
    AppendError, Fact, Frame, KeyRange, Pending, Position, RecordPage, RecordQuery, Row, Rows, Store,
    StoreError,
};

/// A store that counts the rows it is asked for.
pub struct CountingStore {
    inner: Arc<dyn Store>,
    rows: AtomicUsize,
}

impl CountingStore {
    /// Wraps a store.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, rows: AtomicUsize::new(0) }
    }

    /// How many rows were read since the last time this was asked: each lookup counts as one, whether it was in memory and whether
    /// there was a row, and each row of a scan.
    pub fn rows_read(&self) -> usize {
        self.rows.swap(0, Ordering::Relaxed)
    }

    fn count(&self, rows: usize) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for CountingStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CountingStore").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Store for CountingStore {
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        self.inner.append(frame)
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        // What is not in memory is counted when it is fetched.
        let row = self.inner.cached(key)?;
        self.count(1);
        Some(row)
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        self.count(1);
        self.inner.get(key)
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move {
            let rows = self.inner.scan(range, limit).await?;
            self.count(rows.len());
            Ok(rows)
        })
    }

    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move {
            let rows = self.inner.scan_back(range, limit).await?;
            self.count(rows.len());
            Ok(rows)
        })
    }

    fn changed_at(&self) -> Position {
        self.inner.changed_at()
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        self.inner.records(query)
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        self.inner.facts(after, limit)
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        self.inner.forget_records(before)
    }

    fn changed(&self, after: Position) -> Pending<'_, Position> {
        self.inner.changed(after)
    }

    fn close(&self) -> Pending<'_, Result<(), StoreError>> {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::engines::memory::MemoryStore;
    use crate::{Key, KeyWriter};

    #[tokio::test]
    async fn lookups_count_as_one_and_scans_as_what_they_give() {
        let store = CountingStore::new(Arc::new(MemoryStore::new()));
        let key = |name: &[u8]| -> Key { KeyWriter::new().part(b"t").part(name).finish() };
        let put = [b"a", b"b", b"c"].map(|name| (key(name), "x".into())).into();
        store.append(Frame { put, ..Frame::default() }).await.unwrap();
        assert_eq!(store.rows_read(), 0);
        store.get(key(b"a").as_bytes()).await.unwrap();
        store.cached(key(b"none").as_bytes()).unwrap();
        assert_eq!(store.rows_read(), 2);
        let all = KeyWriter::new().part(b"t").range();
        store.scan(&all, 2).await.unwrap();
        store.scan_back(&all, 10).await.unwrap();
        assert_eq!((store.rows_read(), store.rows_read()), (5, 0));
    }
}
