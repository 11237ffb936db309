//! The public parameters: what the operator publishes under `/aws/service/` for everybody to read. Nobody changes them but the operator,
//! who starts the program with another catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use alcazar_core::{Region, SecretText, Timestamp};
use alcazar_corridor::{Failure, View};
use alcazar_store::{AppendError, Frame, KeyRange, Record, Scope, ScopeKind, Store, Table, TableError};
use serde::{Deserialize, Serialize};
use wire_ssm::ParameterType;

use super::{Name, TEXT};

/// A catalogue of public parameters, as the operator writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Catalogue {
    /// The parameters.
    #[serde(default, alias = "parameter")]
    pub parameters: Vec<Published>,
}

/// A public parameter, as the operator writes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Published {
    /// Its name, which begins with `/aws/service/`.
    pub name: String,
    /// Its value where `regions` has no other.
    #[serde(default)]
    pub value: Option<String>,
    /// Its values by Region; it is only there if `value` is missing.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// String or StringList; String by default.
    #[serde(default)]
    pub r#type: Option<String>,
    /// `text`, `aws:ec2:image`, ...; `text` by default.
    #[serde(default)]
    pub data_type: Option<String>,
}

/// A public parameter as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicParameter {
    pub(crate) name: String,
    value: Option<String>,
    regions: BTreeMap<String, String>,
    pub(crate) r#type: ParameterType,
    pub(crate) data_type: String,
    /// It grows with each change.
    pub(crate) version: u64,
    pub(crate) modified_at: Timestamp,
}

impl Record for PublicParameter {}

/// The public parameters.
pub(crate) static PUBLIC: Table<Name, PublicParameter> = Table::new("ssm/public", ScopeKind::Installation);

/// What public parameters' names begin with.
pub(crate) const ROOT: &str = "/aws/service/";

/// How many rows are read or written at a time.
const BATCH: usize = 500;

impl PublicParameter {
    /// Its value in a Region; `None` where it is not published.
    pub(crate) fn value(&self, region: Region) -> Option<SecretText> {
        let value = self.regions.get(region.name()).or(self.value.as_ref());
        value.map(|value| SecretText::new(value.clone()))
    }

    fn same(&self, other: &Self) -> bool {
        let plain = |it: &Self| Self { version: 0, modified_at: Timestamp::from_seconds(0), ..it.clone() };
        plain(self) == plain(other)
    }
}

/// The public parameter of that name, if it is published in the called Region.
pub(crate) async fn get(name: &Name, view: &View) -> Result<Option<Arc<PublicParameter>>, Failure> {
    let row = view.get(&PUBLIC, Scope::Installation, name).await?;
    Ok(row.filter(|row| row.value(view.region()).is_some()))
}

/// Makes the stored public parameters those of the catalogue. What is the same stays untouched, with its version.
///
/// # Errors
/// In words for the operator: a name that is none, a value that is missing, a store that fails.
pub async fn publish(store: &dyn Store, catalogue: &Catalogue, now: Timestamp) -> Result<(), String> {
    let mut wanted = BTreeMap::new();
    for published in &catalogue.parameters {
        let parameter = checked(published, now)?;
        if wanted.insert(Name::of(&published.name), parameter).is_some() {
            return Err(format!("the public parameter {} is there twice", published.name));
        }
    }
    let failed = |error: TableError| error.to_string();
    let mut frame = Frame::default();
    let mut kept = BTreeSet::new();
    let range = PUBLIC.range(Scope::Installation);
    let mut start = range.start.clone();
    loop {
        let from = KeyRange { start: start.clone(), end: range.end.clone() };
        let rows = store.scan(&from, BATCH).await.map_err(|error| error.to_string())?;
        let Some((last, _)) = rows.last() else { break };
        start = last.successor();
        for (key, row) in rows {
            let held = row.decoded(|stored| PUBLIC.decode(stored)).map_err(failed)?;
            let name = Name::of(&held.name);
            match wanted.get_mut(&name) {
                None => frame.delete.push(key),
                Some(parameter) if parameter.same(&held) => drop(kept.insert(name)),
                Some(parameter) => parameter.version = held.version + 1,
            }
        }
    }
    for (name, parameter) in wanted.iter().filter(|(name, _)| !kept.contains(*name)) {
        let value = PUBLIC.encode(parameter).map_err(failed)?;
        frame.put.push((PUBLIC.key(Scope::Installation, name), value));
    }
    if !frame.changes_rows() {
        return Ok(());
    }
    store.append(frame).await.map(drop).map_err(|error| match error {
        AppendError::Conflict => "the public parameters are being changed by somebody else".to_owned(),
        AppendError::Store(error) => error.to_string(),
    })
}

fn checked(published: &Published, now: Timestamp) -> Result<PublicParameter, String> {
    let name = &published.name;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    if !name.starts_with(ROOT) || name.ends_with('/') || name.contains("//") || !name.bytes().all(good) {
        return Err(format!("{name:?} is no name of a public parameter: it begins with {ROOT}"));
    }
    if published.value.is_none() && published.regions.is_empty() {
        return Err(format!("the public parameter {name} has no value"));
    }
    let kind = published.r#type.as_deref().unwrap_or("String");
    let kind = ParameterType::from_wire(kind).filter(|kind| *kind != ParameterType::SecureString);
    Ok(PublicParameter {
        name: name.clone(),
        value: published.value.clone(),
        regions: published.regions.clone(),
        r#type: kind
            .ok_or_else(|| format!("the public parameter {name} is neither String nor StringList"))?,
        data_type: published.data_type.clone().unwrap_or_else(|| TEXT.to_owned()),
        version: 1,
        modified_at: now,
    })
}
