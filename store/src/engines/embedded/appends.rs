use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::Position;

/// What a store has appended, counted by its writer: for metrics and for readiness.
#[derive(Debug, Default)]
pub struct Appends {
    appended: AtomicU64,
    failed: AtomicU64,
    failing: AtomicBool,
    head: AtomicU64,
}

impl Appends {
    /// Frames appended since the store was opened.
    pub fn appended(&self) -> u64 {
        self.appended.load(Ordering::Relaxed)
    }

    /// Frames that were refused for another reason than a conflict.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Whether the newest append failed: then no call can be answered.
    pub fn failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// The newest position that was appended; 0 when none was.
    pub fn head(&self) -> Position {
        Position(self.head.load(Ordering::Relaxed))
    }

    pub(super) fn count(&self, appended: usize, head: Position) {
        self.appended.fetch_add(appended as u64, Ordering::Relaxed);
        self.head.store(head.0, Ordering::Relaxed);
        self.failing.store(false, Ordering::Relaxed);
    }

    pub(super) fn fail(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.failing.store(true, Ordering::Relaxed);
    }
}
