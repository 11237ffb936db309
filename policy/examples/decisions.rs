//! Prints decisions per second, on one thread: over a file of recorded cases (policies compiled before), and for a
//! usual request (a user with three policies asks for a KMS key).
//!
//! `cargo run --release -p alcazar-policy --features cases --example decisions [FILE]`

#![expect(clippy::disallowed_methods, reason = "measures real time")]

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::time::{Duration, Instant};

use alcazar_policy::{
    Context, Layers, Policy, PolicyKind, Principal, Request, Resource, ResourceTrust, Values, cases, decide,
};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/iam-decisions.jsonl.gz");
const AT_LEAST: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| CASES.to_owned());
    let cases = cases::read(File::open(&path)?)?;
    let prepared: Vec<_> = cases.iter().map(|case| (case.request(), case.layers())).collect();
    report("recorded cases", prepared.len(), || {
        for (request, layers) in &prepared {
            black_box(decide(black_box(request), black_box(layers)));
        }
    });
    usual()
}

fn usual() -> Result<(), Box<dyn Error>> {
    let key = Policy::parse(PolicyKind::Resource, KEY_POLICY)?;
    let identity = [ADMIN_OF_BUCKET, USE_OF_KEY, MFA].map(|text| Policy::parse(PolicyKind::Identity, text));
    let [bucket, usage, mfa] = identity;
    let identity = [bucket?, usage?, mfa?];
    let context = Session;
    report("a usual request, layers put together each time", 1, || {
        let layers = Layers {
            resource: Resource {
                policies: [&key].into_iter().collect(),
                trust: ResourceTrust::KeyPolicy,
                ..Resource::default()
            },
            identity: identity.iter().collect(),
            ..Layers::default()
        };
        let principal = Principal::User { arn: "arn:aws:iam::111122223333:user/Alice" };
        let request = Request::new(principal, "kms:Decrypt", KEY, "111122223333").with(&context);
        black_box(decide(black_box(&request), black_box(&layers)));
    });
    Ok(())
}

fn report(what: &str, each: usize, mut round: impl FnMut()) {
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < AT_LEAST {
        for _ in 0..100 {
            round();
        }
        rounds += 100;
    }
    let seconds = start.elapsed().as_secs_f64();
    let decisions = (rounds * each) as f64;
    println!("{what}: {:.0} decisions/s, {:.0} ns each", decisions / seconds, seconds / decisions * 1e9);
}

/// Answers a key when asked, as the corridor does.
struct Session;

impl Context for Session {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "aws:username" => Some("Alice".into()),
            "aws:securetransport" | "aws:multifactorauthpresent" => Some(true.into()),
            "kms:encryptioncontext:app" => Some("billing".into()),
            _ => None,
        }
    }
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const KEY_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM","Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;
const ADMIN_OF_BUCKET: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",
    "Resource":["arn:aws:s3:::home-${aws:username}","arn:aws:s3:::home-${aws:username}/*"]}]}"#;
const USE_OF_KEY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":["kms:Encrypt","kms:Decrypt","kms:GenerateDataKey*"],"Resource":"arn:aws:kms:*:111122223333:key/*",
    "Condition":{"StringEquals":{"kms:EncryptionContext:app":["billing","${aws:username}"]}}}]}"#;
const MFA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:*","sts:*"],
    "Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;
