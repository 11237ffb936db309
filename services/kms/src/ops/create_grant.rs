//! CreateGrant: a principal may do some operations with a key, whatever policies leave unsaid, until the grant is retired or revoked.
//!
//! It holds at once, with or without its token. A grantee who was given CreateGrant can pass on no more than what it has.
//! Source: KMS API reference, `CreateGrant`; KMS Developer Guide, "Grants in AWS KMS".

use alcazar_core::Arn;
use alcazar_core::id::hex;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, Tx, View,
};
use wire_kms::{self as wire, GrantOperation, KeyUsageType};

use crate::example;
use crate::model::{
    Found, GRANTEES, GRANTS, Grant, Key, Reference, checked_context, dry_run, enabled_or_unavailable,
    guard_granted, located, principal_id, put_grant, token,
};

pub(crate) struct CreateGrant;

type Refused = Refusal<wire::CreateGrant>;

impl Operation for CreateGrant {
    type Shape = wire::CreateGrant;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let wanted = wanted(input, view, &found.arn);
        let allows =
            |held: &Grant| held.operations.contains(&GrantOperation::CreateGrant) && held.covers(&wanted);
        let guard = guard_granted(&found, view, allows).await?;
        Ok(located(found).need(wire::actions::CREATE_GRANT, guard, keys(input, &wanted)))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let key = call.target().key()?.clone();
        call.target().check_tokens(input.grant_tokens.as_ref(), call.view()).await?;
        enabled_or_unavailable(&key)?;
        checked(input, &key)?;
        let mut grant = wanted(input, call.view(), &key.arn);
        grant.id = hex(&call.random::<32>());
        grant.key_id.clone_from(&key.id);
        if let Some(arn) = &input.grantee_principal {
            grant.grantee_id = principal_id(arn, call.view()).await?;
        }
        if let Some(arn) = &input.retiring_principal {
            grant.retiring_id = principal_id(arn, call.view()).await?;
        }
        dry_run(input.dry_run)?;
        let scope = call.target().scope();
        call.commit(|tx, _| {
            let id = match same(tx, scope, &grant)? {
                Some(id) => id,
                None => {
                    put_grant(tx, scope, &grant)?;
                    grant.id.clone()
                }
            };
            Ok(wire::CreateGrantResponse { grant_token: Some(token(&key.arn, &id)), grant_id: Some(id) })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: example::KEY,
            input: r#"{"KeyId": "${key}", "GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt", "Decrypt"]}"#,
        }
    }
}

/// The grant that the request asks for, without what only `run` may know: its id, and whether its principals are there.
fn wanted(input: &Input<CreateGrant>, view: &View, key: &Arn) -> Grant {
    let constraints = input.constraints.clone().unwrap_or_default();
    let account = view.account();
    Grant {
        id: String::new(),
        key_id: String::new(),
        key_arn: key.clone(),
        name: input.name.clone(),
        grantee: input
            .grantee_principal
            .clone()
            .or(input.grantee_service_principal.clone())
            .unwrap_or_default(),
        grantee_id: None,
        retiring: input.retiring_principal.clone().or(input.retiring_service_principal.clone()),
        retiring_id: None,
        issuer: Arn::new(key.partition(), "iam", "", account.as_str(), "root"),
        operations: input.operations.clone(),
        context_subset: constraints.encryption_context_subset,
        context_equals: constraints.encryption_context_equals,
        source_arn: constraints.source_arn,
        for_aws_resource: !view.circumstances().via.is_empty(),
        created_at: view.now(),
    }
}

fn keys(input: &Input<CreateGrant>, grant: &Grant) -> wire::CreateGrantKeys {
    let context = grant.context_equals.clone().or_else(|| grant.context_subset.clone()).unwrap_or_default();
    wire::CreateGrantKeys {
        encryption_context_keys: context.keys().cloned().collect(),
        encryption_context: context,
        grant_constraint_source_arn: grant.source_arn.clone(),
        grant_constraint_type: grant.constraint_type(),
        grant_is_for_aws_resource: grant.for_aws_resource,
        grant_operations: input.operations.iter().map(ToString::to_string).collect(),
        grantee_principal: input.grantee_principal.clone(),
        grantee_service_principal: input.grantee_service_principal.clone(),
        retiring_principal: input.retiring_principal.clone(),
        retiring_service_principal: input.retiring_service_principal.clone(),
    }
}

/// The most characters of a constraint's text. Source: KMS API reference, `CreateGrant`, Constraints.
const CONSTRAINT_TEXT: usize = 384;

/// What the model's constraints let through and KMS does not.
fn checked(input: &Input<CreateGrant>, key: &Key) -> Result<(), Refused> {
    let refuse = |message: String| Err(Failure::validation(message).into());
    if input.grantee_principal.is_some() == input.grantee_service_principal.is_some() {
        return refuse("Specify either GranteePrincipal or GranteeServicePrincipal.".to_owned());
    }
    if input.retiring_principal.is_some() && input.retiring_service_principal.is_some() {
        return refuse("Specify either RetiringPrincipal or RetiringServicePrincipal.".to_owned());
    }
    if input.operations.is_empty() {
        return refuse("Operations must name at least one operation.".to_owned());
    }
    if let Some(operation) = input.operations.iter().find(|operation| !is_for(**operation, key)) {
        return refuse(format!("{operation} is not a valid grant operation for {}.", key.arn));
    }
    let Some(constraints) = &input.constraints else { return Ok(()) };
    let contexts = [&constraints.encryption_context_subset, &constraints.encryption_context_equals];
    if contexts.iter().all(|context| context.is_some()) {
        return refuse("Specify either EncryptionContextSubset or EncryptionContextEquals.".to_owned());
    }
    for context in contexts.into_iter().flatten() {
        checked_context(Some(context))?;
        if key.spec != wire::KeySpec::SymmetricDefault {
            return refuse(format!("{} takes no encryption context to constrain.", key.arn));
        }
        if context.len() > 8 {
            return refuse("A grant constraint holds at most 8 encryption context pairs.".to_owned());
        }
        // The page gives the number for "the encryption context value in each constraint". That it holds for each key and each value, and
        // the words, are guessed.
        if context.iter().flat_map(<[&String; 2]>::from).any(|text| text.chars().count() > CONSTRAINT_TEXT) {
            let message =
                format!("A grant constraint's keys and values have at most {CONSTRAINT_TEXT} characters.");
            return refuse(message);
        }
    }
    Ok(())
}

/// Whether keys of that kind do the operation. Source: KMS Developer Guide, "Grant operations".
fn is_for(operation: GrantOperation, key: &Key) -> bool {
    let symmetric = key.spec == wire::KeySpec::SymmetricDefault;
    match operation {
        GrantOperation::CreateGrant | GrantOperation::RetireGrant | GrantOperation::DescribeKey => true,
        GrantOperation::Encrypt
        | GrantOperation::Decrypt
        | GrantOperation::ReEncryptFrom
        | GrantOperation::ReEncryptTo => key.usage == KeyUsageType::EncryptDecrypt,
        GrantOperation::GenerateDataKey
        | GrantOperation::GenerateDataKeyWithoutPlaintext
        | GrantOperation::GenerateDataKeyPair
        | GrantOperation::GenerateDataKeyPairWithoutPlaintext => symmetric,
        GrantOperation::Sign | GrantOperation::Verify => key.usage == KeyUsageType::SignVerify,
        GrantOperation::GenerateMac | GrantOperation::VerifyMac => {
            key.usage == KeyUsageType::GenerateVerifyMac
        }
        GrantOperation::DeriveSharedSecret => key.usage == KeyUsageType::KeyAgreement,
        GrantOperation::GetPublicKey => !symmetric && key.usage != KeyUsageType::GenerateVerifyMac,
        GrantOperation::Encapsulate | GrantOperation::Decapsulate => {
            key.usage == KeyUsageType::EncapsulateDecapsulate
        }
    }
}

/// The grant that a named request made before, if it says the same: repeating it makes no second one.
fn same(tx: &Tx<'_>, scope: alcazar_store::Scope, grant: &Grant) -> Result<Option<String>, Failure> {
    if grant.name.is_none() {
        return Ok(None);
    }
    let held = tx.get(&GRANTEES, scope, &(grant.key_id.clone(), grant.grantee.clone()))?;
    for id in held.iter().flat_map(|held| &held.grants) {
        let held = tx.get(&GRANTS, scope, &(grant.key_id.clone(), id.clone()))?;
        if held.is_some_and(|held| held.is_same(grant)) {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use alcazar_store::{Frame, Scope};
    use alcazar_testkit::World;

    use crate::model::{GRANT_COUNTS, GRANT_LIMIT, GrantCount};
    use crate::test::{key, refusal};

    const ROOT: &str = r#""GranteePrincipal": "arn:aws:iam::111122223333:root""#;

    #[tokio::test]
    async fn the_grant_is_told_by_id_and_token() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let input = key.with(&format!(
            r#"{ROOT}, "Operations": ["Encrypt"], "Name": "mine", "Constraints": {{"EncryptionContextSubset": {{"app": "x"}}}}"#
        ));
        let answer = world.call("kms:CreateGrant", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "GrantId": "460e144feb894b153ea4f5a10f520ae5624a8544d61ee24de94e0193d5e057c0",
          "GrantToken": "YXJuOmF3czprbXM6dXMtZWFzdC0xOjExMTEyMjIyMzMzMzprZXkvOGM3NjU0ZWMtZmQ3Yi00YjYyLWJiODAtM2UyZjRlMDJhZDFjIDQ2MGUxNDRmZWI4OTRiMTUzZWE0ZjVhMTBmNTIwYWU1NjI0YTg1NDRkNjFlZTI0ZGU5NGUwMTkzZDVlMDU3YzA="
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-77c0-a559-b74fdab168e5",
          "eventName": "CreateGrant",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "constraints": {
              "encryptionContextSubset": {
                "app": "x"
              }
            },
            "granteePrincipal": "arn:aws:iam::111122223333:root",
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "name": "mine",
            "operations": [
              "Encrypt"
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            }
          ],
          "responseElements": {
            "grantId": "460e144feb894b153ea4f5a10f520ae5624a8544d61ee24de94e0193d5e057c0",
            "grantToken": "YXJuOmF3czprbXM6dXMtZWFzdC0xOjExMTEyMjIyMzMzMzprZXkvOGM3NjU0ZWMtZmQ3Yi00YjYyLWJiODAtM2UyZjRlMDJhZDFjIDQ2MGUxNDRmZWI4OTRiMTUzZWE0ZjVhMTBmNTIwYWU1NjI0YTg1NDRkNjFlZTI0ZGU5NGUwMTkzZDVlMDU3YzA="
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
    }

    #[tokio::test]
    async fn a_named_grant_is_made_once_and_others_as_often_as_asked() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let named = key.with(&format!(r#"{ROOT}, "Operations": ["Encrypt"], "Name": "mine""#));
        let nameless = key.with(&format!(r#"{ROOT}, "Operations": ["Encrypt"]"#));
        let mut ids = Vec::new();
        for input in [&named, &named, &nameless, &nameless] {
            ids.push(world.call("kms:CreateGrant", input).await.ok().text("/GrantId"));
        }
        assert_eq!(ids[0], ids[1]);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }

    #[tokio::test]
    async fn what_is_no_grant_is_refused_in_words() {
        let world = World::of(&[crate::SERVICE]).await;
        let symmetric = key(&world, "{}").await;
        let signing = key(&world, r#"{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}"#).await;
        let mut told = Vec::new();
        for (key, rest) in [
            (&symmetric, r#""Operations": ["Encrypt"]"#.to_owned()),
            (
                &symmetric,
                r#""GranteePrincipal": "arn:aws:iam::111122223333:user/nobody", "Operations": ["Encrypt"]"#
                    .to_owned(),
            ),
            (
                &symmetric,
                r#""GranteePrincipal": "arn:aws:iam::999999999999:root", "Operations": ["Encrypt"]"#
                    .to_owned(),
            ),
            (&symmetric, r#""GranteePrincipal": "bob", "Operations": ["Encrypt"]"#.to_owned()),
            (&symmetric, format!(r#"{ROOT}, "Operations": []"#)),
            (&symmetric, format!(r#"{ROOT}, "Operations": ["Sign"]"#)),
            (&signing, format!(r#"{ROOT}, "Operations": ["Encrypt"]"#)),
            (
                &signing,
                format!(
                    r#"{ROOT}, "Operations": ["Sign"], "Constraints": {{"EncryptionContextEquals": {{"a": "b"}}}}"#
                ),
            ),
            (
                &symmetric,
                format!(
                    r#"{ROOT}, "Operations": ["Encrypt"], "Constraints": {{"EncryptionContextEquals": {{"a": "b"}}, "EncryptionContextSubset": {{"a": "b"}}}}"#
                ),
            ),
            (&symmetric, format!(r#"{ROOT}, "Operations": ["Encrypt"], "GrantTokens": ["x"]"#)),
            (&symmetric, format!(r#"{ROOT}, "Operations": ["Encrypt"], "DryRun": true"#)),
        ] {
            told.push(refusal(&world, "kms:CreateGrant", &key.with(&rest)).await.replace(&key.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 ValidationException: Specify either GranteePrincipal or GranteeServicePrincipal.
        400 InvalidArnException: ARN does not refer to a valid principal: arn:aws:iam::111122223333:user/nobody
        400 InvalidArnException: ARN does not refer to a valid principal: arn:aws:iam::999999999999:root
        400 InvalidArnException: ARN does not refer to a valid principal: bob
        400 ValidationException: Operations must name at least one operation.
        400 ValidationException: Sign is not a valid grant operation for arn:aws:kms:us-east-1:111122223333:key/<key>.
        400 ValidationException: Encrypt is not a valid grant operation for arn:aws:kms:us-east-1:111122223333:key/<key>.
        400 ValidationException: arn:aws:kms:us-east-1:111122223333:key/<key> takes no encryption context to constrain.
        400 ValidationException: Specify either EncryptionContextSubset or EncryptionContextEquals.
        400 InvalidGrantTokenException: The grant token is not valid.
        400 DryRunOperationException: The request would have succeeded, but the DryRun option is set.
        ");
    }

    #[tokio::test]
    async fn a_key_has_50_000_grants_and_no_more() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let grant =
            key.with(r#""GranteePrincipal": "arn:aws:iam::111122223333:root", "Operations": ["Encrypt"]"#);
        let scope = Scope::Region("111122223333".parse().unwrap(), world.region);
        let count = async |grants| {
            let row = GRANT_COUNTS.encode(&GrantCount { grants }).unwrap();
            let put = vec![(GRANT_COUNTS.key(scope, key.id.as_str()), row)];
            world.corridor.universe().store.append(Frame { put, ..Frame::default() }).await.unwrap();
        };
        count(GRANT_LIMIT - 1).await;
        let last = world.call("kms:CreateGrant", &grant).await.ok().text("/GrantId");
        let told = refusal(&world, "kms:CreateGrant", &grant).await;
        assert_eq!(
            told,
            "400 LimitExceededException: Grants per key quota for this account in this region is 50000, current usage is 50000."
        );
        let revoke = key.with(&format!(r#""GrantId": "{last}""#));
        let _ = world.call("kms:RevokeGrant", &revoke).await.ok();
        let _ = world.call("kms:CreateGrant", &grant).await.ok();
    }
}
