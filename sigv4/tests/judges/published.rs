//! The published suite: canonical request, string to sign, authorization and the signed request, for every vector.

use alcazar_sigv4::{Credentials, Payload, PayloadHash, Presented, SignatureError, Signer, sha256};
use serde_json::Value;

use crate::world::{ACCESS_KEY_ID, SECRET, Sent, time};

const REGION: &str = "us-east-1";
const SERVICE: &str = "service";

/// The signed request of this vector carries the signature of another one (`get-vanilla`), not the one that its own
/// `authz` prints; everything else of it is sound.
const BROKEN: &str = "get-vanilla-with-session-token";
const TOKEN: &str = "x-amz-security-token";

fn vectors() -> Vec<(String, Value)> {
    let text = include_str!("../data/sigv4-vectors.json");
    let Value::Object(vectors) = serde_json::from_str(text).unwrap() else { panic!("not an object") };
    vectors.into_iter().collect()
}

/// Reads the suite's way of writing requests: raw spaces in paths, headers continued over lines.
fn read(text: &str) -> Sent {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let target = rest.strip_suffix(" HTTP/1.1").unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    for line in lines {
        match line.strip_prefix(' ') {
            Some(_) => headers.last_mut().unwrap().1.extend_from_slice(format!("\n{line}").as_bytes()),
            None => {
                let (name, value) = line.split_once(':').unwrap();
                headers.push((name.to_ascii_lowercase(), value.as_bytes().to_vec()));
            }
        }
    }
    Sent { method: method.into(), path: path.into(), query: query.into(), headers, body: body.into() }
}

#[test]
fn every_signed_request_has_the_published_canonical_form_and_is_believed() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 34);
    for (name, vector) in vectors {
        let sent = read(vector["sreq"].as_str().unwrap());
        sent.with_request(|request| {
            let presented = Presented::read(request).unwrap();
            let body = PayloadHash::Sha256(sha256(&sent.body));
            assert_eq!(
                presented.canonical_text(request, body).unwrap(),
                vector["creq"].as_str().unwrap(),
                "{name}"
            );
            assert_eq!(
                presented.string_to_sign(request, body).unwrap(),
                vector["sts"].as_str().unwrap(),
                "{name}"
            );
        });
        let judged = sent.judged(SERVICE, REGION, time());
        match name == BROKEN {
            true => assert_eq!(judged, Err(SignatureError::Mismatch)),
            false => assert_eq!(judged, Ok(Payload::Checked(sha256(&sent.body))), "{name}"),
        }
        // And with the authorization that the vector prints apart.
        let mut sent = sent;
        let header = sent.headers.iter_mut().find(|(name, _)| name == "authorization").unwrap();
        header.1 = vector["authz"].as_str().unwrap().as_bytes().to_vec();
        assert_eq!(sent.judged(SERVICE, REGION, time()), Ok(Payload::Checked(sha256(&sent.body))), "{name}");
    }
}

#[test]
fn every_request_is_signed_as_published() {
    for (name, vector) in vectors() {
        let mut sent = read(vector["sreq"].as_str().unwrap());
        let signs_token = vector["authz"].as_str().unwrap().contains(TOKEN);
        let token = sent.headers.iter().find(|(name, _)| signs_token && name == TOKEN);
        let token = token.map(|(_, value)| String::from_utf8(value.clone()).unwrap());
        // What the signer adds by itself, or what is added after signing.
        sent.headers.retain(|(name, _)| !["authorization", "x-amz-date", TOKEN].contains(&name.as_str()));
        let credentials =
            Credentials { access_key_id: ACCESS_KEY_ID, secret: SECRET, token: token.as_deref() };
        let signer = Signer { credentials, region: REGION, service: SERVICE };
        let payload = Payload::Sha256(sha256(&sent.body));
        let signed = sent.with_request(|request| signer.sign(request, payload, time()));
        let (header, authorization) = signed.headers.last().unwrap();
        assert_eq!(*header, "authorization");
        assert_eq!(authorization, vector["authz"].as_str().unwrap(), "{name}");
    }
}
