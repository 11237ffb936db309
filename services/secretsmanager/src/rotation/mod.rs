//! Rotation functions: who makes a new value, gives it to the database and proves it. Built in are those that AWS publishes as templates; functions of
//! one's own will come through the same trait.

mod alternating;
mod credentials;
mod desk;
mod functions;
mod single;

use alcazar_corridor::JobCall;
use alcazar_store::Pending;

pub(crate) use functions::{function, is_there};

/// The steps of a rotation, in order. Source: Secrets Manager User Guide, "Lambda rotation functions".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "the names are those of AWS's steps")]
pub(crate) enum Step {
    /// Makes the new value, as the version that is pending.
    CreateSecret,
    /// Has the database take it.
    SetSecret,
    /// Proves that it works.
    TestSecret,
    /// Makes it the current one.
    FinishSecret,
}

impl Step {
    pub(crate) const ALL: [Self; 4] =
        [Self::CreateSecret, Self::SetSecret, Self::TestSecret, Self::FinishSecret];
}

/// What a function is told at each step: AWS's event of the same members.
pub(crate) struct Event<'e> {
    /// The job in which it runs: its means to ask.
    pub(crate) call: &'e JobCall,
    pub(crate) secret_id: &'e str,
    /// The version in the making.
    pub(crate) token: &'e str,
}

/// Why a step was not taken, in words without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failed(pub(crate) String);

/// A function that rotates. Every step may be taken again after a failure anywhere: it finds what is done already.
pub(crate) trait RotationFunction: Send + Sync {
    /// Takes a step.
    fn step<'e>(&'e self, step: Step, event: &'e Event<'e>) -> Pending<'e, Result<(), Failed>>;

    /// Tries whether it could rotate: the step that proves, over a copy of the current value.
    fn test<'e>(&'e self, event: &'e Event<'e>) -> Pending<'e, Result<(), Failed>>;
}
