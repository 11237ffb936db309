//! GetFederationToken: credentials for somebody whom the caller knows and AWS does not, 12 hours unless asked; an hour at most for root.
//!
//! They can do what both the caller's policies and the session policies allow; without session policies, only what resource policies
//! grant the federated user by name. Source: STS API reference, `GetFederationToken`.

use alcazar_core::{AccountId, Arn, Common, NoKeys};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Principal, Refusal,
    SessionPrincipal, View,
};
use wire_sts as wire;
use wire_sts::shapes::FederatedUser;

use crate::model::{Narrowing, checked_tags, issue, session};

pub(crate) struct GetFederationToken;

const TWELVE_HOURS: i32 = 43_200;
const ONE_HOUR: i32 = 3_600;

impl Operation for GetFederationToken {
    type Shape = wire::GetFederationToken;
    type Target = Arn;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let arn = federated(view, view.account(), &input.name);
        let guard = || Guard::new(arn.clone(), view.account()).kind("AWS::STS::FederatedUser");
        let mut located =
            Located::new(arn.clone()).need(wire::actions::GET_FEDERATION_TOKEN, guard(), NoKeys);
        if let Some(tags) = &input.tags {
            located = located.need(wire::actions::TAG_SESSION, guard(), NoKeys);
            located = located.tagging(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
        }
        Ok(located)
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let asked = input.duration_seconds.unwrap_or(TWELVE_HOURS);
        let (user, seconds) = match call.caller().principal() {
            Principal::User(user) => (Some((user.name.clone(), user.id.clone())), asked),
            Principal::Root => (None, asked.min(ONE_HOUR)),
            _ => {
                let message = "Cannot call GetFederationToken with session credentials";
                return Err(Failure::common(Common::AccessDenied, message).into());
            }
        };
        let tags = checked_tags(input.tags.as_deref())?;
        let account = call.account();
        let (policy, arns) = (input.policy.as_deref(), input.policy_arns.as_deref());
        let narrowing = Narrowing::checked(call.view(), account, policy, arns, &tags).await?;
        let packed_policy_size = narrowing.packed_size;
        let mut session = session(&call, account, SessionPrincipal::Federated { user }, &input.name, seconds);
        session.tags = tags;
        narrowing.apply(&mut session);
        let federated_user = FederatedUser {
            federated_user_id: format!("{account}:{}", input.name),
            arn: call.target().to_string(),
        };
        let output = wire::GetFederationTokenResponse {
            credentials: Some(issue(&call, &session)?),
            federated_user: Some(federated_user),
            packed_policy_size,
            ..Default::default()
        };
        call.answer(output).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"Name": "bob"}"# }
    }
}

fn federated(view: &View, account: AccountId, name: &str) -> Arn {
    let partition = view.region().partition().name;
    Arn::new(partition, "sts", "", account.as_str(), &format!("federated-user/{name}"))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::{Credentials, World};

    #[tokio::test]
    async fn a_federated_user_of_root_is_known_by_its_name_and_does_nothing_without_a_policy() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("sts:GetFederationToken", r#"{"Name": "bob"}"#).await.ok();
        let bob = Credentials::of(&answer);
        let who = world.call_as(&bob, "sts:GetCallerIdentity", "{}").await.ok();
        assert_eq!(who.text("/Arn"), "arn:aws:sts::111122223333:federated-user/bob");
        assert_eq!(who.text("/UserId"), "111122223333:bob");
    }

    #[tokio::test]
    async fn a_policy_that_is_none_is_malformed() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer =
            world.call("sts:GetFederationToken", r#"{"Name": "bob", "Policy": "{\"Version\":1}"}"#).await;
        assert_eq!((answer.status, answer.text("/Code")), (400, "MalformedPolicyDocument".to_owned()));
    }
}
