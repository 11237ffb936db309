//! RevokeGrant: the key's owner takes a grant back.
//! Source: KMS API reference, `RevokeGrant`.

use std::sync::Arc;

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, NotFoundException};

use crate::example;
use crate::model::{Found, GRANTS, Grant, Reference, dry_run, end_grant, guard, located};

pub(crate) struct RevokeGrant;

/// A key, and the grant on it if there is one of that id.
pub(crate) struct Granted {
    pub(crate) found: Found,
    pub(crate) grant: Option<Arc<Grant>>,
}

impl Operation for RevokeGrant {
    type Shape = wire::RevokeGrant;
    type Target = Granted;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let grant = match found.found() {
            Some(key) => view.get(&GRANTS, found.scope(), &(key.id.clone(), input.grant_id.clone())).await?,
            None => None,
        };
        let guard = guard(&found, "RevokeGrant", None, view).await?;
        let keys = wire::RevokeGrantKeys {
            grant_is_for_aws_resource: grant.as_ref().is_some_and(|grant| grant.for_aws_resource),
        };
        Ok(located(Granted { found, grant }).need(wire::actions::REVOKE_GRANT, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let _ = call.target().found.key()?;
        let Some(grant) = call.target().grant.clone() else {
            return Err(
                NotFoundException::new(format!("Grant ID {} not found", call.input().grant_id)).into()
            );
        };
        dry_run(call.input().dry_run)?;
        let scope = call.target().found.scope();
        call.commit(|tx, _| Ok(end_grant(tx, scope, &grant)?)).await
    }

    fn example() -> Example {
        Example { world: example::GRANT, input: r#"{"KeyId": "${key}", "GrantId": "${grant}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn a_revoked_grant_is_gone_with_its_token() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let input =
            key.with(r#""GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt"]"#);
        let made = world.call("kms:CreateGrant", &input).await.ok();
        let id = key.with(&format!(r#""GrantId": "{}""#, made.text("/GrantId")));
        let with_token =
            key.with(&format!(r#""Plaintext": "c2VjcmV0", "GrantTokens": ["{}"]"#, made.text("/GrantToken")));
        let _ = world.call("kms:Encrypt", &with_token).await.ok();
        let answer = world.call("kms:RevokeGrant", &id).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-799a-8588-26ab1f7833c2",
          "eventName": "RevokeGrant",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "d879d55d-657d-431d-a993-392fe401f727",
          "requestParameters": {
            "grantId": "460e144feb894b153ea4f5a10f520ae5624a8544d61ee24de94e0193d5e057c0",
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
        let gone = format!("400 NotFoundException: Grant ID {} not found", made.text("/GrantId"));
        assert_eq!(refusal(&world, "kms:RevokeGrant", &id).await, gone);
        let refused = refusal(&world, "kms:Encrypt", &with_token).await;
        assert_eq!(refused, "400 InvalidGrantTokenException: The grant token is not valid.");
        let listed = world.call("kms:ListGrants", &key.with("")).await.ok().json();
        assert_eq!(listed["Grants"].as_array().map(Vec::len), Some(0));
    }
}
