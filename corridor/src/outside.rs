//! Requests to the world outside, on behalf of a call or a job. They are no part of a transaction: they come before the commit, and a call
//! that is decided again makes them again.

use std::sync::Arc;

use alcazar_core::SecretText;
use alcazar_ports::{Clock, Http, HttpBounds, HttpError};
use alcazar_sigv4::{Credentials, Payload, Request as Signable, Signer, Timestamp, sha256};
use bytes::Bytes;
use http::header::{HOST, HeaderName};
use http::{HeaderValue, Request, Response};

use crate::Universe;

/// The way out.
#[derive(Clone)]
pub struct Outside {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
}

/// Who signs a request to somebody outside, with Signature Version 4.
pub struct SignedBy<'a> {
    /// The name of the secret.
    pub access_key_id: &'a str,
    /// The secret that the other side knows too.
    pub secret: &'a SecretText,
    /// The Region of the credential scope.
    pub region: &'a str,
    /// The service of the credential scope: `kms-xks-proxy`.
    pub service: &'a str,
}

impl Outside {
    pub(crate) fn of(universe: &Universe) -> Self {
        Self { http: universe.http.clone(), clock: universe.clock.clone() }
    }

    /// Sends a request as it is.
    ///
    /// # Errors
    /// When there is no response within the bounds.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        bounds: HttpBounds,
    ) -> Result<Response<Bytes>, HttpError> {
        self.http.send(request, bounds).await
    }

    /// Sends a request signed at this moment. `host`, `x-amz-date` and the body are signed, the other headers are not.
    ///
    /// # Errors
    /// When there is no response within the bounds.
    pub async fn send_signed(
        &self,
        mut request: Request<Bytes>,
        by: &SignedBy<'_>,
        bounds: HttpBounds,
    ) -> Result<Response<Bytes>, HttpError> {
        let uri = request.uri().clone();
        let host = uri.authority().map_or("", |authority| authority.as_str()).to_owned();
        let unfit = |_| HttpError::Malformed("a header of the request is not fit to be sent".to_owned());
        let value = HeaderValue::from_str(&host).map_err(unfit)?;
        request.headers_mut().insert(HOST, value);
        let signer = Signer {
            credentials: Credentials {
                access_key_id: by.access_key_id,
                secret: by.secret.expose(),
                token: None,
            },
            region: by.region,
            service: by.service,
        };
        let signable = Signable {
            method: request.method().as_str(),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: &[("host", host.as_bytes())],
        };
        let now = Timestamp::from_unix(self.clock.wall().seconds());
        let signed = signer.sign(&signable, Payload::Sha256(sha256(request.body())), now);
        for (name, text) in signed.headers {
            let value = HeaderValue::from_str(&text).map_err(unfit)?;
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        self.http.send(request, bounds).await
    }
}
