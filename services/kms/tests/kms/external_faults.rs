//! External key stores whose proxies are slow, wrong or gone.

use alcazar_ports::HttpError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::external::{
    connect, connected, decryption, disconnect, encrypt, key, key_input, root, store_input, told,
};
use crate::people::world;

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
async fn a_proxys_health_must_be_whole_and_somebody_must_keep_keys() {
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
