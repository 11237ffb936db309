//! A bare log: what many calls append at once goes to the file in one write and one sync.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::future::poll_fn;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Poll, Waker};

use tokio::sync::Notify;

/// The file is filled before, because a file that grows is four times slower to sync; at its end the log begins again.
const BYTES: u64 = 64 << 20;

/// Told to a worker when records of its calls are durable.
pub(crate) type Signal = Notify;

/// The file and the thread that writes it.
pub(crate) struct Log {
    pending: Mutex<Pending>,
    arrived: Condvar,
    durable: AtomicU64,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    /// How many records were appended so far.
    last: u64,
    /// Which workers wait, one bit each.
    workers: u64,
    idle: bool,
}

impl Log {
    /// Fills the file and starts its thread.
    pub(crate) fn start(path: &Path, workers: Vec<Arc<Signal>>) -> io::Result<Arc<Self>> {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
        let zeros = vec![0; 1 << 20];
        for _ in 0..BYTES / zeros.len() as u64 {
            file.write_all(&zeros)?;
        }
        file.sync_all()?;
        let log =
            Arc::new(Self { pending: Mutex::default(), arrived: Condvar::new(), durable: AtomicU64::new(0) });
        let writer = log.clone();
        std::thread::spawn(move || writer.write(&file, &workers));
        Ok(log)
    }

    /// Takes a record; the number is durable when [`Log::durable`] has reached it.
    fn take(&self, record: &[u8], worker: usize) -> u64 {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.bytes.extend_from_slice(record);
        pending.last += 1;
        pending.workers |= 1 << worker;
        if std::mem::take(&mut pending.idle) {
            self.arrived.notify_one();
        }
        pending.last
    }

    #[expect(clippy::expect_used, reason = "a log that cannot be written is not measured")]
    fn write(&self, file: &File, workers: &[Arc<Signal>]) {
        let (mut bytes, mut at) = (Vec::new(), 0);
        loop {
            let (last, waiting) = {
                let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
                while pending.bytes.is_empty() {
                    pending.idle = true;
                    pending = self.arrived.wait(pending).unwrap_or_else(PoisonError::into_inner);
                }
                std::mem::swap(&mut pending.bytes, &mut bytes);
                (pending.last, std::mem::take(&mut pending.workers))
            };
            if at + bytes.len() as u64 > BYTES {
                at = 0;
            }
            file.write_all_at(&bytes, at).expect("the log is written");
            file.sync_data().expect("the log is synced");
            at += bytes.len() as u64;
            bytes.clear();
            self.durable.store(last, Ordering::Release);
            for (number, worker) in workers.iter().enumerate() {
                if waiting & (1 << number) != 0 {
                    worker.notify_one();
                }
            }
        }
    }
}

/// A worker's side: it is woken once for each group, and wakes its own calls without a system call.
pub(crate) struct WorkerLog {
    log: Arc<Log>,
    number: usize,
    signal: Arc<Signal>,
    waiting: RefCell<VecDeque<(u64, Waker)>>,
}

impl WorkerLog {
    pub(crate) fn new(log: Arc<Log>, number: usize, signal: Arc<Signal>) -> Self {
        Self { log, number, signal, waiting: RefCell::default() }
    }

    /// Appends a record and returns when it is durable.
    pub(crate) async fn append(&self, record: &[u8]) {
        let number = self.log.take(record, self.number);
        let mut waits = false;
        poll_fn(|context| {
            if self.log.durable.load(Ordering::Acquire) >= number {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut waits, true) {
                self.waiting.borrow_mut().push_back((number, context.waker().clone()));
            }
            Poll::Pending
        })
        .await;
    }

    /// Wakes the calls whose records have become durable, for as long as the worker lives.
    pub(crate) async fn tell(&self) {
        loop {
            self.signal.notified().await;
            let durable = self.log.durable.load(Ordering::Acquire);
            loop {
                let Some((_, waker)) =
                    self.waiting.borrow_mut().pop_front_if(|(number, _)| *number <= durable)
                else {
                    break;
                };
                waker.wake();
            }
        }
    }
}
