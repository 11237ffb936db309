//! The external key store proxy: a gate by which keys of this installation back keys of another KMS, be it AWS's or another Alcazar's.
//!
//! An external key is a KMS key, by its key id. Whoever signs, with a credential that CreateXksProxyCredential made, acts as the user it was made
//! for; what is done is done by KMS's own operations, so that policies decide and the event history shows it, with what the other KMS says of
//! its caller as the user agent. The user needs kms:DescribeKey, kms:Encrypt and kms:Decrypt on the key, and kms:ListKeyRotations once it has been
//! rotated.
//! Source: AWS KMS External Key Store Proxy API Specification, version 1.0.2.

mod fault;
mod messages;
mod parts;
mod route;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use alcazar_core::schema::{Protocol, Service};
use alcazar_core::{Fault, Region, SecretBytes};
use alcazar_corridor::{Admitted, Arrival, Corridor, Unproven};
use alcazar_material::MaterialId;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::CONNECTION;
use http::{HeaderValue, Response, StatusCode};
use wire_kms::{IncludeKeyMaterial, KeyState, KeyUsageType};

use fault::{GateFault, ProxyRefusal};
use messages::{DecryptRequest, EncryptRequest, OfMetadata};
use parts::Parts;
use route::Asked;

/// The gate as its signers name it.
static SERVICE: Service = Service {
    id: "xks",
    service_id: "External Key Store Proxy",
    signing_name: "kms-xks-proxy",
    endpoint_prefix: "kms-xks-proxy",
    principal: "kms-xks-proxy",
    api_version: "v1",
    target_prefix: "",
    protocols: &[Protocol::RestJson],
    query_compatible: false,
    xml_namespace: None,
    global: false,
};

/// The gate.
pub(crate) struct XksGate {
    corridor: Arc<Corridor>,
    region: Region,
    /// `/prefix/kms/xks/v1`.
    base: String,
    /// Materials by key and the beginning of their id, which is all that a ciphertext carries. They never change.
    materials: Mutex<HashMap<(String, [u8; parts::PREFIX]), MaterialId>>,
}

/// The answer to a request whose body was not read: too long, too slow, broken off. Its connection ends.
pub(crate) fn unread(status: StatusCode) -> Response<Bytes> {
    let fault = match status {
        StatusCode::SERVICE_UNAVAILABLE => GateFault::Throttling,
        _ => GateFault::Validation,
    };
    let mut answer = fault.because("the request's body was not read".to_owned()).answer();
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// So many materials are remembered; then it begins anew.
const REMEMBERED: usize = 10_000;

impl XksGate {
    /// A gate to the keys of that Region, under that path prefix.
    pub(crate) fn new(corridor: Arc<Corridor>, region: Region, prefix: &str) -> Self {
        Self { corridor, region, base: format!("{prefix}/kms/xks/v1"), materials: Mutex::default() }
    }

    /// Answers a request.
    pub(crate) fn answer(&self, arrival: Arrival) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            match self.done(&arrival).await {
                Ok(answer) => answer,
                Err(refusal) => refusal.answer(),
            }
        })
    }

    async fn done(&self, arrival: &Arrival) -> Result<Response<Bytes>, ProxyRefusal> {
        let asked = route::route(&self.base, arrival)?;
        let admitted = self.corridor.admit_at(&SERVICE, arrival, self.region).await;
        let mut signer = admitted.map_err(|unproven| match unproven {
            Unproven::Signature => GateFault::AuthenticationFailed.plain(),
            Unproven::Inside(fault) => ProxyRefusal::of(fault),
        })?;
        match asked {
            Asked::Health => {
                let request: OfMetadata = messages::read(&arrival.body)?;
                signer.through(request.request_metadata.agent()?);
                health(&signer).await.map(|told| messages::answer(200, &told))
            }
            Asked::Metadata(key) => {
                let request: OfMetadata = messages::read(&arrival.body)?;
                signer.through(request.request_metadata.for_somebody()?.agent()?);
                metadata(&signer, key).await.map(|told| messages::answer(200, &told))
            }
            Asked::Encrypt(key) => {
                let request: EncryptRequest = messages::read(&arrival.body)?;
                signer.through(request.request_metadata.for_somebody()?.agent()?);
                self.encrypt(&signer, key, &request).await.map(|told| messages::answer(200, &told))
            }
            Asked::Decrypt(key) => {
                let request: DecryptRequest = messages::read(&arrival.body)?;
                signer.through(request.request_metadata.for_somebody()?.agent()?);
                self.decrypt(&signer, key, &request).await
            }
        }
    }

    async fn encrypt(
        &self,
        signer: &Admitted,
        key: &str,
        request: &EncryptRequest,
    ) -> Result<serde_json::Value, ProxyRefusal> {
        let (plaintext, authenticated) = request.checked()?;
        let mut input = wire_kms::EncryptRequest::new(key.to_owned(), plaintext);
        input.encryption_context = context(&authenticated);
        let made = signer.ask::<wire_kms::Encrypt>(input).await.map_err(ProxyRefusal::of)?;
        let blob = made.ciphertext_blob.unwrap_or_default();
        // A key that is itself in an external key store makes another kind of ciphertext.
        let parts = Parts::of(&blob).ok_or_else(|| GateFault::Unsupported.plain())?;
        self.remember(key, parts.material);
        Ok(parts.told(request.wants_integrity().then_some(authenticated.as_slice())))
    }

    async fn decrypt(
        &self,
        signer: &Admitted,
        key: &str,
        request: &DecryptRequest,
    ) -> Result<Response<Bytes>, ProxyRefusal> {
        let (sealed, authenticated) = request.checked()?;
        let material = self.material(signer, key, sealed.prefix).await?;
        let blob = sealed.blob(key, material).ok_or_else(|| GateFault::KeyNotFound.plain())?;
        let input = wire_kms::DecryptRequest {
            ciphertext_blob: Some(blob),
            key_id: Some(key.to_owned()),
            encryption_context: context(&authenticated),
            ..wire_kms::DecryptRequest::default()
        };
        let opened = signer.ask::<wire_kms::Decrypt>(input).await.map_err(ProxyRefusal::of)?;
        let plaintext = opened.plaintext.unwrap_or_else(|| SecretBytes::new(Vec::new()));
        Ok(messages::opened(&plaintext))
    }

    /// The material whose id begins so.
    async fn material(
        &self,
        signer: &Admitted,
        key: &str,
        prefix: [u8; parts::PREFIX],
    ) -> Result<MaterialId, ProxyRefusal> {
        if let Some(known) = self.remembered(key, prefix) {
            return Ok(known);
        }
        let mut marker = None;
        loop {
            let mut input = wire_kms::ListKeyRotationsRequest::new(key.to_owned());
            input.include_key_material = Some(IncludeKeyMaterial::AllKeyMaterial);
            input.marker = marker;
            let page = signer.ask::<wire_kms::ListKeyRotations>(input).await.map_err(ProxyRefusal::of)?;
            let ids = page.rotations.iter().flatten().filter_map(|entry| entry.key_material_id.as_deref());
            for id in ids.filter_map(MaterialId::from_text) {
                if id.as_bytes().starts_with(&prefix) {
                    self.remember(key, id);
                    return Ok(id);
                }
            }
            marker = page.next_marker;
            if marker.is_none() {
                return Err(GateFault::InvalidCiphertext.plain());
            }
        }
    }

    fn remembered(&self, key: &str, prefix: [u8; parts::PREFIX]) -> Option<MaterialId> {
        let known = self.materials.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(key.to_owned(), prefix)).copied()
    }

    fn remember(&self, key: &str, material: MaterialId) {
        let mut known = self.materials.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert((key.to_owned(), parts::prefix(material)), material);
    }
}

/// GetHealthStatus. Something is asked that is recorded, so that a store which cannot be written shows.
async fn health(signer: &Admitted) -> Result<serde_json::Value, ProxyRefusal> {
    let input = wire_sts::GetCallerIdentityRequest::default();
    let status = match signer.ask::<wire_sts::GetCallerIdentity>(input).await {
        Ok(_) => "ACTIVE",
        Err(fault) => {
            tracing::error!(%fault, "the external key store proxy finds its key manager unavailable");
            "UNAVAILABLE"
        }
    };
    let version = concat!("Alcazar ", env!("CARGO_PKG_VERSION"));
    Ok(serde_json::json!({
        "xksProxyFleetSize": 1,
        "xksProxyVendor": "Alcazar",
        "xksProxyModel": version,
        "ekmVendor": "Alcazar",
        "ekmFleetDetails": [{ "id": "alcazar", "model": version, "healthStatus": status }],
    }))
}

/// GetKeyMetadata.
async fn metadata(signer: &Admitted, key: &str) -> Result<serde_json::Value, ProxyRefusal> {
    let input = wire_kms::DescribeKeyRequest::new(key.to_owned());
    let told = signer.ask::<wire_kms::DescribeKey>(input).await.map_err(ProxyRefusal::of)?;
    let key = told.key_metadata.ok_or_else(|| ProxyRefusal::of(Fault::internal("a key without metadata")))?;
    let spec = match key.key_spec {
        Some(wire_kms::KeySpec::SymmetricDefault) => "AES_256".to_owned(),
        other => other.map(|spec| spec.to_string()).unwrap_or_default(),
    };
    let usage: &[&str] = match key.key_usage {
        // Its ciphertexts are of another kind.
        _ if key.custom_key_store_id.is_some() => &[],
        Some(KeyUsageType::EncryptDecrypt) => &["ENCRYPT", "DECRYPT"],
        Some(KeyUsageType::SignVerify) => &["SIGN", "VERIFY"],
        Some(KeyUsageType::GenerateVerifyMac) => &["GENERATE_MAC", "VERIFY_MAC"],
        Some(KeyUsageType::KeyAgreement | KeyUsageType::EncapsulateDecapsulate) => &["DERIVE"],
        None => &[],
    };
    let status = if key.key_state == Some(KeyState::Enabled) { "ENABLED" } else { "DISABLED" };
    Ok(serde_json::json!({ "keySpec": spec, "keyUsage": usage, "keyStatus": status }))
}

/// What is bound to the ciphertext, as an encryption context: a digest, so that any length fits into a record.
fn context(authenticated: &[u8]) -> Option<BTreeMap<String, String>> {
    let digest = STANDARD.encode(alcazar_sigv4::sha256(authenticated));
    Some(BTreeMap::from([("kms-xks-proxy:aad-sha256".to_owned(), digest)]))
}

#[cfg(test)]
mod tests;
