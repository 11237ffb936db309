use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alcazar_store::{Key, KeyPart, Position, Record, Row, Scope, Table, Version};

use crate::{Failure, Universe};

/// Reads rows and remembers each with its version: when the call commits, all of them must still be as they were. A call reads
/// through one reader from the look at its access key on, so that a key, user or role that changes meanwhile is noticed too.
pub(crate) struct Reader {
    universe: Arc<Universe>,
    read_at: Position,
    reads: Mutex<Vec<(Key, Arc<Row>)>>,
}

impl Reader {
    pub(crate) fn new(universe: &Arc<Universe>) -> Self {
        let read_at = universe.store.changed_at();
        Self { universe: universe.clone(), read_at, reads: Mutex::new(Vec::with_capacity(12)) }
    }

    pub(crate) fn universe(&self) -> &Arc<Universe> {
        &self.universe
    }

    /// The row of that key in its type, if there is one.
    pub(crate) async fn get<K, R>(
        &self,
        table: &Table<K, R>,
        scope: Scope,
        key: &K,
    ) -> Result<Option<Arc<R>>, Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        let key = table.key(scope, key);
        if let Some(found) = self.known(&key, |row| decoded(table, row)) {
            return found;
        }
        let row = self.fetched(&key).await?;
        let found = decoded(table, &row);
        self.reads().push((key, row));
        found
    }

    /// Has the row of that key among those that were read.
    pub(crate) async fn read(&self, key: Key) -> Result<(), Failure> {
        if self.known(&key, |_| ()).is_none() {
            let row = self.fetched(&key).await?;
            self.reads().push((key, row));
        }
        Ok(())
    }

    /// What somebody makes of a row that was read.
    pub(crate) fn known<T>(&self, key: &Key, of: impl FnOnce(&Row) -> T) -> Option<T> {
        self.reads().iter().find(|(known, _)| known == key).map(|(_, row)| of(row))
    }

    /// The rows read so far, as a frame expects them, and the position before the first of them was read. They leave the reader: it
    /// reads no more for this attempt.
    pub(crate) fn expectations(&self) -> (Position, Vec<(Key, Version)>) {
        let reads = std::mem::take(&mut *self.reads());
        (self.read_at, reads.into_iter().map(|(key, row)| (key, row.version)).collect())
    }

    /// The row of that key, which is not remembered.
    pub(crate) async fn fetched(&self, key: &Key) -> Result<Arc<Row>, Failure> {
        match self.universe.store.cached(key.as_bytes()) {
            Some(row) => Ok(row),
            None => Ok(self.universe.store.get(key.as_bytes()).await?),
        }
    }

    fn reads(&self) -> MutexGuard<'_, Vec<(Key, Arc<Row>)>> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row in its type; `None` when there is no such row.
pub(crate) fn decoded<K, R>(table: &Table<K, R>, row: &Row) -> Result<Option<Arc<R>>, Failure>
where
    K: KeyPart + ?Sized,
    R: Record,
{
    if !row.exists() {
        return Ok(None);
    }
    Ok(Some(row.decoded(|stored| table.decode(stored))?))
}
