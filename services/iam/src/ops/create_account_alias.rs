//! CreateAccountAlias: names the account for sign-in. It has one alias at most: the new one takes the old one's place.
//!
//! Aliases are unique in the installation.
//! Source: IAM API reference, `CreateAccountAlias`; User Guide, "Use an alias for your AWS account ID".

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{ACCOUNT_ALIASES, ACCOUNTS, AccountAlias};
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::anything;

pub(crate) struct CreateAccountAlias;

impl Operation for CreateAccountAlias {
    type Shape = wire::CreateAccountAlias;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::CREATE_ACCOUNT_ALIAS, anything(view), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let alias = &call.input().account_alias;
            if tx.get(&ACCOUNT_ALIASES, Scope::Installation, alias.as_str())?.is_some() {
                let message = format!("The account alias {alias} already exists.");
                return Err(wire::EntityAlreadyExistsException::new(message).into());
            }
            let account = tx.get(&ACCOUNTS, Scope::Installation, &call.account())?;
            let mut account = (*account.ok_or_else(|| Failure::internal("the account has no row"))?).clone();
            if let Some(before) = account.alias.replace(alias.clone()) {
                tx.remove(&ACCOUNT_ALIASES, Scope::Installation, before.as_str())?;
            }
            tx.put(&ACCOUNTS, Scope::Installation, &account.id, &account)?;
            let holder = AccountAlias { account: account.id };
            Ok(tx.put(&ACCOUNT_ALIASES, Scope::Installation, alias.as_str(), &holder)?)
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"AccountAlias":"example-corp"}"# }
    }
}

#[cfg(test)]
mod tests {
    use super::CreateAccountAlias;
    use crate::testing::{example, refusal, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<CreateAccountAlias>().await, @r#"
        200
        <CreateAccountAliasResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </CreateAccountAliasResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "CreateAccountAlias",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "accountAlias": "example-corp"
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

    #[tokio::test]
    async fn an_alias_belongs_to_one_account() {
        let world = world(&[("CreateAccountAlias", r#"{"AccountAlias":"example-corp"}"#)]).await;
        let other = world.account("444455556666").await;
        let told = refusal(
            &world.call_as(&other, "iam:CreateAccountAlias", r#"{"AccountAlias":"example-corp"}"#).await,
        );
        assert_eq!(told, "409 EntityAlreadyExists: The account alias example-corp already exists.");
    }

    #[tokio::test]
    async fn a_new_alias_frees_the_old_one() {
        let world = world(&[
            ("CreateAccountAlias", r#"{"AccountAlias":"example-corp"}"#),
            ("CreateAccountAlias", r#"{"AccountAlias":"example-inc"}"#),
        ])
        .await;
        assert_eq!(texts(&world, "ListAccountAliases", "{}", "member").await, ["example-inc"]);
        let other = world.account("444455556666").await;
        assert_eq!(
            world
                .call_as(&other, "iam:CreateAccountAlias", r#"{"AccountAlias":"example-corp"}"#)
                .await
                .status,
            200
        );
    }
}
