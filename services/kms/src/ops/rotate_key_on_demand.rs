//! RotateKeyOnDemand: new material now, at most 25 times in a key's life; the schedule of automatic rotation stays as it is.
//!
//! Where material is imported, the new one is imported first.
//!
//! As in AWS the rotation is not part of the call: it follows within a second, and GetKeyRotationStatus tells while it is under way.
//! Source: KMS API reference, `RotateKeyOnDemand`.

use alcazar_core::NoKeys;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Input, Job, Located, Operation, Output, Refusal, Tx, View,
};
use wire_kms::{
    self as wire, ConflictException, KMSInvalidStateException, LimitExceededException, OriginType,
};

use crate::example;
use crate::jobs::rotate_key::RotateKeyNow;
use crate::model::{
    Found, KEYS, Key, Reference, change, enabled, guard_own, located, not_replica, rotatable, share,
};

/// How often a key may be rotated on demand.
const ROTATION_LIMIT: u32 = 25;

pub(crate) struct RotateKeyOnDemand;

impl Operation for RotateKeyOnDemand {
    type Shape = wire::RotateKeyOnDemand;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::ROTATE_KEY_ON_DEMAND, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                rotatable(key)?;
                not_replica(key)?;
                enabled(key)?;
                if key.on_demand_since.is_some() {
                    let message = format!("A rotation of {} is already in progress.", key.arn);
                    return Err(ConflictException::new(message).into());
                }
                if key.on_demand_rotations >= ROTATION_LIMIT {
                    let message = format!(
                        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: {}",
                        key.id
                    );
                    return Err(LimitExceededException::new(message).into());
                }
                if key.origin == OriginType::External && !is_imported_everywhere(tx, key)? {
                    // Which error AWS gives is guessed.
                    let message = format!("{} has no key material that is pending rotation.", key.arn);
                    return Err(KMSInvalidStateException::new(message).into());
                }
                key.on_demand_rotations += 1;
                key.on_demand_since = Some(tx.now());
                let (rotations, since) = (key.on_demand_rotations, key.on_demand_since);
                share(tx, key, |_, replica| {
                    (replica.on_demand_rotations, replica.on_demand_since) = (rotations, since);
                    Ok(())
                })?;
                tx.remind(tx.now(), RotateKeyNow::NAME, key.scope(), &key.id)?;
                Ok(wire::RotateKeyOnDemandResponse { key_id: Some(key.id.clone()) })
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}"}"# }
    }
}

/// Whether the next material is there, in every Region of the key.
fn is_imported_everywhere(tx: &Tx<'_>, key: &Key) -> Result<bool, Failure> {
    let imported = |key: &Key| key.pending.as_ref().is_some_and(|pending| pending.sealed.is_some());
    for scope in key.relatives() {
        let relative = tx.get(&KEYS, scope, key.id.as_str())?;
        if relative.is_some_and(|relative| !imported(&relative)) {
            return Ok(false);
        }
    }
    Ok(imported(key))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_rotation_follows_the_call() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:RotateKeyOnDemand", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "RotateKeyOnDemand",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            }
          ],
          "responseElements": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
          },
          "sourceIPAddress": "203.0.113.7",
          "userAgent": "test",
          "userIdentity": {
            "accessKeyId": "AKIAROOTROOTROOTROOT",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root",
            "principalId": "111122223333",
            "type": "Root"
          }
        }
        "#);
        let refused = refusal(&world, "kms:RotateKeyOnDemand", &key.with("")).await;
        assert_eq!(
            refused,
            format!("400 ConflictException: A rotation of {} is already in progress.", key.arn)
        );
        let status = world.call("kms:GetKeyRotationStatus", &key.with("")).await.ok().json();
        assert_eq!(status["OnDemandRotationStartDate"].as_f64(), Some(1_795_348_800.0));
        assert_eq!(world.pass(Duration::ZERO).await, 1);
        let status = world.call("kms:GetKeyRotationStatus", &key.with("")).await.ok().json();
        assert!(status.get("OnDemandRotationStartDate").is_none());
    }

    #[tokio::test]
    async fn twenty_five_times_are_enough() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        for _ in 0..25 {
            let _ = world.call("kms:RotateKeyOnDemand", &key.with("")).await.ok();
            assert_eq!(world.pass(Duration::from_secs(1)).await, 1);
        }
        let refused = refusal(&world, "kms:RotateKeyOnDemand", &key.with("")).await;
        assert!(
            refused.starts_with("400 LimitExceededException: The on-demand rotations limit"),
            "{refused}"
        );
        let listed = world.call("kms:ListKeyRotations", &key.with(r#""Limit": 1000"#)).await.ok().json();
        assert_eq!(listed["Rotations"].as_array().map(Vec::len), Some(25));
    }
}
