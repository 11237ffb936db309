//! What is answered is durable, and what is not answered is there whole or not at all.

use alcazar_store::RecordClass;
use alcazar_store::RecordQuery;
use alcazar_store::engines::faults::{FaultPlan, Moment};
use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{ACCOUNT, call, key, outcome, wrapped};

/// What a caller is told when nothing could be written down.
const UNRECORDED: &str = "503 ServiceUnavailable: The call could not be recorded.";

async fn world() -> World {
    World::of(&[alcazar_kms::SERVICE]).await
}

async fn root(world: &World, operation: &str, input: Value) -> String {
    outcome(&call(world, &world.root, operation, input).await)
}

async fn state(world: &World, id: &str) -> String {
    let described = call(world, &world.root, "kms:DescribeKey", json!({"KeyId": id})).await.ok();
    described.text("/KeyMetadata/KeyState")
}

/// How often the history tells of that event.
async fn recorded(world: &World, name: &str) -> usize {
    let query = RecordQuery {
        class: RecordClass::Management,
        account: ACCOUNT.parse().unwrap(),
        region: Some(world.region),
        from: None,
        to: None,
        attribute: None,
        after: None,
        limit: 1000,
    };
    let page = world.corridor.universe().store.records(&query).await.unwrap();
    let events = page.records.iter().map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap());
    events.filter(|event| event["eventName"] == name && event.get("errorCode").is_none()).count()
}

/// Makes the call while the program crashes at its first write from then on, and starts the program again.
async fn crashing(world: &World, moment: Moment, operation: &str, input: Value) -> (World, String) {
    let services = [alcazar_kms::SERVICE];
    let plan = FaultPlan { crash_at: Some((1, moment)), ..FaultPlan::default() };
    let (dying, store) = world.failing(&services, plan, 1);
    let told = root(&dying, operation, input).await;
    assert!(store.is_down(), "{operation} wrote nothing");
    store.restart();
    let (again, _) = dying.failing(&services, FaultPlan::default(), 1);
    (again, told)
}

#[tokio::test]
async fn imported_material_is_there_whole_after_a_crash_or_not_at_all_and_was_not_answered() {
    for (moment, after, imports) in
        [(Moment::BeforeTheWrite, "PendingImport", 0), (Moment::AfterTheWrite, "Enabled", 1)]
    {
        let world = world().await;
        let (id, arn) = key(&world, json!({"Origin": "EXTERNAL"})).await;
        let input = wrapped(&world, &id, &[7; 32]).await;
        let (world, told) = crashing(&world, moment, "kms:ImportKeyMaterial", input.clone()).await;
        assert_eq!(told, UNRECORDED, "{moment:?}");
        assert_eq!(state(&world, &id).await, after);
        assert_eq!(recorded(&world, "ImportKeyMaterial").await, imports, "{moment:?}");
        let encrypt = json!({"KeyId": id, "Plaintext": "aGk="});
        let first_use = match after {
            "Enabled" => "200".to_owned(),
            _ => format!("400 KMSInvalidStateException: {arn} is pending import."),
        };
        assert_eq!(root(&world, "kms:Encrypt", encrypt.clone()).await, first_use, "{moment:?}");
        // Who was not answered does it again, with the same token and the same material.
        assert_eq!(root(&world, "kms:ImportKeyMaterial", input).await, "200", "{moment:?}");
        let made = call(&world, &world.root, "kms:Encrypt", encrypt).await.ok();
        let decrypt = json!({"CiphertextBlob": made.text("/CiphertextBlob")});
        assert_eq!(call(&world, &world.root, "kms:Decrypt", decrypt).await.ok().text("/Plaintext"), "aGk=");
        let listed = json!({"KeyId": id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
        let listed = call(&world, &world.root, "kms:ListKeyRotations", listed).await.ok().json();
        assert_eq!(listed["Rotations"].as_array().unwrap().len(), 1, "{moment:?}: it is one material");
    }
}

#[tokio::test]
async fn imported_material_survives_a_crash_at_its_first_use() {
    for moment in [Moment::BeforeTheWrite, Moment::AfterTheWrite] {
        let world = world().await;
        let (id, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
        let input = wrapped(&world, &id, &[7; 32]).await;
        assert_eq!(root(&world, "kms:ImportKeyMaterial", input).await, "200");
        let encrypt = json!({"KeyId": id, "Plaintext": "aGk="});
        let (world, told) = crashing(&world, moment, "kms:Encrypt", encrypt.clone()).await;
        assert_eq!(told, UNRECORDED, "{moment:?}");
        assert_eq!(state(&world, &id).await, "Enabled");
        assert_eq!(root(&world, "kms:Encrypt", encrypt).await, "200");
        let uses = if moment == Moment::AfterTheWrite { 2 } else { 1 };
        assert_eq!(recorded(&world, "Encrypt").await, uses, "{moment:?}");
    }
}

#[tokio::test]
async fn a_change_that_was_not_answered_happened_with_its_record_or_not_at_all() {
    for moment in [Moment::BeforeTheWrite, Moment::AfterTheWrite] {
        let there = usize::from(moment == Moment::AfterTheWrite);
        let first = world().await;
        let (id, _) = key(&first, json!({"MultiRegion": true})).await;
        let keys = async |world: &World| {
            let listed = call(world, &world.root, "kms:ListKeys", json!({})).await.ok().json();
            listed["Keys"].as_array().unwrap().len()
        };
        let (world, told) = crashing(&first, moment, "kms:CreateKey", json!({})).await;
        assert_eq!((told.as_str(), keys(&world).await), (UNRECORDED, 1 + there), "{moment:?}");
        assert_eq!(recorded(&world, "CreateKey").await, 1 + there, "{moment:?}");
        let replicate = json!({"KeyId": id, "ReplicaRegion": "eu-west-1"});
        let (world, told) = crashing(&world, moment, "kms:ReplicateKey", replicate).await;
        let described = call(&world, &world.root, "kms:DescribeKey", json!({"KeyId": id})).await.ok().json();
        let replicas = described["KeyMetadata"]["MultiRegionConfiguration"]["ReplicaKeys"].as_array();
        assert_eq!((told.as_str(), replicas.map(Vec::len)), (UNRECORDED, Some(there)), "{moment:?}");
        let (world, told) = crashing(
            &world,
            moment,
            "kms:ScheduleKeyDeletion",
            json!({"KeyId": id, "PendingWindowInDays": 7}),
        )
        .await;
        let expected = match moment {
            Moment::BeforeTheWrite => "Enabled",
            Moment::AfterTheWrite => "PendingReplicaDeletion",
        };
        assert_eq!((told.as_str(), state(&world, &id).await.as_str()), (UNRECORDED, expected), "{moment:?}");
    }
}

/// That no operation answers over such a store is shown for each in `derived.rs`; here, that nothing has happened either.
#[tokio::test]
async fn a_store_that_refuses_writes_leaves_everything_as_it_was() {
    let world = world().await;
    let (id, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    let (other, _) = key(&world, json!({})).await;
    let input = wrapped(&world, &id, &[7; 32]).await;
    let rotation = json!({"KeyId": other, "RotationPeriodInDays": 90});
    assert_eq!(root(&world, "kms:EnableKeyRotation", rotation).await, "200");
    let material = async |world: &World| {
        let described = call(world, &world.root, "kms:DescribeKey", json!({"KeyId": other})).await.ok();
        described.text("/KeyMetadata/CurrentKeyMaterialId")
    };
    let before = material(&world).await;
    let refusing = FaultPlan { refuse: 1000, ..FaultPlan::default() };
    let (full, _) = world.failing(&[alcazar_kms::SERVICE], refusing, 1);
    assert_eq!(root(&full, "kms:ImportKeyMaterial", input.clone()).await, UNRECORDED);
    assert_eq!(root(&full, "kms:CreateKey", json!({})).await, UNRECORDED);
    assert_eq!(root(&full, "kms:ScheduleKeyDeletion", json!({"KeyId": other})).await, UNRECORDED);
    // Nor do those learn anything who would have been refused.
    assert_eq!(root(&full, "kms:DescribeKey", json!({"KeyId": "alias/none"})).await, UNRECORDED);
    // A job fails, and stays due.
    assert_eq!(full.pass(std::time::Duration::from_secs(90 * 86_400)).await, 0);
    assert_eq!(state(&world, &id).await, "PendingImport");
    assert_eq!(material(&world).await, before);
    let listed = call(&world, &world.root, "kms:ListKeys", json!({})).await.ok().json();
    assert_eq!(listed["Keys"].as_array().unwrap().len(), 2);
    assert_eq!(world.pass(std::time::Duration::ZERO).await, 1);
    assert_ne!(material(&world).await, before);
}
