use std::sync::Arc;

use alcazar_core::{AccountId, Region, Timestamp};
use alcazar_store::{
    AppendError, Frame, Key, KeyPart, KeyRange, Position, Record, RecordPage, RecordQuery, Row, Rows, Scope,
    Table, Version,
};

use crate::reader::{Reader, decoded};
use crate::{Caller, Circumstances, Failure, Universe};

/// Reads on behalf of one call. Every row read is remembered with its version: when the call commits, all of them must still be
/// as they were, or the call is decided again.
pub struct View {
    reader: Reader,
    caller: Arc<Caller>,
    circumstances: Arc<Circumstances>,
}

impl View {
    pub(crate) fn new(reader: Reader, caller: Arc<Caller>, circumstances: Arc<Circumstances>) -> Self {
        Self { reader, caller, circumstances }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(crate) fn caller_shared(&self) -> &Arc<Caller> {
        &self.caller
    }

    /// The caller's account.
    pub fn account(&self) -> AccountId {
        self.caller.account
    }

    /// The Region that was called.
    pub fn region(&self) -> Region {
        self.circumstances.region
    }

    /// The services' time, the same for the whole call.
    pub fn now(&self) -> Timestamp {
        self.circumstances.now
    }

    /// What else is known of the call.
    pub fn circumstances(&self) -> &Circumstances {
        &self.circumstances
    }

    /// The ports, the store and the seal.
    pub(crate) fn universe(&self) -> &Arc<Universe> {
        self.reader.universe()
    }

    /// The caller's account in the Region that was called.
    pub fn here(&self) -> Scope {
        Scope::Region(self.account(), self.region())
    }

    /// The row of that key, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn get<K, R>(
        &self,
        table: &Table<K, R>,
        scope: Scope,
        key: &K,
    ) -> Result<Option<Arc<R>>, Failure>
    where
        K: KeyPart + ?Sized + Sync,
        R: Record,
    {
        self.reader.get(table, scope, key).await
    }

    /// Rows of the range in key order, at most `limit`, after that key; with their keys, for the next page.
    /// They are not remembered: a list may be older than the answer by the time of the call.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page<K, R>(
        &self,
        table: &Table<K, R>,
        range: KeyRange,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Arc<R>)>, Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        let start = within(&range, after)?.map_or_else(|| range.start.clone(), Key::successor);
        let rows = self.universe().store.scan(&KeyRange { start, end: range.end }, limit).await?;
        told(table, rows)
    }

    /// The same from the end: rows of the range before that key, the last key first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page_back<K, R>(
        &self,
        table: &Table<K, R>,
        range: KeyRange,
        before: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Arc<R>)>, Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        let end = within(&range, before)?.unwrap_or(&range.end).clone();
        let rows = self.universe().store.scan_back(&KeyRange { start: range.start, end }, limit).await?;
        told(table, rows)
    }

    /// The row of that key as it is now, for a list: like those of a page, it is not remembered.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn glimpse<K, R>(
        &self,
        table: &Table<K, R>,
        scope: Scope,
        key: &K,
    ) -> Result<Option<Arc<R>>, Failure>
    where
        K: KeyPart + ?Sized + Sync,
        R: Record,
    {
        decoded(table, &*self.reader.fetched(&table.key(scope, key)).await?)
    }

    /// Audit records, newest first: the event history.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn records(&self, query: &RecordQuery) -> Result<RecordPage, Failure> {
        Ok(self.universe().store.records(query).await?)
    }

    /// Commits a frame. When a row that the call has read is not as it was, the call is to be decided again.
    pub(crate) async fn append(&self, frame: Frame) -> Result<Position, Failure> {
        match self.universe().store.append(frame).await {
            Ok(position) => Ok(position),
            Err(AppendError::Conflict) => Err(Failure::again()),
            Err(AppendError::Store(error)) => Err(error.into()),
        }
    }

    pub(crate) async fn read(&self, key: Key) -> Result<(), Failure> {
        self.reader.read(key).await
    }

    pub(crate) fn known<T>(&self, key: &Key, of: impl FnOnce(&Row) -> T) -> Option<T> {
        self.reader.known(key, of)
    }

    pub(crate) fn expectations(&self) -> (Position, Vec<(Key, Version)>) {
        self.reader.expectations()
    }
}

/// Where a page begins or ends, which a token of another list would tell otherwise.
fn within<'k>(range: &KeyRange, key: Option<&'k Key>) -> Result<Option<&'k Key>, Failure> {
    match key {
        Some(key) if !range.contains(key) => {
            Err(Failure::validation("The pagination token does not belong to this list."))
        }
        key => Ok(key),
    }
}

/// Rows in their type.
fn told<K, R>(table: &Table<K, R>, rows: Rows) -> Result<Vec<(Key, Arc<R>)>, Failure>
where
    K: KeyPart + ?Sized,
    R: Record,
{
    let told = |(key, row): (Key, Arc<Row>)| {
        decoded(table, &row).map(|found| found.map(|found| (key, found))).transpose()
    };
    rows.into_iter().filter_map(told).collect()
}
