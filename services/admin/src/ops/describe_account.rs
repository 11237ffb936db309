//! DescribeAccount: one account of this installation.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::ACCOUNTS;
use alcazar_store::Scope;
use wire_alcazar as wire;

use crate::model::{guard, installation, told};

pub(crate) struct DescribeAccount;

impl Operation for DescribeAccount {
    type Shape = wire::DescribeAccount;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let account = guard(view, &format!("account/{}", input.account_id)).await?;
        Ok(Located::new(()).need(wire::actions::DESCRIBE_ACCOUNT, account, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let owner = installation(call.view()).await?.management_account;
        let missing =
            || wire::AccountNotFoundException::new("There is no such account in this installation.");
        let id = call.input().account_id.parse().map_err(|_| missing())?;
        let account = call.view().get(&ACCOUNTS, Scope::Installation, &id).await?.ok_or_else(missing)?;
        let account = told(&account, owner, call.region().partition().name);
        call.answer(wire::DescribeAccountResponse { account: Some(account) }).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"AccountId": "111122223333"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn an_unknown_account_is_not_found() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("alcazar:DescribeAccount", r#"{"AccountId": "000000000000"}"#).await;
        assert_eq!((answer.status, answer.text("/__type")), (400, "AccountNotFoundException".to_owned()));
    }
}
