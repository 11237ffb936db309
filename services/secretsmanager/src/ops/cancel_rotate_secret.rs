//! CancelRotateSecret: no rotation any more until RotateSecret. One that goes on is given up where it is: the version in the making keeps its label.
//!
//! A secret that is not rotated is answered as one that was (guessed: AWS does not say).
//! Source: Secrets Manager API reference, `CancelRotateSecret`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, PENDING, change, not_deleted};

pub(crate) struct CancelRotateSecret;

impl Operation for CancelRotateSecret {
    type Shape = wire::CancelRotateSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::CancelRotateSecretKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::CANCEL_ROTATE_SECRET, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                not_deleted(secret)?;
                secret.rotation.iter_mut().for_each(|rotation| rotation.enabled = false);
                secret.give_up(tx)?;
                secret.plan(tx)?;
                let pending = secret.holder(PENDING).filter(|_| secret.is_being_rotated());
                Ok(wire::CancelRotateSecretResponse {
                    arn: Some(secret.arn.to_string()),
                    name: Some(secret.name.clone()),
                    version_id: pending.map(str::to_owned),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "{}"}"#, &[]),
                (
                    "secretsmanager:RotateSecret",
                    r#"{"SecretId": "app/db", "RotationLambdaARN": "arn:aws:lambda:us-east-1:111122223333:function:SecretsManagerRDSPostgreSQLRotationSingleUser"}"#,
                    &[],
                ),
            ],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}
