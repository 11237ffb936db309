use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use alcazar_testkit::{Credentials, World};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use super::*;

/// A world with the gate, a key, and somebody's credential for the gate.
struct Gate {
    world: World,
    gate: XksGate,
    key: String,
    credential: Credentials,
}

const ALLOWED: &[&str] = &["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ListKeyRotations"];

impl Gate {
    async fn open(actions: &[&str]) -> Self {
        let world = World::of(crate::server::SERVICES).await;
        let gate = XksGate::new(world.corridor.clone(), world.region, "/ours");
        let key = world.call("kms:CreateKey", "{}").await.ok().text("/KeyMetadata/KeyId");
        let credential = credential(&world, "alice", actions).await;
        Self { world, gate, key, credential }
    }

    /// What the gate answers: status and body.
    async fn ask(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(arrival(&self.world, &self.credential, Method::POST, path, body)).await
    }

    async fn send(&self, arrival: Arrival) -> (u16, Value) {
        let answer = self.gate.answer(arrival).await;
        assert_eq!(answer.headers()["content-type"], "application/json");
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
    }

    fn path(&self, operation: &str) -> String {
        format!("/ours/kms/xks/v1/keys/{}/{operation}", self.key)
    }

    async fn encrypt(&self, plaintext: &[u8], authenticated: &[u8]) -> Value {
        let body = encryption(plaintext, authenticated);
        let (status, told) = self.ask(&self.path("encrypt"), &body).await;
        assert_eq!(status, 200, "{told}");
        told
    }

    async fn decrypt(&self, told: &Value, authenticated: &[u8]) -> (u16, Value) {
        self.ask(&self.path("decrypt"), &decryption(told, authenticated)).await
    }
}

/// A user with these rights, and a credential of his for the gate.
async fn credential(world: &World, name: &str, actions: &[&str]) -> Credentials {
    let user = json!({ "UserName": name }).to_string();
    let _ = world.call("iam:CreateUser", &user).await.ok();
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let policy = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": document}).to_string();
    let _ = world.call("iam:PutUserPolicy", &policy).await.ok();
    let arn = json!({ "UserArn": format!("arn:aws:iam::111122223333:user/{name}") }).to_string();
    let made = world.call("alcazar:CreateXksProxyCredential", &arn).await.ok();
    Credentials {
        access_key_id: made.text("/Credential/AccessKeyId"),
        secret: made.text("/RawSecretAccessKey").into(),
        token: None,
    }
}

fn metadata_of(operation: &str) -> Value {
    json!({
        "awsPrincipalArn": "arn:aws:iam::123456789012:user/Alice",
        "kmsKeyArn": "arn:aws:kms:us-east-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "kmsOperation": operation,
        "kmsRequestId": "4112f4d6-db54-4af4-ae30-c55a22a8dfae",
    })
}

fn encryption(plaintext: &[u8], authenticated: &[u8]) -> Value {
    json!({
        "requestMetadata": metadata_of("Encrypt"),
        "additionalAuthenticatedData": STANDARD.encode(authenticated),
        "plaintext": STANDARD.encode(plaintext),
        "encryptionAlgorithm": "AES_GCM",
        "ciphertextDataIntegrityValueAlgorithm": "SHA_256",
    })
}

fn decryption(told: &Value, authenticated: &[u8]) -> Value {
    let mut body = json!({
        "requestMetadata": metadata_of("Decrypt"),
        "additionalAuthenticatedData": STANDARD.encode(authenticated),
        "encryptionAlgorithm": "AES_GCM",
    });
    for name in ["ciphertext", "ciphertextMetadata", "initializationVector", "authenticationTag"] {
        body[name] = told[name].clone();
    }
    body
}

/// A request as KMS signs it, in a Region of its own.
fn arrival(world: &World, who: &Credentials, method: Method, path: &str, body: &Value) -> Arrival {
    let body = body.to_string();
    let mut headers = vec![("host", "xks.example.com".to_owned())];
    let borrowed: Vec<(&str, &[u8])> = vec![("host", b"xks.example.com")];
    let request = alcazar_sigv4::Request { method: method.as_str(), path, query: "", headers: &borrowed };
    let credentials = alcazar_sigv4::Credentials {
        access_key_id: &who.access_key_id,
        secret: who.secret.expose(),
        token: None,
    };
    let signer = alcazar_sigv4::Signer { credentials, region: "eu-west-1", service: "kms-xks-proxy" };
    let time = alcazar_sigv4::Timestamp::from_unix(world.corridor.universe().clock.wall().seconds());
    let hash = alcazar_sigv4::Payload::Sha256(alcazar_sigv4::sha256(body.as_bytes()));
    headers.extend(signer.sign(&request, hash, time).headers);
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
    Arrival {
        method,
        path: path.to_owned(),
        query: String::new(),
        headers: headers.collect::<HeaderMap>(),
        body: body.into(),
        source: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
        secure: true,
    }
}

fn name((status, told): &(u16, Value)) -> String {
    format!("{status} {}", told["errorName"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn what_is_encrypted_is_decrypted_and_both_are_recorded_with_whom_they_are_for() {
    let gate = Gate::open(ALLOWED).await;
    let health = json!({"requestMetadata": {"kmsRequestId": "1", "kmsOperation": "KmsHealthCheck"}});
    let (status, told) = gate.ask("/ours/kms/xks/v1/health", &health).await;
    assert_eq!((status, &told["ekmFleetDetails"][0]["healthStatus"]), (200, &json!("ACTIVE")));
    let described = json!({"requestMetadata": metadata_of("CreateKey")});
    assert_eq!(
        gate.ask(&gate.path("metadata"), &described).await,
        (200, json!({"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}))
    );
    let told = gate.encrypt(b"inner", b"bound").await;
    let record: Value = serde_json::from_str(&gate.world.records(1).await).unwrap();
    assert_eq!(record["eventName"], "Encrypt");
    assert_eq!(record["userIdentity"]["userName"], "alice");
    assert_eq!(record["userIdentity"]["accessKeyId"], gate.credential.access_key_id.as_str());
    assert_eq!(record["sourceIPAddress"], "203.0.113.9");
    assert_eq!(
        record["userAgent"],
        "kms-xks-proxy kmsOperation=Encrypt kmsRequestId=4112f4d6-db54-4af4-ae30-c55a22a8dfae awsPrincipalArn=arn:aws:iam::123456789012:user/Alice kmsKeyArn=arn:aws:kms:us-east-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    );
    let length = |name: &str| STANDARD.decode(told[name].as_str().unwrap()).unwrap().len();
    assert_eq!(
        (length("ciphertext"), length("initializationVector"), length("authenticationTag")),
        (5, 16, 16)
    );
    assert!(length("ciphertextMetadata") <= 20);
    let bytes = |name: &str| STANDARD.decode(told[name].as_str().unwrap()).unwrap();
    let whole = [
        b"bound".to_vec(),
        bytes("ciphertextMetadata"),
        bytes("initializationVector"),
        bytes("ciphertext"),
        bytes("authenticationTag"),
    ];
    let value = STANDARD.encode(alcazar_sigv4::sha256(&whole.concat()));
    assert_eq!(told["ciphertextDataIntegrityValue"], value);
    assert_eq!(gate.decrypt(&told, b"bound").await, (200, json!({ "plaintext": STANDARD.encode(b"inner") })));
    assert_eq!(name(&gate.decrypt(&told, b"other").await), "400 InvalidCiphertextException");
}

#[tokio::test]
async fn every_part_of_a_ciphertext_is_authenticated() {
    let gate = Gate::open(ALLOWED).await;
    let told = gate.encrypt(b"inner", b"").await;
    for part in ["ciphertext", "ciphertextMetadata", "initializationVector", "authenticationTag"] {
        let mut bytes = STANDARD.decode(told[part].as_str().unwrap()).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            let mut altered = told.clone();
            altered[part] = STANDARD.encode(&bytes).into();
            let answer = gate.decrypt(&altered, b"").await;
            assert_eq!(name(&answer), "400 InvalidCiphertextException", "{part} byte {at}");
            bytes[at] ^= 1;
        }
    }
    assert_eq!(gate.decrypt(&told, b"").await.0, 200);
}

#[tokio::test]
async fn the_longest_that_must_be_taken_is_taken_and_no_more() {
    let gate = Gate::open(ALLOWED).await;
    let told = gate.encrypt(&[7; 4300], &[8; 8192]).await;
    assert_eq!(gate.decrypt(&told, &[8; 8192]).await.0, 200);
    for (plaintext, authenticated) in [(4301, 0), (0, 8193)] {
        let body = encryption(&vec![7; plaintext], &vec![8; authenticated]);
        let answer = gate.ask(&gate.path("encrypt"), &body).await;
        assert_eq!(name(&answer), "501 UnsupportedOperationException");
    }
    // KMS's own callers have their own limit all the same.
    let input = json!({"KeyId": gate.key, "Plaintext": STANDARD.encode([7; 4097])}).to_string();
    assert_eq!(gate.world.call("kms:Encrypt", &input).await.status, 400);
}

#[tokio::test]
async fn what_was_encrypted_before_a_rotation_is_decrypted_after_it() {
    let gate = Gate::open(ALLOWED).await;
    let told = gate.encrypt(b"inner", b"").await;
    let input = json!({ "KeyId": gate.key }).to_string();
    let _ = gate.world.call("kms:RotateKeyOnDemand", &input).await.ok();
    assert_eq!(gate.world.pass(Duration::ZERO).await, 1);
    assert_ne!(gate.encrypt(b"inner", b"").await["ciphertextMetadata"], told["ciphertextMetadata"]);
    assert_eq!(gate.decrypt(&told, b"").await.0, 200);
    // A gate that remembers nothing looks the material up.
    let anew = XksGate::new(gate.world.corridor.clone(), gate.world.region, "/ours");
    let gate = Gate { gate: anew, ..gate };
    assert_eq!(gate.decrypt(&told, b"").await.0, 200);
}

#[tokio::test]
async fn only_a_credential_of_the_gate_opens_it() {
    let gate = Gate::open(ALLOWED).await;
    let health = json!({"requestMetadata": {"kmsRequestId": "1", "kmsOperation": "KmsHealthCheck"}});
    let path = "/ours/kms/xks/v1/health";
    let denied = "401 AuthenticationFailedException";
    let api_key = arrival(&gate.world, &gate.world.root, Method::POST, path, &health);
    assert_eq!(name(&gate.send(api_key).await), denied, "a key of the API");
    let wrong = Credentials { secret: "another secret".to_owned().into(), ..gate.credential.clone() };
    assert_eq!(name(&gate.send(arrival(&gate.world, &wrong, Method::POST, path, &health)).await), denied);
    let mut unsigned = arrival(&gate.world, &gate.credential, Method::POST, path, &health);
    unsigned.headers.remove("authorization");
    assert_eq!(name(&gate.send(unsigned).await), denied);
    let mut altered = arrival(&gate.world, &gate.credential, Method::POST, path, &health);
    altered.body = Bytes::from_static(b"{}");
    assert_eq!(name(&gate.send(altered).await), denied, "the body is signed");
    let old = arrival(&gate.world, &gate.credential, Method::POST, path, &health);
    gate.world.clock.advance(Duration::from_secs(301));
    assert_eq!(name(&gate.send(old).await), denied, "five minutes are the most");
    assert_eq!(gate.ask(path, &health).await.0, 200);
    let delete = json!({"AccessKeyId": gate.credential.access_key_id}).to_string();
    let _ = gate.world.call("alcazar:DeleteXksProxyCredential", &delete).await.ok();
    assert_eq!(name(&gate.ask(path, &health).await), denied, "it was deleted");
}

#[tokio::test]
async fn refusals_have_the_specifications_names() {
    let gate = Gate::open(ALLOWED).await;
    let encrypt = encryption(b"inner", b"");
    let call = async |operation: &str, input: Value| {
        gate.world.call(operation, &input.to_string()).await.ok().json()
    };
    let signing = call("kms:CreateKey", json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    let disabled = call("kms:CreateKey", json!({})).await;
    let id = |key: &Value| key["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let disable = json!({ "KeyId": id(&disabled) }).to_string();
    let _ = gate.world.call("kms:DisableKey", &disable).await.ok();
    let of = |key: &str, operation: &str| format!("/ours/kms/xks/v1/keys/{key}/{operation}");
    let described = json!({"requestMetadata": metadata_of("CreateKey")});
    let without = |member: &str| {
        let mut body = encrypt.clone();
        body.as_object_mut().unwrap().remove(member);
        body
    };
    let with = |member: &str, value: Value| {
        let mut body = encrypt.clone();
        body[member] = value;
        body
    };
    let mut lines = Vec::new();
    for (what, path, body) in [
        ("another prefix", "/theirs/kms/xks/v1/health".to_owned(), described.clone()),
        ("another operation", gate.path("sign"), described.clone()),
        ("no such key", of("1234abcd-12ab-34cd-56ef-1234567890ab", "metadata"), described.clone()),
        ("no key's name", of("one", "metadata"), described.clone()),
        ("a signing key", of(&id(&signing), "encrypt"), encrypt.clone()),
        ("a disabled key", of(&id(&disabled), "encrypt"), encrypt.clone()),
        ("no metadata", gate.path("encrypt"), without("requestMetadata")),
        ("no plaintext", gate.path("encrypt"), without("plaintext")),
        ("no Base64", gate.path("encrypt"), with("plaintext", json!("!"))),
        ("another algorithm", gate.path("encrypt"), with("encryptionAlgorithm", json!("AES_CBC"))),
        ("another digest", gate.path("encrypt"), with("ciphertextDataIntegrityValueAlgorithm", json!("MD5"))),
        (
            "nobody",
            gate.path("encrypt"),
            with("requestMetadata", json!({"kmsRequestId": "1", "kmsOperation": "Encrypt"})),
        ),
        ("no JSON object", gate.path("encrypt"), json!("text")),
    ] {
        lines.push(format!("{what}: {}", name(&gate.ask(&path, &body).await)));
    }
    let stranger = credential(&gate.world, "bob", &["kms:DescribeKey"]).await;
    let path = gate.path("encrypt");
    let asked = arrival(&gate.world, &stranger, Method::POST, &path, &encrypt);
    lines.push(format!("a stranger: {}", name(&gate.send(asked).await)));
    let get = arrival(&gate.world, &gate.credential, Method::GET, &path, &encrypt);
    lines.push(format!("GET: {}", gate.send(get).await.0));
    assert_eq!(
        lines,
        [
            "another prefix: 404 InvalidUriPathException",
            "another operation: 404 InvalidUriPathException",
            "no such key: 404 KeyNotFoundException",
            "no key's name: 404 KeyNotFoundException",
            "a signing key: 400 InvalidKeyUsageException",
            "a disabled key: 400 InvalidStateException",
            "no metadata: 400 ValidationException",
            "no plaintext: 400 ValidationException",
            "no Base64: 400 ValidationException",
            "another algorithm: 400 ValidationException",
            "another digest: 400 ValidationException",
            "nobody: 400 ValidationException",
            "no JSON object: 400 ValidationException",
            "a stranger: 403 AccessDeniedException",
            "GET: 405",
        ]
    );
    let (_, told) = gate.ask(&of(&id(&disabled), "metadata"), &described).await;
    assert_eq!(told["keyStatus"], "DISABLED");
    let (_, told) = gate.ask(&of(&id(&signing), "metadata"), &described).await;
    assert_eq!((&told["keySpec"], &told["keyUsage"]), (&json!("ECC_NIST_P256"), &json!(["SIGN", "VERIFY"])));
}

#[tokio::test]
async fn a_multi_region_key_backs_others_too_and_one_in_a_key_store_does_not() {
    let gate = Gate::open(ALLOWED).await;
    let made = gate.world.call("kms:CreateKey", r#"{"MultiRegion": true}"#).await.ok();
    let gate = Gate { key: made.text("/KeyMetadata/KeyId"), ..gate };
    let told = gate.encrypt(b"inner", b"bound").await;
    assert_eq!(gate.decrypt(&told, b"bound").await.0, 200);

    let store = json!({
        "CustomKeyStoreName": "outside", "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyUriEndpoint": "https://xks.example.com",
        "XksProxyUriPath": "/kms/xks/v1",
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
            "RawSecretAccessKey": "an/external/key/store/proxys/secret/example/",
        },
    });
    let store = gate.world.call("kms:CreateCustomKeyStore", &store.to_string()).await.ok();
    let store = store.text("/CustomKeyStoreId");
    let connect = json!({ "CustomKeyStoreId": store }).to_string();
    let _ = gate.world.call("kms:ConnectCustomKeyStore", &connect).await.ok();
    assert_eq!(gate.world.pass(Duration::ZERO).await, 1);
    let key = json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "one"});
    let made = gate.world.call("kms:CreateKey", &key.to_string()).await.ok();
    let gate = Gate { key: made.text("/KeyMetadata/KeyId"), ..gate };
    let (_, told) =
        gate.ask(&gate.path("metadata"), &json!({"requestMetadata": metadata_of("CreateKey")})).await;
    assert_eq!(told["keyUsage"], json!([]));
    let answer = gate.ask(&gate.path("encrypt"), &encryption(b"inner", b"")).await;
    assert_eq!(name(&answer), "501 UnsupportedOperationException");
}
