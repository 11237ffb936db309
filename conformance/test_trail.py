"""The event history: every call is there, as soon as it was answered, and in CloudTrail's form."""

import datetime
import json

from judge import Case, named


class Trail(Case):
    def setUp(self):
        self.trail = self.client("cloudtrail")

    def events(self, attribute, value, **options):
        """Events by one attribute, newest first, each with its record read."""
        asked = [{"AttributeKey": attribute, "AttributeValue": value}]
        found = self.trail.get_paginator("lookup_events").paginate(LookupAttributes=asked, **options)
        events = [event for page in found for event in page["Events"]]
        for event in events:
            event["Record"] = json.loads(event["CloudTrailEvent"])
        return events

    def test_the_call_before_is_seen_whole(self):
        name = named("seen")
        answer = self.client("iam").create_user(UserName=name, Tags=[{"Key": "a", "Value": "b"}])
        event = self.events("ResourceName", name)[0]
        self.assertEqual((event["EventName"], event["EventSource"], event["ReadOnly"]), ("CreateUser", "iam.amazonaws.com", "false"))
        self.assertEqual(event["AccessKeyId"], self.home.root.access_key_id)
        self.assertIsInstance(event["EventTime"], datetime.datetime)
        record = event["Record"]
        self.assertEqual(record["eventID"], event["EventId"])
        self.assertEqual(record["requestID"], answer["ResponseMetadata"]["RequestId"])
        self.assertRegex(record["eventVersion"], r"^1\.\d+$")
        self.assertEqual(record["eventType"], "AwsApiCall")
        self.assertEqual(record["eventCategory"], "Management")
        self.assertIs(record["managementEvent"], True)
        self.assertEqual(record["recipientAccountId"], self.account_id)
        self.assertEqual(record["sourceIPAddress"], "127.0.0.1")
        self.assertIn("Boto3", record["userAgent"])
        self.assertEqual(record["requestParameters"]["userName"], name)
        self.assertEqual(record["responseElements"]["user"]["userId"], answer["User"]["UserId"])
        identity = record["userIdentity"]
        self.assertEqual((identity["type"], identity["arn"]), ("Root", f"arn:aws:iam::{self.account_id}:root"))
        self.assertEqual((identity["principalId"], identity["accountId"]), (self.account_id, self.account_id))

    def test_refusals_are_recorded_with_code_and_words(self):
        name, credentials = self.user()
        with self.refused("AccessDeniedException") as caught:
            self.client("kms", credentials).list_keys()
        event = self.events("Username", name)[0]
        self.assertEqual(event["EventName"], "ListKeys")
        self.assertEqual(event["Record"]["errorCode"], "AccessDenied")
        self.assertEqual(event["Record"]["errorMessage"], caught.exception.response["Error"]["Message"])
        self.assertIsNone(event["Record"]["responseElements"])
        identity = event["Record"]["userIdentity"]
        self.assertEqual((identity["type"], identity["userName"]), ("IAMUser", name))
        self.assertRegex(identity["principalId"], "^AIDA")

    def test_a_session_tells_its_issuer(self):
        _, credentials = self.user(("Allow", "sts:AssumeRole", "*"))
        role = self.role(("Allow", "kms:ListKeys", "*"))
        session = self.assumed(role, credentials)
        self.client("kms", session).list_keys()
        event = self.events("AccessKeyId", session.access_key_id)[0]
        identity = event["Record"]["userIdentity"]
        self.assertEqual(identity["type"], "AssumedRole")
        self.assertEqual(identity["principalId"], f"{role['RoleId']}:session")
        issuer = identity["sessionContext"]["sessionIssuer"]
        self.assertEqual((issuer["type"], issuer["arn"], issuer["userName"]), ("Role", role["Arn"], role["RoleName"]))
        self.assertEqual(event["Username"], "session")
        assumed = self.events("EventName", "AssumeRole")[0]["Record"]
        self.assertEqual(assumed["requestParameters"]["roleArn"], role["Arn"])
        self.assertEqual(assumed["responseElements"]["credentials"]["accessKeyId"], session.access_key_id)
        self.assertNotIn("secretAccessKey", json.dumps(assumed))

    def test_secrets_and_plaintext_are_not_recorded(self):
        key, kms = self.key()["KeyId"], self.client("kms")
        sealed = kms.encrypt(KeyId=key, Plaintext=b"not for the trail", EncryptionContext={"tenant": "blue"})
        kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"tenant": "blue"})
        events = self.events("ResourceName", sealed["KeyId"])
        records = {event["EventName"]: event["Record"] for event in events}
        for name in ["Encrypt", "Decrypt"]:
            self.assertEqual(records[name]["requestParameters"]["encryptionContext"], {"tenant": "blue"})
            self.assertEqual(records[name]["resources"], [
                {"accountId": self.account_id, "type": "AWS::KMS::Key", "ARN": sealed["KeyId"]}
            ])
        self.assertNotIn("bm90IGZvciB0aGUgdHJhaWw", json.dumps(records))
        name, _ = self.user()
        made = [event for event in self.events("EventName", "CreateAccessKey") if name in event["CloudTrailEvent"]]
        self.assertNotIn("secretAccessKey", made[0]["Record"]["responseElements"]["accessKey"])

    def test_what_was_made_is_named(self):
        made = self.key()
        events = self.events("ResourceName", made["Arn"])
        self.assertEqual([event["EventName"] for event in events], ["CreateKey"])
        self.assertEqual(events[0]["Record"]["responseElements"]["keyMetadata"]["keyId"], made["KeyId"])

    def test_every_attribute_finds(self):
        name, credentials = self.user(("Allow", "kms:ListKeys", "*"))
        self.client("kms", credentials).list_keys()
        one = self.events("Username", name)[0]
        cases = [
            ("EventId", one["EventId"]),
            ("EventName", "ListKeys"),
            ("EventSource", "kms.amazonaws.com"),
            ("ReadOnly", "true"),
            ("AccessKeyId", credentials.access_key_id),
            ("Username", name),
        ]
        for attribute, value in cases:
            with self.subTest(attribute=attribute):
                asked = [{"AttributeKey": attribute, "AttributeValue": value}]
                found = self.trail.lookup_events(LookupAttributes=asked, MaxResults=50)["Events"]
                self.assertIn(one["EventId"], [event["EventId"] for event in found])
        self.key()
        kinds = self.events("ResourceType", "AWS::KMS::Key", PaginationConfig={"MaxItems": 1})
        self.assertEqual(kinds[0]["Resources"][0]["ResourceType"], "AWS::KMS::Key")

    def test_pages_are_in_order_without_gap_or_repetition(self):
        name, credentials = self.user()
        sts = self.client("sts", credentials)
        for _ in range(7):
            sts.get_caller_identity()
        events = self.events("AccessKeyId", credentials.access_key_id, PaginationConfig={"PageSize": 3})
        self.assertEqual(len(events), 7)
        self.assertEqual(len({event["EventId"] for event in events}), 7)
        times = [event["EventTime"] for event in events]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_a_time_span_bounds(self):
        name, credentials = self.user()
        self.client("sts", credentials).get_caller_identity()
        now = datetime.datetime.now(datetime.timezone.utc)
        asked = [{"AttributeKey": "AccessKeyId", "AttributeValue": credentials.access_key_id}]
        hour = datetime.timedelta(hours=1)
        inside = self.trail.lookup_events(LookupAttributes=asked, StartTime=now - hour, EndTime=now + hour)
        self.assertEqual(len(inside["Events"]), 1)
        before = self.trail.lookup_events(LookupAttributes=asked, StartTime=now - 2 * hour, EndTime=now - hour)
        self.assertEqual(before["Events"], [])
        with self.refused("InvalidTimeRangeException"):
            self.trail.lookup_events(StartTime=now, EndTime=now - hour)

    def test_a_token_belongs_to_its_question(self):
        first = self.trail.lookup_events(MaxResults=1)
        with self.refused("InvalidNextTokenException"):
            self.trail.lookup_events(
                MaxResults=1,
                NextToken=first["NextToken"],
                LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListKeys"}],
            )
        with self.refused("InvalidNextTokenException"):
            self.trail.lookup_events(NextToken="made-up")
