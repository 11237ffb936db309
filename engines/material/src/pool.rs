//! RSA key pairs made ahead of their use, so that no request waits for primes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{KeyPair, KeySpec, Result};

/// A bounded stock of RSA pairs. Requests [`RsaPool::take`]; the program's own background thread calls
/// [`RsaPool::refill`] again and again. No thread is started here, and no lock is held while a key is made.
#[derive(Debug)]
pub struct RsaPool {
    shelves: [Shelf; 3],
}

#[derive(Debug)]
struct Shelf {
    spec: KeySpec,
    capacity: usize,
    stock: Mutex<Stock>,
}

#[derive(Debug, Default)]
struct Stock {
    pairs: Vec<KeyPair>,
    /// Being made by some thread at this moment.
    coming: usize,
}

impl RsaPool {
    /// An empty pool that holds at most so many pairs of RSA_2048, RSA_3072 and RSA_4096.
    pub fn new(capacities: [usize; 3]) -> Self {
        let [rsa_2048, rsa_3072, rsa_4096] = capacities;
        let shelf = |spec, capacity| Shelf { spec, capacity, stock: Mutex::default() };
        Self {
            shelves: [
                shelf(KeySpec::Rsa2048, rsa_2048),
                shelf(KeySpec::Rsa3072, rsa_3072),
                shelf(KeySpec::Rsa4096, rsa_4096),
            ],
        }
    }

    /// A pair, if one is there. Never blocks for long; each pair is given once. `None` for specs other than RSA.
    pub fn take(&self, spec: KeySpec) -> Option<KeyPair> {
        let shelf = self.shelves.iter().find(|shelf| shelf.spec == spec)?;
        shelf.lock().pairs.pop()
    }

    /// Makes one pair for the emptiest shelf, and waits for it. `Ok(false)` says that nothing was missing. Several threads
    /// may call it at once; together they never exceed the capacities.
    pub fn refill(&self) -> Result<bool> {
        // The library draws from its own generator for RSA: the entropy passed is not asked.
        self.refill_with(|spec| KeyPair::generate(spec, &|_| ()))
    }

    /// The same with pairs that somebody else makes.
    pub fn refill_with(&self, make: impl FnOnce(KeySpec) -> Result<KeyPair>) -> Result<bool> {
        let Some(order) = self.order() else { return Ok(false) };
        let pair = make(order.0.spec)?;
        order.0.lock().pairs.push(pair);
        Ok(true)
    }

    /// How many pairs of the spec are there.
    pub fn len(&self, spec: KeySpec) -> usize {
        self.shelves.iter().filter(|shelf| shelf.spec == spec).map(|shelf| shelf.lock().pairs.len()).sum()
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.shelves.iter().all(|shelf| shelf.lock().pairs.is_empty())
    }

    /// A place on the shelf that misses the largest share of its capacity; small keys first, which are asked for most.
    fn order(&self) -> Option<Order<'_>> {
        let missing = |shelf: &Shelf| {
            let stock = shelf.lock();
            shelf.capacity.saturating_sub(stock.pairs.len() + stock.coming) * 1000 / shelf.capacity.max(1)
        };
        let shelf = self.shelves.iter().rev().max_by_key(|shelf| missing(shelf))?;
        let mut stock = shelf.lock();
        if stock.pairs.len() + stock.coming >= shelf.capacity {
            return None;
        }
        stock.coming += 1;
        Some(Order(shelf))
    }
}

/// A place kept on a shelf for a pair that is being made; given back however that ends.
struct Order<'a>(&'a Shelf);

impl Drop for Order<'_> {
    fn drop(&mut self) {
        self.0.lock().coming -= 1;
    }
}

impl Shelf {
    /// The stock is whole after every statement, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_fills_to_its_capacities_and_gives_each_pair_once() {
        let pool = RsaPool::new([2, 1, 0]);
        assert!(pool.take(KeySpec::Rsa2048).is_none());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| while pool.refill().unwrap() {});
            }
        });
        assert_eq!(
            [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096].map(|spec| pool.len(spec)),
            [2, 1, 0]
        );
        let first = pool.take(KeySpec::Rsa2048).unwrap();
        let second = pool.take(KeySpec::Rsa2048).unwrap();
        assert_ne!(first.public_key, second.public_key);
        assert!(pool.take(KeySpec::Rsa2048).is_none());
        assert!(pool.take(KeySpec::EccNistP256).is_none());
        assert_eq!(pool.refill(), Ok(true));
        assert_eq!(pool.len(KeySpec::Rsa2048), 1);
    }
}
