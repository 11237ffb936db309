//! ListGrants: the grants of a key; all, one of them, or those of one grantee.
//! Source: KMS API reference, `ListGrants`.

use std::sync::Arc;

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, InvalidGrantIdException};

use crate::example;
use crate::model::{
    Found, GRANTEES, GRANTS, Grant, Listed, Reference, grant_entry, guard, limit, list, list_rows, located,
};

pub(crate) struct ListGrants;

impl Operation for ListGrants {
    type Shape = wire::ListGrants;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "ListGrants", None, view).await?;
        let keys = wire::ListGrantsKeys { grant_is_for_aws_resource: !view.circumstances().via.is_empty() };
        Ok(located(found).need(wire::actions::LIST_GRANTS, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let grantee = input.grantee_principal.as_ref().or(input.grantee_service_principal.as_ref());
        let page = match (&input.grant_id, grantee) {
            (None, None) => all(&call).await?,
            (Some(id), grantee) => one(&call, id, grantee).await?,
            (None, Some(grantee)) => of_grantee(&call, grantee).await?,
        };
        let grants = Some(page.items.iter().map(|grant| grant_entry(grant)).collect());
        let truncated = Some(page.next.is_some());
        call.answer(wire::ListGrantsResponse { grants, next_marker: page.next, truncated }).await
    }

    fn example() -> Example {
        Example { world: example::GRANT, input: r#"{"KeyId": "${key}"}"# }
    }
}

type Page = Result<Listed<Arc<Grant>>, Refusal<wire::ListGrants>>;

async fn all(call: &Call<ListGrants>) -> Page {
    let key = call.target().key()?;
    let range = GRANTS.range_under(call.target().scope(), &key.id);
    let (marker, limit) = (call.input().marker.as_deref(), limit(call.input().limit, 50, 100));
    list_rows(call, &GRANTS, range, &key.id, marker, limit).await
}

async fn one(call: &Call<ListGrants>, id: &str, grantee: Option<&String>) -> Page {
    let key = call.target().key()?;
    let grant = call.view().get(&GRANTS, call.target().scope(), &(key.id.clone(), id.to_owned())).await?;
    let grant = grant.ok_or_else(|| InvalidGrantIdException::new(format!("Grant ID {id} not found")))?;
    let items = if grantee.is_none_or(|name| *name == grant.grantee) { vec![grant] } else { Vec::new() };
    Ok(Listed { items, next: None })
}

async fn of_grantee(call: &Call<ListGrants>, grantee: &str) -> Page {
    let key = call.target().key()?;
    let scope = call.target().scope();
    let held = call.view().get(&GRANTEES, scope, &(key.id.clone(), grantee.to_owned())).await?;
    let mut grants = Vec::new();
    for id in held.iter().flat_map(|held| &held.grants) {
        grants.extend(call.view().get(&GRANTS, scope, &(key.id.clone(), id.clone())).await?);
    }
    let filters = format!("{}/{grantee}", key.id);
    list(call, grants, &filters, call.input().marker.as_deref(), limit(call.input().limit, 50, 100))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn grants_are_told_whole_and_found_by_id_and_grantee() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.account("444455556666").await;
        let mut ids = Vec::new();
        for account in ["111122223333", "444455556666"] {
            let input = key.with(&format!(
                r#""GranteePrincipal": "arn:aws:iam::{account}:root", "RetiringPrincipal": "arn:aws:iam::{account}:root", "Operations": ["Decrypt"], "Name": "n", "Constraints": {{"EncryptionContextEquals": {{"a": "b"}}}}"#
            ));
            ids.push(world.call("kms:CreateGrant", &input).await.ok().text("/GrantId"));
        }
        let answer = world.call("kms:ListGrants", &key.with(&format!(r#""GrantId": "{}""#, ids[0]))).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Grants": [
            {
              "Constraints": {
                "EncryptionContextEquals": {
                  "a": "b"
                }
              },
              "CreationDate": 1795348800,
              "GrantId": "37c02559b74fdab168e5d2d3fc4355733b4447f9a56d8445d6c94017d63a667e",
              "GranteePrincipal": "arn:aws:iam::111122223333:root",
              "IssuingAccount": "arn:aws:iam::111122223333:root",
              "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "Name": "n",
              "Operations": [
                "Decrypt"
              ],
              "RetiringPrincipal": "arn:aws:iam::111122223333:root"
            }
          ],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-78c9-802b-928abcf37a5a",
          "eventName": "ListGrants",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "d99a8588-26ab-4f78-b3c2-df888d5897c2",
          "requestParameters": {
            "grantId": "37c02559b74fdab168e5d2d3fc4355733b4447f9a56d8445d6c94017d63a667e",
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
        let grantee = key.with(r#""GranteePrincipal": "arn:aws:iam::444455556666:root""#);
        let of_other = world.call("kms:ListGrants", &grantee).await.ok().json();
        assert_eq!(of_other["Grants"].as_array().map(Vec::len), Some(1));
        assert_eq!(of_other["Grants"][0]["GrantId"], ids[1].as_str());
        let first = world.call("kms:ListGrants", &key.with(r#""Limit": 1"#)).await.ok();
        let rest = key.with(&format!(r#""Marker": "{}""#, first.text("/NextMarker")));
        let rest = world.call("kms:ListGrants", &rest).await.ok();
        let mut listed = vec![first.text("/Grants/0/GrantId"), rest.text("/Grants/0/GrantId")];
        listed.sort();
        ids.sort();
        assert_eq!(listed, ids);
        let refused = refusal(&world, "kms:ListGrants", &key.with(r#""GrantId": "x""#)).await;
        assert_eq!(refused, "400 InvalidGrantIdException: Grant ID x not found");
    }
}
