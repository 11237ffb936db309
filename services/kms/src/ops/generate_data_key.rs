//! GenerateDataKey: fresh bytes, in clear for use now and encrypted for keeping. KMS keeps neither.
//! Source: KMS API reference, `GenerateDataKey`.

use alcazar_core::SecretBytes;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::EncryptionContext;
use wire_kms::{self as wire, DataKeySpec, EncryptionAlgorithmSpec, KeyUsageType};

use crate::example;
use crate::model::{
    Encrypted, Found, Key, Reference, Uses, checked_context, context_keys, context_map, dry_run, encrypt,
    encrypted_outside, guard, no_recipient, usable_for, used,
};

pub(crate) struct GenerateDataKey;

impl Operation for GenerateDataKey {
    type Shape = wire::GenerateDataKey;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let context = input.encryption_context.as_ref();
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GenerateDataKey", context, view).await?;
        let keys = wire::GenerateDataKeyKeys {
            encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault.to_string(),
            encryption_context: context_map(context),
            encryption_context_keys: context_keys(context),
            request_alias: found.alias.clone(),
        };
        Ok(used(found).need(wire::actions::GENERATE_DATA_KEY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        no_recipient(input.recipient.as_ref())?;
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::EncryptDecrypt, "GenerateDataKey")?;
        let context = checked_context(input.encryption_context.as_ref())?;
        let length = length(input.key_spec, input.number_of_bytes)?;
        let (plaintext, encrypted) = data_key(&call, key, length, &context).await?;
        dry_run(input.dry_run)?;
        let answer = wire::GenerateDataKeyResponse {
            ciphertext_blob: Some(encrypted.blob),
            plaintext: Some(plaintext),
            key_id: Some(key.arn.to_string()),
            key_material_id: Some(encrypted.material_id),
            ..Default::default()
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}", "KeySpec": "AES_256"}"# }
    }
}

/// How long the data key is: by name or by number.
pub(crate) fn length(spec: Option<DataKeySpec>, bytes: Option<i32>) -> Result<usize, Failure> {
    match (spec, bytes.and_then(|bytes| usize::try_from(bytes).ok())) {
        (Some(DataKeySpec::Aes256), None) => Ok(32),
        (Some(DataKeySpec::Aes128), None) => Ok(16),
        (None, Some(bytes)) => Ok(bytes),
        _ => Err(Failure::validation("Please specify either number of bytes or key spec.")),
    }
}

/// Fresh bytes, and their ciphertext.
pub(crate) async fn data_key<O: Operation>(
    call: &Call<O>,
    key: &Key,
    length: usize,
    context: &EncryptionContext,
) -> Result<(SecretBytes, Encrypted), Refusal<O::Shape>>
where
    O::Shape: Uses,
{
    let mut bytes = vec![0; length];
    call.fill(&mut bytes);
    let plaintext = SecretBytes::new(bytes);
    let encrypted =
        encrypt(call, key, EncryptionAlgorithmSpec::SymmetricDefault, context, plaintext.expose())?;
    Ok((plaintext, encrypted_outside(call, key, context, encrypted).await?))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_data_key_is_told_once_and_its_ciphertext_opens() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:GenerateDataKey", &key.with(r#""KeySpec": "AES_128""#)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "CiphertextBlob": "AQCMdlTs/XtLYruAPi9OAq0c8nJq1qHkXc4eqhyXwwcxs2WfBqf8ngcAxxy5C0mhvUQ3wCVZt0/asWjl0tP8Q1VzO0RH+aVthEXWyUAX+HRChlDgoNWuZJQclF9vWurAVbLA8i1v9hRyRwH3atc=",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
          "Plaintext": "Rg4UT+uJSxU+pPWhD1IK5Q=="
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "GenerateDataKey",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "keySpec": "AES_128"
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
        let input = format!(r#"{{"CiphertextBlob": "{}"}}"#, answer.text("/CiphertextBlob"));
        assert_eq!(
            world.call("kms:Decrypt", &input).await.ok().text("/Plaintext"),
            answer.text("/Plaintext")
        );
    }

    #[tokio::test]
    async fn length_and_key_must_fit() {
        let world = World::of(&[crate::SERVICE]).await;
        let symmetric = key(&world, "{}").await;
        let rsa = key(&world, r#"{"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}"#).await;
        let mut told = Vec::new();
        for input in [
            symmetric.with(""),
            symmetric.with(r#""KeySpec": "AES_256", "NumberOfBytes": 32"#),
            symmetric.with(r#""NumberOfBytes": 1025"#),
            symmetric.with(r#""KeySpec": "AES_256", "DryRun": true"#),
            rsa.with(r#""KeySpec": "AES_256""#),
        ] {
            told.push(refusal(&world, "kms:GenerateDataKey", &input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 ValidationException: Please specify either number of bytes or key spec.
        400 ValidationException: Please specify either number of bytes or key spec.
        400 ValidationException: 1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024
        400 DryRunOperationException: The request would have succeeded, but the DryRun option is set.
        400 InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.
        ");
        let long = world.call("kms:GenerateDataKey", &symmetric.with(r#""NumberOfBytes": 1024"#)).await.ok();
        assert_eq!(long.text("/Plaintext").len(), 1368, "1024 bytes in base64");
    }
}
