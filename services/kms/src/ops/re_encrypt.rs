//! ReEncrypt: a ciphertext moves from one key to another, or to another context, and its plaintext stays inside.
//!
//! Two rights: kms:ReEncryptFrom on the key that decrypts and kms:ReEncryptTo on the one that encrypts, in any accounts.
//! Source: KMS API reference, `ReEncrypt`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Quota, Refusal, View};
use wire_kms::{self as wire, EncryptionAlgorithmSpec, KeyUsageType};

use super::decrypt::{ciphertext, ignores_ciphertext};
use crate::model::{
    Found, Keyed, Reference, Source, check_tokens, checked_context, context_keys, context_map, dry_run,
    encrypt, encrypted_outside, guard, usable_for, used,
};

pub(crate) struct ReEncrypt;

/// From where, and to where.
pub(crate) struct Move {
    source: Source,
    destination: Found,
}

impl Keyed for Move {
    fn quotas(&self) -> [Option<&'static Quota>; 2] {
        let [source, _] = self.source.quotas();
        let [destination, _] = self.destination.quotas();
        [source, destination]
    }
}

impl Operation for ReEncrypt {
    type Shape = wire::ReEncrypt;
    type Target = Move;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let contexts =
            (input.source_encryption_context.as_ref(), input.destination_encryption_context.as_ref());
        let source =
            Source::find(input.source_key_id.as_deref(), input.ciphertext_blob.as_deref(), view).await?;
        let destination = Reference::read(&input.destination_key_id, view).find(view).await?;
        let from = source.guard("ReEncryptFrom", contexts.0, view).await?;
        let to = guard(&destination, "ReEncryptTo", contexts.1, view).await?;
        let same = source.arn() == Some(&destination.arn);
        let keys = |algorithm: Option<EncryptionAlgorithmSpec>, context, alias| wire::ReEncryptKeys {
            encryption_algorithm: algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault).to_string(),
            encryption_context: context_map(context),
            encryption_context_keys: context_keys(context),
            re_encrypt_on_same_key: same,
            request_alias: alias,
        };
        let from_keys = keys(input.source_encryption_algorithm, contexts.0, source.alias());
        let to_keys = keys(input.destination_encryption_algorithm, contexts.1, destination.alias.clone());
        Ok(used(Move { source, destination }).need(wire::actions::RE_ENCRYPT_FROM, from, from_keys).need(
            wire::actions::RE_ENCRYPT_TO,
            to,
            to_keys,
        ))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let from = input.source_encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
        let to = input.destination_encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
        let ignored = ignores_ciphertext(input.dry_run, input.dry_run_modifiers.as_deref());
        let blob = ciphertext(input.ciphertext_blob.as_deref(), ignored)?;
        let source = call.target().source.key()?;
        let destination = call.target().destination.key()?;
        check_tokens(input.grant_tokens.as_ref(), &[source, destination], call.view()).await?;
        let source_context = checked_context(input.source_encryption_context.as_ref())?;
        let context = checked_context(input.destination_encryption_context.as_ref())?;
        usable_for(destination, KeyUsageType::EncryptDecrypt, "ReEncryptTo")?;
        if ignored {
            usable_for(source, KeyUsageType::EncryptDecrypt, "ReEncryptFrom")?;
            dry_run(input.dry_run)?;
        }
        let blob = call.target().source.inner(&call, "ReEncryptFrom", &source_context, blob).await?;
        let (plaintext, material) =
            call.target().source.decrypt(&call, "ReEncryptFrom", from, &source_context, &blob)?;
        let encrypted = encrypt(&call, destination, to, &context, plaintext.expose())?;
        let encrypted = encrypted_outside(&call, destination, &context, encrypted).await?;
        dry_run(input.dry_run)?;
        let symmetric = to == EncryptionAlgorithmSpec::SymmetricDefault;
        let answer = wire::ReEncryptResponse {
            ciphertext_blob: Some(encrypted.blob),
            source_key_id: Some(source.arn.to_string()),
            key_id: Some(destination.arn.to_string()),
            source_encryption_algorithm: Some(from),
            destination_encryption_algorithm: Some(to),
            source_key_material_id: material,
            destination_key_material_id: symmetric.then_some(encrypted.material_id),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")]),
                (
                    "kms:Encrypt",
                    r#"{"KeyId": "${key}", "Plaintext": "c2VjcmV0"}"#,
                    &[("blob", "/CiphertextBlob")],
                ),
                ("kms:CreateKey", "{}", &[("other", "/KeyMetadata/KeyId")]),
            ],
            input: r#"{"CiphertextBlob": "${blob}", "DestinationKeyId": "${other}", "DestinationEncryptionContext": {"app": "new"}}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_ciphertext_opens_under_the_new_key_and_context_alone() {
        let world = World::of(&[crate::SERVICE]).await;
        let old = key(&world, "{}").await;
        let new = key(&world, "{}").await;
        let blob = world
            .call("kms:Encrypt", &old.with(r#""Plaintext": "c2VjcmV0""#))
            .await
            .ok()
            .text("/CiphertextBlob");
        let input = format!(
            r#"{{"CiphertextBlob": "{blob}", "DestinationKeyId": "{}", "DestinationEncryptionContext": {{"app": "new"}}}}"#,
            new.id
        );
        let answer = world.call("kms:ReEncrypt", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "CiphertextBlob": "AQBGDhRP64lLFb6k9aEPUgrlk7qS8xL1o8nIoIg3zqGVDN7jZQT0sJ3NkbPYZ6kJtkoV/wCJ9WEpmNfgBrNWYP+snS0QWeVkRJYcKr/B1phLfmP7BzXR6gGpGS8C/t/LEi+86g==",
          "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
          "DestinationKeyMaterialId": "93ba92f312f5a3c9c8a08837cea1950cdee36504f4b09dcd91b3d867a909b64a",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/460e144f-eb89-4b15-bea4-f5a10f520ae5",
          "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
          "SourceKeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "SourceKeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7d9a-ab68-56ed934cc554",
          "eventName": "ReEncrypt",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "b8c9c02b-928a-4cf3-ba5a-f40226257959",
          "requestParameters": {
            "destinationEncryptionContext": {
              "app": "new"
            },
            "destinationKeyId": "460e144f-eb89-4b15-bea4-f5a10f520ae5"
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            },
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/460e144f-eb89-4b15-bea4-f5a10f520ae5",
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
        let moved = answer.text("/CiphertextBlob");
        let input =
            new.with(&format!(r#""CiphertextBlob": "{moved}", "EncryptionContext": {{"app": "new"}}"#));
        assert_eq!(world.call("kms:Decrypt", &input).await.ok().text("/Plaintext"), "c2VjcmV0");
        let old = old.with(&format!(r#""CiphertextBlob": "{moved}", "EncryptionContext": {{"app": "new"}}"#));
        assert!(refusal(&world, "kms:Decrypt", &old).await.starts_with("400 IncorrectKeyException"));
    }
}
