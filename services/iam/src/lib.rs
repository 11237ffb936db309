//! AWS Identity and Access Management: users, groups, roles, their access keys and their policies.
//!
//! - `model`: what users, groups, roles and policies have in common. The rows themselves are in `directory`, where every call's
//!   decision reads them.
//! - `ops`: one file an operation.
//!
//! A change holds from the next call on: nothing is cached beside the rows.

mod model;
mod ops;
#[cfg(test)]
mod testing;

use alcazar_corridor::{Entry, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry =
    ServiceEntry { service: &wire_iam::SERVICE, operations: OPERATIONS, jobs: &[], billed: None };

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::add_user_to_group::AddUserToGroup>(),
    Entry::of::<ops::attach_group_policy::AttachGroupPolicy>(),
    Entry::of::<ops::attach_role_policy::AttachRolePolicy>(),
    Entry::of::<ops::attach_user_policy::AttachUserPolicy>(),
    Entry::of::<ops::create_access_key::CreateAccessKey>(),
    Entry::of::<ops::create_account_alias::CreateAccountAlias>(),
    Entry::of::<ops::create_group::CreateGroup>(),
    Entry::of::<ops::create_policy::CreatePolicy>(),
    Entry::of::<ops::create_policy_version::CreatePolicyVersion>(),
    Entry::of::<ops::create_role::CreateRole>(),
    Entry::of::<ops::create_user::CreateUser>(),
    Entry::of::<ops::delete_access_key::DeleteAccessKey>(),
    Entry::of::<ops::delete_account_alias::DeleteAccountAlias>(),
    Entry::of::<ops::delete_group::DeleteGroup>(),
    Entry::of::<ops::delete_group_policy::DeleteGroupPolicy>(),
    Entry::of::<ops::delete_policy::DeletePolicy>(),
    Entry::of::<ops::delete_policy_version::DeletePolicyVersion>(),
    Entry::of::<ops::delete_role::DeleteRole>(),
    Entry::of::<ops::delete_role_permissions_boundary::DeleteRolePermissionsBoundary>(),
    Entry::of::<ops::delete_role_policy::DeleteRolePolicy>(),
    Entry::of::<ops::delete_user::DeleteUser>(),
    Entry::of::<ops::delete_user_permissions_boundary::DeleteUserPermissionsBoundary>(),
    Entry::of::<ops::delete_user_policy::DeleteUserPolicy>(),
    Entry::of::<ops::detach_group_policy::DetachGroupPolicy>(),
    Entry::of::<ops::detach_role_policy::DetachRolePolicy>(),
    Entry::of::<ops::detach_user_policy::DetachUserPolicy>(),
    Entry::of::<ops::get_access_key_last_used::GetAccessKeyLastUsed>(),
    Entry::of::<ops::get_account_summary::GetAccountSummary>(),
    Entry::of::<ops::get_group::GetGroup>(),
    Entry::of::<ops::get_group_policy::GetGroupPolicy>(),
    Entry::of::<ops::get_policy::GetPolicy>(),
    Entry::of::<ops::get_policy_version::GetPolicyVersion>(),
    Entry::of::<ops::get_role::GetRole>(),
    Entry::of::<ops::get_role_policy::GetRolePolicy>(),
    Entry::of::<ops::get_user::GetUser>(),
    Entry::of::<ops::get_user_policy::GetUserPolicy>(),
    Entry::of::<ops::list_access_keys::ListAccessKeys>(),
    Entry::of::<ops::list_account_aliases::ListAccountAliases>(),
    Entry::of::<ops::list_attached_group_policies::ListAttachedGroupPolicies>(),
    Entry::of::<ops::list_attached_role_policies::ListAttachedRolePolicies>(),
    Entry::of::<ops::list_attached_user_policies::ListAttachedUserPolicies>(),
    Entry::of::<ops::list_entities_for_policy::ListEntitiesForPolicy>(),
    Entry::of::<ops::list_group_policies::ListGroupPolicies>(),
    Entry::of::<ops::list_groups::ListGroups>(),
    Entry::of::<ops::list_groups_for_user::ListGroupsForUser>(),
    Entry::of::<ops::list_policies::ListPolicies>(),
    Entry::of::<ops::list_policy_tags::ListPolicyTags>(),
    Entry::of::<ops::list_policy_versions::ListPolicyVersions>(),
    Entry::of::<ops::list_role_policies::ListRolePolicies>(),
    Entry::of::<ops::list_role_tags::ListRoleTags>(),
    Entry::of::<ops::list_roles::ListRoles>(),
    Entry::of::<ops::list_user_policies::ListUserPolicies>(),
    Entry::of::<ops::list_user_tags::ListUserTags>(),
    Entry::of::<ops::list_users::ListUsers>(),
    Entry::of::<ops::put_group_policy::PutGroupPolicy>(),
    Entry::of::<ops::put_role_permissions_boundary::PutRolePermissionsBoundary>(),
    Entry::of::<ops::put_role_policy::PutRolePolicy>(),
    Entry::of::<ops::put_user_permissions_boundary::PutUserPermissionsBoundary>(),
    Entry::of::<ops::put_user_policy::PutUserPolicy>(),
    Entry::of::<ops::remove_user_from_group::RemoveUserFromGroup>(),
    Entry::of::<ops::set_default_policy_version::SetDefaultPolicyVersion>(),
    Entry::of::<ops::tag_policy::TagPolicy>(),
    Entry::of::<ops::tag_role::TagRole>(),
    Entry::of::<ops::tag_user::TagUser>(),
    Entry::of::<ops::untag_policy::UntagPolicy>(),
    Entry::of::<ops::untag_role::UntagRole>(),
    Entry::of::<ops::untag_user::UntagUser>(),
    Entry::of::<ops::update_access_key::UpdateAccessKey>(),
    Entry::of::<ops::update_assume_role_policy::UpdateAssumeRolePolicy>(),
    Entry::of::<ops::update_group::UpdateGroup>(),
    Entry::of::<ops::update_role::UpdateRole>(),
    Entry::of::<ops::update_role_description::UpdateRoleDescription>(),
    Entry::of::<ops::update_user::UpdateUser>(),
    // </operations>
];
