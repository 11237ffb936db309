//! Is a resource policy public?
//!
//! Source: S3 user guide, "Blocking public access to your Amazon S3 storage", section on the meaning of "public": a
//! policy is public unless every `Allow` is to fixed principals or demands a fixed value of one of the listed keys.

use crate::condition::{Condition, Operator, Qualifier};
use crate::document::Policy;
use crate::principal::Principals;
use crate::statement::{Effect, Statement};

/// Keys that bind a statement to somebody, in lower case.
const BINDING_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:viaawsservice",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

impl Policy {
    /// Does the policy let in anybody, as S3 understands "public"?
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.statements().iter().any(is_public)
    }
}

fn is_public(statement: &Statement) -> bool {
    let open = match &statement.principals {
        Principals::Only(named) => named.everyone,
        Principals::Not(_) => true,
        Principals::Unspecified => false,
    };
    statement.effect() == Effect::Allow && open && !statement.conditions().iter().any(binds)
}

/// A condition binds if it demands fixed values (no wildcards, no variables, no whole internet) of a binding key.
fn binds(condition: &Condition) -> bool {
    let demands = !condition.operator().is_negated()
        && condition.operator() != Operator::Null
        && !condition.if_exists()
        && condition.qualifier() != Qualifier::ForAllValues;
    let key = condition.key().to_ascii_lowercase();
    demands && BINDING_KEYS.contains(&key.as_str()) && condition.has_fixed_values()
}

#[cfg(test)]
mod tests {
    use crate::{Policy, PolicyKind};

    fn public(principal: &str, condition: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}]}}"#
        );
        Policy::parse(PolicyKind::Resource, &text).unwrap().is_public()
    }

    #[test]
    fn everybody_is_public_unless_bound_to_fixed_values() {
        assert!(public(r#""*""#, "{}"));
        assert!(public(r#"{"AWS":"*"}"#, r#"{"Bool":{"aws:SecureTransport":"true"}}"#));
        assert!(!public(r#"{"AWS":"111122223333"}"#, "{}"));
        assert!(!public(r#""*""#, r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#));
        assert!(public(r#""*""#, r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#));
        assert!(public(r#""*""#, r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}"#));
        assert!(public(r#""*""#, r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}"#));
        assert!(!public(r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#));
        assert!(public(r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#));
    }
}
