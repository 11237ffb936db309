//! Decrypt: what Encrypt, ReEncrypt or a data key operation gave back, under the same encryption context.
//!
//! A symmetric ciphertext names its key: it is looked for in the caller's account, then wherever it is. An RSA ciphertext names nothing, so the
//! call names key and algorithm. Whatever is wrong with ciphertext or context, the answer is one and the same.
//! Source: KMS API reference, `Decrypt`.

use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, DryRunModifierType, EncryptionAlgorithmSpec, KeyUsageType};

use crate::model::{
    Source, check_tokens, checked_context, context_keys, context_map, dry_run, no_recipient, usable_for, used,
};

pub(crate) struct Decrypt;

impl Operation for Decrypt {
    type Shape = wire::Decrypt;
    type Target = Source;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let context = input.encryption_context.as_ref();
        let source = Source::find(input.key_id.as_deref(), input.ciphertext_blob.as_deref(), view).await?;
        let guard = source.guard("Decrypt", context, view).await?;
        let keys = wire::DecryptKeys {
            encryption_algorithm: algorithm(input).to_string(),
            encryption_context: context_map(context),
            encryption_context_keys: context_keys(context),
            request_alias: source.alias(),
        };
        Ok(used(source).need(wire::actions::DECRYPT, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        no_recipient(input.recipient.as_ref())?;
        let ignored = ignores_ciphertext(input.dry_run, input.dry_run_modifiers.as_deref());
        let blob = ciphertext(input.ciphertext_blob.as_deref(), ignored)?;
        let key = call.target().key()?;
        check_tokens(input.grant_tokens.as_ref(), &[key], call.view()).await?;
        let context = checked_context(input.encryption_context.as_ref())?;
        if ignored {
            usable_for(key, KeyUsageType::EncryptDecrypt, "Decrypt")?;
            dry_run(input.dry_run)?;
        }
        let blob = call.target().inner(&call, "Decrypt", &context, blob).await?;
        let (plaintext, material) =
            call.target().decrypt(&call, "Decrypt", algorithm(input), &context, &blob)?;
        dry_run(input.dry_run)?;
        let answer = wire::DecryptResponse {
            key_id: Some(key.arn.to_string()),
            plaintext: Some(plaintext),
            encryption_algorithm: Some(algorithm(input)),
            key_material_id: material,
            ..Default::default()
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
            ],
            input: r#"{"CiphertextBlob": "${blob}"}"#,
        }
    }
}

fn algorithm(input: &Input<Decrypt>) -> EncryptionAlgorithmSpec {
    input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault)
}

/// Whether the call only asks for its permission, without a ciphertext.
pub(crate) fn ignores_ciphertext(dry_run: Option<bool>, modifiers: Option<&[DryRunModifierType]>) -> bool {
    let modifiers = modifiers.unwrap_or_default();
    dry_run == Some(true) && modifiers.contains(&DryRunModifierType::IgnoreCiphertext)
}

/// The ciphertext, which only a dry run may leave out.
pub(crate) fn ciphertext(blob: Option<&[u8]>, ignored: bool) -> Result<&[u8], Failure> {
    match blob {
        Some(blob) => Ok(blob),
        None if ignored => Ok(&[]),
        None => Err(Failure::validation(
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
        )),
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_ciphertext_names_the_key_and_the_plaintext_is_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let context = r#""EncryptionContext": {"app": "x"}"#;
        let input = key.with(&format!(r#""Plaintext": "c2VjcmV0", {context}"#));
        let blob = world.call("kms:Encrypt", &input).await.ok().text("/CiphertextBlob");
        let answer =
            world.call("kms:Decrypt", &format!(r#"{{"CiphertextBlob": "{blob}", {context}}}"#)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
          "Plaintext": "c2VjcmV0"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-79f2-aac6-99747ca2f13c",
          "eventName": "Decrypt",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "22db33e5-6085-4d94-8f9c-714dc43efc37",
          "requestParameters": {
            "encryptionContext": {
              "app": "x"
            }
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
    }

    #[tokio::test]
    async fn rsa_ciphertext_needs_its_key_and_algorithm() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}"#).await;
        for algorithm in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] {
            let algorithm = format!(r#""EncryptionAlgorithm": "{algorithm}""#);
            let input = key.with(&format!(r#""Plaintext": "c2VjcmV0", {algorithm}"#));
            let blob = world.call("kms:Encrypt", &input).await.ok().text("/CiphertextBlob");
            let input = key.with(&format!(r#""CiphertextBlob": "{blob}", {algorithm}"#));
            assert_eq!(world.call("kms:Decrypt", &input).await.ok().text("/Plaintext"), "c2VjcmV0");
            let nameless = format!(r#"{{"CiphertextBlob": "{blob}", {algorithm}}}"#);
            assert_eq!(refusal(&world, "kms:Decrypt", &nameless).await, "400 InvalidCiphertextException: ");
            let wrong = key.with(r#""CiphertextBlob": "AAAA", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256""#);
            assert_eq!(refusal(&world, "kms:Decrypt", &wrong).await, "400 InvalidCiphertextException: ");
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_only_where_it_helps_nobody_else() {
        let world = World::of(&[crate::SERVICE]).await;
        let mine = key(&world, "{}").await;
        let other = key(&world, "{}").await;
        let hmac = key(&world, r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#).await;
        let blob = world
            .call("kms:Encrypt", &mine.with(r#""Plaintext": "c2VjcmV0""#))
            .await
            .ok()
            .text("/CiphertextBlob");
        // Altered in the last bytes, the tag; truncated; of another format.
        let altered = format!("{}AAA=", &blob[..blob.len() - 4]);
        let mut told = Vec::new();
        for input in [
            format!(r#"{{"CiphertextBlob": "{altered}"}}"#),
            format!(r#"{{"CiphertextBlob": "{}"}}"#, &blob[..64]),
            r#"{"CiphertextBlob": "aGVsbG8="}"#.to_owned(),
            format!(r#"{{"CiphertextBlob": "{blob}", "EncryptionContext": {{"a": "b"}}}}"#),
            other.with(&format!(r#""CiphertextBlob": "{blob}""#)),
            hmac.with(&format!(r#""CiphertextBlob": "{blob}""#)),
            mine.with(&format!(r#""CiphertextBlob": "{blob}", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1""#)),
            mine.with(""),
            mine.with(&format!(r#""CiphertextBlob": "{blob}", "DryRun": true"#)),
            mine.with(r#""DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]"#),
            format!(r#"{{"CiphertextBlob": "{blob}", "Recipient": {{}}}}"#),
        ] {
            told.push(refusal(&world, "kms:Decrypt", &input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidCiphertextException: 
        400 InvalidCiphertextException: 
        400 InvalidCiphertextException: 
        400 InvalidCiphertextException: 
        400 IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.
        400 IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.
        400 InvalidKeyUsageException: Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT.
        400 ValidationException: 1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null
        400 DryRunOperationException: The request would have succeeded, but the DryRun option is set.
        400 DryRunOperationException: The request would have succeeded, but the DryRun option is set.
        400 ValidationException: Recipient is not supported: there are no attested enclaves here.
        ");
    }
}
