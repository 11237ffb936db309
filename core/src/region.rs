//! Regions and partitions: the published ones, and the operator's own.
//! Source: "AWS Regions" and the partitions file that every SDK carries.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// A group of Regions with its own ARN prefix.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, `aws-iso`, ...
    pub name: &'static str,
    /// What host names end in: `amazonaws.com`.
    pub dns_suffix: &'static str,
    /// Where global services (IAM, STS's global endpoint) record their events.
    pub global_region: &'static str,
    /// The published Regions.
    regions: &'static [&'static str],
}

/// A Region that this installation serves. Only names that are published, or that the operator registered at start, exist.
#[derive(Clone, Copy)]
pub struct Region {
    name: &'static str,
    partition: &'static Partition,
}

/// The partitions with their Regions, first the one that the operator's own Regions join.
pub static PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws",
        dns_suffix: "amazonaws.com",
        global_region: "us-east-1",
        regions: &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "me-west-1",
            "mx-central-1",
            "sa-east-1",
            "sa-west-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    },
    Partition {
        name: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        global_region: "cn-north-1",
        regions: &["cn-north-1", "cn-northwest-1"],
    },
    Partition {
        name: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        global_region: "us-gov-west-1",
        regions: &["us-gov-east-1", "us-gov-west-1"],
    },
    Partition {
        name: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        global_region: "eusc-de-east-1",
        regions: &["eusc-de-east-1"],
    },
    Partition {
        name: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        global_region: "us-iso-east-1",
        regions: &["us-iso-east-1", "us-iso-west-1"],
    },
    Partition {
        name: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        global_region: "us-isob-east-1",
        regions: &["us-isob-east-1", "us-isob-west-1"],
    },
    Partition {
        name: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        global_region: "eu-isoe-west-1",
        regions: &["eu-isoe-west-1"],
    },
    Partition {
        name: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        global_region: "us-isof-south-1",
        regions: &["us-isof-east-1", "us-isof-south-1"],
    },
];

/// The published Regions by name: every call looks up its own.
static PUBLISHED: OnceLock<HashMap<&'static str, Region>> = OnceLock::new();

static OPERATORS_OWN: OnceLock<Vec<&'static str>> = OnceLock::new();

/// A Region name that may not be registered: not 1-32 of `a-z 0-9 -`, or Regions were registered already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionRefused(pub String);

impl Region {
    /// The Region of that name, if this installation serves it.
    pub fn named(name: &str) -> Option<Self> {
        let published = PUBLISHED.get_or_init(|| {
            let regions = PARTITIONS.iter().flat_map(|partition| {
                partition.regions.iter().map(move |name| (*name, Self { name, partition }))
            });
            regions.collect()
        });
        published.get(name).copied().or_else(|| {
            let own = OPERATORS_OWN.get().map_or(&[][..], Vec::as_slice);
            let name = own.iter().find(|known| **known == name)?;
            Some(Self { name, partition: &PARTITIONS[0] })
        })
    }

    /// Adds the operator's own Region names, once, at start. Names are kept for the life of the process.
    ///
    /// # Errors
    /// When a name is not 1-32 lower-case letters, digits and hyphens, or when called a second time.
    pub fn register(names: &[String]) -> Result<(), RegionRefused> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if let Some(bad) = names.iter().find(|n| n.is_empty() || n.len() > 32 || !n.bytes().all(allowed)) {
            return Err(RegionRefused(bad.clone()));
        }
        let own = names.iter().map(|name| &*name.clone().leak()).collect();
        OPERATORS_OWN.set(own).map_err(|_| RegionRefused("registered twice".to_owned()))
    }

    /// Every Region that is served, partition by partition.
    pub fn all() -> impl Iterator<Item = Self> {
        let own = OPERATORS_OWN.get().map_or(&[][..], Vec::as_slice);
        PARTITIONS
            .iter()
            .flat_map(|partition| partition.regions.iter().map(move |name| Self { name, partition }))
            .chain(own.iter().map(|name| Self { name, partition: &PARTITIONS[0] }))
    }

    /// Where global services of this Region's partition live.
    pub fn global(self) -> Self {
        Self { name: self.partition.global_region, partition: self.partition }
    }

    /// `eu-west-1`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The partition it belongs to.
    pub fn partition(self) -> &'static Partition {
        self.partition
    }
}

impl Default for Region {
    fn default() -> Self {
        Self { name: PARTITIONS[0].global_region, partition: &PARTITIONS[0] }
    }
}

impl PartialEq for Region {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Region {}

impl std::hash::Hash for Region {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("no Region {name} is served here")))
    }
}

impl fmt::Display for RegionRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a Region name: {}", self.0)
    }
}

impl std::error::Error for RegionRefused {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_regions_know_their_partition() {
        let partition = |name| Region::named(name).map(|region| region.partition().name);
        assert_eq!(partition("eu-west-1"), Some("aws"));
        assert_eq!(partition("cn-north-1"), Some("aws-cn"));
        assert_eq!(partition("us-gov-west-1"), Some("aws-us-gov"));
        assert_eq!(partition("atlantis-1"), None);
    }
}
