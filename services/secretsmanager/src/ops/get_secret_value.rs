//! GetSecretValue: the value of a version: the current one, or that of a label or an id.
//!
//! The caller needs the right to decrypt with the version's key, through Secrets Manager; the AWS managed key grants it to its account.
//! Source: Secrets Manager API reference, `GetSecretValue`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager::{self as wire, InvalidParameterException, ResourceNotFoundException};

use crate::model::{CURRENT, Found, Secret, Version, day, not_deleted, open, touch};

pub(crate) struct GetSecretValue;

impl Operation for GetSecretValue {
    type Shape = wire::GetSecretValue;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::GetSecretValueKeys {
            secret_id: found.secret_id(),
            version_id: input.version_id.clone(),
            version_stage: stage(input).map(str::to_owned),
        };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::GET_SECRET_VALUE, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let secret = call.target().secret()?;
        not_deleted(secret)?;
        let version = asked_for(call.input(), secret)?;
        let id = version.id.clone();
        let value = open(&call, secret, &id).await?.ok_or_else(|| missing(call.input()))?;
        let answer = wire::GetSecretValueResponse {
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
            version_id: Some(id.clone()),
            secret_binary: value.binary,
            secret_string: value.text,
            version_stages: (!version.stages.is_empty()).then(|| version.stages.clone()),
            created_date: Some(version.created_at),
        };
        let today = Some(day(call.now()));
        if version.accessed_on == today && secret.accessed_on == today {
            return call.answer(answer).await;
        }
        call.commit(|tx, call| {
            touch(tx, call.target(), |_, secret| {
                secret.accessed_on = today;
                let version = secret.versions.iter_mut().find(|version| version.id == id);
                version.into_iter().for_each(|version| version.accessed_on = today);
                Ok(answer.clone())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}

/// The label that the request means; none if it names a version by id alone.
fn stage(input: &Input<GetSecretValue>) -> Option<&str> {
    match (&input.version_stage, &input.version_id) {
        (Some(stage), _) => Some(stage),
        (None, None) => Some(CURRENT),
        (None, Some(_)) => None,
    }
}

fn asked_for<'s>(
    input: &Input<GetSecretValue>,
    secret: &'s Secret,
) -> Result<&'s Version, Refusal<wire::GetSecretValue>> {
    let Some(id) = &input.version_id else {
        let holder = stage(input).and_then(|stage| secret.holder(stage));
        return holder.and_then(|id| secret.version(id)).ok_or_else(|| missing(input).into());
    };
    let version = secret.version(id).ok_or_else(|| missing(input))?;
    match &input.version_stage {
        Some(stage) if !version.stages.contains(stage) => {
            let message = "You provided a VersionStage that is not associated to the provided VersionId.";
            Err(InvalidParameterException::new(message).into())
        }
        _ => Ok(version),
    }
}

fn missing(input: &Input<GetSecretValue>) -> ResourceNotFoundException {
    let what = match (&input.version_id, stage(input)) {
        (Some(id), _) => format!("VersionId: {id}"),
        (None, stage) => format!("staging label: {}", stage.unwrap_or_default()),
    };
    ResourceNotFoundException::new(format!(
        "Secrets Manager can't find the specified secret value for {what}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, secret, token, told, user, world};

    #[tokio::test]
    async fn the_current_value_is_told_and_kms_was_asked_for_the_caller() {
        let world = world().await;
        secret(&world, "app/db").await;
        let answer = call(&world, "GetSecretValue", json!({"SecretId": "app/db"})).await;
        insta::assert_snapshot!(format!("{answer}\n--- recorded\n{}", world.records(2).await), @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "CreatedDate": 1795348800,
          "Name": "app/db",
          "SecretString": "one",
          "VersionId": "11111111111111111111111111111111",
          "VersionStages": [
            "AWSCURRENT"
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-717d-804c-9e0aeba6dfbd",
          "eventName": "GetSecretValue",
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
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7cb9-b86b-f6c27eeb5590",
          "eventName": "Decrypt",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "957b273b-6559-42f7-9220-194a80242cc1",
          "requestParameters": {
            "encryptionContext": {
              "SecretARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
              "SecretVersionId": "11111111111111111111111111111111"
            }
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/22db33e5-6085-4d94-8f9c-714dc43efc37",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            }
          ],
          "responseElements": null,
          "sourceIPAddress": "secretsmanager.amazonaws.com",
          "userAgent": "secretsmanager.amazonaws.com",
          "userIdentity": {
            "accessKeyId": "AKIAROOTROOTROOTROOT",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root",
            "invokedBy": "secretsmanager.amazonaws.com",
            "principalId": "111122223333",
            "type": "Root"
          }
        }
        "#);
        let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await.ok().json();
        assert_eq!(described["LastAccessedDate"].as_f64(), Some(1_795_305_600.0), "the day it was read");
    }

    #[tokio::test]
    async fn it_is_found_by_name_whole_arn_and_arn_without_its_end() {
        let world = world().await;
        let arn = secret(&world, "a-secret").await;
        let short = arn.strip_suffix(&arn[arn.len() - 7..]).unwrap().to_owned();
        for id in ["a-secret", &arn, &short] {
            let answer = call(&world, "GetSecretValue", json!({"SecretId": id})).await.ok();
            assert_eq!(answer.text("/SecretString"), "one", "{id}");
        }
        let bytes = json!({"Name": "bytes", "SecretBinary": "AP8="});
        let _ = call(&world, "CreateSecret", bytes).await.ok();
        let answer = call(&world, "GetSecretValue", json!({"SecretId": "bytes"})).await.ok().json();
        assert_eq!((&answer["SecretBinary"], answer.get("SecretString")), (&json!("AP8="), None));
        let mut told = Vec::new();
        for input in [
            json!({"SecretId": "none"}),
            json!({"SecretId": format!("{}XXXXXX", &arn[..arn.len() - 6])}),
            json!({"SecretId": arn.replace("us-east-1", "eu-west-1")}),
            json!({"SecretId": "arn:aws:secretsmanager:us-east-1:x:secret:a"}),
            json!({"SecretId": "a-secret", "VersionStage": "AWSPREVIOUS"}),
            json!({"SecretId": "a-secret", "VersionId": token('9')}),
            json!({"SecretId": "a-secret", "VersionId": token('1'), "VersionStage": "mine"}),
        ] {
            told.push(outcome(&world, "GetSecretValue", input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: 99999999999999999999999999999999
        400 InvalidParameterException: You provided a VersionStage that is not associated to the provided VersionId.
        ");
    }

    #[tokio::test]
    async fn rights_here_are_not_enough_for_a_key_of_ones_own() {
        let world = world().await;
        let key = world.call("kms:CreateKey", "{}").await.ok().text("/KeyMetadata/KeyId");
        let input = json!({"Name": "own", "SecretString": "one", "KmsKeyId": key});
        let _ = call(&world, "CreateSecret", input).await.ok();
        secret(&world, "default").await;
        let reader = user(&world, "reader", &["secretsmanager:GetSecretValue"]).await;
        let both = user(&world, "both", &["secretsmanager:GetSecretValue", "kms:Decrypt"]).await;
        let nobody = user(&world, "nobody", &["kms:Decrypt"]).await;
        let mut lines = Vec::new();
        for who in [&reader, &both, &nobody] {
            for id in ["own", "default", "none"] {
                let input = json!({"SecretId": id}).to_string();
                lines.push(told(&world.call_as(who, "secretsmanager:GetSecretValue", &input).await));
            }
        }
        let _ = world.call("kms:DisableKey", &json!({"KeyId": key}).to_string()).await.ok();
        lines.push(outcome(&world, "GetSecretValue", json!({"SecretId": "own"})).await);
        lines.push(outcome(&world, "PutSecretValue", json!({"SecretId": "own", "SecretString": "x"})).await);
        insta::assert_snapshot!(lines.join("\n"), @"
        400 AccessDeniedException: Access to KMS is not allowed
        200
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        200
        200
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        400 AccessDeniedException: User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:own-3iJbef because no identity-based policy allows the secretsmanager:GetSecretValue action
        400 AccessDeniedException: User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:default-eHoFoE because no identity-based policy allows the secretsmanager:GetSecretValue action
        400 AccessDeniedException: User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:none-?????? because no identity-based policy allows the secretsmanager:GetSecretValue action
        400 DecryptionFailure: Secrets Manager can't decrypt the protected secret text using the provided KMS key.
        400 EncryptionFailure: Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.
        ");
    }
}
