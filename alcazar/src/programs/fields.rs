//! JSON that holds secrets: wiped when dropped, shown nowhere.

use alcazar_core::SecretText;
use serde_json::{Map, Value};
use zeroize::Zeroize;

/// A JSON document whose texts are wiped.
pub(crate) struct SecretJson(Value);

impl SecretJson {
    /// Takes a value over.
    pub(crate) fn new(value: Value) -> Self {
        Self(value)
    }

    /// Reads a text; `None` if it is no JSON.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// The value itself. Named so that a reader of the code sees where a secret is used.
    pub(crate) fn expose(&self) -> &Value {
        &self.0
    }

    /// The same, to take pieces from.
    pub(crate) fn expose_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// The keys and values of an object; `None` if it is none.
    pub(crate) fn fields(&self) -> Option<&Map<String, Value>> {
        self.0.as_object()
    }
}

/// The text that a program gets for a field: a string's characters, a number, `true` or `false`. Lists, objects and null are none, and
/// neither is a number that a computer's double does not hold. (What CloudFormation does with other things than strings is not written
/// down; this is a guess.)
pub(crate) fn text_of(field: &Value) -> Option<SecretText> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match field {
        Value::String(text) => Some(text.clone().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        Value::Number(number) if number.is_f64() && number.as_f64().is_none_or(|it| it.abs() >= EXACT) => {
            None
        }
        Value::Number(number) => Some(number.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Drop for SecretJson {
    fn drop(&mut self) {
        // Not a recursion: serde_json bounds the depth of what it reads, but not of what it is given.
        let mut left = vec![self.0.take()];
        while let Some(value) = left.pop() {
            match value {
                Value::String(mut text) => text.zeroize(),
                Value::Array(values) => left.extend(values),
                Value::Object(fields) => left.extend(fields.into_iter().map(|(_, value)| value)),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }
}

impl std::fmt::Debug for SecretJson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretJson(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_text_or_nothing() {
        let json =
            r#"{"a":"x\ny","b":5432,"c":1.5,"d":true,"e":null,"f":[1],"g":{},"h":123456789012345678901}"#;
        let json = SecretJson::read(json).unwrap();
        let told: Vec<Option<String>> = json
            .fields()
            .unwrap()
            .values()
            .map(|value| text_of(value).map(|text| text.expose().to_owned()))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told, [some("x\ny"), some("5432"), some("1.5"), some("true"), None, None, None, None]);
        assert_eq!(format!("{json:?}"), "SecretJson(..)");
    }

    #[test]
    fn depth_is_bounded() {
        assert!(SecretJson::read(&"[".repeat(100_000)).is_none());
    }
}
