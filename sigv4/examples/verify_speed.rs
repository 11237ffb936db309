//! How many requests one core verifies in a second: a KMS-like POST with a body of 1 KiB, hashed, with a cached key.
//!
//! `cargo run --release -p alcazar-sigv4 --example verify_speed`
#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "a measurement, not the program")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alcazar_sigv4::{
    Credentials, Dialect, Endpoint, Family, Payload, PayloadHash, Presented, Request, Signer, SigningKey,
    SigningKeyCache, Timestamp, sha256, verify,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const ROUNDS: u32 = 20_000;

fn main() {
    let body = vec![b'x'; 1024];
    let now = Timestamp::from_unix(1_440_938_160);
    let plain: [(&str, &[u8]); 7] = [
        ("host", b"kms.us-east-1.amazonaws.com"),
        ("accept-encoding", b"identity"),
        ("x-amz-target", b"TrentService.Encrypt"),
        ("content-type", b"application/x-amz-json-1.1"),
        ("user-agent", b"Boto3/1.43 md/Botocore ua/2.1 os/linux md/arch#x86_64 lang/python#3.11"),
        ("amz-sdk-invocation-id", b"cd613e30-d8f1-4adf-91b7-584a2265b1f5"),
        ("content-length", b"1024"),
    ];
    let credentials = Credentials { access_key_id: "AKIDEXAMPLE", secret: SECRET, token: None };
    let signer = Signer { credentials, region: "us-east-1", service: "kms" };
    let request = Request { method: "POST", path: "/", query: "", headers: &plain };
    let signed = signer.sign(&request, Payload::Sha256(sha256(&body)), now);
    let mut headers = plain.to_vec();
    headers.extend(signed.headers.iter().map(|(name, value)| (*name, value.as_bytes())));
    let request = Request { headers: &headers, ..request };
    let cache = SigningKeyCache::new(1024);
    let dialect = Dialect::of("kms", Family::Json);
    let endpoint = Endpoint { service: "kms", region: Some("us-east-1"), dialect, now };

    let once = |body: &[u8]| {
        let presented = Presented::read(&request).expect("well-formed");
        let checked = presented.check(&request, &endpoint).expect("in time and scope");
        let (id, scope) = (presented.access_key_id(), presented.scope());
        let cached = cache.get(id, scope);
        let key = cached.clone().unwrap_or_else(|| Arc::new(SigningKey::of(&presented, SECRET)));
        verify(&request, &checked, &key, PayloadHash::Sha256(sha256(body))).expect("signed");
        if cached.is_none() {
            cache.keep(id, scope, key);
        }
    };
    println!("whole, 1 KiB body   {}", rate(|| once(black_box(&body))));
    println!("  reading the claim {}", rate(|| drop(black_box(Presented::read(black_box(&request))))));
    println!("  hashing the body  {}", rate(|| _ = black_box(sha256(black_box(&body)))));
    let presented = Presented::read(&request).expect("well-formed");
    println!(
        "  check             {}",
        rate(|| drop(black_box(presented.check(&request, black_box(&endpoint)))))
    );
    let checked = presented.check(&request, &endpoint).expect("in time and scope");
    let key = SigningKey::derive(SECRET, presented.scope());
    let hash = PayloadHash::Sha256(sha256(&body));
    println!(
        "  verify            {}",
        rate(|| drop(black_box(verify(black_box(&request), &checked, &key, hash))))
    );
    println!(
        "deriving a key      {}",
        rate(|| drop(black_box(SigningKey::derive(SECRET, presented.scope()))))
    );
}

/// The best of several rounds: other programs share the machine.
fn rate(mut once: impl FnMut()) -> String {
    let mut best = Duration::MAX;
    for _ in 0..25 {
        let start = Instant::now();
        (0..ROUNDS).for_each(|_| once());
        best = best.min(start.elapsed());
    }
    let each = best.as_secs_f64() / f64::from(ROUNDS);
    format!("{:>9.0} /s  {:>6.2} µs", 1.0 / each, each * 1e6)
}
