//! Do the principals of a trust policy exist?
//! Source: IAM User Guide, "AWS JSON policy elements: Principal": IAM refuses a trust policy that names a user or role that does not exist.

use alcazar_core::{AccountId, Arn, Declares, Shape};
use alcazar_corridor::{Call, Failure, Operation, Refusal, View};
use alcazar_directory::{ACCOUNTS, PolicyDocument, ROLES, Role, USERS, User, name_key};
use alcazar_store::Scope;
use serde_json::Value;
use wire_iam::MalformedPolicyDocumentException;

use super::Entity;

/// Every user and role of an account of this installation that the policy names must be there. Other accounts cannot be asked.
pub(crate) async fn principals_exist<O>(
    call: &Call<O>,
    document: &PolicyDocument,
) -> Result<(), Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Shape + Declares<MalformedPolicyDocumentException>,
{
    for name in named(document.text()) {
        let Ok(arn) = name.parse::<Arn>() else { continue };
        if !exists(call.view(), &arn).await? {
            let message = format!("Invalid principal in policy: \"AWS\":\"{name}\"");
            return Err(MalformedPolicyDocumentException::new(message).into());
        }
    }
    Ok(())
}

async fn exists(view: &View, arn: &Arn) -> Result<bool, Failure> {
    let Ok(account) = arn.account().parse::<AccountId>() else { return Ok(true) };
    if arn.service() != "iam" || view.get(&ACCOUNTS, Scope::Installation, &account).await?.is_none() {
        return Ok(true);
    }
    let (kind, path) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let key = name_key(path.rsplit('/').next().unwrap_or_default());
    let scope = Scope::Account(account);
    Ok(match kind {
        User::NOUN => view.get(&USERS, scope, key.as_str()).await?.is_some_and(|user| user.arn == *arn),
        Role::NOUN => view.get(&ROLES, scope, key.as_str()).await?.is_some_and(|role| role.arn == *arn),
        _ => true,
    })
}

/// The `AWS` principals that a policy names. The policy has been parsed, so whatever is not where it belongs is not there.
fn named(text: &str) -> Vec<String> {
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else { return Vec::new() };
    let statements = policy.get("Statement").map(several).unwrap_or_default();
    let principals = statements.iter().flat_map(|statement| {
        ["Principal", "NotPrincipal"].into_iter().filter_map(|element| statement.get(element)?.get("AWS"))
    });
    principals.flat_map(several).filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// A value stands for a list of one.
fn several(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn principals_are_found_alone_and_in_lists() {
        let policy = r#"{"Statement":[{"Principal":{"AWS":"a","Service":"s"}},{"NotPrincipal":{"AWS":["b","c"]}},{"Principal":"*"}]}"#;
        assert_eq!(named(policy), ["a", "b", "c"]);
        assert_eq!(named(r#"{"Statement":{"Principal":{"AWS":"a"}}}"#), ["a"]);
    }
}
