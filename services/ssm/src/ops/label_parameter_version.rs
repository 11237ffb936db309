//! LabelParameterVersion: attaches labels to a version, the newest unless the request says which. A label that another version has moves.
//!
//! Labels that may not be are answered, and the others attached all the same.
//! Source: Systems Manager API reference, `LabelParameterVersion`; User Guide, "Labeling parameters".

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm::{self as wire, ParameterVersionLabelLimitExceeded};

use crate::model::{Found, attach, missing, no_version, sorted, tell_change};

pub(crate) struct LabelParameterVersion;

impl Operation for LabelParameterVersion {
    type Shape = wire::LabelParameterVersion;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::own(&input.name, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::LABEL_PARAMETER_VERSION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let mut parameter = (**call.target().found().ok_or_else(missing)?).clone();
        let asked = input.parameter_version.map(u64::try_from);
        let kept = |number: &u64| (parameter.oldest..=parameter.newest.number).contains(number);
        let number = match asked {
            None => parameter.newest.number,
            Some(asked) => asked.ok().filter(kept).ok_or_else(|| {
                let number = input.parameter_version.unwrap_or_default().to_string();
                no_version("version", &number, &input.name)
            })?,
        };
        let (labels, invalid) = sorted(&input.labels);
        if !attach(&mut parameter, number, &labels) {
            return Err(ParameterVersionLabelLimitExceeded::new(
                "A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.",
            )
            .into());
        }
        let answer = wire::LabelParameterVersionResult {
            invalid_labels: Some(invalid),
            parameter_version: i64::try_from(number).ok(),
        };
        if labels.is_empty() {
            return call.answer(answer).await;
        }
        call.commit(|tx, _| {
            parameter.put_alone(tx)?;
            tell_change(tx, &parameter, "LabelParameterVersion")?;
            Ok(answer.clone())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"Name": "/app/db", "Labels": ["live", "9lives"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put, world};

    #[tokio::test]
    async fn labels_move_and_those_that_may_not_be_are_named() {
        let world = world().await;
        for value in ["one", "two"] {
            put(&world, "/p", value).await;
        }
        let labels = ["live", "1st", "awsome", "SSMish", "a b", "ok_.-9"];
        let answer = call(
            &world,
            "LabelParameterVersion",
            json!({"Name": "/p", "ParameterVersion": 1, "Labels": labels}),
        )
        .await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "InvalidLabels": [
            "1st",
            "awsome",
            "SSMish",
            "a b"
          ],
          "ParameterVersion": 1
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "LabelParameterVersion",
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
              "1st",
              "awsome",
              "SSMish",
              "a b",
              "ok_.-9"
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
              "1st",
              "awsome",
              "SSMish",
              "a b"
            ],
            "parameterVersion": 1
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
        let moved =
            call(&world, "LabelParameterVersion", json!({"Name": "/p", "Labels": ["live"]})).await.ok();
        assert_eq!(moved.json(), json!({"InvalidLabels": [], "ParameterVersion": 2}));
        let read = call(&world, "GetParameter", json!({"Name": "/p:live"})).await.ok();
        assert_eq!(
            (read.text("/Parameter/Value"), read.text("/Parameter/Selector")),
            ("two".into(), ":live".into())
        );
    }

    #[tokio::test]
    async fn a_version_has_ten_labels_at_most() {
        let world = world().await;
        put(&world, "/p", "v").await;
        let labels: Vec<String> = (0..10).map(|number| format!("l{number}")).collect();
        let _ = call(&world, "LabelParameterVersion", json!({"Name": "/p", "Labels": labels})).await.ok();
        let mut lines = Vec::new();
        for input in [
            json!({"Name": "/p", "Labels": ["l0"]}),
            json!({"Name": "/p", "Labels": ["more"]}),
            json!({"Name": "/p", "ParameterVersion": 2, "Labels": ["x"]}),
            json!({"Name": "/p", "ParameterVersion": -1, "Labels": ["x"]}),
            json!({"Name": "/none", "Labels": ["x"]}),
        ] {
            lines.push(outcome(&world, "LabelParameterVersion", input).await);
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        200
        400 ParameterVersionLabelLimitExceeded: A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.
        400 ParameterVersionNotFound: Systems Manager could not find version 2 of /p. Verify the version and try again.
        400 ParameterVersionNotFound: Systems Manager could not find version -1 of /p. Verify the version and try again.
        400 ParameterNotFound:
        ");
    }
}
