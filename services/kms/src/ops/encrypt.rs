//! Encrypt: up to 4096 bytes under a symmetric key, fewer under an RSA key.
//!
//! A symmetric ciphertext names its key and material, and is bound to the encryption context; an RSA ciphertext is the raw OAEP bytes.
//! Source: KMS API reference, `Encrypt`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, EncryptionAlgorithmSpec, KeyUsageType};

use crate::example;
use crate::model::{
    Found, Reference, checked_context, context_keys, context_map, dry_run, encrypt, encrypted_outside, guard,
    usable_for, used,
};

pub(crate) struct Encrypt;

impl Operation for Encrypt {
    type Shape = wire::Encrypt;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let context = input.encryption_context.as_ref();
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "Encrypt", context, view).await?;
        let keys = wire::EncryptKeys {
            encryption_algorithm: algorithm(input).to_string(),
            encryption_context: context_map(context),
            encryption_context_keys: context_keys(context),
            request_alias: found.alias.clone(),
        };
        Ok(used(found).need(wire::actions::ENCRYPT, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::EncryptDecrypt, "Encrypt")?;
        let context = checked_context(input.encryption_context.as_ref())?;
        let encrypted = encrypt(&call, key, algorithm(input), &context, input.plaintext.expose())?;
        let encrypted = encrypted_outside(&call, key, &context, encrypted).await?;
        dry_run(input.dry_run)?;
        let answer = wire::EncryptResponse {
            ciphertext_blob: Some(encrypted.blob),
            key_id: Some(key.arn.to_string()),
            encryption_algorithm: Some(algorithm(input)),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: example::KEY,
            input: r#"{"KeyId": "${key}", "Plaintext": "c2VjcmV0", "EncryptionContext": {"app": "test"}}"#,
        }
    }
}

fn algorithm(input: &Input<Encrypt>) -> EncryptionAlgorithmSpec {
    input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault)
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_ciphertext_is_told_and_the_plaintext_is_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let input = format!(
            r#"{{"KeyId": "{}", "Plaintext": "c2VjcmV0", "EncryptionContext": {{"app": "x"}}}}"#,
            key.id
        );
        let answer = world.call("kms:Encrypt", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "CiphertextBlob": "AQCMdlTs/XtLYruAPi9OAq0c8nJq1qHkXc4eqhyXwwcxs2WfBqf8ngcAxxy5C0mhvURGDhRP64lLFT6k9aEPUgrlYkqFRNYe4k3pTgGTZjfg/og4wdsogV7EWChel6J7pFD0Aw==",
          "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-77c0-a559-b74fdab168e5",
          "eventName": "Encrypt",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "encryptionContext": {
              "app": "x"
            },
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
    }

    #[tokio::test]
    async fn what_does_not_go_together_is_refused_in_words() {
        let world = World::of(&[crate::SERVICE]).await;
        let symmetric = key(&world, "{}").await;
        let rsa = key(&world, r#"{"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}"#).await;
        let hmac = key(&world, r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#).await;
        let long = "A".repeat(256);
        let mut told = Vec::new();
        for (key, rest) in [
            (&symmetric, r#""Plaintext": "c2VjcmV0", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1""#),
            (&symmetric, r#""Plaintext": "c2VjcmV0", "EncryptionContext": {"App": "1", "app": "2"}"#),
            (&symmetric, r#""Plaintext": "c2VjcmV0", "DryRun": true"#),
            (&symmetric, r#""Plaintext": "c2VjcmV0", "GrantTokens": ["AAAA"]"#),
            (&rsa, r#""Plaintext": "c2VjcmV0""#),
            (
                &rsa,
                r#""Plaintext": "c2VjcmV0", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1", "EncryptionContext": {"a": "b"}"#,
            ),
            (&rsa, &format!(r#""Plaintext": "{long}", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256""#)),
            (&hmac, r#""Plaintext": "c2VjcmV0""#),
        ] {
            let input = format!(r#"{{"KeyId": "{}", {rest}}}"#, key.id);
            told.push(refusal(&world, "kms:Encrypt", &input).await.replace(&key.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidKeyUsageException: Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT.
        400 ValidationException: The keys of an encryption context must differ in more than their case: policy conditions ignore case.
        400 DryRunOperationException: The request would have succeeded, but the DryRun option is set.
        400 InvalidGrantTokenException: The grant token is not valid.
        400 InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.
        400 ValidationException: EncryptionContext is not supported for asymmetric KMS keys.
        400 ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.
        400 InvalidKeyUsageException: arn:aws:kms:us-east-1:111122223333:key/<key> key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt.
        ");
    }
}
