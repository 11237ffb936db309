//! `models/services.toml`: which packages, pinned, and which services, with the reason for each.

use super::text;
use crate::Outcome;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Manifest {
    pub(super) botocore: Package,
    pub(super) iam_data: Package,
    pub(super) services: BTreeMap<String, Chosen>,
}

/// A published package, pinned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) file: String,
    pub(super) sha256: String,
}

/// A service that we answer for, at least with its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// The prefix of its IAM actions, where it is not the signing name.
    pub(super) iam: Option<String>,
    /// Further prefixes that policies for it use.
    #[serde(default)]
    pub(super) also: Vec<String>,
    /// Its files are written by hand, and only checked.
    #[serde(default)]
    pub(super) ours: bool,
    /// Why it is here: the rows of the mission that need it.
    #[serde(rename = "why")]
    pub(super) _why: String,
}

impl Manifest {
    /// Reads `services.toml` in the folder of the models.
    pub(super) fn read(models: &Path) -> Outcome<Self> {
        text::read_toml(&models.join("services.toml"))
    }
}
