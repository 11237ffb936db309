//! What happens to secrets as time passes.

pub(crate) mod delete_secret;
pub(crate) mod replicate_secret;
pub(crate) mod rotate_secret;
