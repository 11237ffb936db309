//! The order of a decision: IAM user guide, "Policy evaluation logic".

use alcazar_policy::{
    Effect, Grant, Layer, Layers, PolicyKind, Principal, Reach, Request, Resource, ResourceTrust, Verdict,
    decide,
};

use crate::world::*;

#[test]
fn nothing_is_allowed_by_default() {
    World::of(ALICE).silent(Layer::Identity);
    World::of(SESSION).silent(Layer::Identity);
    World::of(LAMBDA).silent(Layer::ResourcePolicy);
    World::of(Principal::Anonymous).silent(Layer::ResourcePolicy);
}

#[test]
fn in_one_account_either_side_suffices() {
    World::of(ALICE).identity(ALLOW_ALL).allowed_by(Layer::Identity);
    World::of(ALICE)
        .resource(aws("Allow", "arn:aws:iam::111111111111:user/Alice"))
        .allowed_by(Layer::ResourcePolicy);
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let stranger = || World::of(ALICE).owned_by(OTHER);
    let named = aws("Allow", "arn:aws:iam::111111111111:user/Alice");
    stranger().identity(ALLOW_ALL).silent(Layer::ResourcePolicy);
    stranger().resource(&*named).silent(Layer::Identity);
    stranger().resource(&*named).identity(ALLOW_ALL).allowed_by(Layer::Identity);
    stranger().resource(aws("Allow", OWN)).identity(ALLOW_ALL).allowed_by(Layer::Identity);
    stranger().resource(&*named).identity(ALLOW_ALL).boundary(ALLOW_EC2).silent(Layer::Boundary);
    let session = World::of(SESSION).owned_by(OTHER).identity(ALLOW_ALL).session(ALLOW_EC2);
    session.resource(aws("Allow", "arn:aws:sts::111111111111:assumed-role/App/s1")).silent(Layer::Session);
}

#[test]
fn an_explicit_deny_wins_in_every_layer() {
    let open = || World::of(ALICE).identity(ALLOW_ALL).resource(names("Allow", r#""*""#));
    let deny = names("Deny", r#""*""#);
    open().identity(DENY_ALL).denied_by(Layer::Identity);
    open().resource(&*deny).denied_by(Layer::ResourcePolicy);
    open().boundary(DENY_ALL).denied_by(Layer::Boundary);
    open().session(DENY_ALL).denied_by(Layer::Session);
    open().endpoint(&*deny).denied_by(Layer::VpcEndpoint);
    open().scp(&[ALLOW_ALL, DENY_ALL]).denied_by(Layer::ServiceControl);
    open().rcp(&[&deny]).denied_by(Layer::ResourceControl);
    open().rcp(&[&deny]).identity(DENY_ALL).denied_by(Layer::ResourceControl);
}

#[test]
fn a_user_named_by_the_resource_is_not_limited_by_its_boundary() {
    let named = aws("Allow", "arn:aws:iam::111111111111:user/Alice");
    World::of(ALICE).resource(named).boundary(ALLOW_EC2).allowed_by(Layer::ResourcePolicy);
}

#[test]
fn a_session_named_by_the_resource_is_not_limited() {
    let named = aws("Allow", "arn:aws:sts::111111111111:assumed-role/App/s1");
    World::of(SESSION)
        .resource(named)
        .boundary(ALLOW_EC2)
        .session(ALLOW_EC2)
        .allowed_by(Layer::ResourcePolicy);
}

#[test]
fn a_role_named_by_the_resource_is_limited_by_boundary_and_session_policy() {
    let named = || World::of(SESSION).resource(aws("Allow", "arn:aws:iam::111111111111:role/team/App"));
    named().allowed_by(Layer::ResourcePolicy);
    named().boundary(ALLOW_EC2).silent(Layer::Boundary);
    named().session(ALLOW_EC2).silent(Layer::Session);
    named().session(ALLOW_ALL).boundary(ALLOW_ALL).allowed_by(Layer::ResourcePolicy);
}

#[test]
fn a_federated_user_is_limited_only_where_the_user_behind_it_is_named() {
    let bob = || World::of(BOB).session(ALLOW_EC2);
    bob()
        .resource(aws("Allow", "arn:aws:sts::111111111111:federated-user/Bob"))
        .allowed_by(Layer::ResourcePolicy);
    bob().resource(aws("Allow", "arn:aws:iam::111111111111:user/Alice")).silent(Layer::Session);
}

#[test]
fn an_account_named_by_the_resource_only_delegates() {
    World::of(ALICE).resource(aws("Allow", OWN)).silent(Layer::Identity);
    World::of(ALICE).resource(aws("Allow", "arn:aws:iam::111111111111:root")).silent(Layer::Identity);
    World::of(ALICE).resource(aws("Deny", OWN)).identity(ALLOW_ALL).denied_by(Layer::ResourcePolicy);
}

#[test]
fn everybody_includes_the_boundary_bound_but_not_what_a_session_policy_leaves_out() {
    let everybody = |who| World::of(who).resource(names("Allow", r#"{"AWS":"*"}"#));
    everybody(ALICE).boundary(ALLOW_EC2).allowed_by(Layer::ResourcePolicy);
    everybody(SESSION).session(ALLOW_EC2).silent(Layer::Session);
    everybody(Principal::Anonymous).allowed_by(Layer::ResourcePolicy);
    everybody(ALICE).owned_by(OTHER).silent(Layer::Identity);
}

#[test]
fn everybody_narrowed_by_principal_arn_is_not_limited() {
    let statement = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":
        {"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/team/App"}}}"#;
    let world = World::of(SESSION).resource(statement).boundary(ALLOW_EC2).session(ALLOW_EC2);
    world
        .clone()
        .key("aws:PrincipalArn", "arn:aws:iam::111111111111:role/team/App")
        .allowed_by(Layer::ResourcePolicy);
    world.key("aws:PrincipalArn", "arn:aws:iam::111111111111:role/Other").silent(Layer::Identity);
}

#[test]
fn identity_boundary_and_session_policy_must_all_allow() {
    let world = || World::of(SESSION).identity(ALLOW_ALL);
    world().boundary(ALLOW_ALL).session(ALLOW_ALL).allowed_by(Layer::Identity);
    world().boundary(ALLOW_EC2).silent(Layer::Boundary);
    world().session(ALLOW_EC2).silent(Layer::Session);
    World::of(SESSION).boundary(ALLOW_ALL).session(ALLOW_ALL).silent(Layer::Identity);
}

#[test]
fn the_root_user_needs_no_identity_policy_but_is_bound_by_the_rest() {
    World::of(ROOT).allowed_by(Layer::RootUser);
    World::of(ROOT).scp(&[ALLOW_EC2]).silent(Layer::ServiceControl);
    World::of(ROOT).rcp(&[&names("Deny", r#""*""#)]).denied_by(Layer::ResourceControl);
    World::of(ROOT).resource(aws("Deny", "arn:aws:iam::111111111111:root")).denied_by(Layer::ResourcePolicy);
    World::of(ROOT)
        .trust(ResourceTrust::KeyPolicy)
        .resource(aws("Allow", OTHER))
        .silent(Layer::ResourcePolicy);
    World::of(ROOT)
        .trust(ResourceTrust::KeyPolicy)
        .resource(aws("Allow", OWN))
        .allowed_by(Layer::ResourcePolicy);
    World::of(ROOT).owned_by(OTHER).silent(Layer::ResourcePolicy);
    World::of(ROOT).owned_by(OTHER).resource(aws("Allow", OWN)).allowed_by(Layer::RootUser);
}

#[test]
fn scps_must_allow_at_every_level() {
    let world = || World::of(ALICE).identity(ALLOW_ALL);
    world().scp(&[ALLOW_ALL]).scp(&[ALLOW_ALL, ALLOW_EC2]).allowed_by(Layer::Identity);
    world().scp(&[ALLOW_ALL]).scp(&[ALLOW_EC2]).silent(Layer::ServiceControl);
    world().scp(&[ALLOW_ALL]).scp(&[]).silent(Layer::ServiceControl);
}

#[test]
fn scps_do_not_bind_the_management_account_services_or_linked_roles() {
    let mut management = World::of(ALICE).identity(ALLOW_ALL).scp(&[DENY_ALL]);
    management.management = true;
    management.allowed_by(Layer::Identity);
    World::of(LINKED).identity(ALLOW_ALL).scp(&[DENY_ALL]).allowed_by(Layer::Identity);
    let service = names("Allow", r#"{"Service":"lambda.amazonaws.com"}"#);
    World::of(LAMBDA).resource(service).scp(&[DENY_ALL]).allowed_by(Layer::ResourcePolicy);
}

#[test]
fn rcps_only_deny_and_spare_linked_roles() {
    let deny = names("Deny", r#""*""#);
    World::of(ALICE).identity(ALLOW_ALL).rcp(&[]).allowed_by(Layer::Identity);
    World::of(LINKED).identity(ALLOW_ALL).rcp(&[&deny]).allowed_by(Layer::Identity);
    let service = names("Allow", r#"{"Service":"lambda.amazonaws.com"}"#);
    World::of(LAMBDA).resource(service).rcp(&[&deny]).denied_by(Layer::ResourceControl);
    let mut management = World::of(ALICE).identity(ALLOW_ALL).rcp(&[&deny]);
    management.management = true;
    management.allowed_by(Layer::Identity);
}

#[test]
fn an_endpoint_policy_must_allow_everybody_who_comes_through() {
    let only_bob = aws("Allow", "arn:aws:sts::111111111111:federated-user/Bob");
    World::of(ALICE).identity(ALLOW_ALL).endpoint(only_bob).silent(Layer::VpcEndpoint);
    let open = names("Allow", r#""*""#);
    World::of(ALICE).identity(ALLOW_ALL).endpoint(&*open).allowed_by(Layer::Identity);
    World::of(ALICE).endpoint(open).silent(Layer::Identity);
}

#[test]
fn a_key_policy_trusts_nobody_by_default() {
    let key = |who| World::of(who).trust(ResourceTrust::KeyPolicy);
    key(ALICE).identity(ALLOW_ALL).silent(Layer::ResourcePolicy);
    key(ALICE).identity(ALLOW_ALL).resource(aws("Allow", OTHER)).silent(Layer::ResourcePolicy);
    key(ALICE).identity(ALLOW_ALL).resource(aws("Allow", OWN)).allowed_by(Layer::Identity);
    key(ALICE).resource(aws("Allow", OWN)).silent(Layer::Identity);
    key(ALICE)
        .resource(aws("Allow", "arn:aws:iam::111111111111:user/Alice"))
        .allowed_by(Layer::ResourcePolicy);
    key(SESSION)
        .resource(aws("Allow", "arn:aws:iam::111111111111:role/team/App"))
        .allowed_by(Layer::ResourcePolicy);
}

#[test]
fn a_trust_policy_says_who_may_assume_the_role() {
    let statement = |principal: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#)
    };
    let role = |who| {
        let mut world = World::of(who).trust(ResourceTrust::RoleTrust);
        (world.action, world.resource) = ("sts:AssumeRole", "arn:aws:iam::111111111111:role/Target");
        world
    };
    role(ALICE).identity(ALLOW_ALL).silent(Layer::RoleTrust);
    let alice = statement(r#"{"AWS":"arn:aws:iam::111111111111:user/Alice"}"#);
    role(ALICE).resource(alice).allowed_by(Layer::RoleTrust);
    let account = statement(r#"{"AWS":"111111111111"}"#);
    role(ALICE).resource(&*account).silent(Layer::Identity);
    role(ALICE).resource(&*account).identity(ALLOW_ALL).allowed_by(Layer::Identity);
    role(ROOT).resource(account).silent(Layer::RoleTrust);
    role(LAMBDA).resource(statement(r#"{"Service":"lambda.amazonaws.com"}"#)).allowed_by(Layer::RoleTrust);
    let google = Principal::WebIdentity { provider: "accounts.google.com" };
    role(google).resource(statement(r#"{"Federated":"accounts.google.com"}"#)).allowed_by(Layer::RoleTrust);
    role(google).resource(statement(r#"{"Federated":"www.amazon.com"}"#)).silent(Layer::RoleTrust);
    let saml = Principal::Saml { provider: "arn:aws:iam::111111111111:saml-provider/corp" };
    let corp = statement(r#"{"Federated":"arn:aws:iam::111111111111:saml-provider/corp"}"#);
    role(saml).resource(corp).allowed_by(Layer::RoleTrust);
}

#[test]
fn not_principal_names_the_exceptions() {
    let but = |principal: &str| {
        format!(r#"{{"Effect":"Deny","NotPrincipal":{principal},"Action":"*","Resource":"*"}}"#)
    };
    let alice = r#"{"AWS":["arn:aws:iam::111111111111:user/Alice","arn:aws:iam::111111111111:root"]}"#;
    World::of(ALICE).identity(ALLOW_ALL).resource(but(alice)).allowed_by(Layer::Identity);
    World::of(LAMBDA).resource(but(alice)).denied_by(Layer::ResourcePolicy);
    World::of(ALICE)
        .identity(ALLOW_ALL)
        .resource(but(r#"{"AWS":"222222222222"}"#))
        .denied_by(Layer::ResourcePolicy);
    World::of(ALICE).identity(ALLOW_ALL).resource(but(r#""*""#)).allowed_by(Layer::Identity);
}

#[test]
fn restricting_public_buckets_shuts_out_other_accounts_and_strangers() {
    let world = |who, owner| {
        let mut world = World::of(who).owned_by(owner).identity(ALLOW_ALL).resource(names("Allow", r#""*""#));
        world.restrict_public = true;
        world
    };
    world(ALICE, OTHER).silent(Layer::ResourcePolicy);
    world(Principal::Anonymous, OWN).silent(Layer::ResourcePolicy);
    world(LAMBDA, OTHER).allowed_by(Layer::ResourcePolicy);
    world(ALICE, OWN).allowed_by(Layer::ResourcePolicy);
    world(ALICE, OTHER).resource(aws("Allow", OWN)).allowed_by(Layer::Identity);
}

#[test]
fn a_grant_counts_as_a_statement_of_the_resource() {
    let identity = policy(PolicyKind::Identity, ALLOW_ALL);
    let grant = |effect, reach| Layers {
        resource: Resource {
            grants: [Grant { effect, reach, id: "g-1" }].into_iter().collect(),
            trust: ResourceTrust::KeyPolicy,
            ..Resource::default()
        },
        ..Layers::default()
    };
    let request = Request::new(ALICE, "kms:Decrypt", "arn:aws:kms:us-east-1:111111111111:key/1", OWN);
    let layers = grant(Effect::Allow, Reach::Direct);
    let decision = decide(&request, &layers);
    assert_eq!((decision.verdict, decision.layer), (Verdict::Allowed, Layer::Grant));
    assert_eq!(decision.deciding().next().and_then(|m| m.sid), Some("g-1"));
    let layers = grant(Effect::Deny, Reach::Direct);
    assert_eq!(decide(&request, &layers).verdict, Verdict::ExplicitlyDenied);
    let mut layers = grant(Effect::Allow, Reach::Direct);
    let across = Request { resource_account: OTHER, ..request };
    assert_eq!(decide(&across, &layers).layer, Layer::Identity);
    layers.identity.push(&identity);
    assert!(decide(&across, &layers).is_allowed());
}

#[test]
fn a_unique_id_in_a_policy_names_who_had_it() {
    let policy = policy(PolicyKind::Resource, &aws("Allow", "AIDACKCEVSQ6C2EXAMPLE"));
    let mut layers = Layers::default();
    layers.resource.policies.push(&policy);
    let request = Request::new(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", OWN);
    assert!(!decide(&request, &layers).is_allowed());
    let again = Request { unique_id: "AIDACKCEVSQ6C2EXAMPLE", ..request };
    assert!(decide(&again, &layers).is_allowed());
}

#[test]
fn the_decision_names_its_statements_and_the_missing_keys() {
    let statement = r#"{"Sid":"NeedMfa","Effect":"Deny","Action":"s3:*","Resource":"*",
        "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;
    let world = World::of(ALICE).identity(ALLOW_EC2).identity(&format!("{ALLOW_ALL},{statement}"));
    world.decide(|decision, _| {
        assert_eq!(decision.layer, Layer::Identity);
        let deciding: Vec<_> = decision.deciding().map(|m| (m.policy, m.statement, m.sid)).collect();
        assert_eq!(deciding, [(1, 1, Some("NeedMfa"))]);
        assert_eq!(decision.matched.len(), 2);
        assert_eq!(decision.missing.as_slice(), ["aws:MultiFactorAuthPresent"]);
    });
    world.key("aws:MultiFactorAuthPresent", "true").decide(|decision, _| {
        assert!(decision.is_allowed() && decision.missing.is_empty());
        assert_eq!(decision.deciding().map(|m| (m.policy, m.statement)).collect::<Vec<_>>(), [(1, 0)]);
    });
}

#[test]
fn an_unresolved_variable_voids_its_statement_and_is_told() {
    for effect in ["Allow", "Deny"] {
        for element in ["Resource", "NotResource"] {
            let statement = format!(
                r#"{{"Effect":"{effect}","Action":"*","{element}":"arn:aws:s3:::x/${{aws:PrincipalTag/Team}}/*"}}"#
            );
            World::of(ALICE).identity(&statement).decide(|decision, _| {
                assert!(decision.matched.is_empty());
                assert_eq!(decision.missing.as_slice(), ["aws:principaltag/team"]);
            });
        }
    }
}

#[test]
fn actions_ignore_case_and_not_action_negates() {
    let world =
        |action: &str| World::of(ALICE).identity(&format!(r#"{{"Effect":"Allow",{action},"Resource":"*"}}"#));
    world(r#""Action":"S3:getOBJECT""#).allowed_by(Layer::Identity);
    world(r#""Action":["ec2:*","s3:Get?bject"]"#).allowed_by(Layer::Identity);
    world(r#""Action":"s3:*Acl""#).silent(Layer::Identity);
    world(r#""NotAction":"iam:*""#).allowed_by(Layer::Identity);
    world(r#""NotAction":["iam:*","s3:*"]"#).silent(Layer::Identity);
}

#[test]
fn bucket_and_object_are_different_resources() {
    let world = |resource: &str| {
        World::of(ALICE)
            .identity(&format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":{resource}}}"#))
    };
    world(r#""arn:aws:s3:::bucket""#).silent(Layer::Identity);
    world(r#""arn:aws:s3:::bucket/*""#).allowed_by(Layer::Identity);
    world(r#"["arn:aws:s3:::other","arn:aws:s3:::bucket/k?y"]"#).allowed_by(Layer::Identity);
}
