//! Failing disks for this engine's own tests; nothing in a program that is not a test.

#[cfg(test)]
use std::sync::{Arc, Mutex, PoisonError};

/// Where the disk can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    Write,
    Sync,
    Create,
    Begin,
    Rename,
    Renamed,
    Apply,
    Seal,
}

/// Which operations fail.
#[derive(Debug, Clone, Default)]
pub(super) struct Failures(#[cfg(test)] Arc<Mutex<Vec<Point>>>);

impl Failures {
    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the form that tests need")]
    pub(super) fn check(&self, _point: Point) -> std::io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn check(&self, point: Point) -> std::io::Result<()> {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&point) {
            return Err(std::io::Error::from(std::io::ErrorKind::StorageFull));
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn set(&self, failing: &[Point]) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failing.to_vec();
    }
}
