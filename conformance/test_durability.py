"""What was answered is there, whatever happens to the process."""

import threading
import unittest

from botocore.exceptions import BotoCoreError, ClientError

from installation import Credentials, Installation


class Durability(unittest.TestCase):
    def setUp(self):
        self.home = Installation()
        self.addCleanup(self.home.close)

    def client(self, service):
        client = self.home.client(service)
        self.addCleanup(client.close)
        return client

    def test_killed_under_load_nothing_answered_is_lost(self):
        for round in range(2):
            answered = self.load_and_kill(round)
            self.assertGreater(sum(map(len, answered.values())), 20, "there was load")
            self.home.start()
            self.check(answered)

    def load_and_kill(self, round):
        """Callers of each kind, until the program is killed under them; what they were answered."""
        answered = {"users": [], "keys": [], "requests": []}
        enough = threading.Event()

        def caller(number):
            iam, kms = self.client("iam"), self.client("kms")
            at = 0
            try:
                while True:
                    name = f"user-{round}-{number}-{at}"
                    told = iam.create_user(UserName=name)
                    answered["users"].append((name, told["User"]["UserId"]))
                    answered["requests"].append((name, told["ResponseMetadata"]["RequestId"]))
                    key = kms.create_key()["KeyMetadata"]["KeyId"]
                    sealed = kms.encrypt(KeyId=key, Plaintext=name.encode())["CiphertextBlob"]
                    answered["keys"].append((sealed, name.encode()))
                    at += 1
                    if at >= 10:
                        enough.set()
            except (BotoCoreError, ClientError):
                enough.set()

        callers = [threading.Thread(target=caller, args=[number]) for number in range(4)]
        for thread in callers:
            thread.start()
        enough.wait(60)
        self.home.kill()
        for thread in callers:
            thread.join()
        return answered

    def check(self, answered):
        iam, kms, trail = self.client("iam"), self.client("kms"), self.client("cloudtrail")
        for name, unique in answered["users"]:
            self.assertEqual(iam.get_user(UserName=name)["User"]["UserId"], unique)
        for sealed, plain in answered["keys"]:
            self.assertEqual(kms.decrypt(CiphertextBlob=sealed)["Plaintext"], plain)
        for name, request in answered["requests"]:
            asked = [{"AttributeKey": "ResourceName", "AttributeValue": name}]
            events = trail.lookup_events(LookupAttributes=asked)["Events"]
            recorded = [event["CloudTrailEvent"] for event in events if event["EventName"] == "CreateUser"]
            self.assertEqual(len(recorded), 1, f"{name} was answered and must be recorded once")
            self.assertIn(request, recorded[0])
        # And the other way round: no user without his record.
        for page in iam.get_paginator("list_users").paginate():
            for user in page["Users"]:
                asked = [{"AttributeKey": "ResourceName", "AttributeValue": user["UserName"]}]
                names = [event["EventName"] for event in trail.lookup_events(LookupAttributes=asked)["Events"]]
                self.assertIn("CreateUser", names, user["UserName"])

    def test_a_stop_is_clean_and_the_next_start_is_the_same_installation(self):
        key = self.client("kms").create_key()["KeyMetadata"]
        self.assertEqual(self.home.stop(), 0)
        self.home.start()
        self.assertEqual(self.client("sts").get_caller_identity()["Account"], self.home.account_id)
        self.assertEqual(self.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"], key)

    def test_a_session_outlives_a_restart(self):
        iam = self.client("iam")
        iam.create_user(UserName="ann")
        user = Credentials.of(iam.create_access_key(UserName="ann")["AccessKey"])
        session = self.home.client("sts", user).get_session_token()["Credentials"]
        self.home.kill()
        self.home.start()
        told = self.home.client("sts", Credentials.of(session)).get_caller_identity()
        self.assertTrue(told["Arn"].endswith(":user/ann"))
