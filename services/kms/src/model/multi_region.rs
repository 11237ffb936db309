//! Multi-Region keys: one key in several Regions, each with a row of its own, so that no use of a key ever reads another Region's.
//!
//! Id, material, rotation and the list of Regions are shared; policy, tags, aliases, grants, description and state are each Region's own.
//! Source: KMS Developer Guide, "Multi-Region keys in AWS KMS".

use alcazar_core::{Arn, Declares, Region};
use alcazar_corridor::{Failure, Job, Refusal, Tx};
use alcazar_store::Scope;
use serde::{Deserialize, Serialize};
use wire_kms::{MultiRegionConfiguration, MultiRegionKey, MultiRegionKeyType, UnsupportedOperationException};

use super::{KEYS, Key};
use crate::jobs::synchronize::Synchronize;

/// The Regions of a multi-Region key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Regions {
    /// The key there is the one that is replicated and rotated.
    pub(crate) primary: Region,
    pub(crate) replicas: Vec<Region>,
}

impl Key {
    /// Primary or replica; `None` for a key of one Region.
    pub(crate) fn multi_region_type(&self) -> Option<MultiRegionKeyType> {
        let regions = self.regions.as_ref()?;
        Some(if regions.primary == self.region() {
            MultiRegionKeyType::Primary
        } else {
            MultiRegionKeyType::Replica
        })
    }

    /// Whether another Region's key is its primary.
    pub(crate) fn is_replica(&self) -> bool {
        self.multi_region_type() == Some(MultiRegionKeyType::Replica)
    }

    /// The scopes of the rows of the same key in other Regions.
    pub(crate) fn relatives(&self) -> Vec<Scope> {
        let Some(regions) = &self.regions else { return Vec::new() };
        let all = std::iter::once(&regions.primary).chain(&regions.replicas);
        all.filter(|region| **region != self.region())
            .map(|region| Scope::Region(self.account, *region))
            .collect()
    }

    /// The ARN of the same key in that Region.
    pub(crate) fn arn_in(&self, region: Region) -> Arn {
        let resource = format!("key/{}", self.id);
        Arn::new(self.arn.partition(), "kms", region.name(), self.account.as_str(), &resource)
    }

    /// What DescribeKey tells of its Regions.
    pub(crate) fn multi_region_configuration(&self) -> Option<MultiRegionConfiguration> {
        let regions = self.regions.as_ref()?;
        let told = |region: &Region| MultiRegionKey {
            arn: Some(self.arn_in(*region).to_string()),
            region: Some(region.name().to_owned()),
        };
        Some(MultiRegionConfiguration {
            multi_region_key_type: self.multi_region_type(),
            primary_key: Some(told(&regions.primary)),
            replica_keys: Some(regions.replicas.iter().map(told).collect()),
        })
    }
}

/// What all Regions share is changed at the primary. The words are guessed.
pub(crate) fn not_replica<S: Declares<UnsupportedOperationException>>(key: &Key) -> Result<(), Refusal<S>> {
    if !key.is_replica() {
        return Ok(());
    }
    let message =
        format!("{} is a multi-Region replica key, which is not valid for this operation.", key.arn);
    Err(UnsupportedOperationException::new(message).into())
}

/// Changes the rows of the same key in its other Regions, and has that recorded there.
pub(crate) fn share(
    tx: &mut Tx<'_>,
    key: &Key,
    mut change: impl FnMut(&mut Tx<'_>, &mut Key) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for scope in key.relatives() {
        let Some(row) = tx.get(&KEYS, scope, key.id.as_str())? else { continue };
        let mut relative = (*row).clone();
        change(tx, &mut relative)?;
        tx.put(&KEYS, scope, key.id.as_str(), &relative)?;
        tx.remind(tx.now(), Synchronize::NAME, scope, &key.id)?;
    }
    Ok(())
}
