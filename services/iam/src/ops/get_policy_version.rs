//! GetPolicyVersion: a version of a managed policy, its document percent-encoded.
//! Source: IAM API reference, `GetPolicyVersion`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_iam as wire;

use crate::model::policy::{self, Access};
use crate::model::{shapes, url_encoded};

pub(crate) struct GetPolicyVersion;

impl Operation for GetPolicyVersion {
    type Shape = wire::GetPolicyVersion;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Read).await?;
        Ok(Located::new(()).need(wire::actions::GET_POLICY_VERSION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let (policy, version) = policy::read_version(&call, &input.policy_arn, &input.version_id).await?;
        let told = wire::shapes::PolicyVersion {
            document: Some(url_encoded(&version.document)),
            ..shapes::listed_version(&policy, &version)
        };
        call.answer(wire::GetPolicyVersionResponse { policy_version: Some(told) }).await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "iam:CreatePolicy",
                r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                &[],
            )],
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v1"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GetPolicyVersion;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetPolicyVersion>().await, @r#"
        200
        <GetPolicyVersionResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <GetPolicyVersionResult>
        <PolicyVersion>
        <Document>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D</Document>
        <VersionId>v1</VersionId>
        <IsDefaultVersion>true</IsDefaultVersion>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </PolicyVersion>
        </GetPolicyVersionResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </GetPolicyVersionResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "GetPolicyVersion",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyArn": "arn:aws:iam::111122223333:policy/reader",
            "versionId": "v1"
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
                "GetPolicyVersion",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v9"}"#
            )
            .await,
            expected
        );
        assert_eq!(refused(&world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await, "GetPolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v9"}"#).await, expected);
    }
}
