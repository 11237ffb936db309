//! Rotations over a database in memory: with the clock moved, and with a fault at every question.

use std::sync::Arc;
use std::time::Duration;

use alcazar_facts::BusEvent;
use alcazar_store::engines::faults::{FaultPlan, FaultyStore, Moment, seeded};
use alcazar_store::engines::memory::MemoryStore;
use alcazar_store::{Position, Store};
use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::database::{Database, Fault, Mood};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A world beside a database with a superuser and the user `app`, whose secret is `app/db`.
async fn world() -> (World, Database) {
    world_over(Arc::new(MemoryStore::new())).await
}

/// A program over that store, beside that database; each has randomness of its own.
async fn program(store: Arc<dyn Store>, seed: u64, database: &Database) -> World {
    let services = [alcazar_secretsmanager::SERVICE, alcazar_kms::SERVICE, alcazar_iam::SERVICE];
    World::beside(&services, store, seed, Arc::new(database.clone())).await
}

async fn world_over(store: Arc<dyn Store>) -> (World, Database) {
    let database = Database::default();
    database.user("admin", "root");
    database.user("app", "first");
    let world = program(store, 1, &database).await;
    let admin = json!({"engine": "postgres", "host": "db", "username": "admin", "password": "root"});
    let input = json!({"Name": "admin/db", "SecretString": admin.to_string()});
    let master = call(&world, "CreateSecret", input).await["ARN"].clone();
    let app = json!({"engine": "postgres", "host": "db", "username": "app", "password": "first", "masterarn": master});
    let input = json!({"Name": "app/db", "SecretString": app.to_string()});
    let _ = call(&world, "CreateSecret", input).await;
    (world, database)
}

async fn call(world: &World, operation: &str, input: Value) -> Value {
    world.call(&format!("secretsmanager:{operation}"), &input.to_string()).await.ok().json()
}

async fn refused(world: &World, operation: &str, input: Value) -> String {
    let answer = world.call(&format!("secretsmanager:{operation}"), &input.to_string()).await;
    let json = answer.json();
    let message = json.get("message").or(json.get("Message")).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}: {message}", answer.status, json["__type"].as_str().unwrap())
}

fn arn(function: &str) -> String {
    format!("arn:aws:lambda:us-east-1:111122223333:function:SecretsManagerRDSPostgreSQLRotation{function}")
}

fn rotate(function: &str, rules: Value) -> Value {
    json!({"SecretId": "app/db", "RotationLambdaARN": arn(function), "RotationRules": rules})
}

/// The user and the password of a version.
async fn value(world: &World, stage: &str) -> (String, String) {
    let answer = call(world, "GetSecretValue", json!({"SecretId": "app/db", "VersionStage": stage})).await;
    let value: Value = serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap();
    let text = |member: &str| value[member].as_str().unwrap().to_owned();
    (text("username"), text("password"))
}

async fn logs_in(world: &World, database: &Database, stage: &str) -> bool {
    let (user, password) = value(world, stage).await;
    database.lets_in(&user, &password)
}

/// The service's own events, oldest first; each is on record and was told.
async fn events(world: &World) -> String {
    let records = world.records(1000).await;
    let records = serde_json::Deserializer::from_str(&records).into_iter::<Value>().map(Result::unwrap);
    let own = records.filter(|record| {
        record["eventType"] == "AwsServiceEvent" && record["eventSource"] == "secretsmanager.amazonaws.com"
    });
    let mut names: Vec<String> = own.map(|record| record["eventName"].as_str().unwrap().to_owned()).collect();
    names.reverse();
    assert_eq!(facts(world).await, names);
    names.join(" ")
}

/// The service's own events among the facts.
pub(crate) async fn facts(world: &World) -> Vec<String> {
    let facts = world.corridor.universe().store.facts(Position(0), 10_000).await.unwrap();
    let own = facts.iter().filter(|(_, fact)| fact.name == "AWS Service Event via CloudTrail");
    let name = |body: &[u8]| {
        let detail: Value = serde_json::from_str(&BusEvent::read(body).unwrap().detail).unwrap();
        detail["eventName"].as_str().unwrap().to_owned()
    };
    own.map(|(_, fact)| name(&fact.body)).collect()
}

/// The number of versions of each set of labels.
async fn labels(world: &World) -> String {
    let answer = call(world, "DescribeSecret", json!({"SecretId": "app/db"})).await;
    let versions = answer["VersionIdsToStages"].as_object().unwrap().values();
    let mut told: Vec<String> = versions
        .map(|stages| {
            let mut stages: Vec<&str> =
                stages.as_array().unwrap().iter().map(|stage| stage.as_str().unwrap()).collect();
            stages.sort_unstable();
            stages.join("+")
        })
        .collect();
    told.sort_unstable();
    told.join(" ")
}

#[tokio::test]
async fn a_user_gets_another_password_as_the_functions_role() {
    let (world, database) = world().await;
    let input = json!({"ClientRequestToken": "r".repeat(32), "SecretId": "app/db", "RotationLambdaARN": arn("SingleUser"), "RotationRules": {"AutomaticallyAfterDays": 7}});
    let answer = world.call("secretsmanager:RotateSecret", &input.to_string()).await;
    insta::assert_snapshot!(world.told(&answer).await, @r#"
    200
    {
      "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP",
      "Name": "app/db",
      "VersionId": "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
    }
    --- recorded
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a20320-a200-7b28-ad21-2dbfb989a834",
      "eventName": "RotateSecret",
      "eventSource": "secretsmanager.amazonaws.com",
      "eventTime": "2026-11-22T12:00:00Z",
      "eventType": "AwsApiCall",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": false,
      "recipientAccountId": "111122223333",
      "requestID": "041e8f57-b5eb-444c-b2b5-8b7c5633a0eb",
      "requestParameters": {
        "clientRequestToken": "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr",
        "rotationLambdaARN": "arn:aws:lambda:us-east-1:111122223333:function:SecretsManagerRDSPostgreSQLRotationSingleUser",
        "rotationRules": {
          "automaticallyAfterDays": 7
        },
        "secretId": "app/db"
      },
      "resources": [
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP",
          "accountId": "111122223333",
          "type": "AWS::SecretsManager::Secret"
        }
      ],
      "responseElements": {
        "arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP",
        "name": "app/db",
        "versionId": "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
      },
      "sourceIPAddress": "203.0.113.7",
      "userAgent": "test",
      "userIdentity": {
        "accessKeyId": "AKIAROOTROOTROOTROOT",
        "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:root",
        "principalId": "111122223333",
        "type": "Root"
      }
    }
    "#);
    assert_eq!(world.pass(Duration::ZERO).await, 1);
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
    let (user, password) = value(&world, "AWSCURRENT").await;
    assert_eq!((user.as_str(), password.len()), ("app", 32));
    assert!(!password.contains(['/', '@', '"', '\'', '\\']), "{password}");
    assert!(!database.lets_in("app", "first"), "the old password is good for nothing");
    assert_eq!(value(&world, "AWSPREVIOUS").await.1, "first");
    assert_eq!(labels(&world).await, "AWSCURRENT+AWSPENDING AWSPREVIOUS");
    assert_eq!(events(&world).await, "RotationStarted RotationSucceeded");
    let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await;
    let shown =
        ["RotationEnabled", "RotationLambdaARN", "RotationRules", "LastRotatedDate", "NextRotationDate"]
            .map(|member| format!("{member}: {}", described[member]));
    insta::assert_snapshot!(shown.join("\n"), @r#"
    RotationEnabled: true
    RotationLambdaARN: "arn:aws:lambda:us-east-1:111122223333:function:SecretsManagerRDSPostgreSQLRotationSingleUser"
    RotationRules: {"AutomaticallyAfterDays":7}
    LastRotatedDate: 1795348800
    NextRotationDate: 1795996799
    "#);
    let records = world.records(1000).await;
    assert!(!records.contains(&password), "a password is in the event history");
}

#[tokio::test]
async fn what_the_function_asks_stands_in_the_event_history_as_asked_by_its_role() {
    let (world, _) = world().await;
    let _ = call(&world, "RotateSecret", rotate("SingleUser", json!({}))).await;
    world.pass(Duration::ZERO).await;
    let records = world.records(1000).await;
    let records: Vec<Value> =
        serde_json::Deserializer::from_str(&records).into_iter::<Value>().map(Result::unwrap).collect();
    let moved = records.iter().find(|record| record["eventName"] == "UpdateSecretVersionStage").unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(moved).unwrap(), @r#"
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a20320-a200-7a58-a363-3e3583a10fc9",
      "eventName": "UpdateSecretVersionStage",
      "eventSource": "secretsmanager.amazonaws.com",
      "eventTime": "2026-11-22T12:00:00Z",
      "eventType": "AwsApiCall",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": false,
      "recipientAccountId": "111122223333",
      "requestID": "562a3af1-a9c3-4266-aa7d-8825e38b713d",
      "requestParameters": {
        "moveToVersionId": "eb286d21-2dbf-4989-a834-cef3605f4020",
        "removeFromVersionId": "5cb9786b-f6c2-4eeb-9590-07df1290e476",
        "secretId": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP",
        "versionStage": "AWSCURRENT"
      },
      "resources": [
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP",
          "accountId": "111122223333",
          "type": "AWS::SecretsManager::Secret"
        }
      ],
      "responseElements": {
        "arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP",
        "name": "app/db"
      },
      "sourceIPAddress": "127.0.0.1",
      "userAgent": "SecretsManagerRDSPostgreSQLRotationSingleUser",
      "userIdentity": {
        "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForSecretsManagerRDSPostgreSQLRotationSingleUser/SecretsManagerRDSPostgreSQLRotationSingleUser",
        "principalId": "AROAFBPKMSY7YC2MHJQK5:SecretsManagerRDSPostgreSQLRotationSingleUser",
        "sessionContext": {
          "attributes": {
            "creationDate": "2026-11-22T12:00:00Z",
            "mfaAuthenticated": "false"
          },
          "sessionIssuer": {
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:role/aws-service-role/secretsmanager.amazonaws.com/AWSServiceRoleForSecretsManagerRDSPostgreSQLRotationSingleUser",
            "principalId": "AROAFBPKMSY7YC2MHJQK5",
            "type": "Role",
            "userName": "AWSServiceRoleForSecretsManagerRDSPostgreSQLRotationSingleUser"
          }
        },
        "type": "AssumedRole"
      }
    }
    "#);
    let ended = records.iter().find(|record| record["eventName"] == "RotationSucceeded").unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(ended).unwrap(), @r#"
    {
      "additionalEventData": {
        "SecretId": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP"
      },
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a20320-a200-778f-bac7-14864e86c807",
      "eventName": "RotationSucceeded",
      "eventSource": "secretsmanager.amazonaws.com",
      "eventTime": "2026-11-22T12:00:00Z",
      "eventType": "AwsServiceEvent",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": false,
      "recipientAccountId": "111122223333",
      "requestParameters": null,
      "resources": [
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-HoFoEP",
          "accountId": "111122223333",
          "type": "AWS::SecretsManager::Secret"
        }
      ],
      "responseElements": null,
      "sourceIPAddress": "secretsmanager.amazonaws.com",
      "userAgent": "secretsmanager.amazonaws.com",
      "userIdentity": {
        "accountId": "111122223333",
        "invokedBy": "secretsmanager.amazonaws.com"
      }
    }
    "#);
    let asked = records.iter().filter(|record| record["userIdentity"]["arn"] == moved["userIdentity"]["arn"]);
    let mut names: Vec<&str> = asked.map(|record| record["eventName"].as_str().unwrap()).collect();
    names.reverse();
    insta::assert_snapshot!(names.join(" "), @"DescribeSecret Decrypt GetSecretValue GetSecretValue GetRandomPassword GenerateDataKey PutSecretValue DescribeSecret Decrypt GetSecretValue Decrypt GetSecretValue DescribeSecret Decrypt GetSecretValue DescribeSecret DescribeSecret UpdateSecretVersionStage");
}

#[tokio::test]
async fn two_users_take_turns_and_both_values_work() {
    let (world, database) = world().await;
    let _ = call(&world, "RotateSecret", rotate("MultiUser", json!({"ScheduleExpression": "rate(4 hours)"})))
        .await;
    world.pass(Duration::ZERO).await;
    for (current, previous) in [("app_clone", "app"), ("app", "app_clone"), ("app_clone", "app")] {
        assert_eq!(value(&world, "AWSCURRENT").await.0, current);
        assert_eq!(value(&world, "AWSPREVIOUS").await.0, previous);
        assert!(
            logs_in(&world, &database, "AWSCURRENT").await && logs_in(&world, &database, "AWSPREVIOUS").await
        );
        assert_eq!(database.with(|known| known.clones.get("app_clone").cloned()).as_deref(), Some("app"));
        world.pass(4 * HOUR).await;
    }
}

#[tokio::test]
async fn whatever_fails_at_whatever_moment_the_next_attempt_heals() {
    for function in ["SingleUser", "MultiUser"] {
        let mut failed = 0;
        for fault in [Fault::Before, Fault::After, Fault::Crash] {
            for at in 0.. {
                let (world, database) = world().await;
                let _ = call(&world, "RotateSecret", rotate(function, json!({"AutomaticallyAfterDays": 7})))
                    .await;
                database.with(|known| known.fault = Some((at, fault)));
                tokio::select! {
                    _ = world.pass(Duration::ZERO) => {}
                    () = database.hung.notified() => {}
                }
                let told = format!("{function}, {fault:?} at question {at}");
                if database.with(|known| known.asked) <= at {
                    assert!(at > 2, "{told}: nothing was asked");
                    break;
                }
                failed += 1;
                if function == "MultiUser" {
                    assert!(logs_in(&world, &database, "AWSCURRENT").await, "{told}: the value in use");
                } else {
                    let pending = logs_in(&world, &database, "AWSPENDING").await;
                    assert!(
                        logs_in(&world, &database, "AWSCURRENT").await || pending,
                        "{told}: no value works"
                    );
                }
                if fault == Fault::Crash {
                    assert_eq!(events(&world).await, "RotationStarted", "{told}");
                } else {
                    assert_eq!(events(&world).await, "RotationStarted RotationFailed", "{told}");
                    assert_eq!(
                        labels(&world).await,
                        "AWSCURRENT AWSPENDING",
                        "{told}: the failure is visible"
                    );
                    assert_eq!(world.pass(Duration::from_secs(4)).await, 0, "{told}: not at once");
                }
                world.pass(Duration::from_secs(1)).await;
                assert!(logs_in(&world, &database, "AWSCURRENT").await, "{told}: healed");
                assert_eq!(labels(&world).await, "AWSCURRENT+AWSPENDING AWSPREVIOUS", "{told}");
                let ended = events(&world).await;
                assert!(
                    ended.ends_with("RotationSucceeded") && ended.matches("RotationStarted").count() == 1,
                    "{told}: {ended}"
                );
                assert_ne!(value(&world, "AWSCURRENT").await.1, "first", "{told}");
            }
        }
        assert!(failed >= 12, "{function}: {failed} faults were tried");
    }
}

/// Not only where the database is asked: the program dies before or after each of its own writes, and another one goes on.
#[tokio::test]
async fn a_rotation_that_dies_at_any_write_is_ended_by_the_next_program() {
    for function in ["SingleUser", "MultiUser"] {
        let rotation = rotate(function, json!({"AutomaticallyAfterDays": 7}));
        let well = Arc::new(faulty(FaultPlan::default(), 1));
        let (world, _) = world_over(well.clone()).await;
        let _ = call(&world, "RotateSecret", rotation.clone()).await;
        let before = well.writes();
        assert_eq!(world.pass(Duration::ZERO).await, 1);
        let after = well.writes();
        assert!(after - before >= 10, "{function}: {} writes", after - before);
        for at in before + 1..=after {
            for moment in [Moment::BeforeTheWrite, Moment::AfterTheWrite] {
                let told = format!("{function}, {moment:?} {at}");
                let store =
                    Arc::new(faulty(FaultPlan { crash_at: Some((at, moment)), ..FaultPlan::default() }, 1));
                let (world, database) = world_over(store.clone()).await;
                let _ = call(&world, "RotateSecret", rotation.clone()).await;
                let _ = world.corridor.run_due().await;
                assert!(store.is_down(), "{told}: it did not die");
                drop(world);
                store.restart();
                let world = program(store, 2, &database).await;
                let works = logs_in(&world, &database, "AWSCURRENT").await;
                // A single user's new password may be in the database before it is current.
                assert!(
                    works || function == "SingleUser" && logs_in(&world, &database, "AWSPENDING").await,
                    "{told}"
                );
                world.pass(Duration::from_secs(1)).await;
                assert!(logs_in(&world, &database, "AWSCURRENT").await, "{told}: healed");
                assert_ne!(value(&world, "AWSCURRENT").await.1, "first", "{told}");
                assert_eq!(labels(&world).await, "AWSCURRENT+AWSPENDING AWSPREVIOUS", "{told}");
                assert_eq!(events(&world).await, "RotationStarted RotationSucceeded", "{told}");
            }
        }
    }
}

fn faulty(plan: FaultPlan, seed: u64) -> FaultyStore {
    FaultyStore::new(Arc::new(MemoryStore::new()), plan, seeded(seed))
}

/// Two programs over one store take the same reminder, the second when the first is somewhere on its way.
#[tokio::test]
async fn two_that_rotate_at_once_make_one_rotation() {
    for function in ["SingleUser", "MultiUser"] {
        let (world, database) = world().await;
        let _ = call(&world, "RotateSecret", rotate(function, json!({}))).await;
        world.pass(Duration::ZERO).await;
        let (alone, mut together) = (database.with(|known| known.asked), 0);
        for seed in 0..16 {
            let store = Arc::new(faulty(FaultPlan { yields: 3, ..FaultPlan::default() }, seed));
            let (world, database) = world_over(store.clone()).await;
            let other = program(store, 2, &database).await;
            let _ =
                call(&world, "RotateSecret", rotate(function, json!({"AutomaticallyAfterDays": 7}))).await;
            let later = async {
                for _ in 0..4 * seed {
                    tokio::task::yield_now().await;
                }
                other.corridor.run_due().await
            };
            let both = tokio::join!(world.corridor.run_due(), later);
            assert!(both.0.is_ok() && both.1.is_ok(), "{function}, seed {seed}");
            together += usize::from(database.with(|known| known.asked) > alone);
            // What one of them has spoilt is tried again.
            world.pass(HOUR).await;
            let told = format!("{function}, seed {seed}: {}", events(&world).await);
            assert!(logs_in(&world, &database, "AWSCURRENT").await, "{told}");
            assert_ne!(value(&world, "AWSCURRENT").await.1, "first", "{told}");
            assert_eq!(labels(&world).await, "AWSCURRENT+AWSPENDING AWSPREVIOUS", "{told}");
            assert_eq!(told.matches("RotationStarted").count(), 1, "{told}");
            assert_eq!(told.matches("RotationSucceeded").count(), 1, "{told}");
            if function == "MultiUser" {
                assert!(logs_in(&world, &database, "AWSPREVIOUS").await, "{told}");
            }
        }
        assert!(together > 0, "{function}: never were both at the database");
    }
}

/// It lets in whoever logs in, and then takes no statement; or takes it and refuses it. For hours.
#[tokio::test]
async fn a_database_reached_only_half_way_or_refusing_changes_nothing_and_is_tried_again_until_it_is_well() {
    for function in ["SingleUser", "MultiUser"] {
        for mood in [Mood::HalfWay, Mood::Refusing] {
            let told = format!("{function}, {mood:?}");
            let (world, database) = world().await;
            database.with(|known| known.mood = mood);
            let _ =
                call(&world, "RotateSecret", rotate(function, json!({"AutomaticallyAfterDays": 7}))).await;
            for attempts in 1..=5 {
                world.pass(HOUR).await;
                assert!(logs_in(&world, &database, "AWSCURRENT").await, "{told}: the value in use");
                assert_eq!(value(&world, "AWSCURRENT").await.1, "first", "{told}");
                assert_eq!(
                    labels(&world).await,
                    "AWSCURRENT AWSPENDING",
                    "{told}: one version in the making"
                );
                let events = events(&world).await;
                assert_eq!(events.matches("RotationStarted").count(), 1, "{told}: {events}");
                assert_eq!(events.matches("RotationFailed").count(), attempts, "{told}: {events}");
            }
            let pending = value(&world, "AWSPENDING").await;
            database.with(|known| known.mood = Mood::Well);
            world.pass(DAY).await;
            assert!(events(&world).await.ends_with("RotationFailed RotationSucceeded"), "{told}");
            assert_eq!(
                value(&world, "AWSCURRENT").await,
                pending,
                "{told}: the password that was made first"
            );
            assert!(logs_in(&world, &database, "AWSCURRENT").await, "{told}");
        }
    }
}

/// More of them than run at a time: rotations have places of their own.
#[tokio::test]
async fn proxies_of_key_stores_that_do_not_answer_hold_up_no_rotation() {
    let (world, database) = world().await;
    let other = world.account("444455556666").await;
    let mut stores = Vec::new();
    for number in 0..20 {
        // An account has ten at most.
        let who = if number % 2 == 0 { &world.root } else { &other };
        let input = json!({
            "CustomKeyStoreName": format!("store {number}"),
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
            "XksProxyUriEndpoint": "https://xks.example.com",
            "XksProxyUriPath": format!("/n{number}/kms/xks/v1"),
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
                "RawSecretAccessKey": "an/external/key/store/proxys/secret/example/",
            },
        });
        let made = world.call_as(who, "kms:CreateCustomKeyStore", &input.to_string()).await.ok();
        stores.push((who, made.text("/CustomKeyStoreId")));
    }
    world.outside.holds();
    for (who, store) in &stores {
        let input = json!({"CustomKeyStoreId": store}).to_string();
        let _ = world.call_as(who, "kms:ConnectCustomKeyStore", &input).await.ok();
    }
    let _ = call(&world, "RotateSecret", rotate("SingleUser", json!({}))).await;
    let jobs = tokio::spawn(world.corridor.clone().run_jobs());
    let mut turns = 0;
    while !events(&world).await.ends_with("RotationSucceeded") {
        turns += 1;
        assert!(turns < 500, "it does not rotate: {}", events(&world).await);
        tokio::task::yield_now().await;
    }
    jobs.abort();
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
}

#[tokio::test]
async fn a_rotation_that_died_after_the_labels_move_is_told_as_one_that_succeeded() {
    let (world, database) = world().await;
    let started = call(&world, "RotateSecret", rotate("SingleUser", json!({}))).await;
    let asked = 3;
    database.with(|known| known.fault = Some((asked, Fault::Crash)));
    tokio::select! {
        _ = world.pass(Duration::ZERO) => panic!("it was to die at the proof"),
        () = database.hung.notified() => {}
    }
    let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await;
    let stages = described["VersionIdsToStages"].as_object().unwrap();
    let current = stages.iter().find(|(_, stages)| stages[0] == "AWSCURRENT").unwrap().0;
    let moved = json!({"SecretId": "app/db", "VersionStage": "AWSCURRENT", "MoveToVersionId": started["VersionId"], "RemoveFromVersionId": current});
    let _ = call(&world, "UpdateSecretVersionStage", moved).await;
    world.pass(Duration::ZERO).await;
    assert_eq!(events(&world).await, "RotationStarted RotationSucceeded");
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
}

#[tokio::test]
async fn a_clock_moved_over_three_due_dates_gives_one_rotation() {
    let (world, database) = world().await;
    let _ = call(&world, "RotateSecret", rotate("SingleUser", json!({"AutomaticallyAfterDays": 2}))).await;
    world.pass(Duration::ZERO).await;
    let first = value(&world, "AWSCURRENT").await.1;
    world.pass(DAY).await;
    assert_eq!(value(&world, "AWSCURRENT").await.1, first, "not yet");
    world.pass(6 * DAY).await;
    world.pass(Duration::ZERO).await;
    assert_eq!(events(&world).await.matches("RotationSucceeded").count(), 2);
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
    let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await;
    // The 29th, and two days: by the end of the 1st of December.
    assert_eq!(described["NextRotationDate"].as_f64(), Some(1_796_169_599.0));
    world.pass(2 * DAY).await;
    assert_eq!(events(&world).await.matches("RotationSucceeded").count(), 3);
}

#[tokio::test]
async fn while_one_goes_on_another_is_refused_and_a_value_of_ones_own_overtakes_it() {
    let (world, database) = world().await;
    let token = "t".repeat(32);
    let mut input = rotate("SingleUser", json!({"AutomaticallyAfterDays": 2}));
    input["ClientRequestToken"] = json!(token);
    database.with(|known| known.fault = Some((0, Fault::Before)));
    let _ = call(&world, "RotateSecret", input.clone()).await;
    world.pass(Duration::ZERO).await;
    let again = refused(&world, "RotateSecret", json!({"SecretId": "app/db"})).await;
    assert_eq!(
        again,
        "400 InvalidRequestException: A previous rotation isn't complete. That rotation will be reattempted."
    );
    let own = json!({"engine": "postgres", "host": "db", "username": "app", "password": "first"});
    let _ =
        call(&world, "PutSecretValue", json!({"SecretId": "app/db", "SecretString": own.to_string()})).await;
    assert_eq!(labels(&world).await, "AWSCURRENT AWSPREVIOUS");
    assert_eq!(events(&world).await, "RotationStarted RotationFailed RotationAbandoned");
    world.pass(HOUR).await;
    assert_eq!(value(&world, "AWSCURRENT").await.1, "first", "the overtaken one is not tried again");
    let _ = call(&world, "RotateSecret", json!({"SecretId": "app/db"})).await;
    world.pass(Duration::ZERO).await;
    assert!(events(&world).await.ends_with("RotationAbandoned RotationStarted RotationSucceeded"));
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
}

#[tokio::test]
async fn a_cancelled_rotation_stays_where_it_is_and_none_follows() {
    let (world, database) = world().await;
    database.with(|known| known.fault = Some((0, Fault::Before)));
    let started =
        call(&world, "RotateSecret", rotate("SingleUser", json!({"AutomaticallyAfterDays": 2}))).await;
    world.pass(Duration::ZERO).await;
    let cancelled = call(&world, "CancelRotateSecret", json!({"SecretId": "app/db"})).await;
    assert_eq!(cancelled["VersionId"], started["VersionId"]);
    assert_eq!(world.pass(30 * DAY).await, 0);
    assert_eq!(labels(&world).await, "AWSCURRENT AWSPENDING");
    assert!(database.lets_in("app", "first"));
    let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await;
    assert_eq!((&described["RotationEnabled"], described.get("NextRotationDate")), (&json!(false), None));
    let label = json!({"SecretId": "app/db", "VersionStage": "AWSPENDING", "RemoveFromVersionId": started["VersionId"]});
    let _ = call(&world, "UpdateSecretVersionStage", label).await;
    let _ = call(&world, "RotateSecret", json!({"SecretId": "app/db"})).await;
    world.pass(Duration::ZERO).await;
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
    assert_eq!(value(&world, "AWSPREVIOUS").await.1, "first");
}

#[tokio::test]
async fn a_configuration_can_be_tried_without_a_rotation() {
    let (world, database) = world().await;
    let mut input = rotate("SingleUser", json!({"AutomaticallyAfterDays": 2}));
    input["RotateImmediately"] = json!(false);
    let answer = call(&world, "RotateSecret", input.clone()).await;
    assert_eq!(answer.get("VersionId"), None);
    world.pass(Duration::ZERO).await;
    assert_eq!(events(&world).await, "TestRotationStarted TestRotationSucceeded");
    assert_eq!(labels(&world).await, "AWSCURRENT");
    assert!(database.lets_in("app", "first"));
    database.user("app", "other");
    let _ = call(&world, "RotateSecret", input).await;
    world.pass(Duration::ZERO).await;
    assert!(events(&world).await.ends_with("TestRotationStarted TestRotationFailed"));
    assert_eq!(labels(&world).await, "AWSCURRENT");
    database.user("app", "first");
    world.pass(2 * DAY).await;
    assert!(events(&world).await.ends_with("RotationStarted RotationSucceeded"), "as planned");
}

#[tokio::test]
async fn a_deleted_secret_rests_and_goes_on_when_it_is_restored() {
    let (world, database) = world().await;
    let _ = call(&world, "RotateSecret", rotate("SingleUser", json!({"AutomaticallyAfterDays": 1}))).await;
    world.pass(Duration::ZERO).await;
    let _ = call(&world, "DeleteSecret", json!({"SecretId": "app/db", "RecoveryWindowInDays": 30})).await;
    let deleted = refused(&world, "RotateSecret", json!({"SecretId": "app/db"})).await;
    assert_eq!(
        deleted,
        "400 InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion."
    );
    world.pass(7 * DAY).await;
    let _ = call(&world, "RestoreSecret", json!({"SecretId": "app/db"})).await;
    assert_eq!(events(&world).await.matches("RotationSucceeded").count(), 1);
    world.pass(DAY).await;
    assert_eq!(events(&world).await.matches("RotationSucceeded").count(), 2);
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
}

#[tokio::test]
async fn what_the_functions_may_not_is_refused_and_told() {
    let (world, database) = world().await;
    // The superuser's secret leads to another host: its password goes nowhere.
    let admin = json!({"engine": "postgres", "host": "elsewhere", "username": "admin", "password": "root"});
    let _ =
        call(&world, "PutSecretValue", json!({"SecretId": "admin/db", "SecretString": admin.to_string()}))
            .await;
    let _ = call(&world, "RotateSecret", rotate("MultiUser", json!({"AutomaticallyAfterDays": 2}))).await;
    world.pass(Duration::ZERO).await;
    assert!(
        world
            .records(3)
            .await
            .contains("The current database host is not the same host as that of the superuser's secret.")
    );
    assert!(database.with(|known| known.logins.iter().all(|(user, _)| user == "app" || user == "app_clone")));
    // The secret's own policy keeps the role out.
    let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/aws-service-role/secretsmanager.amazonaws.com/AWSServiceRoleForSecretsManagerRDS*"}}}});
    let _ =
        call(&world, "PutResourcePolicy", json!({"SecretId": "app/db", "ResourcePolicy": deny.to_string()}))
            .await;
    world.pass(HOUR).await;
    let told = world.records(3).await;
    assert!(told.contains("AWSServiceRoleForSecretsManagerRDSPostgreSQLRotationMultiUser/SecretsManagerRDSPostgreSQLRotationMultiUser is not authorized to perform: secretsmanager:GetSecretValue"), "{told}");
    assert!(logs_in(&world, &database, "AWSCURRENT").await);
}

#[tokio::test]
async fn what_cannot_rotate_is_refused() {
    let (world, _) = world().await;
    let mut told = Vec::new();
    let mut other = rotate("SingleUser", json!({}));
    other["RotationLambdaARN"] = json!("arn:aws:lambda:us-east-1:111122223333:function:mine");
    for input in [
        json!({"SecretId": "app/db"}),
        json!({"SecretId": "none"}),
        other,
        rotate("SingleUser", json!({"AutomaticallyAfterDays": 7, "ScheduleExpression": "rate(7 days)"})),
        rotate("SingleUser", json!({"ScheduleExpression": "rate(1 hour)"})),
        rotate("SingleUser", json!({"ScheduleExpression": "rate(4 hours)", "Duration": "5h"})),
    ] {
        told.push(refused(&world, "RotateSecret", input).await);
    }
    insta::assert_snapshot!(told.join("\n"), @"
    400 InvalidRequestException: No Lambda rotation function ARN is associated with this secret.
    400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
    400 AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.
    400 InvalidParameterException: You cannot specify both rotation frequency and schedule expression together.
    400 InvalidParameterException: Rate in hour should be least 4 and less than 24.
    400 InvalidParameterException: Duration cannot be greater than Rate in hour.
    ");
    assert_eq!(world.pass(DAY).await, 0);
}
