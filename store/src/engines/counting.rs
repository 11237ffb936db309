//! Counts what a store is asked for, over any engine: tests show with it what a call costs, without looking at a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{KeyRange, Layer, Pending, Row, Rows, Store, StoreError};

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

impl Layer for CountingStore {
    fn beneath(&self) -> &dyn Store {
        &*self.inner
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
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::sync::Arc;

    use super::CountingStore;
    use crate::engines::memory::MemoryStore;
    use crate::{Frame, Key, KeyWriter, Store};

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
