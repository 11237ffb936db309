//! PutKeyPolicy: another policy for a key. It must leave its author able to put another, unless that safety check is bypassed. The
//! principals that it names must exist; it keeps them by their unique ids.
//! Source: KMS API reference, `PutKeyPolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{
    Found, POLICY_NAME, Reference, change, checked_policy, checked_policy_name, guard_own, keeps_control,
    located,
};

pub(crate) struct PutKeyPolicy;

impl Operation for PutKeyPolicy {
    type Shape = wire::PutKeyPolicy;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        let keys = wire::PutKeyPolicyKeys {
            bypass_policy_lockout_safety_check: input.bypass_policy_lockout_safety_check.unwrap_or(false),
            policy_name: input.policy_name.clone().unwrap_or_else(|| POLICY_NAME.to_owned()),
        };
        Ok(located(found).need(wire::actions::PUT_KEY_POLICY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let _ = call.target().key()?;
        checked_policy_name(input.policy_name.as_deref())?;
        let policy = checked_policy(&input.policy, call.view()).await?;
        if input.bypass_policy_lockout_safety_check != Some(true) {
            keeps_control(&call, guard_own(call.target(), call.view()), &policy).await?;
        }
        call.commit(|tx, call| {
            change(tx, call.target(), |_, key| {
                key.policy = policy.clone();
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: example::KEY,
            input: r#"{"KeyId": "${key}", "Policy": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"111122223333\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, policy, refusal};

    #[tokio::test]
    async fn the_new_policy_holds_at_once() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let text = policy(&[("arn:aws:iam::111122223333:root", &["kms:PutKeyPolicy", "kms:GetKeyPolicy"])]);
        let answer = world.call("kms:PutKeyPolicy", &key.with(&format!(r#""Policy": {text}"#))).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "PutKeyPolicy",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "policy": "{\"Statement\":[{\"Action\":[\"kms:PutKeyPolicy\",\"kms:GetKeyPolicy\"],\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}"
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
        let refused = refusal(&world, "kms:DescribeKey", &key.with("")).await;
        assert!(refused.starts_with("400 AccessDeniedException"), "{refused}");
        let read = world.call("kms:GetKeyPolicy", &key.with("")).await.ok().text("/Policy");
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[tokio::test]
    async fn policies_that_are_none_too_long_or_lock_out_are_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let mine = policy(&[("arn:aws:iam::111122223333:root", &["kms:Encrypt"])]);
        let long = policy(&[("arn:aws:iam::111122223333:root", &["kms:*", &"x".repeat(33_000)])]);
        let mut told = Vec::new();
        for rest in [
            r#""Policy": "no JSON""#.to_owned(),
            format!(r#""Policy": {long}"#),
            format!(r#""Policy": {mine}"#),
            format!(r#""Policy": {mine}, "PolicyName": "other""#),
        ] {
            told.push(refusal(&world, "kms:PutKeyPolicy", &key.with(&rest)).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 MalformedPolicyDocumentException: This policy contains invalid Json
        400 LimitExceededException: The key policy has 33147 bytes; the quota is 32768.
        400 MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.
        400 NotFoundException: No such policy exists
        ");
        let bypass = format!(r#""Policy": {mine}, "BypassPolicyLockoutSafetyCheck": true"#);
        let _ = world.call("kms:PutKeyPolicy", &key.with(&bypass)).await.ok();
        let refused = refusal(&world, "kms:PutKeyPolicy", &key.with(&format!(r#""Policy": {mine}"#))).await;
        assert!(refused.starts_with("400 AccessDeniedException"), "locked out: {refused}");
    }
}
