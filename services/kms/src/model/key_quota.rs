//! How many customer managed keys an account may have in a Region: 100,000, of whatever spec and in whatever state. A replica counts where it
//! is; AWS managed keys do not count. A key makes room when it is deleted for good.
//! Source: KMS Developer Guide, "Resource quotas"; KMS API reference, `ReplicateKey`.

use std::sync::Arc;

use alcazar_core::Declares;
use alcazar_corridor::{Failure, QuotaRows, Refusal, ResourceQuota, Tx, View};
use alcazar_store::{Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_kms::{KeyManagerType, LimitExceededException};

use super::{KEYS, Key};

static COUNTS: QuotaRows = Table::new("kms/counts", ScopeKind::Region);

static QUOTA: ResourceQuota<'_> = ResourceQuota::new(&COUNTS, "keys", 100_000);

/// The keys that were there before any was counted, by shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    shards: Vec<u32>,
}

impl Record for Before {}

/// Written with the first key that is made or goes, and never again: stores are older than this quota, and so are their keys.
static BEFORE: Table<(), Before> = Table::new("kms/counted-before", ScopeKind::Region);

/// How many keys are counted at a time.
const PAGE: usize = 1000;

/// The count of an account's keys in a Region, for a change that makes one or ends one.
pub(crate) struct KeyCount {
    scope: Scope,
    before: Arc<Before>,
    is_first: bool,
}

impl KeyCount {
    /// Reads where counting began. Where it did not yet, it begins with what is there now: nobody else makes or ends a key meanwhile,
    /// for whoever does writes the row that this call has found missing.
    pub(crate) async fn of(scope: Scope, view: &View) -> Result<Self, Failure> {
        Ok(match view.get(&BEFORE, scope, &()).await? {
            Some(before) => Self { scope, before, is_first: false },
            None => Self { scope, before: Arc::new(counted(scope, view).await?), is_first: true },
        })
    }

    /// Counts a key that is made, if there may be another.
    pub(crate) fn add<S: Declares<LimitExceededException>>(
        &self,
        tx: &mut Tx<'_>,
        key: &Key,
    ) -> Result<(), Refusal<S>> {
        self.begin(tx)?;
        let quota = QUOTA.after(&self.before.shards);
        if quota.take(tx, self.scope, key.quota_shard())? {
            return Ok(());
        }
        let (limit, used) = (quota.limit(), quota.used(tx, self.scope)?);
        let message =
            format!("Key quota for this account in this region is {limit} but the current usage is {used}.");
        Err(LimitExceededException::new(message).into())
    }

    /// Counts a key no more.
    pub(crate) fn end(&self, tx: &mut Tx<'_>, key: &Key) -> Result<(), Failure> {
        self.begin(tx)?;
        QUOTA.after(&self.before.shards).give_back(tx, self.scope, key.quota_shard())
    }

    fn begin(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        if self.is_first { tx.put(&BEFORE, self.scope, &(), &self.before) } else { Ok(()) }
    }
}

impl Key {
    /// The shard of the quota in which it is counted.
    fn quota_shard(&self) -> u64 {
        self.counted_in.unwrap_or_else(|| ResourceQuota::shard_of(&self.id))
    }
}

/// Counts the keys that are there.
async fn counted(scope: Scope, view: &View) -> Result<Before, Failure> {
    let mut shards = vec![0_u32; usize::try_from(ResourceQuota::SHARDS).unwrap_or_default()];
    let mut after = None;
    loop {
        let page = view.page(&KEYS, KEYS.range(scope), after.as_ref(), PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(Before { shards }) };
        after = Some(last.clone());
        for (_, key) in page.iter().filter(|(_, key)| key.manager == KeyManagerType::Customer) {
            let shard = usize::try_from(key.quota_shard()).ok().and_then(|shard| shards.get_mut(shard));
            if let Some(shard) = shard {
                *shard += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_core::Region;
    use alcazar_store::{Frame, Store};
    use alcazar_testkit::World;

    use super::*;
    use crate::test::{TestKey, key, refusal};

    const FULL: &str = "400 LimitExceededException: Key quota for this account in this region is 100000 but the current usage is 100000.";

    fn scope(region: &str) -> Scope {
        Scope::Region("111122223333".parse().unwrap(), Region::named(region).unwrap())
    }

    fn store(world: &World) -> &dyn Store {
        &*world.corridor.universe().store
    }

    async fn append(world: &World, frame: Frame) {
        let _ = store(world).append(frame).await.unwrap();
    }

    /// As if so many keys had been counted, so that there is room for so many more.
    async fn leave_room(world: &World, scope: Scope, room: u32) {
        let before = Before { shards: vec![] };
        let mut frame = Frame::default();
        frame.put.push((BEFORE.key(scope, &()), BEFORE.encode(&before).unwrap()));
        for number in 0..ResourceQuota::SHARDS {
            let mut shard = QUOTA.untouched(number);
            shard.count = shard.allowance - if number == 0 { room } else { 0 };
            frame.put.push((COUNTS.key(scope, &("keys", number)), COUNTS.encode(&shard).unwrap()));
        }
        append(world, frame).await;
    }

    /// As the store was before keys were counted.
    async fn forget_counts(world: &World, scope: Scope) {
        let mut frame = Frame::default();
        let counts = store(world).scan(&COUNTS.range(scope), 1000).await.unwrap();
        frame.delete.extend(counts.into_iter().map(|(key, _)| key));
        frame.delete.push(BEFORE.key(scope, &()));
        for (place, row) in store(world).scan(&KEYS.range(scope), 1000).await.unwrap() {
            let mut key = KEYS.decode(&row.value).unwrap();
            key.counted_in = None;
            frame.put.push((place, KEYS.encode(&key).unwrap()));
        }
        append(world, frame).await;
    }

    /// How many are counted, and how many there may be, over all shards.
    async fn counts(world: &World, scope: Scope) -> (u32, u32) {
        let row = store(world).get(BEFORE.key(scope, &()).as_bytes()).await.unwrap();
        assert!(row.exists(), "counting has begun");
        let before = BEFORE.decode(&row.value).unwrap();
        let mut sums = (0, 0);
        for number in 0..ResourceQuota::SHARDS {
            let row = store(world).get(COUNTS.key(scope, &("keys", number)).as_bytes()).await.unwrap();
            let shard = match row.exists() {
                true => COUNTS.decode(&row.value).unwrap(),
                false => QUOTA.after(&before.shards).untouched(number),
            };
            sums = (sums.0 + shard.count, sums.1 + shard.allowance);
        }
        sums
    }

    async fn delete(world: &World, key: &TestKey) {
        let _ = world.call("kms:ScheduleKeyDeletion", &key.with(r#""PendingWindowInDays": 7"#)).await.ok();
    }

    async fn week(world: &World) {
        let _ = world.pass(Duration::from_secs(7 * 86_400)).await;
    }

    #[tokio::test]
    async fn the_quota_is_exact_and_only_a_key_that_is_gone_for_good_makes_room() {
        let world = World::of(&[crate::SERVICE]).await;
        leave_room(&world, scope("us-east-1"), 2).await;
        let (first, _) = (key(&world, "{}").await, key(&world, r#"{"Origin": "EXTERNAL"}"#).await);
        assert_eq!(refusal(&world, "kms:CreateKey", "{}").await, FULL);
        let record: serde_json::Value = serde_json::from_str(&world.records(1).await).unwrap();
        assert_eq!(
            (&record["eventName"], &record["errorCode"]),
            (&"CreateKey".into(), &"LimitExceededException".into())
        );
        delete(&world, &first).await;
        assert_eq!(
            refusal(&world, "kms:CreateKey", "{}").await,
            FULL,
            "it is there until its window is over"
        );
        week(&world).await;
        let _ = key(&world, "{}").await;
        assert_eq!(refusal(&world, "kms:CreateKey", "{}").await, FULL);
        assert_eq!(counts(&world, scope("us-east-1")).await, (100_000, 100_000));
    }

    #[tokio::test]
    async fn a_replica_counts_where_it_is() {
        let world = World::of(&[crate::SERVICE]).await;
        let primary = key(&world, r#"{"MultiRegion": true}"#).await;
        leave_room(&world, scope("eu-west-1"), 1).await;
        let replicate = |region: &str| primary.with(&format!(r#""ReplicaRegion": "{region}""#));
        let _ = world.call("kms:ReplicateKey", &replicate("eu-west-1")).await.ok();
        let other = key(&world, r#"{"MultiRegion": true}"#).await;
        let refused =
            refusal(&world, "kms:ReplicateKey", &other.with(r#""ReplicaRegion": "eu-west-1""#)).await;
        assert_eq!(refused, FULL);
        assert_eq!(counts(&world, scope("us-east-1")).await, (2, 100_000));
        assert_eq!(counts(&world, scope("eu-west-1")).await, (100_000, 100_000));
    }

    #[tokio::test]
    async fn keys_that_were_there_before_are_counted_once() {
        let world = World::of(&[crate::SERVICE]).await;
        let here = scope("us-east-1");
        let mut keys = Vec::new();
        for input in ["{}", r#"{"Origin": "EXTERNAL"}"#, r#"{"MultiRegion": true}"#, "{}"] {
            keys.push(key(&world, input).await);
        }
        delete(&world, &keys[0]).await;
        // A service's own key does not count.
        let _ = world.call("kms:DescribeKey", r#"{"KeyId": "alias/aws/s3"}"#).await.ok();
        forget_counts(&world, here).await;
        let _ = key(&world, "{}").await;
        assert_eq!(counts(&world, here).await, (5, 100_000));
        let _ = key(&world, "{}").await;
        week(&world).await;
        assert_eq!(counts(&world, here).await, (5, 100_000), "one is gone that was counted as there before");
        for key in &keys[1..] {
            delete(&world, key).await;
        }
        week(&world).await;
        assert_eq!(counts(&world, here).await, (2, 100_000));
    }

    #[tokio::test]
    async fn counting_begins_with_a_key_that_goes_too() {
        let world = World::of(&[crate::SERVICE]).await;
        let (one, _) = (key(&world, "{}").await, key(&world, "{}").await);
        delete(&world, &one).await;
        forget_counts(&world, scope("us-east-1")).await;
        week(&world).await;
        assert_eq!(counts(&world, scope("us-east-1")).await, (1, 100_000));
    }

    #[tokio::test]
    async fn a_region_that_has_more_than_it_may_takes_no_more_until_there_is_room() {
        let world = World::of(&[crate::SERVICE]).await;
        let old = key(&world, "{}").await;
        forget_counts(&world, scope("us-east-1")).await;
        let mut shards = vec![1_563_u32; 64];
        shards[usize::try_from(ResourceQuota::shard_of(&old.id)).unwrap()] += 1;
        let before = BEFORE.encode(&Before { shards }).unwrap();
        let put = vec![(BEFORE.key(scope("us-east-1"), &()), before)];
        append(&world, Frame { put, ..Frame::default() }).await;
        assert_eq!(
            refusal(&world, "kms:CreateKey", "{}").await,
            "400 LimitExceededException: Key quota for this account in this region is 100000 but the current usage is 100033."
        );
    }

    #[tokio::test]
    async fn a_crowd_makes_keys_at_once_and_each_is_counted_in_one_commit() {
        use alcazar_store::engines::faults::{FaultPlan, FaultyStore, seeded};
        use alcazar_store::engines::memory::MemoryStore;

        let plan = FaultPlan { cold: 300, yields: 4, ..FaultPlan::default() };
        let store = Arc::new(FaultyStore::new(Arc::new(MemoryStore::new()), plan, seeded(7)));
        let world = Arc::new(World::over(&[crate::SERVICE], store.clone(), 1).await);
        // From the second key on, counting has begun.
        let _ = key(&world, "{}").await;
        let writes = store.writes();
        let calls = (0..60).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.call("kms:CreateKey", "{}").await.status })
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), 200);
        }
        assert_eq!(store.writes() - writes, 60, "none had to be decided again");
        assert_eq!(counts(&world, scope("us-east-1")).await, (61, 100_000));
    }

    #[tokio::test]
    async fn a_crowd_of_first_callers_counts_what_was_there_once() {
        use alcazar_store::engines::faults::{FaultPlan, FaultyStore, seeded};
        use alcazar_store::engines::memory::MemoryStore;

        let plan = FaultPlan { cold: 300, yields: 4, ..FaultPlan::default() };
        let store = Arc::new(FaultyStore::new(Arc::new(MemoryStore::new()), plan, seeded(11)));
        let world = Arc::new(World::over(&[crate::SERVICE], store, 1).await);
        for _ in 0..5 {
            let gone = key(&world, "{}").await;
            delete(&world, &gone).await;
        }
        forget_counts(&world, scope("us-east-1")).await;
        world.clock.advance(Duration::from_secs(7 * 86_400));
        let ends = tokio::spawn({
            let world = world.clone();
            async move {
                while world.corridor.run_due().await.unwrap() > 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
        let calls = (0..20).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.call("kms:CreateKey", "{}").await.status })
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), 200);
        }
        ends.await.unwrap();
        let _ = world.pass(Duration::ZERO).await;
        assert_eq!(counts(&world, scope("us-east-1")).await, (20, 100_000));
    }
}
