//! ListSecretVersionIds: a secret's versions with their labels; those without any, if the request includes deprecated ones.
//! Source: Secrets Manager API reference, `ListSecretVersionIds`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, Version, list};

/// What AWS tells of versions that are encrypted under the AWS managed key.
const DEFAULT_KEY: &str = "DefaultEncryptionKey";

pub(crate) struct ListSecretVersionIds;

impl Operation for ListSecretVersionIds {
    type Shape = wire::ListSecretVersionIds;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::ListSecretVersionIdsKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::LIST_SECRET_VERSION_IDS, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let secret = call.target().secret()?;
        let deprecated = input.include_deprecated == Some(true);
        let shown = secret.versions.iter().filter(|version| deprecated || !version.stages.is_empty());
        let filters = format!("{}/{deprecated}", secret.arn);
        let token = input.next_token.as_deref();
        let page = list(&call, shown.map(told).collect(), &filters, token, input.max_results)?;
        let answer = wire::ListSecretVersionIdsResponse {
            versions: Some(page.items),
            next_token: page.next,
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}

fn told(version: &Version) -> wire::SecretVersionsListEntry {
    wire::SecretVersionsListEntry {
        version_id: Some(version.id.clone()),
        version_stages: (!version.stages.is_empty()).then(|| version.stages.clone()),
        last_accessed_date: version.accessed_on,
        created_date: Some(version.created_at),
        kms_key_ids: Some(vec![version.kms_key_id.clone().unwrap_or_else(|| DEFAULT_KEY.to_owned())]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, secret, token, world};

    #[tokio::test]
    async fn versions_are_listed_and_deprecated_ones_on_request() {
        let world = world().await;
        secret(&world, "app/db").await;
        for letter in ['2', '3'] {
            let input =
                json!({"SecretId": "app/db", "SecretString": "x", "ClientRequestToken": token(letter)});
            let _ = call(&world, "PutSecretValue", input).await.ok();
        }
        let answer = call(&world, "ListSecretVersionIds", json!({"SecretId": "app/db"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "Name": "app/db",
          "Versions": [
            {
              "CreatedDate": 1795348800,
              "KmsKeyIds": [
                "DefaultEncryptionKey"
              ],
              "VersionId": "22222222222222222222222222222222",
              "VersionStages": [
                "AWSPREVIOUS"
              ]
            },
            {
              "CreatedDate": 1795348800,
              "KmsKeyIds": [
                "DefaultEncryptionKey"
              ],
              "VersionId": "33333333333333333333333333333333",
              "VersionStages": [
                "AWSCURRENT"
              ]
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-741e-8f57-b5ebc44cf2b5",
          "eventName": "ListSecretVersionIds",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "0c2735a3-5822-421e-a403-03db2bc09909",
          "requestParameters": {
            "secretId": "app/db"
          },
          "resources": [
            {
              "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
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
        let (mut ids, mut token) = (Vec::new(), json!(null));
        loop {
            let mut input = json!({"SecretId": "app/db", "IncludeDeprecated": true, "MaxResults": 2});
            if !token.is_null() {
                input["NextToken"] = token;
            }
            let page = call(&world, "ListSecretVersionIds", input).await.ok().json();
            ids.extend(
                page["Versions"].as_array().unwrap().iter().map(|version| version["VersionId"].clone()),
            );
            match page.get("NextToken") {
                Some(next) => token = next.clone(),
                None => break,
            }
        }
        assert_eq!(ids, ['1', '2', '3'].map(|letter| json!(crate::test::token(letter))));
        let refused =
            outcome(&world, "ListSecretVersionIds", json!({"SecretId": "app/db", "NextToken": "x"})).await;
        assert_eq!(refused, "400 InvalidNextTokenException: The NextToken value is invalid.");
    }
}
