//! Stories over several operations: what a user may do follows at once from what IAM was told.

#![expect(clippy::expect_used, reason = "tests")]

use std::sync::Arc;

use alcazar_core::SecretText;
use alcazar_directory::{ROLES, Role};
use alcazar_iam::SERVICE;
use alcazar_store::{Frame, Scope};
use alcazar_testkit::{Answer, Credentials, World};

const LIST_USERS: &str = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"iam:ListUsers\",\"Resource\":\"*\"}]}"#;
const ALL_OF_IAM: &str = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"iam:*\",\"Resource\":\"*\"}]}"#;
const READ_ONLY: &str = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

async fn done(world: &World, operation: &str, input: &str) -> Answer {
    world.call(&format!("iam:{operation}"), input).await.ok()
}

/// A world with the user bob, who holds an access key.
async fn bob() -> (World, Credentials) {
    let world = World::of(&[SERVICE]).await;
    done(&world, "CreateUser", r#"{"UserName":"bob"}"#).await;
    let bob = key_of(&world, "bob").await;
    (world, bob)
}

async fn key_of(world: &World, user: &str) -> Credentials {
    let key = done(world, "CreateAccessKey", &format!(r#"{{"UserName":"{user}"}}"#)).await;
    Credentials {
        access_key_id: key.text("/AccessKeyId"),
        secret: SecretText::new(key.text("/SecretAccessKey")),
        token: None,
    }
}

/// `200`, or the status and code of the refusal.
async fn tried(world: &World, who: &Credentials, operation: &str, input: &str) -> String {
    let answer = world.call_as(who, &format!("iam:{operation}"), input).await;
    match answer.status {
        200 => "200".to_owned(),
        status => format!("{status} {}", answer.text("/Code")),
    }
}

#[tokio::test]
async fn a_user_may_what_an_inline_policy_and_the_boundary_both_allow() {
    let (world, bob) = bob().await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "403 AccessDenied");
    let put = format!(r#"{{"UserName":"bob","PolicyName":"all","PolicyDocument":"{ALL_OF_IAM}"}}"#);
    done(&world, "PutUserPolicy", &put).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "200");
    assert_eq!(tried(&world, &bob, "CreateGroup", r#"{"GroupName":"a"}"#).await, "200");
    let bound = format!(r#"{{"UserName":"bob","PermissionsBoundary":"{READ_ONLY}"}}"#);
    done(&world, "PutUserPermissionsBoundary", &bound).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "200");
    assert_eq!(tried(&world, &bob, "CreateGroup", r#"{"GroupName":"b"}"#).await, "403 AccessDenied");
    let denied = world.call_as(&bob, "iam:CreateGroup", r#"{"GroupName":"b"}"#).await;
    assert_eq!(
        denied.text("/Message"),
        "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: iam:CreateGroup on resource: \
         arn:aws:iam::111122223333:group/b because no permissions boundary allows the iam:CreateGroup action"
    );
    done(&world, "DeleteUserPermissionsBoundary", r#"{"UserName":"bob"}"#).await;
    assert_eq!(tried(&world, &bob, "CreateGroup", r#"{"GroupName":"b"}"#).await, "200");
}

#[tokio::test]
async fn a_member_may_what_the_groups_policies_allow_for_as_long_as_it_is_one() {
    let (world, bob) = bob().await;
    let member = r#"{"GroupName":"readers","UserName":"bob"}"#;
    done(&world, "CreateGroup", r#"{"GroupName":"readers"}"#).await;
    done(&world, "AddUserToGroup", member).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "403 AccessDenied");
    let put = format!(r#"{{"GroupName":"readers","PolicyName":"list","PolicyDocument":"{LIST_USERS}"}}"#);
    done(&world, "PutGroupPolicy", &put).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "200");
    assert_eq!(tried(&world, &bob, "ListGroups", "{}").await, "403 AccessDenied");
    let attach = format!(r#"{{"GroupName":"readers","PolicyArn":"{READ_ONLY}"}}"#);
    done(&world, "AttachGroupPolicy", &attach).await;
    assert_eq!(tried(&world, &bob, "ListGroups", "{}").await, "200");
    done(&world, "UpdateGroup", r#"{"GroupName":"readers","NewGroupName":"Observers"}"#).await;
    assert_eq!(tried(&world, &bob, "ListGroups", "{}").await, "200");
    done(&world, "RemoveUserFromGroup", r#"{"GroupName":"observers","UserName":"bob"}"#).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "403 AccessDenied");
}

#[tokio::test]
async fn what_is_detached_or_taken_out_of_force_allows_nothing_from_the_next_call_on() {
    let (world, bob) = bob().await;
    let create = format!(r#"{{"PolicyName":"lists","PolicyDocument":"{LIST_USERS}"}}"#);
    let arn = done(&world, "CreatePolicy", &create).await.text("/Arn");
    let attach = format!(r#"{{"UserName":"bob","PolicyArn":"{arn}"}}"#);
    done(&world, "AttachUserPolicy", &attach).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "200");
    done(&world, "DetachUserPolicy", &attach).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "403 AccessDenied");

    done(&world, "AttachUserPolicy", &attach).await;
    let version = format!(
        r#"{{"PolicyArn":"{arn}","SetAsDefault":true,"PolicyDocument":"{}"}}"#,
        LIST_USERS.replace("ListUsers", "ListRoles")
    );
    done(&world, "CreatePolicyVersion", &version).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "403 AccessDenied");
    assert_eq!(tried(&world, &bob, "ListRoles", "{}").await, "200");
    done(&world, "SetDefaultPolicyVersion", &format!(r#"{{"PolicyArn":"{arn}","VersionId":"v1"}}"#)).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "200");
}

#[tokio::test]
async fn keys_go_on_signing_for_a_renamed_user_who_keeps_its_id_and_rights() {
    let (world, bob) = bob().await;
    let attach = format!(r#"{{"UserName":"bob","PolicyArn":"{READ_ONLY}"}}"#);
    done(&world, "AttachUserPolicy", &attach).await;
    let id = done(&world, "GetUser", r#"{"UserName":"bob"}"#).await.text("/UserId");
    done(&world, "UpdateUser", r#"{"UserName":"bob","NewUserName":"robert","NewPath":"/staff/"}"#).await;
    let told = world.call_as(&bob, "iam:GetUser", "{}").await.ok();
    let told = ["UserName", "UserId", "Arn"].map(|element| told.text(element));
    assert_eq!(told, ["robert".to_owned(), id, "arn:aws:iam::111122223333:user/staff/robert".to_owned()]);
    let record = world.records(1).await;
    assert!(record.contains(r#""arn": "arn:aws:iam::111122223333:user/staff/robert""#), "{record}");

    // Another user of the old name is somebody else.
    done(&world, "CreateUser", r#"{"UserName":"bob"}"#).await;
    let told = world.call_as(&bob, "iam:GetUser", "{}").await.ok();
    assert_eq!(told.text("/UserName"), "robert");
}

#[tokio::test]
async fn an_inactive_key_is_refused_until_it_is_active_again() {
    let (world, bob) = bob().await;
    let attach = format!(r#"{{"UserName":"bob","PolicyArn":"{READ_ONLY}"}}"#);
    done(&world, "AttachUserPolicy", &attach).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "200");
    let status = |status: &str| {
        let id = &bob.access_key_id;
        format!(r#"{{"UserName":"bob","AccessKeyId":"{id}","Status":"{status}"}}"#)
    };
    done(&world, "UpdateAccessKey", &status("Inactive")).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "403 InvalidClientTokenId");
    done(&world, "UpdateAccessKey", &status("Active")).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "200");
}

#[tokio::test]
async fn a_deleted_key_is_refused_and_so_is_the_key_of_a_deleted_user() {
    let (world, bob) = bob().await;
    let attach = format!(r#"{{"UserName":"bob","PolicyArn":"{READ_ONLY}"}}"#);
    done(&world, "AttachUserPolicy", &attach).await;
    let second = key_of(&world, "bob").await;
    for key in [&second, &bob] {
        assert_eq!(tried(&world, key, "ListUsers", "{}").await, "200");
        let id = &key.access_key_id;
        done(&world, "DeleteAccessKey", &format!(r#"{{"UserName":"bob","AccessKeyId":"{id}"}}"#)).await;
        assert_eq!(tried(&world, key, "ListUsers", "{}").await, "403 InvalidClientTokenId");
    }
    done(&world, "DetachUserPolicy", &attach).await;
    done(&world, "DeleteUser", r#"{"UserName":"bob"}"#).await;
    done(&world, "CreateUser", r#"{"UserName":"bob"}"#).await;
    done(&world, "AttachUserPolicy", &attach).await;
    assert_eq!(tried(&world, &bob, "ListUsers", "{}").await, "403 InvalidClientTokenId");
}

#[tokio::test]
async fn conditions_see_tags_boundaries_and_the_policy_that_is_attached() {
    let (world, bob) = bob().await;
    let statements = r#"{\"Version\":\"2012-10-17\",\"Statement\":[
        {\"Effect\":\"Allow\",\"Action\":\"iam:GetUser\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"iam:ResourceTag/team\":\"blue\"}}},
        {\"Effect\":\"Allow\",\"Action\":\"iam:AttachUserPolicy\",\"Resource\":\"*\",\"Condition\":{\"ArnEquals\":{\"iam:PolicyARN\":\"arn:aws:iam::aws:policy/AWSDenyAll\"}}},
        {\"Effect\":\"Allow\",\"Action\":[\"iam:CreateUser\",\"iam:TagUser\"],\"Resource\":\"arn:aws:iam::*:user/staff/*\",\"Condition\":{\"StringEquals\":{\"aws:RequestTag/Team\":\"blue\"}}},
        {\"Effect\":\"Allow\",\"Action\":\"iam:DeleteUserPolicy\",\"Resource\":\"*\",\"Condition\":{\"Null\":{\"iam:PermissionsBoundary\":\"false\"}}}
    ]}"#;
    let put = format!(
        r#"{{"UserName":"bob","PolicyName":"p","PolicyDocument":"{}"}}"#,
        statements.replace('\n', " ")
    );
    done(&world, "PutUserPolicy", &put).await;
    let tried = async |operation: &str, input: &str| tried(&world, &bob, operation, input).await;

    assert_eq!(tried("GetUser", r#"{"UserName":"bob"}"#).await, "403 AccessDenied");
    done(&world, "TagUser", r#"{"UserName":"bob","Tags":[{"Key":"Team","Value":"blue"}]}"#).await;
    assert_eq!(tried("GetUser", r#"{"UserName":"bob"}"#).await, "200");

    let attach = format!(r#"{{"UserName":"carol","PolicyArn":"{READ_ONLY}"}}"#);
    assert_eq!(tried("AttachUserPolicy", &attach).await, "403 AccessDenied");
    let attach = attach.replace("IAMReadOnlyAccess", "AWSDenyAll");
    assert_eq!(tried("AttachUserPolicy", &attach).await, "404 NoSuchEntity");

    let create = |path: &str, team: &str| {
        format!(r#"{{"UserName":"carol","Path":"{path}","Tags":[{{"Key":"Team","Value":"{team}"}}]}}"#)
    };
    assert_eq!(tried("CreateUser", &create("/", "blue")).await, "403 AccessDenied");
    assert_eq!(tried("CreateUser", &create("/staff/", "red")).await, "403 AccessDenied");
    assert_eq!(tried("CreateUser", r#"{"UserName":"carol","Path":"/staff/"}"#).await, "403 AccessDenied");
    assert_eq!(tried("CreateUser", &create("/staff/", "blue")).await, "200");

    let delete = r#"{"UserName":"carol","PolicyName":"p"}"#;
    assert_eq!(tried("DeleteUserPolicy", delete).await, "403 AccessDenied");
    let bound = format!(r#"{{"UserName":"carol","PermissionsBoundary":"{READ_ONLY}"}}"#);
    done(&world, "PutUserPermissionsBoundary", &bound).await;
    assert_eq!(tried("DeleteUserPolicy", delete).await, "404 NoSuchEntity");
}

#[tokio::test]
async fn what_is_missing_is_told_to_an_administrator_and_denied_to_a_stranger() {
    let (world, bob) = bob().await;
    assert_eq!(tried(&world, &bob, "GetUser", r#"{"UserName":"nobody"}"#).await, "403 AccessDenied");
    assert_eq!(tried(&world, &world.root, "GetUser", r#"{"UserName":"nobody"}"#).await, "404 NoSuchEntity");
    let other = world.account("444455556666").await;
    let create = format!(r#"{{"PolicyName":"mine","PolicyDocument":"{LIST_USERS}"}}"#);
    let arn = done(&world, "CreatePolicy", &create).await.text("/Arn");
    let policy = format!(r#"{{"PolicyArn":"{arn}"}}"#);
    assert_eq!(tried(&world, &other, "GetPolicy", &policy).await, "403 AccessDenied");
    assert_eq!(tried(&world, &other, "GetUser", r#"{"UserName":"bob"}"#).await, "404 NoSuchEntity");
}

/// Credentials of a session of that role, begun by bob.
async fn session_of(world: &World, bob: &Credentials, role: &str) -> Credentials {
    let input = format!(r#"{{"RoleArn":"arn:aws:iam::111122223333:role/{role}","RoleSessionName":"story"}}"#);
    let answer = world.call_as(bob, "sts:AssumeRole", &input).await.ok();
    Credentials {
        access_key_id: answer.text("/AccessKeyId"),
        secret: SecretText::new(answer.text("/SecretAccessKey")),
        token: Some(answer.text("/SessionToken")),
    }
}

#[tokio::test]
async fn a_role_has_neither_user_nor_keys_of_its_own_and_its_sessions_end_with_it() {
    let world = World::of(&[SERVICE, alcazar_sts::SERVICE]).await;
    done(&world, "CreateUser", r#"{"UserName":"bob"}"#).await;
    let bob = key_of(&world, "bob").await;
    let trust = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:user/bob\"},\"Action\":\"sts:AssumeRole\"}]}"#;
    let create = format!(r#"{{"RoleName":"deploy","AssumeRolePolicyDocument":"{trust}"}}"#);
    done(&world, "CreateRole", &create).await;
    let session = session_of(&world, &bob, "deploy").await;
    assert_eq!(tried(&world, &session, "ListUsers", "{}").await, "403 AccessDenied");
    let attach = format!(r#"{{"RoleName":"deploy","PolicyArn":"{READ_ONLY}"}}"#);
    done(&world, "AttachRolePolicy", &attach).await;
    assert_eq!(tried(&world, &session, "ListUsers", "{}").await, "200");
    for operation in ["GetUser", "ListAccessKeys", "CreateAccessKey"] {
        let answer = world.call_as(&session, &format!("iam:{operation}"), "{}").await;
        let told = [answer.text("/Code"), answer.text("/Message")];
        assert_eq!(told, ["ValidationError", "Must specify userName when calling with non-User credentials"]);
    }
    done(&world, "DetachRolePolicy", &attach).await;
    done(&world, "DeleteRole", r#"{"RoleName":"deploy"}"#).await;
    assert_eq!(tried(&world, &session, "ListUsers", "{}").await, "403 InvalidClientTokenId");
    done(&world, "CreateRole", &create).await;
    assert_eq!(tried(&world, &session, "ListUsers", "{}").await, "403 InvalidClientTokenId");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_change_one_account_at_once_are_all_answered_and_counted() {
    let world = Arc::new(World::of(&[SERVICE]).await);
    done(&world, "CreateGroup", r#"{"GroupName":"all"}"#).await;
    let made: Vec<_> = (0..64)
        .map(|number| {
            let world = world.clone();
            tokio::spawn(async move {
                done(&world, "CreateUser", &format!(r#"{{"UserName":"u{number:02}"}}"#)).await;
                done(
                    &world,
                    "AddUserToGroup",
                    &format!(r#"{{"UserName":"u{number:02}","GroupName":"all"}}"#),
                )
                .await;
            })
        })
        .collect();
    for user in made {
        user.await.expect("the user was made");
    }
    let summary = done(&world, "GetAccountSummary", "{}").await;
    assert!(summary.body.contains("<key>Users</key><value>64</value>"), "{}", summary.body);
    let group = done(&world, "GetGroup", r#"{"GroupName":"all"}"#).await;
    assert_eq!(group.body.matches("<UserName>").count(), 64);
}

#[tokio::test]
async fn a_role_that_belongs_to_a_service_is_read_and_tagged_but_not_changed() {
    let world = World::of(&[SERVICE]).await;
    let trust =
        LIST_USERS.replace(r#"\"Resource\":\"*\""#, r#"\"Principal\":{\"Service\":\"x.amazonaws.com\"}"#);
    let trust = trust.replace("iam:ListUsers", "sts:AssumeRole");
    let create = format!(r#"{{"RoleName":"LinkedToX","AssumeRolePolicyDocument":"{trust}"}}"#);
    done(&world, "CreateRole", &create).await;
    belong_to_a_service(&world, "linkedtox").await;
    let inputs = [
        ("AttachRolePolicy", format!(r#","PolicyArn":"{READ_ONLY}""#)),
        ("DetachRolePolicy", format!(r#","PolicyArn":"{READ_ONLY}""#)),
        ("PutRolePolicy", format!(r#","PolicyName":"p","PolicyDocument":"{LIST_USERS}""#)),
        ("DeleteRolePolicy", r#","PolicyName":"p""#.to_owned()),
        ("PutRolePermissionsBoundary", format!(r#","PermissionsBoundary":"{READ_ONLY}""#)),
        ("DeleteRolePermissionsBoundary", String::new()),
        ("UpdateAssumeRolePolicy", format!(r#","PolicyDocument":"{trust}""#)),
        ("UpdateRole", r#","Description":"mine""#.to_owned()),
        ("UpdateRoleDescription", r#","Description":"mine""#.to_owned()),
        ("DeleteRole", String::new()),
    ];
    for (operation, more) in inputs {
        let input = format!(r#"{{"RoleName":"LinkedToX"{more}}}"#);
        let answer = world.call(&format!("iam:{operation}"), &input).await;
        let told = format!("{} {}: {}", answer.status, answer.text("/Code"), answer.text("/Message"));
        let expected = "400 UnmodifiableEntity: Cannot perform the operation on the protected role \
                        'LinkedToX' - this role is only modifiable by AWS";
        assert_eq!(told, expected, "{operation}");
    }
    done(&world, "GetRole", r#"{"RoleName":"LinkedToX"}"#).await;
    done(&world, "TagRole", r#"{"RoleName":"LinkedToX","Tags":[{"Key":"a","Value":""}]}"#).await;
}

/// Moves a role to where services' own roles live, as the service would that made it.
async fn belong_to_a_service(world: &World, key: &str) {
    let store = &world.corridor.universe().store;
    let key = ROLES.key(Scope::Account("111122223333".parse().expect("an account id")), key);
    let row = store.get(key.as_bytes()).await.expect("read");
    let role: Arc<Role> = row.decoded(|stored| ROLES.decode(stored)).expect("a role");
    let role = Role { path: "/aws-service-role/x.amazonaws.com/".to_owned(), ..(*role).clone() };
    let put = vec![(key, ROLES.encode(&role).expect("encoded"))];
    store.append(Frame { put, ..Frame::default() }).await.expect("appended");
}
