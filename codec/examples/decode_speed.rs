//! What the codec costs a call: nanoseconds per read, validation and record of a KMS-like Encrypt (three members, an
//! encryption context of two, 1 KiB of plaintext) and per write of its answer.
//!
//! `cargo run --release -p alcazar-codec --example decode_speed`
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement, with fixed input")]

use std::hint::black_box;
use std::time::Instant;

use alcazar_codec::{Limits, RequestParts, Router, Target, check, read_input, record_json, write_output};
use alcazar_core::Value;
use alcazar_core::schema::{
    Kind, Member, Operation, OperationKind, Pattern, Protocol, Service, Shape, Structure,
};
use alcazar_core::sink::Untyped;
use alcazar_core::value::Fields;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

static STRING: Shape = Shape::new("String", Kind::String);
static KEY_ID: Shape = Shape::new("KeyIdType", Kind::String).min(1).max(2048);
static PLAINTEXT: Shape = Shape::new("PlaintextType", Kind::Blob).min(1).max(4096).sensitive();
static CIPHERTEXT: Shape = Shape::new("CiphertextType", Kind::Blob).min(1).max(6144);
static CONTEXT: Shape = Shape::new(
    "EncryptionContextType",
    Kind::Map(Member::new("key", &STRING), Member::new("value", &STRING)),
);
static ALGORITHM: Shape = Shape::new("EncryptionAlgorithmSpec", Kind::String).one_of(&[
    "SYMMETRIC_DEFAULT",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "SM2PKE",
]);
static TOKEN_PATTERN: Pattern = Pattern::new("[a-zA-Z0-9]+");
static TOKEN: Shape = Shape::new("GrantTokenType", Kind::String).min(1).max(8192).pattern(&TOKEN_PATTERN);
static TOKENS: Shape = Shape::new("GrantTokenList", Kind::List(Member::new("member", &TOKEN))).max(10);
static BOOLEAN: Shape = Shape::new("NullableBooleanType", Kind::Boolean);
static INPUT_MEMBERS: [Member; 6] = [
    Member::new("KeyId", &KEY_ID).required(),
    Member::new("Plaintext", &PLAINTEXT).required(),
    Member::new("EncryptionContext", &CONTEXT),
    Member::new("GrantTokens", &TOKENS),
    Member::new("EncryptionAlgorithm", &ALGORITHM),
    Member::new("DryRun", &BOOLEAN),
];
static INPUT: Structure = Structure::new("EncryptRequest", &INPUT_MEMBERS);
static OUTPUT_MEMBERS: [Member; 3] = [
    Member::new("CiphertextBlob", &CIPHERTEXT),
    Member::new("KeyId", &KEY_ID),
    Member::new("EncryptionAlgorithm", &ALGORITHM),
];
static OUTPUT: Structure = Structure::new("EncryptResponse", &OUTPUT_MEMBERS);
static KMS: Service = Service {
    id: "kms",
    service_id: "KMS",
    signing_name: "kms",
    endpoint_prefix: "kms",
    principal: "kms.amazonaws.com",
    api_version: "2014-11-01",
    target_prefix: "TrentService",
    protocols: &[Protocol::AwsJson11],
    query_compatible: false,
    xml_namespace: None,
    global: false,
};
static ENCRYPT: Operation = Operation {
    service: &KMS,
    name: "Encrypt",
    method: "POST",
    uri: "/",
    status: 200,
    input: &INPUT,
    output: &OUTPUT,
    result_wrapper: None,
    errors: &[],
    kind: OperationKind::Write,
    unsigned: false,
};

fn main() {
    let body = format!(
        r#"{{"KeyId": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "Plaintext": "{}", "EncryptionContext": {{"department": "10103.0", "purpose": "payroll"}}}}"#,
        STANDARD.encode([7; 1024])
    );
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-amz-json-1.1".parse().unwrap());
    headers.insert("x-amz-target", "TrentService.Encrypt".parse().unwrap());
    let request = RequestParts {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: body.as_bytes(),
        labels: &[],
    };
    let read = || read_input(Protocol::AwsJson11, &ENCRYPT, black_box(&request), &Limits::DEFAULT).unwrap();
    let fields = read();

    let mut answer = Fields::new();
    answer.put(0, Value::Blob(vec![9; 1024 + 132]));
    answer.put(1, fields.get(0).unwrap().clone());
    answer.put(2, Value::Text("SYMMETRIC_DEFAULT".to_owned()));
    let output = Untyped { schema: &OUTPUT, fields: &answer };
    let input = Untyped { schema: &INPUT, fields: &fields };
    let router = Router::new(&[Target { service: &KMS, operations: &[&ENCRYPT] }]);

    measure("route", || {
        black_box(router.route("127.0.0.1:4566", Some("kms"), black_box(&request)).unwrap());
    });
    measure("read", || {
        black_box(read());
    });
    measure("validate", || check(&ENCRYPT, black_box(&fields)).unwrap());
    measure("record", || {
        let mut out = Vec::with_capacity(512);
        record_json(black_box(&input), &mut out);
        black_box(out);
    });
    measure("write", || {
        black_box(write_output(
            Protocol::AwsJson11,
            &ENCRYPT,
            black_box(&output),
            "1f9a3f1c-0c5a-4b0f-9f3e-2f6b6f1f8f11",
        ));
    });
}

/// The best of many short rounds: other work on the machine only ever adds.
fn measure(name: &str, mut run: impl FnMut()) {
    const RUNS: u32 = 500;
    let best = (0..1_000).map(|_| {
        let began = Instant::now();
        (0..RUNS).for_each(|_| run());
        began.elapsed() / RUNS
    });
    println!("{name:9} {:6} ns", best.min().unwrap_or_default().as_nanos());
}
