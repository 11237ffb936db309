//! DeleteImportedKeyMaterial: the material is gone at once, and the key waits for the same to be imported again.
//!
//! Material that waits for its rotation is forgotten altogether. A key pending deletion stays so.
//! Source: KMS API reference, `DeleteImportedKeyMaterial`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, KeySpec, NotFoundException, OriginType};

use crate::example;
use crate::model::{Found, Reference, change, drop_material, guard_own, located, of_origin};

pub(crate) struct DeleteImportedKeyMaterial;

impl Operation for DeleteImportedKeyMaterial {
    type Shape = wire::DeleteImportedKeyMaterial;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::DELETE_IMPORTED_KEY_MATERIAL, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                of_origin(key, OriginType::External)?;
                let named = call.input().key_material_id.clone();
                let id = named.or_else(|| Some(key.material.last()?.id.clone()));
                if let Some(id) = &id
                    && !drop_material(tx, key, id)?
                {
                    // Which error AWS gives is guessed.
                    let message = format!("Key material {id} of {} does not exist.", key.arn);
                    return Err(NotFoundException::new(message).into());
                }
                let told = key.spec == KeySpec::SymmetricDefault;
                Ok(wire::DeleteImportedKeyMaterialResponse {
                    key_id: Some(key.arn.to_string()),
                    key_material_id: id.filter(|_| told),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::EXTERNAL, input: r#"{"KeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{import, key, refusal};

    #[tokio::test]
    async fn the_key_waits_for_its_material_again() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"Origin": "EXTERNAL"}"#).await;
        import(&world, &key, &[7; 32]).await;
        let answer = world.call("kms:DeleteImportedKeyMaterial", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyMaterialId": "ff6f3ab2caba580b3aace9a4ed5fdb025be96b9543b97377df3fcc3095afb072"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-791a-a31c-ec30cc670184",
          "eventName": "DeleteImportedKeyMaterial",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "09f26ac6-9974-4ca2-b13c-82f6e86cecb2",
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
          "responseElements": {
            "keyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "keyMaterialId": "ff6f3ab2caba580b3aace9a4ed5fdb025be96b9543b97377df3fcc3095afb072"
          },
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
        let encrypt = refusal(&world, "kms:Encrypt", &key.with(r#""Plaintext": "AAAA""#)).await;
        assert_eq!(encrypt, format!("400 KMSInvalidStateException: {} is pending import.", key.arn));
    }

    #[tokio::test]
    async fn only_imported_material_is_deleted() {
        let world = World::of(&[crate::SERVICE]).await;
        let (own, external) = (key(&world, "{}").await, key(&world, r#"{"Origin": "EXTERNAL"}"#).await);
        let absent = external.with(&format!(r#""KeyMaterialId": "{}""#, "0".repeat(64)));
        let mut told = Vec::new();
        for (key, input) in [(&own, own.with("")), (&external, absent)] {
            told.push(
                refusal(&world, "kms:DeleteImportedKeyMaterial", &input).await.replace(&key.id, "<key>"),
            );
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 UnsupportedOperationException: arn:aws:kms:us-east-1:111122223333:key/<key> origin is AWS_KMS which is not valid for this operation.
        400 NotFoundException: Key material 0000000000000000000000000000000000000000000000000000000000000000 of arn:aws:kms:us-east-1:111122223333:key/<key> does not exist.
        ");
    }
}
