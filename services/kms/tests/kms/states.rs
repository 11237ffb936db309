//! What each operation answers on a key in each state.
//! Source: KMS Developer Guide, "Key states of AWS KMS keys". Unavailable belongs to custom key stores (`external.rs`); Creating and
//! Updating are over at once.

use alcazar_material::{KeySpec, KeyUsage, Material};
use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{call, import, key, outcome, world, wrapped};

const ENCRYPTION: &str = r#"{}"#;
const SIGNING: &str = r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}"#;
const MAC: &str = r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#;
const AGREEMENT: &str = r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}"#;

const EXTERNAL: &str = r#"{"Origin": "EXTERNAL"}"#;
const PRIMARY: &str = r#"{"MultiRegion": true}"#;
const KEM: &str = r#"{"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}"#;

const OK: &str = "200";
/// [1] of the guide.
const DISABLED: &str = "400 DisabledException: <key> is disabled.";
/// [3] of the guide.
const PENDING: &str = "400 KMSInvalidStateException: <key> is pending deletion.";
/// [14] of the guide.
const PENDING_REPLICAS: &str = "400 KMSInvalidStateException: <key> is pending replica deletion.";
/// [4] of the guide.
const NOT_PENDING: &str = "400 KMSInvalidStateException: <key> is not pending deletion.";

/// [5] of the guide.
const NO_MATERIAL: &str = "400 KMSInvalidStateException: <key> is pending import.";
/// [6] of the guide.
const IMPORTS: &str =
    "400 UnsupportedOperationException: <key> origin is EXTERNAL which is not valid for this operation.";
/// Such keys are never in that state.
const NEVER: &str = "";

const STATES: [&str; 4] = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"];

/// Operation, key, input, and the outcomes in each of the states.
type Row = (&'static str, &'static str, &'static str, [&'static str; 4]);

const TABLE: &[Row] = &[
    ("CancelKeyDeletion", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [NOT_PENDING, NOT_PENDING, OK, NOT_PENDING]),
    (
        "CreateAlias",
        ENCRYPTION,
        r#"{"TargetKeyId": "${key}", "AliasName": "alias/new"}"#,
        [OK, OK, PENDING, OK],
    ),
    (
        "CreateGrant",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt"]}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "Decapsulate",
        KEM,
        r#"{"KeyId": "${key}", "SharedSecretCiphertextBlob": "${capsule}", "EncapsulationAlgorithm": "ML_KEM"}"#,
        [OK, DISABLED, PENDING, NEVER],
    ),
    ("Decrypt", ENCRYPTION, r#"{"CiphertextBlob": "${blob}"}"#, [OK, DISABLED, PENDING, NO_MATERIAL]),
    ("DeleteAlias", ENCRYPTION, r#"{"AliasName": "alias/held"}"#, [OK, OK, OK, OK]),
    ("DeleteImportedKeyMaterial", EXTERNAL, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    (
        "DeriveSharedSecret",
        AGREEMENT,
        r#"{"KeyId": "${key}", "KeyAgreementAlgorithm": "ECDH", "PublicKey": "${public}"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    ("DescribeKey", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("DisableKey", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, PENDING, NO_MATERIAL]),
    ("DisableKeyRotation", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING, IMPORTS]),
    ("EnableKey", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, PENDING, NO_MATERIAL]),
    ("EnableKeyRotation", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING, IMPORTS]),
    (
        "Encapsulate",
        KEM,
        r#"{"KeyId": "${key}", "EncapsulationAlgorithm": "ML_KEM"}"#,
        [OK, DISABLED, PENDING, NEVER],
    ),
    (
        "Encrypt",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "Plaintext": "AAAA"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "GenerateDataKey",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "KeySpec": "AES_256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "GenerateDataKeyWithoutPlaintext",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "KeySpec": "AES_256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "GenerateDataKeyPair",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "KeyPairSpec": "ECC_NIST_P256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "GenerateDataKeyPairWithoutPlaintext",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "KeyPairSpec": "ECC_NIST_P256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "GenerateMac",
        MAC,
        r#"{"KeyId": "${key}", "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    ("GetKeyLastUsage", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("GetKeyPolicy", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("GetKeyRotationStatus", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    (
        "GetParametersForImport",
        EXTERNAL,
        r#"{"KeyId": "${key}", "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}"#,
        [OK, OK, PENDING, OK],
    ),
    ("GetPublicKey", SIGNING, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING, NO_MATERIAL]),
    ("ImportKeyMaterial", EXTERNAL, "${import}", [OK, OK, PENDING, OK]),
    ("ListAliases", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("ListGrants", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("ListKeyPolicies", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("ListKeyRotations", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("ListResourceTags", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK, OK]),
    ("PutKeyPolicy", ENCRYPTION, r#"{"KeyId": "${key}", "Policy": "${policy}"}"#, [OK, OK, OK, OK]),
    (
        "ReEncrypt",
        ENCRYPTION,
        r#"{"CiphertextBlob": "${blob}", "DestinationKeyId": "${other}"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "ReEncrypt",
        ENCRYPTION,
        r#"{"CiphertextBlob": "${other blob}", "DestinationKeyId": "${key}"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "ReplicateKey",
        PRIMARY,
        r#"{"KeyId": "${key}", "ReplicaRegion": "eu-west-1"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    ("RetireGrant", ENCRYPTION, r#"{"GrantToken": "${token}"}"#, [OK, OK, OK, OK]),
    ("RevokeGrant", ENCRYPTION, r#"{"KeyId": "${key}", "GrantId": "${grant}"}"#, [OK, OK, OK, OK]),
    ("RotateKeyOnDemand", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING, NO_MATERIAL]),
    ("ScheduleKeyDeletion", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, PENDING, OK]),
    (
        "Sign",
        SIGNING,
        r#"{"KeyId": "${key}", "Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "TagResource",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "Tags": [{"TagKey": "a", "TagValue": "b"}]}"#,
        [OK, OK, PENDING, OK],
    ),
    ("UntagResource", ENCRYPTION, r#"{"KeyId": "${key}", "TagKeys": ["a"]}"#, [OK, OK, PENDING, OK]),
    // [10]: the key that the alias leaves may be in any state, the one that it goes to may not.
    (
        "UpdateAlias",
        ENCRYPTION,
        r#"{"AliasName": "alias/held", "TargetKeyId": "${other}"}"#,
        [OK, OK, OK, OK],
    ),
    (
        "UpdateAlias",
        ENCRYPTION,
        r#"{"AliasName": "alias/other", "TargetKeyId": "${key}"}"#,
        [OK, OK, PENDING, OK],
    ),
    ("UpdateKeyDescription", ENCRYPTION, r#"{"KeyId": "${key}", "Description": "x"}"#, [OK, OK, PENDING, OK]),
    (
        "UpdatePrimaryRegion",
        PRIMARY,
        r#"{"KeyId": "${key}", "PrimaryRegion": "${replica}"}"#,
        [OK, DISABLED, PENDING_REPLICAS, NO_MATERIAL],
    ),
    (
        "Verify",
        SIGNING,
        r#"{"KeyId": "${key}", "Message": "AAAA", "Signature": "${signature}", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
    (
        "VerifyMac",
        MAC,
        r#"{"KeyId": "${key}", "Message": "AAAA", "Mac": "${mac}", "MacAlgorithm": "HMAC_SHA_256"}"#,
        [OK, DISABLED, PENDING, NO_MATERIAL],
    ),
];

#[tokio::test]
async fn every_operation_answers_by_the_keys_state() {
    let mut wrong = Vec::new();
    for (operation, kind, input, expected) in TABLE {
        let replicas = match expected[2] {
            PENDING => PENDING_REPLICAS,
            other => other,
        };
        let told = one(operation, kind, input, "PendingReplicaDeletion").await;
        if told != replicas {
            wrong.push(format!("{operation} while replicas are to be deleted: {told}, expected {replicas}"));
        }
        for (state, expected) in STATES.into_iter().zip(expected).filter(|(_, expected)| **expected != NEVER)
        {
            let told = one(operation, kind, input, state).await;
            if told != *expected {
                wrong.push(format!("{operation} on a key that is {state}: {told}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_names_every_operation_on_a_key() {
    for entry in alcazar_kms::SERVICE.operations {
        let name = entry.operation.name;
        let of_no_key = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"].contains(&name)
            || name.contains("CustomKeyStore");
        assert_eq!(TABLE.iter().any(|row| row.0 == name), !of_no_key, "{name}");
    }
}

async fn one(operation: &str, kind: &str, input: &str, state: &str) -> String {
    let world = world().await;
    let mut wanted: Value = serde_json::from_str(kind).unwrap();
    if state == "PendingImport" {
        wanted["Origin"] = "EXTERNAL".into();
    }
    if state == "PendingReplicaDeletion" {
        wanted["MultiRegion"] = true.into();
    }
    let material = material(&wanted);
    let (id, arn) = key(&world, wanted.clone()).await;
    if wanted["Origin"] == "EXTERNAL" {
        drop(import(&world, &id, &material, json!({})).await.ok());
    }
    let filled = prepare(&world, kind, &id, input).await;
    match state {
        "Disabled" => drop(call(&world, &world.root, "kms:DisableKey", json!({"KeyId": id})).await.ok()),
        "PendingDeletion" => {
            drop(call(&world, &world.root, "kms:ScheduleKeyDeletion", json!({"KeyId": id})).await.ok());
        }
        "PendingReplicaDeletion" => {
            let replicate = json!({"KeyId": id, "ReplicaRegion": "eu-central-1"});
            drop(call(&world, &world.root, "kms:ReplicateKey", replicate).await.ok());
            drop(call(&world, &world.root, "kms:ScheduleKeyDeletion", json!({"KeyId": id})).await.ok());
        }
        "PendingImport" => {
            drop(call(&world, &world.root, "kms:DeleteImportedKeyMaterial", json!({"KeyId": id})).await.ok());
        }
        _ => {}
    }
    let answer = world.call(&format!("kms:{operation}"), &filled).await;
    outcome(&answer).replace(&arn, "<key>")
}

/// Material of the wanted key's kind.
fn material(wanted: &Value) -> Vec<u8> {
    let text = |name: &str| wanted[name].as_str();
    let Some(usage) = text("KeyUsage").and_then(KeyUsage::from_text) else { return vec![7; 32] };
    let spec = text("KeySpec").and_then(KeySpec::from_text).unwrap();
    let material = Material::generate(spec, usage, &|bytes| bytes.fill(5)).unwrap();
    material.to_bytes().expose().to_vec()
}

/// Makes what the input names while the key is still enabled, and fills it in.
async fn prepare(world: &World, kind: &str, id: &str, input: &str) -> String {
    let mut filled = input.replace("${key}", id);
    if filled.contains("${replica}") {
        let replicate = json!({"KeyId": id, "ReplicaRegion": "eu-west-2"});
        drop(call(world, &world.root, "kms:ReplicateKey", replicate).await.ok());
        filled = filled.replace("${replica}", "eu-west-2");
    }
    if filled.contains("${import}") {
        filled = wrapped(world, id, &[7; 32]).await.to_string();
    }
    let root = &world.root;
    let text = async |operation: &str, input: Value, pointer: &str| {
        call(world, root, operation, input).await.ok().text(pointer)
    };
    if kind == ENCRYPTION {
        let (other, _) = key(world, json!({})).await;
        let encrypt = |key: &str| json!({"KeyId": key, "Plaintext": "AAAA"});
        filled = filled
            .replace("${blob}", &text("kms:Encrypt", encrypt(id), "/CiphertextBlob").await)
            .replace("${other blob}", &text("kms:Encrypt", encrypt(&other), "/CiphertextBlob").await)
            .replace("${other}", &other);
        for (name, key) in [("alias/held", id), ("alias/other", other.as_str())] {
            let alias = json!({"AliasName": name, "TargetKeyId": key});
            drop(call(world, root, "kms:CreateAlias", alias).await.ok());
        }
        let grant = json!({"KeyId": id, "GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt"]});
        let grant = call(world, root, "kms:CreateGrant", grant).await.ok();
        filled = filled
            .replace("${grant}", &grant.text("/GrantId"))
            .replace("${token}", &grant.text("/GrantToken"));
        let policy = text("kms:GetKeyPolicy", json!({"KeyId": id}), "/Policy").await;
        filled = filled.replace("\"${policy}\"", &Value::String(policy).to_string());
    }
    if filled.contains("${signature}") {
        let sign = json!({"KeyId": id, "Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256"});
        filled = filled.replace("${signature}", &text("kms:Sign", sign, "/Signature").await);
    }
    if filled.contains("${mac}") {
        let mac = json!({"KeyId": id, "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"});
        filled = filled.replace("${mac}", &text("kms:GenerateMac", mac, "/Mac").await);
    }
    if filled.contains("${capsule}") {
        let encapsulate = json!({"KeyId": id, "EncapsulationAlgorithm": "ML_KEM"});
        filled = filled.replace(
            "${capsule}",
            &text("kms:Encapsulate", encapsulate, "/SharedSecretCiphertextBlob").await,
        );
    }
    if filled.contains("${public}") {
        filled =
            filled.replace("${public}", &text("kms:GetPublicKey", json!({"KeyId": id}), "/PublicKey").await);
    }
    filled
}
