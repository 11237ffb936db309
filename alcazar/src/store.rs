//! The store as the program opens it: the embedded engine, with its appends counted.

use std::path::Path;
use std::sync::Arc;

use alcazar_core::Timestamp;
use alcazar_store::engines::embedded::{EmbeddedOptions, EmbeddedStore};
use alcazar_store::{
    AppendError, Fact, Frame, Key, KeyRange, Pending, Position, RecordPage, RecordQuery, Row, Store,
    StoreError,
};

use crate::metrics::Metrics;
use crate::private;

/// Opens the store in that folder, or makes an empty one. Blocks while the end of its log is read.
///
/// # Errors
/// When it is in use, damaged, of a newer form, or cannot be read or written.
pub(crate) fn open(folder: &Path, metrics: Arc<Metrics>) -> Result<Arc<dyn Store>, String> {
    let told = |error: &dyn std::fmt::Display| format!("the store in {}: {error}", folder.display());
    private::folder(folder).map_err(|error| told(&error))?;
    let engine = EmbeddedStore::open(folder, &EmbeddedOptions::default()).map_err(|error| told(&error))?;
    Ok(Arc::new(Counted { engine, metrics }))
}

/// A store that counts what is appended.
struct Counted {
    engine: EmbeddedStore,
    metrics: Arc<Metrics>,
}

impl Store for Counted {
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        Box::pin(async move {
            let appended = self.engine.append(frame).await;
            match &appended {
                Ok(position) => self.metrics.appended(Some(position.0)),
                Err(AppendError::Store(_)) => self.metrics.appended(None),
                Err(AppendError::Conflict) => {}
            }
            appended
        })
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        self.engine.cached(key)
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        self.engine.get(key)
    }

    fn scan<'a>(
        &'a self,
        range: &'a KeyRange,
        limit: usize,
    ) -> Pending<'a, Result<Vec<(Key, Arc<Row>)>, StoreError>> {
        self.engine.scan(range, limit)
    }

    fn changed_at(&self) -> Position {
        self.engine.changed_at()
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        self.engine.records(query)
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        self.engine.facts(after, limit)
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        self.engine.forget_records(before)
    }

    fn changed(&self, after: Position) -> Pending<'_, Position> {
        self.engine.changed(after)
    }

    fn close(&self) -> Pending<'_, Result<(), StoreError>> {
        self.engine.close()
    }
}
