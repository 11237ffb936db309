//! Whose access keys a call is about: those of a named user, or of whoever calls.

use alcazar_core::{Declares, Timestamp};
use alcazar_corridor::{Failure, Guard, Principal, Refusal, View};
use alcazar_directory::{ACCESS_KEYS, ACCOUNTS, AccessKey, Account, KeyOwner, User};
use alcazar_store::Scope;
use wire_iam::{AccessKeyMetadata, NoSuchEntityException, StatusType};

use super::guard::arn;
use super::{Entity, Found, Rows};

/// A user, or the account's root user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    Root,
    User(String),
}

impl Holder {
    /// The user that the call names, or the caller. Roles and federated users have neither user nor keys of their own.
    pub(crate) fn named(view: &View, user_name: Option<&str>) -> Result<Self, Failure> {
        match (user_name, view.caller().principal()) {
            (Some(name), _) => Ok(Self::User(name.to_owned())),
            (None, Principal::Root) => Ok(Self::Root),
            (None, Principal::User(user)) => Ok(Self::User(user.name.clone())),
            (None, _) => {
                Err(Failure::validation("Must specify userName when calling with non-User credentials"))
            }
        }
    }

    /// How the holder guards itself.
    pub(crate) async fn guard(&self, view: &View) -> Result<Guard, Failure> {
        match self {
            Self::Root => Ok(Guard::new(arn(view, "root"), view.account()).kind(User::KIND)),
            Self::User(name) => Ok(Found::<User>::named(view, name).await?.guard()),
        }
    }
}

/// A holder's row inside a commit.
pub(crate) enum HolderRow {
    Root(Account),
    User(User),
}

impl HolderRow {
    /// As answers name the holder.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Root(_) => "root",
            Self::User(user) => &user.name,
        }
    }

    /// The ids of its keys, oldest first.
    pub(crate) fn keys(&self) -> &[String] {
        match self {
            Self::Root(account) => &account.root_access_keys,
            Self::User(user) => &user.access_keys,
        }
    }

    /// The ids of its keys, to be changed.
    pub(crate) fn keys_mut(&mut self) -> &mut Vec<String> {
        match self {
            Self::Root(account) => &mut account.root_access_keys,
            Self::User(user) => &mut user.access_keys,
        }
    }

    /// As its keys name the holder.
    pub(crate) fn owner(&self) -> KeyOwner {
        match self {
            Self::Root(_) => KeyOwner::Root,
            Self::User(user) => KeyOwner::User { name: user.name.clone(), id: user.id.clone() },
        }
    }
}

impl<S: Declares<NoSuchEntityException>> Rows<'_, '_, S> {
    /// The holder's row.
    pub(crate) fn holder(&self, holder: &Holder) -> Result<HolderRow, Refusal<S>> {
        match holder {
            Holder::Root => {
                let account = self.tx.get(&ACCOUNTS, Scope::Installation, &self.account)?;
                let account = account.ok_or_else(|| Failure::internal("the account has no row"))?;
                Ok(HolderRow::Root((*account).clone()))
            }
            Holder::User(name) => Ok(HolderRow::User(self.entity(name)?)),
        }
    }

    /// Writes the holder's row.
    pub(crate) fn save_holder(&mut self, holder: &HolderRow) -> Result<(), Failure> {
        match holder {
            HolderRow::Root(account) => self.tx.put(&ACCOUNTS, Scope::Installation, &account.id, account),
            HolderRow::User(user) => self.save(user),
        }
    }

    /// The holder's key of that id.
    pub(crate) fn key(&self, holder: &HolderRow, id: &str) -> Result<AccessKey, Refusal<S>> {
        let missing = || NoSuchEntityException::new(format!("The Access Key with id {id} cannot be found."));
        if !holder.keys().iter().any(|key| key == id) {
            return Err(missing().into());
        }
        let key = self.tx.get(&ACCESS_KEYS, Scope::Installation, id)?;
        Ok((*key.ok_or_else(missing)?).clone())
    }

    /// Writes a key's row.
    pub(crate) fn save_key(&mut self, key: &AccessKey) -> Result<(), Failure> {
        self.tx.put(&ACCESS_KEYS, Scope::Installation, key.id.as_str(), key)
    }

    /// The keys of a renamed user carry its new name.
    pub(crate) fn rename_keys(&mut self, user: &User) -> Result<(), Failure> {
        for id in &user.access_keys {
            if let Some(key) = self.tx.get(&ACCESS_KEYS, Scope::Installation, id.as_str())? {
                let owner = KeyOwner::User { name: user.name.clone(), id: user.id.clone() };
                self.save_key(&AccessKey { owner, ..(*key).clone() })?;
            }
        }
        Ok(())
    }
}

/// A key as lists tell it.
pub(crate) fn metadata(key: &AccessKey, user_name: Option<&str>) -> AccessKeyMetadata {
    AccessKeyMetadata {
        user_name: user_name.map(str::to_owned),
        access_key_id: Some(key.id.clone()),
        status: Some(status(key.active)),
        create_date: Some(key.created_at),
    }
}

/// `Active` or `Inactive`.
pub(crate) fn status(active: bool) -> StatusType {
    if active { StatusType::Active } else { StatusType::Inactive }
}

/// What keys are listed by: their age, then their id.
pub(crate) fn sorted_by(created_at: Timestamp, id: &str) -> String {
    format!("{:020} {id}", created_at.millis())
}
