//! The engine over PostgreSQL: for many nodes. Nothing that was acknowledged lives on a node.
//!
//! All nodes append through one row that is locked for the length of a short transaction, so there is one order; the frames
//! that a node has waiting go in one such transaction. Rows are not kept in memory: what [`Store::cached`] would answer could be
//! stale. Other nodes' frames are noticed by NOTIFY, which is a hint, and by asking now and then, which is not.
//!
//! Not encrypted on the way: use a Unix socket, loopback or a tunnel. Running many nodes on it is a later step; the engine is
//! here so that the trait is proven.
//!
//! Retention: [`Store::forget_records`] removes every record that is older; facts stay.

mod follow;
mod link;
mod writer;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use alcazar_core::Timestamp;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_postgres::Config;
use tokio_postgres::types::ToSql;

use crate::stored::{StoredRecord, query_terms};
use crate::{
    AppendError, Fact, Frame, Key, KeyRange, Pending, Position, RecordCursor, RecordPage, RecordQuery, Row,
    Rows, Store, StoreError, Version,
};
use link::Link;
use writer::Request;

/// The version of the stored form that this program writes, and the highest that it reads.
const FORMAT: i64 = 1;
/// The lowest version that a program must know to read what this one writes.
const OLDEST_READER: i64 = 1;

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    /// For reads; the writer and the follower have their own.
    reads: Link,
    /// `None` once it is closed.
    requests: Mutex<Option<mpsc::UnboundedSender<Request>>>,
    shared: Arc<Shared>,
    writer_ended: watch::Receiver<bool>,
    follower: JoinHandle<()>,
}

/// Why the database could not be used.
#[derive(Debug)]
pub enum PostgresError {
    /// The server or the connection failed.
    Database(tokio_postgres::Error),
    /// The tables were written by a newer program in a form that this one must not read.
    NewerFormat {
        /// The lowest version of the stored form that a reader must know.
        oldest_reader: i64,
    },
    /// A stored record does not parse.
    Damaged(Position),
    /// The store is closed.
    Closed,
}

/// What this node knows of the log.
struct Shared {
    changed_at: AtomicU64,
    head: watch::Sender<Position>,
}

impl Shared {
    /// Only ever forwards: what is told late is known already.
    fn note(&self, head: Position, changed_at: Position) {
        self.changed_at.fetch_max(changed_at.0, Ordering::AcqRel);
        self.head.send_if_modified(|known| {
            let newer = head > *known;
            if newer {
                *known = head;
            }
            newer
        });
    }
}

impl PostgresStore {
    /// Connects to a database and makes the tables if they are not there. To be called within a tokio runtime, which runs
    /// the connections.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, or the tables are of a newer form.
    pub async fn connect(config: &Config) -> Result<Self, PostgresError> {
        let reads = Link::new(config);
        let (head, changed_at) = reads.prepare_database().await?;
        let shared =
            Arc::new(Shared { changed_at: AtomicU64::new(changed_at.0), head: watch::Sender::new(head) });
        let (requests, inbox) = mpsc::unbounded_channel();
        let (tell_end, writer_ended) = watch::channel(false);
        let (config_to_write, known) = (config.clone(), shared.clone());
        tokio::spawn(async move {
            writer::run(config_to_write, inbox, &known).await;
            tell_end.send_replace(true);
        });
        let follower = tokio::spawn(follow::run(config.clone(), shared.clone()));
        Ok(Self { reads, requests: Mutex::new(Some(requests)), shared, writer_ended, follower })
    }

    async fn row(&self, key: &[u8]) -> Result<Arc<Row>, PostgresError> {
        let connected = self.reads.connected().await?;
        let row = connected.client.query_opt(&connected.get, &[&key]).await?;
        Ok(Arc::new(row.map_or_else(Row::absent, |row| {
            Row::new(Version(row.get::<_, i64>(0).cast_unsigned()), Bytes::from(row.get::<_, Vec<u8>>(1)))
        })))
    }

    async fn rows(&self, range: &KeyRange, limit: usize, back: bool) -> Result<Rows, PostgresError> {
        let connected = self.reads.connected().await?;
        let scan = if back { &connected.scan_back } else { &connected.scan };
        let (start, end) = (range.start.as_bytes(), range.end.as_bytes());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = connected.client.query(scan, &[&start, &end, &limit]).await?;
        let row = |row: &tokio_postgres::Row| {
            let version = Version(row.get::<_, i64>(1).cast_unsigned());
            (Key::from_bytes(row.get(0)), Arc::new(Row::new(version, Bytes::from(row.get::<_, Vec<u8>>(2)))))
        };
        Ok(rows.iter().map(row).collect())
    }

    async fn page(&self, query: &RecordQuery) -> Result<RecordPage, PostgresError> {
        let connected = self.reads.connected().await?;
        let terms: Vec<i64> = query_terms(query).into_iter().map(i64::from).collect();
        let from = query.from.map_or(i64::MIN, Timestamp::millis);
        let to = query.to.map_or(i64::MAX, Timestamp::millis);
        let mut page = RecordPage::default();
        let mut below = query.after.unwrap_or(RecordCursor(Position(i64::MAX.cast_unsigned()), 0));
        loop {
            let batch = query.limit.saturating_add(1).saturating_sub(page.records.len()).min(1000) as i64;
            let (position, number) = (below.0.0.cast_signed(), i64::from(below.1));
            let (of_one, of_any): (&(dyn ToSql + Sync), &(dyn ToSql + Sync)) = (&terms.first(), &terms);
            let (statement, wanted) = if query.region.is_some() {
                (&connected.records, of_one)
            } else {
                (&connected.records_of_any, of_any)
            };
            let parameters: [&(dyn ToSql + Sync); 6] = [wanted, &position, &number, &from, &to, &batch];
            let found = connected.client.query(statement, &parameters).await?;
            for row in &found {
                let (position, number) = (row.get::<_, i64>(0).cast_unsigned(), row.get::<_, i64>(1) as u32);
                below = RecordCursor(Position(position), number);
                let record = StoredRecord::read(row.get(2)).ok_or(PostgresError::Damaged(below.0))?;
                if !record.matches(query) {
                    continue;
                }
                if page.records.len() == query.limit {
                    page.more = true;
                    return Ok(page);
                }
                page.records.push((below, Bytes::copy_from_slice(record.body)));
            }
            if (found.len() as i64) < batch {
                return Ok(page);
            }
        }
    }

    async fn told(&self, after: Position, limit: usize) -> Result<Vec<(Position, Fact)>, PostgresError> {
        let connected = self.reads.connected().await?;
        let position = after.0.cast_signed();
        let fact = |row: tokio_postgres::Row| {
            let fact = Fact { name: row.get(1), body: Bytes::from(row.get::<_, Vec<u8>>(2)) };
            (Position(row.get::<_, i64>(0).cast_unsigned()), fact)
        };
        let mut batch = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
        loop {
            let rows = connected.client.query(&connected.facts, &[&position, &batch]).await?;
            let facts: Vec<_> = rows.into_iter().map(fact).collect();
            let one_frame = facts.first().map(|(p, _)| *p) == facts.last().map(|(p, _)| *p);
            if one_frame && facts.len() as i64 == batch {
                // The first frame comes whole, however many facts it has.
                batch = batch.saturating_mul(2);
                continue;
            }
            return Ok(crate::frame::whole_frames(facts, limit));
        }
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, PostgresError> {
        let connected = self.reads.connected().await?;
        let gone = connected.client.query_one(&connected.forget, &[&before.millis()]).await?;
        Ok(gone.get::<_, i64>(0).cast_unsigned())
    }
}

impl Store for PostgresStore {
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        Box::pin(async move {
            let (reply, outcome) = oneshot::channel();
            let sent = match &*self.requests.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(requests) => requests.send(Request { frame, reply }).is_ok(),
                None => false,
            };
            if !sent {
                return Err(StoreError::new(PostgresError::Closed).into());
            }
            outcome.await.map_err(|_| StoreError::new(PostgresError::Closed))?
        })
    }

    fn cached(&self, _key: &[u8]) -> Option<Arc<Row>> {
        None
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        Box::pin(async move { Ok(self.row(key).await?) })
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move { Ok(self.rows(range, limit, false).await?) })
    }

    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move { Ok(self.rows(range, limit, true).await?) })
    }

    fn changed_at(&self) -> Position {
        Position(self.shared.changed_at.load(Ordering::Acquire))
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        Box::pin(async move { Ok(self.page(query).await?) })
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        Box::pin(async move { Ok(self.told(after, limit).await?) })
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        Box::pin(async move { Ok(self.forget(before).await?) })
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
            drop(self.requests.lock().unwrap_or_else(PoisonError::into_inner).take());
            let mut ended = self.writer_ended.clone();
            // What was sent before is still served. A writer that is gone has nothing left to serve.
            let _ = ended.wait_for(|ended| *ended).await;
            self.follower.abort();
            Ok(())
        })
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("head", &*self.shared.head.borrow()).finish_non_exhaustive()
    }
}

impl From<tokio_postgres::Error> for PostgresError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<PostgresError> for StoreError {
    fn from(error: PostgresError) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Its own text hides what the server said.
            Self::Database(error) => match error.as_db_error() {
                Some(said) => write!(f, "database: {said}"),
                None => write!(f, "database: {error}"),
            },
            Self::NewerFormat { oldest_reader } => write!(
                f,
                "the tables were written by a newer program: they need a reader of stored form {oldest_reader}, and \
                 this program knows forms up to {FORMAT}"
            ),
            Self::Damaged(position) => write!(f, "a record of position {} is damaged", position.0),
            Self::Closed => f.write_str("the store is closed"),
        }
    }
}

impl std::error::Error for PostgresError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}
