//! GetParametersForImport: the public key under which material is wrapped for its import, and the token that must come back with it. Both are
//! good for 24 hours, and for one key.
//! Source: KMS API reference, `GetParametersForImport`.

use std::time::Duration;

use alcazar_core::SecretBytes;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::{Error, KeyPair, KeySpec, WrappingAlgorithm};
use wire_kms::{self as wire, OriginType, UnsupportedOperationException};

use crate::example;
use crate::model::{
    Found, ImportToken, Key, Reference, engine_kind, guard_own, located, making, not_pending_deletion,
    of_origin, rsa_pair,
};

/// How long key and token are good for.
const VALID_FOR: Duration = Duration::from_secs(24 * 3600);

pub(crate) struct GetParametersForImport;

impl Operation for GetParametersForImport {
    type Shape = wire::GetParametersForImport;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        let keys = wire::GetParametersForImportKeys {
            wrapping_algorithm: input.wrapping_algorithm.to_string(),
            wrapping_key_spec: input.wrapping_key_spec.to_string(),
        };
        let located = located(found).need(wire::actions::GET_PARAMETERS_FOR_IMPORT, guard, keys);
        Ok(making(located, input.wrapping_key_spec.as_str()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        of_origin(key, OriginType::External)?;
        not_pending_deletion(key)?;
        let (algorithm, wrapping_key) = checked(call.input(), key)?;
        let pair = pair(&call, wrapping_key).await?;
        let valid_to = call.now().plus(VALID_FOR);
        let token = ImportToken {
            key: key.arn.clone(),
            algorithm,
            wrapping_key,
            valid_to,
            private_key: pair.private_key,
        };
        let answer = wire::GetParametersForImportResponse {
            key_id: Some(key.arn.to_string()),
            import_token: Some(token.seal(&call)?),
            public_key: Some(SecretBytes::new(pair.public_key)),
            parameters_valid_to: Some(valid_to),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: example::EXTERNAL,
            input: r#"{"KeyId": "${key}", "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}"#,
        }
    }
}

/// A wrapping key: RSA from the stock, SM2 at once.
async fn pair(call: &Call<GetParametersForImport>, spec: KeySpec) -> Result<KeyPair, Failure> {
    if spec == KeySpec::Sm2 {
        return KeyPair::generate(spec, &|bytes| call.fill(bytes)).map_err(Failure::internal);
    }
    rsa_pair(spec).await
}

/// Algorithm and wrapping key, if material of the key's spec may be wrapped so. The words of the refusals are guessed.
fn checked(
    input: &Input<GetParametersForImport>,
    key: &Key,
) -> Result<(WrappingAlgorithm, KeySpec), Refusal<wire::GetParametersForImport>> {
    let (algorithm, wrapping_key) = (input.wrapping_algorithm, input.wrapping_key_spec);
    let known =
        WrappingAlgorithm::from_text(algorithm.as_str()).zip(KeySpec::from_text(wrapping_key.as_str()));
    let known = known.ok_or_else(|| Failure::internal("a wrapping of the model is not known"))?;
    let message = match known.0.check(known.1, engine_kind(key)?.0) {
        Ok(()) => return Ok(known),
        Err(Error::Unsupported(what)) => format!("{what} is not supported for the import of key material."),
        Err(_) => format!(
            "Key material of key spec {} cannot be wrapped by {algorithm} under a wrapping key of spec {wrapping_key}.",
            key.spec
        ),
    };
    Err(UnsupportedOperationException::new(message).into())
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    fn wrapping(algorithm: &str, key: &str) -> String {
        format!(r#""WrappingAlgorithm": "{algorithm}", "WrappingKeySpec": "{key}""#)
    }

    #[tokio::test]
    async fn a_public_key_and_a_token_are_told_for_a_day() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"Origin": "EXTERNAL"}"#).await;
        let input = key.with(&wrapping("RSAES_OAEP_SHA_256", "RSA_2048"));
        let answer = world.call("kms:GetParametersForImport", &input).await;
        let (token, public) = (answer.text("/ImportToken"), answer.text("/PublicKey"));
        let told = world.told(&answer).await.replace(&token, "<token>").replace(&public, "<public key>");
        insta::assert_snapshot!(told, @r#"
        200
        {
          "ImportToken": "<token>",
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "ParametersValidTo": 1795435200,
          "PublicKey": "<public key>"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "GetParametersForImport",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "84acc16a-f38f-49d2-9deb-004751e48c2d",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "wrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "wrappingKeySpec": "RSA_2048"
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
    async fn what_cannot_be_imported_gets_none() {
        let world = World::of(&[crate::SERVICE]).await;
        let own = key(&world, "{}").await;
        let symmetric = key(&world, r#"{"Origin": "EXTERNAL"}"#).await;
        let rsa = r#"{"Origin": "EXTERNAL", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}"#;
        let p521 = r#"{"Origin": "EXTERNAL", "KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY"}"#;
        let (rsa, p521) = (key(&world, rsa).await, key(&world, p521).await);
        let mut told = Vec::new();
        for (key, wrapping) in [
            (&own, wrapping("RSAES_OAEP_SHA_256", "RSA_2048")),
            (&symmetric, wrapping("RSAES_PKCS1_V1_5", "RSA_2048")),
            (&symmetric, wrapping("RSA_AES_KEY_WRAP_SHA_256", "RSA_2048")),
            (&rsa, wrapping("RSAES_OAEP_SHA_1", "RSA_4096")),
            (&p521, wrapping("RSAES_OAEP_SHA_256", "RSA_2048")),
        ] {
            let line = refusal(&world, "kms:GetParametersForImport", &key.with(&wrapping)).await;
            told.push(line.replace(&own.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 UnsupportedOperationException: arn:aws:kms:us-east-1:111122223333:key/<key> origin is AWS_KMS which is not valid for this operation.
        400 UnsupportedOperationException: RSAES_PKCS1_V1_5 is not supported for the import of key material.
        400 UnsupportedOperationException: Key material of key spec SYMMETRIC_DEFAULT cannot be wrapped by RSA_AES_KEY_WRAP_SHA_256 under a wrapping key of spec RSA_2048.
        400 UnsupportedOperationException: Key material of key spec RSA_2048 cannot be wrapped by RSAES_OAEP_SHA_1 under a wrapping key of spec RSA_4096.
        400 UnsupportedOperationException: Key material of key spec ECC_NIST_P521 cannot be wrapped by RSAES_OAEP_SHA_256 under a wrapping key of spec RSA_2048.
        ");
    }
}
