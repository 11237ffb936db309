use std::sync::{Arc, OnceLock};

use alcazar_policy::{Policy, PolicyKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A policy as it was put, and compiled when it is first evaluated. It is checked before it is stored, so it compiles; if a
/// stored text does not (a grammar that grew stricter), the corridor takes it for one that denies everything.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    text: Arc<str>,
    compiled: OnceLock<Option<Arc<Policy>>>,
}

impl PolicyDocument {
    /// A document of that text, which the caller has checked.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), compiled: OnceLock::new() }
    }

    /// The text as it was put.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The compiled policy; `None` when the stored text is not a policy of that kind.
    pub fn compiled(&self, kind: PolicyKind) -> Option<&Arc<Policy>> {
        self.compiled.get_or_init(|| Policy::parse_stored(kind, &self.text).ok().map(Arc::new)).as_ref()
    }
}

impl Serialize for PolicyDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PolicyDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}
