//! UntagPolicy: removes tags from a managed policy by their keys, as they are written; keys that it does not have are passed over.
//! Source: IAM API reference, `UntagPolicy`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_iam as wire;

use crate::model::policy::{self, Access, policy_arn};
use crate::model::{Rows, tags};

pub(crate) struct UntagPolicy;

impl Operation for UntagPolicy {
    type Shape = wire::UntagPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Write).await?;
        Ok(Located::new(())
            .need(wire::actions::UNTAG_POLICY, guard, NoKeys)
            .untagging(input.tag_keys.iter().cloned()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let arn = policy_arn::<Self::Shape>(&input.policy_arn)?;
            let mut policy = rows.policy(&arn)?.ok_or_else(|| policy::missing(&arn))?;
            for key in &input.tag_keys {
                tags::remove(&mut policy.tags, key, tags::Keys::Exact);
            }
            Ok(rows.save_policy(&policy)?)
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
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","TagKeys":["Team","stage"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UntagPolicy;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UntagPolicy>().await, @r#"
        200
        <UntagPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UntagPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UntagPolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyArn": "arn:aws:iam::111122223333:policy/reader",
            "tagKeys": [
              "Team",
              "stage"
            ]
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
            "UntagPolicy",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","TagKeys":["Team","stage"]}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn keys_are_found_as_they_are_written() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("TagPolicy", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#), ("UntagPolicy", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","TagKeys":["Team","stage"]}"#)]).await;
        assert_eq!(
            texts(
                &world,
                "ListPolicyTags",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                "Key"
            )
            .await,
            ["Stage"]
        );
    }
}
