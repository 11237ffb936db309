//! Sharing of advanced parameters with other accounts, by a resource policy.
//! Source: Systems Manager User Guide, "Working with shared parameters"; API reference, `PutResourcePolicy`.

use alcazar_core::{AccountId, Declares, id};
use alcazar_corridor::Refusal;
use alcazar_directory::PolicyDocument;
use alcazar_policy::{Policy, PolicyKind};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use wire_ssm::MalformedResourcePolicyDocumentException;

/// The most bytes of a policy: it names accounts, each of which is told of the parameter. AWS documents no limit; this is that of other services.
const LONGEST: usize = 20_480;

/// A resource policy as a caller gave it. It names whom it lets in: everybody it may not be.
pub(crate) fn checked_sharing<S>(text: &str) -> Result<PolicyDocument, Refusal<S>>
where
    S: Declares<MalformedResourcePolicyDocumentException>,
{
    if text.len() > LONGEST {
        let message = "The resource policy can't be longer than 20480 bytes.";
        return Err(MalformedResourcePolicyDocumentException::new(message).into());
    }
    let policy = Policy::parse(PolicyKind::Resource, text)
        .map_err(|error| MalformedResourcePolicyDocumentException::new(error.message().to_owned()))?;
    if policy.is_public() {
        // AWS documents the error, not the words.
        let message = "The resource policy can't make the parameter public.";
        return Err(MalformedResourcePolicyDocumentException::new(message).into());
    }
    Ok(PolicyDocument::new(text))
}

/// The hash by which a policy is changed or removed: SHA-256 in hexadecimal.
pub(crate) fn hash_of(text: &str) -> String {
    id::hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The accounts that the principals of a policy belong to, but for the owner's.
pub(crate) fn accounts_in(text: &str, owner: AccountId) -> Vec<AccountId> {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    let mut accounts: Vec<AccountId> = Vec::new();
    for statement in each(&policy["Statement"]) {
        if statement["Effect"] != "Allow" {
            continue;
        }
        for principal in each(&statement["Principal"]["AWS"]).filter_map(Value::as_str) {
            let account = principal.split(':').nth(4).unwrap_or(principal).parse().ok();
            accounts.extend(account.filter(|account| *account != owner && !accounts.contains(account)));
        }
    }
    accounts
}

/// What JSON policies write alone or in a list.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    let (list, alone) = match value {
        Value::Array(list) => (list.as_slice(), None),
        Value::Null => (Default::default(), None),
        alone => (Default::default(), Some(alone)),
    };
    list.iter().chain(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_those_of_principals_that_are_let_in() {
        let text = r#"{"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["444455556666", "arn:aws:iam::777788889999:role/r"]}},
            {"Effect": "Deny", "Principal": {"AWS": "123412341234"}},
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}},
            {"Effect": "Allow", "Principal": {"AWS": "111122223333"}},
            {"Effect": "Allow", "Principal": "*"}]}"#;
        let owner: AccountId = "111122223333".parse().unwrap();
        let accounts: Vec<String> = accounts_in(text, owner).into_iter().map(String::from).collect();
        assert_eq!(accounts, ["444455556666", "777788889999"]);
        assert_eq!(accounts_in("no policy", owner), []);
    }
}
