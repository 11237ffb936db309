use std::collections::BTreeMap;

use alcazar_core::{Arn, Timestamp};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

use crate::{PolicyDocument, Tags};

/// An IAM user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Its name, as given.
    pub name: String,
    /// `/` or `/division/team/`.
    pub path: String,
    /// `AIDA...`.
    pub id: String,
    /// Its ARN, which follows name and path.
    pub arn: Arn,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// The managed policy that bounds its permissions.
    #[serde(default)]
    pub permissions_boundary: Option<Arn>,
    /// The names of its groups, at most ten.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Managed policies attached.
    #[serde(default)]
    pub attached: Vec<Arn>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, PolicyDocument>,
    /// Its access keys, at most two.
    #[serde(default)]
    pub access_keys: Vec<String>,
}

impl Record for User {}

/// The users of an account, by [`name_key`](crate::name_key).
pub static USERS: Table<str, User> = Table::new("directory/users", ScopeKind::Account);
