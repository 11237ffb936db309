//! What a client sends is read back as what it meant.

use alcazar_codec::{Limits, RequestParts, read_input};
use alcazar_core::schema::{Protocol, Structure};
use alcazar_core::value::Fields;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value as Json;

use crate::left_out::LeftOut;
use crate::model::{suites, text};
use crate::values;

/// The token that the vectors' clients fill in.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

#[test]
fn every_request_of_the_vectors_is_read_as_its_parameters() {
    let mut left_out = LeftOut::of("input");
    let (mut total, mut passed, mut failures) = (0, 0, Vec::new());
    for suite in suites("input") {
        for case in &suite.cases {
            total += 1;
            let id = text(case, "id");
            if left_out.has(&suite.file, id) {
                continue;
            }
            let operation = suite.operation(case);
            let serialized = &case["serialized"];
            let (headers, body) = (headers(&serialized["headers"]), body(suite.protocol, serialized));
            let (path, query) =
                text(serialized, "uri").split_once('?').unwrap_or((text(serialized, "uri"), ""));
            let request = RequestParts {
                method: text(serialized, "method"),
                path,
                query,
                headers: &headers,
                body: &body,
                labels: &[],
            };
            let read = read_input(suite.protocol, operation, &request, &Limits::DEFAULT);
            let expected = expected(operation.input, &case["params"]);
            match read {
                Ok(read) if values::same(&read, &expected) => passed += 1,
                other => failures.push(format!("{} {id}: {other:?}\n    wanted {expected:?}", suite.file)),
            }
        }
    }
    assert!(failures.is_empty(), "{} of {total}:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(total, 367, "vectors are missing");
    assert_eq!(passed + left_out.used(), total);
    left_out.all_used();
}

/// The parameters, and the token that the client made where it was given none.
fn expected(schema: &'static Structure, params: &Json) -> Fields {
    let mut fields = values::fields(schema, params);
    for (index, _) in schema.members.iter().enumerate().filter(|(_, member)| member.idempotency_token) {
        fields.put(index, alcazar_core::Value::Text(TOKEN.to_owned()));
    }
    fields
}

pub(crate) fn headers(json: &Json) -> HeaderMap {
    let pairs = json.as_object().into_iter().flatten();
    pairs
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value.as_str().unwrap()).unwrap())
        })
        .collect()
}

pub(crate) fn body(protocol: Protocol, message: &Json) -> Vec<u8> {
    match protocol {
        Protocol::RpcV2Cbor => STANDARD.decode(text(message, "body")).unwrap(),
        _ => text(message, "body").as_bytes().to_vec(),
    }
}
