//! Decapsulate: the secret that Encapsulate, or anybody with the public key, encapsulated for an ML-KEM key.
//!
//! Only the ciphertext's length can be found wrong. For an altered one, or one of another key, FIPS 203 gives a secret that nobody
//! else has: the two sides learn by using it that they do not agree.
//! Source: KMS API reference, `Decapsulate`; FIPS 203, section 6.3, on implicit rejection.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::Error;
use wire_kms::{self as wire, InvalidCiphertextException, KeyUsageType};

use super::encapsulate::engine_algorithm;
use crate::model::{Found, Reference, dry_run, guard, material_of, ready, refused, usable_for, used};

pub(crate) struct Decapsulate;

impl Operation for Decapsulate {
    type Shape = wire::Decapsulate;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "Decapsulate", None, view).await?;
        let keys = wire::DecapsulateKeys { request_alias: found.alias.clone() };
        Ok(used(found).need(wire::actions::DECAPSULATE, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::EncapsulateDecapsulate, "Decapsulate")?;
        let ready = ready(&call, key, material_of(key)?)?;
        let algorithm = engine_algorithm(input.encapsulation_algorithm)?;
        let secret = ready.material.decapsulate(algorithm, &input.shared_secret_ciphertext_blob);
        let secret = secret.map_err(|error| match error {
            Error::InvalidCiphertext => InvalidCiphertextException::new("").into(),
            error => refused::<wire::Decapsulate>(key, error),
        })?;
        dry_run(input.dry_run)?;
        let answer = wire::DecapsulateResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(secret),
            encapsulation_algorithm: Some(input.encapsulation_algorithm),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "kms:CreateKey",
                    r#"{"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}"#,
                    &[("key", "/KeyMetadata/KeyId")],
                ),
                (
                    "kms:Encapsulate",
                    r#"{"KeyId": "${key}", "EncapsulationAlgorithm": "ML_KEM"}"#,
                    &[("blob", "/SharedSecretCiphertextBlob")],
                ),
            ],
            input: r#"{"KeyId": "${key}", "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": "${blob}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{TestKey, key, refusal};

    async fn kem(world: &World, spec: &str) -> TestKey {
        key(world, &format!(r#"{{"KeySpec": "{spec}", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}}"#)).await
    }

    fn input(key: &TestKey, blob: &str) -> String {
        key.with(&format!(r#""EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": "{blob}""#))
    }

    #[tokio::test]
    async fn both_sides_get_the_same_secret_and_others_another() {
        let world = World::of(&[crate::SERVICE]).await;
        for spec in ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"] {
            let (mine, other) = (kem(&world, spec).await, kem(&world, spec).await);
            let encapsulate = mine.with(r#""EncapsulationAlgorithm": "ML_KEM""#);
            let made = world.call("kms:Encapsulate", &encapsulate).await.ok();
            let (secret, blob) = (made.text("/SharedSecret"), made.text("/SharedSecretCiphertextBlob"));
            let opened = world.call("kms:Decapsulate", &input(&mine, &blob)).await.ok();
            assert_eq!(opened.text("/SharedSecret"), secret, "{spec}");
            let foreign = world.call("kms:Decapsulate", &input(&other, &blob)).await.ok();
            assert_ne!(foreign.text("/SharedSecret"), secret, "{spec}");
        }
    }

    #[tokio::test]
    async fn the_secret_is_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = kem(&world, "ML_KEM_512").await;
        let encapsulate = key.with(r#""EncapsulationAlgorithm": "ML_KEM""#);
        let made = world.call("kms:Encapsulate", &encapsulate).await.ok();
        let answer =
            world.call("kms:Decapsulate", &input(&key, &made.text("/SharedSecretCiphertextBlob"))).await;
        let told = world.told(&answer).await.replace(&made.text("/SharedSecret"), "<secret>");
        insta::assert_snapshot!(told, @r#"
        200
        {
          "EncapsulationAlgorithm": "ML_KEM",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "SharedSecret": "<secret>"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-79f2-aac6-99747ca2f13c",
          "eventName": "Decapsulate",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "22db33e5-6085-4d94-8f9c-714dc43efc37",
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
    async fn a_ciphertext_of_another_length_and_a_key_of_another_usage_are_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let (small, symmetric) = (kem(&world, "ML_KEM_512").await, key(&world, "{}").await);
        let mut told = Vec::new();
        for input in [input(&small, "AAAA"), input(&symmetric, "AAAA")] {
            told.push(refusal(&world, "kms:Decapsulate", &input).await.replace(&symmetric.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidCiphertextException: 
        400 InvalidKeyUsageException: arn:aws:kms:us-east-1:111122223333:key/<key> key usage is ENCRYPT_DECRYPT which is not valid for Decapsulate.
        ");
    }
}
