//! CreatePolicyVersion: adds a version to a managed policy, and puts it in force if asked; at most five versions.
//!
//! Numbers go up and are never used again. A document has at most 6,144 characters, white space not counted.
//! Source: IAM API reference, `CreatePolicyVersion`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::PolicyVersion;
use wire_iam as wire;

use crate::model::policy::{self, Access, policy_arn};
use crate::model::quota::VERSIONS_PER_POLICY;
use crate::model::{Counted, Rows, managed_document, shapes};

pub(crate) struct CreatePolicyVersion;

impl Operation for CreatePolicyVersion {
    type Shape = wire::CreatePolicyVersion;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Write).await?;
        Ok(Located::new(()).need(wire::actions::CREATE_POLICY_VERSION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let document = managed_document(&call.input().policy_document)?;
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let arn = policy_arn::<Self::Shape>(&input.policy_arn)?;
            let mut policy = rows.policy(&arn)?.ok_or_else(|| policy::missing(&arn))?;
            if policy.versions.len() >= VERSIONS_PER_POLICY {
                let message = format!(
                    "A managed policy can have up to {VERSIONS_PER_POLICY} versions. Before you create a new version, you \
                     must delete an existing version."
                );
                return Err(wire::LimitExceededException::new(message).into());
            }
            rows.claim(Counted::PolicyVersions)?;
            let (number, now) = (policy.next_version, rows.now());
            let version = PolicyVersion { number, document: document.clone(), created_at: now };
            policy.next_version += 1;
            policy.updated_at = now;
            if input.set_as_default == Some(true) {
                policy.default_version = number;
            }
            let told = shapes::listed_version(&policy, &version);
            policy.versions.push(version);
            rows.save_policy(&policy)?;
            Ok(wire::CreatePolicyVersionResponse { policy_version: Some(told) })
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
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}","SetAsDefault":true}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CreatePolicyVersion;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<CreatePolicyVersion>().await, @r#"
        200
        <CreatePolicyVersionResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <CreatePolicyVersionResult>
        <PolicyVersion>
        <VersionId>v2</VersionId>
        <IsDefaultVersion>true</IsDefaultVersion>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </PolicyVersion>
        </CreatePolicyVersionResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </CreatePolicyVersionResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "CreatePolicyVersion",
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
            "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}",
            "setAsDefault": true
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:policy/reader",
              "accountId": "111122223333",
              "type": "AWS::IAM::Policy"
            }
          ],
          "responseElements": {
            "policyVersion": {
              "createDate": "Nov 22, 2026, 12:00:00 PM",
              "isDefaultVersion": true,
              "versionId": "v2"
            }
          },
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
        let told = refused(&world(&[]).await, "CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn there_are_at_most_five_and_numbers_are_never_used_again() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#)]).await;
        let version = r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#;
        let told = refused(&world, "CreatePolicyVersion", version).await;
        let expected = "409 LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you \
                        must delete an existing version.";
        assert_eq!(told, expected);
        let last = r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","VersionId":"v5"}"#;
        done(&world, "DeletePolicyVersion", last).await;
        assert_eq!(texts(&world, "CreatePolicyVersion", version, "VersionId").await, ["v6"]);
    }

    #[tokio::test]
    async fn a_document_that_is_no_policy_is_refused() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let told = refused(
            &world,
            "CreatePolicyVersion",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{}"}"#,
        )
        .await;
        assert_eq!(told, "400 MalformedPolicyDocument: Syntax errors in policy.");
    }

    #[tokio::test]
    async fn what_aws_manages_is_changed_by_nobody() {
        let input = r#"{"PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#;
        let told = refused(&world(&[]).await, "CreatePolicyVersion", input).await;
        let expected = "403 AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: \
                        iam:CreatePolicyVersion on resource: arn:aws:iam::aws:policy/AWSDenyAll because no resource-based \
                        policy allows the iam:CreatePolicyVersion action";
        assert_eq!(told, expected);
    }
}
