//! Who or what an ARN names, as far as this installation knows. Another path is another user, role or policy.

use std::sync::Arc;

use alcazar_core::{AccountId, Arn};
use alcazar_directory::{ACCOUNTS, MANAGED_POLICIES, ManagedPolicy, ROLES, Role, USERS, User, name_key};
use alcazar_store::Scope;

use crate::{Failure, View};

/// A principal as an ARN names it.
#[derive(Debug, Clone)]
pub enum Named {
    /// An account as a whole.
    Account,
    /// A user.
    User(Arc<User>),
    /// A role.
    Role(Arc<Role>),
    /// A session of a role or a federated user: it has no row of its own.
    Session,
    /// A principal of an account that is not in this installation: it cannot be asked.
    Elsewhere,
    /// No principal.
    Nobody,
}

impl Named {
    /// The unique id that AWS keeps behind the ARN of a user or role.
    pub fn unique_id(&self) -> Option<&str> {
        match self {
            Self::User(user) => Some(&user.id),
            Self::Role(role) => Some(&role.id),
            Self::Account | Self::Session | Self::Elsewhere | Self::Nobody => None,
        }
    }
}

impl View {
    /// The principal of that ARN.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn named(&self, arn: &Arn) -> Result<Named, Failure> {
        let Ok(account) = arn.account().parse::<AccountId>() else { return Ok(Named::Nobody) };
        if arn.partition() != self.region().partition().name || !arn.region().is_empty() {
            return Ok(Named::Nobody);
        }
        let known = self.get(&ACCOUNTS, Scope::Installation, &account).await?.is_some();
        let (scope, key) = (Scope::Account(account), name_key(arn.name()));
        let kind = arn.resource().split('/').next().unwrap_or_default();
        Ok(match (arn.service(), kind) {
            ("iam", "root" | "user" | "role") | ("sts", "assumed-role" | "federated-user") if !known => {
                Named::Elsewhere
            }
            ("iam", "root") => Named::Account,
            ("iam", "user") => {
                let user = self.get(&USERS, scope, key.as_str()).await?;
                user.filter(|user| user.arn == *arn).map_or(Named::Nobody, Named::User)
            }
            ("iam", "role") => {
                let role = self.get(&ROLES, scope, key.as_str()).await?;
                role.filter(|role| role.arn == *arn).map_or(Named::Nobody, Named::Role)
            }
            ("sts", "assumed-role" | "federated-user") if arn.resource().contains('/') => Named::Session,
            _ => Named::Nobody,
        })
    }

    /// That account's own managed policy of that ARN.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn managed_policy(
        &self,
        account: AccountId,
        arn: &Arn,
    ) -> Result<Option<Arc<ManagedPolicy>>, Failure> {
        let key = name_key(arn.name());
        let policy = self.get(&MANAGED_POLICIES, Scope::Account(account), key.as_str()).await?;
        Ok(policy.filter(|policy| policy.arn == *arn))
    }
}
