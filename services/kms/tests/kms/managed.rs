//! AWS managed keys: made when first asked for, and of use through their service alone.

use std::time::Duration;

use alcazar_core::schema;
use alcazar_core::{NoKeys, Shape};
use alcazar_corridor::{
    Call, Committed, Entry, Example, Input, Located, Operation, Output, Refusal, ServiceEntry, View,
};
use alcazar_testkit::{Credentials, World};
use serde_json::json;
use wire_sts as wire;

use crate::people::{ACCOUNT, OTHER, call, key, outcome, user};

/// Two services that ask KMS on their callers' behalf: they have names that exist, and STS's messages for want of their own.
static SECRETS: schema::Service = schema::Service {
    id: "secretsmanager",
    service_id: "Secrets Manager",
    signing_name: "secretsmanager",
    endpoint_prefix: "secretsmanager",
    principal: "secretsmanager.amazonaws.com",
    api_version: "2011-06-15",
    target_prefix: "",
    protocols: &[schema::Protocol::AwsQuery],
    query_compatible: false,
    xml_namespace: None,
    global: false,
};

static SEAL: schema::Operation = schema::Operation {
    service: &SECRETS,
    name: "GetCallerIdentity",
    method: "POST",
    uri: "/",
    status: 200,
    input: wire::get_caller_identity::GET_CALLER_IDENTITY_OPERATION.input,
    output: wire::get_caller_identity::GET_CALLER_IDENTITY_OPERATION.output,
    result_wrapper: None,
    errors: &[],
    kind: schema::OperationKind::Read,
    unsigned: false,
};

struct Seal;

impl Shape for Seal {
    type Input = wire::GetCallerIdentityRequest;
    type Output = wire::GetCallerIdentityResponse;
    type Keys = NoKeys;
    const OPERATION: &'static schema::Operation = &SEAL;
    const ACTIONS: &'static [&'static str] = &[];
}

/// What both do: have the key of Secrets Manager made, and a data key by it.
async fn seal<O>(call: Call<O>) -> Result<Committed<Output<O>>, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Shape<Output = wire::GetCallerIdentityResponse>,
{
    let alias = "alias/aws/secretsmanager".to_owned();
    let asked = async {
        let _ = call.ask::<wire_kms::DescribeKey>(wire_kms::DescribeKeyRequest::new(alias.clone())).await?;
        let input = wire_kms::GenerateDataKeyRequest {
            number_of_bytes: Some(16),
            ..wire_kms::GenerateDataKeyRequest::new(alias)
        };
        call.ask::<wire_kms::GenerateDataKey>(input).await
    };
    let told = match asked.await {
        Ok(answer) => answer.key_id.unwrap(),
        Err(fault) => fault.to_string(),
    };
    call.answer(wire::GetCallerIdentityResponse { arn: Some(told), ..Default::default() }).await
}

struct AskedBySecrets;
struct AskedBySts;

impl Operation for AskedBySecrets {
    type Shape = Seal;
    type Target = ();

    async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::open("what is asked for is decided on by itself", ()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        seal(call).await
    }

    fn example() -> Example {
        Example::default()
    }
}

impl Operation for AskedBySts {
    type Shape = wire::GetCallerIdentity;
    type Target = ();

    async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::open("what is asked for is decided on by itself", ()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        seal(call).await
    }

    fn example() -> Example {
        Example::default()
    }
}

const SECRETS_ENTRY: ServiceEntry =
    ServiceEntry { service: &SECRETS, operations: &[Entry::of::<AskedBySecrets>()], jobs: &[], billed: None };

const STS_ENTRY: ServiceEntry = ServiceEntry {
    service: &wire::SERVICE,
    operations: &[Entry::of::<AskedBySts>()],
    jobs: &[],
    billed: None,
};

async fn world() -> World {
    World::of(&[alcazar_kms::SERVICE, alcazar_iam::SERVICE, SECRETS_ENTRY, STS_ENTRY]).await
}

/// The key's ARN, or the refusal.
async fn sealed(world: &World, who: &Credentials, service: &str) -> String {
    world.call_as(who, &format!("{service}:GetCallerIdentity"), "{}").await.ok().text("/Arn")
}

#[tokio::test]
async fn it_is_made_when_it_is_first_asked_for_and_then_it_is_that_one() {
    let world = world().await;
    let asked = json!({"KeyId": "alias/aws/secretsmanager"});
    let first = call(&world, &world.root, "kms:DescribeKey", asked.clone()).await.ok();
    insta::assert_snapshot!(first.to_string(), @r#"
    200
    {
      "KeyMetadata": {
        "AWSAccountId": "111122223333",
        "Arn": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
        "CreationDate": 1795348800,
        "CurrentKeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "Default key that protects my Secrets Manager data when no other key is defined",
        "Enabled": true,
        "EncryptionAlgorithms": [
          "SYMMETRIC_DEFAULT"
        ],
        "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
        "KeyManager": "AWS",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": false,
        "Origin": "AWS_KMS"
      }
    }
    "#);
    let second = call(&world, &world.root, "kms:DescribeKey", asked).await.ok();
    assert_eq!(first.json(), second.json());
    let id = first.text("/KeyMetadata/KeyId");
    let policy =
        call(&world, &world.root, "kms:GetKeyPolicy", json!({"KeyId": id})).await.ok().text("/Policy");
    insta::assert_snapshot!(policy, @r#"
    {
      "Version" : "2012-10-17",
      "Id" : "auto-secretsmanager-1",
      "Statement" : [ {
        "Sid" : "Allow access through Secrets Manager for all principals in the account that are authorized to use Secrets Manager",
        "Effect" : "Allow",
        "Principal" : {
          "AWS" : "*"
        },
        "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
        "Resource" : "*",
        "Condition" : {
          "StringEquals" : {
            "kms:CallerAccount" : "111122223333",
            "kms:ViaService" : "secretsmanager.us-east-1.amazonaws.com"
          }
        }
      }, {
        "Sid" : "Allow direct access to key metadata to the account",
        "Effect" : "Allow",
        "Principal" : {
          "AWS" : "arn:aws:iam::111122223333:root"
        },
        "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
        "Resource" : "*"
      } ]
    }
    "#);
    // Another account has its own.
    let other = world.account(OTHER).await;
    let asked = json!({"KeyId": "alias/aws/secretsmanager"});
    let theirs = call(&world, &other, "kms:DescribeKey", asked).await.ok();
    assert_ne!(theirs.text("/KeyMetadata/KeyId"), id);
    // Who may not describe keys does not make one, nor is there one for a service that is none.
    let nobody = user(&world, &world.root, "nobody", &[]).await;
    let asked = |name: &str| json!({"KeyId": format!("alias/aws/{name}")});
    let told = outcome(&call(&world, &nobody, "kms:DescribeKey", asked("s3")).await);
    assert!(told.starts_with("400 AccessDeniedException"), "{told}");
    let told = outcome(&call(&world, &world.root, "kms:DescribeKey", asked("none")).await);
    assert!(told.starts_with("400 NotFoundException"), "{told}");
    let listed = call(&world, &world.root, "kms:ListAliases", json!({})).await.ok().json();
    assert_eq!(listed["Aliases"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn only_its_service_uses_it_and_for_its_account_alone() {
    let world = world().await;
    // The policy is enough for everybody in the account, from the first time on.
    let nobody = user(&world, &world.root, "nobody", &[]).await;
    let told = sealed(&world, &nobody, "sts").await;
    assert!(told.contains("is not authorized to perform: kms:DescribeKey"), "{told}");
    let arn = sealed(&world, &nobody, "secretsmanager").await;
    assert!(arn.starts_with("arn:aws:kms:us-east-1:111122223333:key/"), "{arn}");
    assert_eq!(sealed(&world, &world.root, "secretsmanager").await, arn);
    let told = sealed(&world, &world.root, "sts").await;
    assert!(told.contains("is not authorized to perform: kms:GenerateDataKey"), "{told}");
    let other = world.account(OTHER).await;
    let direct = json!({"KeyId": arn, "NumberOfBytes": 16});
    for who in [&world.root, &nobody, &other] {
        let told = outcome(&call(&world, who, "kms:GenerateDataKey", direct.clone()).await);
        assert!(told.starts_with("400 AccessDeniedException"), "{told}");
    }
}

#[tokio::test]
async fn nobody_changes_it() {
    let world = world().await;
    let asked = json!({"KeyId": "alias/aws/secretsmanager"});
    let id = call(&world, &world.root, "kms:DescribeKey", asked).await.ok().text("/KeyMetadata/KeyId");
    let (own, _) = key(&world, json!({})).await;
    let admin = user(&world, &world.root, "admin", &["kms:*"]).await;
    let named = json!({"KeyId": id});
    for who in [&world.root, &admin] {
        for (operation, input) in [
            ("ScheduleKeyDeletion", named.clone()),
            ("DisableKey", named.clone()),
            ("EnableKeyRotation", named.clone()),
            ("DisableKeyRotation", named.clone()),
            ("RotateKeyOnDemand", named.clone()),
            ("UpdateKeyDescription", json!({"KeyId": id, "Description": "mine"})),
            ("TagResource", json!({"KeyId": id, "Tags": []})),
            ("PutKeyPolicy", json!({"KeyId": id, "Policy": "{}"})),
            ("CreateAlias", json!({"AliasName": "alias/mine", "TargetKeyId": id})),
            ("UpdateAlias", json!({"AliasName": "alias/aws/secretsmanager", "TargetKeyId": own})),
            ("DeleteAlias", json!({"AliasName": "alias/aws/secretsmanager"})),
            (
                "CreateGrant",
                json!({"KeyId": id, "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:root"), "Operations": ["Decrypt"]}),
            ),
        ] {
            let told = outcome(&call(&world, who, &format!("kms:{operation}"), input).await);
            assert!(told.starts_with("400 AccessDeniedException"), "{operation}: {told}");
        }
    }
}

#[tokio::test]
async fn it_rotates_every_year() {
    let world = world().await;
    let asked = json!({"KeyId": "alias/aws/secretsmanager"});
    let id = call(&world, &world.root, "kms:DescribeKey", asked).await.ok().text("/KeyMetadata/KeyId");
    let status =
        call(&world, &world.root, "kms:GetKeyRotationStatus", json!({"KeyId": id})).await.ok().json();
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(365)));
    let year = Duration::from_secs(365 * 86_400);
    assert_eq!((world.pass(year).await, world.pass(year).await), (1, 1));
}
