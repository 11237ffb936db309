//! ScheduleKeyDeletion: the key is of no use from now on, and is gone for good after 7 to 30 days unless that is cancelled. A multi-Region primary
//! key waits for its replicas: its days begin when the last of them is gone.
//! Source: KMS API reference, `ScheduleKeyDeletion`.

use alcazar_corridor::{
    Call, Committed, Example, Failure, Input, Job, Located, Operation, Output, Refusal, View,
};
use wire_kms as wire;

use crate::example;
use crate::jobs::delete_key::DeleteKey;
use crate::model::{Found, Reference, change, days, guard_own, located, not_pending_deletion, trailing_days};

/// The days of waiting when none are named.
const DEFAULT_WINDOW: i32 = 30;

pub(crate) struct ScheduleKeyDeletion;

impl Operation for ScheduleKeyDeletion {
    type Shape = wire::ScheduleKeyDeletion;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        let keys = wire::ScheduleKeyDeletionKeys {
            schedule_key_deletion_pending_window_in_days: window(input).into(),
            trailing_days_without_key_usage: trailing_days(view, &found).await?,
        };
        Ok(located(found).need(wire::actions::SCHEDULE_KEY_DELETION, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let window = window(call.input());
        if !(7..=30).contains(&window) {
            let message = "PendingWindowInDays must be between 7 and 30 days, inclusive.";
            return Err(Failure::validation(message).into());
        }
        let due = call.now().plus(days(window));
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                not_pending_deletion(key)?;
                if key.is_replica() || key.relatives().is_empty() {
                    key.deletion = Some((due, window));
                    tx.remind(due, DeleteKey::NAME, key.scope(), &key.id)?;
                } else {
                    key.deletion_window = Some(window);
                }
                Ok(wire::ScheduleKeyDeletionResponse {
                    key_id: Some(key.arn.to_string()),
                    deletion_date: key.deletion.map(|(due, _)| due),
                    key_state: Some(key.state()),
                    pending_window_in_days: Some(window),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}", "PendingWindowInDays": 7}"# }
    }
}

fn window(input: &Input<ScheduleKeyDeletion>) -> i32 {
    input.pending_window_in_days.unwrap_or(DEFAULT_WINDOW)
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_key_waits_for_its_end_thirty_days_unless_said_otherwise() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:ScheduleKeyDeletion", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "DeletionDate": 1797940800,
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyState": "PendingDeletion",
          "PendingWindowInDays": 30
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "ScheduleKeyDeletion",
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
            "deletionDate": "Dec 22, 2026, 12:00:00 PM",
            "keyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "keyState": "PendingDeletion",
            "pendingWindowInDays": 30
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
        let described = world.call("kms:DescribeKey", &key.with("")).await.ok().json();
        assert_eq!(described["KeyMetadata"]["KeyState"], "PendingDeletion");
        assert_eq!(
            described["KeyMetadata"]["DeletionDate"].as_f64(),
            Some(1_795_348_800.0 + 30.0 * 86_400.0)
        );
    }

    #[tokio::test]
    async fn the_window_is_seven_to_thirty_days() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        for days in [1, 6, 31, 365] {
            let input = key.with(&format!(r#""PendingWindowInDays": {days}"#));
            assert_eq!(
                refusal(&world, "kms:ScheduleKeyDeletion", &input).await,
                "400 ValidationException: PendingWindowInDays must be between 7 and 30 days, inclusive."
            );
        }
    }
}
