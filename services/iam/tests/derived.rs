//! What every operation answers to whom: the golden of the derived checks.

use alcazar_iam::SERVICE;
use alcazar_testkit::derived;

#[tokio::test]
async fn strangers_are_refused_and_the_root_user_is_answered() {
    insta::assert_snapshot!(derived(&[SERVICE]).await, @r#"
    iam:AddUserToGroup: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:AttachGroupPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:AttachRolePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:AttachUserPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:CreateAccessKey: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 2, root 200
    iam:CreateAccountAlias: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:CreateGroup: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 5, root 200
    iam:CreatePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 8, root 200
    iam:CreatePolicyVersion: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 5, root 200
    iam:CreateRole: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 12, root 200
    iam:CreateUser: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:DeleteAccessKey: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 5, root 200
    iam:DeleteAccountAlias: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:DeleteGroup: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:DeleteGroupPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:DeletePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:DeletePolicyVersion: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:DeleteRole: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:DeleteRolePermissionsBoundary: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:DeleteRolePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:DeleteUser: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:DeleteUserPermissionsBoundary: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:DeleteUserPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:DetachGroupPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:DetachRolePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:DetachUserPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:GetAccessKeyLastUsed: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:GetAccountSummary: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 0, root 200
    iam:GetGroup: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:GetGroupPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:GetPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:GetPolicyVersion: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:GetRole: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 3, root 200
    iam:GetRolePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:GetUser: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 2, root 200
    iam:GetUserPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:ListAccessKeys: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:ListAccountAliases: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:ListAttachedGroupPolicies: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 9, root 200
    iam:ListAttachedRolePolicies: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 9, root 200
    iam:ListAttachedUserPolicies: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 9, root 200
    iam:ListEntitiesForPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 11, root 200
    iam:ListGroupPolicies: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListGroups: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:ListGroupsForUser: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListPolicies: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 8, root 200
    iam:ListPolicyTags: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListPolicyVersions: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListRolePolicies: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListRoleTags: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListRoles: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:ListUserPolicies: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListUserTags: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:ListUsers: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:PutGroupPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 8, root 200
    iam:PutRolePermissionsBoundary: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:PutRolePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 8, root 200
    iam:PutUserPermissionsBoundary: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:PutUserPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 8, root 200
    iam:RemoveUserFromGroup: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:SetDefaultPolicyVersion: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:TagPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:TagRole: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:TagUser: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:UntagPolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:UntagRole: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:UntagUser: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 4, root 200
    iam:UpdateAccessKey: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:UpdateAssumeRolePolicy: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 5, root 200
    iam:UpdateGroup: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    iam:UpdateRole: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 6, root 200
    iam:UpdateRoleDescription: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 5, root 200
    iam:UpdateUser: unsigned 403 MissingAuthenticationToken, nobody 403 AccessDenied, malformed 7, root 200
    "#);
}
