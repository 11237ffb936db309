//! Why a text is no policy.

use std::fmt;

/// What is wrong, in AWS's words and in ours, and where.
///
/// Services put [`PolicyError::message`] on the wire (`MalformedPolicyDocument`, `MalformedPolicy`,
/// `MalformedPolicyDocumentException`); the rest is for logs and for tools that show the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    kind: PolicyErrorKind,
    message: String,
    detail: String,
    path: String,
    position: Option<(usize, usize)>,
}

/// The class of a [`PolicyError`], for services whose words differ from IAM's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyErrorKind {
    /// Not JSON.
    Json,
    /// A key occurs twice in one object.
    DuplicateKey,
    /// Longer than the kind of policy may be.
    Size,
    /// An element the language does not have, or that this kind of policy may not hold.
    UnknownElement,
    /// An element that must be there is not.
    MissingElement,
    /// An element of the wrong type or form.
    Value,
    /// A principal where none may be, or in a form that is none.
    Principal,
    /// Valid in the language, not in this kind of policy.
    Kind,
}

impl PolicyError {
    pub(crate) fn new(kind: PolicyErrorKind, message: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, message: message.into(), detail: detail.into(), path: String::new(), position: None }
    }

    /// A departure from the grammar, for which IAM has one message.
    pub(crate) fn syntax(kind: PolicyErrorKind, detail: impl Into<String>) -> Self {
        Self::new(kind, "Syntax errors in policy.", detail)
    }

    pub(crate) fn at(mut self, path: impl fmt::Display) -> Self {
        self.path = path.to_string();
        self
    }

    pub(crate) fn at_position(mut self, line: usize, column: usize) -> Self {
        self.position = Some((line, column));
        self
    }

    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> PolicyErrorKind {
        self.kind
    }

    /// IAM's message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What exactly is wrong.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The element, such as `Statement[0].Condition.StringEquals`; empty for the whole document.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Line and column from 1, where the JSON itself is at fault.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        self.position
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.message, self.detail)?;
        if !self.path.is_empty() {
            write!(f, ", at {}", self.path)?;
        }
        if let Some((line, column)) = self.position {
            write!(f, ", line {line} column {column}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for PolicyError {}
