//! One file an operation.

pub(crate) mod create_key;
pub(crate) mod decrypt;
pub(crate) mod derive_shared_secret;
pub(crate) mod describe_key;
pub(crate) mod encrypt;
pub(crate) mod generate_data_key;
pub(crate) mod generate_data_key_pair;
pub(crate) mod generate_data_key_pair_without_plaintext;
pub(crate) mod generate_data_key_without_plaintext;
pub(crate) mod generate_mac;
pub(crate) mod generate_random;
pub(crate) mod get_public_key;
pub(crate) mod re_encrypt;
pub(crate) mod sign;
pub(crate) mod verify;
pub(crate) mod verify_mac;
