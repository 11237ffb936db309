//! ListAccountAliases: the account's alias, if it has one.
//! Source: IAM API reference, `ListAccountAliases`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::ACCOUNTS;
use alcazar_store::Scope;

use crate::model::anything;
use wire_iam as wire;

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
        insta::assert_snapshot!(example::<ListAccountAliases>().await, @"");
    }
}
