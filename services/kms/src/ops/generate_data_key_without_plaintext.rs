//! GenerateDataKeyWithoutPlaintext: a data key for later: encrypted alone.
//! Source: KMS API reference, `GenerateDataKeyWithoutPlaintext`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, EncryptionAlgorithmSpec, KeyUsageType};

use super::generate_data_key::{data_key, length};
use crate::example;
use crate::model::{
    Found, Reference, checked_context, context_keys, context_map, dry_run, guard, usable_for, used,
};

pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Operation for GenerateDataKeyWithoutPlaintext {
    type Shape = wire::GenerateDataKeyWithoutPlaintext;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let context = input.encryption_context.as_ref();
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GenerateDataKeyWithoutPlaintext", context, view).await?;
        let keys = wire::GenerateDataKeyWithoutPlaintextKeys {
            encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault.to_string(),
            encryption_context: context_map(context),
            encryption_context_keys: context_keys(context),
            request_alias: found.alias.clone(),
        };
        Ok(used(found).need(wire::actions::GENERATE_DATA_KEY_WITHOUT_PLAINTEXT, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::EncryptDecrypt, "GenerateDataKeyWithoutPlaintext")?;
        let context = checked_context(input.encryption_context.as_ref())?;
        let length = length(input.key_spec, input.number_of_bytes)?;
        let (_, encrypted) = data_key(&call, key, length, &context).await?;
        dry_run(input.dry_run)?;
        let answer = wire::GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: Some(encrypted.blob),
            key_id: Some(key.arn.to_string()),
            key_material_id: Some(encrypted.material_id),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}", "KeySpec": "AES_256"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_data_key_comes_out_by_decrypt_alone() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer =
            world.call("kms:GenerateDataKeyWithoutPlaintext", &key.with(r#""NumberOfBytes": 24"#)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "CiphertextBlob": "AQCMdlTs/XtLYruAPi9OAq0c8nJq1qHkXc4eqhyXwwcxs2WfBqf8ngcAxxy5C0mhvUQ3wCVZt0/asWjl0tP8Q1VzO0RH+aVthEXWyUAX+HRChlDgoNWuZJQclF9vWlBtkfsUq0F2A1MNg5HtKmEVTKeH6tYqpA==",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "GenerateDataKeyWithoutPlaintext",
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
            "numberOfBytes": 24
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
        let plaintext = world.call("kms:Decrypt", &input).await.ok().text("/Plaintext");
        assert_eq!(plaintext.len(), 32, "24 bytes in base64");
    }
}
