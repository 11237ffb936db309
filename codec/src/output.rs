use alcazar_core::schema::{Operation, Protocol, Service};
use alcazar_core::sink::Structured;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response as HttpResponse, StatusCode};

use crate::json::JsonText;
use crate::xml::XmlText;
use crate::{cbor, rest};

/// An answer: status, headers and the whole body.
pub type Response = HttpResponse<Bytes>;

/// Writes the answer of an operation that succeeded.
pub fn write_output(
    protocol: Protocol,
    operation: &'static Operation,
    output: &dyn Structured,
    request_id: &str,
) -> Response {
    let mut answer = match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => json_answer(output),
        Protocol::AwsQuery => query_answer(operation, output, request_id),
        Protocol::Ec2Query => ec2_answer(operation, output, request_id),
        Protocol::RestJson => rest::write(rest::Body::Json, operation, output),
        Protocol::RestXml => rest::write(rest::Body::Xml, operation, output),
        Protocol::RpcV2Cbor => cbor::answer(output),
    };
    // The awsJson services name their media type even where there is no body.
    let typed = !answer.body.is_empty() || matches!(protocol, Protocol::AwsJson10 | Protocol::AwsJson11);
    answer.content_type = answer.content_type.or(content_type(protocol).filter(|_| typed));
    if !matches!(protocol, Protocol::RestJson | Protocol::RestXml) {
        answer.status = operation.status;
    }
    finish(answer, protocol, operation.service, request_id)
}

/// An answer before the headers that every one has.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn of(body: Vec<u8>) -> Self {
        Self { status: 200, headers: HeaderMap::new(), content_type: None, body }
    }
}

/// Whether the model gives the operation an output at all. Without one the protocols write no structure, not even an
/// empty one.
pub(crate) fn has_output(output: &dyn Structured) -> bool {
    !output.schema().is_unit()
}

fn json_answer(output: &dyn Structured) -> Answer {
    if !has_output(output) {
        return Answer::of(Vec::new());
    }
    let mut sink = JsonText::new();
    sink.open();
    for index in 0..output.schema().members.len() {
        output.write_member(index, &mut sink);
    }
    sink.close();
    Answer::of(sink.into_bytes())
}

fn query_answer(operation: &'static Operation, output: &dyn Structured, request_id: &str) -> Answer {
    let root = format!("{}Response", operation.name);
    let mut sink = XmlText::new();
    sink.open(&root, operation.service.xml_namespace);
    if has_output(output) {
        let default = format!("{}Result", operation.name);
        sink.element(operation.result_wrapper.unwrap_or(&default), None, output, |_| true);
    }
    sink.open("ResponseMetadata", None);
    sink.leaf("RequestId", request_id);
    sink.close("ResponseMetadata");
    sink.close(&root);
    Answer::of(sink.into_bytes())
}

fn ec2_answer(operation: &'static Operation, output: &dyn Structured, request_id: &str) -> Answer {
    let root = format!("{}Response", operation.name);
    let mut sink = XmlText::new();
    sink.open(&root, operation.service.xml_namespace);
    sink.leaf("requestId", request_id);
    for index in 0..output.schema().members.len() {
        output.write_member(index, &mut sink);
    }
    sink.close(&root);
    Answer::of(sink.into_bytes())
}

/// The media type of a body in that protocol.
pub(crate) fn content_type(protocol: Protocol) -> Option<HeaderValue> {
    Some(HeaderValue::from_static(match protocol {
        Protocol::AwsJson10 => "application/x-amz-json-1.0",
        Protocol::AwsJson11 => "application/x-amz-json-1.1",
        Protocol::AwsQuery => "text/xml",
        Protocol::Ec2Query => "text/xml;charset=UTF-8",
        Protocol::RestJson => "application/json",
        Protocol::RestXml => "application/xml",
        Protocol::RpcV2Cbor => "application/cbor",
    }))
}

/// Adds the headers that every answer has: the media type and the request id, `x-amz-request-id` for S3 and
/// `x-amzn-RequestId` for all others; for CBOR the name of the protocol.
pub(crate) fn finish(
    answer: Answer,
    protocol: Protocol,
    service: &'static Service,
    request_id: &str,
) -> Response {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
    const S3_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
    let mut response = HttpResponse::new(Bytes::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    *headers = answer.headers;
    if let Some(media_type) = answer.content_type {
        headers.entry(CONTENT_TYPE).or_insert(media_type);
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        let s3 = matches!(service.id, "s3" | "s3control");
        headers.insert(if s3 { S3_REQUEST_ID } else { REQUEST_ID }, id);
    }
    if protocol == Protocol::RpcV2Cbor {
        headers.insert(HeaderName::from_static("smithy-protocol"), HeaderValue::from_static("rpc-v2-cbor"));
    }
    response
}
