use alcazar_core::{AccountId, Arn, Timestamp};
use alcazar_directory::{PolicyDocument, Tags};
use serde::{Deserialize, Serialize};

/// What a session token holds, sealed: everything a call with temporary credentials needs, so that no row is kept for it.
/// A session dies with its expiry, or with the role or user whose unique id it carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// `ASIA...`: the token is good with this key alone.
    pub access_key_id: String,
    /// The secret access key.
    pub secret: alcazar_core::SecretText,
    /// The account.
    pub account: AccountId,
    /// Whose session it is.
    pub principal: SessionPrincipal,
    /// The role session's or the federated user's name; empty for GetSessionToken.
    pub name: String,
    /// When it was issued: `aws:TokenIssueTime`, on the services' clock.
    pub issued_at: Timestamp,
    /// When it ends, on the services' clock.
    pub expires_at: Timestamp,
    /// When the caller proved its second factor.
    #[serde(default)]
    pub mfa_at: Option<Timestamp>,
    /// The session policy given inline.
    #[serde(default)]
    pub policy: Option<PolicyDocument>,
    /// The managed policies given as session policies.
    #[serde(default)]
    pub policy_arns: Vec<Arn>,
    /// Session tags.
    #[serde(default)]
    pub tags: Tags,
    /// The keys of tags that pass to the next session in a chain.
    #[serde(default)]
    pub transitive_tag_keys: Vec<String>,
    /// The source identity, which every session in a chain keeps.
    #[serde(default)]
    pub source_identity: Option<String>,
    /// Assumed by a session: then an hour is the longest.
    #[serde(default)]
    pub chained: bool,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionPrincipal {
    /// The root user's (GetSessionToken).
    Root,
    /// A user's (GetSessionToken), by name and unique id.
    User {
        /// The name.
        name: String,
        /// `AIDA...`.
        id: String,
    },
    /// A role's (AssumeRole), by name and unique id.
    Role {
        /// The name.
        name: String,
        /// `AROA...`.
        id: String,
    },
    /// A federated user's (GetFederationToken); the user who called, or root.
    Federated {
        /// The calling user's name and unique id.
        user: Option<(String, String)>,
    },
}
