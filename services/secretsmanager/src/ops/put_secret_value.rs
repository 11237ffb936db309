//! PutSecretValue: a new version with another value, current unless other labels are named.
//!
//! The same request again is answered as the first time; another value under a token that was used is refused.
//! Source: Secrets Manager API reference, `PutSecretValue`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager::{
    self as wire, InvalidRequestException, LimitExceededException, ResourceExistsException,
};

use crate::model::{
    CURRENT, Found, Given, Secret, change, checked_stages, no_replica, not_deleted, put_version, same_value,
    seal,
};

pub(crate) struct PutSecretValue;

impl Operation for PutSecretValue {
    type Shape = wire::PutSecretValue;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::PutSecretValueKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::PUT_SECRET_VALUE, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let secret = call.target().secret()?;
        not_deleted(secret)?;
        no_replica(secret)?;
        let given = Given::of(input.secret_string.as_ref(), input.secret_binary.as_ref())?;
        let value = given.ok_or_else(|| {
            InvalidRequestException::new("You must provide either SecretString or SecretBinary.")
        })?;
        let version_id = input.client_request_token.clone().unwrap_or_else(|| call.uuid());
        // A version that a rotation has begun is filled.
        if secret.version(&version_id).is_some_and(|version| !version.empty) {
            if !same_value(&call, secret, &version_id, &value).await? {
                return Err(in_use(&version_id, secret).into());
            }
            let answer = told(secret, &version_id);
            return call.answer(answer).await;
        }
        let key = secret.kms_key_id.clone();
        let sealing = seal(&call, secret, key.as_deref(), &version_id, &value).await?;
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                let stages = checked_stages(secret, call.input().version_stages.as_ref())?;
                put_version(tx, secret, &version_id, &stages, &sealing)?.ok_or_else(no_room)?;
                if stages.iter().any(|stage| stage == CURRENT) {
                    secret.overtaken(tx)?;
                }
                Ok(told(secret, &version_id))
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db", "SecretString": "two"}"#,
        }
    }
}

/// That the token named a version with another value already.
pub(crate) fn in_use(token: &str, secret: &Secret) -> ResourceExistsException {
    let message = format!(
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {}.",
        secret.arn
    );
    ResourceExistsException::new(message)
}

/// That there are too many versions which nobody may lose yet.
pub(crate) fn no_room() -> LimitExceededException {
    let message = "The secret has too many versions that are younger than a day or have staging labels.";
    LimitExceededException::new(message)
}

fn told(secret: &Secret, version_id: &str) -> wire::PutSecretValueResponse {
    wire::PutSecretValueResponse {
        arn: Some(secret.arn.to_string()),
        name: Some(secret.name.clone()),
        version_id: Some(version_id.to_owned()),
        version_stages: secret.version(version_id).map(|version| version.stages.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::{call, outcome, secret, stages, token, world};

    fn put(value: &str, letter: char, stages: Value) -> Value {
        let mut input =
            json!({"SecretId": "app/db", "SecretString": value, "ClientRequestToken": token(letter)});
        if !stages.is_null() {
            input["VersionStages"] = stages;
        }
        input
    }

    #[tokio::test]
    async fn the_new_version_is_current_and_the_old_one_previous() {
        let world = world().await;
        secret(&world, "app/db").await;
        let answer = call(&world, "PutSecretValue", put("two", '2', Value::Null)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "Name": "app/db",
          "VersionId": "22222222222222222222222222222222",
          "VersionStages": [
            "AWSCURRENT"
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7876-9444-42c9dccec7ed",
          "eventName": "PutSecretValue",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "f2221fc9-415f-4fab-951d-e723729f7e30",
          "requestParameters": {
            "clientRequestToken": "22222222222222222222222222222222",
            "secretId": "app/db"
          },
          "resources": [
            {
              "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
              "accountId": "111122223333",
              "type": "AWS::SecretsManager::Secret"
            }
          ],
          "responseElements": {
            "arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
            "name": "app/db",
            "versionId": "22222222222222222222222222222222",
            "versionStages": [
              "AWSCURRENT"
            ]
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
        assert_eq!(stages(&world, "app/db").await, "1:AWSPREVIOUS 2:AWSCURRENT");
        let _ = call(&world, "PutSecretValue", put("three", '3', json!(["AWSPENDING"]))).await.ok();
        assert_eq!(stages(&world, "app/db").await, "1:AWSPREVIOUS 2:AWSCURRENT 3:AWSPENDING");
        let _ = call(&world, "PutSecretValue", put("four", '4', Value::Null)).await.ok();
        assert_eq!(stages(&world, "app/db").await, "2:AWSPREVIOUS 3:AWSPENDING 4:AWSCURRENT");
        for (stage, value) in [("AWSCURRENT", "four"), ("AWSPREVIOUS", "two"), ("AWSPENDING", "three")] {
            let input = json!({"SecretId": "app/db", "VersionStage": stage});
            assert_eq!(call(&world, "GetSecretValue", input).await.ok().text("/SecretString"), value);
        }
        let old = json!({"SecretId": "app/db", "VersionId": token('1')});
        assert_eq!(call(&world, "GetSecretValue", old).await.ok().text("/SecretString"), "one");
    }

    #[tokio::test]
    async fn a_token_is_good_for_one_value() {
        let world = world().await;
        secret(&world, "app/db").await;
        let first = call(&world, "PutSecretValue", put("two", '2', Value::Null)).await.ok();
        let again = call(&world, "PutSecretValue", put("two", '2', Value::Null)).await.ok();
        assert_eq!(first.json(), again.json());
        let mut told = Vec::new();
        for input in [
            put("other", '2', Value::Null),
            put("x", '3', json!(["a", "a"])),
            json!({"SecretId": "app/db"}),
            json!({"SecretId": "none", "SecretString": "x"}),
        ] {
            told.push(outcome(&world, "PutSecretValue", input).await);
        }
        let _ = call(&world, "CreateSecret", json!({"Name": "empty"})).await.ok();
        let input = json!({"SecretId": "empty", "SecretString": "x", "ClientRequestToken": token('1'), "VersionStages": ["mine"]});
        let _ = call(&world, "PutSecretValue", input).await.ok();
        assert_eq!(stages(&world, "empty").await, "1:mine+AWSCURRENT", "the first version is current");
        let _ = call(&world, "DeleteSecret", json!({"SecretId": "app/db"})).await.ok();
        told.push(outcome(&world, "PutSecretValue", put("x", '5', Value::Null)).await);
        insta::assert_snapshot!(told.join("\n"), @"
        400 ResourceExistsException: You can't use ClientRequestToken 22222222222222222222222222222222 because that value is already in use for a version of secret arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI.
        400 InvalidParameterException: The staging label a is given more than once.
        400 InvalidRequestException: You must provide either SecretString or SecretBinary.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        400 InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.
        ");
    }
}
