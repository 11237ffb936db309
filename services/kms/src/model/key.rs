use std::sync::{Arc, OnceLock};
use std::time::Duration;

use alcazar_core::{AccountId, Arn, Declares, Region, Timestamp};
use alcazar_corridor::{Refusal, Tx};
use alcazar_directory::{PolicyDocument, Sealed, Tags};
use alcazar_store::{Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_kms::{KeyManagerType, KeySpec, KeyState, KeyUsageType, NotFoundException, OriginType};

use super::{Found, KeyStore, Ready, Regions};

/// A KMS key in its Region. Its material is a list: each rotation adds one, and old ones stay for what they encrypted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Key {
    /// A UUID, or `mrk-` and 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) arn: Arn,
    pub(crate) account: AccountId,
    pub(crate) created_at: Timestamp,
    pub(crate) description: String,
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsageType,
    pub(crate) origin: OriginType,
    /// Customer keys are made by CreateKey. AWS managed keys (`alias/aws/<service>`) come into being when they are first asked for.
    pub(crate) manager: KeyManagerType,
    /// Disabled by DisableKey. A key pending deletion comes back disabled when that is cancelled.
    pub(crate) enabled: bool,
    /// When it is deleted, and the window that was asked for.
    #[serde(default)]
    pub(crate) deletion: Option<(Timestamp, i32)>,
    pub(crate) policy: PolicyDocument,
    #[serde(default)]
    pub(crate) tags: Tags,
    /// The names of its aliases, `alias/...`, in the order they were made.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    /// Where a multi-Region key is. Each of its Regions has a row of its own: id, material and rotation are the same in all of them.
    #[serde(default)]
    pub(crate) regions: Option<Regions>,
    /// A primary key that goes when its last replica is gone, and this many days have passed since.
    #[serde(default)]
    pub(crate) deletion_window: Option<i32>,
    /// Automatic rotation, if it is on.
    #[serde(default)]
    pub(crate) rotation: Option<Schedule>,
    /// How often it was rotated on demand: at most 25 times.
    #[serde(default)]
    pub(crate) on_demand_rotations: u32,
    /// When the rotation on demand was asked for that is under way.
    #[serde(default)]
    pub(crate) on_demand_since: Option<Timestamp>,
    /// Its material, oldest first; the last one encrypts. Empty for a key whose material was never imported.
    pub(crate) material: Vec<KeyMaterial>,
    /// Imported material that the next rotation on demand makes the current one.
    #[serde(default)]
    pub(crate) pending: Option<KeyMaterial>,
    /// Where the key is in a custom key store.
    #[serde(default)]
    pub(crate) custody: Option<Custody>,
    /// Whether it has, or has had, a grant: while it has not, a decision need not look for one. Of a row that does not say, it is not known.
    #[serde(default = "maybe")]
    pub(crate) granted: bool,
    /// The shard of the quota that counts it; `None` for keys that are older than the quota, which are counted by their id.
    #[serde(default)]
    pub(crate) counted_in: Option<u64>,
}

fn maybe() -> bool {
    true
}

/// A key's place in an external key store: what its material encrypts, a key outside encrypts again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Custody {
    /// `cks-...`.
    pub(crate) store_id: String,
    /// The key outside, by the name that its keeper knows.
    pub(crate) xks_key_id: String,
    /// The store as it was when the key was looked up; of a row that was read alone it is not known.
    #[serde(skip)]
    pub(crate) store: Option<Arc<KeyStore>>,
}

/// Automatic rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    /// Every so many days: 90 to 2560.
    pub(crate) period_days: i32,
    pub(crate) next_at: Timestamp,
}

/// One key material. Where it was imported the row outlives it: what comes later must be the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyMaterial {
    /// 64 hexadecimal digits, as AWS shows it; derived from the secret and the key's id.
    pub(crate) id: String,
    pub(crate) since: Timestamp,
    /// How it came to be, unless it was the first.
    #[serde(default)]
    pub(crate) rotation: Option<RotationKind>,
    /// The material itself, sealed for this key and this id. `None` where it was imported and is expired or deleted.
    pub(crate) sealed: Option<Sealed>,
    /// What its importer says of it.
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// When imported material is deleted by itself.
    #[serde(default)]
    pub(crate) expires_at: Option<Timestamp>,
    /// Opened and parsed when first used, for as long as the row stays in memory.
    #[serde(skip)]
    pub(crate) ready: OnceLock<Arc<Ready>>,
}

/// What brought a rotation about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RotationKind {
    Automatic,
    OnDemand,
}

/// Whose a key is: a ciphertext names its key by id alone, and other accounts may use it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) account: AccountId,
    /// Where it was made. A multi-Region key is elsewhere too.
    pub(crate) region: Region,
}

impl Record for Key {}
impl Record for Holder {}

/// The keys of an account in a Region, by id.
pub(crate) static KEYS: Table<str, Key> = Table::new("kms/keys", ScopeKind::Region);

/// Whose each key of the installation is, by id.
pub(crate) static HOLDERS: Table<str, Holder> = Table::new("kms/holders", ScopeKind::Installation);

impl Key {
    /// The state it is in. Source: KMS Developer Guide, "Key states of AWS KMS keys".
    pub(crate) fn state(&self) -> KeyState {
        if self.deletion_window.is_some() {
            return KeyState::PendingReplicaDeletion;
        }
        match (self.deletion, self.is_complete(), self.enabled) {
            (Some(_), _, _) => KeyState::PendingDeletion,
            _ if self.is_unavailable() => KeyState::Unavailable,
            (None, false, _) => KeyState::PendingImport,
            (None, true, true) => KeyState::Enabled,
            (None, true, false) => KeyState::Disabled,
        }
    }

    /// Whether the key is in a store that somebody has disconnected. A connection that fails by itself leaves the state as it is.
    fn is_unavailable(&self) -> bool {
        let store = self.custody.as_ref().and_then(|custody| custody.store.as_ref());
        store.is_some_and(|store| store.is_disconnected())
    }

    /// Whether all material is there that the key ever encrypted with. Imported material comes later, and may go again.
    pub(crate) fn is_complete(&self) -> bool {
        !self.material.is_empty() && self.material.iter().all(|material| material.sealed.is_some())
    }

    /// The scope of its row.
    pub(crate) fn scope(&self) -> Scope {
        Scope::Region(self.account, self.region())
    }

    /// The Region it is in.
    pub(crate) fn region(&self) -> Region {
        Region::named(self.arn.region()).unwrap_or_default()
    }

    /// The material of that id.
    pub(crate) fn material(&self, id: &str) -> Option<&KeyMaterial> {
        self.material.iter().rev().find(|material| material.id == id)
    }
}

impl KeyMaterial {
    /// Material that is known by its id alone, until it is imported.
    pub(crate) fn to_come(id: &str, since: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            since,
            rotation: None,
            sealed: None,
            description: None,
            expires_at: None,
            ready: OnceLock::new(),
        }
    }
}

/// Changes a key's row within a transaction: the row as it is then, not as `locate` saw it.
pub(crate) fn change<S, T>(
    tx: &mut Tx<'_>,
    found: &Found,
    change: impl FnOnce(&mut Tx<'_>, &mut Key) -> Result<T, Refusal<S>>,
) -> Result<T, Refusal<S>>
where
    S: Declares<NotFoundException>,
{
    let key = found.key()?;
    let row = tx.get(&KEYS, found.scope(), key.id.as_str())?.ok_or_else(|| found.missing())?;
    let mut key = (*row).clone();
    let told = change(tx, &mut key)?;
    tx.put(&KEYS, found.scope(), key.id.as_str(), &key)?;
    Ok(told)
}

/// So many days.
pub(crate) fn days(days: i32) -> Duration {
    Duration::from_secs(u64::try_from(days).unwrap_or(0) * 24 * 3600)
}

/// The place a material is sealed for: it opens for no other key and under no other id.
pub(crate) fn material_context(key: &Arn, material_id: &str) -> Vec<u8> {
    format!("kms/material/{key}/{material_id}").into_bytes()
}
