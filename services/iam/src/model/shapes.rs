//! Rows as the wire tells them. Which members an answer has depends on the operation.
//! Source: IAM API reference, the notes of `ListUsers`, `ListRoles` and `ListPolicies` on what they leave out.

use alcazar_core::Arn;
use alcazar_directory::{Group, ManagedPolicy, PolicyVersion, Role, Tags, User};
use wire_iam::PermissionsBoundaryAttachmentType;
use wire_iam::shapes as wire;

use super::url_encoded;

/// A user as lists tell it: without tags and boundary.
pub(crate) fn listed_user(user: &User) -> wire::User {
    wire::User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: user.arn.to_string(),
        create_date: user.created_at,
        ..wire::User::default()
    }
}

/// A user in full.
pub(crate) fn user(user: &User) -> wire::User {
    wire::User {
        permissions_boundary: boundary(user.permissions_boundary.as_ref()),
        tags: tags(&user.tags),
        ..listed_user(user)
    }
}

/// A group.
pub(crate) fn group(group: &Group) -> wire::Group {
    wire::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: group.arn.to_string(),
        create_date: group.created_at,
    }
}

/// A role as it is told when it was made: without description and session duration.
pub(crate) fn new_role(role: &Role) -> wire::Role {
    wire::Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: role.arn.to_string(),
        create_date: role.created_at,
        assume_role_policy_document: Some(url_encoded(&role.trust)),
        permissions_boundary: boundary(role.permissions_boundary.as_ref()),
        tags: tags(&role.tags),
        ..wire::Role::default()
    }
}

/// A role as lists tell it: without tags and boundary.
pub(crate) fn listed_role(role: &Role) -> wire::Role {
    wire::Role {
        description: role.description.clone(),
        max_session_duration: Some(role.max_session_duration),
        permissions_boundary: None,
        tags: None,
        ..new_role(role)
    }
}

/// A role in full. When it was last used is not told yet.
pub(crate) fn role(role: &Role) -> wire::Role {
    wire::Role {
        description: role.description.clone(),
        max_session_duration: Some(role.max_session_duration),
        role_last_used: Some(wire::RoleLastUsed::default()),
        ..new_role(role)
    }
}

/// A policy as lists tell it: without description and tags.
pub(crate) fn listed_policy(policy: &ManagedPolicy) -> wire::Policy {
    wire::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn.to_string()),
        path: Some(policy.path.clone()),
        default_version_id: Some(version_id(policy.default_version)),
        attachment_count: Some(policy.attachments),
        permissions_boundary_usage_count: Some(policy.boundaries),
        is_attachable: Some(true),
        create_date: Some(policy.created_at),
        update_date: Some(policy.updated_at),
        ..wire::Policy::default()
    }
}

/// A policy in full: its tags even where there are none.
pub(crate) fn policy(policy: &ManagedPolicy) -> wire::Policy {
    wire::Policy {
        description: policy.description.clone(),
        tags: Some(tags(&policy.tags).unwrap_or_default()),
        ..listed_policy(policy)
    }
}

/// A version of a policy without its document.
pub(crate) fn listed_version(policy: &ManagedPolicy, version: &PolicyVersion) -> wire::PolicyVersion {
    wire::PolicyVersion {
        document: None,
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(version.created_at),
    }
}

/// 3 is `v3`.
pub(crate) fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// Tags; `None` where there are none.
pub(crate) fn tags(tags: &Tags) -> Option<Vec<wire::Tag>> {
    let told = tags.iter().map(|(key, value)| wire::Tag::new(key.to_owned(), value.to_owned()));
    (!tags.is_empty()).then(|| told.collect())
}

fn boundary(arn: Option<&Arn>) -> Option<wire::AttachedPermissionsBoundary> {
    arn.map(|arn| wire::AttachedPermissionsBoundary {
        permissions_boundary_type: Some(PermissionsBoundaryAttachmentType::Policy),
        permissions_boundary_arn: Some(arn.to_string()),
    })
}
