//! GetParameterHistory: the versions of a parameter that are kept, oldest first, each with its value and labels.
//! Source: Systems Manager API reference, `GetParameterHistory`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm::{self as wire, InvalidNextToken};

use crate::model::{Found, Parameter, VERSIONS, Version, value};

pub(crate) struct GetParameterHistory;

impl Operation for GetParameterHistory {
    type Shape = wire::GetParameterHistory;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.name, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::GET_PARAMETER_HISTORY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let parameter = call.target().parameter()?.clone();
        let limit = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST);
        let range = VERSIONS.range_under(parameter.scope(), &parameter.key());
        let page =
            call.page(&VERSIONS, range, input.name.as_str(), input.next_token.as_deref(), limit).await?;
        let page = page.ok_or_else(|| InvalidNextToken::new("The specified token isn't valid."))?;
        let decrypt = input.with_decryption == Some(true);
        let mut versions = Vec::with_capacity(page.items.len());
        for version in &page.items {
            let value = value(&call, &parameter, version, decrypt).await?;
            versions.push(wire::ParameterHistory { value: Some(value), ..told(&parameter, version) });
        }
        call.answer(wire::GetParameterHistoryResult { parameters: Some(versions), next_token: page.next })
            .await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"Name": "/app/db"}"#,
        }
    }
}

/// How many a page holds when the request does not say, and at most.
const MOST: usize = 50;

fn told(parameter: &Parameter, version: &Version) -> wire::ParameterHistory {
    // What its policies have done stands with the newest version alone.
    let policies = match version.number == parameter.newest.number {
        true => &parameter.newest.policies,
        false => &version.policies,
    };
    wire::ParameterHistory {
        name: Some(parameter.name.clone()),
        r#type: Some(version.r#type),
        key_id: version.key_id.clone(),
        last_modified_date: Some(version.modified_at),
        last_modified_user: Some(version.modified_by.clone()),
        description: version.description.clone(),
        value: None,
        allowed_pattern: version.allowed_pattern.clone(),
        version: i64::try_from(version.number).ok(),
        labels: Some(parameter.labels_of(version.number)),
        tier: Some(version.tier),
        policies: Some(policies.iter().map(|policy| policy.told()).collect()),
        data_type: Some(version.data_type.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put, world};

    #[tokio::test]
    async fn versions_are_told_with_their_labels() {
        let world = world().await;
        put(&world, "/app/db", "one").await;
        put(&world, "/app/db", "two").await;
        let label = json!({"Name": "/app/db", "ParameterVersion": 1, "Labels": ["old"]});
        let _ = call(&world, "LabelParameterVersion", label).await.ok();
        let answer = call(&world, "GetParameterHistory", json!({"Name": "/app/db"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Parameters": [
            {
              "DataType": "text",
              "Labels": [
                "old"
              ],
              "LastModifiedDate": 1795348800,
              "LastModifiedUser": "arn:aws:iam::111122223333:root",
              "Name": "/app/db",
              "Policies": [],
              "Tier": "Standard",
              "Type": "String",
              "Value": "one",
              "Version": 1
            },
            {
              "DataType": "text",
              "Labels": [],
              "LastModifiedDate": 1795348800,
              "LastModifiedUser": "arn:aws:iam::111122223333:root",
              "Name": "/app/db",
              "Policies": [],
              "Tier": "Standard",
              "Type": "String",
              "Value": "two",
              "Version": 2
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-77c0-a559-b74fdab168e5",
          "eventName": "GetParameterHistory",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "460e144f-eb89-4b15-bea4-f5a10f520ae5",
          "requestParameters": {
            "name": "/app/db"
          },
          "resources": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db",
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
    }

    #[tokio::test]
    async fn pages_go_through_all_versions_and_values_are_decrypted_on_request() {
        let world = world().await;
        for value in ["one", "two", "three"] {
            let input = json!({"Name": "/pw", "Value": value, "Type": "SecureString", "Overwrite": true});
            let _ = call(&world, "PutParameter", input).await.ok();
        }
        let mut input = json!({"Name": "/pw", "WithDecryption": true, "MaxResults": 2});
        let first = call(&world, "GetParameterHistory", input.clone()).await.ok();
        assert_eq!(
            (first.text("/Parameters/0/Value"), first.text("/Parameters/1/Value")),
            ("one".into(), "two".into())
        );
        input["NextToken"] = json!(first.text("/NextToken"));
        let second = call(&world, "GetParameterHistory", input).await.ok();
        assert_eq!(second.text("/Parameters/0/Value"), "three");
        assert!(second.json().get("NextToken").is_none());
        let shut = call(&world, "GetParameterHistory", json!({"Name": "/pw"})).await.ok();
        assert!(!shut.body.contains("three"));
        let none = outcome(&world, "GetParameterHistory", json!({"Name": "/none"})).await;
        assert_eq!(none, "400 ParameterNotFound: ");
        let token = outcome(&world, "GetParameterHistory", json!({"Name": "/pw", "NextToken": "x"})).await;
        assert_eq!(token, "400 InvalidNextToken: The specified token isn't valid.");
    }
}
