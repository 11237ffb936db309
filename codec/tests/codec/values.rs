//! The parameters and results of the vectors as [`Fields`], and whether two of them say the same.

use alcazar_core::schema::{Kind, Member, Structure};
use alcazar_core::value::Fields;
use alcazar_core::{Document, Timestamp, Value};
use serde_json::Value as Json;

/// What a vector's JSON means by the schema; null is absence.
pub(crate) fn fields(schema: &'static Structure, json: &Json) -> Fields {
    let mut fields = Fields::new();
    for (name, json) in json.as_object().into_iter().flatten() {
        if json.is_null() {
            continue;
        }
        let index = schema.index_of(name).unwrap_or_else(|| panic!("{} has no member {name}", schema.name));
        assert!(fields.put(index, value(&schema.members[index], json)));
    }
    fields
}

fn value(member: &'static Member, json: &Json) -> Value {
    match &member.shape.kind {
        Kind::Boolean => Value::Boolean(json.as_bool().unwrap()),
        Kind::Integer | Kind::Long => Value::Integer(json.as_i64().unwrap()),
        Kind::Float | Kind::Double => Value::Float(float(json)),
        Kind::String => Value::Text(json.as_str().unwrap().to_owned()),
        Kind::Blob => Value::Blob(json.as_str().unwrap().as_bytes().to_vec()),
        Kind::Timestamp => Value::Timestamp(Timestamp::from_epoch(json.as_f64().unwrap()).unwrap()),
        Kind::Document => Value::Document(document(json)),
        Kind::List(element) => {
            Value::List(json.as_array().unwrap().iter().map(|json| value(element, json)).collect())
        }
        Kind::Map(_, entry) => {
            let entries = json.as_object().unwrap().iter();
            Value::Map(entries.map(|(key, json)| (key.clone(), value(entry, json))).collect())
        }
        Kind::Structure(schema) => Value::Structure(fields(schema, json)),
    }
}

fn float(json: &Json) -> f64 {
    match json.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => json.as_f64().unwrap(),
    }
}

fn document(json: &Json) -> Document {
    match json {
        Json::Null => Document::Null,
        Json::Bool(truth) => Document::Boolean(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Document::Integer(whole),
            None => Document::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => Document::Text(text.clone()),
        Json::Array(items) => Document::List(items.iter().map(document).collect()),
        Json::Object(entries) => {
            Document::Map(entries.iter().map(|(key, json)| (key.clone(), document(json))).collect())
        }
    }
}

/// Whether two sets of fields say the same: the order of members and entries does not count, and NaN is NaN.
pub(crate) fn same(a: &Fields, b: &Fields) -> bool {
    a.iter().count() == b.iter().count()
        && a.iter().all(|(index, value)| b.get(index).is_some_and(|other| same_value(value, other)))
}

fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => {
            a == b || (a.is_nan() && b.is_nan()) || (*a as f32 == *b as f32)
        }
        (Value::Structure(a), Value::Structure(b)) => same(a, b),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let found = |key: &String| b.iter().find(|(other, _)| other == key).map(|(_, value)| value);
            a.len() == b.len()
                && a.iter().all(|(key, value)| found(key).is_some_and(|other| same_value(value, other)))
        }
        (a, b) => a == b,
    }
}
