//! Keys of spec SM2: with the feature `sm2` they live like others, without it they are refused by name.

use serde_json::json;

use crate::people::{call, outcome, world};

#[cfg(not(feature = "sm2"))]
#[tokio::test]
async fn without_the_feature_everything_of_sm2_is_refused_by_name() {
    let world = world().await;
    let (wrapping, _) = crate::people::key(&world, json!({})).await;
    let (external, _) = crate::people::key(&world, json!({"Origin": "EXTERNAL"})).await;
    let mut told = Vec::new();
    for (operation, input) in [
        ("kms:CreateKey", json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"})),
        ("kms:CreateKey", json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"})),
        ("kms:GenerateDataKeyPair", json!({"KeyId": wrapping, "KeyPairSpec": "SM2"})),
        (
            "kms:GetParametersForImport",
            json!({"KeyId": external, "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2"}),
        ),
    ] {
        told.push(outcome(&call(&world, &world.root, operation, input).await));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    400 UnsupportedOperationException: KeySpec SM2 is not supported.
    400 UnsupportedOperationException: KeySpec SM2 is not supported.
    400 UnsupportedOperationException: KeyPairSpec SM2 is not supported.
    400 UnsupportedOperationException: SM2PKE is not supported for the import of key material.
    ");
}

#[cfg(feature = "sm2")]
mod built {
    use alcazar_material::{EncryptionAlgorithm, KeyPair, KeySpec, KeyUsage, PublicKey};
    use alcazar_testkit::World;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value;

    use super::*;
    use crate::people::{import, key};

    async fn made(world: &World, usage: &str) -> String {
        key(world, json!({"KeySpec": "SM2", "KeyUsage": usage})).await.0
    }

    async fn public(world: &World, key: &str) -> String {
        call(world, &world.root, "kms:GetPublicKey", json!({"KeyId": key})).await.ok().text("/PublicKey")
    }

    /// A call's outcome, with further members beside the key's id.
    async fn told(world: &World, operation: &str, key: &str, mut input: Value) -> String {
        input["KeyId"] = json!(key);
        outcome(&call(world, &world.root, operation, input).await)
    }

    #[tokio::test]
    async fn each_usage_tells_its_algorithms() {
        let world = world().await;
        let mut lines = Vec::new();
        for usage in ["SIGN_VERIFY", "ENCRYPT_DECRYPT", "KEY_AGREEMENT"] {
            let id = made(&world, usage).await;
            let told = call(&world, &world.root, "kms:GetPublicKey", json!({"KeyId": id})).await.ok().json();
            let of = ["SigningAlgorithms", "EncryptionAlgorithms", "KeyAgreementAlgorithms"];
            let of = of.iter().find_map(|list| told.get(*list)).unwrap();
            lines.push(format!("{} {} {of}", told["KeySpec"], told["KeyUsage"]));
        }
        let input = json!({"KeySpec": "SM2"});
        lines.push(outcome(&call(&world, &world.root, "kms:CreateKey", input).await));
        insta::assert_snapshot!(lines.join("\n"), @r#"
        "SM2" "SIGN_VERIFY" ["SM2DSA"]
        "SM2" "ENCRYPT_DECRYPT" ["SM2PKE"]
        "SM2" "KEY_AGREEMENT" ["ECDH"]
        400 ValidationException: You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.
        "#);
    }

    #[tokio::test]
    async fn a_signature_verifies_and_an_altered_one_does_not() {
        let world = world().await;
        let (id, other) = (made(&world, "SIGN_VERIFY").await, made(&world, "SIGN_VERIFY").await);
        let digest = STANDARD.encode([7; 32]);
        for (message, kind) in [("bWVzc2FnZQ==", "RAW"), (digest.as_str(), "DIGEST")] {
            let input =
                json!({"KeyId": id, "Message": message, "MessageType": kind, "SigningAlgorithm": "SM2DSA"});
            let signature =
                call(&world, &world.root, "kms:Sign", input.clone()).await.ok().text("/Signature");
            let mut input = input;
            input["Signature"] = json!(signature);
            assert_eq!(told(&world, "kms:Verify", &id, input.clone()).await, "200");
            let refused = "400 KMSInvalidSignatureException: ";
            assert!(told(&world, "kms:Verify", &other, input.clone()).await.starts_with(refused));
            let mut altered = STANDARD.decode(&signature).unwrap();
            *altered.last_mut().unwrap() ^= 1;
            input["Signature"] = json!(STANDARD.encode(&altered));
            assert!(told(&world, "kms:Verify", &id, input.clone()).await.starts_with(refused));
            input["Signature"] = json!(STANDARD.encode(&altered[..altered.len() - 1]));
            assert!(told(&world, "kms:Verify", &id, input).await.starts_with(refused));
        }
        let short = json!({"Message": "AAAA", "MessageType": "DIGEST", "SigningAlgorithm": "SM2DSA"});
        assert_eq!(
            told(&world, "kms:Sign", &id, short).await,
            "400 ValidationException: Digest is invalid length for algorithm SM2DSA."
        );
        let ecdsa = json!({"Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256"});
        assert_eq!(
            told(&world, "kms:Sign", &id, ecdsa).await,
            "400 InvalidKeyUsageException: Algorithm ECDSA_SHA_256 is incompatible with key spec SM2."
        );
    }

    #[tokio::test]
    async fn a_ciphertext_opens_whole_and_under_its_key_alone() {
        let world = world().await;
        let (id, other) = (made(&world, "ENCRYPT_DECRYPT").await, made(&world, "ENCRYPT_DECRYPT").await);
        let input = json!({"KeyId": id, "Plaintext": "c2VjcmV0", "EncryptionAlgorithm": "SM2PKE"});
        let blob = call(&world, &world.root, "kms:Encrypt", input).await.ok().text("/CiphertextBlob");
        let opening = |key: &str, blob: &str| json!({"KeyId": key, "CiphertextBlob": blob, "EncryptionAlgorithm": "SM2PKE"});
        let opened = call(&world, &world.root, "kms:Decrypt", opening(&id, &blob)).await.ok();
        assert_eq!(opened.text("/Plaintext"), "c2VjcmV0");
        let refused = "400 InvalidCiphertextException: ";
        assert_eq!(told(&world, "kms:Decrypt", &other, opening(&other, &blob)).await, refused);
        let mut altered = STANDARD.decode(&blob).unwrap();
        altered[40] ^= 1;
        let altered = STANDARD.encode(&altered);
        assert_eq!(told(&world, "kms:Decrypt", &id, opening(&id, &altered)).await, refused);
        let long = STANDARD.encode([9; 1025]);
        assert_eq!(
            told(&world, "kms:Encrypt", &id, json!({"Plaintext": long, "EncryptionAlgorithm": "SM2PKE"}))
                .await,
            "400 ValidationException: Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes."
        );
        let context =
            json!({"Plaintext": "AAAA", "EncryptionAlgorithm": "SM2PKE", "EncryptionContext": {"a": "b"}});
        assert_eq!(
            told(&world, "kms:Encrypt", &id, context).await,
            "400 ValidationException: EncryptionContext is not supported for asymmetric KMS keys."
        );
    }

    #[tokio::test]
    async fn both_sides_agree_and_a_pair_is_a_peer() {
        let world = world().await;
        let (alice, bob) = (made(&world, "KEY_AGREEMENT").await, made(&world, "KEY_AGREEMENT").await);
        let mut secrets = Vec::new();
        for (mine, peer) in [(&alice, &bob), (&bob, &alice)] {
            let input = json!({
                "KeyId": mine,
                "KeyAgreementAlgorithm": "ECDH",
                "PublicKey": public(&world, peer).await,
            });
            let derived = call(&world, &world.root, "kms:DeriveSharedSecret", input).await.ok();
            secrets.push(STANDARD.decode(derived.text("/SharedSecret")).unwrap());
        }
        assert_eq!((&secrets[0], secrets[0].len()), (&secrets[1], 32));
        let (wrapping, _) = key(&world, json!({})).await;
        let input = json!({"KeyId": wrapping, "KeyPairSpec": "SM2"});
        let pair = call(&world, &world.root, "kms:GenerateDataKeyPair", input).await.ok();
        let input = json!({"KeyAgreementAlgorithm": "ECDH", "PublicKey": pair.text("/PublicKey")});
        assert_eq!(told(&world, "kms:DeriveSharedSecret", &alice, input).await, "200");
    }

    /// Under RSA and under SM2: the same material, and the key does what others do.
    #[tokio::test]
    async fn material_is_imported_under_either_wrapping() {
        let world = world().await;
        let pair = KeyPair::generate(KeySpec::Sm2, &|bytes| bytes.fill(7)).unwrap();
        let external = json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"});
        let (first, _) = key(&world, external.clone()).await;
        let _ = import(&world, &first, pair.private_key.expose(), json!({})).await.ok();
        assert_eq!(public(&world, &first).await, STANDARD.encode(&pair.public_key));

        let (second, _) = key(&world, external).await;
        let input = json!({"KeyId": second, "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2"});
        let parameters = call(&world, &world.root, "kms:GetParametersForImport", input).await.ok();
        let wrapping = STANDARD.decode(parameters.text("/PublicKey")).unwrap();
        let wrapping = PublicKey::from_spki(KeySpec::Sm2, KeyUsage::EncryptDecrypt, &wrapping).unwrap();
        let material = pair.private_key.expose();
        let blob = wrapping.encrypt(EncryptionAlgorithm::Sm2Pke, material, &|bytes| bytes.fill(9)).unwrap();
        let bring = |blob: &[u8]| {
            json!({
                "ImportToken": parameters.text("/ImportToken"),
                "EncryptedKeyMaterial": STANDARD.encode(blob),
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            })
        };
        let cut = told(&world, "kms:ImportKeyMaterial", &second, bring(&blob[..blob.len() - 1])).await;
        assert!(cut.starts_with("400 InvalidCiphertextException: "), "{cut}");
        assert_eq!(told(&world, "kms:ImportKeyMaterial", &second, bring(&blob)).await, "200");
        assert_eq!(public(&world, &second).await, STANDARD.encode(&pair.public_key));

        let symmetric = key(&world, json!({"Origin": "EXTERNAL"})).await.0;
        for (algorithm, wrapping) in
            [("SM2PKE", "SM2"), ("RSAES_OAEP_SHA_256", "SM2"), ("SM2PKE", "RSA_2048")]
        {
            let input = json!({"WrappingAlgorithm": algorithm, "WrappingKeySpec": wrapping});
            let expected = format!(
                "400 UnsupportedOperationException: Key material of key spec SYMMETRIC_DEFAULT cannot be wrapped by {algorithm} under a wrapping key of spec {wrapping}."
            );
            assert_eq!(told(&world, "kms:GetParametersForImport", &symmetric, input).await, expected);
        }
    }
}
