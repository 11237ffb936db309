//! What the tests of the operations share.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use alcazar_testkit::{Answer, Credentials, World};
use serde_json::{Value, json};

/// Parameter Store, and what it asks.
pub(crate) async fn world() -> World {
    World::of(&[crate::SERVICE, alcazar_kms::SERVICE, alcazar_iam::SERVICE, alcazar_secretsmanager::SERVICE])
        .await
}

/// Calls as the root user.
pub(crate) async fn call(world: &World, operation: &str, input: Value) -> Answer {
    world.call(&format!("ssm:{operation}"), &input.to_string()).await
}

/// Puts a String, over another if there is one.
pub(crate) async fn put(world: &World, name: &str, value: &str) -> Answer {
    let input = json!({"Name": name, "Value": value, "Type": "String", "Overwrite": true});
    call(world, "PutParameter", input).await.ok()
}

/// Puts an advanced String.
pub(crate) async fn put_advanced(world: &World, name: &str) -> Answer {
    let input = json!({"Name": name, "Value": "v", "Type": "String", "Tier": "Advanced"});
    call(world, "PutParameter", input).await.ok()
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

/// A user of the first account who may do what the statements say, each `(action, resource)`.
pub(crate) async fn user(world: &World, name: &str, allowed: &[(&str, &str)]) -> Credentials {
    let statement = |(action, resource): &(&str, &str)| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let statements: Vec<Value> = allowed.iter().map(statement).collect();
    user_with(world, name, json!(statements)).await
}

/// A user with these statements.
pub(crate) async fn user_with(world: &World, name: &str, statements: Value) -> Credentials {
    let iam = |operation: &str, input: Value| {
        let operation = format!("iam:{operation}");
        async move { world.call(&operation, &input.to_string()).await.ok() }
    };
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let _ = iam("CreateUser", json!({"UserName": name})).await;
    let _ =
        iam("PutUserPolicy", json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy})).await;
    Credentials::of(&iam("CreateAccessKey", json!({"UserName": name})).await)
}

/// The texts at that key of each element of a list.
pub(crate) fn each<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|element| element[key].as_str().unwrap()).collect()
}
