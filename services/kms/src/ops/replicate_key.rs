//! ReplicateKey: the same key in another Region. It encrypts and decrypts there by itself; policy, tags and description are its own.
//!
//! Material that was made here goes with it; imported material is imported there again. The replica is of use at once.
//! Source: KMS API reference, `ReplicateKey`; words of refusals are guessed.

use alcazar_core::Region;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Job, Located, Operation, Output, Refusal, View,
};
use alcazar_directory::{PolicyDocument, Tags};
use alcazar_store::Scope;
use wire_kms::{self as wire, AlreadyExistsException, MultiRegionKeyType, UnsupportedOperationException};

use crate::jobs::synchronize::Synchronize;
use crate::model::{
    Found, KEY_KIND, KEYS, Key, KeyCount, Reference, change, checked_policy, checked_tags, counting_in,
    default_policy, enabled, guard_key, guard_own, keeps_control, located, metadata, not_replica, seal_again,
    share, tag_pairs,
};

pub(crate) struct ReplicateKey;

impl Operation for ReplicateKey {
    type Shape = wire::ReplicateKey;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        let keys = |kind| keys(input, &found, kind);
        let new = || Guard::any(view.account());
        let (primary, replica) = (keys(MultiRegionKeyType::Primary), keys(MultiRegionKeyType::Replica));
        let tagging = input.tags.as_ref().map(|tags| (keys(MultiRegionKeyType::Replica), tags));
        let mut located = located(found).need(wire::actions::REPLICATE_KEY, guard, primary).need(
            wire::actions::CREATE_KEY,
            new(),
            replica,
        );
        // One of the two is AWS's rehearsal.
        located = counting_in(located, Region::named(&input.replica_region), "CreateKey", 2);
        if let Some((keys, tags)) = tagging {
            located = located.need(wire::actions::TAG_RESOURCE, new(), keys).tagging(tag_pairs(tags));
        }
        Ok(located)
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let replica = replica(&call).await?;
        let tags = replica
            .tags
            .iter()
            .map(|(key, value)| wire::shapes::Tag { tag_key: key.to_owned(), tag_value: value.to_owned() });
        let answer = wire::ReplicateKeyResponse {
            replica_key_metadata: Some(metadata(&replica)),
            replica_policy: Some(replica.policy.text().to_owned()),
            replica_tags: call.input().tags.is_some().then(|| tags.collect()),
        };
        let count = KeyCount::of(replica.scope(), call.view()).await?;
        call.commit(|tx, call| {
            count.add::<wire::ReplicateKey>(tx, &replica)?;
            change::<wire::ReplicateKey, _>(tx, call.target(), |tx, key| {
                // Told first, while the replica is not yet among the relatives.
                share(tx, key, |_, other| {
                    other.regions.clone_from(&replica.regions);
                    Ok(())
                })?;
                key.regions.clone_from(&replica.regions);
                tx.put(&KEYS, replica.scope(), replica.id.as_str(), &replica)?;
                Ok(tx.remind(tx.now(), Synchronize::NAME, replica.scope(), &replica.id)?)
            })?;
            tx.made(KEY_KIND, &replica.arn);
            Ok(answer.clone())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("kms:CreateKey", r#"{"MultiRegion": true}"#, &[("key", "/KeyMetadata/KeyId")])],
            input: r#"{"KeyId": "${key}", "ReplicaRegion": "eu-west-1"}"#,
        }
    }
}

type Refused = Refusal<wire::ReplicateKey>;

/// The keys for the right on the primary, or for that to make the replica.
fn keys(input: &Input<ReplicateKey>, found: &Found, kind: MultiRegionKeyType) -> wire::ReplicateKeyKeys {
    let text = |of: fn(&Key) -> String| found.found().map(|key| of(key)).unwrap_or_default();
    wire::ReplicateKeyKeys {
        bypass_policy_lockout_safety_check: input.bypass_policy_lockout_safety_check.unwrap_or(false),
        key_origin: text(|key| key.origin.to_string()),
        key_spec: text(|key| key.spec.to_string()),
        key_usage: text(|key| key.usage.to_string()),
        multi_region: true,
        multi_region_key_type: Some(kind.to_string()),
        replica_region: input.replica_region.clone(),
    }
}

/// The replica as it will be, if there may be one.
async fn replica(call: &Call<ReplicateKey>) -> Result<Key, Refused> {
    let (input, key) = (call.input(), call.target().key()?);
    let Some(mut regions) = key.regions.clone() else {
        let message = format!("{} is not a multi-Region primary key.", key.arn);
        return Err(UnsupportedOperationException::new(message).into());
    };
    not_replica(key)?;
    enabled(key)?;
    let region = region(&input.replica_region, key)?;
    let held = call.view().get(&KEYS, Scope::Region(key.account, region), key.id.as_str()).await?;
    if held.is_some() {
        let message = format!("{} already exists.", key.arn_in(region));
        return Err(AlreadyExistsException::new(message).into());
    }
    regions.replicas.push(region);
    let arn = key.arn_in(region);
    let again = |material| seal_again(call, key, material, &arn);
    let material = key.material.iter().map(again).collect::<Result<_, Failure>>()?;
    let pending = key.pending.as_ref().map(again).transpose()?;
    let policy = match &input.policy {
        Some(text) => checked_policy(text, call.view()).await?,
        None => PolicyDocument::new(&default_policy(arn.partition(), key.account)),
    };
    let replica = Key {
        arn: arn.clone(),
        created_at: call.now(),
        description: input.description.clone().unwrap_or_default(),
        policy,
        tags: checked_tags(Tags::default(), input.tags.as_deref().unwrap_or_default())?,
        aliases: Vec::new(),
        regions: Some(regions),
        material,
        pending,
        counted_in: Some(call.quota_shard()),
        ..(**key).clone()
    };
    if input.policy.is_some() && input.bypass_policy_lockout_safety_check != Some(true) {
        keeps_control(call, guard_key(&replica), &replica.policy).await?;
    }
    Ok(replica)
}

/// The Region of the replica: one of the primary's partition that this installation serves.
fn region(name: &str, key: &Key) -> Result<Region, Refused> {
    let region = Region::named(name).filter(|region| region.partition().name == key.arn.partition());
    region.ok_or_else(|| Failure::validation(format!("{name} is not a valid Region for a replica.")).into())
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_replica_has_the_same_id_and_material_and_what_it_is_given() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"MultiRegion": true, "Description": "first"}"#).await;
        let input = key.with(
            r#""ReplicaRegion": "eu-west-1", "Description": "second", "Tags": [{"TagKey": "a", "TagValue": "b"}]"#,
        );
        let answer = world.call("kms:ReplicateKey", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ReplicaKeyMetadata": {
            "AWSAccountId": "111122223333",
            "Arn": "arn:aws:kms:eu-west-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
            "CreationDate": 1795348800,
            "CurrentKeyMaterialId": "a55c98892d48440b475bc29a0e0c86510a7b7b44d75e25bc934e0ac9adb33def",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "Description": "second",
            "Enabled": true,
            "EncryptionAlgorithms": [
              "SYMMETRIC_DEFAULT"
            ],
            "KeyId": "mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": true,
            "MultiRegionConfiguration": {
              "MultiRegionKeyType": "REPLICA",
              "PrimaryKey": {
                "Arn": "arn:aws:kms:us-east-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
                "Region": "us-east-1"
              },
              "ReplicaKeys": [
                {
                  "Arn": "arn:aws:kms:eu-west-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
                  "Region": "eu-west-1"
                }
              ]
            },
            "Origin": "AWS_KMS"
          },
          "ReplicaPolicy": "{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {\n    \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {\n      \"AWS\" : \"arn:aws:iam::111122223333:root\"\n    },\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  } ]\n}",
          "ReplicaTags": [
            {
              "TagKey": "a",
              "TagValue": "b"
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-77c0-a559-b74fdab168e5",
          "eventName": "ReplicateKey",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "description": "second",
            "keyId": "mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
            "replicaRegion": "eu-west-1",
            "tags": [
              {
                "tagKey": "a",
                "tagValue": "b"
              }
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            },
            {
              "ARN": "arn:aws:kms:eu-west-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            }
          ],
          "responseElements": {
            "replicaKeyMetadata": {
              "aWSAccountId": "111122223333",
              "arn": "arn:aws:kms:eu-west-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
              "creationDate": "Nov 22, 2026, 12:00:00 PM",
              "currentKeyMaterialId": "a55c98892d48440b475bc29a0e0c86510a7b7b44d75e25bc934e0ac9adb33def",
              "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
              "description": "second",
              "enabled": true,
              "encryptionAlgorithms": [
                "SYMMETRIC_DEFAULT"
              ],
              "keyId": "mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
              "keyManager": "CUSTOMER",
              "keySpec": "SYMMETRIC_DEFAULT",
              "keyState": "Enabled",
              "keyUsage": "ENCRYPT_DECRYPT",
              "multiRegion": true,
              "multiRegionConfiguration": {
                "multiRegionKeyType": "REPLICA",
                "primaryKey": {
                  "arn": "arn:aws:kms:us-east-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
                  "region": "us-east-1"
                },
                "replicaKeys": [
                  {
                    "arn": "arn:aws:kms:eu-west-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
                    "region": "eu-west-1"
                  }
                ]
              },
              "origin": "AWS_KMS"
            },
            "replicaPolicy": "{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {\n    \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {\n      \"AWS\" : \"arn:aws:iam::111122223333:root\"\n    },\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  } ]\n}",
            "replicaTags": [
              {
                "tagKey": "a",
                "tagValue": "b"
              }
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
    }

    #[tokio::test]
    async fn only_an_enabled_primary_goes_once_to_a_region_that_there_is() {
        let world = World::of(&[crate::SERVICE]).await;
        let (single, multi) = (key(&world, "{}").await, key(&world, r#"{"MultiRegion": true}"#).await);
        let to = |region: &str| format!(r#""ReplicaRegion": "{region}""#);
        let _ = world.call("kms:ReplicateKey", &multi.with(&to("eu-west-1"))).await.ok();
        let mut told = Vec::new();
        for (key, rest) in [
            (&single, to("eu-west-1")),
            (&multi, to("eu-west-1")),
            (&multi, to("us-east-1")),
            (&multi, to("cn-north-1")),
            (&multi, to("no-where-1")),
            (&multi, to("eu-west-2") + r#", "Policy": "{}""#),
        ] {
            told.push(refusal(&world, "kms:ReplicateKey", &key.with(&rest)).await.replace(&key.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 UnsupportedOperationException: arn:aws:kms:us-east-1:111122223333:key/<key> is not a multi-Region primary key.
        400 AlreadyExistsException: arn:aws:kms:eu-west-1:111122223333:key/<key> already exists.
        400 AlreadyExistsException: arn:aws:kms:us-east-1:111122223333:key/<key> already exists.
        400 ValidationException: cn-north-1 is not a valid Region for a replica.
        400 ValidationException: no-where-1 is not a valid Region for a replica.
        400 MalformedPolicyDocumentException: Syntax errors in policy.
        ");
    }
}
