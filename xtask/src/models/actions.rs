//! What a policy can name in a service: the typed form of `models/iam/<prefix>.json`, and its reduction from the
//! published IAM data. Descriptions are dropped.

use super::reduced::is_false;
use super::text;
use crate::Outcome;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The actions, resource types and condition keys of one IAM prefix.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vocabulary {
    /// Before the colon of the actions: `kms`.
    pub(crate) prefix: String,
    /// Resource control policies bind this service.
    #[serde(default)]
    pub(crate) rcp: bool,
    pub(crate) actions: BTreeMap<String, Action>,
    pub(crate) resources: BTreeMap<String, Resource>,
    /// Each condition key of the service with its type: `String`, `ARN`, `Bool`, `Date`, `Numeric`, `IPAddress`, or
    /// `ArrayOf` one of them. A `${Name}` inside a key stands for any text.
    pub(crate) keys: BTreeMap<String, String>,
}

/// One action of a policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Action {
    /// `List`, `Read`, `Write`, `Permissions management` or `Tagging`.
    pub(crate) access: String,
    /// The resource types that a statement may name; none means `*` alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<Allowed>,
    /// Condition keys for the action on whatever resource.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
    /// Other actions that the caller needs for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) dependent: Vec<String>,
}

/// A resource type on which an action is allowed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Allowed {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The call always touches one of these.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) required: bool,
    /// Condition keys for the action on this type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) dependent: Vec<String>,
}

/// A resource type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Resource {
    /// The ARN with `${...}` for what varies.
    pub(crate) arn: String,
    /// Condition keys that tell a property of the resource.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
}

impl Vocabulary {
    /// Reads `models/iam/<prefix>.json`.
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        text::read_json(path)
    }

    /// The file's text: sorted, one action, resource type or key a line.
    pub(crate) fn write(&self) -> Outcome<String> {
        text::object(&[
            ("prefix", serde_json::to_string(&self.prefix)?),
            ("rcp", self.rcp.to_string()),
            ("actions", text::lines(&self.actions)?),
            ("resources", text::lines(&self.resources)?),
            ("keys", text::lines(&self.keys)?),
        ])
    }

    /// Reduces one prefix of the unpacked IAM data.
    pub(super) fn reduce(package: &Path, prefix: &str) -> Outcome<Self> {
        let data = package.join("package/data");
        let file = |folder: &str| data.join(folder).join(format!("{prefix}.json"));
        let actions: BTreeMap<String, SourceAction> = text::read_json(&file("actions"))?;
        let resources: BTreeMap<String, SourceResource> = text::read_json(&file("resourceTypes"))?;
        let keys: BTreeMap<String, SourceKey> = text::read_json(&file("conditionKeys"))?;
        let rcp: Vec<String> = text::read_json(&data.join("rcpSupportedServices.json"))?;
        Ok(Self {
            prefix: prefix.into(),
            rcp: rcp.iter().any(|supported| supported == prefix),
            actions: actions.into_values().map(SourceAction::reduce).collect(),
            resources: resources.into_values().map(SourceResource::reduce).collect(),
            keys: keys.into_values().map(|key| (key.key, key.kind)).collect(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceAction {
    name: String,
    access_level: String,
    resource_types: Vec<SourceAllowed>,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
    #[serde(rename = "description")]
    _description: IgnoredAny,
    /// Combinations of the resource types above, told for five actions of CloudWatch alone.
    #[serde(rename = "scenarios")]
    _scenarios: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceAllowed {
    name: String,
    required: bool,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceResource {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceKey {
    key: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "description")]
    _description: IgnoredAny,
}

impl SourceAction {
    fn reduce(self) -> (String, Action) {
        // The data says "Tagging, Write" where AWS's reference says Tagging: every tagging call writes.
        let access = self.access_level.split(", ").next().unwrap_or_default().to_owned();
        let resources = self.resource_types.into_iter().map(SourceAllowed::reduce).collect();
        (
            self.name,
            Action { access, resources, keys: self.condition_keys, dependent: self.dependent_actions },
        )
    }
}

impl SourceAllowed {
    fn reduce(self) -> Allowed {
        Allowed {
            kind: self.name,
            required: self.required,
            keys: self.condition_keys,
            dependent: self.dependent_actions,
        }
    }
}

impl SourceResource {
    fn reduce(self) -> (String, Resource) {
        (self.key, Resource { arn: self.arn, keys: self.condition_keys })
    }
}
