//! Credentials for the external key store proxy's gate.

use alcazar_core::Timestamp;
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_alcazar::shapes;

/// The signing name of the gate: its keys sign there and nowhere else.
/// Source: External Key Store Proxy API Specification, Appendix A.
pub(crate) const GATE: &str = "kms-xks-proxy";

/// How many credentials an account has at most.
pub(crate) const CREDENTIAL_LIMIT: usize = 1000;

/// A credential, as lists tell it; its secret is in the directory's row of the same id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct XksCredential {
    pub(crate) access_key_id: String,
    pub(crate) user_arn: String,
    pub(crate) created_at: Timestamp,
}

impl Record for XksCredential {}

/// The credentials of an account's users, by access key id.
pub(crate) static XKS_CREDENTIALS: Table<str, XksCredential> =
    Table::new("alcazar/xks-credentials", ScopeKind::Account);

impl XksCredential {
    /// As it is told.
    pub(crate) fn told(&self) -> shapes::XksProxyCredential {
        shapes::XksProxyCredential {
            access_key_id: Some(self.access_key_id.clone()),
            user_arn: Some(self.user_arn.clone()),
            created_at: Some(self.created_at),
        }
    }
}
