use std::borrow::Cow;
use std::fmt;

use alcazar_core::schema::Kind;
use alcazar_core::{Common, Fault};

use crate::limits::OverLimit;

/// A request that could not be read. Nothing was done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    kind: MalformedKind,
    message: Cow<'static, str>,
}

/// Why it could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalformedKind {
    /// The body does not follow the protocol's grammar. AWS answers a bare `SerializationException`, without a message.
    Syntax,
    /// A value has another type than its member.
    Type,
    /// It is nested too deeply or holds too many values.
    TooComplex,
    /// The body or the number of headers is over its limit.
    TooLarge,
}

impl Malformed {
    /// The grammar is broken.
    pub(crate) const fn syntax() -> Self {
        Self { kind: MalformedKind::Syntax, message: Cow::Borrowed("") }
    }

    /// A value of another type.
    pub(crate) fn mismatch(message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: MalformedKind::Type, message: message.into() }
    }

    /// Nested too deeply, or too many values.
    pub(crate) const fn too_complex() -> Self {
        let message = Cow::Borrowed("The request is nested too deeply or holds too many values.");
        Self { kind: MalformedKind::TooComplex, message }
    }

    /// The body or the headers are over their limit.
    pub(crate) const fn too_large() -> Self {
        let message = Cow::Borrowed("Request size exceeded the maximum allowed size.");
        Self { kind: MalformedKind::TooLarge, message }
    }

    /// `STRING_VALUE can not be converted to an Integer`: AWS's JSON services tell the token and the type wanted.
    pub(crate) fn token(token: &str, wanted: &Kind) -> Self {
        Self::mismatch(format!("{token} can not be converted to {}", article(wanted)))
    }

    /// Why.
    pub fn kind(&self) -> MalformedKind {
        self.kind
    }

    /// What the caller is told; empty for a broken grammar.
    pub fn message(&self) -> &str {
        &self.message
    }
}

fn article(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "a Boolean",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Float => "a Float",
        Kind::Double => "a Double",
        Kind::String => "a String",
        Kind::Blob => "a Blob",
        Kind::Timestamp => "a Date",
        Kind::Document => "a Document",
        Kind::List(_) => "a List",
        Kind::Map(..) => "a Map",
        Kind::Structure(_) => "a Structure",
    }
}

impl From<OverLimit> for Malformed {
    fn from(_: OverLimit) -> Self {
        Self::too_complex()
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        let common = match malformed.kind {
            MalformedKind::Syntax | MalformedKind::Type | MalformedKind::TooComplex => Common::Serialization,
            MalformedKind::TooLarge => Common::RequestTooLarge,
        };
        Fault::common(common, malformed.message)
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            MalformedKind::Syntax => f.write_str("the request does not follow the grammar of its protocol"),
            _ => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Malformed {}
