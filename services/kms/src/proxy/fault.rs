use std::fmt;

use alcazar_ports::HttpError;
use wire_kms::ConnectionErrorCodeType;

/// What went wrong between KMS and a proxy.
/// Source: External Key Store Proxy API Specification, "Error codes", both tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyFault {
    /// The proxy says `ValidationException`.
    Validation,
    /// The proxy says `InvalidStateException`.
    InvalidState,
    /// The proxy says `InvalidCiphertextException`.
    InvalidCiphertext,
    /// What the proxy decrypted is none of KMS's own ciphertexts, or not of this encryption context.
    WrongPlaintext,
    /// The proxy says `InvalidKeyUsageException`.
    InvalidKeyUsage,
    /// The proxy says `AuthenticationFailedException`.
    AuthenticationFailed,
    /// The proxy says `AccessDeniedException`.
    AccessDenied,
    /// The proxy says `KeyNotFoundException`.
    KeyNotFound,
    /// The proxy says `InvalidUriPathException`.
    InvalidUriPath,
    /// The proxy says `UnsupportedOperationException`.
    Unsupported,
    /// The proxy says `DependencyTimeoutException`.
    DependencyTimeout,
    /// The proxy says `ThrottlingException`.
    Throttling,
    /// The proxy says `InternalException`.
    Internal,
    /// No TCP connection.
    NotReached,
    /// The connection broke off.
    Interrupted,
    /// No TLS connection.
    Tls,
    /// No answer in time.
    TimedOut,
    /// An answer that cannot be understood.
    Unreadable,
    /// The proxy says that none of its external key managers is available.
    NoKeeper,
}

/// What went wrong, and what is known of it: the detail is for the log alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProxyError {
    pub(crate) fault: ProxyFault,
    detail: String,
}

impl ProxyError {
    pub(crate) fn new(fault: ProxyFault, detail: String) -> Self {
        Self { fault, detail }
    }
}

impl ProxyFault {
    /// The fault that a proxy names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ValidationException" => Self::Validation,
            "InvalidStateException" => Self::InvalidState,
            "InvalidCiphertextException" => Self::InvalidCiphertext,
            "InvalidKeyUsageException" => Self::InvalidKeyUsage,
            "AuthenticationFailedException" => Self::AuthenticationFailed,
            "AccessDeniedException" => Self::AccessDenied,
            "KeyNotFoundException" => Self::KeyNotFound,
            "InvalidUriPathException" => Self::InvalidUriPath,
            "UnsupportedOperationException" => Self::Unsupported,
            "DependencyTimeoutException" => Self::DependencyTimeout,
            "ThrottlingException" => Self::Throttling,
            "InternalException" => Self::Internal,
            _ => return None,
        })
    }

    /// What KMS tells its caller, whatever the proxy said.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Validation | Self::Unreadable => {
                "AWS KMS cannot interpret the response from the external key store proxy. If you see this error repeatedly, report it to your external key store proxy administrator."
            }
            Self::InvalidState => {
                "The external key associated with this KMS key in an external key store is not enabled in the external key manager. Enable the external key in the external key manager and retry the request."
            }
            Self::InvalidCiphertext => {
                "The external key store proxy rejected the request because the specified ciphertext or encryption context is corrupted, missing, or otherwise invalid."
            }
            Self::WrongPlaintext => {
                "The ciphertext that the external key store proxy submitted for decryption, or the encryption context, is corrupted, missing, or otherwise invalid."
            }
            Self::InvalidKeyUsage => {
                "The external key associated with this KMS key in an external key store does not support the requested operation. Enable the operation on the key in your external key manager, and try the request again."
            }
            Self::AuthenticationFailed => {
                "The external key store proxy rejected the request because it could not authenticate AWS KMS. Verify the XKS proxy authentication credentials for your external key store and update if necessary."
            }
            Self::AccessDenied => {
                "The external key store proxy denied access to the operation. Verify that the user and the external key are both authorized for this operation, and try the request again."
            }
            Self::KeyNotFound => {
                "The external key associated with this KMS key in an external key store was not found in its external key manager. If the external key ID associated with this KMS key is incorrect, create a new KMS key with the correct external key ID."
            }
            Self::InvalidUriPath => {
                "The external key store proxy rejected the request because of an invalid URI path. Verify the URI path for your external key store and update if necessary."
            }
            Self::Unsupported => {
                "The external key store proxy rejected the request because it does not support the requested operation. If you see this error repeatedly, report it to your external key store proxy administrator."
            }
            Self::DependencyTimeout => {
                "The external key store proxy did not respond to the request in the time allotted. Retry the request. If you see this error repeatedly, report it to your external key store proxy administrator."
            }
            Self::Throttling => {
                "The external key store proxy rejected the request due to a very high request rate. Reduce the frequency of your calls using KMS keys in this external key store."
            }
            Self::Internal | Self::NoKeeper => {
                "The external key store proxy rejected the request because it cannot communicate with the external key manager. Verify that the external key store proxy configuration is correct and that the external key manager is available."
            }
            Self::NotReached | Self::Interrupted => {
                "AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. If you see this error repeatedly, verify that your external key store proxy is active and is connected to the network, and that its endpoint URI is correct in your external key store."
            }
            Self::Tls => {
                "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS configuration, including its certificate."
            }
            Self::TimedOut => {
                "AWS KMS rejected the request because the external key store proxy did not respond in time. Retry the request. If you see this error repeatedly, report it to your external key store proxy administrator."
            }
        }
    }

    /// Why a store is not connected. Where `CustomKeyStoresListEntry` does not say which code belongs to which fault, it is the one nearest to the
    /// exception that the specification gives to CreateCustomKeyStore.
    pub(crate) fn connection_error(self) -> ConnectionErrorCodeType {
        use ConnectionErrorCodeType as Code;
        match self {
            Self::AuthenticationFailed => Code::InvalidCredentials,
            Self::AccessDenied => Code::XksProxyAccessDenied,
            Self::InvalidUriPath | Self::InvalidState => Code::XksProxyInvalidConfiguration,
            Self::Tls => Code::XksProxyInvalidTlsConfiguration,
            Self::TimedOut | Self::DependencyTimeout => Code::XksProxyTimedOut,
            Self::NotReached | Self::NoKeeper | Self::Throttling => Code::XksProxyNotReachable,
            Self::Interrupted => Code::NetworkErrors,
            Self::Validation
            | Self::Unreadable
            | Self::Internal
            | Self::Unsupported
            | Self::InvalidCiphertext
            | Self::WrongPlaintext
            | Self::InvalidKeyUsage
            | Self::KeyNotFound => Code::XksProxyInvalidResponse,
        }
    }
}

impl From<HttpError> for ProxyError {
    fn from(error: HttpError) -> Self {
        let fault = match &error {
            HttpError::Unreachable(_) => ProxyFault::NotReached,
            HttpError::Interrupted(_) => ProxyFault::Interrupted,
            HttpError::Tls(_) => ProxyFault::Tls,
            HttpError::TimedOut => ProxyFault::TimedOut,
            HttpError::Malformed(_) | HttpError::TooLarge => ProxyFault::Unreadable,
        };
        Self::new(fault, error.to_string())
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the external key store proxy: {:?}: {}", self.fault, self.detail)
    }
}

impl std::error::Error for ProxyError {}
