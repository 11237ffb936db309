//! ListRetirableGrants: the grants, of keys in any account, that a principal of the caller's account may retire.
//! Source: KMS API reference, `ListRetirableGrants`.

use alcazar_core::{Arn, NoKeys};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use alcazar_store::Scope;
use wire_kms::{self as wire, NotFoundException};

use crate::example;
use crate::model::{GRANTS, RETIRABLE, grant_entry, limit, list_rows, located, retirable_prefix};

pub(crate) struct ListRetirableGrants;

impl Operation for ListRetirableGrants {
    type Shape = wire::ListRetirableGrants;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(located(()).need(wire::actions::LIST_RETIRABLE_GRANTS, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let principal = principal(&call)?;
        let prefix = retirable_prefix(call.region().name(), principal);
        let range = RETIRABLE.range_under(Scope::Installation, &prefix);
        let (marker, limit) = (input.marker.as_deref(), limit(input.limit, 50, 100));
        let page = list_rows(&call, &RETIRABLE, range, principal, marker, limit).await?;
        let mut grants = Vec::with_capacity(page.items.len());
        for row in &page.items {
            let scope = Scope::Region(row.account, row.region);
            let grant = call.view().get(&GRANTS, scope, &(row.key_id.clone(), row.grant.clone())).await?;
            grants.extend(grant.map(|grant| grant_entry(&grant)));
        }
        let truncated = Some(page.next.is_some());
        call.answer(wire::ListGrantsResponse { grants: Some(grants), next_marker: page.next, truncated })
            .await
    }

    fn example() -> Example {
        Example { world: example::GRANT, input: r#"{"RetiringPrincipal": "arn:aws:iam::111122223333:root"}"# }
    }
}

/// The principal asked about: of the caller's own account, or a service.
fn principal(call: &Call<ListRetirableGrants>) -> Result<&str, Refusal<wire::ListRetirableGrants>> {
    let input = call.input();
    match (&input.retiring_principal, &input.retiring_service_principal) {
        (Some(arn), None) => {
            let own = arn.parse::<Arn>().is_ok_and(|arn| arn.account() == call.account().as_str());
            if own {
                return Ok(arn);
            }
            Err(NotFoundException::new(format!("{arn} is not a principal of this account.")).into())
        }
        (None, Some(service)) => Ok(service),
        _ => {
            let message = "Specify either RetiringPrincipal or RetiringServicePrincipal.";
            Err(Failure::validation(message).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn grants_of_any_accounts_keys_are_listed_for_ones_own_principals() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let other = world.account("444455556666").await;
        let input = key.with(
            r#""GranteePrincipal": "arn:aws:iam::111122223333:root", "RetiringPrincipal": "arn:aws:iam::444455556666:root", "Operations": ["Decrypt"]"#,
        );
        let id = world.call("kms:CreateGrant", &input).await.ok().text("/GrantId");
        let asked = r#"{"RetiringPrincipal": "arn:aws:iam::444455556666:root"}"#;
        let listed = world.call_as(&other, "kms:ListRetirableGrants", asked).await.ok();
        assert_eq!(listed.text("/Grants/0/GrantId"), id);
        assert_eq!(
            refusal(&world, "kms:ListRetirableGrants", asked).await,
            "400 NotFoundException: arn:aws:iam::444455556666:root is not a principal of this account."
        );
        let mine = r#"{"RetiringPrincipal": "arn:aws:iam::111122223333:root"}"#;
        let answer = world.call("kms:ListRetirableGrants", mine).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Grants": [],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-75ff-8089-f5612998d7e0",
          "eventName": "ListRetirableGrants",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "b8c9c02b-928a-4cf3-ba5a-f40226257959",
          "requestParameters": {
            "retiringPrincipal": "arn:aws:iam::111122223333:root"
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
    }
}
