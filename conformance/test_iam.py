"""IAM: users, groups, roles, policies, keys, and the refusals that clients act on."""

import datetime
import json

from installation import Credentials
from judge import USUAL, Case, named, policy, trust

TRUST = trust({"Service": "ec2.amazonaws.com"})
LIST = policy(("Allow", "kms:ListKeys", "*"))


class Users(Case):
    def setUp(self):
        self.iam = self.client("iam")

    def test_a_user_lives_from_create_to_delete(self):
        name = named("ann")
        made = self.iam.create_user(UserName=name, Path="/staff/", Tags=[{"Key": "team", "Value": "blue"}])["User"]
        self.assertEqual(made["Arn"], f"arn:aws:iam::{self.account_id}:user/staff/{name}")
        self.assertRegex(made["UserId"], "^AIDA[A-Z0-9]{17}$")
        self.assertIsInstance(made["CreateDate"], datetime.datetime)
        self.iam.get_waiter("user_exists").wait(UserName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
        self.iam.update_user(UserName=name, NewUserName=name + "-new", NewPath="/")
        got = self.iam.get_user(UserName=name + "-new")["User"]
        self.assertEqual((got["UserId"], got["Path"]), (made["UserId"], "/"))
        self.assertEqual(got["Tags"], [{"Key": "team", "Value": "blue"}])
        self.iam.delete_user(UserName=name + "-new")
        with self.refused("NoSuchEntity", 404, f"The user with name {name}-new cannot be found."):
            self.iam.get_user(UserName=name + "-new")

    def test_names_are_unique_without_regard_to_case(self):
        name = named("carl")
        self.iam.create_user(UserName=name)
        for taken in [name, name.upper()]:
            with self.refused("EntityAlreadyExists", 409, "already exists"):
                self.iam.create_user(UserName=taken)

    def test_a_page_leads_to_the_next(self):
        path = f"/{named('many')}/"
        names = sorted(named("user") for _ in range(7))
        for name in names:
            self.iam.create_user(UserName=name, Path=path)
        pages = list(self.iam.get_paginator("list_users").paginate(PathPrefix=path, PaginationConfig={"PageSize": 3}))
        self.assertEqual([len(page["Users"]) for page in pages], [3, 3, 1])
        self.assertEqual([page["IsTruncated"] for page in pages], [True, True, False])
        self.assertEqual(sorted(user["UserName"] for page in pages for user in page["Users"]), names)

    def test_a_user_who_has_things_is_not_deleted(self):
        name, _ = self.user(("Allow", "*", "*"))
        with self.refused("DeleteConflict", 409):
            self.iam.delete_user(UserName=name)

    def test_two_access_keys_at_most_and_only_active_ones_sign(self):
        name, credentials = self.user(("Allow", "kms:ListKeys", "*"))
        second = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.assertEqual(second["Status"], "Active")
        self.assertRegex(second["AccessKeyId"], "^AKIA[A-Z0-9]{16}$")
        self.assertEqual(len(second["SecretAccessKey"]), 40)
        with self.refused("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
            self.iam.create_access_key(UserName=name)
        listed = self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
        self.assertEqual(
            {key["AccessKeyId"] for key in listed}, {credentials.access_key_id, second["AccessKeyId"]}
        )
        kms = self.client("kms", credentials)
        kms.list_keys()
        self.iam.update_access_key(UserName=name, AccessKeyId=credentials.access_key_id, Status="Inactive")
        with self.refused("UnrecognizedClientException"):
            kms.list_keys()
        self.iam.update_access_key(UserName=name, AccessKeyId=credentials.access_key_id, Status="Active")
        kms.list_keys()
        used = self.iam.get_access_key_last_used(AccessKeyId=credentials.access_key_id)
        self.assertEqual(used["UserName"], name)
        self.assertEqual(used["AccessKeyLastUsed"]["ServiceName"], "kms")
        self.iam.delete_access_key(UserName=name, AccessKeyId=credentials.access_key_id)
        with self.refused("UnrecognizedClientException"):
            kms.list_keys()

    def test_a_user_makes_keys_for_himself_without_naming_himself(self):
        name, credentials = self.user(("Allow", ["iam:CreateAccessKey", "iam:GetUser"], "arn:aws:iam::*:user/${aws:username}"))
        iam = self.client("iam", credentials)
        self.assertEqual(iam.get_user()["User"]["UserName"], name)
        self.assertEqual(iam.create_access_key()["AccessKey"]["UserName"], name)
        with self.refused("AccessDenied", 403, "is not authorized to perform: iam:GetUser on resource: "):
            iam.get_user(UserName="stranger")

    def test_tags_are_set_listed_and_removed(self):
        name, _ = self.user()
        self.iam.tag_user(UserName=name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
        self.iam.tag_user(UserName=name, Tags=[{"Key": "a", "Value": "2"}])
        tags = self.iam.list_user_tags(UserName=name)["Tags"]
        self.assertEqual(sorted((tag["Key"], tag["Value"]) for tag in tags), [("a", "2"), ("b", "")])
        self.iam.untag_user(UserName=name, TagKeys=["a"])
        self.assertEqual(self.iam.list_user_tags(UserName=name)["Tags"], [{"Key": "b", "Value": ""}])


class Groups(Case):
    def test_a_member_has_what_the_group_has(self):
        iam = self.client("iam")
        name, credentials = self.user()
        group = named("group")
        made = iam.create_group(GroupName=group)["Group"]
        self.assertRegex(made["GroupId"], "^AGPA")
        iam.put_group_policy(GroupName=group, PolicyName="list", PolicyDocument=LIST)
        kms = self.client("kms", credentials)
        with self.refused("AccessDeniedException"):
            kms.list_keys()
        iam.add_user_to_group(GroupName=group, UserName=name)
        kms.list_keys()
        self.assertEqual([user["UserName"] for user in iam.get_group(GroupName=group)["Users"]], [name])
        self.assertEqual([it["GroupName"] for it in iam.list_groups_for_user(UserName=name)["Groups"]], [group])
        with self.refused("DeleteConflict", 409):
            iam.delete_group(GroupName=group)
        iam.remove_user_from_group(GroupName=group, UserName=name)
        with self.refused("AccessDeniedException"):
            kms.list_keys()
        iam.delete_group_policy(GroupName=group, PolicyName="list")
        iam.delete_group(GroupName=group)


class Roles(Case):
    def setUp(self):
        self.iam = self.client("iam")

    def test_a_role_lives_from_create_to_delete(self):
        name = named("role")
        made = self.iam.create_role(
            RoleName=name, Path="/app/", AssumeRolePolicyDocument=TRUST, Description="Serves", MaxSessionDuration=7200
        )["Role"]
        self.assertEqual(made["Arn"], f"arn:aws:iam::{self.account_id}:role/app/{name}")
        self.assertRegex(made["RoleId"], "^AROA")
        self.iam.get_waiter("role_exists").wait(RoleName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
        self.iam.update_role(RoleName=name, Description="Serves well", MaxSessionDuration=3600)
        other = trust({"Service": "lambda.amazonaws.com"})
        self.iam.update_assume_role_policy(RoleName=name, PolicyDocument=other)
        got = self.iam.get_role(RoleName=name)["Role"]
        self.assertEqual(got["AssumeRolePolicyDocument"], json.loads(other))
        self.assertEqual((got["Description"], got["MaxSessionDuration"]), ("Serves well", 3600))
        self.assertIn(name, [role["RoleName"] for role in self.iam.list_roles(PathPrefix="/app/")["Roles"]])
        self.iam.delete_role(RoleName=name)
        with self.refused("NoSuchEntity", 404, f"The role with name {name} cannot be found."):
            self.iam.get_role(RoleName=name)

    def test_a_broken_trust_is_refused(self):
        for broken in ["", "{", "[]", policy(("Allow", "sts:AssumeRole", "*")), trust({"AWS": "arn:aws:iam::123:root"})]:
            with self.refused("MalformedPolicyDocument" if broken else "ValidationError"):
                iam = self.client("iam", parameter_validation=False)
                iam.create_role(RoleName=named("role"), AssumeRolePolicyDocument=broken)

    def test_inline_policies_are_kept_as_they_came(self):
        role = self.role()["RoleName"]
        self.iam.put_role_policy(RoleName=role, PolicyName="list", PolicyDocument=LIST)
        self.assertEqual(self.iam.list_role_policies(RoleName=role)["PolicyNames"], ["list"])
        got = self.iam.get_role_policy(RoleName=role, PolicyName="list")
        self.assertEqual(got["PolicyDocument"], json.loads(LIST))
        with self.refused("DeleteConflict", 409):
            self.iam.delete_role(RoleName=role)
        self.iam.delete_role_policy(RoleName=role, PolicyName="list")
        with self.refused("NoSuchEntity", 404):
            self.iam.get_role_policy(RoleName=role, PolicyName="list")


class Policies(Case):
    def setUp(self):
        self.iam = self.client("iam")

    def made(self, document=LIST, **options):
        return self.iam.create_policy(PolicyName=named("policy"), PolicyDocument=document, **options)["Policy"]

    def test_a_policy_has_five_versions_and_a_default(self):
        made = self.made(Description="Lists")
        arn = made["Arn"]
        self.assertEqual(made["DefaultVersionId"], "v1")
        self.assertRegex(made["PolicyId"], "^ANPA")
        self.iam.get_waiter("policy_exists").wait(PolicyArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
        for _ in range(4):
            self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(USUAL))
        with self.refused("LimitExceeded", 409):
            self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=LIST)
        self.iam.set_default_policy_version(PolicyArn=arn, VersionId="v3")
        with self.refused("DeleteConflict", 409):
            self.iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
        self.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
        versions = self.iam.list_policy_versions(PolicyArn=arn)["Versions"]
        told = {version["VersionId"]: version["IsDefaultVersion"] for version in versions}
        self.assertEqual(told, {"v2": False, "v3": True, "v4": False, "v5": False})
        document = self.iam.get_policy_version(PolicyArn=arn, VersionId="v3")["PolicyVersion"]["Document"]
        self.assertEqual(document, USUAL)
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"], "v3")

    def test_what_is_attached_is_in_force_and_is_not_deleted(self):
        arn = self.made()["Arn"]
        name, credentials = self.user()
        kms = self.client("kms", credentials)
        self.iam.attach_user_policy(UserName=name, PolicyArn=arn)
        kms.list_keys()
        attached = self.iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        self.assertEqual([policy["PolicyArn"] for policy in attached], [arn])
        entities = self.iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual([user["UserName"] for user in entities["PolicyUsers"]], [name])
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
        with self.refused("DeleteConflict", 409):
            self.iam.delete_policy(PolicyArn=arn)
        self.iam.detach_user_policy(UserName=name, PolicyArn=arn)
        with self.refused("AccessDeniedException"):
            kms.list_keys()
        with self.refused("NoSuchEntity", 404):
            self.iam.detach_user_policy(UserName=name, PolicyArn=arn)
        self.iam.delete_policy(PolicyArn=arn)

    def test_an_explicit_deny_wins(self):
        name, credentials = self.user(("Allow", "*", "*"), ("Deny", "kms:ListKeys", "*"))
        with self.refused("AccessDeniedException", says="with an explicit deny in an identity-based policy"):
            self.client("kms", credentials).list_keys()
        self.client("kms", credentials).list_aliases()

    def test_a_boundary_bounds(self):
        name, credentials = self.user(("Allow", "kms:*", "*"))
        self.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=self.made()["Arn"])
        kms = self.client("kms", credentials)
        kms.list_keys()
        with self.refused("AccessDeniedException", says="no permissions boundary allows the kms:ListAliases action"):
            kms.list_aliases()
        boundary = self.iam.get_user(UserName=name)["User"]["PermissionsBoundary"]
        self.assertEqual(boundary["PermissionsBoundaryType"], "Policy")
        self.iam.delete_user_permissions_boundary(UserName=name)
        kms.list_aliases()

    def test_policies_are_listed_by_scope_and_page(self):
        path = f"/{named('scope')}/"
        arns = sorted(self.made(Path=path)["Arn"] for _ in range(3))
        pages = self.iam.get_paginator("list_policies").paginate(
            Scope="Local", PathPrefix=path, PaginationConfig={"PageSize": 2}
        )
        self.assertEqual(sorted(policy["Arn"] for page in pages for policy in page["Policies"]), arns)

    def test_a_broken_document_is_refused_in_awss_words(self):
        for broken in ["{", "{}", policy(("Permit", "*", "*")), policy({"Effect": "Allow", "Action": "*"})]:
            with self.refused("MalformedPolicyDocument"):
                self.made(broken)
        with self.refused("MalformedPolicyDocument"):
            self.made(policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}))

    def test_tags_of_a_policy(self):
        arn = self.made(Tags=[{"Key": "a", "Value": "1"}])["Arn"]
        self.iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "b", "Value": "2"}])
        self.iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
        self.assertEqual(self.iam.list_policy_tags(PolicyArn=arn)["Tags"], [{"Key": "b", "Value": "2"}])


class Account(Case):
    def test_the_alias_is_one(self):
        iam = self.client("iam")
        alias = named("castle")
        iam.create_account_alias(AccountAlias=alias)
        self.assertEqual(iam.list_account_aliases()["AccountAliases"], [alias])
        iam.delete_account_alias(AccountAlias=alias)
        self.assertEqual(iam.list_account_aliases()["AccountAliases"], [])

    def test_the_summary_counts(self):
        before = self.client("iam").get_account_summary()["SummaryMap"]
        self.user()
        after = self.client("iam").get_account_summary()["SummaryMap"]
        self.assertEqual(after["Users"], before["Users"] + 1)
        self.assertEqual(after["AccessKeysPerUserQuota"], 2)

    def test_violations_are_told_at_once(self):
        iam = self.client("iam", parameter_validation=False)
        with self.refused("ValidationError", says="2 validation errors detected"):
            iam.create_user(UserName="not valid", Path="nowhere")

    def test_what_is_not_built_says_so(self):
        with self.refused("NotImplementedException", 501):
            self.client("iam").list_open_id_connect_providers()
