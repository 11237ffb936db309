//! GetRolePolicy: an inline policy of a role, its document percent-encoded.
//! Source: IAM API reference, `GetRolePolicy`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;

use crate::model::{Found, inline_document};
use wire_iam as wire;

pub(crate) struct GetRolePolicy;

impl Operation for GetRolePolicy {
    type Shape = wire::GetRolePolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        Ok(Located::new(()).need(wire::actions::GET_ROLE_POLICY, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let (role_name, policy_document) =
            inline_document::<Role, _>(&call, &input.role_name, &input.policy_name).await?;
        let policy_name = input.policy_name.clone();
        call.answer(wire::GetRolePolicyResponse { role_name, policy_name, policy_document }).await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "iam:CreateRole",
                    r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:PutRolePolicy",
                    r#"{"RoleName":"deploy","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"RoleName":"deploy","PolicyName":"read"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GetRolePolicy;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetRolePolicy>().await, @"");
    }

    #[tokio::test]
    async fn a_role_that_is_missing_is_told_to_an_administrator() {
        let told =
            refused(&world(&[]).await, "GetRolePolicy", r#"{"RoleName":"nobody","PolicyName":"read"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_told() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let told = refused(&world, "GetRolePolicy", r#"{"RoleName":"deploy","PolicyName":"read"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role policy with name read cannot be found.");
    }
}
