use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::runtime;
use tokio::sync::mpsc;

use super::relay::Gathered;
use super::serve::{Accepted, Front};

/// The threads that serve connections, each with a runtime of its own.
pub(crate) struct Workers {
    workers: Vec<Worker>,
}

struct Worker {
    connections: mpsc::UnboundedSender<(Accepted, Load)>,
    load: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

impl Workers {
    /// Starts that many.
    ///
    /// # Errors
    /// When the system refuses threads.
    pub(crate) fn start(count: usize, front: &Arc<Front>) -> io::Result<Self> {
        let workers =
            (0..count).map(|number| Worker::start(number, front.clone())).collect::<io::Result<_>>()?;
        Ok(Self { workers })
    }

    /// Gives a connection to the least busy one. (The number waiting is bounded by the places there are.)
    pub(crate) fn give(&self, accepted: Accepted) {
        let Some(least) = self.workers.iter().min_by_key(|worker| worker.load.load(Ordering::Relaxed)) else {
            return;
        };
        // A worker that has ended drops both, the connection and its load.
        let _ = least.connections.send((accepted, Load::of(&least.load)));
    }

    /// Ends the threads; connections that are still open are broken off. Call it when none is, or when the time is over.
    pub(crate) fn end(self) {
        for worker in self.workers {
            drop(worker.connections);
            // A worker that panicked has already said so.
            let _ = worker.thread.join();
        }
    }
}

impl Worker {
    fn start(number: usize, front: Arc<Front>) -> io::Result<Self> {
        let (connections, waiting) = mpsc::unbounded_channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
            runtime.block_on(work(front, waiting));
        })?;
        Ok(Self { connections, load: Arc::default(), thread })
    }
}

/// One connection's part of a worker's load, from when it is given until it ends: by itself, by a panic, or with the worker.
struct Load(Arc<AtomicUsize>);

impl Load {
    fn of(worker: &Arc<AtomicUsize>) -> Self {
        worker.fetch_add(1, Ordering::Relaxed);
        Self(worker.clone())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn work(front: Arc<Front>, mut waiting: mpsc::UnboundedReceiver<(Accepted, Load)>) {
    let gathered = Arc::new(Gathered::default());
    tokio::spawn(gathered.clone().run());
    while let Some((accepted, load)) = waiting.recv().await {
        let (front, gathered) = (front.clone(), gathered.clone());
        tokio::spawn(async move {
            front.serve(accepted, gathered).await;
            drop(load);
        });
    }
}

#[cfg(test)]
impl Workers {
    /// The load of each worker.
    pub(super) fn loads(&self) -> Vec<usize> {
        self.workers.iter().map(|worker| worker.load.load(Ordering::Relaxed)).collect()
    }
}
