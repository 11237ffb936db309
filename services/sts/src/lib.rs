//! AWS Security Token Service: who calls, and temporary credentials for who may become whom.
//!
//! Credentials made here leave no row: the token holds the session, sealed (`alcazar_corridor::Session`), and dies with its expiry or
//! with the user or role whose unique id it carries.

mod model;
mod ops;

use alcazar_corridor::{Entry, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry =
    ServiceEntry { service: &wire_sts::SERVICE, operations: OPERATIONS, jobs: &[], billed: None };

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::assume_role::AssumeRole>(),
    Entry::of::<ops::get_access_key_info::GetAccessKeyInfo>(),
    Entry::of::<ops::get_caller_identity::GetCallerIdentity>(),
    Entry::of::<ops::get_federation_token::GetFederationToken>(),
    Entry::of::<ops::get_session_token::GetSessionToken>(),
    // </operations>
];
