//! The static tables: a `Shape` for each simple type, list and map; a `Structure` with its `Member`s.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::graph::is_structure;
use super::pattern::{self, Linear};
use crate::Outcome;
use crate::models::reduced::{Kind, Member, Model, Namespace, Operation, Reference, Shape};

/// How the tables of a crate refer to one another.
pub(super) struct Paths<'a> {
    /// The table of a shape: `tables::KEY_ID_TYPE`.
    pub(super) shape: &'a dyn Fn(&str) -> String,
    /// The table of a structure: `crate::shapes::TAG`.
    pub(super) structure: &'a dyn Fn(&str) -> String,
    /// The constant with the values of an enumeration, where its type exists: `KeySpec::VALUES`.
    pub(super) values: &'a dyn Fn(&str) -> Option<String>,
}

/// The patterns of a service, each once.
#[derive(Default)]
pub(super) struct Patterns {
    by_text: BTreeMap<String, String>,
    text: String,
}

impl Patterns {
    /// The name of the table for a shape's pattern, or none when it cannot be expressed.
    fn name(&mut self, constant: &str, published: &str) -> Option<String> {
        if let Some(known) = self.by_text.get(published) {
            return Some(known.clone());
        }
        let linear = pattern::translate(published)?;
        let name = format!("{constant}_PATTERN");
        let made = constructor(published, &linear);
        let _ = writeln!(self.text, "static {name}: Pattern = {made};");
        self.by_text.insert(published.to_owned(), name.clone());
        Some(name)
    }

    /// The tables, and a test that all of them compile.
    pub(super) fn finish(self) -> (String, String) {
        if self.by_text.is_empty() {
            return Default::default();
        }
        let mut names: Vec<&str> = self.by_text.values().map(String::as_str).collect();
        names.sort_unstable();
        let list: String = names.iter().map(|name| format!("&{name},")).collect();
        let test = format!(
            "#[cfg(test)]\nmod tests {{\nuse super::*;\n\n#[test]\nfn every_pattern_compiles() {{\n\
             let patterns: &[&Pattern] = &[{list}];\n\
             for pattern in patterns {{\nassert!(pattern.compiles(), \"{{}}\", pattern.published);\n}}\n}}\n}}\n"
        );
        (self.text, test)
    }
}

fn constructor(published: &str, linear: &Linear) -> String {
    let mut made = match linear.source == published {
        true => format!("Pattern::new({})", raw(published)),
        false => format!("Pattern::rewritten({}, {})", raw(published), raw(&linear.source)),
    };
    if let Some(refused) = &linear.refused {
        let _ = write!(made, ".except({})", raw(refused));
    }
    made
}

/// A literal in which backslashes stay as they are.
fn raw(text: &str) -> String {
    match (text.contains(['\\', '"']), text.contains('"')) {
        (false, _) => format!("\"{text}\""),
        (_, false) => format!("r\"{text}\""),
        (_, true) => format!("r##\"{text}\"##"),
    }
}

/// The initializer of a shape's table.
pub(super) fn shape(
    model: &Model,
    name: &str,
    constant: &str,
    paths: &Paths,
    patterns: &mut Patterns,
) -> Outcome<String> {
    let shape = model.shapes.get(name).ok_or_else(|| format!("there is no shape {name}"))?;
    let mut out = format!("Shape::new({name:?}, {})", kind(name, shape, paths));
    if let Some(min) = bound(shape.min.as_ref(), f64::floor) {
        let _ = write!(out, ".min({min})");
    }
    if let Some(max) = bound(shape.max.as_ref(), f64::ceil) {
        let _ = write!(out, ".max({max})");
    }
    if let Some(published) = &shape.pattern {
        match patterns.name(constant, published) {
            Some(pattern) => out = format!("{out}.pattern(&{pattern})"),
            None => out = format!("/* not checked, it has no linear form: {published} */ {out}"),
        }
    }
    if !shape.values.is_empty() {
        let values = (paths.values)(name).unwrap_or_else(|| format!("&{:?}", shape.values));
        let _ = write!(out, ".one_of({values})");
    }
    if shape.sensitive {
        out.push_str(".sensitive()");
    }
    if streaming(model, name) {
        out.push_str(".streaming()");
    }
    if shape.flattened {
        out.push_str(".flattened()");
    }
    if let Some(format) = &shape.timestamp_format {
        let _ = write!(out, ".timestamps({})", timestamp_format(format)?);
    }
    Ok(out)
}

/// A whole bound; that of a float is widened to the next whole number.
pub(super) fn bound(number: Option<&serde_json::Number>, round: fn(f64) -> f64) -> Option<i64> {
    number.and_then(|number| number.as_i64().or_else(|| number.as_f64().map(|float| round(float) as i64)))
}

/// Some models say it of the shape, others of the member.
pub(super) fn streaming(model: &Model, name: &str) -> bool {
    let says_so = |member: &Member| member.shape == name && member.streaming;
    model.shapes.get(name).is_some_and(|shape| {
        let by_member = || model.shapes.values().flat_map(|shape| &shape.members).any(says_so);
        shape.streaming || (shape.kind == Kind::Blob && by_member())
    })
}

fn timestamp_format(format: &str) -> Outcome<&'static str> {
    match format {
        "iso8601" => Ok("TimestampFormat::DateTime"),
        "rfc822" => Ok("TimestampFormat::HttpDate"),
        "unixTimestamp" => Ok("TimestampFormat::EpochSeconds"),
        other => Err(format!("{other} is no timestamp format").into()),
    }
}

fn kind(name: &str, shape: &Shape, paths: &Paths) -> String {
    let element = |fallback: &str, reference: &Option<Reference>| match reference {
        Some(reference) => {
            let named =
                reference.location_name.as_ref().map(|n| format!(".named({n:?})")).unwrap_or_default();
            format!("Member::new({fallback:?}, &{}){named}", (paths.shape)(&reference.shape))
        }
        None => String::new(),
    };
    match shape.kind {
        Kind::Structure if shape.document => "Kind::Document".into(),
        Kind::Structure => format!("Kind::Structure(&{})", (paths.structure)(name)),
        Kind::List => format!("Kind::List({})", element("member", &shape.member)),
        Kind::Map => format!("Kind::Map({}, {})", element("key", &shape.key), element("value", &shape.value)),
        simple => format!("Kind::{simple:?}"),
    }
}

/// The initializer of a structure's table. `root` is the operation whose request it is, if it is one.
pub(super) fn structure(
    name: &str,
    shape: &Shape,
    root: Option<&Operation>,
    paths: &Paths,
) -> Outcome<String> {
    let members: String =
        shape.members.iter().map(|member| format!("{},\n", member_of(member, paths))).collect();
    let mut out = format!("Structure::new({name:?}, &[{members}])");
    if shape.union {
        out.push_str(".union()");
    }
    if let Some(element) = root.and_then(|root| root.input_element.as_ref()).or(shape.location_name.as_ref())
    {
        let _ = write!(out, ".xml_name({element:?})");
    }
    if let Some(space) = root.and_then(|root| root.input_namespace.as_ref()).or(shape.xml_namespace.as_ref())
    {
        let _ = write!(out, ".xml_namespace({})", namespace(space));
    }
    if let Some(payload) = &shape.payload {
        let at = shape.members.iter().position(|member| &member.name == payload);
        let at = at.ok_or_else(|| format!("{name} has no member {payload}"))?;
        let _ = write!(out, ".payload({at})");
    }
    Ok(out)
}

pub(super) fn namespace(space: &Namespace) -> String {
    format!("XmlNamespace {{ uri: {:?}, prefix: {:?} }}", space.uri, space.prefix)
}

fn member_of(member: &Member, paths: &Paths) -> String {
    let mut out = format!("Member::new({:?}, &{})", member.name, (paths.shape)(&member.shape));
    if let Some(name) = &member.location_name {
        let _ = write!(out, ".named({name:?})");
    }
    if let Some(name) = &member.query_name {
        let _ = write!(out, ".query_named({name:?})");
    }
    let location = match member.location.as_deref() {
        Some("header") => "Header",
        Some("headers") => "Headers",
        Some("querystring") => "QueryString",
        Some("uri") => "Uri",
        Some("statusCode") => "StatusCode",
        _ => "",
    };
    if !location.is_empty() {
        let _ = write!(out, ".at(Location::{location})");
    }
    if let Some(space) = &member.xml_namespace {
        let _ = write!(out, ".xml_namespace({})", namespace(space));
    }
    let flags = [
        (member.required, "required"),
        (member.flattened, "flattened"),
        (member.xml_attribute, "xml_attribute"),
        (member.idempotency_token, "idempotency_token"),
        (member.json_value, "json_value"),
        (member.host_label, "host_label"),
    ];
    for (_, flag) in flags.iter().filter(|(set, _)| *set) {
        let _ = write!(out, ".{flag}()");
    }
    out
}

/// The names of the schema that a file uses, as one `use`.
pub(super) fn imports(text: &str) -> String {
    const SCHEMA: &[&str] = &[
        "ErrorShape",
        "Kind",
        "Location",
        "Member",
        "Operation",
        "OperationKind",
        "Pattern",
        "Protocol",
        "Service",
        "Structure",
        "UNIT",
        "XmlNamespace",
    ];
    const CORE: &[&str] = &["Document", "NoKeys", "SecretBytes", "SecretText", "Timestamp"];
    // What stands behind a path needs no import of its own.
    let code = without_literals(text).replace("::", "::_");
    // Nor do the variants of an enumeration, `Document = "Document",`.
    let code: String = code.lines().filter(|line| !line.ends_with(" = ,")).collect::<Vec<_>>().join("\n");
    let words: BTreeSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut schema: Vec<&str> = SCHEMA.iter().copied().filter(|name| words.contains(name)).collect();
    if text.contains("Shape::new(") {
        schema.push("Shape");
    }
    let mut out = String::new();
    if words.contains("BTreeMap") {
        out.push_str("use std::collections::BTreeMap;\n\n");
    }
    if !schema.is_empty() {
        let _ = writeln!(out, "use alcazar_core::schema::{{{}}};", schema.join(", "));
    }
    if words.contains("TimestampFormat") {
        out.push_str("use alcazar_core::time::TimestampFormat;\n");
    }
    let core: Vec<&str> = CORE.iter().copied().filter(|name| words.contains(name)).collect();
    if !core.is_empty() {
        let _ = writeln!(out, "use alcazar_core::{{{}}};", core.join(", "));
    }
    out
}

/// Whether a shape has a table of its own: those that are members of something.
pub(super) fn needs_table(model: &Model, referred: &BTreeSet<&str>, name: &str) -> bool {
    model.shapes.get(name).is_some_and(|shape| !is_structure(shape) || referred.contains(name))
}

/// The text without what stands in quotes.
fn without_literals(text: &str) -> String {
    let (mut code, mut quoted, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if !quoted => code.push(c),
            _ => {}
        }
    }
    code
}
