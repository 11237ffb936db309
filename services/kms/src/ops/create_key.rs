//! CreateKey: a new customer managed key with fresh material that never leaves.
//!
//! Every spec that can be made is: SYMMETRIC_DEFAULT, HMAC, RSA, the NIST curves, secp256k1, Ed25519, ML-DSA and ML-KEM. A key of origin EXTERNAL
//! waits for its material; a multi-Region key begins as a
//! primary without replicas. A key in an external key store has material here and a key outside, which its proxy is asked about before it is made.
//! SM2, which AWS has in its China Regions alone, is made in every Region by a program built with the feature `sm2`, and refused by name without it.
//! There are no CloudHSM key stores.
//! Source: KMS API reference, `CreateKey`.

use std::sync::Arc;

use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use alcazar_directory::{PolicyDocument, Tags};
use alcazar_material as engine;
use wire_kms::{
    self as wire, KeyManagerType, KeySpec, KeyUsageType, OriginType, UnsupportedOperationException,
};

use crate::model::{
    Asked, HOLDERS, Holder, KEY_KIND, KEYS, Key, KeyCount, Regions, checked_policy, checked_tags,
    default_policy, entrust, fresh, guard_key, keeps_control, located, making, metadata, new_material,
    tag_pairs, take_custody,
};

pub(crate) struct CreateKey;

impl Operation for CreateKey {
    type Shape = wire::CreateKey;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let mut located =
            located(()).need(wire::actions::CREATE_KEY, Guard::any(view.account()), keys(input));
        if input.origin != Some(OriginType::External) {
            located = making(located, spec(input).as_str());
        }
        if let Some(tags) = &input.tags {
            located = located
                .need(wire::actions::TAG_RESOURCE, Guard::any(view.account()), keys(input))
                .tagging(tag_pairs(tags));
        }
        Ok(located)
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = new_key(&call).await?;
        if let Some(custody) = &key.custody {
            entrust(&call, key.origin, custody).await?;
        }
        let holder = Holder { account: call.account(), region: call.region() };
        let count = KeyCount::of(call.here(), call.view()).await?;
        call.commit(|tx, call| {
            count.add::<wire::CreateKey>(tx, &key)?;
            tx.put_new(&KEYS, call.here(), key.id.as_str(), &key)?;
            tx.put_new(&HOLDERS, alcazar_store::Scope::Installation, key.id.as_str(), &holder)?;
            if let Some(custody) = &key.custody {
                take_custody(tx, call.here(), custody, &key.id)?;
            }
            tx.made(KEY_KIND, &key.arn);
            Ok(wire::CreateKeyResponse { key_metadata: Some(metadata(&key)) })
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"Description": "for the tests"}"# }
    }
}

type Refused = Refusal<wire::CreateKey>;

fn keys(input: &Input<CreateKey>) -> wire::CreateKeyKeys {
    let spec = spec(input);
    let multi_region = input.multi_region.unwrap_or(false);
    wire::CreateKeyKeys {
        bypass_policy_lockout_safety_check: input.bypass_policy_lockout_safety_check.unwrap_or(false),
        key_origin: input.origin.unwrap_or(OriginType::AwsKms).to_string(),
        key_spec: spec.to_string(),
        key_usage: usage(input, spec).map(|usage| usage.to_string()).unwrap_or_default(),
        multi_region,
        multi_region_key_type: multi_region.then(|| wire::MultiRegionKeyType::Primary.to_string()),
    }
}

/// The spec asked for, under either name.
fn spec(input: &Input<CreateKey>) -> KeySpec {
    let old = input.customer_master_key_spec.and_then(|spec| KeySpec::from_wire(spec.as_str()));
    input.key_spec.or(old).unwrap_or(KeySpec::SymmetricDefault)
}

/// The usage asked for. Only symmetric encryption keys have one when none is named.
fn usage(input: &Input<CreateKey>, spec: KeySpec) -> Option<KeyUsageType> {
    input.key_usage.or((spec == KeySpec::SymmetricDefault).then_some(KeyUsageType::EncryptDecrypt))
}

async fn new_key(call: &Call<CreateKey>) -> Result<Arc<Key>, Refused> {
    let input = call.input();
    let (spec, usage) = checked(input)?;
    let multi_region = input.multi_region == Some(true);
    let custody = asked(input, spec, usage).custody()?;
    let id = if multi_region { format!("mrk-{}", call.uuid().replace('-', "")) } else { call.uuid() };
    let arn = call.arn("kms", call.region().name(), call.account(), &format!("key/{id}"));
    let mut key = Key {
        id,
        arn,
        account: call.account(),
        created_at: call.now(),
        description: input.description.clone().unwrap_or_default(),
        spec,
        usage,
        origin: input.origin.unwrap_or(OriginType::AwsKms),
        manager: KeyManagerType::Customer,
        enabled: true,
        deletion: None,
        policy: policy(call).await?,
        tags: checked_tags(Tags::default(), input.tags.as_deref().unwrap_or_default())?,
        aliases: Vec::new(),
        regions: multi_region.then(|| Regions { primary: call.region(), replicas: Vec::new() }),
        deletion_window: None,
        rotation: None,
        on_demand_rotations: 0,
        on_demand_since: None,
        material: Vec::new(),
        pending: None,
        custody,
        granted: false,
        counted_in: Some(call.quota_shard()),
    };
    if input.policy.is_some() && input.bypass_policy_lockout_safety_check != Some(true) {
        keeps_control(call, guard_key(&key), &key.policy).await?;
    }
    let (engine_spec, engine_usage) = engine_kind(spec, usage)?;
    if key.origin == OriginType::External {
        return importable(key, engine_spec);
    }
    let material = fresh(engine_spec, engine_usage, &|bytes| call.fill(bytes)).await?;
    let seal = |context: &[u8], secret: &[u8]| call.seal(context, secret);
    key.material.push(new_material(&key.arn, &key.id, &material, call.now(), None, seal)?);
    Ok(Arc::new(key))
}

/// The key that waits for its material, if material of that spec can come.
fn importable(key: Key, spec: engine::KeySpec) -> Result<Arc<Key>, Refused> {
    if spec.is_importable() {
        return Ok(Arc::new(key));
    }
    let message = format!("KeySpec {} is not supported for Origin EXTERNAL.", key.spec);
    Err(UnsupportedOperationException::new(message).into())
}

/// Spec and usage, if such a key can be made.
fn checked(input: &Input<CreateKey>) -> Result<(KeySpec, KeyUsageType), Refused> {
    if input.key_spec.is_some() && input.customer_master_key_spec.is_some() {
        let message = "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.";
        return Err(Failure::validation(message).into());
    }
    let spec = spec(input);
    let Some(usage) = usage(input, spec) else {
        let message =
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
        return Err(Failure::validation(message).into());
    };
    if !engine::KeySpec::from_text(spec.as_str()).is_some_and(engine::KeySpec::is_supported) {
        let message = format!("KeySpec {spec} is not supported.");
        return Err(UnsupportedOperationException::new(message).into());
    }
    Ok((spec, usage))
}

/// What decides on the key's custody.
fn asked(input: &Input<CreateKey>, spec: KeySpec, usage: KeyUsageType) -> Asked<'_> {
    Asked {
        origin: input.origin.unwrap_or(OriginType::AwsKms),
        store_id: input.custom_key_store_id.as_deref(),
        xks_key_id: input.xks_key_id.as_deref(),
        spec,
        usage,
        multi_region: input.multi_region == Some(true),
    }
}

fn engine_kind(spec: KeySpec, usage: KeyUsageType) -> Result<(engine::KeySpec, engine::KeyUsage), Refused> {
    let known = engine::KeySpec::from_text(spec.as_str()).zip(engine::KeyUsage::from_text(usage.as_str()));
    known.filter(|(spec, usage)| spec.usages().contains(usage)).ok_or_else(|| {
        Failure::validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")).into()
    })
}

/// The policy given, or the default one.
async fn policy(call: &Call<CreateKey>) -> Result<PolicyDocument, Refused> {
    match &call.input().policy {
        Some(text) => checked_policy(text, call.view()).await,
        None => Ok(PolicyDocument::new(&default_policy(call.region().partition().name, call.account()))),
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn a_key_is_symmetric_unless_said_otherwise() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world
            .call("kms:CreateKey", r#"{"Description": "mine", "Tags": [{"TagKey": "a", "TagValue": "b"}]}"#)
            .await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyMetadata": {
            "AWSAccountId": "111122223333",
            "Arn": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "CreationDate": 1795348800,
            "CurrentKeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "Description": "mine",
            "Enabled": true,
            "EncryptionAlgorithms": [
              "SYMMETRIC_DEFAULT"
            ],
            "KeyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": false,
            "Origin": "AWS_KMS"
          }
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df2-9c03-41a4dfca3200",
          "eventName": "CreateKey",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": {
            "description": "mine",
            "tags": [
              {
                "tagKey": "a",
                "tagValue": "b"
              }
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
            }
          ],
          "responseElements": {
            "keyMetadata": {
              "aWSAccountId": "111122223333",
              "arn": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "creationDate": "Nov 22, 2026, 12:00:00 PM",
              "currentKeyMaterialId": "f2726ad6a1e45dce1eaa1c97c30731b3659f06a7fc9e0700c71cb90b49a1bd44",
              "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
              "description": "mine",
              "enabled": true,
              "encryptionAlgorithms": [
                "SYMMETRIC_DEFAULT"
              ],
              "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "keyManager": "CUSTOMER",
              "keySpec": "SYMMETRIC_DEFAULT",
              "keyState": "Enabled",
              "keyUsage": "ENCRYPT_DECRYPT",
              "multiRegion": false,
              "origin": "AWS_KMS"
            }
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
    async fn a_multi_region_key_begins_as_a_primary() {
        let world = World::of(&[crate::SERVICE]).await;
        let metadata =
            &world.call("kms:CreateKey", r#"{"MultiRegion": true}"#).await.ok().json()["KeyMetadata"];
        assert!(metadata["KeyId"].as_str().is_some_and(|id| id.starts_with("mrk-") && id.len() == 36));
        insta::assert_snapshot!(metadata["MultiRegionConfiguration"].to_string(), @r#"{"MultiRegionKeyType":"PRIMARY","PrimaryKey":{"Arn":"arn:aws:kms:us-east-1:111122223333:key/mrk-8c7654ecfd7b4b62bb803e2f4e02ad1c","Region":"us-east-1"},"ReplicaKeys":[]}"#);
    }

    #[tokio::test]
    async fn every_spec_is_made_and_tells_its_algorithms() {
        let world = World::of(&[crate::SERVICE]).await;
        let mut told = Vec::new();
        for (spec, usage) in [
            ("HMAC_224", "GENERATE_VERIFY_MAC"),
            ("HMAC_512", "GENERATE_VERIFY_MAC"),
            ("RSA_2048", "ENCRYPT_DECRYPT"),
            ("RSA_3072", "SIGN_VERIFY"),
            ("ECC_NIST_P256", "SIGN_VERIFY"),
            ("ECC_NIST_P384", "KEY_AGREEMENT"),
            ("ECC_NIST_P521", "SIGN_VERIFY"),
            ("ECC_SECG_P256K1", "SIGN_VERIFY"),
            ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
            ("ML_DSA_44", "SIGN_VERIFY"),
            ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
        ] {
            let input = format!(r#"{{"KeySpec": "{spec}", "KeyUsage": "{usage}"}}"#);
            let answer = world.call("kms:CreateKey", &input).await.ok().json();
            let metadata = &answer["KeyMetadata"];
            let lists = [
                "EncryptionAlgorithms",
                "SigningAlgorithms",
                "MacAlgorithms",
                "KeyAgreementAlgorithms",
                "EncapsulationAlgorithms",
            ];
            let list = lists.iter().find_map(|list| metadata.get(*list)).unwrap();
            told.push(format!("{} {} {list}", metadata["KeySpec"], metadata["KeyUsage"]));
        }
        insta::assert_snapshot!(told.join("\n"), @r#"
        "HMAC_224" "GENERATE_VERIFY_MAC" ["HMAC_SHA_224"]
        "HMAC_512" "GENERATE_VERIFY_MAC" ["HMAC_SHA_512"]
        "RSA_2048" "ENCRYPT_DECRYPT" ["RSAES_OAEP_SHA_1","RSAES_OAEP_SHA_256"]
        "RSA_3072" "SIGN_VERIFY" ["RSASSA_PKCS1_V1_5_SHA_256","RSASSA_PKCS1_V1_5_SHA_384","RSASSA_PKCS1_V1_5_SHA_512","RSASSA_PSS_SHA_256","RSASSA_PSS_SHA_384","RSASSA_PSS_SHA_512"]
        "ECC_NIST_P256" "SIGN_VERIFY" ["ECDSA_SHA_256"]
        "ECC_NIST_P384" "KEY_AGREEMENT" ["ECDH"]
        "ECC_NIST_P521" "SIGN_VERIFY" ["ECDSA_SHA_512"]
        "ECC_SECG_P256K1" "SIGN_VERIFY" ["ECDSA_SHA_256"]
        "ECC_NIST_EDWARDS25519" "SIGN_VERIFY" ["ED25519_SHA_512","ED25519_PH_SHA_512"]
        "ML_DSA_44" "SIGN_VERIFY" ["ML_DSA_SHAKE_256"]
        "ML_KEM_768" "ENCAPSULATE_DECAPSULATE" ["ML_KEM"]
        "#);
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_refused_in_words() {
        let world = World::of(&[crate::SERVICE]).await;
        let mut told = Vec::new();
        for input in [
            r#"{"KeySpec": "HMAC_256"}"#,
            r#"{"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"}"#,
            r#"{"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}"#,
            r#"{"Origin": "EXTERNAL_KEY_STORE"}"#,
            r#"{"Origin": "EXTERNAL", "KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}"#,
            r#"{"Policy": "{}"}"#,
            r#"{"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}"#,
            r#"{"Tags": [{"TagKey": "x", "TagValue": ""}, {"TagKey": "x", "TagValue": "y"}]}"#,
        ] {
            told.push(crate::test::refusal(&world, "kms:CreateKey", input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 ValidationException: You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.
        400 ValidationException: KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048
        400 ValidationException: You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.
        400 ValidationException: CustomKeyStoreId is required for Origin EXTERNAL_KEY_STORE.
        400 UnsupportedOperationException: KeySpec ML_KEM_512 is not supported for Origin EXTERNAL.
        400 MalformedPolicyDocumentException: Syntax errors in policy.
        400 TagException: Tags beginning with aws: are reserved
        400 TagException: Duplicate tag keys
        ");
    }

    #[tokio::test]
    async fn a_policy_that_locks_its_author_out_needs_the_bypass() {
        let world = World::of(&[crate::SERVICE]).await;
        let policy = r#"{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:root\"}, \"Action\": \"kms:Encrypt\", \"Resource\": \"*\"}]}"#;
        let refused =
            crate::test::refusal(&world, "kms:CreateKey", &format!(r#"{{"Policy": "{policy}"}}"#)).await;
        assert_eq!(
            refused,
            "400 MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future."
        );
        let input = format!(r#"{{"Policy": "{policy}", "BypassPolicyLockoutSafetyCheck": true}}"#);
        let _ = world.call("kms:CreateKey", &input).await.ok();
    }
}
