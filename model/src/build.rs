//! Tables made at run time. They are leaked, as tables are static everywhere else; a service is built at most once.

use std::collections::HashMap;

use alcazar_core::schema::{
    Kind, Location, Member, Operation, OperationKind, Pattern, Service, Shape, Structure, UNIT, XmlNamespace,
};
use alcazar_core::time::TimestampFormat;

use crate::packed::{self, Packed};
use crate::recursive;

/// The tables of a service, sorted by the operation's name.
pub(crate) struct Built {
    pub(crate) operations: Vec<&'static Operation>,
    /// In step with the operations.
    pub(crate) actions: Vec<&'static [&'static str]>,
}

/// Unpacks a service and makes its tables.
pub(crate) fn build(service: &'static Service, data: &[u8]) -> Built {
    let packed = packed::unpack(data);
    let mut builder = Builder { service, packed: &packed, shapes: HashMap::new(), texts: HashMap::new() };
    let mut built = Built { operations: Vec::new(), actions: Vec::new() };
    for (name, operation) in &packed.operations {
        built.operations.push(builder.operation(name, operation));
        let actions: Vec<_> = operation.actions.iter().map(|action| builder.text(action)).collect();
        built.actions.push(actions.leak());
    }
    built
}

struct Builder<'a> {
    service: &'static Service,
    packed: &'a Packed,
    shapes: HashMap<&'a str, &'static Shape>,
    /// Texts that are leaked already.
    texts: HashMap<&'a str, &'static str>,
}

impl<'a> Builder<'a> {
    fn operation(&mut self, name: &'a str, operation: &'a packed::Operation) -> &'static Operation {
        let input = match &operation.input {
            Some(input) => self.input(input, operation),
            None => &UNIT,
        };
        Box::leak(Box::new(Operation {
            service: self.service,
            name: self.text(name),
            method: self.text(&operation.method),
            uri: self.text(&operation.uri),
            status: operation.status.unwrap_or(200),
            input,
            output: &UNIT,
            result_wrapper: None,
            errors: &[],
            kind: if operation.reads { OperationKind::Read } else { OperationKind::Write },
            unsigned: operation.unsigned,
        }))
    }

    /// A request: its own structure, named by the operation where the body is XML.
    fn input(&mut self, name: &'a str, operation: &'a packed::Operation) -> &'static Structure {
        let Some(shape) = self.packed.shapes.get(name) else { return &UNIT };
        let mut structure = self.structure(name, shape);
        if let Some(element) = &operation.element {
            structure = structure.xml_name(self.text(element));
        }
        if let Some(namespace) = &operation.namespace {
            structure = structure.xml_namespace(self.namespace(namespace));
        }
        Box::leak(Box::new(structure))
    }

    fn structure(&mut self, name: &'a str, shape: &'a packed::Shape) -> Structure {
        let members: Vec<Member> = shape.members.iter().map(|member| self.member(member)).collect();
        let mut structure = Structure::new(self.text(name), members.leak());
        structure.union = shape.union;
        structure.xml_name = shape.location_name.as_ref().map(|name| self.text(name));
        structure.xml_namespace = shape.xml_namespace.as_ref().map(|namespace| self.namespace(namespace));
        structure.payload = shape.payload.as_ref().and_then(|payload| structure.index_of(payload));
        structure
    }

    fn member(&mut self, member: &'a packed::Member) -> Member {
        let mut made = Member::new(self.text(&member.name), self.shape(&member.shape));
        made.location_name = member.location_name.as_ref().map(|name| self.text(name));
        made.query_name = member.query_name.as_ref().map(|name| self.text(name));
        made.location = location(member.location.as_deref());
        made.xml_namespace = member.xml_namespace.as_ref().map(|namespace| self.namespace(namespace));
        made.required = member.required;
        made.flattened = member.flattened;
        made.xml_attribute = member.xml_attribute;
        made.idempotency_token = member.idempotency_token;
        made.json_value = member.json_value;
        made.host_label = member.host_label;
        made
    }

    /// The table of a shape. Those that contain themselves are static already, so this ends.
    fn shape(&mut self, name: &'a str) -> &'static Shape {
        if let Some(known) = self.shapes.get(name).copied().or_else(|| recursive::find(self.service.id, name))
        {
            return known;
        }
        static UNKNOWN: Shape = Shape::new("Unknown", Kind::Document);
        let Some(shape) = self.packed.shapes.get(name) else { return &UNKNOWN };
        let mut made = Shape::new(self.text(name), self.kind(name, shape));
        made.min = shape.min;
        made.max = shape.max;
        made.pattern = shape.pattern.as_ref().map(|published| self.pattern(published, shape));
        made.enumeration = shape.values.iter().map(|value| self.text(value)).collect::<Vec<_>>().leak();
        made.sensitive = shape.sensitive;
        made.streaming = shape.streaming;
        made.flattened = shape.flattened;
        made.timestamp_format = shape.timestamp_format.as_deref().and_then(timestamp_format);
        let made: &'static Shape = Box::leak(Box::new(made));
        self.shapes.insert(name, made);
        made
    }

    fn kind(&mut self, name: &'a str, shape: &'a packed::Shape) -> Kind {
        match shape.kind.as_str() {
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "string" => Kind::String,
            "blob" => Kind::Blob,
            "timestamp" => Kind::Timestamp,
            "structure" if !shape.document => {
                Kind::Structure(Box::leak(Box::new(self.structure(name, shape))))
            }
            "list" => match &shape.member {
                Some(element) => Kind::List(self.element("member", element)),
                None => Kind::Document,
            },
            "map" => match (&shape.key, &shape.value) {
                (Some(key), Some(value)) => Kind::Map(self.element("key", key), self.element("value", value)),
                _ => Kind::Document,
            },
            _ => Kind::Document,
        }
    }

    fn element(&mut self, name: &'static str, element: &'a packed::Element) -> Member {
        let mut made = Member::new(name, self.shape(&element.shape));
        made.location_name = element.location_name.as_ref().map(|name| self.text(name));
        made
    }

    fn pattern(&mut self, published: &'a str, shape: &'a packed::Shape) -> &'static Pattern {
        let source = shape.source.as_deref().unwrap_or(published);
        let mut pattern = Pattern::rewritten(self.text(published), self.text(source));
        if let Some(refused) = &shape.refused {
            pattern = pattern.except(self.text(refused));
        }
        Box::leak(Box::new(pattern))
    }

    fn namespace(&mut self, namespace: &'a packed::Namespace) -> XmlNamespace {
        let prefix = namespace.prefix.as_ref().map(|prefix| self.text(prefix));
        XmlNamespace { uri: self.text(&namespace.uri), prefix }
    }

    fn text(&mut self, text: &'a str) -> &'static str {
        self.texts.entry(text).or_insert_with(|| text.to_owned().leak())
    }
}

fn location(location: Option<&str>) -> Location {
    match location {
        Some("header") => Location::Header,
        Some("headers") => Location::Headers,
        Some("querystring") => Location::QueryString,
        Some("uri") => Location::Uri,
        Some("statusCode") => Location::StatusCode,
        _ => Location::Body,
    }
}

fn timestamp_format(format: &str) -> Option<TimestampFormat> {
    match format {
        "iso8601" => Some(TimestampFormat::DateTime),
        "rfc822" => Some(TimestampFormat::HttpDate),
        "unixTimestamp" => Some(TimestampFormat::EpochSeconds),
        _ => None,
    }
}
