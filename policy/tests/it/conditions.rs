//! Conditions: IAM user guide, "IAM JSON policy elements: Condition operators".

use alcazar_policy::{Layer, Verdict};

use crate::world::*;

/// Does a statement with this condition match, under these keys? (`a|b` is a key of several values.)
#[track_caller]
fn holds(condition: &str, keys: &[(&str, &str)]) -> bool {
    let statement =
        format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#);
    let mut world = World::of(ALICE).identity(&statement);
    for (key, value) in keys {
        world = match value.split_once('|') {
            None => world.key(key, value),
            Some(_) => world.keys(key, &value.split('|').filter(|v| !v.is_empty()).collect::<Vec<_>>()),
        };
    }
    let verdict = world.verdict();
    assert!(matches!(verdict, (Verdict::Allowed | Verdict::ImplicitlyDenied, Layer::Identity)));
    verdict.0 == Verdict::Allowed
}

#[test]
fn every_operator_in_its_positive_and_negated_form() {
    let cases = [
        ("String", "Equals", "red", "red", "Red"),
        ("String", "EqualsIgnoreCase", "red", "RED", "reds"),
        ("String", "Like", "r?d*", "redder", "Red"),
        ("Numeric", "Equals", "10", "10.0", "11"),
        ("Date", "Equals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-02"),
        ("Arn", "Equals", "arn:aws:sns:*:1:t*", "arn:aws:sns:r:1:topic", "arn:aws:sns:r:2:topic"),
        ("Arn", "Like", "arn:aws:sns:*:1:t*", "arn:aws:sns:r:1:topic", "arn:aws:sns:r:2:topic"),
    ];
    for (family, operator, value, hit, miss) in cases {
        let positive = format!(r#""{family}{operator}":{{"a:k":"{value}"}}"#);
        let negated = format!(r#""{family}Not{operator}":{{"a:k":"{value}"}}"#);
        assert!(holds(&positive, &[("a:k", hit)]) && !holds(&positive, &[("a:k", miss)]), "{positive}");
        assert!(!holds(&negated, &[("a:k", hit)]) && holds(&negated, &[("a:k", miss)]), "{negated}");
        // A missing key: "the values do not match"; a negated operator is then true; IfExists always is.
        assert!(!holds(&positive, &[]) && holds(&negated, &[]), "{positive}");
        for operator in [format!("{family}{operator}"), format!("{family}Not{operator}")] {
            assert!(holds(&format!(r#""{operator}IfExists":{{"a:k":"{value}"}}"#), &[]), "{operator}");
        }
    }
    assert!(holds(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, &[("aws:SourceIp", "203.0.113.9")]));
    assert!(!holds(
        r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
        &[("aws:SourceIp", "203.0.113.9")]
    ));
    assert!(holds(r#""BinaryEquals":{"a:k":"QUJD"}"#, &[("a:k", "QUJD")]));
    assert!(!holds(r#""BinaryEquals":{"a:k":"QUJD"}"#, &[("a:k", "QUJE")]));
}

#[test]
fn numbers_and_dates_are_ordered() {
    for (operator, below, at, above) in [
        ("LessThan", true, false, false),
        ("LessThanEquals", true, true, false),
        ("GreaterThan", false, false, true),
        ("GreaterThanEquals", false, true, true),
    ] {
        let number = format!(r#""Numeric{operator}":{{"a:k":"10"}}"#);
        let date = format!(r#""Date{operator}":{{"a:k":"2026-01-01T00:00:00Z"}}"#);
        let hits =
            |condition: &str, values: [&str; 3]| values.map(|value| holds(condition, &[("a:k", value)]));
        assert_eq!(hits(&number, ["9.9", "10", "1e2"]), [below, at, above], "{number}");
        let dates = ["2025-12-31T23:59:59Z", "1767225600", "2026-01-01T00:00:00.001Z"];
        assert_eq!(hits(&date, dates), [below, at, above], "{date}");
    }
}

#[test]
fn booleans_ignore_case_and_may_be_bare() {
    assert!(holds(r#""Bool":{"aws:SecureTransport":true}"#, &[("aws:SecureTransport", "true")]));
    assert!(holds(r#""Bool":{"aws:SecureTransport":"TRUE"}"#, &[("aws:SecureTransport", "True")]));
    assert!(!holds(r#""Bool":{"aws:SecureTransport":"yes"}"#, &[("aws:SecureTransport", "yes")]));
    assert!(holds(r#""NumericEquals":{"a:k":10}"#, &[("a:k", "10")]));
}

#[test]
fn key_names_ignore_case() {
    assert!(holds(r#""StringEquals":{"AWS:PrincipalTAG/Team":"x"}"#, &[("aws:principaltag/TEAM", "x")]));
}

#[test]
fn null_asks_for_presence() {
    assert!(holds(r#""Null":{"a:k":"true"}"#, &[]) && !holds(r#""Null":{"a:k":"true"}"#, &[("a:k", "x")]));
    assert!(!holds(r#""Null":{"a:k":"false"}"#, &[]) && holds(r#""Null":{"a:k":"false"}"#, &[("a:k", "x")]));
    // "to check if the context key exists and its value is not null": a set without members is null.
    assert!(!holds(r#""Null":{"a:k":"false"}"#, &[("a:k", "|")]));
}

#[test]
fn several_values_are_or_and_several_keys_are_and() {
    assert!(holds(r#""StringEquals":{"a:k":["x","y"]}"#, &[("a:k", "y")]));
    assert!(!holds(r#""StringNotEquals":{"a:k":["x","y"]}"#, &[("a:k", "y")]));
    assert!(!holds(r#""StringEquals":{"a:k":"x","a:l":"x"}"#, &[("a:k", "x")]));
    assert!(!holds(r#""StringEquals":{"a:k":"x"},"Bool":{"a:b":"true"}"#, &[("a:k", "x"), ("a:b", "false")]));
}

#[test]
fn for_all_values_wants_every_value_and_is_true_of_none() {
    let all = r#""ForAllValues:StringLike":{"aws:TagKeys":["key*","x"]}"#;
    assert!(holds(all, &[("aws:TagKeys", "key1|x")]));
    assert!(!holds(all, &[("aws:TagKeys", "key1|y")]));
    assert!(holds(all, &[]) && holds(all, &[("aws:TagKeys", "|")]));
    let none_of = r#""ForAllValues:StringNotLike":{"aws:TagKeys":"key1*"}"#;
    // The table of the AWS page "Multivalued context key examples".
    assert!(!holds(none_of, &[("aws:TagKeys", "key1:legal|")]));
    assert!(!holds(none_of, &[("aws:TagKeys", "key1:hr|key1:personnel")]));
    assert!(holds(none_of, &[("aws:TagKeys", "key2:audit|")]) && holds(none_of, &[]));
}

#[test]
fn for_any_value_wants_one_and_is_false_of_none() {
    let any = r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}"#;
    assert!(holds(any, &[("aws:TagKeys", "z|b")]) && !holds(any, &[("aws:TagKeys", "z|")]));
    assert!(!holds(any, &[]) && !holds(any, &[("aws:TagKeys", "|")]));
    let other = r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}"#;
    assert!(holds(other, &[("aws:TagKeys", "a|z")]) && !holds(other, &[("aws:TagKeys", "a|b")]));
    assert!(!holds(other, &[]));
}

#[test]
fn addresses_of_both_families_are_told_apart() {
    // The example of the S3 user guide: both families in both operators.
    let condition = r#""IpAddress":{"aws:SourceIp":["54.240.143.0/24","2001:DB8:1234:5678::/64"]},
        "NotIpAddress":{"aws:SourceIp":["54.240.143.128/30","2001:DB8:1234:5678:ABCD::/80"]}"#;
    for (address, expected) in [
        ("54.240.143.1", true),
        ("2001:DB8:1234:5678::1", true),
        ("2001:DB8:1234:5678::/64", false),
        ("54.240.143.129", false),
        ("2001:DB8:1234:5678:ABCD::1", false),
    ] {
        assert_eq!(holds(condition, &[("aws:SourceIp", address)]), expected, "{address}");
    }
}

#[test]
fn nothing_compares_with_what_cannot_be_read() {
    for (operator, bad, good, other) in [
        ("NumericEquals", "abc", "1", "2"),
        ("DateEquals", "notadate", "2026-01-01", "2026-01-02"),
        ("IpAddress", "bad/33", "10.0.0.1", "10.0.0.2"),
        ("ArnEquals", "notanarn", "arn:aws:s3:::a", "arn:aws:s3:::b"),
    ] {
        let negated = match operator {
            "IpAddress" => "NotIpAddress".to_owned(),
            _ => operator.replace("Equals", "NotEquals"),
        };
        assert!(!holds(&format!(r#""{operator}":{{"a:k":"{bad}"}}"#), &[("a:k", good)]));
        assert!(!holds(&format!(r#""{negated}":{{"a:k":"{bad}"}}"#), &[("a:k", good)]));
        assert!(!holds(&format!(r#""{negated}":{{"a:k":"{good}"}}"#), &[("a:k", bad)]));
        // In a list, the readable values still match.
        assert!(holds(&format!(r#""{operator}":{{"a:k":["{bad}","{good}"]}}"#), &[("a:k", good)]));
        assert!(!holds(&format!(r#""{negated}":{{"a:k":["{bad}","{good}"]}}"#), &[("a:k", other)]));
    }
}

#[test]
fn variables_stand_in_string_and_arn_values() {
    let keys = [("aws:username", "Alice"), ("s3:prefix", "home/Alice/x")];
    assert!(holds(r#""StringLike":{"s3:prefix":"home/${aws:username}/*"}"#, &keys));
    assert!(!holds(r#""StringEquals":{"s3:prefix":"home/${aws:username}/*"}"#, &keys));
    let arn = [("aws:username", "Alice"), ("aws:SourceArn", "arn:aws:sns:r:1:Alice-topic")];
    assert!(holds(r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:${aws:username}-*"}"#, &arn));
    assert!(holds(
        r#""StringEqualsIgnoreCase":{"a:k":"x-${aws:username}"}"#,
        &[("a:k", "X-ALICE"), ("aws:username", "alice")]
    ));
    // An unresolved one voids the statement, unless another value matches.
    assert!(!holds(r#""StringNotEquals":{"a:k":"${a:none}"}"#, &[("a:k", "x")]));
    assert!(holds(r#""StringEquals":{"a:k":["${a:none}","x"]}"#, &[("a:k", "x")]));
    // A key of several values is no string.
    assert!(!holds(r#""StringEquals":{"a:k":"${aws:TagKeys}"}"#, &[("a:k", "x"), ("aws:TagKeys", "x|")]));
}
