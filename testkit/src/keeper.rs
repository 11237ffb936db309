//! An external key store proxy with its key manager, in good order, at `https://xks.example.com`, under any path prefix.
//!
//! What it calls encryption hides nothing, but it is bound to key, data and metadata as the specification wants. It has every key that it is asked
//! for, but for those called `missing...`.

use alcazar_ports::HttpError;
use alcazar_sigv4::sha256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

const VECTOR: [u8; 12] = [7; 12];
const METADATA: &[u8] = b"generation=1";

pub(crate) fn answer(request: &Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    if request.uri().host() != Some("xks.example.com") {
        return Err(HttpError::Unreachable("no such host".to_owned()));
    }
    let input: Value = serde_json::from_slice(request.body()).expect("KMS sends JSON");
    let path = request.uri().path();
    let asked = path.split_once("/kms/xks/v1/").map(|(_, asked)| asked.split('/').collect::<Vec<_>>());
    let (status, body) = match asked.as_deref() {
        Some(["health"]) => (200, health()),
        Some(["keys", id, _]) if id.starts_with("missing") => error(404, "KeyNotFoundException"),
        Some(["keys", _, "metadata"]) => {
            (200, json!({"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}))
        }
        Some(["keys", id, "encrypt"]) => (200, encrypt(id, &input)),
        Some(["keys", id, "decrypt"]) => decrypt(id, &input),
        _ => error(404, "InvalidUriPathException"),
    };
    Ok(Response::builder().status(status).body(Bytes::from(body.to_string())).expect("a response"))
}

fn health() -> Value {
    json!({
        "xksProxyFleetSize": 1, "xksProxyVendor": "test", "xksProxyModel": "test 1", "ekmVendor": "test",
        "ekmFleetDetails": [{"id": "one", "model": "test 1", "healthStatus": "ACTIVE"}],
    })
}

fn error(status: u16, name: &str) -> (u16, Value) {
    (status, json!({"errorName": name, "errorMessage": "in the proxy's own words"}))
}

fn encrypt(id: &str, input: &Value) -> Value {
    let (plaintext, aad) = (bytes(input, "plaintext"), bytes(input, "additionalAuthenticatedData"));
    let sealed = masked(&plaintext);
    let tag = tag(id, &aad, METADATA, &sealed);
    let integrity = [&aad, METADATA, &VECTOR, &sealed, &tag].concat();
    json!({
        "ciphertext": STANDARD.encode(&sealed),
        "ciphertextMetadata": STANDARD.encode(METADATA),
        "initializationVector": STANDARD.encode(VECTOR),
        "authenticationTag": STANDARD.encode(&tag),
        "ciphertextDataIntegrityValue": STANDARD.encode(sha256(&integrity)),
    })
}

fn decrypt(id: &str, input: &Value) -> (u16, Value) {
    let (sealed, aad) = (bytes(input, "ciphertext"), bytes(input, "additionalAuthenticatedData"));
    let metadata = bytes(input, "ciphertextMetadata");
    let right = tag(id, &aad, &metadata, &sealed) == bytes(input, "authenticationTag");
    if !right || bytes(input, "initializationVector") != VECTOR {
        return error(400, "InvalidCiphertextException");
    }
    (200, json!({"plaintext": STANDARD.encode(masked(&sealed))}))
}

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ 0x5a).collect()
}

fn tag(id: &str, aad: &[u8], metadata: &[u8], sealed: &[u8]) -> Vec<u8> {
    sha256(&[id.as_bytes(), &sha256(aad), &sha256(metadata), sealed].concat())[..16].to_vec()
}

fn bytes(input: &Value, name: &str) -> Vec<u8> {
    STANDARD.decode(input[name].as_str().unwrap_or_default()).expect("KMS sends Base64")
}
