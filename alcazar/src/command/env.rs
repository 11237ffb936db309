use clap::Args;
use serde_json::{Map, Value};

use super::known::Installation;

/// Print the environment for clients.
#[derive(Debug, Args)]
pub(super) struct Env {
    /// As a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    installation: Installation,
}

impl Env {
    pub(super) fn run(self) -> Result<(), String> {
        let (endpoint, root) = (self.installation.endpoint()?, self.installation.root()?);
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", endpoint.endpoint),
            ("AWS_ACCESS_KEY_ID", root.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", root.secret_access_key.expose().to_owned()),
            ("AWS_REGION", endpoint.region.clone()),
            ("AWS_DEFAULT_REGION", endpoint.region),
        ];
        if let Some(bundle) = endpoint.ca_bundle {
            variables.push(("AWS_CA_BUNDLE", bundle.display().to_string()));
        }
        if self.json {
            let object: Map<String, Value> =
                variables.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
            println!("{:#}", Value::Object(object));
            return Ok(());
        }
        for (name, value) in variables {
            println!("export {name}={}", quoted(&value));
        }
        // A session's token of another key would make every call fail.
        println!("unset AWS_SESSION_TOKEN AWS_PROFILE");
        Ok(())
    }
}

/// For any POSIX shell: bare where nothing could be misread, else in single quotes.
fn quoted(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:+=@%,".contains(&b);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_breaks_out_of_its_quotes() {
        assert_eq!(quoted("http://127.0.0.1:4566"), "http://127.0.0.1:4566");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("a'; rm -rf /; '"), r"'a'\''; rm -rf /; '\'''");
        assert_eq!(quoted(""), "''");
    }
}
