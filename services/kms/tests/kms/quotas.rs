//! Request quotas: which operation draws from which, and what those over them are told.

use std::sync::Arc;
use std::time::Duration;

use alcazar_core::Region;
use alcazar_corridor::{Adjustment, Corridor, QuotaProfile, Quotas, Rate, Registry, Universe};
use alcazar_store::engines::faults::{FaultPlan, FaultyStore, seeded};
use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{OTHER, call, key, outcome};

const SLOWER: &str = "400 ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

/// A world under those quotas.
async fn world(profile: QuotaProfile, adjusted: &[(&str, u32)]) -> World {
    let mut world = World::of(&[alcazar_kms::SERVICE]).await;
    world.corridor = corridor(world.corridor.universe().clone(), profile, adjusted);
    world
}

fn corridor(
    universe: impl Into<Arc<Universe>>,
    profile: QuotaProfile,
    adjusted: &[(&str, u32)],
) -> Arc<Corridor> {
    let adjusted = adjusted
        .iter()
        .map(|&(name, rate)| Adjustment { name: name.to_owned(), rate: Rate::per_second(rate) });
    let registry = Registry::new(&[alcazar_kms::SERVICE]);
    Corridor::with_quotas(universe, registry, Quotas::new(profile, adjusted))
}

/// How many such calls in a row are let through, before the first that is not.
async fn run(world: &World, operation: &str, input: Value) -> usize {
    for count in 0..100 {
        if outcome(&call(world, &world.root, operation, input.clone()).await) == SLOWER {
            return count;
        }
    }
    100
}

fn new_key() -> Value {
    json!({})
}

#[tokio::test]
async fn over_the_quota_a_call_is_told_to_slow_down_recorded_and_let_through_again_later() {
    let world = world(QuotaProfile::Aws, &[]).await;
    assert_eq!(run(&world, "kms:CreateKey", new_key()).await, 5);
    let record: Value = serde_json::from_str(&world.records(1).await).unwrap();
    assert_eq!(record["eventName"], "CreateKey");
    assert_eq!(record["errorCode"], "ThrottlingException");
    assert!(SLOWER.ends_with(record["errorMessage"].as_str().unwrap()));
    assert_eq!(outcome(&world.call("kms:ListKeys", "{}").await), "200");
    let other = world.account(OTHER).await;
    assert_eq!(outcome(&call(&world, &other, "kms:CreateKey", new_key()).await), "200");
    world.clock.advance(Duration::from_millis(400));
    assert_eq!(run(&world, "kms:CreateKey", new_key()).await, 2);
}

#[tokio::test]
async fn no_operation_is_without_a_quota() {
    let names: Vec<&str> = alcazar_kms::quotas().map(|quota| quota.name).collect();
    let nothing: Vec<(&str, u32)> = names.iter().map(|name| (*name, 0)).collect();
    let world = world(QuotaProfile::Protective, &nothing).await;
    for entry in alcazar_kms::SERVICE.operations {
        let name = format!("kms:{}", entry.operation.name);
        // A name that is base64 too stands for whatever the example's world would have made.
        let input =
            (entry.example)().input.split("${").enumerate().fold(String::new(), |whole, (at, part)| {
                if at == 0 {
                    return part.to_owned();
                }
                format!("{whole}8c7654ecfd7b4b62bb803e2f4e02ad1c{}", part.split_once('}').unwrap().1)
            });
        assert_eq!(outcome(&world.call(&name, &input).await), SLOWER, "{name} {input}");
    }
}

#[tokio::test]
async fn keys_in_external_key_stores_are_counted_apart() {
    let adjusted =
        [("kms:CryptographicOperationsSymmetric", 0), ("kms:CryptographicOperationsExternalKeyStore", 2)];
    let world = world(QuotaProfile::Protective, &adjusted).await;
    let store = json!({
        "CustomKeyStoreName": "outside", "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyUriEndpoint": "https://xks.example.com",
        "XksProxyUriPath": "/kms/xks/v1",
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
            "RawSecretAccessKey": "an/external/key/store/proxys/secret/example/",
        },
    });
    let store = call(&world, &world.root, "kms:CreateCustomKeyStore", store).await.ok();
    let store = store.text("/CustomKeyStoreId");
    let connect = json!({ "CustomKeyStoreId": store });
    let _ = call(&world, &world.root, "kms:ConnectCustomKeyStore", connect).await.ok();
    assert_eq!(world.pass(Duration::ZERO).await, 1);
    let input = json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "one"});
    let (id, _) = key(&world, input).await;
    let encrypt = |id: &str| json!({"KeyId": id, "Plaintext": "AAAA"});
    assert_eq!(run(&world, "kms:Encrypt", encrypt(&id)).await, 2);
    let (ordinary, _) = key(&world, new_key()).await;
    assert_eq!(run(&world, "kms:Encrypt", encrypt(&ordinary)).await, 0);
}

#[tokio::test]
async fn keys_of_each_type_are_counted_apart() {
    let limits = [
        ("kms:CryptographicOperationsSymmetric", 4),
        ("kms:CryptographicOperationsRsa", 3),
        ("kms:CryptographicOperationsEcc", 2),
        ("kms:CryptographicOperationsMlKem", 1),
    ];
    let world = world(QuotaProfile::Protective, &limits).await;
    let mac = json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"});
    let rsa = json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"});
    let ecc = json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"});
    let kem = json!({"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"});
    let (symmetric, _) = key(&world, new_key()).await;
    let ((mac, _), (rsa, _)) = (key(&world, mac).await, key(&world, rsa).await);
    let ((ecc, _), (kem, _)) = (key(&world, ecc).await, key(&world, kem).await);
    let input = json!({"KeyId": mac, "Message": "aGk=", "MacAlgorithm": "HMAC_SHA_256"});
    assert_eq!(outcome(&call(&world, &world.root, "kms:GenerateMac", input).await), "200");
    assert_eq!(run(&world, "kms:GenerateRandom", json!({"NumberOfBytes": 8})).await, 3);
    let input = json!({"KeyId": symmetric, "Plaintext": "aGk="});
    assert_eq!(run(&world, "kms:Encrypt", input).await, 0);
    let input = json!({"KeyId": rsa, "Plaintext": "aGk=", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(run(&world, "kms:Encrypt", input).await, 3);
    let input = json!({"KeyId": ecc, "Message": "aGk=", "SigningAlgorithm": "ECDSA_SHA_256"});
    assert_eq!(run(&world, "kms:Sign", input).await, 2);
    let input = json!({"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM"});
    assert_eq!(run(&world, "kms:Encapsulate", input).await, 1);
}

#[tokio::test]
async fn by_default_only_rsa_keys_are_limited_whatever_makes_them() {
    let world = world(QuotaProfile::Protective, &[]).await;
    assert_eq!(run(&world, "kms:CreateKey", new_key()).await, 100);
    // The key that would encrypt the pair is not there: the quota is drawn from all the same, and the test is not slow.
    let pair = |spec: &str| json!({"KeyId": "alias/none", "KeyPairSpec": spec});
    assert_eq!(run(&world, "kms:GenerateDataKeyPair", pair("ECC_NIST_P256")).await, 100);
    assert_eq!(run(&world, "kms:GenerateDataKeyPairWithoutPlaintext", pair("RSA_4096")).await, 20);
    let rsa = json!({"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"});
    assert_eq!(run(&world, "kms:CreateKey", rsa).await, 0);
    let external = json!({"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"});
    assert_eq!(outcome(&call(&world, &world.root, "kms:CreateKey", external).await), "200");
}

#[tokio::test]
async fn a_replica_counts_as_two_new_keys_where_it_is_made() {
    let mut world = world(QuotaProfile::Aws, &[]).await;
    let (id, _) = key(&world, json!({"MultiRegion": true})).await;
    let input = json!({"KeyId": id, "ReplicaRegion": "eu-west-1"});
    assert_eq!(outcome(&call(&world, &world.root, "kms:ReplicateKey", input).await), "200");
    assert_eq!(run(&world, "kms:CreateKey", new_key()).await, 4);
    world.region = Region::named("eu-west-1").unwrap();
    assert_eq!(run(&world, "kms:CreateKey", new_key()).await, 3);
}

#[tokio::test]
async fn a_call_that_is_decided_again_counts_once() {
    let mut world = world(QuotaProfile::Protective, &[]).await;
    let (id, _) = key(&world, new_key()).await;
    let mut universe = Universe::clone(world.corridor.universe());
    let plan = FaultPlan { conflict: 500, ..FaultPlan::default() };
    let store = Arc::new(FaultyStore::new(universe.store.clone(), plan, seeded(1)));
    universe.store = store.clone();
    world.corridor = corridor(universe, QuotaProfile::Protective, &[("kms:UpdateKeyDescription", 1)]);
    for count in 0..10 {
        let input = json!({"KeyId": id, "Description": count.to_string()});
        let answer = call(&world, &world.root, "kms:UpdateKeyDescription", input).await;
        assert_eq!(outcome(&answer), "200");
        world.clock.advance(Duration::from_secs(1));
    }
    assert!(store.writes() > 10, "some were decided again");
}
