//! GenerateDataKeyPair: a fresh asymmetric pair, the private key in clear for use now and encrypted for keeping. KMS keeps neither.
//! Source: KMS API reference, `GenerateDataKeyPair`.

use alcazar_core::Declares;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::{KeyPair, KeySpec};
use wire_kms::{
    self as wire, DataKeyPairSpec, EncryptionAlgorithmSpec, KeyUsageType, UnsupportedOperationException,
};

use crate::example;
use crate::model::{
    Found, Reference, checked_context, context_keys, context_map, dry_run, encrypt, guard, no_recipient,
    not_in_custody, paired, rsa_pair, usable_for,
};

pub(crate) struct GenerateDataKeyPair;

impl Operation for GenerateDataKeyPair {
    type Shape = wire::GenerateDataKeyPair;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let context = input.encryption_context.as_ref();
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GenerateDataKeyPair", context, view).await?;
        let keys = wire::GenerateDataKeyPairKeys {
            data_key_pair_spec: input.key_pair_spec.to_string(),
            encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault.to_string(),
            encryption_context: context_map(context),
            encryption_context_keys: context_keys(context),
            request_alias: found.alias.clone(),
        };
        Ok(paired(found, input.key_pair_spec).need(wire::actions::GENERATE_DATA_KEY_PAIR, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        no_recipient(input.recipient.as_ref())?;
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        not_in_custody(key)?;
        usable_for(key, KeyUsageType::EncryptDecrypt, "GenerateDataKeyPair")?;
        let context = checked_context(input.encryption_context.as_ref())?;
        let pair = pair(&call, input.key_pair_spec).await?;
        let symmetric = EncryptionAlgorithmSpec::SymmetricDefault;
        let encrypted = encrypt(&call, key, symmetric, &context, pair.private_key.expose())?;
        dry_run(input.dry_run)?;
        let answer = wire::GenerateDataKeyPairResponse {
            private_key_ciphertext_blob: Some(encrypted.blob),
            private_key_plaintext: Some(pair.private_key),
            public_key: Some(pair.public_key),
            key_id: Some(key.arn.to_string()),
            key_pair_spec: Some(input.key_pair_spec),
            key_material_id: Some(encrypted.material_id),
            ..Default::default()
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}", "KeyPairSpec": "ECC_NIST_P256"}"# }
    }
}

/// Makes a pair: RSA from the stock or on a thread that may block, the others at once.
pub(crate) async fn pair<O: Operation>(
    call: &Call<O>,
    spec: DataKeyPairSpec,
) -> Result<KeyPair, Refusal<O::Shape>>
where
    O::Shape: Declares<UnsupportedOperationException>,
{
    let known =
        KeySpec::from_text(spec.as_str()).filter(|spec| spec.is_supported() && spec.is_data_key_pair());
    match known {
        None => {
            Err(UnsupportedOperationException::new(format!("KeyPairSpec {spec} is not supported.")).into())
        }
        Some(rsa @ (KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096)) => Ok(rsa_pair(rsa).await?),
        Some(other) => {
            let made = KeyPair::generate(other, &|bytes| call.fill(bytes));
            Ok(made.map_err(Failure::internal)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_private_key_is_told_once_and_its_ciphertext_opens() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        for spec in [
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "ECC_NIST_EDWARDS25519",
            "ML_KEM_768",
            "RSA_2048",
        ] {
            let input = key.with(&format!(r#""KeyPairSpec": "{spec}""#));
            let answer = world.call("kms:GenerateDataKeyPair", &input).await.ok();
            let private = answer.text("/PrivateKeyPlaintext");
            assert!(!world.records(1).await.contains(&private));
            let blob = answer.text("/PrivateKeyCiphertextBlob");
            let opened = world.call("kms:Decrypt", &format!(r#"{{"CiphertextBlob": "{blob}"}}"#)).await.ok();
            assert_eq!(opened.text("/Plaintext"), private, "{spec}");
            assert_eq!(
                (answer.text("/KeyPairSpec").as_str(), answer.text("/KeyId")),
                (spec, key.arn.clone())
            );
        }
    }

    #[tokio::test]
    async fn the_secret_of_a_curve_is_drawn_from_the_installations_entropy() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let input = key.with(r#""KeyPairSpec": "ECC_NIST_EDWARDS25519""#);
        let answer = world.call("kms:GenerateDataKeyPair", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
          "KeyPairSpec": "ECC_NIST_EDWARDS25519",
          "PrivateKeyCiphertextBlob": "AQCMdlTs/XtLYruAPi9OAq0c8nJq1qHkXc4eqhyXwwcxs2WfBqf8ngcAxxy5C0mhvUQ3wCVZt0/asWjl0tP8Q1VzO0RH+aVthEXWyUAXjlRUyLtZ7saT6wTNny9hn3QpAPApPOgutjZ7AF6MfZzTfbE344+zVWhcDqojDk3Q9PDHx+Y3L5z1WJ/OCADLqg==",
          "PrivateKeyPlaintext": "MC4CAQAwBQYDK2VwBCIEIEYOFE/riUsVPqT1oQ9SCuViSoVE1h7iTelOAZPV4FfA",
          "PublicKey": "MCowBQYDK2VwAyEAuyHn7ysL+qoTePsTDKLfYTNolJ9HIV2P4O94FCX4vCM="
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "GenerateDataKeyPair",
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
            "keyPairSpec": "ECC_NIST_EDWARDS25519"
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
}
