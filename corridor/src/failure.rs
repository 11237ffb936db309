use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use alcazar_core::{Common, Declares, Fault, ServiceError};
use alcazar_store::{Key, StoreError, TableError};

/// A common error, or one from inside: what any operation may answer. Reads and shared code return it.
#[derive(Debug)]
pub struct Failure(Box<Reason>);

/// Why an operation did not commit: an error that its model declares, or a [`Failure`]. Nothing else converts into it.
pub struct Refusal<S> {
    reason: Box<Reason>,
    _shape: PhantomData<fn() -> S>,
}

#[derive(Debug)]
pub(crate) enum Reason {
    /// Told to the caller.
    Fault(Fault),
    /// A transaction needs a row that has not been fetched: the frame fetches it and runs the closure again.
    Missing(Key),
    /// A row that the decision used has changed: the frame decides again.
    Again,
}

impl Failure {
    /// A common error with its message.
    pub fn common(common: Common, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Fault::common(common, message).into()
    }

    /// A parameter that the model's constraints let through and the service does not.
    pub fn validation(message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::common(Common::Validation, message)
    }

    /// Something failed inside; the cause goes to the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Fault::internal(cause).into()
    }

    /// What the caller is told: the fault itself, or that the call may be tried again.
    pub fn into_fault(self) -> Fault {
        match *self.0 {
            Reason::Fault(fault) => fault,
            Reason::Missing(_) | Reason::Again => Fault::common(Common::ServiceUnavailable, "Try again."),
        }
    }

    pub(crate) fn again() -> Self {
        Self(Box::new(Reason::Again))
    }

    pub(crate) fn missing(key: Key) -> Self {
        Self(Box::new(Reason::Missing(key)))
    }

    pub(crate) fn into_reason(self) -> Reason {
        *self.0
    }

    pub(crate) fn of(reason: Reason) -> Self {
        Self(Box::new(reason))
    }
}

impl<S> Refusal<S> {
    pub(crate) fn into_reason(self) -> Reason {
        *self.reason
    }

    pub(crate) fn again() -> Self {
        Failure::again().into()
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self(Box::new(Reason::Fault(fault)))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let message = "The store could not be read or written.";
        Fault::common(Common::ServiceUnavailable, message).caused_by(error).into()
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        Self::internal(error)
    }
}

impl<S> From<Failure> for Refusal<S> {
    fn from(failure: Failure) -> Self {
        Self { reason: failure.0, _shape: PhantomData }
    }
}

impl<S: Declares<E>, E: ServiceError> From<E> for Refusal<S> {
    fn from(error: E) -> Self {
        Self { reason: Box::new(Reason::Fault(error.into())), _shape: PhantomData }
    }
}

impl<S> fmt::Debug for Refusal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

/// What a panic said, for the log.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("nothing")
}
