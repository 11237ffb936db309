//! DeleteResourcePolicy: a parameter is shared no more.
//! Source: Systems Manager API reference, `DeleteResourcePolicy`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use super::put_resource_policy::{no_policy, owned, same_hash};
use crate::model::{Found, Parameter};

pub(crate) struct DeleteResourcePolicy;

impl Operation for DeleteResourcePolicy {
    type Shape = wire::DeleteResourcePolicy;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.resource_arn, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::DELETE_RESOURCE_POLICY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let held = owned(&call, call.target())?.clone();
        let sharing = held.sharing.as_ref().filter(|sharing| sharing.id == input.policy_id);
        same_hash(Some(&input.policy_hash), sharing.ok_or_else(no_policy)?)?;
        let parameter = Parameter { sharing: None, ..(*held).clone() };
        call.commit(|tx, _| {
            held.unshare(tx)?;
            parameter.put_alone(tx)?;
            Ok(wire::DeleteResourcePolicyResponse {})
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "ssm:PutParameter",
                    r#"{"Name": "/app/db", "Value": "one", "Type": "String", "Tier": "Advanced"}"#,
                    &[],
                ),
                (
                    "ssm:PutResourcePolicy",
                    r#"{"ResourceArn": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db", "Policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"444455556666\"}, \"Action\": \"ssm:GetParameter\", \"Resource\": \"*\"}]}"}"#,
                    &[("id", "/PolicyId"), ("hash", "/PolicyHash")],
                ),
            ],
            input: r#"{"ResourceArn": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db", "PolicyId": "${id}", "PolicyHash": "${hash}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put_advanced, world};

    #[tokio::test]
    async fn a_policy_goes_by_its_id_and_hash() {
        let world = world().await;
        put_advanced(&world, "/p").await;
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/p";
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "ssm:GetParameter", "Resource": arn});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let made = call(&world, "PutResourcePolicy", json!({"ResourceArn": arn, "Policy": policy}))
            .await
            .ok()
            .json();
        let delete = |id: &serde_json::Value, hash: &serde_json::Value| json!({"ResourceArn": arn, "PolicyId": id, "PolicyHash": hash});
        let wrong = outcome(&world, "DeleteResourcePolicy", delete(&made["PolicyId"], &json!("x"))).await;
        assert_eq!(
            wrong,
            "400 ResourcePolicyConflictException: The hash provided in the call doesn't match the stored hash."
        );
        let answer =
            call(&world, "DeleteResourcePolicy", delete(&made["PolicyId"], &made["PolicyHash"])).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "DeleteResourcePolicy",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "37c02559-b74f-4ab1-a8e5-d2d3fc435573",
          "requestParameters": {
            "policyHash": "b8ba13b40a5448e6f28186d521cb68358b6b82c54895f433e7c13c9fee6acc4e",
            "policyId": "84acc16a-f38f-49d2-9deb-004751e48c2d",
            "resourceArn": "arn:aws:ssm:us-east-1:111122223333:parameter/p"
          },
          "resources": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/p",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
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
        let gone =
            outcome(&world, "DeleteResourcePolicy", delete(&made["PolicyId"], &made["PolicyHash"])).await;
        assert!(gone.ends_with("ResourcePolicyNotFoundException: No policies with the specified policy ID and hash could be found."), "{gone}");
    }
}
