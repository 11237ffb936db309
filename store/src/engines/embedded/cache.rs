//! Rows in memory, absent ones too: bounded in bytes, evicted by CLOCK, in shards so that readers hardly ever meet.
//!
//! Coherence: the writer publishes a row after SQLite has it, which raises the shard's generation. A reader that misses notes
//! the generation *before* it asks SQLite and installs what it read only if the generation is still the same, all under the
//! shard's lock. So a row that was replaced in between is never installed over its successor.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Key, Row};

const SHARDS: usize = 128;
/// What an entry takes besides its bytes: slot, map entry, the row's own fields, two allocations.
const OVERHEAD: usize = 224;

pub(super) struct Cache {
    shards: Box<[Padded]>,
    seed: u64,
    shard_bytes: usize,
}

/// A shard on cache lines of its own.
#[repr(align(128))]
#[derive(Default)]
struct Padded(Mutex<Shard>);

#[derive(Default)]
struct Shard {
    /// By the whole hash of the key: two keys of one hash take each other's place, which costs a read and no more.
    places: HashMap<u64, usize, BuildHasherDefault<Identity>>,
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    hand: usize,
    bytes: usize,
    generation: u64,
}

struct Slot {
    hash: u64,
    key: Key,
    row: Arc<Row>,
    used: bool,
}

/// Where a reader stood when it began to load a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp(u64);

#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 << 8) | u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Cache {
    pub(super) fn new(bytes: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Padded::default()).collect();
        Self { shards, seed: RandomState::new().hash_one(0_u8), shard_bytes: bytes / SHARDS }
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<Arc<Row>> {
        let hash = self.hash(key);
        let mut shard = self.shard(hash);
        let place = *shard.places.get(&hash)?;
        let slot = shard.slots.get_mut(place)?.as_mut()?;
        if slot.key.as_bytes() != key {
            return None;
        }
        slot.used = true;
        Some(slot.row.clone())
    }

    /// To be called before the row is read from SQLite.
    pub(super) fn stamp(&self, key: &[u8]) -> Stamp {
        Stamp(self.shard(self.hash(key)).generation)
    }

    /// Installs a row that was read from SQLite, unless the shard has changed since; gives the row to be used.
    pub(super) fn install(&self, key: &Key, row: Row, stamp: Stamp) -> Arc<Row> {
        let hash = self.hash(key.as_bytes());
        let row = Arc::new(row);
        let mut shard = self.shard(hash);
        match shard.known(hash, key) {
            Some(known) if known.version >= row.version => return known,
            // What SQLite holds but the writer has not published yet is about to be.
            Some(_) => {}
            None if shard.generation == stamp.0 => {
                shard.insert(hash, key.clone(), row.clone(), self.shard_bytes);
            }
            None => {}
        }
        row
    }

    /// Makes a row visible that the writer has written.
    pub(super) fn publish(&self, key: Key, row: Arc<Row>) {
        let hash = self.hash(key.as_bytes());
        let mut shard = self.shard(hash);
        shard.generation += 1;
        shard.insert(hash, key, row, self.shard_bytes);
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // The high bits choose the shard, the low ones the bucket in it.
        let index = (hash >> 48) as usize % SHARDS;
        self.shards[index].0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Eight bytes at a time by folded multiplication. Seeded; and keys made to collide only push each other out.
    fn hash(&self, key: &[u8]) -> u64 {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut hash = self.seed ^ key.len() as u64;
        let (words, rest) = key.as_chunks::<8>();
        for word in words {
            hash = fold(hash ^ u64::from_le_bytes(*word), ODD);
        }
        let last = rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        fold(fold(hash ^ last, ODD), self.seed | 1)
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

impl Shard {
    fn known(&self, hash: u64, key: &Key) -> Option<Arc<Row>> {
        let slot = self.slots.get(*self.places.get(&hash)?)?.as_ref()?;
        (slot.key == *key).then(|| slot.row.clone())
    }

    fn insert(&mut self, hash: u64, key: Key, row: Arc<Row>, limit: usize) {
        let fresh = Slot { hash, key, row, used: false };
        self.bytes += fresh.cost();
        if let Some(place) = self.places.get(&hash).copied() {
            if let Some(held) = self.slots.get_mut(place) {
                let old = held.replace(fresh);
                self.bytes -= old.map_or(0, |slot| slot.cost());
            }
        } else {
            let place = self.free.pop().unwrap_or(self.slots.len());
            match self.slots.get_mut(place) {
                Some(slot) => *slot = Some(fresh),
                None => self.slots.push(Some(fresh)),
            }
            self.places.insert(hash, place);
        }
        while self.bytes > limit && !self.places.is_empty() {
            self.evict_one();
        }
    }

    /// Turns the hand past what was used since it last came by, and takes the first that was not.
    fn evict_one(&mut self) {
        loop {
            self.hand = (self.hand + 1) % self.slots.len().max(1);
            let Some(place) = self.slots.get_mut(self.hand) else { return };
            match place {
                Some(slot) if slot.used => slot.used = false,
                Some(slot) => {
                    self.bytes -= slot.cost();
                    self.places.remove(&slot.hash);
                    self.free.push(self.hand);
                    *place = None;
                    return;
                }
                None => {}
            }
        }
    }
}

impl Slot {
    /// The value counts twice: its decoded form is kept with it.
    fn cost(&self) -> usize {
        OVERHEAD + self.key.as_bytes().len() + 2 * self.row.value.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::{KeyWriter, Version};

    fn key(n: u64) -> Key {
        KeyWriter::new().part(&n.to_be_bytes()).finish()
    }

    fn row(version: u64) -> Row {
        Row::new(Version(version), vec![0; 100].into())
    }

    #[test]
    fn a_row_that_was_replaced_while_it_was_read_is_not_installed() {
        let cache = Cache::new(1 << 20);
        let stamp = cache.stamp(key(1).as_bytes());
        cache.publish(key(1), Arc::new(row(2)));
        cache.install(&key(1), row(1), stamp);
        assert_eq!(cache.get(key(1).as_bytes()).unwrap().version, Version(2));

        let stamp = cache.stamp(key(2).as_bytes());
        cache.install(&key(2), Row::absent(), stamp);
        assert!(!cache.get(key(2).as_bytes()).unwrap().exists());
        assert!(cache.get(key(3).as_bytes()).is_none());
    }

    #[test]
    fn it_stays_within_its_bytes_and_keeps_what_is_used() {
        let cache = Cache::new(SHARDS * 4000);
        for n in 0..10_000 {
            cache.publish(key(n), Arc::new(row(1)));
            cache.get(key(7).as_bytes());
        }
        let bytes: usize = cache.shards.iter().map(|shard| shard.0.lock().unwrap().bytes).sum();
        let held = (0..10_000).filter(|n| cache.get(key(*n).as_bytes()).is_some()).count();
        assert!(bytes <= SHARDS * 4000 && (500..1300).contains(&held), "{bytes} bytes, {held} rows");
        assert!(cache.get(key(7).as_bytes()).is_some());
    }

    #[test]
    fn a_row_larger_than_a_shard_is_not_kept() {
        let cache = Cache::new(SHARDS * 100);
        cache.publish(key(1), Arc::new(row(1)));
        assert!(cache.get(key(1).as_bytes()).is_none());
        cache.publish(key(2), Arc::new(row(1)));
        assert!(cache.get(key(2).as_bytes()).is_none());
    }
}
