//! CreateSecret: a new secret, with its first version if a value is given.
//!
//! The same request again (the same ClientRequestToken and value) is answered as the first time. Replicas in other accounts and managed external
//! secrets are known and not built: such a request is answered with 501.
//! Source: Secrets Manager API reference, `CreateSecret`.

use std::sync::Arc;

use alcazar_core::Common;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager::{
    self as wire, InvalidRequestException, LimitExceededException, ResourceExistsException,
};

use crate::model::{
    CURRENT, Found, Given, KIND, Sealing, Secret, ask_for_key, checked_name, checked_replicas, checked_tags,
    chosen_key, key_arn, new_arn, put, replication_status, same_value, seal, tag_pairs,
};

pub(crate) struct CreateSecret;

impl Operation for CreateSecret {
    type Shape = wire::CreateSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::by_name(&input.name, view).await?;
        let guard = Found::to_be(&input.name, view);
        let mut located =
            Located::new(found).need(wire::actions::CREATE_SECRET, guard.clone(), keys(input, view));
        if let Some(tags) = &input.tags {
            located = located
                .need(wire::actions::TAG_RESOURCE, guard.clone(), keys(input, view))
                .tagging(tag_pairs(tags));
        }
        if input.add_replica_regions.is_some() {
            located = located.need(wire::actions::REPLICATE_SECRET_TO_REGIONS, guard, keys(input, view));
        }
        Ok(located)
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        checked_name(&input.name)?;
        only_what_is_built(input)?;
        let value = Given::of(input.secret_string.as_ref(), input.secret_binary.as_ref())?;
        if let Some(secret) = call.target().found() {
            let answer = again(&call, secret, value.as_ref()).await?;
            return call.answer(answer).await;
        }
        let version_id = input.client_request_token.clone().unwrap_or_else(|| call.uuid());
        let mut secret = new_secret(&call)?;
        if let Some(regions) = &input.add_replica_regions {
            let force = input.force_overwrite_replica_secret.unwrap_or(false);
            secret.replicas = checked_replicas(&secret, call.region(), regions, force)?;
            for replica in &mut secret.replicas {
                ask_for_key(&call, replica).await?;
            }
        }
        let sealing = match &value {
            Some(value) => {
                let key = secret.kms_key_id.clone();
                let sealing = seal(&call, &secret, key.as_deref(), &version_id, value).await?;
                let room = secret.add(&version_id, key, call.now());
                room.ok_or_else(|| LimitExceededException::new("There is no room for a version."))?;
                secret.attach(CURRENT, &version_id);
                Some(sealing)
            }
            None => None,
        };
        let answer = wire::CreateSecretResponse {
            version_id: sealing.is_some().then_some(version_id),
            replication_status: replication_status(&secret),
            ..told(&secret)
        };
        store(call, secret, sealing, answer).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"Name": "app/db", "SecretString": "one"}"# }
    }
}

type Refused = Refusal<wire::CreateSecret>;

async fn store(
    call: Call<CreateSecret>,
    secret: Secret,
    sealing: Option<Sealing>,
    answer: wire::CreateSecretResponse,
) -> Result<Committed<wire::CreateSecretResponse>, Refused> {
    call.commit(|tx, _| {
        if let Some(sealing) = &sealing {
            sealing.put(tx, &secret)?;
        }
        let mut secret = secret.clone();
        secret.keep_in_step(tx)?;
        put(tx, &secret)?;
        tx.made(KIND, &secret.arn);
        Ok(answer.clone())
    })
    .await
}

fn keys(input: &Input<CreateSecret>, view: &View) -> wire::CreateSecretKeys {
    let replicas = input.add_replica_regions.iter().flatten();
    wire::CreateSecretKeys {
        add_replica_regions: replicas.filter_map(|replica| replica.region.clone()).collect(),
        description: input.description.clone(),
        force_overwrite_replica_secret: input.force_overwrite_replica_secret.unwrap_or(false),
        kms_key_arn: key_arn(input.kms_key_id.as_deref(), view),
        kms_key_id: input.kms_key_id.clone(),
        name: input.name.clone(),
        r#type: input.r#type.clone(),
    }
}

fn only_what_is_built(input: &Input<CreateSecret>) -> Result<(), Failure> {
    if input.cross_account_primary_arn.is_some() {
        let message = "Replicas of another account's secrets are not built yet.";
        return Err(Failure::common(Common::NotImplemented, message));
    }
    match input.r#type {
        None => Ok(()),
        Some(_) => {
            Err(Failure::common(Common::NotImplemented, "Managed external secrets are not built yet."))
        }
    }
}

fn new_secret(call: &Call<CreateSecret>) -> Result<Secret, Refused> {
    let input = call.input();
    Ok(Secret {
        name: input.name.clone(),
        arn: new_arn(call, &input.name),
        account: call.account(),
        created_at: call.now(),
        changed_at: call.now(),
        accessed_on: None,
        description: input.description.clone().filter(|description| !description.is_empty()),
        kms_key_id: chosen_key(input.kms_key_id.as_deref()),
        tags: checked_tags(Default::default(), input.tags.as_deref().unwrap_or_default())?,
        deletion: None,
        policy: None,
        policies: Default::default(),
        rotation: None,
        replicas: Vec::new(),
        primary: None,
        versions: Vec::new(),
    })
}

/// The answer to a request whose name is taken: as the first time if it is the same request, and a refusal otherwise.
async fn again(
    call: &Call<CreateSecret>,
    secret: &Arc<Secret>,
    value: Option<&Given<'_>>,
) -> Result<wire::CreateSecretResponse, Refused> {
    if secret.deletion.is_some() {
        let message =
            "You can't create this secret because a secret with this name is already scheduled for deletion.";
        return Err(InvalidRequestException::new(message).into());
    }
    if let (Some(token), Some(value)) = (&call.input().client_request_token, value)
        && secret.version(token).is_some()
        && same_value(call, secret, token, value).await?
    {
        return Ok(wire::CreateSecretResponse { version_id: Some(token.clone()), ..told(secret) });
    }
    let message = format!("The operation failed because the secret {} already exists.", secret.name);
    Err(ResourceExistsException::new(message).into())
}

fn told(secret: &Secret) -> wire::CreateSecretResponse {
    wire::CreateSecretResponse {
        arn: Some(secret.arn.to_string()),
        name: Some(secret.name.clone()),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, stages, token, world};

    #[tokio::test]
    async fn a_secret_has_its_value_in_a_first_version_and_no_record_has_it() {
        let world = world().await;
        let input = json!({"Name": "app/db", "SecretString": "hunter2-xyzzy", "Description": "mine", "ClientRequestToken": token('1'), "Tags": [{"Key": "team", "Value": "red"}]});
        let answer = call(&world, "CreateSecret", input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "Name": "app/db",
          "VersionId": "11111111111111111111111111111111"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7dbd-b2ea-07431b4790e9",
          "eventName": "CreateSecret",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": {
            "clientRequestToken": "11111111111111111111111111111111",
            "description": "mine",
            "name": "app/db",
            "tags": [
              {
                "key": "team",
                "value": "red"
              }
            ]
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
            "versionId": "11111111111111111111111111111111"
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
        assert_eq!(stages(&world, "app/db").await, "1:AWSCURRENT");
        let records = world.records(10).await;
        assert!(records.contains("GenerateDataKey") && !records.contains("xyzzy"), "{records}");
    }

    #[tokio::test]
    async fn a_secret_may_have_no_value_yet() {
        let world = world().await;
        let answer = call(&world, "CreateSecret", json!({"Name": "empty"})).await.ok().json();
        assert_eq!((&answer["Name"], answer.get("VersionId")), (&json!("empty"), None));
        assert_eq!(stages(&world, "empty").await, "");
    }

    #[tokio::test]
    async fn the_same_request_is_answered_again_and_another_refused() {
        let world = world().await;
        let input = |value: &str, letter: char| json!({"Name": "n", "SecretString": value, "ClientRequestToken": token(letter)});
        let first = call(&world, "CreateSecret", input("one", '1')).await.ok();
        assert_eq!(call(&world, "CreateSecret", input("one", '1')).await.ok().json(), first.json());
        let mut told = Vec::new();
        for input in [
            input("two", '1'),
            input("one", '2'),
            json!({"Name": "with space"}),
            json!({"Name": "m", "SecretString": "a", "SecretBinary": "YQ=="}),
            json!({"Name": "m", "SecretString": "\u{e9}".repeat(40_000)}),
            json!({"Name": "m", "SecretString": "a", "KmsKeyId": "alias/none"}),
            json!({"Name": "m", "Tags": [{"Key": "aws:x"}]}),
            json!({"Name": "m", "AddReplicaRegions": [{"Region": "us-east-1"}]}),
            json!({"Name": "m", "Type": "x"}),
        ] {
            told.push(outcome(&world, "CreateSecret", input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 ResourceExistsException: The operation failed because the secret n already exists.
        400 ResourceExistsException: The operation failed because the secret n already exists.
        400 InvalidParameterException: Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!
        400 InvalidParameterException: You can't specify both a binary secret value and a string secret value in the same secret.
        400 InvalidParameterException: The secret value has 80000 bytes; the limit is 65536.
        400 EncryptionFailure: Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.
        400 InvalidParameterException: Tag keys that begin with aws: are reserved.
        400 InvalidParameterException: Invalid replica region.
        501 NotImplementedException: Managed external secrets are not built yet.
        ");
    }
}
