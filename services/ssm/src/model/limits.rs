//! How many parameters an account may have in a Region: 10,000 standard and 100,000 advanced ones, each counted by its name.
//! Source: Systems Manager User Guide, "Managing parameter tiers".

use alcazar_corridor::{Failure, QuotaRows, ResourceQuota, Tx};
use alcazar_store::{Scope, ScopeKind, Table};
use wire_ssm::ParameterTier;

use super::Name;

static COUNTS: QuotaRows = Table::new("ssm/counts", ScopeKind::Region);

static STANDARD: ResourceQuota<'_> = ResourceQuota::new(&COUNTS, ParameterTier::Standard.as_str(), 10_000);
static ADVANCED: ResourceQuota<'_> = ResourceQuota::new(&COUNTS, ParameterTier::Advanced.as_str(), 100_000);

/// Counts a parameter that is made; false when there are as many as there may be.
pub(crate) fn count(
    tx: &mut Tx<'_>,
    scope: Scope,
    tier: ParameterTier,
    name: &Name,
) -> Result<bool, Failure> {
    quota(tier).take(tx, scope, ResourceQuota::shard_of(name.as_str()))
}

/// Counts a parameter no more.
pub(crate) fn discount(
    tx: &mut Tx<'_>,
    scope: Scope,
    tier: ParameterTier,
    name: &Name,
) -> Result<(), Failure> {
    quota(tier).give_back(tx, scope, ResourceQuota::shard_of(name.as_str()))
}

fn quota(tier: ParameterTier) -> &'static ResourceQuota<'static> {
    match tier {
        ParameterTier::Standard | ParameterTier::IntelligentTiering => &STANDARD,
        ParameterTier::Advanced => &ADVANCED,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Leaves room for so many parameters of a tier, all in the first shard.
    async fn leave(world: &alcazar_testkit::World, tier: ParameterTier, room: u32) {
        let scope = Scope::Region("111122223333".parse().unwrap(), world.region);
        let mut frame = alcazar_store::Frame::default();
        for number in 0..ResourceQuota::SHARDS {
            let mut shard = quota(tier).untouched(number);
            shard.count = shard.allowance - if number == 0 { room } else { 0 };
            let key = COUNTS.key(scope, &(tier.as_str(), number));
            frame.put.push((key, COUNTS.encode(&shard).unwrap()));
        }
        world.corridor.universe().store.append(frame).await.unwrap();
    }

    #[test]
    fn the_limits_are_those_of_the_guide() {
        let limits = [ParameterTier::Standard, ParameterTier::Advanced].map(|tier| quota(tier).limit());
        assert_eq!(limits, [10_000, 100_000]);
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
}
