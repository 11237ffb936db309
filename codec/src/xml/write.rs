use alcazar_core::schema::{Kind, Member, XmlNamespace};
use alcazar_core::sink::{Sink, Structured};
use alcazar_core::{Document, Timestamp};

use super::flat_name;
use crate::{json, text};

/// Writes XML as query, EC2 and rest-xml carry it.
pub(crate) struct XmlText {
    out: Vec<u8>,
    frames: Vec<Frame>,
    /// Members are being written as attributes of the element that is open.
    attributes: bool,
}

/// What surrounds the value that comes next, and so decides its element's name.
#[derive(Clone, Copy)]
enum Frame {
    /// A structure: the member's own name.
    Structure,
    /// A list: the element's name; the wrapping element to close, unless flattened.
    List { item: &'static str, close: Option<&'static str> },
    /// A map: the element around each entry; the wrapping element to close, unless flattened.
    Map { entry: &'static str, namespace: Option<XmlNamespace>, close: Option<&'static str> },
}

impl XmlText {
    pub(crate) fn new() -> Self {
        Self { out: Vec::with_capacity(512), frames: vec![Frame::Structure], attributes: false }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Opens an element that no schema knows.
    pub(crate) fn open(&mut self, name: &str, namespace: Option<XmlNamespace>) {
        self.start(name, namespace);
        self.out.push(b'>');
    }

    /// Closes it.
    pub(crate) fn close(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    /// An element of text that no schema knows.
    pub(crate) fn leaf(&mut self, name: &str, value: &str) {
        self.open(name, None);
        push_escaped(&mut self.out, value, false);
        self.close(name);
    }

    /// A structure as an element of that name, with the members that `wanted` picks.
    pub(crate) fn element(
        &mut self,
        name: &str,
        namespace: Option<XmlNamespace>,
        value: &dyn Structured,
        wanted: fn(&Member) -> bool,
    ) {
        let members = value.schema().members.iter().enumerate();
        self.start(name, namespace);
        self.attributes = true;
        for (index, _) in members.clone().filter(|(_, member)| member.xml_attribute && wanted(member)) {
            value.write_member(index, self);
        }
        self.attributes = false;
        self.out.push(b'>');
        self.frames.push(Frame::Structure);
        for (index, _) in members.filter(|(_, member)| !member.xml_attribute && wanted(member)) {
            value.write_member(index, self);
        }
        self.frames.pop();
        self.close(name);
    }

    fn start(&mut self, name: &str, namespace: Option<XmlNamespace>) {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        if let Some(XmlNamespace { uri, prefix }) = namespace {
            self.out.extend_from_slice(b" xmlns");
            if let Some(prefix) = prefix {
                self.out.push(b':');
                self.out.extend_from_slice(prefix.as_bytes());
            }
            self.out.extend_from_slice(b"=\"");
            push_escaped(&mut self.out, uri, true);
            self.out.push(b'"');
        }
    }

    fn name(&self, at: &'static Member) -> &'static str {
        match self.frames.last() {
            Some(Frame::List { item, .. }) => item,
            Some(Frame::Map { .. }) => at.location_name.unwrap_or("value"),
            _ => at.wire_name(),
        }
    }

    fn scalar(&mut self, at: &'static Member, value: &str) {
        let name = self.name(at);
        if self.attributes {
            self.out.push(b' ');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"=\"");
            push_escaped(&mut self.out, value, true);
            self.out.push(b'"');
            return;
        }
        self.open(name, at.xml_namespace);
        push_escaped(&mut self.out, value, false);
        self.close(name);
        self.value_written();
    }

    /// A value inside a map ends its entry.
    fn value_written(&mut self) {
        if let Some(Frame::Map { entry, .. }) = self.frames.last() {
            let entry = *entry;
            self.close(entry);
        }
    }

    /// Flattening counts for members of structures alone: inside lists and maps there is nothing to repeat.
    fn is_flat(&self, at: &'static Member) -> bool {
        at.is_flattened() && matches!(self.frames.last(), Some(Frame::Structure))
    }

    fn end(&mut self) {
        if let Some(Frame::List { close: Some(name), .. } | Frame::Map { close: Some(name), .. }) =
            self.frames.pop()
        {
            self.close(name);
        }
        self.value_written();
    }
}

impl Sink for XmlText {
    fn boolean(&mut self, at: &'static Member, value: bool) {
        self.scalar(at, if value { "true" } else { "false" });
    }

    fn integer(&mut self, at: &'static Member, value: i64) {
        self.scalar(at, &value.to_string());
    }

    fn float(&mut self, at: &'static Member, value: f64) {
        self.scalar(at, &text::float_text(value, &at.shape.kind));
    }

    fn text(&mut self, at: &'static Member, value: &str) {
        self.scalar(at, value);
    }

    fn blob(&mut self, at: &'static Member, value: &[u8]) {
        self.scalar(at, &text::to_base64(value));
    }

    fn timestamp(&mut self, at: &'static Member, value: Timestamp) {
        self.scalar(at, &value.format(text::timestamp_format(at, text::TEXT_DEFAULT)));
    }

    /// XML has no documents; no model of AWS puts one there. It stands as the text of its JSON.
    fn document(&mut self, at: &'static Member, value: &Document) {
        let mut written = Vec::new();
        json::push_document(&mut written, value);
        self.scalar(at, &String::from_utf8_lossy(&written));
    }

    fn begin_list(&mut self, at: &'static Member, _len: usize) {
        let outer = self.name(at);
        let Kind::List(element) = &at.shape.kind else { return };
        let frame = if self.is_flat(at) {
            Frame::List { item: flat_name(at, element), close: None }
        } else {
            self.open(outer, at.xml_namespace);
            Frame::List { item: element.location_name.unwrap_or("member"), close: Some(outer) }
        };
        self.frames.push(frame);
    }

    fn end_list(&mut self, _at: &'static Member) {
        self.end();
    }

    fn begin_map(&mut self, at: &'static Member, _len: usize) {
        let outer = self.name(at);
        let frame = if self.is_flat(at) {
            Frame::Map { entry: outer, namespace: at.xml_namespace, close: None }
        } else {
            self.open(outer, at.xml_namespace);
            Frame::Map { entry: "entry", namespace: None, close: Some(outer) }
        };
        self.frames.push(frame);
    }

    fn key(&mut self, at: &'static Member, key: &str) {
        let Some(Frame::Map { entry, namespace, .. }) = self.frames.last() else { return };
        let (entry, namespace) = (*entry, *namespace);
        self.open(entry, namespace);
        let name = at.location_name.unwrap_or("key");
        self.open(name, at.xml_namespace);
        push_escaped(&mut self.out, key, false);
        self.close(name);
    }

    fn end_map(&mut self, _at: &'static Member) {
        self.end();
    }

    fn structure(&mut self, at: &'static Member, value: &dyn Structured) {
        let name = self.name(at);
        let namespace = at.xml_namespace.or(value.schema().xml_namespace);
        self.element(name, namespace, value, |_| true);
        self.value_written();
    }
}

/// Appends text with its markup escaped; carriage returns too, which parsers would otherwise turn into line feeds.
/// Characters that XML 1.0 cannot say become U+FFFD.
fn push_escaped(out: &mut Vec<u8>, value: &str, attribute: bool) {
    for character in value.chars() {
        let escape = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' if attribute => "&quot;",
            '\r' => "&#xD;",
            '\n' if attribute => "&#xA;",
            '\t' if attribute => "&#x9;",
            '\n' | '\t' => {
                out.push(character as u8);
                continue;
            }
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            plain => {
                out.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        out.extend_from_slice(escape.as_bytes());
    }
}
