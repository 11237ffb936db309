//! The rules of each kind of policy, in IAM's words where it has some.

use std::collections::HashSet;

use crate::document::{Policy, PolicyKind, Version};
use crate::error::{PolicyError, PolicyErrorKind as Kind};
use crate::principal::Principals;
use crate::statement::{Effect, Statement};

/// What must hold before a policy may be evaluated at all: otherwise a forgotten principal would be everybody.
pub(crate) fn structure(policy: &Policy) -> Result<(), PolicyError> {
    for (at, statement) in policy.statements().iter().enumerate() {
        statement_structure(policy.kind(), statement)
            .map_err(|error| error.at(format_args!("Statement[{at}]")))?;
    }
    Ok(())
}

fn statement_structure(kind: PolicyKind, statement: &Statement) -> Result<(), PolicyError> {
    let named = !matches!(statement.principals, Principals::Unspecified);
    if named && !kind.names_principals() {
        let message = "Policy document should not specify a principal.";
        return Err(PolicyError::new(Kind::UnknownElement, message, "Principal in a policy of principals"));
    }
    if !named && kind.names_principals() {
        return Err(PolicyError::new(
            Kind::MissingElement,
            "Missing required field Principal",
            "no principal",
        ));
    }
    if statement.written_actions.is_empty() {
        let message = if kind == PolicyKind::Trust { "Missing required field Action" } else { NO_ACTIONS };
        return Err(PolicyError::new(Kind::MissingElement, message, "no action"));
    }
    let about_itself = matches!(kind, PolicyKind::Trust | PolicyKind::Resource);
    let has_resources = statement.resources.is_some();
    if (has_resources || !about_itself) && statement.written_resources.is_empty() {
        return Err(PolicyError::new(Kind::MissingElement, NO_RESOURCES, "no resource"));
    }
    Ok(())
}

const NO_ACTIONS: &str = "Policy statement must contain actions.";
const NO_RESOURCES: &str = "Policy statement must contain resources.";

/// The rules for a policy that is being written.
pub(crate) fn check(policy: &Policy) -> Result<(), PolicyError> {
    size(policy)?;
    version(policy)?;
    if policy.statements().is_empty() {
        return Err(PolicyError::syntax(Kind::MissingElement, "no statement").at("Statement"));
    }
    sids(policy)?;
    for (at, statement) in policy.statements().iter().enumerate() {
        let placed = |error: PolicyError| error.at(format_args!("Statement[{at}]"));
        actions(policy.kind(), statement).map_err(placed)?;
        resources(policy.kind(), statement).map_err(placed)?;
        match policy.kind() {
            PolicyKind::Trust => trust(statement).map_err(placed)?,
            PolicyKind::Rcp => rcp(statement).map_err(placed)?,
            _ => {}
        }
    }
    Ok(())
}

/// Limits that are the kind's own. Those of identity policies depend on whom they are attached to and those of
/// resource policies on the service: their callers compare [`Policy::size`].
fn size(policy: &Policy) -> Result<(), PolicyError> {
    let (length, limit) = match policy.kind() {
        // Organizations user guide, "Quotas": 5,120 characters, white space included when it comes by the API.
        PolicyKind::Scp | PolicyKind::Rcp => (policy.text().chars().count(), 5120),
        // VPC user guide: "cannot exceed 20,480 characters, including white space".
        PolicyKind::VpcEndpoint => (policy.text().chars().count(), 20_480),
        _ => return Ok(()),
    };
    if length > limit {
        let message = "The provided policy document exceeds the maximum size.";
        return Err(PolicyError::new(Kind::Size, message, format!("{length} characters, at most {limit}")));
    }
    Ok(())
}

fn version(policy: &Policy) -> Result<(), PolicyError> {
    let needed = match policy.kind() {
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Scp | PolicyKind::Rcp => {
            policy.version() == Version::V2012
        }
        _ => true,
    };
    if needed {
        return Ok(());
    }
    let message = "Policy document must be version 2012-10-17 or greater.";
    Err(PolicyError::new(Kind::Value, message, "no Version of 2012-10-17").at("Version"))
}

/// "For IAM policies, basic alphanumeric characters are the only allowed characters in the Sid value"; other services
/// allow more.
fn sids(policy: &Policy) -> Result<(), PolicyError> {
    let of_iam = !matches!(policy.kind(), PolicyKind::Resource | PolicyKind::VpcEndpoint);
    let mut seen = HashSet::new();
    for (at, statement) in policy.statements().iter().enumerate() {
        let Some(sid) = statement.sid().filter(|sid| !sid.is_empty()) else { continue };
        let path = format!("Statement[{at}].Sid");
        if of_iam && !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                           expression [0-9A-Za-z]*";
            return Err(PolicyError::new(Kind::Value, message, format!("\"{sid}\"")).at(path));
        }
        if !seen.insert(sid) {
            let message = "Statement IDs (SID) in a single policy must be unique.";
            return Err(PolicyError::new(Kind::Value, message, format!("\"{sid}\" twice")).at(path));
        }
    }
    Ok(())
}

fn actions(kind: PolicyKind, statement: &Statement) -> Result<(), PolicyError> {
    for action in statement.actions() {
        if action == "*" {
            continue;
        }
        let Some((vendor, name)) = action.split_once(':') else {
            let message = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            return Err(PolicyError::new(Kind::Value, message, format!("action \"{action}\"")));
        };
        if name.contains(':') {
            let message = "Actions/Condition can contain only one colon.";
            return Err(PolicyError::new(Kind::Value, message, format!("action \"{action}\"")));
        }
        let valid = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        if vendor.is_empty() || !vendor.bytes().all(valid) {
            let message = format!("Vendor {vendor} is not valid");
            return Err(PolicyError::new(Kind::Value, message, format!("action \"{action}\"")));
        }
        if name.is_empty() && kind != PolicyKind::Resource {
            return Err(PolicyError::new(
                Kind::Value,
                NO_ACTIONS,
                format!("action \"{action}\" has no name"),
            ));
        }
    }
    Ok(())
}

/// Partitions of AWS; a pattern may stand for several.
const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

fn resources(kind: PolicyKind, statement: &Statement) -> Result<(), PolicyError> {
    // Resource policies of some services name things that are no ARNs (`execute-api:/stage/GET/`, `*/key`).
    if matches!(kind, PolicyKind::Resource | PolicyKind::VpcEndpoint) {
        return Ok(());
    }
    for resource in statement.resources() {
        if resource == "*" {
            continue;
        }
        let mut parts = resource.splitn(6, ':');
        if parts.next() != Some("arn") || parts.clone().next().is_none() {
            let message = format!("Resource {resource} must be in ARN format or \"*\".");
            return Err(PolicyError::new(Kind::Value, message, "not an ARN"));
        }
        let partition = parts.next().unwrap_or_default();
        let wild = partition.contains(['*', '?']) || partition.contains("${");
        if !wild && !PARTITIONS.contains(&partition) {
            let message = format!("Partition \"{partition}\" is not valid for resource \"{resource}\".");
            return Err(PolicyError::new(Kind::Value, message, "no such partition"));
        }
    }
    Ok(())
}

fn trust(statement: &Statement) -> Result<(), PolicyError> {
    if statement.resources.is_some() {
        let name = if statement.is_not_resource() { "NotResource" } else { "Resource" };
        let message = format!("Has prohibited field {name}");
        return Err(PolicyError::new(Kind::UnknownElement, message, "a trust policy is about its role"));
    }
    let of_sts = |action: &str| action == "*" || action.to_ascii_lowercase().starts_with("sts:");
    if let Some(other) = statement.actions().find(|action| !of_sts(action)) {
        let message = "AssumeRole policy may only specify STS AssumeRole actions.";
        return Err(PolicyError::new(Kind::Kind, message, format!("action \"{other}\"")));
    }
    Ok(())
}

/// Organizations user guide, "RCP syntax" (of customers' RCPs; `RCPFullAWSAccess` is the one that allows): only `Deny`, only `Principal: "*"`, no `NotPrincipal`, no `NotAction`, no
/// bare `*` for the action.
fn rcp(statement: &Statement) -> Result<(), PolicyError> {
    let fault = if statement.effect() == Effect::Allow {
        "an RCP can only deny"
    } else if !statement.principals.is_everyone() {
        "the principal of an RCP is \"*\""
    } else if statement.is_not_action() {
        "an RCP has no NotAction"
    } else if statement.actions().any(|action| action == "*") {
        "an RCP names the service of its actions"
    } else {
        return Ok(());
    };
    let message = "The provided policy document does not meet the requirements of the specified policy type.";
    Err(PolicyError::new(Kind::Kind, message, fault))
}
