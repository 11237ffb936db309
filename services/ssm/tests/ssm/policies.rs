//! Parameter policies, with the clock moved.

use std::time::Duration;

use alcazar_store::Position;
use alcazar_testkit::World;
use serde_json::{Value, json};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Worlds begin at 2026-11-22T12:00:00Z.
const EXPIRES: &str = "2026-12-22T12:00:00.000Z";

async fn call(world: &World, operation: &str, input: Value) -> Value {
    world.call(&format!("ssm:{operation}"), &input.to_string()).await.ok().json()
}

async fn pass(world: &World, seconds: u64) -> usize {
    world.pass(Duration::from_secs(seconds)).await
}

fn policies() -> String {
    json!([
        {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": EXPIRES}},
        {"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "15", "Unit": "Days"}},
        {"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "12", "Unit": "Hours"}},
        {"Type": "NoChangeNotification", "Version": "1.0", "Attributes": {"After": "20", "Unit": "Days"}},
    ])
    .to_string()
}

async fn put(world: &World, policies: &str) {
    let input = json!({"Name": "/p", "Value": "v", "Type": "String", "Tier": "Advanced", "Policies": policies, "Overwrite": true});
    let _ = call(world, "PutParameter", input).await;
}

/// The types and states of the parameter's policies.
async fn states(world: &World) -> String {
    let described = call(world, "DescribeParameters", json!({})).await;
    let policies = described["Parameters"][0]["Policies"].as_array().cloned().unwrap_or_default();
    let told = |policy: &Value| {
        format!("{} {}", policy["PolicyType"].as_str().unwrap(), policy["PolicyStatus"].as_str().unwrap())
    };
    policies.iter().map(told).collect::<Vec<_>>().join(", ")
}

/// What the bus will tell, but for what calls have done.
async fn told(world: &World) -> Vec<String> {
    let facts = world.corridor.universe().store.facts(Position(0), 1000).await.unwrap();
    let line = |fact: &alcazar_store::Fact| {
        let body: Value = rmp_serde::from_slice(&fact.body).unwrap();
        let detail: Value = serde_json::from_str(body["detail"].as_str().unwrap()).unwrap();
        let what = detail.get("policy-type").or(detail.get("operation")).unwrap();
        format!("{} {}: {}", body["time"], fact.name, what.as_str().unwrap())
    };
    facts.iter().map(|(_, fact)| line(fact)).collect()
}

#[tokio::test]
async fn each_policy_acts_when_it_falls_due_and_once() {
    let world = World::of(&[alcazar_ssm::SERVICE]).await;
    put(&world, &policies()).await;
    assert_eq!(pass(&world, 15 * DAY - 1).await, 0);
    assert_eq!(pass(&world, 1).await, 1);
    let record = world.records(1).await;
    let record: Vec<&str> = record.lines().filter(|line| !line.contains("eventID")).collect();
    insta::assert_snapshot!(record.join("\n"), @r#"
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventName": "Parameter Store Policy Action",
      "eventSource": "ssm.amazonaws.com",
      "eventTime": "2026-12-07T12:00:00Z",
      "eventType": "AwsServiceEvent",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": false,
      "recipientAccountId": "111122223333",
      "requestParameters": null,
      "resources": [
        {
          "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/p",
          "accountId": "111122223333",
          "type": "AWS::SSM::Parameter"
        }
      ],
      "responseElements": null,
      "serviceEventDetails": {
        "policies": [
          {
            "action-status": "Success",
            "parameter-name": "/p",
            "parameter-type": "String",
            "policy-content": "{\"Type\":\"ExpirationNotification\",\"Version\":\"1.0\",\"Attributes\":{\"Before\":\"15\",\"Unit\":\"Days\"}}",
            "policy-type": "ExpirationNotification"
          }
        ]
      },
      "sourceIPAddress": "ssm.amazonaws.com",
      "userAgent": "ssm.amazonaws.com",
      "userIdentity": {
        "accountId": "111122223333",
        "invokedBy": "ssm.amazonaws.com"
      }
    }
    "#);
    let first = states(&world).await;
    assert_eq!(
        first,
        "Expiration Pending, ExpirationNotification Finished, ExpirationNotification Pending, NoChangeNotification Pending"
    );
    // Over two at once, and then the end.
    assert_eq!(pass(&world, 14 * DAY + 12 * HOUR).await, 2);
    assert_eq!(pass(&world, 12 * HOUR).await, 1);
    let gone = world.call("ssm:GetParameter", r#"{"Name": "/p"}"#).await;
    assert_eq!(gone.status, 400);
    assert_eq!(pass(&world, 100 * DAY).await, 0);
    insta::assert_snapshot!(told(&world).await.join("\n"), @"
    1795348800000 Parameter Store Change: Create
    1796644800000 Parameter Store Policy Action: ExpirationNotification
    1797897600000 Parameter Store Policy Action: NoChangeNotification
    1797897600000 Parameter Store Policy Action: ExpirationNotification
    1797940800000 Parameter Store Policy Action: Expiration
    1797940800000 Parameter Store Change: Delete
    ");
}

#[tokio::test]
async fn a_change_begins_the_time_without_one_anew_and_leaves_the_expiration() {
    let world = World::of(&[alcazar_ssm::SERVICE]).await;
    put(&world, &policies()).await;
    pass(&world, 19 * DAY).await;
    let _ = call(&world, "PutParameter", json!({"Name": "/p", "Value": "w", "Overwrite": true})).await;
    pass(&world, 2 * DAY).await;
    assert!(states(&world).await.ends_with("NoChangeNotification Pending"), "{}", states(&world).await);
    pass(&world, 9 * DAY).await;
    let gone = world.call("ssm:GetParameter", r#"{"Name": "/p"}"#).await;
    assert_eq!(gone.status, 400, "it expired when it was to");
    assert!(!told(&world).await.iter().any(|line| line.contains("NoChange")));
}

#[tokio::test]
async fn policies_that_are_taken_away_never_act() {
    let world = World::of(&[alcazar_ssm::SERVICE]).await;
    put(&world, &policies()).await;
    put(&world, "[{}]").await;
    assert_eq!(states(&world).await, "");
    assert_eq!(pass(&world, 100 * DAY).await, 0);
    assert_eq!(world.call("ssm:GetParameter", r#"{"Name": "/p"}"#).await.status, 200);
    put(&world, &policies().replace("2026", "2028")).await;
    let _ = call(&world, "DeleteParameter", json!({"Name": "/p"})).await;
    assert_eq!(pass(&world, 1000 * DAY).await, 0);
}

#[tokio::test]
async fn a_clock_moved_over_all_tells_each_once_and_the_end_last() {
    let world = World::of(&[alcazar_ssm::SERVICE]).await;
    put(&world, &policies()).await;
    pass(&world, 1000 * DAY).await;
    assert_eq!(pass(&world, DAY).await, 0);
    insta::assert_snapshot!(told(&world).await.join("\n"), @"
    1795348800000 Parameter Store Change: Create
    1881748800000 Parameter Store Policy Action: ExpirationNotification
    1881748800000 Parameter Store Policy Action: NoChangeNotification
    1881748800000 Parameter Store Policy Action: ExpirationNotification
    1881748800000 Parameter Store Policy Action: Expiration
    1881748800000 Parameter Store Change: Delete
    ");
}
