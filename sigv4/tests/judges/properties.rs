//! What holds for every request: what was signed verifies, and nothing that comes makes a reader panic.

use alcazar_sigv4::{
    ChunkError, ChunkLimits, ChunkedDecoder, Credentials, Dialect, Endpoint, Family, Payload, PayloadHash,
    Presented, Request, Signer, SigningKey, Timestamp, Trailer, sha256, verify,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{ACCESS_KEY_ID, SECRET, Sent, time};

fn sent() -> impl Strategy<Value = Sent> {
    let header = ("(my|x-amz-meta)-[a-z0-9-]{1,8}", vec(any::<u8>(), 0..20));
    let text = "[ -~\u{e9}\u{1234}\u{1f600}]{0,24}";
    (
        "(GET|PUT|POST|DELETE|HEAD|M-[A-Z]{1,4})",
        text.prop_map(|path| format!("/{path}")),
        text.prop_map(|query| query.replace("X-Amz", "")),
        vec(header, 0..6),
        vec(any::<u8>(), 0..300),
    )
        .prop_map(|(method, path, query, mut headers, body)| {
            headers.push(("host".into(), b"h".to_vec()));
            Sent { method, path, query, headers, body }
        })
}

proptest! {
    #[test]
    fn what_is_signed_by_header_verifies(sent in sent(), s3 in any::<bool>(), region in "[a-z0-9-]{1,300}") {
        let mut sent = sent;
        let service = if s3 { "s3" } else { "kms" };
        let payload = Payload::Sha256(sha256(&sent.body));
        sent.sign(service, &region, payload);
        prop_assert!(sent.judged(service, &region, time()).is_ok());
        sent.body.push(0);
        prop_assert!(sent.judged(service, &region, time()).is_err());
    }

    #[test]
    fn what_is_presigned_verifies(sent in sent(), s3 in any::<bool>(), lifetime in 1u32..604_801, token in ".{0,20}") {
        let mut sent = sent;
        let service = if s3 { "s3" } else { "kms" };
        let token = (!token.is_empty()).then_some(token.as_str());
        let credentials = Credentials { access_key_id: ACCESS_KEY_ID, secret: SECRET, token };
        let signer = Signer { credentials, region: "us-east-1", service };
        let payload = if s3 { Payload::Unsigned } else { Payload::Sha256(sha256(&sent.body)) };
        let query = sent.with_request(|request| signer.presign(request, payload, time(), lifetime));
        sent.query = query;
        prop_assert!(sent.judged(service, "us-east-1", time()).is_ok());
        let read = sent.with_request(|request| Presented::read(request).unwrap().token().map(str::to_owned));
        prop_assert_eq!(read.as_deref(), token);
        sent.query.push_str("&z=1");
        prop_assert!(sent.judged(service, "us-east-1", time()).is_err());
    }

    #[test]
    fn readers_do_not_panic(
        method in ".*", path in ".*", query in "(.*|(X-Amz-(Algorithm|Credential|Signature|Date|Expires|SignedHeaders)=.{0,8}&?)*)",
        authorization in prop_oneof![
            vec(any::<u8>(), 0..200),
            "AWS4-HMAC-SHA256 (Credential=.{0,40}|SignedHeaders=[a-z;]{0,9}|Signature=[0-9a-f]{60,66}|[ ,=/])*"
                .prop_map(String::into_bytes),
        ],
        date in vec(any::<u8>(), 0..40), signed_at in any::<i64>(), now in any::<i64>(),
    ) {
        let headers: [(&str, &[u8]); 4] =
            [("host", b"h"), ("authorization", &authorization), ("x-amz-date", &date), ("date", b"x")];
        let signed_at = Timestamp::from_unix(signed_at).to_basic();
        let dated: [(&str, &[u8]); 3] =
            [("host", b"h"), ("authorization", &authorization), ("x-amz-date", signed_at.as_bytes())];
        for headers in [headers.as_slice(), &headers[..1], &dated] {
            let request = Request { method: &method, path: &path, query: &query, headers };
            let Ok(presented) = Presented::read(&request) else { continue };
            for service in ["s3", "kms", "ec2"] {
                let dialect = Dialect::of(service, Family::Json);
                let endpoint = Endpoint { service, region: Some("r"), dialect, now: Timestamp::from_unix(now) };
                if let Err(error) = presented.check(&request, &endpoint) {
                    prop_assert!(!dialect.answer(&error).message.is_empty());
                    prop_assert!(!error.to_string().is_empty());
                }
            }
            let _ = presented.canonical_text(&request, PayloadHash::AsDeclared);
        }
    }

    #[test]
    fn a_decoder_of_chunks_takes_anything_without_panic_or_hoarding(
        wire in "(([0-9a-fA-F]{0,3}|0|ffffffffffffffff)(;[a-z=-]{0,20})?(\r\n|\n|\r)?([a-z]{0,9}|x-amz-checksum-crc32:A)(\r\n)?){0,9}",
        noise in vec(any::<u8>(), 0..40), cut in 1usize..50,
    ) {
        let mut decoder = unsigned_decoder(b"x-amz-checksum-crc32");
        let mut out = 0;
        let mut first = Ok(());
        for part in [wire.as_bytes(), &noise].concat().chunks(cut) {
            let result = decoder.push(part, |data| out += data.len());
            if first.is_err() {
                prop_assert_eq!(result, first);
            }
            first = first.and(result);
        }
        prop_assert!(out <= wire.len() + noise.len());
        if let Err(error) = first {
            prop_assert_eq!(decoder.finish(), Err(error));
        }
    }

    #[test]
    fn a_signed_body_in_chunks_comes_out_whole_and_a_changed_one_does_not(
        parts in vec(vec(any::<u8>(), 1..200), 0..6), cut in 1usize..90, change in any::<prop::sample::Index>(), bit in 0u8..8,
        trailer in any::<bool>(),
    ) {
        let body = parts.concat();
        let length = body.len().to_string();
        let mut headers: Vec<(&str, &[u8])> =
            vec![("host", b"s3"), ("x-amz-decoded-content-length", length.as_bytes())];
        headers.extend(trailer.then_some(("x-amz-trailer", b"x-amz-checksum-crc32".as_slice())));
        let credentials = Credentials { access_key_id: ACCESS_KEY_ID, secret: SECRET, token: None };
        let signer = Signer { credentials, region: "us-east-1", service: "s3" };
        let request = Request { method: "PUT", path: "/k", query: "", headers: &headers };
        let signed = signer.sign(&request, Payload::SignedChunks { trailer }, time());
        let mut chunks = signed.chunks();
        let mut wire: Vec<u8> = parts.iter().flat_map(|part| chunks.chunk(part)).collect();
        let trailers = [Trailer { name: "x-amz-checksum-crc32".into(), value: "AAAAAA==".into() }];
        wire.extend(chunks.end(if trailer { &trailers } else { &[] }));

        let mut all = headers.clone();
        all.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let request = Request { headers: &all, ..request };
        let decoded = |wire: &[u8]| {
            let presented = Presented::read(&request).unwrap();
            let dialect = Dialect::of("s3", Family::Query);
            let endpoint = Endpoint { service: "s3", region: None, dialect, now: time() };
            let checked = presented.check(&request, &endpoint).unwrap();
            let key = SigningKey::derive(SECRET, presented.scope());
            let verified = verify(&request, &checked, &key, PayloadHash::AsDeclared).unwrap();
            let limits = ChunkLimits { small_chunk: 1, ..ChunkLimits::default() };
            let mut decoder = verified.chunked_decoder(&request, &key, limits).unwrap().unwrap();
            let mut out = Vec::new();
            for part in wire.chunks(cut) {
                decoder.push(part, |data| out.extend_from_slice(data))?;
            }
            decoder.finish().map(|trailers| (out, trailers))
        };
        let (out, got) = decoded(&wire).unwrap();
        prop_assert_eq!(&out, &body);
        prop_assert_eq!(got.len(), usize::from(trailer));
        let place = change.index(wire.len());
        wire[place] ^= 1 << bit;
        // A change that is none may pass: the case of a size or of a trailer's name, white space after a trailer.
        match decoded(&wire) {
            Ok(after) => prop_assert_eq!(after, (body, got)),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

fn unsigned_decoder(trailer: &[u8]) -> ChunkedDecoder {
    let headers: [(&str, &[u8]); 2] = [("host", b"s3"), ("x-amz-trailer", trailer)];
    let credentials = Credentials { access_key_id: ACCESS_KEY_ID, secret: SECRET, token: None };
    let signer = Signer { credentials, region: "us-east-1", service: "s3" };
    let request = Request { method: "PUT", path: "/k", query: "", headers: &headers };
    let signed = signer.sign(&request, Payload::UnsignedTrailer, time());
    let mut all = headers.to_vec();
    all.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_bytes())));
    let request = Request { headers: &all, ..request };
    let presented = Presented::read(&request).unwrap();
    let dialect = Dialect::of("s3", Family::Query);
    let checked =
        presented.check(&request, &Endpoint { service: "s3", region: None, dialect, now: time() }).unwrap();
    let key = SigningKey::derive(SECRET, presented.scope());
    let verified = verify(&request, &checked, &key, PayloadHash::AsDeclared).unwrap();
    verified.chunked_decoder(&request, &key, ChunkLimits::default()).unwrap().unwrap()
}

/// What an unsigned body in chunks with one announced trailer comes to.
fn outcome(body: &str) -> Result<(String, usize), ChunkError> {
    let mut decoder = unsigned_decoder(b"x-amz-checksum-crc32");
    let mut out = Vec::new();
    decoder.push(body.as_bytes(), |data| out.extend_from_slice(data))?;
    Ok((String::from_utf8(out).unwrap(), decoder.finish()?.len()))
}

#[test]
fn each_way_to_be_malformed_has_its_name() {
    let end = "0\r\nx-amz-checksum-crc32:A\r\n\r\n";
    assert_eq!(outcome(&format!("3\r\nabc\r\n{end}")), Ok(("abc".into(), 1)));
    assert_eq!(outcome(end), Ok((String::new(), 1)));
    let long = "0".repeat(2000);
    for (body, error) in [
        (format!("x\r\n{end}"), ChunkError::Header),
        (format!("\r\n{end}"), ChunkError::Header),
        (format!("3;chunk-signature=ab\r\nabc\r\n{end}"), ChunkError::Header),
        (format!("00000000000000003\r\nabc\r\n{end}"), ChunkError::Header),
        (format!("{long}\r\n"), ChunkError::HeaderTooLong),
        (long.clone(), ChunkError::HeaderTooLong),
        ("ffffffffffffffff\r\n".into(), ChunkError::TooLarge),
        ("3\nabc\r\n".into(), ChunkError::Framing),
        ("3\r\nabcd".into(), ChunkError::Framing),
        ("3\r\nabc\n".into(), ChunkError::Framing),
        (format!("3\r\nabc\r\n3\r\nabc\r\n{end}"), ChunkError::TooSmall),
        ("0\r\n\r\n".into(), ChunkError::Trailer),
        ("0\r\nx-amz-checksum-sha1:A\r\n".into(), ChunkError::Trailer),
        ("0\r\nx-amz-checksum-crc32:A\r\nx-amz-checksum-crc32:A\r\n".into(), ChunkError::Trailer),
        ("0\r\nx-amz-checksum-crc32\r\n".into(), ChunkError::Trailer),
        ("0\r\nx-amz-checksum-crc32:A\r\nx-amz-trailer-signature:A\r\n".into(), ChunkError::Trailer),
        ("0\r\nx-amz-checksum-crc32:A\r\n".into(), ChunkError::Incomplete),
        (String::new(), ChunkError::Incomplete),
        (format!("{end}x"), ChunkError::After),
    ] {
        assert_eq!(outcome(&body), Err(error), "{:?}", body.get(..60).unwrap_or(&body));
    }
}
