//! Errors: the code, the message and the members arrive. A vector's form is one of several that clients must take (the
//! code in a header or under three names, with and without namespace and URI), so both sides are read as a client does.

use alcazar_codec::write_error;
use alcazar_core::Fault;
use alcazar_core::schema::Protocol;
use http::HeaderMap;
use serde_json::Value as Json;

use crate::inputs::{body, headers};
use crate::left_out::LeftOut;
use crate::model::{Suite, suites, text};
use crate::{tree, values};

#[test]
fn every_error_of_the_vectors_is_written() {
    let mut left_out = LeftOut::of("error");
    let mut forms = LeftOut::of("error-form");
    let (mut total, mut passed, mut failures) = (0, 0, Vec::new());
    for suite in suites("output") {
        for case in suite.cases.iter().filter(|case| !case["errorCode"].is_null()) {
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
    assert_eq!(total, 50, "vectors are missing");
    assert_eq!(passed + left_out.used(), total);
    left_out.all_used();
    forms.all_used();
}

fn judge(suite: &Suite, case: &Json, other_form: bool) -> Result<(), String> {
    let code = text(case, "errorCode");
    let shapes = suite.errors(case);
    let shape =
        shapes.iter().find(|shape| shape.code == code || shape.name == code).ok_or("no such shape")?;
    let error = &case["error"];
    let said = ["message", "Message"].into_iter().find_map(|key| error[key].as_str());
    let message = said.or(case["errorMessage"].as_str()).unwrap_or_default().to_owned();
    let mut members = error.clone();
    if let Some(members) = members.as_object_mut() {
        members.retain(|name, _| !name.eq_ignore_ascii_case("message"));
    }
    let fields = values::fields(shape.members, &members);
    let fault = Fault::declared(shape, message.clone()).with_members(fields);
    let written = write_error(suite.protocol, suite.service, &fault, "foo-id");

    let given = &case["response"];
    if !other_form && u64::from(written.status().as_u16()) != given["status_code"].as_u64().unwrap() {
        return Err(format!("status {}", written.status()));
    }
    let (their_headers, their_body) = (headers(&given["headers"]), body(suite.protocol, given));
    let ours = Read::of(suite.protocol, written.headers(), written.body());
    let theirs = Read::of(suite.protocol, &their_headers, &their_body);
    if ours.code != code || theirs.code != code {
        return Err(format!("code {:?} and {:?}", ours.code, theirs.code));
    }
    if ours.message.as_deref().unwrap_or_default() != message {
        return Err(format!("message {:?}", ours.message));
    }
    for (name, value) in &their_headers {
        let compared = !matches!(name.as_str(), "x-amzn-errortype" | "content-type");
        if compared && written.headers().get(name) != Some(value) {
            return Err(format!("header {name}: {:?}", written.headers().get(name)));
        }
    }
    if !other_form && !tree::same(&ours.members, &theirs.members) {
        return Err(format!("members\n    ours   {}\n    wanted {}", ours.members, theirs.members));
    }
    Ok(())
}

/// An error as a client reads it.
struct Read {
    code: String,
    message: Option<String>,
    /// What is left of the body.
    members: Json,
}

impl Read {
    fn of(protocol: Protocol, headers: &HeaderMap, body: &[u8]) -> Self {
        let tree = tree::of(protocol, "", body);
        match protocol {
            Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml => Self::of_xml(&tree),
            _ => Self::of_members(headers, tree),
        }
    }

    /// The code stands in the header for query-compatible clients, else in `x-amzn-errortype`, `__type` or `code`; what
    /// follows a colon or comes before a hash is not part of it.
    fn of_members(headers: &HeaderMap, mut tree: Json) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let query = header("x-amzn-query-error").and_then(|value| value.split(';').next().map(str::to_owned));
        let mut take = |name: &str| match tree.as_object_mut() {
            Some(members) => members.remove(name).and_then(|value| value.as_str().map(str::to_owned)),
            None => None,
        };
        let (typed, code) = (take("__type"), take("code"));
        let message = take("message").or(take("Message"));
        let raw = query.or(header("x-amzn-errortype")).or(typed).or(code).unwrap_or_default();
        let code =
            raw.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned();
        let members = if tree.as_object().is_none_or(serde_json::Map::is_empty) { Json::Null } else { tree };
        Self { code, message, members }
    }

    fn of_xml(tree: &Json) -> Self {
        let error = find(tree, "Error").unwrap_or(tree);
        let said = |name: &str| find(error, name).map(|node| text(node, "text").to_owned());
        let children = error["children"].as_array().cloned().unwrap_or_default();
        let own = |child: &Json| !matches!(text(child, "name"), "Type" | "Code" | "Message" | "RequestId");
        let members = children.into_iter().filter(|child| own(child)).collect();
        Self { code: said("Code").unwrap_or_default(), message: said("Message"), members }
    }
}

fn find<'a>(tree: &'a Json, name: &str) -> Option<&'a Json> {
    let children = tree["children"].as_array()?;
    children
        .iter()
        .find_map(|child| if text(child, "name") == name { Some(child) } else { find(child, name) })
}
