//! ListKeys: the ids and ARNs of the account's keys in this Region.
//! Source: KMS API reference, `ListKeys`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, ResourceOwnerType};

use crate::example;
use crate::model::{KEYS, Listed, limit, list_rows, located};

pub(crate) struct ListKeys;

impl Operation for ListKeys {
    type Shape = wire::ListKeys;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(located(()).need(wire::actions::LIST_KEYS, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let own =
            input.resource_owners.as_ref().is_none_or(|owners| owners.contains(&ResourceOwnerType::Self_));
        let page = if own {
            let marker = input.marker.as_deref();
            list_rows(&call, &KEYS, KEYS.range(call.here()), "", marker, limit(input.limit, 100, 1000))
                .await?
        } else {
            // No key is shared through Resource Access Manager here.
            Listed { items: Vec::new(), next: None }
        };
        let keys = page.items.iter().map(|key| wire::KeyListEntry {
            key_id: Some(key.id.clone()),
            key_arn: Some(key.arn.to_string()),
        });
        let keys = Some(keys.collect());
        let truncated = Some(page.next.is_some());
        call.answer(wire::ListKeysResponse { keys, next_marker: page.next, truncated }).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"Limit": 10}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn keys_are_listed() {
        let world = World::of(&[crate::SERVICE]).await;
        let _ = key(&world, "{}").await;
        let answer = world.call("kms:ListKeys", "{}").await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Keys": [
            {
              "KeyArn": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
            }
          ],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "ListKeys",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": null,
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
    async fn pages_hold_every_key_once_and_other_accounts_have_their_own() {
        let world = World::of(&[crate::SERVICE]).await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(key(&world, "{}").await.id);
        }
        made.sort();
        let (mut listed, mut marker) = (Vec::new(), String::new());
        loop {
            let page = world.call("kms:ListKeys", &format!(r#"{{"Limit": 2{marker}}}"#)).await.ok().json();
            listed.extend(
                page["Keys"].as_array().unwrap().iter().map(|key| key["KeyId"].as_str().unwrap().to_owned()),
            );
            assert_eq!(page["Truncated"], page.get("NextMarker").is_some());
            match page["NextMarker"].as_str() {
                Some(next) => marker = format!(r#", "Marker": "{next}""#),
                None => break,
            }
        }
        assert_eq!(listed, made);
        let other = world.account("444455556666").await;
        let theirs = world.call_as(&other, "kms:ListKeys", "{}").await.ok().json();
        assert_eq!(theirs["Keys"].as_array().map(Vec::len), Some(0));
        let refused = refusal(&world, "kms:ListKeys", r#"{"Marker": "x"}"#).await;
        assert_eq!(refused, "400 InvalidMarkerException: The marker is invalid.");
    }
}
