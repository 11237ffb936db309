//! How many things of a kind an account may have in a Region.
//!
//! One counter would be written by every call that makes such a thing, and all of them would wait for each other. So the quota is divided
//! among shards: each has a count and an allowance, and a call looks at one shard alone. A shard that is full takes half of what another has
//! left. The allowances together are always the quota, so it is kept exactly; it is the escrow method.
//! Source: P. O'Neil, "The Escrow Transactional Method", 1986.

use alcazar_store::{Record, Scope, Table};
use serde::{Deserialize, Serialize};

use crate::{Failure, Tx};

/// A resource quota: what it counts, the most there may be, and the table of its counts, which the service declares.
#[derive(Debug, Clone, Copy)]
pub struct ResourceQuota<'b> {
    rows: &'static QuotaRows,
    name: &'static str,
    limit: u32,
    before: &'b [u32],
}

/// The counts of a service's quotas, by the quota's name and the shard's number.
pub type QuotaRows = Table<(&'static str, u64), QuotaShard>;

/// What a shard has, and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaShard {
    /// How many are counted in it.
    pub count: u32,
    /// How many may be.
    pub allowance: u32,
}

impl Record for QuotaShard {}

impl ResourceQuota<'static> {
    /// How many shards a quota has.
    pub const SHARDS: u64 = 64;

    /// At most `limit` of what that name stands for.
    pub const fn new(rows: &'static QuotaRows, name: &'static str, limit: u32) -> Self {
        Self { rows, name, limit, before: &[] }
    }

    /// The shard of a thing that is always counted by its name.
    pub fn shard_of(name: &str) -> u64 {
        // FNV-1a, 64 bits.
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        name.bytes().fold(0xcbf2_9ce4_8422_2325, mix) % Self::SHARDS
    }

    /// The same where so many were there, in each shard, before counting began.
    pub const fn after(self, before: &[u32]) -> ResourceQuota<'_> {
        ResourceQuota { before, ..self }
    }
}

impl ResourceQuota<'_> {
    /// The most there may be.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// Counts one more in that shard; false when there are as many as there may be, and then nothing is counted.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn take(&self, tx: &mut Tx<'_>, scope: Scope, shard: u64) -> Result<bool, Failure> {
        let mut own = self.shard(tx, scope, shard)?;
        if own.count >= own.allowance && !self.borrow(tx, scope, shard, &mut own)? {
            return Ok(false);
        }
        own.count += 1;
        self.put(tx, scope, shard, own)?;
        Ok(true)
    }

    /// Counts one less in the shard in which it was counted.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn give_back(&self, tx: &mut Tx<'_>, scope: Scope, shard: u64) -> Result<(), Failure> {
        let mut own = self.shard(tx, scope, shard)?;
        own.count = own.count.saturating_sub(1);
        self.put(tx, scope, shard, own)
    }

    /// How many are counted. It reads every shard, so that the call is decided again when any of them changes: for refusals, not for each call.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn used(&self, tx: &Tx<'_>, scope: Scope) -> Result<u32, Failure> {
        (0..ResourceQuota::SHARDS)
            .try_fold(0_u32, |sum, number| Ok(sum.saturating_add(self.shard(tx, scope, number)?.count)))
    }

    /// Takes from the first shard that has something left, in the order from its own number on.
    fn borrow(
        &self,
        tx: &mut Tx<'_>,
        scope: Scope,
        number: u64,
        own: &mut QuotaShard,
    ) -> Result<bool, Failure> {
        for step in 1..ResourceQuota::SHARDS {
            let other = (number + step) % ResourceQuota::SHARDS;
            let mut lender = self.shard(tx, scope, other)?;
            let spare = lender.allowance.saturating_sub(lender.count);
            if spare > 0 {
                let lent = spare.div_ceil(2);
                lender.allowance -= lent;
                own.allowance += lent;
                self.put(tx, scope, other, lender)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn shard(&self, tx: &Tx<'_>, scope: Scope, number: u64) -> Result<QuotaShard, Failure> {
        let held = tx.get(self.rows, scope, &(self.name, number))?;
        Ok(held.map_or_else(|| self.untouched(number), |shard| *shard))
    }

    fn put(&self, tx: &mut Tx<'_>, scope: Scope, number: u64, shard: QuotaShard) -> Result<(), Failure> {
        tx.put(self.rows, scope, &(self.name, number), &shard)
    }

    /// A shard that has no row yet: it has what was there before, and an equal part of what that leaves of the limit.
    pub fn untouched(&self, number: u64) -> QuotaShard {
        let all = self.before.iter().fold(0_u32, |sum, shard| sum.saturating_add(*shard));
        let left = u64::from(self.limit.saturating_sub(all));
        let part = left / ResourceQuota::SHARDS + u64::from(number < left % ResourceQuota::SHARDS);
        let count = usize::try_from(number).ok().and_then(|number| self.before.get(number)).copied();
        let count = count.unwrap_or(0);
        QuotaShard { count, allowance: count.saturating_add(u32::try_from(part).unwrap_or(u32::MAX)) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use alcazar_store::ScopeKind;

    use super::*;

    static ROWS: QuotaRows = Table::new("test/counts", ScopeKind::Region);

    fn allowances(quota: ResourceQuota<'_>) -> u32 {
        (0..ResourceQuota::SHARDS).map(|number| quota.untouched(number).allowance).sum()
    }

    #[test]
    fn the_parts_of_all_shards_are_the_limit_whatever_was_there_before() {
        for limit in [1, 63, 64, 10_000, 100_000] {
            let quota = ResourceQuota::new(&ROWS, "things", limit);
            assert_eq!(allowances(quota), limit);
            assert_eq!(allowances(quota.after(&[1])), limit);
        }
        let quota = ResourceQuota::new(&ROWS, "things", 10_000);
        let mut before = [100_u32; 64];
        before[3] = 3_000;
        assert_eq!(allowances(quota.after(&before)), 10_000, "9,300 are there, unevenly");
        before[4] = 3_000;
        assert_eq!(
            allowances(quota.after(&before)),
            12_200,
            "more are there than may be, and none is let in"
        );
        assert!((0..64).all(|number| {
            let shard = quota.after(&before).untouched(number);
            shard.count == shard.allowance
        }));
    }

    #[test]
    fn names_fall_on_many_shards() {
        let shards: BTreeSet<u64> =
            (0..1000).map(|number| ResourceQuota::shard_of(&format!("/app/{number}"))).collect();
        assert_eq!(shards.len() as u64, ResourceQuota::SHARDS);
    }
}
