//! Stores over stores: what a wrapper does not change is asked of the store beneath.

use std::sync::Arc;

use alcazar_core::Timestamp;

use crate::{
    AppendError, Fact, Frame, KeyRange, Pending, Position, RecordPage, RecordQuery, Row, Rows, Store,
    StoreError,
};

/// A [`Store`] over another, for tests and simulation. It writes only the methods in which it differs; the others ask the store
/// beneath. Each promises what the method of that name in [`Store`] promises.
pub trait Layer: Send + Sync + 'static {
    /// The store beneath.
    fn beneath(&self) -> &dyn Store;

    /// See [`Store::append`].
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        self.beneath().append(frame)
    }

    /// See [`Store::cached`].
    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        self.beneath().cached(key)
    }

    /// See [`Store::get`].
    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        self.beneath().get(key)
    }

    /// See [`Store::scan`].
    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        self.beneath().scan(range, limit)
    }

    /// See [`Store::scan_back`].
    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        self.beneath().scan_back(range, limit)
    }

    /// See [`Store::changed_at`].
    fn changed_at(&self) -> Position {
        self.beneath().changed_at()
    }

    /// See [`Store::records`].
    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        self.beneath().records(query)
    }

    /// See [`Store::facts`].
    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        self.beneath().facts(after, limit)
    }

    /// See [`Store::forget_records`].
    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        self.beneath().forget_records(before)
    }

    /// See [`Store::changed`].
    fn changed(&self, after: Position) -> Pending<'_, Position> {
        self.beneath().changed(after)
    }

    /// See [`Store::close`].
    fn close(&self) -> Pending<'_, Result<(), StoreError>> {
        self.beneath().close()
    }
}

impl<L: Layer> Store for L {
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        Layer::append(self, frame)
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        Layer::cached(self, key)
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        Layer::get(self, key)
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Layer::scan(self, range, limit)
    }

    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Layer::scan_back(self, range, limit)
    }

    fn changed_at(&self) -> Position {
        Layer::changed_at(self)
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        Layer::records(self, query)
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        Layer::facts(self, after, limit)
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        Layer::forget_records(self, before)
    }

    fn changed(&self, after: Position) -> Pending<'_, Position> {
        Layer::changed(self, after)
    }

    fn close(&self) -> Pending<'_, Result<(), StoreError>> {
        Layer::close(self)
    }
}
