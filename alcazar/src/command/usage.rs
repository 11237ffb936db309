use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::known::Installation;
use crate::client::Client;
use crate::usage::{Month, Usage};

/// What AWS would have charged.
#[derive(Debug, Args)]
pub(super) struct UsageOfMonth {
    /// The month, in UTC; this one if it is not given
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// Another account than the caller's, or `all`: for the management account alone
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// As a JSON array, an object an account
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    installation: Installation,
}

impl UsageOfMonth {
    pub(super) fn run(self) -> Result<(), String> {
        let mut input = json!({});
        if let Some(text) = &self.month {
            let month = Month::named(text).ok_or_else(|| format!("{text:?} is no month; write 2026-11"))?;
            // The service counts the last moment in; moments are milliseconds.
            let to = month.end.minus(Duration::from_millis(1));
            input = json!({ "From": month.from.as_epoch(), "To": to.as_epoch() });
        }
        let client = self.installation.client()?;
        let accounts = match self.account.as_deref() {
            None => vec![None],
            Some("all") => accounts(&client)?.into_iter().map(Some).collect(),
            Some(id) => vec![Some(id.to_owned())],
        };
        let mut bills = Vec::new();
        for account in accounts {
            let mut input = input.clone();
            if let (Some(id), Some(fields)) = (account, input.as_object_mut()) {
                fields.insert("AccountId".to_owned(), Value::String(id));
            }
            bills.push(Usage::of(pages(&client, "GetUsage", input)?)?.bill());
        }
        if self.json {
            println!("{:#}", bills.iter().map(crate::usage::Bill::json).collect::<Value>());
        } else {
            let bills: Vec<String> = bills.iter().map(ToString::to_string).collect();
            print!("{}", bills.join("\n"));
        }
        Ok(())
    }
}

fn accounts(client: &Client) -> Result<Vec<String>, String> {
    let pages = pages(client, "ListAccounts", json!({}))?;
    let accounts = pages.iter().filter_map(|page| page.get("Accounts")?.as_array()).flatten();
    Ok(accounts.filter_map(|account| Some(account.get("AccountId")?.as_str()?.to_owned())).collect())
}

/// All pages of a list.
fn pages(client: &Client, operation: &str, mut input: Value) -> Result<Vec<Value>, String> {
    let mut pages = Vec::new();
    loop {
        let page = client.call(operation, &input)?;
        let token = page.get("NextToken").filter(|token| token.is_string()).cloned();
        pages.push(page);
        match (token, input.as_object_mut()) {
            (Some(token), Some(fields)) => drop(fields.insert("NextToken".to_owned(), token)),
            _ => return Ok(pages),
        }
    }
}
