//! Refusals in the specification's names and statuses.

use alcazar_core::{Common, Fault};
use bytes::Bytes;
use http::Response;

use super::messages;

/// A refusal as the specification names it. Source: External Key Store Proxy API Specification, "Error codes".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GateFault {
    Validation,
    InvalidState,
    InvalidCiphertext,
    InvalidKeyUsage,
    AuthenticationFailed,
    AccessDenied,
    KeyNotFound,
    InvalidUriPath,
    /// It has no name: a GET is refused by its status alone.
    MethodNotAllowed,
    Throttling,
    Unsupported,
    DependencyTimeout,
    Internal,
}

/// A refusal, with what may be said of it.
#[derive(Debug)]
pub(super) struct ProxyRefusal {
    fault: GateFault,
    message: String,
}

impl GateFault {
    pub(super) fn plain(self) -> ProxyRefusal {
        self.because(String::new())
    }

    pub(super) fn because(self, message: String) -> ProxyRefusal {
        ProxyRefusal { fault: self, message }
    }

    fn name_and_status(self) -> (&'static str, u16) {
        match self {
            Self::Validation => ("ValidationException", 400),
            Self::InvalidState => ("InvalidStateException", 400),
            Self::InvalidCiphertext => ("InvalidCiphertextException", 400),
            Self::InvalidKeyUsage => ("InvalidKeyUsageException", 400),
            Self::AuthenticationFailed => ("AuthenticationFailedException", 401),
            Self::AccessDenied => ("AccessDeniedException", 403),
            Self::KeyNotFound => ("KeyNotFoundException", 404),
            Self::InvalidUriPath => ("InvalidUriPathException", 404),
            Self::MethodNotAllowed => ("MethodNotAllowed", 405),
            Self::Throttling => ("ThrottlingException", 429),
            Self::Internal => ("InternalException", 500),
            Self::Unsupported => ("UnsupportedOperationException", 501),
            Self::DependencyTimeout => ("DependencyTimeoutException", 503),
        }
    }
}

impl ProxyRefusal {
    /// KMS's refusal in the proxy's words.
    pub(super) fn of(fault: Fault) -> Self {
        if let Some(cause) = fault.cause() {
            tracing::error!(%fault, %cause, "a request to the external key store proxy failed");
        }
        let named = match fault.wire(&super::SERVICE).name {
            _ if fault.is(Common::AccessDenied) => GateFault::AccessDenied,
            _ if fault.is(Common::Throttling) => GateFault::Throttling,
            _ if fault.is(Common::ServiceUnavailable) => GateFault::DependencyTimeout,
            _ if fault.is(Common::Validation) => GateFault::Validation,
            "NotFoundException" => GateFault::KeyNotFound,
            "DisabledException" | "KMSInvalidStateException" => GateFault::InvalidState,
            "InvalidCiphertextException" | "IncorrectKeyException" => GateFault::InvalidCiphertext,
            "InvalidKeyUsageException" | "UnsupportedOperationException" => GateFault::InvalidKeyUsage,
            _ => GateFault::Internal,
        };
        // What failed inside is nobody else's business.
        let message = if named == GateFault::Internal { "" } else { fault.message() };
        named.because(message.to_owned())
    }

    pub(super) fn answer(&self) -> Response<Bytes> {
        let (name, status) = self.fault.name_and_status();
        // Fewer than 512 visible characters, says the specification.
        let message: String = self.message.chars().filter(|c| matches!(c, ' '..='~')).take(500).collect();
        let body = match message.is_empty() {
            true => serde_json::json!({ "errorName": name }),
            false => serde_json::json!({ "errorName": name, "errorMessage": message }),
        };
        messages::answer(status, &body)
    }
}
