//! What a service's code is generated from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Outcome;
use crate::models::Everything;
use crate::models::actions::Vocabulary;
use crate::models::overlays::{Need, Overlays};
use crate::models::reduced::{Model, Operation};

/// A service's model with everything that is known beside it.
pub(super) struct Source<'a> {
    pub(super) model: &'a Model,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) overlays: Overlays,
    events: Events,
}

/// `overlays/events/<service>.toml`: where CloudTrail's classes differ from the rule.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Events {
    /// Told as `readOnly: true` although the action data calls the action a write.
    reads: BTreeSet<String>,
    /// Of those that are told as reads, the ones whose records show the answer nevertheless.
    told: BTreeSet<String>,
    /// The reverse of `reads`.
    writes: BTreeSet<String>,
    /// Data events.
    data: BTreeSet<String>,
}

impl<'a> Source<'a> {
    /// The service's part of everything; `models` is the folder, for the overlays.
    pub(super) fn of(everything: &'a Everything, models: &Path, service: &str) -> Outcome<Self> {
        let model = everything.models.get(service).ok_or_else(|| format!("there is no service {service}"))?;
        let prefix = &model.service.iam_prefix;
        let vocabulary =
            everything.vocabularies.get(prefix).ok_or_else(|| format!("there is no prefix {prefix}"))?;
        let overlays = Overlays::read(models, service)?;
        let path = models.join(format!("overlays/events/{service}.toml"));
        let events: Events =
            if path.exists() { toml::from_str(&std::fs::read_to_string(&path)?)? } else { Events::default() };
        let named = events.reads.iter().chain(&events.told).chain(&events.writes).chain(&events.data);
        for name in named {
            if !model.operations.contains_key(name) {
                return Err(format!("{}: there is no operation {name}", path.display()).into());
            }
        }
        Ok(Self { model, vocabulary, overlays, events })
    }

    /// What the operation needs. Where neither data nor overlay says it, the action of its name.
    pub(super) fn needs(&self, operation: &str) -> Vec<Need> {
        self.overlays.needs(self.model, self.vocabulary, operation).unwrap_or_default()
    }

    /// The operation's actions, each once, the main one first.
    pub(super) fn actions(&self, operation: &str) -> Vec<String> {
        let decided = self.overlays.needs(self.model, self.vocabulary, operation);
        let Ok(needs) = decided else {
            return vec![format!("{}:{operation}", self.model.service.iam_prefix)];
        };
        let mut actions: Vec<String> = Vec::new();
        for need in needs {
            if !actions.contains(&need.action) {
                actions.push(need.action);
            }
        }
        actions
    }

    /// Whether CloudTrail calls it `readOnly`: by the overlay, the model, the access level of its action, its name.
    pub(super) fn reads(&self, name: &str, operation: &Operation) -> bool {
        if self.events.reads.contains(name) || self.events.writes.contains(name) {
            return self.events.reads.contains(name);
        }
        let level = self.vocabulary.actions.get(name).map(|action| action.access.as_str());
        match level {
            Some(level) => operation.readonly || matches!(level, "Read" | "List"),
            None => {
                operation.readonly
                    || ["Get", "List", "Describe", "Search"].iter().any(|verb| name.starts_with(verb))
            }
        }
    }

    /// Whether the record of a read shows its answer.
    pub(super) fn told(&self, name: &str) -> bool {
        self.events.told.contains(name)
    }

    /// Whether its events are data events.
    pub(super) fn is_data(&self, name: &str) -> bool {
        self.events.data.contains(name)
    }

    /// One endpoint for the whole partition. S3 and STS publish one too, and work in Regions.
    pub(super) fn global(&self) -> bool {
        let service = &self.model.service;
        const UNPUBLISHED: &[&str] = &[
            "account",
            "globalaccelerator",
            "health",
            "organizations",
            "shield",
            "support",
            "trustedadvisor",
        ];
        (service.global_endpoint.is_some() && !matches!(service.id.as_str(), "s3" | "sts"))
            || UNPUBLISHED.contains(&service.id.as_str())
    }
}

/// The operations that are built: `implemented/<service>.txt`, one a line, sorted.
pub(super) fn implemented(models: &Path, service: &str) -> Outcome<Vec<String>> {
    let path = implemented_path(models, service);
    let text = std::fs::read_to_string(&path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    let names: Vec<String> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    match names.is_sorted() {
        true => Ok(names),
        false => Err(format!("{} is not sorted", path.display()).into()),
    }
}

pub(super) fn implemented_path(models: &Path, service: &str) -> PathBuf {
    models.join("implemented").join(format!("{service}.txt"))
}

/// The services of which something is built.
pub(super) fn services(folder: &Path, ending: &str) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        if let Some(name) = entry?.file_name().to_str().and_then(|name| name.strip_suffix(ending)) {
            found.push(name.to_owned());
        }
    }
    found.sort();
    Ok(found)
}
