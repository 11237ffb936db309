//! Who gets in: key policies, IAM, conditions, other accounts.

use alcazar_testkit::World;
use serde_json::{Value, json};

use crate::people::{ACCOUNT, OTHER, allow, call, key, key_policy, outcome, statement, user, world};

fn encrypt(key: &str) -> Value {
    json!({"KeyId": key, "Plaintext": "c2VjcmV0"})
}

fn denied(answer: &alcazar_testkit::Answer) -> bool {
    outcome(answer).starts_with("400 AccessDeniedException")
}

#[tokio::test]
async fn the_default_policy_leaves_it_to_iam() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let may = user(&world, &world.root, "may", &["kms:Encrypt"]).await;
    let nobody = user(&world, &world.root, "nobody", &[]).await;
    let _ = call(&world, &may, "kms:Encrypt", encrypt(&id)).await.ok();
    assert!(denied(&call(&world, &may, "kms:DescribeKey", json!({"KeyId": id})).await));
    let told = outcome(&call(&world, &nobody, "kms:Encrypt", encrypt(&id)).await).replace(&id, "<key>");
    insta::assert_snapshot!(told, @"400 AccessDeniedException: User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: kms:Encrypt on resource: arn:aws:kms:us-east-1:111122223333:key/<key> because no identity-based policy allows the kms:Encrypt action");
}

#[tokio::test]
async fn a_policy_that_does_not_name_the_account_locks_iam_out() {
    let world = world().await;
    let alice = user(&world, &world.root, "alice", &[]).await;
    let admin = user(&world, &world.root, "admin", &["kms:*"]).await;
    let policy = key_policy(&[allow(&format!("arn:aws:iam::{ACCOUNT}:user/alice"), &["kms:Encrypt"])]);
    let (id, _) = key(&world, json!({"Policy": policy})).await;
    let _ = call(&world, &alice, "kms:Encrypt", encrypt(&id)).await.ok();
    let told = outcome(&call(&world, &admin, "kms:Encrypt", encrypt(&id)).await).replace(&id, "<key>");
    insta::assert_snapshot!(told, @"400 AccessDeniedException: User: arn:aws:iam::111122223333:user/admin is not authorized to perform: kms:Encrypt on resource: arn:aws:kms:us-east-1:111122223333:key/<key> because no resource-based policy allows the kms:Encrypt action");
}

#[tokio::test]
async fn a_user_who_could_not_change_the_policy_again_cannot_set_it() {
    let world = world().await;
    let setter = user(&world, &world.root, "setter", &["kms:CreateKey"]).await;
    let told = outcome(&call(&world, &setter, "kms:CreateKey", json!({"Policy": key_policy(&[])})).await);
    assert_eq!(
        told,
        "400 MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future."
    );
    let own = key_policy(&[allow(&format!("arn:aws:iam::{ACCOUNT}:user/setter"), &["kms:PutKeyPolicy"])]);
    let _ = call(&world, &setter, "kms:CreateKey", json!({"Policy": own})).await.ok();
    // Delegated to the account, it is for the user's own IAM policy to say, and that does not.
    let delegated = statement(allow(&format!("arn:aws:iam::{ACCOUNT}:root"), &["kms:*"]));
    let told = outcome(&call(&world, &setter, "kms:CreateKey", json!({"Policy": delegated})).await);
    assert!(told.starts_with("400 MalformedPolicyDocumentException"), "{told}");
}

#[tokio::test]
async fn a_stranger_is_not_told_whether_a_key_is_there() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let nobody = user(&world, &world.root, "nobody", &[]).await;
    let absent = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let mut told = Vec::new();
    for key in [id.as_str(), absent] {
        told.push(
            outcome(&call(&world, &nobody, "kms:DescribeKey", json!({"KeyId": key})).await)
                .replace(key, "<key>"),
        );
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0].starts_with("400 AccessDeniedException"), "{}", told[0]);
}

#[tokio::test]
async fn another_account_gets_in_when_both_sides_allow() {
    let world = world().await;
    let other = world.account(OTHER).await;
    let carol = user(&world, &other, "carol", &["kms:*"]).await;
    let dave = user(&world, &other, "dave", &[]).await;
    let (id, arn) = key(&world, json!({})).await;
    assert!(denied(&call(&world, &carol, "kms:Encrypt", encrypt(&arn)).await), "the key says nothing");

    let policy = key_policy(&[allow(&format!("arn:aws:iam::{OTHER}:root"), &["kms:*"])]);
    let _ = call(&world, &world.root, "kms:PutKeyPolicy", json!({"KeyId": id, "Policy": policy})).await.ok();
    let sealed = call(&world, &carol, "kms:Encrypt", encrypt(&arn)).await.ok();
    assert_eq!(sealed.text("/KeyId"), arn);
    assert!(denied(&call(&world, &dave, "kms:Encrypt", encrypt(&arn)).await), "the account says nothing");

    // Without its ARN it is a key of the caller's own account, which is not there; the ciphertext names it all the same.
    let told = outcome(&call(&world, &carol, "kms:Encrypt", encrypt(&id)).await);
    assert_eq!(
        told,
        format!("400 NotFoundException: Key 'arn:aws:kms:us-east-1:{OTHER}:key/{id}' does not exist")
    );
    let blob = json!({"CiphertextBlob": sealed.text("/CiphertextBlob")});
    assert_eq!(call(&world, &carol, "kms:Decrypt", blob.clone()).await.ok().text("/Plaintext"), "c2VjcmV0");
    assert!(denied(&call(&world, &dave, "kms:Decrypt", blob).await));

    // Both accounts have it in their event history.
    for account in [ACCOUNT, OTHER] {
        assert!(world.records_of(account, 4).await.contains("\"eventName\": \"Decrypt\""), "{account}");
    }
}

#[tokio::test]
async fn another_region_has_other_keys() {
    let mut world = world().await;
    let (id, arn) = key(&world, json!({})).await;
    let blob = call(&world, &world.root, "kms:Encrypt", encrypt(&id)).await.ok().text("/CiphertextBlob");
    world.region = alcazar_core::Region::named("eu-west-1").unwrap();
    let mut told = Vec::new();
    for (operation, input) in [
        ("kms:DescribeKey", json!({"KeyId": arn})),
        ("kms:DescribeKey", json!({"KeyId": id})),
        ("kms:Decrypt", json!({"CiphertextBlob": blob})),
        ("kms:Decrypt", json!({"CiphertextBlob": blob, "KeyId": arn})),
    ] {
        told.push(outcome(&call(&world, &world.root, operation, input).await).replace(&id, "<key>"));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    400 NotFoundException: Invalid arn us-east-1
    400 NotFoundException: Key 'arn:aws:kms:eu-west-1:111122223333:key/<key>' does not exist
    400 AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.
    400 NotFoundException: Invalid arn us-east-1
    ");
}

#[tokio::test]
async fn administration_stays_in_the_keys_own_account() {
    let world = world().await;
    let other = world.account(OTHER).await;
    let policy = key_policy(&[allow(&format!("arn:aws:iam::{OTHER}:root"), &["kms:*"])]);
    let (_, arn) = key(&world, json!({"Policy": policy})).await;
    let key = json!({"KeyId": arn});
    for operation in ["DescribeKey", "GetKeyRotationStatus", "ListGrants"] {
        let _ = call(&world, &other, &format!("kms:{operation}"), key.clone()).await.ok();
    }
    for (operation, input) in [
        ("CancelKeyDeletion", key.clone()),
        ("CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": arn})),
        ("DisableKey", key.clone()),
        ("DisableKeyRotation", key.clone()),
        ("EnableKey", key.clone()),
        ("EnableKeyRotation", key.clone()),
        ("GetKeyPolicy", key.clone()),
        ("ListKeyPolicies", key.clone()),
        ("ListKeyRotations", key.clone()),
        ("ListResourceTags", key.clone()),
        ("PutKeyPolicy", json!({"KeyId": arn, "Policy": key_policy(&[])})),
        ("RotateKeyOnDemand", key.clone()),
        ("ScheduleKeyDeletion", key.clone()),
        ("TagResource", json!({"KeyId": arn, "Tags": []})),
        ("UntagResource", json!({"KeyId": arn, "TagKeys": []})),
        ("UpdateKeyDescription", json!({"KeyId": arn, "Description": ""})),
    ] {
        let answer = call(&world, &other, &format!("kms:{operation}"), input).await;
        assert!(denied(&answer), "{operation}: {}", outcome(&answer));
    }
}

#[tokio::test]
async fn conditions_see_the_encryption_context() {
    let world = world().await;
    let alice = user(&world, &world.root, "alice", &[]).await;
    let mut rule = allow(&format!("arn:aws:iam::{ACCOUNT}:user/alice"), &["kms:Encrypt", "kms:Decrypt"]);
    rule["Condition"] = json!({"StringEquals": {"kms:EncryptionContext:App": "payroll"}});
    let (id, _) = key(&world, json!({"Policy": key_policy(&[rule])})).await;
    let with = |context: Value| json!({"KeyId": id, "Plaintext": "c2VjcmV0", "EncryptionContext": context});
    let sealed = call(&world, &alice, "kms:Encrypt", with(json!({"App": "payroll", "x": "y"}))).await.ok();
    assert!(denied(&call(&world, &alice, "kms:Encrypt", with(json!({"App": "other"}))).await));
    assert!(denied(&call(&world, &alice, "kms:Encrypt", encrypt(&id)).await));
    // Two spellings of one condition key could show the policy one value and bind another.
    let told =
        outcome(&call(&world, &alice, "kms:Encrypt", with(json!({"App": "payroll", "app": "other"}))).await);
    assert!(told.starts_with("400 ValidationException"), "{told}");
    let blob = json!({"CiphertextBlob": sealed.text("/CiphertextBlob"), "EncryptionContext": {"App": "payroll", "x": "y"}});
    let _ = call(&world, &alice, "kms:Decrypt", blob).await.ok();
}

#[tokio::test]
async fn conditions_see_aliases_tags_and_the_kind_of_key() {
    let world = world().await;
    let root = &world.root;
    let (id, _) = key(&world, json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]})).await;
    let _ = call(&world, root, "kms:CreateAlias", json!({"AliasName": "alias/app", "TargetKeyId": id}))
        .await
        .ok();
    for (number, (condition, by_id, by_alias)) in [
        (json!({"StringEquals": {"aws:ResourceTag/team": "red"}}), true, true),
        (json!({"StringEquals": {"aws:ResourceTag/team": "blue"}}), false, false),
        (json!({"StringEquals": {"kms:RequestAlias": "alias/app"}}), false, true),
        (json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/a*"}}), true, true),
        (json!({"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT", "kms:KeyOrigin": "AWS_KMS"}}), true, true),
        (json!({"StringEquals": {"kms:KeySpec": "RSA_2048"}}), false, false),
        (json!({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}), true, true),
        (json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}}), true, true),
        (json!({"Null": {"kms:ViaService": "true"}}), true, true),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("user{number}");
        let who = user(&world, root, &name, &[]).await;
        let rule = json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*", "Condition": condition});
        let input = json!({"UserName": name, "PolicyName": "p", "PolicyDocument": statement(rule)});
        let _ = call(&world, root, "iam:PutUserPolicy", input).await.ok();
        for (named, expected) in [(id.as_str(), by_id), ("alias/app", by_alias)] {
            let answer = call(&world, &who, "kms:Encrypt", encrypt(named)).await;
            assert_eq!(answer.status == 200, expected, "{condition} by {named}: {}", outcome(&answer));
        }
    }
}

#[tokio::test]
async fn re_encrypt_needs_both_rights() {
    let world = world().await;
    let (from, _) = key(&world, json!({})).await;
    let (to, _) = key(&world, json!({})).await;
    let blob = call(&world, &world.root, "kms:Encrypt", encrypt(&from)).await.ok().text("/CiphertextBlob");
    let input = json!({"CiphertextBlob": blob, "DestinationKeyId": to});
    for (name, actions, expected) in [
        ("both", &["kms:ReEncrypt*"][..], true),
        ("from", &["kms:ReEncryptFrom"], false),
        ("to", &["kms:ReEncryptTo"], false),
        ("others", &["kms:Encrypt", "kms:Decrypt"], false),
    ] {
        let who = user(&world, &world.root, name, actions).await;
        let answer = call(&world, &who, "kms:ReEncrypt", input.clone()).await;
        assert_eq!(answer.status == 200, expected, "{name}: {}", outcome(&answer));
    }
}

/// Each operation that sets a key's policy, with the key that it then guards.
async fn set_policy(world: &World, operation: &str, policy: &str, bypass: Option<bool>) -> (String, String) {
    let (id, _) = key(world, json!({"MultiRegion": true})).await;
    let mut input = match operation {
        "kms:CreateKey" => json!({}),
        "kms:ReplicateKey" => json!({"KeyId": id, "ReplicaRegion": "eu-west-1"}),
        _ => json!({"KeyId": id}),
    };
    input["Policy"] = policy.into();
    if let Some(bypass) = bypass {
        input["BypassPolicyLockoutSafetyCheck"] = bypass.into();
    }
    let answer = call(world, &world.root, operation, input).await;
    let made = match operation {
        "kms:CreateKey" if answer.status == 200 => answer.text("/KeyMetadata/KeyId"),
        _ => id,
    };
    (outcome(&answer), made)
}

#[tokio::test]
async fn a_policy_that_locks_everybody_out_needs_the_bypass_and_then_does() {
    let everybody = json!({"AWS": "*"});
    let root = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    let of = |effect: &str, principal: &serde_json::Value, action: &str| {
        statement(json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}))
    };
    let never = json!({"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/none": "such"}}});
    for (what, policy) in [
        ("everybody denied", of("Deny", &everybody, "kms:*")),
        ("all but the policy's change", of("Allow", &root, "kms:Encrypt")),
        ("another account", of("Allow", &json!({"AWS": format!("arn:aws:iam::{OTHER}:root")}), "kms:*")),
        ("a service", of("Allow", &json!({"Service": "s3.amazonaws.com"}), "kms:*")),
        ("a condition that nobody meets", statement(never)),
        ("no statement's action is one of KMS", of("Allow", &root, "s3:*")),
    ] {
        for operation in ["kms:CreateKey", "kms:PutKeyPolicy", "kms:ReplicateKey"] {
            let mut world = world().await;
            let _ = world.account(OTHER).await;
            for bypass in [None, Some(false)] {
                let (told, _) = set_policy(&world, operation, &policy, bypass).await;
                assert_eq!(
                    told,
                    "400 MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.",
                    "{operation}: {what}"
                );
            }
            let (told, id) = set_policy(&world, operation, &policy, Some(true)).await;
            assert_eq!(told, "200", "{operation}: {what}");
            if operation == "kms:ReplicateKey" {
                world.region = alcazar_core::Region::named("eu-west-1").unwrap();
            }
            for (operation, input) in [
                ("kms:GetKeyPolicy", json!({"KeyId": id})),
                (
                    "kms:PutKeyPolicy",
                    json!({"KeyId": id, "Policy": key_policy(&[]), "BypassPolicyLockoutSafetyCheck": true}),
                ),
                ("kms:ScheduleKeyDeletion", json!({"KeyId": id})),
            ] {
                let answer = call(&world, &world.root, operation, input).await;
                assert!(denied(&answer), "{what}: {operation}: {}", outcome(&answer));
            }
        }
    }
}
