use clap::Subcommand;
use serde_json::{Value, json};

use super::known::Installation;

/// Credentials of the external key store proxy.
#[derive(Debug, Subcommand)]
pub(super) enum Xks {
    /// Make a credential with which another KMS acts as an IAM user, and print it as that KMS's CreateCustomKeyStore takes it
    Create {
        /// The user's ARN, or the root user's
        #[arg(long, value_name = "ARN")]
        user: String,
        #[command(flatten)]
        installation: Installation,
    },
    /// List the credentials, without their secrets
    List {
        #[command(flatten)]
        installation: Installation,
    },
    /// Delete a credential: it signs no longer
    Delete {
        /// Its access key id
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Xks {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::Create { user, installation } => create(&user, &installation),
            Self::List { installation } => list(&installation),
            Self::Delete { id, installation } => {
                let input = json!({ "AccessKeyId": id });
                installation.client()?.call("DeleteXksProxyCredential", &input).map(drop)
            }
        }
    }
}

fn create(user: &str, installation: &Installation) -> Result<(), String> {
    let made = installation.client()?.call("CreateXksProxyCredential", &json!({ "UserArn": user }))?;
    let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let credential = json!({
        "AccessKeyId": text("/Credential/AccessKeyId"),
        "RawSecretAccessKey": text("/RawSecretAccessKey"),
    });
    println!("{:#}", json!({ "XksProxyAuthenticationCredential": credential }));
    Ok(())
}

fn list(installation: &Installation) -> Result<(), String> {
    let client = installation.client()?;
    let mut input = json!({});
    loop {
        let page = client.call("ListXksProxyCredentials", &input)?;
        for credential in page.get("Credentials").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| credential.get(name).and_then(Value::as_str).unwrap_or_default();
            println!("{}  {}", text("AccessKeyId"), text("UserArn"));
        }
        match page.get("NextToken") {
            Some(Value::String(token)) => input = json!({ "NextToken": token }),
            _ => return Ok(()),
        }
    }
}
