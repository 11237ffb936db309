//! Policy documents on their way in and out.

use alcazar_core::{Declares, Shape};
use alcazar_corridor::{Failure, Refusal, View};
use alcazar_directory::{PolicyDocument, Role};
use alcazar_policy::{Policy, PolicyKind};
use wire_iam::{LimitExceededException, MalformedPolicyDocumentException};

use super::quota::{POLICY_SIZE, TRUST_SIZE, exceeded};

/// A document for an inline policy; its size is looked at together with the others of its entity.
pub(crate) fn identity_document(text: &str) -> Result<PolicyDocument, MalformedPolicyDocumentException> {
    parsed(PolicyKind::Identity, text).map(|_| PolicyDocument::new(text))
}

/// A document for a managed policy, within its size.
pub(crate) fn managed_document<S>(text: &str) -> Result<PolicyDocument, Refusal<S>>
where
    S: Shape + Declares<MalformedPolicyDocumentException> + Declares<LimitExceededException>,
{
    if parsed(PolicyKind::Identity, text)?.size() > POLICY_SIZE {
        return Err(exceeded("PolicySize", POLICY_SIZE).into());
    }
    Ok(PolicyDocument::new(text))
}

/// A document that says who may assume a role, within its size. Whom it names must exist.
pub(crate) async fn trust_document<S>(text: &str, view: &View) -> Result<PolicyDocument, Refusal<S>>
where
    S: Shape + Declares<MalformedPolicyDocumentException> + Declares<LimitExceededException>,
{
    if parsed(PolicyKind::Trust, text)?.size() > TRUST_SIZE {
        return Err(exceeded("ACLSizePerRole", TRUST_SIZE).into());
    }
    let invalid = |name: &str| {
        MalformedPolicyDocumentException::new(format!("Invalid principal in policy: \"AWS\":\"{name}\""))
    };
    view.bound(PolicyDocument::new(text), invalid).await
}

/// The role with its trust policy as it is told: whom it trusts and who is no more stands there as a unique id.
pub(crate) async fn shown_trust(view: &View, role: &Role) -> Result<Role, Failure> {
    Ok(Role { trust: view.shown(&role.trust).await?, ..role.clone() })
}

/// The size that counts towards quotas: characters without white space.
pub(crate) fn size(document: &PolicyDocument) -> usize {
    document.text().chars().filter(|c| !c.is_whitespace()).count()
}

/// As IAM answers documents: percent-encoded as RFC 3986 says, section 2.3 naming what stays.
pub(crate) fn url_encoded(document: &PolicyDocument) -> String {
    let mut encoded = String::with_capacity(document.text().len() * 3 / 2);
    for byte in document.text().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn parsed(kind: PolicyKind, text: &str) -> Result<Policy, MalformedPolicyDocumentException> {
    Policy::parse(kind, text).map_err(|error| MalformedPolicyDocumentException::new(error.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_leave_percent_encoded() {
        let document = PolicyDocument::new("{\"a\": \"x-y_z.~*ü\"}\n");
        assert_eq!(url_encoded(&document), "%7B%22a%22%3A%20%22x-y_z.~%2A%C3%BC%22%7D%0A");
    }

    #[test]
    fn white_space_does_not_count() {
        assert_eq!(size(&PolicyDocument::new(" {\n\t\"a\" : 1 } ")), 7);
    }
}
