//! DeriveSharedSecret: ECDH between a key and a peer's public key. Both sides get the same secret.
//! Source: KMS API reference, `DeriveSharedSecret`; NIST SP 800-56A, section 5.7.1.2.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, KeyUsageType};

use crate::model::{
    Found, Reference, dry_run, guard, material_of, no_recipient, ready, refused, usable_for, used,
};

pub(crate) struct DeriveSharedSecret;

impl Operation for DeriveSharedSecret {
    type Shape = wire::DeriveSharedSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "DeriveSharedSecret", None, view).await?;
        let keys = wire::DeriveSharedSecretKeys {
            key_agreement_algorithm: input.key_agreement_algorithm.to_string(),
            request_alias: found.alias.clone(),
        };
        Ok(used(found).need(wire::actions::DERIVE_SHARED_SECRET, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        no_recipient(input.recipient.as_ref())?;
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::KeyAgreement, "DeriveSharedSecret")?;
        let ready = ready(&call, key, material_of(key)?)?;
        let secret = ready.material.derive_shared_secret(&input.public_key);
        let secret = secret.map_err(|error| refused(key, error))?;
        dry_run(input.dry_run)?;
        let answer = wire::DeriveSharedSecretResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(secret),
            ciphertext_for_recipient: None,
            key_agreement_algorithm: Some(input.key_agreement_algorithm),
            key_origin: Some(key.origin),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "kms:CreateKey",
                    r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}"#,
                    &[("key", "/KeyMetadata/KeyId")],
                ),
                ("kms:GetPublicKey", r#"{"KeyId": "${key}"}"#, &[("peer", "/PublicKey")]),
            ],
            input: r#"{"KeyId": "${key}", "KeyAgreementAlgorithm": "ECDH", "PublicKey": "${peer}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn both_sides_get_the_same_secret() {
        let world = World::of(&[crate::SERVICE]).await;
        for spec in ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"] {
            let input = format!(r#"{{"KeySpec": "{spec}", "KeyUsage": "KEY_AGREEMENT"}}"#);
            let (alice, bob) = (key(&world, &input).await, key(&world, &input).await);
            let mut secrets = Vec::new();
            for (mine, peer) in [(&alice, &bob), (&bob, &alice)] {
                let public = world.call("kms:GetPublicKey", &peer.with("")).await.ok().text("/PublicKey");
                let input =
                    mine.with(&format!(r#""KeyAgreementAlgorithm": "ECDH", "PublicKey": "{public}""#));
                secrets.push(world.call("kms:DeriveSharedSecret", &input).await.ok().text("/SharedSecret"));
            }
            assert_eq!(secrets[0], secrets[1], "{spec}");
        }
    }

    #[tokio::test]
    async fn the_secret_is_told_and_not_recorded_and_a_bad_point_is_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}"#).await;
        let public = world.call("kms:GetPublicKey", &key.with("")).await.ok().text("/PublicKey");
        let input = key.with(&format!(r#""KeyAgreementAlgorithm": "ECDH", "PublicKey": "{public}""#));
        let answer = world.call("kms:DeriveSharedSecret", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyAgreementAlgorithm": "ECDH",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyOrigin": "AWS_KMS",
          "SharedSecret": "ILhoPsSBji+KhUZHVNx0X6luG7dNLEKFnyHamMK6TIA="
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "DeriveSharedSecret",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "37c02559-b74f-4ab1-a8e5-d2d3fc435573",
          "requestParameters": {
            "keyAgreementAlgorithm": "ECDH",
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
        let bad = key.with(r#""KeyAgreementAlgorithm": "ECDH", "PublicKey": "AAAA""#);
        assert_eq!(
            refusal(&world, "kms:DeriveSharedSecret", &bad).await,
            "400 ValidationException: The public key is not a valid ECC_NIST_P256 public key."
        );
    }
}
