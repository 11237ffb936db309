use std::borrow::Cow;

use alcazar_core::fault::{FaultKind, WireError};
use alcazar_core::schema::{Member, Protocol, Service, Structure, UNIT};
use alcazar_core::sink::{Structured, Untyped};
use alcazar_core::{Common, Fault};
use http::header::{HeaderName, HeaderValue};

use crate::json::JsonText;
use crate::output::{Answer, Response, content_type, finish};
use crate::xml::XmlText;
use crate::{cbor, rest};

/// Writes the answer of a call that failed. The fault's cause stays behind.
///
/// The forms are AWS's: `__type` is a bare name in awsJson 1.1 (KMS, Secrets Manager), has a namespace in awsJson 1.0 and
/// CBOR (`com.amazonaws.sqs#QueueDoesNotExist`), and is the header `x-amzn-ErrorType` in rest-json; a query-compatible
/// service adds `x-amzn-query-error: Code;Sender`.
pub fn write_error(
    protocol: Protocol,
    service: &'static Service,
    fault: &Fault,
    request_id: &str,
) -> Response {
    let error = Written::of(service, fault);
    let mut answer = match protocol {
        Protocol::AwsJson10 => Answer::of(error.json(Some(&error.typed()))),
        Protocol::AwsJson11 => Answer::of(error.json(Some(error.wire.name))),
        Protocol::RestJson => Answer::of(error.json(None)),
        Protocol::RpcV2Cbor => Answer::of(error.cbor()),
        Protocol::AwsQuery => Answer::of(error.xml_response(request_id)),
        Protocol::Ec2Query => Answer::of(error.ec2_response(request_id)),
        Protocol::RestXml if service.id == "s3" => Answer::of(error.bare_xml(request_id)),
        Protocol::RestXml => Answer::of(error.xml_response(request_id)),
    };
    answer.status = error.wire.status;
    answer.content_type = content_type(protocol);
    if matches!(protocol, Protocol::RestJson | Protocol::RestXml) {
        rest::write_headers(&error.members(), &mut answer);
    }
    if protocol == Protocol::RestJson {
        header(&mut answer, "x-amzn-errortype", error.wire.name);
    }
    if service.query_compatible {
        let party = if error.wire.sender { "Sender" } else { "Receiver" };
        header(&mut answer, "x-amzn-query-error", &format!("{};{party}", error.wire.code));
    }
    finish(answer, protocol, service, request_id)
}

fn header(answer: &mut Answer, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers.insert(HeaderName::from_static(name), value);
    }
}

struct Written<'a> {
    service: &'static Service,
    fault: &'a Fault,
    wire: WireError,
    schema: &'static Structure,
}

impl<'a> Written<'a> {
    fn of(service: &'static Service, fault: &'a Fault) -> Self {
        let schema = match fault.kind() {
            FaultKind::Declared(shape) => shape.members,
            _ => &UNIT,
        };
        Self { service, fault, wire: fault.wire(service), schema }
    }

    fn members(&self) -> Untyped<'_> {
        Untyped { schema: self.schema, fields: self.fault.members() }
    }

    /// The member of the shape that is the message, if it declares one; by any of its spellings.
    fn message_index(&self) -> Option<usize> {
        self.schema.members.iter().position(|member| member.name.eq_ignore_ascii_case("message"))
    }

    /// The message with the name that the shape declares; Coral's own errors spell it with a capital. None when it is
    /// among the members already, or empty (a bare SerializationException).
    fn message(&self) -> Option<(&'static str, &str)> {
        let name = match self.message_index() {
            Some(index) if self.fault.members().get(index).is_some() => return None,
            Some(index) => self.schema.members.get(index).map_or("message", Member::wire_name),
            None => match self.fault.kind() {
                FaultKind::Common(Common::AccessDenied | Common::Serialization) => "Message",
                _ => "message",
            },
        };
        Some((name, self.fault.message())).filter(|(_, message)| !message.is_empty())
    }

    /// `com.amazonaws.sqs#QueueDoesNotExist`; for the errors of AWS's own framework its package.
    fn typed(&self) -> String {
        let package: Cow<'_, str> = match self.fault.kind() {
            FaultKind::Declared(_) => format!("com.amazonaws.{}", self.service.id).into(),
            FaultKind::Common(Common::Validation) => "com.amazon.coral.validate".into(),
            FaultKind::Common(Common::Throttling) => "com.amazon.coral.availability".into(),
            FaultKind::Common(_) | FaultKind::Presented { .. } => "com.amazon.coral.service".into(),
        };
        format!("{package}#{}", self.wire.name)
    }

    fn json(&self, typed: Option<&str>) -> Vec<u8> {
        let mut sink = JsonText::new();
        sink.open();
        if let Some(name) = typed {
            sink.extra("__type", name);
        }
        if let Some((name, message)) = self.message() {
            sink.extra(name, message);
        }
        let members = self.members();
        for (index, member) in self.schema.members.iter().enumerate() {
            if typed.is_some() || rest::in_response_body(member) {
                members.write_member(index, &mut sink);
            }
        }
        sink.close();
        sink.into_bytes()
    }

    fn cbor(&self) -> Vec<u8> {
        let typed = self.typed();
        let extra = [Some(("__type", typed.as_str())), self.message()];
        cbor::write_body(&self.members(), &extra)
    }

    /// `<ErrorResponse><Error><Type>Sender</Type><Code>...`
    fn xml_response(&self, request_id: &str) -> Vec<u8> {
        let mut sink = XmlText::new();
        sink.open("ErrorResponse", self.service.xml_namespace);
        sink.open("Error", None);
        sink.leaf("Type", if self.wire.sender { "Sender" } else { "Receiver" });
        self.xml_members(&mut sink);
        sink.close("Error");
        sink.leaf("RequestId", request_id);
        sink.close("ErrorResponse");
        sink.into_bytes()
    }

    /// `<Response><Errors><Error><Code>...`
    fn ec2_response(&self, request_id: &str) -> Vec<u8> {
        let mut sink = XmlText::new();
        sink.open("Response", None);
        sink.open("Errors", None);
        sink.open("Error", None);
        self.xml_members(&mut sink);
        sink.close("Error");
        sink.close("Errors");
        sink.leaf("RequestID", request_id);
        sink.close("Response");
        sink.into_bytes()
    }

    /// S3's form, without anything around it.
    fn bare_xml(&self, request_id: &str) -> Vec<u8> {
        let mut sink = XmlText::new();
        sink.open("Error", None);
        self.xml_members(&mut sink);
        sink.leaf("RequestId", request_id);
        sink.close("Error");
        sink.into_bytes()
    }

    fn xml_members(&self, sink: &mut XmlText) {
        sink.leaf("Code", self.wire.code);
        if let Some((_, message)) = self.message() {
            sink.leaf("Message", message);
        }
        let members = self.members();
        for (index, member) in self.schema.members.iter().enumerate() {
            if rest::in_response_body(member) {
                members.write_member(index, sink);
            }
        }
    }
}
