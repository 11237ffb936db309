//! RSA pairs without waiting for primes where it can be helped: a small stock, filled by a thread of its own from the first request on.

use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};

use alcazar_corridor::Failure;
use alcazar_material::{KeyPair, KeySpec, RsaPool};

/// How many pairs of 2048, 3072 and 4096 bits are kept ready.
const STOCK: [usize; 3] = [8, 2, 2];

/// A pair, if the library could make one.
type Made = alcazar_material::Result<KeyPair>;

/// Pairs that are ready, and whatever makes them.
struct Stock {
    pool: RsaPool,
    make: Box<dyn Fn(KeySpec) -> Made + Send + Sync>,
    /// Asleep while nothing is missing. `None` if the thread could not be started: then pairs are made when they are asked for.
    filler: OnceLock<Thread>,
}

static STOCKED: OnceLock<Arc<Stock>> = OnceLock::new();

/// A fresh RSA pair: from the stock, or made on a thread that may block, never on the one that serves calls.
pub(crate) async fn rsa_pair(spec: KeySpec) -> Result<KeyPair, Failure> {
    // The library draws from its own generator for RSA: the entropy passed is not asked.
    let stock = STOCKED.get_or_init(|| Stock::new(STOCK, |spec| KeyPair::generate(spec, &|_| ())));
    stock.pair(spec).await
}

impl Stock {
    fn new(capacities: [usize; 3], make: impl Fn(KeySpec) -> Made + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { pool: RsaPool::new(capacities), make: Box::new(make), filler: OnceLock::new() })
    }

    async fn pair(self: &Arc<Self>, spec: KeySpec) -> Result<KeyPair, Failure> {
        let taken = self.pool.take(spec);
        self.wake_filler();
        if let Some(pair) = taken {
            return Ok(pair);
        }
        let stock = self.clone();
        let made = tokio::task::spawn_blocking(move || (stock.make)(spec)).await;
        made.map_err(Failure::internal)?.map_err(Failure::internal)
    }

    fn wake_filler(self: &Arc<Self>) {
        if self.filler.get().is_none() {
            let stock = self.clone();
            // Two first callers may start two threads; both are bounded by the pool and the second sleeps for ever.
            if let Ok(handle) = thread::Builder::new().name("kms-rsa".to_owned()).spawn(move || stock.fill())
            {
                let _ = self.filler.set(handle.thread().clone());
            }
        }
        if let Some(filler) = self.filler.get() {
            filler.unpark();
        }
    }

    fn fill(&self) {
        loop {
            if !matches!(self.pool.refill_with(&self.make), Ok(true)) {
                thread::park();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc;

    use alcazar_material::Error;
    use alcazar_testkit::World;

    use super::*;

    /// A pair that is made at once: what it is does not matter to the stock.
    fn at_once() -> Made {
        KeyPair::generate(KeySpec::EccNistP256, &|bytes| bytes.fill(5))
    }

    #[tokio::test]
    async fn no_pair_is_made_on_the_thread_that_serves_calls() {
        let (made, threads) = mpsc::channel();
        let stock = Stock::new([1, 1, 0], move |spec| {
            let thread = thread::current();
            made.send((spec, thread.id(), thread.name().unwrap_or_default().to_owned())).unwrap();
            at_once()
        });
        let mut seen = Vec::new();
        // One that is not kept ready is made for its caller.
        let _ = stock.pair(KeySpec::Rsa4096).await.unwrap();
        // Waking up, the filler makes what is missing: one of each of the others.
        while seen.len() < 3 {
            seen.push(threads.recv().unwrap());
        }
        // Those come from the stock, which is filled up again.
        while stock.pool.len(KeySpec::Rsa2048) == 0 {
            thread::yield_now();
        }
        let _ = stock.pair(KeySpec::Rsa2048).await.unwrap();
        seen.push(threads.recv().unwrap());
        let serving = thread::current().id();
        assert!(seen.iter().all(|(_, thread, _)| *thread != serving), "{seen:?}");
        let of_filler =
            |spec| seen.iter().filter(|(made, _, name)| *made == spec && name == "kms-rsa").count();
        let filled = [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096].map(of_filler);
        assert_eq!(filled, [2, 1, 0], "{seen:?}");
    }

    #[tokio::test]
    async fn a_generator_that_takes_for_ever_holds_up_no_other_call() {
        let serving = thread::current().id();
        let (begun, begins) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let stock = Stock::new([0, 0, 0], move |_| {
            // On that thread it would wait for itself: the test fails instead.
            if thread::current().id() == serving {
                return Err(Error::Failed);
            }
            begun.send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
            at_once()
        });
        let world = World::of(&[crate::SERVICE]).await;
        let waiting = tokio::spawn({
            let stock = stock.clone();
            async move { stock.pair(KeySpec::Rsa4096).await.map(|pair| pair.spec) }
        });
        while begins.try_recv().is_err() {
            assert!(!waiting.is_finished(), "it was made on the thread that serves calls");
            tokio::task::yield_now().await;
        }
        // All calls of this test run on one thread.
        let _ = world.call("kms:CreateKey", "{}").await.ok();
        assert!(!waiting.is_finished());
        go_on.send(()).unwrap();
        assert_eq!(waiting.await.unwrap().unwrap(), KeySpec::EccNistP256);
    }
}
