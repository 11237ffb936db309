//! Stores are connected by jobs, and a proxy that does not answer keeps no other job waiting.

use std::time::Duration;

use alcazar_testkit::World;
use serde_json::json;

use crate::external::{connection, root, store_input};
use crate::people::{key, world};

/// More than what is done takes, where nothing waits for a proxy.
const TURNS: usize = 2_000;

/// A store of that name behind that path; its proxy is asked for the first time.
async fn made(world: &World, name: &str, path: &str) -> String {
    root(world, "CreateCustomKeyStore", store_input(name, path)).await.ok().text("/CustomKeyStoreId")
}

async fn begin(world: &World, store: &str) {
    let _ = root(world, "ConnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await.ok();
}

async fn becomes(world: &World, store: &str, expected: &str) {
    for _ in 0..TURNS {
        if connection(world, store).await == expected {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{store} is {}, not {expected}", connection(world, store).await);
}

#[tokio::test]
async fn a_proxy_that_does_not_answer_holds_up_no_other_job() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let slow = made(&world, "slow", "/slow/kms/xks/v1").await;
    let quick = made(&world, "quick", "/kms/xks/v1").await;
    world.outside.holds_at("/slow/");
    begin(&world, &slow).await;
    begin(&world, &quick).await;
    let _ = root(&world, "ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7})).await.ok();
    world.clock.advance(Duration::from_secs(7 * 86_400));

    let jobs = tokio::spawn(world.corridor.clone().run_jobs());
    becomes(&world, &quick, "CONNECTED").await;
    let described = root(&world, "DescribeKey", json!({"KeyId": id})).await;
    assert_eq!(described.status, 400, "the key is deleted: {}", described.body);
    assert_eq!(connection(&world, &slow).await, "CONNECTING");
    world.outside.releases();
    becomes(&world, &slow, "CONNECTED").await;
    jobs.abort();
}

/// The store was taken back while its proxy was asked: what the proxy says then is no matter.
#[tokio::test]
async fn a_store_that_is_disconnected_meanwhile_stays_so() {
    let world = world().await;
    let store = made(&world, "slow", "/kms/xks/v1").await;
    let _ = world.outside.sent();
    world.outside.holds();
    begin(&world, &store).await;
    let jobs = tokio::spawn(world.corridor.clone().run_jobs());
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.outside.sent().len(), 1, "the proxy is asked");
    let _ = root(&world, "DisconnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await.ok();
    world.outside.releases();
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert_eq!(connection(&world, &store).await, "DISCONNECTED");
    }
    jobs.abort();
}
