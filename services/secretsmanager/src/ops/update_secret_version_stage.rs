//! UpdateSecretVersionStage: moves a staging label from a version to another, or takes it away.
//! Source: Secrets Manager API reference, `UpdateSecretVersionStage`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager::{
    self as wire, InvalidParameterException, LimitExceededException, ResourceNotFoundException,
};

use crate::model::{CURRENT, Found, Secret, change, not_deleted};

/// The most labels of a version. Source: Secrets Manager User Guide, "Secrets Manager quotas".
const LIMIT: usize = 20;

pub(crate) struct UpdateSecretVersionStage;

impl Operation for UpdateSecretVersionStage {
    type Shape = wire::UpdateSecretVersionStage;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::UpdateSecretVersionStageKeys {
            secret_id: found.secret_id(),
            version_stage: input.version_stage.clone(),
        };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::UPDATE_SECRET_VERSION_STAGE, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                not_deleted(secret)?;
                move_label(call.input(), secret)?;
                secret.changed_at = tx.now();
                Ok(wire::UpdateSecretVersionStageResponse {
                    arn: Some(secret.arn.to_string()),
                    name: Some(secret.name.clone()),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "secretsmanager:CreateSecret",
                r#"{"Name": "app/db", "SecretString": "one"}"#,
                &[("version", "/VersionId")],
            )],
            input: r#"{"SecretId": "app/db", "VersionStage": "mine", "MoveToVersionId": "${version}"}"#,
        }
    }
}

/// A label that is at another version must be said to leave it; the current one cannot be nowhere.
fn move_label(
    input: &Input<UpdateSecretVersionStage>,
    secret: &mut Secret,
) -> Result<(), Refusal<wire::UpdateSecretVersionStage>> {
    let (stage, from, to) = (&input.version_stage, &input.remove_from_version_id, &input.move_to_version_id);
    for id in from.iter().chain(to) {
        if secret.version(id).is_none() {
            let message =
                format!("Secrets Manager can't find the specified secret value for VersionId: {id}");
            return Err(ResourceNotFoundException::new(message).into());
        }
    }
    let holder = secret.holder(stage).map(str::to_owned);
    let refused = |message: String| Err(InvalidParameterException::new(message).into());
    match (from, to) {
        (None, None) => {
            return refused("You must specify MoveToVersionId, RemoveFromVersionId, or both.".to_owned());
        }
        (Some(from), _) if holder.as_ref() != Some(from) => {
            return refused(format!("The staging label {stage} is not attached to version {from}."));
        }
        (Some(_), None) if stage == CURRENT => {
            return refused(format!(
                "You can only move staging label {CURRENT} to a different secret version. It can't be completely removed."
            ));
        }
        (None, Some(to)) => {
            if let Some(holder) = holder.filter(|holder| holder != to) {
                return refused(format!(
                    "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
                ));
            }
        }
        (Some(_), _) => {}
    }
    match to {
        Some(to) => secret.attach(stage, to),
        None => secret.detach(stage),
    }
    if secret.versions.iter().any(|version| version.stages.len() > LIMIT) {
        return Err(LimitExceededException::new("A version can have at most 20 staging labels.").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::{call, outcome, secret, stages, token, world};

    fn input(stage: &str, from: Option<char>, to: Option<char>) -> Value {
        let mut input = json!({"SecretId": "app/db", "VersionStage": stage});
        if let Some(from) = from {
            input["RemoveFromVersionId"] = json!(token(from));
        }
        if let Some(to) = to {
            input["MoveToVersionId"] = json!(token(to));
        }
        input
    }

    #[tokio::test]
    async fn labels_move_and_the_current_one_leaves_the_previous_one_behind() {
        let world = world().await;
        secret(&world, "app/db").await;
        let put = json!({"SecretId": "app/db", "SecretString": "two", "ClientRequestToken": token('2')});
        let _ = call(&world, "PutSecretValue", put).await.ok();
        let answer =
            call(&world, "UpdateSecretVersionStage", input("AWSCURRENT", Some('2'), Some('1'))).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "Name": "app/db"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-79ac-8609-b90b98688607",
          "eventName": "UpdateSecretVersionStage",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "04e1e249-f26d-44f5-a4ed-283173c71bf8",
          "requestParameters": {
            "moveToVersionId": "11111111111111111111111111111111",
            "removeFromVersionId": "22222222222222222222222222222222",
            "secretId": "app/db",
            "versionStage": "AWSCURRENT"
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
            "name": "app/db"
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
        assert_eq!(stages(&world, "app/db").await, "1:AWSCURRENT 2:AWSPREVIOUS");
        let _ = call(&world, "UpdateSecretVersionStage", input("mine", None, Some('2'))).await.ok();
        assert_eq!(stages(&world, "app/db").await, "1:AWSCURRENT 2:AWSPREVIOUS+mine");
        let _ = call(&world, "UpdateSecretVersionStage", input("mine", Some('2'), None)).await.ok();
        assert_eq!(stages(&world, "app/db").await, "1:AWSCURRENT 2:AWSPREVIOUS");
        let mut told = Vec::new();
        for input in [
            input("AWSCURRENT", None, Some('2')),
            input("AWSCURRENT", Some('1'), None),
            input("AWSCURRENT", Some('2'), Some('1')),
            input("mine", None, None),
            input("mine", None, Some('9')),
        ] {
            told.push(outcome(&world, "UpdateSecretVersionStage", input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version 11111111111111111111111111111111, so you must explicitly reference that version in RemoveFromVersionId.
        400 InvalidParameterException: You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.
        400 InvalidParameterException: The staging label AWSCURRENT is not attached to version 22222222222222222222222222222222.
        400 InvalidParameterException: You must specify MoveToVersionId, RemoveFromVersionId, or both.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: 99999999999999999999999999999999
        ");
        assert_eq!(stages(&world, "app/db").await, "1:AWSCURRENT 2:AWSPREVIOUS", "nothing of that moved");
    }

    #[tokio::test]
    async fn a_version_has_twenty_labels_at_most() {
        let world = world().await;
        secret(&world, "app/db").await;
        for number in 0..19 {
            let label = input(&format!("label-{number}"), None, Some('1'));
            let _ = call(&world, "UpdateSecretVersionStage", label).await.ok();
        }
        let refused = outcome(&world, "UpdateSecretVersionStage", input("one more", None, Some('1'))).await;
        assert_eq!(refused, "400 LimitExceededException: A version can have at most 20 staging labels.");
    }
}
