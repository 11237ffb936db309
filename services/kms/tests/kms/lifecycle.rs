//! Deletion and rotation with the clock moved.

use std::time::Duration;

use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{call, key, outcome, world};

const DAY: u64 = 86_400;

async fn days(world: &World, days: u64) -> usize {
    world.pass(Duration::from_secs(days * DAY)).await
}

async fn encrypt(world: &World, key: &str) -> String {
    let input = json!({"KeyId": key, "Plaintext": "c2VjcmV0"});
    call(world, &world.root, "kms:Encrypt", input).await.ok().text("/CiphertextBlob")
}

/// The id of the material that opened it.
async fn decrypt(world: &World, blob: &str) -> String {
    let answer = call(world, &world.root, "kms:Decrypt", json!({"CiphertextBlob": blob})).await.ok();
    assert_eq!(answer.text("/Plaintext"), "c2VjcmV0");
    answer.text("/KeyMaterialId")
}

async fn last_record(world: &World) -> Value {
    serde_json::from_str(&world.records(1).await).unwrap()
}

#[tokio::test]
async fn a_key_is_gone_for_good_when_its_window_is_over() {
    let world = world().await;
    let (id, arn) = key(&world, json!({})).await;
    let root = &world.root;
    let _ =
        call(&world, root, "kms:CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": id})).await.ok();
    let grant = json!({"KeyId": id, "GranteePrincipal": "arn:aws:iam::111122223333:root", "RetiringPrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Decrypt"]});
    let _ = call(&world, root, "kms:CreateGrant", grant).await.ok();
    let blob = encrypt(&world, &id).await;
    let _ = call(&world, root, "kms:ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7}))
        .await
        .ok();
    assert_eq!(days(&world, 6).await, 0);
    let waiting = call(&world, root, "kms:Decrypt", json!({"CiphertextBlob": blob})).await;
    assert_eq!(outcome(&waiting), format!("400 KMSInvalidStateException: {arn} is pending deletion."));

    assert_eq!(days(&world, 1).await, 1);
    let record = last_record(&world).await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&record).unwrap(), @r#"
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a2272d-2600-7222-9fc9-415f5fab951d",
      "eventName": "DeleteKey",
      "eventSource": "kms.amazonaws.com",
      "eventTime": "2026-11-29T12:00:00Z",
      "eventType": "AwsServiceEvent",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": false,
      "recipientAccountId": "111122223333",
      "requestParameters": null,
      "resources": [
        {
          "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "accountId": "111122223333",
          "type": "AWS::KMS::Key"
        }
      ],
      "responseElements": null,
      "serviceEventDetails": {
        "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
      },
      "sourceIPAddress": "kms.amazonaws.com",
      "userAgent": "kms.amazonaws.com",
      "userIdentity": {
        "accountId": "111122223333",
        "invokedBy": "kms.amazonaws.com"
      }
    }
    "#);

    let mut told = Vec::new();
    for (operation, input) in [
        ("kms:DescribeKey", json!({"KeyId": id})),
        ("kms:DescribeKey", json!({"KeyId": "alias/a"})),
        ("kms:Decrypt", json!({"CiphertextBlob": blob})),
        ("kms:CancelKeyDeletion", json!({"KeyId": id})),
    ] {
        told.push(outcome(&call(&world, root, operation, input).await).replace(&id, "<key>"));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/<key>' does not exist
    400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/a is not found.
    400 AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.
    400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/<key>' does not exist
    ");
    for (operation, input, list) in [
        ("kms:ListKeys", json!({}), "Keys"),
        ("kms:ListAliases", json!({}), "Aliases"),
        ("kms:ListRetirableGrants", json!({"RetiringPrincipal": "arn:aws:iam::111122223333:root"}), "Grants"),
    ] {
        let listed = call(&world, root, operation, input).await.ok().json();
        assert_eq!(listed[list].as_array().map(Vec::len), Some(0), "{operation}");
    }
    // The name is free for another key.
    let (other, _) = key(&world, json!({})).await;
    let _ = call(&world, root, "kms:CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": other}))
        .await
        .ok();
}

#[tokio::test]
async fn a_cancelled_deletion_never_falls_due() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let blob = encrypt(&world, &id).await;
    let _ = call(&world, &world.root, "kms:ScheduleKeyDeletion", json!({"KeyId": id})).await.ok();
    let _ = days(&world, 29).await;
    let _ = call(&world, &world.root, "kms:CancelKeyDeletion", json!({"KeyId": id})).await.ok();
    assert_eq!(days(&world, 400).await, 0);
    let _ = call(&world, &world.root, "kms:EnableKey", json!({"KeyId": id})).await.ok();
    let _ = decrypt(&world, &blob).await;
}

#[tokio::test]
async fn rotation_brings_new_material_and_old_ciphertext_still_opens() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let _ =
        call(&world, &world.root, "kms:EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 90}))
            .await
            .ok();
    let old = encrypt(&world, &id).await;
    assert_eq!(days(&world, 89).await, 0);
    assert_eq!(days(&world, 1).await, 1);
    let record = last_record(&world).await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&record).unwrap(), @r#"
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a3d29c-fa00-75ff-8089-f5612998d7e0",
      "eventName": "RotateKey",
      "eventSource": "kms.amazonaws.com",
      "eventTime": "2027-02-20T12:00:00Z",
      "eventType": "AwsServiceEvent",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": false,
      "recipientAccountId": "111122223333",
      "requestParameters": null,
      "resources": [
        {
          "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "accountId": "111122223333",
          "type": "AWS::KMS::Key"
        }
      ],
      "responseElements": null,
      "serviceEventDetails": {
        "currentKeyMaterialId": "a5ea8dfaa116aac32fdb714193cbd048df043acbc279a2f89bdabb6dd29950ed",
        "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
        "rotationType": "AUTOMATIC"
      },
      "sourceIPAddress": "kms.amazonaws.com",
      "userAgent": "kms.amazonaws.com",
      "userIdentity": {
        "accountId": "111122223333",
        "invokedBy": "kms.amazonaws.com"
      }
    }
    "#);

    let new = encrypt(&world, &id).await;
    let (first, second) = (decrypt(&world, &old).await, decrypt(&world, &new).await);
    assert_ne!(first, second);
    let described = call(&world, &world.root, "kms:DescribeKey", json!({"KeyId": id})).await.ok();
    assert_eq!(described.text("/KeyMetadata/CurrentKeyMaterialId"), second);
    let moved = json!({"CiphertextBlob": old, "DestinationKeyId": id});
    let moved = call(&world, &world.root, "kms:ReEncrypt", moved).await.ok();
    assert_eq!(
        (moved.text("/SourceKeyMaterialId"), moved.text("/DestinationKeyMaterialId")),
        (first.clone(), second)
    );

    // And again, by the same schedule.
    assert_eq!(days(&world, 90).await, 1);
    assert_eq!(decrypt(&world, &old).await, first);
    let listed = call(&world, &world.root, "kms:ListKeyRotations", json!({"KeyId": id})).await.ok().json();
    let kinds: Vec<_> = listed["Rotations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["RotationType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["AUTOMATIC", "AUTOMATIC"]);
}

#[tokio::test]
async fn a_clock_that_jumps_over_several_periods_rotates_once() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let _ =
        call(&world, &world.root, "kms:EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 90}))
            .await
            .ok();
    assert_eq!(days(&world, 1000).await, 1);
    assert_eq!(days(&world, 89).await, 0);
    assert_eq!(days(&world, 1).await, 1);
}

#[tokio::test]
async fn a_disabled_key_rotates_when_it_is_enabled_again() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let _ = call(&world, &world.root, "kms:EnableKeyRotation", json!({"KeyId": id})).await.ok();
    let _ = call(&world, &world.root, "kms:DisableKey", json!({"KeyId": id})).await.ok();
    assert_eq!(days(&world, 366).await, 1, "the reminder fell due");
    let rotations = |listed: Value| listed["Rotations"].as_array().map(Vec::len);
    let list = || call(&world, &world.root, "kms:ListKeyRotations", json!({"KeyId": id}));
    assert_eq!(rotations(list().await.ok().json()), Some(0), "and nothing was rotated");
    let _ = call(&world, &world.root, "kms:EnableKey", json!({"KeyId": id})).await.ok();
    assert_eq!(days(&world, 0).await, 1);
    assert_eq!(rotations(list().await.ok().json()), Some(1));
    assert_eq!(days(&world, 364).await, 0);
    assert_eq!(days(&world, 1).await, 1, "the schedule goes on from there");
}

#[tokio::test]
async fn rotation_on_demand_leaves_the_schedule_as_it_is() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let _ = call(&world, &world.root, "kms:EnableKeyRotation", json!({"KeyId": id})).await.ok();
    let status = || call(&world, &world.root, "kms:GetKeyRotationStatus", json!({"KeyId": id}));
    let before = status().await.ok().text("/NextRotationDate");
    let old = encrypt(&world, &id).await;
    let _ = call(&world, &world.root, "kms:RotateKeyOnDemand", json!({"KeyId": id})).await.ok();
    assert_eq!(days(&world, 0).await, 1);
    let record = last_record(&world).await;
    assert_eq!(
        (&record["eventName"], &record["serviceEventDetails"]["rotationType"]),
        (&json!("RotateKey"), &json!("ON_DEMAND"))
    );
    assert_eq!(status().await.ok().text("/NextRotationDate"), before);
    let new = encrypt(&world, &id).await;
    assert_ne!(decrypt(&world, &old).await, decrypt(&world, &new).await);
}
