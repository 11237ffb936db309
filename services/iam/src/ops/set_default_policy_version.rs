//! SetDefaultPolicyVersion: puts another version of a managed policy in force, from the next call on of everybody who has it.
//! Source: IAM API reference, `SetDefaultPolicyVersion`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_iam as wire;

use crate::model::Rows;
use crate::model::policy::{self, Access, policy_arn};

pub(crate) struct SetDefaultPolicyVersion;

impl Operation for SetDefaultPolicyVersion {
    type Shape = wire::SetDefaultPolicyVersion;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Write).await?;
        Ok(Located::new(()).need(wire::actions::SET_DEFAULT_POLICY_VERSION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let arn = policy_arn::<Self::Shape>(&input.policy_arn)?;
            let missing = || policy::missing_version(&arn, &input.version_id);
            let mut policy = rows.policy(&arn)?.ok_or_else(missing)?;
            let number = policy::number(&input.version_id).ok_or_else(missing)?;
            if !policy.versions.iter().any(|held| held.number == number) {
                return Err(missing().into());
            }
            policy.default_version = number;
            policy.updated_at = rows.now();
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
                    "iam:CreatePolicyVersion",
                    r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v2"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SetDefaultPolicyVersion;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<SetDefaultPolicyVersion>().await, @r#"
        200
        <SetDefaultPolicyVersionResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </SetDefaultPolicyVersionResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "SetDefaultPolicyVersion",
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
            "versionId": "v2"
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
    async fn a_version_that_is_missing_is_told_like_its_policy() {
        let expected = "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader version v9 does not exist or is not attachable.";
        assert_eq!(
            refused(
                &world(&[]).await,
                "SetDefaultPolicyVersion",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v9"}"#
            )
            .await,
            expected
        );
        assert_eq!(refused(&world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await, "SetDefaultPolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v9"}"#).await, expected);
    }

    #[tokio::test]
    async fn the_policy_tells_it() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#), ("SetDefaultPolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v2"}"#)]).await;
        assert_eq!(
            texts(
                &world,
                "GetPolicy",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                "DefaultVersionId"
            )
            .await,
            ["v2"]
        );
    }

    #[tokio::test]
    async fn what_aws_manages_is_changed_by_nobody() {
        let input = r#"{"PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll","VersionId":"v1"}"#;
        let told = refused(&world(&[]).await, "SetDefaultPolicyVersion", input).await;
        let expected = "403 AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: \
                        iam:SetDefaultPolicyVersion on resource: arn:aws:iam::aws:policy/AWSDenyAll because no resource-based \
                        policy allows the iam:SetDefaultPolicyVersion action";
        assert_eq!(told, expected);
    }
}
