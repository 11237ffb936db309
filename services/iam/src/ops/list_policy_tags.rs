//! ListPolicyTags: the tags of a managed policy, by key, in pages.
//! Source: IAM API reference, `ListPolicyTags`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_iam as wire;

use crate::model::policy::{self, Access};
use crate::model::tags;

pub(crate) struct ListPolicyTags;

impl Operation for ListPolicyTags {
    type Shape = wire::ListPolicyTags;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Read).await?;
        Ok(Located::new(()).need(wire::actions::LIST_POLICY_TAGS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let policy = policy::read_policy(&call, &input.policy_arn).await?;
        let page =
            tags::page(&call, &input.policy_arn, &policy.tags, input.marker.as_deref(), input.max_items)?;
        call.answer(wire::ListPolicyTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "iam:CreatePolicy",
                    r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:TagPolicy",
                    r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
                    &[],
                ),
            ],
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListPolicyTags;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListPolicyTags>().await, @r#"
        200
        <ListPolicyTagsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListPolicyTagsResult>
        <Tags>
        <member>
        <Key>Stage</Key>
        <Value>
        </Value>
        </member>
        <member>
        <Key>Team</Key>
        <Value>blue</Value>
        </member>
        </Tags>
        <IsTruncated>false</IsTruncated>
        </ListPolicyTagsResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListPolicyTagsResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListPolicyTags",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyArn": "arn:aws:iam::111122223333:policy/reader"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:policy/reader",
              "accountId": "111122223333",
              "type": "AWS::IAM::Policy"
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
    async fn a_policy_that_is_missing_is_not_found() {
        let told = refused(
            &world(&[]).await,
            "ListPolicyTags",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn tags_come_in_pages() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("TagPolicy", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#)]).await;
        let first = world
            .call(
                "iam:ListPolicyTags",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","MaxItems":1}"#,
            )
            .await
            .ok();
        assert_eq!([first.text("/Key"), first.text("/IsTruncated")], ["Stage", "true"]);
        let rest = format!(
            r#"{{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Marker":"{}"}}"#,
            first.text("/Marker")
        );
        assert_eq!(texts(&world, "ListPolicyTags", &rest, "Key").await, ["Team"]);
    }
}
