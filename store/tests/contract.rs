//! Every engine keeps the contract.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use alcazar_store::contract::{self, Subject};
use alcazar_store::engines::embedded::{EmbeddedOptions, EmbeddedStore};
use alcazar_store::engines::faults::{FaultPlan, FaultyStore, seeded};
use alcazar_store::engines::memory::MemoryStore;
use alcazar_store::{Pending, Store};

/// Keeps the newest store, whose data the next handle shares.
struct Memory(Mutex<MemoryStore>);

impl Subject for Memory {
    fn fresh(&self) -> Pending<'_, Arc<dyn Store>> {
        let store = MemoryStore::new();
        *self.0.lock().unwrap() = store.reopened();
        Box::pin(async { Arc::new(store) as Arc<dyn Store> })
    }

    fn reopened(&self, _closed: Arc<dyn Store>) -> Pending<'_, Arc<dyn Store>> {
        let store = self.0.lock().unwrap().reopened();
        Box::pin(async { Arc::new(store) as Arc<dyn Store> })
    }
}

/// Rows that are often not in memory, and yields everywhere: nothing that a caller may notice.
struct Yielding(Memory);

impl Subject for Yielding {
    fn fresh(&self) -> Pending<'_, Arc<dyn Store>> {
        Box::pin(async { yielding(self.0.fresh().await) })
    }

    fn reopened(&self, closed: Arc<dyn Store>) -> Pending<'_, Arc<dyn Store>> {
        Box::pin(async { yielding(self.0.reopened(closed).await) })
    }
}

fn yielding(inner: Arc<dyn Store>) -> Arc<dyn Store> {
    let plan = FaultPlan { cold: 500, yields: 3, ..FaultPlan::default() };
    Arc::new(FaultyStore::new(inner, plan, seeded(1)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_in_memory() {
    contract::all(&Memory(Mutex::new(MemoryStore::new()))).await;
}

#[tokio::test]
async fn the_engine_in_memory_that_yields() {
    contract::all(&Yielding(Memory(Mutex::new(MemoryStore::new())))).await;
}

/// Each store in a folder of its own under one that goes with the test.
struct Embedded {
    root: tempfile::TempDir,
    newest: Mutex<u32>,
    options: EmbeddedOptions,
}

impl Embedded {
    fn new(options: EmbeddedOptions) -> Self {
        Self { root: tempfile::tempdir().unwrap(), newest: Mutex::new(0), options }
    }

    fn open(&self) -> Arc<dyn Store> {
        let folder: PathBuf = self.root.path().join(self.newest.lock().unwrap().to_string());
        Arc::new(EmbeddedStore::open(&folder, &self.options).unwrap())
    }
}

impl Subject for Embedded {
    fn fresh(&self) -> Pending<'_, Arc<dyn Store>> {
        *self.newest.lock().unwrap() += 1;
        Box::pin(async { self.open() })
    }

    fn reopened(&self, _closed: Arc<dyn Store>) -> Pending<'_, Arc<dyn Store>> {
        Box::pin(async { self.open() })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_engine() {
    contract::all(&Embedded::new(EmbeddedOptions::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_engine_with_small_segments_and_hardly_any_memory() {
    let options = EmbeddedOptions::default().with_segment_bytes(1_200_000).with_cache_bytes(1 << 16);
    contract::all(&Embedded::new(options)).await;
}
