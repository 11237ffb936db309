use super::Shape;
use crate::time::TimestampFormat;

/// A structure or union: its members in the model's order. A member's index in this table is its identity.
#[derive(Debug)]
pub struct Structure {
    /// Its name in the model: `EncryptRequest`.
    pub name: &'static str,
    /// The members.
    pub members: &'static [Member],
    /// Exactly one member is present.
    pub union: bool,
    /// The name of its XML element where it is not the member's or the operation's.
    pub xml_name: Option<&'static str>,
    /// The namespace its XML element declares.
    pub xml_namespace: Option<XmlNamespace>,
    /// The member that is the whole body (REST protocols), by index.
    pub payload: Option<usize>,
}

/// What stands for the input of an operation that takes nothing, and for the output of one that answers nothing: such an
/// answer has no body (JSON) or no result element (query), where an empty structure has an empty one.
pub static UNIT: Structure = Structure::new("Unit", &[]);

/// A member of a structure, the element of a list, or the key or value of a map.
#[derive(Debug)]
pub struct Member {
    /// Its name in the model: `KeyId`; `member`, `key`, `value` for elements.
    pub name: &'static str,
    /// The `locationName` of the model, where it has one: the wire name of XML, query and REST-JSON.
    pub location_name: Option<&'static str>,
    /// The EC2 protocol's own name (`queryName`).
    pub query_name: Option<&'static str>,
    /// Where it stands in an HTTP message.
    pub location: Location,
    /// A request without it is refused.
    pub required: bool,
    /// Its type.
    pub shape: &'static Shape,
    /// Flattened by the member rather than by its shape.
    pub flattened: bool,
    /// An XML attribute of its parent's element.
    pub xml_attribute: bool,
    /// The namespace its XML element declares.
    pub xml_namespace: Option<XmlNamespace>,
    /// How its timestamp stands, where the member says so itself.
    pub timestamp_format: Option<TimestampFormat>,
    /// Filled by the client when absent; what makes the call repeatable.
    pub idempotency_token: bool,
    /// Text that holds JSON; base64 in a header (`jsonvalue`).
    pub json_value: bool,
    /// Part of the host name (`hostLabel`).
    pub host_label: bool,
}

/// An XML namespace as an element declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlNamespace {
    /// The URI.
    pub uri: &'static str,
    /// The prefix, or none for the default namespace.
    pub prefix: Option<&'static str>,
}

/// Where a member stands in an HTTP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Location {
    /// In the body.
    #[default]
    Body,
    /// In the header of its wire name.
    Header,
    /// A map in the headers that begin with its wire name.
    Headers,
    /// In the query parameter of its wire name; a map takes the parameters that are no other member's.
    QueryString,
    /// In the `{label}` of its wire name.
    Uri,
    /// The status code.
    StatusCode,
}

impl Structure {
    /// A structure with body members only.
    pub const fn new(name: &'static str, members: &'static [Member]) -> Self {
        Self { name, members, union: false, xml_name: None, xml_namespace: None, payload: None }
    }

    /// A union.
    #[must_use]
    pub const fn union(mut self) -> Self {
        self.union = true;
        self
    }

    /// With an XML element name of its own.
    #[must_use]
    pub const fn xml_name(mut self, name: &'static str) -> Self {
        self.xml_name = Some(name);
        self
    }

    /// With a namespace of its own.
    #[must_use]
    pub const fn xml_namespace(mut self, namespace: XmlNamespace) -> Self {
        self.xml_namespace = Some(namespace);
        self
    }

    /// With a member that is the whole body.
    #[must_use]
    pub const fn payload(mut self, index: usize) -> Self {
        self.payload = Some(index);
        self
    }

    /// Whether it is [`UNIT`]: no structure at all rather than an empty one.
    pub fn is_unit(&'static self) -> bool {
        std::ptr::eq(self, &UNIT)
    }

    /// The index of the member of that model name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.name == name)
    }
}

impl Member {
    /// An optional member in the body.
    pub const fn new(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            location_name: None,
            query_name: None,
            location: Location::Body,
            required: false,
            shape,
            flattened: false,
            xml_attribute: false,
            xml_namespace: None,
            timestamp_format: None,
            idempotency_token: false,
            json_value: false,
            host_label: false,
        }
    }

    /// A request without it is refused.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// With that `locationName`.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.location_name = Some(name);
        self
    }

    /// With that `queryName`.
    #[must_use]
    pub const fn query_named(mut self, name: &'static str) -> Self {
        self.query_name = Some(name);
        self
    }

    /// Elsewhere than in the body.
    #[must_use]
    pub const fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }

    /// Flattened.
    #[must_use]
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// An XML attribute.
    #[must_use]
    pub const fn xml_attribute(mut self) -> Self {
        self.xml_attribute = true;
        self
    }

    /// With a namespace.
    #[must_use]
    pub const fn xml_namespace(mut self, namespace: XmlNamespace) -> Self {
        self.xml_namespace = Some(namespace);
        self
    }

    /// With a timestamp format of its own.
    #[must_use]
    pub const fn timestamps(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }

    /// An idempotency token.
    #[must_use]
    pub const fn idempotency_token(mut self) -> Self {
        self.idempotency_token = true;
        self
    }

    /// Text that holds JSON.
    #[must_use]
    pub const fn json_value(mut self) -> Self {
        self.json_value = true;
        self
    }

    /// Part of the host name.
    #[must_use]
    pub const fn host_label(mut self) -> Self {
        self.host_label = true;
        self
    }

    /// The name on the wire where the protocol honours `locationName`.
    pub fn wire_name(&self) -> &'static str {
        match self.location_name {
            Some(name) => name,
            None => self.name,
        }
    }

    /// Whether a list or map stands without a wrapping element.
    pub fn is_flattened(&self) -> bool {
        self.flattened || self.shape.flattened
    }
}
