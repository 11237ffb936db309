//! TagRole: adds tags to a role, or replaces those of the same keys; at most fifty. Case does not tell keys apart.
//! Source: IAM API reference, `TagRole`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows, tags};

pub(crate) struct TagRole;

impl Operation for TagRole {
    type Shape = wire::TagRole;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        Ok(Located::new(())
            .need(wire::actions::TAG_ROLE, found.guard(), NoKeys)
            .tagging(tags::pairs(Some(&input.tags))))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut role: Role = rows.entity(&input.role_name)?;
            tags::put::<Self::Shape>(&mut role.tags, &input.tags, tags::Keys::IgnoreCase)?;
            Ok(rows.save(&role)?)
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
            input: r#"{"RoleName":"deploy","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TagRole;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<TagRole>().await, @r#"
        200
        <TagRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </TagRoleResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "TagRole",
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
            "tags": [
              {
                "key": "Team",
                "value": "blue"
              },
              {
                "key": "Stage",
                "value": ""
              }
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
        let told = refused(
            &world(&[]).await,
            "TagRole",
            r#"{"RoleName":"nobody","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn keys_that_differ_in_case_alone_are_one() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("TagRole", r#"{"RoleName":"deploy","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#)]).await;
        let twice = r#"{"RoleName":"deploy","Tags":[{"Key":"a","Value":"1"},{"Key":"A","Value":"2"}]}"#;
        let told = refused(&world, "TagRole", twice).await;
        let expected =
            "400 InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        assert_eq!(told, expected);
        let again = r#"{"RoleName":"deploy","Tags":[{"Key":"TEAM","Value":"red"}]}"#;
        done(&world, "TagRole", again).await;
        assert_eq!(texts(&world, "ListRoleTags", r#"{"RoleName":"deploy"}"#, "Key").await, ["Stage", "TEAM"]);
    }

    #[tokio::test]
    async fn there_are_at_most_fifty_and_none_of_awss_own() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let tags = |from: usize, to: usize| {
            let tags: Vec<String> = (from..to).map(|n| format!(r#"{{"Key":"k{n}","Value":"v"}}"#)).collect();
            format!(r#"{{"RoleName":"deploy","Tags":[{}]}}"#, tags.join(","))
        };
        done(&world, "TagRole", &tags(0, 50)).await;
        done(&world, "TagRole", &tags(49, 50)).await;
        let told = refused(&world, "TagRole", &tags(50, 51)).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for TagsPerResource: 50");
        let reserved = r#"{"RoleName":"deploy","Tags":[{"Key":"aws:x","Value":""}]}"#;
        let told = refused(&world, "TagRole", reserved).await;
        assert_eq!(told, "400 InvalidInput: Tag key aws:x begins with aws:, which is reserved for AWS.");
    }
}
