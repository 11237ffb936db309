//! RetireGrant: whoever is done with a grant gives it up: its retiring principal, its grantee where the grant says so, the account that made
//! it, or whom policies allow.
//! Source: KMS API reference, `RetireGrant`.

use alcazar_core::Arn;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use wire_kms::{self as wire, InvalidGrantTokenException, NotFoundException};

use super::revoke_grant::Granted;
use crate::example;
use crate::model::{GRANTS, Reference, dry_run, end_grant, guard_with, located, token_grant};

pub(crate) struct RetireGrant;

impl Operation for RetireGrant {
    type Shape = wire::RetireGrant;
    /// `None` when the request names no grant.
    type Target = Option<Granted>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let Some((key, id)) = named(input) else {
            let keys = keys(None);
            return Ok(located(None).need(wire::actions::RETIRE_GRANT, Guard::any(view.account()), keys));
        };
        let found = Reference::read_key(&key, view).find(view).await?;
        let grant = match found.found() {
            Some(key) => view.get(&GRANTS, found.scope(), &(key.id.clone(), id)).await?,
            None => None,
        };
        let granted = grant.as_ref().is_some_and(|grant| grant.is_retirable_by(view.caller()));
        let guard = guard_with(&found, granted);
        let keys = keys(grant.as_deref());
        Ok(located(Some(Granted { found, grant })).need(wire::actions::RETIRE_GRANT, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let Some(target) = call.target() else {
            return Err(match &input.grant_token {
                Some(_) => InvalidGrantTokenException::new("The grant token is not valid.").into(),
                None => Failure::validation("Specify either GrantToken, or KeyId and GrantId.").into(),
            });
        };
        let _ = target.found.key()?;
        let Some(grant) = target.grant.clone() else {
            return Err(match &input.grant_id {
                Some(id) => NotFoundException::new(format!("Grant ID {id} not found")).into(),
                None => InvalidGrantTokenException::new("The grant token is not valid.").into(),
            });
        };
        dry_run(input.dry_run)?;
        let scope = target.found.scope();
        call.commit(|tx, _| Ok(end_grant(tx, scope, &grant)?)).await
    }

    fn example() -> Example {
        Example { world: example::GRANT, input: r#"{"GrantToken": "${token}"}"# }
    }
}

/// The key and the grant that the request names, in one of its two ways.
fn named(input: &Input<RetireGrant>) -> Option<(String, String)> {
    match (&input.grant_token, &input.key_id, &input.grant_id) {
        (Some(token), None, None) => token_grant(token).map(|(key, id): (Arn, String)| (key.to_string(), id)),
        (None, Some(key), Some(id)) => Some((key.clone(), id.clone())),
        _ => None,
    }
}

fn keys(grant: Option<&crate::model::Grant>) -> wire::RetireGrantKeys {
    let context =
        grant.and_then(|grant| grant.context_equals.clone().or_else(|| grant.context_subset.clone()));
    let context = context.unwrap_or_default();
    wire::RetireGrantKeys {
        encryption_context_keys: context.keys().cloned().collect(),
        encryption_context: context,
        grant_constraint_type: grant.and_then(crate::model::Grant::constraint_type),
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn a_grant_is_retired_by_token_or_by_key_and_id() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let grant =
            key.with(r#""GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt"]"#);
        let made = world.call("kms:CreateGrant", &grant).await.ok();
        let token = format!(r#"{{"GrantToken": "{}"}}"#, made.text("/GrantToken"));
        let answer = world.call("kms:RetireGrant", &token).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-79f2-aac6-99747ca2f13c",
          "eventName": "RetireGrant",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "22db33e5-6085-4d94-8f9c-714dc43efc37",
          "requestParameters": {
            "grantToken": "YXJuOmF3czprbXM6dXMtZWFzdC0xOjExMTEyMjIyMzMzMzprZXkvOGM3NjU0ZWMtZmQ3Yi00YjYyLWJiODAtM2UyZjRlMDJhZDFjIDQ2MGUxNDRmZWI4OTRiMTUzZWE0ZjVhMTBmNTIwYWU1NjI0YTg1NDRkNjFlZTI0ZGU5NGUwMTkzZDVlMDU3YzA="
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
        let mut told = vec![refusal(&world, "kms:RetireGrant", &token).await];
        let made = world.call("kms:CreateGrant", &grant).await.ok();
        let by_id = format!(r#"{{"KeyId": "{}", "GrantId": "{}"}}"#, key.arn, made.text("/GrantId"));
        let _ = world.call("kms:RetireGrant", &by_id).await.ok();
        told.push(
            refusal(&world, "kms:RetireGrant", &by_id).await.replace(&made.text("/GrantId"), "<grant>"),
        );
        told.push(refusal(&world, "kms:RetireGrant", r#"{"GrantToken": "x"}"#).await);
        told.push(refusal(&world, "kms:RetireGrant", "{}").await);
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidGrantTokenException: The grant token is not valid.
        400 NotFoundException: Grant ID <grant> not found
        400 InvalidGrantTokenException: The grant token is not valid.
        400 ValidationException: Specify either GrantToken, or KeyId and GrantId.
        ");
    }
}
