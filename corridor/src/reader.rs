use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alcazar_store::{Key, KeyPart, Position, Record, Row, Scope, Table, Version};

use crate::{Failure, Universe};

/// Reads rows and remembers each with its version: when the call commits, all of them must still be as they were. A call reads
/// through one reader from the look at its access key on, so that a key, user or role that changes meanwhile is noticed too.
pub(crate) struct Reader {
    universe: Universe,
    read_at: Position,
    reads: Mutex<Vec<(Key, Arc<Row>)>>,
}

impl Reader {
    pub(crate) fn new(universe: &Universe) -> Self {
        let read_at = universe.store.changed_at();
        Self { universe: universe.clone(), read_at, reads: Mutex::new(Vec::with_capacity(12)) }
    }

    pub(crate) fn universe(&self) -> &Universe {
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
        let row = self.row(key).await?;
        decoded(table, &row)
    }

    pub(crate) async fn row(&self, key: Key) -> Result<Arc<Row>, Failure> {
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        let row = match self.universe.store.cached(key.as_bytes()) {
            Some(row) => row,
            None => self.universe.store.get(key.as_bytes()).await?,
        };
        self.reads().push((key, row.clone()));
        Ok(row)
    }

    pub(crate) fn known(&self, key: &Key) -> Option<Arc<Row>> {
        self.reads().iter().find(|(known, _)| known == key).map(|(_, row)| row.clone())
    }

    /// The rows read so far, as a frame expects them, and the position before the first of them was read.
    pub(crate) fn expectations(&self) -> (Position, Vec<(Key, Version)>) {
        (self.read_at, self.reads().iter().map(|(key, row)| (key.clone(), row.version)).collect())
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
