//! Signing keys, kept so that four of five HMACs, and unsealing the secret, happen once a day and key.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use crate::key::SigningKey;
use crate::scope::Scope;

const SHARDS: usize = 16;

/// A bounded set of signing keys by access key id and scope; all methods may be called from many threads.
///
/// The access key id stands for its secret here: an id must never get another secret, and [`SigningKeyCache::forget`] is
/// to be called when a key is deleted. Whether a key is active is not known here. Keep a key only after a request was
/// verified with it, so that strangers cannot push others out with Regions of their invention.
pub struct SigningKeyCache {
    shards: [RwLock<HashMap<u64, Entry>>; SHARDS],
    per_shard: usize,
    hasher: RandomState,
}

struct Entry {
    access_key_id: Box<str>,
    date: Box<str>,
    region: Box<str>,
    service: Box<str>,
    key: Arc<SigningKey>,
}

impl SigningKeyCache {
    /// A cache for about `capacity` keys, at least one for each of 16 shards.
    pub fn new(capacity: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| RwLock::default()),
            per_shard: capacity.div_ceil(SHARDS).max(1),
            hasher: RandomState::new(),
        }
    }

    /// The key, if it is kept here.
    pub fn get(&self, access_key_id: &str, scope: Scope<'_>) -> Option<Arc<SigningKey>> {
        let hash = self.hash(access_key_id, scope);
        let shard = self.shard(hash).read().unwrap_or_else(PoisonError::into_inner);
        let entry = shard.get(&hash)?;
        entry.is(access_key_id, scope).then(|| Arc::clone(&entry.key))
    }

    /// Keeps a key. A full shard first loses the keys of other days, then any one.
    pub fn keep(&self, access_key_id: &str, scope: Scope<'_>, key: Arc<SigningKey>) {
        let hash = self.hash(access_key_id, scope);
        let mut shard = self.shard(hash).write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.per_shard && !shard.contains_key(&hash) {
            shard.retain(|_, entry| *entry.date == *scope.date);
            // The order of a hash map is as good as a draw.
            if shard.len() >= self.per_shard
                && let Some(victim) = shard.keys().next().copied()
            {
                shard.remove(&victim);
            }
        }
        let entry = Entry {
            access_key_id: access_key_id.into(),
            date: scope.date.into(),
            region: scope.region.into(),
            service: scope.service.into(),
            key,
        };
        shard.insert(hash, entry);
    }

    /// Drops all keys of an access key.
    pub fn forget(&self, access_key_id: &str) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|_, entry| *entry.access_key_id != *access_key_id);
        }
    }

    /// How many keys are kept.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn hash(&self, access_key_id: &str, scope: Scope<'_>) -> u64 {
        self.hasher.hash_one((access_key_id, scope))
    }

    fn shard(&self, hash: u64) -> &RwLock<HashMap<u64, Entry>> {
        // The upper bits: the map within the shard uses its own hash of all of them.
        &self.shards[(hash >> 60) as usize % SHARDS]
    }
}

impl Entry {
    /// Two credentials of one hash would share a place: the later one has it.
    fn is(&self, access_key_id: &str, scope: Scope<'_>) -> bool {
        *self.access_key_id == *access_key_id
            && *self.date == *scope.date
            && *self.region == *scope.region
            && *self.service == *scope.service
    }
}

impl std::fmt::Debug for SigningKeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeyCache").field("keys", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: Scope<'static> = Scope { date: "20150830", region: "us-east-1", service: "kms" };

    fn kept(cache: &SigningKeyCache, id: &str, scope: Scope<'_>) {
        cache.keep(id, scope, Arc::new(SigningKey::derive("secret", scope)));
    }

    #[test]
    fn a_key_is_found_only_under_its_own_id_and_scope() {
        let cache = SigningKeyCache::new(64);
        kept(&cache, "AKID", SCOPE);
        assert!(cache.get("AKID", SCOPE).is_some());
        assert!(cache.get("AKIE", SCOPE).is_none());
        assert!(cache.get("AKID", Scope { date: "20150831", ..SCOPE }).is_none());
        assert!(cache.get("AKID", Scope { region: "eu-west-1", ..SCOPE }).is_none());
        assert!(cache.get("AKID", Scope { service: "sts", ..SCOPE }).is_none());
    }

    #[test]
    fn forgetting_drops_every_scope_of_one_key() {
        let cache = SigningKeyCache::new(64);
        kept(&cache, "A", SCOPE);
        kept(&cache, "A", Scope { service: "sts", ..SCOPE });
        kept(&cache, "B", SCOPE);
        cache.forget("A");
        assert_eq!(cache.len(), 1);
        assert!(cache.get("B", SCOPE).is_some());
    }

    #[test]
    fn it_stays_within_its_bound_and_yesterday_goes_first() {
        let cache = SigningKeyCache::new(32);
        for n in 0..1000 {
            kept(&cache, &format!("A{n}"), SCOPE);
        }
        assert_eq!(cache.len(), 32);
        let tomorrow = Scope { date: "20150831", ..SCOPE };
        for n in 0..1000 {
            kept(&cache, &format!("A{n}"), tomorrow);
        }
        assert_eq!(cache.len(), 32);
        assert!((0..1000).all(|n| cache.get(&format!("A{n}"), SCOPE).is_none()));
        assert_eq!(format!("{cache:?}"), "SigningKeyCache { keys: 32, .. }");
    }
}
