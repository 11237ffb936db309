//! DeleteAccountAlias: the account has no alias any more.
//! Source: IAM API reference, `DeleteAccountAlias`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{ACCOUNT_ALIASES, ACCOUNTS};
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::anything;

pub(crate) struct DeleteAccountAlias;

impl Operation for DeleteAccountAlias {
    type Shape = wire::DeleteAccountAlias;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::DELETE_ACCOUNT_ALIAS, anything(view), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let alias = &call.input().account_alias;
            let account = tx.get(&ACCOUNTS, Scope::Installation, &call.account())?;
            let mut account = (*account.ok_or_else(|| Failure::internal("the account has no row"))?).clone();
            if account.alias.as_ref() != Some(alias) {
                let message = format!("The account alias with name {alias} cannot be found.");
                return Err(wire::NoSuchEntityException::new(message).into());
            }
            account.alias = None;
            tx.put(&ACCOUNTS, Scope::Installation, &account.id, &account)?;
            Ok(tx.remove(&ACCOUNT_ALIASES, Scope::Installation, alias.as_str())?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateAccountAlias", r#"{"AccountAlias":"example-corp"}"#, &[])],
            input: r#"{"AccountAlias":"example-corp"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteAccountAlias;
    use crate::testing::{example, refusal, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteAccountAlias>().await, @r#"
        200
        <DeleteAccountAliasResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteAccountAliasResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteAccountAlias",
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
    async fn an_alias_of_another_account_is_missing() {
        let world = world(&[("CreateAccountAlias", r#"{"AccountAlias":"example-corp"}"#)]).await;
        let other = world.account("444455556666").await;
        let told = refusal(
            &world.call_as(&other, "iam:DeleteAccountAlias", r#"{"AccountAlias":"example-corp"}"#).await,
        );
        assert_eq!(told, "404 NoSuchEntity: The account alias with name example-corp cannot be found.");
    }
}
