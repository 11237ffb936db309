//! Parameter policies: when a parameter ends, and when somebody is told that it will, or that it was not changed for long.
//! Source: Systems Manager User Guide, "Assigning parameter policies".

use std::time::Duration;

use alcazar_core::time::TimestampFormat;
use alcazar_core::{Declares, Timestamp};
use alcazar_corridor::{Failure, Job, Refusal, Tx};
use serde::{Deserialize, Serialize};
use wire_ssm::{
    IncompatiblePolicyException, InvalidPolicyAttributeException, InvalidPolicyTypeException,
    ParameterInlinePolicy, PoliciesLimitExceededException,
};

use super::Parameter;
use crate::jobs::enforce_policies::EnforcePolicies;

/// A policy of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) rule: Rule,
    /// It has done what it is for.
    pub(crate) finished: bool,
    /// As it was given.
    pub(crate) text: String,
}

/// What a policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rule {
    /// The parameter is deleted then.
    Expiration(Timestamp),
    /// So many seconds before the expiration, somebody is told.
    ExpirationNotification(u64),
    /// So many seconds after the last change, somebody is told.
    NoChangeNotification(u64),
}

/// The most policies of a parameter.
const MOST: usize = 10;

impl Policy {
    /// Its type as AWS names it.
    pub(crate) fn kind(&self) -> &'static str {
        match self.rule {
            Rule::Expiration(_) => "Expiration",
            Rule::ExpirationNotification(_) => "ExpirationNotification",
            Rule::NoChangeNotification(_) => "NoChangeNotification",
        }
    }

    /// As it is told.
    pub(crate) fn told(&self) -> ParameterInlinePolicy {
        let status = if self.finished { "Finished" } else { "Pending" };
        ParameterInlinePolicy {
            policy_text: Some(self.text.clone()),
            policy_type: Some(self.kind().to_owned()),
            policy_status: Some(status.to_owned()),
        }
    }
}

impl Parameter {
    /// When a policy falls due.
    pub(crate) fn due(&self, policy: &Policy) -> Option<Timestamp> {
        let expiration = self.newest.policies.iter().find_map(|policy| match policy.rule {
            Rule::Expiration(at) => Some(at),
            _ => None,
        });
        match policy.rule {
            Rule::Expiration(at) => Some(at),
            Rule::ExpirationNotification(before) => Some(expiration?.minus(Duration::from_secs(before))),
            Rule::NoChangeNotification(after) => {
                Some(self.newest.modified_at.plus(Duration::from_secs(after)))
            }
        }
    }

    /// Has the job run when each of its policies falls due.
    pub(crate) fn remind(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        for due in self.pending() {
            tx.remind(due, EnforcePolicies::NAME, self.scope(), self.key().as_str())?;
        }
        Ok(())
    }

    /// Takes that back.
    pub(crate) fn forget(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        for due in self.pending() {
            tx.forget(due, EnforcePolicies::NAME, self.scope(), self.key().as_str())?;
        }
        Ok(())
    }

    fn pending(&self) -> Vec<Timestamp> {
        let pending = self.newest.policies.iter().filter(|policy| !policy.finished);
        pending.filter_map(|policy| self.due(policy)).collect()
    }
}

/// A policy as a request writes it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    r#type: Option<String>,
    version: Option<String>,
    attributes: Option<Attributes>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

/// The policies of a request: a JSON array. An empty policy, `[{}]`, stands for none at all.
pub(crate) fn checked_policies<S>(text: &str, now: Timestamp) -> Result<Vec<Policy>, Refusal<S>>
where
    S: Declares<IncompatiblePolicyException>
        + Declares<InvalidPolicyAttributeException>
        + Declares<InvalidPolicyTypeException>
        + Declares<PoliciesLimitExceededException>,
{
    let written: Vec<Written> = serde_json::from_str(text)
        .map_err(|_| Failure::validation(format!("Invalid policies input: {text}.")))?;
    let written: Vec<Written> = written.into_iter().filter(|policy| !policy.is_empty()).collect();
    if written.len() > MOST {
        let message = "You specified more than the maximum number of allowed policies for the parameter. The maximum is 10.";
        return Err(PoliciesLimitExceededException::new(message).into());
    }
    let mut policies = Vec::with_capacity(written.len());
    for policy in &written {
        policies.push(Policy { rule: rule(policy, now)?, finished: false, text: policy.text()? });
    }
    let expirations = policies.iter().filter(|policy| matches!(policy.rule, Rule::Expiration(_))).count();
    let notified = policies.iter().any(|policy| matches!(policy.rule, Rule::ExpirationNotification(_)));
    // That a notification of an expiration needs one is not written anywhere; it would never fall due.
    if expirations > 1 || (notified && expirations == 0) {
        return Err(IncompatiblePolicyException::new(
            "There is a conflict in the policies specified for this parameter. You can't, for example, specify two Expiration policies for a parameter. Review your policies, and try again.",
        )
        .into());
    }
    Ok(policies)
}

impl Written {
    fn is_empty(&self) -> bool {
        self.r#type.is_none() && self.version.is_none() && self.attributes.is_none()
    }

    fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(Failure::internal)
    }
}

fn rule<S>(written: &Written, now: Timestamp) -> Result<Rule, Refusal<S>>
where
    S: Declares<InvalidPolicyAttributeException> + Declares<InvalidPolicyTypeException>,
{
    let none = Attributes::default();
    let attributes = written.attributes.as_ref().unwrap_or(&none);
    let rule = match (written.r#type.as_deref(), attributes) {
        (Some("Expiration"), Attributes { timestamp: Some(at), before: None, after: None, unit: None }) => {
            let at = Timestamp::parse(at, TimestampFormat::DateTime).ok();
            at.filter(|at| *at > now).map(Rule::Expiration)
        }
        (
            Some("ExpirationNotification"),
            Attributes { before: Some(before), unit: Some(unit), after: None, timestamp: None },
        ) => seconds(before, unit).map(Rule::ExpirationNotification),
        (
            Some("NoChangeNotification"),
            Attributes { after: Some(after), unit: Some(unit), before: None, timestamp: None },
        ) => seconds(after, unit).map(Rule::NoChangeNotification),
        (Some("Expiration" | "ExpirationNotification" | "NoChangeNotification"), _) => None,
        _ => {
            return Err(InvalidPolicyTypeException::new(
                "The policy type isn't supported. Parameter Store supports the following policy types: Expiration, ExpirationNotification, and NoChangeNotification.",
            )
            .into());
        }
    };
    let rule = rule.filter(|_| written.version.as_deref() == Some("1.0"));
    rule.ok_or_else(|| {
        InvalidPolicyAttributeException::new("A policy attribute or its value is invalid.").into()
    })
}

/// A span in days or hours, ten years at most.
fn seconds(number: &str, unit: &str) -> Option<u64> {
    let number: u64 = number.parse().ok()?;
    let seconds = match unit {
        "Days" => number.checked_mul(24 * 3600)?,
        "Hours" => number.checked_mul(3600)?,
        _ => return None,
    };
    (1..=10 * 366 * 24 * 3600).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use wire_ssm::PutParameter;

    use super::*;

    fn read(text: &str) -> Result<Vec<Rule>, String> {
        let policies = checked_policies::<PutParameter>(text, Timestamp::from_seconds(0));
        policies.map(|all| all.iter().map(|policy| policy.rule).collect()).map_err(|e| format!("{e:?}"))
    }

    #[test]
    fn times_may_have_an_offset_and_spans_days_or_hours() {
        let text = r#"[
            {"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2019-11-01T22:13:48.87+10:30"}},
            {"Type":"ExpirationNotification","Version":"1.0","Attributes":{"Before":"2","Unit":"Hours"}},
            {"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Days"}}]"#;
        let expected = [
            Rule::Expiration(Timestamp::from_millis(1_572_608_628_870)),
            Rule::ExpirationNotification(7200),
            Rule::NoChangeNotification(20 * 86_400),
        ];
        assert_eq!(read(text), Ok(expected.to_vec()));
        assert_eq!(read("[{}]"), Ok(vec![]));
        assert_eq!(read("[]"), Ok(vec![]));
    }

    #[test]
    fn what_cannot_be_acted_on_is_refused() {
        let one = |kind: &str, version: &str, attributes: &str| {
            read(&format!(r#"[{{"Type":"{kind}","Version":"{version}","Attributes":{attributes}}}]"#))
        };
        for (kind, version, attributes, expected) in [
            ("Expiration", "1.0", r#"{"Timestamp":"tomorrow"}"#, "attribute"),
            ("Expiration", "1.0", r#"{"Timestamp":"1969-12-31T23:59:59Z"}"#, "attribute"),
            ("Expiration", "2.0", r#"{"Timestamp":"2100-01-01T00:00:00Z"}"#, "attribute"),
            ("Expiration", "1.0", r#"{"Before":"1","Unit":"Days"}"#, "attribute"),
            ("NoChangeNotification", "1.0", r#"{"After":"0","Unit":"Days"}"#, "attribute"),
            ("NoChangeNotification", "1.0", r#"{"After":"-1","Unit":"Days"}"#, "attribute"),
            ("NoChangeNotification", "1.0", r#"{"After":"1","Unit":"Weeks"}"#, "attribute"),
            ("NoChangeNotification", "1.0", r#"{"After":"18446744073709551615","Unit":"Days"}"#, "attribute"),
            ("Erasure", "1.0", "{}", "policy type"),
            ("ExpirationNotification", "1.0", r#"{"Before":"1","Unit":"Days"}"#, "conflict"),
        ] {
            let told = one(kind, version, attributes).unwrap_err();
            assert!(told.contains(expected), "{kind} {attributes}: {told}");
        }
        for text in ["", "{}", "[1]", "nothing", r#"[{"Type": 1}]"#] {
            assert!(read(text).unwrap_err().contains("Invalid policies input"), "{text}");
        }
    }
}
