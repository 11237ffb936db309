use std::fmt;

use alcazar_core::schema::{Protocol, Service};
use alcazar_core::{Common, Fault};

/// Why a request leads to no operation.
#[derive(Debug, Clone)]
pub enum RoutingError {
    /// Neither host, signing name nor path belongs to a service.
    UnknownService,
    /// `X-Amz-Target` names no service, or is not there.
    UnknownTarget {
        /// In which the refusal is told.
        protocol: Protocol,
    },
    /// The service has no such operation.
    UnknownOperation {
        /// The service.
        service: &'static Service,
        /// The protocol.
        protocol: Protocol,
        /// The name asked for.
        name: String,
    },
    /// The query service has no such action in that version.
    UnknownAction {
        /// The service.
        service: &'static Service,
        /// The protocol.
        protocol: Protocol,
        /// The action asked for.
        action: String,
        /// The version asked for; empty where none was.
        version: String,
    },
    /// A form without `Action`.
    MissingAction {
        /// The service.
        service: &'static Service,
        /// The protocol.
        protocol: Protocol,
    },
    /// No operation has that method and path.
    UnknownPath {
        /// The service and its protocol, where the host or the signature tells them.
        service: Option<(&'static Service, Protocol)>,
    },
    /// The media type is none that the service speaks.
    WrongContentType {
        /// The service.
        service: &'static Service,
        /// The protocol that would have been right.
        protocol: Protocol,
    },
}

impl RoutingError {
    /// The service, where it is known.
    pub fn service(&self) -> Option<&'static Service> {
        match self {
            Self::UnknownService | Self::UnknownTarget { .. } => None,
            Self::UnknownPath { service } => service.map(|(service, _)| service),
            Self::UnknownOperation { service, .. }
            | Self::UnknownAction { service, .. }
            | Self::MissingAction { service, .. }
            | Self::WrongContentType { service, .. } => Some(service),
        }
    }

    /// The protocol in which it is told.
    pub fn protocol(&self) -> Option<Protocol> {
        match self {
            Self::UnknownService => None,
            Self::UnknownPath { service } => service.map(|(_, protocol)| protocol),
            Self::UnknownTarget { protocol }
            | Self::UnknownOperation { protocol, .. }
            | Self::UnknownAction { protocol, .. }
            | Self::MissingAction { protocol, .. }
            | Self::WrongContentType { protocol, .. } => Some(*protocol),
        }
    }

    /// As the caller is told: `UnknownOperationException`, `InvalidAction` (`Could not find operation X for version Y`),
    /// `MissingAction`, `UnsupportedMediaType`. Source: "Common Errors" of the IAM and KMS API references.
    pub fn fault(&self) -> Fault {
        match self {
            Self::UnknownAction { action, version, .. } => {
                let message = format!("Could not find operation {action} for version {version}");
                Fault::common(Common::UnknownOperation, message)
            }
            Self::MissingAction { .. } => Fault::presented(
                "MissingAction",
                400,
                "The request is missing an action or a required parameter.",
            ),
            Self::WrongContentType { .. } => Fault::common(
                Common::UnsupportedMediaType,
                "The content type is not supported by this service.",
            ),
            // AWS's JSON services say no more than the code.
            Self::UnknownTarget { .. } | Self::UnknownOperation { .. } => {
                Fault::common(Common::UnknownOperation, "")
            }
            Self::UnknownService | Self::UnknownPath { .. } => {
                Fault::presented("UnknownOperationException", 404, "")
            }
        }
    }
}

impl fmt::Display for RoutingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownService => f.write_str("no service has this host, signing name or path"),
            Self::UnknownTarget { .. } => f.write_str("X-Amz-Target names no service"),
            Self::UnknownOperation { service, name, .. } => {
                write!(f, "{} has no operation {name:?}", service.id)
            }
            Self::UnknownAction { service, action, version, .. } => {
                write!(f, "{} has no action {action:?} in version {version:?}", service.id)
            }
            Self::MissingAction { service, .. } => write!(f, "a form for {} names no action", service.id),
            Self::UnknownPath { .. } => f.write_str("no operation has this method and path"),
            Self::WrongContentType { service, .. } => {
                write!(f, "{} does not speak this media type", service.id)
            }
        }
    }
}

impl std::error::Error for RoutingError {}
