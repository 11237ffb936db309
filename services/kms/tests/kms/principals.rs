//! Whom key policies and trust policies name: somebody who is there, and then that one alone, whatever names come and go.

use alcazar_testkit::{Credentials, World};
use serde_json::{Value, json};

use crate::people::{ACCOUNT, OTHER, allow, call, key, key_policy, outcome, statement, user, world};

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

async fn root(world: &World, operation: &str, input: Value) -> alcazar_testkit::Answer {
    call(world, &world.root, operation, input).await
}

fn encrypt(id: &str) -> Value {
    json!({"KeyId": id, "Plaintext": "c2VjcmV0"})
}

/// Deletes the user, and makes another of the same name who may do nothing by himself.
async fn made_anew(world: &World, name: &str, old: &Credentials) -> Credentials {
    let key = json!({"UserName": name, "AccessKeyId": old.access_key_id});
    let _ = root(world, "iam:DeleteAccessKey", key).await.ok();
    let _ = root(world, "iam:DeleteUser", json!({"UserName": name})).await.ok();
    user(world, &world.root, name, &[]).await
}

async fn id_of(world: &World, user: &str) -> String {
    let answer = root(world, "iam:GetUser", json!({"UserName": user})).await.ok();
    answer.text("/GetUserResult/User/UserId")
}

/// What GetKeyPolicy tells as the principal of the second statement.
async fn told(world: &World, id: &str) -> String {
    let policy = root(world, "kms:GetKeyPolicy", json!({"KeyId": id})).await.ok().text("/Policy");
    let policy: Value = serde_json::from_str(&policy).unwrap();
    policy["Statement"][1]["Principal"]["AWS"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn principals_that_are_not_there_are_refused_wherever_a_key_policy_comes_in() {
    let world = world().await;
    let _ = world.account(OTHER).await;
    let _ = user(&world, &world.root, "alice", &[]).await;
    let trust =
        statement(json!({"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}));
    let role = json!({"RoleName": "worker", "Path": "/ci/", "AssumeRolePolicyDocument": trust});
    let _ = root(&world, "iam:CreateRole", role).await.ok();
    let (id, _) = key(&world, json!({})).await;
    let mut lines = Vec::new();
    for name in [
        "*",
        ACCOUNT,
        OTHER,
        "arn:aws:iam::444455556666:root",
        ALICE,
        "arn:aws:iam::111122223333:role/ci/worker",
        "arn:aws:sts::111122223333:assumed-role/worker/session",
        "arn:aws:sts::111122223333:federated-user/carol",
        "999999999999",
        "arn:aws:iam::999999999999:root",
        "arn:aws:iam::999999999999:user/alice",
        "arn:aws:iam::444455556666:user/alice",
        "arn:aws:iam::111122223333:user/bob",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:role/worker",
        "arn:aws:sts::111122223333:assumed-role/nobody/session",
        "arn:aws-cn:iam::111122223333:root",
        "AIDAAAAAAAAAAAAAAAAAA",
    ] {
        let policy = key_policy(&[allow(name, &["kms:Encrypt"])]);
        let answer = root(&world, "kms:PutKeyPolicy", json!({"KeyId": id, "Policy": policy})).await;
        lines.push(format!("{name}: {}", outcome(&answer)));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    *: 200
    111122223333: 200
    444455556666: 200
    arn:aws:iam::444455556666:root: 200
    arn:aws:iam::111122223333:user/alice: 200
    arn:aws:iam::111122223333:role/ci/worker: 200
    arn:aws:sts::111122223333:assumed-role/worker/session: 200
    arn:aws:sts::111122223333:federated-user/carol: 200
    999999999999: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws:iam::999999999999:root: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws:iam::999999999999:user/alice: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws:iam::444455556666:user/alice: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws:iam::111122223333:user/bob: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws:iam::111122223333:user/*: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws:iam::111122223333:role/worker: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws:sts::111122223333:assumed-role/nobody/session: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    arn:aws-cn:iam::111122223333:root: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    AIDAAAAAAAAAAAAAAAAAA: 400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.
    ");

    let refusal = "400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.";
    let nobody = allow("arn:aws:iam::111122223333:user/bob", &["kms:Encrypt"]);
    let answer =
        root(&world, "kms:CreateKey", json!({"Policy": key_policy(std::slice::from_ref(&nobody))})).await;
    assert_eq!(outcome(&answer), refusal);
    let (primary, _) = key(&world, json!({"MultiRegion": true})).await;
    let input = json!({"KeyId": primary, "ReplicaRegion": "eu-west-1", "Policy": key_policy(&[nobody])});
    assert_eq!(outcome(&root(&world, "kms:ReplicateKey", input).await), refusal);
    let not = json!({"Effect": "Deny", "NotPrincipal": {"AWS": [ALICE, "arn:aws:iam::111122223333:user/bob"]}, "Action": "kms:Sign", "Resource": "*"});
    let input = json!({"KeyId": id, "Policy": key_policy(&[not])});
    assert_eq!(outcome(&root(&world, "kms:PutKeyPolicy", input).await), refusal);
    let service = json!({"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Encrypt", "Resource": "*"});
    let _ =
        root(&world, "kms:PutKeyPolicy", json!({"KeyId": id, "Policy": key_policy(&[service])})).await.ok();
}

#[tokio::test]
async fn a_key_policy_names_one_user_and_nobody_who_is_called_so_later() {
    let world = world().await;
    let alice = user(&world, &world.root, "alice", &[]).await;
    let policy = key_policy(&[allow(ALICE, &["kms:Encrypt"])]);
    let (id, _) = key(&world, json!({"Policy": policy})).await;
    let _ = call(&world, &alice, "kms:Encrypt", encrypt(&id)).await.ok();
    assert_eq!(told(&world, &id).await, ALICE);

    let unique_id = id_of(&world, "alice").await;
    let second = made_anew(&world, "alice", &alice).await;
    let refused = outcome(&call(&world, &second, "kms:Encrypt", encrypt(&id)).await);
    assert!(refused.starts_with("400 AccessDeniedException"), "{refused}");
    let shown = root(&world, "kms:GetKeyPolicy", json!({"KeyId": id})).await.ok().text("/Policy");
    assert_eq!(shown, policy.replace(ALICE, &unique_id));

    // What is shown cannot be put: nobody has that id.
    let again = root(&world, "kms:PutKeyPolicy", json!({"KeyId": id, "Policy": shown})).await;
    assert_eq!(
        outcome(&again),
        "400 MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals."
    );
    let _ = root(&world, "kms:PutKeyPolicy", json!({"KeyId": id, "Policy": policy})).await.ok();
    let _ = call(&world, &second, "kms:Encrypt", encrypt(&id)).await.ok();
    assert_eq!(told(&world, &id).await, ALICE);
}

#[tokio::test]
async fn whoever_was_named_stays_named_under_another_path_or_name() {
    let world = world().await;
    let alice = user(&world, &world.root, "alice", &[]).await;
    let (id, _) = key(&world, json!({"Policy": key_policy(&[allow(ALICE, &["kms:Encrypt"])])})).await;
    let moved = json!({"UserName": "alice", "NewPath": "/staff/"});
    let _ = root(&world, "iam:UpdateUser", moved).await.ok();
    let _ = call(&world, &alice, "kms:Encrypt", encrypt(&id)).await.ok();
    assert_eq!(told(&world, &id).await, "arn:aws:iam::111122223333:user/staff/alice");

    let unique_id = id_of(&world, "alice").await;
    let renamed = json!({"UserName": "alice", "NewUserName": "alison"});
    let _ = root(&world, "iam:UpdateUser", renamed).await.ok();
    let _ = call(&world, &alice, "kms:Encrypt", encrypt(&id)).await.ok();
    assert_eq!(told(&world, &id).await, unique_id);
}

#[tokio::test]
async fn those_who_were_excepted_from_a_denial_are_excepted_and_nobody_called_so_later() {
    let world = world().await;
    let alice = user(&world, &world.root, "alice", &[]).await;
    let denial =
        json!({"Effect": "Deny", "NotPrincipal": {"AWS": ALICE}, "Action": "kms:Encrypt", "Resource": "*"});
    let policy = key_policy(&[allow("*", &["kms:Encrypt"]), denial]);
    let (id, _) = key(&world, json!({"Policy": policy})).await;
    let _ = call(&world, &alice, "kms:Encrypt", encrypt(&id)).await.ok();
    let second = made_anew(&world, "alice", &alice).await;
    let refused = outcome(&call(&world, &second, "kms:Encrypt", encrypt(&id)).await);
    assert!(refused.contains("with an explicit deny"), "{refused}");
}

#[tokio::test]
async fn sessions_of_those_who_are_named_get_in() {
    let world = world().await;
    let alice = user(&world, &world.root, "alice", &["sts:*", "kms:Encrypt"]).await;
    let trust =
        statement(json!({"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}));
    let role = json!({"RoleName": "worker", "AssumeRolePolicyDocument": trust});
    let _ = root(&world, "iam:CreateRole", role).await.ok();
    let worker = format!("arn:aws:iam::{ACCOUNT}:role/worker");
    let policy = key_policy(&[allow(ALICE, &["kms:Encrypt"]), allow(&worker, &["kms:Encrypt"])]);
    let (id, _) = key(&world, json!({"Policy": policy})).await;
    let session = json!({"RoleArn": worker, "RoleSessionName": "one"});
    let session = Credentials::of(&call(&world, &alice, "sts:AssumeRole", session).await.ok());
    let _ = call(&world, &session, "kms:Encrypt", encrypt(&id)).await.ok();
    let may = statement(json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}));
    let token = json!({"Name": "carol", "Policy": may});
    let federated = Credentials::of(&call(&world, &alice, "sts:GetFederationToken", token).await.ok());
    let _ = call(&world, &federated, "kms:Encrypt", encrypt(&id)).await.ok();
}

#[tokio::test]
async fn a_role_trusts_one_user_and_nobody_who_is_called_so_later() {
    let world = world().await;
    let alice = user(&world, &world.root, "alice", &[]).await;
    let trust =
        statement(json!({"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}));
    let role = json!({"RoleName": "worker", "AssumeRolePolicyDocument": trust});
    let _ = root(&world, "iam:CreateRole", role).await.ok();
    let session = json!({"RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/worker"), "RoleSessionName": "one"});
    let _ = call(&world, &alice, "sts:AssumeRole", session.clone()).await.ok();
    let unique_id = id_of(&world, "alice").await;
    let second = made_anew(&world, "alice", &alice).await;
    let refused = call(&world, &second, "sts:AssumeRole", session.clone()).await;
    assert_eq!((refused.status, refused.text("/Code").as_str()), (403, "AccessDenied"));
    for (operation, input) in [
        ("iam:GetRole", json!({"RoleName": "worker"})),
        ("iam:ListRoles", json!({})),
        ("iam:UpdateRoleDescription", json!({"RoleName": "worker", "Description": "works"})),
    ] {
        let shown = root(&world, operation, input).await.ok();
        assert!(
            shown.body.contains(&format!("%22AWS%22%3A%22{unique_id}%22")),
            "{operation}: {}",
            shown.body
        );
    }
    let update = json!({"RoleName": "worker", "PolicyDocument": trust});
    let _ = root(&world, "iam:UpdateAssumeRolePolicy", update).await.ok();
    let _ = call(&world, &second, "sts:AssumeRole", session).await.ok();
}
