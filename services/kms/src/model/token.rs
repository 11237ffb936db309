//! Grant tokens. AWS gives them so that a grant can be used before it is known everywhere. Here a grant is known at once, so a token
//! opens nothing that is shut without it: it names its grant, and is refused when there is no such grant on the key.

use alcazar_core::{Arn, Declares};
use alcazar_corridor::{Failure, Refusal, View};
use alcazar_store::Scope;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wire_kms::InvalidGrantTokenException;

use super::{Found, GRANTS, Key};

/// The token of a grant: the key's ARN and the grant's id, in base64. It is no secret, as AWS's is none.
pub(crate) fn token(key: &Arn, grant: &str) -> String {
    STANDARD.encode(format!("{key} {grant}"))
}

/// The key's ARN and the grant's id that a token names.
pub(crate) fn token_grant(token: &str) -> Option<(Arn, String)> {
    let named = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let (key, grant) = named.split_once(' ')?;
    Some((key.parse().ok()?, grant.to_owned()))
}

/// Each token must be of an existing grant on one of the keys that the call uses.
pub(crate) async fn check_tokens<S: Declares<InvalidGrantTokenException>>(
    tokens: Option<&Vec<String>>,
    keys: &[&Key],
    view: &View,
) -> Result<(), Refusal<S>> {
    for token in tokens.into_iter().flatten() {
        if !is_good(token, keys, view).await? {
            return Err(InvalidGrantTokenException::new("The grant token is not valid.").into());
        }
    }
    Ok(())
}

async fn is_good(token: &str, keys: &[&Key], view: &View) -> Result<bool, Failure> {
    let Some((arn, grant)) = token_grant(token) else { return Ok(false) };
    let Some(key) = keys.iter().find(|key| key.arn == arn) else { return Ok(false) };
    let scope: Scope = key.scope();
    Ok(view.get(&GRANTS, scope, &(key.id.clone(), grant)).await?.is_some())
}

impl Found {
    /// [`check_tokens`] for a call that uses this key alone.
    pub(crate) async fn check_tokens<S: Declares<InvalidGrantTokenException>>(
        &self,
        tokens: Option<&Vec<String>>,
        view: &View,
    ) -> Result<(), Refusal<S>> {
        let keys: Vec<&Key> = self.found().map(|key| &**key).into_iter().collect();
        check_tokens(tokens, &keys, view).await
    }
}
