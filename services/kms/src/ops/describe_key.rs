//! DescribeKey: what a key is. Works for keys in other accounts, named by their ARN.
//!
//! An AWS managed key that is asked for by its predefined alias (`alias/aws/secretsmanager`) is made, if it is not there yet: services ask so before
//! they first use theirs.
//! Source: KMS API reference, `DescribeKey`.

use alcazar_core::AccountId;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{
    Found, KEY_KIND, Managed, Reference, guard, guard_to_be, located, managed_key, metadata, predefined,
    put_managed_key,
};

pub(crate) struct DescribeKey;

impl Operation for DescribeKey {
    type Shape = wire::DescribeKey;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let mut guard = guard(&found, "DescribeKey", None, view).await?;
        if let Some(managed) = to_be_made(&found, view.account()) {
            guard = guard_to_be(guard, managed, view);
        }
        let keys = wire::DescribeKeyKeys { request_alias: found.alias.clone() };
        Ok(located(found).need(wire::actions::DESCRIBE_KEY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let found = call.target();
        if let Some(managed) = to_be_made(found, call.account()) {
            let key = managed_key(&call, managed).await?;
            let answer = wire::DescribeKeyResponse { key_metadata: Some(metadata(&key)) };
            return call
                .commit(|tx, _| {
                    put_managed_key(tx, &key)?;
                    tx.made(KEY_KIND, &key.arn);
                    Ok(answer.clone())
                })
                .await;
        }
        let key_metadata = Some(metadata(found.key()?));
        call.answer(wire::DescribeKeyResponse { key_metadata }).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}"}"# }
    }
}

/// The AWS managed key of the caller's account that is asked for and not there yet.
fn to_be_made(found: &Found, caller: AccountId) -> Option<&'static Managed> {
    let own = found.found().is_none() && found.owner == caller;
    found.alias.as_deref().and_then(predefined).filter(|_| own)
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn a_key_is_described_by_id_arn_and_alias() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:DescribeKey", &format!(r#"{{"KeyId": "{}"}}"#, key.id)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyMetadata": {
            "AWSAccountId": "111122223333",
            "Arn": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "CreationDate": 1795348800,
            "CurrentKeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "Description": "",
            "Enabled": true,
            "EncryptionAlgorithms": [
              "SYMMETRIC_DEFAULT"
            ],
            "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": false,
            "Origin": "AWS_KMS"
          }
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "DescribeKey",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
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
        let by_arn = world.call("kms:DescribeKey", &format!(r#"{{"KeyId": "{}"}}"#, key.arn)).await;
        assert_eq!(by_arn.body, answer.body);
        let _ = world
            .call("kms:CreateAlias", &format!(r#"{{"AliasName": "alias/a", "TargetKeyId": "{}"}}"#, key.id))
            .await
            .ok();
        let by_alias = world.call("kms:DescribeKey", r#"{"KeyId": "alias/a"}"#).await;
        assert_eq!(by_alias.body, answer.body);
        let alias = r#"{"KeyId": "arn:aws:kms:us-east-1:111122223333:alias/a"}"#;
        assert_eq!(world.call("kms:DescribeKey", alias).await.body, answer.body);
    }

    #[tokio::test]
    async fn what_is_not_there_is_told_in_aws_words() {
        let world = World::of(&[crate::SERVICE]).await;
        let mut told = Vec::new();
        for id in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "fake-key-id",
            "134f2428cec14b25a1ae9048164dba47",
            "alias/nope",
            "arn:aws:kms:us-east-1:111122223333:alias/nope",
            "arn:aws:iam::111122223333:role/x",
            "arn:aws:kms",
        ] {
            told.push(refusal(&world, "kms:DescribeKey", &format!(r#"{{"KeyId": "{id}"}}"#)).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' does not exist
        400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab' does not exist
        400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' does not exist
        400 NotFoundException: Invalid arn us-west-2
        400 NotFoundException: Invalid keyId 'fake-key-id'
        400 NotFoundException: Invalid keyId '134f2428cec14b25a1ae9048164dba47'
        400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/nope is not found.
        400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/nope is not found.
        400 NotFoundException: Invalid arn arn:aws:iam::111122223333:role/x
        400 NotFoundException: Invalid arn arn:aws:kms
        ");
    }
}
