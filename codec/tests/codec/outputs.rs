//! What we answer is what the vectors say a client must parse: first the two bodies as trees, then both of them read by
//! the schema. Vectors whose body is one of several legal forms, and not the one we write, are judged by the second alone.

use alcazar_codec::{Limits, RequestParts, Response, read_input, write_output};
use alcazar_core::Value;
use alcazar_core::schema::{Kind, Location, Member, Operation, Protocol, Shape, Structure};
use alcazar_core::sink::Untyped;
use alcazar_core::value::Fields;
use http::HeaderMap;
use serde_json::Value as Json;

use crate::inputs::{body, headers};
use crate::left_out::LeftOut;
use crate::model::{Suite, leak, leak_text, suites, text};
use crate::{tree, values};

/// The id that the vectors' answers carry where they carry one.
pub(crate) const REQUEST_ID: &str = "requestid";

#[test]
fn every_answer_of_the_vectors_is_written() {
    let mut left_out = LeftOut::of("output");
    let mut forms = LeftOut::of("form");
    let (mut total, mut passed, mut failures) = (0, 0, Vec::new());
    for suite in suites("output") {
        for case in suite.cases.iter().filter(|case| case["errorCode"].is_null()) {
            total += 1;
            let id = text(case, "id");
            if left_out.has(&suite.file, id) {
                continue;
            }
            match judge(&suite, case, forms.has(&suite.file, id)) {
                Ok(()) => passed += 1,
                Err(why) => failures.push(format!("{} {id}: {why}", suite.file)),
            }
        }
    }
    assert!(failures.is_empty(), "{} of {total}:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(total, 315, "vectors are missing");
    assert_eq!(passed + left_out.used(), total);
    left_out.all_used();
    forms.all_used();
}

fn judge(suite: &Suite, case: &Json, other_form: bool) -> Result<(), String> {
    let operation = suite.operation(case);
    let wanted = values::fields(operation.output, &case["result"]);
    let given = &case["response"];
    let request_id = given["headers"]["X-Amzn-Requestid"].as_str().unwrap_or(REQUEST_ID);
    let output = Untyped { schema: operation.output, fields: &wanted };
    let written = write_output(suite.protocol, operation, &output, request_id);
    if u64::from(written.status().as_u16()) != given["status_code"].as_u64().unwrap_or(200) {
        return Err(format!("status {}", written.status()));
    }
    let their_body = body(suite.protocol, given);
    if !other_form {
        compare_headers(&headers(&given["headers"]), written.headers())?;
        compare_trees(suite.protocol, &written, &their_body)?;
    }
    let mut our_headers = written.headers().clone();
    // A map that takes all headers would take these too; in the vectors they are not there.
    for every_answer_has in ["x-amzn-requestid", "content-type"] {
        our_headers.remove(every_answer_has);
    }
    for (whose, headers, body) in
        [("ours", our_headers, written.body().to_vec()), ("theirs", headers(&given["headers"]), their_body)]
    {
        let read = read_back(suite.protocol, operation, given["status_code"].as_u64(), &headers, &body)?;
        if !values::same(&read, &wanted) {
            return Err(format!(
                "{whose} reads as {read:?}\n    wanted {wanted:?}\n    {}",
                String::from_utf8_lossy(&body)
            ));
        }
    }
    Ok(())
}

/// Every header that the vector has. The length is the HTTP layer's.
pub(crate) fn compare_headers(theirs: &HeaderMap, ours: &HeaderMap) -> Result<(), String> {
    for (name, value) in theirs {
        let skipped = matches!(name.as_str(), "content-length" | "x-amz-target");
        if !skipped && ours.get(name) != Some(value) {
            return Err(format!("header {name}: {:?}, wanted {value:?}", ours.get(name)));
        }
    }
    Ok(())
}

fn compare_trees(protocol: Protocol, written: &Response, their_body: &[u8]) -> Result<(), String> {
    let media_type =
        written.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ours = without_frame(protocol, tree::of(protocol, media_type, written.body()));
    let theirs = without_frame(protocol, tree::of(protocol, media_type, their_body));
    if tree::same(&ours, &theirs) {
        Ok(())
    } else {
        Err(format!("body\n    ours   {ours}\n    wanted {theirs}"))
    }
}

/// What differs between servers and means nothing to a client: the name and namespace of the root, where the request id
/// stands; whether nothing is an empty body or an empty structure.
fn without_frame(protocol: Protocol, mut tree: Json) -> Json {
    let empty = matches!(&tree, Json::Object(members) if members.is_empty());
    if empty {
        return Json::Null;
    }
    if matches!(protocol, Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml)
        && tree["raw"].is_null()
        && !tree.is_null()
    {
        if protocol == Protocol::RestXml && tree["attributes"].as_array().is_some_and(Vec::is_empty) {
            tree["name"] = Json::Null;
        }
        if protocol != Protocol::RestXml {
            tree["namespaces"] = Json::Null;
        }
        let frame =
            |child: &Json| matches!(text(child, "name"), "ResponseMetadata" | "requestId" | "RequestId");
        let children = tree["children"].as_array_mut().unwrap();
        children.retain(|child| !frame(child));
        let blank = |child: &Json| {
            child["children"].as_array().is_some_and(Vec::is_empty) && text(child, "text").trim().is_empty()
        };
        if protocol == Protocol::AwsQuery {
            children.retain(|child| !(text(child, "name").ends_with("Result") && blank(child)));
        }
        if children.is_empty() && tree["attributes"].as_array().is_some_and(Vec::is_empty) {
            return Json::Null;
        }
    }
    tree
}

/// Reads an answer by the schema, as a request of the same structure would be read.
fn read_back(
    protocol: Protocol,
    operation: &'static Operation,
    status: Option<u64>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Fields, String> {
    let (protocol, input) = match protocol {
        Protocol::AwsQuery => (Protocol::RestXml, inside_result(operation)),
        Protocol::Ec2Query => (Protocol::RestXml, operation.output),
        other => (other, without_locations(operation.output)),
    };
    let reading = leak(Operation { input, uri: "/", ..copy(operation) });
    let request = RequestParts { method: "POST", path: "/", query: "", headers, body, labels: &[] };
    let mut read =
        read_input(protocol, reading, &request, &Limits::DEFAULT).map_err(|error| format!("{error:?}"))?;
    if input.name == "Inside" {
        return Ok(match read.take::<Option<Inside>>(0) {
            Ok(Some(Inside(fields))) => fields,
            _ => Fields::new(),
        });
    }
    for (index, _) in
        input.members.iter().enumerate().filter(|(_, member)| member.location == Location::StatusCode)
    {
        read.put(index, Value::Integer(status.unwrap_or(200) as i64));
    }
    Ok(read)
}

struct Inside(Fields);

impl alcazar_core::FromValue for Inside {
    fn from_value(value: Value) -> Result<Self, alcazar_core::value::Mismatch> {
        match value {
            Value::Structure(fields) => Ok(Self(fields)),
            _ => Err(alcazar_core::value::Mismatch),
        }
    }
}

fn inside_result(operation: &'static Operation) -> &'static Structure {
    let name = leak_text(&format!("{}Result", operation.name));
    let member = Member::new(name, leak(Shape::new("Result", Kind::Structure(operation.output))));
    leak(Structure::new("Inside", Vec::leak(vec![member])))
}

/// Labels and query strings do not exist in an answer: such members stand in the body.
fn without_locations(output: &'static Structure) -> &'static Structure {
    let members = output.members.iter().map(|member| {
        let mut member = copy_member(member);
        if matches!(member.location, Location::Uri | Location::QueryString) {
            member.location = Location::Body;
        }
        member
    });
    leak(Structure { members: Vec::leak(members.collect()), ..*output })
}

fn copy_member(member: &'static Member) -> Member {
    Member { ..*member }
}

fn copy(operation: &'static Operation) -> Operation {
    Operation { ..*operation }
}
