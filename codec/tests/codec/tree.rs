//! Bodies as trees, so that two of them can be compared whatever their layout.

use alcazar_core::schema::Protocol;
use serde_json::{Value as Json, json};

use crate::cbor;

/// The body as a tree; an empty one as null.
pub(crate) fn of(protocol: Protocol, media_type: &str, body: &[u8]) -> Json {
    let plain = matches!(media_type, "text/plain" | "application/octet-stream");
    match protocol {
        _ if body.is_empty() => Json::Null,
        Protocol::RpcV2Cbor => cbor::tree(body),
        Protocol::RestJson | Protocol::RestXml if plain => json!({ "raw": String::from_utf8_lossy(body) }),
        Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RestJson => {
            match serde_json::from_slice(body) {
                Ok(tree) => tree,
                // Bytes as a payload, in a vector that names no media type.
                Err(_) => json!({ "raw": String::from_utf8_lossy(body) }),
            }
        }
        _ => match roxmltree::Document::parse(std::str::from_utf8(body).unwrap()) {
            Ok(document) => element(document.root_element()),
            Err(_) => json!({ "raw": String::from_utf8_lossy(body) }),
        },
    }
}

/// Children of one name keep their order; text counts only where there are no children; namespaces are told by their URI.
fn element(node: roxmltree::Node<'_, '_>) -> Json {
    let mut children: Vec<Json> = node.children().filter(roxmltree::Node::is_element).map(element).collect();
    let text: String =
        node.children().filter(roxmltree::Node::is_text).filter_map(|text| text.text()).collect();
    let attributes: Vec<(&str, &str)> = node.attributes().map(|a| (a.name(), a.value())).collect();
    let mut declared: Vec<(Option<&str>, &str)> = node.namespaces().map(|n| (n.name(), n.uri())).collect();
    let outer: Vec<(Option<&str>, &str)> = node
        .parent_element()
        .into_iter()
        .flat_map(|parent| parent.namespaces().map(|n| (n.name(), n.uri())).collect::<Vec<_>>())
        .collect();
    declared.retain(|namespace| !outer.contains(namespace));
    // Neither members of a structure nor entries of a map have an order. (The values are compared in order elsewhere.)
    children.sort_by_key(|child| {
        let leaf = child["children"].as_array().is_some_and(Vec::is_empty);
        (child["name"].to_string(), if leaf { String::new() } else { child.to_string() })
    });
    json!({
        "name": node.tag_name().name(),
        "attributes": attributes,
        "namespaces": declared,
        "text": if children.is_empty() { text } else { String::new() },
        "children": children,
    })
}

/// Whether two trees say the same; numbers by their value, to the width of a float.
pub(crate) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            a == b || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a == b || a as f32 == b as f32)
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}
