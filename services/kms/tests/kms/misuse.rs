//! What each operation answers on a key of each kind, with each algorithm: everything that is wrong is refused by usage first, then by algorithm
//! or spec. A letter stands for a refusal in its exact words.
//! Source: KMS Developer Guide, "Key spec reference" and "Key type reference".

use std::collections::BTreeMap;

use alcazar_material::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, SigningAlgorithm,
};
use alcazar_testkit::{Answer, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::people::{call, key, outcome, world};

const MISUSED: &str = "400 InvalidKeyUsageException";
const UNSUPPORTED: &str = "400 UnsupportedOperationException";
const INCORRECT: &str = "400 IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.";

/// A key of one kind.
struct Kind {
    spec: &'static str,
    usage: &'static str,
    id: String,
    arn: String,
    /// What it made, by algorithm: signatures, MACs, ciphertexts.
    made: BTreeMap<String, String>,
}

/// An operation with the algorithms that it takes; a name for those that take none.
type Column = (&'static str, Vec<&'static str>);

fn columns() -> Vec<Column> {
    let encryption: Vec<_> = EncryptionAlgorithm::ALL.iter().map(|algorithm| algorithm.text()).collect();
    let signing: Vec<_> = SigningAlgorithm::ALL.iter().map(|algorithm| algorithm.text()).collect();
    let macs: Vec<_> = MacAlgorithm::ALL.iter().map(|algorithm| algorithm.text()).collect();
    let capsules: Vec<_> = EncapsulationAlgorithm::ALL.iter().map(|algorithm| algorithm.text()).collect();
    vec![
        ("Encrypt", encryption.clone()),
        ("Decrypt", encryption.clone()),
        ("ReEncrypt", encryption),
        ("GenerateDataKey", vec!["AES_256"]),
        ("GenerateDataKeyWithoutPlaintext", vec!["AES_256"]),
        ("GenerateDataKeyPair", vec!["ECC_NIST_P256"]),
        ("GenerateDataKeyPairWithoutPlaintext", vec!["ECC_NIST_P256"]),
        ("Sign", signing.clone()),
        ("Verify", signing),
        ("GenerateMac", macs.clone()),
        ("VerifyMac", macs),
        ("DeriveSharedSecret", vec!["ECDH"]),
        ("Encapsulate", capsules.clone()),
        ("Decapsulate", capsules),
        ("GetPublicKey", vec!["-"]),
        ("EnableKeyRotation", vec!["-"]),
        ("GetKeyRotationStatus", vec!["-"]),
        ("RotateKeyOnDemand", vec!["-"]),
        ("DisableKeyRotation", vec!["-"]),
    ]
}

async fn kinds(world: &World) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for spec in KeySpec::ALL.into_iter().filter(|spec| spec.is_supported()) {
        for usage in spec.usages() {
            let (spec, usage) = (spec.text(), usage.text());
            let (id, arn) = key(world, json!({"KeySpec": spec, "KeyUsage": usage})).await;
            kinds.push(Kind { spec, usage, id, arn, made: BTreeMap::new() });
        }
    }
    kinds
}

/// A message as the algorithm takes it.
fn message(algorithm: &str) -> (&'static str, String) {
    match algorithm {
        "ED25519_PH_SHA_512" => ("DIGEST", STANDARD.encode([0; 64])),
        _ => ("RAW", STANDARD.encode("hello")),
    }
}

/// The input of a call that is right in all but, perhaps, the key and the algorithm.
fn input(operation: &str, algorithm: &str, kind: &Kind, other: &Kind) -> Value {
    let id = &kind.id;
    let made = |of: &str| kind.made.get(&format!("{of} {algorithm}"));
    let (message_type, message) = message(algorithm);
    // Who has made none presents another key's.
    let blob = made("Encrypt").or(other.made.get("Encrypt SYMMETRIC_DEFAULT")).cloned();
    let anything = || STANDARD.encode([7; 768]);
    match operation {
        "Encrypt" => json!({"KeyId": id, "Plaintext": "aGVsbG8=", "EncryptionAlgorithm": algorithm}),
        "Decrypt" => json!({"KeyId": id, "CiphertextBlob": blob, "EncryptionAlgorithm": algorithm}),
        "ReEncrypt" => json!({
            "CiphertextBlob": other.made["Encrypt SYMMETRIC_DEFAULT"],
            "DestinationKeyId": id,
            "DestinationEncryptionAlgorithm": algorithm,
        }),
        "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => json!({"KeyId": id, "KeySpec": algorithm}),
        "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => {
            json!({"KeyId": id, "KeyPairSpec": algorithm})
        }
        "Sign" => {
            json!({"KeyId": id, "Message": message, "MessageType": message_type, "SigningAlgorithm": algorithm})
        }
        "Verify" => json!({
            "KeyId": id,
            "Message": message,
            "MessageType": message_type,
            "SigningAlgorithm": algorithm,
            "Signature": made("Sign").cloned().unwrap_or_else(anything),
        }),
        "GenerateMac" => json!({"KeyId": id, "Message": message, "MacAlgorithm": algorithm}),
        "VerifyMac" => json!({
            "KeyId": id,
            "Message": message,
            "MacAlgorithm": algorithm,
            "Mac": made("GenerateMac").cloned().unwrap_or_else(anything),
        }),
        "DeriveSharedSecret" => json!({
            "KeyId": id,
            "KeyAgreementAlgorithm": algorithm,
            "PublicKey": kind.made.get("GetPublicKey -").cloned().unwrap_or_else(anything),
        }),
        "Encapsulate" => json!({"KeyId": id, "EncapsulationAlgorithm": algorithm}),
        "Decapsulate" => json!({
            "KeyId": id,
            "EncapsulationAlgorithm": algorithm,
            "SharedSecretCiphertextBlob": made("Encapsulate").cloned().unwrap_or_else(anything),
        }),
        _ => json!({"KeyId": id}),
    }
}

/// The letter of an outcome, by its exact words; the words themselves for any other.
fn letter(told: &str, operation: &str, algorithm: &str, kind: &Kind) -> String {
    let Kind { spec, usage, arn, .. } = kind;
    let asked = if operation == "ReEncrypt" { "ReEncryptTo" } else { operation };
    // What a data key is encrypted with.
    let algorithm = if operation.starts_with("GenerateDataKey") { "SYMMETRIC_DEFAULT" } else { algorithm };
    let words = [
        ("+", "200".to_owned()),
        ("u", format!("{MISUSED}: {arn} key usage is {usage} which is not valid for {asked}.")),
        ("a", format!("{MISUSED}: Algorithm {algorithm} is incompatible with key spec {spec}.")),
        ("s", format!("{UNSUPPORTED}: {arn} key spec is {spec} which is not valid for this operation.")),
        ("k", INCORRECT.to_owned()),
    ];
    let known = words.iter().find(|(_, words)| words == told);
    known.map_or_else(|| format!("[{told}]"), |(letter, _)| (*letter).to_owned())
}

/// What a call made that other calls need.
fn made(operation: &str, answer: &Answer) -> Option<String> {
    let member = match operation {
        "Encrypt" => "CiphertextBlob",
        "Sign" => "Signature",
        "GenerateMac" => "Mac",
        "Encapsulate" => "SharedSecretCiphertextBlob",
        "GetPublicKey" => "PublicKey",
        _ => return None,
    };
    Some(answer.json()[member].as_str()?.to_owned())
}

#[tokio::test]
async fn every_usage_spec_and_algorithm_that_is_wrong_is_refused() {
    let world = world().await;
    let root = &world.root;
    let mut kinds = kinds(&world).await;
    // A key and a ciphertext of its own for those that can make none.
    let (id, arn) = key(&world, json!({})).await;
    let blob = call(&world, root, "kms:Encrypt", json!({"KeyId": id, "Plaintext": "aGVsbG8="})).await.ok();
    let made_by_other = [("Encrypt SYMMETRIC_DEFAULT".to_owned(), blob.text("/CiphertextBlob"))];
    let other =
        Kind { spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", id, arn, made: made_by_other.into() };
    for kind in &mut kinds {
        let public = call(&world, root, "kms:GetPublicKey", json!({"KeyId": kind.id})).await;
        kind.made.extend(made("GetPublicKey", &public).map(|key| ("GetPublicKey -".to_owned(), key)));
    }
    let mut lines = vec![String::new()];
    for (operation, algorithms) in columns() {
        lines.push(format!("{operation}: {}", algorithms.join(" ")));
        // Kinds of one usage that are told the same stand in one line.
        let mut same: Vec<(String, Vec<&str>)> = Vec::new();
        for kind in &mut kinds {
            let mut letters = Vec::new();
            for algorithm in &algorithms {
                let input = input(operation, algorithm, kind, &other);
                let answer = call(&world, root, &format!("kms:{operation}"), input).await;
                if answer.status == 200 {
                    let made = made(operation, &answer);
                    kind.made.extend(made.map(|made| (format!("{operation} {algorithm}"), made)));
                }
                letters.push(letter(&outcome(&answer), operation, algorithm, kind));
            }
            let row = format!("{}  {}", letters.join(" "), kind.usage);
            match same.iter_mut().find(|(told, _)| *told == row) {
                Some((_, specs)) => specs.push(kind.spec),
                None => same.push((row, vec![kind.spec])),
            }
        }
        lines.extend(same.iter().map(|(row, specs)| format!("  {row}: {}", specs.join(" "))));
    }
    insta::assert_snapshot!(lines.join("\n"), @"

    Encrypt: SYMMETRIC_DEFAULT RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256 SM2PKE
      a + + a  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      u u u u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u u u u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      + a a a  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      u u u u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      u u u u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    Decrypt: SYMMETRIC_DEFAULT RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256 SM2PKE
      k + + a  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      k u u u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      k u u u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      + a a a  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      k u u u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      k u u u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    ReEncrypt: SYMMETRIC_DEFAULT RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256 SM2PKE
      a + + a  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      u u u u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u u u u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      + a a a  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      u u u u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      u u u u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    GenerateDataKey: AES_256
      a  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    GenerateDataKeyWithoutPlaintext: AES_256
      a  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    GenerateDataKeyPair: ECC_NIST_P256
      a  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    GenerateDataKeyPairWithoutPlaintext: ECC_NIST_P256
      a  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    Sign: RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 RSASSA_PSS_SHA_512 RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 RSASSA_PKCS1_V1_5_SHA_512 ECDSA_SHA_256 ECDSA_SHA_384 ECDSA_SHA_512 SM2DSA ML_DSA_SHAKE_256 ED25519_SHA_512 ED25519_PH_SHA_512
      u u u u u u u u u u u u u  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096 SYMMETRIC_DEFAULT
      + + + + + + a a a a a a a  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096
      a a a a a a + a a a a a a  SIGN_VERIFY: ECC_NIST_P256 ECC_SECG_P256K1
      u u u u u u u u u u u u u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      a a a a a a a + a a a a a  SIGN_VERIFY: ECC_NIST_P384
      a a a a a a a a + a a a a  SIGN_VERIFY: ECC_NIST_P521
      u u u u u u u u u u u u u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      a a a a a a a a a a + a a  SIGN_VERIFY: ML_DSA_44 ML_DSA_65 ML_DSA_87
      a a a a a a a a a a a + +  SIGN_VERIFY: ECC_NIST_EDWARDS25519
      u u u u u u u u u u u u u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    Verify: RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 RSASSA_PSS_SHA_512 RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 RSASSA_PKCS1_V1_5_SHA_512 ECDSA_SHA_256 ECDSA_SHA_384 ECDSA_SHA_512 SM2DSA ML_DSA_SHAKE_256 ED25519_SHA_512 ED25519_PH_SHA_512
      u u u u u u u u u u u u u  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096 SYMMETRIC_DEFAULT
      + + + + + + a a a a a a a  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096
      a a a a a a + a a a a a a  SIGN_VERIFY: ECC_NIST_P256 ECC_SECG_P256K1
      u u u u u u u u u u u u u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      a a a a a a a + a a a a a  SIGN_VERIFY: ECC_NIST_P384
      a a a a a a a a + a a a a  SIGN_VERIFY: ECC_NIST_P521
      u u u u u u u u u u u u u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      a a a a a a a a a a + a a  SIGN_VERIFY: ML_DSA_44 ML_DSA_65 ML_DSA_87
      a a a a a a a a a a a + +  SIGN_VERIFY: ECC_NIST_EDWARDS25519
      u u u u u u u u u u u u u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    GenerateMac: HMAC_SHA_224 HMAC_SHA_256 HMAC_SHA_384 HMAC_SHA_512
      u u u u  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096 SYMMETRIC_DEFAULT
      u u u u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u u u u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      + a a a  GENERATE_VERIFY_MAC: HMAC_224
      a + a a  GENERATE_VERIFY_MAC: HMAC_256
      a a + a  GENERATE_VERIFY_MAC: HMAC_384
      a a a +  GENERATE_VERIFY_MAC: HMAC_512
      u u u u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    VerifyMac: HMAC_SHA_224 HMAC_SHA_256 HMAC_SHA_384 HMAC_SHA_512
      u u u u  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096 SYMMETRIC_DEFAULT
      u u u u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u u u u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      + a a a  GENERATE_VERIFY_MAC: HMAC_224
      a + a a  GENERATE_VERIFY_MAC: HMAC_256
      a a + a  GENERATE_VERIFY_MAC: HMAC_384
      a a a +  GENERATE_VERIFY_MAC: HMAC_512
      u u u u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    DeriveSharedSecret: ECDH
      u  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096 SYMMETRIC_DEFAULT
      u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      +  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      u  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    Encapsulate: ML_KEM
      u  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096 SYMMETRIC_DEFAULT
      u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      +  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    Decapsulate: ML_KEM
      u  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096 SYMMETRIC_DEFAULT
      u  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      u  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      u  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      +  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    GetPublicKey: -
      +  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      +  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      +  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      s  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      s  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      +  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    EnableKeyRotation: -
      s  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      s  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      s  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      s  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      s  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    GetKeyRotationStatus: -
      s  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      s  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      s  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      s  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      s  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    RotateKeyOnDemand: -
      s  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      s  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      s  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      s  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      s  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    DisableKeyRotation: -
      s  ENCRYPT_DECRYPT: RSA_2048 RSA_3072 RSA_4096
      s  SIGN_VERIFY: RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519
      s  KEY_AGREEMENT: ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521
      +  ENCRYPT_DECRYPT: SYMMETRIC_DEFAULT
      s  GENERATE_VERIFY_MAC: HMAC_224 HMAC_256 HMAC_384 HMAC_512
      s  ENCAPSULATE_DECAPSULATE: ML_KEM_512 ML_KEM_768 ML_KEM_1024
    ");
}

/// Spec and usage that CreateKey takes together, and no others.
#[tokio::test]
async fn no_key_is_made_whose_usage_its_spec_does_not_have() {
    let world = world().await;
    let mut taken = Vec::new();
    for spec in KeySpec::ALL {
        for usage in KeyUsage::ALL {
            let (spec, usage) = (spec.text(), usage.text());
            // Without material, so that no RSA key is made.
            let input = json!({"KeySpec": spec, "KeyUsage": usage, "Origin": "EXTERNAL"});
            let told = outcome(&call(&world, &world.root, "kms:CreateKey", input).await);
            let words = [
                format!("400 ValidationException: KeyUsage {usage} is not compatible with KeySpec {spec}"),
                format!("400 UnsupportedOperationException: KeySpec {spec} is not supported."),
                format!(
                    "400 UnsupportedOperationException: KeySpec {spec} is not supported for Origin EXTERNAL."
                ),
            ];
            match words.iter().position(|words| *words == told) {
                Some(0) => {}
                Some(1) => taken.push(format!("{spec} {usage} is not built")),
                Some(_) => taken.push(format!("{spec} {usage} is not imported")),
                None => taken.push(format!("{spec} {usage} {told}")),
            }
        }
    }
    insta::assert_snapshot!(taken.join("\n"), @"
    RSA_2048 SIGN_VERIFY 200
    RSA_2048 ENCRYPT_DECRYPT 200
    RSA_3072 SIGN_VERIFY 200
    RSA_3072 ENCRYPT_DECRYPT 200
    RSA_4096 SIGN_VERIFY 200
    RSA_4096 ENCRYPT_DECRYPT 200
    ECC_NIST_P256 SIGN_VERIFY 200
    ECC_NIST_P256 KEY_AGREEMENT 200
    ECC_NIST_P384 SIGN_VERIFY 200
    ECC_NIST_P384 KEY_AGREEMENT 200
    ECC_NIST_P521 SIGN_VERIFY 200
    ECC_NIST_P521 KEY_AGREEMENT 200
    ECC_SECG_P256K1 SIGN_VERIFY 200
    SYMMETRIC_DEFAULT ENCRYPT_DECRYPT 200
    HMAC_224 GENERATE_VERIFY_MAC 200
    HMAC_256 GENERATE_VERIFY_MAC 200
    HMAC_384 GENERATE_VERIFY_MAC 200
    HMAC_512 GENERATE_VERIFY_MAC 200
    SM2 SIGN_VERIFY is not built
    SM2 ENCRYPT_DECRYPT is not built
    SM2 GENERATE_VERIFY_MAC is not built
    SM2 KEY_AGREEMENT is not built
    SM2 ENCAPSULATE_DECAPSULATE is not built
    ML_DSA_44 SIGN_VERIFY is not imported
    ML_DSA_65 SIGN_VERIFY is not imported
    ML_DSA_87 SIGN_VERIFY is not imported
    ECC_NIST_EDWARDS25519 SIGN_VERIFY is not imported
    ML_KEM_512 ENCAPSULATE_DECAPSULATE is not imported
    ML_KEM_768 ENCAPSULATE_DECAPSULATE is not imported
    ML_KEM_1024 ENCAPSULATE_DECAPSULATE is not imported
    ");
}
