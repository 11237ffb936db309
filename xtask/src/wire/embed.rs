//! What `alcazar-model` embeds, so that operations that are not built are known all the same: a compressed file for each
//! service with the requests of all its operations (answers and errors are never made from it), and Rust for what must
//! be there at the start (the services) or cannot be built at run time without cycles (recursive shapes).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::graph::{self, is_structure};
use super::source::Source;
use super::tables::{self, Paths, Patterns};
use super::{Files, header, names, pattern, service};
use crate::models::reduced::{Model, Namespace, Shape};
use crate::{Outcome, root};

/// Compressed text by path from the workspace's root.
pub(super) type Embedded = BTreeMap<PathBuf, String>;

/// Makes the Rust and the texts of all services.
pub(super) fn generate(sources: &[Source], files: &mut Files, embedded: &mut Embedded) -> Outcome {
    let folder = Path::new("model");
    let mut recursive = Vec::new();
    for source in sources {
        let id = &source.model.service.id;
        embedded.insert(folder.join(format!("data/{id}.json.gz")), text(source)?);
        if let Some(tables) = recursive_tables(source.model)? {
            let module = names::module(id);
            files.insert(folder.join(format!("src/recursive/{module}.rs")), tables);
            recursive.push((id.as_str(), module));
        }
    }
    files.insert(folder.join("src/recursive/mod.rs"), recursive_root(&recursive));
    files.insert(folder.join("src/services.rs"), services(sources)?);
    Ok(())
}

/// Which of the files differ, judged by what they unpack to: compressors may.
pub(super) fn differences(embedded: &Embedded) -> Outcome<Vec<String>> {
    let mut different = Vec::new();
    for (path, text) in embedded {
        if unpacked(&root().join(path)).as_ref() != Some(text) {
            different.push(format!("{} differs", path.display()));
        }
    }
    Ok(different)
}

pub(super) fn write(embedded: &Embedded) -> Outcome {
    for (path, text) in embedded {
        let path = root().join(path);
        if unpacked(&path).as_ref() == Some(text) {
            continue;
        }
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes())?;
        std::fs::write(path, encoder.finish()?)?;
    }
    Ok(())
}

fn unpacked(path: &Path) -> Option<String> {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).ok()?).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Shapes whose pattern has no linear form, so that it is not checked: `ssm StringDateTime`.
pub(super) fn unchecked(sources: &[Source]) -> Vec<String> {
    let mut names = Vec::new();
    for source in sources {
        for (name, shape) in &source.model.shapes {
            if shape.pattern.as_ref().is_some_and(|published| pattern::translate(published).is_none()) {
                names.push(format!("{} {name}", source.model.service.id));
            }
        }
    }
    names
}

/// A service as it is embedded. `model/src/packed.rs` reads the same fields.
#[derive(Serialize)]
struct Packed<'a> {
    operations: BTreeMap<&'a str, PackedOperation<'a>>,
    shapes: BTreeMap<&'a str, PackedShape<'a>>,
}

#[derive(Serialize)]
struct PackedOperation<'a> {
    method: &'a str,
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a Namespace>,
    #[serde(skip_serializing_if = "is_false")]
    reads: bool,
    #[serde(skip_serializing_if = "is_false")]
    unsigned: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<String>,
}

#[derive(Serialize)]
struct PackedShape<'a> {
    #[serde(flatten)]
    shape: &'a Shape,
    /// The pattern as it is run, where that differs; what it refuses at the start. Absent with a pattern that has no
    /// linear form, which then is absent too.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn text(source: &Source) -> Outcome<String> {
    let model = source.model;
    let mut reached = BTreeSet::new();
    let mut operations = BTreeMap::new();
    for (name, operation) in &model.operations {
        if let Some(input) = &operation.input {
            graph::reach(model, input, &mut reached);
        }
        let packed = PackedOperation {
            method: &operation.method,
            uri: &operation.uri,
            status: operation.status,
            input: operation.input.as_deref(),
            element: operation.input_element.as_deref(),
            namespace: operation.input_namespace.as_ref(),
            reads: source.reads(name, operation),
            unsigned: operation.unsigned || operation.auth.iter().any(|scheme| scheme == "smithy.api#noAuth"),
            actions: source.actions(name),
        };
        operations.insert(name.as_str(), packed);
    }
    let trimmed: BTreeMap<&str, Shape> = reached
        .into_iter()
        .filter_map(|name| model.shapes.get(name).map(|shape| (name, trim(model, name, shape))))
        .collect();
    let shapes = trimmed.iter().map(|(name, shape)| (*name, pack(shape))).collect();
    Ok(serde_json::to_string(&Packed { operations, shapes })?)
}

/// Without what no reader of a request asks for.
fn trim(model: &Model, name: &str, shape: &Shape) -> Shape {
    let mut shape = shape.clone();
    shape.deprecated = false;
    shape.xml_order.clear();
    shape.streaming = tables::streaming(model, name);
    shape.min = tables::bound(shape.min.as_ref(), f64::floor).map(Into::into);
    shape.max = tables::bound(shape.max.as_ref(), f64::ceil).map(Into::into);
    if shape.pattern.as_ref().is_some_and(|published| pattern::translate(published).is_none()) {
        shape.pattern = None;
    }
    for member in &mut shape.members {
        member.deprecated = false;
        member.boxed = false;
        member.streaming = false;
    }
    shape.boxed = false;
    shape
}

fn pack(shape: &Shape) -> PackedShape<'_> {
    let linear = shape.pattern.as_ref().and_then(|published| pattern::translate(published));
    let source = linear.as_ref().map(|linear| linear.source.clone());
    let source = source.filter(|source| Some(source) != shape.pattern.as_ref());
    PackedShape { shape, source, refused: linear.and_then(|linear| linear.refused) }
}

/// Structures that can contain themselves, with all that they reach, as statics; none if the service has no such input.
fn recursive_tables(model: &Model) -> Outcome<Option<String>> {
    let mut inputs = BTreeSet::new();
    for input in model.operations.values().filter_map(|operation| operation.input.as_ref()) {
        graph::reach(model, input, &mut inputs);
    }
    let mut shapes = BTreeSet::new();
    for name in inputs {
        let mut reached = BTreeSet::new();
        graph::references(model, name).into_iter().for_each(|next| graph::reach(model, next, &mut reached));
        let structure = model.shapes.get(name).is_some_and(is_structure);
        if structure && reached.contains(name) {
            shapes.extend(reached);
        }
    }
    if shapes.is_empty() {
        return Ok(None);
    }
    Ok(Some(tables_of(model, &shapes)?))
}

fn tables_of(model: &Model, shapes: &BTreeSet<&str>) -> Outcome<String> {
    let constants = graph::constants(shapes, &BTreeSet::new());
    let constant = |name: &str| constants.get(name).cloned().unwrap_or_default();
    let paths = Paths {
        shape: &constant,
        structure: &|name| format!("{}_STRUCTURE", constant(name)),
        values: &|_| None,
    };
    let (mut patterns, mut body, mut arms) = (Patterns::default(), String::new(), String::new());
    for name in shapes {
        let own = constant(name);
        let made = tables::shape(model, name, &own, &paths, &mut patterns)?;
        let _ = writeln!(body, "static {own}: Shape = {made};");
        let _ = writeln!(arms, "{name:?} => Some(&{own}),");
        if let Some(shape) = model.shapes.get(*name).filter(|shape| is_structure(shape)) {
            let made = tables::structure(name, shape, None, &paths)?;
            let _ = writeln!(body, "static {own}_STRUCTURE: Structure = {made};");
        }
    }
    let (patterns, test) = patterns.finish();
    let imports = tables::imports(&format!("{body}{patterns}"));
    Ok(format!(
        "{}{imports}\npub(super) fn find(name: &str) -> Option<&'static Shape> {{\nmatch name {{\n{arms}_ => None,\n}}\n}}\n\n\
         {body}\n{patterns}\n{test}",
        header(&model.service.id)
    ))
}

fn recursive_root(modules: &[(&str, String)]) -> String {
    let mut out = header("*");
    for (_, module) in modules {
        let _ = writeln!(out, "mod {module};");
    }
    out.push_str("\nuse alcazar_core::schema::Shape;\n\n");
    out.push_str("/// The table of a shape that contains itself, or that such a shape reaches.\n");
    out.push_str(
        "pub(crate) fn find(service: &str, name: &str) -> Option<&'static Shape> {\nmatch service {\n",
    );
    for (id, module) in modules {
        let _ = writeln!(out, "{id:?} => {module}::find(name),");
    }
    out.push_str("_ => None,\n}\n}\n");
    out
}

fn services(sources: &[Source]) -> Outcome<String> {
    let mut out = header("*");
    let mut body = String::new();
    let (mut list, mut data) = (String::new(), String::new());
    for source in sources {
        let id = &source.model.service.id;
        let constant = names::constant(id);
        let _ = writeln!(body, "static {constant}: Service = {};\n", service::literal(source)?);
        let _ = writeln!(list, "&{constant},");
        let _ = writeln!(data, "include_bytes!(\"../data/{id}.json.gz\"),");
    }
    let _ = writeln!(
        body,
        "pub(crate) static SERVICES: &[&Service] = &[{list}];\n\n\
         /// Their operations, compressed, in the same order.\npub(crate) static DATA: &[&[u8]] = &[{data}];\n"
    );
    out.push_str(&tables::imports(&body));
    out.push('\n');
    out.push_str(&body);
    Ok(out)
}
