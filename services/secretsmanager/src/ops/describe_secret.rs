//! DescribeSecret: everything about a secret but its values.
//! Source: Secrets Manager API reference, `DescribeSecret`.

use std::collections::BTreeMap;

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, Rules, Secret, replication_status, tag_list};

pub(crate) struct DescribeSecret;

impl Operation for DescribeSecret {
    type Shape = wire::DescribeSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::DescribeSecretKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::DESCRIBE_SECRET, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let answer = told(call.target().secret()?);
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}

fn told(secret: &Secret) -> wire::DescribeSecretResponse {
    let rotation = secret.rotation.as_ref();
    wire::DescribeSecretResponse {
        arn: Some(secret.arn.to_string()),
        name: Some(secret.name.clone()),
        rotation_enabled: rotation.map(|rotation| rotation.enabled),
        rotation_lambda_arn: rotation.map(|rotation| rotation.function.clone()),
        rotation_rules: rotation.and_then(|rotation| rotation.rules.as_ref()).map(Rules::told),
        last_rotated_date: rotation.and_then(|rotation| rotation.last),
        next_rotation_date: rotation.and_then(|rotation| rotation.next).map(|next| next.closes),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key_id.clone(),
        last_changed_date: Some(secret.changed_at),
        last_accessed_date: secret.accessed_on,
        deleted_date: secret.deletion.map(|deletion| deletion.since),
        tags: (!secret.tags.is_empty()).then(|| tag_list(&secret.tags)),
        version_ids_to_stages: labelled(secret),
        created_date: Some(secret.created_at),
        primary_region: secret.primary_region().map(str::to_owned),
        replication_status: replication_status(secret),
        ..Default::default()
    }
}

/// The versions that have labels, with them.
pub(crate) fn labelled(secret: &Secret) -> Option<BTreeMap<String, Vec<String>>> {
    let versions = secret.versions.iter().filter(|version| !version.stages.is_empty());
    let stages: BTreeMap<String, Vec<String>> =
        versions.map(|version| (version.id.clone(), version.stages.clone())).collect();
    (!stages.is_empty()).then_some(stages)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, token, world};

    #[tokio::test]
    async fn everything_but_the_value_is_told() {
        let world = world().await;
        let key = world.call("kms:CreateKey", "{}").await.ok().text("/KeyMetadata/Arn");
        let input = json!({"Name": "app/db", "SecretString": "one", "ClientRequestToken": token('1'), "Description": "mine", "KmsKeyId": key, "Tags": [{"Key": "team", "Value": "red"}]});
        let _ = call(&world, "CreateSecret", input).await.ok();
        let answer = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-I3iJbe",
          "CreatedDate": 1795348800,
          "Description": "mine",
          "KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "LastChangedDate": 1795348800,
          "Name": "app/db",
          "Tags": [
            {
              "Key": "team",
              "Value": "red"
            }
          ],
          "VersionIdsToStages": {
            "11111111111111111111111111111111": [
              "AWSCURRENT"
            ]
          }
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-757b-a73b-655952f71220",
          "eventName": "DescribeSecret",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "f2221fc9-415f-4fab-951d-e723729f7e30",
          "requestParameters": {
            "secretId": "app/db"
          },
          "resources": [
            {
              "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-I3iJbe",
              "accountId": "111122223333",
              "type": "AWS::SecretsManager::Secret"
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
        let missing = outcome(&world, "DescribeSecret", json!({"SecretId": "none"})).await;
        assert_eq!(
            missing,
            "400 ResourceNotFoundException: Secrets Manager can't find the specified secret."
        );
    }
}
