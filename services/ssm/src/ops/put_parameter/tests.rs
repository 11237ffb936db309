use alcazar_store::Position;
use serde_json::{Value, json};

use crate::test::{call, outcome, put, put_advanced, told, user_with, world};

#[tokio::test]
async fn a_parameter_is_made_and_its_value_is_not_recorded() {
    let world = world().await;
    let input = json!({"Name": "/app/db", "Value": "one", "Type": "String", "Description": "it", "Tags": [{"Key": "team", "Value": "red"}]});
    let answer = call(&world, "PutParameter", input).await;
    insta::assert_snapshot!(world.told(&answer).await, @r#"
    200
    {
      "Tier": "Standard",
      "Version": 1
    }
    --- recorded
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a20320-a200-7c76-94ec-fd7b0b623b80",
      "eventName": "PutParameter",
      "eventSource": "ssm.amazonaws.com",
      "eventTime": "2026-11-22T12:00:00Z",
      "eventType": "AwsApiCall",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": false,
      "recipientAccountId": "111122223333",
      "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
      "requestParameters": {
        "description": "it",
        "name": "/app/db",
        "tags": [
          {
            "key": "team",
            "value": "red"
          }
        ],
        "type": "String"
      },
      "resources": [
        {
          "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db",
          "accountId": "111122223333",
          "type": "AWS::SSM::Parameter"
        }
      ],
      "responseElements": {
        "tier": "Standard",
        "version": 1
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
}

#[tokio::test]
async fn kms_is_asked_for_the_caller_by_tier() {
    let world = world().await;
    let mut told = Vec::new();
    for tier in ["Standard", "Advanced"] {
        let input =
            json!({"Name": format!("/{tier}"), "Value": "hunter2", "Type": "SecureString", "Tier": tier});
        let _ = call(&world, "PutParameter", input).await.ok();
        let records = world.records(3).await;
        assert!(!records.contains("hunter2"));
        let records = format!("[{}]", records.replace("\n}\n{", "\n},{"));
        let records: Value = serde_json::from_str(&records).unwrap();
        let inner =
            records.as_array().unwrap().iter().filter(|it| {
                it["eventSource"] == "kms.amazonaws.com" && it["userAgent"] == "ssm.amazonaws.com"
            });
        told.extend(inner.map(|it| {
            format!(
                "{tier}: {} {} {}",
                it["eventName"],
                it["requestParameters"]["keyId"],
                it["requestParameters"]["encryptionContext"]
            )
        }));
        let read = call(&world, "GetParameter", json!({"Name": format!("/{tier}"), "WithDecryption": true}))
            .await
            .ok();
        assert_eq!(read.text("/Parameter/Value"), "hunter2");
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    Standard: "Encrypt" "alias/aws/ssm" {"PARAMETER_ARN":"arn:aws:ssm:us-east-1:111122223333:parameter/Standard"}
    Standard: "DescribeKey" "alias/aws/ssm" null
    Advanced: "GenerateDataKey" "alias/aws/ssm" {"PARAMETER_ARN":"arn:aws:ssm:us-east-1:111122223333:parameter/Advanced"}
    "#);
}

#[tokio::test]
async fn names_are_what_aws_takes() {
    let world = world().await;
    let mut lines = Vec::new();
    for name in [
        "/a/b".to_owned(),
        "plain".to_owned(),
        "/plain".to_owned(),
        "a/b".to_owned(),
        "/a//b".to_owned(),
        "/a/b/".to_owned(),
        "/".to_owned(),
        "with space".to_owned(),
        "awsThing".to_owned(),
        "SSM-thing".to_owned(),
        "/aws".to_owned(),
        "/AWS/thing".to_owned(),
        "/awsome/thing".to_owned(),
        "/ssm/thing".to_owned(),
        "/app/aws".to_owned(),
        format!("/{}", vec!["l"; 15].join("/")),
        format!("/{}", vec!["l"; 16].join("/")),
        format!("/{}", "n".repeat(970)),
        "arn:aws:ssm:us-east-1:111122223333:parameter/a".to_owned(),
    ] {
        let short: String = name.chars().take(40).collect();
        let told =
            outcome(&world, "PutParameter", json!({"Name": name, "Value": "v", "Type": "String"})).await;
        lines.push(format!("{short}: {told}"));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    /a/b: 200
    plain: 200
    /plain: 400 ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.
    a/b: 400 ValidationException: Parameter name must be a fully qualified name.
    /a//b: 400 ValidationException: Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_
    /a/b/: 400 ValidationException: Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_
    /: 400 ValidationException: Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_
    with space: 400 ValidationException: Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_
    awsThing: 400 ValidationException: Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).
    SSM-thing: 400 ValidationException: Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).
    /aws: 400 ValidationException: Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).
    /AWS/thing: 400 AccessDeniedException: No access to reserved parameter name: AWS/thing.
    /awsome/thing: 400 AccessDeniedException: No access to reserved parameter name: awsome/thing.
    /ssm/thing: 400 ValidationException: Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_
    /app/aws: 200
    /l/l/l/l/l/l/l/l/l/l/l/l/l/l/l: 200
    /l/l/l/l/l/l/l/l/l/l/l/l/l/l/l/l: 400 HierarchyLevelLimitExceededException: A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.
    /nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: 400 ValidationException: Parameter name: the ARN of the parameter can't be longer than 1011 characters.
    arn:aws:ssm:us-east-1:111122223333:param: 400 ValidationException: Parameter ARN is not supported for this operation.
    "#);
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let world = world().await;
    put(&world, "/held", "v").await;
    let policy =
        r#"[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"1","Unit":"Days"}}]"#;
    let mut lines = Vec::new();
    for input in [
        json!({"Name": "/held", "Value": "v", "Type": "String"}),
        json!({"Name": "/new", "Value": "v"}),
        json!({"Name": "/new", "Value": "", "Type": "String"}),
        json!({"Name": "/new", "Value": "v", "Type": "String", "KeyId": "alias/aws/ssm"}),
        json!({"Name": "/new", "Value": "v", "Type": "SecureString", "KeyId": "alias/none"}),
        json!({"Name": "/held", "Value": "v", "Overwrite": true, "Tags": [{"Key": "k", "Value": "v"}]}),
        json!({"Name": "/new", "Value": "v".repeat(4097), "Type": "String"}),
        json!({"Name": "/new", "Value": "v".repeat(8193), "Type": "String", "Tier": "Intelligent-Tiering"}),
        json!({"Name": "/new", "Value": "12345", "Type": "String", "AllowedPattern": "\\d{1,4}"}),
        json!({"Name": "/new", "Value": "1", "Type": "String", "AllowedPattern": "("}),
        json!({"Name": "/new", "Value": "1", "Type": "String", "DataType": "Text"}),
        json!({"Name": "/new", "Value": "i-1", "Type": "String", "DataType": "aws:ec2:image"}),
        json!({"Name": "/new", "Value": "ami-12345678", "Type": "StringList", "DataType": "aws:ec2:image"}),
        json!({"Name": "/new", "Value": "v", "Type": "String", "Policies": policy}),
        json!({"Name": "/new", "Value": "v", "Type": "String", "Tier": "Advanced", "Policies": "{}"}),
        json!({"Name": "/new", "Value": "v", "Type": "String", "Tags": [{"Key": "aws:x", "Value": "v"}]}),
    ] {
        lines.push(outcome(&world, "PutParameter", input).await);
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    400 ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.
    400 ValidationException: A parameter type is required when you create a parameter.
    400 ValidationException: 1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.
    400 ValidationException: KeyId is required for SecureString type parameter only.
    400 InvalidKeyId: Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found.
    400 ValidationException: Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.
    400 ValidationException: Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
    400 ValidationException: Advanced-tier parameters support a maximum parameter value of 8192 characters.
    400 ParameterPatternMismatchException: Parameter value, cannot be validated against allowedPattern: \d{1,4}
    400 InvalidAllowedPatternException: The request does not meet the regular expression requirement.
    400 ValidationException: The following data type is not supported: Text (Data type names are all lowercase.)
    400 ValidationException: The parameter value is not a valid AMI ID: it must have the format ami-12345abcdeEXAMPLE.
    400 ValidationException: The data type aws:ec2:image is only supported for String parameters.
    400 ValidationException: Parameter policies are supported only for parameters in the advanced-parameter tier. To use policies, upgrade the parameter to the advanced-parameter tier.
    400 ValidationException: Invalid policies input: {}.
    400 ValidationException: Tag keys that begin with aws: are reserved.
    ");
    let none = outcome(&world, "GetParameter", json!({"Name": "/new"})).await;
    assert_eq!(none, "400 ParameterNotFound: ");
}

#[tokio::test]
async fn patterns_and_images_that_fit_are_taken() {
    let world = world().await;
    for input in [
        json!({"Name": "/p", "Value": "1234", "Type": "String", "AllowedPattern": "\\d{1,4}|x"}),
        json!({"Name": "/i", "Value": "ami-12345abcdeEXAMPLE", "Type": "String", "DataType": "aws:ec2:image"}),
        json!({"Name": "/s", "Value": "{}", "Type": "SecureString", "DataType": "aws:ssm:integration"}),
    ] {
        assert_eq!(outcome(&world, "PutParameter", input).await, "200");
    }
    let read = call(&world, "GetParameter", json!({"Name": "/i"})).await.ok();
    assert_eq!(read.text("/Parameter/DataType"), "aws:ec2:image");
}

#[tokio::test]
async fn a_new_version_keeps_the_tier_and_says_the_rest_anew() {
    let world = world().await;
    let put = |input: Value| call(&world, "PutParameter", input);
    let _ = put(json!({"Name": "/p", "Value": "1", "Type": "String", "Tier": "Advanced", "Description": "d", "AllowedPattern": "1"})).await.ok();
    let second = put(json!({"Name": "/p", "Value": "2", "Overwrite": true})).await.ok().json();
    assert_eq!(second, json!({"Version": 2, "Tier": "Advanced"}));
    let back = put(json!({"Name": "/p", "Value": "3", "Overwrite": true, "Tier": "Standard"})).await;
    assert!(
        told(&back).starts_with("400 ValidationException: This parameter uses the advanced-parameter tier.")
    );
    let secure = put(json!({"Name": "/p", "Value": "4", "Overwrite": true, "Type": "SecureString"})).await;
    assert_eq!(secure.ok().text("/Version"), "3");
    let described = call(&world, "DescribeParameters", json!({})).await.ok().json();
    let described = &described["Parameters"][0];
    assert_eq!((&described["Type"], &described["KeyId"]), (&json!("SecureString"), &json!("alias/aws/ssm")));
    assert_eq!((described.get("Description"), described.get("AllowedPattern")), (None, None));
}

#[tokio::test]
async fn an_intelligent_tier_is_advanced_when_it_must_be() {
    let world = world().await;
    let setting = json!({"SettingId": "/ssm/parameter-store/default-parameter-tier", "SettingValue": "Intelligent-Tiering"});
    let _ = call(&world, "UpdateServiceSetting", setting).await.ok();
    let put = |name: &str, length: usize| {
        let input = json!({"Name": name, "Value": "v".repeat(length), "Type": "String", "Overwrite": true});
        let made = call(&world, "PutParameter", input);
        async move { made.await.ok().text("/Tier") }
    };
    assert_eq!(put("/small", 4096).await, "Standard");
    assert_eq!(put("/small", 4097).await, "Advanced");
    assert_eq!(put("/small", 1).await, "Advanced");
    assert_eq!(put("/large", 8192).await, "Advanced");
}

#[tokio::test]
async fn a_hundred_versions_are_kept_and_a_labelled_one_does_not_go() {
    let world = world().await;
    for value in 1..=101 {
        put(&world, "/p", &value.to_string()).await;
    }
    let gone = outcome(&world, "GetParameter", json!({"Name": "/p:1"})).await;
    assert_eq!(
        gone,
        "400 ParameterVersionNotFound: Systems Manager could not find version 1 of /p. Verify the version and try again."
    );
    assert_eq!(
        call(&world, "GetParameter", json!({"Name": "/p:2"})).await.ok().text("/Parameter/Value"),
        "2"
    );
    let label = json!({"Name": "/p", "ParameterVersion": 2, "Labels": ["old"]});
    let _ = call(&world, "LabelParameterVersion", label).await.ok();
    let refused =
        outcome(&world, "PutParameter", json!({"Name": "/p", "Value": "x", "Overwrite": true})).await;
    insta::assert_snapshot!(refused, @"400 ParameterMaxVersionLimitExceeded: You attempted to create a new version of /p by calling the PutParameter API with the overwrite flag. Version 2, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.");
    let history = call(&world, "GetParameterHistory", json!({"Name": "/p"})).await.ok().json();
    assert_eq!(history["Parameters"][0]["Labels"], json!(["old"]));
}

#[tokio::test]
async fn conditions_see_what_the_request_wants() {
    let world = world().await;
    let allow =
        json!({"Effect": "Allow", "Action": ["ssm:PutParameter", "ssm:AddTagsToResource"], "Resource": "*"});
    let deny = |key: &str, value: &str| json!({"Effect": "Deny", "Action": "ssm:*", "Resource": "*", "Condition": {"StringEquals": {key: value}}});
    let statements = json!([
        allow,
        deny("ssm:Overwrite", "true"),
        deny("ssm:Policies", "true"),
        deny("aws:RequestTag/team", "red")
    ]);
    let ann = user_with(&world, "ann", statements).await;
    let policy =
        r#"[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"1","Unit":"Days"}}]"#;
    put_advanced(&world, "/held").await;
    let mut lines = Vec::new();
    for input in [
        json!({"Name": "/one", "Value": "v", "Type": "String"}),
        json!({"Name": "/two", "Value": "v", "Type": "String", "Overwrite": true}),
        json!({"Name": "/three", "Value": "v", "Type": "String", "Tier": "Advanced", "Policies": policy}),
        json!({"Name": "/four", "Value": "v", "Type": "String", "Tags": [{"Key": "team", "Value": "red"}]}),
        json!({"Name": "/five", "Value": "v", "Type": "String", "Tags": [{"Key": "team", "Value": "blue"}]}),
    ] {
        lines.push(told(&world.call_as(&ann, "ssm:PutParameter", &input.to_string()).await));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    200
    400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter/two with an explicit deny in an identity-based policy
    400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter/three with an explicit deny in an identity-based policy
    400 AccessDeniedException: User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter/four with an explicit deny in an identity-based policy
    200
    ");
}

#[tokio::test]
async fn changes_are_told_as_facts_without_values() {
    let world = world().await;
    put(&world, "/p", "hunter2").await;
    put(&world, "/p", "hunter3").await;
    let _ = call(&world, "DeleteParameter", json!({"Name": "/p"})).await.ok();
    let facts = world.corridor.universe().store.facts(Position(0), 100).await.unwrap();
    let told: Vec<String> = facts
        .iter()
        .map(|(_, fact)| {
            let body: Value = rmp_serde::from_slice(&fact.body).unwrap();
            format!(
                "{}: {} {} {}",
                fact.name,
                body["source"],
                body["resources"],
                body["detail"].as_str().unwrap()
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    Parameter Store Change: "aws.ssm" ["arn:aws:ssm:us-east-1:111122223333:parameter/p"] {"name":"/p","operation":"Create","type":"String"}
    Parameter Store Change: "aws.ssm" ["arn:aws:ssm:us-east-1:111122223333:parameter/p"] {"name":"/p","operation":"Update","type":"String"}
    Parameter Store Change: "aws.ssm" ["arn:aws:ssm:us-east-1:111122223333:parameter/p"] {"name":"/p","operation":"Delete","type":"String"}
    "#);
}
