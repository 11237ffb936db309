//! Sign: a signature under an asymmetric key, of a message or of its digest.
//! Source: KMS API reference, `Sign`.

use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::{Message, SigningAlgorithm};
use wire_kms::{self as wire, KeyUsageType, MessageType, SigningAlgorithmSpec};

use crate::example;
use crate::model::{Found, Reference, dry_run, guard, material_of, ready, refused, usable_for, used};

pub(crate) struct Sign;

impl Operation for Sign {
    type Shape = wire::Sign;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "Sign", None, view).await?;
        let keys = wire::SignKeys {
            message_type: input.message_type.unwrap_or(MessageType::Raw).to_string(),
            request_alias: found.alias.clone(),
            signing_algorithm: input.signing_algorithm.to_string(),
        };
        Ok(used(found).need(wire::actions::SIGN, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::SignVerify, "Sign")?;
        let ready = ready(&call, key, material_of(key)?)?;
        let message = message(input.message_type, input.message.expose());
        let signed = ready.material.sign(engine_algorithm(input.signing_algorithm)?, message);
        let signature = signed.map_err(|error| refused(key, error))?;
        dry_run(input.dry_run)?;
        let answer = wire::SignResponse {
            key_id: Some(key.arn.to_string()),
            signature: Some(signature),
            signing_algorithm: Some(input.signing_algorithm),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: example::SIGNING,
            input: r#"{"KeyId": "${key}", "Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256"}"#,
        }
    }
}

/// The message as the cryptography takes it.
pub(crate) fn message(kind: Option<MessageType>, message: &[u8]) -> Message<'_> {
    match kind.unwrap_or(MessageType::Raw) {
        MessageType::Raw => Message::Raw(message),
        MessageType::Digest => Message::Digest(message),
        MessageType::ExternalMu => Message::ExternalMu(message),
    }
}

/// The algorithm as the cryptography knows it.
pub(crate) fn engine_algorithm(algorithm: SigningAlgorithmSpec) -> Result<SigningAlgorithm, Failure> {
    SigningAlgorithm::from_text(algorithm.as_str())
        .ok_or_else(|| Failure::internal("an algorithm of the model is not known"))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_signature_is_told_and_the_message_is_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        // Ed25519 signs the same message the same way every time (RFC 8032).
        let key = key(&world, r#"{"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}"#).await;
        let input = key.with(r#""Message": "aGVsbG8=", "SigningAlgorithm": "ED25519_SHA_512""#);
        let answer = world.call("kms:Sign", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "Signature": "LYKcjJrXsHJMSFITcPweq4Q0kHCQltbZQG3XQTL9BSfGGR+Qkx/W+j16MgP1CvD+qUbHSgcbBkaUDMjTEA9aCA==",
          "SigningAlgorithm": "ED25519_SHA_512"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "Sign",
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

    #[tokio::test]
    async fn what_does_not_go_together_is_refused_in_words() {
        let world = World::of(&[crate::SERVICE]).await;
        let p256 = key(&world, r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}"#).await;
        let ed25519 = key(&world, r#"{"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}"#).await;
        let hmac = key(&world, r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#).await;
        let mut told = Vec::new();
        for (key, rest) in [
            (&p256, r#""Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_384""#),
            (&p256, r#""Message": "aGVsbG8=", "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256""#),
            (&p256, r#""Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256", "DryRun": true"#),
            (
                &ed25519,
                r#""Message": "aGVsbG8=", "MessageType": "DIGEST", "SigningAlgorithm": "ED25519_SHA_512""#,
            ),
            (&hmac, r#""Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256""#),
        ] {
            told.push(refusal(&world, "kms:Sign", &key.with(rest)).await.replace(&key.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidKeyUsageException: Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.
        400 ValidationException: Digest is invalid length for algorithm ECDSA_SHA_256.
        400 DryRunOperationException: The request would have succeeded, but the DryRun option is set.
        400 ValidationException: Algorithm ED25519_SHA_512 does not take a message of this MessageType.
        400 InvalidKeyUsageException: arn:aws:kms:us-east-1:111122223333:key/<key> key usage is GENERATE_VERIFY_MAC which is not valid for Sign.
        ");
    }
}
