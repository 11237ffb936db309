//! Every engine keeps the contract.

use std::sync::{Arc, Mutex};

use alcazar_store::contract::{self, Subject};
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
