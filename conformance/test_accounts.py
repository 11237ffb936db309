"""Two accounts: what crosses between them needs both sides."""

from judge import Case, policy, trust


class Accounts(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.home.account("other")

    def test_an_account_of_its_own(self):
        self.assertRegex(self.other.account_id, "^[0-9]{12}$")
        self.assertNotEqual(self.other.account_id, self.account_id)
        told = self.client("sts", self.other).get_caller_identity()
        self.assertEqual(told["Arn"], f"arn:aws:iam::{self.other.account_id}:root")

    def test_names_do_not_meet(self):
        name, _ = self.user()
        with self.refused("NoSuchEntity", 404):
            self.client("iam", self.other).get_user(UserName=name)
        self.user(credentials=self.other, name=name)

    def test_a_role_of_another_account_needs_trust_and_right(self):
        _, allowed = self.user(("Allow", "sts:AssumeRole", "*"), credentials=self.other)
        _, powerless = self.user(credentials=self.other)
        open_to_them = self.role(("Allow", "kms:ListKeys", "*"), trusting=trust({"AWS": self.other.account_id}))
        closed = self.role()
        session = self.assumed(open_to_them, allowed)
        self.assertEqual(self.client("sts", session).get_caller_identity()["Account"], self.account_id)
        self.client("kms", session).list_keys()
        for role, credentials in [(open_to_them, powerless), (closed, allowed)]:
            with self.refused("AccessDenied", 403):
                self.assumed(role, credentials)

    def test_a_trust_that_names_them_still_needs_their_own_accounts_allow(self):
        name, powerless = self.user(credentials=self.other)
        role = self.role(trusting=trust({"AWS": f"arn:aws:iam::{self.other.account_id}:user/{name}"}))
        with self.refused("AccessDenied", 403):
            self.assumed(role, powerless)

    def test_a_key_of_another_account_needs_both_policies(self):
        kms, key = self.client("kms"), self.key()
        _, allowed = self.user(("Allow", "kms:*", "*"), credentials=self.other)
        name, powerless = self.user(credentials=self.other)
        theirs = self.client("kms", allowed)
        with self.refused("AccessDeniedException", says="no resource-based policies allow access"):
            theirs.encrypt(KeyId=key["Arn"], Plaintext=b"x")
        everybody = [f"arn:aws:iam::{self.account_id}:root", f"arn:aws:iam::{self.other.account_id}:root"]
        document = policy({"Effect": "Allow", "Principal": {"AWS": everybody}, "Action": "kms:*", "Resource": "*"})
        kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=document)
        sealed = theirs.encrypt(KeyId=key["Arn"], Plaintext=b"crossing")
        self.assertEqual(sealed["KeyId"], key["Arn"])
        self.assertEqual(theirs.decrypt(CiphertextBlob=sealed["CiphertextBlob"], KeyId=key["Arn"])["Plaintext"], b"crossing")
        with self.refused("AccessDeniedException"):
            self.client("kms", powerless).encrypt(KeyId=key["Arn"], Plaintext=b"x")
        with self.refused("NotFoundException"):
            theirs.encrypt(KeyId=key["KeyId"], Plaintext=b"x")

    def test_what_is_managed_at_home_is_not_managed_from_outside(self):
        key = self.key()
        everybody = [f"arn:aws:iam::{self.account_id}:root", f"arn:aws:iam::{self.other.account_id}:root"]
        document = policy({"Effect": "Allow", "Principal": {"AWS": everybody}, "Action": "kms:*", "Resource": "*"})
        self.client("kms").put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=document)
        _, allowed = self.user(("Allow", "kms:*", "*"), credentials=self.other)
        with self.refused("AccessDeniedException"):
            self.client("kms", allowed).schedule_key_deletion(KeyId=key["Arn"])

    def test_each_account_sees_its_own_history(self):
        _, credentials = self.user(credentials=self.other)
        self.client("sts", credentials).get_caller_identity()
        trail = self.client("cloudtrail", self.other)
        asked = {"AttributeKey": "AccessKeyId", "AttributeValue": credentials.access_key_id}
        self.assertEqual(len(trail.lookup_events(LookupAttributes=[asked])["Events"]), 1)
        ours = self.client("cloudtrail").lookup_events(LookupAttributes=[asked])
        self.assertEqual(ours["Events"], [])

    def test_the_installation_is_administered_from_the_first_account_alone(self):
        told = self.home.alcazar("account", "list")
        self.assertIn(self.other.account_id, told)
        self.assertIn(self.account_id, told)
