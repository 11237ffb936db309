//! ListAccounts: the accounts of this installation, by id.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::ACCOUNTS;
use alcazar_store::Scope;
use wire_alcazar as wire;

use crate::model::{guard_any, installation, told};

pub(crate) struct ListAccounts;

impl Operation for ListAccounts {
    type Shape = wire::ListAccounts;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::LIST_ACCOUNTS, guard_any(view).await?, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let owner = installation(call.view()).await?.management_account;
        let partition = call.region().partition().name;
        let limit = call.input().max_results.unwrap_or(100).clamp(1, 100) as usize;
        let page = call
            .page(
                &ACCOUNTS,
                ACCOUNTS.range(Scope::Installation),
                "",
                call.input().next_token.as_deref(),
                limit,
            )
            .await?
            .ok_or_else(|| wire::ValidationException::new("The NextToken is invalid."))?;
        let accounts = page.items.iter().map(|account| told(account, owner, partition)).collect();
        call.answer(wire::ListAccountsResponse { accounts: Some(accounts), next_token: page.next }).await
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn pages_hold_every_account_once() {
        let world = World::of(&[crate::SERVICE]).await;
        for name in ["b", "c", "d"] {
            let _ = world.call("alcazar:CreateAccount", &format!(r#"{{"Name": "{name}"}}"#)).await.ok();
        }
        let (mut names, mut token) = (Vec::new(), String::new());
        loop {
            let answer = world
                .call("alcazar:ListAccounts", &format!(r#"{{"MaxResults": 3{token}}}"#))
                .await
                .ok()
                .json();
            names.extend(answer["Accounts"].as_array().unwrap().iter().map(|a| a["Name"].to_string()));
            match answer["NextToken"].as_str() {
                Some(next) => token = format!(r#", "NextToken": "{next}""#),
                None => break,
            }
        }
        names.sort();
        assert_eq!(names, [r#""b""#, r#""c""#, r#""d""#, r#""test""#]);
    }
}
