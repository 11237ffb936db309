//! External key stores: from creation to deletion, with a proxy in good order and with every other.

use std::time::Duration;

use alcazar_ports::HttpError;
use alcazar_testkit::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::people::{call, outcome, world};

/// The input of a store of that name behind that path.
fn store_input(name: &str, path: &str) -> Value {
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

async fn root(world: &World, operation: &str, input: Value) -> alcazar_testkit::Answer {
    call(world, &world.root, &format!("kms:{operation}"), input).await
}

async fn told(world: &World, operation: &str, input: Value) -> String {
    outcome(&root(world, operation, input).await)
}

/// A store that was never connected.
async fn store(world: &World) -> String {
    let answer = root(world, "CreateCustomKeyStore", store_input("outside", "/kms/xks/v1")).await;
    answer.ok().text("/CustomKeyStoreId")
}

/// Connects it, and waits for what comes of it: state and code.
async fn connect(world: &World, store: &str) -> String {
    let _ = root(world, "ConnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await.ok();
    assert_eq!(connection(world, store).await, "CONNECTING");
    assert_eq!(world.pass(Duration::ZERO).await, 1);
    connection(world, store).await
}

async fn disconnect(world: &World, store: &str) {
    let _ = root(world, "DisconnectCustomKeyStore", json!({"CustomKeyStoreId": store})).await.ok();
}

async fn connection(world: &World, store: &str) -> String {
    let answer = root(world, "DescribeCustomKeyStores", json!({"CustomKeyStoreId": store})).await.ok().json();
    let entry = &answer["CustomKeyStores"][0];
    let code = entry["ConnectionErrorCode"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
    format!("{}{code}", entry["ConnectionState"].as_str().unwrap())
}

async fn connected(world: &World) -> String {
    let store = store(world).await;
    assert_eq!(connect(world, &store).await, "CONNECTED");
    store
}

fn key_input(store: &str, xks_key: &str) -> Value {
    json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": xks_key})
}

async fn key(world: &World, store: &str, xks_key: &str) -> (String, String) {
    let answer = root(world, "CreateKey", key_input(store, xks_key)).await.ok();
    (answer.text("/KeyMetadata/KeyId"), answer.text("/KeyMetadata/Arn"))
}

async fn encrypt(world: &World, key: &str) -> String {
    let input = json!({"KeyId": key, "Plaintext": "c2VjcmV0", "EncryptionContext": {"app": "x"}});
    root(world, "Encrypt", input).await.ok().text("/CiphertextBlob")
}

fn decryption(blob: &str) -> Value {
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

/// A proxy's bad day, by name.
fn bad_days() -> Vec<(&'static str, Day)> {
    let mut days: Vec<(&str, Day)> = [
        "ValidationException 400",
        "InvalidStateException 400",
        "InvalidCiphertextException 400",
        "InvalidKeyUsageException 400",
        "AuthenticationFailedException 401",
        "AccessDeniedException 403",
        "KeyNotFoundException 404",
        "InvalidUriPathException 404",
        "ThrottlingException 429",
        "UnsupportedOperationException 501",
        "DependencyTimeoutException 503",
        "InternalException 500",
        "SomethingElse 500",
    ]
    .into_iter()
    .map(|named| {
        let (name, status) = named.split_once(' ').unwrap();
        (name, Day::Says(status.parse().unwrap(), json!({"errorName": name}).to_string()))
    })
    .collect();
    days.extend([
        ("unreachable", Day::Fails(HttpError::Unreachable(String::new()))),
        ("no TLS", Day::Fails(HttpError::Tls(String::new()))),
        ("too slow", Day::Fails(HttpError::TimedOut)),
        ("broken off", Day::Fails(HttpError::Interrupted(String::new()))),
        ("no HTTP", Day::Fails(HttpError::Malformed(String::new()))),
        ("too long", Day::Fails(HttpError::TooLarge)),
        ("no JSON", Day::Says(200, "<html>".to_owned())),
        ("empty", Day::Says(200, "{}".to_owned())),
        ("a redirect", Day::Says(302, r#"{"errorName": "KeyNotFoundException"}"#.to_owned())),
    ]);
    days
}

enum Day {
    Says(u16, String),
    Fails(HttpError),
}

#[tokio::test]
async fn every_fault_of_a_proxy_is_told_by_each_operation_in_its_own_exception() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, _) = key(&world, &store, "one").await;
    let blob = encrypt(&world, &id).await;
    let mut lines = Vec::new();
    let mut words = Vec::new();
    for (name, day) in bad_days() {
        match day {
            Day::Says(status, body) => world.outside.says(status, &body),
            Day::Fails(error) => world.outside.fails(error),
        }
        let update = json!({"CustomKeyStoreId": store, "XksProxyUriPath": "/other/kms/xks/v1"});
        let mut exceptions = Vec::new();
        for (operation, input) in [
            ("CreateCustomKeyStore", store_input("second", "/second/kms/xks/v1")),
            ("UpdateCustomKeyStore", update),
            ("CreateKey", key_input(&store, "two")),
            ("Encrypt", json!({"KeyId": id, "Plaintext": "c2VjcmV0"})),
            ("Decrypt", decryption(&blob)),
            ("GenerateDataKey", json!({"KeyId": id, "KeySpec": "AES_256"})),
        ] {
            let told = told(&world, operation, input).await;
            let (exception, message) = told.split_once(": ").unwrap();
            exceptions.push(exception.replace("400 ", "").replace("Exception", ""));
            words.push((name, message.to_owned()));
        }
        disconnect(&world, &store).await;
        let code = connect(&world, &store).await;
        disconnect(&world, &store).await;
        world.outside.recovers();
        assert_eq!(connect(&world, &store).await, "CONNECTED");
        let [create, update, key, rest @ ..] = exceptions.as_slice() else { panic!("{exceptions:?}") };
        assert_eq!(create, update, "{name}");
        assert!(rest.iter().all(|exception| exception == "KMSInvalidState"), "{name}: {rest:?}");
        lines.push(format!("{name}: {create}, {key}, {code}"));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    ValidationException: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    InvalidStateException: XksProxyInvalidConfiguration, XksKeyInvalidConfiguration, FAILED XKS_PROXY_INVALID_CONFIGURATION
    InvalidCiphertextException: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    InvalidKeyUsageException: XksProxyInvalidResponse, XksKeyInvalidConfiguration, FAILED XKS_PROXY_INVALID_RESPONSE
    AuthenticationFailedException: XksProxyIncorrectAuthenticationCredential, CustomKeyStoreInvalidState, FAILED INVALID_CREDENTIALS
    AccessDeniedException: XksProxyInvalidConfiguration, CustomKeyStoreInvalidState, FAILED XKS_PROXY_ACCESS_DENIED
    KeyNotFoundException: XksProxyInvalidResponse, XksKeyNotFound, FAILED XKS_PROXY_INVALID_RESPONSE
    InvalidUriPathException: XksProxyInvalidConfiguration, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_CONFIGURATION
    ThrottlingException: XksProxyUriUnreachable, CustomKeyStoreInvalidState, FAILED XKS_PROXY_NOT_REACHABLE
    UnsupportedOperationException: XksProxyInvalidResponse, XksKeyInvalidConfiguration, FAILED XKS_PROXY_INVALID_RESPONSE
    DependencyTimeoutException: XksProxyUriUnreachable, CustomKeyStoreInvalidState, FAILED XKS_PROXY_TIMED_OUT
    InternalException: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    SomethingElse: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    unreachable: XksProxyUriUnreachable, CustomKeyStoreInvalidState, FAILED XKS_PROXY_NOT_REACHABLE
    no TLS: XksProxyUriUnreachable, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_TLS_CONFIGURATION
    too slow: XksProxyUriUnreachable, CustomKeyStoreInvalidState, FAILED XKS_PROXY_TIMED_OUT
    broken off: XksProxyUriUnreachable, CustomKeyStoreInvalidState, FAILED NETWORK_ERRORS
    no HTTP: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    too long: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    no JSON: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    empty: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    a redirect: XksProxyInvalidResponse, CustomKeyStoreInvalidState, FAILED XKS_PROXY_INVALID_RESPONSE
    ");
    words.dedup();
    let words: Vec<String> = words.into_iter().map(|(name, message)| format!("{name}: {message}")).collect();
    insta::assert_snapshot!(words.join("\n"), @"
    ValidationException: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    InvalidStateException: The external key associated with this KMS key in an external key store is not enabled in the external key manager. Enable the external key in the external key manager and retry the request.
    InvalidCiphertextException: The external key store proxy rejected the request because the specified ciphertext or encryption context is corrupted, missing, or otherwise invalid.
    InvalidKeyUsageException: The external key associated with this KMS key in an external key store does not support the requested operation. Enable the operation on the key in your external key manager, and try the request again.
    AuthenticationFailedException: The external key store proxy rejected the request because it could not authenticate AWS KMS. Verify the XKS proxy authentication credentials for your external key store and update if necessary.
    AccessDeniedException: The external key store proxy denied access to the operation. Verify that the user and the external key are both authorized for this operation, and try the request again.
    KeyNotFoundException: The external key associated with this KMS key in an external key store was not found in its external key manager. If the external key ID associated with this KMS key is incorrect, create a new KMS key with the correct external key ID.
    InvalidUriPathException: The external key store proxy rejected the request because of an invalid URI path. Verify the URI path for your external key store and update if necessary.
    ThrottlingException: The external key store proxy rejected the request due to a very high request rate. Reduce the frequency of your calls using KMS keys in this external key store.
    UnsupportedOperationException: The external key store proxy rejected the request because it does not support the requested operation. If you see this error repeatedly, report it to your external key store proxy administrator.
    DependencyTimeoutException: The external key store proxy did not respond to the request in the time allotted. Retry the request. If you see this error repeatedly, report it to your external key store proxy administrator.
    InternalException: The external key store proxy rejected the request because it cannot communicate with the external key manager. Verify that the external key store proxy configuration is correct and that the external key manager is available.
    SomethingElse: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    unreachable: AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. If you see this error repeatedly, verify that your external key store proxy is active and is connected to the network, and that its endpoint URI is correct in your external key store.
    no TLS: AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS configuration, including its certificate.
    too slow: AWS KMS rejected the request because the external key store proxy did not respond in time. Retry the request. If you see this error repeatedly, report it to your external key store proxy administrator.
    broken off: AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. If you see this error repeatedly, verify that your external key store proxy is active and is connected to the network, and that its endpoint URI is correct in your external key store.
    no HTTP: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    too long: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    no JSON: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    empty: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    a redirect: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    ");
}

#[tokio::test]
async fn a_proxy_whose_answer_is_wrong_in_a_part_is_not_believed() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, _) = key(&world, &store, "one").await;
    let blob = encrypt(&world, &id).await;
    let right = json!({
        "ciphertext": STANDARD.encode([1; 100]), "initializationVector": STANDARD.encode([2; 12]),
        "authenticationTag": STANDARD.encode([3; 16]), "ciphertextDataIntegrityValue": STANDARD.encode([0; 32]),
    });
    let unreadable = "400 KMSInvalidStateException: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.";
    for (member, wrong) in [
        ("ciphertextDataIntegrityValue", json!(STANDARD.encode([9; 32]))),
        ("ciphertextDataIntegrityValue", Value::Null),
        ("ciphertext", json!(STANDARD.encode([1; 99]))),
        ("initializationVector", json!(STANDARD.encode([2; 13]))),
        ("authenticationTag", json!("no Base64!")),
        ("ciphertextMetadata", json!(STANDARD.encode([4; 21]))),
    ] {
        let mut answer = right.clone();
        answer[member] = wrong;
        world.outside.says(200, &answer.to_string());
        let told = told(&world, "Encrypt", json!({"KeyId": id, "Plaintext": "c2VjcmV0"})).await;
        assert_eq!(told, unreadable, "{member}");
    }
    world.outside.says(200, &json!({"plaintext": STANDARD.encode([1; 99])}).to_string());
    assert_eq!(told(&world, "Decrypt", decryption(&blob)).await, unreadable);
    world.outside.says(200, &json!({"plaintext": STANDARD.encode([1; 100])}).to_string());
    assert_eq!(
        told(&world, "Decrypt", decryption(&blob)).await,
        "400 KMSInvalidStateException: The ciphertext that the external key store proxy submitted for decryption, or the encryption context, is corrupted, missing, or otherwise invalid."
    );
}

#[tokio::test]
async fn a_proxys_health_must_be_whole_and_some_key_manager_must_work() {
    let world = world().await;
    let manager = |status: &str| json!({"id": "1", "model": "m", "healthStatus": status});
    let health = |size: u32, managers: Vec<Value>| {
        json!({"xksProxyFleetSize": size, "xksProxyVendor": "v", "xksProxyModel": "m", "ekmVendor": "e", "ekmFleetDetails": managers})
            .to_string()
    };
    let (active, down) = (manager("ACTIVE"), manager("UNAVAILABLE"));
    let mut lines = Vec::new();
    for (name, body) in [
        ("no fleet", health(0, vec![active.clone()])),
        ("no key manager", health(1, vec![])),
        ("eleven key managers", health(1, vec![active.clone(); 11])),
        ("all down", health(1, vec![down.clone(), down.clone()])),
        ("a status of its own", health(1, vec![manager("FINE")])),
        ("one down", health(1, vec![down, manager("DEGRADED")])),
    ] {
        world.outside.says(200, &body);
        let told = told(&world, "CreateCustomKeyStore", store_input("a", "/kms/xks/v1")).await;
        lines.push(format!("{name}: {}", told.split(": ").next().unwrap()));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    no fleet: 400 XksProxyInvalidResponseException
    no key manager: 400 XksProxyInvalidResponseException
    eleven key managers: 400 XksProxyInvalidResponseException
    all down: 400 XksProxyUriUnreachableException
    a status of its own: 400 XksProxyInvalidResponseException
    one down: 200
    ");
}

#[tokio::test]
async fn a_key_outside_must_be_fit_and_nobody_elses() {
    let world = world().await;
    let store = connected(&world).await;
    let mut lines = Vec::new();
    let wrong = [
        json!({"keySpec": "AES_128", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}),
        json!({"keySpec": "AES_256", "keyUsage": ["ENCRYPT"], "keyStatus": "ENABLED"}),
        json!({"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "DISABLED"}),
        json!({"keySpec": "AES_256", "keyUsage": vec!["DECRYPT"; 11], "keyStatus": "ENABLED"}),
    ];
    for metadata in wrong {
        world.outside.says(200, &metadata.to_string());
        lines.push(told(&world, "CreateKey", key_input(&store, "one")).await);
    }
    world.outside.recovers();
    lines.push(told(&world, "CreateKey", key_input(&store, "missing")).await);
    lines.push(told(&world, "CreateKey", key_input(&store, "one")).await);
    lines.push(told(&world, "CreateKey", key_input(&store, "one")).await);
    lines.push(told(&world, "CreateKey", key_input("cks-00000000000000000", "one")).await);
    for (member, value) in [
        ("MultiRegion", json!(true)),
        ("KeySpec", json!("ECC_NIST_P256")),
        ("Origin", json!("AWS_KMS")),
        ("Origin", json!("AWS_CLOUDHSM")),
        ("XksKeyId", Value::Null),
        ("CustomKeyStoreId", Value::Null),
    ] {
        let mut input = key_input(&store, "two");
        input[member] = value;
        if member == "KeySpec" {
            input["KeyUsage"] = "SIGN_VERIFY".into();
        }
        input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        lines.push(told(&world, "CreateKey", input).await);
    }
    let hsm = json!({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store});
    lines.push(told(&world, "CreateKey", hsm).await);
    insta::assert_snapshot!(lines.join("\n").replace(&store, "<store>"), @"
    400 XksKeyInvalidConfigurationException: The external key one must be an AES_256 key that is ENABLED and supports ENCRYPT and DECRYPT.
    400 XksKeyInvalidConfigurationException: The external key one must be an AES_256 key that is ENABLED and supports ENCRYPT and DECRYPT.
    400 XksKeyInvalidConfigurationException: The external key one must be an AES_256 key that is ENABLED and supports ENCRYPT and DECRYPT.
    400 CustomKeyStoreInvalidStateException: AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator.
    400 XksKeyNotFoundException: The external key associated with this KMS key in an external key store was not found in its external key manager. If the external key ID associated with this KMS key is incorrect, create a new KMS key with the correct external key ID.
    200
    400 XksKeyAlreadyInUseException: The external key one is already associated with another KMS key in this external key store.
    400 CustomKeyStoreNotFoundException: Custom key store cks-00000000000000000 was not found.
    400 UnsupportedOperationException: Custom key stores support only single-Region symmetric encryption KMS keys.
    400 UnsupportedOperationException: Custom key stores support only single-Region symmetric encryption KMS keys.
    400 ValidationException: CustomKeyStoreId is not valid for Origin AWS_KMS.
    400 ValidationException: XksKeyId is not valid for Origin AWS_CLOUDHSM.
    400 ValidationException: XksKeyId is required for Origin EXTERNAL_KEY_STORE.
    400 ValidationException: CustomKeyStoreId is required for Origin EXTERNAL_KEY_STORE.
    400 UnsupportedOperationException: Custom key store <store> is not an AWS CloudHSM key store.
    ");
}

#[tokio::test]
async fn what_such_a_key_cannot_do_is_refused() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, arn) = key(&world, &store, "one").await;
    let mut lines = Vec::new();
    for (operation, more) in [
        ("EnableKeyRotation", json!({})),
        ("DisableKeyRotation", json!({})),
        ("GetKeyRotationStatus", json!({})),
        ("ListKeyRotations", json!({})),
        ("RotateKeyOnDemand", json!({})),
        (
            "GetParametersForImport",
            json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}),
        ),
        ("DeleteImportedKeyMaterial", json!({})),
        ("GenerateDataKeyPair", json!({"KeyPairSpec": "ECC_NIST_P256"})),
        ("GenerateDataKeyPairWithoutPlaintext", json!({"KeyPairSpec": "ECC_NIST_P256"})),
        ("ReplicateKey", json!({"ReplicaRegion": "eu-west-1"})),
        ("GetPublicKey", json!({})),
    ] {
        let mut input = more;
        input["KeyId"] = id.clone().into();
        lines.push(format!("{operation}: {}", told(&world, operation, input).await));
    }
    let random = json!({"NumberOfBytes": 8, "CustomKeyStoreId": store});
    lines.push(format!("GenerateRandom: {}", told(&world, "GenerateRandom", random).await));
    let random = json!({"NumberOfBytes": 8, "CustomKeyStoreId": "cks-00000000000000000"});
    lines.push(format!("GenerateRandom: {}", told(&world, "GenerateRandom", random).await));
    let text = lines.join("\n").replace(&arn, "<key>").replace(&store, "<store>");
    insta::assert_snapshot!(text, @"
    EnableKeyRotation: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    DisableKeyRotation: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    GetKeyRotationStatus: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    ListKeyRotations: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    RotateKeyOnDemand: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    GetParametersForImport: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    DeleteImportedKeyMaterial: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    GenerateDataKeyPair: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    GenerateDataKeyPairWithoutPlaintext: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation.
    ReplicateKey: 400 UnsupportedOperationException: <key> is not a multi-Region primary key.
    GetPublicKey: 400 UnsupportedOperationException: <key> key spec is SYMMETRIC_DEFAULT which is not valid for this operation.
    GenerateRandom: 400 UnsupportedOperationException: Custom key store <store> is an external key store, which makes no random bytes.
    GenerateRandom: 400 CustomKeyStoreNotFoundException: Custom key store cks-00000000000000000 was not found.
    ");
}

#[tokio::test]
async fn names_and_addresses_are_unique_and_there_are_ten_stores_at_most() {
    let world = world().await;
    let _ = store(&world).await;
    let mut lines = Vec::new();
    lines.push(told(&world, "CreateCustomKeyStore", store_input("outside", "/2/kms/xks/v1")).await);
    let mut same = store_input("second", "/kms/xks/v1");
    same["XksProxyUriEndpoint"] = "https://XKS.example.com:443".into();
    lines.push(told(&world, "CreateCustomKeyStore", same).await);
    for number in 2..=10 {
        let input = store_input(&number.to_string(), &format!("/{number}/kms/xks/v1"));
        assert_eq!(told(&world, "CreateCustomKeyStore", input).await, "200");
    }
    lines.push(told(&world, "CreateCustomKeyStore", store_input("11", "/11/kms/xks/v1")).await);
    insta::assert_snapshot!(lines.join("\n"), @"
    400 CustomKeyStoreNameInUseException: Custom key store name outside is already in use.
    400 XksProxyUriInUseException: The XksProxyUriEndpoint https://XKS.example.com:443 and XksProxyUriPath /kms/xks/v1 are already in use by another external key store.
    400 LimitExceededException: You have reached the limit of 10 custom key stores in this account and Region.
    ");

    let mut names = Vec::new();
    let mut input = json!({"Limit": 4});
    loop {
        let page = root(&world, "DescribeCustomKeyStores", input.clone()).await.ok().json();
        let stores = page["CustomKeyStores"].as_array().unwrap();
        assert!(stores.len() <= 4);
        names.extend(stores.iter().map(|store| store["CustomKeyStoreName"].as_str().unwrap().to_owned()));
        match page["NextMarker"].as_str() {
            Some(marker) => input["Marker"] = marker.into(),
            None => break,
        }
    }
    names.sort();
    assert_eq!(names, ["10", "2", "3", "4", "5", "6", "7", "8", "9", "outside"]);
}

#[tokio::test]
async fn a_store_changes_only_to_what_works_and_only_when_it_may() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, _) = key(&world, &store, "one").await;
    let update = |members: Value| {
        let mut input = members;
        input["CustomKeyStoreId"] = store.clone().into();
        input
    };
    let credential = json!({
        "AccessKeyId": "ABCDEFGHIJKLMNOPQRSTU",
        "RawSecretAccessKey": "another/external/key/store/proxys/secret/ex",
    });
    let endpoint = json!({"XksProxyUriEndpoint": "https://xks.example.com:8443"});
    let mut lines = Vec::new();
    for members in [
        json!({}),
        json!({"KeyStorePassword": "password"}),
        endpoint.clone(),
        json!({"XksProxyUriEndpoint": "http://xks.example.com"}),
        json!({"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE", "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1"}),
        json!({"NewCustomKeyStoreName": "renamed"}),
        json!({"XksProxyAuthenticationCredential": credential}),
    ] {
        lines.push(told(&world, "UpdateCustomKeyStore", update(members)).await);
    }
    disconnect(&world, &store).await;
    for members in [
        json!({"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE", "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1"}),
        json!({"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}),
        json!({"XksProxyUriEndpoint": "https://elsewhere.example.com"}),
        endpoint,
        json!({"XksProxyUriPath": "/new/kms/xks/v1"}),
    ] {
        lines.push(told(&world, "UpdateCustomKeyStore", update(members)).await);
    }
    insta::assert_snapshot!(lines.join("\n").replace(&store, "<store>"), @r"
    400 ValidationException: At least one property to update is required.
    400 ValidationException: CloudHsmClusterId and KeyStorePassword are valid only for custom key stores of type AWS_CLOUDHSM.
    400 CustomKeyStoreInvalidStateException: UpdateCustomKeyStore is not valid for custom key store <store> while its connection state is CONNECTED.
    400 ValidationException: 1 validation error detected: Value 'http://xks.example.com' at 'xksProxyUriEndpoint' failed to satisfy constraint: Member must satisfy regular expression pattern: ^https://[a-zA-Z0-9.-]+(:[0-9]{1,5})?$|^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?$
    400 CustomKeyStoreInvalidStateException: UpdateCustomKeyStore is not valid for custom key store <store> while its connection state is CONNECTED.
    200
    200
    400 XksProxyVpcEndpointServiceNotFoundException: The VPC endpoint service com.amazonaws.vpce.us-east-1.vpce-svc-1 was not found.
    400 ValidationException: XksProxyVpcEndpointServiceName is required when XksProxyConnectivity is VPC_ENDPOINT_SERVICE.
    400 XksProxyUriUnreachableException: AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. If you see this error repeatedly, verify that your external key store proxy is active and is connected to the network, and that its endpoint URI is correct in your external key store.
    200
    200
    ");
    assert_eq!(connect(&world, &store).await, "CONNECTED");
    let _ = world.outside.sent();
    let _ = encrypt(&world, &id).await;
    let sent = world.outside.sent();
    assert_eq!(sent[0].uri(), "https://xks.example.com:8443/new/kms/xks/v1/keys/one/encrypt");
    assert!(sent[0].headers()["authorization"].to_str().unwrap().contains("ABCDEFGHIJKLMNOPQRSTU/"));
    let named = json!({"CustomKeyStoreName": "renamed"});
    let answer = root(&world, "DescribeCustomKeyStores", named).await.ok().json();
    assert_eq!(answer["CustomKeyStores"][0]["XksProxyConfiguration"]["UriPath"], "/new/kms/xks/v1");
}

#[tokio::test]
async fn a_proxy_that_takes_its_time_holds_up_nobody_else() {
    let world = world().await;
    let store = connected(&world).await;
    let (slow, _) = key(&world, &store, "one").await;
    let (ordinary, _) = crate::people::key(&world, json!({})).await;
    world.outside.holds();
    let waits = encrypt(&world, &slow);
    let others = async {
        let blob = encrypt(&world, &ordinary).await;
        let _ = root(&world, "Decrypt", decryption(&blob)).await.ok();
        // Nor those who change what the call goes by: it is decided again when its answer has come.
        let _ = root(&world, "UpdateKeyDescription", json!({"KeyId": slow, "Description": "x"})).await.ok();
        let _ = root(&world, "DescribeCustomKeyStores", json!({})).await.ok();
        world.outside.releases();
    };
    let (blob, ()) = tokio::join!(waits, others);
    assert_eq!(root(&world, "Decrypt", decryption(&blob)).await.ok().text("/Plaintext"), "c2VjcmV0");
}

#[tokio::test]
async fn a_store_that_is_disconnected_while_its_proxy_thinks_refuses_the_call() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, arn) = key(&world, &store, "one").await;
    world.outside.holds();
    let waits = told(&world, "Encrypt", json!({"KeyId": id, "Plaintext": "c2VjcmV0"}));
    let others = async {
        disconnect(&world, &store).await;
        world.outside.releases();
    };
    let (refused, ()) = tokio::join!(waits, others);
    assert_eq!(refused, format!("400 KMSInvalidStateException: {arn} is unavailable."));
}

/// What operations answer on a key whose store is disconnected.
/// Source: KMS Developer Guide, "Key states of AWS KMS keys", column Unavailable.
#[tokio::test]
async fn every_operation_answers_on_an_unavailable_key() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, arn) = key(&world, &store, "one").await;
    let blob = encrypt(&world, &id).await;
    disconnect(&world, &store).await;
    let me = "arn:aws:iam::111122223333:root";
    let mut lines = Vec::new();
    for (operation, more) in [
        ("CancelKeyDeletion", json!({})),
        ("CreateGrant", json!({"GranteePrincipal": me, "Operations": ["Encrypt"]})),
        ("Encrypt", json!({"Plaintext": "AAAA"})),
        ("Decrypt", decryption(&blob)),
        ("GenerateDataKey", json!({"KeySpec": "AES_256"})),
        ("GenerateDataKeyWithoutPlaintext", json!({"KeySpec": "AES_256"})),
        ("DescribeKey", json!({})),
        ("DisableKey", json!({})),
        ("DescribeKey", json!({})),
        ("EnableKey", json!({})),
        ("EnableKeyRotation", json!({})),
        ("GetKeyLastUsage", json!({})),
        ("GetKeyPolicy", json!({})),
        ("ListGrants", json!({})),
        ("ListKeyPolicies", json!({})),
        ("ListResourceTags", json!({})),
        ("TagResource", json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]})),
        ("UntagResource", json!({"TagKeys": ["a"]})),
        ("UpdateKeyDescription", json!({"Description": "x"})),
        ("ScheduleKeyDeletion", json!({})),
        ("CancelKeyDeletion", json!({})),
        ("DescribeKey", json!({})),
    ] {
        let mut input = more;
        input["KeyId"] = id.clone().into();
        let answer = root(&world, operation, input).await;
        let state =
            if operation == "DescribeKey" { answer.text("/KeyMetadata/KeyState") } else { String::new() };
        lines.push(format!("{operation}: {} {state}", outcome(&answer)));
    }
    let alias = json!({"TargetKeyId": id, "AliasName": "alias/a"});
    lines.push(format!("CreateAlias: {}", told(&world, "CreateAlias", alias).await));
    insta::assert_snapshot!(lines.join("\n").replace(&arn, "<key>"), @"
    CancelKeyDeletion: 400 KMSInvalidStateException: <key> is not pending deletion. 
    CreateGrant: 200 
    Encrypt: 400 KMSInvalidStateException: <key> is unavailable. 
    Decrypt: 400 KMSInvalidStateException: <key> is unavailable. 
    GenerateDataKey: 400 KMSInvalidStateException: <key> is unavailable. 
    GenerateDataKeyWithoutPlaintext: 400 KMSInvalidStateException: <key> is unavailable. 
    DescribeKey: 200 Unavailable
    DisableKey: 200 
    DescribeKey: 200 Unavailable
    EnableKey: 200 
    EnableKeyRotation: 400 UnsupportedOperationException: <key> origin is EXTERNAL_KEY_STORE which is not valid for this operation. 
    GetKeyLastUsage: 200 
    GetKeyPolicy: 200 
    ListGrants: 200 
    ListKeyPolicies: 200 
    ListResourceTags: 200 
    TagResource: 200 
    UntagResource: 200 
    UpdateKeyDescription: 200 
    ScheduleKeyDeletion: 200 
    CancelKeyDeletion: 200 
    DescribeKey: 200 Unavailable
    CreateAlias: 200
    ");
}

#[tokio::test]
async fn a_store_of_another_account_is_not_found() {
    let world = world().await;
    let store = connected(&world).await;
    let other = world.account(crate::people::OTHER).await;
    for operation in ["ConnectCustomKeyStore", "DisconnectCustomKeyStore", "DeleteCustomKeyStore"] {
        let input = json!({"CustomKeyStoreId": store});
        let answer = call(&world, &other, &format!("kms:{operation}"), input).await;
        assert!(outcome(&answer).starts_with("400 CustomKeyStoreNotFoundException"), "{operation}");
    }
    let answer = call(&world, &other, "kms:CreateKey", key_input(&store, "one")).await;
    assert!(outcome(&answer).starts_with("400 CustomKeyStoreNotFoundException"));
}

#[tokio::test]
async fn the_proxys_secret_is_in_no_record_no_answer_and_no_row() {
    let world = world().await;
    let store = connected(&world).await;
    let (id, _) = key(&world, &store, "one").await;
    let _ = encrypt(&world, &id).await;
    let secret = "an/external/key/store/proxys/secret/example/";
    assert!(!world.records(50).await.contains(secret));
    assert!(!world.records(50).await.contains("ABCDEFGHIJKLMNOPQRST"));
    let answer = root(&world, "DescribeCustomKeyStores", json!({})).await.ok();
    assert!(!answer.body.contains(secret));
    let universe = world.corridor.universe();
    let everything = alcazar_store::KeyRange {
        start: alcazar_store::Key::from_bytes(&[]),
        end: alcazar_store::Key::from_bytes(&[0xff; 8]),
    };
    for (_, row) in universe.store.scan(&everything, 10_000).await.unwrap() {
        assert!(!row.value.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}
