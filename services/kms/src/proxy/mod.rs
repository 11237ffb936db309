//! The KMS side of the External Key Store Proxy API: what KMS asks the proxy of an external key store, and what it makes of the answer.
//!
//! Requests are JSON over HTTPS, signed with the store's own credential. A proxy has 250 ms for everything, the handshake included.
//! Source: AWS KMS External Key Store Proxy API Specification, version 1.0.2, whose URIs end in `/kms/xks/v1`.

mod fault;
mod messages;
mod refusal;

use std::time::Duration;

use alcazar_core::SecretText;
use alcazar_corridor::{Circumstances, Failure, Outside, SignedBy};
use alcazar_ports::HttpBounds;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::ProxyRow;

pub(crate) use fault::{ProxyError, ProxyFault};
pub(crate) use messages::{RequestMetadata, decrypt, encrypt, health, key_metadata};
pub(crate) use refusal::{key_refusal, store_refusal, use_refusal};

/// What a proxy may take.
const BOUNDS: HttpBounds =
    HttpBounds { deadline: Duration::from_millis(250), body: 64 * 1024, repeatable: true };

/// A proxy, and the means to reach it.
pub(crate) struct Proxy {
    outside: Outside,
    base: String,
    access_key_id: String,
    secret: SecretText,
    region: &'static str,
}

impl Proxy {
    /// The proxy of that row, with its secret opened. It is called from the Region of the circumstances.
    pub(crate) fn new(
        row: &ProxyRow,
        secret: &[u8],
        outside: Outside,
        circumstances: &Circumstances,
    ) -> Result<Self, Failure> {
        // Not `String::from_utf8`, whose error holds the bytes.
        let secret = std::str::from_utf8(secret).map_err(Failure::internal)?;
        Ok(Self {
            outside,
            base: format!("{}{}", row.endpoint, row.path),
            access_key_id: row.access_key_id.clone(),
            secret: SecretText::new(secret.to_owned()),
            region: circumstances.region.name(),
        })
    }

    /// Asks, and reads the answer; errors that the proxy names are told as such.
    async fn ask<A: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<A, ProxyError> {
        let internal = |what: &str| ProxyError::new(ProxyFault::Unreadable, what.to_owned());
        let body = serde_json::to_vec(body).map_err(|_| internal("the request cannot be written"))?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(Bytes::from(body))
            .map_err(|_| ProxyError::new(ProxyFault::NotReached, "its address is no URI".to_owned()))?;
        let by = SignedBy {
            access_key_id: &self.access_key_id,
            secret: &self.secret,
            region: self.region,
            service: "kms-xks-proxy",
        };
        let response = self.outside.send_signed(request, &by, BOUNDS).await?;
        if response.status() != StatusCode::OK {
            return Err(messages::named_error(response.status(), response.body()));
        }
        serde_json::from_slice(response.body())
            .map_err(|error| ProxyError::new(ProxyFault::Unreadable, format!("its answer: {error}")))
    }
}
