//! GetParameters: up to ten parameters with their values. Names that lead to nothing are answered apart; the caller needs the right to all.
//! Source: Systems Manager API reference, `GetParameters`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{Found, secret, told, told_public};

pub(crate) struct GetParameters;

impl Operation for GetParameters {
    type Shape = wire::GetParameters;
    type Target = Vec<Found>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let mut all: Vec<Found> = Vec::with_capacity(input.names.len());
        for name in &input.names {
            if !all.iter().any(|found| found.asked() == name) {
                all.push(Found::of(name, view).await?);
            }
        }
        let guards: Vec<_> = all.iter().map(Found::guard).collect();
        let located = Located::new(all);
        let need = |located: Located<Self>, guard| located.need(wire::actions::GET_PARAMETERS, guard, NoKeys);
        Ok(guards.into_iter().fold(located, need))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        if call.target().len() < call.input().names.len() {
            // Guessed: AWS documents that names are unique, not the words.
            return Err(Failure::validation("The request contains duplicate parameter names.").into());
        }
        let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
        for found in call.target() {
            match read(&call, found).await? {
                Some(parameter) => parameters.push(parameter),
                None => invalid.push(found.asked().to_owned()),
            }
        }
        call.answer(wire::GetParametersResult {
            parameters: Some(parameters),
            invalid_parameters: Some(invalid),
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

async fn read(
    call: &Call<GetParameters>,
    found: &Found,
) -> Result<Option<wire::Parameter>, Refusal<wire::GetParameters>> {
    let decrypt = call.input().with_decryption == Some(true);
    let selector = found.selector.as_deref();
    if let Some(id) = found.secret_id() {
        return Ok(secret(call, found, id, decrypt).await?);
    }
    if let Some(public) = found.public() {
        return Ok(told_public(call, public, selector));
    }
    let Some(parameter) = found.found() else { return Ok(None) };
    match found.version(parameter, call.view()).await? {
        Some(version) => Ok(Some(told(call, parameter, &version, selector, decrypt).await?)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, each, outcome, put, told, user, world};

    #[tokio::test]
    async fn what_is_there_is_told_and_what_is_not_is_named() {
        let world = world().await;
        for name in ["/a", "/b"] {
            put(&world, name, name).await;
        }
        let names = ["/b", "/none", "/a:1", "/a:7", "/a:none"];
        let answer = call(&world, "GetParameters", json!({"Names": names})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "InvalidParameters": [
            "/none",
            "/a:7",
            "/a:none"
          ],
          "Parameters": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/b",
              "DataType": "text",
              "LastModifiedDate": 1795348800,
              "Name": "/b",
              "Type": "String",
              "Value": "/b",
              "Version": 1
            },
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/a",
              "DataType": "text",
              "LastModifiedDate": 1795348800,
              "Name": "/a",
              "Selector": ":1",
              "Type": "String",
              "Value": "/a",
              "Version": 1
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "GetParameters",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "adf21c03-41a4-4fca-b200-c2668f4b0412",
          "requestParameters": {
            "names": [
              "/b",
              "/none",
              "/a:1",
              "/a:7",
              "/a:none"
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/b",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
            },
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/none",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
            },
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/a",
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
    async fn one_denied_name_denies_the_call() {
        let world = world().await;
        for name in ["/a", "/b"] {
            put(&world, name, name).await;
        }
        let ann =
            user(&world, "ann", &[("ssm:GetParameters", "arn:aws:ssm:us-east-1:111122223333:parameter/a")])
                .await;
        let one = world.call_as(&ann, "ssm:GetParameters", r#"{"Names": ["/a"]}"#).await.ok().json();
        assert_eq!(each(&one["Parameters"], "Name"), ["/a"]);
        let both = world.call_as(&ann, "ssm:GetParameters", r#"{"Names": ["/a", "/b"]}"#).await;
        assert_eq!(
            told(&both),
            "400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:us-east-1:111122223333:parameter/b because no identity-based policy allows the ssm:GetParameters action"
        );
    }

    #[tokio::test]
    async fn names_are_ten_and_differ() {
        let world = world().await;
        let names: Vec<String> = (0..11).map(|number| format!("/{number}")).collect();
        let many = outcome(&world, "GetParameters", json!({"Names": names})).await;
        assert!(many.contains("less than or equal to 10"), "{many}");
        let twice = outcome(&world, "GetParameters", json!({"Names": ["/a", "/a"]})).await;
        assert_eq!(twice, "400 ValidationException: The request contains duplicate parameter names.");
    }
}
