//! What must hold for any bytes: no reader panics, and what is too much is refused quickly.
#![expect(clippy::disallowed_methods, reason = "how long a refusal takes is what is tested")]

use std::time::{Duration, Instant};

use alcazar_codec::{Limits, MalformedKind, RequestParts, read_input, validate, write_output};
use alcazar_core::schema::{Operation, Protocol};
use alcazar_core::sink::Untyped;
use alcazar_core::value::Fields;
use alcazar_core::{Common, Document, Timestamp, Value};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::fixture::{DO_EC2, DO_JSON, DO_QUERY, DO_REST, DO_XML, EVERYTHING, GET_OBJECT};
use crate::json_forms::read;
use crate::values;

const READERS: [(Protocol, &Operation); 6] = [
    (Protocol::AwsJson11, &DO_JSON),
    (Protocol::AwsQuery, &DO_QUERY),
    (Protocol::Ec2Query, &DO_EC2),
    (Protocol::RestJson, &DO_REST),
    (Protocol::RestXml, &DO_XML),
    (Protocol::RpcV2Cbor, &DO_JSON),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_panics_on_any_bytes(body in vec(any::<u8>(), 0..200), query in ".{0,40}", path in "/.{0,40}") {
        let mut headers = HeaderMap::new();
        headers.insert("x-anything", HeaderValue::from_bytes(b"\xff,\"").unwrap());
        let request = RequestParts { method: "POST", path: &path, query: &query, headers: &headers, body: &body, labels: &[] };
        for (protocol, operation) in READERS {
            if let Ok(fields) = read_input(protocol, operation, &request, &Limits::DEFAULT) {
                let _ = validate(&fields, operation.input);
            }
        }
        let _ = read_input(Protocol::RestXml, &GET_OBJECT, &request, &Limits::DEFAULT);
    }

    #[test]
    fn no_reader_panics_on_bytes_that_look_right(parts in vec(prop::sample::select(FRAGMENTS.to_vec()), 0..30)) {
        let body = parts.concat();
        for (protocol, operation) in READERS {
            if let Ok(fields) = read(protocol, operation, body.as_bytes()) {
                let _ = validate(&fields, operation.input);
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back(fields in everything(2)) {
        let output = Untyped { schema: &EVERYTHING, fields: &fields };
        for (protocol, operation) in [(Protocol::AwsJson11, &DO_JSON), (Protocol::RestXml, &DO_XML)] {
            if protocol == Protocol::RestXml && !can_be_xml(&fields) {
                continue;
            }
            let written = write_output(protocol, operation, &output, "id");
            let read = read(protocol, operation, written.body()).unwrap();
            prop_assert!(values::same(&read, &fields), "{protocol:?} {}\n{read:?}\n{fields:?}", String::from_utf8_lossy(written.body()));
        }
    }

    #[test]
    fn what_is_written_in_cbor_is_read_back(fields in everything(2)) {
        let mut fields = fields;
        let _ = fields.take::<Option<Document>>(EVERYTHING.index_of("Free").unwrap());
        drop_documents(&mut fields);
        let output = Untyped { schema: &EVERYTHING, fields: &fields };
        let written = write_output(Protocol::RpcV2Cbor, &DO_JSON, &output, "id");
        let read = read(Protocol::RpcV2Cbor, &DO_JSON, written.body()).unwrap();
        prop_assert!(values::same(&read, &fields), "{read:?}\n{fields:?}");
    }
}

/// Pieces of all grammars.
const FRAGMENTS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"Text\"",
    "\"Tags\"",
    "\"Nested\"",
    "null",
    "true",
    "1e9",
    "-0",
    "\"\\ud83d",
    "\\ude39\"",
    "<Do>",
    "</Do>",
    "<Tags>",
    "</Tags>",
    "<member>",
    "</member>",
    "<Text a='",
    "'/>",
    "&amp;",
    "&#x41;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<!DOCTYPE",
    "Tags.member.1.TagKey=a",
    "&",
    "Labels.entry.2.key=b",
    "&Labels.entry.2.value=c",
    "=",
    "%",
    "%41",
    "&Tags.1.TagKey=z",
    ".",
    "\u{0}",
];

/// Documents have no form in CBOR requests, and XML none for them at all.
fn drop_documents(fields: &mut Fields) {
    let nested = EVERYTHING.index_of("Nested").unwrap();
    if let Ok(Some(Inner(mut inner))) = fields.take::<Option<Inner>>(nested) {
        let _ = inner.take::<Option<Document>>(EVERYTHING.index_of("Free").unwrap());
        drop_documents(&mut inner);
        fields.put(nested, Value::Structure(inner));
    }
}

struct Inner(Fields);

impl alcazar_core::FromValue for Inner {
    fn from_value(value: Value) -> Result<Self, alcazar_core::value::Mismatch> {
        match value {
            Value::Structure(fields) => Ok(Self(fields)),
            _ => Err(alcazar_core::value::Mismatch),
        }
    }
}

/// XML cannot say documents, nor control characters.
fn can_be_xml(fields: &Fields) -> bool {
    fields.iter().all(|(_, value)| match value {
        Value::Document(_) => false,
        Value::Text(text) => plain(text),
        Value::Structure(inner) => can_be_xml(inner),
        Value::List(items) => items.iter().all(|item| match item {
            Value::Text(text) => plain(text),
            Value::Structure(inner) => can_be_xml(inner),
            _ => true,
        }),
        Value::Map(entries) => {
            entries.iter().all(|(key, value)| plain(key) && matches!(value, Value::Text(text) if plain(text)))
        }
        _ => true,
    })
}

fn plain(text: &str) -> bool {
    !text
        .chars()
        .any(|c| (c < ' ' && !matches!(c, '\n' | '\t' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

fn everything(depth: u32) -> BoxedStrategy<Fields> {
    let text = || any::<String>().prop_map(Value::Text);
    let tag = (any::<String>(), any::<String>()).prop_map(|(key, value)| {
        let mut tag = Fields::new();
        tag.put(0, Value::Text(key));
        tag.put(1, Value::Text(value));
        Value::Structure(tag)
    });
    let map = || btree_map(any::<String>(), any::<String>(), 0..12);
    let map =
        || map().prop_map(|map| Value::Map(map.into_iter().map(|(k, v)| (k, Value::Text(v))).collect()));
    let nested = match depth {
        0 => Just(None).boxed(),
        _ => prop::option::of(everything(depth - 1).prop_map(Value::Structure)).boxed(),
    };
    let members: Vec<(&str, BoxedStrategy<Option<Value>>)> = vec![
        ("Text", prop::option::of(text()).boxed()),
        ("Number", prop::option::of(any::<i32>().prop_map(|n| Value::Integer(n.into()))).boxed()),
        ("Long", prop::option::of(any::<i64>().prop_map(Value::Integer)).boxed()),
        ("Double", prop::option::of(any::<f64>().prop_map(Value::Float)).boxed()),
        ("Truth", prop::option::of(any::<bool>().prop_map(Value::Boolean)).boxed()),
        (
            "Date",
            prop::option::of(
                (-60_000_000_000_000_i64..200_000_000_000_000)
                    .prop_map(|ms| Value::Timestamp(Timestamp::from_millis(ms))),
            )
            .boxed(),
        ),
        ("Free", prop::option::of(documents().prop_map(Value::Document)).boxed()),
        ("Blob", prop::option::of(vec(any::<u8>(), 0..50).prop_map(Value::Blob)).boxed()),
        ("Tags", prop::option::of(vec(tag, 0..4).prop_map(Value::List)).boxed()),
        ("Labels", prop::option::of(map()).boxed()),
        ("Nested", nested),
        ("Tokens", prop::option::of(vec(text(), 0..4).prop_map(Value::List)).boxed()),
        ("Context", prop::option::of(map()).boxed()),
    ];
    let (names, strategies): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    strategies
        .prop_map(move |values| {
            let mut fields = Fields::new();
            for (name, value) in names.iter().zip(values) {
                if let Some(value) = value {
                    fields.put(EVERYTHING.index_of(name).unwrap(), value);
                }
            }
            fields
        })
        .boxed()
}

fn documents() -> impl Strategy<Value = Document> {
    let leaf = prop_oneof![
        Just(Document::Null),
        any::<bool>().prop_map(Document::Boolean),
        any::<i64>().prop_map(Document::Integer),
        (-1e9..1e9_f64)
            .prop_filter("whole numbers read as integers", |f| f.fract() != 0.0)
            .prop_map(Document::Float),
        any::<String>().prop_map(Document::Text),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Document::List),
            btree_map(any::<String>(), inner, 0..4).prop_map(Document::Map),
        ]
    })
}

/// Refused, and within a time that leaves room for a busy machine and none for work in the size of the bomb's promise.
fn refused_quickly(protocol: Protocol, operation: &'static Operation, body: &[u8]) {
    let began = Instant::now();
    let read = read(protocol, operation, body);
    assert!(read.is_err(), "{protocol:?} read a bomb");
    assert!(began.elapsed() < Duration::from_secs(2), "{protocol:?} took {:?}", began.elapsed());
}

#[test]
fn bombs_of_depth_are_refused() {
    let deep = |open: &str| open.repeat((1 << 20) / open.len());
    refused_quickly(Protocol::AwsJson11, &DO_JSON, deep("[").as_bytes());
    refused_quickly(Protocol::AwsJson11, &DO_JSON, deep("{\"a\":").as_bytes());
    refused_quickly(Protocol::AwsJson11, &DO_JSON, deep("{\"Nested\":").as_bytes());
    refused_quickly(
        Protocol::AwsJson11,
        &DO_JSON,
        format!("{{\"Free\":{}", deep("[").split_at(1000).0).as_bytes(),
    );
    refused_quickly(Protocol::RestXml, &DO_XML, deep("<Nested>").as_bytes());
    refused_quickly(Protocol::RpcV2Cbor, &DO_JSON, &vec![0x9f; 1 << 20]);
    refused_quickly(Protocol::RpcV2Cbor, &DO_JSON, &vec![0xc1; 1 << 20]);
    refused_quickly(Protocol::RpcV2Cbor, &DO_JSON, &vec![0xc2; 1 << 20]);
    refused_quickly(Protocol::AwsQuery, &DO_QUERY, format!("{}Text=a", "Nested.".repeat(100_000)).as_bytes());
}

#[test]
fn promised_lengths_allocate_nothing() {
    for head in [0x9b, 0xbb, 0x5b, 0x7b] {
        refused_quickly(
            Protocol::RpcV2Cbor,
            &DO_JSON,
            &[head, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        );
    }
    let fields =
        read(Protocol::AwsQuery, &DO_QUERY, b"Tokens.member.1000000000=a&Tokens.member.2=b").unwrap();
    let tokens = fields.get(EVERYTHING.index_of("Tokens").unwrap());
    assert_eq!(tokens, Some(&Value::List(vec![Value::Text("b".into()), Value::Text("a".into())])));
}

#[test]
fn bombs_of_width_are_refused() {
    refused_quickly(
        Protocol::AwsJson11,
        &DO_JSON,
        format!("{{\"a\":[{}1]}}", "1,".repeat(400_000)).as_bytes(),
    );
    refused_quickly(Protocol::AwsQuery, &DO_QUERY, "a=&".repeat(300_000).as_bytes());
    refused_quickly(Protocol::RestXml, &DO_XML, format!("<Do>{}</Do>", "<a/>".repeat(200_000)).as_bytes());
    refused_quickly(Protocol::RpcV2Cbor, &DO_JSON, &[&[0x9f][..], &vec![0; 500_000]].concat());
    refused_quickly(Protocol::AwsJson11, &DO_JSON, &vec![b' '; (1 << 20) + 1]);
}

#[test]
fn many_keys_cost_no_more_than_sorting_them() {
    let entries: Vec<String> = (0..60_000).map(|at| format!("\"k{at}\":\"\"")).collect();
    let began = Instant::now();
    read(Protocol::AwsJson11, &DO_JSON, format!("{{\"Context\":{{{}}}}}", entries.join(",")).as_bytes())
        .unwrap();
    read(Protocol::AwsJson11, &DO_JSON, format!("{{{}}}", entries.join(",")).as_bytes()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn too_deep_is_the_callers_syntax_and_too_long_is_too_large() {
    let deep = read(Protocol::AwsJson11, &DO_JSON, "{\"Nested\":".repeat(200).as_bytes()).unwrap_err();
    assert!(alcazar_core::Fault::from(deep).is(Common::Serialization));
    let long = read(Protocol::AwsJson11, &DO_JSON, &vec![b' '; (1 << 20) + 1]).unwrap_err();
    assert!(alcazar_core::Fault::from(long).is(Common::RequestTooLarge));
}

#[test]
fn a_thousand_headers_are_refused() {
    let name = |at: usize| HeaderName::from_bytes(format!("x-{at}").as_bytes()).unwrap();
    let headers: HeaderMap = (0..1000).map(|at| (name(at), HeaderValue::from_static("1"))).collect();
    let request =
        RequestParts { method: "POST", path: "/", query: "", headers: &headers, body: b"{}", labels: &[] };
    let error = read_input(Protocol::AwsJson11, &DO_JSON, &request, &Limits::DEFAULT).unwrap_err();
    assert_eq!(error.kind(), MalformedKind::TooLarge);
}
