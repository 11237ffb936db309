//! GetResourcePolicies: the policy by which a parameter is shared, if there is one.
//! Source: Systems Manager API reference, `GetResourcePolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm::{self as wire, GetResourcePoliciesResponseEntry, ResourcePolicyInvalidParameterException};

use super::put_resource_policy::no_resource;
use crate::model::Found;

pub(crate) struct GetResourcePolicies;

impl Operation for GetResourcePolicies {
    type Shape = wire::GetResourcePolicies;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.resource_arn, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::GET_RESOURCE_POLICIES, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        if call.input().next_token.is_some() {
            // There is one page, which gives no token.
            return Err(
                ResourcePolicyInvalidParameterException::new("The specified token isn't valid.").into()
            );
        }
        let parameter = call.target().found().ok_or_else(no_resource)?;
        let policies = parameter.sharing.iter().map(|sharing| GetResourcePoliciesResponseEntry {
            policy_id: Some(sharing.id.clone()),
            policy_hash: Some(sharing.hash.clone()),
            policy: Some(sharing.policy.text().to_owned()),
        });
        let policies = Some(policies.collect());
        call.answer(wire::GetResourcePoliciesResponse { policies, next_token: None }).await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "ssm:PutParameter",
                r#"{"Name": "/app/db", "Value": "one", "Type": "String", "Tier": "Advanced"}"#,
                &[],
            )],
            input: r#"{"ResourceArn": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put_advanced, world};

    #[tokio::test]
    async fn a_parameter_that_is_not_shared_has_none() {
        let world = world().await;
        put_advanced(&world, "/p").await;
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/p";
        let answer = call(&world, "GetResourcePolicies", json!({"ResourceArn": arn})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Policies": []
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-74ac-816a-f38f59d2ddeb",
          "eventName": "GetResourcePolicies",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "3ed2b061-1e97-4a9c-be87-c83e7ed97c2d",
          "requestParameters": {
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
        let none =
            outcome(&world, "GetResourcePolicies", json!({"ResourceArn": format!("{arn}/none")})).await;
        assert_eq!(
            none,
            "400 ResourceNotFoundException: The specified parameter to be shared could not be found."
        );
    }
}
