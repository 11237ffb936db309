//! What awsJson requests may look like, and what each wrong form is told.

use alcazar_codec::{Limits, Malformed, MalformedKind, RequestParts, read_input};
use alcazar_core::schema::{Operation, Protocol};
use alcazar_core::value::Fields;
use alcazar_core::{Common, Fault, Value};
use http::HeaderMap;

use crate::fixture::{DO_JSON, ENCRYPT, EVERYTHING};

pub(crate) fn read(
    protocol: Protocol,
    operation: &'static Operation,
    body: &[u8],
) -> Result<Fields, Malformed> {
    let headers = HeaderMap::new();
    let request = RequestParts { method: "POST", path: "/", query: "", headers: &headers, body, labels: &[] };
    read_input(protocol, operation, &request, &Limits::DEFAULT)
}

fn json(body: &str) -> Result<Fields, Malformed> {
    read(Protocol::AwsJson11, &DO_JSON, body.as_bytes())
}

fn member(body: &str, name: &str) -> Option<Value> {
    json(body)
        .unwrap_or_else(|error| panic!("{body}: {error:?}"))
        .get(EVERYTHING.index_of(name).unwrap())
        .cloned()
}

#[test]
fn numbers_come_in_all_forms() {
    assert_eq!(member(r#"{"Number":1.0}"#, "Number"), Some(Value::Integer(1)));
    assert_eq!(member(r#"{"Number":1e2}"#, "Number"), Some(Value::Integer(100)));
    assert_eq!(member(r#"{"Long":-9223372036854775808}"#, "Long"), Some(Value::Integer(i64::MIN)));
    assert_eq!(member(r#"{"Double":-0.5E+1}"#, "Double"), Some(Value::Float(-5.0)));
    assert_eq!(member(r#"{"Double":"-Infinity"}"#, "Double"), Some(Value::Float(f64::NEG_INFINITY)));
    for wrong in ["01", "1.", ".5", "+1", "1e", "-", "0x1", "NaN", "1_0"] {
        let read = json(&format!("{{\"Double\":{wrong}}}"));
        assert_eq!(read.unwrap_err().kind(), MalformedKind::Syntax, "{wrong}");
    }
}

#[test]
fn a_value_of_another_type_is_told_in_the_services_words() {
    let told = |body: &str| json(body).unwrap_err().message().to_owned();
    assert_eq!(told(r#"{"Number":"1"}"#), "STRING_VALUE can not be converted to an Integer");
    assert_eq!(told(r#"{"Number":2147483648}"#), "NUMBER_VALUE can not be converted to an Integer");
    assert_eq!(told(r#"{"Number":1.5}"#), "DECIMAL_VALUE can not be converted to an Integer");
    assert_eq!(told(r#"{"Text":1}"#), "NUMBER_VALUE can not be converted to a String");
    assert_eq!(told(r#"{"Text":true}"#), "TRUE_VALUE can not be converted to a String");
    assert_eq!(told(r#"{"Truth":"true"}"#), "STRING_VALUE can not be converted to a Boolean");
    assert_eq!(told(r#"{"Text":{}}"#), "Start of structure or map found where not expected.");
    assert_eq!(told(r#"{"Text":[]}"#), "Start of list found where not expected");
    assert_eq!(told(r#"{"Tags":"x"}"#), "Expected list or null");
    assert_eq!(told(r#"{"Labels":1}"#), "Expected map or null");
    assert_eq!(told(r#"{"Choice":1}"#), "Expected null");
    assert!(told(r#"{"Blob":"!!!!"}"#).ends_with("Invalid Base64 character"));
    assert!(told(r#"{"Blob":"abc"}"#).ends_with("a multiple of 4 bytes but found: 3"));
}

#[test]
fn a_broken_grammar_is_a_bare_serialization_exception() {
    let broken = [
        "{",
        "}",
        "{\"Tags\":[",
        "{}{}",
        "{} x",
        "{\"Text\"}",
        "{\"Text\":}",
        "{\"Text\":\"a\",}",
        "{,}",
        "{\"Text\" \"a\"}",
        "{\"Text\":\"a\" \"Long\":1}",
        "{'Text':'a'}",
        "{\"Text\":\"a\nb\"}",
        "{\"Text\":\"\\x\"}",
        "{\"Text\":\"\\ud800\"}",
        "{\"Truth\":tru}",
        "nul",
        "{\"Unknown\":[1,]}",
        "{\"Tags\":[null]}",
        "{\"Text\":\"a\",\"Text\":\"a\"}",
        "{\"Text\":null,\"Text\":\"a\"}",
        "{\"Unknown\":1,\"Unknown\":2}",
        "{\"Context\":{\"a\":\"1\",\"a\":\"1\"}}",
        "{\"Free\":{\"a\":1,\"a\":2}}",
        "\u{feff}{}",
    ];
    for body in broken {
        let error = json(body).expect_err(body);
        assert_eq!((error.kind(), error.message()), (MalformedKind::Syntax, ""), "{body}");
    }
    assert!(Fault::from(json("{").unwrap_err()).is(Common::Serialization));
    let not_utf8 = read(Protocol::AwsJson11, &DO_JSON, b"{\"Text\":\"\xff\"}").unwrap_err();
    assert_eq!(not_utf8.kind(), MalformedKind::Syntax);
}

#[test]
fn null_means_absent_and_unknown_members_are_ignored() {
    let fields =
        json(r#" { "Text" : null , "What" : [ { "a" : [ ] } , 1e5 , "\u0041" ] , "Truth" : false } "#)
            .unwrap();
    assert_eq!(fields.iter().count(), 1);
    assert!(
        json("").unwrap().is_empty() && json("  \n").unwrap().is_empty() && json("null").unwrap().is_empty()
    );
}

#[test]
fn a_kms_request_is_read_as_it_is_meant() {
    let body = r#"{"KeyId":"alias/a","Plaintext":"aGk=","EncryptionContext":{"k\u00e9y":"v\/1","b":""},"GrantTokens":[]}"#;
    let fields = read(Protocol::AwsJson11, &ENCRYPT, body.as_bytes()).unwrap();
    let context =
        vec![("kéy".to_owned(), Value::Text("v/1".into())), ("b".to_owned(), Value::Text(String::new()))];
    assert_eq!(fields.get(0), Some(&Value::Text("alias/a".into())));
    assert_eq!(fields.get(1), Some(&Value::Blob(b"hi".to_vec())));
    assert_eq!(fields.get(2), Some(&Value::Map(context)));
    assert_eq!(fields.get(3), Some(&Value::List(vec![])));
}
