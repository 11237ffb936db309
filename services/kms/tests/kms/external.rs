//! External key stores: from creation to deletion.

use std::time::Duration;

use alcazar_ports::HttpError;
use alcazar_testkit::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::people::{call, outcome, world};

/// The input of a store of that name behind that path.
pub(crate) fn store_input(name: &str, path: &str) -> Value {
    json!({
        "CustomKeyStoreName": name,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": "https://xks.example.com",
        "XksProxyUriPath": path,
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
            "RawSecretAccessKey": "an/external/key/store/proxys/secret/example/",
        },
    })
}

pub(crate) async fn root(world: &World, operation: &str, input: Value) -> alcazar_testkit::Answer {
    call(world, &world.root, &format!("kms:{operation}"), input).await
}

pub(crate) async fn told(world: &World, operation: &str, input: Value) -> String {
    outcome(&root(world, operation, input).await)
}

/// A store that was never connected.
pub(crate) async fn store(world: &World) -> String {
    let answer = root(world, "CreateCustomKeyStore", store_input("outside", "/kms/xks/v1")).await;
    answer.ok().text("/CustomKeyStoreId")
}

/// Connects it, and waits for what comes of it: state and code.
pub(crate) async fn connect(world: &World, store: &str) -> String {
    let _ = root(world, "ConnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await.ok();
    assert_eq!(connection(world, store).await, "CONNECTING");
    assert_eq!(world.pass(Duration::ZERO).await, 1);
    connection(world, store).await
}

pub(crate) async fn disconnect(world: &World, store: &str) {
    let _ = root(world, "DisconnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await.ok();
}

pub(crate) async fn connection(world: &World, store: &str) -> String {
    let answer = root(world, "DescribeCustomKeyStores", json!({"CustomKeyStoreId": store})).await.ok().json();
    let entry = &answer["CustomKeyStores"][0];
    let code = entry["ConnectionErrorCode"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
    format!("{}{code}", entry["ConnectionState"].as_str().unwrap())
}

pub(crate) async fn connected(world: &World) -> String {
    let store = store(world).await;
    assert_eq!(connect(world, &store).await, "CONNECTED");
    store
}

pub(crate) fn key_input(store: &str, xks_key: &str) -> Value {
    json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": xks_key})
}

pub(crate) async fn key(world: &World, store: &str, xks_key: &str) -> (String, String) {
    let answer = root(world, "CreateKey", key_input(store, xks_key)).await.ok();
    (answer.text("/KeyMetadata/KeyId"), answer.text("/KeyMetadata/Arn"))
}

pub(crate) async fn encrypt(world: &World, key: &str) -> String {
    let input = json!({"KeyId": key, "Plaintext": "c2VjcmV0", "EncryptionContext": {"app": "x"}});
    root(world, "Encrypt", input).await.ok().text("/CiphertextBlob")
}

pub(crate) fn decryption(blob: &str) -> Value {
    json!({"CiphertextBlob": blob, "EncryptionContext": {"app": "x"}})
}

#[tokio::test]
async fn a_store_and_its_key_live_from_creation_to_deletion() {
    let world = world().await;
    let store = store(&world).await;
    assert_eq!(connection(&world, &store).await, "DISCONNECTED");
    let not_connected = "This KMS key is in a custom key store that is not connected to its external key store proxy. Connect the external key store and try the request again.";
    assert_eq!(
        told(&world, "CreateKey", key_input(&store, "one")).await,
        format!("400 CustomKeyStoreInvalidStateException: {not_connected}")
    );
    assert_eq!(connect(&world, &store).await, "CONNECTED");
    let (id, arn) = key(&world, &store, "one").await;
    let blob = encrypt(&world, &id).await;
    assert_eq!(root(&world, "Decrypt", decryption(&blob)).await.ok().text("/Plaintext"), "c2VjcmV0");

    disconnect(&world, &store).await;
    let described = root(&world, "DescribeKey", json!({"KeyId": id})).await.ok().json();
    assert_eq!(described["KeyMetadata"]["KeyState"], "Unavailable");
    assert_eq!(described["KeyMetadata"]["Enabled"], false);
    assert_eq!(
        told(&world, "Decrypt", decryption(&blob)).await,
        format!("400 KMSInvalidStateException: {arn} is unavailable.")
    );
    world.outside.fails(HttpError::TimedOut);
    assert_eq!(connect(&world, &store).await, "FAILED XKS_PROXY_TIMED_OUT");
    // A connection that failed by itself leaves the key's state as it is, but the key cannot be used.
    let described = root(&world, "DescribeKey", json!({"KeyId": id})).await.ok().json();
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");
    assert_eq!(
        told(&world, "Decrypt", decryption(&blob)).await,
        format!("400 KMSInvalidStateException: {not_connected}")
    );
    world.outside.recovers();
    assert_eq!(
        told(&world, "ConnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await,
        format!(
            "400 CustomKeyStoreInvalidStateException: ConnectCustomKeyStore is not valid for custom key store {store} while its connection state is FAILED."
        )
    );
    disconnect(&world, &store).await;
    assert_eq!(connect(&world, &store).await, "CONNECTED");
    assert_eq!(root(&world, "Decrypt", decryption(&blob)).await.ok().text("/Plaintext"), "c2VjcmV0");

    disconnect(&world, &store).await;
    let gone = json!({"CustomKeyStoreId": store});
    assert_eq!(
        told(&world, "DeleteCustomKeyStore", gone.clone()).await,
        format!("400 CustomKeyStoreHasCMKsException: Custom key store {store} contains KMS keys.")
    );
    let _ = root(&world, "ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7})).await.ok();
    let described = root(&world, "DescribeKey", json!({"KeyId": id})).await.ok();
    assert_eq!(described.text("/KeyMetadata/KeyState"), "PendingDeletion", "a wait for the end comes first");
    assert_eq!(world.pass(Duration::from_secs(7 * 86_400)).await, 1);
    let _ = root(&world, "DeleteCustomKeyStore", gone.clone()).await.ok();
    assert_eq!(
        told(&world, "DescribeCustomKeyStores", gone).await,
        format!("400 CustomKeyStoreNotFoundException: Custom key store {store} was not found.")
    );
    assert_eq!(told(&world, "CreateCustomKeyStore", store_input("outside", "/kms/xks/v1")).await, "200");
}

#[tokio::test]
async fn the_outcome_of_connecting_is_recorded() {
    let world = world().await;
    let store = store(&world).await;
    world.outside.says(401, r#"{"errorName": "AuthenticationFailedException"}"#);
    let _ = root(&world, "ConnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await.ok();
    assert_eq!(world.pass(Duration::ZERO).await, 1);
    let record: Value = serde_json::from_str(&world.records(1).await).unwrap();
    assert_eq!(record["eventType"], "AwsServiceEvent");
    assert_eq!(record["eventName"], "ConnectCustomKeyStore");
    assert_eq!(
        record["serviceEventDetails"],
        json!({"customKeyStoreId": store, "connectionState": "FAILED", "connectionErrorCode": "INVALID_CREDENTIALS"})
    );
}

#[tokio::test]
async fn what_goes_to_the_proxy_is_encrypted_already_signed_and_says_for_whom() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, arn) = key(&world, &store, "one").await;
    let _ = world.outside.sent();
    let blob = encrypt(&world, &id).await;
    let sent = world.outside.sent();
    let [request] = sent.as_slice() else { panic!("{} requests", sent.len()) };
    assert_eq!(request.uri(), "https://xks.example.com/kms/xks/v1/keys/one/encrypt");
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let claim = "AWS4-HMAC-SHA256 Credential=ABCDEFGHIJKLMNOPQRST/20261122/us-east-1/kms-xks-proxy/aws4_request, SignedHeaders=host;x-amz-date, Signature=";
    assert!(authorization.starts_with(claim), "{authorization}");
    assert_eq!(request.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(
        body["requestMetadata"],
        json!({
            "awsPrincipalArn": "arn:aws:iam::111122223333:root",
            "kmsKeyArn": arn,
            "kmsOperation": "Encrypt",
            "kmsRequestId": serde_json::from_str::<Value>(&world.records(1).await).unwrap()["requestID"],
        })
    );
    assert_eq!(body["ciphertextDataIntegrityValueAlgorithm"], "SHA_256");
    let inner = STANDARD.decode(body["plaintext"].as_str().unwrap()).unwrap();
    assert_eq!(inner.len(), "secret".len() + 94, "an ordinary ciphertext");
    assert!(!inner.windows(6).any(|part| part == b"secret"));

    // The inner ciphertext alone opens nothing: the key outside would not be needed any more.
    let bare = decryption(&STANDARD.encode(&inner));
    assert_eq!(told(&world, "Decrypt", bare).await, "400 InvalidCiphertextException: ");
    assert!(world.outside.sent().is_empty());
    // Nor is anything asked for a context that is not the ciphertext's to be believed.
    let other = json!({"CiphertextBlob": blob, "EncryptionContext": {"app": "y"}});
    assert_eq!(
        told(&world, "Decrypt", other).await,
        "400 KMSInvalidStateException: The external key store proxy rejected the request because the specified ciphertext or encryption context is corrupted, missing, or otherwise invalid."
    );
}

#[tokio::test]
async fn the_longest_plaintext_with_the_longest_context_passes() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, _) = key(&world, &store, "one").await;
    let context = json!({"long": "x".repeat(8000)});
    let plaintext = STANDARD.encode([5; 4096]);
    let input = json!({"KeyId": id, "Plaintext": plaintext, "EncryptionContext": context});
    let blob = root(&world, "Encrypt", input).await.ok().text("/CiphertextBlob");
    assert!(blob.len() < 6144 * 4 / 3, "Decrypt takes 6144 bytes");
    let input = json!({"CiphertextBlob": blob, "EncryptionContext": context});
    assert_eq!(root(&world, "Decrypt", input).await.ok().text("/Plaintext"), plaintext);
}

#[tokio::test]
async fn data_keys_and_moves_between_kinds_of_key_work() {
    let world = world().await;
    let store = connected(&world).await;
    let (outside, _) = key(&world, &store, "one").await;
    let (second, _) = key(&world, &store, "two").await;
    let (ordinary, _) = crate::people::key(&world, json!({})).await;
    let made = root(&world, "GenerateDataKey", json!({"KeyId": outside, "KeySpec": "AES_256"})).await.ok();
    let opened = json!({"CiphertextBlob": made.text("/CiphertextBlob"), "KeyId": outside});
    assert_eq!(root(&world, "Decrypt", opened).await.ok().text("/Plaintext"), made.text("/Plaintext"));
    let made =
        root(&world, "GenerateDataKeyWithoutPlaintext", json!({"KeyId": outside, "NumberOfBytes": 24})).await;
    let opened = json!({"CiphertextBlob": made.ok().text("/CiphertextBlob")});
    assert_eq!(root(&world, "Decrypt", opened).await.ok().text("/Plaintext").len(), 32, "24 bytes in Base64");

    let mut blob = encrypt(&world, &ordinary).await;
    for destination in [&outside, &second, &ordinary] {
        let input = json!({
            "CiphertextBlob": blob, "DestinationKeyId": destination,
            "SourceEncryptionContext": {"app": "x"}, "DestinationEncryptionContext": {"app": "x"},
        });
        blob = root(&world, "ReEncrypt", input).await.ok().text("/CiphertextBlob");
    }
    assert_eq!(root(&world, "Decrypt", decryption(&blob)).await.ok().text("/Plaintext"), "c2VjcmV0");

    // A ciphertext of one key is none of the other's, and the proxy is not asked.
    let blob = encrypt(&world, &outside).await;
    let _ = world.outside.sent();
    let wrong = json!({"CiphertextBlob": blob, "KeyId": second, "EncryptionContext": {"app": "x"}});
    assert!(told(&world, "Decrypt", wrong).await.starts_with("400 IncorrectKeyException"));
    let wrong = json!({"CiphertextBlob": blob, "KeyId": ordinary, "EncryptionContext": {"app": "x"}});
    assert!(told(&world, "Decrypt", wrong).await.starts_with("400 "));
    assert!(world.outside.sent().is_empty());
}

#[tokio::test]
async fn a_key_is_described_with_its_store_and_its_key_outside() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, arn) = key(&world, &store, "one").await;
    let answer = root(&world, "DescribeKey", json!({"KeyId": id})).await.ok();
    let text = answer.to_string().replace(&id, "<id>").replace(&arn, "<arn>").replace(&store, "<store>");
    insta::assert_snapshot!(text, @r#"
    200
    {
      "KeyMetadata": {
        "AWSAccountId": "111122223333",
        "Arn": "arn:aws:kms:us-east-1:111122223333:key/<id>",
        "CreationDate": 1795348800,
        "CustomKeyStoreId": "<store>",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "",
        "Enabled": true,
        "EncryptionAlgorithms": [
          "SYMMETRIC_DEFAULT"
        ],
        "KeyId": "<id>",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": false,
        "Origin": "EXTERNAL_KEY_STORE",
        "XksKeyConfiguration": {
          "Id": "one"
        }
      }
    }
    "#);
}
