//! VerifyMac: whether a MAC is the message's under this key, compared in constant time. It succeeds, or is an error.
//! Source: KMS API reference, `VerifyMac`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::Error;
use wire_kms::{self as wire, KMSInvalidMacException, KeyUsageType};

use super::generate_mac::engine_algorithm;
use crate::model::{Found, Reference, dry_run, guard, material_of, ready, refused, usable_for, used};

pub(crate) struct VerifyMac;

impl Operation for VerifyMac {
    type Shape = wire::VerifyMac;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "VerifyMac", None, view).await?;
        let keys = wire::VerifyMacKeys {
            mac_algorithm: input.mac_algorithm.to_string(),
            request_alias: found.alias.clone(),
        };
        Ok(used(found).need(wire::actions::VERIFY_MAC, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::GenerateVerifyMac, "VerifyMac")?;
        let ready = ready(&call, key, material_of(key)?)?;
        let algorithm = engine_algorithm(input.mac_algorithm)?;
        match ready.material.verify_mac(algorithm, input.message.expose(), &input.mac) {
            Ok(()) => {}
            Err(Error::InvalidMac) => return Err(KMSInvalidMacException::new("").into()),
            Err(error) => return Err(refused(key, error)),
        }
        dry_run(input.dry_run)?;
        let answer = wire::VerifyMacResponse {
            key_id: Some(key.arn.to_string()),
            mac_valid: Some(true),
            mac_algorithm: Some(input.mac_algorithm),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "kms:CreateKey",
                    r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#,
                    &[("key", "/KeyMetadata/KeyId")],
                ),
                (
                    "kms:GenerateMac",
                    r#"{"KeyId": "${key}", "Message": "aGVsbG8=", "MacAlgorithm": "HMAC_SHA_256"}"#,
                    &[("mac", "/Mac")],
                ),
            ],
            input: r#"{"KeyId": "${key}", "Message": "aGVsbG8=", "Mac": "${mac}", "MacAlgorithm": "HMAC_SHA_256"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_messages_own_mac_is_valid_and_another_is_not() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"KeySpec": "HMAC_384", "KeyUsage": "GENERATE_VERIFY_MAC"}"#).await;
        let how = r#""MacAlgorithm": "HMAC_SHA_384""#;
        let mac = world
            .call("kms:GenerateMac", &key.with(&format!(r#""Message": "aGVsbG8=", {how}"#)))
            .await
            .ok()
            .text("/Mac");
        let good = key.with(&format!(r#""Message": "aGVsbG8=", "Mac": "{mac}", {how}"#));
        let answer = world.call("kms:VerifyMac", &good).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "MacAlgorithm": "HMAC_SHA_384",
          "MacValid": true
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-79f2-aac6-99747ca2f13c",
          "eventName": "VerifyMac",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "22db33e5-6085-4d94-8f9c-714dc43efc37",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "macAlgorithm": "HMAC_SHA_384"
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
        let bad = key.with(&format!(r#""Message": "aGVsbG9v", "Mac": "{mac}", {how}"#));
        assert_eq!(refusal(&world, "kms:VerifyMac", &bad).await, "400 KMSInvalidMacException: ");
    }
}
