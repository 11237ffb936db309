//! ListKeyRotations: when a key was rotated, and how; oldest first. With `ALL_KEY_MATERIAL` its first material too, and imported material that waits
//! for its rotation.
//! Source: KMS API reference, `ListKeyRotations`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, ImportState, IncludeKeyMaterial, KeyMaterialState, OriginType, RotationType};

use crate::example;
use crate::model::{
    Found, KEYS, Key, KeyMaterial, Reference, RotationKind, expiration, guard_own, limit, list, located,
    rotatable,
};

pub(crate) struct ListKeyRotations;

impl Operation for ListKeyRotations {
    type Shape = wire::ListKeyRotations;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::LIST_KEY_ROTATIONS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?;
        rotatable(key)?;
        let all = input.include_key_material == Some(IncludeKeyMaterial::AllKeyMaterial);
        let told = key.material.iter().chain(&key.pending);
        let told = told.filter(|material| all || material.rotation.is_some());
        let everywhere = is_imported_everywhere(call.view(), key).await?;
        let rotations = told.map(|material| entry(key, material, everywhere)).collect();
        let filters = format!("{}/{all}", key.id);
        let page = list(&call, rotations, &filters, input.marker.as_deref(), limit(input.limit, 100, 1000))?;
        let truncated = Some(page.next.is_some());
        let answer =
            wire::ListKeyRotationsResponse { rotations: Some(page.items), next_marker: page.next, truncated };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}"}"# }
    }
}

/// Whether material that waits for its rotation is there, in every Region of the key.
async fn is_imported_everywhere(view: &View, key: &Key) -> Result<bool, Failure> {
    let lacks = |key: &Key| key.pending.as_ref().is_some_and(|pending| pending.sealed.is_none());
    for scope in key.relatives().into_iter().filter(|_| key.pending.is_some()) {
        let relative = view.get(&KEYS, scope, key.id.as_str()).await?;
        if relative.is_some_and(|relative| lacks(&relative)) {
            return Ok(false);
        }
    }
    Ok(!lacks(key))
}

fn entry(key: &Key, material: &KeyMaterial, everywhere: bool) -> wire::RotationsListEntry {
    let is = |held: Option<&KeyMaterial>| held.is_some_and(|held| held.id == material.id);
    let imports = key.origin == OriginType::External;
    wire::RotationsListEntry {
        key_id: Some(key.id.clone()),
        key_material_id: Some(material.id.clone()),
        key_material_description: material.description.clone(),
        import_state: imports.then_some(match material.sealed {
            Some(_) => ImportState::Imported,
            None => ImportState::PendingImport,
        }),
        key_material_state: Some(if is(key.pending.as_ref()) {
            if everywhere {
                KeyMaterialState::PendingRotation
            } else {
                KeyMaterialState::PendingMultiRegionImportAndRotation
            }
        } else if is(key.material.last()) {
            KeyMaterialState::Current
        } else {
            KeyMaterialState::NonCurrent
        }),
        expiration_model: expiration(key, std::slice::from_ref(material)),
        valid_to: material.expires_at,
        rotation_date: material.rotation.map(|_| material.since),
        rotation_type: material.rotation.map(|kind| match kind {
            RotationKind::Automatic => RotationType::Automatic,
            RotationKind::OnDemand => RotationType::OnDemand,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn rotations_are_listed_with_and_without_the_first_material() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:RotateKeyOnDemand", &key.with("")).await.ok();
        world.pass(Duration::ZERO).await;
        let answer = world.call("kms:ListKeyRotations", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Rotations": [
            {
              "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "KeyMaterialId": "56cbd26d725e7d64a194d3986b5ba85dc0d41fe136292e060cfa3c4f50b02315",
              "KeyMaterialState": "CURRENT",
              "RotationDate": 1795348800,
              "RotationType": "ON_DEMAND"
            }
          ],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-799a-8588-26ab1f7833c2",
          "eventName": "ListKeyRotations",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "d879d55d-657d-431d-a993-392fe401f727",
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
        let all = key.with(r#""IncludeKeyMaterial": "ALL_KEY_MATERIAL""#);
        let all = world.call("kms:ListKeyRotations", &all).await.ok();
        assert_eq!(all.text("/Rotations/0/KeyMaterialState"), "NON_CURRENT");
        assert_eq!(all.text("/Rotations/1/KeyMaterialState"), "CURRENT");
        assert!(all.json()["Rotations"][0].get("RotationDate").is_none());
    }
}
