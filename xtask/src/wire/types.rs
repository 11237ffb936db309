//! Structures and enumerations as Rust types.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::graph::Graph;
use super::tables::{self, Paths};
use super::{header, names};
use crate::Outcome;
use crate::models::reduced::{Kind, Member, Operation, Shape};

/// A file of Rust: its items, and the generated types that they name.
#[derive(Default)]
pub(super) struct File {
    pub(super) text: String,
    shapes: BTreeSet<String>,
    enums: BTreeSet<String>,
}

impl File {
    /// The file's text with header and imports. `module` is its own module, from which nothing is imported.
    pub(super) fn finish(self, service: &str, module: &str) -> String {
        let mut out = header(service);
        out.push_str(&tables::imports(&self.text));
        out.push('\n');
        for (from, names) in [("enums", self.enums), ("shapes", self.shapes)] {
            if from != module && !names.is_empty() {
                let names: Vec<String> = names.into_iter().collect();
                let _ = writeln!(out, "use crate::{from}::{{{}}};", names.join(", "));
            }
        }
        for from in ["actions", "errors", "tables"] {
            if from != module && self.text.contains(&format!("{from}::")) {
                let _ = writeln!(out, "use crate::{from};");
            }
        }
        out.push('\n');
        out.push_str(&self.text);
        out
    }

    /// A structure: type, table, reading and writing.
    pub(super) fn structure(
        &mut self,
        graph: &Graph,
        name: &str,
        root: Option<&Operation>,
        paths: &Paths,
    ) -> Outcome {
        let shape = graph.shape(name)?;
        let type_name = names::type_name(name);
        self.definition(graph, name, shape, &type_name)?;
        let constant = graph.constant(name);
        let table = tables::structure(name, shape, root, paths)?;
        let _ = writeln!(self.text, "pub(crate) static {constant}: Structure = {table};\n");
        let direction = if graph.inputs.contains(name) { "in" } else { "out" };
        let _ = writeln!(self.text, "alcazar_core::structure! {{\n    {direction} {type_name}: {constant};");
        for (index, member) in shape.members.iter().enumerate() {
            let _ = writeln!(self.text, "    {index} => {},", names::snake(&member.name));
        }
        self.text.push_str("}\n\n");
        Ok(())
    }

    fn definition(&mut self, graph: &Graph, name: &str, shape: &Shape, type_name: &str) -> Outcome {
        let mut fields = Vec::new();
        for member in &shape.members {
            let plain = self.member_type(graph, name, member)?;
            let field = names::snake(&member.name);
            if fields.iter().any(|(known, _, _)| *known == field) {
                return Err(format!("{name} has two members {field}").into());
            }
            fields.push((field, plain, member.required));
        }
        let defaults = graph.defaults(name);
        let comparable = if graph.comparable(name) { ", PartialEq" } else { "" };
        let default = if defaults { ", Default" } else { "" };
        let _ =
            writeln!(self.text, "#[derive(Debug, Clone{default}{comparable})]\npub struct {type_name} {{");
        for (field, plain, required) in &fields {
            let written = if *required { plain.clone() } else { format!("Option<{plain}>") };
            let _ = writeln!(self.text, "pub {field}: {written},");
        }
        self.text.push_str("}\n\n");
        if !defaults {
            self.constructor(type_name, &fields);
        }
        Ok(())
    }

    /// `new(what is required)`: beside it, the optional members are set by name.
    fn constructor(&mut self, type_name: &str, fields: &[(String, String, bool)]) {
        let required: String = fields
            .iter()
            .filter(|(_, _, required)| *required)
            .map(|(field, plain, _)| format!("{field}: {plain},"))
            .collect();
        let made: String = fields
            .iter()
            .map(
                |(field, _, required)| {
                    if *required { format!("{field},") } else { format!("{field}: None,") }
                },
            )
            .collect();
        let _ = writeln!(
            self.text,
            "impl {type_name} {{\npub fn new({required}) -> Self {{\nSelf {{ {made} }}\n}}\n}}\n"
        );
    }

    fn member_type(&mut self, graph: &Graph, structure: &str, member: &Member) -> Outcome<String> {
        let plain = self.type_of(graph, &member.shape, false)?;
        Ok(match graph.recursive(structure, member) {
            true => format!("Box<{plain}>"),
            false => plain,
        })
    }

    /// The Rust type of a shape. What a sensitive list or map holds is as secret as the whole.
    pub(super) fn type_of(&mut self, graph: &Graph, name: &str, secret: bool) -> Outcome<String> {
        let shape = graph.shape(name)?;
        let secret = secret || shape.sensitive;
        let element = |reference: &Option<crate::models::reduced::Reference>| {
            reference.as_ref().map(|reference| reference.shape.clone()).unwrap_or_default()
        };
        Ok(match shape.kind {
            Kind::String if !shape.values.is_empty() => {
                let type_name = names::type_name(name);
                self.enums.insert(type_name.clone());
                type_name
            }
            Kind::String if secret => "SecretText".into(),
            Kind::String => "String".into(),
            Kind::Blob if secret => "SecretBytes".into(),
            Kind::Blob => "Vec<u8>".into(),
            Kind::Boolean => "bool".into(),
            Kind::Integer => "i32".into(),
            Kind::Long => "i64".into(),
            Kind::Float => "f32".into(),
            Kind::Double => "f64".into(),
            Kind::Timestamp => "Timestamp".into(),
            Kind::List => format!("Vec<{}>", self.type_of(graph, &element(&shape.member), secret)?),
            Kind::Map => {
                format!("BTreeMap<String, {}>", self.type_of(graph, &element(&shape.value), secret)?)
            }
            Kind::Structure if shape.document => "Document".into(),
            Kind::Structure => {
                let type_name = names::type_name(name);
                if graph.home(name) == "shapes" {
                    self.shapes.insert(type_name.clone());
                }
                type_name
            }
        })
    }

    /// A shared request or answer, which the operation's file only names.
    pub(super) fn shared(&mut self, name: &str) -> String {
        let type_name = names::type_name(name);
        self.shapes.insert(type_name.clone());
        type_name
    }

    /// A closed enumeration.
    pub(super) fn enumeration(&mut self, name: &str, shape: &Shape) {
        let _ = writeln!(self.text, "alcazar_core::enumeration! {{\n    {};", names::type_name(name));
        for (variant, value) in names::variants(&shape.values).iter().zip(&shape.values) {
            let _ = writeln!(self.text, "    {variant} = {value:?},");
        }
        self.text.push_str("}\n\n");
    }
}
