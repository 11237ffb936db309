//! One file an operation.

pub(crate) mod get_caller_identity;
