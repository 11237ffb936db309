//! The crate of a service: `wire/<service>/src`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use super::graph::{self, Graph};
use super::source::Source;
use super::tables::{self, Paths, Patterns};
use super::types::File;
use super::{Files, header, keys, names, operation};
use crate::Outcome;
use crate::models::reduced::{Kind, Service};

/// Modules that are no operation.
const SHARED: &[&str] = &["actions", "enums", "errors", "keys", "shapes", "tables"];

/// All files of the crate, not yet formatted.
pub(super) fn generate(source: &Source, operations: &[String], files: &mut Files) -> Outcome {
    let graph = Graph::new(source.model, operations)?;
    refuse_clashes(&graph, operations)?;
    let paths = Paths {
        shape: &|name| format!("tables::{}", graph.constant(name)),
        structure: &|name| format!("crate::{}::{}", graph.home(name), graph.constant(name)),
        values: &|name| Some(format!("crate::enums::{}::VALUES", names::type_name(name))),
    };
    let id = &source.model.service.id;
    let mut modules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for name in operations {
        let generated = operation::generate(source, &graph, name, &paths)?;
        texts.insert(names::module(name), generated.text);
        modules.insert(names::module(name), generated.exports);
    }
    for (module, (text, exports)) in [
        ("actions", (actions(source, operations), Vec::new())),
        ("enums", enums(&graph, id)?),
        ("errors", errors(&graph, id)?),
        ("keys", action_keys(source, id)?),
        ("shapes", shapes(&graph, id, &paths)?),
        ("tables", (shape_tables(&graph, id)?, Vec::new())),
    ] {
        if !text.is_empty() {
            texts.insert(module.into(), text);
            modules.insert(module.into(), exports);
        }
    }
    let folder = PathBuf::from("wire").join(id).join("src");
    files.insert(folder.join("lib.rs"), root(source, operations, &modules)?);
    for (module, text) in texts {
        files.insert(folder.join(format!("{module}.rs")), text);
    }
    Ok(())
}

/// Two things of one name would not compile; say which.
fn refuse_clashes(graph: &Graph, operations: &[String]) -> Outcome {
    let mut seen: BTreeSet<String> = operations.iter().cloned().collect();
    let mut types: Vec<&str> = graph.enumerations()?;
    types.extend(graph.errors.iter());
    for name in graph.all() {
        if graph::is_structure(graph.shape(name)?) {
            types.push(name);
        }
    }
    match types.iter().find(|name| !seen.insert(names::type_name(name))) {
        Some(name) => Err(format!("{}: two types are called {name}", graph.model.service.id).into()),
        None => Ok(()),
    }
}

fn root(source: &Source, operations: &[String], modules: &BTreeMap<String, Vec<String>>) -> Outcome<String> {
    let service = &source.model.service;
    let mut out = header(&service.id);
    let _ = writeln!(
        out,
        "//! {} (`{}`, API version {}) on the wire: a module for each operation that is built, and what they share.\n\n\
         #![allow(missing_docs, clippy::all, reason = \"generated\")]\n",
        service.service_id, service.id, service.api_version
    );
    let body = format!(
        "pub static SERVICE: Service = {};\n\npub static OPERATIONS: &[&Operation] = &[{}];\n",
        literal(source)?,
        operations
            .iter()
            .map(|name| format!("&{}::{},", names::module(name), operation::table(name)))
            .collect::<String>()
    );
    out.push_str(&tables::imports(&body));
    out.push('\n');
    for module in modules.keys() {
        let visible = if module == "tables" { "" } else { "pub " };
        let _ = writeln!(out, "{visible}mod {module};");
    }
    out.push('\n');
    for (module, exports) in modules.iter().filter(|(_, exports)| !exports.is_empty()) {
        match SHARED.contains(&module.as_str()) {
            true => {
                let _ = writeln!(out, "pub use {module}::*;");
            }
            false => {
                let _ = writeln!(out, "pub use {module}::{{{}}};", exports.join(", "));
            }
        }
    }
    out.push('\n');
    out.push_str(&body);
    Ok(out)
}

/// The initializer of a service's table.
pub(super) fn literal(source: &Source) -> Outcome<String> {
    let service = &source.model.service;
    let namespace = match &service.xml_namespace {
        Some(uri) => format!("Some(XmlNamespace {{ uri: {uri:?}, prefix: None }})"),
        None => "None".into(),
    };
    Ok(format!(
        "Service {{ id: {:?}, service_id: {:?}, signing_name: {:?}, endpoint_prefix: {:?}, principal: {:?}, api_version: {:?}, \
         target_prefix: {:?}, protocols: &[{}], query_compatible: {}, xml_namespace: {namespace}, global: {} }}",
        service.id,
        service.service_id,
        service.signing_name,
        service.endpoint_prefix,
        format!("{}.amazonaws.com", service.endpoint_prefix),
        service.api_version,
        service.target_prefix.as_deref().unwrap_or_default(),
        protocols(service)?,
        service.aws_query_compatible,
        source.global(),
    ))
}

fn protocols(service: &Service) -> Outcome<String> {
    let each =
        service.protocols.iter().map(|protocol| match (protocol.as_str(), service.json_version.as_deref()) {
            ("json", Some("1.0")) => Ok("Protocol::AwsJson10"),
            ("json", _) => Ok("Protocol::AwsJson11"),
            ("query", _) => Ok("Protocol::AwsQuery"),
            ("ec2", _) => Ok("Protocol::Ec2Query"),
            ("rest-json", _) => Ok("Protocol::RestJson"),
            ("rest-xml", _) => Ok("Protocol::RestXml"),
            ("smithy-rpc-v2-cbor", _) => Ok("Protocol::RpcV2Cbor"),
            (other, _) => Err(format!("{}: {other} is no protocol", service.id)),
        });
    Ok(each.collect::<Result<Vec<_>, _>>()?.join(", "))
}

fn actions(source: &Source, operations: &[String]) -> String {
    let mut out = header(&source.model.service.id);
    let each: BTreeSet<String> = operations.iter().flat_map(|name| source.actions(name)).collect();
    for action in each {
        let known = action.split_once(':').filter(|(prefix, _)| *prefix == source.vocabulary.prefix);
        if let Some(known) = known.and_then(|(_, name)| source.vocabulary.actions.get(name)) {
            let on: Vec<&str> = known.resources.iter().map(|allowed| allowed.kind.as_str()).collect();
            let on = if on.is_empty() { "`*`".to_owned() } else { on.join(", ") };
            let _ = writeln!(out, "/// {}, on {on}.", known.access);
        }
        let _ =
            writeln!(out, "pub const {}: &str = {action:?};", operation::action_constant(source, &action));
    }
    out
}

fn enums(graph: &Graph, id: &str) -> Outcome<(String, Vec<String>)> {
    let (mut file, mut exports) = (File::default(), Vec::new());
    for name in graph.enumerations()? {
        file.enumeration(name, graph.shape(name)?);
        exports.push(names::type_name(name));
    }
    Ok(finish(file, id, "enums", exports))
}

fn shapes(graph: &Graph, id: &str, paths: &Paths) -> Outcome<(String, Vec<String>)> {
    let (mut file, mut exports) = (File::default(), Vec::new());
    for name in graph.shared()? {
        file.structure(graph, name, None, paths)?;
        exports.push(names::type_name(name));
    }
    Ok(finish(file, id, "shapes", exports))
}

fn errors(graph: &Graph, id: &str) -> Outcome<(String, Vec<String>)> {
    let (mut file, mut exports) = (File::default(), Vec::new());
    let paths = Paths {
        shape: &|name| format!("tables::{}", graph.constant(name)),
        structure: &|name| format!("crate::shapes::{}", graph.constant(name)),
        values: &|_| None,
    };
    for name in &graph.errors {
        error(&mut file, graph, name, &paths)?;
        exports.push(names::type_name(name));
    }
    Ok(finish(file, id, "errors", exports))
}

fn error(file: &mut File, graph: &Graph, name: &str, paths: &Paths) -> Outcome {
    let mut shape = graph.shape(name)?.clone();
    shape.members = graph::members_beside_message(&shape).cloned().collect();
    let facts = shape.error.clone().unwrap_or_default();
    let status = facts.status.unwrap_or(if facts.fault { 500 } else { 400 });
    let (constant, type_name) = (graph.constant(name), names::type_name(name));
    let mut fields = String::new();
    for (index, member) in shape.members.iter().enumerate() {
        if graph.shape(&member.shape)?.kind == Kind::Structure {
            return Err(format!("{name}: a structure in an error cannot be generated yet").into());
        }
        let plain = file.type_of(graph, &member.shape, false)?;
        let _ = writeln!(fields, "    {index} => {}: {plain},", names::snake(&member.name));
    }
    let members = match shape.members.is_empty() {
        true => "UNIT".to_owned(),
        false => {
            let table = tables::structure(name, &shape, None, paths)?;
            let _ = writeln!(file.text, "static {constant}_MEMBERS: Structure = {table};\n");
            format!("{constant}_MEMBERS")
        }
    };
    let _ = writeln!(
        file.text,
        "pub static {constant}: ErrorShape = ErrorShape {{ name: {name:?}, code: {:?}, status: {status}, sender: {}, \
         members: &{members} }};\n\nalcazar_core::declared_error! {{\n    {type_name}: {constant};\n{fields}}}\n",
        facts.code.as_deref().unwrap_or(name),
        status < 500,
    );
    Ok(())
}

/// Keys of actions that are no operation (`iam:PassRole`).
fn action_keys(source: &Source, id: &str) -> Outcome<(String, Vec<String>)> {
    let (mut file, mut exports) = (File::default(), Vec::new());
    for name in source.overlays.keys.keys.keys() {
        let supplied: Vec<_> = source.overlays.keys.supplied(name).collect();
        if source.model.operations.contains_key(name) || supplied.is_empty() {
            continue;
        }
        let type_name = format!("{name}Keys");
        let _ = writeln!(file.text, "/// The keys of `{}:{name}`.", source.vocabulary.prefix);
        keys::structure(&mut file.text, &type_name, &source.vocabulary.prefix, &supplied)?;
        exports.push(type_name);
    }
    Ok(finish(file, id, "keys", exports))
}

fn finish(file: File, id: &str, module: &str, exports: Vec<String>) -> (String, Vec<String>) {
    match exports.is_empty() {
        true => Default::default(),
        false => (file.finish(id, module), exports),
    }
}

fn shape_tables(graph: &Graph, id: &str) -> Outcome<String> {
    let paths = Paths {
        shape: &|name| graph.constant(name),
        structure: &|name| format!("crate::{}::{}", graph.home(name), graph.constant(name)),
        values: &|name| Some(format!("crate::enums::{}::VALUES", names::type_name(name))),
    };
    let all = graph.all();
    let referred: BTreeSet<&str> = all.iter().flat_map(|name| graph::references(graph.model, name)).collect();
    let (mut patterns, mut body) = (Patterns::default(), String::new());
    for name in all.iter().filter(|name| tables::needs_table(graph.model, &referred, name)) {
        let constant = graph.constant(name);
        let made = tables::shape(graph.model, name, &constant, &paths, &mut patterns)?;
        let _ = writeln!(body, "pub(crate) static {constant}: Shape = {made};");
    }
    let (patterns, test) = patterns.finish();
    body = format!("{body}\n{patterns}\n{test}");
    Ok(format!("{}{}\n{body}", header(id), tables::imports(&body)))
}
