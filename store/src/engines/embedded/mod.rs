//! The default engine: a log of segment files, and SQLite as the view over keys.
//!
//! ```text
//! store             what form the folder has, how far the log is known to have come
//! lock              held by the process that has the folder open
//! view.db           rows, made of the log; brought up to date before a frame is answered
//! log/N.raw         frames as they were appended, zero-filled ahead
//! log/N.sealed      a full segment's records and facts, compressed, with postings
//! log/spare         the next segment
//! ```
//! A frame is answered when its group is durable in the log and visible. A frame that changes no row costs one append and
//! never touches SQLite. Row changes leave the log when their segment is sealed, after the view has made them durable.
//!
//! Retention: records and facts live in the log's segments alone. [`Store::forget_records`] drops whole sealed segments, oldest
//! first, whose records are all older; the facts in them go with them, so a reactor may lag by as much as records are kept
//! and no more. The open segment (and any that is not sealed yet) is never dropped.

mod appends;
mod cache;
mod error;
mod folder;
mod footer;
mod history;
mod index;
mod injected;
mod keeper;
mod log;
mod queue;
mod recover;
mod sealed;
mod sealing;
mod segment;
mod view;
mod writer;

#[cfg(test)]
mod tests;

pub use appends::Appends;
pub use error::EmbeddedError;

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use alcazar_core::Timestamp;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::spawn_blocking;

use crate::{
    AppendError, Fact, Frame, Key, KeyRange, Pending, Position, RecordPage, RecordQuery, Row, Rows, Store,
    StoreError,
};
use cache::Cache;
use folder::{Folder, Label};
use history::History;
use injected::Failures;
use keeper::Keeper;
use log::{Log, Spare};
use queue::{Queue, Request};
use view::{View, ViewWriter};
use writer::{Group, Writer};

/// The version of the stored form that this program writes, and the highest that it reads.
pub(super) const FORMAT: u32 = 1;
/// The lowest version that a program must know to read what this one writes.
const OLDEST_READER: u32 = 1;
/// How many reads of rows, and how many of the history, run at a time: each takes a thread, and strangers can ask for keys that
/// nobody has. The others wait their turn; a long search of the history does not keep anybody from a row.
const ROW_READS: usize = 8;
const HISTORY_READS: usize = 4;
/// How large a segment can be.
const SEGMENT_BYTES: std::ops::Range<usize> = 4 << 10..1 << 30;

/// A store in a folder.
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    row_reads: Arc<Semaphore>,
    history_reads: Arc<Semaphore>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// How the writer ended, once it has.
    ended: watch::Receiver<Option<Result<(), String>>>,
}

/// How the folder is used.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// The size of a segment of the log, 4 KiB at least and 1 GiB at most; a frame must fit into one.
    pub segment_bytes: usize,
    /// How much memory rows may take.
    pub cache_bytes: usize,
    failures: Failures,
    appends: Arc<Appends>,
}

/// What the writer, the keeper and the readers share.
struct Shared {
    folder: Arc<Folder>,
    label: Mutex<Label>,
    queue: Queue,
    cache: Cache,
    view: View,
    history: Arc<History>,
    changed_at: AtomicU64,
    head: watch::Sender<Position>,
    wal_is_large: AtomicBool,
    appends: Arc<Appends>,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            segment_bytes: 16 << 20,
            cache_bytes: 64 << 20,
            failures: Failures::default(),
            appends: Arc::default(),
        }
    }
}

impl EmbeddedOptions {
    /// With segments of that size, 4 KiB at least and 1 GiB at most.
    #[must_use]
    pub fn with_segment_bytes(mut self, bytes: usize) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// With its appends counted there.
    #[must_use]
    pub fn with_appends(mut self, appends: Arc<Appends>) -> Self {
        self.appends = appends;
        self
    }

    /// With so much memory for rows.
    #[must_use]
    pub fn with_cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }
}

impl EmbeddedStore {
    /// Opens the store in that folder, or makes one where there is none. Blocks while the end of the log is read.
    ///
    /// # Errors
    /// When the folder is in use, of a newer form, damaged, or cannot be read or written; nothing has been repaired then.
    pub fn open(path: &Path, options: &EmbeddedOptions) -> Result<Self, EmbeddedError> {
        let folder = Arc::new(Folder::open(path)?);
        let label = folder.label()?;
        let mut view = ViewWriter::open(&folder.view())?;
        let segment_bytes = options.segment_bytes.clamp(SEGMENT_BYTES.start, SEGMENT_BYTES.end);
        let spare = Arc::new(Spare::new(&folder, segment_bytes, options.failures.clone()));
        let found = recover::recover(&folder, label, &mut view, &spare)?;
        let active = found.parts.raw.last().cloned();
        let active =
            active.ok_or_else(|| EmbeddedError::MissingSegment(folder.raw(found.label.oldest_segment)))?;
        let shared = Arc::new(Shared {
            label: Mutex::new(found.label),
            queue: Queue::default(),
            cache: Cache::new(options.cache_bytes),
            view: View::new(&folder.view()),
            history: Arc::new(History::new(found.parts)),
            changed_at: AtomicU64::new(found.changed.0),
            head: watch::Sender::new(found.head),
            wal_is_large: AtomicBool::new(false),
            appends: options.appends.clone(),
            folder: folder.clone(),
        });
        let keeper = Keeper::start(shared.clone(), spare.clone())?;
        let (offset, capacity, history) = (found.offset, found.capacity, shared.history.clone());
        let writer = Writer {
            shared: shared.clone(),
            log: Log { folder, history, spare, active, offset, capacity },
            view,
            keeper,
            head: found.head,
            changed: found.changed,
            group: Group::default(),
            rows_since_checkpoint: 0,
            failed: None,
        };
        let (tell_end, ended) = watch::channel(None);
        let abandoned = shared.clone();
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(move || {
            let _guard = Abandoned(abandoned);
            tell_end.send_replace(Some(writer.run().map_err(|error| error.to_string())));
        });
        let thread =
            thread.map_err(|source| EmbeddedError::Io { doing: "start a thread".to_owned(), source })?;
        let [row_reads, history_reads] =
            [ROW_READS, HISTORY_READS].map(|reads| Arc::new(Semaphore::new(reads)));
        Ok(Self { shared, row_reads, history_reads, writer: Mutex::new(Some(thread)), ended })
    }

    /// The newest frame that is durable: what to keep beside the seal, so that an older copy is noticed.
    pub fn head(&self) -> Position {
        *self.shared.head.borrow()
    }

    /// Runs a read where it may wait for the disk, when its turn comes.
    async fn blocking<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        work: impl FnOnce(&Shared) -> Result<T, EmbeddedError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = turns.clone().acquire_owned().await.map_err(StoreError::new)?;
        let shared = self.shared.clone();
        let outcome = spawn_blocking(move || {
            // Held by the thread: who asked may have gone away meanwhile.
            let _turn = turn;
            work(&shared)
        });
        Ok(outcome.await.map_err(StoreError::new)??)
    }
}

/// When the writer is gone, even by a panic, nobody may wait for it.
struct Abandoned(Arc<Shared>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}

impl Shared {
    fn load(&self, key: &Key, stamp: cache::Stamp) -> Result<Arc<Row>, EmbeddedError> {
        let row = self.view.get(key.as_bytes())?;
        Ok(self.cache.install(key, row, stamp))
    }

    fn scan(&self, range: &KeyRange, limit: usize) -> Result<Rows, EmbeddedError> {
        Ok(self.shared_rows(self.view.scan(range, limit)?))
    }

    fn scan_back(&self, range: &KeyRange, limit: usize) -> Result<Rows, EmbeddedError> {
        Ok(self.shared_rows(self.view.scan_back(range, limit)?))
    }

    fn shared_rows(&self, rows: Vec<(Key, Row)>) -> Rows {
        let share = |(key, row): (Key, Row)| {
            // The row in memory has its decoded form with it.
            let known = self.cache.get(key.as_bytes()).filter(|known| known.version == row.version);
            (key, known.unwrap_or_else(|| Arc::new(row)))
        };
        rows.into_iter().map(share).collect()
    }

    fn note_head(&self, head: u64) -> Result<(), EmbeddedError> {
        let mut label = self.label.lock().unwrap_or_else(PoisonError::into_inner);
        label.head = label.head.max(head);
        self.folder.set_label(*label)
    }

    fn set_closed(&self, head: Position) -> Result<(), EmbeddedError> {
        self.label.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.note_head(head.0)
    }
}

impl Store for EmbeddedStore {
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        Box::pin(async move {
            let (reply, outcome) = oneshot::channel();
            if let Err(error) = self.shared.queue.push(Request::new(frame, reply)) {
                self.shared.appends.fail();
                return Err(StoreError::from(error).into());
            }
            // The writer answers everything that it took, unless it panicked.
            outcome.await.map_err(|_| StoreError::from(EmbeddedError::Closed))?
        })
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        self.shared.cache.get(key)
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        Box::pin(async move {
            if let Some(row) = self.shared.cache.get(key) {
                return Ok(row);
            }
            let stamp = self.shared.cache.stamp(key);
            let key = Key::from_bytes(key);
            self.blocking(&self.row_reads, move |shared| shared.load(&key, stamp)).await
        })
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        let range = range.clone();
        Box::pin(self.blocking(&self.row_reads, move |shared| shared.scan(&range, limit)))
    }

    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        let range = range.clone();
        Box::pin(self.blocking(&self.row_reads, move |shared| shared.scan_back(&range, limit)))
    }

    fn changed_at(&self) -> Position {
        Position(self.shared.changed_at.load(Ordering::Acquire))
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        let query = query.clone();
        Box::pin(self.blocking(&self.history_reads, move |shared| shared.history.records(&query)))
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        Box::pin(self.blocking(&self.history_reads, move |shared| shared.history.facts(after, limit)))
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        Box::pin(self.blocking(&self.history_reads, move |shared| keeper::forget(shared, before)))
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
            self.shared.queue.close();
            let mut ended = self.ended.clone();
            let outcome = ended.wait_for(Option::is_some).await.map_err(StoreError::new)?.clone();
            outcome.unwrap_or(Ok(())).map_err(StoreError::new)
        })
    }
}

impl Drop for EmbeddedStore {
    /// Closes it as [`Store::close`] does, waiting.
    fn drop(&mut self) {
        self.shared.queue.close();
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's writer panicked");
        }
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("head", &self.head()).finish_non_exhaustive()
    }
}
