//! UpdateRoleDescription: describes a role anew, and tells it. UpdateRole does the same and more.
//! Source: IAM API reference, `UpdateRoleDescription`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;

use crate::model::{Found, Rows, shapes};
use wire_iam as wire;

pub(crate) struct UpdateRoleDescription;

impl Operation for UpdateRoleDescription {
    type Shape = wire::UpdateRoleDescription;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::UpdateRoleDescriptionKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::UPDATE_ROLE_DESCRIPTION, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut role = rows.role(&input.role_name)?;
            role.description = Some(input.description.clone());
            rows.save(&role)?;
            let told =
                wire::shapes::Role { description: role.description.clone(), ..shapes::new_role(&role) };
            Ok(wire::UpdateRoleDescriptionResponse { role: Some(told) })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "iam:CreateRole",
                r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
                &[],
            )],
            input: r#"{"RoleName":"deploy","Description":"Deploys"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UpdateRoleDescription;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UpdateRoleDescription>().await, @"");
    }

    #[tokio::test]
    async fn a_role_that_is_missing_is_told_to_an_administrator() {
        let told =
            refused(&world(&[]).await, "UpdateRoleDescription", r#"{"RoleName":"nobody","Description":""}"#)
                .await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }
}
