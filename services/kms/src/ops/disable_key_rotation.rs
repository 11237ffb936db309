//! DisableKeyRotation: no more automatic rotations. What was encrypted before stays readable.
//! Source: KMS API reference, `DisableKeyRotation`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Job, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::jobs::rotate_key::RotateKey;
use crate::model::{Found, Reference, change, enabled, guard_own, rotatable};

pub(crate) struct DisableKeyRotation;

impl Operation for DisableKeyRotation {
    type Shape = wire::DisableKeyRotation;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(Located::new(found).need(wire::actions::DISABLE_KEY_ROTATION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                rotatable(key)?;
                enabled(key)?;
                if let Some(schedule) = key.rotation.take() {
                    tx.forget(schedule.next_at, RotateKey::NAME, key.scope(), &key.id)?;
                }
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")]),
                ("kms:EnableKeyRotation", r#"{"KeyId": "${key}"}"#, &[]),
            ],
            input: r#"{"KeyId": "${key}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_schedule_is_gone_and_nothing_falls_due() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:EnableKeyRotation", &key.with("")).await.ok();
        let answer = world.call("kms:DisableKeyRotation", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @"");
        let status = world.call("kms:GetKeyRotationStatus", &key.with("")).await.ok().json();
        assert_eq!(status["KeyRotationEnabled"], false);
        assert_eq!(world.pass(std::time::Duration::from_secs(400 * 86_400)).await, 0);
    }
}
