//! How many parameters an account may have in a Region: 10,000 standard and 100,000 advanced ones.
//!
//! One counter would be written by every call that makes a parameter, and all of them would wait for each other. So the limit is divided
//! among shards, by the parameter's name: each has a count and an allowance, and a call looks at its own shard alone. A shard that is full
//! takes half of what another has left. The allowances together are always the limit, so the limit is exact; it is the escrow method.
//! Source: Systems Manager User Guide, "Managing parameter tiers"; P. O'Neil, "The Escrow Transactional Method", 1986.

use alcazar_corridor::{Failure, Tx};
use alcazar_store::{Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_ssm::ParameterTier;

use super::Name;

/// What a shard has, and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shard {
    count: u32,
    allowance: u32,
}

impl Record for Shard {}

/// The shards of an account in a Region, by tier and number.
static COUNTS: Table<(&'static str, u64), Shard> = Table::new("ssm/counts", ScopeKind::Region);

/// How many shards there are. A row that is not there has the count 0 and its equal part of the limit.
const SHARDS: u64 = 64;

/// The most parameters of a tier.
pub(crate) fn limit(tier: ParameterTier) -> u32 {
    match tier {
        ParameterTier::Standard | ParameterTier::IntelligentTiering => 10_000,
        ParameterTier::Advanced => 100_000,
    }
}

/// Counts a parameter that is made; false when there are as many as there may be.
pub(crate) fn count(
    tx: &mut Tx<'_>,
    scope: Scope,
    tier: ParameterTier,
    name: &Name,
) -> Result<bool, Failure> {
    let number = shard_of(name);
    let mut own = shard(tx, scope, tier, number)?;
    if own.count >= own.allowance && !borrow(tx, scope, tier, number, &mut own)? {
        return Ok(false);
    }
    own.count += 1;
    tx.put(&COUNTS, scope, &(tier.as_str(), number), &own)?;
    Ok(true)
}

/// Counts a parameter no more.
pub(crate) fn discount(
    tx: &mut Tx<'_>,
    scope: Scope,
    tier: ParameterTier,
    name: &Name,
) -> Result<(), Failure> {
    let number = shard_of(name);
    let mut own = shard(tx, scope, tier, number)?;
    own.count = own.count.saturating_sub(1);
    tx.put(&COUNTS, scope, &(tier.as_str(), number), &own)
}

/// Takes from the first shard that has something left, in the order from its own number on.
fn borrow(
    tx: &mut Tx<'_>,
    scope: Scope,
    tier: ParameterTier,
    number: u64,
    own: &mut Shard,
) -> Result<bool, Failure> {
    for step in 1..SHARDS {
        let other = (number + step) % SHARDS;
        let mut lender = shard(tx, scope, tier, other)?;
        let spare = lender.allowance.saturating_sub(lender.count);
        if spare > 0 {
            let lent = spare.div_ceil(2);
            lender.allowance -= lent;
            own.allowance += lent;
            tx.put(&COUNTS, scope, &(tier.as_str(), other), &lender)?;
            return Ok(true);
        }
    }
    Ok(false)
}

fn shard(tx: &Tx<'_>, scope: Scope, tier: ParameterTier, number: u64) -> Result<Shard, Failure> {
    let held = tx.get(&COUNTS, scope, &(tier.as_str(), number))?;
    Ok(held.map_or_else(|| untouched(tier, number), |shard| *shard))
}

fn untouched(tier: ParameterTier, number: u64) -> Shard {
    let limit = u64::from(limit(tier));
    let allowance = limit / SHARDS + u64::from(number < limit % SHARDS);
    Shard { count: 0, allowance: u32::try_from(allowance).unwrap_or(u32::MAX) }
}

/// FNV-1a, 64 bits.
fn shard_of(name: &Name) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    name.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, mix) % SHARDS
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parts_of_all_shards_are_the_limit() {
        for tier in [ParameterTier::Standard, ParameterTier::Advanced] {
            let all: u32 = (0..SHARDS).map(|number| untouched(tier, number).allowance).sum();
            assert_eq!(all, limit(tier));
        }
    }

    /// Leaves room for so many parameters of a tier, all in the first shard.
    async fn leave(world: &alcazar_testkit::World, tier: ParameterTier, room: u32) {
        let scope = Scope::Region("111122223333".parse().unwrap(), world.region);
        let mut frame = alcazar_store::Frame::default();
        for number in 0..SHARDS {
            let mut shard = untouched(tier, number);
            shard.count = shard.allowance - if number == 0 { room } else { 0 };
            let key = COUNTS.key(scope, &(tier.as_str(), number));
            frame.put.push((key, COUNTS.encode(&shard).unwrap()));
        }
        world.corridor.universe().store.append(frame).await.unwrap();
    }

    #[tokio::test]
    async fn the_limit_of_a_tier_is_exact_and_a_deleted_parameter_makes_room() {
        let world = crate::test::world().await;
        leave(&world, ParameterTier::Standard, 3).await;
        leave(&world, ParameterTier::Advanced, 1).await;
        let put = |name: &str, tier: &str| {
            let input = json!({"Name": name, "Value": "v", "Type": "String", "Tier": tier});
            crate::test::call(&world, "PutParameter", input)
        };
        for name in ["/one", "/two", "/three"] {
            assert_eq!(put(name, "Standard").await.status, 200, "{name}");
        }
        let full = crate::test::told(&put("/four", "Standard").await);
        assert_eq!(
            full,
            "400 ParameterLimitExceeded: You have exceeded the number of parameters for this AWS account. Delete one or more parameters and try again."
        );
        let upgraded = put("/four", "Intelligent-Tiering").await.ok();
        assert_eq!(upgraded.text("/Tier"), "Advanced");
        assert_eq!(put("/five", "Intelligent-Tiering").await.status, 400);
        let _ = crate::test::call(&world, "DeleteParameter", json!({"Name": "/two"})).await.ok();
        assert_eq!(put("/five", "Standard").await.status, 200);
        assert_eq!(put("/six", "Standard").await.status, 400);
        // A parameter that becomes an advanced one makes room too.
        let _ = crate::test::call(&world, "DeleteParameter", json!({"Name": "/four"})).await.ok();
        let change = json!({"Name": "/five", "Value": "v", "Tier": "Advanced", "Overwrite": true});
        assert_eq!(crate::test::call(&world, "PutParameter", change).await.status, 200);
        assert_eq!(put("/six", "Standard").await.status, 200);
    }

    #[tokio::test]
    async fn a_crowd_makes_parameters_at_once_and_each_is_counted() {
        use std::sync::Arc;

        use alcazar_store::engines::faults::{FaultPlan, FaultyStore, seeded};
        use alcazar_store::engines::memory::MemoryStore;

        let plan = FaultPlan { cold: 300, yields: 4, ..FaultPlan::default() };
        let store = Arc::new(FaultyStore::new(Arc::new(MemoryStore::new()), plan, seeded(7)));
        let world = Arc::new(alcazar_testkit::World::over(&[crate::SERVICE], store, 1).await);
        let calls = (0..120).map(|number| {
            let world = world.clone();
            tokio::spawn(async move {
                let name = format!("/crowd/{number}");
                let input = json!({"Name": name, "Value": "v", "Type": "String"});
                let made = crate::test::call(&world, "PutParameter", input).await;
                if number % 3 == 0 {
                    let _ = crate::test::call(&world, "DeleteParameter", json!({"Name": name})).await.ok();
                }
                made.status
            })
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), 200);
        }
        let range = COUNTS.range(Scope::Region("111122223333".parse().unwrap(), world.region));
        let rows = world.corridor.universe().store.scan(&range, 1000).await.unwrap();
        let shards = rows.iter().map(|(_, row)| *row.decoded(|stored| COUNTS.decode(stored)).unwrap());
        assert_eq!(shards.map(|shard| shard.count).sum::<u32>(), 80);
    }

    #[test]
    fn names_fall_on_many_shards() {
        let shards: std::collections::BTreeSet<u64> =
            (0..1000).map(|number| shard_of(&Name::of(&format!("/app/{number}")))).collect();
        assert_eq!(shards.len() as u64, SHARDS);
    }
}
