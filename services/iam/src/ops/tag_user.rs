//! TagUser: adds tags to a user, or replaces those of the same keys; at most fifty. Case does not tell keys apart.
//! Source: IAM API reference, `TagUser`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, Rows, tags};

pub(crate) struct TagUser;

impl Operation for TagUser {
    type Shape = wire::TagUser;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        Ok(Located::new(())
            .need(wire::actions::TAG_USER, found.guard(), NoKeys)
            .tagging(tags::pairs(Some(&input.tags))))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut user: User = rows.entity(&input.user_name)?;
            tags::put::<Self::Shape>(&mut user.tags, &input.tags, tags::Keys::IgnoreCase)?;
            Ok(rows.save(&user)?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateUser", r#"{"UserName":"bob"}"#, &[])],
            input: r#"{"UserName":"bob","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TagUser;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<TagUser>().await, @r#"
        200
        <TagUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </TagUserResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "TagUser",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "tags": [
              {
                "key": "Team",
                "value": "blue"
              },
              {
                "key": "Stage",
                "value": ""
              }
            ],
            "userName": "bob"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:user/bob",
              "accountId": "111122223333",
              "type": "AWS::IAM::User"
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
    async fn a_user_that_is_missing_is_told_to_an_administrator() {
        let told = refused(
            &world(&[]).await,
            "TagUser",
            r#"{"UserName":"nobody","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn keys_that_differ_in_case_alone_are_one() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            (
                "TagUser",
                r#"{"UserName":"bob","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
            ),
        ])
        .await;
        let twice = r#"{"UserName":"bob","Tags":[{"Key":"a","Value":"1"},{"Key":"A","Value":"2"}]}"#;
        let told = refused(&world, "TagUser", twice).await;
        let expected =
            "400 InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        assert_eq!(told, expected);
        let again = r#"{"UserName":"bob","Tags":[{"Key":"TEAM","Value":"red"}]}"#;
        done(&world, "TagUser", again).await;
        assert_eq!(texts(&world, "ListUserTags", r#"{"UserName":"bob"}"#, "Key").await, ["Stage", "TEAM"]);
    }

    #[tokio::test]
    async fn there_are_at_most_fifty_and_none_of_awss_own() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let tags = |from: usize, to: usize| {
            let tags: Vec<String> = (from..to).map(|n| format!(r#"{{"Key":"k{n}","Value":"v"}}"#)).collect();
            format!(r#"{{"UserName":"bob","Tags":[{}]}}"#, tags.join(","))
        };
        done(&world, "TagUser", &tags(0, 50)).await;
        done(&world, "TagUser", &tags(49, 50)).await;
        let told = refused(&world, "TagUser", &tags(50, 51)).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for TagsPerResource: 50");
        let reserved = r#"{"UserName":"bob","Tags":[{"Key":"aws:x","Value":""}]}"#;
        let told = refused(&world, "TagUser", reserved).await;
        assert_eq!(told, "400 InvalidInput: Tag key aws:x begins with aws:, which is reserved for AWS.");
    }
}
