//! Answers as text: what is on the wire, byte for byte.

use alcazar_codec::{Response, record_json, write_error, write_output};
use alcazar_core::schema::{Operation, Protocol, UNIT};
use alcazar_core::sink::Untyped;
use alcazar_core::value::Fields;
use alcazar_core::{Common, Document, Fault, Timestamp, Value};

use crate::fixture::{
    DELETE, DO_JSON, DO_QUERY, DO_REST, EVERYTHING, FUNCTIONS, JSON, LIMIT_EXCEEDED, MACHINES, QUERY, QUEUES,
    REST, SPELT,
};

fn text(response: &Response) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

fn some() -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Value| assert!(fields.put(EVERYTHING.index_of(name).unwrap(), value));
    put("Text", Value::Text("a<b>&\"c\"\r\n".into()));
    put("Date", Value::Timestamp(Timestamp::from_millis(1_795_309_323_500)));
    put("Blob", Value::Blob(b"hi".to_vec()));
    put("Free", Value::Document(Document::Null));
    put("Secret", Value::Text("sesame".into()));
    put("Secrets", Value::List(vec![Value::Text("open".into())]));
    put("Tokens", Value::List(vec![Value::Text("x".into()), Value::Text("y".into())]));
    put("Context", Value::Map(vec![("k".into(), Value::Text("v".into()))]));
    fields
}

fn written(protocol: Protocol, operation: &'static Operation, fields: &Fields) -> Response {
    write_output(protocol, operation, &Untyped { schema: operation.output, fields }, "req-1")
}

#[test]
fn an_answer_looks_as_its_protocol_wants() {
    let json = written(Protocol::AwsJson11, &DO_JSON, &some());
    assert_eq!(
        text(&json),
        r#"{"Text":"a<b>&\"c\"\r\n","Date":1795309323.5,"Free":null,"Blob":"aGk=","Secret":"sesame","Secrets":["open"],"Tokens":["x","y"],"Context":{"k":"v"}}"#
    );
    assert_eq!(
        (header(&json, "content-type"), header(&json, "x-amzn-requestid")),
        ("application/x-amz-json-1.1", "req-1")
    );
    let query = written(Protocol::AwsQuery, &DO_QUERY, &some());
    assert_eq!(
        text(&query),
        "<DoResponse xmlns=\"https://people.example.com/doc/\"><DoResult><Text>a&lt;b&gt;&amp;\"c\"&#xD;\n</Text>\
         <Date>2026-11-22T01:02:03.5Z</Date><Free>null</Free><Blob>aGk=</Blob><Secret>sesame</Secret>\
         <Secrets><member>open</member></Secrets><Tokens><member>x</member><member>y</member></Tokens>\
         <Context><entry><key>k</key><value>v</value></entry></Context></DoResult>\
         <ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></DoResponse>"
    );
    assert_eq!(header(&query, "content-type"), "text/xml");
}

#[test]
fn without_an_output_there_is_no_structure() {
    let nothing = Untyped { schema: &UNIT, fields: &Fields::new() };
    let json = write_output(Protocol::AwsJson11, &DO_JSON, &nothing, "req-1");
    assert_eq!((text(&json).as_str(), header(&json, "content-type")), ("", "application/x-amz-json-1.1"));
    let query = write_output(Protocol::AwsQuery, &DELETE, &nothing, "req-1");
    assert_eq!(
        text(&query),
        "<DeleteResponse xmlns=\"https://people.example.com/doc/\"><ResponseMetadata><RequestId>req-1</RequestId>\
         </ResponseMetadata></DeleteResponse>"
    );
    assert_eq!(text(&write_output(Protocol::RestJson, &DO_REST, &nothing, "req-1")), "");
    assert_eq!(text(&write_output(Protocol::RpcV2Cbor, &DO_JSON, &nothing, "req-1")), "");
}

#[test]
fn an_error_looks_as_its_protocol_wants() {
    let mut members = Fields::new();
    members.put(0, Value::Integer(5));
    let fault = Fault::declared(&LIMIT_EXCEEDED, "too many").with_members(members);
    let body = |protocol, service| text(&write_error(protocol, service, &fault, "req-1"));
    assert_eq!(
        body(Protocol::AwsJson11, &JSON),
        r#"{"__type":"LimitExceededException","message":"too many","Most":5}"#
    );
    assert_eq!(
        body(Protocol::AwsJson10, &QUEUES),
        r#"{"__type":"com.amazonaws.queues#LimitExceededException","message":"too many","Most":5}"#
    );
    assert_eq!(
        body(Protocol::AwsQuery, &QUERY),
        "<ErrorResponse xmlns=\"https://people.example.com/doc/\"><Error><Type>Sender</Type><Code>LimitExceeded</Code>\
         <Message>too many</Message><Most>5</Most></Error><RequestId>req-1</RequestId></ErrorResponse>"
    );
    assert_eq!(
        body(Protocol::Ec2Query, &MACHINES),
        "<Response><Errors><Error><Code>LimitExceeded</Code><Message>too many</Message><Most>5</Most></Error></Errors>\
         <RequestID>req-1</RequestID></Response>"
    );
    let rest = write_error(Protocol::RestJson, &FUNCTIONS, &fault, "req-1");
    assert_eq!((text(&rest).as_str(), rest.status().as_u16()), (r#"{"message":"too many","Most":5}"#, 409));
    assert_eq!(header(&rest, "x-amzn-errortype"), "LimitExceededException");
    let queues = write_error(Protocol::AwsJson10, &QUEUES, &fault, "req-1");
    assert_eq!(header(&queues, "x-amzn-query-error"), "LimitExceeded;Sender");
    assert!(
        body(Protocol::RestXml, &REST)
            .starts_with("<ErrorResponse><Error><Type>Sender</Type><Code>LimitExceeded</Code>")
    );
}

#[test]
fn the_message_is_spelt_as_the_shape_declares_it() {
    let json = |fault: &Fault| text(&write_error(Protocol::AwsJson11, &JSON, fault, "req-1"));
    assert_eq!(json(&Fault::declared(&SPELT, "m")), r#"{"__type":"SpeltException","Message":"m"}"#);
    assert_eq!(
        json(&Fault::common(Common::AccessDenied, "m")),
        r#"{"__type":"AccessDeniedException","Message":"m"}"#
    );
    assert_eq!(
        json(&Fault::common(Common::Validation, "m")),
        r#"{"__type":"ValidationException","message":"m"}"#
    );
    assert_eq!(json(&Fault::common(Common::Serialization, "")), r#"{"__type":"SerializationException"}"#);
    let validation = Fault::common(Common::Validation, "m");
    assert!(
        text(&write_error(Protocol::AwsJson10, &QUEUES, &validation, "r"))
            .contains("com.amazon.coral.validate#Val")
    );
}

#[test]
fn a_cause_never_leaves() {
    let fault = Fault::internal("the disk said no");
    for (protocol, service) in
        [(Protocol::AwsJson11, &JSON), (Protocol::AwsQuery, &QUERY), (Protocol::RpcV2Cbor, &JSON)]
    {
        let answer = write_error(protocol, service, &fault, "req-1");
        assert_eq!(answer.status().as_u16(), 500);
        assert!(!String::from_utf8_lossy(answer.body()).contains("disk"));
    }
}

#[test]
fn a_record_shows_neither_secrets_nor_blobs() {
    let mut out = b"before ".to_vec();
    record_json(&Untyped { schema: &EVERYTHING, fields: &some() }, &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"before {"text":"a<b>&\"c\"\r\n","date":"Nov 22, 2026, 1:02:03 AM","free":null,"secrets":["HIDDEN_DUE_TO_SECURITY_REASONS"],"tokens":["x","y"],"context":{"k":"v"}}"#
    );
    let mut out = Vec::new();
    record_json(&Untyped { schema: &EVERYTHING, fields: &Fields::new() }, &mut out);
    assert_eq!(out, b"null");
}
