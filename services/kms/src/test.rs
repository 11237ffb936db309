//! What the tests of the operations share.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use alcazar_corridor::{Entry, ServiceEntry};
use alcazar_material::{EncryptionAlgorithm, KeySpec, KeyUsage, PublicKey};
use alcazar_testkit::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A key that a test made.
pub(crate) struct TestKey {
    pub(crate) id: String,
    pub(crate) arn: String,
}

/// Makes a key as the root user.
pub(crate) async fn key(world: &World, input: &str) -> TestKey {
    let answer = world.call("kms:CreateKey", input).await.ok();
    TestKey { id: answer.text("/KeyMetadata/KeyId"), arn: answer.text("/KeyMetadata/Arn") }
}

/// Calls as the root user what must be refused, and tells the refusal in a line.
pub(crate) async fn refusal(world: &World, operation: &str, input: &str) -> String {
    let answer = world.call(operation, input).await;
    assert_ne!(answer.status, 200, "{operation} answered {input}: {}", answer.body);
    let json = answer.json();
    let message =
        json.get("message").or(json.get("Message")).and_then(|text| text.as_str()).unwrap_or_default();
    format!("{} {}: {message}", answer.status, json["__type"].as_str().unwrap())
}

/// The members of an ImportKeyMaterial input that bring this material, wrapped for the key.
pub(crate) async fn wrapped(world: &World, key: &TestKey, material: &[u8]) -> String {
    let wrapping = r#""WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048""#;
    let parameters = world.call("kms:GetParametersForImport", &key.with(wrapping)).await.ok();
    let public = STANDARD.decode(parameters.text("/PublicKey")).unwrap();
    let public = PublicKey::from_spki(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt, &public).unwrap();
    let blob =
        STANDARD.encode(public.encrypt(EncryptionAlgorithm::RsaesOaepSha256, material, &|_| ()).unwrap());
    let token = parameters.text("/ImportToken");
    format!(r#""ImportToken": "{token}", "EncryptedKeyMaterial": "{blob}""#)
}

/// Imports material for ever.
pub(crate) async fn import(world: &World, key: &TestKey, material: &[u8]) {
    let wrapped = wrapped(world, key, material).await;
    let input = key.with(&format!(r#"{wrapped}, "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE""#));
    let _ = world.call("kms:ImportKeyMaterial", &input).await.ok();
}

impl TestKey {
    /// An input that names this key, with further members: `key.with(r#""Limit": 1"#)`.
    pub(crate) fn with(&self, rest: &str) -> String {
        let comma = if rest.is_empty() { "" } else { ", " };
        format!(r#"{{"KeyId": "{}"{comma}{rest}}}"#, self.id)
    }
}

/// The input of CreateAlias and UpdateAlias.
pub(crate) fn alias(name: &str, key: &TestKey) -> String {
    format!(r#"{{"AliasName": "{name}", "TargetKeyId": "{}"}}"#, key.id)
}

/// A policy that allows each principal its actions, as a JSON string.
pub(crate) fn policy(allowed: &[(&str, &[&str])]) -> String {
    let statements: Vec<serde_json::Value> = allowed
        .iter()
        .map(|(principal, actions)| {
            serde_json::json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"})
        })
        .collect();
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
    serde_json::Value::String(policy.to_string()).to_string()
}

/// What `cargo xtask op` writes, in place of the operation itself: decided like others, and answered honestly.
#[tokio::test]
async fn an_operation_that_was_begun_is_decided_and_answers_that_it_is_not_there() {
    const BEGUN: ServiceEntry =
        ServiceEntry { operations: &[Entry::of::<crate::skeleton::ListKeys>()], jobs: &[], ..crate::SERVICE };
    insta::assert_snapshot!(alcazar_testkit::derived(&[BEGUN]).await, @"kms:ListKeys: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 501 NotImplementedException");
    let world = World::of(&[BEGUN]).await;
    assert_eq!(
        refusal(&world, "kms:ListKeys", "{}").await,
        "501 NotImplementedException: KMS ListKeys is not implemented."
    );
}
