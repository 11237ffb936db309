//! The principals of policies on resources: they must exist when the policy is put, and are kept by their unique ids, so that nobody
//! inherits a right with a name.
//! Source: IAM User Guide, "AWS JSON policy elements: Principal".

use std::collections::BTreeMap;

use alcazar_core::{AccountId, Arn, Declares, ServiceError};
use alcazar_directory::{ACCOUNTS, PolicyDocument, ROLES, USERS, name_key};
use alcazar_policy::{named_principals, renamed_principals};
use alcazar_store::Scope;

use crate::{Failure, Named, Refusal, View};

impl View {
    /// The document bound to the unique ids of the users and roles that it names. Every `AWS` principal must exist: an account of this
    /// installation, its user or role, or a session of its role; `invalid` makes the error for one that does not. Principals of other kinds
    /// (services, identity providers) are not looked at.
    ///
    /// # Errors
    /// That of `invalid`, or when the store cannot be read.
    pub async fn bound<S, E>(
        &self,
        document: PolicyDocument,
        invalid: impl FnOnce(&str) -> E + Send,
    ) -> Result<PolicyDocument, Refusal<S>>
    where
        S: Declares<E>,
        E: ServiceError,
    {
        let mut unique_ids = BTreeMap::new();
        for name in named_principals(document.text()) {
            match self.principal(&name).await? {
                Existing::No => return Err(Refusal::from(invalid(&name))),
                Existing::Yes(Some(id)) => drop(unique_ids.insert(name, id)),
                Existing::Yes(None) => {}
            }
        }
        Ok(document.bound(unique_ids))
    }

    /// The document as it is told to readers: a user or role that is no more stands there as its unique id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn shown(&self, document: &PolicyDocument) -> Result<PolicyDocument, Failure> {
        let mut others = BTreeMap::new();
        for (arn, id) in document.unique_ids() {
            let now = self.arn_of(arn, id).await?.unwrap_or_else(|| id.clone());
            if now != *arn {
                others.insert(arn.as_str(), now);
            }
        }
        Ok(match others.is_empty() {
            true => document.clone(),
            false => {
                PolicyDocument::new(&renamed_principals(document.text(), |arn| others.get(arn).cloned()))
            }
        })
    }

    async fn principal(&self, name: &str) -> Result<Existing, Failure> {
        if name == "*" {
            return Ok(Existing::Yes(None));
        }
        if let Ok(account) = name.parse::<AccountId>() {
            let known = self.get(&ACCOUNTS, Scope::Installation, &account).await?;
            return Ok(known.map_or(Existing::No, |_| Existing::Yes(None)));
        }
        let Ok(arn) = name.parse::<Arn>() else { return Ok(Existing::No) };
        let named = self.named(&arn).await?;
        Ok(match named {
            Named::Nobody | Named::Elsewhere => Existing::No,
            Named::Session if !self.role_of_session(&arn).await? => Existing::No,
            named => Existing::Yes(named.unique_id().map(str::to_owned)),
        })
    }

    /// Whether the role of that session is there; sessions themselves have no rows, nor have federated users.
    async fn role_of_session(&self, arn: &Arn) -> Result<bool, Failure> {
        let mut parts = arn.resource().split('/');
        let (Some("assumed-role"), Some(role), Ok(account)) =
            (parts.next(), parts.next(), arn.account().parse::<AccountId>())
        else {
            return Ok(true);
        };
        Ok(self.get(&ROLES, Scope::Account(account), name_key(role).as_str()).await?.is_some())
    }

    /// The ARN that the user or role of that id has now; `None` when nobody of that ARN's name is the same one.
    async fn arn_of(&self, arn: &str, id: &str) -> Result<Option<String>, Failure> {
        let Ok(arn) = arn.parse::<Arn>() else { return Ok(None) };
        let Ok(account) = arn.account().parse::<AccountId>() else { return Ok(None) };
        let (scope, key) = (Scope::Account(account), name_key(arn.name()));
        if arn.resource().starts_with("role/") {
            let role = self.glimpse(&ROLES, scope, key.as_str()).await?;
            return Ok(role.filter(|role| role.id == id).map(|role| role.arn.to_string()));
        }
        let user = self.glimpse(&USERS, scope, key.as_str()).await?;
        Ok(user.filter(|user| user.id == id).map(|user| user.arn.to_string()))
    }
}

/// Whether a principal is there, and the unique id behind it, if it has one of its own.
enum Existing {
    No,
    Yes(Option<String>),
}
