use std::time::Duration;

use alcazar_core::{Arn, Declares, Region};
use alcazar_corridor::{Failure, Job, Refusal, Tx};
use serde::{Deserialize, Serialize};
use wire_secretsmanager::{InvalidParameterException, ReplicaRegionType, ReplicationStatusType, StatusType};

use super::{Secret, chosen_key};
use crate::jobs::replicate_secret::ReplicateSecret;

/// A replica, as its primary knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Replica {
    pub(crate) region: Region,
    /// The key there, as it was named; `None` is the AWS managed key there.
    #[serde(default)]
    pub(crate) kms_key_id: Option<String>,
    pub(crate) status: ReplicaStatus,
    #[serde(default)]
    pub(crate) message: Option<String>,
    /// A secret of the same name that stands there is overwritten.
    #[serde(default)]
    pub(crate) force: bool,
    /// How often it has failed to follow since it last did, or since there was something new to follow.
    #[serde(default)]
    pub(crate) failures: u32,
}

impl Replica {
    /// It is to follow its primary.
    pub(crate) fn follow(&mut self) {
        (self.status, self.failures) = (ReplicaStatus::InProgress, 0);
    }

    /// It has followed.
    pub(crate) fn followed(&mut self) {
        (self.status, self.message, self.failures) = (ReplicaStatus::InSync, None, 0);
    }

    /// It cannot follow now: when it is tried again. Soon, then after twice as long each time, an hour at most: a key may be enabled
    /// again, a name may be free. AWS does not say whether and when it tries by itself.
    pub(crate) fn failed(&mut self, message: &str) -> Duration {
        (self.status, self.message) = (ReplicaStatus::Failed, Some(message.to_owned()));
        self.failures = self.failures.saturating_add(1);
        Duration::from_secs(5 << self.failures.saturating_sub(1).min(10)).min(Duration::from_secs(3600))
    }
}

/// How a replica stands to its primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ReplicaStatus {
    InSync,
    Failed,
    InProgress,
}

impl Secret {
    /// The Region of the primary, where there is replication.
    pub(crate) fn primary_region(&self) -> Option<&str> {
        match self.primary {
            Some(region) => Some(region.name()),
            None if self.replicas.is_empty() => None,
            None => Some(self.arn.region()),
        }
    }

    /// Whether it is that secret's replica, and not another's of the same name.
    pub(crate) fn is_replica_of(&self, primary: &Self) -> bool {
        self.primary.is_some_and(|region| region.name() == primary.arn.region())
            && self.arn.resource() == primary.arn.resource()
    }

    /// Its ARN in another Region: the same but for that.
    pub(crate) fn arn_in(&self, region: Region) -> Arn {
        let (partition, account) = (self.arn.partition(), self.arn.account());
        Arn::new(partition, "secretsmanager", region.name(), account, self.arn.resource())
    }

    /// Has the replicas follow what this change makes of it.
    pub(crate) fn keep_in_step(&mut self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        if self.replicas.is_empty() {
            return Ok(());
        }
        self.replicas.iter_mut().for_each(Replica::follow);
        tx.remind(tx.now(), ReplicateSecret::NAME, self.scope(), &self.name)
    }
}

/// The replicas that a request adds: in other Regions of the partition, each once. One that has failed is tried again as the request wants
/// it now: with another key, or over the secret that stands in its way.
pub(crate) fn checked_replicas<S: Declares<InvalidParameterException>>(
    secret: &Secret,
    here: Region,
    regions: &[ReplicaRegionType],
    force: bool,
) -> Result<Vec<Replica>, Refusal<S>> {
    let mut replicas: Vec<Replica> = Vec::new();
    for given in regions {
        let region = given.region.as_deref().and_then(Region::named).filter(|region| {
            *region != here
                && region.partition().name == here.partition().name
                && replicas.iter().all(|other| other.region != *region)
                && secret
                    .replicas
                    .iter()
                    .all(|other| other.region != *region || other.status == ReplicaStatus::Failed)
        });
        let region = region.ok_or_else(|| InvalidParameterException::new("Invalid replica region."))?;
        replicas.push(Replica {
            region,
            kms_key_id: chosen_key(given.kms_key_id.as_deref()),
            status: ReplicaStatus::InProgress,
            message: None,
            force,
            failures: 0,
        });
    }
    Ok(replicas)
}

/// Puts replicas beside those that a secret has, or in their place.
pub(crate) fn add_replicas(secret: &mut Secret, replicas: &[Replica]) {
    secret.replicas.retain(|held| replicas.iter().all(|replica| replica.region != held.region));
    secret.replicas.extend(replicas.iter().cloned());
}

/// The replicas as they are told.
pub(crate) fn replication_status(secret: &Secret) -> Option<Vec<ReplicationStatusType>> {
    let told = |replica: &Replica| ReplicationStatusType {
        region: Some(replica.region.name().to_owned()),
        kms_key_id: Some(replica.kms_key_id.clone().unwrap_or_else(|| "alias/aws/secretsmanager".to_owned())),
        status: Some(match replica.status {
            ReplicaStatus::InSync => StatusType::InSync,
            ReplicaStatus::Failed => StatusType::Failed,
            ReplicaStatus::InProgress => StatusType::InProgress,
        }),
        status_message: replica.message.clone(),
        last_accessed_date: None,
    };
    (!secret.replicas.is_empty()).then(|| secret.replicas.iter().map(told).collect())
}
