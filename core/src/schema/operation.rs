use super::{Structure, XmlNamespace};

/// A wire protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `application/x-amz-json-1.0` with `X-Amz-Target`.
    AwsJson10,
    /// `application/x-amz-json-1.1` with `X-Amz-Target`.
    AwsJson11,
    /// Form parameters in, XML out.
    AwsQuery,
    /// EC2's dialect of the same.
    Ec2Query,
    /// HTTP bindings, JSON bodies.
    RestJson,
    /// HTTP bindings, XML bodies.
    RestXml,
    /// Smithy RPC v2 with CBOR bodies.
    RpcV2Cbor,
}

/// A service of the AWS API.
#[derive(Debug)]
pub struct Service {
    /// The name of its files and of its IAM actions: `kms`.
    pub id: &'static str,
    /// What the model calls it: `KMS`.
    pub service_id: &'static str,
    /// The name in credential scopes.
    pub signing_name: &'static str,
    /// The first label of its host names.
    pub endpoint_prefix: &'static str,
    /// The service as a principal and as the source of its events: `kms.amazonaws.com`.
    pub principal: &'static str,
    /// The version of its API: `2014-11-01`.
    pub api_version: &'static str,
    /// What `X-Amz-Target` begins with, before the dot; empty where the protocol has none.
    pub target_prefix: &'static str,
    /// The protocols it speaks, the preferred one first.
    pub protocols: &'static [Protocol],
    /// Errors of the JSON protocol also name their code of the query protocol (`x-amzn-query-error`).
    pub query_compatible: bool,
    /// The namespace of its XML answers.
    pub xml_namespace: Option<XmlNamespace>,
    /// One endpoint for the whole partition (IAM): resources have no Region.
    pub global: bool,
}

/// An operation of a service.
#[derive(Debug)]
pub struct Operation {
    /// The service it belongs to.
    pub service: &'static Service,
    /// Its name: `Encrypt`.
    pub name: &'static str,
    /// The HTTP method of its binding.
    pub method: &'static str,
    /// The URI template of its binding: `/`, `/{Bucket}/{Key+}?tagging`.
    pub uri: &'static str,
    /// The status of a success.
    pub status: u16,
    /// Its input. An operation without one has a structure without members.
    pub input: &'static Structure,
    /// Its output; the same.
    pub output: &'static Structure,
    /// The element that wraps a query answer, where the model names one other than `<Name>Result`.
    pub result_wrapper: Option<&'static str>,
    /// What it may answer beside the common errors.
    pub errors: &'static [&'static ErrorShape],
    /// Read or write, as CloudTrail's `readOnly` tells it.
    pub kind: OperationKind,
    /// May be called unsigned (`authtype: none`).
    pub unsigned: bool,
}

/// How CloudTrail classes an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Changes nothing.
    Read,
    /// Changes nothing, and its record shows the answer all the same: the calls of STS that give credentials.
    ReadTold,
    /// Changes something.
    Write,
}

/// An error that a model declares.
#[derive(Debug)]
pub struct ErrorShape {
    /// The shape's name: `NotFoundException`.
    pub name: &'static str,
    /// The code on the wire: the name, or what the model says.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Whether the caller is at fault.
    pub sender: bool,
    /// Its members beside the message.
    pub members: &'static Structure,
}
