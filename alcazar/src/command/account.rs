use clap::Subcommand;
use serde_json::{Value, json};

use super::known::Installation;

/// Accounts of this installation.
#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// Create a further account, and show the access key of its root user
    Create {
        /// Its name
        #[arg(long, value_name = "NAME")]
        name: String,
        /// As a JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        installation: Installation,
    },
    /// List the accounts
    List {
        /// As a JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Account {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::Create { name, json, installation } => create(&name, json, &installation),
            Self::List { json, installation } => list(json, &installation),
        }
    }
}

fn create(name: &str, as_json: bool, installation: &Installation) -> Result<(), String> {
    let answer = installation.client()?.call("CreateAccount", &json!({ "Name": name }))?;
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (account, key, secret) = (text("/Account/AccountId"), text("/AccessKeyId"), text("/SecretAccessKey"));
    if as_json {
        println!("{:#}", json!({ "AccountId": account, "AccessKeyId": key, "SecretAccessKey": secret }));
    } else {
        println!("AccountId        {account}\nAccessKeyId      {key}\nSecretAccessKey  {secret}");
    }
    Ok(())
}

fn list(as_json: bool, installation: &Installation) -> Result<(), String> {
    let client = installation.client()?;
    let mut accounts = Vec::new();
    let mut input = json!({});
    loop {
        let mut page = client.call("ListAccounts", &input)?;
        if let Some(Value::Array(found)) = page.get_mut("Accounts").map(Value::take) {
            accounts.extend(found);
        }
        match page.get("NextToken") {
            Some(Value::String(token)) => input = json!({ "NextToken": token }),
            _ => break,
        }
    }
    if as_json {
        println!("{:#}", Value::Array(accounts));
        return Ok(());
    }
    for account in &accounts {
        let text = |name: &str| account.get(name).and_then(Value::as_str).unwrap_or_default();
        println!("{}  {}", text("AccountId"), text("Name"));
    }
    Ok(())
}
