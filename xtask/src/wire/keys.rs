//! The condition keys that a request supplies, as a struct with a field for each: none can be forgotten.

use std::fmt::Write;

use super::names;
use crate::Outcome;
use crate::models::overlays::{Key, KeyKind};

/// Writes the struct and how its keys are looked up. `prefix` is the service's own, which field names leave out.
pub(super) fn structure(out: &mut String, type_name: &str, prefix: &str, keys: &[(&str, &Key)]) -> Outcome {
    let (mut fields, mut plain, mut templates) = (Vec::new(), String::new(), String::new());
    for (key, entry) in keys {
        let (stem, field) = (stem(key), field(key, prefix));
        if fields.iter().any(|(known, _)| *known == field) {
            return Err(format!("{type_name} has two keys {field}").into());
        }
        let into = if entry.kind.is_map() { &mut templates } else { &mut plain };
        let _ = writeln!(into, "    {:?} => {field},", stem.to_ascii_lowercase());
        fields.push((field, field_type(entry)));
    }
    let _ = writeln!(out, "#[derive(Debug, Clone, PartialEq)]\npub struct {type_name} {{");
    for (field, field_type) in fields {
        let _ = writeln!(out, "pub {field}: {field_type},");
    }
    let _ = writeln!(
        out,
        "}}\n\nalcazar_core::condition_keys! {{\n    {type_name};\n{plain}    ;\n{templates}}}\n"
    );
    Ok(())
}

fn field_type(key: &Key) -> String {
    let plain = match key.kind {
        KeyKind::String => "String",
        KeyKind::Bool => "bool",
        KeyKind::Number => "i64",
        KeyKind::Date => "Timestamp",
        KeyKind::List => "Vec<String>",
        KeyKind::Map => "BTreeMap<String, String>",
        KeyKind::ListMap => "BTreeMap<String, Vec<String>>",
    };
    match key.optional && !key.kind.is_map() {
        true => format!("Option<{plain}>"),
        false => plain.to_owned(),
    }
}

/// What stands before the first `${Name}`.
fn stem(key: &str) -> &str {
    key.split_once("${").map_or(key, |(stem, _)| stem)
}

/// `kms:EncryptionContext:${Key}` → `encryption_context`; a key that is nothing but names is called by them.
fn field(key: &str, prefix: &str) -> String {
    let stem = stem(key);
    let own = stem.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(':')).unwrap_or(stem);
    match own.trim_matches([':', '/']) {
        "" => names::snake(&key.replace(['$', '{', '}'], " ")),
        name => names::snake(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_by_what_differs() {
        assert_eq!(field("kms:EncryptionContext:${EncryptionContextKey}", "kms"), "encryption_context");
        assert_eq!(field("kms:ViaService", "kms"), "via_service");
        assert_eq!(field("saml:${Attribute}", "sts"), "saml");
        assert_eq!(field("${Provider}:${Claim}", "sts"), "provider_claim");
        assert_eq!(field("sts:RequestContext/${ContextKey}", "sts"), "request_context");
    }
}
