//! What goes wrong, as the caller is told, and as the log is.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::schema::{ErrorShape, Protocol, Service};
use crate::value::Fields;

/// A refusal or failure of a call. The message reaches the caller; the cause stays in the log.
#[derive(Debug)]
pub struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: FaultKind,
    message: Cow<'static, str>,
    members: Fields,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// Which error it is.
#[derive(Debug, Clone, Copy)]
pub enum FaultKind {
    /// One that the operation's model declares.
    Declared(&'static ErrorShape),
    /// One that any operation may answer.
    Common(Common),
    /// An error of the signature, whose code and status depend on the service (crate `sigv4` knows the tables).
    Presented {
        /// The code on the wire.
        code: &'static str,
        /// The HTTP status.
        status: u16,
    },
}

/// The errors that every operation may answer. Their codes differ between the JSON and the XML protocols.
/// Source: "Common Errors" of the KMS, IAM and CloudTrail API references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Common {
    /// The caller may not.
    AccessDenied,
    /// The operation is not known.
    UnknownOperation,
    /// The body could not be parsed.
    Serialization,
    /// A member breaks its constraint.
    Validation,
    /// A required parameter is missing (query protocols).
    MissingParameter,
    /// Too many requests.
    Throttling,
    /// The body, the headers or their number are over the limit.
    RequestTooLarge,
    /// The body did not arrive in time.
    RequestTimeout,
    /// The operation is known, and not built yet.
    NotImplemented,
    /// The media type is none that the service speaks.
    UnsupportedMediaType,
    /// Something failed inside.
    InternalFailure,
    /// The store refused or is closing; the caller may try again.
    ServiceUnavailable,
}

/// A code and a status as they stand on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireError {
    /// `AccessDeniedException`.
    pub code: &'static str,
    /// The shape's name; differs from the code for query-compatible services.
    pub name: &'static str,
    /// 400, 403, 500, ...
    pub status: u16,
    /// The caller is at fault.
    pub sender: bool,
}

impl Fault {
    /// A common error.
    pub fn common(common: Common, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FaultKind::Common(common), message)
    }

    /// A declared error. Operations do not call this: they return the generated types, which only the operations that
    /// declare them accept.
    pub fn declared(shape: &'static ErrorShape, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FaultKind::Declared(shape), message)
    }

    /// An error of the signature.
    pub fn presented(code: &'static str, status: u16, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FaultKind::Presented { code, status }, message)
    }

    /// Something failed inside: the caller learns nothing but that; the cause goes to the log.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let message = "The request processing has failed because of an unknown error, exception or failure.";
        Self::common(Common::InternalFailure, message).caused_by(cause)
    }

    fn new(kind: FaultKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), members: Fields::new(), cause: None }))
    }

    /// Keeps the inner cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// With members of the error's shape, by index.
    #[must_use]
    pub fn with_members(mut self, members: Fields) -> Self {
        self.0.members = members;
        self
    }

    /// Which error it is.
    pub fn kind(&self) -> FaultKind {
        self.0.kind
    }

    /// Whether it is that common error.
    pub fn is(&self, common: Common) -> bool {
        matches!(self.0.kind, FaultKind::Common(kind) if kind == common)
    }

    /// What the caller reads.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Members of the error's shape beside the message.
    pub fn members(&self) -> &Fields {
        &self.0.members
    }

    /// What the log reads.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        self.0.cause.as_deref()
    }

    /// The code and status that this service answers.
    pub fn wire(&self, service: &Service) -> WireError {
        match self.0.kind {
            FaultKind::Declared(shape) => {
                WireError { code: shape.code, name: shape.name, status: shape.status, sender: shape.sender }
            }
            FaultKind::Presented { code, status } => WireError { code, name: code, status, sender: true },
            FaultKind::Common(common) => common.wire(service),
        }
    }
}

impl Common {
    /// The code and status of this error in that service's family of protocols.
    pub fn wire(self, service: &Service) -> WireError {
        let xml = matches!(
            service.protocols.first(),
            Some(Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml)
        );
        let (json_code, xml_code, json_status, xml_status) = match self {
            Self::AccessDenied if service.protocols.first() == Some(&Protocol::RestJson) => {
                ("AccessDeniedException", "AccessDenied", 403, 403)
            }
            Self::AccessDenied => ("AccessDeniedException", "AccessDenied", 400, 403),
            Self::UnknownOperation => ("UnknownOperationException", "InvalidAction", 400, 400),
            Self::Serialization => ("SerializationException", "MalformedInput", 400, 400),
            Self::Validation => ("ValidationException", "ValidationError", 400, 400),
            Self::MissingParameter => ("ValidationException", "MissingParameter", 400, 400),
            Self::Throttling => ("ThrottlingException", "Throttling", 400, 400),
            Self::RequestTooLarge => ("RequestEntityTooLargeException", "RequestEntityTooLarge", 413, 413),
            Self::RequestTimeout => ("RequestTimeoutException", "RequestTimeout", 408, 408),
            Self::NotImplemented => ("NotImplementedException", "NotImplementedException", 501, 501),
            Self::UnsupportedMediaType => ("UnsupportedMediaTypeException", "UnsupportedMediaType", 415, 415),
            Self::InternalFailure => ("InternalFailure", "InternalFailure", 500, 500),
            Self::ServiceUnavailable => ("ServiceUnavailable", "ServiceUnavailable", 503, 503),
        };
        let (code, status) = if xml { (xml_code, xml_status) } else { (json_code, json_status) };
        WireError { code, name: code, status, sender: status < 500 }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for Fault {}
