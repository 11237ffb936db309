//! GetCallerIdentity: the account, unique id and ARN of whoever signed the call.
//!
//! Nobody needs a permission for it, and no policy can deny it: the same is told anyway in every denial.
//! Source: STS API reference, `GetCallerIdentity`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_sts as wire;

pub(crate) struct GetCallerIdentity;

impl Operation for GetCallerIdentity {
    type Shape = wire::GetCallerIdentity;
    type Target = ();

    async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::open("the same information is told when access is denied", ()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let caller = call.caller();
        let identity = wire::GetCallerIdentityResponse {
            user_id: Some(caller.user_id()),
            account: Some(caller.account().to_string()),
            arn: Some(caller.arn().to_string()),
        };
        call.answer(identity).await
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_root_user_is_told_who_it_is_and_the_call_is_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("sts:GetCallerIdentity", "{}").await;
        insta::assert_snapshot!(world.told(&answer).await, @"");
    }
}
