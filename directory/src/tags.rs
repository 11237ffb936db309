use serde::{Deserialize, Serialize};

/// Tags of a resource, in the order they were put. Keys are compared as the service says: IAM ignores their case, KMS does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<(String, String)>);

impl Tags {
    /// From pairs, later ones replacing earlier ones of the same key.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut tags = Self::default();
        for (key, value) in pairs {
            tags.put(key, value);
        }
        tags
    }

    /// The value of that key, letter for letter.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The value that a condition sees: keys match without regard to case, and where two do, neither counts.
    /// Source: IAM User Guide, "Controlling access to AWS resources using tags": "matches either TagKey1 or tagkey1, but not both".
    pub fn condition(&self, key: &str) -> Option<&str> {
        let mut matching = self.0.iter().filter(|(known, _)| known.eq_ignore_ascii_case(key));
        match (matching.next(), matching.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Adds or replaces.
    pub fn put(&mut self, key: String, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some(tag) => tag.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// Removes; whether it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(known, _)| known != key);
        self.0.len() < before
    }

    /// The pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_sees_no_tag_whose_key_stands_twice_but_for_case() {
        let mut tags = Tags::from_pairs([("Team".to_owned(), "x".to_owned())]);
        assert_eq!(tags.condition("team"), Some("x"));
        tags.put("team".to_owned(), "prod".to_owned());
        assert_eq!(tags.condition("team"), None);
        assert_eq!((tags.get("Team"), tags.get("team"), tags.get("TEAM")), (Some("x"), Some("prod"), None));
    }
}
