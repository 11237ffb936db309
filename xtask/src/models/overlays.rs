//! The two reviewed overlays: which actions an operation needs, and which condition keys its request supplies.
//!
//! `overlays/actions/<service>.toml` says where an operation differs from "the action of the same name on the resource
//! types of the action data". `overlays/keys/<service>.toml` lists the keys that only the operation can fill in.

use super::actions::{Action, Vocabulary};
use super::reduced::Model;
use super::text;
use crate::Outcome;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Both overlays of one service.
#[derive(Debug)]
pub(crate) struct Overlays {
    pub(crate) actions: Actions,
    pub(crate) keys: Keys,
}

/// `overlays/actions/<service>.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Actions {
    /// What the published action data does not know yet.
    pub(crate) vocabulary: Additions,
    /// By operation.
    pub(crate) operations: BTreeMap<String, Decided>,
}

/// Additions to the action data of the service's own prefix.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Additions {
    pub(crate) actions: BTreeMap<String, Action>,
    /// Condition keys with their type.
    pub(crate) keys: BTreeMap<String, String>,
    /// Further condition keys of an action that the data has.
    pub(crate) action_keys: BTreeMap<String, Vec<String>>,
}

/// What an operation needs, and why that differs from the rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decided {
    /// All of them; none means that no policy is asked.
    pub(crate) needs: Vec<Need>,
    #[serde(rename = "why")]
    _why: String,
}

/// One action on one resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Need {
    /// With its prefix: `kms:Encrypt`.
    pub(crate) action: String,
    /// Resource types of the action's own prefix, one of which is touched; `*` where there is none.
    pub(crate) resource: Resource,
    /// Only when this input member is given.
    #[serde(default)]
    pub(crate) given: Option<String>,
    /// Where the resource comes from, in words.
    #[serde(default, rename = "from")]
    _from: Option<String>,
    /// Only when this holds, which takes code to find out.
    #[serde(default, rename = "when")]
    _when: Option<String>,
}

/// One resource type, or several of which the request names one.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Resource {
    One(String),
    Either(Vec<String>),
}

/// `overlays/keys/<service>.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Keys {
    /// Keys of the action data that requests do not supply, with the reason; a final `*` stands for any rest.
    pub(crate) left_out: BTreeMap<String, String>,
    /// By operation (or by an action that is no operation), then by key.
    pub(crate) keys: BTreeMap<String, BTreeMap<String, Entry>>,
}

/// What an operation does about a condition key.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Entry {
    /// It is among the keys of the operation's actions, yet this operation never has a value for it.
    Absent {
        /// Why.
        #[serde(rename = "absent")]
        _absent: String,
    },
    /// The operation supplies it.
    Supplied(Key),
}

/// A condition key that a request supplies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    #[serde(rename = "type")]
    pub(crate) kind: KeyKind,
    /// It may be absent. Lists and maps are absent when they are empty.
    #[serde(default)]
    pub(crate) optional: bool,
    /// Where its value comes from, where that is not the input member of the same name.
    #[serde(default, rename = "from")]
    _from: Option<String>,
}

/// What a condition key holds. A map is a key with a `${Name}` in it: one value for each name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyKind {
    String,
    Bool,
    Number,
    Date,
    List,
    Map,
    /// A map whose values are lists.
    ListMap,
}

impl Overlays {
    /// Reads both overlays of a service. Those that it does not have are empty.
    pub(crate) fn read(models: &Path, service: &str) -> Outcome<Self> {
        let path = |kind: &str| models.join("overlays").join(kind).join(format!("{service}.toml"));
        let (actions, keys) = (path("actions"), path("keys"));
        Ok(Self {
            actions: if actions.exists() { text::read_toml(&actions)? } else { Actions::default() },
            keys: if keys.exists() { text::read_toml(&keys)? } else { Keys::default() },
        })
    }

    /// Adds what the published data lacks. Complains about an addition that has become needless.
    pub(crate) fn complete(&self, vocabulary: &mut Vocabulary) -> Outcome {
        let additions = &self.actions.vocabulary;
        for (name, action) in &additions.actions {
            if vocabulary.actions.insert(name.clone(), action.clone()).is_some() {
                return Err(format!("the action data knows {name} by now: remove the addition").into());
            }
        }
        for (key, kind) in &additions.keys {
            if vocabulary.keys.insert(key.clone(), kind.clone()).is_some() {
                return Err(format!("the action data knows {key} by now: remove the addition").into());
            }
        }
        for (name, keys) in &additions.action_keys {
            let action =
                vocabulary.actions.get_mut(name).ok_or_else(|| format!("there is no action {name}"))?;
            action.keys.extend(keys.iter().cloned());
        }
        Ok(())
    }

    /// What an operation needs: the overlay's word, or the action of its name. An error if neither is known.
    pub(crate) fn needs(
        &self,
        model: &Model,
        vocabulary: &Vocabulary,
        operation: &str,
    ) -> Outcome<Vec<Need>> {
        if let Some(decided) = self.actions.operations.get(operation) {
            return Ok(decided.needs.clone());
        }
        let name = format!("{}:{operation}", model.service.iam_prefix);
        let Some(action) = vocabulary.actions.get(operation) else {
            return Err(format!("{name} is no action, and the overlay says nothing").into());
        };
        let mut types: Vec<String> = action.resources.iter().map(|allowed| allowed.kind.clone()).collect();
        if action.resources.iter().filter(|allowed| allowed.required).count() > 1 {
            return Err(format!("{name} is required on several resource types: all or one of them?").into());
        }
        let resource = match types.len() {
            0 => Resource::One("*".into()),
            1 => Resource::One(types.remove(0)),
            _ => Resource::Either(types),
        };
        Ok(vec![Need { action: name, resource, given: None, _from: None, _when: None }])
    }
}

impl Keys {
    /// The condition keys that an operation (or an action that is no operation) supplies, sorted by name.
    pub(crate) fn supplied(&self, operation: &str) -> impl Iterator<Item = (&str, &Key)> {
        self.keys.get(operation).into_iter().flatten().filter_map(|(name, entry)| match entry {
            Entry::Supplied(key) => Some((name.as_str(), key)),
            Entry::Absent { .. } => None,
        })
    }
}

impl Resource {
    /// The resource types.
    pub(crate) fn types(&self) -> &[String] {
        match self {
            Self::One(kind) => std::slice::from_ref(kind),
            Self::Either(kinds) => kinds,
        }
    }
}

impl Need {
    /// The action's prefix and name.
    pub(crate) fn split(&self) -> Outcome<(&str, &str)> {
        self.action.split_once(':').ok_or_else(|| format!("{} has no prefix", self.action).into())
    }
}

impl KeyKind {
    /// Whether a key of this kind can hold what the action data calls `published`.
    pub(crate) fn holds(self, published: &str) -> bool {
        let list = published.starts_with("ArrayOf");
        match self {
            Self::String | Self::Map => matches!(published, "String" | "ARN" | "IPAddress"),
            Self::Bool => published == "Bool",
            Self::Number => published == "Numeric",
            Self::Date => published == "Date",
            Self::List => list,
            Self::ListMap => list || published == "String",
        }
    }

    /// Whether the key's name has a part that varies.
    pub(crate) fn is_map(self) -> bool {
        matches!(self, Self::Map | Self::ListMap)
    }
}
