//! Storage: one ordered log is the truth, and a view over keys is made of it.
//!
//! A call's state change, its record and the facts it tells are one [`Frame`], appended or refused as a whole and durable
//! when [`Store::append`] returns. Three engines implement the trait, proven by one contract suite ([`contract`]):
//! [`engines::embedded`] (a log of segments with a SQLite view), [`engines::memory`] (with injected faults) and
//! [`engines::postgres`].

#[doc(hidden)]
pub mod contract;
pub mod engines;
mod frame;
mod key;
mod layer;
mod record;
mod row;
pub mod seal;
mod stored;
mod table;

pub use frame::{AppendError, Fact, Frame, Position, StoreError};
pub use key::{Key, KeyRange, KeyWriter, Scope, ScopeKind};
pub use layer::Layer;
pub use record::{Attribute, RecordClass, RecordCursor, RecordEntry, RecordPage, RecordQuery};
pub use row::{Row, Version};
pub use table::{KeyPart, Record, Table, TableError};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use alcazar_core::Timestamp;

/// A future on the heap: what a trait object's asynchronous methods return.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Rows with their keys, in key order.
pub type Rows = Vec<(Key, Arc<Row>)>;

/// A log with a view over keys. Engines are shared between threads; every method may be called at any time.
pub trait Store: Send + Sync + 'static {
    /// Appends the frame when all its expectations hold, and returns when it is durable and visible to [`Store::get`].
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when an expectation does not hold: nothing has happened. Any other error: the frame may
    /// or may not be there after a restart, and the caller must not be told that it is.
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>>;

    /// The row of that key when it can be told without waiting: `Some(row)` if it is in memory, where an absent row is a
    /// row of [`Version::ABSENT`]; `None` when [`Store::get`] must be asked.
    fn cached(&self, key: &[u8]) -> Option<Arc<Row>>;

    /// The row of that key. An absent row is a row of [`Version::ABSENT`], so that its absence can be expected too.
    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>>;

    /// At most `limit` rows of the range in key order, each with its key.
    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>>;

    /// The same from the end: at most `limit` rows of the range, the last key first.
    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>>;

    /// The position of the newest frame that changed a row and is visible. Read it before the rows: a frame with
    /// [`Frame::read_at`] at or after the newest change needs no comparison of versions.
    fn changed_at(&self) -> Position;

    /// Records, newest first.
    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>>;

    /// Facts after that position, oldest first, at most `limit`, but never a part of a frame's: a page ends where a frame
    /// ends, and the first frame comes whole. So the last position is where the next page continues.
    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>>;

    /// Forgets records older than `before`, as far as whole units of storage allow; returns how many are gone.
    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>>;

    /// Waits until a frame after that position is visible.
    fn changed(&self, after: Position) -> Pending<'_, Position>;

    /// Makes everything durable and stops; later appends are refused.
    fn close(&self) -> Pending<'_, Result<(), StoreError>>;
}
