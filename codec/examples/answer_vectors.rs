//! Writes our answer to every output vector, a line of JSON each, for `conformance/parse_answers.py` to parse with
//! botocore's own parsers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a judge over fixed files")]
#![allow(dead_code, reason = "shares the vectors' loader with the tests, which use more of it")]

#[path = "../tests/codec/model.rs"]
mod model;
#[path = "../tests/codec/values.rs"]
mod values;

use alcazar_codec::{Response, write_error, write_output};
use alcazar_core::Fault;
use alcazar_core::sink::Untyped;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

fn main() {
    for suite in model::suites("output") {
        for case in &suite.cases {
            let response =
                if case["errorCode"].is_null() { output(&suite, case) } else { error(&suite, case) };
            let headers: serde_json::Map<String, Json> = response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
                .collect();
            let line = json!({
                "file": suite.file,
                "id": case["id"],
                "status": response.status().as_u16(),
                "headers": headers,
                "body": STANDARD.encode(response.body()),
            });
            println!("{line}");
        }
    }
}

fn output(suite: &model::Suite, case: &Json) -> Response {
    let operation = suite.operation(case);
    let fields = values::fields(operation.output, &case["result"]);
    let output = Untyped { schema: operation.output, fields: &fields };
    write_output(suite.protocol, operation, &output, "request-1")
}

fn error(suite: &model::Suite, case: &Json) -> Response {
    let code = model::text(case, "errorCode");
    let shapes = suite.errors(case);
    let shape = shapes.iter().find(|shape| shape.code == code || shape.name == code).unwrap();
    let error = &case["error"];
    let said = ["message", "Message"].into_iter().find_map(|key| error[key].as_str());
    let message = said.or(case["errorMessage"].as_str()).unwrap_or_default().to_owned();
    let mut members = error.clone();
    if let Some(members) = members.as_object_mut() {
        members.retain(|name, _| !name.eq_ignore_ascii_case("message"));
    }
    let fields = values::fields(shape.members, &members);
    write_error(
        suite.protocol,
        suite.service,
        &Fault::declared(shape, message).with_members(fields),
        "request-1",
    )
}
