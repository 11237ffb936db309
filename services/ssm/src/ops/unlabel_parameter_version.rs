//! UnlabelParameterVersion: takes labels from a version. Those that it does not have are answered as invalid.
//! Source: Systems Manager API reference, `UnlabelParameterVersion`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{Found, missing, no_version};

pub(crate) struct UnlabelParameterVersion;

impl Operation for UnlabelParameterVersion {
    type Shape = wire::UnlabelParameterVersion;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::own(&input.name, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::UNLABEL_PARAMETER_VERSION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let mut parameter = (**call.target().found().ok_or_else(missing)?).clone();
        let number = u64::try_from(input.parameter_version).ok();
        let kept = parameter.oldest..=parameter.newest.number;
        let number = number
            .filter(|number| kept.contains(number))
            .ok_or_else(|| no_version("version", &input.parameter_version.to_string(), &input.name))?;
        let held = |label: &String| parameter.labels.get(label) == Some(&number);
        let (removed, invalid): (Vec<String>, Vec<String>) = input.labels.iter().cloned().partition(held);
        parameter.labels.retain(|label, _| !removed.contains(label));
        let answer = wire::UnlabelParameterVersionResult {
            removed_labels: Some(removed),
            invalid_labels: Some(invalid),
        };
        call.commit(|tx, _| {
            parameter.put_alone(tx)?;
            Ok(answer.clone())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[]),
                ("ssm:LabelParameterVersion", r#"{"Name": "/app/db", "Labels": ["live"]}"#, &[]),
            ],
            input: r#"{"Name": "/app/db", "ParameterVersion": 1, "Labels": ["live", "other"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put, world};

    #[tokio::test]
    async fn labels_go_and_those_that_are_not_there_are_named() {
        let world = world().await;
        put(&world, "/p", "v").await;
        let _ = call(&world, "LabelParameterVersion", json!({"Name": "/p", "Labels": ["live", "test"]}))
            .await
            .ok();
        let input = json!({"Name": "/p", "ParameterVersion": 1, "Labels": ["live", "other"]});
        let answer = call(&world, "UnlabelParameterVersion", input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "InvalidLabels": [
            "other"
          ],
          "RemovedLabels": [
            "live"
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "UnlabelParameterVersion",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "adf21c03-41a4-4fca-b200-c2668f4b0412",
          "requestParameters": {
            "labels": [
              "live",
              "other"
            ],
            "name": "/p",
            "parameterVersion": 1
          },
          "resources": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/p",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
            }
          ],
          "responseElements": {
            "invalidLabels": [
              "other"
            ],
            "removedLabels": [
              "live"
            ]
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
        let gone = outcome(&world, "GetParameter", json!({"Name": "/p:live"})).await;
        assert_eq!(
            gone,
            "400 ParameterVersionNotFound: Systems Manager could not find label live of /p. Verify the label and try again."
        );
        let none = outcome(
            &world,
            "UnlabelParameterVersion",
            json!({"Name": "/p", "ParameterVersion": 2, "Labels": ["test"]}),
        )
        .await;
        assert_eq!(
            none,
            "400 ParameterVersionNotFound: Systems Manager could not find version 2 of /p. Verify the version and try again."
        );
    }
}
