use std::collections::BTreeMap;

use alcazar_core::{Arn, Timestamp};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

use crate::PolicyDocument;

/// An IAM group: no principal, only a holder of policies for its users.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// Its name, as given.
    pub name: String,
    /// `/` or `/division/team/`.
    pub path: String,
    /// `AGPA...`.
    pub id: String,
    /// Its ARN.
    pub arn: Arn,
    /// When it was created.
    pub created_at: Timestamp,
    /// Managed policies attached.
    #[serde(default)]
    pub attached: Vec<Arn>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, PolicyDocument>,
    /// Its users, by name key, in the order they were added.
    #[serde(default)]
    pub members: Vec<String>,
}

impl Record for Group {}

/// The groups of an account, by [`name_key`](crate::name_key).
pub static GROUPS: Table<str, Group> = Table::new("directory/groups", ScopeKind::Account);
