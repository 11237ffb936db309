//! GetParameter: a parameter with its value: the newest version, or that of a number or a label.
//!
//! The value of a SecureString is decrypted if the request wants it, for a caller who may decrypt with its key. Secrets of Secrets Manager
//! are read by `/aws/reference/secretsmanager/<id>`, public parameters by `/aws/service/...`, those of other accounts by their ARN.
//! Source: Systems Manager API reference, `GetParameter`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{Found, missing, told, told_public, told_secret};

pub(crate) struct GetParameter;

impl Operation for GetParameter {
    type Shape = wire::GetParameter;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.name, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::GET_PARAMETER, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let parameter = Some(read(&call).await?);
        call.answer(wire::GetParameterResult { parameter }).await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"Name": "/app/db"}"#,
        }
    }
}

async fn read(call: &Call<GetParameter>) -> Result<wire::Parameter, Refusal<wire::GetParameter>> {
    let (found, decrypt) = (call.target(), call.input().with_decryption == Some(true));
    let selector = found.selector.as_deref();
    if let Some(id) = found.secret_id() {
        return told_secret(call, found, id, decrypt).await;
    }
    if let Some(public) = found.public() {
        return told_public(call, public, selector).ok_or_else(|| found.version_missing().into());
    }
    let parameter = found.found().ok_or_else(missing)?;
    let version = found.version(parameter, call.view()).await?.ok_or_else(|| found.version_missing())?;
    told(call, parameter, &version, selector, decrypt).await
}

#[cfg(test)]
mod tests {
    use alcazar_store::Store;
    use serde_json::json;

    use crate::model::catalogue::{Catalogue, publish};
    use crate::test::{call, outcome, put, told, user, world};

    #[tokio::test]
    async fn the_newest_version_is_told() {
        let world = world().await;
        put(&world, "/app/db", "one").await;
        let answer = call(&world, "GetParameter", json!({"Name": "/app/db"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Parameter": {
            "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db",
            "DataType": "text",
            "LastModifiedDate": 1795348800,
            "Name": "/app/db",
            "Type": "String",
            "Value": "one",
            "Version": 1
          }
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-74ac-816a-f38f59d2ddeb",
          "eventName": "GetParameter",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "3ed2b061-1e97-4a9c-be87-c83e7ed97c2d",
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
    async fn versions_labels_and_arns_lead_to_values() {
        let world = world().await;
        for value in ["one", "two", "three"] {
            put(&world, "/app/db", value).await;
        }
        let label = json!({"Name": "/app/db", "ParameterVersion": 1, "Labels": ["first"]});
        let _ = call(&world, "LabelParameterVersion", label).await.ok();
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/app/db";
        let mut lines = Vec::new();
        for name in [
            "/app/db".to_owned(),
            "/app/db:2".to_owned(),
            "/app/db:first".to_owned(),
            "/app/db:3".to_owned(),
            arn.to_owned(),
            format!("{arn}:2"),
            format!("{arn}:first"),
            "/app/db:4".to_owned(),
            "/app/db:0".to_owned(),
            "/app/db:second".to_owned(),
            "/app/db:2:3".to_owned(),
            "/app/db:".to_owned(),
            "/app".to_owned(),
            "/app/db/".to_owned(),
            arn.replace("us-east-1", "eu-west-1"),
            arn.replace("ssm", "sqs"),
            "arn:nothing".to_owned(),
        ] {
            let answer = call(&world, "GetParameter", json!({"Name": name})).await;
            let line = match answer.status {
                200 => {
                    let json = answer.json();
                    let it = &json["Parameter"];
                    format!("{} {} {} {}", it["Name"], it["Version"], it["Selector"], it["Value"])
                }
                _ => told(&answer),
            };
            lines.push(format!("{name} -> {line}"));
        }
        insta::assert_snapshot!(lines.join("\n"), @r#"
        /app/db -> "/app/db" 3 null "three"
        /app/db:2 -> "/app/db" 2 ":2" "two"
        /app/db:first -> "/app/db" 1 ":first" "one"
        /app/db:3 -> "/app/db" 3 ":3" "three"
        arn:aws:ssm:us-east-1:111122223333:parameter/app/db -> "/app/db" 3 null "three"
        arn:aws:ssm:us-east-1:111122223333:parameter/app/db:2 -> "/app/db" 2 ":2" "two"
        arn:aws:ssm:us-east-1:111122223333:parameter/app/db:first -> "/app/db" 1 ":first" "one"
        /app/db:4 -> 400 ParameterVersionNotFound: Systems Manager could not find version 4 of /app/db. Verify the version and try again.
        /app/db:0 -> 400 ParameterVersionNotFound: Systems Manager could not find version 0 of /app/db. Verify the version and try again.
        /app/db:second -> 400 ParameterVersionNotFound: Systems Manager could not find label second of /app/db. Verify the label and try again.
        /app/db:2:3 -> 400 ValidationException: Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>
        /app/db: -> 400 ValidationException: Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>
        /app -> 400 ParameterNotFound: 
        /app/db/ -> 400 ParameterNotFound: 
        arn:aws:ssm:eu-west-1:111122223333:parameter/app/db -> 400 ParameterNotFound: 
        arn:aws:sqs:us-east-1:111122223333:parameter/app/db -> 400 ParameterNotFound: 
        arn:nothing -> 400 ParameterNotFound:
        "#);
    }

    #[tokio::test]
    async fn a_secure_string_needs_the_right_to_decrypt() {
        let world = world().await;
        let put = json!({"Name": "/app/pw", "Value": "hunter2", "Type": "SecureString"});
        let _ = call(&world, "PutParameter", put).await.ok();
        let key = world.call("kms:CreateKey", "{}").await.ok().text("/KeyMetadata/Arn");
        let put = json!({"Name": "/app/own", "Value": "hunter3", "Type": "SecureString", "KeyId": key});
        let _ = call(&world, "PutParameter", put).await.ok();
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/app/*";
        let ann = user(&world, "ann", &[("ssm:GetParameter", arn)]).await;
        let bob = user(&world, "bob", &[("ssm:GetParameter", arn), ("kms:Decrypt", &key)]).await;
        let mut lines = Vec::new();
        for (who, credentials) in [("ann", &ann), ("bob", &bob)] {
            for name in ["/app/pw", "/app/own"] {
                let input = json!({"Name": name, "WithDecryption": true}).to_string();
                let answer = world.call_as(credentials, "ssm:GetParameter", &input).await;
                let line = if answer.status == 200 { answer.text("/Parameter/Value") } else { told(&answer) };
                lines.push(format!("{who} {name}: {}", line.replace(&key, "KEY")));
            }
        }
        let shut =
            call(&world, "GetParameter", json!({"Name": "/app/pw"})).await.ok().text("/Parameter/Value");
        assert!(shut.len() > 100 && !shut.contains("hunter2"), "{shut}");
        insta::assert_snapshot!(lines.join("\n"), @"
        ann /app/pw: hunter2
        ann /app/own: 400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: kms:Decrypt on resource: KEY because no identity-based policy allows the kms:Decrypt action
        bob /app/pw: hunter2
        bob /app/own: hunter3
        ");
    }

    #[tokio::test]
    async fn rights_follow_the_path_and_tell_nothing_of_what_is_missing() {
        let world = world().await;
        put(&world, "/app/db", "one").await;
        let ann = user(
            &world,
            "ann",
            &[("ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/app/*")],
        )
        .await;
        let mut lines = Vec::new();
        for name in ["/app/db", "/app/none", "/other/none", "plain", "/app/db:7"] {
            let answer = world.call_as(&ann, "ssm:GetParameter", &json!({"Name": name}).to_string()).await;
            lines.push(format!("{name}: {}", told(&answer)));
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        /app/db: 200
        /app/none: 400 ParameterNotFound: 
        /other/none: 400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter/other/none because no identity-based policy allows the ssm:GetParameter action
        plain: 400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter/plain because no identity-based policy allows the ssm:GetParameter action
        /app/db:7: 400 ParameterVersionNotFound: Systems Manager could not find version 7 of /app/db. Verify the version and try again.
        ");
    }

    #[tokio::test]
    async fn tags_decide() {
        let world = world().await;
        let input = json!({"Name": "/red", "Value": "v", "Type": "String", "Tags": [{"Key": "team", "Value": "red"}]});
        let _ = call(&world, "PutParameter", input).await.ok();
        put(&world, "/blue", "v").await;
        let statement = json!([{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}]);
        let ann = crate::test::user_with(&world, "ann", statement).await;
        for (name, status) in [("/red", 200), ("/blue", 400)] {
            let answer = world.call_as(&ann, "ssm:GetParameter", &json!({"Name": name}).to_string()).await;
            assert_eq!(answer.status, status, "{name}");
        }
    }

    #[tokio::test]
    async fn a_secret_is_read_by_its_reference() {
        let world = world().await;
        let token = "11111111111111111111111111111111";
        let secret = json!({"Name": "app/db", "SecretString": "hunter2", "ClientRequestToken": token});
        let _ = world.call("secretsmanager:CreateSecret", &secret.to_string()).await.ok();
        let binary = json!({"Name": "bytes", "SecretBinary": "AAAA"});
        let _ = world.call("secretsmanager:CreateSecret", &binary.to_string()).await.ok();
        let reference = "/aws/reference/secretsmanager/app/db";
        let answer = call(&world, "GetParameter", json!({"Name": reference, "WithDecryption": true})).await;
        let world_said = answer.to_string();
        insta::assert_snapshot!(world_said, @r#"
        200
        {
          "Parameter": {
            "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
            "DataType": "text",
            "LastModifiedDate": 1795348800,
            "Name": "/aws/reference/secretsmanager/app/db",
            "SourceResult": "{\"ARN\":\"arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI\",\"name\":\"app/db\",\"versionId\":\"11111111111111111111111111111111\",\"versionStages\":[\"AWSCURRENT\"]}",
            "Type": "SecureString",
            "Value": "hunter2",
            "Version": 0
          }
        }
        "#);
        assert!(!world.records(3).await.contains("hunter2"));
        let mut lines = Vec::new();
        for name in [
            format!("{reference}:AWSCURRENT"),
            format!("{reference}:{token}"),
            format!("{reference}:AWSPREVIOUS"),
            "/aws/reference/secretsmanager/none".to_owned(),
            "/aws/reference/secretsmanager/bytes".to_owned(),
        ] {
            lines.push(outcome(&world, "GetParameter", json!({"Name": name, "WithDecryption": true})).await);
        }
        lines.push(outcome(&world, "GetParameter", json!({"Name": reference})).await);
        let ann = user(&world, "ann", &[("ssm:GetParameter", "*")]).await;
        let input = json!({"Name": reference, "WithDecryption": true}).to_string();
        lines.push(told(&world.call_as(&ann, "ssm:GetParameter", &input).await));
        insta::assert_snapshot!(lines.join("\n"), @"
        200
        200
        400 ParameterNotFound: An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret /aws/reference/secretsmanager/app/db not found.
        400 ParameterNotFound: An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret /aws/reference/secretsmanager/none not found.
        400 ValidationException: The secret has a binary value, which Parameter Store can't retrieve.
        400 ValidationException: WithDecryption flag must be True for retrieving a Secret Manager secret.
        400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI because no identity-based policy allows the secretsmanager:GetSecretValue action
        ");
    }

    #[tokio::test]
    async fn public_parameters_are_what_the_operator_publishes() {
        let world = world().await;
        let name = "/aws/service/images/linux";
        assert_eq!(outcome(&world, "GetParameter", json!({"Name": name})).await, "400 ParameterNotFound: ");
        let catalogue = |value: &str| -> Catalogue {
            let regions = json!({"eu-west-1": "ami-2"});
            serde_json::from_value(json!({"parameters": [{"name": name, "value": value, "regions": regions, "data-type": "aws:ec2:image"}]})).unwrap()
        };
        let store: &dyn Store = &*world.corridor.universe().store;
        let now = world.corridor.universe().clock.now();
        for value in ["ami-0", "ami-1", "ami-1"] {
            publish(store, &catalogue(value), now).await.unwrap();
        }
        let ann =
            user(&world, "ann", &[("ssm:GetParameter", "arn:aws:ssm:us-east-1::parameter/aws/service/*")])
                .await;
        let answer = world.call_as(&ann, "ssm:GetParameter", &json!({"Name": name}).to_string()).await;
        insta::assert_snapshot!(answer, @r#"
        200
        {
          "Parameter": {
            "ARN": "arn:aws:ssm:us-east-1::parameter/aws/service/images/linux",
            "DataType": "aws:ec2:image",
            "LastModifiedDate": 1795348800,
            "Name": "/aws/service/images/linux",
            "Type": "String",
            "Value": "ami-1",
            "Version": 2
          }
        }
        "#);
        let by_arn = json!({"Name": format!("arn:aws:ssm:us-east-1::parameter{name}:2")});
        assert_eq!(outcome(&world, "GetParameter", by_arn).await, "200");
        let old = outcome(&world, "GetParameter", json!({"Name": format!("{name}:1")})).await;
        assert!(old.starts_with("400 ParameterVersionNotFound"), "{old}");
        publish(store, &Catalogue::default(), now).await.unwrap();
        assert_eq!(outcome(&world, "GetParameter", json!({"Name": name})).await, "400 ParameterNotFound: ");
    }
}
