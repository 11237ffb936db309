//! Worlds with people in them, made by IAM's own operations.

use alcazar_material::{EncryptionAlgorithm, KeySpec, KeyUsage, PublicKey};
use alcazar_testkit::{Answer, Credentials, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The account of every world's root user.
pub(crate) const ACCOUNT: &str = "111122223333";

/// Another account.
pub(crate) const OTHER: &str = "444455556666";

/// A world with KMS, IAM and STS.
pub(crate) async fn world() -> World {
    World::of(&[alcazar_kms::SERVICE, alcazar_iam::SERVICE, alcazar_sts::SERVICE]).await
}

/// Calls with an input written as a JSON value.
pub(crate) async fn call(world: &World, who: &Credentials, operation: &str, input: Value) -> Answer {
    world.call_as(who, operation, &input.to_string()).await
}

/// The status and, where it is an error, its code and message.
pub(crate) fn outcome(answer: &Answer) -> String {
    if answer.status == 200 {
        return "200".to_owned();
    }
    let json = answer.json();
    let message = json.get("message").or(json.get("Message")).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}: {message}", answer.status, json["__type"].as_str().unwrap())
}

/// A user of the account whose root user that is, with a policy that allows these actions on everything; none for no policy.
pub(crate) async fn user(world: &World, root: &Credentials, name: &str, actions: &[&str]) -> Credentials {
    let _ = call(world, root, "iam:CreateUser", json!({"UserName": name})).await.ok();
    if !actions.is_empty() {
        let document = statement(json!({"Effect": "Allow", "Action": actions, "Resource": "*"}));
        let input = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": document});
        let _ = call(world, root, "iam:PutUserPolicy", input).await.ok();
    }
    Credentials::of(&call(world, root, "iam:CreateAccessKey", json!({"UserName": name})).await.ok())
}

/// A policy of one statement, as text.
pub(crate) fn statement(statement: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A key policy of these statements, on everything, beside the one that leaves the key with the root user.
pub(crate) fn key_policy(statements: &[Value]) -> String {
    let mut all = vec![json!({
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "kms:*",
        "Resource": "*",
        // The root user itself, and nobody by its delegation.
        "Condition": {"ArnEquals": {"aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:root")}},
    })];
    all.extend(statements.iter().cloned());
    json!({"Version": "2012-10-17", "Statement": all}).to_string()
}

/// A statement that lets a principal do these things.
pub(crate) fn allow(principal: &str, actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"})
}

/// A key of the root user, by id and ARN.
pub(crate) async fn key(world: &World, input: Value) -> (String, String) {
    let answer = call(world, &world.root, "kms:CreateKey", input).await.ok();
    (answer.text("/KeyMetadata/KeyId"), answer.text("/KeyMetadata/Arn"))
}

/// An ImportKeyMaterial input that brings this material, wrapped for the key, for ever.
pub(crate) async fn wrapped(world: &World, key: &str, material: &[u8]) -> Value {
    let input =
        json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let parameters = call(world, &world.root, "kms:GetParametersForImport", input).await.ok();
    let public = STANDARD.decode(parameters.text("/PublicKey")).unwrap();
    let public = PublicKey::from_spki(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt, &public).unwrap();
    let blob = public.encrypt(EncryptionAlgorithm::RsaesOaepSha256, material, &|_| ()).unwrap();
    json!({
        "KeyId": key,
        "ImportToken": parameters.text("/ImportToken"),
        "EncryptedKeyMaterial": STANDARD.encode(blob),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    })
}

/// Imports material with these further members; the last word on a member is theirs, and `null` leaves it out.
pub(crate) async fn import(world: &World, key: &str, material: &[u8], with: Value) -> Answer {
    let mut input = wrapped(world, key, material).await;
    for (name, value) in with.as_object().unwrap() {
        input[name] = value.clone();
    }
    let members = input.as_object_mut().unwrap();
    members.retain(|_, value| !value.is_null());
    call(world, &world.root, "kms:ImportKeyMaterial", input).await
}
