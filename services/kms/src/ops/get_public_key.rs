//! GetPublicKey: the public half of an asymmetric key, for use outside.
//! Source: KMS API reference, `GetPublicKey`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, CustomerMasterKeySpec, UnsupportedOperationException};

use crate::example;
use crate::model::{Found, Reference, algorithms, enabled, guard, located, material_of, ready, spec_invalid};

pub(crate) struct GetPublicKey;

impl Operation for GetPublicKey {
    type Shape = wire::GetPublicKey;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GetPublicKey", None, view).await?;
        let keys = wire::GetPublicKeyKeys { request_alias: found.alias.clone() };
        Ok(located(found).need(wire::actions::GET_PUBLIC_KEY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        call.target().check_tokens(call.input().grant_tokens.as_ref(), call.view()).await?;
        enabled(key)?;
        let ready = ready(&call, key, material_of(key)?)?;
        let public = ready.material.public_key();
        let public = public.ok_or_else(|| UnsupportedOperationException::new(spec_invalid(key)))?;
        let algorithms = algorithms(key.spec, key.usage);
        let answer = wire::GetPublicKeyResponse {
            key_id: Some(key.arn.to_string()),
            public_key: Some(public.as_spki().to_vec()),
            customer_master_key_spec: CustomerMasterKeySpec::from_wire(key.spec.as_str()),
            key_spec: Some(key.spec),
            key_usage: Some(key.usage),
            encryption_algorithms: algorithms.encryption,
            signing_algorithms: algorithms.signing,
            key_agreement_algorithms: algorithms.agreement,
            encapsulation_algorithms: algorithms.encapsulation,
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::SIGNING, input: r#"{"KeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_public_key_is_told_with_what_it_is_for() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"KeySpec": "ECC_NIST_P384", "KeyUsage": "KEY_AGREEMENT"}"#).await;
        let answer = world.call("kms:GetPublicKey", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "CustomerMasterKeySpec": "ECC_NIST_P384",
          "KeyAgreementAlgorithms": [
            "ECDH"
          ],
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeySpec": "ECC_NIST_P384",
          "KeyUsage": "KEY_AGREEMENT",
          "PublicKey": "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEkFEuJ794QIyVgvI9VBh/tMGlVq4hmQKJcFgo0ptNSdR16Xmblkw0Uy3X5u1udak1AsjwVnm08ckDJ1ZdIGiclzcHFxUB0S03c8+niicF94VGpMhGfQQUzqd31n6vwCLd"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-77c0-a559-b74fdab168e5",
          "eventName": "GetPublicKey",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "460e144f-eb89-4b15-bea4-f5a10f520ae5",
          "requestParameters": {
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
    async fn a_symmetric_key_has_none() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let message = "key spec is SYMMETRIC_DEFAULT which is not valid for this operation.";
        assert_eq!(
            refusal(&world, "kms:GetPublicKey", &key.with("")).await,
            format!("400 UnsupportedOperationException: {} {message}", key.arn)
        );
    }
}
