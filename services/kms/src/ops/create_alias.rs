//! CreateAlias: another name for a key, unique in the account and Region; at most 50 for one key.
//!
//! Needs the right on the alias (by IAM) and on the key (by its policy).
//! Source: KMS API reference, `CreateAlias`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, AlreadyExistsException};

use crate::example;
use crate::model::{
    ALIASES, Alias, Found, Reference, add_alias, alias_arn, alias_guard, change, checked_alias, guard_own,
    located, not_pending_deletion,
};

pub(crate) struct CreateAlias;

impl Operation for CreateAlias {
    type Shape = wire::CreateAlias;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.target_key_id, view).find(view).await?;
        let key = guard_own(&found, view);
        Ok(located(found)
            .need(wire::actions::CREATE_ALIAS, alias_guard(&input.alias_name, view), NoKeys)
            .need(wire::actions::CREATE_ALIAS, key, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        checked_alias(&call.input().alias_name)?;
        call.commit(|tx, call| {
            let name = &call.input().alias_name;
            if tx.get(&ALIASES, call.here(), name.as_str())?.is_some() {
                let arn = alias_arn(name, call.account(), call.region());
                let message = format!("An alias with the name {arn} already exists");
                return Err(AlreadyExistsException::new(message).into());
            }
            change(tx, call.target(), |tx, key| {
                not_pending_deletion(key)?;
                add_alias(key, name)?;
                let (name, key_id, now) = (name.clone(), key.id.clone(), tx.now());
                let alias = Alias { name, key_id, created_at: now, updated_at: now };
                Ok(tx.put(&ALIASES, call.here(), alias.name.as_str(), &alias)?)
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"AliasName": "alias/one", "TargetKeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{alias, key, refusal};

    #[tokio::test]
    async fn the_alias_names_the_key_at_once() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:CreateAlias", &alias("alias/one", &key)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "CreateAlias",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "aliasName": "alias/one",
            "targetKeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
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
        let described = world.call("kms:DescribeKey", r#"{"KeyId": "alias/one"}"#).await.ok();
        assert_eq!(described.text("/KeyMetadata/KeyId"), key.id);
    }

    #[tokio::test]
    async fn names_are_unique_prefixed_and_not_awss() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:CreateAlias", &alias("alias/taken", &key)).await.ok();
        let mut told = Vec::new();
        for name in ["alias/taken", "one", "alias/aws/s3", "alias/", "alias/a:b"] {
            told.push(refusal(&world, "kms:CreateAlias", &alias(name, &key)).await);
        }
        let of_alias = r#"{"AliasName": "alias/two", "TargetKeyId": "alias/taken"}"#;
        told.push(refusal(&world, "kms:CreateAlias", of_alias).await);
        insta::assert_snapshot!(told.join("\n"), @r#"
        400 AlreadyExistsException: An alias with the name arn:aws:kms:us-east-1:111122223333:alias/taken already exists
        400 ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
        400 InvalidAliasNameException: alias/aws/s3 is reserved for AWS managed keys.
        400 InvalidAliasNameException: alias/ names nothing.
        400 ValidationException: alias/a:b contains invalid characters for an alias
        400 NotFoundException: Invalid keyId 'alias/taken'
        "#);
    }

    #[tokio::test]
    async fn a_key_has_fifty_aliases_at_most() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        for number in 0..50 {
            let _ = world.call("kms:CreateAlias", &alias(&format!("alias/{number}"), &key)).await.ok();
        }
        assert_eq!(
            refusal(&world, "kms:CreateAlias", &alias("alias/50", &key)).await,
            "400 LimitExceededException: Aliases per key quota for this account in this region is 50, current usage is 50."
        );
    }
}
