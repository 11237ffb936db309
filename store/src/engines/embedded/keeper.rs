//! The keeper: a thread for what need not be waited for. It makes the next segment ahead, seals full ones, and moves SQLite's
//! WAL into its file. What fails is tried again at the next occasion.

use std::fs;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};

use alcazar_core::Timestamp;

use super::Shared;
use super::error::EmbeddedError;
use super::injected::Point;
use super::log::Spare;
use super::sealed::Sealed;

/// A WAL of so many pages (64 MB) is reset by the writer itself.
const LARGE_WAL: u64 = 16_384;

/// Something to be done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task {
    /// A new segment is appended to.
    Rotated { head: u64 },
    /// Many rows have been changed.
    Checkpoint,
    /// Finish.
    Stop,
}

/// The handle of the thread.
pub(super) struct Keeper {
    tasks: Sender<Task>,
    thread: JoinHandle<()>,
}

impl Keeper {
    pub(super) fn start(shared: Arc<Shared>, spare: Arc<Spare>) -> Result<Self, EmbeddedError> {
        let (tasks, inbox) = channel();
        let thread = thread::Builder::new().name("store-keeper".to_owned());
        let thread = thread
            .spawn(move || keep(&shared, &spare, &inbox))
            .map_err(|source| EmbeddedError::Io { doing: "start a thread".to_owned(), source })?;
        Ok(Self { tasks, thread })
    }

    pub(super) fn tell(&self, task: Task) {
        // It ends only when it is told to.
        let _ = self.tasks.send(task);
    }

    /// Lets it finish what it is doing.
    pub(super) fn stop(self) {
        self.tell(Task::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the store's keeper panicked");
        }
    }
}

fn keep(shared: &Shared, spare: &Spare, inbox: &Receiver<Task>) {
    let try_to = |what: &str, outcome: Result<(), EmbeddedError>| {
        if let Err(error) = outcome {
            tracing::warn!(%error, what, "the store's keeper will try again");
        }
    };
    try_to("make a segment ahead", spare.make());
    try_to("seal", seal_full_segments(shared, spare));
    try_to("empty the WAL", shared.view.empty_long_wal());
    while let Ok(task) = inbox.recv() {
        match task {
            Task::Rotated { head } => {
                try_to("make a segment ahead", spare.make());
                try_to("note the head", shared.note_head(head));
                try_to("seal", seal_full_segments(shared, spare));
            }
            Task::Checkpoint => try_to("checkpoint", checkpoint(shared)),
            Task::Stop => return,
        }
    }
}

fn checkpoint(shared: &Shared) -> Result<(), EmbeddedError> {
    if shared.view.checkpoint()? >= LARGE_WAL {
        shared.wal_is_large.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// Seals every raw segment but the one that is appended to, oldest first.
fn seal_full_segments(shared: &Shared, spare: &Spare) -> Result<(), EmbeddedError> {
    let raw = shared.history.parts().raw;
    let full = raw.len().saturating_sub(1);
    for segment in raw.into_iter().take(full) {
        let bytes = spare.failures.check(Point::Seal).and_then(|()| fs::read(&segment.path));
        let bytes = bytes.map_err(EmbeddedError::io("read", &segment.path))?;
        let path = shared.folder.sealed(segment.header.number);
        let sealed = Sealed::write(&path, segment.header, &bytes, &segment.index())?;
        // From here on the view alone holds the segment's row changes.
        shared.view.sync()?;
        shared.history.replace_oldest_raw(Arc::new(sealed));
        fs::remove_file(&segment.path).map_err(EmbeddedError::io("remove", &segment.path))?;
    }
    Ok(())
}

/// Drops sealed segments, oldest first, as long as all their records are older; gives how many records went. Segments without
/// a record go with the next one that has any.
pub(super) fn forget(shared: &Shared, before: Timestamp) -> Result<u64, EmbeddedError> {
    let mut label = shared.label.lock().unwrap_or_else(PoisonError::into_inner);
    let sealed = shared.history.parts().sealed;
    let old = sealed.iter().take_while(|s| s.footer.newest_time < before.millis());
    let count =
        old.enumerate().filter(|(_, s)| s.footer.records > 0).last().map_or(0, |(index, _)| index + 1);
    let gone = sealed.get(..count).unwrap_or_default();
    let Some(last) = gone.last() else { return Ok(0) };
    // First the label: from then on the files are not missed, and what is left of them is removed at the next start.
    label.oldest_segment = last.footer.number + 1;
    shared.folder.set_label(*label)?;
    shared.history.forget(count);
    for segment in gone {
        segment.remove()?;
    }
    Ok(gone.iter().map(|segment| u64::from(segment.footer.records)).sum())
}
