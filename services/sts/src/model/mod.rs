//! What the operations share: credentials as they are issued, and the policies and tags that narrow a session.

mod credentials;
mod narrowing;

pub(crate) use credentials::{account_of_temporary_key, issue, refuse_mfa, session};
pub(crate) use narrowing::{Narrowing, checked_tags};
