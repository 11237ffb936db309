//! A policy of a parameter fell due: the parameter ends, or somebody is told that it will or that it was not changed for long.
//!
//! Recorded as the service event `Parameter Store Policy Action`, the name under which EventBridge tells it.
//! Source: Systems Manager User Guide, "Assigning parameter policies".

use alcazar_corridor::{Committed, Done, Failure, Job, JobCall, ServiceEvent, Tx};

use crate::model::{
    KIND, Name, PARAMETERS, POLICY_ACTION, Parameter, Policy, Rule, discount, policy_action, tell_change,
    tell_policy,
};

pub(crate) struct EnforcePolicies;

impl Job for EnforcePolicies {
    const NAME: &'static str = "ssm/enforce-policies";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let (scope, name) = (call.reminder().scope(), Name::of(&call.reminder().subject));
        let now = call.view().now();
        let parameter = call.view().get(&PARAMETERS, scope, &name).await?;
        let Some(parameter) = parameter else { return call.commit(None, |_| Ok(())).await };
        // All of them, in the order of their times, when the clock was moved over several: the end takes the reminders of the others.
        let due = |policy: &&Policy| !policy.finished && parameter.due(policy).is_some_and(|due| due <= now);
        let mut due: Vec<Policy> = parameter.newest.policies.iter().filter(due).cloned().collect();
        due.sort_by_key(|policy| parameter.due(policy));
        if due.is_empty() {
            return call.commit(None, |_| Ok(())).await;
        }
        let details: Vec<_> = due.iter().map(|policy| policy_action(&parameter, policy)).collect();
        let event = ServiceEvent {
            source: "ssm.amazonaws.com",
            name: POLICY_ACTION,
            resource: Some((KIND, parameter.arn.clone())),
            details: serde_json::json!({ "policies": details }).to_string(),
        };
        call.commit(Some(event), |tx| act(tx, &parameter, &due)).await
    }
}

fn act(tx: &mut Tx<'_>, parameter: &Parameter, due: &[Policy]) -> Result<(), Failure> {
    for policy in due {
        tell_policy(tx, parameter, policy)?;
    }
    if due.iter().any(|policy| matches!(policy.rule, Rule::Expiration(_))) {
        parameter.forget(tx)?;
        parameter.remove(tx)?;
        discount(tx, parameter.scope(), parameter.newest.tier, &parameter.key())?;
        return tell_change(tx, parameter, "Delete");
    }
    let mut changed = parameter.clone();
    for policy in changed.newest.policies.iter_mut().filter(|policy| due.contains(policy)) {
        policy.finished = true;
    }
    changed.put_alone(tx)
}
