//! The little models of the vectors as schema tables, leaked.

use alcazar_core::schema::{
    ErrorShape, Kind, Location, Member, Operation, OperationKind, Protocol, Service, Shape, Structure, UNIT,
    XmlNamespace,
};
use alcazar_core::time::TimestampFormat;
use serde_json::Value as Json;

/// Vectors that share a model.
pub(crate) struct Suite {
    /// The file it stands in: `rest-json`.
    pub(crate) file: String,
    pub(crate) protocol: Protocol,
    pub(crate) service: &'static Service,
    shapes: Json,
    pub(crate) cases: Vec<Json>,
}

/// Every suite of `input` or `output`.
pub(crate) fn suites(direction: &str) -> Vec<Suite> {
    let folder = format!("{}/tests/data/wire-vectors/{direction}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut suites = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let whole: Vec<Json> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        suites.extend(whole.into_iter().map(|suite| Suite::new(&file, suite)));
    }
    suites
}

impl Suite {
    fn new(file: &str, suite: Json) -> Self {
        let metadata = &suite["metadata"];
        let protocol = match (text(metadata, "protocol"), text(metadata, "jsonVersion")) {
            ("json", "1.0") => Protocol::AwsJson10,
            ("json", _) => Protocol::AwsJson11,
            ("query", _) => Protocol::AwsQuery,
            ("ec2", _) => Protocol::Ec2Query,
            ("rest-json", _) => Protocol::RestJson,
            ("rest-xml", _) => Protocol::RestXml,
            ("smithy-rpc-v2-cbor", _) => Protocol::RpcV2Cbor,
            other => panic!("unknown protocol {other:?}"),
        };
        let service = leak(Service {
            id: "vectors",
            service_id: "Vectors",
            signing_name: "vectors",
            endpoint_prefix: "vectors",
            principal: "vectors.amazonaws.com",
            api_version: leak_text(text(metadata, "apiVersion")),
            target_prefix: leak_text(text(metadata, "targetPrefix")),
            protocols: Vec::leak(vec![protocol]),
            query_compatible: !metadata["awsQueryCompatible"].is_null(),
            xml_namespace: None,
            global: false,
        });
        let cases = suite["cases"].as_array().unwrap().clone();
        Self { file: file.to_owned(), protocol, service, shapes: suite["shapes"].clone(), cases }
    }

    /// The operation of a case.
    pub(crate) fn operation(&self, case: &Json) -> &'static Operation {
        let given = &case["given"];
        let http = &given["http"];
        leak(Operation {
            service: self.service,
            name: leak_text(text(given, "name")),
            method: leak_text(text(http, "method")),
            uri: leak_text(text(http, "requestUri")),
            status: http["responseCode"].as_u64().unwrap_or(200) as u16,
            input: self.structure_or_none(&given["input"]),
            output: self.structure_or_none(&given["output"]),
            result_wrapper: None,
            errors: &[],
            kind: OperationKind::Write,
            unsigned: false,
        })
    }

    fn structure_or_none(&self, given: &Json) -> &'static Structure {
        match given["shape"].as_str() {
            Some(name) => self.structure(name, &mut Vec::new()),
            None => &UNIT,
        }
    }

    /// The errors that a case's operation declares.
    pub(crate) fn errors(&self, case: &Json) -> Vec<&'static ErrorShape> {
        let given = case["given"]["errors"].as_array().cloned().unwrap_or_default();
        given
            .iter()
            .map(|error| {
                let name = text(error, "shape");
                let details = &self.shapes[name]["error"];
                let sender = details["senderFault"].as_bool().unwrap_or(self.shapes[name]["fault"].is_null());
                leak(ErrorShape {
                    name: leak_text(name),
                    code: leak_text(details["code"].as_str().unwrap_or(name)),
                    status: details["httpStatusCode"].as_u64().unwrap_or(if sender { 400 } else { 500 })
                        as u16,
                    sender,
                    members: self.structure(name, &mut Vec::new()),
                })
            })
            .collect()
    }

    fn structure(&self, name: &str, path: &mut Vec<String>) -> &'static Structure {
        let shape = &self.shapes[name];
        let required: Vec<&str> =
            shape["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let mut members = Vec::new();
        // Tables cannot be tied into a knot at run time without `unsafe`: recursive shapes are unrolled.
        if path.iter().filter(|before| *before == name).count() < 5 {
            path.push(name.to_owned());
            for (member_name, member) in shape["members"].as_object().into_iter().flatten() {
                let mut made = self.member(member_name, member, path);
                made.required = required.contains(&member_name.as_str());
                members.push(made);
            }
            path.pop();
        }
        let payload = shape["payload"].as_str();
        let payload = payload.and_then(|payload| members.iter().position(|member| member.name == payload));
        leak(Structure {
            name: leak_text(name),
            members: Vec::leak(members),
            union: shape["union"] == Json::Bool(true),
            xml_name: shape["locationName"].as_str().map(leak_text),
            xml_namespace: namespace(shape),
            payload,
        })
    }

    fn member(&self, name: &str, member: &Json, path: &mut Vec<String>) -> Member {
        let mut made = Member::new(leak_text(name), self.shape(text(member, "shape"), path));
        made.location_name = member["locationName"].as_str().map(leak_text);
        made.query_name = member["queryName"].as_str().map(leak_text);
        made.location = match member["location"].as_str() {
            None => Location::Body,
            Some("header") => Location::Header,
            Some("headers") => Location::Headers,
            Some("querystring") => Location::QueryString,
            Some("uri") => Location::Uri,
            Some("statusCode") => Location::StatusCode,
            Some(other) => panic!("unknown location {other}"),
        };
        let is = |trait_name: &str| member[trait_name] == Json::Bool(true);
        made.flattened = is("flattened");
        made.xml_attribute = is("xmlAttribute");
        made.idempotency_token = is("idempotencyToken");
        made.json_value = is("jsonvalue");
        made.host_label = is("hostLabel");
        made.xml_namespace = namespace(member);
        made.timestamp_format = format(member);
        made
    }

    fn shape(&self, name: &str, path: &mut Vec<String>) -> &'static Shape {
        let shape = &self.shapes[name];
        let member = |key: &str, path: &mut Vec<String>| self.member(key, &shape[key], path);
        let kind = match text(shape, "type") {
            _ if shape["document"] == Json::Bool(true) => Kind::Document,
            "structure" => Kind::Structure(self.structure(name, path)),
            "list" => Kind::List(member("member", path)),
            "map" => Kind::Map(member("key", path), member("value", path)),
            "string" => Kind::String,
            "integer" => Kind::Integer,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "boolean" => Kind::Boolean,
            "blob" => Kind::Blob,
            "timestamp" => Kind::Timestamp,
            other => panic!("unknown type {other:?} of {name}"),
        };
        let mut made = Shape::new(leak_text(name), kind);
        made.flattened = shape["flattened"] == Json::Bool(true);
        made.streaming = shape["streaming"] == Json::Bool(true);
        made.timestamp_format = format(shape);
        leak(made)
    }
}

fn format(json: &Json) -> Option<TimestampFormat> {
    json["timestampFormat"].as_str().map(|format| match format {
        "iso8601" => TimestampFormat::DateTime,
        "rfc822" => TimestampFormat::HttpDate,
        "unixTimestamp" => TimestampFormat::EpochSeconds,
        other => panic!("unknown timestamp format {other}"),
    })
}

fn namespace(json: &Json) -> Option<XmlNamespace> {
    let namespace = &json["xmlNamespace"];
    let uri = namespace.as_str().or(namespace["uri"].as_str())?;
    Some(XmlNamespace { uri: leak_text(uri), prefix: namespace["prefix"].as_str().map(leak_text) })
}

pub(crate) fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_default()
}

pub(crate) fn leak_text(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

pub(crate) fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
