//! The examples of the S3 API reference with all values that it prints: header, query, signed chunks, signed trailers.

use alcazar_sigv4::{
    ChunkError, ChunkLimits, ChunkedDecoder, Credentials, Dialect, Endpoint, Family, Payload, PayloadHash,
    Presented, Request, SignatureError, Signer, SigningKey, Timestamp, Trailer, verify,
};

const CREDENTIALS: Credentials<'static> = Credentials {
    access_key_id: "AKIAIOSFODNN7EXAMPLE",
    secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    token: None,
};
const SIGNER: Signer<'static> = Signer { credentials: CREDENTIALS, region: "us-east-1", service: "s3" };
const HOST: (&str, &[u8]) = ("host", b"examplebucket.s3.amazonaws.com");

fn time() -> Timestamp {
    Timestamp::parse_basic(b"20130524T000000Z").unwrap()
}

fn endpoint() -> Endpoint<'static> {
    Endpoint {
        service: "s3",
        region: Some("us-east-1"),
        dialect: Dialect::of("s3", Family::Query),
        now: time(),
    }
}

fn signature(request: &Request<'_>, payload: Payload) -> String {
    let signed = SIGNER.sign(request, payload, time());
    let (_, authorization) = signed.headers.last().unwrap();
    authorization.rsplit_once("Signature=").unwrap().1.to_owned()
}

fn get<'a>(path: &'a str, query: &'a str, headers: &'a [(&'a str, &'a [u8])]) -> Request<'a> {
    Request { method: "GET", path, query, headers }
}

#[test]
fn requests_by_header_are_signed_as_printed() {
    let empty = Payload::Sha256(alcazar_sigv4::sha256(b""));
    let ranged = [HOST, ("range", b"bytes=0-9".as_slice())];
    assert_eq!(
        signature(&get("/test.txt", "", &ranged), empty),
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
    let put = Request {
        method: "PUT",
        path: "/test$file.text",
        query: "",
        headers: &[
            HOST,
            ("date", b"Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", b"REDUCED_REDUNDANCY"),
        ],
    };
    assert_eq!(
        signature(&put, Payload::Sha256(alcazar_sigv4::sha256(b"Welcome to Amazon S3."))),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    );
    assert_eq!(
        signature(&get("/", "lifecycle", &[HOST]), empty),
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    );
    assert_eq!(
        signature(&get("/", "max-keys=2&prefix=J", &[HOST]), empty),
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    );
}

#[test]
fn a_presigned_request_is_as_printed_and_lives_for_a_day() {
    let query = SIGNER.presign(&get("/test.txt", "", &[HOST]), Payload::Unsigned, time(), 86_400);
    let printed = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert!(query.ends_with(&format!("&X-Amz-Signature={printed}")), "{query}");
    let headers = [HOST];
    let request = get("/test.txt", &query, &headers);
    let presented = Presented::read(&request).unwrap();
    let key = SigningKey::derive(CREDENTIALS.secret, presented.scope());
    let judged = |now: Timestamp| {
        let checked = presented.check(&request, &Endpoint { now, ..endpoint() })?;
        Ok(verify(&request, &checked, &key, PayloadHash::AsDeclared)?.payload())
    };
    assert_eq!(judged(time().plus(86_400)), Ok(Payload::Unsigned));
    assert_eq!(judged(time().plus(-900)), Ok(Payload::Unsigned));
    let (signed, lifetime, now) = (time(), 86_400, time().plus(86_401));
    assert_eq!(judged(now), Err(SignatureError::PresignedExpired { signed, lifetime, now }));
    let now = time().plus(-901);
    assert_eq!(judged(now), Err(SignatureError::PresignedNotYetValid { signed, lifetime, now }));
}

const SEED: &str = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const CHUNKS: [&str; 3] = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];
const TRAILER_SEED: &str = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
const TRAILER_CHUNKS: [&str; 3] = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
];
const TRAILER_SIGNATURE: &str = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
const CHECKSUM: &str = "x-amz-checksum-crc32c:sOO8/Q==";

/// The upload of the page: 65 KiB of `a` in chunks of 64 KiB and 1 KiB.
fn headers(trailer: bool) -> Vec<(&'static str, &'static [u8])> {
    let mut headers: Vec<(&str, &[u8])> = vec![
        HOST,
        ("x-amz-storage-class", b"REDUCED_REDUNDANCY"),
        ("content-encoding", b"aws-chunked"),
        ("x-amz-decoded-content-length", b"66560"),
    ];
    match trailer {
        true => headers.push(("x-amz-trailer", b"x-amz-checksum-crc32c")),
        false => headers.push(("content-length", b"66824")),
    }
    headers
}

fn printed_body(signatures: [&str; 3]) -> Vec<u8> {
    let [first, second, last] = signatures;
    let mut body = format!("10000;chunk-signature={first}\r\n").into_bytes();
    body.extend(std::iter::repeat_n(b'a', 65_536));
    body.extend(format!("\r\n400;chunk-signature={second}\r\n").into_bytes());
    body.extend(std::iter::repeat_n(b'a', 1024));
    body.extend(format!("\r\n0;chunk-signature={last}\r\n").into_bytes());
    body
}

/// Signs the request of the page, verifies it, and makes the decoder for its body.
fn decoder(trailer: bool) -> ChunkedDecoder {
    let plain = headers(trailer);
    let path = "/examplebucket/chunkObject.txt";
    let host = [("host", b"s3.amazonaws.com".as_slice())];
    let plain: Vec<(&str, &[u8])> = host.into_iter().chain(plain.into_iter().skip(1)).collect();
    let request = Request { method: "PUT", path, query: "", headers: &plain };
    let signed = SIGNER.sign(&request, Payload::SignedChunks { trailer }, time());
    let seed = if trailer { TRAILER_SEED } else { SEED };
    assert!(signed.headers.last().unwrap().1.ends_with(seed), "{:?}", signed.headers);
    let mut all = plain.clone();
    all.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_bytes())));
    let request = Request { headers: &all, ..request };
    let presented = Presented::read(&request).unwrap();
    let checked = presented.check(&request, &endpoint()).unwrap();
    let key = SigningKey::derive(CREDENTIALS.secret, presented.scope());
    let verified = verify(&request, &checked, &key, PayloadHash::AsDeclared).unwrap();
    assert_eq!(verified.payload(), Payload::SignedChunks { trailer });
    verified.chunked_decoder(&request, &key, ChunkLimits::default()).unwrap().unwrap()
}

fn decoded(
    mut decoder: ChunkedDecoder,
    body: &[u8],
    size: usize,
) -> Result<(Vec<u8>, Vec<Trailer>), ChunkError> {
    let mut data = Vec::new();
    for part in body.chunks(size) {
        decoder.push(part, |part| data.extend_from_slice(part))?;
    }
    Ok((data, decoder.finish()?))
}

#[test]
fn the_printed_upload_in_chunks_is_accepted_however_it_is_cut() {
    let mut body = printed_body(CHUNKS);
    body.extend(b"\r\n");
    for size in [1, 13, 8192, usize::MAX] {
        let (data, trailers) = decoded(decoder(false), &body, size).unwrap();
        assert!(data == vec![b'a'; 66_560] && trailers.is_empty());
    }
}

#[test]
fn the_printed_upload_with_a_trailer_is_accepted_in_both_spellings() {
    for separator in ["\r\n", "\n\r\n"] {
        let mut body = printed_body(TRAILER_CHUNKS);
        body.extend(
            format!("{CHECKSUM}{separator}x-amz-trailer-signature:{TRAILER_SIGNATURE}\r\n\r\n").into_bytes(),
        );
        for size in [1, 13, usize::MAX] {
            let (data, trailers) = decoded(decoder(true), &body, size).unwrap();
            assert!(data == vec![b'a'; 66_560]);
            let trailer = Trailer { name: "x-amz-checksum-crc32c".into(), value: "sOO8/Q==".into() };
            assert_eq!(trailers, [trailer]);
        }
    }
}

#[test]
fn our_own_chunks_are_the_printed_ones() {
    for (trailer, signatures) in [(false, CHUNKS), (true, TRAILER_CHUNKS)] {
        let mut plain = headers(trailer);
        plain[0] = ("host", b"s3.amazonaws.com");
        let path = "/examplebucket/chunkObject.txt";
        let request = Request { method: "PUT", path, query: "", headers: &plain };
        let mut chunks = SIGNER.sign(&request, Payload::SignedChunks { trailer }, time()).chunks();
        let mut body = chunks.chunk(&[b'a'; 65_536]);
        body.extend(chunks.chunk(&[b'a'; 1024]));
        let mut printed = printed_body(signatures);
        if trailer {
            let checksum = Trailer { name: "x-amz-checksum-crc32c".into(), value: "sOO8/Q==".into() };
            body.extend(chunks.end(&[checksum]));
            let signature = format!("{CHECKSUM}\r\nx-amz-trailer-signature:{TRAILER_SIGNATURE}\r\n");
            printed.extend(signature.into_bytes());
        } else {
            body.extend(chunks.end(&[]));
        }
        printed.extend(b"\r\n");
        assert!(body == printed);
    }
}

#[test]
fn a_changed_chunk_trailer_or_signature_is_refused() {
    let mut body = printed_body(TRAILER_CHUNKS);
    body.extend(format!("{CHECKSUM}\r\nx-amz-trailer-signature:{TRAILER_SIGNATURE}\r\n\r\n").into_bytes());
    let data = 85..85 + 65_536;
    // Every byte outside the data, and some of the data.
    let places = (0..body.len()).filter(|place| !data.contains(place) || place % 9973 == 0);
    for place in places.filter(|place| *place < 90 || *place > 65_600) {
        let mut changed = body.clone();
        changed[place] ^= 1;
        if let Ok((data, trailers)) = decoded(decoder(true), &changed, usize::MAX) {
            // The case of a trailer's name is the only thing that may change, and it means nothing.
            panic!("byte {place} does not count: {} bytes, {trailers:?}", data.len());
        }
    }
}

#[test]
fn cut_swapped_and_lengthened_bodies_are_refused_with_their_reasons() {
    let mut body = printed_body(CHUNKS);
    body.extend(b"\r\n");
    let refused = |body: &[u8]| decoded(decoder(false), body, usize::MAX).unwrap_err();
    for length in [0, 1, 80, 90, 30_000, 65_625, 66_000, body.len() - 2, body.len() - 1] {
        assert_eq!(refused(&body[..length]), ChunkError::Incomplete, "{length}");
    }
    assert_eq!(refused(&[body.as_slice(), b"x"].concat()), ChunkError::After);
    let without_second = [&body[..85 + 65_536 + 4], &body[body.len() - 88..]].concat();
    assert!(matches!(
        refused(&without_second),
        ChunkError::Signature | ChunkError::Header | ChunkError::Framing
    ));
    let swapped = printed_body([CHUNKS[1], CHUNKS[0], CHUNKS[2]]);
    assert_eq!(refused(&swapped), ChunkError::Signature);
    let unsigned = String::from_utf8(body).unwrap().replace(";chunk-signature=", ";x=");
    assert_eq!(refused(unsigned.as_bytes()), ChunkError::Header);
}
