//! The file of an operation: its shape, its request and answer, its condition keys, its table.

use std::fmt::Write;

use super::graph::Graph;
use super::source::Source;
use super::tables::Paths;
use super::types::File;
use super::{keys, names};
use crate::Outcome;
use crate::models::overlays::Need;
use crate::models::reduced::Operation;

/// An operation's file, and the types that it makes known.
pub(super) struct Generated {
    pub(super) text: String,
    pub(super) exports: Vec<String>,
}

pub(super) fn generate(source: &Source, graph: &Graph, name: &str, paths: &Paths) -> Outcome<Generated> {
    let operation =
        source.model.operations.get(name).ok_or_else(|| format!("there is no operation {name}"))?;
    let mut file = File::default();
    let mut exports = vec![name.to_owned()];
    let supplied: Vec<_> = source.overlays.keys.supplied(name).collect();
    let keys_type = if supplied.is_empty() { "NoKeys".to_owned() } else { format!("{name}Keys") };
    let (input, input_table) = side(&mut file, graph, operation.input.as_deref(), paths);
    let (output, output_table) = side(&mut file, graph, operation.output.as_deref(), paths);
    let class = if source.is_data(name) {
        "const CLASS: alcazar_core::EventClass = alcazar_core::EventClass::Data;\n"
    } else {
        ""
    };
    let constant = table(name);
    let _ = writeln!(
        file.text,
        "{}#[derive(Debug, Clone, Copy)]\npub struct {name};\n\n\
         impl alcazar_core::Shape for {name} {{\n\
         type Input = {input};\ntype Output = {output};\ntype Keys = {keys_type};\n\
         const OPERATION: &'static Operation = &{constant};\n\
         const ACTIONS: &'static [&'static str] = &[{}];\n{class}}}\n",
        doc(&source.needs(name)),
        actions(source, name),
    );
    declared(&mut file, name, operation);
    let mut structures = vec![operation.input.as_deref(), operation.output.as_deref()];
    structures.dedup();
    for (at, shape) in structures.into_iter().enumerate() {
        let Some(shape) = shape.filter(|shape| graph.home(shape) == names::module(name)) else { continue };
        file.structure(graph, shape, (at == 0).then_some(operation), paths)?;
        exports.push(names::type_name(shape));
    }
    if !supplied.is_empty() {
        keys::structure(&mut file.text, &keys_type, &source.vocabulary.prefix, &supplied)?;
        exports.push(keys_type);
    }
    let _ = writeln!(
        file.text,
        "pub static {constant}: Operation = {};",
        literal(source, graph, name, operation, &input_table, &output_table)
    );
    Ok(Generated { text: file.finish(&source.model.service.id, &names::module(name)), exports })
}

/// The name of an operation's table; a structure's table may have the same word.
pub(super) fn table(name: &str) -> String {
    format!("{}_OPERATION", names::constant(name))
}

/// The type and the table of a request or an answer.
fn side(file: &mut File, graph: &Graph, shape: Option<&str>, paths: &Paths) -> (String, String) {
    match shape {
        None => ("()".into(), "UNIT".into()),
        Some(shape) if graph.home(shape) == "shapes" => (file.shared(shape), (paths.structure)(shape)),
        Some(shape) => (names::type_name(shape), graph.constant(shape)),
    }
}

fn doc(needs: &[Need]) -> String {
    match needs {
        [] => "/// No permission is needed.\n".into(),
        needs => {
            let each: Vec<String> = needs
                .iter()
                .map(|need| format!("`{}` on {}", need.action, need.resource.types().join(" or ")))
                .collect();
            format!("/// Needs {}.\n", each.join(", ").replace(" on *", " on `*`"))
        }
    }
}

fn actions(source: &Source, name: &str) -> String {
    let constants = source.actions(name);
    let constants: Vec<String> =
        constants.iter().map(|action| format!("actions::{}", action_constant(source, action))).collect();
    constants.join(", ")
}

/// `kms:ReEncryptFrom` → `RE_ENCRYPT_FROM`; an action of another service keeps its prefix.
pub(super) fn action_constant(source: &Source, action: &str) -> String {
    match action.split_once(':') {
        Some((prefix, name)) if prefix == source.vocabulary.prefix => names::constant(name),
        Some((prefix, name)) => format!("{}_{}", names::constant(prefix), names::constant(name)),
        None => names::constant(action),
    }
}

fn declared(file: &mut File, name: &str, operation: &Operation) {
    if operation.errors.is_empty() {
        return;
    }
    let _ = writeln!(file.text, "alcazar_core::declares! {{\n    {name}:");
    for error in &operation.errors {
        let _ = writeln!(file.text, "    errors::{},", names::type_name(error));
    }
    file.text.push_str("}\n\n");
}

fn literal(
    source: &Source,
    graph: &Graph,
    name: &str,
    operation: &Operation,
    input: &str,
    output: &str,
) -> String {
    let errors: String =
        operation.errors.iter().map(|error| format!("&errors::{},", graph.constant(error))).collect();
    let kind = match (source.reads(name, operation), source.told(name)) {
        (true, true) => "ReadTold",
        (true, false) => "Read",
        (false, _) => "Write",
    };
    let unsigned = operation.unsigned || operation.auth.iter().any(|scheme| scheme == "smithy.api#noAuth");
    format!(
        "Operation {{ service: &crate::SERVICE, name: {name:?}, method: {:?}, uri: {:?}, status: {}, input: &{input}, \
         output: &{output}, result_wrapper: {:?}, errors: &[{errors}], kind: OperationKind::{kind}, unsigned: {unsigned} }}",
        operation.method,
        operation.uri,
        operation.status.unwrap_or(200),
        operation.result_wrapper,
    )
}
