//! A service as the generator packs it (`xtask/src/wire/embed.rs`): the reduced model without answers, errors and pages.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use serde::Deserialize;

/// Operations and the shapes of their requests.
#[derive(Default, Deserialize)]
pub(crate) struct Packed {
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) status: Option<u16>,
    pub(crate) input: Option<String>,
    /// The root element of an XML request, and its namespace.
    pub(crate) element: Option<String>,
    pub(crate) namespace: Option<Namespace>,
    #[serde(default)]
    pub(crate) reads: bool,
    #[serde(default)]
    pub(crate) unsigned: bool,
    #[serde(default)]
    pub(crate) actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) members: Vec<Member>,
    pub(crate) member: Option<Element>,
    pub(crate) key: Option<Element>,
    pub(crate) value: Option<Element>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    /// As published; `source` and `refused` say how it is run.
    pub(crate) pattern: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) refused: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) values: Vec<String>,
    pub(crate) timestamp_format: Option<String>,
    pub(crate) location_name: Option<String>,
    pub(crate) xml_namespace: Option<Namespace>,
    pub(crate) payload: Option<String>,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) union: bool,
    #[serde(default)]
    pub(crate) document: bool,
    #[serde(default)]
    pub(crate) streaming: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) shape: String,
    pub(crate) location: Option<String>,
    pub(crate) location_name: Option<String>,
    pub(crate) query_name: Option<String>,
    pub(crate) xml_namespace: Option<Namespace>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) xml_attribute: bool,
    #[serde(default)]
    pub(crate) idempotency_token: bool,
    #[serde(default, rename = "jsonvalue")]
    pub(crate) json_value: bool,
    #[serde(default)]
    pub(crate) host_label: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Element {
    pub(crate) shape: String,
    pub(crate) location_name: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Namespace {
    pub(crate) uri: String,
    pub(crate) prefix: Option<String>,
}

/// Unpacks. What is embedded always unpacks, as a test shows; if it did not, the service would have no operations.
pub(crate) fn unpack(data: &[u8]) -> Packed {
    let mut text = String::new();
    match GzDecoder::new(data).read_to_string(&mut text) {
        Ok(_) => serde_json::from_str(&text).unwrap_or_default(),
        Err(_) => Packed::default(),
    }
}
