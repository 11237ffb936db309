//! A clock that is moved back: what has happened stays, what is to come comes when the clock says so again, once, and the history keeps the
//! order in which things happened.

use std::collections::BTreeSet;
use std::time::Duration;

use alcazar_testkit::{Credentials, World};
use serde_json::{Value, json};

use crate::people::{ACCOUNT, call, import, key, outcome, statement, user, world, wrapped};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// The beginning of every world.
const NOW: u64 = 1_795_348_800;

async fn pass(world: &World, seconds: u64) -> usize {
    world.pass(Duration::from_secs(seconds)).await
}

/// How many jobs run when the clock is moved back by so much.
async fn back(world: &World, seconds: u64) -> usize {
    world.clock.turn_back(Duration::from_secs(seconds));
    pass(world, 0).await
}

async fn root(world: &World, operation: &str, input: Value) -> alcazar_testkit::Answer {
    call(world, &world.root, operation, input).await
}

async fn state(world: &World, id: &str) -> String {
    root(world, "kms:DescribeKey", json!({"KeyId": id})).await.ok().text("/KeyMetadata/KeyState")
}

#[tokio::test]
async fn an_import_token_is_good_while_the_clock_is_before_its_end() {
    let world = world().await;
    let (id, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    let input = wrapped(&world, &id, &[7; 32]).await;
    let _ = back(&world, 30 * DAY).await;
    assert_eq!(outcome(&root(&world, "kms:ImportKeyMaterial", input.clone()).await), "200");
    let _ = pass(&world, 31 * DAY).await;
    assert_eq!(
        outcome(&root(&world, "kms:ImportKeyMaterial", input).await),
        "400 ExpiredImportTokenException: The import token has expired."
    );
}

#[tokio::test]
async fn material_that_expired_stays_away_and_material_that_did_not_goes_at_its_hour() {
    let world = world().await;
    let (gone, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    let (kept, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    for (id, days) in [(&gone, 1), (&kept, 3)] {
        let end = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": NOW + days * DAY});
        let _ = import(&world, id, &[7; 32], end).await.ok();
    }
    assert_eq!(pass(&world, DAY).await, 1);
    assert_eq!(back(&world, 10 * DAY).await, 0);
    assert_eq!((&*state(&world, &gone).await, &*state(&world, &kept).await), ("PendingImport", "Enabled"));
    assert_eq!(pass(&world, 12 * DAY - 1).await, 0);
    assert_eq!(pass(&world, 1).await, 1);
    assert_eq!(state(&world, &kept).await, "PendingImport");
}

#[tokio::test]
async fn a_deletion_waits_for_the_clock_and_is_not_taken_back_by_it() {
    let world = world().await;
    let (id, arn) = key(&world, json!({})).await;
    let window = json!({"KeyId": id, "PendingWindowInDays": 7});
    let scheduled = root(&world, "kms:ScheduleKeyDeletion", window).await.ok();
    assert_eq!(pass(&world, 6 * DAY).await, 0);
    assert_eq!(back(&world, 20 * DAY).await, 0);
    let described = root(&world, "kms:DescribeKey", json!({"KeyId": id})).await.ok();
    assert_eq!(described.text("/KeyMetadata/DeletionDate"), scheduled.text("/DeletionDate"));
    assert_eq!(pass(&world, 20 * DAY).await, 0);
    assert_eq!(pass(&world, DAY).await, 1);
    assert_eq!(back(&world, 8 * DAY).await, 0);
    let told = outcome(&root(&world, "kms:CancelKeyDeletion", json!({"KeyId": id})).await);
    assert_eq!(told, format!("400 NotFoundException: Key '{arn}' does not exist"));
}

#[tokio::test]
async fn a_rotation_comes_at_its_date_once() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let yearly = json!({"KeyId": id, "RotationPeriodInDays": 90});
    let _ = root(&world, "kms:EnableKeyRotation", yearly).await.ok();
    let next = async || {
        let status = root(&world, "kms:GetKeyRotationStatus", json!({"KeyId": id})).await.ok();
        status.text("/NextRotationDate").parse::<u64>().unwrap()
    };
    let blob = async || {
        let input = json!({"KeyId": id, "Plaintext": "aGk="});
        root(&world, "kms:Encrypt", input).await.ok().text("/CiphertextBlob")
    };
    let first = blob().await;
    assert_eq!(pass(&world, 90 * DAY).await, 1);
    assert_eq!(next().await, NOW + 180 * DAY);
    let second = blob().await;
    assert_eq!(back(&world, 100 * DAY).await, 0);
    assert_eq!(next().await, NOW + 180 * DAY);
    // On demand it rotates at once, whatever the clock said before.
    let _ = root(&world, "kms:RotateKeyOnDemand", json!({"KeyId": id})).await.ok();
    assert_eq!(pass(&world, 0).await, 1);
    let third = blob().await;
    assert_eq!(pass(&world, 190 * DAY - 1).await, 0);
    assert_eq!(pass(&world, 1).await, 1);
    // The order of the materials is that of their coming, not of the clock.
    let listed = json!({"KeyId": id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let listed = root(&world, "kms:ListKeyRotations", listed).await.ok().json();
    let listed: Vec<_> =
        listed["Rotations"].as_array().unwrap().iter().map(|one| one["KeyMaterialId"].clone()).collect();
    let mut used = Vec::new();
    for blob in [&first, &second, &third, &blob().await] {
        let opened = root(&world, "kms:Decrypt", json!({"CiphertextBlob": blob})).await.ok();
        used.push(Value::from(opened.text("/KeyMaterialId")));
    }
    assert_eq!(listed, used);
    assert_eq!(listed.len(), 4);
}

#[tokio::test]
async fn a_rotation_on_demand_that_was_asked_for_later_than_now_waits_and_is_not_lost() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let material = async || {
        let described = root(&world, "kms:DescribeKey", json!({"KeyId": id})).await.ok();
        described.text("/KeyMetadata/CurrentKeyMaterialId")
    };
    let before = material().await;
    let _ = root(&world, "kms:RotateKeyOnDemand", json!({"KeyId": id})).await.ok();
    assert_eq!(back(&world, HOUR).await, 0);
    assert_eq!(material().await, before);
    assert_eq!(pass(&world, HOUR).await, 1);
    assert_ne!(material().await, before);
}

#[tokio::test]
async fn a_session_ends_when_the_clock_says_so() {
    let world = world().await;
    let opener = user(&world, &world.root, "opener", &["sts:AssumeRole"]).await;
    let trust = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/opener")}, "Action": "sts:AssumeRole"});
    let role = json!({"RoleName": "worker", "AssumeRolePolicyDocument": statement(trust)});
    let _ = root(&world, "iam:CreateRole", role).await.ok();
    let policy = statement(json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}));
    let policy = json!({"RoleName": "worker", "PolicyName": "p", "PolicyDocument": policy});
    let _ = root(&world, "iam:PutRolePolicy", policy).await.ok();
    let session = json!({"RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/worker"), "RoleSessionName": "one", "DurationSeconds": 3600});
    let session = Credentials::of(&call(&world, &opener, "sts:AssumeRole", session).await.ok());
    let list = || call(&world, &session, "kms:ListKeys", json!({}));
    let _ = back(&world, DAY).await;
    assert_eq!(outcome(&list().await), "200");
    let _ = pass(&world, DAY + HOUR).await;
    let ended = outcome(&list().await);
    assert!(
        ended.starts_with("400 ExpiredTokenException") || ended.starts_with("403 ExpiredTokenException"),
        "{ended}"
    );
}

#[tokio::test]
async fn the_history_keeps_the_order_in_which_things_happened() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let used = async |operation: &str, input: Value| {
        let answer = root(&world, &format!("kms:{operation}"), input).await.ok();
        answer.request_id
    };
    let encrypt = json!({"KeyId": id, "Plaintext": "aGk="});
    let mut requests = vec![used("Encrypt", encrypt.clone()).await];
    let _ = pass(&world, DAY).await;
    requests.push(used("GenerateDataKey", json!({"KeyId": id, "KeySpec": "AES_256"})).await);
    let _ = back(&world, 2 * DAY).await;
    requests.push(used("Encrypt", encrypt).await);
    requests.push(used("DescribeKey", json!({"KeyId": id})).await);
    let records = world.records(4).await;
    let records: Vec<Value> =
        serde_json::Deserializer::from_str(&records).into_iter().map(Result::unwrap).collect();
    requests.reverse();
    assert_eq!(records.iter().map(|record| record["requestID"].clone()).collect::<Vec<_>>(), requests);
    let times: Vec<_> = records.iter().map(|record| record["eventTime"].as_str().unwrap()).collect();
    let (before, beginning, after) = ("2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z");
    assert_eq!(times, [before, before, after, beginning]);
    let ids: BTreeSet<_> = records.iter().map(|record| record["eventID"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 4);
    // Their milliseconds do not go back with the clock: the newest first.
    let millis = |record: &Value| record["eventID"].as_str().unwrap()[..13].to_owned();
    assert!(records.iter().map(millis).is_sorted_by(|newer, older| newer >= older));
    // The last use is the one that came last, although the clock was later before.
    let last = root(&world, "kms:GetKeyLastUsage", json!({"KeyId": id})).await.ok();
    assert_eq!(last.text("/KeyLastUsage/KmsRequestId"), requests[1]);
}
