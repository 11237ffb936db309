//! AWS managed keys: one for each service in an account and Region, made when its alias is first asked for. Everybody in the account uses it, through
//! that service alone; nobody changes or deletes it, since its policy gives no such right to anybody. It rotates every year.
//! Source: KMS Developer Guide, "AWS managed keys" and "Predefined AWS aliases".

use std::sync::Arc;

use alcazar_core::{AccountId, Region};
use alcazar_corridor::{Call, Failure, Guard, Job, Operation, Tx, View};
use alcazar_directory::{PolicyDocument, Tags};
use alcazar_material as engine;
use alcazar_policy::{Policy, PolicyKind, ResourceTrust};
use alcazar_store::Scope;
use wire_kms::{KeyManagerType, KeySpec, KeyUsageType, OriginType};

use super::{ALIASES, Alias, HOLDERS, Holder, KEYS, Key, Schedule, days, fresh, new_material};
use crate::jobs::rotate_key::RotateKey;

/// How often AWS managed keys rotate, in days.
const YEAR: i32 = 365;

/// A service that has such a key.
#[derive(Debug)]
pub(crate) struct Managed {
    /// What its alias ends in.
    alias: &'static str,
    /// What `kms:ViaService` begins with.
    service: &'static str,
    /// How people call it.
    name: &'static str,
}

const fn of(alias: &'static str, service: &'static str, name: &'static str) -> Managed {
    Managed { alias, service, name }
}

/// The services that are, or will be, built here, and those whose keys clients ask for first.
static SERVICES: [Managed; 11] = [
    of("acm", "acm", "ACM"),
    of("dynamodb", "dynamodb", "DynamoDB"),
    of("ebs", "ec2", "EBS"),
    of("kinesis", "kinesis", "Kinesis"),
    of("lambda", "lambda", "Lambda"),
    of("rds", "rds", "RDS"),
    of("s3", "s3", "S3"),
    of("secretsmanager", "secretsmanager", "Secrets Manager"),
    of("sns", "sns", "SNS"),
    of("sqs", "sqs", "SQS"),
    of("ssm", "ssm", "Systems Manager"),
];

/// The service whose predefined alias that is.
pub(crate) fn predefined(alias: &str) -> Option<&'static Managed> {
    let name = alias.strip_prefix("alias/aws/")?;
    SERVICES.iter().find(|managed| managed.alias == name)
}

/// A fresh key for that service in the caller's account and the called Region.
pub(crate) async fn managed_key<O: Operation>(call: &Call<O>, managed: &Managed) -> Result<Key, Failure> {
    let (id, now) = (call.uuid(), call.now());
    let arn = call.arn("kms", call.region().name(), call.account(), &format!("key/{id}"));
    let entropy = |bytes: &mut [u8]| call.fill(bytes);
    let material =
        fresh(engine::KeySpec::SymmetricDefault, engine::KeyUsage::EncryptDecrypt, &entropy).await?;
    let seal = |context: &[u8], secret: &[u8]| call.seal(context, secret);
    let material = vec![new_material(&arn, &id, &material, now, None, seal)?];
    let name = managed.name;
    Ok(Key {
        id,
        arn,
        account: call.account(),
        created_at: now,
        description: format!("Default key that protects my {name} data when no other key is defined"),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsageType::EncryptDecrypt,
        origin: OriginType::AwsKms,
        manager: KeyManagerType::Aws,
        enabled: true,
        deletion: None,
        policy: PolicyDocument::new(&policy(call.account(), call.region(), managed)),
        tags: Tags::default(),
        aliases: vec![format!("alias/aws/{}", managed.alias)],
        regions: None,
        deletion_window: None,
        rotation: Some(Schedule { period_days: YEAR, next_at: now.plus(days(YEAR)) }),
        on_demand_rotations: 0,
        on_demand_since: None,
        material,
        pending: None,
        custody: None,
        granted: false,
        counted_in: None,
    })
}

/// Stores it with its alias. Of two callers who ask first, one is decided again and finds the other's.
pub(crate) fn put_managed_key(tx: &mut Tx<'_>, key: &Key) -> Result<(), Failure> {
    let now = tx.now();
    for name in &key.aliases {
        let alias = Alias { name: name.clone(), key_id: key.id.clone(), created_at: now, updated_at: now };
        tx.put(&ALIASES, key.scope(), name.as_str(), &alias)?;
    }
    if let Some(schedule) = key.rotation {
        tx.remind(schedule.next_at, RotateKey::NAME, key.scope(), &key.id)?;
    }
    let holder = Holder { account: key.account, region: key.region() };
    tx.put_new(&HOLDERS, Scope::Installation, key.id.as_str(), &holder)?;
    tx.put_new(&KEYS, key.scope(), key.id.as_str(), key)
}

/// How a key that is not made yet guards itself: as it will when it is, so that whoever may use it has it made.
pub(crate) fn guard_to_be(missing: Guard, managed: &Managed, view: &View) -> Guard {
    let text = policy(view.account(), view.region(), managed);
    let policy = Policy::parse_stored(PolicyKind::Resource, &text).ok().map(Arc::new);
    missing.trusting_nobody(ResourceTrust::KeyPolicy, policy)
}

/// Use through the service, for all of the account; knowledge of the key, for whom its IAM policies let.
fn policy(account: AccountId, region: Region, managed: &Managed) -> String {
    let Managed { alias, service, name } = managed;
    let partition = region.partition().name;
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{alias}-1",
  "Statement" : [ {{
    "Sid" : "Allow access through {name} for all principals in the account that are authorized to use {name}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{service}.{region}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  }} ]
}}"#
    )
}
