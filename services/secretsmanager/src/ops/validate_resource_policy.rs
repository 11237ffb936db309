//! ValidateResourcePolicy: whether a policy would be good for a secret: that it is one, that it does not let in everybody, and that it does not lock out
//! its author. The names of the checks are guessed.
//! Source: Secrets Manager API reference, `ValidateResourcePolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_policy::{Policy, PolicyKind};
use wire_secretsmanager::{self as wire, MalformedPolicyDocumentException};

use crate::model::{Found, existing};

pub(crate) struct ValidateResourcePolicy;

impl Operation for ValidateResourcePolicy {
    type Shape = wire::ValidateResourcePolicy;
    type Target = Option<Found>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = match &input.secret_id {
            Some(id) => Some(Found::of(id, view).await?),
            None => None,
        };
        let secret_id = found.as_ref().map_or_else(|| "*".to_owned(), Found::secret_id);
        let guard = found
            .as_ref()
            .map_or_else(|| alcazar_corridor::Guard::any(view.account()), |found| found.guard(view));
        let keys = wire::ValidateResourcePolicyKeys { secret_id };
        Ok(Located::new(found).need(wire::actions::VALIDATE_RESOURCE_POLICY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let text = &call.input().resource_policy;
        let policy = Policy::parse(PolicyKind::Resource, text)
            .map_err(|error| MalformedPolicyDocumentException::new(error.message().to_owned()))?;
        // As PutResourcePolicy would answer; that it is an error here too is guessed.
        let document = existing(text, call.view()).await?;
        let mut errors = Vec::new();
        if policy.is_public() {
            errors.push(failed("PUBLIC_POLICY", "The resource policy grants access to everybody."));
        }
        if let Some(found) = call.target() {
            let _ = found.secret()?;
            let keys =
                wire::PutResourcePolicyKeys { block_public_policy: false, secret_id: found.secret_id() };
            let guard = found.guard(call.view()).policy(document.compiled(PolicyKind::Resource).cloned());
            if !call.would_allow(wire::actions::PUT_RESOURCE_POLICY, &guard, &keys).await? {
                let message = "The resource policy would not let you change it any more.";
                errors.push(failed("LOCK_OUT", message));
            }
        }
        let answer = wire::ValidateResourcePolicyResponse {
            policy_validation_passed: Some(errors.is_empty()),
            validation_errors: Some(errors),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db", "ResourcePolicy": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"111122223333\"}, \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}}"}"#,
        }
    }
}

fn failed(check: &str, message: &str) -> wire::ValidationErrorsEntry {
    wire::ValidationErrorsEntry {
        check_name: Some(check.to_owned()),
        error_message: Some(message.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::{call, outcome, secret, user, world};

    fn input(effect: &str, principal: Value) -> Value {
        let statement =
            json!({"Effect": effect, "Principal": principal, "Action": "secretsmanager:*", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        json!({"SecretId": "app/db", "ResourcePolicy": policy.to_string()})
    }

    #[tokio::test]
    async fn who_is_let_in_and_who_is_locked_out_is_told() {
        let world = world().await;
        let _ = secret(&world, "app/db").await;
        let _ = user(&world, "somebody", &["secretsmanager:*"]).await;
        let mut told = Vec::new();
        for input in [
            input("Allow", json!({"AWS": "arn:aws:iam::111122223333:root"})),
            input("Allow", json!("*")),
            input("Deny", json!({"AWS": "arn:aws:iam::111122223333:root"})),
        ] {
            told.push(call(&world, "ValidateResourcePolicy", input).await.ok().json().to_string());
        }
        let broken = json!({"ResourcePolicy": "{}"});
        told.push(outcome(&world, "ValidateResourcePolicy", broken).await);
        let missing =
            json!({"SecretId": "none", "ResourcePolicy": input("Allow", json!("*"))["ResourcePolicy"]});
        told.push(outcome(&world, "ValidateResourcePolicy", missing).await);
        insta::assert_snapshot!(told.join("\n"), @r#"
        {"PolicyValidationPassed":true,"ValidationErrors":[]}
        {"PolicyValidationPassed":false,"ValidationErrors":[{"CheckName":"PUBLIC_POLICY","ErrorMessage":"The resource policy grants access to everybody."}]}
        {"PolicyValidationPassed":false,"ValidationErrors":[{"CheckName":"LOCK_OUT","ErrorMessage":"The resource policy would not let you change it any more."}]}
        400 MalformedPolicyDocumentException: Syntax errors in policy.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        "#);
    }
}
