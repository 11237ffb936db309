//! A proxy's fault, as each kind of operation tells it: the words are the same, the exceptions are not.
//!
//! The specification gives CreateKey two exceptions that its model does not declare (`KMSInvalidStateException` for a denial,
//! `XksKeyInvalidResponseException` for what the proxy does not support): those nearest to them stand in.

use alcazar_core::{Declares, Fault, ServiceError};
use alcazar_corridor::{Failure, Refusal};
use wire_kms::{
    CustomKeyStoreInvalidStateException, KMSInvalidStateException, XksKeyInvalidConfigurationException,
    XksKeyNotFoundException, XksProxyIncorrectAuthenticationCredentialException,
    XksProxyInvalidConfigurationException, XksProxyInvalidResponseException, XksProxyUriUnreachableException,
};

use super::{ProxyError, ProxyFault};

/// What an operation that gives a store its proxy may answer.
pub(crate) trait ConfiguresStores:
    Declares<XksProxyIncorrectAuthenticationCredentialException>
    + Declares<XksProxyInvalidConfigurationException>
    + Declares<XksProxyInvalidResponseException>
    + Declares<XksProxyUriUnreachableException>
{
}

impl<S> ConfiguresStores for S where
    S: Declares<XksProxyIncorrectAuthenticationCredentialException>
        + Declares<XksProxyInvalidConfigurationException>
        + Declares<XksProxyInvalidResponseException>
        + Declares<XksProxyUriUnreachableException>
{
}

/// Of CreateCustomKeyStore and UpdateCustomKeyStore.
pub(crate) fn store_refusal<S: ConfiguresStores>(error: ProxyError) -> Refusal<S> {
    let message = error.fault.message();
    match error.fault {
        ProxyFault::AuthenticationFailed => {
            told(XksProxyIncorrectAuthenticationCredentialException::new(message), error)
        }
        // The last two are not in the table.
        ProxyFault::InvalidUriPath | ProxyFault::AccessDenied | ProxyFault::InvalidState => {
            told(XksProxyInvalidConfigurationException::new(message), error)
        }
        ProxyFault::DependencyTimeout
        | ProxyFault::Throttling
        | ProxyFault::NotReached
        | ProxyFault::Interrupted
        | ProxyFault::Tls
        | ProxyFault::TimedOut
        | ProxyFault::NoKeeper => told(XksProxyUriUnreachableException::new(message), error),
        ProxyFault::Validation
        | ProxyFault::Internal
        | ProxyFault::Unreadable
        | ProxyFault::Unsupported
        | ProxyFault::InvalidCiphertext
        | ProxyFault::WrongPlaintext
        | ProxyFault::InvalidKeyUsage
        | ProxyFault::KeyNotFound => told(XksProxyInvalidResponseException::new(message), error),
    }
}

/// Of CreateKey.
pub(crate) fn key_refusal<S>(error: ProxyError) -> Refusal<S>
where
    S: Declares<CustomKeyStoreInvalidStateException>
        + Declares<XksKeyInvalidConfigurationException>
        + Declares<XksKeyNotFoundException>,
{
    let message = error.fault.message();
    match error.fault {
        ProxyFault::KeyNotFound => told(XksKeyNotFoundException::new(message), error),
        ProxyFault::InvalidState | ProxyFault::InvalidKeyUsage | ProxyFault::Unsupported => {
            told(XksKeyInvalidConfigurationException::new(message), error)
        }
        _ => told(CustomKeyStoreInvalidStateException::new(message), error),
    }
}

/// Of the operations that use a key: one exception, whatever it is.
pub(crate) fn use_refusal<S: Declares<KMSInvalidStateException>>(error: ProxyError) -> Refusal<S> {
    told(KMSInvalidStateException::new(error.fault.message()), error)
}

/// The exception for the caller; for the log what is behind it.
fn told<S: Declares<E>, E: ServiceError>(exception: E, error: ProxyError) -> Refusal<S> {
    let fault: Fault = exception.into();
    Failure::from(fault.caused_by(error)).into()
}
