use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// A bounded cache of two generations: when the young one is full it becomes the old one, and the old one goes. What is used
/// survives; the cost is one lock and at most two look-ups.
#[derive(Debug)]
pub(crate) struct Generations<K, V> {
    limit: usize,
    maps: Mutex<(HashMap<K, V>, HashMap<K, V>)>,
}

impl<K: Hash + Eq + Clone, V: Clone> Generations<K, V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, maps: Mutex::new((HashMap::new(), HashMap::new())) }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut maps = self.maps.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = maps.0.get(key) {
            return Some(value.clone());
        }
        let (key, value) = maps.1.remove_entry(key)?;
        Self::put(&mut maps, self.limit, key, value.clone());
        Some(value)
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        Self::put(&mut self.maps.lock().unwrap_or_else(PoisonError::into_inner), self.limit, key, value);
    }

    fn put(maps: &mut (HashMap<K, V>, HashMap<K, V>), limit: usize, key: K, value: V) {
        if maps.0.len() >= limit {
            maps.1 = std::mem::take(&mut maps.0);
        }
        maps.0.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_survives_and_the_rest_goes() {
        let cache = Generations::new(2);
        for key in 0..100 {
            cache.insert(key, key);
            assert_eq!(cache.get(&0), Some(0), "after {key}");
        }
        assert_eq!(cache.get(&50), None);
        let maps = cache.maps.lock().unwrap();
        assert!(maps.0.len() + maps.1.len() <= 4);
    }
}
