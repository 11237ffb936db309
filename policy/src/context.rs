//! What the request brings: the values of its condition keys.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use smallvec::SmallVec;

use crate::condition::date;

/// Supplies condition keys to a decision.
///
/// The decision asks only for keys that a statement in question names, so an implementation may compute each when
/// asked. `key` is always in lower case, tag and context suffixes included (`aws:principaltag/team`): condition keys
/// do not regard case.
pub trait Context {
    /// The value of `key`, or `None` if the request has no such key.
    fn get(&self, key: &str) -> Option<Values<'_>>;
}

/// The value or values of one key.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'a> {
    /// A key of one value, such as `aws:SourceIp`.
    One(Value<'a>),
    /// A key that can have several, such as `aws:TagKeys`, however many it has now.
    Many(SmallVec<[&'a str; 8]>),
}

/// One value. The typed forms spare the caller the writing of text and the decision its reading.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text; binary values are in base64.
    Text(&'a str),
    /// Text made for the purpose.
    Owned(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A point in time: milliseconds since 1970-01-01T00:00:00Z. As text: ISO 8601 in UTC.
    Time(i64),
    /// An address.
    Ip(IpAddr),
}

impl Value<'_> {
    /// The value as a string operator sees it.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Owned(text) => Cow::Borrowed(text),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Time(millis) => Cow::Owned(date::format(*millis)),
            Self::Ip(ip) => Cow::Owned(ip.to_string()),
        }
    }
}

impl<'a> From<&'a str> for Values<'a> {
    fn from(text: &'a str) -> Self {
        Self::One(Value::Text(text))
    }
}

impl From<String> for Values<'_> {
    fn from(text: String) -> Self {
        Self::One(Value::Owned(text))
    }
}

impl From<bool> for Values<'_> {
    fn from(value: bool) -> Self {
        Self::One(Value::Bool(value))
    }
}

impl From<i64> for Values<'_> {
    fn from(value: i64) -> Self {
        Self::One(Value::Number(value))
    }
}

impl From<IpAddr> for Values<'_> {
    fn from(value: IpAddr) -> Self {
        Self::One(Value::Ip(value))
    }
}

impl<'a> FromIterator<&'a str> for Values<'a> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(values: I) -> Self {
        Self::Many(values.into_iter().collect())
    }
}

/// A context with nothing in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoContext;

impl Context for NoContext {
    fn get(&self, _key: &str) -> Option<Values<'_>> {
        None
    }
}

/// A context held in a map, for tests, simulators and recorded cases.
#[derive(Debug, Clone, Default)]
pub struct MapContext(BTreeMap<String, Held>);

#[derive(Debug, Clone)]
enum Held {
    One(String),
    Many(Vec<String>),
}

impl MapContext {
    /// A context of keys with one value each.
    #[must_use]
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let mut map = Self::default();
        for (key, value) in pairs {
            map.set(key, *value);
        }
        map
    }

    /// Sets a key of one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(key.to_ascii_lowercase(), Held::One(value.into()));
    }

    /// Sets a key of several values.
    pub fn set_many<S: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = S>) {
        self.0.insert(key.to_ascii_lowercase(), Held::Many(values.into_iter().map(Into::into).collect()));
    }

    /// Forgets a key.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(&key.to_ascii_lowercase());
    }
}

impl Context for MapContext {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        Some(match self.0.get(key)? {
            Held::One(value) => Values::One(Value::Text(value)),
            Held::Many(values) => values.iter().map(String::as_str).collect(),
        })
    }
}
