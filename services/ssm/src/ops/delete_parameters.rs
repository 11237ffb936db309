//! DeleteParameters: up to ten parameters go. Names that lead to nothing are answered apart; the caller needs the right to all.
//! Source: Systems Manager API reference, `DeleteParameters`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use super::delete_parameter::delete;
use crate::model::Found;

pub(crate) struct DeleteParameters;

impl Operation for DeleteParameters {
    type Shape = wire::DeleteParameters;
    type Target = Vec<Found>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let mut all: Vec<Found> = Vec::with_capacity(input.names.len());
        for name in &input.names {
            let found = Found::own(name, view).await?;
            if !all.iter().any(|other| other.name == found.name) {
                all.push(found);
            }
        }
        let guards: Vec<_> = all.iter().map(Found::guard).collect();
        let located = Located::new(all);
        let need =
            |located: Located<Self>, guard| located.need(wire::actions::DELETE_PARAMETERS, guard, NoKeys);
        Ok(guards.into_iter().fold(located, need))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let (mut deleted, mut invalid) = (Vec::new(), Vec::new());
            for found in call.target() {
                match found.found() {
                    Some(parameter) => {
                        delete(tx, parameter)?;
                        deleted.push(found.asked().to_owned());
                    }
                    None => invalid.push(found.asked().to_owned()),
                }
            }
            Ok(wire::DeleteParametersResult {
                deleted_parameters: Some(deleted),
                invalid_parameters: Some(invalid),
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"Names": ["/app/db", "/app/none"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put, world};

    #[tokio::test]
    async fn what_is_there_goes_and_what_is_not_is_named() {
        let world = world().await;
        for name in ["/a", "/b"] {
            put(&world, name, "v").await;
        }
        let answer = call(&world, "DeleteParameters", json!({"Names": ["/a", "/none", "/a"]})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "DeletedParameters": [
            "/a"
          ],
          "InvalidParameters": [
            "/none"
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "DeleteParameters",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "adf21c03-41a4-4fca-b200-c2668f4b0412",
          "requestParameters": {
            "names": [
              "/a",
              "/none",
              "/a"
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/a",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
            },
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/none",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
            }
          ],
          "responseElements": {
            "deletedParameters": [
              "/a"
            ],
            "invalidParameters": [
              "/none"
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
        assert_eq!(outcome(&world, "GetParameter", json!({"Name": "/a"})).await, "400 ParameterNotFound: ");
        assert_eq!(outcome(&world, "GetParameter", json!({"Name": "/b"})).await, "200");
    }
}
