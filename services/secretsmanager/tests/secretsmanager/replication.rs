//! Replicas in other Regions: they follow, they are read and not written, they stand alone when told to.

use std::sync::Arc;
use std::time::Duration;

use alcazar_core::Region;
use alcazar_store::engines::memory::MemoryStore;
use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::database::Database;
use crate::rotation::facts;

async fn world() -> (World, Database) {
    let database = Database::default();
    let services = [alcazar_secretsmanager::SERVICE, alcazar_kms::SERVICE, alcazar_iam::SERVICE];
    let world = World::beside(&services, Arc::new(MemoryStore::new()), 1, Arc::new(database.clone())).await;
    (world, database)
}

/// The outcome of a call in a Region: the answer, or the refusal in a line.
async fn told(world: &mut World, region: &str, operation: &str, input: Value) -> Result<Value, String> {
    let home = std::mem::replace(&mut world.region, Region::named(region).unwrap());
    let answer = world.call(operation, &input.to_string()).await;
    world.region = home;
    if answer.status == 200 && answer.body.is_empty() {
        return Ok(Value::Null);
    }
    let json = answer.json();
    if answer.status == 200 {
        return Ok(json);
    }
    let message = json.get("message").or(json.get("Message")).and_then(Value::as_str).unwrap_or_default();
    Err(format!("{} {}: {message}", answer.status, json["__type"].as_str().unwrap()))
}

async fn call(world: &mut World, region: &str, operation: &str, input: Value) -> Value {
    told(world, region, &format!("secretsmanager:{operation}"), input).await.unwrap()
}

async fn value(world: &mut World, region: &str) -> Result<String, String> {
    let answer = told(world, region, "secretsmanager:GetSecretValue", json!({"SecretId": "app/db"})).await?;
    Ok(answer["SecretString"].as_str().unwrap().to_owned())
}

/// The states of the replicas.
async fn states(world: &mut World) -> String {
    let answer = call(world, "us-east-1", "DescribeSecret", json!({"SecretId": "app/db"})).await;
    let replicas = answer["ReplicationStatus"].as_array().cloned().unwrap_or_default();
    let told = |replica: &Value| {
        let text = |member: &str| replica[member].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("Region"), text("Status"), text("StatusMessage"))
    };
    replicas.iter().map(told).collect::<Vec<_>>().join("; ").trim().to_owned()
}

async fn follow(world: &World) {
    world.pass(Duration::from_secs(1)).await;
}

/// A secret with a replica in eu-west-1.
async fn replicated(world: &mut World) -> Value {
    let input = json!({"Name": "app/db", "SecretString": "one", "Tags": [{"Key": "team", "Value": "red"}], "AddReplicaRegions": [{"Region": "eu-west-1"}]});
    let made = call(world, "us-east-1", "CreateSecret", input).await;
    follow(world).await;
    made
}

#[tokio::test]
async fn a_replica_follows_in_value_labels_tags_and_policy() {
    let (mut world, _) = world().await;
    let made = replicated(&mut world).await;
    assert_eq!(made["ReplicationStatus"][0]["Status"], "InProgress");
    assert_eq!(states(&mut world).await, "eu-west-1 InSync");
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("one"));
    let input = json!({"SecretId": "app/db", "SecretString": "two"});
    let _ = call(&mut world, "us-east-1", "PutSecretValue", input).await;
    assert_eq!(states(&mut world).await, "eu-west-1 InProgress");
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:DeleteSecret", "Resource": "*"}}).to_string();
    let input = json!({"SecretId": "app/db", "ResourcePolicy": policy});
    let _ = call(&mut world, "us-east-1", "PutResourcePolicy", input).await;
    follow(&world).await;
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("two"));
    let named = json!({"SecretId": "app/db"});
    let there = call(&mut world, "eu-west-1", "GetResourcePolicy", named.clone()).await;
    assert_eq!(there["ResourcePolicy"], policy);
    let (here, there) = (
        call(&mut world, "us-east-1", "DescribeSecret", named.clone()).await,
        call(&mut world, "eu-west-1", "DescribeSecret", named).await,
    );
    for member in ["VersionIdsToStages", "Tags", "Name"] {
        assert_eq!(here[member], there[member], "{member}");
    }
    assert_eq!((&here["PrimaryRegion"], &there["PrimaryRegion"]), (&json!("us-east-1"), &json!("us-east-1")));
    let arn = here["ARN"].as_str().unwrap().replace("us-east-1", "eu-west-1");
    assert_eq!((there["ARN"].as_str(), there.get("ReplicationStatus")), (Some(arn.as_str()), None));
    assert!(world.records(100).await.contains("ReplicationSucceeded"));
}

#[tokio::test]
async fn a_replica_is_not_written() {
    let (mut world, _) = world().await;
    let _ = replicated(&mut world).await;
    let mut lines = Vec::new();
    for (operation, further) in [
        ("PutSecretValue", json!({"SecretString": "x"})),
        ("UpdateSecret", json!({"Description": "x"})),
        ("DeleteSecret", json!({})),
        ("DeleteSecret", json!({"ForceDeleteWithoutRecovery": true})),
        ("TagResource", json!({"Tags": [{"Key": "a", "Value": "b"}]})),
        (
            "RotateSecret",
            json!({"RotationLambdaARN": "arn:aws:lambda:eu-west-1:111122223333:function:SecretsManagerRDSPostgreSQLRotationSingleUser"}),
        ),
        ("ReplicateSecretToRegions", json!({"AddReplicaRegions": [{"Region": "us-west-2"}]})),
        ("DeleteResourcePolicy", json!({})),
    ] {
        let mut input = further;
        input["SecretId"] = json!("app/db");
        let refused =
            told(&mut world, "eu-west-1", &format!("secretsmanager:{operation}"), input).await.unwrap_err();
        assert_eq!(
            refused,
            "400 InvalidParameterException: Operation not permitted on a replica secret. Call must be made in primary secret's region.",
            "{operation}"
        );
    }
    for (region, operation, input) in [
        ("us-east-1", "DeleteSecret", json!({"SecretId": "app/db"})),
        (
            "us-east-1",
            "ReplicateSecretToRegions",
            json!({"SecretId": "app/db", "AddReplicaRegions": [{"Region": "eu-west-1"}]}),
        ),
        (
            "us-east-1",
            "ReplicateSecretToRegions",
            json!({"SecretId": "app/db", "AddReplicaRegions": [{"Region": "cn-north-1"}]}),
        ),
        (
            "us-east-1",
            "RemoveRegionsFromReplication",
            json!({"SecretId": "app/db", "RemoveReplicaRegions": ["us-west-2"]}),
        ),
        ("us-east-1", "StopReplicationToReplica", json!({"SecretId": "app/db"})),
    ] {
        lines
            .push(told(&mut world, region, &format!("secretsmanager:{operation}"), input).await.unwrap_err());
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    400 InvalidParameterException: You can't delete secret arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-AIxhI3 that still has replica regions [eu-west-1].
    400 InvalidParameterException: Invalid replica region.
    400 InvalidParameterException: Invalid replica region.
    400 InvalidParameterException: The secret has no replica in region us-west-2.
    400 InvalidRequestException: You can't stop replication to a secret that is not a replica.
    ");
}

#[tokio::test]
async fn a_replica_has_a_key_of_its_region_and_fails_with_it_alone() {
    let (mut world, _) = world().await;
    let key = told(&mut world, "eu-west-1", "kms:CreateKey", json!({})).await.unwrap();
    let key = key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let _ =
        call(&mut world, "us-east-1", "CreateSecret", json!({"Name": "app/db", "SecretString": "one"})).await;
    let regions = json!([{"Region": "eu-west-1", "KmsKeyId": key}, {"Region": "us-west-2"}]);
    let input = json!({"SecretId": "app/db", "AddReplicaRegions": regions});
    let _ = call(&mut world, "us-east-1", "ReplicateSecretToRegions", input).await;
    follow(&world).await;
    assert_eq!(states(&mut world).await, "eu-west-1 InSync ; us-west-2 InSync");
    let _ = told(&mut world, "eu-west-1", "kms:DisableKey", json!({"KeyId": key})).await.unwrap();
    let input = json!({"SecretId": "app/db", "SecretString": "two"});
    let _ = call(&mut world, "us-east-1", "PutSecretValue", input).await;
    follow(&world).await;
    let told_states = states(&mut world).await;
    assert!(
        told_states.starts_with("eu-west-1 Failed Replication failed: ")
            && told_states.ends_with("us-west-2 InSync"),
        "{told_states}"
    );
    assert_eq!(value(&mut world, "us-west-2").await.as_deref(), Ok("two"));
    assert!(value(&mut world, "eu-west-1").await.unwrap_err().contains("DecryptionFailure"));
    let _ = told(&mut world, "eu-west-1", "kms:EnableKey", json!({"KeyId": key})).await.unwrap();
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("one"), "as it was");
    let _ = call(&mut world, "us-east-1", "UpdateSecret", json!({"SecretId": "app/db", "Description": "x"}))
        .await;
    follow(&world).await;
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("two"), "healed with the next change");
}

#[tokio::test]
async fn a_replica_that_failed_is_tried_again_until_it_follows() {
    let (mut world, _) = world().await;
    let key = told(&mut world, "eu-west-1", "kms:CreateKey", json!({})).await.unwrap();
    let key = key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let regions = json!([{"Region": "eu-west-1", "KmsKeyId": key}]);
    let input = json!({"Name": "app/db", "SecretString": "one", "AddReplicaRegions": regions});
    let _ = call(&mut world, "us-east-1", "CreateSecret", input).await;
    follow(&world).await;
    let _ = told(&mut world, "eu-west-1", "kms:DisableKey", json!({"KeyId": key})).await.unwrap();
    let input = json!({"SecretId": "app/db", "SecretString": "two"});
    let _ = call(&mut world, "us-east-1", "PutSecretValue", input).await;
    let mut tries = Vec::new();
    for _ in 0..24 {
        // Jobs that fell due within half an hour: each one tries once.
        tries.push(world.pass(Duration::from_secs(1800)).await);
    }
    assert!(states(&mut world).await.starts_with("eu-west-1 Failed"), "{tries:?}");
    assert!(tries.iter().sum::<usize>() >= 12, "at least once an hour: {tries:?}");
    let failures = world.records(1000).await.matches("\"ReplicationFailed\"").count();
    assert_eq!(failures, 1, "the same is told once");
    assert_eq!(facts(&world).await, ["ReplicationSucceeded", "ReplicationFailed"]);
    let _ = told(&mut world, "eu-west-1", "kms:EnableKey", json!({"KeyId": key})).await.unwrap();
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("one"), "as it was");
    world.pass(Duration::from_secs(3600)).await;
    assert_eq!(states(&mut world).await, "eu-west-1 InSync");
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("two"));
    assert_eq!(world.pass(Duration::from_secs(86_400)).await, 0, "nothing is left to do");
    assert_eq!(facts(&world).await, ["ReplicationSucceeded", "ReplicationFailed", "ReplicationSucceeded"]);
}

#[tokio::test]
async fn a_replica_gets_another_key_in_its_region_and_nothing_else() {
    let (mut world, _) = world().await;
    let _ = replicated(&mut world).await;
    let key = told(&mut world, "eu-west-1", "kms:CreateKey", json!({})).await.unwrap();
    let key = key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let both = json!({"SecretId": "app/db", "KmsKeyId": key, "Description": "x"});
    let refused = told(&mut world, "eu-west-1", "secretsmanager:UpdateSecret", both).await.unwrap_err();
    assert!(refused.ends_with(
        "Operation not permitted on a replica secret. Call must be made in primary secret's region."
    ));
    let input = json!({"SecretId": "app/db", "KmsKeyId": key});
    let _ = call(&mut world, "eu-west-1", "UpdateSecret", input).await;
    follow(&world).await;
    let named = json!({"SecretId": "app/db"});
    let (here, there) = (
        call(&mut world, "us-east-1", "DescribeSecret", named.clone()).await,
        call(&mut world, "eu-west-1", "DescribeSecret", named.clone()).await,
    );
    assert_eq!((&here["ReplicationStatus"][0]["KmsKeyId"], &there["KmsKeyId"]), (&json!(key), &json!(key)));
    assert_eq!((here.get("KmsKeyId"), states(&mut world).await.as_str()), (None, "eu-west-1 InSync"));
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("one"));
    let input = json!({"SecretId": "app/db", "SecretString": "two"});
    let _ = call(&mut world, "us-east-1", "PutSecretValue", input).await;
    follow(&world).await;
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("two"));
    // Both values are under that key.
    let _ = told(&mut world, "eu-west-1", "kms:DisableKey", json!({"KeyId": key})).await.unwrap();
    assert!(value(&mut world, "eu-west-1").await.unwrap_err().contains("DecryptionFailure"));
    let previous = json!({"SecretId": "app/db", "VersionStage": "AWSPREVIOUS"});
    let shut = told(&mut world, "eu-west-1", "secretsmanager:GetSecretValue", previous).await;
    assert!(shut.unwrap_err().contains("DecryptionFailure"));
    assert_eq!(value(&mut world, "us-east-1").await.as_deref(), Ok("two"));
}

#[tokio::test]
async fn a_replica_that_failed_is_asked_for_again_over_what_stands_in_its_way() {
    let (mut world, _) = world().await;
    let _ =
        call(&mut world, "eu-west-1", "CreateSecret", json!({"Name": "app/db", "SecretString": "theirs"}))
            .await;
    let _ = replicated(&mut world).await;
    assert!(states(&mut world).await.starts_with("eu-west-1 Failed"));
    let input = json!({"SecretId": "app/db", "AddReplicaRegions": [{"Region": "eu-west-1"}], "ForceOverwriteReplicaSecret": true});
    let _ = call(&mut world, "us-east-1", "ReplicateSecretToRegions", input).await;
    follow(&world).await;
    assert_eq!(states(&mut world).await, "eu-west-1 InSync");
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("one"));
}

#[tokio::test]
async fn a_secret_that_stands_there_is_overwritten_on_demand_alone() {
    let (mut world, _) = world().await;
    let _ =
        call(&mut world, "eu-west-1", "CreateSecret", json!({"Name": "app/db", "SecretString": "theirs"}))
            .await;
    let _ = replicated(&mut world).await;
    assert_eq!(
        states(&mut world).await,
        "eu-west-1 Failed Replication failed: Secret name app/db already exists in region eu-west-1."
    );
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("theirs"));
    let input = json!({"SecretId": "app/db", "RemoveReplicaRegions": ["eu-west-1"]});
    let _ = call(&mut world, "us-east-1", "RemoveRegionsFromReplication", input).await;
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("theirs"), "it is no replica");
    let input = json!({"SecretId": "app/db", "AddReplicaRegions": [{"Region": "eu-west-1"}], "ForceOverwriteReplicaSecret": true});
    let _ = call(&mut world, "us-east-1", "ReplicateSecretToRegions", input).await;
    follow(&world).await;
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("one"));
}

/// Two secrets of one name in two Regions want their replica in a third: it is the one's that came first, and the other takes nothing from it.
#[tokio::test]
async fn a_replica_of_another_secret_of_the_name_is_left_alone() {
    let (mut world, _) = world().await;
    let first =
        json!({"Name": "app/db", "SecretString": "first", "AddReplicaRegions": [{"Region": "eu-west-1"}]});
    let _ = call(&mut world, "us-west-2", "CreateSecret", first).await;
    follow(&world).await;
    let _ = replicated(&mut world).await;
    let occupied =
        "eu-west-1 Failed Replication failed: Secret name app/db already exists in region eu-west-1.";
    assert_eq!(states(&mut world).await, occupied);
    let removed = json!({"SecretId": "app/db", "RemoveReplicaRegions": ["eu-west-1"]});
    let _ = call(&mut world, "us-east-1", "RemoveRegionsFromReplication", removed).await;
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("first"), "it is the other's");

    let _ = call(
        &mut world,
        "us-west-2",
        "RemoveRegionsFromReplication",
        json!({"SecretId": "app/db", "RemoveReplicaRegions": ["eu-west-1"]}),
    )
    .await;
    let again = json!({"SecretId": "app/db", "AddReplicaRegions": [{"Region": "eu-west-1"}]});
    let _ = call(&mut world, "us-east-1", "ReplicateSecretToRegions", again).await;
    follow(&world).await;
    assert_eq!(states(&mut world).await, "eu-west-1 InSync");
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("one"));
}

#[tokio::test]
async fn a_removed_replica_is_gone_and_a_promoted_one_stands_alone() {
    let (mut world, _) = world().await;
    let _ = replicated(&mut world).await;
    let input = json!({"SecretId": "app/db", "AddReplicaRegions": [{"Region": "us-west-2"}]});
    let _ = call(&mut world, "us-east-1", "ReplicateSecretToRegions", input).await;
    follow(&world).await;
    let _ = call(&mut world, "us-west-2", "StopReplicationToReplica", json!({"SecretId": "app/db"})).await;
    assert_eq!(states(&mut world).await, "eu-west-1 InSync");
    let _ =
        call(&mut world, "us-west-2", "PutSecretValue", json!({"SecretId": "app/db", "SecretString": "own"}))
            .await;
    let _ =
        call(&mut world, "us-east-1", "PutSecretValue", json!({"SecretId": "app/db", "SecretString": "two"}))
            .await;
    follow(&world).await;
    assert_eq!(value(&mut world, "us-west-2").await.as_deref(), Ok("own"));
    assert_eq!(value(&mut world, "eu-west-1").await.as_deref(), Ok("two"));
    let input = json!({"SecretId": "app/db", "RemoveReplicaRegions": ["eu-west-1"]});
    let _ = call(&mut world, "us-east-1", "RemoveRegionsFromReplication", input).await;
    assert!(value(&mut world, "eu-west-1").await.unwrap_err().contains("ResourceNotFoundException"));
    let _ = call(&mut world, "us-east-1", "DeleteSecret", json!({"SecretId": "app/db"})).await;
    assert_eq!(value(&mut world, "us-west-2").await.as_deref(), Ok("own"));
}

#[tokio::test]
async fn a_rotated_secret_takes_its_replicas_along() {
    let (mut world, database) = world().await;
    database.user("app", "first");
    let text =
        json!({"engine": "postgres", "host": "db", "username": "app", "password": "first"}).to_string();
    let input =
        json!({"Name": "app/db", "SecretString": text, "AddReplicaRegions": [{"Region": "eu-west-1"}]});
    let _ = call(&mut world, "us-east-1", "CreateSecret", input).await;
    let function =
        "arn:aws:lambda:us-east-1:111122223333:function:SecretsManagerRDSPostgreSQLRotationSingleUser";
    let input = json!({"SecretId": "app/db", "RotationLambdaARN": function});
    let _ = call(&mut world, "us-east-1", "RotateSecret", input).await;
    follow(&world).await;
    follow(&world).await;
    let there: Value = serde_json::from_str(&value(&mut world, "eu-west-1").await.unwrap()).unwrap();
    assert!(database.lets_in("app", there["password"].as_str().unwrap()));
    assert_ne!(there["password"], "first");
}
