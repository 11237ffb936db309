//! KMS asked by another service on a caller's behalf.

use alcazar_corridor::{
    Call, Committed, Entry, Example, Input, Located, Operation, Output, Refusal, ServiceEntry, View,
};
use alcazar_testkit::World;
use wire_sts as wire;

use crate::people::key;

/// A service that asks KMS for a data key. Its name is one that exists, its doing is not.
const ASKING: ServiceEntry = ServiceEntry {
    service: &wire::SERVICE,
    operations: &[Entry::of::<Asking>(), Entry::of::<Failing>()],
    jobs: &[],
    billed: None,
};

struct Asking;

impl Operation for Asking {
    type Shape = wire::GetCallerIdentity;
    type Target = ();

    async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::open("what is asked for is decided on by itself", ()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = wire_kms::GenerateDataKeyRequest {
            number_of_bytes: Some(16),
            ..wire_kms::GenerateDataKeyRequest::new("alias/asked".to_owned())
        };
        let told = match call.ask::<wire_kms::GenerateDataKey>(input).await {
            Ok(answer) => answer.key_id.unwrap(),
            Err(fault) => fault.to_string(),
        };
        call.answer(wire::GetCallerIdentityResponse { arn: Some(told), ..Default::default() }).await
    }

    fn example() -> Example {
        Example::default()
    }
}

#[tokio::test]
async fn what_a_service_asks_is_decided_as_the_callers_and_recorded_as_the_services() {
    let world = World::of(&[alcazar_kms::SERVICE, ASKING]).await;
    let (id, arn) = key(&world, serde_json::json!({})).await;
    let policy = r#"{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"kms:GenerateDataKey\", \"Resource\": \"*\", \"Condition\": {\"StringEquals\": {\"kms:ViaService\": \"sts.us-east-1.amazonaws.com\", \"aws:CalledViaLast\": \"sts.amazonaws.com\"}}}, {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:root\"}, \"Action\": [\"kms:CreateAlias\", \"kms:PutKeyPolicy\"], \"Resource\": \"*\"}]}"#;
    for (operation, input) in [
        ("kms:CreateAlias", format!(r#"{{"AliasName": "alias/asked", "TargetKeyId": "{id}"}}"#)),
        ("kms:PutKeyPolicy", format!(r#"{{"KeyId": "{id}", "Policy": "{policy}"}}"#)),
    ] {
        let _ = world.call(operation, &input).await.ok();
    }
    let direct = world.call("kms:GenerateDataKey", r#"{"KeyId": "alias/asked", "NumberOfBytes": 16}"#).await;
    assert_eq!((direct.status, direct.text("/__type")), (400, "AccessDeniedException".to_owned()));
    let asked = world.call("sts:GetCallerIdentity", "{}").await.ok();
    assert_eq!(asked.text("/Arn"), arn);
    insta::assert_snapshot!(world.records(2).await, @r#"
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a20320-a200-7145-a2c3-357b64f7b3a0",
      "eventName": "GetCallerIdentity",
      "eventSource": "sts.amazonaws.com",
      "eventTime": "2026-11-22T12:00:00Z",
      "eventType": "AwsApiCall",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": true,
      "recipientAccountId": "111122223333",
      "requestID": "d879d55d-657d-431d-a993-392fe401f727",
      "requestParameters": null,
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
    {
      "awsRegion": "us-east-1",
      "eventCategory": "Management",
      "eventID": "01a20320-a200-7d9a-ab68-56ed934cc554",
      "eventName": "GenerateDataKey",
      "eventSource": "kms.amazonaws.com",
      "eventTime": "2026-11-22T12:00:00Z",
      "eventType": "AwsApiCall",
      "eventVersion": "1.11",
      "managementEvent": true,
      "readOnly": true,
      "recipientAccountId": "111122223333",
      "requestID": "d99a8588-26ab-4f78-b3c2-df888d5897c2",
      "requestParameters": {
        "keyId": "alias/asked",
        "numberOfBytes": 16
      },
      "resources": [
        {
          "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "accountId": "111122223333",
          "type": "AWS::KMS::Key"
        }
      ],
      "responseElements": null,
      "sourceIPAddress": "sts.amazonaws.com",
      "userAgent": "sts.amazonaws.com",
      "userIdentity": {
        "accessKeyId": "AKIAROOTROOTROOTROOT",
        "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:root",
        "invokedBy": "sts.amazonaws.com",
        "principalId": "111122223333",
        "type": "Root"
      }
    }
    "#);
}

#[tokio::test]
async fn a_refusal_comes_back_to_the_service_that_asked() {
    let world = World::of(&[alcazar_kms::SERVICE, ASKING]).await;
    let asked = world.call("sts:GetCallerIdentity", "{}").await.ok();
    assert_eq!(asked.text("/Arn"), "Alias arn:aws:kms:us-east-1:111122223333:alias/asked is not found.");
}

/// An operation with a fault that no input should bring about.
struct Failing;

impl Operation for Failing {
    type Shape = wire::GetSessionToken;
    type Target = ();

    async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::open("it does nothing", ()))
    }

    async fn run(_: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        panic!("a fault of the program");
    }

    fn example() -> Example {
        Example::default()
    }
}

#[tokio::test]
async fn a_call_that_panics_is_answered_and_recorded() {
    let world = World::of(&[ASKING]).await;
    let answer = world.call("sts:GetSessionToken", "{}").await;
    assert_eq!((answer.status, answer.text("/Code")), (500, "InternalFailure".to_owned()));
    let record: serde_json::Value = serde_json::from_str(&world.records(1).await).unwrap();
    assert_eq!(
        (&record["eventName"], &record["errorCode"]),
        (&"GetSessionToken".into(), &"InternalFailure".into())
    );
    assert!(!record["errorMessage"].to_string().contains("fault of the program"), "{record}");
}
