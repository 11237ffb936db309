"""Time as an input: a store with a test clock, moved forward."""

import datetime
import subprocess

from installation import PROGRAM, Installation
from judge import Case


class Clock(Case):
    """Each test has a store of its own: time does not go back."""

    def setUp(self):
        self.home = Installation("--test-clock")
        self.addCleanup(self.home.close)
        self.account_id = self.home.account_id

    def advance(self, by):
        self.assertRegex(self.home.alcazar("clock", "advance", by), r"now +\d{4}-")

    def test_a_scheduled_deletion_happens(self):
        kms = self.client("kms")
        made = self.key()
        sealed = kms.encrypt(KeyId=made["KeyId"], Plaintext=b"gone")["CiphertextBlob"]
        kms.create_alias(AliasName="alias/gone", TargetKeyId=made["KeyId"])
        kms.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=7)
        self.advance("6d")
        self.assertEqual(kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["KeyState"], "PendingDeletion")
        self.advance("400d")
        self.eventually(lambda: self.is_gone(kms, made["KeyId"]))
        with self.assertRaises(Exception):
            kms.decrypt(CiphertextBlob=sealed)
        self.assertEqual([it for it in kms.list_aliases()["Aliases"] if it["AliasName"] == "alias/gone"], [])
        self.assertNotIn(made["KeyId"], [key["KeyId"] for key in kms.list_keys()["Keys"]])

    def is_gone(self, kms, key):
        with self.refused("NotFoundException"):
            kms.describe_key(KeyId=key)

    def test_a_session_ends(self):
        _, credentials = self.user(("Allow", "sts:AssumeRole", "*"))
        session = self.assumed(self.role(("Allow", "kms:ListKeys", "*")), credentials, DurationSeconds=900)
        self.client("kms", session).list_keys()
        self.advance("14m")
        self.client("kms", session).list_keys()
        self.advance("2m")
        with self.refused("ExpiredTokenException", says="The security token included in the request is expired"):
            self.client("kms", session).list_keys()
        with self.refused("ExpiredToken", 403, "The security token included in the request is expired"):
            self.client("sts", session).get_caller_identity()

    def test_long_term_keys_and_signatures_do_not_notice(self):
        self.advance("400d")
        self.client("sts").get_caller_identity()

    def test_a_key_rotates_when_its_year_is_over(self):
        kms = self.client("kms")
        key = self.key()["KeyId"]
        kms.enable_key_rotation(KeyId=key)
        before = kms.encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
        self.advance("366d")

        def rotated():
            kinds = [it["RotationType"] for it in kms.list_key_rotations(KeyId=key)["Rotations"]]
            self.assertEqual(kinds, ["AUTOMATIC"])

        self.eventually(rotated)
        self.assertEqual(kms.decrypt(CiphertextBlob=before)["Plaintext"], b"before")
        after = kms.encrypt(KeyId=key, Plaintext=b"after")["CiphertextBlob"]
        self.assertEqual(kms.decrypt(CiphertextBlob=after)["Plaintext"], b"after")

    def test_the_history_ends_after_90_days(self):
        trail = self.client("cloudtrail")
        asked = [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
        self.client("iam").create_user(UserName="old")
        self.assertEqual(len(trail.lookup_events(LookupAttributes=asked)["Events"]), 1)
        self.advance("91d")

        def forgotten():
            self.assertEqual(trail.lookup_events(LookupAttributes=asked)["Events"], [])

        self.eventually(forgotten)
        self.client("iam").get_user(UserName="old")

    def test_the_records_tell_the_services_time(self):
        self.advance("400d")
        self.client("iam").create_user(UserName="later")
        event = self.client("cloudtrail").lookup_events(MaxResults=1)["Events"][0]
        ahead = event["EventTime"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(ahead.days, 400, delta=1)

    def test_such_a_store_is_never_served_as_an_ordinary_one(self):
        self.home.stop()
        arguments = [str(PROGRAM), "serve", "--listen", "127.0.0.1:0", "--metrics", "off"]
        done = subprocess.run(
            arguments, env=self.home.environment(None), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20
        )
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--test-clock", done.stderr + done.stdout)


class OrdinaryClock(Case):
    def test_it_cannot_be_moved(self):
        with self.assertRaisesRegex(RuntimeError, "clock"):
            self.home.alcazar("clock", "advance", "1d")
