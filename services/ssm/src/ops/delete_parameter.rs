//! DeleteParameter: a parameter goes, with all its versions. AWS asks to wait half a minute before one of the same name is made; here it can be
//! made at once.
//! Source: Systems Manager API reference, `DeleteParameter`.

use alcazar_core::NoKeys;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, Tx, View,
};
use wire_ssm as wire;

use crate::model::{Found, Parameter, discount, missing, tell_change};

pub(crate) struct DeleteParameter;

impl Operation for DeleteParameter {
    type Shape = wire::DeleteParameter;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::own(&input.name, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::DELETE_PARAMETER, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let parameter = call.target().found().cloned().ok_or_else(missing)?;
        call.commit(|tx, _| Ok(delete(tx, &parameter).map(|()| wire::DeleteParameterResult {})?)).await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"Name": "/app/db"}"#,
        }
    }
}

/// Removes a parameter with all that belongs to it.
pub(super) fn delete(tx: &mut Tx<'_>, parameter: &Parameter) -> Result<(), Failure> {
    parameter.forget(tx)?;
    parameter.remove(tx)?;
    discount(tx, parameter.scope(), parameter.newest.tier, &parameter.key())?;
    tell_change(tx, parameter, "Delete")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put, world};

    #[tokio::test]
    async fn a_parameter_goes_with_its_versions() {
        let world = world().await;
        put(&world, "/app/db", "one").await;
        put(&world, "/app/db", "two").await;
        let answer = call(&world, "DeleteParameter", json!({"Name": "/app/db"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "DeleteParameter",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "adf21c03-41a4-4fca-b200-c2668f4b0412",
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
        for name in ["/app/db", "/app/db:1"] {
            assert_eq!(
                outcome(&world, "GetParameter", json!({"Name": name})).await,
                "400 ParameterNotFound: "
            );
        }
        assert_eq!(
            outcome(&world, "DeleteParameter", json!({"Name": "/app/db"})).await,
            "400 ParameterNotFound: "
        );
        assert_eq!(put(&world, "/app/db", "new").await.text("/Version"), "1");
        let history = call(&world, "GetParameterHistory", json!({"Name": "/app/db"})).await.ok().json();
        assert_eq!(history["Parameters"].as_array().unwrap().len(), 1);
    }
}
