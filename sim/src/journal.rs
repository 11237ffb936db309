//! The durable side of a run: a store in memory that keeps every frame it was ever given, and looks at every version it tells.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alcazar_store::engines::memory::MemoryStore;
use alcazar_store::{
    AppendError, Frame, Key, KeyRange, Layer, Pending, Position, Row, Rows, Store, StoreError, Version,
};

use crate::invariant::{Invariant, Violation};

/// What is durable. It survives every crash of a run.
#[derive(Default)]
pub(crate) struct Journal {
    sabotage: Option<Sabotage>,
    inner: MemoryStore,
    kept: Mutex<Kept>,
}

/// A store that breaks its promises on purpose: the invariants must see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// Frames are appended although what they expect does not hold.
    IgnoresExpectations,
    /// Every seventh frame is acknowledged and lost.
    LosesWrites,
    /// Records are left out of frames that change something.
    DropsRecords,
    /// Every seventh frame is appended twice.
    WritesTwice,
}

#[derive(Default)]
struct Kept {
    tried: u64,
    frames: Vec<(Position, Frame)>,
    versions: BTreeMap<Vec<u8>, Version>,
    violations: Vec<Violation>,
}

impl Journal {
    /// A journal that breaks that promise, if any.
    pub(crate) fn new(sabotage: Option<Sabotage>) -> Self {
        Self { sabotage, ..Self::default() }
    }

    /// The frames that are durable, oldest first.
    pub(crate) fn frames(&self) -> Vec<(Position, Frame)> {
        self.kept().frames.clone()
    }

    /// The position of the newest frame.
    pub(crate) fn head(&self) -> Position {
        self.kept().frames.last().map_or(Position(0), |(position, _)| *position)
    }

    /// What was seen to go back.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.kept().violations.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self, key: &[u8], row: &Row) {
        let mut kept = self.kept();
        let before = kept.versions.get(key).copied().unwrap_or(Version::ABSENT);
        if row.exists() && row.version < before {
            let seen =
                format!("{:?} was told as {:?} after {before:?}", String::from_utf8_lossy(key), row.version);
            kept.violations.push(Violation { invariant: Invariant::VersionsGoForward, seen });
        }
        kept.versions.insert(key.to_vec(), row.version.max(before));
    }
}

impl Kept {
    fn keep(&mut self, position: Position, frame: Frame) {
        let before = self.frames.last().map_or(Position(0), |(before, _)| *before);
        if position <= before {
            let seen = format!("{position:?} was given after {before:?}");
            self.violations.push(Violation { invariant: Invariant::VersionsGoForward, seen });
        }
        self.frames.push((position, frame));
    }
}

impl Layer for Journal {
    fn beneath(&self) -> &dyn Store {
        &self.inner
    }

    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        Box::pin(async move {
            let copy = frame.clone();
            let seventh = {
                let mut kept = self.kept();
                kept.tried += 1;
                kept.tried.is_multiple_of(7)
            };
            let frame = match self.sabotage {
                Some(Sabotage::LosesWrites) if seventh => return Ok(self.head()),
                Some(Sabotage::WritesTwice) if seventh => {
                    let again = Frame { expect: Vec::new(), expect_empty: Vec::new(), ..frame.clone() };
                    let position = self.inner.append(again).await?;
                    self.kept().keep(position, copy.clone());
                    frame
                }
                Some(Sabotage::IgnoresExpectations) => Frame { expect: Vec::new(), ..frame },
                _ => frame,
            };
            let copy = match self.sabotage {
                Some(Sabotage::DropsRecords) if copy.changes_rows() => Frame { records: Vec::new(), ..copy },
                _ => copy,
            };
            let position = self.inner.append(frame).await?;
            self.kept().keep(position, copy);
            Ok(position)
        })
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        let row = self.inner.cached(key)?;
        self.told(key, &row);
        Some(row)
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        Box::pin(async move {
            let row = self.inner.get(key).await?;
            self.told(key, &row);
            Ok(row)
        })
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move {
            let rows = self.inner.scan(range, limit).await?;
            let told = |(key, row): &(Key, Arc<Row>)| self.told(key.as_bytes(), row);
            rows.iter().for_each(told);
            Ok(rows)
        })
    }

    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move {
            let rows = self.inner.scan_back(range, limit).await?;
            let told = |(key, row): &(Key, Arc<Row>)| self.told(key.as_bytes(), row);
            rows.iter().for_each(told);
            Ok(rows)
        })
    }

    fn close(&self) -> Pending<'_, Result<(), StoreError>> {
        // It outlives the stores of its many lives.
        Box::pin(async { Ok(()) })
    }
}
