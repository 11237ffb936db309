use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

/// How much of its IAM quotas an account uses: counted with each change, so that nothing has to be scanned to refuse the next one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Users.
    #[serde(default)]
    pub users: i32,
    /// Groups.
    #[serde(default)]
    pub groups: i32,
    /// Roles.
    #[serde(default)]
    pub roles: i32,
    /// Customer managed policies.
    #[serde(default)]
    pub policies: i32,
    /// Versions of customer managed policies, all together.
    #[serde(default)]
    pub policy_versions: i32,
}

/// How an account uses an AWS managed policy: the policy itself has no row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsPolicyUse {
    /// How many users, groups and roles have it attached.
    #[serde(default)]
    pub attachments: i32,
    /// How many users and roles have it as their boundary.
    #[serde(default)]
    pub boundaries: i32,
}

impl Record for Usage {}
impl Record for AwsPolicyUse {}

/// One row an account, under `""`.
pub static USAGE: Table<str, Usage> = Table::new("directory/usage", ScopeKind::Account);

/// By [`name_key`](crate::name_key) of the policy.
pub static AWS_POLICY_USE: Table<str, AwsPolicyUse> =
    Table::new("directory/aws-policy-use", ScopeKind::Account);
