//! ListKeyPolicies: the names of a key's policies: the one name there is.
//! Source: KMS API reference, `ListKeyPolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{Found, POLICY_NAME, Reference, guard_own, located};

pub(crate) struct ListKeyPolicies;

impl Operation for ListKeyPolicies {
    type Shape = wire::ListKeyPolicies;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::LIST_KEY_POLICIES, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let _ = call.target().key()?;
        // No marker is ever given out for a list of one.
        let policy_names = if call.input().marker.is_some() { vec![] } else { vec![POLICY_NAME.to_owned()] };
        let answer = wire::ListKeyPoliciesResponse {
            policy_names: Some(policy_names),
            next_marker: None,
            truncated: Some(false),
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
    async fn there_is_one_policy_and_it_is_called_default() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:ListKeyPolicies", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "PolicyNames": [
            "default"
          ],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "ListKeyPolicies",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
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
    }
}
