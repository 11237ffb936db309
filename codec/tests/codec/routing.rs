//! Requests find their operation, and each way to miss it has a name.

use alcazar_codec::{RequestParts, Router, RoutingError, Target};
use alcazar_core::schema::Protocol;
use http::HeaderMap;

use crate::fixture::{
    DELETE, DO_JSON, DO_QUERY, DO_REST, ENCRYPT, FUNCTIONS, GET_OBJECT, GET_TAGGING, JSON, LIST_BUCKETS,
    LIST_OBJECTS, LIST_OBJECTS_V2, QUERY, QUEUES, REST, SEND,
};

fn router() -> Router {
    Router::new(&[
        Target { service: &JSON, operations: &[&ENCRYPT, &DO_JSON] },
        Target { service: &QUERY, operations: &[&DO_QUERY, &DELETE] },
        Target { service: &QUEUES, operations: &[&SEND] },
        Target {
            service: &REST,
            operations: &[&LIST_BUCKETS, &LIST_OBJECTS, &LIST_OBJECTS_V2, &GET_OBJECT, &GET_TAGGING],
        },
        Target { service: &FUNCTIONS, operations: &[&DO_REST] },
    ])
}

struct Ask<'a> {
    line: &'a str,
    headers: &'a [(&'static str, &'a str)],
    body: &'a str,
    host: &'a str,
    signed: Option<&'a str>,
}

/// Protocol, operation and labels.
type Found = (Protocol, &'static str, Vec<(&'static str, String)>);

const ASK: Ask<'_> = Ask { line: "POST /", headers: &[], body: "", host: "localhost:4566", signed: None };
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
const JSON_1_1: (&str, &str) = ("content-type", "application/x-amz-json-1.1");

impl Ask<'_> {
    fn route(&self) -> Result<Found, RoutingError> {
        let (method, uri) = self.line.split_once(' ').unwrap();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let headers: HeaderMap = self
            .headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let request =
            RequestParts { method, path, query, headers: &headers, body: self.body.as_bytes(), labels: &[] };
        let route = router().route(self.host, self.signed, &request)?;
        let labels = route.labels.iter().map(|label| (label.name, label.raw.to_owned())).collect();
        Ok((route.protocol, route.operation.name, labels))
    }

    fn found(&self) -> (Protocol, &'static str) {
        let (protocol, name, _) = self.route().unwrap();
        (protocol, name)
    }
}

#[test]
fn each_protocol_shows_in_the_request() {
    let target = ("x-amz-target", "KeyService.Encrypt");
    assert_eq!(Ask { headers: &[target, JSON_1_1], ..ASK }.found(), (Protocol::AwsJson11, "Encrypt"));
    let older = ("content-type", "application/x-amz-json-1.0");
    assert_eq!(
        Ask { headers: &[target, older], signed: Some("keys"), ..ASK }.found(),
        (Protocol::AwsJson11, "Encrypt")
    );
    let cbor = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
    let rpc = Ask { line: "POST /service/KeyService/operation/Encrypt", headers: &cbor, ..ASK };
    assert_eq!(rpc.found(), (Protocol::RpcV2Cbor, "Encrypt"));
    let body = "Action=Delete&Version=2014-11-01&Name=a";
    assert_eq!(
        Ask { headers: &[FORM], body, signed: Some("people"), ..ASK }.found(),
        (Protocol::AwsQuery, "Delete")
    );
    assert_eq!(
        Ask { headers: &[FORM], body, ..ASK }.found(),
        (Protocol::AwsQuery, "Delete"),
        "unsigned, by its name alone"
    );
    let get = Ask { line: "GET /?Action=Delete&Version=2014-11-01", host: "people.amazonaws.com", ..ASK };
    assert_eq!(get.found(), (Protocol::AwsQuery, "Delete"));
    let queues =
        Ask { headers: &[FORM], body: "Action=Send&Version=2014-11-01", signed: Some("queues"), ..ASK };
    assert_eq!(queues.found(), (Protocol::AwsQuery, "Send"), "the second protocol of the service");
}

#[test]
fn rest_picks_the_most_specific() {
    let get = |line| Ask { line, signed: Some("objects"), ..ASK }.route().unwrap();
    assert_eq!(get("GET /").1, "ListBuckets");
    assert_eq!(get("GET /b").1, "ListObjects");
    assert_eq!(get("GET /b/").1, "ListObjects");
    assert_eq!(get("GET /b?list-type=2&prefix=x").1, "ListObjectsV2");
    assert_eq!(get("GET /b/k%20/l//m").2, [("Bucket", "b".to_owned()), ("Key", "k%20/l//m".to_owned())]);
    assert_eq!(get("GET /b/service/a/operation/c").1, "GetObject");
    assert_eq!(get("GET /b/k?tagging").1, "GetObjectTagging");
    let function = Ask { line: "POST /functions/a/do", signed: Some("functions"), ..ASK }.route().unwrap();
    assert_eq!((function.0, function.1), (Protocol::RestJson, "Do"));
}

#[test]
fn every_miss_has_its_name() {
    let miss = |ask: Ask<'_>| ask.route().unwrap_err();
    let target = |name| ("x-amz-target", name);
    let json =
        |headers: &[(&'static str, &str)]| Ask { headers, signed: Some("keys"), ..ASK }.route().unwrap_err();
    assert!(matches!(json(&[target("Nobody.Encrypt"), JSON_1_1]), RoutingError::UnknownTarget { .. }));
    assert!(matches!(json(&[target("Encrypt"), JSON_1_1]), RoutingError::UnknownTarget { .. }));
    assert!(matches!(json(&[JSON_1_1]), RoutingError::UnknownTarget { .. }));
    assert!(matches!(json(&[target("KeyService.Nothing"), JSON_1_1]), RoutingError::UnknownOperation { .. }));
    let text = ("content-type", "text/plain");
    assert!(matches!(json(&[target("KeyService.Encrypt"), text]), RoutingError::WrongContentType { .. }));
    assert!(matches!(json(&[target("KeyService.Encrypt")]), RoutingError::WrongContentType { .. }));
    assert!(matches!(json(&[text]), RoutingError::WrongContentType { .. }));
    let other = Ask { headers: &[target("KeyService.Encrypt"), JSON_1_1], signed: Some("people"), ..ASK };
    assert!(matches!(miss(other), RoutingError::UnknownTarget { .. }), "signed for another service");

    let form = |body| miss(Ask { headers: &[FORM], body, signed: Some("people"), ..ASK });
    assert!(matches!(form("Version=2014-11-01"), RoutingError::MissingAction { .. }));
    assert!(matches!(form("Action=&Version=2014-11-01"), RoutingError::MissingAction { .. }));
    assert!(matches!(
        miss(Ask { line: "GET /", signed: Some("people"), ..ASK }),
        RoutingError::MissingAction { .. }
    ));
    let unknown = form("Action=Delete&Version=1999-01-01");
    assert_eq!(unknown.fault().message(), "Could not find operation Delete for version 1999-01-01");
    assert_eq!(unknown.fault().wire(&QUERY).code, "InvalidAction");

    let rest = |line| miss(Ask { line, signed: Some("functions"), ..ASK });
    assert!(matches!(rest("POST /functions/a"), RoutingError::UnknownPath { service: Some(_) }));
    assert!(matches!(rest("DELETE /functions/a/do"), RoutingError::UnknownPath { service: Some(_) }));
    assert!(matches!(miss(Ask { signed: Some("nobody"), ..ASK }), RoutingError::UnknownService));
    let cbor = |headers: &[(&'static str, &str)], line| Ask { line, headers, ..ASK }.route().unwrap_err();
    let rpc = ("smithy-protocol", "rpc-v2-cbor");
    let line = "POST /service/KeyService/operation/Nothing";
    assert!(matches!(cbor(&[rpc], line), RoutingError::UnknownOperation { .. }));
    assert!(matches!(cbor(&[rpc, text], line), RoutingError::WrongContentType { .. }));
    assert!(matches!(cbor(&[rpc], "POST /service/Nobody/operation/Encrypt"), RoutingError::UnknownService));
    assert!(matches!(cbor(&[rpc], "POST /"), RoutingError::UnknownPath { service: None }));
}
