//! Injected faults over any engine: spurious conflicts, refused writes, crashes before and after a write, rows that are
//! not in memory, yields at every call. All of it follows from the numbers that are passed in: the same seed, the same run.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use alcazar_core::Timestamp;

use crate::{
    AppendError, Fact, Frame, KeyRange, Layer, Pending, Position, RecordPage, RecordQuery, Row, Rows, Store,
    StoreError,
};

/// How often what happens; chances are in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct FaultPlan {
    /// A frame that has expectations is answered with a conflict although they hold; nothing is written.
    pub conflict: u16,
    /// A write is refused; nothing is written.
    pub refuse: u16,
    /// The store crashes before a write.
    pub crash_before: u16,
    /// The store crashes after a write that the caller is then not told of.
    pub crash_after: u16,
    /// A row is said not to be in memory.
    pub cold: u16,
    /// Each call gives way to other tasks so many times at most.
    pub yields: u8,
    /// Crashes at this very write, counted from 1, besides the chances.
    pub crash_at: Option<(u64, Moment)>,
}

/// When it crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The frame is not there afterwards.
    BeforeTheWrite,
    /// The frame is there afterwards, and the caller does not know.
    AfterTheWrite,
}

/// A store that fails as planned. After a crash it refuses every call until [`FaultyStore::restart`]; calls that were under
/// way end in an error too.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    plan: FaultPlan,
    draw: Mutex<Box<dyn FnMut() -> u64 + Send>>,
    /// Even while it runs, odd while it is down: a call that began in another life is over.
    life: AtomicU64,
    writes: AtomicU64,
}

/// An endless sequence of numbers from a seed (SplitMix64): the same seed, the same numbers.
pub fn seeded(seed: u64) -> impl FnMut() -> u64 + Send + 'static {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl FaultyStore {
    /// Wraps a store; `draw` decides, see [`seeded`].
    pub fn new(inner: Arc<dyn Store>, plan: FaultPlan, draw: impl FnMut() -> u64 + Send + 'static) -> Self {
        let draw: Box<dyn FnMut() -> u64 + Send> = Box::new(draw);
        Self { inner, plan, draw: Mutex::new(draw), life: AtomicU64::new(0), writes: AtomicU64::new(0) }
    }

    /// Whether it is down.
    pub fn is_down(&self) -> bool {
        self.life.load(Ordering::SeqCst) % 2 == 1
    }

    /// Crashes now.
    pub fn crash(&self) {
        let _ = self
            .life
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |life| (life % 2 == 0).then_some(life + 1));
    }

    /// Starts it again after a crash.
    pub fn restart(&self) {
        let _ = self
            .life
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |life| (life % 2 == 1).then_some(life + 1));
    }

    /// How many writes were tried.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    fn number(&self) -> u64 {
        (self.draw.lock().unwrap_or_else(PoisonError::into_inner))()
    }

    fn happens(&self, chance: u16) -> bool {
        // A draw even where the chance is 0 would make plans with more kinds of fault run otherwise; it must not matter.
        chance > 0 && self.number() % 1000 < u64::from(chance)
    }

    /// The life that a call begins in.
    fn begin(&self) -> Result<u64, StoreError> {
        let life = self.life.load(Ordering::SeqCst);
        if life % 2 == 1 { Err(StoreError::new("the store is down (injected)")) } else { Ok(life) }
    }

    fn still(&self, life: u64) -> Result<(), StoreError> {
        let now = self.life.load(Ordering::SeqCst);
        if now == life { Ok(()) } else { Err(StoreError::new("the store crashed (injected)")) }
    }

    async fn pause(&self) {
        if self.plan.yields > 0 {
            for _ in 0..self.number() % (u64::from(self.plan.yields) + 1) {
                give_way().await;
            }
        }
    }

    fn crashes(&self, write: u64, moment: Moment) -> bool {
        let chance = match moment {
            Moment::BeforeTheWrite => self.plan.crash_before,
            Moment::AfterTheWrite => self.plan.crash_after,
        };
        let crashes = self.plan.crash_at == Some((write, moment)) || self.happens(chance);
        if crashes {
            self.crash();
        }
        crashes
    }

    async fn append_or_fail(&self, frame: Frame) -> Result<Position, AppendError> {
        let life = self.begin()?;
        self.pause().await;
        self.still(life)?;
        let write = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if self.happens(self.plan.refuse) {
            return Err(StoreError::new("the write was refused (injected)").into());
        }
        if !(frame.expect.is_empty() && frame.expect_empty.is_empty()) && self.happens(self.plan.conflict) {
            return Err(AppendError::Conflict);
        }
        if self.crashes(write, Moment::BeforeTheWrite) {
            return Err(StoreError::new("the store crashed before the write (injected)").into());
        }
        let position = self.inner.append(frame).await?;
        if self.crashes(write, Moment::AfterTheWrite) {
            return Err(StoreError::new("the store crashed after the write (injected)").into());
        }
        self.pause().await;
        self.still(life)?;
        Ok(position)
    }

    async fn read<T>(&self, inner: Pending<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
        let life = self.begin()?;
        self.pause().await;
        self.still(life)?;
        let found = inner.await?;
        self.pause().await;
        self.still(life)?;
        Ok(found)
    }
}

/// Lets other tasks run once.
async fn give_way() {
    let mut gave = false;
    poll_fn(|context| {
        if std::mem::replace(&mut gave, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore")
            .field("plan", &self.plan)
            .field("down", &self.is_down())
            .finish_non_exhaustive()
    }
}

impl Layer for FaultyStore {
    fn beneath(&self) -> &dyn Store {
        &*self.inner
    }

    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        Box::pin(self.append_or_fail(frame))
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        if self.is_down() || self.happens(self.plan.cold) { None } else { self.inner.cached(key) }
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        Box::pin(self.read(self.inner.get(key)))
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(self.read(self.inner.scan(range, limit)))
    }

    fn scan_back<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(self.read(self.inner.scan_back(range, limit)))
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        Box::pin(self.read(self.inner.records(query)))
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        Box::pin(self.read(self.inner.facts(after, limit)))
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        Box::pin(self.read(self.inner.forget_records(before)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::sync::Arc;

    use super::{FaultPlan, FaultyStore, Moment, seeded};
    use crate::engines::memory::MemoryStore;
    use crate::{AppendError, Frame, KeyWriter, Store};

    fn frame(name: &[u8]) -> Frame {
        Frame { put: vec![(KeyWriter::new().part(name).finish(), "x".into())], ..Frame::default() }
    }

    async fn after_a_crash(moment: Moment) -> bool {
        let plan = FaultPlan { crash_at: Some((2, moment)), ..FaultPlan::default() };
        let store = FaultyStore::new(Arc::new(MemoryStore::new()), plan, seeded(1));
        store.append(frame(b"a")).await.unwrap();
        store.append(frame(b"b")).await.unwrap_err();
        assert!(store.get(b"a\0\x01").await.is_err(), "a store that is down answers nothing");
        assert!(store.cached(b"a\0\x01").is_none());
        store.restart();
        assert!(store.get(b"a\0\x01").await.unwrap().exists());
        store.get(b"b\0\x01").await.unwrap().exists()
    }

    #[tokio::test]
    async fn a_crash_before_the_write_loses_the_frame_and_one_after_it_does_not() {
        assert!(!after_a_crash(Moment::BeforeTheWrite).await);
        assert!(after_a_crash(Moment::AfterTheWrite).await);
    }

    #[tokio::test]
    async fn the_same_seed_gives_the_same_run() {
        let run = async |seed| {
            let plan = FaultPlan { refuse: 300, crash_after: 100, yields: 3, ..FaultPlan::default() };
            let store = FaultyStore::new(Arc::new(MemoryStore::new()), plan, seeded(seed));
            let mut outcomes = Vec::new();
            for n in 0_u8..100 {
                outcomes.push(store.append(frame(&[n])).await.map_err(|e| e.to_string()));
                store.restart();
            }
            outcomes
        };
        assert_eq!(run(7).await, run(7).await);
        assert_ne!(run(7).await, run(8).await);
    }

    #[tokio::test]
    async fn a_spurious_conflict_meets_only_frames_that_expect_something() {
        let plan = FaultPlan { conflict: 1000, ..FaultPlan::default() };
        let store = FaultyStore::new(Arc::new(MemoryStore::new()), plan, seeded(1));
        store.append(frame(b"a")).await.unwrap();
        let expecting =
            Frame { expect: vec![(frame(b"b").put[0].0.clone(), crate::Version::ABSENT)], ..frame(b"b") };
        assert!(matches!(store.append(expecting).await, Err(AppendError::Conflict)));
    }
}
