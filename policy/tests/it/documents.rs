//! What is a policy and what is none: IAM user guide, "Grammar of the IAM JSON policy language".

use alcazar_policy::{Effect, Policy, PolicyErrorKind as Kind, PolicyKind, Version};

use crate::world::document;

const STATEMENT: &str = r#""Effect":"Allow","Action":"s3:*","Resource":"*""#;

#[track_caller]
fn fault(kind: PolicyKind, text: &str) -> (Kind, String, String) {
    match Policy::parse(kind, text) {
        Ok(policy) => panic!("accepted: {}", policy.text()),
        Err(error) => (error.kind(), error.message().to_owned(), error.path().to_owned()),
    }
}

#[track_caller]
fn refused(kind: PolicyKind, statement: &str, message: &str) {
    let (_, found, path) = fault(kind, &document(&format!("{{{statement}}}")));
    assert_eq!(found, message);
    assert!(path.starts_with("Statement[0]"), "{path}");
}

#[test]
fn the_whole_grammar_is_read() {
    let text = r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"a","Effect":"Deny",
        "NotPrincipal":{"AWS":["111122223333",444455556666,"arn:aws:iam::111122223333:user/A"],"Service":"s3.amazonaws.com",
        "Federated":"accounts.google.com","CanonicalUser":"79a5"},"NotAction":["s3:Get*"],"NotResource":"arn:aws:s3:::b",
        "Condition":{"StringLike":{"aws:username":["a",1,true]},"Null":{"a:b":true}}}}"#;
    let policy = Policy::parse(PolicyKind::Resource, text).unwrap();
    assert_eq!((policy.text(), policy.id(), policy.version()), (text, Some("x"), Version::V2012));
    let statement = policy.statements().first().unwrap();
    assert_eq!((statement.sid(), statement.effect()), (Some("a"), Effect::Deny));
    assert!(statement.is_not_action() && statement.is_not_resource());
    assert_eq!(statement.conditions().len(), 2);
    assert_eq!(policy.context_keys(), ["a:b", "aws:username"]);
}

#[test]
fn context_keys_include_variables_once() {
    let statement = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}","Condition":
        {"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:${aws:PrincipalTag/x}"},"StringEquals":{"AWS:UserName":"a"}}}"#;
    let policy = Policy::parse(PolicyKind::Identity, &document(statement)).unwrap();
    let keys: Vec<_> = policy.context_keys().iter().map(|key| key.to_ascii_lowercase()).collect();
    assert_eq!(keys, ["aws:principaltag/x", "aws:sourcearn", "aws:username"]);
}

#[test]
fn what_is_not_json_tells_its_place() {
    let error = Policy::parse(PolicyKind::Identity, "{\n \"Version\": }").unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::Json, "This policy contains invalid Json"));
    assert_eq!(error.position(), Some((2, 13)));
    for text in ["", "{", "[1,", "{}{}", "\u{feff}{}", "nul"] {
        assert_eq!(fault(PolicyKind::Identity, text).0, Kind::Json, "{text:?}");
    }
}

#[test]
fn duplicate_keys_are_refused_at_every_depth() {
    for text in [
        format!(r#"{{"Version":"2012-10-17","Version":"2012-10-17","Statement":[{{{STATEMENT}}}]}}"#),
        document(&format!(r#"{{{STATEMENT},"Effect":"Deny"}}"#)),
        document(&format!(r#"{{{STATEMENT},"Condition":{{"Bool":{{"a:b":"true","a:b":"false"}}}}}}"#)),
    ] {
        let (kind, message, _) = fault(PolicyKind::Identity, &text);
        assert_eq!((kind, &*message), (Kind::DuplicateKey, "Syntax errors in policy."));
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(fault(PolicyKind::Identity, &deep).0, Kind::Size);
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(fault(PolicyKind::Identity, &deep).0, Kind::Json);
    let long = document(&format!(r#"{{{STATEMENT}}}{}"#, " ".repeat(5120)));
    assert_eq!(fault(PolicyKind::Scp, &long).0, Kind::Size);
    let policy = Policy::parse(PolicyKind::Identity, &long).unwrap();
    assert_eq!(policy.size(), document(&format!("{{{STATEMENT}}}")).len());
}

#[test]
fn unknown_and_missing_elements_are_refused() {
    let identity = |text: &str| fault(PolicyKind::Identity, text);
    assert_eq!(identity(r#"{"Version":"2012-10-17"}"#).0, Kind::MissingElement);
    assert_eq!(identity(r#"{"Version":"2012-10-17","Statement":[]}"#).0, Kind::MissingElement);
    let (kind, _, path) = identity(r#"{"Version":"2012-10-17","Statments":[]}"#);
    assert_eq!((kind, &*path), (Kind::UnknownElement, "Statments"));
    let (kind, _, path) = identity(&document(&format!(r#"{{{STATEMENT},"Foo":1}}"#)));
    assert_eq!((kind, &*path), (Kind::UnknownElement, "Statement[0].Foo"));
    assert_eq!(identity(&document(r#"{"Action":"s3:*","Resource":"*"}"#)).0, Kind::MissingElement);
    assert_eq!(identity(&document(r#"{"Effect":"allow","Action":"s3:*","Resource":"*"}"#)).0, Kind::Value);
    let (_, message, path) =
        identity(&document(&format!(r#"{{{STATEMENT},"Condition":{{"StringSame":{{"a:b":"c"}}}}}}"#)));
    assert_eq!(
        (&*message, &*path),
        ("Invalid Condition type : StringSame.", "Statement[0].Condition.StringSame")
    );
    let (kind, ..) = identity(&document(&format!(r#"{{{STATEMENT},"NotAction":"s3:*"}}"#)));
    assert_eq!(kind, Kind::UnknownElement);
    assert_eq!(identity(r#"{"Version":"2020-01-01","Statement":[]}"#).0, Kind::Value);
}

#[test]
fn identity_policies_keep_iams_rules() {
    use PolicyKind::Identity;
    refused(Identity, r#""Effect":"Allow","Resource":"*""#, "Policy statement must contain actions.");
    refused(Identity, r#""Effect":"Allow","Action":"s3:*""#, "Policy statement must contain resources.");
    refused(
        Identity,
        r#""Effect":"Allow","Action":"s3:*","Resource":[]"#,
        "Policy statement must contain resources.",
    );
    let principal = r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*""#;
    refused(Identity, principal, "Policy document should not specify a principal.");
    let vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    refused(Identity, r#""Effect":"Allow","Action":"GetObject","Resource":"*""#, vendor);
    let resource = r#""Effect":"Allow","Action":"s3:*","Resource":"bucket""#;
    refused(Identity, resource, r#"Resource bucket must be in ARN format or "*"."#);
    let partition = r#""Effect":"Allow","Action":"s3:*","Resource":"arn:awn:s3:::b""#;
    refused(Identity, partition, r#"Partition "awn" is not valid for resource "arn:awn:s3:::b"."#);
    let sid = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
               [0-9A-Za-z]*";
    refused(Identity, &format!(r#"{STATEMENT},"Sid":"a b""#), sid);
    let twice = format!(r#"{{{STATEMENT},"Sid":"a"}},{{{STATEMENT},"Sid":"a"}}"#);
    let (_, message, _) = fault(Identity, &document(&twice));
    assert_eq!(message, "Statement IDs (SID) in a single policy must be unique.");
    let old = format!(r#"{{"Statement":[{{{STATEMENT}}}]}}"#);
    assert_eq!(fault(Identity, &old).1, "Policy document must be version 2012-10-17 or greater.");
    assert_eq!(Policy::parse_stored(Identity, &old).unwrap().version(), Version::V2008);
}

#[test]
fn resource_policies_must_name_a_principal() {
    refused(PolicyKind::Resource, STATEMENT, "Missing required field Principal");
    assert!(Policy::parse_stored(PolicyKind::Resource, &document(&format!("{{{STATEMENT}}}"))).is_err());
    for principal in [r#""111""#, r#"{"AWS":"Alice"}"#, r#"{"Group":"x"}"#, "1", "[]", r#"{"AWS":["*",{}]}"#]
    {
        let text = document(&format!(r#"{{{STATEMENT},"Principal":{principal}}}"#));
        assert!(Policy::parse(PolicyKind::Resource, &text).is_err(), "{principal}");
    }
    // A statement of a queue or topic need not repeat what it is attached to; sids may be sentences.
    let text = document(r#"{"Sid":"of the owner","Effect":"Allow","Principal":"*","Action":"SQS:*"}"#);
    assert!(Policy::parse(PolicyKind::Resource, &text).is_ok());
}

#[test]
fn trust_policies_speak_of_sts_and_not_of_resources() {
    let trust = r#""Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#;
    assert!(Policy::parse(PolicyKind::Trust, &document(&format!("{{{trust}}}"))).is_ok());
    refused(PolicyKind::Trust, &format!(r#"{trust},"Resource":"*""#), "Has prohibited field Resource");
    let other = trust.replace("sts:AssumeRole", "s3:GetObject");
    refused(PolicyKind::Trust, &other, "AssumeRole policy may only specify STS AssumeRole actions.");
    let nobody = r#""Effect":"Allow","Action":"sts:AssumeRole""#;
    refused(PolicyKind::Trust, nobody, "Missing required field Principal");
}

#[test]
fn organization_policies_keep_their_syntax() {
    assert!(Policy::parse(PolicyKind::Scp, &document(&format!("{{{STATEMENT}}}"))).is_ok());
    let principal = format!(r#"{STATEMENT},"Principal":"*""#);
    refused(PolicyKind::Scp, &principal, "Policy document should not specify a principal.");
    let rcp = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#;
    assert!(Policy::parse(PolicyKind::Rcp, &document(&format!("{{{rcp}}}"))).is_ok());
    let words = "The provided policy document does not meet the requirements of the specified policy type.";
    for (from, to) in [
        (r#""Deny""#, r#""Allow""#),
        (r#""*","Action""#, r#"{"AWS":"111122223333"},"Action""#),
        (r#""Principal""#, r#""NotPrincipal""#),
        (r#""Action""#, r#""NotAction""#),
        ("s3:*", "*"),
    ] {
        refused(PolicyKind::Rcp, &rcp.replace(from, to), words);
    }
    // `RCPFullAWSAccess` allows; it is not a customer's.
    let full = document(&format!("{{{}}}", rcp.replace("Deny", "Allow").replace("s3:*", "*")));
    assert!(Policy::parse_stored(PolicyKind::Rcp, &full).is_ok());
}
