//! ListRoles: the roles under a path, by name, in pages; without tags and boundaries.
//! Source: IAM API reference, `ListRoles`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Ask, Entity, listing, scan, shapes, shown_trust};

pub(crate) struct ListRoles;

impl Operation for ListRoles {
    type Shape = wire::ListRoles;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = listing(view, "role", input.path_prefix.as_deref());
        Ok(Located::new(()).need(wire::actions::LIST_ROLES, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, prefix)?;
        let under = |row: &Role| row.path.starts_with(prefix);
        let page =
            ask.page(&call, scan(call.view(), Role::TABLE, ask.after(), ask.wanted(), under).await?)?;
        let mut roles = Vec::with_capacity(page.items.len());
        for role in &page.items {
            roles.push(shapes::listed_role(&shown_trust(call.view(), role).await?));
        }
        call.answer(wire::ListRolesResponse { is_truncated: page.is_truncated(), roles, marker: page.marker })
            .await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "iam:CreateRole",
                    r#"{"RoleName":"Zoe","Path":"/staff/","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:CreateRole",
                    r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
                    &[],
                ),
            ],
            input: "{}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListRoles;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListRoles>().await, @r#"
        200
        <ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListRolesResult>
        <Roles>
        <member>
        <Path>/</Path>
        <RoleName>deploy</RoleName>
        <RoleId>AROAVXZBYA2BUTP4UMQAY</RoleId>
        <Arn>arn:aws:iam::111122223333:role/deploy</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument>
        <MaxSessionDuration>3600</MaxSessionDuration>
        </member>
        <member>
        <Path>/staff/</Path>
        <RoleName>Zoe</RoleName>
        <RoleId>AROARR3FJ3H5PMFWEO4AH</RoleId>
        <Arn>arn:aws:iam::111122223333:role/staff/Zoe</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument>
        <MaxSessionDuration>3600</MaxSessionDuration>
        </member>
        </Roles>
        <IsTruncated>false</IsTruncated>
        </ListRolesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListRolesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListRoles",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": null,
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
    }

    #[tokio::test]
    async fn they_come_by_name_whatever_its_case_in_pages() {
        let world = world(&[("CreateRole", r#"{"RoleName":"Zoe","Path":"/staff/","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreateRole", r#"{"RoleName":"alice","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let first = world.call("iam:ListRoles", r#"{"MaxItems":1}"#).await.ok();
        assert_eq!(first.text("/RoleName"), "alice");
        let rest = format!(r#"{{"Marker":"{}"}}"#, first.text("/Marker"));
        let names = texts(&world, "ListRoles", &rest, "RoleName").await;
        assert_eq!(names, ["deploy", "Zoe"]);
        let told = refused(&world, "ListRoles", r#"{"Marker":"x"}"#).await;
        assert_eq!(told, "400 ValidationError: Invalid Marker.");
    }

    #[tokio::test]
    async fn a_prefix_of_the_path_chooses() {
        let world = world(&[("CreateRole", r#"{"RoleName":"Zoe","Path":"/staff/","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        assert_eq!(texts(&world, "ListRoles", r#"{"PathPrefix":"/staff"}"#, "RoleName").await, ["Zoe"]);
        assert!(texts(&world, "ListRoles", r#"{"PathPrefix":"/none/"}"#, "RoleName").await.is_empty());
    }
}
