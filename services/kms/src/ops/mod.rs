//! One file an operation.

pub(crate) mod create_key;
pub(crate) mod describe_key;
pub(crate) mod encrypt;
