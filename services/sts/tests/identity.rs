//! Who may sign where, and what a session is good for.

use alcazar_core::Region;
use alcazar_sts::SERVICE;
use alcazar_testkit::{Credentials, World};

#[tokio::test]
async fn an_account_is_unknown_in_another_partition() {
    let mut world = World::of(&[SERVICE]).await;
    world.region = Region::named("cn-north-1").unwrap();
    let answer = world.call("sts:GetCallerIdentity", "{}").await;
    assert_eq!((answer.status, answer.text("/Code")), (403, "InvalidClientTokenId".to_owned()));
    world.region = Region::named("eu-west-1").unwrap();
    let answer = world.call("sts:GetCallerIdentity", "{}").await.ok();
    assert_eq!(answer.text("/Arn"), "arn:aws:iam::111122223333:root");
}

#[tokio::test]
async fn a_federated_user_of_root_does_what_its_session_policy_allows_and_no_more() {
    let world = World::of(&[SERVICE, alcazar_cloudtrail::SERVICE, alcazar_admin::SERVICE]).await;
    let policy = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"cloudtrail:*\",\"Resource\":\"*\"}]}"#;
    let input = format!(r#"{{"Name": "bob", "Policy": "{policy}"}}"#);
    let bob = Credentials::of(&world.call("sts:GetFederationToken", &input).await.ok());
    let _ = world.call_as(&bob, "cloudtrail:LookupEvents", "{}").await.ok();
    let denied = world.call_as(&bob, "alcazar:GetClock", "{}").await;
    assert_eq!((denied.status, denied.text("/__type")), (400, "AccessDeniedException".to_owned()));
}
