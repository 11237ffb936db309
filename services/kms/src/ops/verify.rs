//! Verify: whether a signature is the message's under this key. It succeeds, or is an error; it never answers false.
//! Source: KMS API reference, `Verify`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::Error;
use wire_kms::{self as wire, KMSInvalidSignatureException, KeyUsageType, MessageType};

use super::sign::{engine_algorithm, message};
use crate::model::{Found, Reference, dry_run, guard, material_of, ready, refused, usable_for, used};

pub(crate) struct Verify;

impl Operation for Verify {
    type Shape = wire::Verify;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "Verify", None, view).await?;
        let keys = wire::VerifyKeys {
            message_type: input.message_type.unwrap_or(MessageType::Raw).to_string(),
            request_alias: found.alias.clone(),
            signing_algorithm: input.signing_algorithm.to_string(),
        };
        Ok(used(found).need(wire::actions::VERIFY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::SignVerify, "Verify")?;
        let ready = ready(&call, key, material_of(key)?)?;
        let message = message(input.message_type, input.message.expose());
        let algorithm = engine_algorithm(input.signing_algorithm)?;
        match ready.material.verify(algorithm, message, &input.signature) {
            Ok(()) => {}
            Err(Error::InvalidSignature) => return Err(KMSInvalidSignatureException::new("").into()),
            Err(error) => return Err(refused(key, error)),
        }
        dry_run(input.dry_run)?;
        let answer = wire::VerifyResponse {
            key_id: Some(key.arn.to_string()),
            signature_valid: Some(true),
            signing_algorithm: Some(input.signing_algorithm),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "kms:CreateKey",
                    r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}"#,
                    &[("key", "/KeyMetadata/KeyId")],
                ),
                (
                    "kms:Sign",
                    r#"{"KeyId": "${key}", "Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
                    &[("signature", "/Signature")],
                ),
            ],
            input: r#"{"KeyId": "${key}", "Message": "aGVsbG8=", "Signature": "${signature}", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn every_algorithm_verifies_its_own_signature_and_no_other() {
        let world = World::of(&[crate::SERVICE]).await;
        for (spec, algorithms) in [
            ("RSA_2048", &["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_512", "RSASSA_PKCS1_V1_5_SHA_384"][..]),
            ("ECC_NIST_P256", &["ECDSA_SHA_256"]),
            ("ECC_NIST_P384", &["ECDSA_SHA_384"]),
            ("ECC_NIST_P521", &["ECDSA_SHA_512"]),
            ("ECC_SECG_P256K1", &["ECDSA_SHA_256"]),
            ("ECC_NIST_EDWARDS25519", &["ED25519_SHA_512"]),
            ("ML_DSA_65", &["ML_DSA_SHAKE_256"]),
        ] {
            let key = key(&world, &format!(r#"{{"KeySpec": "{spec}", "KeyUsage": "SIGN_VERIFY"}}"#)).await;
            for algorithm in algorithms {
                let how = format!(r#""SigningAlgorithm": "{algorithm}""#);
                let sign = key.with(&format!(r#""Message": "aGVsbG8=", {how}"#));
                let signature = world.call("kms:Sign", &sign).await.ok().text("/Signature");
                let good = key.with(&format!(r#""Message": "aGVsbG8=", "Signature": "{signature}", {how}"#));
                let answer = world.call("kms:Verify", &good).await.ok();
                assert_eq!(answer.text("/SignatureValid"), "true", "{spec} {algorithm}");
                let bad = key.with(&format!(r#""Message": "aGVsbG9v", "Signature": "{signature}", {how}"#));
                assert_eq!(refusal(&world, "kms:Verify", &bad).await, "400 KMSInvalidSignatureException: ");
            }
        }
    }

    #[tokio::test]
    async fn a_good_signature_is_told_and_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}"#).await;
        let how = r#""Message": "aGVsbG8=", "SigningAlgorithm": "ED25519_SHA_512""#;
        let signature = world.call("kms:Sign", &key.with(how)).await.ok().text("/Signature");
        let answer =
            world.call("kms:Verify", &key.with(&format!(r#"{how}, "Signature": "{signature}""#))).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "SignatureValid": true,
          "SigningAlgorithm": "ED25519_SHA_512"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "Verify",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "37c02559-b74f-4ab1-a8e5-d2d3fc435573",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "signingAlgorithm": "ED25519_SHA_512"
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
