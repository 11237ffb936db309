use alcazar_core::schema::Operation;
use alcazar_core::sink::Structured;

use super::headers::Headers;
use super::{Body, in_response_body, payload};
use crate::json::JsonText;
use crate::output::{Answer, has_output};
use crate::xml::XmlText;

/// Writes an output: status, headers, and the payload or the members that are left.
pub(crate) fn write(body: Body, operation: &'static Operation, output: &dyn Structured) -> Answer {
    let mut answer = Answer::of(Vec::new());
    answer.status = operation.status;
    write_headers(output, &mut answer);
    let schema = output.schema();
    match schema.payload {
        Some(index) => payload::write(body, output, index, &mut answer),
        // An output of headers alone is still an object in JSON; in XML it is nothing.
        None if body == Body::Json => {
            if has_output(output) && answer.status != 204 {
                answer.body = json_body(output);
            }
        }
        None if !schema.members.iter().any(in_response_body) => {}
        None => answer.body = xml_body(operation, output),
    }
    answer
}

/// Writes the members that stand in headers, and the status if a member is one.
pub(crate) fn write_headers(output: &dyn Structured, answer: &mut Answer) {
    let mut sink = Headers::default();
    for (index, member) in output.schema().members.iter().enumerate() {
        if !in_response_body(member) {
            output.write_member(index, &mut sink);
        }
    }
    answer.headers.extend(sink.headers);
    answer.status = sink.status.unwrap_or(answer.status);
}

fn json_body(output: &dyn Structured) -> Vec<u8> {
    let mut sink = JsonText::new();
    sink.open();
    for (index, member) in output.schema().members.iter().enumerate() {
        if in_response_body(member) {
            output.write_member(index, &mut sink);
        }
    }
    sink.close();
    sink.into_bytes()
}

fn xml_body(operation: &'static Operation, output: &dyn Structured) -> Vec<u8> {
    let schema = output.schema();
    let namespace = schema.xml_namespace.or(operation.service.xml_namespace);
    let mut sink = XmlText::new();
    sink.element(schema.xml_name.unwrap_or(schema.name), namespace, output, in_response_body);
    sink.into_bytes()
}
