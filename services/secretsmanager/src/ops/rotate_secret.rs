//! RotateSecret: how and how often a secret is rotated, and a rotation at once unless it is declined; then the function is tried instead.
//!
//! The function runs after the answer. While a version is in the making, nothing else begins. Functions other than the built-in ones cannot be
//! invoked. Managed external secrets are known and not built: such a request is answered with 501.
//! Source: Secrets Manager API reference, `RotateSecret`; messages as the service prints them.

use alcazar_core::Common;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager::{self as wire, InvalidParameterException, InvalidRequestException};

use crate::model::{CURRENT, Found, Rotation, Rules, Secret, change, not_deleted};
use crate::rotation::is_there;

pub(crate) struct RotateSecret;

impl Operation for RotateSecret {
    type Shape = wire::RotateSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::RotateSecretKeys {
            external_secret_rotation_role_arn: input.external_secret_rotation_role_arn.clone(),
            modify_rotation_rules: input.rotation_rules.is_some(),
            rotate_immediately: immediately(input),
            rotation_lambda_arn: input.rotation_lambda_arn.clone(),
            secret_id: found.secret_id(),
        };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::ROTATE_SECRET, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let secret = call.target().secret()?;
        not_deleted(secret)?;
        if input.external_secret_rotation_metadata.is_some()
            || input.external_secret_rotation_role_arn.is_some()
        {
            let message = "Managed external secrets are not built yet.";
            return Err(Failure::common(Common::NotImplemented, message).into());
        }
        let rules = checked_rules(input)?;
        let token = input.client_request_token.clone().unwrap_or_else(|| call.uuid());
        if secret.version(&token).is_some_and(|version| version.stages.iter().any(|stage| stage == CURRENT)) {
            // The same request again, whose rotation has come to its end.
            let answer = told(secret, immediately(input).then_some(&token));
            return call.answer(answer).await;
        }
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                not_deleted(secret)?;
                let input = call.input();
                let function = checked_function(call, secret)?;
                if secret.is_being_rotated() {
                    let message = "A previous rotation isn't complete. That rotation will be reattempted.";
                    return Err(InvalidRequestException::new(message).into());
                }
                if secret.version(&token).is_some() {
                    return Err(InvalidRequestException::new(
                        "You can't use this ClientRequestToken because it is in use for another version of the secret.",
                    )
                    .into());
                }
                configure(secret, function, rules.clone());
                secret.plan(tx)?;
                secret.begin(tx, &token, tx.now(), !immediately(input))?;
                secret.changed_at = tx.now();
                Ok(told(secret, immediately(input).then_some(&token)))
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "{}"}"#, &[])],
            input: r#"{"SecretId": "app/db", "RotationLambdaARN": "arn:aws:lambda:us-east-1:111122223333:function:SecretsManagerRDSPostgreSQLRotationSingleUser", "RotationRules": {"AutomaticallyAfterDays": 7}}"#,
        }
    }
}

type Refused = Refusal<wire::RotateSecret>;

fn immediately(input: &Input<RotateSecret>) -> bool {
    input.rotate_immediately != Some(false)
}

fn checked_rules(input: &Input<RotateSecret>) -> Result<Option<Rules>, Refused> {
    let Some(given) = &input.rotation_rules else { return Ok(None) };
    let rules = Rules::of(given);
    match rules.schedule() {
        Ok(_) => Ok(Some(rules)),
        Err(message) => Err(InvalidParameterException::new(message).into()),
    }
}

/// The function that rotates: the request's, or the one from before. It belongs to the secret's account and Region.
fn checked_function(call: &Call<RotateSecret>, secret: &Secret) -> Result<String, Refused> {
    let before = secret.rotation.as_ref().map(|rotation| &rotation.function);
    let Some(arn) = call.input().rotation_lambda_arn.as_ref().or(before) else {
        let message = "No Lambda rotation function ARN is associated with this secret.";
        return Err(InvalidRequestException::new(message).into());
    };
    if is_there(arn, secret.account, call.region()) {
        return Ok(arn.clone());
    }
    let message = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.";
    Err(Failure::common(Common::AccessDenied, message).into())
}

fn configure(secret: &mut Secret, function: String, rules: Option<Rules>) {
    let before = secret.rotation.take();
    secret.rotation = Some(Rotation {
        enabled: true,
        function,
        rules: rules.or_else(|| before.as_ref().and_then(|rotation| rotation.rules.clone())),
        next: before.as_ref().and_then(|rotation| rotation.next),
        run: before.as_ref().and_then(|rotation| rotation.run.clone()),
        last: before.and_then(|rotation| rotation.last),
    });
}

fn told(secret: &Secret, version_id: Option<&String>) -> wire::RotateSecretResponse {
    wire::RotateSecretResponse {
        arn: Some(secret.arn.to_string()),
        name: Some(secret.name.clone()),
        version_id: version_id.cloned(),
    }
}
