use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Content, Incoming};
use crate::programs::fields::SecretJson;
use crate::programs::{dotenv, export, input};

/// The secrets of exports; an answer without a path is named by its file.
pub(super) fn exports(files: &[PathBuf], name: Option<&str>) -> Result<Vec<Incoming>, String> {
    let mut incoming = Vec::new();
    for file in files {
        let told = |why: &str| format!("{}: {why}", file.display());
        for exported in export::read(&input::text(file)?).map_err(|why| told(&why))? {
            let stem = || file.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
            let found = match (exported.path, name) {
                (Some(path), None) => path,
                (Some(_), Some(_)) => {
                    return Err(told("its answers have names of their own: give no --name"));
                }
                (None, Some(name)) => name.to_owned(),
                (None, None) => {
                    stem().ok_or_else(|| told("its name is no name for a secret: give --name"))?
                }
            };
            let content = match exported.value {
                Some(value) => Content::Text(json(&value)?),
                None => Content::Nothing("deleted there"),
            };
            incoming.push(Incoming::bare(found, content));
        }
    }
    Ok(incoming)
}

/// An environment file as a secret.
pub(super) fn environment(file: &Path, name: Option<&str>) -> Result<Vec<Incoming>, String> {
    let told = |why: &str| format!("{}: {why}", file.display());
    let name = name.ok_or_else(|| told("say with --name which secret it becomes"))?;
    let variables = dotenv::read(&input::text(file)?).map_err(|why| told(&why))?;
    if variables.is_empty() {
        return Err(told("it holds no variables"));
    }
    let fields: Map<String, Value> =
        variables.into_iter().map(|(name, value)| (name, value.expose().to_owned().into())).collect();
    let content = Content::Text(json(&SecretJson::new(Value::Object(fields)))?);
    Ok(vec![Incoming::bare(name.to_owned(), content)])
}

fn json(value: &SecretJson) -> Result<alcazar_core::SecretText, String> {
    serde_json::to_string(value.expose()).map(Into::into).map_err(|error| error.to_string())
}
