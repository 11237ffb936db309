//! The encryption context of a request.

use std::collections::BTreeMap;

use alcazar_corridor::Failure;
use alcazar_material::EncryptionContext;

/// The pairs for the templated condition key `kms:EncryptionContext:...`.
pub(crate) fn context_map(context: Option<&BTreeMap<String, String>>) -> BTreeMap<String, String> {
    context.cloned().unwrap_or_default()
}

/// The keys of an encryption context, for `kms:EncryptionContextKeys`.
pub(crate) fn context_keys(context: Option<&BTreeMap<String, String>>) -> Vec<String> {
    context.map(|context| context.keys().cloned().collect()).unwrap_or_default()
}

/// The context in the form that is bound to a ciphertext.
///
/// The names of condition keys ignore case, those of an encryption context do not. A context with both `App` and `app` would have two
/// values for the one key `kms:EncryptionContext:App`, and a policy would be decided on one of them while the other goes into the
/// ciphertext. Such a context is refused.
pub(crate) fn checked_context(
    context: Option<&BTreeMap<String, String>>,
) -> Result<EncryptionContext, Failure> {
    let Some(context) = context else { return Ok(EncryptionContext::empty()) };
    let mut names: Vec<&str> = context.keys().map(String::as_str).collect();
    names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
    let twice = names.windows(2).any(|pair| matches!(pair, [a, b] if a.eq_ignore_ascii_case(b)));
    if twice {
        let message = "The keys of an encryption context must differ in more than their case: policy conditions ignore case.";
        return Err(Failure::validation(message));
    }
    EncryptionContext::new(context.iter().map(|(key, value)| (key.as_str(), value.as_str())))
        .map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_in_case_alone_are_refused() {
        let context = |names: &[&str]| {
            names.iter().map(|name| ((*name).to_owned(), String::new())).collect::<BTreeMap<_, _>>()
        };
        assert!(checked_context(Some(&context(&["App", "Apple", "banana"]))).is_ok());
        assert!(checked_context(Some(&context(&["App", "Banana", "app"]))).is_err());
    }
}
