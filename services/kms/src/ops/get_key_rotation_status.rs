//! GetKeyRotationStatus: whether a key rotates by itself, and when next. While it waits for its deletion it does not.
//! Source: KMS API reference, `GetKeyRotationStatus`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{Found, Reference, guard, located, rotatable};

pub(crate) struct GetKeyRotationStatus;

impl Operation for GetKeyRotationStatus {
    type Shape = wire::GetKeyRotationStatus;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GetKeyRotationStatus", None, view).await?;
        Ok(located(found).need(wire::actions::GET_KEY_ROTATION_STATUS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        rotatable(key)?;
        let schedule = key.rotation.filter(|_| key.deletion.is_none());
        let answer = wire::GetKeyRotationStatusResponse {
            key_rotation_enabled: Some(schedule.is_some()),
            key_id: Some(key.id.clone()),
            rotation_period_in_days: schedule.map(|schedule| schedule.period_days),
            next_rotation_date: schedule.map(|schedule| schedule.next_at),
            on_demand_rotation_start_date: key.on_demand_since,
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_schedule_is_told_and_rests_while_the_key_waits_for_its_end() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:EnableKeyRotation", &key.with(r#""RotationPeriodInDays": 90"#)).await.ok();
        let answer = world.call("kms:GetKeyRotationStatus", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyRotationEnabled": true,
          "NextRotationDate": 1803124800,
          "RotationPeriodInDays": 90
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "GetKeyRotationStatus",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "37c02559-b74f-4ab1-a8e5-d2d3fc435573",
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
        let _ = world.call("kms:ScheduleKeyDeletion", &key.with("")).await.ok();
        let pending = world.call("kms:GetKeyRotationStatus", &key.with("")).await.ok();
        assert_eq!(pending.text("/KeyRotationEnabled"), "false");
    }
}
