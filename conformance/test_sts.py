"""STS: who one is, and credentials that end."""

import datetime
import urllib.request

from installation import Credentials
from judge import Case, policy, trust

ASSUME = ("Allow", "sts:AssumeRole", "*")


class WhoOneIs(Case):
    def test_the_root_user_is_the_account(self):
        told = self.client("sts").get_caller_identity()
        self.assertEqual(told["Account"], self.account_id)
        self.assertEqual(told["UserId"], self.account_id)
        self.assertEqual(told["Arn"], f"arn:aws:iam::{self.account_id}:root")

    def test_a_user_is_told_by_path_and_unique_id_and_needs_no_right(self):
        name, credentials = self.user(path="/team/blue/")
        told = self.client("sts", credentials).get_caller_identity()
        self.assertEqual(told["Arn"], f"arn:aws:iam::{self.account_id}:user/team/blue/{name}")
        self.assertRegex(told["UserId"], "^AIDA[A-Z0-9]{17}$")

    def test_every_region_of_the_accounts_partition_answers(self):
        for region in ["eu-central-1", "ap-southeast-2", "sa-east-1", "me-central-1"]:
            told = self.client("sts", region=region).get_caller_identity()
            self.assertEqual(told["Account"], self.account_id, region)

    def test_another_partition_does_not_know_the_account(self):
        for region in ["us-gov-west-1", "cn-north-1"]:
            with self.subTest(region=region), self.refused("InvalidClientTokenId", 403):
                self.client("sts", region=region).get_caller_identity()

    def test_an_access_key_tells_its_account(self):
        told = self.client("sts").get_access_key_info(AccessKeyId=self.home.root.access_key_id)
        self.assertEqual(told["Account"], self.account_id)

    def test_a_presigned_question_is_answered(self):
        url = self.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        request = urllib.request.Request(url, headers={"Accept": "application/json"})
        with urllib.request.urlopen(request) as answer:
            self.assertIn(f"arn:aws:iam::{self.account_id}:root", answer.read().decode())


class Roles(Case):
    def test_a_session_is_the_role_for_an_hour(self):
        _, credentials = self.user(ASSUME)
        role = self.role()
        answer = self.client("sts", credentials).assume_role(RoleArn=role["Arn"], RoleSessionName="night@shift")
        self.assertEqual(answer["AssumedRoleUser"]["AssumedRoleId"], f"{role['RoleId']}:night@shift")
        arn = f"arn:aws:sts::{self.account_id}:assumed-role/{role['RoleName']}/night@shift"
        self.assertEqual(answer["AssumedRoleUser"]["Arn"], arn)
        session = answer["Credentials"]
        self.assertRegex(session["AccessKeyId"], "^ASIA[A-Z0-9]{16}$")
        left = session["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 3600, delta=60)
        told = self.client("sts", Credentials.of(session)).get_caller_identity()
        self.assertEqual((told["Arn"], told["UserId"]), (arn, f"{role['RoleId']}:night@shift"))

    def test_a_role_must_trust_and_the_caller_be_allowed(self):
        _, allowed = self.user(ASSUME)
        _, powerless = self.user()
        role = self.role()
        distrusting = self.role(trusting=trust({"Service": "ec2.amazonaws.com"}))
        says = r"User: arn:aws:iam::\d{12}:user/\S+ is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::\d{12}:role/"
        for credentials, arn in [
            (powerless, role["Arn"]),
            (allowed, distrusting["Arn"]),
            (allowed, f"arn:aws:iam::{self.account_id}:role/nowhere"),
        ]:
            with self.refused("AccessDenied", 403, says):
                self.client("sts", credentials).assume_role(RoleArn=arn, RoleSessionName="session")

    def test_a_trust_that_names_the_user_is_enough(self):
        name, credentials = self.user()
        role = self.role(trusting=trust({"AWS": f"arn:aws:iam::{self.account_id}:user/{name}"}))
        self.assumed(role, credentials)

    def test_an_external_id_is_asked_for(self):
        _, credentials = self.user(ASSUME)
        condition = {"StringEquals": {"sts:ExternalId": "agreed"}}
        role = self.role(trusting=trust({"AWS": self.account_id}, condition))
        self.assumed(role, credentials, ExternalId="agreed")
        for wrong in [{}, {"ExternalId": "guessed"}]:
            with self.refused("AccessDenied", 403):
                self.assumed(role, credentials, **wrong)

    def test_a_session_lasts_as_long_as_the_role_lets_it(self):
        _, credentials = self.user(ASSUME)
        role = self.role(MaxSessionDuration=7200)
        self.assumed(role, credentials, DurationSeconds=7200)
        with self.refused("ValidationError", says="MaxSessionDuration"):
            self.assumed(role, credentials, DurationSeconds=7201)
        with self.refused("ValidationError", says="greater than or equal to 900"):
            sts = self.client("sts", credentials, parameter_validation=False)
            sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session", DurationSeconds=899)

    def test_a_session_policy_narrows_and_never_widens(self):
        _, credentials = self.user(ASSUME)
        role = self.role(("Allow", "iam:ListUsers", "*"), ("Allow", "iam:ListRoles", "*"))
        narrow = policy(("Allow", ["iam:ListUsers", "iam:ListGroups"], "*"))
        iam = self.client("iam", self.assumed(role, credentials, Policy=narrow))
        iam.list_users()
        with self.refused("AccessDenied", 403, "no session policy allows the iam:ListRoles action"):
            iam.list_roles()
        with self.refused("AccessDenied", 403, "no identity-based policy allows the iam:ListGroups action"):
            iam.list_groups()

    def test_a_broken_session_policy_is_refused(self):
        _, credentials = self.user(ASSUME)
        role = self.role()
        with self.refused("MalformedPolicyDocument"):
            self.assumed(role, credentials, Policy="{}")

    def test_session_tags_are_the_principals_tags(self):
        _, credentials = self.user(("Allow", ["sts:AssumeRole", "sts:TagSession"], "*"))
        condition = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
        may = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": condition}
        role = self.role(may, trusting=trust({"AWS": self.account_id}, actions=["sts:AssumeRole", "sts:TagSession"]))
        blue = self.assumed(role, credentials, Tags=[{"Key": "team", "Value": "blue"}])
        self.client("iam", blue).list_users()
        red = self.assumed(role, credentials, Tags=[{"Key": "team", "Value": "red"}])
        with self.refused("AccessDenied", 403):
            self.client("iam", red).list_users()

    def test_tagging_a_session_is_a_right_of_its_own(self):
        _, credentials = self.user(ASSUME)
        role = self.role()
        with self.refused("AccessDenied", 403, "sts:TagSession"):
            self.assumed(role, credentials, Tags=[{"Key": "team", "Value": "blue"}])

    def test_roles_chain_for_an_hour_at_most(self):
        _, credentials = self.user(ASSUME)
        first = self.role(ASSUME, MaxSessionDuration=43200)
        second = self.role(MaxSessionDuration=43200)
        session = self.assumed(first, credentials)
        self.assumed(second, session)
        with self.refused("ValidationError", says="role chaining"):
            self.assumed(second, session, DurationSeconds=3601)

    def test_root_may_not_assume_roles(self):
        role = self.role()
        with self.refused("AccessDenied", 403, "Roles may not be assumed by root accounts"):
            self.assumed(role, None)


class OtherSessions(Case):
    def test_a_session_token_is_the_same_user(self):
        name, credentials = self.user(("Allow", "kms:ListKeys", "*"))
        answer = self.client("sts", credentials).get_session_token(DurationSeconds=900)
        session = Credentials.of(answer["Credentials"])
        told = self.client("sts", session).get_caller_identity()
        self.assertEqual(told["Arn"], f"arn:aws:iam::{self.account_id}:user/{name}")
        self.client("kms", session).list_keys()

    def test_a_session_without_mfa_asks_neither_iam_nor_sts(self):
        _, credentials = self.user(("Allow", "*", "*"))
        session = Credentials.of(self.client("sts", credentials).get_session_token()["Credentials"])
        with self.refused("AccessDenied", 403):
            self.client("sts", session).get_federation_token(Name="somebody")
        with self.refused("InvalidClientTokenId", 403):
            self.client("iam", session).list_users()

    def test_a_federated_user_has_what_both_policies_allow(self):
        _, credentials = self.user(("Allow", ["sts:GetFederationToken", "kms:ListKeys"], "*"))
        both = policy(("Allow", ["kms:ListKeys", "kms:ListAliases"], "*"))
        answer = self.client("sts", credentials).get_federation_token(Name="Bob", Policy=both)
        arn = f"arn:aws:sts::{self.account_id}:federated-user/Bob"
        self.assertEqual(answer["FederatedUser"], {"FederatedUserId": f"{self.account_id}:Bob", "Arn": arn})
        session = Credentials.of(answer["Credentials"])
        self.assertEqual(self.client("sts", session).get_caller_identity()["Arn"], arn)
        kms = self.client("kms", session)
        kms.list_keys()
        with self.refused("AccessDeniedException"):
            kms.list_aliases()

    def test_a_token_that_was_touched_is_worth_nothing(self):
        _, credentials = self.user(ASSUME)
        session = self.assumed(self.role(), credentials)
        letter = session.session_token[40]
        session.session_token = session.session_token[:40] + ("A" if letter != "A" else "B") + session.session_token[41:]
        with self.refused("InvalidClientTokenId", 403, "The security token included in the request is invalid"):
            self.client("sts", session).get_caller_identity()

    def test_a_session_without_its_token_is_nobody(self):
        _, credentials = self.user(ASSUME)
        session = self.assumed(self.role(), credentials)
        session.session_token = None
        with self.refused("InvalidClientTokenId", 403):
            self.client("sts", session).get_caller_identity()

    def test_what_is_not_built_says_so(self):
        with self.refused("NotImplementedException", 501):
            self.client("sts").decode_authorization_message(EncodedMessage="x")
