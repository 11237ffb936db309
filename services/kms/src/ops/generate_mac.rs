//! GenerateMac: the HMAC of a message of up to 4096 bytes.
//! Source: KMS API reference, `GenerateMac`.

use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::MacAlgorithm;
use wire_kms::{self as wire, KeyUsageType, MacAlgorithmSpec};

use crate::example;
use crate::model::{Found, Reference, dry_run, guard, material_of, ready, refused, usable_for, used};

pub(crate) struct GenerateMac;

impl Operation for GenerateMac {
    type Shape = wire::GenerateMac;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GenerateMac", None, view).await?;
        let keys = wire::GenerateMacKeys {
            mac_algorithm: input.mac_algorithm.to_string(),
            request_alias: found.alias.clone(),
        };
        Ok(used(found).need(wire::actions::GENERATE_MAC, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        usable_for(key, KeyUsageType::GenerateVerifyMac, "GenerateMac")?;
        let ready = ready(&call, key, material_of(key)?)?;
        let mac = ready.material.generate_mac(engine_algorithm(input.mac_algorithm)?, input.message.expose());
        let mac = mac.map_err(|error| refused(key, error))?;
        dry_run(input.dry_run)?;
        let answer = wire::GenerateMacResponse {
            mac: Some(mac),
            mac_algorithm: Some(input.mac_algorithm),
            key_id: Some(key.arn.to_string()),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: example::HMAC,
            input: r#"{"KeyId": "${key}", "Message": "aGVsbG8=", "MacAlgorithm": "HMAC_SHA_256"}"#,
        }
    }
}

/// The algorithm as the cryptography knows it.
pub(crate) fn engine_algorithm(algorithm: MacAlgorithmSpec) -> Result<MacAlgorithm, Failure> {
    MacAlgorithm::from_text(algorithm.as_str())
        .ok_or_else(|| Failure::internal("an algorithm of the model is not known"))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_mac_is_told_and_the_message_is_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#).await;
        let input = key.with(r#""Message": "aGVsbG8=", "MacAlgorithm": "HMAC_SHA_256""#);
        let answer = world.call("kms:GenerateMac", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "Mac": "GwUgPao9bosmLZ9oMEg3t/Zdh/RKyJYWdB0y4pSEwmw=",
          "MacAlgorithm": "HMAC_SHA_256"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "GenerateMac",
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
            "macAlgorithm": "HMAC_SHA_256"
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
        let hmac = key(&world, r#"{"KeySpec": "HMAC_224", "KeyUsage": "GENERATE_VERIFY_MAC"}"#).await;
        let symmetric = key(&world, "{}").await;
        let mut told = Vec::new();
        for key in [&hmac, &symmetric] {
            let input = key.with(r#""Message": "aGVsbG8=", "MacAlgorithm": "HMAC_SHA_256""#);
            told.push(refusal(&world, "kms:GenerateMac", &input).await.replace(&key.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidKeyUsageException: Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.
        400 InvalidKeyUsageException: arn:aws:kms:us-east-1:111122223333:key/<key> key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac.
        ");
    }
}
