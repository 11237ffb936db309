//! GetAccountSummary: how much of each IAM quota the account uses.
//!
//! What cannot exist here yet (passwords, MFA devices, certificates, instance profiles, identity providers) is told as none.
//! Source: IAM API reference, `GetAccountSummary`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{ACCOUNTS, Group, Role, USAGE, Usage, User};
use alcazar_store::Scope;
use wire_iam::SummaryKeyType;

use crate::model::{Counted, Entity, anything, quota};
use wire_iam as wire;

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
        insta::assert_snapshot!(example::<GetAccountSummary>().await, @"");
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
