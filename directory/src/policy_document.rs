use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use alcazar_policy::{Policy, PolicyKind};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A policy as it was put, and compiled when it is first evaluated. It is checked before it is stored, so it compiles; if a
/// stored text does not (a grammar that grew stricter), the corridor takes it for one that denies everything.
///
/// A policy that names users and roles as principals keeps their unique ids beside its text, and means those: whoever is made anew
/// under such a name gets nothing.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    text: Arc<str>,
    /// By the ARNs that the text has.
    unique_ids: BTreeMap<String, String>,
    compiled: OnceLock<Option<Arc<Policy>>>,
}

impl PolicyDocument {
    /// A document of that text, which the caller has checked.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), unique_ids: BTreeMap::new(), compiled: OnceLock::new() }
    }

    /// The same document, in which these ARNs mean the users and roles of these unique ids.
    #[must_use]
    pub fn bound(self, unique_ids: BTreeMap<String, String>) -> Self {
        Self { unique_ids, compiled: OnceLock::new(), ..self }
    }

    /// The unique ids of the users and roles that it names as principals, by the ARNs that its text has.
    pub fn unique_ids(&self) -> &BTreeMap<String, String> {
        &self.unique_ids
    }

    /// The text as it was put.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The compiled policy; `None` when the stored text is not a policy of that kind.
    pub fn compiled(&self, kind: PolicyKind) -> Option<&Arc<Policy>> {
        let id_of = |arn: &str| self.unique_ids.get(arn).map(String::as_str);
        let compile = || Policy::parse_stored(kind, &self.text).ok().map(|policy| policy.bound(id_of));
        self.compiled.get_or_init(|| compile().map(Arc::new)).as_ref()
    }
}

/// How a document with unique ids is stored; one without is its text alone.
#[derive(Serialize, Deserialize)]
struct Bound {
    text: String,
    unique_ids: BTreeMap<String, String>,
}

impl Serialize for PolicyDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.unique_ids.is_empty() {
            return serializer.serialize_str(&self.text);
        }
        Bound { text: self.text.to_string(), unique_ids: self.unique_ids.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PolicyDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Stored)
    }
}

struct Stored;

impl<'de> Visitor<'de> for Stored {
    type Value = PolicyDocument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a policy document, alone or with unique ids")
    }

    fn visit_str<E>(self, text: &str) -> Result<PolicyDocument, E> {
        Ok(PolicyDocument::new(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PolicyDocument, A::Error> {
        let Bound { text, unique_ids } = Bound::deserialize(MapAccessDeserializer::new(map))?;
        Ok(PolicyDocument::new(&text).bound(unique_ids))
    }
}
