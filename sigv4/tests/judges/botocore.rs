//! botocore's own clients and signers; how the file is made: `tests/data/PROVENANCE.md`.

use alcazar_sigv4::{
    ChunkLimits, Dialect, Endpoint, Family, Kind, Payload, Presented, SigningKey, Timestamp, Trailer, verify,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::world::{ACCESS_KEY_ID, SECRET, Sent, TIME, time};

struct Vector {
    name: String,
    service: String,
    region: String,
    sent: Sent,
    canonical_request: String,
    string_to_sign: String,
    /// What the body is once taken out of its chunks.
    decoded: Option<Vec<u8>>,
}

fn vectors() -> Vec<Vector> {
    let file: Value = serde_json::from_str(include_str!("../data/botocore.json")).unwrap();
    assert_eq!(
        (&file["access_key_id"], &file["secret"], &file["time"]),
        (&ACCESS_KEY_ID.into(), &SECRET.into(), &TIME.into())
    );
    file["vectors"].as_array().unwrap().iter().map(read).collect()
}

fn read(vector: &Value) -> Vector {
    let text = |name: &str| vector[name].as_str().unwrap().to_owned();
    let bytes = |name: &str| vector[name].as_str().map(|text| BASE64_STANDARD.decode(text).unwrap());
    let header =
        |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().as_bytes().to_vec());
    Vector {
        name: text("name"),
        service: text("service"),
        region: text("region"),
        sent: Sent {
            method: text("method"),
            path: text("path"),
            query: text("query"),
            headers: vector["headers"].as_array().unwrap().iter().map(header).collect(),
            body: bytes("body").unwrap(),
        },
        canonical_request: text("canonical_request"),
        string_to_sign: text("string_to_sign"),
        decoded: bytes("decoded"),
    }
}

#[test]
fn every_request_has_botocores_canonical_form_and_is_believed() {
    let vectors = vectors();
    assert!(vectors.len() >= 236, "{} vectors", vectors.len());
    for Vector { name, service, region, sent, canonical_request, string_to_sign, .. } in vectors {
        sent.with_request(|request| {
            let presented = Presented::read(request).unwrap_or_else(|error| panic!("{name}: {error}"));
            let body = sent.payload_hash(&service);
            assert_eq!(presented.canonical_text(request, body).unwrap(), canonical_request, "{name}");
            assert_eq!(presented.string_to_sign(request, body).unwrap(), string_to_sign, "{name}");
        });
        if let Err(error) = sent.judged(&service, &region, time()) {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn all_ways_of_signing_are_among_them() {
    let mut ways = std::collections::BTreeMap::<String, usize>::new();
    for Vector { service, region, sent, .. } in vectors() {
        let kind = sent.with_request(|request| Presented::read(request).unwrap().kind());
        let payload = match sent.judged(&service, &region, time()).unwrap() {
            Payload::Checked(_) => "hashed before",
            Payload::Unsigned => "unsigned",
            Payload::Sha256(_) => "hashed",
            Payload::SignedChunks { .. } => "signed chunks",
            Payload::UnsignedTrailer => "unsigned chunks with trailer",
        };
        let place = if kind == Kind::Header { "header" } else { "query" };
        *ways.entry(format!("{place}, {payload}")).or_default() += 1;
    }
    let ways: Vec<&str> = ways.keys().map(String::as_str).collect();
    let expected = [
        "header, hashed",
        "header, hashed before",
        "header, unsigned",
        "header, unsigned chunks with trailer",
        "query, hashed before",
        "query, unsigned",
    ];
    assert_eq!(ways, expected);
}

#[test]
fn every_body_in_chunks_comes_out_whole_however_it_is_cut() {
    let mut seen = 0;
    for vector in vectors() {
        let Some(decoded) = &vector.decoded else { continue };
        seen += 1;
        for size in [1, 7, 8192, usize::MAX] {
            let (body, trailers) = taken_apart(&vector, size);
            assert!(body == *decoded, "{} by {size}", vector.name);
            let announced = vector.sent.headers.iter().find(|(name, _)| name == "x-amz-trailer").unwrap();
            let [Trailer { name, .. }] = trailers.as_slice() else { panic!("{trailers:?}") };
            assert_eq!(name.as_bytes(), announced.1, "{}", vector.name);
        }
    }
    assert!(seen >= 18, "{seen}");
}

fn taken_apart(vector: &Vector, size: usize) -> (Vec<u8>, Vec<Trailer>) {
    vector.sent.with_request(|request| {
        let presented = Presented::read(request).unwrap();
        let dialect = Dialect::of("s3", Family::Query);
        let endpoint = Endpoint { service: "s3", region: None, dialect, now: time() };
        let checked = presented.check(request, &endpoint).unwrap();
        let key = SigningKey::derive(SECRET, presented.scope());
        let verified = verify(request, &checked, &key, vector.sent.payload_hash("s3")).unwrap();
        let mut decoder = verified.chunked_decoder(request, &key, ChunkLimits::default()).unwrap().unwrap();
        let mut body = Vec::new();
        for part in vector.sent.body.chunks(size) {
            decoder.push(part, |data| body.extend_from_slice(data)).unwrap();
        }
        (body, decoder.finish().unwrap())
    })
}

#[test]
fn none_is_believed_with_another_secret_or_beyond_its_time() {
    for Vector { name, service, region, sent, .. } in vectors() {
        let later = Timestamp::from_unix(time().unix() + 8 * 86_400);
        assert!(sent.judged(&service, &region, later).is_err(), "{name}");
        sent.with_request(|request| {
            let presented = Presented::read(request).unwrap();
            let dialect = Dialect::of(&service, Family::Json);
            let endpoint = Endpoint { service: &service, region: None, dialect, now: time() };
            let checked = presented.check(request, &endpoint).unwrap();
            let key = SigningKey::derive("another", presented.scope());
            assert!(verify(request, &checked, &key, sent.payload_hash(&service)).is_err(), "{name}");
        });
    }
}
