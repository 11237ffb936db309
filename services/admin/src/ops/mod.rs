//! One file an operation.

pub(crate) mod advance_clock;
pub(crate) mod create_account;
pub(crate) mod create_xks_proxy_credential;
pub(crate) mod delete_xks_proxy_credential;
pub(crate) mod describe_account;
pub(crate) mod get_clock;
pub(crate) mod get_usage;
pub(crate) mod list_accounts;
pub(crate) mod list_xks_proxy_credentials;
