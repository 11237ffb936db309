//! Usage over time: what keys exist, who is counted for which call, and pages that go on where they ended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::time::Duration;

use alcazar_testkit::{Answer, Credentials, World};
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(86_400);

async fn world() -> World {
    World::of(&[
        alcazar_admin::SERVICE,
        alcazar_kms::SERVICE,
        alcazar_secretsmanager::SERVICE,
        alcazar_ssm::SERVICE,
    ])
    .await
}

async fn call(world: &World, operation: &str, input: Value) -> Answer {
    world.call(operation, &input.to_string()).await.ok()
}

async fn key(world: &World, input: Value) -> String {
    call(world, "kms:CreateKey", input).await.text("/KeyMetadata/Arn")
}

/// All pages: what is held and what was called, a line each, and how many pages there were.
async fn usage_of(world: &World, who: &Credentials, mut input: Value) -> (Vec<String>, usize) {
    let (mut lines, mut pages) = (Vec::new(), 0);
    loop {
        let page = world.call_as(who, "alcazar:GetUsage", &input.to_string()).await.ok().json();
        pages += 1;
        for held in page["Holdings"].as_array().unwrap() {
            let end = held.get("Until").map_or_else(String::new, |until| format!(" until {until}"));
            lines.push(format!("{} {} since {}{end}", held["Kind"], held["Spec"], held["Since"]));
        }
        for line in page["Requests"].as_array().unwrap() {
            let (region, operation) = (&line["Region"], &line["Operation"]);
            let named = line.get("Arn").map_or("nothing", |_| "a resource");
            let algorithm = &line["Algorithm"];
            let (answered, failed) = (&line["Answered"], &line["Failed"]);
            lines
                .push(format!("{region} {operation} {algorithm} on {named}: {answered} and {failed} failed"));
        }
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => return (lines, pages),
        }
    }
}

async fn usage(world: &World, input: Value) -> String {
    usage_of(world, &world.root, input).await.0.join("\n").replace('"', "")
}

#[tokio::test]
async fn keys_are_told_with_their_rotations_and_calls_with_what_they_used() {
    let world = world().await;
    let symmetric = key(&world, json!({})).await;
    let rsa = key(&world, json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})).await;
    for _ in 0..3 {
        let _ = call(&world, "kms:Encrypt", json!({"KeyId": symmetric, "Plaintext": "c2VjcmV0"})).await;
    }
    let sign = json!({"KeyId": rsa, "Message": "c2VjcmV0", "SigningAlgorithm": "RSASSA_PSS_SHA_256"});
    let _ = call(&world, "kms:Sign", sign).await;
    let pair = json!({"KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256"});
    let _ = call(&world, "kms:GenerateDataKeyPairWithoutPlaintext", pair).await;
    let wrong = json!({"KeyId": rsa, "Plaintext": "c2VjcmV0"}).to_string();
    assert_eq!(world.call("kms:Encrypt", &wrong).await.status, 400);
    let _ = call(&world, "kms:GenerateRandom", json!({"NumberOfBytes": 8})).await;
    let _ = call(&world, "kms:RotateKeyOnDemand", json!({"KeyId": symmetric})).await;
    let _ = world.pass(DAY).await;
    let secret = json!({"Name": "a", "SecretString": "b"});
    let _ = call(&world, "secretsmanager:CreateSecret", secret).await;
    let advanced = json!({"Name": "p", "Value": "v", "Type": "String", "Tier": "Advanced"});
    let _ = call(&world, "ssm:PutParameter", advanced).await;
    insta::assert_snapshot!(usage(&world, json!({})).await, @"
    ManagedKey SYMMETRIC_DEFAULT since 1795435200
    Key RSA_2048 since 1795348800
    Key SYMMETRIC_DEFAULT since 1795348800
    KeyRotation SYMMETRIC_DEFAULT since 1795435200
    Secret null since 1795435200
    AdvancedParameter null since 1795435200
    us-east-1 GenerateRandom null on nothing: 1 and 0 failed
    us-east-1 DescribeKey null on a resource: 1 and 0 failed
    us-east-1 GenerateDataKey null on a resource: 1 and 0 failed
    us-east-1 CreateKey null on a resource: 1 and 0 failed
    us-east-1 Encrypt null on a resource: 0 and 1 failed
    us-east-1 Sign RSASSA_PSS_SHA_256 on a resource: 1 and 0 failed
    us-east-1 CreateKey null on a resource: 1 and 0 failed
    us-east-1 Encrypt null on a resource: 3 and 0 failed
    us-east-1 GenerateDataKeyPairWithoutPlaintext ECC_NIST_P256 on a resource: 1 and 0 failed
    us-east-1 RotateKeyOnDemand null on a resource: 1 and 0 failed
    us-east-1 CreateSecret null on a resource: 1 and 0 failed
    us-east-1 PutParameter null on a resource: 1 and 0 failed
    ");
}

#[tokio::test]
async fn only_the_time_and_the_region_asked_for_are_told() {
    let world = world().await;
    let made = key(&world, json!({})).await;
    let _ = world.pass(10 * DAY).await;
    let _ = call(&world, "kms:DescribeKey", json!({"KeyId": made})).await;
    insta::assert_snapshot!(usage(&world, json!({})).await, @"
    Key SYMMETRIC_DEFAULT since 1795348800
    us-east-1 DescribeKey null on a resource: 1 and 0 failed
    ");
    insta::assert_snapshot!(usage(&world, json!({"To": 1_796_083_199})).await, @"
    Key SYMMETRIC_DEFAULT since 1795348800
    us-east-1 CreateKey null on a resource: 1 and 0 failed
    ");
    insta::assert_snapshot!(usage(&world, json!({"Region": "eu-central-1"})).await, @"");
}

#[tokio::test]
async fn a_key_that_waits_for_its_deletion_is_told_with_the_moment_it_was_asked_for() {
    let world = world().await;
    let made = key(&world, json!({})).await;
    let _ = world.pass(DAY).await;
    let deletion = json!({"KeyId": made, "PendingWindowInDays": 7});
    let _ = call(&world, "kms:ScheduleKeyDeletion", deletion).await;
    let _ = world.pass(DAY).await;
    insta::assert_snapshot!(usage(&world, json!({})).await, @"
    Key SYMMETRIC_DEFAULT since 1795348800 until 1795435200
    us-east-1 CreateKey null on a resource: 1 and 0 failed
    us-east-1 ScheduleKeyDeletion null on a resource: 1 and 0 failed
    ");
    let _ = world.pass(6 * DAY).await;
    insta::assert_snapshot!(usage(&world, json!({"From": 1_795_348_800})).await, @"
    us-east-1 CreateKey null on a resource: 1 and 0 failed
    us-east-1 ScheduleKeyDeletion null on a resource: 1 and 0 failed
    ");
}

#[tokio::test]
async fn whoever_calls_is_counted_and_only_the_management_account_sees_others() {
    let world = world().await;
    let other = world.account("444455556666").await;
    let statement = |principal: &str| json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"});
    let policy =
        json!({"Version": "2012-10-17", "Statement": [statement("111122223333"), statement("444455556666")]});
    let shared = key(&world, json!({"Policy": policy.to_string()})).await;
    let input = json!({"KeyId": shared, "Plaintext": "c2VjcmV0"}).to_string();
    let _ = world.call_as(&other, "kms:Encrypt", &input).await.ok();
    insta::assert_snapshot!(usage(&world, json!({})).await, @"
    Key SYMMETRIC_DEFAULT since 1795348800
    us-east-1 CreateKey null on a resource: 1 and 0 failed
    ");
    insta::assert_snapshot!(usage(&world, json!({"AccountId": "444455556666"})).await, @"us-east-1 Encrypt null on a resource: 1 and 0 failed");
    assert_eq!(
        usage_of(&world, &other, json!({})).await,
        usage_of(&world, &world.root, json!({"AccountId": "444455556666"})).await
    );
    let prying = json!({"AccountId": "111122223333"}).to_string();
    let refused = world.call_as(&other, "alcazar:GetUsage", &prying).await;
    assert_eq!((refused.status, refused.text("/__type")), (400, "AccessDeniedException".to_owned()));
}

#[tokio::test]
async fn pages_count_each_call_once_and_a_token_is_of_one_list() {
    let world = world().await;
    let made = key(&world, json!({})).await;
    for _ in 0..3100 {
        let _ = call(&world, "kms:DescribeKey", json!({"KeyId": made})).await;
    }
    let (lines, pages) = usage_of(&world, &world.root, json!({})).await;
    // Held, two of KMS, one of each other service.
    assert_eq!(pages, 5);
    let told = |line: &&String| line.contains("DescribeKey");
    let counts: Vec<&str> =
        lines.iter().filter(told).filter_map(|line| line.rsplit_once(": ")).map(|(_, count)| count).collect();
    assert_eq!(counts, ["3000 and 0 failed", "100 and 0 failed"]);
    let token = world.call("alcazar:GetUsage", "{}").await.ok().text("/NextToken");
    let changed = json!({"NextToken": token, "Region": "us-east-1"}).to_string();
    assert_eq!(world.call("alcazar:GetUsage", &changed).await.text("/__type"), "ValidationException");
}

#[tokio::test]
async fn a_parameter_is_charged_for_since_it_became_advanced_and_a_replica_since_it_was_made() {
    let world = world().await;
    let standard = json!({"Name": "p", "Value": "v", "Type": "String"});
    let _ = call(&world, "ssm:PutParameter", standard).await;
    let made = call(&world, "kms:CreateKey", json!({"MultiRegion": true})).await.text("/KeyMetadata/KeyId");
    let _ = world.pass(DAY).await;
    let advanced =
        json!({"Name": "p", "Value": "w", "Type": "String", "Tier": "Advanced", "Overwrite": true});
    let _ = call(&world, "ssm:PutParameter", advanced).await;
    let replica = json!({"KeyId": made, "ReplicaRegion": "eu-west-1"});
    let _ = call(&world, "kms:ReplicateKey", replica).await;
    let _ = world.pass(DAY).await;
    let newer = json!({"Name": "p", "Value": "x", "Type": "String", "Tier": "Advanced", "Overwrite": true});
    let _ = call(&world, "ssm:PutParameter", newer).await;
    let told = usage(&world, json!({})).await;
    let held: Vec<&str> = told.lines().filter(|line| line.contains("since")).collect();
    assert_eq!(
        held,
        [
            // In the order of the Regions: the replica in eu-west-1, then its primary.
            "Key SYMMETRIC_DEFAULT since 1795435200",
            "Key SYMMETRIC_DEFAULT since 1795348800",
            "AdvancedParameter null since 1795435200",
        ]
    );
}
