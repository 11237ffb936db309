//! The layout of the files under `models/`: JSON that can be read as a diff, one entry a line, sorted by name.

use crate::Outcome;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::path::Path;

/// An object with one named part after another, ended by a newline.
pub(super) fn object(parts: &[(&str, String)]) -> Outcome<String> {
    let mut fields = Vec::with_capacity(parts.len());
    for (name, value) in parts {
        fields.push(format!("{}:{value}", serde_json::to_string(name)?));
    }
    Ok(format!("{{\n{}\n}}\n", fields.join(",\n")))
}

/// An object with one entry a line.
pub(super) fn lines<T: Serialize>(entries: &BTreeMap<String, T>) -> Outcome<String> {
    let mut rows = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        rows.push(format!("{}:{}", serde_json::to_string(name)?, serde_json::to_string(entry)?));
    }
    Ok(format!("{{\n{}\n}}", rows.join(",\n")))
}

/// Reads a file, and says which one when it is missing or malformed.
pub(super) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|cause| format!("{}: {cause}", path.display()).into())
}

/// Reads a JSON file.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Outcome<T> {
    serde_json::from_str(&read(path)?).map_err(|cause| format!("{}: {cause}", path.display()).into())
}

/// Reads a TOML file.
pub(super) fn read_toml<T: DeserializeOwned>(path: &Path) -> Outcome<T> {
    toml::from_str(&read(path)?).map_err(|cause| format!("{}: {cause}", path.display()).into())
}
