//! The four operations of the proxy's API, as JSON.

use alcazar_core::{Arn, Shape};
use alcazar_corridor::{Call, Circumstances, JobCall, Operation};
use alcazar_material::ExternalCiphertext;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Proxy, ProxyError, ProxyFault};

/// On whose behalf KMS asks.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    aws_principal_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
    kms_operation: &'static str,
    kms_request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_via_service: Option<String>,
}

impl RequestMetadata {
    /// Of a call about a key; CreateKey has none yet.
    pub(crate) fn of<O: Operation>(call: &Call<O>, key: Option<&Arn>) -> Self {
        Self {
            aws_principal_arn: Some(call.caller().principal_arn().to_string()),
            kms_key_arn: key.map(ToString::to_string),
            ..Self::about_the_proxy(O::Shape::OPERATION.name, call.view().circumstances())
        }
    }

    /// Of a call about the proxy itself: it says no more than which operation it is.
    pub(crate) fn of_store<O: Operation>(call: &Call<O>) -> Self {
        let metadata = Self::about_the_proxy(O::Shape::OPERATION.name, call.view().circumstances());
        Self { kms_via_service: None, ..metadata }
    }

    /// Of a job.
    pub(crate) fn of_job(operation: &'static str, job: &JobCall) -> Self {
        Self::about_the_proxy(operation, job.view().circumstances())
    }

    fn about_the_proxy(operation: &'static str, circumstances: &Circumstances) -> Self {
        let service = circumstances.via.last().and_then(|service| service.split('.').next());
        Self {
            aws_principal_arn: None,
            kms_key_arn: None,
            kms_operation: operation,
            kms_request_id: circumstances.request_id.clone(),
            kms_via_service: service.map(str::to_owned),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfMetadata<'a> {
    request_metadata: &'a RequestMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    xks_proxy_fleet_size: u64,
    #[serde(rename = "xksProxyVendor")]
    _vendor: String,
    #[serde(rename = "xksProxyModel")]
    _model: String,
    #[serde(rename = "ekmVendor")]
    _manager_vendor: String,
    ekm_fleet_details: Vec<Keeper>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keeper {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "model")]
    _model: String,
    health_status: HealthStatus,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum HealthStatus {
    Active,
    Degraded,
    Unavailable,
}

/// GetHealthStatus: the proxy is there, knows us, and at least one external key manager can work.
pub(crate) async fn health(proxy: &Proxy, metadata: &RequestMetadata) -> Result<(), ProxyError> {
    let health: Health = proxy.ask("/health", &OfMetadata { request_metadata: metadata }).await?;
    let managers = &health.ekm_fleet_details;
    if health.xks_proxy_fleet_size == 0 || !(1..=10).contains(&managers.len()) {
        return Err(unreadable("a fleet has one member at least, and one to ten key managers"));
    }
    if managers.iter().all(|manager| manager.health_status == HealthStatus::Unavailable) {
        let detail = "all external key managers are unavailable".to_owned();
        return Err(ProxyError::new(ProxyFault::NoKeeper, detail));
    }
    Ok(())
}

/// What the proxy says of an external key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyMetadata {
    pub(crate) key_spec: String,
    pub(crate) key_usage: Vec<String>,
    pub(crate) key_status: String,
}

/// GetKeyMetadata.
pub(crate) async fn key_metadata(
    proxy: &Proxy,
    xks_key_id: &str,
    metadata: &RequestMetadata,
) -> Result<KeyMetadata, ProxyError> {
    let path = format!("/keys/{xks_key_id}/metadata");
    let told: KeyMetadata = proxy.ask(&path, &OfMetadata { request_metadata: metadata }).await?;
    if told.key_usage.len() > 10 {
        return Err(unreadable("a key has ten usages at most"));
    }
    Ok(told)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EncryptRequest<'a> {
    request_metadata: &'a RequestMetadata,
    additional_authenticated_data: String,
    plaintext: String,
    encryption_algorithm: &'static str,
    ciphertext_data_integrity_value_algorithm: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EncryptResponse {
    ciphertext: String,
    #[serde(default)]
    ciphertext_metadata: Option<String>,
    initialization_vector: String,
    authentication_tag: String,
    ciphertext_data_integrity_value: String,
}

/// Encrypt: the external key encrypts what KMS's own material has encrypted. The integrity value must be right.
pub(crate) async fn encrypt(
    proxy: &Proxy,
    xks_key_id: &str,
    metadata: &RequestMetadata,
    header: alcazar_material::Header,
    authenticated: &[u8],
    inner: &[u8],
) -> Result<ExternalCiphertext, ProxyError> {
    let request = EncryptRequest {
        request_metadata: metadata,
        additional_authenticated_data: STANDARD.encode(authenticated),
        plaintext: STANDARD.encode(inner),
        encryption_algorithm: "AES_GCM",
        ciphertext_data_integrity_value_algorithm: "SHA_256",
    };
    let told: EncryptResponse = proxy.ask(&format!("/keys/{xks_key_id}/encrypt"), &request).await?;
    let made = ExternalCiphertext {
        header,
        initialization_vector: bytes(&told.initialization_vector)?,
        metadata: bytes(told.ciphertext_metadata.as_deref().unwrap_or_default())?,
        tag: bytes(&told.authentication_tag)?,
        sealed: bytes(&told.ciphertext)?,
    };
    if !made.is_well_formed() || made.sealed.len() != inner.len() {
        return Err(unreadable("a part of its ciphertext is of a wrong length"));
    }
    if made.integrity(authenticated) != bytes(&told.ciphertext_data_integrity_value)? {
        return Err(unreadable("the ciphertext's integrity value is wrong"));
    }
    Ok(made)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DecryptRequest<'a> {
    request_metadata: &'a RequestMetadata,
    additional_authenticated_data: String,
    encryption_algorithm: &'static str,
    ciphertext: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphertext_metadata: Option<String>,
    initialization_vector: String,
    authentication_tag: String,
}

#[derive(Deserialize)]
struct DecryptResponse {
    plaintext: String,
}

/// Decrypt: the inner ciphertext, which KMS's own material opens.
pub(crate) async fn decrypt(
    proxy: &Proxy,
    xks_key_id: &str,
    metadata: &RequestMetadata,
    authenticated: &[u8],
    outer: &ExternalCiphertext,
) -> Result<Vec<u8>, ProxyError> {
    let request = DecryptRequest {
        request_metadata: metadata,
        additional_authenticated_data: STANDARD.encode(authenticated),
        encryption_algorithm: "AES_GCM",
        ciphertext: STANDARD.encode(&outer.sealed),
        ciphertext_metadata: (!outer.metadata.is_empty()).then(|| STANDARD.encode(&outer.metadata)),
        initialization_vector: STANDARD.encode(&outer.initialization_vector),
        authentication_tag: STANDARD.encode(&outer.tag),
    };
    let told: DecryptResponse = proxy.ask(&format!("/keys/{xks_key_id}/decrypt"), &request).await?;
    let inner = bytes(&told.plaintext)?;
    match inner.len() == outer.sealed.len() {
        true => Ok(inner),
        false => Err(unreadable("the plaintext is not as long as the ciphertext")),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedError {
    error_name: String,
    #[serde(default)]
    error_message: Option<String>,
}

/// How much of a proxy's own words goes to the log.
const LONGEST: usize = 512;

/// The error that an answer of that status names.
pub(super) fn named_error(status: StatusCode, body: &Bytes) -> ProxyError {
    let named: Option<NamedError> = serde_json::from_slice(body).ok();
    let is_error = status.is_client_error() || status.is_server_error();
    let known = named.as_ref().filter(|_| is_error).and_then(|named| ProxyFault::named(&named.error_name));
    let words = named.and_then(|named| named.error_message).unwrap_or_default();
    let words: String = words.chars().filter(|c| matches!(c, ' '..='~')).take(LONGEST).collect();
    ProxyError::new(known.unwrap_or(ProxyFault::Unreadable), format!("status {status} {words}"))
}

fn bytes(text: &str) -> Result<Vec<u8>, ProxyError> {
    STANDARD.decode(text).map_err(|_| unreadable("a member is no Base64"))
}

fn unreadable(what: &str) -> ProxyError {
    ProxyError::new(ProxyFault::Unreadable, what.to_owned())
}
