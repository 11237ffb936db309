//! ListAccountAliases: the account's alias, if it has one.
//! Source: IAM API reference, `ListAccountAliases`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::ACCOUNTS;
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::anything;

pub(crate) struct ListAccountAliases;

impl Operation for ListAccountAliases {
    type Shape = wire::ListAccountAliases;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::LIST_ACCOUNT_ALIASES, anything(view), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let account = call.view().get(&ACCOUNTS, Scope::Installation, &call.account()).await?;
        let alias = account.and_then(|account| account.alias.clone());
        call.answer(wire::ListAccountAliasesResponse {
            account_aliases: alias.into_iter().collect(),
            is_truncated: Some(false),
            marker: None,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateAccountAlias", r#"{"AccountAlias":"example-corp"}"#, &[])],
            input: "{}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListAccountAliases;
    use crate::testing::example;

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListAccountAliases>().await, @r#"
        200
        <ListAccountAliasesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListAccountAliasesResult>
        <AccountAliases>
        <member>example-corp</member>
        </AccountAliases>
        <IsTruncated>false</IsTruncated>
        </ListAccountAliasesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListAccountAliasesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListAccountAliases",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
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
}
