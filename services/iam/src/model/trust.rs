//! Do the principals of a trust policy exist?
//! Source: IAM User Guide, "AWS JSON policy elements: Principal": IAM refuses a trust policy that names a user or role that does not exist.

use alcazar_core::{AccountId, Arn, Declares, Shape};
use alcazar_corridor::{Call, Failure, Named, Operation, Refusal, View};
use alcazar_directory::PolicyDocument;
use serde_json::Value;
use wire_iam::MalformedPolicyDocumentException;

/// Every `AWS` principal that the policy names must be one, and those of this installation's accounts must be there. Other
/// accounts cannot be asked.
pub(crate) async fn principals_exist<O>(
    call: &Call<O>,
    document: &PolicyDocument,
) -> Result<(), Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Shape + Declares<MalformedPolicyDocumentException>,
{
    for name in named(document.text()) {
        if !exists(call.view(), &name).await? {
            let message = format!("Invalid principal in policy: \"AWS\":\"{name}\"");
            return Err(MalformedPolicyDocumentException::new(message).into());
        }
    }
    Ok(())
}

async fn exists(view: &View, name: &str) -> Result<bool, Failure> {
    if name == "*" || name.parse::<AccountId>().is_ok() {
        return Ok(true);
    }
    let Ok(arn) = name.parse::<Arn>() else { return Ok(false) };
    Ok(!matches!(view.named(&arn).await?, Named::Nobody))
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
