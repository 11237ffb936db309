use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;

use alcazar_core::SecretText;
use clap::Args;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::known::{Installation, wait};
use crate::programs::fields::{SecretJson, text_of};
use crate::programs::input;
use crate::programs::reference::{Piece, Reference, pieces};
use crate::upstream::{SSM, Upstream};

/// Fill in references. Nothing is printed unless every one of them has a value.
#[derive(Debug, Args)]
pub(super) struct Resolve {
    /// The text; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    installation: Installation,
}

impl Resolve {
    pub(super) fn run(self) -> Result<(), String> {
        let text = input::text(&self.file)?;
        let pieces = pieces(&text)?;
        let filled = wait(async { filled(&pieces, &self.installation).await })?;
        let mut out = io::stdout().lock();
        out.write_all(filled.as_bytes()).and_then(|()| out.flush()).map_err(|error| error.to_string())
    }
}

/// The whole text; each value is asked for once. No server is needed where nothing is referred to.
async fn filled(pieces: &[Piece<'_>], installation: &Installation) -> Result<Zeroizing<String>, String> {
    let mut known: HashMap<&Reference, SecretText> = HashMap::new();
    let mut upstream = None;
    for piece in pieces {
        let Piece::Reference(whole, reference) = piece else { continue };
        if known.contains_key(reference) {
            continue;
        }
        let upstream = match &mut upstream {
            Some(upstream) => upstream,
            none => none.insert(installation.upstream()?),
        };
        let value = value(upstream, reference).await.map_err(|why| format!("{whole}: {why}"))?;
        known.insert(reference, value);
    }
    let values: Vec<&str> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Reference(_, reference) => known.get(reference).map_or("", SecretText::expose),
        })
        .collect();
    // At its full length from the beginning: what grows leaves copies behind.
    let mut filled = Zeroizing::new(String::with_capacity(values.iter().map(|value| value.len()).sum()));
    filled.extend(values);
    Ok(filled)
}

async fn value(upstream: &Upstream, reference: &Reference) -> Result<SecretText, String> {
    match reference {
        Reference::Parameter { name, version, secure } => parameter(upstream, name, *version, *secure).await,
        Reference::Secret { of, key } => {
            let value = upstream.secret(of).await.map_err(|error| error.to_string())?;
            let text = value.secret_string.ok_or("the secret's value is binary")?;
            match key {
                Some(key) => field(&text, key),
                None => Ok(text),
            }
        }
    }
}

fn field(text: &SecretText, key: &str) -> Result<SecretText, String> {
    let json = SecretJson::read(text.expose());
    let fields = json.as_ref().and_then(SecretJson::fields).ok_or("the secret's value is no JSON object")?;
    let field = fields.get(key).ok_or_else(|| format!("the secret has no key {key:?}"))?;
    text_of(field).ok_or_else(|| format!("the value of {key:?} is no text"))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    parameter: Parameter,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    r#type: String,
    value: SecretText,
}

async fn parameter(
    upstream: &Upstream,
    name: &str,
    version: Option<u64>,
    secure: bool,
) -> Result<SecretText, String> {
    let selected = version.map_or_else(|| name.to_owned(), |version| format!("{name}:{version}"));
    let input = serde_json::json!({ "Name": selected, "WithDecryption": secure });
    let answer = upstream.call::<Answer>(&SSM, "GetParameter", &input).await;
    let Parameter { r#type, value } = answer.map_err(|error| error.to_string())?.parameter;
    match (secure, r#type == "SecureString") {
        (false, true) => Err("a SecureString is referred to with ssm-secure".to_owned()),
        (true, false) => Err("ssm-secure refers to a SecureString, which this is not".to_owned()),
        _ => Ok(value),
    }
}
