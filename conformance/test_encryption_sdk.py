"""The AWS Encryption SDK: what one language seals the other opens, and KMS has the last word."""

import json

from judge import Case
from sealing import LANGUAGES, Sealing

PAIRS = [(one, other) for one in LANGUAGES for other in LANGUAGES]
PLAINTEXT = "the quick brown fox".encode() * 500
CONTEXT = {"purpose": "test", "owner": "écurie"}


class EncryptionSdk(Sealing, Case):
    def test_what_one_language_seals_each_opens_with_its_context(self):
        key = self.key()["Arn"]
        for one, other in PAIRS:
            with self.subTest(sealed_by=one, opened_by=other):
                message, _ = self.done_in(one, "encrypt", PLAINTEXT, [key], CONTEXT)
                self.assertNotIn(PLAINTEXT[:16], message)
                opened, context = self.done_in(other, "decrypt", message, [key])
                self.assertEqual(opened, PLAINTEXT)
                self.assertLessEqual(CONTEXT.items(), context.items())
                discovered, _ = self.done_in(other, "decrypt", message)
                self.assertEqual(discovered, PLAINTEXT)

    def test_any_of_several_keys_opens_and_another_does_not(self):
        first, second, stranger = (self.key()["Arn"] for _ in range(3))
        for one, other in PAIRS:
            with self.subTest(sealed_by=one, opened_by=other):
                message, _ = self.done_in(one, "encrypt", PLAINTEXT, [first, second], CONTEXT)
                for key in [first, second]:
                    self.assertEqual(self.done_in(other, "decrypt", message, [key])[0], PLAINTEXT)
                self.assertNotEqual(self.run_in(other, "decrypt", message, [stranger]).returncode, 0)

    def test_a_replica_opens_what_its_primary_sealed_by_a_call_in_its_own_region(self):
        primary = self.key(MultiRegion=True)["Arn"]
        self.client("kms").replicate_key(KeyId=primary, ReplicaRegion="ap-southeast-2")
        replica = primary.replace("us-east-1", "ap-southeast-2")
        there = {"region": "ap-southeast-2", "mrk": True}
        for one, other in PAIRS:
            with self.subTest(sealed_by=one, opened_by=other):
                message, _ = self.done_in(one, "encrypt", PLAINTEXT, [primary], CONTEXT, mrk=True)
                self.assertEqual(self.done_in(other, "decrypt", message, [replica], **there)[0], PLAINTEXT)
                self.assertEqual(self.done_in(other, "decrypt", message, **there)[0], PLAINTEXT)
        wanted = [{"AttributeKey": "ResourceName", "AttributeValue": replica}]
        trail = self.client("cloudtrail", region="ap-southeast-2").lookup_events(LookupAttributes=wanted)["Events"]
        opened = [json.loads(event["CloudTrailEvent"]) for event in trail if event["EventName"] == "Decrypt"]
        self.assertEqual(len(opened), 2 * len(PAIRS))
        for event in opened:
            self.assertEqual(event["awsRegion"], "ap-southeast-2")
            self.assertLessEqual(CONTEXT.items(), event["requestParameters"]["encryptionContext"].items())

    def test_an_altered_message_and_a_caller_without_the_right_open_nothing(self):
        key = self.key()["Arn"]
        _, writer = self.user(("Allow", ["kms:GenerateDataKey", "kms:Encrypt"], key))
        for one, other in PAIRS:
            with self.subTest(sealed_by=one, opened_by=other):
                message, _ = self.done_in(one, "encrypt", PLAINTEXT, [key], CONTEXT, credentials=writer)
                denied = self.run_in(other, "decrypt", message, [key], credentials=writer)
                self.assertNotEqual(denied.returncode, 0)
                altered = message.replace(b"owner", b"0wner", 1)
                self.assertNotEqual(altered, message)
                self.assertNotEqual(self.run_in(other, "decrypt", altered, [key]).returncode, 0)
