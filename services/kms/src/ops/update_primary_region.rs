//! UpdatePrimaryRegion: a replica becomes the primary key, and the primary a replica. Neither is out of use for a moment.
//!
//! Rotation goes on by the same schedule from the new primary.
//! Source: KMS API reference, `UpdatePrimaryRegion`; words of refusals are guessed.

use alcazar_core::Region;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Input, Job, Located, Operation, Output, Refusal, Tx, View,
};
use alcazar_store::Scope;
use wire_kms::{self as wire, UnsupportedOperationException};

use crate::jobs::rotate_key::{RotateKey, RotateKeyNow};
use crate::model::{
    Found, Key, Reference, Regions, change, counting_in, enabled, guard_own, located, not_replica, share,
};

pub(crate) struct UpdatePrimaryRegion;

impl Operation for UpdatePrimaryRegion {
    type Shape = wire::UpdatePrimaryRegion;
    /// The primary, and the replica that is to be.
    type Target = (Found, Found);

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let reference = Reference::read_key(&input.key_id, view);
        // An unknown Region has no key: it is looked for where it was called, and refused later.
        let region = Region::named(&input.primary_region).unwrap_or(view.region());
        let replica = reference.clone().in_region(region).find(view).await?;
        let primary = reference.find(view).await?;
        let (on_primary, on_replica) = (guard_own(&primary, view), guard_own(&replica, view));
        let keys = || wire::UpdatePrimaryRegionKeys { primary_region: input.primary_region.clone() };
        let located = located((primary, replica))
            .need(wire::actions::UPDATE_PRIMARY_REGION, on_primary, keys())
            .need(wire::actions::UPDATE_PRIMARY_REGION, on_replica, keys());
        Ok(counting_in(located, Some(region), "UpdatePrimaryRegion", 1))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let (primary, replica) = call.target();
        let regions = next(primary.key()?, &call.input().primary_region)?;
        let regions = regions.ok_or_else(|| replica.missing())?;
        enabled(replica.key()?)?;
        call.commit(|tx, call| {
            change(tx, &call.target().0, |tx, key| {
                hand_over(tx, key, Scope::Region(key.account, regions.primary))?;
                share(tx, key, |_, other| {
                    other.regions = Some(regions.clone());
                    Ok(())
                })?;
                key.regions = Some(regions.clone());
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("kms:CreateKey", r#"{"MultiRegion": true}"#, &[("key", "/KeyMetadata/KeyId")]),
                ("kms:ReplicateKey", r#"{"KeyId": "${key}", "ReplicaRegion": "eu-west-1"}"#, &[]),
            ],
            input: r#"{"KeyId": "${key}", "PrimaryRegion": "eu-west-1"}"#,
        }
    }
}

/// The Regions as they will be; `None` if there is no replica in that Region.
fn next(key: &Key, region: &str) -> Result<Option<Regions>, Refusal<wire::UpdatePrimaryRegion>> {
    let Some(Regions { primary, mut replicas }) = key.regions.clone() else {
        let message = format!("{} is not a multi-Region primary key.", key.arn);
        return Err(UnsupportedOperationException::new(message).into());
    };
    not_replica(key)?;
    enabled(key)?;
    if region == primary.name() {
        let message = format!("{} is the primary key in {region} already.", key.arn);
        return Err(Failure::validation(message).into());
    }
    let Some(place) = replicas.iter_mut().find(|replica| replica.name() == region) else { return Ok(None) };
    let next = std::mem::replace(place, primary);
    Ok(Some(Regions { primary: next, replicas }))
}

/// What falls due at the primary falls due at the next one.
fn hand_over(tx: &mut Tx<'_>, key: &Key, to: Scope) -> Result<(), Failure> {
    let due = [
        (RotateKey::NAME, key.rotation.map(|schedule| schedule.next_at)),
        (RotateKeyNow::NAME, key.on_demand_since),
    ];
    for (job, at) in due {
        let Some(at) = at else { continue };
        tx.forget(at, job, key.scope(), &key.id)?;
        tx.remind(at, job, to, &key.id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn primary_and_replica_change_places() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"MultiRegion": true}"#).await;
        for region in ["eu-west-1", "ap-southeast-2"] {
            let input = key.with(&format!(r#""ReplicaRegion": "{region}""#));
            let _ = world.call("kms:ReplicateKey", &input).await.ok();
        }
        let input = key.with(r#""PrimaryRegion": "eu-west-1""#);
        let answer = world.call("kms:UpdatePrimaryRegion", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-799a-8588-26ab1f7833c2",
          "eventName": "UpdatePrimaryRegion",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "d879d55d-657d-431d-a993-392fe401f727",
          "requestParameters": {
            "keyId": "mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c",
            "primaryRegion": "eu-west-1"
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
        let told = world.call("kms:DescribeKey", &key.with("")).await.ok().json();
        let regions = &told["KeyMetadata"]["MultiRegionConfiguration"];
        assert_eq!(regions["MultiRegionKeyType"], "REPLICA");
        assert_eq!(regions["PrimaryKey"]["Region"], "eu-west-1");
        let replicas = regions["ReplicaKeys"].as_array().unwrap().iter().map(|replica| &replica["Region"]);
        assert_eq!(replicas.collect::<Vec<_>>(), ["us-east-1", "ap-southeast-2"]);
    }

    #[tokio::test]
    async fn only_a_replica_becomes_primary_and_only_the_primary_gives_way() {
        let mut world = World::of(&[crate::SERVICE]).await;
        let (single, multi) = (key(&world, "{}").await, key(&world, r#"{"MultiRegion": true}"#).await);
        let _ = world.call("kms:ReplicateKey", &multi.with(r#""ReplicaRegion": "eu-west-1""#)).await.ok();
        let mut told = Vec::new();
        for (called, key, region) in [
            ("us-east-1", &single, "eu-west-1"),
            ("us-east-1", &multi, "us-east-1"),
            ("us-east-1", &multi, "eu-west-2"),
            ("us-east-1", &multi, "no-where-1"),
            ("eu-west-1", &multi, "us-east-1"),
        ] {
            world.region = alcazar_core::Region::named(called).unwrap();
            let input = key.with(&format!(r#""PrimaryRegion": "{region}""#));
            told.push(refusal(&world, "kms:UpdatePrimaryRegion", &input).await.replace(&key.id, "<key>"));
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 UnsupportedOperationException: arn:aws:kms:us-east-1:111122223333:key/<key> is not a multi-Region primary key.
        400 ValidationException: arn:aws:kms:us-east-1:111122223333:key/<key> is the primary key in us-east-1 already.
        400 NotFoundException: Key 'arn:aws:kms:eu-west-2:111122223333:key/<key>' does not exist
        400 NotFoundException: Key 'arn:aws:kms:us-east-1:111122223333:key/<key>' does not exist
        400 UnsupportedOperationException: arn:aws:kms:eu-west-1:111122223333:key/<key> is a multi-Region replica key, which is not valid for this operation.
        ");
    }
}
