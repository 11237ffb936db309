//! How long, how many, how large: what is just within a limit is taken, and what is one beyond it is refused.
//! Source: the operations' pages in the KMS API reference; KMS Developer Guide, "Resource quotas".

use std::fmt::Write;

use alcazar_testkit::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::people::{call, key, outcome, world};

fn bytes(count: usize) -> String {
    STANDARD.encode(vec![7; count])
}

async fn told(world: &World, operation: &str, input: &Value) -> String {
    outcome(&call(world, &world.root, &format!("kms:{operation}"), input.clone()).await)
}

/// What is told of each length, as a line.
async fn at(
    world: &World,
    lines: &mut String,
    what: &str,
    lengths: &[usize],
    operation: &str,
    input: impl Fn(usize) -> Value,
) {
    for length in lengths {
        let told = told(world, operation, &input(*length)).await;
        writeln!(lines, "{what} {length}: {told}").unwrap();
    }
}

#[tokio::test]
async fn a_plaintext_is_as_long_as_its_key_and_algorithm_take() {
    let world = world().await;
    let (symmetric, _) = key(&world, json!({})).await;
    let mut lines = String::new();
    let encrypt = |key: &str, algorithm: &str, length| json!({"KeyId": key, "EncryptionAlgorithm": algorithm, "Plaintext": bytes(length)});
    at(&world, &mut lines, "SYMMETRIC_DEFAULT", &[0, 1, 4096, 4097], "Encrypt", |length| {
        encrypt(&symmetric, "SYMMETRIC_DEFAULT", length)
    })
    .await;
    for (spec, limits) in [("RSA_2048", [214, 190]), ("RSA_3072", [342, 318]), ("RSA_4096", [470, 446])] {
        let (rsa, _) = key(&world, json!({"KeySpec": spec, "KeyUsage": "ENCRYPT_DECRYPT"})).await;
        for (algorithm, limit) in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"].into_iter().zip(limits) {
            at(&world, &mut lines, "alone", &[limit, limit + 1], "Encrypt", |length| {
                encrypt(&rsa, algorithm, length)
            })
            .await;
            // What comes from a symmetric key may be longer than what an RSA key takes.
            for length in [limit, limit + 1] {
                let plain = encrypt(&symmetric, "SYMMETRIC_DEFAULT", length);
                let blob = call(&world, &world.root, "kms:Encrypt", plain).await.ok().text("/CiphertextBlob");
                let input = json!({"CiphertextBlob": blob, "DestinationKeyId": rsa, "DestinationEncryptionAlgorithm": algorithm});
                writeln!(lines, "moved {length}: {}", told(&world, "ReEncrypt", &input).await).unwrap();
            }
        }
    }
    insta::assert_snapshot!(lines, @"
    SYMMETRIC_DEFAULT 0: 400 ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1
    SYMMETRIC_DEFAULT 1: 200
    SYMMETRIC_DEFAULT 4096: 200
    SYMMETRIC_DEFAULT 4097: 400 ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096
    alone 214: 200
    alone 215: 400 ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than 214 bytes.
    moved 214: 200
    moved 215: 400 ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than 214 bytes.
    alone 190: 200
    alone 191: 400 ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.
    moved 190: 200
    moved 191: 400 ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.
    alone 342: 200
    alone 343: 400 ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_3072 cannot encrypt data larger than 342 bytes.
    moved 342: 200
    moved 343: 400 ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_3072 cannot encrypt data larger than 342 bytes.
    alone 318: 200
    alone 319: 400 ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_3072 cannot encrypt data larger than 318 bytes.
    moved 318: 200
    moved 319: 400 ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_3072 cannot encrypt data larger than 318 bytes.
    alone 470: 200
    alone 471: 400 ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_4096 cannot encrypt data larger than 470 bytes.
    moved 470: 200
    moved 471: 400 ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_4096 cannot encrypt data larger than 470 bytes.
    alone 446: 200
    alone 447: 400 ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_4096 cannot encrypt data larger than 446 bytes.
    moved 446: 200
    moved 447: 400 ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_4096 cannot encrypt data larger than 446 bytes.
    ");
}

#[tokio::test]
async fn a_message_is_as_long_as_is_taken() {
    let world = world().await;
    let (signing, _) = key(&world, json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    let (mac, _) = key(&world, json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"})).await;
    let (symmetric, _) = key(&world, json!({})).await;
    let (agreement, _) = key(&world, json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"})).await;
    let (external, _) = key(&world, json!({"Origin": "EXTERNAL"})).await;
    let kem = json!({"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"});
    let (kem, _) = key(&world, kem).await;
    let mut lines = String::new();
    let long: &[usize] = &[0, 1, 4096, 4097];
    at(
        &world,
        &mut lines,
        "Sign",
        long,
        "Sign",
        |length| json!({"KeyId": signing, "Message": bytes(length), "SigningAlgorithm": "ECDSA_SHA_256"}),
    )
    .await;
    at(&world, &mut lines, "Verify", long, "Verify", |length| {
        json!({"KeyId": signing, "Message": bytes(length), "SigningAlgorithm": "ECDSA_SHA_256", "Signature": bytes(70)})
    })
    .await;
    at(&world, &mut lines, "Verify, signature", &[0, 6144, 6145], "Verify", |length| {
        json!({"KeyId": signing, "Message": bytes(1), "SigningAlgorithm": "ECDSA_SHA_256", "Signature": bytes(length)})
    })
    .await;
    at(
        &world,
        &mut lines,
        "GenerateMac",
        long,
        "GenerateMac",
        |length| json!({"KeyId": mac, "Message": bytes(length), "MacAlgorithm": "HMAC_SHA_256"}),
    )
    .await;
    at(&world, &mut lines, "VerifyMac", long, "VerifyMac", |length| {
        json!({"KeyId": mac, "Message": bytes(length), "MacAlgorithm": "HMAC_SHA_256", "Mac": bytes(32)})
    })
    .await;
    at(&world, &mut lines, "VerifyMac, MAC", &[0, 31, 6144, 6145], "VerifyMac", |length| {
        json!({"KeyId": mac, "Message": bytes(1), "MacAlgorithm": "HMAC_SHA_256", "Mac": bytes(length)})
    })
    .await;
    at(
        &world,
        &mut lines,
        "Decrypt",
        &[0, 1, 6144, 6145],
        "Decrypt",
        |length| json!({"KeyId": symmetric, "CiphertextBlob": bytes(length)}),
    )
    .await;
    at(
        &world,
        &mut lines,
        "GenerateDataKey",
        &[0, 1, 1024, 1025],
        "GenerateDataKey",
        |length| json!({"KeyId": symmetric, "NumberOfBytes": length}),
    )
    .await;
    at(
        &world,
        &mut lines,
        "GenerateRandom",
        &[0, 1, 1024, 1025],
        "GenerateRandom",
        |length| json!({"NumberOfBytes": length}),
    )
    .await;
    at(
        &world,
        &mut lines,
        "DeriveSharedSecret",
        &[0, 8192, 8193],
        "DeriveSharedSecret",
        |length| json!({"KeyId": agreement, "KeyAgreementAlgorithm": "ECDH", "PublicKey": bytes(length)}),
    )
    .await;
    at(&world, &mut lines, "Decapsulate", &[0, 767, 768, 1569], "Decapsulate", |length| {
        json!({"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": bytes(length)})
    })
    .await;
    at(&world, &mut lines, "ImportKeyMaterial", &[0, 6144, 6145], "ImportKeyMaterial", |length| {
        json!({"KeyId": external, "ImportToken": bytes(length), "EncryptedKeyMaterial": bytes(length), "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"})
    })
    .await;
    insta::assert_snapshot!(lines, @"
    Sign 0: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length greater than or equal to 1
    Sign 1: 200
    Sign 4096: 200
    Sign 4097: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096
    Verify 0: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length greater than or equal to 1
    Verify 1: 400 KMSInvalidSignatureException: 
    Verify 4096: 400 KMSInvalidSignatureException: 
    Verify 4097: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096
    Verify, signature 0: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'signature' failed to satisfy constraint: Member must have length greater than or equal to 1
    Verify, signature 6144: 400 KMSInvalidSignatureException: 
    Verify, signature 6145: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=6145 cap=6145]' at 'signature' failed to satisfy constraint: Member must have length less than or equal to 6144
    GenerateMac 0: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length greater than or equal to 1
    GenerateMac 1: 200
    GenerateMac 4096: 200
    GenerateMac 4097: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096
    VerifyMac 0: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length greater than or equal to 1
    VerifyMac 1: 400 KMSInvalidMacException: 
    VerifyMac 4096: 400 KMSInvalidMacException: 
    VerifyMac 4097: 400 ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096
    VerifyMac, MAC 0: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'mac' failed to satisfy constraint: Member must have length greater than or equal to 1
    VerifyMac, MAC 31: 400 KMSInvalidMacException: 
    VerifyMac, MAC 6144: 400 KMSInvalidMacException: 
    VerifyMac, MAC 6145: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=6145 cap=6145]' at 'mac' failed to satisfy constraint: Member must have length less than or equal to 6144
    Decrypt 0: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'ciphertextBlob' failed to satisfy constraint: Member must have length greater than or equal to 1
    Decrypt 1: 400 InvalidCiphertextException: 
    Decrypt 6144: 400 InvalidCiphertextException: 
    Decrypt 6145: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=6145 cap=6145]' at 'ciphertextBlob' failed to satisfy constraint: Member must have length less than or equal to 6144
    GenerateDataKey 0: 400 ValidationException: 1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1
    GenerateDataKey 1: 200
    GenerateDataKey 1024: 200
    GenerateDataKey 1025: 400 ValidationException: 1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024
    GenerateRandom 0: 400 ValidationException: 1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1
    GenerateRandom 1: 200
    GenerateRandom 1024: 200
    GenerateRandom 1025: 400 ValidationException: 1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024
    DeriveSharedSecret 0: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'publicKey' failed to satisfy constraint: Member must have length greater than or equal to 1
    DeriveSharedSecret 8192: 400 ValidationException: The public key is not a valid ECC_NIST_P256 public key.
    DeriveSharedSecret 8193: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=8193 cap=8193]' at 'publicKey' failed to satisfy constraint: Member must have length less than or equal to 8192
    Decapsulate 0: 400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'sharedSecretCiphertextBlob' failed to satisfy constraint: Member must have length greater than or equal to 1
    Decapsulate 767: 400 InvalidCiphertextException: 
    Decapsulate 768: 200
    Decapsulate 1569: 400 InvalidCiphertextException: 
    ImportKeyMaterial 0: 400 ValidationException: 2 validation errors detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'importToken' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'encryptedKeyMaterial' failed to satisfy constraint: Member must have length greater than or equal to 1
    ImportKeyMaterial 6144: 400 InvalidImportTokenException: The import token is invalid, or is associated with a different KMS key.
    ImportKeyMaterial 6145: 400 ValidationException: 2 validation errors detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=6145 cap=6145]' at 'importToken' failed to satisfy constraint: Member must have length less than or equal to 6144; Value 'java.nio.HeapByteBuffer[pos=0 lim=6145 cap=6145]' at 'encryptedKeyMaterial' failed to satisfy constraint: Member must have length less than or equal to 6144
    ");
}

/// A spec, its algorithms, the message type and the length that their digest must have.
const DIGESTS: &[(&str, &[&str], &str, usize)] = &[
    ("ECC_NIST_P256", &["ECDSA_SHA_256"], "DIGEST", 32),
    ("ECC_NIST_P384", &["ECDSA_SHA_384"], "DIGEST", 48),
    ("ECC_NIST_P521", &["ECDSA_SHA_512"], "DIGEST", 64),
    ("ECC_SECG_P256K1", &["ECDSA_SHA_256"], "DIGEST", 32),
    ("ECC_NIST_EDWARDS25519", &["ED25519_PH_SHA_512"], "DIGEST", 64),
    ("ML_DSA_44", &["ML_DSA_SHAKE_256"], "EXTERNAL_MU", 64),
    ("RSA_2048", &["RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256"], "DIGEST", 32),
    ("RSA_2048", &["RSASSA_PSS_SHA_384", "RSASSA_PKCS1_V1_5_SHA_384"], "DIGEST", 48),
    ("RSA_2048", &["RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_512"], "DIGEST", 64),
];

#[tokio::test]
async fn a_digest_has_its_algorithms_length() {
    let world = world().await;
    for (spec, algorithms, kind, length) in DIGESTS {
        let (id, _) = key(&world, json!({"KeySpec": spec, "KeyUsage": "SIGN_VERIFY"})).await;
        for algorithm in *algorithms {
            let wrong =
                format!("400 ValidationException: Digest is invalid length for algorithm {algorithm}.");
            for (given, expected) in
                [(1, &*wrong), (length - 1, &wrong), (*length, "200"), (length + 1, &wrong), (4096, &wrong)]
            {
                let mut input = json!({"KeyId": id, "SigningAlgorithm": algorithm, "MessageType": kind, "Message": bytes(given)});
                let answer = call(&world, &world.root, "kms:Sign", input.clone()).await;
                assert_eq!(outcome(&answer), expected, "Sign {algorithm} {given}");
                input["Signature"] = match answer.status {
                    200 => answer.text("/Signature").into(),
                    _ => bytes(64).into(),
                };
                assert_eq!(told(&world, "Verify", &input).await, expected, "Verify {algorithm} {given}");
            }
        }
    }
}

/// The service has no limit of its own that AWS's pages tell of: the request's limits are the context's.
#[tokio::test]
async fn an_encryption_context_is_as_large_as_a_request() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let encrypt = |context: &Value| json!({"KeyId": id, "Plaintext": "aGk=", "EncryptionContext": context});
    let of_bytes = |count: usize| json!({"a": "x".repeat(count)});
    let of_pairs = |count: usize| {
        let pairs = (0..count).map(|number| (format!("{number:x}"), Value::from("")));
        Value::Object(pairs.collect())
    };
    let (large, many) = (
        "413 RequestEntityTooLargeException: Request size exceeded the maximum allowed size.",
        "400 SerializationException: The request is nested too deeply or holds too many values.",
    );
    for (what, context, refused) in
        [("1 MiB", of_bytes(1 << 20), large), ("65,536 pairs", of_pairs(1 << 16), many)]
    {
        for (operation, input) in [
            ("Encrypt", encrypt(&context)),
            ("Decrypt", json!({"CiphertextBlob": bytes(100), "EncryptionContext": context})),
            ("GenerateDataKey", json!({"KeyId": id, "KeySpec": "AES_256", "EncryptionContext": context})),
        ] {
            assert_eq!(told(&world, operation, &input).await, refused, "{operation} with {what}");
            let record: Value = serde_json::from_str(&world.records(1).await).unwrap();
            assert_eq!(record["eventName"], operation, "{what}");
            assert!(refused.contains(record["errorCode"].as_str().unwrap()), "{what}");
        }
    }
    for (what, context) in [("900 KB", of_bytes(900_000)), ("60,000 pairs", of_pairs(60_000))] {
        let made = call(&world, &world.root, "kms:Encrypt", encrypt(&context)).await.ok();
        let record: Value = serde_json::from_str(&world.records(1).await).unwrap();
        assert_eq!(record["requestParameters"], Value::Null, "{what} are too many for a record");
        let blob = made.text("/CiphertextBlob");
        let decrypt = |context: &Value| json!({"CiphertextBlob": blob, "EncryptionContext": context});
        let opened = call(&world, &world.root, "kms:Decrypt", decrypt(&context)).await.ok();
        assert_eq!(opened.text("/Plaintext"), "aGk=", "{what}");
        let mut other = context.clone();
        let last = other.as_object().unwrap().keys().next_back().unwrap().clone();
        other[last] = "y".into();
        assert_eq!(
            told(&world, "Decrypt", &decrypt(&other)).await,
            "400 InvalidCiphertextException: ",
            "{what}"
        );
    }
}

/// A grant's constraint is stored, and read at each decision: it has limits of its own.
#[tokio::test]
async fn a_grants_constraint_holds_eight_short_pairs() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let mut lines = String::new();
    let long = "x".repeat(385);
    for (what, context) in [
        ("8 pairs", (0..8).map(|number| (number.to_string(), "x".repeat(384))).collect::<Vec<_>>()),
        ("9 pairs", (0..9).map(|number| (number.to_string(), String::new())).collect()),
        ("a long value", vec![("a".to_owned(), long.clone())]),
        ("a long key", vec![(long, "a".to_owned())]),
    ] {
        let context: Value = context
            .into_iter()
            .map(|(key, value)| (key, Value::from(value)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        for constraint in ["EncryptionContextEquals", "EncryptionContextSubset"] {
            let input = json!({
                "KeyId": id,
                "GranteePrincipal": "arn:aws:iam::111122223333:root",
                "Operations": ["Encrypt"],
                "Constraints": {constraint: context},
            });
            writeln!(lines, "{constraint}, {what}: {}", told(&world, "CreateGrant", &input).await).unwrap();
        }
    }
    insta::assert_snapshot!(lines, @"
    EncryptionContextEquals, 8 pairs: 200
    EncryptionContextSubset, 8 pairs: 200
    EncryptionContextEquals, 9 pairs: 400 ValidationException: A grant constraint holds at most 8 encryption context pairs.
    EncryptionContextSubset, 9 pairs: 400 ValidationException: A grant constraint holds at most 8 encryption context pairs.
    EncryptionContextEquals, a long value: 400 ValidationException: A grant constraint's keys and values have at most 384 characters.
    EncryptionContextSubset, a long value: 400 ValidationException: A grant constraint's keys and values have at most 384 characters.
    EncryptionContextEquals, a long key: 400 ValidationException: A grant constraint's keys and values have at most 384 characters.
    EncryptionContextSubset, a long key: 400 ValidationException: A grant constraint's keys and values have at most 384 characters.
    ");
}

fn tags(count: usize) -> Value {
    (0..count).map(|number| json!({"TagKey": format!("t{number}"), "TagValue": "v"})).collect()
}

/// A policy that lets the root user do everything, of that many bytes.
fn policy(length: usize) -> String {
    let policy = |sid: &str| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Sid": sid, "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*",
        }]})
        .to_string()
    };
    policy(&"x".repeat(length - policy("").len()))
}

#[tokio::test]
async fn policies_and_tags_are_limited_wherever_they_come_in() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let mut lines = String::new();
    for (what, rest) in [
        ("a policy of 32,768 bytes", json!({"Policy": policy(32_768)})),
        ("a policy of 32,769 bytes", json!({"Policy": policy(32_769)})),
        ("50 tags", json!({"Tags": tags(50)})),
        ("51 tags", json!({"Tags": tags(51)})),
    ] {
        let (primary, _) = key(&world, json!({"MultiRegion": true})).await;
        let with = |mut input: Value| {
            input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            input
        };
        let mut inputs = vec![
            ("CreateKey", with(json!({}))),
            ("ReplicateKey", with(json!({"KeyId": primary, "ReplicaRegion": "eu-west-1"}))),
        ];
        inputs.push(match rest.get("Tags") {
            Some(_) => ("TagResource", with(json!({"KeyId": id}))),
            None => ("PutKeyPolicy", with(json!({"KeyId": id}))),
        });
        for (operation, input) in inputs {
            writeln!(lines, "{operation}, {what}: {}", told(&world, operation, &input).await).unwrap();
        }
    }
    insta::assert_snapshot!(lines, @"
    CreateKey, a policy of 32,768 bytes: 200
    ReplicateKey, a policy of 32,768 bytes: 200
    PutKeyPolicy, a policy of 32,768 bytes: 200
    CreateKey, a policy of 32,769 bytes: 400 LimitExceededException: The key policy has 32769 bytes; the quota is 32768.
    ReplicateKey, a policy of 32,769 bytes: 400 LimitExceededException: The key policy has 32769 bytes; the quota is 32768.
    PutKeyPolicy, a policy of 32,769 bytes: 400 LimitExceededException: The key policy has 32769 bytes; the quota is 32768.
    CreateKey, 50 tags: 200
    ReplicateKey, 50 tags: 200
    TagResource, 50 tags: 200
    CreateKey, 51 tags: 400 TagException: Too many tags
    ReplicateKey, 51 tags: 400 TagException: Too many tags
    TagResource, 51 tags: 400 TagException: Too many tags
    ");
}

#[tokio::test]
async fn an_alias_moves_only_to_a_key_that_may_have_another() {
    let world = world().await;
    let ((full, _), (other, _)) = (key(&world, json!({})).await, key(&world, json!({})).await);
    for number in 0..50 {
        let input = json!({"AliasName": format!("alias/{number}"), "TargetKeyId": full});
        assert_eq!(told(&world, "CreateAlias", &input).await, "200");
    }
    assert_eq!(
        told(&world, "CreateAlias", &json!({"AliasName": "alias/one", "TargetKeyId": other})).await,
        "200"
    );
    let update = json!({"AliasName": "alias/one", "TargetKeyId": full});
    assert_eq!(
        told(&world, "UpdateAlias", &update).await,
        "400 LimitExceededException: Aliases per key quota for this account in this region is 50, current usage is 50."
    );
    // It is where it was.
    let listed = call(&world, &world.root, "kms:ListAliases", json!({"KeyId": other})).await.ok();
    assert_eq!(listed.text("/Aliases/0/AliasName"), "alias/one");
    // One that is already there is none too many.
    assert_eq!(
        told(&world, "UpdateAlias", &json!({"AliasName": "alias/7", "TargetKeyId": full})).await,
        "200"
    );
}
