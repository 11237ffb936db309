//! UpdateAlias: the alias stands for another key of the same kind and usage, so that what was written by the alias can still be used by it.
//!
//! Needs the right on the alias and on both keys.
//! Source: KMS API reference, `UpdateAlias`.

use std::sync::Arc;

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_material::KeySpec;
use wire_kms as wire;

use crate::model::{
    ALIASES, Alias, Found, Key, Reference, add_alias, alias_guard, change, guard_own, located, missing_alias,
    not_pending_deletion,
};

pub(crate) struct UpdateAlias;

/// The alias with its key, and the key it is to stand for.
pub(crate) struct Change {
    current: Option<(Arc<Alias>, Found)>,
    target: Found,
}

impl Operation for UpdateAlias {
    type Shape = wire::UpdateAlias;
    type Target = Change;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let target = Reference::read_key(&input.target_key_id, view).find(view).await?;
        let target_guard = guard_own(&target, view);
        let current = match view.get(&ALIASES, view.here(), input.alias_name.as_str()).await? {
            Some(alias) => {
                let key = Reference::of_key(alias.key_id.clone(), view.account(), view).find(view).await?;
                Some((alias, key))
            }
            None => None,
        };
        let current_guard = current.as_ref().map(|(_, key)| guard_own(key, view));
        let mut located = located(Change { current, target })
            .need(wire::actions::UPDATE_ALIAS, alias_guard(&input.alias_name, view), NoKeys)
            .need(wire::actions::UPDATE_ALIAS, target_guard, NoKeys);
        if let Some(guard) = current_guard {
            located = located.need(wire::actions::UPDATE_ALIAS, guard, NoKeys);
        }
        Ok(located)
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let Some((alias, current)) = &call.target().current else {
            return Err(missing_alias(&call.input().alias_name, &call).into());
        };
        let (alias, current) = (alias.clone(), current.clone());
        let target = call.target().target.key()?;
        if let Some(current) = current.found()
            && !are_alike(current, target)
        {
            let message =
                format!("{} and {} must have the same type and key usage.", current.arn, target.arn);
            return Err(Failure::validation(message).into());
        }
        call.commit(|tx, call| {
            let name = &call.input().alias_name;
            if current.found().is_some() {
                change(tx, &current, |_, key| {
                    key.aliases.retain(|held| held != name);
                    Ok(())
                })?;
            }
            change(tx, &call.target().target, |tx, key| {
                not_pending_deletion(key)?;
                add_alias(key, name)?;
                let updated = Alias { key_id: key.id.clone(), updated_at: tx.now(), ..(*alias).clone() };
                Ok(tx.put(&ALIASES, call.here(), name.as_str(), &updated)?)
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")]),
                ("kms:CreateAlias", r#"{"AliasName": "alias/one", "TargetKeyId": "${key}"}"#, &[]),
                ("kms:CreateKey", "{}", &[("other", "/KeyMetadata/KeyId")]),
            ],
            input: r#"{"AliasName": "alias/one", "TargetKeyId": "${other}"}"#,
        }
    }
}

/// Both symmetric, both HMAC or both asymmetric, and of the same usage.
fn are_alike(one: &Key, other: &Key) -> bool {
    let asymmetric = |key: &Key| KeySpec::from_text(key.spec.as_str()).is_some_and(KeySpec::is_asymmetric);
    one.usage == other.usage && asymmetric(one) == asymmetric(other)
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{alias, key, refusal};

    #[tokio::test]
    async fn the_alias_moves_from_one_key_to_the_other() {
        let world = World::of(&[crate::SERVICE]).await;
        let (old, new) = (key(&world, "{}").await, key(&world, "{}").await);
        let _ = world.call("kms:CreateAlias", &alias("alias/one", &old)).await.ok();
        let answer = world.call("kms:UpdateAlias", &alias("alias/one", &new)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-78c9-802b-928abcf37a5a",
          "eventName": "UpdateAlias",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "d99a8588-26ab-4f78-b3c2-df888d5897c2",
          "requestParameters": {
            "aliasName": "alias/one",
            "targetKeyId": "460e144f-eb89-4b15-bea4-f5a10f520ae5"
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:alias/one",
              "accountId": "111122223333",
              "type": "AWS::KMS::Alias"
            },
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/460e144f-eb89-4b15-bea4-f5a10f520ae5",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            },
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
        for (key, count) in [(&old, 0), (&new, 1)] {
            let listed = world.call("kms:ListAliases", &key.with("")).await.ok().json();
            assert_eq!(listed["Aliases"].as_array().map(Vec::len), Some(count));
        }
    }

    #[tokio::test]
    async fn only_a_key_of_the_same_kind_takes_its_place() {
        let world = World::of(&[crate::SERVICE]).await;
        let symmetric = key(&world, "{}").await;
        let rsa = key(&world, r#"{"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}"#).await;
        let hmac = key(&world, r#"{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}"#).await;
        let _ = world.call("kms:CreateAlias", &alias("alias/one", &symmetric)).await.ok();
        for other in [&rsa, &hmac] {
            assert_eq!(
                refusal(&world, "kms:UpdateAlias", &alias("alias/one", other)).await,
                format!(
                    "400 ValidationException: {} and {} must have the same type and key usage.",
                    symmetric.arn, other.arn
                )
            );
        }
        assert_eq!(
            refusal(&world, "kms:UpdateAlias", &alias("alias/nope", &symmetric)).await,
            "400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/nope is not found."
        );
    }
}
