"""What AWS would have charged: real clients use keys and secrets, time passes, and `alcazar usage` prints the bill."""

import datetime
import json

from installation import Installation
from judge import Case


def micros(text):
    """Dollars as the program prints them, in millionths."""
    whole, fraction = text.split(".")
    assert len(fraction) == 6, text
    return int(whole) * 1_000_000 + int(fraction)


def hours_between(earlier, later):
    """The hours between two moments, each that has begun."""
    return -(-(later - earlier) // datetime.timedelta(hours=1))


class Usage(Case):
    """Each test has a store of its own, whose clock it moves to the first moment of a month's second day."""

    def setUp(self):
        self.home = Installation("--test-clock")
        self.addCleanup(self.home.close)
        self.account_id = self.home.account_id
        now = self.now()
        following = (now.replace(day=1) + datetime.timedelta(days=32)).replace(day=2, hour=0, minute=0, second=0)
        self.advance(following - now)
        self.month = following.replace(day=1)
        self.hours = hours_between(self.month, (self.month + datetime.timedelta(days=32)).replace(day=1))

    def now(self):
        text = self.home.alcazar("clock").splitlines()[0].split()[1]
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

    def advance(self, by):
        self.home.alcazar("clock", "advance", f"{int(by.total_seconds())}s")

    def bill(self, *arguments):
        (bill,) = json.loads(self.home.alcazar("usage", "--json", *arguments))
        return bill

    def test_keys_and_requests_are_priced_as_aws_prices_them(self):
        kms, secrets = self.client("kms"), self.client("secretsmanager")
        symmetric = self.key()
        rsa = self.key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        curve = self.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        for _ in range(7):
            kms.encrypt(KeyId=symmetric["KeyId"], Plaintext=b"usage")
        kms.sign(KeyId=rsa["KeyId"], Message=b"usage", SigningAlgorithm="RSASSA_PSS_SHA_256")
        kms.sign(KeyId=curve["KeyId"], Message=b"usage", SigningAlgorithm="ECDSA_SHA_256")
        kms.generate_data_key_pair(KeyId=symmetric["KeyId"], KeyPairSpec="RSA_2048")
        kms.generate_data_key_pair_without_plaintext(KeyId=symmetric["KeyId"], KeyPairSpec="ECC_NIST_P256")
        with self.refused("InvalidKeyUsageException"):
            kms.encrypt(KeyId=rsa["KeyId"], Plaintext=b"usage")
        secret = secrets.create_secret(Name="usage", SecretString="s")["ARN"]
        self.advance(datetime.timedelta(days=2))

        bill = self.bill()
        self.assertEqual((bill["AccountId"], bill["Month"]), (self.account_id, self.month.strftime("%Y-%m")))
        told = {it["Resource"]: it for it in bill["Resources"]}

        def operations(arn):
            return {it["Operation"]: (it["Requests"], micros(it["Cost"])) for it in told[arn]["Operations"]}

        self.assertEqual(
            operations(symmetric["Arn"]),
            {
                "CreateKey": (1, 3),
                "Encrypt": (7, 21),
                "GenerateDataKeyPair": (1, 1200),
                "GenerateDataKeyPairWithoutPlaintext": (1, 10),
            },
        )
        self.assertEqual(operations(rsa["Arn"]), {"CreateKey": (1, 3), "Sign": (1, 3)})
        self.assertEqual(operations(curve["Arn"]), {"CreateKey": (1, 3), "Sign": (1, 15)})
        self.assertEqual(operations(secret), {"CreateSecret": (1, 5)})
        for arn, kind, price in ((symmetric["Arn"], "Key", 1_000_000), (secret, "Secret", 400_000)):
            (kept,) = told[arn]["Kept"]
            self.assertEqual(kept["Kind"], kind)
            self.assertIn(kept["Hours"], (48, 49))
            self.assertEqual(micros(kept["Cost"]), (price * kept["Hours"] + self.hours // 2) // self.hours)
        self.assertEqual(bill["FailedRequests"], 1)
        lines = sum(micros(it["Cost"]) for it in bill["Resources"])
        self.assertEqual(micros(bill["Total"]), lines - micros(bill["FreeTier"]))
        self.assertTrue(bill["NotCounted"])

        table = self.home.alcazar("usage")
        self.assertIn(symmetric["Arn"], table)
        self.assertRegex(table, r"total +" + bill["Total"].split(".")[0] + r"\.\d{6}")

        # The next month begins with the keys alone.
        self.advance(datetime.timedelta(days=31))
        self.assertEqual(self.bill("--month", self.month.strftime("%Y-%m"))["Month"], bill["Month"])
        later = {it["Resource"]: it for it in self.bill()["Resources"]}
        self.assertEqual(later[symmetric["Arn"]]["Operations"], [])

    def test_a_deleted_key_is_paid_until_its_deletion_was_asked_for(self):
        kms = self.client("kms")
        key = self.key()
        self.advance(datetime.timedelta(days=1))
        kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
        for days, gone in ((1, False), (8, True)):
            self.advance(datetime.timedelta(days=days))
            if gone:
                self.eventually(lambda: self.is_gone(kms, key["KeyId"]))
            (told,) = [it for it in self.bill()["Resources"] if it["Resource"] == key["Arn"]]
            (kept,) = told["Kept"]
            self.assertIn(kept["Hours"], (24, 25))

    def is_gone(self, kms, key):
        with self.refused("NotFoundException"):
            kms.describe_key(KeyId=key)

    def test_accounts_are_apart(self):
        other = self.home.account("other")
        self.client("kms", other).create_key()
        self.key()
        bills = json.loads(self.home.alcazar("usage", "--account", "all", "--json"))
        self.assertEqual(len(bills), 2)
        for bill in bills:
            counted = [line for it in bill["Resources"] for line in it["Operations"] if line["Operation"] == "CreateKey"]
            self.assertEqual([line["Requests"] for line in counted], [1])
        (theirs,) = [bill["AccountId"] for bill in bills if bill["AccountId"] != self.account_id]
        self.assertEqual(self.bill("--account", theirs)["AccountId"], theirs)
        with self.assertRaisesRegex(RuntimeError, "no month"):
            self.home.alcazar("usage", "--month", "11-2026")
