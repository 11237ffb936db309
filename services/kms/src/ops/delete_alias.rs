//! DeleteAlias: the name goes, the key stays.
//!
//! Needs the right on the alias and on its key.
//! Source: KMS API reference, `DeleteAlias`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{ALIASES, Found, Reference, alias_guard, change, guard_own, located, missing_alias};

pub(crate) struct DeleteAlias;

impl Operation for DeleteAlias {
    type Shape = wire::DeleteAlias;
    /// The alias's key; `None` when there is no such alias.
    type Target = Option<Found>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = alias_guard(&input.alias_name, view);
        match view.get(&ALIASES, view.here(), input.alias_name.as_str()).await? {
            None => Ok(located(None).need(wire::actions::DELETE_ALIAS, guard, NoKeys)),
            Some(alias) => {
                let key = Reference::of_key(alias.key_id.clone(), view.account(), view).find(view).await?;
                let key_guard = guard_own(&key, view);
                Ok(located(Some(key)).need(wire::actions::DELETE_ALIAS, guard, NoKeys).need(
                    wire::actions::DELETE_ALIAS,
                    key_guard,
                    NoKeys,
                ))
            }
        }
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let Some(found) = call.target().clone() else {
            return Err(missing_alias(&call.input().alias_name, &call).into());
        };
        call.commit(|tx, call| {
            let name = &call.input().alias_name;
            tx.remove(&ALIASES, call.here(), name.as_str())?;
            if found.found().is_some() {
                change(tx, &found, |_, key| {
                    key.aliases.retain(|held| held != name);
                    Ok(())
                })?;
            }
            Ok(())
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::ALIAS, input: r#"{"AliasName": "alias/one"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{alias, key, refusal};

    #[tokio::test]
    async fn the_name_goes_and_the_key_stays() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:CreateAlias", &alias("alias/one", &key)).await.ok();
        let answer = world.call("kms:DeleteAlias", r#"{"AliasName": "alias/one"}"#).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "DeleteAlias",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "37c02559-b74f-4ab1-a8e5-d2d3fc435573",
          "requestParameters": {
            "aliasName": "alias/one"
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:alias/one",
              "accountId": "111122223333",
              "type": "AWS::KMS::Alias"
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
        let _ = world.call("kms:DescribeKey", &key.with("")).await.ok();
        let gone = "400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/one is not found.";
        assert_eq!(refusal(&world, "kms:DeleteAlias", r#"{"AliasName": "alias/one"}"#).await, gone);
        assert_eq!(refusal(&world, "kms:DescribeKey", r#"{"KeyId": "alias/one"}"#).await, gone);
    }
}
