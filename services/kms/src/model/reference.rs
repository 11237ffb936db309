use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Declares, Region};
use alcazar_corridor::{Failure, Refusal, View};
use alcazar_material::KeyId;
use alcazar_store::Scope;
use wire_kms::NotFoundException;

use super::{ALIASES, KEYS, Key, with_store};

/// A `KeyId` parameter in its four forms: key id, key ARN, alias name, alias ARN; or none of them.
/// Source: KMS API reference, `DescribeKey`, KeyId.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    account: AccountId,
    region: Region,
    named: Named,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Key(String),
    Alias(String),
    /// A key of a Region that was not called: its name.
    Elsewhere(Arn),
    /// No form of a key's name.
    Nothing(String),
}

/// What a reference led to.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    key: Option<Arc<Key>>,
    /// The ARN of the key, or of what was asked for where there is none: the resource that the decision is about.
    pub(crate) arn: Arn,
    /// Whose it would be.
    pub(crate) owner: AccountId,
    /// The alias by which it was named: `kms:RequestAlias`.
    pub(crate) alias: Option<String>,
    region: Region,
    named: Named,
}

impl Reference {
    /// Reads the parameter; a bare id or alias belongs to the caller's account and the called Region.
    pub(crate) fn read(text: &str, view: &View) -> Self {
        let here = |named| Self { account: view.account(), region: view.region(), named };
        if !text.starts_with("arn:") {
            return here(if text.starts_with("alias/") {
                Named::Alias(text.to_owned())
            } else if KeyId::from_text(text).is_some() {
                Named::Key(text.to_owned())
            } else {
                Named::Nothing(text.to_owned())
            });
        }
        Self::of_arn(text, view).unwrap_or_else(|| here(Named::Nothing(text.to_owned())))
    }

    /// Reads a parameter that takes a key's id or ARN alone: aliases name nothing there.
    pub(crate) fn read_key(text: &str, view: &View) -> Self {
        let mut reference = Self::read(text, view);
        if matches!(reference.named, Named::Alias(_)) {
            reference.named = Named::Nothing(text.to_owned());
        }
        reference
    }

    /// A key in that account and the called Region.
    pub(crate) fn of_key(id: String, account: AccountId, view: &View) -> Self {
        Self { account, region: view.region(), named: Named::Key(id) }
    }

    /// The same in another Region of the installation.
    pub(crate) fn in_region(self, region: Region) -> Self {
        Self { region, ..self }
    }

    fn of_arn(text: &str, view: &View) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        if arn.service() != "kms" || arn.partition() != view.region().partition().name {
            return None;
        }
        let account = arn.account().parse().ok()?;
        let named = match arn.resource().split_once('/') {
            _ if arn.region() != view.region().name() => Named::Elsewhere(arn),
            Some(("key", id)) => Named::Key(id.to_owned()),
            Some(("alias", _)) => Named::Alias(arn.resource().to_owned()),
            _ => return None,
        };
        Some(Self { account, region: view.region(), named })
    }

    /// Looks it up.
    pub(crate) async fn find(self, view: &View) -> Result<Found, Failure> {
        let scope = Scope::Region(self.account, self.region);
        let key = match &self.named {
            Named::Key(id) => view.get(&KEYS, scope, id.as_str()).await?,
            Named::Alias(name) => match view.get(&ALIASES, scope, name.as_str()).await? {
                Some(alias) => view.get(&KEYS, scope, alias.key_id.as_str()).await?,
                None => None,
            },
            Named::Elsewhere(_) | Named::Nothing(_) => None,
        };
        let key = match key {
            Some(key) if key.custody.is_some() => Some(with_store(key, scope, view).await?),
            key => key,
        };
        let arn = match &key {
            Some(key) => key.arn.clone(),
            None => self.arn(),
        };
        let alias = match &self.named {
            Named::Alias(name) => Some(name.clone()),
            _ => None,
        };
        Ok(Found { key, arn, owner: self.account, alias, region: self.region, named: self.named })
    }

    fn arn(&self) -> Arn {
        let resource = match &self.named {
            Named::Key(id) | Named::Nothing(id) => format!("key/{id}"),
            Named::Alias(name) => name.clone(),
            Named::Elsewhere(arn) => return arn.clone(),
        };
        Arn::new(self.region.partition().name, "kms", self.region.name(), self.account.as_str(), &resource)
    }
}

impl Found {
    /// The key, if there is one: for `locate`, which tells nobody.
    pub(crate) fn found(&self) -> Option<&Arc<Key>> {
        self.key.as_ref()
    }

    /// The key, for a caller who may know whether there is one.
    pub(crate) fn key<S: Declares<NotFoundException>>(&self) -> Result<&Arc<Key>, Refusal<S>> {
        self.key.as_ref().ok_or_else(|| self.missing().into())
    }

    /// That there is no such key, in AWS's words.
    pub(crate) fn missing(&self) -> NotFoundException {
        NotFoundException::new(match &self.named {
            Named::Key(_) => format!("Key '{}' does not exist", self.arn),
            Named::Alias(_) => format!("Alias {} is not found.", self.arn),
            Named::Elsewhere(arn) => format!("Invalid arn {}", arn.region()),
            Named::Nothing(text) if text.starts_with("arn:") => format!("Invalid arn {text}"),
            Named::Nothing(text) => format!("Invalid keyId '{text}'"),
        })
    }

    /// The scope of the key's row.
    pub(crate) fn scope(&self) -> Scope {
        Scope::Region(self.owner, self.region)
    }
}
