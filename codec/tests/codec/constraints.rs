//! Broken constraints, in AWS's words.

use alcazar_codec::{check, validate};
use alcazar_core::Common;
use alcazar_core::schema::{Operation, Protocol};

use crate::fixture::{DO_EC2, DO_JSON, DO_QUERY, ENCRYPT, QUERY};
use crate::json_forms::read;

fn told(operation: &'static Operation, body: &str) -> String {
    let fields = read(Protocol::AwsJson11, operation, body.as_bytes()).unwrap();
    check(operation, &fields).unwrap_err().message().to_owned()
}

#[test]
fn all_violations_are_told_at_once() {
    assert_eq!(
        told(&ENCRYPT, r#"{"Plaintext":"aGk=","EncryptionAlgorithm":"x"}"#),
        "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; \
         Value 'x' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: \
         [SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, SM2PKE]"
    );
    assert_eq!(
        told(&DO_JSON, r#"{"Number":0}"#),
        "1 validation error detected: Value '0' at 'number' failed to satisfy constraint: \
         Member must have value greater than or equal to 1"
    );
    assert!(
        told(&DO_JSON, r#"{"Number":1001}"#).ends_with("Member must have value less than or equal to 1000")
    );
    let long = "k".repeat(2049);
    assert!(
        told(&ENCRYPT, &format!(r#"{{"Plaintext":"aGk=","KeyId":"{long}"}}"#))
            .ends_with("Member must have length less than or equal to 2048")
    );
}

#[test]
fn elements_are_named_by_their_path() {
    assert_eq!(
        told(&DO_JSON, r#"{"Tags":[{"TagKey":"ok","TagValue":""},{"TagKey":""}]}"#),
        "2 validation errors detected: Value '' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have \
         length greater than or equal to 1; Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must \
         not be null"
    );
    assert!(
        told(&DO_JSON, r#"{"Nested":{"Nested":{"Number":0}}}"#)
            .contains("Value '0' at 'nested.nested.number' failed")
    );
    assert_eq!(
        told(&DO_JSON, r#"{"Tokens":["a",""]}"#),
        "1 validation error detected: Value '[a, ]' at 'tokens' failed to satisfy constraint: Member must satisfy constraint: \
         [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1]"
    );
    assert_eq!(
        told(&DO_JSON, r#"{"Labels":{"a1":"SM2PKE"}}"#),
        "1 validation error detected: Value '{a1=SM2PKE}' at 'labels' failed to satisfy constraint: Map keys must satisfy \
         constraint: [Member must have length less than or equal to 8, Member must have length greater than or equal to 1, \
         Member must satisfy regular expression pattern: [a-zA-Z-]*]"
    );
    assert!(
        told(&DO_JSON, r#"{"Labels":{"a":"b"}}"#)
            .contains("Map value must satisfy constraint: [Member must satisfy enum value set")
    );
}

#[test]
fn a_union_has_exactly_one_member() {
    assert!(told(&DO_JSON, r#"{"Choice":{}}"#).ends_with(
        "Value at 'choice' failed to satisfy constraint: Member must have exactly one member set"
    ));
    assert!(told(&DO_JSON, r#"{"Choice":{"Left":"a","Right":1}}"#).contains("exactly one member"));
    let one = read(Protocol::AwsJson11, &DO_JSON, br#"{"Choice":{"Left":"a"}}"#).unwrap();
    assert!(check(&DO_JSON, &one).is_ok());
}

#[test]
fn secrets_are_not_echoed_and_messages_are_bounded() {
    assert_eq!(
        told(&ENCRYPT, r#"{"KeyId":"a","Plaintext":""}"#),
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than \
         or equal to 1"
    );
    let secrets = told(&DO_JSON, r#"{"Secret":"abc","Secrets":["xyz"]}"#);
    assert!(!secrets.contains("abc") && !secrets.contains("xyz"), "{secrets}");
    let tags = vec![r#"{"TagKey":"123456789","TagValue":""}"#; 5_000].join(",");
    let many = told(&DO_JSON, &format!(r#"{{"Tags":[{tags}],"Tokens":["{}"]}}"#, "t".repeat(100_000)));
    assert!(many.starts_with("10 validation errors detected: ") && many.len() < 10_000, "{}", many.len());
    let fields = read(Protocol::AwsJson11, &DO_JSON, format!(r#"{{"Tags":[{tags}]}}"#).as_bytes()).unwrap();
    assert!(validate(&fields, DO_JSON.input).len() <= 102);
}

#[test]
fn each_service_answers_in_its_own_code() {
    let fields = read(Protocol::AwsJson11, &DO_JSON, br#"{"Tags":[{"TagKey":"a"}]}"#).unwrap();
    let query = check(&DO_QUERY, &fields).unwrap_err();
    assert!(query.is(Common::Validation));
    assert_eq!(query.wire(&QUERY).code, "ValidationError");
    let ec2 = check(&DO_EC2, &fields).unwrap_err();
    assert!(ec2.is(Common::MissingParameter));
    assert_eq!(ec2.message(), "The request must contain the parameter Tags.1.member.tagValue");
}
