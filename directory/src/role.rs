use std::collections::BTreeMap;

use alcazar_core::{Arn, Timestamp};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

use crate::{PolicyDocument, Tags};

/// An IAM role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Role {
    /// Its name, as given.
    pub name: String,
    /// `/` or `/service-role/`.
    pub path: String,
    /// `AROA...`. Sessions carry it: a role made anew under an old name does not revive them.
    pub id: String,
    /// Its ARN.
    pub arn: Arn,
    /// When it was created.
    pub created_at: Timestamp,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// The longest session, in seconds: 3600 to 43200.
    pub max_session_duration: i32,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// The managed policy that bounds its permissions.
    #[serde(default)]
    pub permissions_boundary: Option<Arn>,
    /// Managed policies attached.
    #[serde(default)]
    pub attached: Vec<Arn>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, PolicyDocument>,
}

impl Record for Role {}

/// The roles of an account, by [`name_key`](crate::name_key).
pub static ROLES: Table<str, Role> = Table::new("directory/roles", ScopeKind::Account);
