//! One file an operation.

pub(crate) mod lookup_events;
