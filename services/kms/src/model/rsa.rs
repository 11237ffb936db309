//! RSA pairs without waiting for primes where it can be helped: a small stock, filled by a thread of its own from the first request on.

use std::sync::OnceLock;
use std::thread::{self, Thread};

use alcazar_corridor::Failure;
use alcazar_material::{KeyPair, KeySpec, RsaPool};

/// How many pairs of 2048, 3072 and 4096 bits are kept ready.
const STOCK: [usize; 3] = [8, 2, 2];

struct Stock {
    pool: RsaPool,
    /// Asleep while nothing is missing. `None` if the thread could not be started: then pairs are made when they are asked for.
    filler: OnceLock<Thread>,
}

static STOCKED: OnceLock<Stock> = OnceLock::new();

/// A fresh RSA pair: from the stock, or made on a thread that may block, never on the one that serves calls.
pub(crate) async fn rsa_pair(spec: KeySpec) -> Result<KeyPair, Failure> {
    let stock = stock();
    let taken = stock.pool.take(spec);
    if let Some(filler) = stock.filler.get() {
        filler.unpark();
    }
    if let Some(pair) = taken {
        return Ok(pair);
    }
    // The library draws from its own generator for RSA: the entropy passed is not asked.
    let made = tokio::task::spawn_blocking(move || KeyPair::generate(spec, &|_| ())).await;
    made.map_err(Failure::internal)?.map_err(Failure::internal)
}

fn stock() -> &'static Stock {
    let stock = STOCKED.get_or_init(|| Stock { pool: RsaPool::new(STOCK), filler: OnceLock::new() });
    if stock.filler.get().is_none() {
        // Two first callers may start two threads; both are bounded by the pool and the second sleeps for ever.
        if let Ok(handle) = thread::Builder::new().name("kms-rsa".to_owned()).spawn(fill) {
            let _ = stock.filler.set(handle.thread().clone());
        }
    }
    stock
}

fn fill() {
    loop {
        let made = STOCKED.get().map(|stock| stock.pool.refill());
        if !matches!(made, Some(Ok(true))) {
            thread::park();
        }
    }
}
