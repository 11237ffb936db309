//! The published botocore model of a service, and its reduction to facts.
//!
//! Every trait is named here, those that are dropped too: a trait that nobody has looked at stops the run, so that a
//! newer package cannot lose a fact in silence. Documentation is never kept. The `sdk-extras` files are not read: they
//! change what a client's own code offers, not what travels.

mod operation;
mod shape;

use super::manifest::Chosen;
use super::reduced::{Model, Service};
use crate::Outcome;
use flate2::read::GzDecoder;
use operation::{Paginator, SourceOperation};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use shape::SourceShape;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// Reduces one service of an unpacked botocore.
pub(super) fn reduce(package: &Path, id: &str, chosen: &Chosen) -> Outcome<Model> {
    let folder = newest(&package.join("botocore/data").join(id))?;
    let source: Source = read(&folder.join("service-2.json"))?;
    let pagination: Pagination = read(&folder.join("paginators-1.json"))?;
    let mut operations = BTreeMap::new();
    for (name, operation) in source.operations.0 {
        let pages = pagination.pagination.get(&name);
        operations.insert(name.clone(), operation.reduce(&name, pages));
    }
    let shapes = source.shapes.0.into_iter().map(|(name, shape)| (name, shape.reduce())).collect();
    Ok(Model { service: source.metadata.reduce(id, chosen), operations, shapes })
}

/// The folder of the latest API version: they are dates.
fn newest(folder: &Path) -> Outcome<PathBuf> {
    let entries = std::fs::read_dir(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    let versions: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    versions?.into_iter().max().ok_or_else(|| format!("{}: no version", folder.display()).into())
}

/// Reads a file that the package holds plain or gzipped.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Outcome<T> {
    let packed = path.with_extension("json.gz");
    let mut json = String::new();
    let outcome = match packed.exists() {
        true => File::open(&packed).and_then(|file| GzDecoder::new(file).read_to_string(&mut json)),
        false => File::open(path).and_then(|mut file| file.read_to_string(&mut json)),
    };
    outcome.map_err(|cause| format!("{}: {cause}", path.display()))?;
    serde_json::from_str(&json).map_err(|cause| format!("{}: {cause}", path.display()).into())
}

/// An object whose order is kept: the order of members is the order on the wire.
struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    metadata: Metadata,
    operations: Ordered<SourceOperation>,
    shapes: Ordered<SourceShape>,
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    #[serde(rename = "documentation")]
    _documentation: Option<IgnoredAny>,
    /// Settings of a client.
    #[serde(rename = "clientContextParams")]
    _client_context: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Metadata {
    api_version: String,
    endpoint_prefix: String,
    signing_name: Option<String>,
    signature_version: String,
    #[serde(default)]
    auth: Vec<String>,
    protocol: String,
    #[serde(default)]
    protocols: Vec<String>,
    service_id: String,
    json_version: Option<String>,
    target_prefix: Option<String>,
    global_endpoint: Option<String>,
    xml_namespace: Option<String>,
    aws_query_compatible: Option<IgnoredAny>,
    checksum_format: Option<String>,
    #[serde(rename = "serviceAbbreviation")]
    _abbreviation: Option<IgnoredAny>,
    #[serde(rename = "serviceFullName")]
    _full_name: Option<IgnoredAny>,
    #[serde(rename = "uid")]
    _uid: Option<IgnoredAny>,
}

impl Metadata {
    fn reduce(self, id: &str, chosen: &Chosen) -> Service {
        let signing_name = self.signing_name.unwrap_or_else(|| self.endpoint_prefix.clone());
        Service {
            id: id.into(),
            service_id: self.service_id,
            api_version: self.api_version,
            iam_prefix: chosen.iam.clone().unwrap_or_else(|| signing_name.clone()),
            signing_name,
            endpoint_prefix: self.endpoint_prefix,
            signature_version: self.signature_version,
            auth: self.auth,
            protocols: if self.protocols.is_empty() { vec![self.protocol] } else { self.protocols },
            json_version: self.json_version,
            target_prefix: self.target_prefix,
            global_endpoint: self.global_endpoint,
            xml_namespace: self.xml_namespace,
            aws_query_compatible: self.aws_query_compatible.is_some(),
            checksum_format: self.checksum_format,
        }
    }
}

#[derive(Deserialize)]
struct Pagination {
    #[serde(default)]
    pagination: BTreeMap<String, Paginator>,
}
