//! CreateRole: makes a role that those may assume whom its trust policy names.
//!
//! Users and roles that the trust policy names must exist; the policy has at most 2,048 characters, white space not counted. Names are unique
//! in the account without regard to case. Tags need `iam:TagRole` too; the policy of a boundary is counted.
//! Source: IAM API reference, `CreateRole`.

use std::collections::BTreeMap;

use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{PolicyDocument, Role, Tags};
use wire_iam as wire;

use crate::model::{Rows, SERVICE_LINKED, missing_boundary, new_guard, shapes, tags, trust_document};

pub(crate) struct CreateRole;

impl Operation for CreateRole {
    type Shape = wire::CreateRole;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let path = input.path.as_deref().unwrap_or("/");
        let guard = new_guard::<Role>(view, path, &input.role_name);
        let keys = || wire::CreateRoleKeys { permissions_boundary: input.permissions_boundary.clone() };
        let located = Located::new(()).need(wire::actions::CREATE_ROLE, guard.clone(), keys());
        let tags = tags::pairs(input.tags.as_deref());
        Ok(match tags.is_empty() {
            true => located,
            false => located.need(wire::actions::TAG_ROLE, guard, keys()).tagging(tags),
        })
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let trust = trust_document(&call.input().assume_role_policy_document, call.view()).await?;
        let id = unique_id(UniqueIdPrefix::Role, call.random());
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let mut role = new_role(&rows, call.input(), &id, &trust)?;
            if let Some(wanted) = &call.input().permissions_boundary {
                // The model declares no NoSuchEntity for CreateRole, which IAM answers here.
                let missing = || wire::InvalidInputException::new(missing_boundary(wanted));
                role.permissions_boundary = Some(rows.new_boundary(wanted)?.ok_or_else(missing)?);
            }
            rows.create(&role)?;
            Ok(wire::CreateRoleResponse { role: shapes::new_role(&role) })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "iam:CreatePolicy",
                r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                &[],
            )],
            input: r#"{"RoleName":"deploy","Path":"/ci/","Description":"Deploys","MaxSessionDuration":7200,"PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"Team","Value":"blue"}],"AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
        }
    }
}

/// How long a session lasts at most, unless the role says otherwise: an hour.
const SESSION_DURATION: i32 = 3600;

type Refused = Refusal<wire::CreateRole>;

fn new_role(
    rows: &Rows<'_, '_, wire::CreateRole>,
    input: &Input<CreateRole>,
    id: &str,
    trust: &PolicyDocument,
) -> Result<Role, Refused> {
    rows.vacant::<Role>(&input.role_name)?;
    let path = input.path.as_deref().unwrap_or("/");
    if path.starts_with(SERVICE_LINKED) {
        let message = format!("The path {SERVICE_LINKED} is reserved for service-linked roles.");
        return Err(wire::InvalidInputException::new(message).into());
    }
    // Service-linked and built-in roles are called so, and the ARN of a session does not tell the path. The message is guessed.
    if input.role_name.starts_with("AWSServiceRoleFor") {
        let message = "Role names that begin with AWSServiceRoleFor are reserved for service-linked roles.";
        return Err(wire::InvalidInputException::new(message).into());
    }
    let mut put = Tags::default();
    tags::put::<wire::CreateRole>(
        &mut put,
        input.tags.as_deref().unwrap_or_default(),
        tags::Keys::IgnoreCase,
    )?;
    Ok(Role {
        name: input.role_name.clone(),
        path: path.to_owned(),
        id: id.to_owned(),
        arn: rows.arn(&format!("role{path}{}", input.role_name)),
        created_at: rows.now(),
        description: input.description.clone(),
        trust: trust.clone(),
        max_session_duration: input.max_session_duration.unwrap_or(SESSION_DURATION),
        tags: put,
        permissions_boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::CreateRole;
    use crate::testing::{Usage, done, example, full, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<CreateRole>().await, @r#"
        200
        <CreateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <CreateRoleResult>
        <Role>
        <Path>/ci/</Path>
        <RoleName>deploy</RoleName>
        <RoleId>AROAVXZBYA2BUTP4UMQAY</RoleId>
        <Arn>arn:aws:iam::111122223333:role/ci/deploy</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument>
        <PermissionsBoundary>
        <PermissionsBoundaryType>Policy</PermissionsBoundaryType>
        <PermissionsBoundaryArn>arn:aws:iam::111122223333:policy/reader</PermissionsBoundaryArn>
        </PermissionsBoundary>
        <Tags>
        <member>
        <Key>Team</Key>
        <Value>blue</Value>
        </member>
        </Tags>
        </Role>
        </CreateRoleResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </CreateRoleResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "CreateRole",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "assumeRolePolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}",
            "description": "Deploys",
            "maxSessionDuration": 7200,
            "path": "/ci/",
            "permissionsBoundary": "arn:aws:iam::111122223333:policy/reader",
            "roleName": "deploy",
            "tags": [
              {
                "key": "Team",
                "value": "blue"
              }
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:role/ci/deploy",
              "accountId": "111122223333",
              "type": "AWS::IAM::Role"
            }
          ],
          "responseElements": {
            "role": {
              "arn": "arn:aws:iam::111122223333:role/ci/deploy",
              "assumeRolePolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D",
              "createDate": "Nov 22, 2026, 12:00:00 PM",
              "path": "/ci/",
              "permissionsBoundary": {
                "permissionsBoundaryArn": "arn:aws:iam::111122223333:policy/reader",
                "permissionsBoundaryType": "Policy"
              },
              "roleId": "AROAVXZBYA2BUTP4UMQAY",
              "roleName": "deploy",
              "tags": [
                {
                  "key": "Team",
                  "value": "blue"
                }
              ]
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
    async fn names_are_unique_without_regard_to_case() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let told = refused(&world, "CreateRole", r#"{"RoleName":"Deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#).await;
        assert_eq!(told, "409 EntityAlreadyExists: Role with name Deploy already exists.");
    }

    #[tokio::test]
    async fn the_trust_policy_names_principals_and_actions_of_sts() {
        let world = world(&[]).await;
        let told = refused(&world, "CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"s3:*\"}]}"}"#).await;
        assert_eq!(
            told,
            "400 MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions."
        );
        let told =
            refused(&world, "CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"no"}"#).await;
        assert_eq!(told, "400 MalformedPolicyDocument: This policy contains invalid Json");
    }

    #[tokio::test]
    async fn users_and_roles_that_it_names_must_exist() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let named = |user: &str| {
            let made = r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#;
            let arn = format!(r#"\"AWS\":\"arn:aws:iam::111122223333:user/{user}\""#);
            made.replace(r#"\"Service\":\"ec2.amazonaws.com\""#, &arn)
        };
        let told = refused(&world, "CreateRole", &named("alice")).await;
        let expected = r#"400 MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/alice""#;
        assert_eq!(told, expected);
        done(&world, "CreateRole", &named("bob")).await;
    }

    #[tokio::test]
    async fn a_boundary_must_exist() {
        let input = r#"{"PermissionsBoundary":"arn:aws:iam::111122223333:policy/none","RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#;
        let told = refused(&world(&[]).await, "CreateRole", input).await;
        assert_eq!(
            told,
            "400 InvalidInput: Scope ARN: arn:aws:iam::111122223333:policy/none does not exist or is not attachable."
        );
    }

    #[tokio::test]
    async fn limits_are_kept() {
        let world = world(&[]).await;
        let long = r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#.replace("ec2.amazonaws.com", &"a".repeat(2048));
        let told = refused(&world, "CreateRole", &long).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048");
        let reserved = r#"{"Path":"/aws-service-role/x.amazonaws.com/","RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#;
        let told = refused(&world, "CreateRole", reserved).await;
        assert_eq!(
            told,
            "400 InvalidInput: The path /aws-service-role/ is reserved for service-linked roles."
        );
        let named = reserved
            .replace("/aws-service-role/x.amazonaws.com/", "/")
            .replace("deploy", "AWSServiceRoleForX");
        let told = refused(&world, "CreateRole", &named).await;
        assert_eq!(
            told,
            "400 InvalidInput: Role names that begin with AWSServiceRoleFor are reserved for service-linked roles."
        );
        full(&world, Usage { roles: 1000, ..Usage::default() }).await;
        let told = refused(&world, "CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000");
    }
}
