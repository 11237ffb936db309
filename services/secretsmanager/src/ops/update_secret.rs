//! UpdateSecret: another description, key or value. A value makes a new version, which is the current one. Under another key, the current, the
//! previous and the pending version are encrypted anew. Of a replica, nothing changes but the key, in the replica's Region.
//! Source: Secrets Manager API reference, `UpdateSecret`; User Guide, "Promote a replica secret to a standalone secret".

use alcazar_core::{Common, Region};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Input, Job, Located, Operation, Output, Refusal, Tx, View,
};
use alcazar_store::Scope;
use wire_secretsmanager as wire;

use super::put_secret_value::{in_use, no_room};
use crate::jobs::replicate_secret::ReplicateSecret;
use crate::model::{
    CURRENT, Found, Given, PENDING, PREVIOUS, Sealing, Secret, change, chosen_key, key_arn, no_replica,
    not_deleted, open, put, put_version, row, same_value, seal, touch,
};

pub(crate) struct UpdateSecret;

impl Operation for UpdateSecret {
    type Shape = wire::UpdateSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::UpdateSecretKeys {
            description: input.description.clone(),
            kms_key_arn: key_arn(input.kms_key_id.as_deref(), view),
            kms_key_id: input.kms_key_id.clone(),
            secret_id: found.secret_id(),
            r#type: input.r#type.clone(),
        };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::UPDATE_SECRET, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let secret = call.target().secret()?;
        not_deleted(secret)?;
        if let (Some(primary), true) = (secret.primary, only_the_key(input)) {
            return replica_key(call, primary).await;
        }
        no_replica(secret)?;
        if input.r#type.is_some() {
            let message = "Managed external secrets are not built yet.";
            return Err(Failure::common(Common::NotImplemented, message).into());
        }
        let value = Given::of(input.secret_string.as_ref(), input.secret_binary.as_ref())?;
        let token = input.client_request_token.clone().unwrap_or_else(|| call.uuid());
        let version_id = value.is_some().then_some(token);
        let key = match &input.kms_key_id {
            Some(named) => chosen_key(Some(named)),
            None => secret.kms_key_id.clone(),
        };
        let anew = encrypted_anew(&call, secret, key.as_deref()).await?;
        let new =
            new_version(&call, secret, key.as_deref(), value.as_ref().zip(version_id.as_deref())).await?;
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                if let Some(description) = &call.input().description {
                    secret.description = Some(description.clone()).filter(|text| !text.is_empty());
                }
                encrypt_anew(tx, secret, &key, &anew)?;
                if let (Some(sealing), Some(id)) = (&new, &version_id) {
                    put_version(tx, secret, id, &[CURRENT.to_owned()], sealing)?.ok_or_else(no_room)?;
                    secret.overtaken(tx)?;
                }
                Ok(wire::UpdateSecretResponse {
                    arn: Some(secret.arn.to_string()),
                    name: Some(secret.name.clone()),
                    version_id: version_id.clone(),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db", "Description": "mine", "SecretString": "two"}"#,
        }
    }
}

type Refused = Refusal<wire::UpdateSecret>;

/// Whether the request wants another key and nothing else.
fn only_the_key(input: &Input<UpdateSecret>) -> bool {
    input.kms_key_id.is_some()
        && input.description.is_none()
        && input.secret_string.is_none()
        && input.secret_binary.is_none()
        && input.r#type.is_none()
}

/// Another key for a replica; its primary knows it from then on, and tries again what had failed under the old one.
async fn replica_key(
    call: Call<UpdateSecret>,
    primary: Region,
) -> Result<Committed<wire::UpdateSecretResponse>, Refused> {
    let key = chosen_key(call.input().kms_key_id.as_deref());
    let anew = encrypted_anew(&call, call.target().secret()?, key.as_deref()).await?;
    call.commit(|tx, call| {
        touch(tx, call.target(), |tx, secret| {
            if let Some(known) = row(tx, Scope::Region(secret.account, primary), &secret.name)? {
                let mut known = (*known).clone();
                let ours = known.replicas.iter_mut().find(|replica| replica.region == call.region());
                if let Some(replica) = ours {
                    replica.kms_key_id.clone_from(&key);
                    replica.follow();
                    tx.remind(tx.now(), ReplicateSecret::NAME, known.scope(), &known.name)?;
                }
                put(tx, &known)?;
            }
            encrypt_anew(tx, secret, &key, &anew)?;
            Ok(wire::UpdateSecretResponse {
                arn: Some(secret.arn.to_string()),
                name: Some(secret.name.clone()),
                version_id: None,
            })
        })
    })
    .await
}

/// Puts the key in place, and what was encrypted under it.
fn encrypt_anew(
    tx: &mut Tx<'_>,
    secret: &mut Secret,
    key: &Option<String>,
    anew: &[(String, Sealing)],
) -> Result<(), Failure> {
    secret.kms_key_id.clone_from(key);
    secret.changed_at = tx.now();
    for (id, sealing) in anew {
        sealing.put(tx, secret)?;
        let version = secret.versions.iter_mut().find(|version| version.id == *id);
        version.into_iter().for_each(|version| version.kms_key_id.clone_from(key));
    }
    Ok(())
}

/// The value of a version to be made; none if the same request has made it already.
async fn new_version(
    call: &Call<UpdateSecret>,
    secret: &Secret,
    key: Option<&str>,
    asked: Option<(&Given<'_>, &str)>,
) -> Result<Option<Sealing>, Refused> {
    let Some((value, id)) = asked else { return Ok(None) };
    if secret.version(id).is_none() {
        return Ok(Some(seal(call, secret, key, id, value).await?));
    }
    match same_value(call, secret, id, value).await? {
        true => Ok(None),
        false => Err(in_use(id, secret).into()),
    }
}

/// The versions in use under another key, if the key is another one.
async fn encrypted_anew(
    call: &Call<UpdateSecret>,
    secret: &Secret,
    key: Option<&str>,
) -> Result<Vec<(String, Sealing)>, Refused> {
    let mut sealings = Vec::new();
    if key == secret.kms_key_id.as_deref() {
        return Ok(sealings);
    }
    let ours = |stage: &String| [CURRENT, PENDING, PREVIOUS].contains(&stage.as_str());
    for version in secret.versions.iter().filter(|version| version.stages.iter().any(ours)) {
        if let Some(value) = open(call, secret, &version.id).await? {
            let sealing = seal(call, secret, key, &version.id, &value.given()).await?;
            sealings.push((version.id.clone(), sealing));
        }
    }
    Ok(sealings)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, secret, stages, token, world};

    #[tokio::test]
    async fn description_and_value_change_and_the_rest_stays() {
        let world = world().await;
        secret(&world, "app/db").await;
        let input = json!({"SecretId": "app/db", "Description": "mine", "SecretString": "two-xyzzy", "ClientRequestToken": token('2')});
        let answer = call(&world, "UpdateSecret", input.clone()).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "Name": "app/db",
          "VersionId": "22222222222222222222222222222222"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7876-9444-42c9dccec7ed",
          "eventName": "UpdateSecret",
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
            "description": "mine",
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
            "versionId": "22222222222222222222222222222222"
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
        assert_eq!(call(&world, "UpdateSecret", input).await.ok().json(), answer.json(), "once is enough");
        assert_eq!(stages(&world, "app/db").await, "1:AWSPREVIOUS 2:AWSCURRENT");
        let answer =
            call(&world, "UpdateSecret", json!({"SecretId": "app/db", "Description": ""})).await.ok();
        assert_eq!(answer.json().get("VersionId"), None);
        let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await.ok().json();
        assert_eq!(described.get("Description"), None);
        let other = json!({"SecretId": "app/db", "SecretString": "x", "ClientRequestToken": token('2')});
        let told = outcome(&world, "UpdateSecret", other).await;
        assert!(
            told.starts_with("400 ResourceExistsException: You can't use ClientRequestToken 2222"),
            "{told}"
        );
        assert!(!world.records(20).await.contains("xyzzy"));
    }

    #[tokio::test]
    async fn under_another_key_the_versions_in_use_are_encrypted_anew() {
        let world = world().await;
        secret(&world, "app/db").await;
        let put = |letter: char| json!({"SecretId": "app/db", "SecretString": letter.to_string(), "ClientRequestToken": token(letter)});
        for letter in ['2', '3'] {
            let _ = call(&world, "PutSecretValue", put(letter)).await.ok();
        }
        let key = world.call("kms:CreateKey", "{}").await.ok().text("/KeyMetadata/Arn");
        let _ = call(&world, "UpdateSecret", json!({"SecretId": "app/db", "KmsKeyId": key})).await.ok();
        let all = json!({"SecretId": "app/db", "IncludeDeprecated": true});
        let listed = call(&world, "ListSecretVersionIds", all).await.ok().json();
        let keys: Vec<_> = listed["Versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| version["KmsKeyIds"][0].clone())
            .collect();
        assert_eq!(keys, [json!("DefaultEncryptionKey"), json!(key), json!(key)]);
        let _ = world.call("kms:DisableKey", &json!({"KeyId": key}).to_string()).await.ok();
        let mut told = Vec::new();
        for letter in ['1', '2', '3'] {
            let input = json!({"SecretId": "app/db", "VersionId": token(letter)});
            told.push(outcome(&world, "GetSecretValue", input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        200
        400 DecryptionFailure: Secrets Manager can't decrypt the protected secret text using the provided KMS key.
        400 DecryptionFailure: Secrets Manager can't decrypt the protected secret text using the provided KMS key.
        ");
    }
}
