//! UpdateRole: changes how long sessions of a role may last and how it is described. What is not given stays.
//! Source: IAM API reference, `UpdateRole`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct UpdateRole;

impl Operation for UpdateRole {
    type Shape = wire::UpdateRole;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::UpdateRoleKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::UPDATE_ROLE, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut role = rows.role(&input.role_name)?;
            if let Some(duration) = input.max_session_duration {
                role.max_session_duration = duration;
            }
            if input.description.is_some() {
                role.description.clone_from(&input.description);
            }
            rows.save(&role)?;
            Ok(wire::UpdateRoleResponse {})
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
            input: r#"{"RoleName":"deploy","Description":"Deploys","MaxSessionDuration":7200}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UpdateRole;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UpdateRole>().await, @r#"
        200
        <UpdateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <UpdateRoleResult>
        </UpdateRoleResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UpdateRoleResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UpdateRole",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "description": "Deploys",
            "maxSessionDuration": 7200,
            "roleName": "deploy"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:role/deploy",
              "accountId": "111122223333",
              "type": "AWS::IAM::Role"
            }
          ],
          "responseElements": null,
          "sourceIPAddress": "203.0.113.7",
          "userAgent": "test",
          "userIdentity": {
            "accessKeyId": "AKIAROOTROOTROOTROOT",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root",
            "principalId": "111122223333",
            "type": "Root"
          }
        }
        "#);
    }

    #[tokio::test]
    async fn a_role_that_is_missing_is_told_to_an_administrator() {
        let told = refused(&world(&[]).await, "UpdateRole", r#"{"RoleName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn what_is_not_given_stays() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("UpdateRole", r#"{"RoleName":"deploy","Description":"Deploys","MaxSessionDuration":7200}"#), ("UpdateRole", r#"{"RoleName":"deploy"}"#)]).await;
        let role = r#"{"RoleName":"deploy"}"#;
        assert_eq!(texts(&world, "GetRole", role, "Description").await, ["Deploys"]);
        assert_eq!(texts(&world, "GetRole", role, "MaxSessionDuration").await, ["7200"]);
    }

    #[tokio::test]
    async fn a_session_lasts_at_least_an_hour_and_at_most_twelve() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        for duration in [3599, 43_201] {
            let input = format!(r#"{{"RoleName":"deploy","MaxSessionDuration":{duration}}}"#);
            let told = refused(&world, "UpdateRole", &input).await;
            assert!(told.starts_with("400 ValidationError: 1 validation error detected: "), "{told}");
        }
    }
}
