//! Encapsulate: a fresh secret of 32 bytes under an ML-KEM key's public half, in clear and encapsulated for whoever may Decapsulate.
//! Source: KMS API reference, `Encapsulate`; FIPS 203.

use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::EncapsulationAlgorithm;
use wire_kms::{self as wire, EncapsulationAlgorithmSpec, KeyUsageType};

use crate::example;
use crate::model::{Found, Reference, dry_run, guard, material_of, ready, refused, usable_for, used};

pub(crate) struct Encapsulate;

impl Operation for Encapsulate {
    type Shape = wire::Encapsulate;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "Encapsulate", None, view).await?;
        let keys = wire::EncapsulateKeys { request_alias: found.alias.clone() };
        Ok(used(found).need(wire::actions::ENCAPSULATE, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::EncapsulateDecapsulate, "Encapsulate")?;
        let ready = ready(&call, key, material_of(key)?)?;
        let made = ready.material.encapsulate(engine_algorithm(input.encapsulation_algorithm)?);
        let made = made.map_err(|error| refused(key, error))?;
        dry_run(input.dry_run)?;
        let answer = wire::EncapsulateResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(made.shared_secret),
            shared_secret_ciphertext_blob: Some(made.ciphertext),
            encapsulation_algorithm: Some(input.encapsulation_algorithm),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEM, input: r#"{"KeyId": "${key}", "EncapsulationAlgorithm": "ML_KEM"}"# }
    }
}

/// The algorithm as the cryptography knows it.
pub(crate) fn engine_algorithm(
    algorithm: EncapsulationAlgorithmSpec,
) -> Result<EncapsulationAlgorithm, Failure> {
    EncapsulationAlgorithm::from_text(algorithm.as_str())
        .ok_or_else(|| Failure::internal("an algorithm of the model is not known"))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    const ML_KEM: &str = r#"{"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}"#;
    const ALGORITHM: &str = r#""EncapsulationAlgorithm": "ML_KEM""#;

    #[tokio::test]
    async fn the_secret_is_told_and_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, ML_KEM).await;
        let answer = world.call("kms:Encapsulate", &key.with(ALGORITHM)).await;
        let (secret, blob) = (answer.text("/SharedSecret"), answer.text("/SharedSecretCiphertextBlob"));
        assert_eq!((secret.len(), blob.len()), (44, 1452), "32 and 1088 bytes in base64");
        let told = world.told(&answer).await.replace(&secret, "<secret>").replace(&blob, "<blob>");
        insta::assert_snapshot!(told, @r#"
        200
        {
          "EncapsulationAlgorithm": "ML_KEM",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "SharedSecret": "<secret>",
          "SharedSecretCiphertextBlob": "<blob>"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-77c0-a559-b74fdab168e5",
          "eventName": "Encapsulate",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "460e144f-eb89-4b15-bea4-f5a10f520ae5",
          "requestParameters": {
            "encapsulationAlgorithm": "ML_KEM",
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
    async fn what_is_not_an_ml_kem_key_does_not_encapsulate() {
        let world = World::of(&[crate::SERVICE]).await;
        let (kem, symmetric) = (key(&world, ML_KEM).await, key(&world, "{}").await);
        let mut told = Vec::new();
        for input in [
            symmetric.with(ALGORITHM),
            kem.with(r#""EncapsulationAlgorithm": "ML_KEM", "DryRun": true"#),
            kem.with(r#""EncapsulationAlgorithm": "ML_KEM", "GrantTokens": ["AAAA"]"#),
        ] {
            told.push(refusal(&world, "kms:Encapsulate", &input).await.replace(&symmetric.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidKeyUsageException: arn:aws:kms:us-east-1:111122223333:key/<key> key usage is ENCRYPT_DECRYPT which is not valid for Encapsulate.
        400 DryRunOperationException: The request would have succeeded, but the DryRun option is set.
        400 InvalidGrantTokenException: The grant token is not valid.
        ");
    }
}
