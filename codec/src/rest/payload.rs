use alcazar_core::schema::{Kind, Member};
use alcazar_core::sink::{Sink, Structured};
use alcazar_core::{Document, Timestamp};
use http::header::HeaderValue;

use super::Body;
use crate::json::JsonText;
use crate::output::{Answer, content_type};
use crate::xml::XmlText;

/// Writes the member that is the whole body: text and bytes as they are, the rest as JSON or XML.
pub(super) fn write(body: Body, output: &dyn Structured, index: usize, answer: &mut Answer) {
    let Some(member) = output.schema().members.get(index) else { return };
    match (&member.shape.kind, body) {
        (Kind::String | Kind::Blob | Kind::Structure(_), _) if body == Body::Xml => {
            output.write_member(index, &mut Payload { answer });
        }
        (Kind::String | Kind::Blob, Body::Json) => output.write_member(index, &mut Payload { answer }),
        _ => {
            let mut sink = JsonText::new();
            output.write_member(index, &mut sink);
            answer.body = sink.into_bytes();
            answer.content_type = content_type(alcazar_core::schema::Protocol::RestJson);
        }
    }
}

struct Payload<'a> {
    answer: &'a mut Answer,
}

impl Payload<'_> {
    fn raw(&mut self, bytes: &[u8], media_type: &'static str) {
        self.answer.body = bytes.to_vec();
        self.answer.content_type = Some(HeaderValue::from_static(media_type));
    }
}

/// Scalars other than text and bytes are no payloads in any model, nor are collections in XML: nothing is written for them.
impl Sink for Payload<'_> {
    fn boolean(&mut self, _at: &'static Member, _value: bool) {}

    fn integer(&mut self, _at: &'static Member, _value: i64) {}

    fn float(&mut self, _at: &'static Member, _value: f64) {}

    fn text(&mut self, _at: &'static Member, value: &str) {
        self.raw(value.as_bytes(), "text/plain");
    }

    fn blob(&mut self, _at: &'static Member, value: &[u8]) {
        self.raw(value, "application/octet-stream");
    }

    fn timestamp(&mut self, _at: &'static Member, _value: Timestamp) {}

    fn document(&mut self, _at: &'static Member, _value: &Document) {}

    fn begin_list(&mut self, _at: &'static Member, _len: usize) {}

    fn end_list(&mut self, _at: &'static Member) {}

    fn begin_map(&mut self, _at: &'static Member, _len: usize) {}

    fn key(&mut self, _at: &'static Member, _key: &str) {}

    fn end_map(&mut self, _at: &'static Member) {}

    /// The element is called as the member says, else as the structure does.
    fn structure(&mut self, at: &'static Member, value: &dyn Structured) {
        let schema = value.schema();
        let name = at.location_name.or(schema.xml_name).unwrap_or(schema.name);
        let mut sink = XmlText::new();
        sink.element(name, at.xml_namespace.or(schema.xml_namespace), value, |_| true);
        self.answer.body = sink.into_bytes();
        self.answer.content_type = content_type(alcazar_core::schema::Protocol::RestXml);
    }
}
