//! TagPolicy: adds tags to a managed policy, or replaces those of the same keys; at most fifty. Case tells keys apart.
//! Source: IAM API reference, `TagPolicy`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_iam as wire;

use crate::model::policy::{self, Access, policy_arn};
use crate::model::{Rows, tags};

pub(crate) struct TagPolicy;

impl Operation for TagPolicy {
    type Shape = wire::TagPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Write).await?;
        Ok(Located::new(())
            .need(wire::actions::TAG_POLICY, guard, NoKeys)
            .tagging(tags::pairs(Some(&input.tags))))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let arn = policy_arn::<Self::Shape>(&input.policy_arn)?;
            let mut policy = rows.policy(&arn)?.ok_or_else(|| policy::missing(&arn))?;
            tags::put::<Self::Shape>(&mut policy.tags, &input.tags, tags::Keys::Exact)?;
            Ok(rows.save_policy(&policy)?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "iam:CreatePolicy",
                r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                &[],
            )],
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TagPolicy;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<TagPolicy>().await, @r#"
        200
        <TagPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </TagPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "TagPolicy",
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
        let told = refused(&world(&[]).await, "TagPolicy", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#).await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn keys_are_told_once() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let twice = r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"a","Value":""},{"Key":"a","Value":""}]}"#;
        assert_eq!(refused(&world, "TagPolicy", twice).await, "400 InvalidInput: Duplicate tag keys found.");
    }

    #[tokio::test]
    async fn what_aws_manages_is_changed_by_nobody() {
        let input = r#"{"PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#;
        let told = refused(&world(&[]).await, "TagPolicy", input).await;
        let expected = "403 AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: \
                        iam:TagPolicy on resource: arn:aws:iam::aws:policy/AWSDenyAll because no resource-based \
                        policy allows the iam:TagPolicy action";
        assert_eq!(told, expected);
    }
}
