//! What grants open, and what ends them.

use alcazar_testkit::{Answer, Credentials, World};
use serde_json::{Value, json};

use crate::people::{ACCOUNT, OTHER, call, key, outcome, statement, user, world};

async fn grant(world: &World, who: &Credentials, input: Value) -> Answer {
    call(world, who, "kms:CreateGrant", input).await
}

fn denied(answer: &Answer) -> bool {
    outcome(answer).starts_with("400 AccessDeniedException")
}

fn arn(user: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{user}")
}

#[tokio::test]
async fn a_grant_lets_a_user_without_policies_in_to_what_it_names_until_it_is_revoked() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let bob = user(&world, &world.root, "bob", &[]).await;
    let encrypt = json!({"KeyId": id, "Plaintext": "c2VjcmV0"});
    assert!(denied(&call(&world, &bob, "kms:Encrypt", encrypt.clone()).await));
    let input = json!({"KeyId": id, "GranteePrincipal": arn("bob"), "Operations": ["Encrypt"]});
    let made = grant(&world, &world.root, input).await.ok();
    let _ = call(&world, &bob, "kms:Encrypt", encrypt.clone()).await.ok();
    assert!(denied(&call(&world, &bob, "kms:DescribeKey", json!({"KeyId": id})).await));
    let revoke = json!({"KeyId": id, "GrantId": made.text("/GrantId")});
    assert!(denied(&call(&world, &bob, "kms:RevokeGrant", revoke.clone()).await));
    let _ = call(&world, &world.root, "kms:RevokeGrant", revoke).await.ok();
    assert!(denied(&call(&world, &bob, "kms:Encrypt", encrypt).await));
}

#[tokio::test]
async fn constraints_hold_the_encryption_context() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    for (name, constraint, allowed, refused) in [
        (
            "subset",
            json!({"EncryptionContextSubset": {"app": "x"}}),
            vec![json!({"app": "x"}), json!({"app": "x", "more": "y"}), json!({"App": "x"})],
            vec![json!({}), json!({"app": "z"}), json!({"app": "X"}), json!({"App": "X"})],
        ),
        (
            "equals",
            json!({"EncryptionContextEquals": {"app": "x"}}),
            vec![json!({"app": "x"}), json!({"APP": "x"})],
            vec![json!({}), json!({"app": "x", "more": "y"}), json!({"app": "X"}), json!({"apps": "x"})],
        ),
    ] {
        let who = user(&world, &world.root, name, &[]).await;
        let input = json!({"KeyId": id, "GranteePrincipal": arn(name), "Operations": ["Encrypt", "DescribeKey"], "Constraints": constraint});
        let _ = grant(&world, &world.root, input).await.ok();
        let with = |context: &Value| json!({"KeyId": id, "Plaintext": "AAAA", "EncryptionContext": context});
        for context in &allowed {
            let _ = call(&world, &who, "kms:Encrypt", with(context)).await.ok();
        }
        for context in &refused {
            assert!(denied(&call(&world, &who, "kms:Encrypt", with(context)).await), "{name} {context}");
        }
        // Operations without a context are not constrained by it.
        let _ = call(&world, &who, "kms:DescribeKey", json!({"KeyId": id})).await.ok();
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_own_key_while_the_grant_lives() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let (other, _) = key(&world, json!({})).await;
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let made =
        grant(&world, &world.root, json!({"KeyId": id, "GranteePrincipal": root, "Operations": ["Encrypt"]}))
            .await
            .ok();
    let token = made.text("/GrantToken");
    let encrypt = |key: &str| json!({"KeyId": key, "Plaintext": "AAAA", "GrantTokens": [token]});
    let _ = call(&world, &world.root, "kms:Encrypt", encrypt(&id)).await.ok();
    let invalid = "400 InvalidGrantTokenException: The grant token is not valid.";
    assert_eq!(outcome(&call(&world, &world.root, "kms:Encrypt", encrypt(&other)).await), invalid);
    let _ = call(&world, &world.root, "kms:RetireGrant", json!({"GrantToken": token})).await.ok();
    assert_eq!(outcome(&call(&world, &world.root, "kms:Encrypt", encrypt(&id)).await), invalid);
}

#[tokio::test]
async fn no_operation_takes_another_keys_token() {
    let mut operations = 0;
    for entry in alcazar_kms::SERVICE.operations {
        if !entry.operation.input.members.iter().any(|member| member.name == "GrantTokens") {
            continue;
        }
        let mut world = world().await;
        let mut input: Value = serde_json::from_str(&world.example(entry).await).unwrap();
        let (other, _) = key(&world, json!({})).await;
        let root = format!("arn:aws:iam::{ACCOUNT}:root");
        let made = json!({"KeyId": other, "GranteePrincipal": root, "Operations": ["Encrypt", "Decrypt"]});
        let token = grant(&world, &world.root, made).await.ok().text("/GrantToken");
        let operation = format!("kms:{}", entry.operation.name);
        // DescribeKey declares no error for a token that is none: it needs none, and looks at none.
        let refused = match &*operation {
            "kms:DescribeKey" => "200",
            _ => "400 InvalidGrantTokenException: The grant token is not valid.",
        };
        for (tokens, expected) in [
            (json!([token]), refused),
            (json!(["x"]), refused),
            (json!(vec!["x"; 11]), "400 ValidationException"),
            (json!([""]), "400 ValidationException"),
        ] {
            input["GrantTokens"] = tokens;
            let told = outcome(&call(&world, &world.root, &operation, input.clone()).await);
            assert!(told.starts_with(expected), "{operation} {}: {told}", input["GrantTokens"]);
        }
        input.as_object_mut().unwrap().remove("GrantTokens");
        assert_eq!(outcome(&call(&world, &world.root, &operation, input).await), "200", "{operation}");
        operations += 1;
    }
    assert_eq!(operations, 17);
}

#[tokio::test]
async fn a_grant_is_retired_by_whom_it_names_and_by_nobody_else() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let retiring = user(&world, &world.root, "retiring", &[]).await;
    let grantee = user(&world, &world.root, "grantee", &[]).await;
    let stranger = user(&world, &world.root, "stranger", &[]).await;
    for (operations, may) in [
        (json!(["Encrypt"]), [(&stranger, false), (&grantee, false), (&retiring, true)]),
        (json!(["Encrypt", "RetireGrant"]), [(&stranger, false), (&grantee, true), (&grantee, false)]),
    ] {
        let input = json!({"KeyId": id, "GranteePrincipal": arn("grantee"), "RetiringPrincipal": arn("retiring"), "Operations": operations});
        let token = grant(&world, &world.root, input).await.ok().text("/GrantToken");
        for (who, expected) in may {
            let answer = call(&world, who, "kms:RetireGrant", json!({"GrantToken": token})).await;
            assert_eq!(answer.status == 200, expected, "{operations}: {}", outcome(&answer));
        }
    }
}

#[tokio::test]
async fn a_grantee_passes_on_no_more_than_it_has() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let bob = user(&world, &world.root, "bob", &[]).await;
    let _ = user(&world, &world.root, "eve", &[]).await;
    let held = json!({"KeyId": id, "GranteePrincipal": arn("bob"), "Operations": ["CreateGrant", "Encrypt", "Decrypt"], "Constraints": {"EncryptionContextSubset": {"app": "x"}}});
    let _ = grant(&world, &world.root, held).await.ok();
    let pass_on = |operations: Value, constraints: Value| json!({"KeyId": id, "GranteePrincipal": arn("eve"), "Operations": operations, "Constraints": constraints});
    let subset = json!({"EncryptionContextSubset": {"app": "x"}});
    for (input, expected) in [
        (pass_on(json!(["Encrypt"]), subset.clone()), true),
        (pass_on(json!(["Encrypt"]), json!({"EncryptionContextSubset": {"app": "x", "more": "y"}})), true),
        (pass_on(json!(["Decrypt"]), json!({"EncryptionContextEquals": {"app": "x"}})), true),
        (pass_on(json!(["Decrypt"]), json!({"EncryptionContextEquals": {"App": "x"}})), true),
        (pass_on(json!(["Encrypt", "GenerateDataKey"]), subset), false),
        (pass_on(json!(["Encrypt"]), json!({})), false),
        (pass_on(json!(["Encrypt"]), json!({"EncryptionContextSubset": {"app": "z"}})), false),
    ] {
        let answer = grant(&world, &bob, input.clone()).await;
        assert_eq!(answer.status == 200, expected, "{input}: {}", outcome(&answer));
    }
}

#[tokio::test]
async fn another_user_of_the_same_name_has_no_part_in_the_grant() {
    let world = world().await;
    let (id, _) = key(&world, json!({})).await;
    let bob = user(&world, &world.root, "bob", &[]).await;
    let input = json!({"KeyId": id, "GranteePrincipal": arn("bob"), "Operations": ["Encrypt"]});
    let _ = grant(&world, &world.root, input).await.ok();
    let encrypt = json!({"KeyId": id, "Plaintext": "AAAA"});
    let _ = call(&world, &bob, "kms:Encrypt", encrypt.clone()).await.ok();
    let delete = json!({"UserName": "bob", "AccessKeyId": bob.access_key_id});
    let _ = call(&world, &world.root, "iam:DeleteAccessKey", delete).await.ok();
    let _ = call(&world, &world.root, "iam:DeleteUser", json!({"UserName": "bob"})).await.ok();
    let again = user(&world, &world.root, "bob", &[]).await;
    assert!(denied(&call(&world, &again, "kms:Encrypt", encrypt).await));
}

#[tokio::test]
async fn a_grant_to_a_role_holds_for_its_sessions_within_their_session_policy() {
    let world = world().await;
    let root = &world.root;
    let (id, _) = key(&world, json!({})).await;
    let opener = user(&world, root, "opener", &["sts:AssumeRole"]).await;
    let trust = statement(
        json!({"Effect": "Allow", "Principal": {"AWS": arn("opener")}, "Action": "sts:AssumeRole"}),
    );
    let _ = call(
        &world,
        root,
        "iam:CreateRole",
        json!({"RoleName": "worker", "AssumeRolePolicyDocument": trust}),
    )
    .await
    .ok();
    let role = format!("arn:aws:iam::{ACCOUNT}:role/worker");
    let _ = grant(&world, root, json!({"KeyId": id, "GranteePrincipal": role, "Operations": ["Encrypt"]}))
        .await
        .ok();
    let encrypt = json!({"KeyId": id, "Plaintext": "AAAA"});
    let session = json!({"RoleArn": role, "RoleSessionName": "one"});
    let whole = Credentials::of(&call(&world, &opener, "sts:AssumeRole", session).await.ok());
    let _ = call(&world, &whole, "kms:Encrypt", encrypt.clone()).await.ok();
    let nothing = statement(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let narrowed = json!({"RoleArn": role, "RoleSessionName": "two", "Policy": nothing});
    let narrowed = Credentials::of(&call(&world, &opener, "sts:AssumeRole", narrowed).await.ok());
    assert!(denied(&call(&world, &narrowed, "kms:Encrypt", encrypt).await));
}

#[tokio::test]
async fn another_accounts_principal_may_be_granted_and_may_retire() {
    let world = world().await;
    let other = world.account(OTHER).await;
    let (id, arn) = key(&world, json!({})).await;
    let theirs = format!("arn:aws:iam::{OTHER}:root");
    let input = json!({"KeyId": id, "GranteePrincipal": theirs, "RetiringPrincipal": theirs, "Operations": ["Encrypt"]});
    let made = grant(&world, &world.root, input).await.ok();
    let encrypt = json!({"KeyId": arn, "Plaintext": "AAAA"});
    let _ = call(&world, &other, "kms:Encrypt", encrypt.clone()).await.ok();
    let _ = call(&world, &other, "kms:RetireGrant", json!({"KeyId": arn, "GrantId": made.text("/GrantId")}))
        .await
        .ok();
    assert!(denied(&call(&world, &other, "kms:Encrypt", encrypt).await));
}
