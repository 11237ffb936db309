//! What the tests of the operations share.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use alcazar_testkit::{Answer, Credentials, World};
use serde_json::{Value, json};

/// Secrets Manager, and KMS for it to ask.
pub(crate) async fn world() -> World {
    World::of(&[crate::SERVICE, alcazar_kms::SERVICE, alcazar_iam::SERVICE]).await
}

/// Calls as the root user.
pub(crate) async fn call(world: &World, operation: &str, input: Value) -> Answer {
    world.call(&format!("secretsmanager:{operation}"), &input.to_string()).await
}

/// Makes a secret of that name with the value `one`, in the version that `token('1')` names; its ARN.
pub(crate) async fn secret(world: &World, name: &str) -> String {
    let input = json!({"Name": name, "SecretString": "one", "ClientRequestToken": token('1')});
    call(world, "CreateSecret", input).await.ok().text("/ARN")
}

/// A version's id.
pub(crate) fn token(letter: char) -> String {
    std::iter::repeat_n(letter, 32).collect()
}

/// The outcome of a call of the root user in a line.
pub(crate) async fn outcome(world: &World, operation: &str, input: Value) -> String {
    told(&call(world, operation, input).await)
}

/// The status and, where it is an error, its code and message.
pub(crate) fn told(answer: &Answer) -> String {
    if answer.status == 200 {
        return "200".to_owned();
    }
    let json = answer.json();
    let message = json.get("message").or(json.get("Message")).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}: {message}", answer.status, json["__type"].as_str().unwrap())
}

/// A user of the first account who may do these things on everything.
pub(crate) async fn user(world: &World, name: &str, actions: &[&str]) -> Credentials {
    let iam = |operation: &str, input: Value| {
        let operation = format!("iam:{operation}");
        async move { world.call(&operation, &input.to_string()).await.ok() }
    };
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let _ = iam("CreateUser", json!({"UserName": name})).await;
    let _ =
        iam("PutUserPolicy", json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy})).await;
    Credentials::of(&iam("CreateAccessKey", json!({"UserName": name})).await)
}

/// The names on all pages of a list.
pub(crate) async fn names(world: &World, mut input: Value) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        let page = call(world, "ListSecrets", input.clone()).await.ok().json();
        let held = page["SecretList"].as_array().unwrap().iter();
        names.extend(held.map(|secret| secret["Name"].as_str().unwrap().to_owned()));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => return names,
        }
    }
}

/// The labels of each version, as DescribeSecret tells them.
pub(crate) async fn stages(world: &World, name: &str) -> String {
    let described = call(world, "DescribeSecret", json!({"SecretId": name})).await.ok().json();
    let versions = described["VersionIdsToStages"].as_object().cloned().unwrap_or_default();
    let told = |(id, stages): (&String, &Value)| {
        let stages: Vec<&str> =
            stages.as_array().unwrap().iter().map(|stage| stage.as_str().unwrap()).collect();
        format!("{}:{}", id.get(..1).unwrap(), stages.join("+"))
    };
    versions.iter().map(told).collect::<Vec<_>>().join(" ")
}
