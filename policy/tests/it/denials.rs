//! The text of a denial: IAM user guide, "Troubleshoot access denied error messages".

use alcazar_policy::{Layers, PolicyKind, Principal, Request, ResourceTrust, decide};

use crate::world::*;

fn text(world: &World) -> String {
    world.decide(|decision, request| decision.denial(request).map(|denial| denial.to_string()).unwrap())
}

#[track_caller]
fn ends(world: &World, reason: &str) {
    let user = "User: arn:aws:iam::111111111111:user/Alice is not authorized to perform: s3:GetObject on resource: \
                arn:aws:s3:::bucket/key";
    assert_eq!(text(world), format!("{user} {reason}"));
}

#[test]
fn a_silent_layer_is_named() {
    let world = || World::of(ALICE).identity(ALLOW_ALL);
    let no = |kind: &str| format!("because no {kind} allows the s3:GetObject action");
    ends(&World::of(ALICE), &no("identity-based policy"));
    ends(&world().owned_by(OTHER), &no("resource-based policy"));
    ends(&world().boundary(ALLOW_EC2), &no("permissions boundary"));
    ends(&world().session(ALLOW_EC2), &no("session policy"));
    ends(&world().scp(&[]), &no("service control policy"));
    ends(&world().endpoint(names("Allow", r#"{"AWS":"222222222222"}"#)), &no("VPC endpoint policy"));
    ends(&world().trust(ResourceTrust::RoleTrust), &no("role trust policy"));
}

#[test]
fn an_explicit_deny_is_named() {
    let world = || World::of(ALICE).identity(ALLOW_ALL);
    let deny = names("Deny", r#""*""#);
    ends(&world().identity(DENY_ALL), "with an explicit deny in an identity-based policy");
    ends(&world().resource(&*deny), "with an explicit deny in a resource-based policy");
    ends(&world().boundary(DENY_ALL), "with an explicit deny in a permissions boundary");
    ends(&world().session(DENY_ALL), "with an explicit deny in a session policy");
    ends(&world().scp(&[DENY_ALL]), "with an explicit deny in a service control policy");
    ends(&world().rcp(&[&deny]), "with an explicit deny in a resource control policy");
    ends(&world().endpoint(&*deny), "with an explicit deny in a VPC endpoint policy");
    let trust = r#"{"Effect":"Deny","Principal":"*","Action":"*"}"#;
    ends(
        &world().trust(ResourceTrust::RoleTrust).resource(trust),
        "with an explicit deny in the role trust policy",
    );
}

#[test]
fn the_denying_policy_is_named_by_its_arn() {
    let arn = "arn:aws:iam::111111111111:policy/NoS3";
    let policy = policy(PolicyKind::Identity, DENY_ALL).with_arn(arn);
    let mut layers = Layers::default();
    layers.identity.push(&policy);
    let request = Request::new(ALICE, "s3:GetObject", "", OWN);
    let decision = decide(&request, &layers);
    let denial = decision.denial(&request).unwrap();
    let start = "User: arn:aws:iam::111111111111:user/Alice is not authorized to perform: s3:GetObject";
    assert_eq!(
        denial.to_string(),
        format!("{start} with an explicit deny in an identity-based policy: {arn}")
    );
    let bare = format!("{start} with an explicit deny in an identity-based policy");
    assert_eq!(denial.without_policy_arn().to_string(), bare);
    assert_eq!(denial.without_reason().to_string(), start);
}

#[test]
fn a_session_is_named_by_its_own_arn_and_what_is_allowed_has_no_denial() {
    assert!(
        text(&World::of(SESSION)).starts_with("User: arn:aws:sts::111111111111:assumed-role/App/s1 is not")
    );
    assert!(text(&World::of(Principal::Anonymous)).starts_with("User: anonymous is not"));
    assert!(World::of(ROOT).decide(|decision, request| decision.denial(request).is_none()));
}
