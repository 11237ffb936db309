//! The view over keys: SQLite, made of the log and brought up to date before a frame is answered.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::error::EmbeddedError;
use super::folder;
use crate::{Key, KeyRange, Position, Row, Version};

/// Rows that a group of frames changes; `None` removes.
pub(super) type Changes = BTreeMap<Key, (Version, Option<Bytes>)>;

/// Reads, on a few connections.
#[derive(Debug)]
pub(super) struct View {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// The one connection that writes.
#[derive(Debug)]
pub(super) struct ViewWriter(Connection);

/// As many as read at a time: none is opened again for the next read.
const IDLE_CONNECTIONS: usize = super::ROW_READS;
/// A WAL of so many pages (4 MB) takes a part of the start that is worth saving.
const LONG_WAL: u64 = 1024;
const PUT: &str = "INSERT INTO rows (key, version, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value";
const DELETE: &str = "DELETE FROM rows WHERE key = ?1";
const GET: &str = "SELECT version, value FROM rows WHERE key = ?1";
const VERSION: &str = "SELECT version FROM rows WHERE key = ?1";
const SCAN: &str = "SELECT key, version, value FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
const SCAN_BACK: &str =
    "SELECT key, version, value FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
const KEYS: &str = "SELECT key FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key";
const APPLIED: &str = "INSERT INTO meta (name, value) VALUES ('applied', ?1)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl ViewWriter {
    /// Opens the view, making it if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, EmbeddedError> {
        // SQLite gives its companions the permissions of the file itself.
        let made = folder::private().create(true).write(true).truncate(false).open(path);
        made.map_err(EmbeddedError::io("create", path))?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        // The keeper moves the WAL into the file, see there.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.pragma_update(None, "cache_size", -16_000)?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS rows (key BLOB PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL)
                 WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
             INSERT OR IGNORE INTO meta (name, value) VALUES ('format', 1), ('oldest-reader', 1);",
        )?;
        let writer = Self(connection);
        let oldest_reader = u32::try_from(writer.meta("oldest-reader")?.unwrap_or(0)).unwrap_or(u32::MAX);
        if oldest_reader > super::FORMAT {
            return Err(EmbeddedError::NewerFormat { path: path.to_owned(), oldest_reader });
        }
        Ok(writer)
    }

    fn meta(&self, name: &str) -> Result<Option<u64>, rusqlite::Error> {
        let value = self.0.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0));
        Ok(value.optional()?.map(i64::cast_unsigned))
    }

    /// The newest frame whose rows are in the view.
    pub(super) fn applied(&self) -> Result<Position, EmbeddedError> {
        Ok(Position(self.meta("applied")?.unwrap_or(0)))
    }

    /// Applies the changes up to that position, in one transaction with it.
    pub(super) fn apply(&mut self, position: Position, changes: &Changes) -> Result<(), EmbeddedError> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut put = transaction.prepare_cached(PUT)?;
            let mut delete = transaction.prepare_cached(DELETE)?;
            for (key, (version, value)) in changes {
                match value {
                    Some(value) => {
                        put.execute(params![key.as_bytes(), version.0.cast_signed(), &value[..]])?
                    }
                    None => delete.execute([key.as_bytes()])?,
                };
            }
            transaction.prepare_cached(APPLIED)?.execute([position.0.cast_signed()])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The version of a row.
    pub(super) fn version(&self, key: &Key) -> Result<Version, EmbeddedError> {
        let mut statement = self.0.prepare_cached(VERSION)?;
        let version = statement.query_row([key.as_bytes()], |row| row.get(0)).optional()?;
        Ok(Version(version.map_or(0, i64::cast_unsigned)))
    }

    /// Whether the range holds no row but those that the changes remove.
    pub(super) fn is_empty_but_for(
        &self,
        range: &KeyRange,
        changes: &Changes,
    ) -> Result<bool, EmbeddedError> {
        let mut statement = self.0.prepare_cached(KEYS)?;
        let mut rows = statement.query([range.start.as_bytes(), range.end.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            if !changes.contains_key(key) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Moves what it can of the WAL into the file; gives how many pages the WAL has.
    pub(super) fn checkpoint(&self) -> Result<u64, EmbeddedError> {
        checkpoint(&self.0)
    }
}

impl View {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    /// The row of that key.
    pub(super) fn get(&self, key: &[u8]) -> Result<Row, EmbeddedError> {
        self.with(|connection| {
            let row = connection.prepare_cached(GET)?.query_row([key], read_row).optional()?;
            Ok(row.unwrap_or_default())
        })
    }

    /// Rows in key order.
    pub(super) fn scan(&self, range: &KeyRange, limit: usize) -> Result<Vec<(Key, Row)>, EmbeddedError> {
        self.rows(SCAN, range, limit)
    }

    /// Rows in the opposite order.
    pub(super) fn scan_back(&self, range: &KeyRange, limit: usize) -> Result<Vec<(Key, Row)>, EmbeddedError> {
        self.rows(SCAN_BACK, range, limit)
    }

    fn rows(&self, query: &str, range: &KeyRange, limit: usize) -> Result<Vec<(Key, Row)>, EmbeddedError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.with(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let rows =
                statement.query_map(params![range.start.as_bytes(), range.end.as_bytes(), limit], |row| {
                    let key = Key::from_bytes(row.get_ref(0)?.as_blob()?);
                    let value = Bytes::copy_from_slice(row.get_ref(2)?.as_blob()?);
                    Ok((key, Row::new(Version(row.get::<_, i64>(1)?.cast_unsigned()), value)))
                })?;
            rows.collect()
        })
    }

    /// Moves what it can of the WAL into the file; gives how many pages the WAL has.
    pub(super) fn checkpoint(&self) -> Result<u64, EmbeddedError> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        checkpoint(&connection)
    }

    /// Moves a long WAL of an earlier run into the file and empties it: as long as it stands there, every start reads it. Most is done
    /// while others may write.
    pub(super) fn empty_long_wal(&self) -> Result<(), EmbeddedError> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if checkpoint(&connection)? > LONG_WAL {
            // It keeps writers waiting while it waits for readers. When there are readers all the time, the next start tries again.
            connection.busy_timeout(Duration::from_millis(100))?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Makes every transaction durable that was committed until now. (SQLite syncs its WAL at checkpoints alone in this
    /// mode; the WAL is not reused before what it held is durable in the file.)
    pub(super) fn sync(&self) -> Result<(), EmbeddedError> {
        let mut wal = self.path.clone().into_os_string();
        wal.push("-wal");
        match File::open(&wal).and_then(|file| file.sync_all()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(EmbeddedError::io("sync", Path::new(&wal))(error));
            }
            _ => {}
        }
        folder::sync_folder(&self.path)
    }

    /// Closes the idle connections.
    pub(super) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, EmbeddedError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let outcome = work(&connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if outcome.is_ok() && idle.len() < IDLE_CONNECTIONS {
            idle.push(connection);
        }
        Ok(outcome?)
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, EmbeddedError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(connection)
}

fn checkpoint(connection: &Connection) -> Result<u64, EmbeddedError> {
    Ok(connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(1))?
        .max(0)
        .cast_unsigned())
}

fn read_row(row: &rusqlite::Row<'_>) -> Result<Row, rusqlite::Error> {
    let value = Bytes::copy_from_slice(row.get_ref(1)?.as_blob()?);
    Ok(Row::new(Version(row.get::<_, i64>(0)?.cast_unsigned()), value))
}
