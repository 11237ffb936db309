//! GetAccountSummary: how much of each IAM quota the account uses.
//!
//! What cannot exist here yet (passwords, MFA devices, certificates, instance profiles, identity providers) is told as none.
//! Source: IAM API reference, `GetAccountSummary`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{ACCOUNTS, Group, Role, USAGE, Usage, User};
use alcazar_store::Scope;
use wire_iam as wire;
use wire_iam::SummaryKeyType;

use crate::model::{Counted, Entity, anything, quota};

pub(crate) struct GetAccountSummary;

impl Operation for GetAccountSummary {
    type Shape = wire::GetAccountSummary;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::GET_ACCOUNT_SUMMARY, anything(view), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let usage = call.view().get(&USAGE, Scope::Account(call.account()), "").await?;
        let usage = usage.map(|usage| *usage).unwrap_or_default();
        let account = call.view().get(&ACCOUNTS, Scope::Installation, &call.account()).await?;
        let root_keys = account.is_some_and(|account| !account.root_access_keys.is_empty());
        let told = SummaryKeyType::ALL.iter().map(|key| (key.to_string(), value(*key, &usage, root_keys)));
        call.answer(wire::GetAccountSummaryResponse { summary_map: Some(told.collect()) }).await
    }

    fn example() -> Example {
        Example { world: &[("iam:CreateUser", r#"{"UserName":"bob"}"#, &[])], input: "{}" }
    }
}

fn value(key: SummaryKeyType, usage: &Usage, root_keys: bool) -> i32 {
    use SummaryKeyType as Key;
    match key {
        Key::Users => usage.users,
        Key::UsersQuota => Counted::Users.quota(),
        Key::Groups => usage.groups,
        Key::GroupsQuota => Counted::Groups.quota(),
        Key::Roles => usage.roles,
        Key::RolesQuota => Counted::Roles.quota(),
        Key::Policies => usage.policies,
        Key::PoliciesQuota => Counted::Policies.quota(),
        Key::PolicyVersionsInUse => usage.policy_versions,
        Key::PolicyVersionsInUseQuota => Counted::PolicyVersions.quota(),
        Key::VersionsPerPolicyQuota => quota::VERSIONS_PER_POLICY as i32,
        Key::PolicySizeQuota => quota::POLICY_SIZE as i32,
        Key::AssumeRolePolicySizeQuota => quota::TRUST_SIZE as i32,
        Key::UserPolicySizeQuota => User::INLINE_SIZE as i32,
        Key::GroupPolicySizeQuota => Group::INLINE_SIZE as i32,
        Key::RolePolicySizeQuota => Role::INLINE_SIZE as i32,
        Key::AttachedPoliciesPerUserQuota
        | Key::AttachedPoliciesPerGroupQuota
        | Key::AttachedPoliciesPerRoleQuota => quota::ATTACHED_POLICIES as i32,
        Key::GroupsPerUserQuota => quota::GROUPS_PER_USER as i32,
        Key::AccessKeysPerUserQuota => quota::ACCESS_KEYS_PER_USER as i32,
        Key::AccountAccessKeysPresent => i32::from(root_keys),
        Key::ServerCertificatesQuota => 20,
        Key::SigningCertificatesPerUserQuota => 2,
        Key::InstanceProfilesQuota => 1000,
        // The tokens of the global endpoint hold in every Region.
        Key::GlobalEndpointTokenVersion => 2,
        Key::ServerCertificates
        | Key::MfaDevices
        | Key::MfaDevicesInUse
        | Key::AccountMfaEnabled
        | Key::AccountPasswordPresent
        | Key::AccountSigningCertificatesPresent
        | Key::InstanceProfiles
        | Key::Providers => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::GetAccountSummary;
    use crate::testing::{example, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetAccountSummary>().await, @r#"
        200
        <GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <GetAccountSummaryResult>
        <SummaryMap>
        <entry>
        <key>AccessKeysPerUserQuota</key>
        <value>2</value>
        </entry>
        <entry>
        <key>AccountAccessKeysPresent</key>
        <value>1</value>
        </entry>
        <entry>
        <key>AccountMFAEnabled</key>
        <value>0</value>
        </entry>
        <entry>
        <key>AccountPasswordPresent</key>
        <value>0</value>
        </entry>
        <entry>
        <key>AccountSigningCertificatesPresent</key>
        <value>0</value>
        </entry>
        <entry>
        <key>AssumeRolePolicySizeQuota</key>
        <value>2048</value>
        </entry>
        <entry>
        <key>AttachedPoliciesPerGroupQuota</key>
        <value>10</value>
        </entry>
        <entry>
        <key>AttachedPoliciesPerRoleQuota</key>
        <value>10</value>
        </entry>
        <entry>
        <key>AttachedPoliciesPerUserQuota</key>
        <value>10</value>
        </entry>
        <entry>
        <key>GlobalEndpointTokenVersion</key>
        <value>2</value>
        </entry>
        <entry>
        <key>GroupPolicySizeQuota</key>
        <value>5120</value>
        </entry>
        <entry>
        <key>Groups</key>
        <value>0</value>
        </entry>
        <entry>
        <key>GroupsPerUserQuota</key>
        <value>10</value>
        </entry>
        <entry>
        <key>GroupsQuota</key>
        <value>300</value>
        </entry>
        <entry>
        <key>InstanceProfiles</key>
        <value>0</value>
        </entry>
        <entry>
        <key>InstanceProfilesQuota</key>
        <value>1000</value>
        </entry>
        <entry>
        <key>MFADevices</key>
        <value>0</value>
        </entry>
        <entry>
        <key>MFADevicesInUse</key>
        <value>0</value>
        </entry>
        <entry>
        <key>Policies</key>
        <value>0</value>
        </entry>
        <entry>
        <key>PoliciesQuota</key>
        <value>1500</value>
        </entry>
        <entry>
        <key>PolicySizeQuota</key>
        <value>6144</value>
        </entry>
        <entry>
        <key>PolicyVersionsInUse</key>
        <value>0</value>
        </entry>
        <entry>
        <key>PolicyVersionsInUseQuota</key>
        <value>10000</value>
        </entry>
        <entry>
        <key>Providers</key>
        <value>0</value>
        </entry>
        <entry>
        <key>RolePolicySizeQuota</key>
        <value>10240</value>
        </entry>
        <entry>
        <key>Roles</key>
        <value>0</value>
        </entry>
        <entry>
        <key>RolesQuota</key>
        <value>1000</value>
        </entry>
        <entry>
        <key>ServerCertificates</key>
        <value>0</value>
        </entry>
        <entry>
        <key>ServerCertificatesQuota</key>
        <value>20</value>
        </entry>
        <entry>
        <key>SigningCertificatesPerUserQuota</key>
        <value>2</value>
        </entry>
        <entry>
        <key>UserPolicySizeQuota</key>
        <value>2048</value>
        </entry>
        <entry>
        <key>Users</key>
        <value>1</value>
        </entry>
        <entry>
        <key>UsersQuota</key>
        <value>5000</value>
        </entry>
        <entry>
        <key>VersionsPerPolicyQuota</key>
        <value>5</value>
        </entry>
        </SummaryMap>
        </GetAccountSummaryResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </GetAccountSummaryResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "GetAccountSummary",
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
    async fn what_is_made_is_counted_and_what_is_deleted_is_not() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreateUser", r#"{"UserName":"carol"}"#), ("DeleteUser", r#"{"UserName":"bob"}"#), ("CreateGroup", r#"{"GroupName":"admins"}"#), ("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#)]).await;
        let told = world.call("iam:GetAccountSummary", "{}").await.ok();
        let counted =
            ["Users", "Groups", "Roles", "Policies", "PolicyVersionsInUse", "AccountAccessKeysPresent"].map(
                |key| {
                    let (_, rest) =
                        told.body.split_once(&format!("<key>{key}</key><value>")).unwrap_or_default();
                    rest.split('<').next().unwrap_or_default().to_owned()
                },
            );
        assert_eq!(counted, ["1", "1", "1", "1", "2", "1"]);
    }
}
