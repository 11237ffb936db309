use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use alcazar_core::Timestamp;

use crate::upstream::{SecretValue, VersionOf};

/// Values by what was asked for; of too many, the one that was used longest ago goes.
pub(super) struct Cache {
    ttl: Duration,
    entries: usize,
    /// Counts uses, so that they have an order.
    uses: u64,
    kept: HashMap<VersionOf, Kept>,
}

struct Kept {
    value: Arc<SecretValue>,
    since: Timestamp,
    used: u64,
}

/// What the cache has.
#[derive(Debug)]
pub(super) enum Found {
    /// A value that is good.
    Fresh(Arc<SecretValue>),
    /// A value that is too old to be given without asking.
    Stale(Arc<SecretValue>),
    /// None.
    Nothing,
}

impl Cache {
    pub(super) fn new(ttl: Duration, entries: usize) -> Self {
        Self { ttl, entries, uses: 0, kept: HashMap::new() }
    }

    pub(super) fn look(&mut self, of: &VersionOf, now: Timestamp) -> Found {
        self.uses += 1;
        let Some(kept) = self.kept.get_mut(of) else { return Found::Nothing };
        kept.used = self.uses;
        let value = Arc::clone(&kept.value);
        // A clock that went back makes old, not forever young.
        let fresh = kept.since <= now && now < kept.since.plus(self.ttl);
        if fresh { Found::Fresh(value) } else { Found::Stale(value) }
    }

    /// Keeps what was asked for at that moment; not in place of what was asked for later and came sooner.
    pub(super) fn keep(&mut self, of: VersionOf, value: Arc<SecretValue>, asked: Timestamp, now: Timestamp) {
        let later = |kept: &Kept| asked < kept.since && kept.since <= now;
        if self.ttl.is_zero() || self.kept.get(&of).is_some_and(later) {
            return;
        }
        self.uses += 1;
        self.kept.insert(of, Kept { value, since: asked, used: self.uses });
        while self.kept.len() > self.entries {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(of, _)| of.clone());
            match oldest {
                Some(oldest) => drop(self.kept.remove(&oldest)),
                None => return,
            }
        }
    }

    /// Forgets a value: the service says that it is none any more, or none for this agent.
    pub(super) fn forget(&mut self, of: &VersionOf) {
        self.kept.remove(of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(version: &str) -> Arc<SecretValue> {
        let json = serde_json::json!({ "VersionId": version });
        Arc::new(serde_json::from_value(json).unwrap())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds)
    }

    fn kept(cache: &mut Cache, now: Timestamp) -> String {
        match cache.look(&VersionOf::current("s"), now) {
            Found::Fresh(value) => format!("fresh {}", value.version_id.as_deref().unwrap()),
            Found::Stale(value) => format!("stale {}", value.version_id.as_deref().unwrap()),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_come_back() {
        let mut cache = Cache::new(Duration::from_secs(300), 10);
        cache.keep(VersionOf::current("s"), value("new"), at(2), at(3));
        cache.keep(VersionOf::current("s"), value("old"), at(1), at(4));
        assert_eq!(kept(&mut cache, at(5)), "fresh new");
        cache.keep(VersionOf::current("s"), value("newer"), at(6), at(7));
        assert_eq!(kept(&mut cache, at(305)), "fresh newer");
        assert_eq!(kept(&mut cache, at(306)), "stale newer", "it is as old as the question");
    }

    #[test]
    fn what_a_clock_that_went_back_had_kept_is_replaced() {
        let mut cache = Cache::new(Duration::from_secs(300), 10);
        cache.keep(VersionOf::current("s"), value("before"), at(1000), at(1000));
        assert_eq!(kept(&mut cache, at(1)), "stale before");
        cache.keep(VersionOf::current("s"), value("after"), at(1), at(2));
        assert_eq!(kept(&mut cache, at(2)), "fresh after");
    }
}
