use std::collections::BTreeMap;
use std::time::Duration;

use alcazar_core::{AccountId, Arn, Declares, Region, Timestamp};
use alcazar_corridor::{Call, Operation, Refusal};
use alcazar_directory::{PolicyDocument, Sealed, Tags};
use alcazar_store::{Record, Scope};
use serde::{Deserialize, Serialize};
use wire_secretsmanager::{InvalidParameterException, InvalidRequestException};

use super::{Replica, Rotation};

/// CloudTrail's type of a secret.
pub(crate) const KIND: &str = "AWS::SecretsManager::Secret";

/// A secret, and what is known of its versions. The values have rows of their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) name: String,
    /// It ends in a hyphen and six random characters, so that a secret of the same name that is made later is another one.
    pub(crate) arn: Arn,
    pub(crate) account: AccountId,
    pub(crate) created_at: Timestamp,
    /// When anything of it was last changed.
    pub(crate) changed_at: Timestamp,
    /// The day on which a value was last read.
    #[serde(default)]
    pub(crate) accessed_on: Option<Timestamp>,
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// The key that was chosen, as it was named; `None` is the AWS managed key `aws/secretsmanager`.
    #[serde(default)]
    pub(crate) kms_key_id: Option<String>,
    #[serde(default)]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) deletion: Option<Deletion>,
    #[serde(default)]
    pub(crate) policy: Option<PolicyDocument>,
    /// Further resource policies, by name.
    #[serde(default)]
    pub(crate) policies: BTreeMap<String, PolicyDocument>,
    /// How it is rotated, once that was asked for.
    #[serde(default)]
    pub(crate) rotation: Option<Rotation>,
    /// Its replicas in other Regions.
    #[serde(default)]
    pub(crate) replicas: Vec<Replica>,
    /// It is a replica of the secret in that Region.
    #[serde(default)]
    pub(crate) primary: Option<Region>,
    /// Oldest first.
    #[serde(default)]
    pub(crate) versions: Vec<Version>,
}

/// The waiting of a deleted secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deletion {
    /// When it was asked for.
    pub(crate) since: Timestamp,
    /// When it happens.
    pub(crate) due: Timestamp,
}

/// What is known of a version without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// The request's token: 32 to 64 characters.
    pub(crate) id: String,
    /// Its staging labels. A version without any is deprecated.
    pub(crate) stages: Vec<String>,
    pub(crate) created_at: Timestamp,
    #[serde(default)]
    pub(crate) accessed_on: Option<Timestamp>,
    /// The key it is encrypted under, as it was named; `None` is the AWS managed key.
    #[serde(default)]
    pub(crate) kms_key_id: Option<String>,
    /// A rotation has begun it, and it has no value yet.
    #[serde(default)]
    pub(crate) empty: bool,
}

/// The encrypted value of a version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ciphertext {
    /// The data key, encrypted by KMS.
    pub(crate) data_key: Sealed,
    /// The value, encrypted under the data key.
    pub(crate) value: Sealed,
    /// The value is bytes; otherwise it is text.
    pub(crate) binary: bool,
}

impl Record for Secret {}
impl Record for Ciphertext {}

/// How many versions are kept; beyond, those without labels go that are older than a day.
/// Source: Secrets Manager User Guide, "Secrets Manager quotas" and `PutSecretValue`.
const KEPT: usize = 100;

/// How many there can be at all, which only somebody reaches who makes one every few minutes for a day.
const MOST: usize = 250;

impl Secret {
    /// The scope of its row.
    pub(crate) fn scope(&self) -> Scope {
        Scope::Region(self.account, Region::named(self.arn.region()).unwrap_or_default())
    }

    /// The version of that id.
    pub(crate) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The key of a version's value.
    pub(crate) fn value_key(&self, version_id: &str) -> (String, String) {
        (self.arn.to_string(), version_id.to_owned())
    }

    /// Adds a version without labels. Gives the ids of those that go for it; `None` when there is no room.
    pub(crate) fn add(
        &mut self,
        id: &str,
        kms_key_id: Option<String>,
        now: Timestamp,
    ) -> Option<Vec<String>> {
        let mut gone = Vec::new();
        let old = now.minus(days(1));
        while self.versions.len() >= KEPT {
            let outdated = |version: &Version| version.stages.is_empty() && version.created_at < old;
            let Some(at) = self.versions.iter().position(outdated) else { break };
            gone.push(self.versions.remove(at).id);
        }
        if self.versions.len() >= MOST {
            return None;
        }
        self.versions.retain(|version| version.id != id);
        self.versions.push(Version {
            id: id.to_owned(),
            stages: Vec::new(),
            created_at: now,
            accessed_on: None,
            kms_key_id,
            empty: false,
        });
        self.changed_at = now;
        Some(gone)
    }
}

/// A replica is changed in its primary's Region.
pub(crate) fn no_replica<S: Declares<InvalidParameterException>>(secret: &Secret) -> Result<(), Refusal<S>> {
    match secret.primary {
        None => Ok(()),
        Some(_) => Err(InvalidParameterException::new(
            "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
        )
        .into()),
    }
}

/// Nobody uses a deleted secret before it is restored.
pub(crate) fn not_deleted<S: Declares<InvalidRequestException>>(secret: &Secret) -> Result<(), Refusal<S>> {
    match secret.deletion {
        None => Ok(()),
        Some(_) => Err(InvalidRequestException::new(
            "You can't perform this operation on the secret because it was marked for deletion.",
        )
        .into()),
    }
}

/// The ARN of a secret to be made.
pub(crate) fn new_arn<O: Operation>(call: &Call<O>, name: &str) -> Arn {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut suffix = String::with_capacity(6);
    while suffix.len() < 6 {
        // Of 256 values, 248 fall evenly on 62 letters.
        let [byte] = call.random::<1>();
        let letter = (byte < 248).then(|| LETTERS.get(usize::from(byte) % LETTERS.len())).flatten();
        suffix.extend(letter.map(|letter| char::from(*letter)));
    }
    call.arn("secretsmanager", call.region().name(), call.account(), &format!("secret:{name}-{suffix}"))
}

/// A name as AWS takes it.
pub(crate) fn checked_name<S: Declares<InvalidParameterException>>(name: &str) -> Result<(), Refusal<S>> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-/_+=.@!".contains(&byte);
    if !name.is_empty() && name.bytes().all(good) {
        return Ok(());
    }
    let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
    Err(InvalidParameterException::new(message).into())
}

/// So many days.
pub(crate) fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 3600)
}

/// The day of a moment: what AWS tells of when a secret was last read.
pub(crate) fn day(time: Timestamp) -> Timestamp {
    Timestamp::from_seconds(time.seconds().div_euclid(24 * 3600) * 24 * 3600)
}
