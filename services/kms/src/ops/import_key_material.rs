//! ImportKeyMaterial: material from elsewhere into a key of origin EXTERNAL, for ever or until its end.
//!
//! The first material makes the key what it is: what is imported later into an asymmetric or HMAC key is the same. A symmetric key takes new
//! material beside it, which waits for RotateKeyOnDemand. A multi-Region key gets new material at its primary first.
//! Source: KMS API reference, `ImportKeyMaterial`; words of refusals are guessed where no source is named.

use std::time::Duration;

use alcazar_core::Timestamp;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Input, Job, Located, Operation, Output, Refusal, Tx, View,
};
use alcazar_material::{ImportWrapping, Material};
use wire_kms::{
    self as wire, ExpirationModelType, ExpiredImportTokenException, ImportType,
    IncorrectKeyMaterialException, InvalidCiphertextException, InvalidImportTokenException,
    KMSInvalidStateException, KeySpec, KeyState, OriginType,
};

use crate::jobs::expire_material::ExpireMaterial;
use crate::model::{
    Found, ImportToken, Key, KeyMaterial, Reference, change, engine_kind, guard_own, held_mut, located,
    material_context, not_pending_deletion, not_replica, of_origin, parsed_id, share,
};

/// The longest that imported material may be set to live.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

pub(crate) struct ImportKeyMaterial;

impl Operation for ImportKeyMaterial {
    type Shape = wire::ImportKeyMaterial;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        let keys = wire::ImportKeyMaterialKeys {
            expiration_model: expiration_model(input).to_string(),
            valid_to: input.valid_to,
        };
        Ok(located(found).need(wire::actions::IMPORT_KEY_MATERIAL, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        of_origin(key, OriginType::External)?;
        not_pending_deletion(key)?;
        checked(call.input(), key)?;
        let expires_at = expiry(call.input(), call.now())?;
        let material = unwrapped(&call, key)?;
        let id = material.id(&parsed_id(&key.id)?).map_err(Failure::internal)?.to_string();
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                let waited = key.state() == KeyState::PendingImport;
                make_room(tx, call.input(), key, &id)?;
                fill(tx, key, &id, &material, expires_at, call.input())?;
                if waited && key.is_complete() {
                    key.enabled = true;
                }
                let told = key.spec == KeySpec::SymmetricDefault;
                Ok(wire::ImportKeyMaterialResponse {
                    key_id: Some(key.arn.to_string()),
                    key_material_id: told.then(|| id.clone()),
                })
            })
        })
        .await
    }

    /// An example cannot wrap: it brings a good token and no material, and is refused for that.
    fn example() -> Example {
        Example {
            world: &[
                ("kms:CreateKey", r#"{"Origin": "EXTERNAL"}"#, &[("key", "/KeyMetadata/KeyId")]),
                (
                    "kms:GetParametersForImport",
                    r#"{"KeyId": "${key}", "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}"#,
                    &[("token", "/ImportToken")],
                ),
            ],
            input: r#"{"KeyId": "${key}", "ImportToken": "${token}", "EncryptedKeyMaterial": "AAAA", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}"#,
        }
    }
}

type Refused = Refusal<wire::ImportKeyMaterial>;

fn expiration_model(input: &Input<ImportKeyMaterial>) -> ExpirationModelType {
    input.expiration_model.unwrap_or(ExpirationModelType::KeyMaterialExpires)
}

/// What goes together in a request.
fn checked(input: &Input<ImportKeyMaterial>, key: &Key) -> Result<(), Refused> {
    let of_symmetric = [
        ("ImportType", input.import_type.is_some()),
        ("KeyMaterialDescription", input.key_material_description.is_some()),
        ("KeyMaterialId", input.key_material_id.is_some()),
    ];
    let given = of_symmetric.iter().find(|(_, given)| *given);
    if let Some((name, _)) = given.filter(|_| key.spec != KeySpec::SymmetricDefault) {
        let message = format!("{name} is valid for symmetric encryption KMS keys only.");
        return Err(Failure::validation(message).into());
    }
    if input.key_material_id.is_some() && input.import_type == Some(ImportType::NewKeyMaterial) {
        let message = "You cannot specify KeyMaterialId with an ImportType of NEW_KEY_MATERIAL.";
        return Err(Failure::validation(message).into());
    }
    Ok(())
}

/// When the material is to go, if ever.
fn expiry(input: &Input<ImportKeyMaterial>, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
    let refuse = |message: &'static str| Err(Failure::validation(message).into());
    match (expiration_model(input), input.valid_to) {
        (ExpirationModelType::KeyMaterialExpires, None) => {
            refuse("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
        }
        (ExpirationModelType::KeyMaterialDoesNotExpire, Some(_)) => {
            refuse("A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE")
        }
        (_, Some(at)) if at <= now => refuse("The validTo date must be in the future"),
        (_, Some(at)) if at > now.plus(LONGEST) => {
            refuse("The validTo date must be at most 365 days from now")
        }
        (_, at) => Ok(at),
    }
}

/// The material, out of its wrapping.
fn unwrapped(call: &Call<ImportKeyMaterial>, key: &Key) -> Result<Material, Refused> {
    let token = ImportToken::open(call, &call.input().import_token).filter(|token| token.key == key.arn);
    let invalid = "The import token is invalid, or is associated with a different KMS key.";
    let token = token.ok_or_else(|| InvalidImportTokenException::new(invalid))?;
    if token.valid_to <= call.now() {
        return Err(ExpiredImportTokenException::new("The import token has expired.").into());
    }
    let wrapping = ImportWrapping::new(token.algorithm, token.wrapping_key, &token.private_key);
    let wrapping = wrapping.map_err(Failure::internal)?;
    let material = wrapping.unwrap(&call.input().encrypted_key_material);
    let material = material.map_err(|_| InvalidCiphertextException::new(""))?;
    let (spec, usage) = engine_kind(key)?;
    Material::import(spec, usage, material).map_err(|_| {
        let message = format!("The key material is not valid for a KMS key with key spec {}.", key.spec);
        IncorrectKeyMaterialException::new(message).into()
    })
}

/// Finds where the material belongs: a place that is there, or, for new material, a new one.
fn make_room(
    tx: &mut Tx<'_>,
    input: &Input<ImportKeyMaterial>,
    key: &mut Key,
    id: &str,
) -> Result<(), Refused> {
    let incorrect = |message: String| Err(IncorrectKeyMaterialException::new(message).into());
    let known = held_mut(key, id).is_some();
    let first = key.material.is_empty();
    let kind = if first { ImportType::NewKeyMaterial } else { ImportType::ExistingKeyMaterial };
    match input.import_type.unwrap_or(kind) {
        ImportType::ExistingKeyMaterial if !known => {
            incorrect(format!("The key material was not imported into {} before.", key.arn))
        }
        ImportType::ExistingKeyMaterial
            if input.key_material_id.as_ref().is_some_and(|named| named != id) =>
        {
            incorrect("The key material is not the one that KeyMaterialId names.".to_owned())
        }
        ImportType::ExistingKeyMaterial => Ok(()),
        ImportType::NewKeyMaterial if key.is_replica() => not_replica(key),
        ImportType::NewKeyMaterial if known => {
            incorrect(format!("The key material is already associated with {}.", key.arn))
        }
        ImportType::NewKeyMaterial if first => {
            key.material.push(KeyMaterial::to_come(id, tx.now()));
            Ok(())
        }
        ImportType::NewKeyMaterial if key.pending.is_some() => {
            let message = format!("{} already has key material that is pending rotation.", key.arn);
            Err(KMSInvalidStateException::new(message).into())
        }
        ImportType::NewKeyMaterial => {
            // The replicas are to import it as well, before the key can rotate.
            let to_come = KeyMaterial::to_come(id, tx.now());
            key.pending = Some(to_come.clone());
            Ok(share(tx, key, |_, replica| {
                replica.pending = Some(to_come.clone());
                Ok(())
            })?)
        }
    }
}

/// Puts the material in its place, over what is there.
fn fill(
    tx: &mut Tx<'_>,
    key: &mut Key,
    id: &str,
    material: &Material,
    expires_at: Option<Timestamp>,
    input: &Input<ImportKeyMaterial>,
) -> Result<(), Failure> {
    let (scope, subject) = (key.scope(), ExpireMaterial::subject(&key.id, id));
    let sealed = tx.seal(&material_context(&key.arn, id), material.to_bytes().expose())?;
    let held = held_mut(key, id).ok_or_else(|| Failure::internal("there is no place for the material"))?;
    if let Some(before) = held.expires_at {
        tx.forget(before, ExpireMaterial::NAME, scope, &subject)?;
    }
    held.sealed = Some(sealed);
    held.expires_at = expires_at;
    if input.key_material_description.is_some() {
        held.description.clone_from(&input.key_material_description);
    }
    match expires_at {
        Some(at) => tx.remind(at, ExpireMaterial::NAME, scope, &subject),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_testkit::World;

    use crate::test::{TestKey, import, key, refusal, wrapped};

    const FOR_EVER: &str = r#""ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE""#;

    async fn external(world: &World) -> TestKey {
        key(world, r#"{"Origin": "EXTERNAL"}"#).await
    }

    #[tokio::test]
    async fn the_key_is_of_use_with_its_material() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = external(&world).await;
        let wrapped = wrapped(&world, &key, &[7; 32]).await;
        let with = r##", "ValidTo": 1795435200, "KeyMaterialDescription": "a""##;
        let input = key.with(&format!("{wrapped}{with}"));
        let answer = world.call("kms:ImportKeyMaterial", &input).await;
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
          "eventID": "01a20320-a200-79f2-aac6-99747ca2f13c",
          "eventName": "ImportKeyMaterial",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "460e144f-eb89-4b15-bea4-f5a10f520ae5",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "keyMaterialDescription": "a",
            "validTo": "Nov 23, 2026, 12:00:00 PM"
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
        let metadata = &world.call("kms:DescribeKey", &key.with("")).await.ok().json()["KeyMetadata"];
        let told =
            ["KeyState", "ExpirationModel", "ValidTo", "CurrentKeyMaterialId"].map(|name| &metadata[name]);
        insta::assert_snapshot!(format!("{told:?}"), @r#"[String("Enabled"), String("KEY_MATERIAL_EXPIRES"), Number(1795435200), String("ff6f3ab2caba580b3aace9a4ed5fdb025be96b9543b97377df3fcc3095afb072")]"#);
        let listed = world
            .call("kms:ListKeyRotations", &key.with(r#""IncludeKeyMaterial": "ALL_KEY_MATERIAL""#))
            .await;
        insta::assert_snapshot!(listed.ok().to_string(), @r#"
        200
        {
          "Rotations": [
            {
              "ExpirationModel": "KEY_MATERIAL_EXPIRES",
              "ImportState": "IMPORTED",
              "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "KeyMaterialDescription": "a",
              "KeyMaterialId": "ff6f3ab2caba580b3aace9a4ed5fdb025be96b9543b97377df3fcc3095afb072",
              "KeyMaterialState": "CURRENT",
              "ValidTo": 1795435200
            }
          ],
          "Truncated": false
        }
        "#);
    }

    #[tokio::test]
    async fn what_does_not_go_together_is_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let (symmetric, other) = (external(&world).await, external(&world).await);
        let hmac = key(
            &world,
            r#"{"Origin": "EXTERNAL", "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#,
        )
        .await;
        let own = key(&world, "{}").await;
        let good = wrapped(&world, &symmetric, &[7; 32]).await;
        let short = wrapped(&world, &symmetric, &[7; 31]).await;
        let of_hmac = wrapped(&world, &hmac, &[7; 32]).await;
        let token = good.split(',').next().unwrap();
        let id = "0".repeat(64);
        let mut told = Vec::new();
        for (key, rest) in [
            (&own, format!("{good}, {FOR_EVER}")),
            (&symmetric, good.clone()),
            (&symmetric, format!(r#"{good}, {FOR_EVER}, "ValidTo": 1795435200"#)),
            (&symmetric, format!(r#"{good}, "ValidTo": 1795348800"#)),
            (&symmetric, format!(r#"{good}, "ValidTo": 1826884801"#)),
            (
                &symmetric,
                format!(r#"{good}, {FOR_EVER}, "ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": "{id}""#),
            ),
            (&symmetric, format!(r#"{good}, {FOR_EVER}, "ImportType": "EXISTING_KEY_MATERIAL""#)),
            (&symmetric, format!("{short}, {FOR_EVER}")),
            (&symmetric, format!(r#"{token}, "EncryptedKeyMaterial": "AAAA", {FOR_EVER}"#)),
            (&symmetric, format!(r#""ImportToken": "AAAA", "EncryptedKeyMaterial": "AAAA", {FOR_EVER}"#)),
            (&other, format!("{good}, {FOR_EVER}")),
            (&hmac, format!(r#"{of_hmac}, {FOR_EVER}, "ImportType": "NEW_KEY_MATERIAL""#)),
        ] {
            let line = refusal(&world, "kms:ImportKeyMaterial", &key.with(&rest)).await;
            told.push(line.replace(&key.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 UnsupportedOperationException: arn:aws:kms:us-east-1:111122223333:key/<key> origin is AWS_KMS which is not valid for this operation.
        400 ValidationException: A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES
        400 ValidationException: A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE
        400 ValidationException: The validTo date must be in the future
        400 ValidationException: The validTo date must be at most 365 days from now
        400 ValidationException: You cannot specify KeyMaterialId with an ImportType of NEW_KEY_MATERIAL.
        400 IncorrectKeyMaterialException: The key material was not imported into arn:aws:kms:us-east-1:111122223333:key/<key> before.
        400 IncorrectKeyMaterialException: The key material is not valid for a KMS key with key spec SYMMETRIC_DEFAULT.
        400 InvalidCiphertextException: 
        400 InvalidImportTokenException: The import token is invalid, or is associated with a different KMS key.
        400 InvalidImportTokenException: The import token is invalid, or is associated with a different KMS key.
        400 ValidationException: ImportType is valid for symmetric encryption KMS keys only.
        ");
        let _ = world.pass(Duration::from_secs(24 * 3600)).await;
        let late = symmetric.with(&format!("{good}, {FOR_EVER}"));
        assert_eq!(
            refusal(&world, "kms:ImportKeyMaterial", &late).await,
            "400 ExpiredImportTokenException: The import token has expired."
        );
    }

    #[tokio::test]
    async fn later_the_same_material_is_taken_or_new_one_beside_it() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = external(&world).await;
        import(&world, &key, &[7; 32]).await;
        import(&world, &key, &[7; 32]).await;
        let mut told = Vec::new();
        for (material, kind) in [
            ([8; 32], ""),
            ([7; 32], r#", "ImportType": "NEW_KEY_MATERIAL""#),
            ([8; 32], r#", "ImportType": "NEW_KEY_MATERIAL""#),
            ([8; 32], ""),
            ([9; 32], r#", "ImportType": "NEW_KEY_MATERIAL""#),
        ] {
            let wrapped = wrapped(&world, &key, &material).await;
            let input = key.with(&format!("{wrapped}, {FOR_EVER}{kind}"));
            let answer = world.call("kms:ImportKeyMaterial", &input).await;
            told.push(match answer.status {
                200 => "200".to_owned(),
                _ => format!("{}: {}", answer.text("/__type"), answer.text("/message"))
                    .replace(&key.id, "<key>"),
            });
        }
        insta::assert_snapshot!(told.join("\n"), @"
        IncorrectKeyMaterialException: The key material was not imported into arn:aws:kms:us-east-1:111122223333:key/<key> before.
        IncorrectKeyMaterialException: The key material is already associated with arn:aws:kms:us-east-1:111122223333:key/<key>.
        200
        200
        KMSInvalidStateException: arn:aws:kms:us-east-1:111122223333:key/<key> already has key material that is pending rotation.
        ");
    }
}
