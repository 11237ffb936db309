//! ListAliases: the aliases of the account in this Region, or of one of its keys.
//! Source: KMS API reference, `ListAliases`.

use std::sync::Arc;

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{ALIASES, Alias, Listed, Reference, alias_arn, limit, list, list_rows, located};

pub(crate) struct ListAliases;

impl Operation for ListAliases {
    type Shape = wire::ListAliases;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(located(()).need(wire::actions::LIST_ALIASES, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let page = match &call.input().key_id {
            Some(key_id) => of_key(&call, key_id).await?,
            None => {
                let (marker, limit) = (call.input().marker.as_deref(), limit(call.input().limit, 50, 100));
                list_rows(&call, &ALIASES, ALIASES.range(call.here()), "", marker, limit).await?
            }
        };
        let entry = |alias: &Arc<Alias>| wire::AliasListEntry {
            alias_name: Some(alias.name.clone()),
            alias_arn: Some(alias_arn(&alias.name, call.account(), call.region()).to_string()),
            target_key_id: Some(alias.key_id.clone()),
            creation_date: Some(alias.created_at),
            last_updated_date: Some(alias.updated_at),
        };
        let aliases = Some(page.items.iter().map(entry).collect());
        let truncated = Some(page.next.is_some());
        call.answer(wire::ListAliasesResponse { aliases, next_marker: page.next, truncated }).await
    }

    fn example() -> Example {
        Example { world: example::ALIAS, input: "{}" }
    }
}

async fn of_key(
    call: &Call<ListAliases>,
    key_id: &str,
) -> Result<Listed<Arc<Alias>>, Refusal<wire::ListAliases>> {
    let found = Reference::read_key(key_id, call.view()).find(call.view()).await?;
    if found.owner != call.account() {
        // The right to list one's own aliases says nothing about another account's keys: not even whether they are there.
        return Err(found.missing().into());
    }
    let key = found.key()?;
    let mut aliases = Vec::with_capacity(key.aliases.len());
    for name in &key.aliases {
        aliases.extend(call.view().get(&ALIASES, call.here(), name.as_str()).await?);
    }
    list(call, aliases, &key.id, call.input().marker.as_deref(), limit(call.input().limit, 50, 100))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{alias, key, refusal};

    #[tokio::test]
    async fn aliases_are_listed_for_the_account_and_for_a_key() {
        let world = World::of(&[crate::SERVICE]).await;
        let (one, two) = (key(&world, "{}").await, key(&world, "{}").await);
        for (name, key) in [("alias/a", &one), ("alias/b", &two), ("alias/c", &one)] {
            let _ = world.call("kms:CreateAlias", &alias(name, key)).await.ok();
        }
        let answer = world.call("kms:ListAliases", r#"{"Limit": 1}"#).await;
        let marker = answer.text("/NextMarker");
        let rest = world.call("kms:ListAliases", &format!(r#"{{"Marker": "{marker}"}}"#)).await;
        insta::assert_snapshot!(world.told(&rest).await.replace(&marker, "<marker>"), @r#"
        200
        {
          "Aliases": [
            {
              "AliasArn": "arn:aws:kms:us-east-1:111122223333:alias/b",
              "AliasName": "alias/b",
              "CreationDate": 1795348800,
              "LastUpdatedDate": 1795348800,
              "TargetKeyId": "460e144f-eb89-4b15-bea4-f5a10f520ae5"
            },
            {
              "AliasArn": "arn:aws:kms:us-east-1:111122223333:alias/c",
              "AliasName": "alias/c",
              "CreationDate": 1795348800,
              "LastUpdatedDate": 1795348800,
              "TargetKeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
            }
          ],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7cb9-b86b-f6c27eeb5590",
          "eventName": "ListAliases",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "957b273b-6559-42f7-9220-194a80242cc1",
          "requestParameters": {
            "marker": "<marker>"
          },
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
        let of_one = world.call("kms:ListAliases", &one.with(r#""Limit": 1"#)).await.ok();
        assert_eq!(of_one.text("/Aliases/0/AliasName"), "alias/a");
        let next = one.with(&format!(r#""Marker": "{}""#, of_one.text("/NextMarker")));
        let of_one = world.call("kms:ListAliases", &next).await.ok();
        assert_eq!(
            (of_one.text("/Aliases/0/AliasName"), of_one.text("/Truncated")),
            ("alias/c".into(), "false".into())
        );
    }

    #[tokio::test]
    async fn another_accounts_key_is_not_found_whether_it_is_there_or_not() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let other = world.account("444455556666").await;
        let answer =
            world.call_as(&other, "kms:ListAliases", &format!(r#"{{"KeyId": "{}"}}"#, key.arn)).await;
        assert_eq!((answer.status, answer.text("/__type").as_str()), (400, "NotFoundException"));
        let nowhere = r#"{"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}"#;
        assert!(refusal(&world, "kms:ListAliases", nowhere).await.contains("does not exist"));
    }
}
