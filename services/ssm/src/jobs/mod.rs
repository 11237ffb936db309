//! What happens to parameters as time passes.

pub(crate) mod enforce_policies;
