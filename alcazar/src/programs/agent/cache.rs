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

    pub(super) fn keep(&mut self, of: VersionOf, value: Arc<SecretValue>, now: Timestamp) {
        if self.ttl.is_zero() {
            return;
        }
        self.uses += 1;
        self.kept.insert(of, Kept { value, since: now, used: self.uses });
        while self.kept.len() > self.entries {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(of, _)| of.clone());
            match oldest {
                Some(oldest) => drop(self.kept.remove(&oldest)),
                None => return,
            }
        }
    }
}
