//! What happens to parameters, as EventBridge will tell it.
//! Source: Systems Manager User Guide, "Setting up notifications or triggering actions based on Parameter Store events".

use alcazar_core::{Arn, Timestamp};
use alcazar_corridor::{Failure, Tx};
use alcazar_store::Fact;
use serde::Serialize;
use serde_json::json;

use super::{Parameter, Policy};

/// An event of the bus without what the bus adds: its id, and the version of its form.
#[derive(Debug, Serialize)]
struct Event<'a> {
    source: &'static str,
    detail_type: &'static str,
    account: &'a str,
    region: &'a str,
    time: Timestamp,
    resources: [&'a Arn; 1],
    /// A JSON object.
    detail: String,
}

/// The kinds of events.
pub(crate) const CHANGE: &str = "Parameter Store Change";
pub(crate) const POLICY_ACTION: &str = "Parameter Store Policy Action";

/// Tells that a parameter was changed: `Create`, `Update`, `Delete` or `LabelParameterVersion`.
pub(crate) fn tell_change(tx: &mut Tx<'_>, parameter: &Parameter, operation: &str) -> Result<(), Failure> {
    let mut detail = json!({
        "operation": operation,
        "name": parameter.name,
        "type": parameter.newest.r#type.as_str(),
    });
    if let Some(description) = &parameter.newest.description {
        detail["description"] = json!(description);
    }
    tell(tx, parameter, CHANGE, &detail)
}

/// Tells that a policy has acted.
pub(crate) fn tell_policy(tx: &mut Tx<'_>, parameter: &Parameter, policy: &Policy) -> Result<(), Failure> {
    tell(tx, parameter, POLICY_ACTION, &policy_action(parameter, policy))
}

/// The detail of that event.
pub(crate) fn policy_action(parameter: &Parameter, policy: &Policy) -> serde_json::Value {
    json!({
        "parameter-name": parameter.name,
        "parameter-type": parameter.newest.r#type.as_str(),
        "policy-type": policy.kind(),
        "policy-content": policy.text,
        "action-status": "Success",
    })
}

fn tell(
    tx: &mut Tx<'_>,
    parameter: &Parameter,
    detail_type: &'static str,
    detail: &serde_json::Value,
) -> Result<(), Failure> {
    let event = Event {
        source: "aws.ssm",
        detail_type,
        account: parameter.account.as_str(),
        region: parameter.arn.region(),
        time: tx.now(),
        resources: [&parameter.arn],
        detail: detail.to_string(),
    };
    let body = rmp_serde::to_vec_named(&event).map_err(Failure::internal)?;
    tx.tell(Fact { name: detail_type.to_owned(), body: body.into() });
    Ok(())
}
