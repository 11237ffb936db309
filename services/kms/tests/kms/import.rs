//! Imported material: comes, expires, goes, and comes again.

use std::time::Duration;

use alcazar_material::{KeySpec, KeyUsage, Material};
use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{call, import, key, outcome, world};

const DAY: u64 = 86_400;
/// The beginning of every world.
const NOW: u64 = 1_795_348_800;

async fn days(world: &World, days: u64) -> usize {
    world.pass(Duration::from_secs(days * DAY)).await
}

async fn encrypt(world: &World, key: &str) -> String {
    let input = json!({"KeyId": key, "Plaintext": "c2VjcmV0"});
    call(world, &world.root, "kms:Encrypt", input).await.ok().text("/CiphertextBlob")
}

async fn decrypt(world: &World, blob: &str) -> String {
    outcome(&call(world, &world.root, "kms:Decrypt", json!({"CiphertextBlob": blob})).await)
}

async fn state(world: &World, key: &str) -> String {
    let answer = call(world, &world.root, "kms:DescribeKey", json!({"KeyId": key})).await.ok();
    answer.text("/KeyMetadata/KeyState")
}

/// The materials: rotation state and import state.
async fn materials(world: &World, key: &str) -> Vec<String> {
    let input = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let listed = call(world, &world.root, "kms:ListKeyRotations", input).await.ok().json();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = listed["Rotations"].as_array().unwrap().iter();
    entries.map(|one| text(one, "KeyMaterialState") + " " + &text(one, "ImportState")).collect()
}

#[tokio::test]
async fn material_expires_at_its_hour_and_comes_back_only_as_the_same() {
    let world = world().await;
    let (id, arn) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    assert_eq!(state(&world, &id).await, "PendingImport");
    let with = json!({"ExpirationModel": null, "ValidTo": NOW + 10 * DAY});
    let _ = import(&world, &id, &[7; 32], with).await.ok();
    let blob = encrypt(&world, &id).await;
    assert_eq!(days(&world, 9).await, 0);
    assert_eq!(decrypt(&world, &blob).await, "200");
    assert_eq!(days(&world, 1).await, 1);
    let record: Value = serde_json::from_str(&world.records(1).await).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&record).unwrap(), @r#"
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a236a0-3a00-7222-9fc9-415f5fab951d",
      "eventName": "DeleteExpiredKeyMaterial",
      "eventSource": "kms.amazonaws.com",
      "eventTime": "2026-12-02T12:00:00Z",
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
        "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
        "keyMaterialId": "ff6f3ab2caba580b3aace9a4ed5fdb025be96b9543b97377df3fcc3095afb072"
      },
      "sourceIPAddress": "kms.amazonaws.com",
      "userAgent": "kms.amazonaws.com",
      "userIdentity": {
        "accountId": "111122223333",
        "invokedBy": "kms.amazonaws.com"
      }
    }
    "#);
    assert_eq!(state(&world, &id).await, "PendingImport");
    assert_eq!(
        decrypt(&world, &blob).await,
        format!("400 KMSInvalidStateException: {arn} is pending import.")
    );
    let other = outcome(&import(&world, &id, &[8; 32], json!({})).await);
    assert_eq!(
        other,
        format!("400 IncorrectKeyMaterialException: The key material was not imported into {arn} before.")
    );
    let _ = import(&world, &id, &[7; 32], json!({})).await.ok();
    assert_eq!(
        (state(&world, &id).await.as_str(), decrypt(&world, &blob).await.as_str()),
        ("Enabled", "200")
    );
    assert_eq!(days(&world, 400).await, 0, "it was imported for ever");
}

#[tokio::test]
async fn a_re_import_sets_another_end() {
    let world = world().await;
    let (id, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    for day in [10, 20] {
        let with =
            json!({"ExpirationModel": null, "ValidTo": NOW + day * DAY, "KeyMaterialDescription": "mine"});
        let _ = import(&world, &id, &[7; 32], with).await.ok();
    }
    assert_eq!(days(&world, 19).await, 0);
    assert_eq!(state(&world, &id).await, "Enabled");
    assert_eq!(days(&world, 1).await, 1);
    assert_eq!(state(&world, &id).await, "PendingImport");
}

#[tokio::test]
async fn a_deleted_key_forgets_its_materials_end() {
    let world = world().await;
    let (id, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    let with = json!({"ExpirationModel": null, "ValidTo": NOW + 30 * DAY});
    let _ = import(&world, &id, &[7; 32], with).await.ok();
    let schedule = json!({"KeyId": id, "PendingWindowInDays": 7});
    let _ = call(&world, &world.root, "kms:ScheduleKeyDeletion", schedule).await.ok();
    assert_eq!(days(&world, 40).await, 2);
    assert!(world.records(1).await.contains("DeleteKey"), "nothing is recorded of a key that is gone");
}

#[tokio::test]
async fn a_symmetric_key_rotates_to_the_material_imported_for_it() {
    let world = world().await;
    let (id, arn) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    let _ = import(&world, &id, &[7; 32], json!({})).await.ok();
    let old = encrypt(&world, &id).await;
    let rotate = || call(&world, &world.root, "kms:RotateKeyOnDemand", json!({"KeyId": id}));
    assert_eq!(
        outcome(&rotate().await),
        format!("400 KMSInvalidStateException: {arn} has no key material that is pending rotation.")
    );
    let new = import(&world, &id, &[8; 32], json!({"ImportType": "NEW_KEY_MATERIAL"})).await.ok();
    assert_eq!(materials(&world, &id).await, ["CURRENT IMPORTED", "PENDING_ROTATION IMPORTED"]);
    // Until it is rotated to, it is of no use, and may go again.
    let drop = json!({"KeyId": id, "KeyMaterialId": new.text("/KeyMaterialId")});
    let _ = call(&world, &world.root, "kms:DeleteImportedKeyMaterial", drop).await.ok();
    assert_eq!(materials(&world, &id).await, ["CURRENT IMPORTED"]);
    assert_eq!(state(&world, &id).await, "Enabled");

    let new = import(&world, &id, &[9; 32], json!({"ImportType": "NEW_KEY_MATERIAL"})).await.ok();
    let _ = rotate().await.ok();
    assert_eq!(days(&world, 0).await, 1);
    let record: Value = serde_json::from_str(&world.records(1).await).unwrap();
    assert_eq!(record["serviceEventDetails"]["currentKeyMaterialId"], new.text("/KeyMaterialId"));
    assert_eq!(record["serviceEventDetails"]["keyOrigin"], "EXTERNAL");
    assert_eq!(materials(&world, &id).await, ["NON_CURRENT IMPORTED", "CURRENT IMPORTED"]);
    let blob = encrypt(&world, &id).await;
    assert_eq!((decrypt(&world, &old).await.as_str(), decrypt(&world, &blob).await.as_str()), ("200", "200"));

    // The key is of use with all of its materials or not at all.
    let first = json!({"KeyId": id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let first = call(&world, &world.root, "kms:ListKeyRotations", first)
        .await
        .ok()
        .text("/Rotations/0/KeyMaterialId");
    let drop = json!({"KeyId": id, "KeyMaterialId": first});
    let _ = call(&world, &world.root, "kms:DeleteImportedKeyMaterial", drop).await.ok();
    assert_eq!(materials(&world, &id).await, ["NON_CURRENT PENDING_IMPORT", "CURRENT IMPORTED"]);
    assert_eq!(
        decrypt(&world, &blob).await,
        format!("400 KMSInvalidStateException: {arn} is pending import.")
    );
    let _ = import(&world, &id, &[7; 32], json!({"KeyMaterialId": first})).await.ok();
    assert_eq!((decrypt(&world, &old).await.as_str(), decrypt(&world, &blob).await.as_str()), ("200", "200"));
}

#[tokio::test]
async fn the_same_secret_in_two_keys_is_two_materials() {
    let world = world().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (id, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
        ids.push(import(&world, &id, &[7; 32], json!({})).await.ok().text("/KeyMaterialId"));
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn hmac_and_asymmetric_keys_are_imported_once_and_for_all() {
    let world = world().await;
    let fresh = |spec, usage| Material::generate(spec, usage, &|bytes| bytes.fill(5)).unwrap();
    for (spec, usage, material) in [
        ("HMAC_256", "GENERATE_VERIFY_MAC", vec![7; 32]),
        (
            "ECC_NIST_P256",
            "SIGN_VERIFY",
            fresh(KeySpec::EccNistP256, KeyUsage::SignVerify).to_bytes().expose().to_vec(),
        ),
        (
            "ECC_SECG_P256K1",
            "SIGN_VERIFY",
            fresh(KeySpec::EccSecgP256k1, KeyUsage::SignVerify).to_bytes().expose().to_vec(),
        ),
    ] {
        let input = json!({"Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage});
        let (id, arn) = key(&world, input).await;
        let answer = import(&world, &id, &material, json!({})).await.ok();
        assert_eq!(answer.json(), json!({"KeyId": arn}), "{spec}: its material has no id to tell");
        assert_eq!(state(&world, &id).await, "Enabled", "{spec}");
        let _ = call(&world, &world.root, "kms:DeleteImportedKeyMaterial", json!({"KeyId": id})).await.ok();
        let other = outcome(&import(&world, &id, &[8; 32], json!({})).await);
        assert!(other.starts_with("400 IncorrectKeyMaterialException"), "{spec}: {other}");
        let _ = import(&world, &id, &material, json!({})).await.ok();
        assert_eq!(state(&world, &id).await, "Enabled", "{spec}");
    }
}
