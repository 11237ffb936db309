//! Multi-Region keys: used apart, changed together.

use std::time::Duration;

use alcazar_core::Region;
use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{OTHER, allow, call, import, key, key_policy, outcome, world};

const DAY: u64 = 86_400;
const REPLICA: &str = "eu-west-1";
const PRIMARY: &str = "us-east-1";

fn go(world: &mut World, region: &str) {
    world.region = Region::named(region).unwrap();
}

async fn days(world: &World, days: u64) -> usize {
    world.pass(Duration::from_secs(days * DAY)).await
}

/// A key with a replica; the synchronization is on record.
async fn replicated(world: &World, mut input: Value) -> String {
    input["MultiRegion"] = true.into();
    let (id, _) = key(world, input).await;
    if import_needed(world, &id).await {
        let _ = import(world, &id, &[7; 32], json!({})).await.ok();
    }
    let replicate = json!({"KeyId": id, "ReplicaRegion": REPLICA});
    let _ = call(world, &world.root, "kms:ReplicateKey", replicate).await.ok();
    assert_eq!(days(world, 0).await, 1);
    id
}

async fn import_needed(world: &World, id: &str) -> bool {
    describe(world, id).await["KeyState"] == "PendingImport"
}

async fn describe(world: &World, id: &str) -> Value {
    let told = call(world, &world.root, "kms:DescribeKey", json!({"KeyId": id})).await.ok().json();
    told["KeyMetadata"].clone()
}

async fn encrypt(world: &World, id: &str) -> String {
    let input = json!({"KeyId": id, "Plaintext": "c2VjcmV0", "EncryptionContext": {"a": "b"}});
    call(world, &world.root, "kms:Encrypt", input).await.ok().text("/CiphertextBlob")
}

/// The id of the material that opened it.
async fn decrypt(world: &World, blob: &str) -> String {
    let input = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
    let answer = call(world, &world.root, "kms:Decrypt", input).await.ok();
    assert_eq!(answer.text("/Plaintext"), "c2VjcmV0");
    answer.text("/KeyMaterialId")
}

async fn refused(world: &World, operation: &str, input: Value) -> String {
    let id = input["KeyId"].as_str().unwrap().to_owned();
    outcome(&call(world, &world.root, operation, input).await).replace(&id, "<key>")
}

#[tokio::test]
async fn what_one_region_encrypts_the_other_decrypts() {
    let mut world = world().await;
    let id = replicated(&world, json!({})).await;
    assert!(id.starts_with("mrk-") && id.len() == 36, "{id}");
    let here = encrypt(&world, &id).await;
    go(&mut world, REPLICA);
    let there = encrypt(&world, &id).await;
    let material = decrypt(&world, &here).await;
    go(&mut world, PRIMARY);
    assert_eq!(decrypt(&world, &there).await, material);
    // A Region without a replica has no such key.
    go(&mut world, "eu-west-2");
    let input = json!({"CiphertextBlob": here, "EncryptionContext": {"a": "b"}});
    let told = outcome(&call(&world, &world.root, "kms:Decrypt", input).await);
    assert!(
        told.starts_with("400 AccessDeniedException: The ciphertext refers to a customer master key"),
        "{told}"
    );
}

#[tokio::test]
async fn another_account_opens_in_the_region_whose_key_lets_it() {
    let mut world = world().await;
    let other = world.account(OTHER).await;
    let id = replicated(&world, json!({})).await;
    let blob = json!({"CiphertextBlob": encrypt(&world, &id).await, "EncryptionContext": {"a": "b"}});
    go(&mut world, REPLICA);
    let policy = key_policy(&[allow(&format!("arn:aws:iam::{OTHER}:root"), &["kms:Decrypt"])]);
    let _ = call(&world, &world.root, "kms:PutKeyPolicy", json!({"KeyId": id, "Policy": policy})).await.ok();
    let _ = call(&world, &other, "kms:Decrypt", blob.clone()).await.ok();
    go(&mut world, PRIMARY);
    let told = outcome(&call(&world, &other, "kms:Decrypt", blob).await);
    assert!(told.starts_with("400 AccessDeniedException"), "{told}");
}

#[tokio::test]
async fn signatures_and_macs_are_the_same_keys_everywhere() {
    let mut world = world().await;
    let id = replicated(&world, json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"})).await;
    let input = json!({"KeyId": id, "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"});
    let here = call(&world, &world.root, "kms:GenerateMac", input.clone()).await.ok().text("/Mac");
    go(&mut world, REPLICA);
    assert_eq!(call(&world, &world.root, "kms:GenerateMac", input).await.ok().text("/Mac"), here);
}

#[tokio::test]
async fn policies_aliases_tags_and_states_are_apart() {
    let mut world = world().await;
    let id = replicated(&world, json!({"Description": "here"})).await;
    let root = world.root.clone();
    let alias = json!({"AliasName": "alias/mine", "TargetKeyId": id});
    let _ = call(&world, &root, "kms:CreateAlias", alias).await.ok();
    let tag = json!({"KeyId": id, "Tags": [{"TagKey": "a", "TagValue": "b"}]});
    let _ = call(&world, &root, "kms:TagResource", tag).await.ok();
    let _ = call(&world, &root, "kms:DisableKey", json!({"KeyId": id})).await.ok();
    go(&mut world, REPLICA);
    let told = describe(&world, &id).await;
    assert_eq!((&told["Description"], &told["KeyState"]), (&json!(""), &json!("Enabled")));
    let tags = call(&world, &root, "kms:ListResourceTags", json!({"KeyId": id})).await.ok().json();
    assert_eq!(tags["Tags"], json!([]));
    let named = refused(&world, "kms:DescribeKey", json!({"KeyId": "alias/mine"})).await;
    assert!(named.starts_with("400 NotFoundException"), "{named}");
    let _ = encrypt(&world, &id).await;
    // The record of how it came is here as well.
    assert!(world.records(9).await.contains("\"eventName\": \"SynchronizeMultiRegionKey\""));
}

#[tokio::test]
async fn policies_tell_primary_and_replica_apart() {
    let mut world = world().await;
    let id = replicated(&world, json!({})).await;
    let only_here = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
        "Condition": {"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}, "Bool": {"kms:MultiRegion": "true"}},
    }]});
    let who = crate::people::user(&world, &world.root, "who", &[]).await;
    let policy = json!({"UserName": "who", "PolicyName": "p", "PolicyDocument": only_here.to_string()});
    let _ = call(&world, &world.root, "iam:PutUserPolicy", policy).await.ok();
    let input = json!({"KeyId": id, "Plaintext": "AAAA"});
    assert_eq!(call(&world, &who, "kms:Encrypt", input.clone()).await.status, 200);
    go(&mut world, REPLICA);
    assert_eq!(call(&world, &who, "kms:Encrypt", input).await.status, 400);
}

#[tokio::test]
async fn rotation_is_the_primarys_and_holds_for_all() {
    let mut world = world().await;
    let id = replicated(&world, json!({})).await;
    let old = encrypt(&world, &id).await;
    let enable = json!({"KeyId": id, "RotationPeriodInDays": 90});
    let _ = call(&world, &world.root, "kms:EnableKeyRotation", enable.clone()).await.ok();
    let status = async |world: &World| {
        call(world, &world.root, "kms:GetKeyRotationStatus", json!({"KeyId": id})).await.ok().json()
    };
    let here = status(&world).await;
    go(&mut world, REPLICA);
    assert_eq!(status(&world).await, here);
    let mut told = Vec::new();
    for operation in ["kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:RotateKeyOnDemand"] {
        told.push(refused(&world, operation, json!({"KeyId": id})).await);
    }
    insta::assert_snapshot!(told.join("\n"), @"
    400 UnsupportedOperationException: arn:aws:kms:eu-west-1:111122223333:key/<key> is a multi-Region replica key, which is not valid for this operation.
    400 UnsupportedOperationException: arn:aws:kms:eu-west-1:111122223333:key/<key> is a multi-Region replica key, which is not valid for this operation.
    400 UnsupportedOperationException: arn:aws:kms:eu-west-1:111122223333:key/<key> is a multi-Region replica key, which is not valid for this operation.
    ");

    // The rotation, and its record in the other Region.
    let _ = days(&world, 90).await;
    let first = decrypt(&world, &old).await;
    let new = encrypt(&world, &id).await;
    let second = decrypt(&world, &new).await;
    assert_ne!(first, second);
    let there = status(&world).await;
    go(&mut world, PRIMARY);
    assert_eq!((decrypt(&world, &new).await, decrypt(&world, &old).await), (second.clone(), first));
    assert_eq!(status(&world).await, there);

    // It goes on from the new primary, by the same schedule.
    let update = json!({"KeyId": id, "PrimaryRegion": REPLICA});
    let _ = call(&world, &world.root, "kms:UpdatePrimaryRegion", update).await.ok();
    let _ = days(&world, 90).await;
    let newest = encrypt(&world, &id).await;
    let third = decrypt(&world, &newest).await;
    assert_ne!(third, second);
    go(&mut world, REPLICA);
    assert_eq!(decrypt(&world, &newest).await, third);
    let _ = call(&world, &world.root, "kms:DisableKeyRotation", json!({"KeyId": id})).await.ok();
    let _ = days(&world, 0).await;
    assert_eq!(days(&world, 400).await, 0);
    let _ = call(&world, &world.root, "kms:RotateKeyOnDemand", json!({"KeyId": id})).await.ok();
    let _ = days(&world, 0).await;
    let by_demand = decrypt(&world, &encrypt(&world, &id).await).await;
    go(&mut world, PRIMARY);
    assert_eq!(decrypt(&world, &encrypt(&world, &id).await).await, by_demand);
}

#[tokio::test]
async fn a_primary_goes_after_its_last_replica() {
    let mut world = world().await;
    let id = replicated(&world, json!({})).await;
    let here = encrypt(&world, &id).await;
    let schedule = json!({"KeyId": id, "PendingWindowInDays": 7});
    let told = call(&world, &world.root, "kms:ScheduleKeyDeletion", schedule.clone()).await.ok().json();
    assert_eq!((&told["KeyState"], told.get("DeletionDate")), (&json!("PendingReplicaDeletion"), None));
    let told = describe(&world, &id).await;
    assert_eq!((&told["PendingDeletionWindowInDays"], told.get("DeletionDate")), (&json!(7), None));
    assert_eq!(days(&world, 100).await, 0, "it waits for ever");

    // The replica is of use all the while.
    go(&mut world, REPLICA);
    let _ = decrypt(&world, &here).await;
    let told = call(&world, &world.root, "kms:ScheduleKeyDeletion", schedule).await.ok().json();
    assert_eq!(told["KeyState"], "PendingDeletion");
    let _ = days(&world, 7).await;
    assert!(
        refused(&world, "kms:DescribeKey", json!({"KeyId": id})).await.starts_with("400 NotFoundException")
    );
    go(&mut world, PRIMARY);
    let told = describe(&world, &id).await;
    assert_eq!(told["KeyState"], "PendingDeletion");
    assert_eq!(told["MultiRegionConfiguration"]["ReplicaKeys"], json!([]));
    let _ = days(&world, 7).await;
    assert!(
        refused(&world, "kms:DescribeKey", json!({"KeyId": id})).await.starts_with("400 NotFoundException")
    );
}

#[tokio::test]
async fn a_deletion_that_waits_for_replicas_is_cancelled_like_any_other() {
    let world = world().await;
    let id = replicated(&world, json!({})).await;
    let _ = call(&world, &world.root, "kms:ScheduleKeyDeletion", json!({"KeyId": id})).await.ok();
    let _ = call(&world, &world.root, "kms:CancelKeyDeletion", json!({"KeyId": id})).await.ok();
    let told = describe(&world, &id).await;
    assert_eq!((&told["KeyState"], told.get("PendingDeletionWindowInDays")), (&json!("Disabled"), None));
}

#[tokio::test]
async fn a_replica_that_was_deleted_may_come_again() {
    let mut world = world().await;
    let id = replicated(&world, json!({})).await;
    let blob = encrypt(&world, &id).await;
    go(&mut world, REPLICA);
    let schedule = json!({"KeyId": id, "PendingWindowInDays": 7});
    let _ = call(&world, &world.root, "kms:ScheduleKeyDeletion", schedule).await.ok();
    let _ = days(&world, 7).await;
    go(&mut world, PRIMARY);
    let _ = decrypt(&world, &blob).await;
    let again = json!({"KeyId": id, "ReplicaRegion": REPLICA});
    let _ = call(&world, &world.root, "kms:ReplicateKey", again).await.ok();
    go(&mut world, REPLICA);
    let _ = decrypt(&world, &blob).await;
}

#[tokio::test]
async fn imported_material_is_imported_in_each_region() {
    let mut world = world().await;
    let id = replicated(&world, json!({"Origin": "EXTERNAL"})).await;
    let here = encrypt(&world, &id).await;
    go(&mut world, REPLICA);
    assert!(import_needed(&world, &id).await);
    let mut told = Vec::new();
    for (material, with) in [([8; 32], json!({})), ([7; 32], json!({"ImportType": "NEW_KEY_MATERIAL"}))] {
        told.push(outcome(&import(&world, &id, &material, with).await).replace(&id, "<key>"));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    400 IncorrectKeyMaterialException: The key material was not imported into arn:aws:kms:eu-west-1:111122223333:key/<key> before.
    400 UnsupportedOperationException: arn:aws:kms:eu-west-1:111122223333:key/<key> is a multi-Region replica key, which is not valid for this operation.
    ");
    let _ = import(&world, &id, &[7; 32], json!({})).await.ok();
    let first = decrypt(&world, &here).await;

    // New material waits until every Region has it.
    let states = async |world: &World| {
        let all = json!({"KeyId": id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
        let listed = call(world, &world.root, "kms:ListKeyRotations", all).await.ok().json();
        let of = |one: &Value| one["KeyMaterialState"].as_str().unwrap().to_owned();
        listed["Rotations"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    go(&mut world, PRIMARY);
    let _ = import(&world, &id, &[9; 32], json!({"ImportType": "NEW_KEY_MATERIAL"})).await.ok();
    assert_eq!(states(&world).await, ["CURRENT", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"]);
    let early = refused(&world, "kms:RotateKeyOnDemand", json!({"KeyId": id})).await;
    assert!(early.starts_with("400 KMSInvalidStateException"), "{early}");
    go(&mut world, REPLICA);
    let _ = import(&world, &id, &[9; 32], json!({"ImportType": "EXISTING_KEY_MATERIAL"})).await.ok();
    assert_eq!(states(&world).await, ["CURRENT", "PENDING_ROTATION"]);
    go(&mut world, PRIMARY);
    let _ = call(&world, &world.root, "kms:RotateKeyOnDemand", json!({"KeyId": id})).await.ok();
    let _ = days(&world, 0).await;
    let new = encrypt(&world, &id).await;
    go(&mut world, REPLICA);
    assert_eq!(states(&world).await, ["NON_CURRENT", "CURRENT"]);
    assert_ne!(decrypt(&world, &new).await, first);
    assert_eq!(decrypt(&world, &here).await, first);

    // Deleted in one Region, it is there in the other.
    let _ = call(&world, &world.root, "kms:DeleteImportedKeyMaterial", json!({"KeyId": id})).await.ok();
    assert!(import_needed(&world, &id).await);
    go(&mut world, PRIMARY);
    let _ = decrypt(&world, &new).await;
}
