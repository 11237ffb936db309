use std::path::PathBuf;
use std::sync::Arc;

use alcazar_ports::SystemClock;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Content, Incoming};
use crate::client::Client;
use crate::command::known::{Installation, environment_credentials};
use crate::configuration::text_variable;
use crate::upstream::{SECRETS_MANAGER, Upstream, VersionOf};

/// By which the operator says whose secrets are read, and where.
const OWN: &str = "ALCAZAR_IMPORT_AWS_";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    secret_list: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    description: Option<String>,
    tags: Option<Vec<Tag>>,
    owning_service: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: Option<String>,
}

/// All secrets of the account and Region, with their current values.
pub(super) async fn secrets(installation: &Installation) -> Result<Vec<Incoming>, String> {
    let source = source(installation)?;
    let mut incoming = Vec::new();
    let mut input = json!({ "MaxResults": 100 });
    loop {
        let page = source.call::<Page>(&SECRETS_MANAGER, "ListSecrets", &input).await;
        let page = page.map_err(|error| format!("ListSecrets: {error}"))?;
        for listed in page.secret_list {
            incoming.push(one(&source, listed).await?);
        }
        match page.next_token {
            Some(token) => input = json!({ "MaxResults": 100, "NextToken": token }),
            None => return Ok(incoming),
        }
    }
}

async fn one(source: &Upstream, listed: Listed) -> Result<Incoming, String> {
    let Listed { arn, name, description, tags, owning_service } = listed;
    let content = if owning_service.is_some() {
        Content::Nothing("managed by an AWS service")
    } else {
        match source.secret(&VersionOf::current(&arn)).await {
            Ok(value) => match (value.secret_string, value.secret_binary) {
                (Some(text), _) => Content::Text(text),
                (None, Some(binary)) => Content::Binary(binary),
                (None, None) => Content::Nothing("without a value"),
            },
            Err(error) if error.is("ResourceNotFoundException") => Content::Nothing("without a value"),
            Err(error) => return Err(format!("{name:?}: {error}")),
        }
    };
    // Tags of AWS's own cannot be set.
    let tags = tags.into_iter().flatten().filter(|tag| !tag.key.starts_with("aws:"));
    let tags: Vec<Value> =
        tags.map(|tag| json!({ "Key": tag.key, "Value": tag.value.unwrap_or_default() })).collect();
    Ok(Incoming { name, content, description: description.filter(|text| !text.is_empty()), tags })
}

/// AWS, or whatever the operator names; but not this installation itself.
fn source(installation: &Installation) -> Result<Upstream, String> {
    let own = environment_credentials(OWN);
    let prefix = if own.is_some() { OWN } else { "AWS_" };
    let variable = |name: &str| text_variable(&format!("{prefix}{name}"));
    let credentials = own.or_else(|| environment_credentials("AWS_"));
    let credentials = credentials
        .ok_or_else(|| format!("no credentials: set {OWN}ACCESS_KEY_ID and {OWN}SECRET_ACCESS_KEY"))?;
    let region = variable("REGION").or_else(|| variable("DEFAULT_REGION"));
    let region = region.ok_or_else(|| format!("no Region: set {prefix}REGION"))?;
    let endpoint = variable("ENDPOINT_URL");
    if endpoint.as_ref().is_some_and(|it| installation.endpoint().is_ok_and(|here| here.endpoint == *it)) {
        return Err(format!(
            "these are this installation's own secrets: set {OWN}ACCESS_KEY_ID and its like"
        ));
    }
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let endpoint = endpoint.unwrap_or_else(|| format!("https://{{service}}.{region}.{domain}"));
    let ca_bundle = variable("CA_BUNDLE").map(PathBuf::from);
    let client = Client { endpoint, region, ca_bundle, credentials: Some(credentials) };
    Upstream::of(client, Arc::new(SystemClock::default()), prefix == "AWS_")
}
