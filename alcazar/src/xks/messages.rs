//! Requests and answers as JSON.

use alcazar_core::{SecretBytes, SecretText};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::fault::{GateFault, ProxyRefusal};
use super::parts::SealedParts;

/// What this proxy takes: the least that the specification demands.
const PLAINTEXT_LIMIT: usize = 4300;
const AUTHENTICATED_LIMIT: usize = 8192;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfMetadata {
    pub(super) request_metadata: RequestMetadata,
}

/// What the other KMS says of its caller. It is believed to nobody's advantage: it is recorded.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestMetadata {
    kms_request_id: String,
    kms_operation: String,
    #[serde(default)]
    aws_principal_arn: Option<String>,
    #[serde(default)]
    kms_key_arn: Option<String>,
    #[serde(default)]
    kms_via_service: Option<String>,
}

impl RequestMetadata {
    /// Of a request that is made for a caller: who it is must be said.
    pub(super) fn for_somebody(&self) -> Result<&Self, ProxyRefusal> {
        match self.aws_principal_arn {
            Some(_) => Ok(self),
            None => Err(invalid("awsPrincipalArn is required")),
        }
    }

    /// In one line, for the record.
    pub(super) fn agent(&self) -> Result<String, ProxyRefusal> {
        let mut agent =
            format!("kms-xks-proxy kmsOperation={} kmsRequestId={}", self.kms_operation, self.kms_request_id);
        for (name, value) in [
            ("awsPrincipalArn", &self.aws_principal_arn),
            ("kmsKeyArn", &self.kms_key_arn),
            ("kmsViaService", &self.kms_via_service),
        ] {
            if let Some(value) = value {
                agent.push_str(&format!(" {name}={value}"));
            }
        }
        // Two ARNs of 2048 characters, and the rest.
        if agent.len() > 6000 {
            return Err(invalid("requestMetadata is too long"));
        }
        Ok(agent.chars().filter(|c| !c.is_control()).collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EncryptRequest {
    pub(super) request_metadata: RequestMetadata,
    #[serde(default)]
    additional_authenticated_data: Option<String>,
    plaintext: SecretText,
    encryption_algorithm: String,
    #[serde(default)]
    ciphertext_data_integrity_value_algorithm: Option<String>,
}

impl EncryptRequest {
    /// The plaintext and what is to be authenticated with it.
    pub(super) fn checked(&self) -> Result<(SecretBytes, Vec<u8>), ProxyRefusal> {
        algorithm(&self.encryption_algorithm)?;
        if self.ciphertext_data_integrity_value_algorithm.as_deref().is_some_and(|name| name != "SHA_256") {
            return Err(invalid("ciphertextDataIntegrityValueAlgorithm must be SHA_256"));
        }
        let plaintext = SecretBytes::new(bytes("plaintext", self.plaintext.expose())?);
        if plaintext.len() > PLAINTEXT_LIMIT {
            return Err(GateFault::Unsupported.because("the plaintext is too long".to_owned()));
        }
        Ok((plaintext, authenticated(self.additional_authenticated_data.as_deref())?))
    }

    pub(super) fn wants_integrity(&self) -> bool {
        self.ciphertext_data_integrity_value_algorithm.is_some()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecryptRequest {
    pub(super) request_metadata: RequestMetadata,
    #[serde(default)]
    additional_authenticated_data: Option<String>,
    encryption_algorithm: String,
    ciphertext: String,
    #[serde(default)]
    ciphertext_metadata: Option<String>,
    initialization_vector: String,
    authentication_tag: String,
}

impl DecryptRequest {
    /// The ciphertext and what was authenticated with it.
    pub(super) fn checked(&self) -> Result<(SealedParts, Vec<u8>), ProxyRefusal> {
        algorithm(&self.encryption_algorithm)?;
        let sealed = bytes("ciphertext", &self.ciphertext)?;
        if sealed.len() > PLAINTEXT_LIMIT {
            return Err(GateFault::Unsupported.because("the ciphertext is too long".to_owned()));
        }
        let vector = bytes("initializationVector", &self.initialization_vector)?;
        let metadata = bytes("ciphertextMetadata", self.ciphertext_metadata.as_deref().unwrap_or_default())?;
        let tag = bytes("authenticationTag", &self.authentication_tag)?;
        let parts = SealedParts::of(&vector, &metadata, &tag, sealed);
        let parts = parts.ok_or_else(|| GateFault::InvalidCiphertext.plain())?;
        Ok((parts, authenticated(self.additional_authenticated_data.as_deref())?))
    }
}

/// Reads a request.
pub(super) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, ProxyRefusal> {
    // What serde says may quote the input, which may be a plaintext.
    serde_json::from_slice(body)
        .map_err(|_| invalid("the request is no JSON object with the required members"))
}

/// An answer.
pub(super) fn answer(status: u16, body: &serde_json::Value) -> Response<Bytes> {
    told(status, Bytes::from(body.to_string()))
}

/// The answer that holds a plaintext; wiped when it is sent.
pub(super) fn opened(plaintext: &SecretBytes) -> Response<Bytes> {
    const BEFORE: &str = r#"{"plaintext":""#;
    const AFTER: &str = r#""}"#;
    let length = BEFORE.len() + plaintext.len().div_ceil(3) * 4 + AFTER.len();
    let mut body = Zeroizing::new(String::with_capacity(length));
    body.push_str(BEFORE);
    STANDARD.encode_string(plaintext.expose(), &mut body);
    body.push_str(AFTER);
    told(200, Bytes::from_owner(Wiped(body)))
}

struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn told(status: u16, body: Bytes) -> Response<Bytes> {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn algorithm(name: &str) -> Result<(), ProxyRefusal> {
    if name == "AES_GCM" { Ok(()) } else { Err(invalid("encryptionAlgorithm must be AES_GCM")) }
}

fn authenticated(text: Option<&str>) -> Result<Vec<u8>, ProxyRefusal> {
    let read = bytes("additionalAuthenticatedData", text.unwrap_or_default())?;
    match read.len() <= AUTHENTICATED_LIMIT {
        true => Ok(read),
        false => Err(GateFault::Unsupported.because("additionalAuthenticatedData is too long".to_owned())),
    }
}

fn bytes(name: &str, text: &str) -> Result<Vec<u8>, ProxyRefusal> {
    STANDARD.decode(text).map_err(|_| invalid(&format!("{name} is no Base64")))
}

fn invalid(what: &str) -> ProxyRefusal {
    GateFault::Validation.because(what.to_owned())
}
