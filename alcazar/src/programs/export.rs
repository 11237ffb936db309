//! What `vault kv get` and `bao kv get` print with `-format=json`.
//!
//! An answer does not hold its own path. So it is named by whoever gives it, or it stands in an object under its path:
//! `{"app/db": ANSWER, "app/mail": ANSWER}`.
//! Source: the HTTP API's page on the KV secrets engine, versions 1 and 2.

use serde_json::{Map, Value};

use super::fields::SecretJson;

/// A secret of the export; without a value if it is deleted there.
#[derive(Debug)]
pub(crate) struct Exported {
    /// Its path, if the export holds it.
    pub(crate) path: Option<String>,
    /// Its keys and values.
    pub(crate) value: Option<SecretJson>,
}

/// The secrets of an export: one answer, or many under their paths.
///
/// # Errors
/// In words for the user, without any value.
pub(crate) fn read(text: &str) -> Result<Vec<Exported>, String> {
    let whole: Value = serde_json::from_str(text)
        .map_err(|error| format!("line {}, column {}: no JSON", error.line(), error.column()))?;
    // What is not taken is wiped too, and all of it if something is wrong.
    let mut whole = SecretJson::new(whole);
    let whole = whole.expose_mut();
    let unknown = || "neither an answer of kv get nor an object of such answers".to_owned();
    if is_answer(whole) {
        return Ok(vec![Exported { path: None, value: taken(whole).ok_or_else(unknown)? }]);
    }
    let many = whole.as_object_mut().filter(|many| !many.is_empty() && many.values().all(is_answer));
    let mut found = Vec::new();
    for (path, answer) in many.ok_or_else(unknown)? {
        let value = taken(answer).ok_or_else(unknown)?;
        found.push(Exported { path: Some(path.trim_matches('/').to_owned()), value });
    }
    Ok(found)
}

/// Every answer says how long it is leased, which a KV secret never is, beside its data.
fn is_answer(value: &Value) -> bool {
    let of = |field: &str| value.get(field);
    of("data").is_some_and(Value::is_object) && (of("lease_id").is_some() || of("request_id").is_some())
}

/// Version 2 wraps the data once more, beside the version's metadata; of a deleted version it is null.
fn taken(answer: &mut Value) -> Option<Option<SecretJson>> {
    let data = answer.get_mut("data")?;
    let versioned = data.as_object().is_some_and(is_version);
    let data = if versioned { data.get_mut("data")? } else { data };
    match data.take() {
        Value::Null => Some(None),
        fields @ Value::Object(_) => Some(Some(SecretJson::new(fields))),
        _ => None,
    }
}

fn is_version(data: &Map<String, Value>) -> bool {
    let metadata = data.get("metadata").and_then(Value::as_object);
    data.len() == 2 && data.contains_key("data") && metadata.is_some_and(|it| it.contains_key("version"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Result<Vec<String>, String> {
        let shown = |it: Exported| {
            let value = it.value.map_or("deleted".to_owned(), |value| value.expose().to_string());
            format!("{}: {value}", it.path.as_deref().unwrap_or("-"))
        };
        Ok(read(text)?.into_iter().map(shown).collect())
    }

    const SECOND: &str = r#"{"request_id":"r","lease_id":"","lease_duration":0,"renewable":false,
        "data":{"data":{"user":"app","port":5432},"metadata":{"created_time":"t","version":3}},"warnings":null}"#;
    const DELETED: &str =
        r#"{"lease_id":"","data":{"data":null,"metadata":{"version":3,"deletion_time":"t"}}}"#;

    #[test]
    fn both_versions_one_and_many() {
        assert_eq!(told(SECOND).unwrap(), [r#"-: {"port":5432,"user":"app"}"#]);
        let first = r#"{"request_id":"r","lease_id":"","data":{"data":"x","metadata":"y"}}"#;
        assert_eq!(told(first).unwrap(), [r#"-: {"data":"x","metadata":"y"}"#]);
        let many = format!(r#"{{"secret/a":{SECOND},"/b/":{DELETED}}}"#);
        assert_eq!(told(&many).unwrap(), ["b: deleted", r#"secret/a: {"port":5432,"user":"app"}"#]);
    }

    #[test]
    fn anything_else_is_refused_without_its_values() {
        for text in [
            "",
            "hunter2",
            "{}",
            "[]",
            r#"{"a":"hunter2"}"#,
            r#"{"data":{"a":"hunter2"}}"#,
            r#"{"lease_id":"","data":["hunter2"]}"#,
            r#"{"lease_id":"","data":{"data":"hunter2","metadata":{"version":1}}}"#,
        ] {
            let refused = told(text).unwrap_err();
            assert!(!refused.contains("hunter"), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in r#"(\{|\}|"data":|"metadata":|"lease_id":|"version":|"a":|null|1|,|"x"|\[|\]){0,20}"#) {
            let _ = read(&text);
        }
    }
}
