//! The rows of principals, credentials and policies: written by `iam`, `sts`, `organizations` and `alcazar`, read by the corridor
//! on every call. Only their shape lives here; the rules of each operation are in the services.

mod access_key;
mod account;
mod group;
mod installation;
mod managed_policy;
mod policy_document;
mod role;
mod tags;
mod usage;
mod user;

pub use access_key::{ACCESS_KEYS, AccessKey, KeyOwner, Sealed};
pub use account::{ACCOUNT_ALIASES, ACCOUNTS, Account, AccountAlias};
pub use group::{GROUPS, Group};
pub use installation::{INSTALLATION, Installation};
pub use managed_policy::{AWS_MANAGED, MANAGED_POLICIES, ManagedPolicy, PolicyVersion, aws_managed};
pub use policy_document::PolicyDocument;
pub use role::{ROLES, Role};
pub use tags::Tags;
pub use usage::{AWS_POLICY_USE, AwsPolicyUse, USAGE, Usage};
pub use user::{USERS, User};

/// The key of a user, group, role or policy: names are unique without regard to case.
/// Source: IAM User Guide, "IAM and STS quotas", names are case-insensitively unique.
pub fn name_key(name: &str) -> String {
    name.to_ascii_lowercase()
}
