//! UntagRole: removes tags from a role by their keys, whatever their case; keys that it does not have are passed over.
//! Source: IAM API reference, `UntagRole`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows, tags};

pub(crate) struct UntagRole;

impl Operation for UntagRole {
    type Shape = wire::UntagRole;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        Ok(Located::new(())
            .need(wire::actions::UNTAG_ROLE, found.guard(), NoKeys)
            .untagging(input.tag_keys.iter().cloned()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut role: Role = rows.entity(&input.role_name)?;
            for key in &input.tag_keys {
                tags::remove(&mut role.tags, key, tags::Keys::IgnoreCase);
            }
            Ok(rows.save(&role)?)
        })
        .await
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
                    "iam:TagRole",
                    r#"{"RoleName":"deploy","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
                    &[],
                ),
            ],
            input: r#"{"RoleName":"deploy","TagKeys":["TEAM","absent"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UntagRole;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UntagRole>().await, @r#"
        200
        <UntagRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UntagRoleResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UntagRole",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "roleName": "deploy",
            "tagKeys": [
              "TEAM",
              "absent"
            ]
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
        let told =
            refused(&world(&[]).await, "UntagRole", r#"{"RoleName":"nobody","TagKeys":["TEAM","absent"]}"#)
                .await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn keys_are_found_whatever_their_case() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("TagRole", r#"{"RoleName":"deploy","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#), ("UntagRole", r#"{"RoleName":"deploy","TagKeys":["TEAM","absent"]}"#)]).await;
        assert_eq!(texts(&world, "ListRoleTags", r#"{"RoleName":"deploy"}"#, "Key").await, ["Stage"]);
    }
}
