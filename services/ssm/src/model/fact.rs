//! What happens to parameters, as EventBridge will tell it.
//! Source: Systems Manager User Guide, "Setting up notifications or triggering actions based on Parameter Store events".

use alcazar_corridor::{Failure, Tx};
use alcazar_facts::BusEvent;
use alcazar_store::Fact;
use serde_json::json;

use super::{Parameter, Policy};

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
    let event = BusEvent::of("aws.ssm", detail_type, &parameter.arn, tx.now(), detail);
    let body = event.body().map_err(Failure::internal)?;
    tx.tell(Fact { name: event.detail_type, body: body.into() });
    Ok(())
}
