//! BatchGetSecretValue: the current values of up to twenty secrets, by names or by filters. What cannot be read is told beside what can.
//!
//! Each secret is read by GetSecretValue as the caller, with its own decision and its own record.
//! Source: Secrets Manager API reference, `BatchGetSecretValue`.

use alcazar_core::{Fault, NoKeys};
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager::{self as wire, InvalidParameterException};

use crate::model::{Order, Wanted, limited, listing};

/// How many secrets a page holds.
const MOST: usize = 20;

pub(crate) struct BatchGetSecretValue;

impl Operation for BatchGetSecretValue {
    type Shape = wire::BatchGetSecretValue;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = || Guard::any(view.account());
        let located = Located::new(()).need(wire::actions::BATCH_GET_SECRET_VALUE, any(), NoKeys);
        Ok(match &input.filters {
            Some(_) => located.need(wire::actions::LIST_SECRETS, any(), NoKeys),
            None => located,
        })
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let (ids, next_token) = asked_for(&call).await?;
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for id in ids {
            let input = wire::GetSecretValueRequest::new(id.clone());
            match call.ask::<wire::GetSecretValue>(input).await {
                Ok(answer) => values.push(entry(answer)),
                Err(fault) => errors.push(error(id, &fault)),
            }
        }
        let answer = wire::BatchGetSecretValueResponse {
            secret_values: Some(values),
            next_token,
            errors: Some(errors),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretIdList": ["app/db"]}"#,
        }
    }
}

/// The secrets of this page, and the token of the next one.
async fn asked_for(
    call: &Call<BatchGetSecretValue>,
) -> Result<(Vec<String>, Option<String>), Refusal<wire::BatchGetSecretValue>> {
    let input = call.input();
    let refused = |message: &str| Err(InvalidParameterException::new(message).into());
    let filters = match (&input.secret_id_list, &input.filters) {
        (Some(ids), None) if input.max_results.is_none() => return Ok((ids.clone(), None)),
        (Some(_), None) => {
            return refused(
                "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
            );
        }
        (None, Some(filters)) => filters,
        _ => return refused("Either 'SecretIdList' or 'Filters' must be provided, but not both."),
    };
    let limit = limited(input.max_results, MOST);
    let wanted = Wanted { order: Order::of(None, None), filters, deleted: false, limit };
    let (secrets, next_token) = listing(call, &wanted, input.next_token.as_deref()).await?;
    Ok((secrets.iter().map(|secret| secret.arn.to_string()).collect(), next_token))
}

fn entry(answer: wire::GetSecretValueResponse) -> wire::SecretValueEntry {
    wire::SecretValueEntry {
        arn: answer.arn,
        name: answer.name,
        version_id: answer.version_id,
        secret_binary: answer.secret_binary,
        secret_string: answer.secret_string,
        version_stages: answer.version_stages,
        created_date: answer.created_date,
    }
}

fn error(id: String, fault: &Fault) -> wire::APIErrorType {
    wire::APIErrorType {
        secret_id: Some(id),
        error_code: Some(fault.wire(&wire::SERVICE).code.to_owned()),
        message: Some(fault.message().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, secret, told, user, world};

    #[tokio::test]
    async fn what_can_be_read_is_and_the_rest_is_told() {
        let world = world().await;
        for name in ["prod/db", "prod/api", "test/db"] {
            let _ = secret(&world, name).await;
        }
        let answer = call(&world, "BatchGetSecretValue", json!({"SecretIdList": ["prod/db", "none"]})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Errors": [
            {
              "ErrorCode": "ResourceNotFoundException",
              "Message": "Secrets Manager can't find the specified secret.",
              "SecretId": "none"
            }
          ],
          "SecretValues": [
            {
              "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-QAIxhI",
              "CreatedDate": 1795348800,
              "Name": "prod/db",
              "SecretString": "one",
              "VersionId": "11111111111111111111111111111111",
              "VersionStages": [
                "AWSCURRENT"
              ]
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760f-bcb9-ac59e53593b9",
          "eventName": "BatchGetSecretValue",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "31997646-5c4c-4923-a796-471fa7b54a1d",
          "requestParameters": {
            "secretIdList": [
              "prod/db",
              "none"
            ]
          },
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
        assert!(!world.records(50).await.contains("\"one\""), "a value is in the event history");
        let mut page = json!({"Filters": [{"Key": "name", "Values": ["prod"]}], "MaxResults": 1});
        let mut names = Vec::new();
        loop {
            let answer = call(&world, "BatchGetSecretValue", page.clone()).await.ok().json();
            names.push(answer["SecretValues"][0]["Name"].as_str().unwrap().to_owned());
            let Some(token) = answer.get("NextToken") else { break };
            page["NextToken"] = token.clone();
        }
        assert_eq!(names, ["prod/api", "prod/db"]);
    }

    #[tokio::test]
    async fn each_secret_needs_its_own_right() {
        let world = world().await;
        let _ = secret(&world, "app/db").await;
        let reader = user(&world, "reader", &["secretsmanager:BatchGetSecretValue"]).await;
        let input = json!({"SecretIdList": ["app/db"]}).to_string();
        let answer = world.call_as(&reader, "secretsmanager:BatchGetSecretValue", &input).await.ok().json();
        assert_eq!(answer["SecretValues"], json!([]));
        assert_eq!(answer["Errors"][0]["ErrorCode"], "AccessDeniedException");
        let input = json!({"Filters": [{"Key": "name", "Values": ["app"]}]}).to_string();
        let listed = told(&world.call_as(&reader, "secretsmanager:BatchGetSecretValue", &input).await);
        assert!(listed.contains("not authorized to perform: secretsmanager:ListSecrets"), "{listed}");
        let mut lines = Vec::new();
        for input in [
            json!({}),
            json!({"SecretIdList": ["a"], "Filters": [{"Key": "name", "Values": ["a"]}]}),
            json!({"SecretIdList": ["a"], "MaxResults": 2}),
        ] {
            lines.push(outcome(&world, "BatchGetSecretValue", input).await);
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        400 InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but not both.
        400 InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but not both.
        400 InvalidParameterException: 'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.
        ");
    }
}
