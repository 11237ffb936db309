//! A signed request with any byte changed is another request.

use alcazar_sigv4::{
    Credentials, Dialect, Endpoint, Family, Payload, Presented, SignatureError, Signer, Timestamp, sha256,
};

use crate::world::{ACCESS_KEY_ID, SECRET, Sent, time};

fn kms() -> Sent {
    let mut sent = Sent {
        method: "POST".into(),
        path: "/path/x%20y".into(),
        query: "a=1&b=%C3%A9".into(),
        headers: vec![
            ("host".into(), b"kms.us-east-1.amazonaws.com".to_vec()),
            ("content-type".into(), b"application/x-amz-json-1.1".to_vec()),
            ("x-amz-target".into(), b"TrentService.Encrypt".to_vec()),
            ("user-agent".into(), b"any".to_vec()),
        ],
        body: br#"{"KeyId":"alias/a","Plaintext":"c2VjcmV0"}"#.to_vec(),
    };
    let payload = Payload::Sha256(sha256(&sent.body));
    sent.sign("kms", "us-east-1", payload);
    sent
}

fn believed(sent: &Sent) -> bool {
    sent.judged("kms", "us-east-1", time()).is_ok()
}

fn flips(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len()).flat_map(move |place| {
        [1u8, 0x20, 0x40].into_iter().map(move |bit| {
            let mut changed = text.to_vec();
            changed[place] ^= bit;
            changed
        })
    })
}

/// What the server makes of a request; two requests of one meaning are one request.
fn meaning(sent: &Sent) -> Option<(String, String)> {
    sent.with_request(|request| {
        let presented = Presented::read(request).ok()?;
        let text = presented.canonical_text(request, sent.payload_hash("kms")).ok()?;
        Some((text, format!("{presented:?}")))
    })
}

#[test]
fn every_changed_byte_of_what_is_signed_is_noticed() {
    let original = kms();
    assert!(believed(&original));
    let mut changes = Vec::new();
    for text in flips(original.method.as_bytes()) {
        changes.push(Sent { method: String::from_utf8(text).unwrap(), ..original.clone() });
    }
    for text in flips(original.path.as_bytes()) {
        changes.push(Sent { path: String::from_utf8(text).unwrap(), ..original.clone() });
    }
    for text in flips(original.query.as_bytes()) {
        changes.push(Sent { query: String::from_utf8(text).unwrap(), ..original.clone() });
    }
    for body in flips(&original.body) {
        changes.push(Sent { body, ..original.clone() });
    }
    for place in 0..original.headers.len() {
        let (name, value) = original.headers[place].clone();
        if name == "user-agent" {
            continue;
        }
        for value in flips(&value) {
            let mut changed = original.clone();
            changed.headers[place].1 = value;
            changes.push(changed);
        }
        for name in flips(name.as_bytes()) {
            let mut changed = original.clone();
            changed.headers[place].0 = String::from_utf8(name).unwrap();
            changes.push(changed);
        }
    }
    let (count, mut harmless) = (changes.len(), 0);
    for changed in changes {
        if believed(&changed) {
            // Another spelling of the same request: `%c3` for `%C3`, `Host` in the list of signed headers.
            assert_eq!(meaning(&changed), meaning(&original), "{changed:?}");
            harmless += 1;
        }
    }
    assert!(count > 1200 && harmless < 40, "{harmless} of {count}");
}

#[test]
fn a_header_added_dropped_or_doubled_is_noticed() {
    let original = kms();
    let with = |name: &str, value: &[u8]| {
        let mut changed = original.clone();
        changed.headers.push((name.into(), value.to_vec()));
        changed.judged("kms", "us-east-1", time())
    };
    let unsigned = |name: &str| Err(SignatureError::HeadersNotSigned(vec![name.to_owned()]));
    assert_eq!(with("x-amz-security", b"x"), unsigned("x-amz-security"));
    assert_eq!(with("x-amz-content-sha256", b"UNSIGNED-PAYLOAD"), unsigned("x-amz-content-sha256"));
    assert_eq!(with("host", b"evil"), Err(SignatureError::Mismatch));
    assert_eq!(with("x-amz-target", b"x"), Err(SignatureError::Mismatch));
    assert!(matches!(with("x-amz-date", b"20150830T123600Z"), Err(SignatureError::MalformedDate(..))));
    assert_eq!(with("authorization", b"AWS4-HMAC-SHA256 x=y"), Err(SignatureError::SeveralMechanisms));
    assert!(with("x-amz-user-agent", b"x").is_ok() && with("accept", b"x").is_ok());
    for place in 0..original.headers.len() {
        let mut changed = original.clone();
        let (name, _) = changed.headers.remove(place);
        assert_eq!(believed(&changed), name == "user-agent", "{name}");
    }
}

#[test]
fn an_unsigned_payload_is_nothing_that_other_services_take() {
    let mut sent = kms();
    sent.headers.truncate(4);
    sent.sign("kms", "us-east-1", Payload::Unsigned);
    assert_eq!(sent.judged("kms", "us-east-1", time()), Err(SignatureError::Mismatch));
}

#[test]
fn host_must_be_signed_and_unsigned_headers_are_named() {
    let mut sent = kms();
    sent.headers.retain(|(name, _)| name != "host" && name != "authorization" && name != "x-amz-date");
    let payload = Payload::Sha256(sha256(&sent.body));
    sent.sign("kms", "us-east-1", payload);
    assert_eq!(sent.judged("kms", "us-east-1", time()), Err(SignatureError::HostNotSigned));
}

#[test]
fn the_window_is_that_of_the_service_on_both_sides() {
    let kms = kms();
    let at = |seconds: i64| kms.judged("kms", "us-east-1", time().plus(seconds));
    assert!(at(300).is_ok() && at(-300).is_ok());
    let now = time().plus(301);
    assert_eq!(at(301), Err(SignatureError::Expired { signed: time(), now }));
    let now = time().plus(-301);
    assert_eq!(at(-301), Err(SignatureError::NotYetCurrent { signed: time(), now }));
    let mut sts =
        Sent { headers: vec![("host".into(), b"sts".to_vec())], method: "POST".into(), ..Sent::default() };
    sts.sign("sts", "us-east-1", Payload::Sha256(sha256(b"")));
    assert!(sts.judged("sts", "us-east-1", time().plus(900)).is_ok());
    assert!(sts.judged("sts", "us-east-1", time().plus(901)).is_err());
}

#[test]
fn a_credential_for_elsewhere_is_told_all_that_is_wrong() {
    let sent = kms();
    let error = sent.judged("sts", "eu-west-1", time()).unwrap_err();
    let answer = Dialect::of("kms", Family::Json).answer(&error);
    assert_eq!((answer.code, answer.status), ("InvalidSignatureException", 400));
    assert_eq!(
        answer.message,
        "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'sts'. "
    );
    let mut other_day = kms();
    let authorization = &mut other_day.headers.last_mut().unwrap().1;
    *authorization =
        String::from_utf8(authorization.clone()).unwrap().replace("/20150830/", "/20150829/").into();
    let error = other_day.judged("kms", "us-east-1", time()).unwrap_err();
    assert_eq!(
        Dialect::of("kms", Family::Json).answer(&error).message,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != \
         '20150830', from '20150830T123600Z'. "
    );
}

#[test]
fn presigned_outside_s3_the_window_counts_and_not_the_lifetime() {
    let credentials = Credentials { access_key_id: ACCESS_KEY_ID, secret: SECRET, token: Some("a+b/c==") };
    let signer = Signer { credentials, region: "us-east-1", service: "sts" };
    let mut sent = Sent {
        method: "GET".into(),
        path: "/".into(),
        query: "Action=GetCallerIdentity&Version=2011-06-15".into(),
        headers: vec![("host".into(), b"sts".to_vec()), ("x-k8s-aws-id".into(), b"cluster".to_vec())],
        body: Vec::new(),
    };
    let payload = Payload::Sha256(sha256(b""));
    sent.query = sent.with_request(|request| signer.presign(request, payload, time(), 60));
    let at = |now: Timestamp| sent.judged("sts", "us-east-1", now);
    assert!(at(time().plus(899)).is_ok());
    assert!(matches!(at(time().plus(901)), Err(SignatureError::Expired { .. })));
    sent.with_request(|request| {
        let presented = Presented::read(request).unwrap();
        assert_eq!(presented.token(), Some("a+b/c=="));
        assert!(!format!("{presented:?}").contains("a+b"));
    });
}

#[test]
fn s3_wants_its_content_hash_and_every_amz_header_signed() {
    let mut sent = Sent {
        method: "PUT".into(),
        path: "/b/k".into(),
        headers: vec![("host".into(), b"s3".to_vec())],
        body: b"data".to_vec(),
        ..Sent::default()
    };
    sent.sign("s3", "us-east-1", Payload::Sha256(sha256(b"data")));
    let judged = |sent: &Sent| sent.judged("s3", "us-east-1", time());
    assert_eq!(judged(&sent), Ok(Payload::Sha256(sha256(b"data"))));
    let mut changed = sent.clone();
    changed.body[0] ^= 1;
    assert!(matches!(judged(&changed), Err(SignatureError::ContentSha256Mismatch { .. })));
    let mut changed = sent.clone();
    changed.headers.push(("x-amz-security-token".into(), b"x".to_vec()));
    let unsigned = SignatureError::HeadersNotSigned(vec!["x-amz-security-token".into()]);
    assert_eq!(judged(&changed), Err(unsigned));
    let mut changed = sent.clone();
    changed.headers.retain(|(name, _)| name != "x-amz-content-sha256");
    assert_eq!(judged(&changed), Err(SignatureError::ContentSha256Missing));
    let mut changed = sent;
    changed.headers.iter_mut().filter(|(name, _)| name == "x-amz-content-sha256").for_each(|header| {
        header.1 = b"unsigned-payload".to_vec();
    });
    assert_eq!(judged(&changed), Err(SignatureError::ContentSha256Invalid));
}

#[test]
fn the_endpoint_may_take_any_region() {
    let sent = kms();
    sent.with_request(|request| {
        let presented = Presented::read(request).unwrap();
        let dialect = Dialect::of("kms", Family::Json);
        let endpoint = Endpoint { service: "kms", region: None, dialect, now: time() };
        assert!(presented.check(request, &endpoint).is_ok());
    });
}
