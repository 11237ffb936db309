//! What external key stores and their keys may be and do, and what not.

use serde_json::{Value, json};

use crate::external::{
    connect, connected, decryption, disconnect, encrypt, key, key_input, root, store, store_input, told,
};
use crate::people::{call, outcome, world};

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
