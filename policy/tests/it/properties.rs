//! What holds of all policies.

use alcazar_policy::{Pattern, Policy, PolicyKind, Principal, Verdict};
use proptest::prelude::*;
use proptest::sample::select;

use crate::world::*;

const KINDS: [PolicyKind; 8] = [
    PolicyKind::Identity,
    PolicyKind::Resource,
    PolicyKind::Trust,
    PolicyKind::Scp,
    PolicyKind::Rcp,
    PolicyKind::Session,
    PolicyKind::Boundary,
    PolicyKind::VpcEndpoint,
];

fn body() -> impl Strategy<Value = String> {
    let action = select(vec![
        r#""Action":"*""#,
        r#""Action":["s3:Get*","kms:*"]"#,
        r#""Action":"s3:putobject""#,
        r#""NotAction":"s3:*""#,
    ]);
    let resource = select(vec![
        r#""Resource":"*""#,
        r#""Resource":"arn:aws:s3:::bucket/${aws:username}""#,
        r#""Resource":["arn:aws:s3:::bucket/k*","arn:aws:s3:::x"]"#,
        r#""NotResource":"arn:aws:s3:::bucket/*""#,
        r#""NotResource":"arn:aws:s3:::bucket/${a:none}""#,
    ]);
    let condition = select(vec![
        "",
        r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#","Condition":{"StringNotEqualsIfExists":{"aws:username":["key","${a:none}"]}}"#,
        r#","Condition":{"ForAllValues:StringLike":{"aws:TagKeys":"a*"}}"#,
        r#","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"},"Null":{"a:none":"true"}}"#,
    ]);
    (action, resource, condition).prop_map(|(a, r, c)| format!("{a},{r}{c}"))
}

fn effect() -> impl Strategy<Value = &'static str> {
    select(vec!["Allow", "Allow", "Allow", "Deny"])
}

fn statement() -> impl Strategy<Value = String> {
    (effect(), body()).prop_map(|(effect, body)| format!(r#"{{"Effect":"{effect}",{body}}}"#))
}

fn resource_statement() -> impl Strategy<Value = String> {
    let principal = select(vec![
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"111111111111"}"#,
        r#""Principal":{"AWS":["arn:aws:iam::111111111111:user/Alice","arn:aws:iam::111111111111:role/team/App"]}"#,
        r#""Principal":{"AWS":"arn:aws:sts::111111111111:assumed-role/App/s1","Service":"lambda.amazonaws.com"}"#,
        r#""NotPrincipal":{"AWS":"222222222222"}"#,
    ]);
    (effect(), principal, body()).prop_map(|(e, p, b)| format!(r#"{{"Effect":"{e}",{p},{b}}}"#))
}

fn list(of: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(of, 1..4)
}

fn maybe(of: impl Strategy<Value = String>) -> impl Strategy<Value = Option<String>> {
    prop::option::of(list(of).prop_map(|statements| statements.join(",")))
}

fn world() -> impl Strategy<Value = World> {
    let who = select(vec![ALICE, ROOT, SESSION, LINKED, BOB, LAMBDA, Principal::Anonymous]);
    let place = (select(vec![OWN, OTHER]), select(vec!["s3:GetObject", "S3:PutObject", "kms:Decrypt"]), who);
    let keys =
        (any::<bool>(), prop::option::of(select(vec!["key", "x*"])), select(vec!["10.1.2.3", "2001:db8::1"]));
    let policies = (
        prop::collection::vec(list(statement()).prop_map(|s| s.join(",")), 0..3),
        maybe(resource_statement()),
        maybe(statement()),
        maybe(statement()),
        prop::collection::vec(list(statement()), 0..2),
    );
    (place, keys, policies).prop_map(|((owner, action, who), (tls, name, ip), policies)| {
        let mut world = World::of(who).owned_by(owner).key("aws:SourceIp", ip).keys("aws:TagKeys", &["ab"]);
        world = world.key("aws:SecureTransport", if tls { "true" } else { "false" });
        if let Some(name) = name {
            world = world.key("aws:username", name);
        }
        world.action = action;
        (world.identity, world.resource_policy, world.boundary, world.session, world.scps) = policies;
        world
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn an_explicit_deny_always_wins(mut world in world()) {
        world.identity.push(DENY_ALL.to_owned());
        prop_assert_eq!(world.verdict().0, Verdict::ExplicitlyDenied);
    }

    #[test]
    fn an_allow_more_never_takes_away(world in world(), body in body()) {
        let before = world.verdict().0;
        let after = world.identity(&format!(r#"{{"Effect":"Allow",{body}}}"#)).verdict().0;
        prop_assert!(before != Verdict::Allowed || after == Verdict::Allowed);
        prop_assert_eq!(before == Verdict::ExplicitlyDenied, after == Verdict::ExplicitlyDenied);
    }

    #[test]
    fn a_limit_more_never_gives(world in world(), limit in statement()) {
        let before = world.verdict().0;
        for limited in [world.clone().boundary(&limit), world.clone().session(&limit), world.clone().scp(&[&limit])] {
            // Only where there was no such limit: a second one would replace the first.
            let fresh = (limited.boundary.is_some() != world.boundary.is_some())
                || (limited.session.is_some() != world.session.is_some())
                || limited.scps.len() != world.scps.len();
            if fresh && before != Verdict::Allowed {
                prop_assert_ne!(limited.verdict().0, Verdict::Allowed);
            }
        }
    }

    #[test]
    fn the_order_of_statements_does_not_matter(
        mut world in world(),
        statements in list(statement()),
        resource in list(resource_statement()),
    ) {
        world.identity = vec![statements.join(",")];
        world.resource_policy = Some(resource.join(","));
        let before = world.verdict();
        let turned = |list: &[String]| list.iter().rev().cloned().collect::<Vec<_>>().join(",");
        world.identity = vec![turned(&statements)];
        world.resource_policy = Some(turned(&resource));
        prop_assert_eq!(before, world.verdict());
    }

    #[test]
    fn one_policy_of_two_statements_is_two_policies(mut world in world(), a in statement(), b in statement()) {
        world.identity = vec![format!("{a},{b}")];
        let together = world.verdict();
        world.identity = vec![a, b];
        prop_assert_eq!(together, world.verdict());
    }

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        for kind in KINDS {
            let _ = Policy::parse(kind, &text);
        }
    }

    #[test]
    fn reading_what_is_nearly_a_policy_never_panics(
        text in list(resource_statement()).prop_map(|s| document(&s.join(","))),
        cut in 0_usize..400,
        put in "[\"{}\\[\\]:,*$0-9a-z\\\\]{0,4}",
    ) {
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (before, after) = text.split_at(cut);
        let after = after.get(1..).unwrap_or_default();
        for kind in KINDS {
            let _ = Policy::parse(kind, &format!("{before}{put}{after}"));
        }
    }

    #[test]
    fn a_pattern_matches_as_the_plain_definition_says(pattern in "[ab*?é]{0,8}", text in "[abé]{0,8}") {
        let plain: Vec<char> = pattern.chars().collect();
        let chars: Vec<char> = text.chars().collect();
        prop_assert_eq!(Pattern::new(&pattern).matches(&text), definition(&plain, &chars));
    }
}

/// Slow and obvious.
fn definition(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, rest) => rest.is_none(),
        (Some(('*', pattern)), _) => (0..=text.len()).any(|at| definition(pattern, &text[at..])),
        (Some(('?', pattern)), Some((_, text))) => definition(pattern, text),
        (Some((want, pattern)), Some((have, text))) => want == have && definition(pattern, text),
        (Some(_), None) => false,
    }
}
