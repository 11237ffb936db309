//! Which shapes a set of operations reaches, and what follows from that: what is read, what is written, what lives where,
//! what must be boxed, what can be compared or made by default.

use std::collections::{BTreeMap, BTreeSet};

use super::names;
use crate::Outcome;
use crate::models::reduced::{Kind, Member, Model, Shape};

/// The shapes behind the operations of a service.
pub(super) struct Graph<'a> {
    pub(super) model: &'a Model,
    /// Read from requests.
    pub(super) inputs: BTreeSet<&'a str>,
    /// Written to answers.
    pub(super) outputs: BTreeSet<&'a str>,
    /// Members of declared errors.
    pub(super) of_errors: BTreeSet<&'a str>,
    /// Declared by some operation.
    pub(super) errors: BTreeSet<&'a str>,
    /// Structures that belong to one operation alone, as its request or its answer.
    homes: BTreeMap<&'a str, &'a str>,
    constants: BTreeMap<&'a str, String>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(model: &'a Model, operations: &'a [String]) -> Outcome<Self> {
        let mut graph = Self {
            model,
            inputs: BTreeSet::new(),
            outputs: BTreeSet::new(),
            of_errors: BTreeSet::new(),
            errors: BTreeSet::new(),
            homes: BTreeMap::new(),
            constants: BTreeMap::new(),
        };
        let mut roots: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in operations {
            let operation =
                model.operations.get(name).ok_or_else(|| format!("there is no operation {name}"))?;
            if let Some(input) = &operation.input {
                reach(model, input, &mut graph.inputs);
                roots.entry(input).or_default().push(name);
            }
            if let Some(output) = &operation.output {
                reach(model, output, &mut graph.outputs);
                roots.entry(output).or_default().push(name);
            }
            graph.errors.extend(operation.errors.iter().map(String::as_str));
        }
        for error in &graph.errors {
            for member in members_beside_message(graph.shape(error)?) {
                reach(model, &member.shape, &mut graph.of_errors);
            }
        }
        let referred: BTreeSet<&str> =
            graph.all().into_iter().flat_map(|name| references(model, name)).collect();
        for (shape, users) in roots {
            if let ([user], false) = (users.as_slice(), referred.contains(shape)) {
                graph.homes.insert(shape, user);
            }
        }
        graph.constants = constants(&graph.all(), &graph.errors);
        Ok(graph)
    }

    pub(super) fn shape(&self, name: &str) -> Outcome<&'a Shape> {
        self.model.shapes.get(name).ok_or_else(|| format!("there is no shape {name}").into())
    }

    /// Every shape, errors themselves apart.
    pub(super) fn all(&self) -> BTreeSet<&'a str> {
        let mut all = self.inputs.clone();
        all.extend(&self.outputs);
        all.extend(&self.of_errors);
        all
    }

    /// The name of the shape's table.
    pub(super) fn constant(&self, shape: &str) -> String {
        self.constants.get(shape).cloned().unwrap_or_else(|| names::constant(shape))
    }

    /// The module in which a structure lives.
    pub(super) fn home(&self, structure: &str) -> String {
        self.homes.get(structure).map_or_else(|| "shapes".to_owned(), |operation| names::module(operation))
    }

    /// Structures without an operation of their own, by name.
    pub(super) fn shared(&self) -> Outcome<Vec<&'a str>> {
        let mut shared = Vec::new();
        for name in self.all() {
            if is_structure(self.shape(name)?) && !self.homes.contains_key(name) {
                shared.push(name);
            }
        }
        Ok(shared)
    }

    pub(super) fn enumerations(&self) -> Outcome<Vec<&'a str>> {
        let mut found = Vec::new();
        for name in self.all() {
            if !self.shape(name)?.values.is_empty() {
                found.push(name);
            }
        }
        Ok(found)
    }

    /// Whether a structure that has this member directly would contain itself.
    pub(super) fn recursive(&self, structure: &str, member: &Member) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![member.shape.as_str()];
        while let Some(name) = open.pop() {
            let Some(shape) = self.model.shapes.get(name).filter(|shape| is_structure(shape)) else {
                continue;
            };
            if name == structure {
                return true;
            }
            if seen.insert(name) {
                open.extend(shape.members.iter().map(|member| member.shape.as_str()));
            }
        }
        false
    }

    /// Whether the Rust type can be compared: secrets cannot.
    pub(super) fn comparable(&self, name: &str) -> bool {
        let mut reached = BTreeSet::new();
        reach(self.model, name, &mut reached);
        !reached.iter().filter_map(|name| self.model.shapes.get(*name)).any(|shape| {
            shape.sensitive
                && matches!(shape.kind, Kind::String | Kind::Blob | Kind::List | Kind::Map)
                && shape.values.is_empty()
        })
    }

    /// Whether a structure can be made by default. What is read from requests: when nothing is required, so that what
    /// is required cannot be forgotten. What is only written: also when what is required has a default of its own,
    /// which enumerations have not.
    pub(super) fn defaults(&self, structure: &str) -> bool {
        let Some(shape) = self.model.shapes.get(structure) else { return false };
        let read = self.inputs.contains(structure);
        shape
            .members
            .iter()
            .filter(|member| member.required)
            .all(|member| !read && self.plain_default(member))
    }

    fn plain_default(&self, member: &Member) -> bool {
        self.model.shapes.get(&member.shape).is_some_and(|shape| match shape.kind {
            Kind::String => shape.values.is_empty(),
            Kind::Structure => !shape.document && self.defaults(&member.shape),
            _ => true,
        })
    }
}

/// A structure that gets a Rust type; a document is none.
pub(super) fn is_structure(shape: &Shape) -> bool {
    shape.kind == Kind::Structure && !shape.document
}

/// The members of an error that are not its message.
pub(super) fn members_beside_message(error: &Shape) -> impl Iterator<Item = &Member> {
    error.members.iter().filter(|member| !member.name.eq_ignore_ascii_case("message"))
}

/// Adds a shape and all that it refers to.
pub(super) fn reach<'a>(model: &'a Model, from: &'a str, into: &mut BTreeSet<&'a str>) {
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if into.insert(name) {
            open.extend(references(model, name));
        }
    }
}

/// The shapes that a shape refers to.
pub(super) fn references<'a>(model: &'a Model, name: &str) -> Vec<&'a str> {
    let Some(shape) = model.shapes.get(name) else { return Vec::new() };
    let elements =
        [&shape.member, &shape.key, &shape.value].into_iter().flatten().map(|element| element.shape.as_str());
    shape.members.iter().map(|member| member.shape.as_str()).chain(elements).collect()
}

/// Names for tables. Shapes whose names differ in case alone (`policyType`, `PolicyType`) get a number.
pub(super) fn constants<'a>(
    shapes: &BTreeSet<&'a str>,
    errors: &BTreeSet<&'a str>,
) -> BTreeMap<&'a str, String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut constants = BTreeMap::new();
    for name in shapes.union(errors) {
        let mut constant = names::constant(name);
        while !taken.insert(constant.clone()) {
            constant.push('_');
        }
        constants.insert(*name, constant);
    }
    constants
}
