//! What happens to keys as time passes.

pub(crate) mod connect_key_store;
pub(crate) mod delete_key;
pub(crate) mod expire_material;
pub(crate) mod rotate_key;
pub(crate) mod synchronize;
