//! ListUserPolicies: the names of a user's inline policies, in pages.
//! Source: IAM API reference, `ListUserPolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, inline_names};

pub(crate) struct ListUserPolicies;

impl Operation for ListUserPolicies {
    type Shape = wire::ListUserPolicies;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_USER_POLICIES, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let page = inline_names::<User, _>(&call, &input.user_name, input.marker.as_deref(), input.max_items)
            .await?;
        call.answer(wire::ListUserPoliciesResponse {
            is_truncated: page.is_truncated(),
            policy_names: page.items,
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                (
                    "iam:PutUserPolicy",
                    r#"{"UserName":"bob","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"UserName":"bob"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListUserPolicies;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListUserPolicies>().await, @r#"
        200
        <ListUserPoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListUserPoliciesResult>
        <PolicyNames>
        <member>read</member>
        </PolicyNames>
        <IsTruncated>false</IsTruncated>
        </ListUserPoliciesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListUserPoliciesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListUserPolicies",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
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
        let told = refused(&world(&[]).await, "ListUserPolicies", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn names_come_in_pages() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("PutUserPolicy", r#"{"UserName":"bob","PolicyName":"write","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("PutUserPolicy", r#"{"UserName":"bob","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let first = world.call("iam:ListUserPolicies", r#"{"UserName":"bob","MaxItems":1}"#).await.ok();
        assert_eq!([first.text("/member"), first.text("/IsTruncated")], ["read", "true"]);
        let rest = format!(r#"{{"UserName":"bob","Marker":"{}"}}"#, first.text("/Marker"));
        assert_eq!(texts(&world, "ListUserPolicies", &rest, "member").await, ["write"]);
    }
}
