//! What each operation answers on a key in each state.
//! Source: KMS Developer Guide, "Key states of AWS KMS keys". PendingImport waits for the import operations; the other states belong to
//! multi-Region keys and custom key stores.

use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{call, key, outcome, world};

const ENCRYPTION: &str = r#"{}"#;
const SIGNING: &str = r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}"#;
const MAC: &str = r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#;
const AGREEMENT: &str = r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}"#;

const KEM: &str = r#"{"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}"#;

const OK: &str = "200";
/// [1] of the guide.
const DISABLED: &str = "400 DisabledException: <key> is disabled.";
/// [3] of the guide.
const PENDING: &str = "400 KMSInvalidStateException: <key> is pending deletion.";
/// [4] of the guide.
const NOT_PENDING: &str = "400 KMSInvalidStateException: <key> is not pending deletion.";

/// Operation, key, input, and the outcomes: enabled, disabled, pending deletion.
type Row = (&'static str, &'static str, &'static str, [&'static str; 3]);

const TABLE: &[Row] = &[
    ("CancelKeyDeletion", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [NOT_PENDING, NOT_PENDING, OK]),
    ("CreateAlias", ENCRYPTION, r#"{"TargetKeyId": "${key}", "AliasName": "alias/new"}"#, [OK, OK, PENDING]),
    (
        "CreateGrant",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt"]}"#,
        [OK, DISABLED, PENDING],
    ),
    (
        "Decapsulate",
        KEM,
        r#"{"KeyId": "${key}", "SharedSecretCiphertextBlob": "${capsule}", "EncapsulationAlgorithm": "ML_KEM"}"#,
        [OK, DISABLED, PENDING],
    ),
    ("Decrypt", ENCRYPTION, r#"{"CiphertextBlob": "${blob}"}"#, [OK, DISABLED, PENDING]),
    ("DeleteAlias", ENCRYPTION, r#"{"AliasName": "alias/held"}"#, [OK, OK, OK]),
    (
        "DeriveSharedSecret",
        AGREEMENT,
        r#"{"KeyId": "${key}", "KeyAgreementAlgorithm": "ECDH", "PublicKey": "${public}"}"#,
        [OK, DISABLED, PENDING],
    ),
    ("DescribeKey", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("DisableKey", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, PENDING]),
    ("DisableKeyRotation", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING]),
    ("EnableKey", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, PENDING]),
    ("EnableKeyRotation", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING]),
    (
        "Encapsulate",
        KEM,
        r#"{"KeyId": "${key}", "EncapsulationAlgorithm": "ML_KEM"}"#,
        [OK, DISABLED, PENDING],
    ),
    ("Encrypt", ENCRYPTION, r#"{"KeyId": "${key}", "Plaintext": "AAAA"}"#, [OK, DISABLED, PENDING]),
    ("GenerateDataKey", ENCRYPTION, r#"{"KeyId": "${key}", "KeySpec": "AES_256"}"#, [OK, DISABLED, PENDING]),
    (
        "GenerateDataKeyWithoutPlaintext",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "KeySpec": "AES_256"}"#,
        [OK, DISABLED, PENDING],
    ),
    (
        "GenerateDataKeyPair",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "KeyPairSpec": "ECC_NIST_P256"}"#,
        [OK, DISABLED, PENDING],
    ),
    (
        "GenerateDataKeyPairWithoutPlaintext",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "KeyPairSpec": "ECC_NIST_P256"}"#,
        [OK, DISABLED, PENDING],
    ),
    (
        "GenerateMac",
        MAC,
        r#"{"KeyId": "${key}", "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"}"#,
        [OK, DISABLED, PENDING],
    ),
    ("GetKeyPolicy", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("GetKeyRotationStatus", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("GetPublicKey", SIGNING, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING]),
    ("ListAliases", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("ListGrants", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("ListKeyPolicies", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("ListKeyRotations", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("ListResourceTags", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, OK]),
    ("PutKeyPolicy", ENCRYPTION, r#"{"KeyId": "${key}", "Policy": "${policy}"}"#, [OK, OK, OK]),
    (
        "ReEncrypt",
        ENCRYPTION,
        r#"{"CiphertextBlob": "${blob}", "DestinationKeyId": "${other}"}"#,
        [OK, DISABLED, PENDING],
    ),
    (
        "ReEncrypt",
        ENCRYPTION,
        r#"{"CiphertextBlob": "${other blob}", "DestinationKeyId": "${key}"}"#,
        [OK, DISABLED, PENDING],
    ),
    ("RetireGrant", ENCRYPTION, r#"{"GrantToken": "${token}"}"#, [OK, OK, OK]),
    ("RevokeGrant", ENCRYPTION, r#"{"KeyId": "${key}", "GrantId": "${grant}"}"#, [OK, OK, OK]),
    ("RotateKeyOnDemand", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, DISABLED, PENDING]),
    ("ScheduleKeyDeletion", ENCRYPTION, r#"{"KeyId": "${key}"}"#, [OK, OK, PENDING]),
    (
        "Sign",
        SIGNING,
        r#"{"KeyId": "${key}", "Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
        [OK, DISABLED, PENDING],
    ),
    (
        "TagResource",
        ENCRYPTION,
        r#"{"KeyId": "${key}", "Tags": [{"TagKey": "a", "TagValue": "b"}]}"#,
        [OK, OK, PENDING],
    ),
    ("UntagResource", ENCRYPTION, r#"{"KeyId": "${key}", "TagKeys": ["a"]}"#, [OK, OK, PENDING]),
    // [10]: the key that the alias leaves may be in any state, the one that it goes to may not.
    ("UpdateAlias", ENCRYPTION, r#"{"AliasName": "alias/held", "TargetKeyId": "${other}"}"#, [OK, OK, OK]),
    (
        "UpdateAlias",
        ENCRYPTION,
        r#"{"AliasName": "alias/other", "TargetKeyId": "${key}"}"#,
        [OK, OK, PENDING],
    ),
    ("UpdateKeyDescription", ENCRYPTION, r#"{"KeyId": "${key}", "Description": "x"}"#, [OK, OK, PENDING]),
    (
        "Verify",
        SIGNING,
        r#"{"KeyId": "${key}", "Message": "AAAA", "Signature": "${signature}", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
        [OK, DISABLED, PENDING],
    ),
    (
        "VerifyMac",
        MAC,
        r#"{"KeyId": "${key}", "Message": "AAAA", "Mac": "${mac}", "MacAlgorithm": "HMAC_SHA_256"}"#,
        [OK, DISABLED, PENDING],
    ),
];

#[tokio::test]
async fn every_operation_answers_by_the_keys_state() {
    let mut wrong = Vec::new();
    for (operation, kind, input, expected) in TABLE {
        for (state, expected) in ["Enabled", "Disabled", "PendingDeletion"].into_iter().zip(expected) {
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
        let of_no_key = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"].contains(&name);
        assert_eq!(TABLE.iter().any(|row| row.0 == name), !of_no_key, "{name}");
    }
}

async fn one(operation: &str, kind: &str, input: &str, state: &str) -> String {
    let world = world().await;
    let (id, arn) = key(&world, serde_json::from_str(kind).unwrap()).await;
    let filled = prepare(&world, kind, &id, input).await;
    match state {
        "Disabled" => drop(call(&world, &world.root, "kms:DisableKey", json!({"KeyId": id})).await.ok()),
        "PendingDeletion" => {
            drop(call(&world, &world.root, "kms:ScheduleKeyDeletion", json!({"KeyId": id})).await.ok());
        }
        _ => {}
    }
    let answer = world.call(&format!("kms:{operation}"), &filled).await;
    outcome(&answer).replace(&arn, "<key>")
}

/// Makes what the input names while the key is still enabled, and fills it in.
async fn prepare(world: &World, kind: &str, id: &str, input: &str) -> String {
    let mut filled = input.replace("${key}", id);
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
        filled = filled
            .replace("${capsule}", &text("kms:Encapsulate", encapsulate, "/SharedSecretCiphertextBlob").await);
    }
    if filled.contains("${public}") {
        filled =
            filled.replace("${public}", &text("kms:GetPublicKey", json!({"KeyId": id}), "/PublicKey").await);
    }
    filled
}
