use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Region, SecretText, Timestamp};
use alcazar_corridor::{Failure, Tx, View};
use alcazar_directory::{PolicyDocument, Sealed, Tags};
use alcazar_store::{Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_ssm::{ParameterTier, ParameterType};

use super::{Name, Policy};

/// CloudTrail's type of a parameter.
pub(crate) const KIND: &str = "AWS::SSM::Parameter";

/// A parameter: its newest version whole, so that reading it is one row, and what holds of all its versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Parameter {
    /// As it was written when it was made: with or without the first slash.
    pub(crate) name: String,
    pub(crate) arn: Arn,
    pub(crate) account: AccountId,
    pub(crate) newest: Version,
    /// The number of the oldest version that is kept. All between are.
    pub(crate) oldest: u64,
    /// The version that carries each label.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, u64>,
    #[serde(default)]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) sharing: Option<Sharing>,
}

/// A version of a parameter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) number: u64,
    pub(crate) r#type: ParameterType,
    pub(crate) value: Value,
    /// The key of a SecureString, as it was named.
    #[serde(default)]
    pub(crate) key_id: Option<String>,
    pub(crate) modified_at: Timestamp,
    /// The ARN of who made it.
    pub(crate) modified_by: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) allowed_pattern: Option<String>,
    /// Standard or Advanced.
    pub(crate) tier: ParameterTier,
    #[serde(default)]
    pub(crate) policies: Vec<Policy>,
    pub(crate) data_type: String,
}

/// A value as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Value {
    /// In the clear: String and StringList.
    Clear(SecretText),
    /// Encrypted by KMS itself: SecureString of the standard tier.
    Direct(Sealed),
    /// Encrypted under a data key of KMS: SecureString of the advanced tier.
    Envelope {
        /// The data key, encrypted by KMS.
        data_key: Sealed,
        /// The value, encrypted under it.
        value: Sealed,
    },
}

/// The resource policy by which a parameter is shared with other accounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sharing {
    pub(crate) id: String,
    pub(crate) hash: String,
    pub(crate) policy: PolicyDocument,
    /// The accounts that it names.
    pub(crate) accounts: Vec<AccountId>,
}

/// That a parameter of another account is shared with the account of the row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Shared {
    pub(crate) owner: AccountId,
    pub(crate) name: Name,
}

impl Record for Parameter {}
impl Record for Version {}
impl Record for Shared {}

/// The parameters of an account in a Region.
pub(crate) static PARAMETERS: Table<Name, Parameter> = Table::new("ssm/parameters", ScopeKind::Region);

/// All versions that are kept, the newest too, by name and number.
pub(crate) static VERSIONS: Table<(Name, u64), Version> = Table::new("ssm/versions", ScopeKind::Region);

/// What is shared with an account, by owner and name.
pub(crate) static SHARED: Table<(AccountId, Name), Shared> = Table::new("ssm/shared", ScopeKind::Region);

/// How many versions are kept. Source: Systems Manager User Guide, "Working with parameter versions".
pub(crate) const KEPT: u64 = 100;

impl Parameter {
    /// The key of its row.
    pub(crate) fn key(&self) -> Name {
        Name::of(&self.name)
    }

    /// The scope of its row.
    pub(crate) fn scope(&self) -> Scope {
        Scope::Region(self.account, Region::named(self.arn.region()).unwrap_or_default())
    }

    /// The labels of a version.
    pub(crate) fn labels_of(&self, number: u64) -> Vec<String> {
        self.labels.iter().filter(|(_, of)| **of == number).map(|(label, _)| label.clone()).collect()
    }

    /// The version of that number, if it is kept.
    pub(crate) async fn version(self: &Arc<Self>, number: u64, view: &View) -> Result<Option<Held>, Failure> {
        if number == self.newest.number {
            return Ok(Some(Held::Newest(self.clone())));
        }
        if number < self.oldest || number > self.newest.number {
            return Ok(None);
        }
        Ok(view.get(&VERSIONS, self.scope(), &(self.key(), number)).await?.map(Held::Older))
    }

    /// Stores it with a version that was just made.
    pub(crate) fn put(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        tx.put(&VERSIONS, self.scope(), &(self.key(), self.newest.number), &self.newest)?;
        self.put_alone(tx)
    }

    /// Stores what holds of all versions.
    pub(crate) fn put_alone(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        tx.put(&PARAMETERS, self.scope(), &self.key(), self)
    }

    /// Removes it with all its versions.
    pub(crate) fn remove(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        for number in self.oldest..=self.newest.number {
            tx.remove(&VERSIONS, self.scope(), &(self.key(), number))?;
        }
        self.unshare(tx)?;
        tx.remove(&PARAMETERS, self.scope(), &self.key())
    }

    /// Tells the accounts that its policy names that it is shared with them.
    pub(crate) fn share(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let shared = Shared { owner: self.account, name: self.key() };
        for scope in self.consumers() {
            tx.put(&SHARED, scope, &(self.account, self.key()), &shared)?;
        }
        Ok(())
    }

    /// Takes that back.
    pub(crate) fn unshare(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        for scope in self.consumers() {
            tx.remove(&SHARED, scope, &(self.account, self.key()))?;
        }
        Ok(())
    }

    fn consumers(&self) -> Vec<Scope> {
        let region = Region::named(self.arn.region()).unwrap_or_default();
        let accounts = self.sharing.iter().flat_map(|sharing| &sharing.accounts);
        accounts.map(|account| Scope::Region(*account, region)).collect()
    }
}

/// A version, wherever it is kept.
pub(crate) enum Held {
    Newest(Arc<Parameter>),
    Older(Arc<Version>),
}

impl std::ops::Deref for Held {
    type Target = Version;

    fn deref(&self) -> &Version {
        match self {
            Self::Newest(parameter) => &parameter.newest,
            Self::Older(version) => version,
        }
    }
}
