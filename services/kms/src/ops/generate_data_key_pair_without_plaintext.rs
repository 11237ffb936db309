//! GenerateDataKeyPairWithoutPlaintext: a data key pair whose private key is told encrypted alone.
//! Source: KMS API reference, `GenerateDataKeyPairWithoutPlaintext`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, EncryptionAlgorithmSpec, KeyUsageType};

use super::generate_data_key_pair::pair;
use crate::example;
use crate::model::{
    Found, Reference, checked_context, context_keys, context_map, dry_run, encrypt, guard, not_in_custody,
    paired, usable_for,
};

pub(crate) struct GenerateDataKeyPairWithoutPlaintext;

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    type Shape = wire::GenerateDataKeyPairWithoutPlaintext;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let context = input.encryption_context.as_ref();
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GenerateDataKeyPairWithoutPlaintext", context, view).await?;
        let keys = wire::GenerateDataKeyPairWithoutPlaintextKeys {
            data_key_pair_spec: input.key_pair_spec.to_string(),
            encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault.to_string(),
            encryption_context: context_map(context),
            encryption_context_keys: context_keys(context),
            request_alias: found.alias.clone(),
        };
        Ok(paired(found, input.key_pair_spec).need(
            wire::actions::GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT,
            guard,
            keys,
        ))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        not_in_custody(key)?;
        usable_for(key, KeyUsageType::EncryptDecrypt, "GenerateDataKeyPairWithoutPlaintext")?;
        let context = checked_context(input.encryption_context.as_ref())?;
        let pair = pair(&call, input.key_pair_spec).await?;
        let symmetric = EncryptionAlgorithmSpec::SymmetricDefault;
        let encrypted = encrypt(&call, key, symmetric, &context, pair.private_key.expose())?;
        dry_run(input.dry_run)?;
        let answer = wire::GenerateDataKeyPairWithoutPlaintextResponse {
            private_key_ciphertext_blob: Some(encrypted.blob),
            public_key: Some(pair.public_key),
            key_id: Some(key.arn.to_string()),
            key_pair_spec: Some(input.key_pair_spec),
            key_material_id: Some(encrypted.material_id),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}", "KeyPairSpec": "ECC_NIST_P256"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_private_key_comes_out_by_decrypt_alone() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let input = key.with(r#""KeyPairSpec": "ECC_SECG_P256K1""#);
        let answer = world.call("kms:GenerateDataKeyPairWithoutPlaintext", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
          "KeyPairSpec": "ECC_SECG_P256K1",
          "PrivateKeyCiphertextBlob": "AQCMdlTs/XtLYruAPi9OAq0c8nJq1qHkXc4eqhyXwwcxs2WfBqf8ngcAxxy5C0mhvUQ3wCVZt0/asWjl0tP8Q1VzO0RH+aVthEXWyUAXjvvSy7pp29CWx0s708NYvTMhEZRDsaMxjP++ylPfdn2RcTpnenrYU5Qsq8xX4Ugab649VidacQZYi3/7aLvoU06gx6v7y+uXh2B7XilHeISXMbflGWR12NHJsKlnQivEFNNUuMf41SnY9m3HXPDBH4/oPtih0tXL5HwZb6falAT/wkxvK1xAMwxIOEV14ubsOJfhqCgQtw==",
          "PublicKey": "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEDZdd6MsUME2bZuDgaN1tgDvMStvMshYb2N+3dHy/UH+QlN0OwoNZQha/OxwqP/KwcoCoxjYWoUzHzHuIo6Di2w=="
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "GenerateDataKeyPairWithoutPlaintext",
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
            "keyPairSpec": "ECC_SECG_P256K1"
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
        let blob = answer.text("/PrivateKeyCiphertextBlob");
        let _ = world.call("kms:Decrypt", &format!(r#"{{"CiphertextBlob": "{blob}"}}"#)).await.ok();
    }
}
