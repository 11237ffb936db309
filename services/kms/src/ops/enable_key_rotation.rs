//! EnableKeyRotation: the key gets new material every 90 to 2560 days, 365 unless said otherwise, from now on.
//! Source: KMS API reference, `EnableKeyRotation`.

use alcazar_corridor::{Call, Committed, Example, Input, Job, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::jobs::rotate_key::RotateKey;
use crate::model::{
    Found, Reference, Schedule, change, days, enabled, guard_own, located, not_replica, rotates_itself, share,
};

/// The days between rotations when none are named.
const DEFAULT_PERIOD: i32 = 365;

pub(crate) struct EnableKeyRotation;

impl Operation for EnableKeyRotation {
    type Shape = wire::EnableKeyRotation;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        let keys = wire::EnableKeyRotationKeys { rotation_period_in_days: period(input).into() };
        Ok(located(found).need(wire::actions::ENABLE_KEY_ROTATION, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                rotates_itself(key)?;
                not_replica(key)?;
                enabled(key)?;
                let period_days = period(call.input());
                if let Some(before) = key.rotation {
                    tx.forget(before.next_at, RotateKey::NAME, key.scope(), &key.id)?;
                }
                let next_at = tx.now().plus(days(period_days));
                key.rotation = Some(Schedule { period_days, next_at });
                let rotation = key.rotation;
                share(tx, key, |_, replica| {
                    replica.rotation = rotation;
                    Ok(())
                })?;
                Ok(tx.remind(next_at, RotateKey::NAME, key.scope(), &key.id)?)
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}", "RotationPeriodInDays": 90}"# }
    }
}

fn period(input: &Input<EnableKeyRotation>) -> i32 {
    input.rotation_period_in_days.unwrap_or(DEFAULT_PERIOD)
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_schedule_begins_now() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:EnableKeyRotation", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "EnableKeyRotation",
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
          "responseElements": null,
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
        let status = world.call("kms:GetKeyRotationStatus", &key.with("")).await.ok().json();
        assert_eq!(status["RotationPeriodInDays"], 365);
        assert_eq!(status["NextRotationDate"].as_f64(), Some(1_795_348_800.0 + 365.0 * 86_400.0));
    }

    #[tokio::test]
    async fn only_symmetric_encryption_keys_rotate_within_the_bounds() {
        let world = World::of(&[crate::SERVICE]).await;
        let symmetric = key(&world, "{}").await;
        let rsa = key(&world, r#"{"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}"#).await;
        let mut told = Vec::new();
        for input in [
            rsa.with(""),
            symmetric.with(r#""RotationPeriodInDays": 89"#),
            symmetric.with(r#""RotationPeriodInDays": 2561"#),
        ] {
            told.push(refusal(&world, "kms:EnableKeyRotation", &input).await.replace(&rsa.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 UnsupportedOperationException: arn:aws:kms:us-east-1:111122223333:key/<key> key spec is RSA_2048 which is not valid for this operation.
        400 ValidationException: 1 validation error detected: Value '89' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value greater than or equal to 90
        400 ValidationException: 1 validation error detected: Value '2561' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value less than or equal to 2560
        ");
    }
}
