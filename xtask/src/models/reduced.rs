//! A service's model reduced to facts: the typed form of `models/services/<id>.json`.
//!
//! One set of types both writes and reads the files, so that the format cannot drift; `models/README.md` describes it.
//! A field that is absent from the file has its `Default` here: no shape, no constraint, `false`.

use super::text;
use crate::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use std::collections::BTreeMap;
use std::path::Path;

/// One service: what it is called, what it can be asked, and the shapes it is asked with.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    pub(crate) service: Service,
    /// By AWS's name of the operation, as clients know it.
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

/// What is true of all operations of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Service {
    /// The folder name in botocore, and of everything generated here: `kms`, `acm-pca`, `elbv2`.
    pub(crate) id: String,
    /// The service id of Smithy, from which SDKs derive names: `ACM PCA`.
    pub(crate) service_id: String,
    pub(crate) api_version: String,
    /// The first label of the public host name: `kms`, `monitoring`.
    pub(crate) endpoint_prefix: String,
    /// The service in the credential scope of SigV4. Always present.
    pub(crate) signing_name: String,
    /// The prefix of the service's IAM actions; names the file under `models/iam/`.
    pub(crate) iam_prefix: String,
    pub(crate) signature_version: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) auth: Vec<String>,
    /// The protocols that the service speaks, the one that today's clients prefer first. Never empty.
    pub(crate) protocols: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) json_version: Option<String>,
    /// Before the dot in `X-Amz-Target`; also the service name in the path of rpc-v2-cbor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) global_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) xml_namespace: Option<String>,
    /// Errors carry `x-amzn-query-error` for clients that knew the service's query protocol.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) aws_query_compatible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checksum_format: Option<String>,
}

/// One API call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Operation {
    /// The name on the wire, where it differs from the key (CloudFront's end in a date).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wire_name: Option<String>,
    pub(crate) method: String,
    /// The request path with its `{labels}`, and its constant query string.
    pub(crate) uri: String,
    /// The status of success where the model names one; otherwise 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// The shape of the request. Absent: the operation takes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<String>,
    /// The name of the root element of an XML request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input_element: Option<String>,
    /// The namespace of that element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input_namespace: Option<Namespace>,
    /// The shape of the answer. Absent: the operation answers nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<String>,
    /// The element around the members of a query protocol's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result_wrapper: Option<String>,
    /// The shapes of the declared errors, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<String>,
    /// The schemes that sign this operation, where they are not the service's; `smithy.api#noAuth` means none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) auth: Vec<String>,
    /// Clients do not sign this call.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) unsigned: bool,
    /// Clients sign the headers alone.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) unsigned_payload: bool,
    /// What clients put before the service's host name; may hold `{Member}` labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_prefix: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) readonly: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) idempotent: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) deprecated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<Checksum>,
    /// A checksum of the body is required (the older form, `Content-MD5`).
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) checksum_required: bool,
    /// Encodings in which clients may compress the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) request_compression: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pages: Option<Pages>,
}

/// How an operation's body is checked (the `httpChecksum` trait).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Checksum {
    /// The input member that names the request's algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_algorithm_member: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) request_checksum_required: bool,
    /// The input member by which the client asks for checksums in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_validation_mode_member: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) response_algorithms: Vec<String>,
}

/// How a list is read page by page. Paths are member names, JMESPath where nested.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Pages {
    /// Input members that carry the token, in step with `output`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) input: Vec<String>,
    /// Where the answer carries the next token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) output: Vec<String>,
    /// The input member that limits the size of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<String>,
    /// The output member that says whether there are more pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) more: Option<String>,
    /// The output members that hold the page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) results: Vec<String>,
}

/// The kinds of shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

/// A named type with its constraints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// Of a structure, in the model's order, which is the order on the wire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) members: Vec<Member>,
    /// Of a list: its elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<Reference>,
    /// Of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<Reference>,
    /// Of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Reference>,
    /// Least length (string: characters; blob: bytes; list and map: entries) or least value of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) min: Option<Number>,
    /// Greatest length or value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max: Option<Number>,
    /// A regular expression in the flavour of Java, to be matched as the model's author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<String>,
    /// The values that a string may have, in the model's order.
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<String>,
    /// Must not appear in logs or records.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) sensitive: bool,
    /// Of a timestamp: `iso8601`, `rfc822` or `unixTimestamp`, where not the protocol's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timestamp_format: Option<String>,
    /// A number or boolean for which absent differs from zero.
    #[serde(default, rename = "box", skip_serializing_if = "is_false")]
    pub(crate) boxed: bool,
    /// Of a list or map in XML and query: without the enclosing element.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) flattened: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) location_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) xml_namespace: Option<Namespace>,
    /// The order of the elements in XML where it is not that of the members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) xml_order: Vec<String>,
    /// The member that is the whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<String>,
    /// Exactly one member is set.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) union: bool,
    /// Any JSON value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) document: bool,
    /// Of a blob: not to be held in memory.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) streaming: bool,
    /// A stream of the member structures, each of them an `event`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) eventstream: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) event: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) deprecated: bool,
    /// Present: the structure is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Error>,
}

/// What makes a structure an error.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Error {
    /// The code on the wire, where it is not the shape's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Where the model is silent, AWS answers 400, or 500 for a `fault`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// The model says that the client is to blame.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) sender_fault: bool,
    /// The model says that the service is to blame.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) fault: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) retryable: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) throttling: bool,
}

/// A member of a structure: its name in the API, its type, and where it travels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) shape: String,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) required: bool,
    /// `header`, `headers` (a prefix of names), `querystring`, `uri` or `statusCode`; absent: the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    /// The name on the wire, where it is not `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location_name: Option<String>,
    /// The name in an ec2 request, where the rule of that protocol does not give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) query_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) xml_namespace: Option<Namespace>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) xml_attribute: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) flattened: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) streaming: bool,
    #[serde(rename = "box", skip_serializing_if = "is_false")]
    pub(crate) boxed: bool,
    /// Clients fill this in by themselves when it is absent.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) idempotency_token: bool,
    /// Fills a label of the operation's host prefix.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) host_label: bool,
    /// A string that is JSON; base64 of it in a header.
    #[serde(rename = "jsonvalue", skip_serializing_if = "is_false")]
    pub(crate) json_value: bool,
    /// Of an event: carried in a header of the message.
    #[serde(rename = "eventheader", skip_serializing_if = "is_false")]
    pub(crate) event_header: bool,
    /// Of an event: is the payload of the message.
    #[serde(rename = "eventpayload", skip_serializing_if = "is_false")]
    pub(crate) event_payload: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) deprecated: bool,
}

/// The elements of a list, the keys or the values of a map.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location_name: Option<String>,
}

/// A namespace in XML.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Namespace {
    pub(crate) uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prefix: Option<String>,
}

impl Model {
    /// Reads `models/services/<id>.json`.
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        text::read_json(path)
    }

    /// The file's text: sorted, one operation or shape a line.
    pub(crate) fn write(&self) -> Outcome<String> {
        text::object(&[
            ("service", serde_json::to_string(&self.service)?),
            ("operations", text::lines(&self.operations)?),
            ("shapes", text::lines(&self.shapes)?),
        ])
    }

    /// Names of shapes that something refers to and that are not there. Empty for a sound model.
    pub(crate) fn missing_shapes(&self) -> Vec<String> {
        let of_operations = self
            .operations
            .values()
            .flat_map(|operation| operation.input.iter().chain(&operation.output).chain(&operation.errors));
        let of_shapes = self.shapes.values().flat_map(|shape| {
            let members = shape.members.iter().map(|member| &member.shape);
            members.chain([&shape.member, &shape.key, &shape.value].into_iter().flatten().map(|r| &r.shape))
        });
        of_operations.chain(of_shapes).filter(|name| !self.shapes.contains_key(*name)).cloned().collect()
    }
}

/// For `skip_serializing_if`, which hands over a reference.
pub(super) fn is_false(value: &bool) -> bool {
    !*value
}
