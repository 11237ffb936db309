"""Who is refused before anything is asked of a service, and in which words each service says it."""

import contextlib
import datetime
import http.client
import json
import unittest.mock
import urllib.parse

import botocore.auth
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys

from installation import Credentials
from judge import Case

QUERY = ["iam", "sts"]
JSON = ["kms", "cloudtrail"]
ASK = {
    "iam": lambda client: client.list_users(),
    "sts": lambda client: client.get_caller_identity(),
    "kms": lambda client: client.list_keys(),
    "cloudtrail": lambda client: client.lookup_events(MaxResults=1),
}


class Signatures(Case):
    def test_a_wrong_secret(self):
        wrong = Credentials(self.home.root.access_key_id, "x" * 40)
        says = "The request signature we calculated does not match the signature you provided"
        for service in QUERY:
            with self.subTest(service=service), self.refused("SignatureDoesNotMatch", 403, says):
                ASK[service](self.client(service, wrong))
        for service in JSON:
            with self.subTest(service=service), self.refused("InvalidSignatureException", 400, says):
                ASK[service](self.client(service, wrong))

    def test_an_unknown_key(self):
        stranger = Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)
        says = "The security token included in the request is invalid"
        for service in QUERY:
            with self.subTest(service=service), self.refused("InvalidClientTokenId", 403, says):
                ASK[service](self.client(service, stranger))
        for service in JSON:
            with self.subTest(service=service), self.refused("UnrecognizedClientException", 400, says):
                ASK[service](self.client(service, stranger))

    def test_a_date_that_is_off(self):
        real = botocore.auth.get_current_datetime
        cases = [("sts", 14, None), ("sts", 16, "SignatureDoesNotMatch"), ("sts", -16, "SignatureDoesNotMatch"),
                 ("kms", 4, None), ("kms", 6, "InvalidSignatureException"), ("kms", -6, "InvalidSignatureException")]
        for service, minutes, code in cases:
            with self.subTest(service=service, minutes=minutes), contextlib.ExitStack() as stack:
                shifted = lambda *arguments, **named: real(*arguments, **named) + datetime.timedelta(minutes=minutes)
                stack.enter_context(unittest.mock.patch("botocore.auth.get_current_datetime", shifted))
                if code:
                    stack.enter_context(self.refused(code, 403 if service == "sts" else 400, "Signature (expired|not yet current)"))
                ASK[service](self.client(service))


class Raw(Case):
    """Requests that no client of AWS's would send."""

    def ask(self, body, headers, service="kms", sign=True, method="POST", path="/"):
        """Sends the bytes; the status and the answer's text."""
        request = AWSRequest(method, self.home.endpoint + path, data=body, headers=headers)
        if sign:
            keys = Keys(self.home.root.access_key_id, self.home.root.secret_access_key)
            SigV4Auth(keys, service, "us-east-1").add_auth(request)
        host = urllib.parse.urlparse(self.home.endpoint)
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=10)
        try:
            connection.request(method, path, body, dict(request.headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def kms(self, operation, body, **options):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{operation}"}
        return self.ask(body, headers, **options)

    def assertRefused(self, answer, status, code):
        self.assertEqual(answer[0], status, answer[1])
        self.assertIn(code, answer[1])

    def test_an_unsigned_call_of_each_kind(self):
        self.assertRefused(self.kms("ListKeys", "{}", sign=False), 403, "MissingAuthenticationTokenException")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = "Action=GetCallerIdentity&Version=2011-06-15"
        self.assertRefused(self.ask(body, headers, sign=False), 403, "MissingAuthenticationToken")

    def test_operations_that_nobody_knows(self):
        self.assertRefused(self.kms("Conjure", "{}"), 400, "UnknownOperationException")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = "Action=Conjure&Version=2010-05-08"
        self.assertRefused(self.ask(body, headers, service="iam"), 400, "InvalidAction")

    def test_bodies_that_are_no_json(self):
        for body in ["{", "[]", "null", '"text"', b"\xff\xfe", '{"KeyId": 7}', "[" * 10000]:
            status, text = self.kms("DescribeKey", body)
            self.assertEqual(status, 400, body)
            self.assertRegex(text, "SerializationException|ValidationException", body)

    def test_violations_are_told_at_once_and_in_awss_words(self):
        status, text = self.kms("Encrypt", "{}")
        self.assertEqual(status, 400)
        told = json.loads(text)
        self.assertTrue(told["__type"].endswith("ValidationException"), told)
        message = told.get("message", told.get("Message"))
        self.assertIn("2 validation errors detected: ", message)
        self.assertIn("Value null at 'keyId' failed to satisfy constraint: Member must not be null", message)
        self.assertIn("Value null at 'plaintext' failed to satisfy constraint: Member must not be null", message)

    def test_a_body_that_was_exchanged_after_signing(self):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.ListKeys"}
        request = AWSRequest("POST", self.home.endpoint + "/", data="{}", headers=headers)
        keys = Keys(self.home.root.access_key_id, self.home.root.secret_access_key)
        SigV4Auth(keys, "kms", "us-east-1").add_auth(request)
        exchanged = self.ask('{"Limit": 1}', dict(request.headers), sign=False)
        self.assertRefused(exchanged, 400, "InvalidSignatureException")

    def test_a_query_call_is_answered_with_xml_and_a_request_id(self):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, text = self.ask("Action=GetCallerIdentity&Version=2011-06-15", headers, service="sts")
        self.assertEqual(status, 200)
        self.assertRegex(text, r'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">')
        self.assertRegex(text, r"<RequestId>[0-9a-f-]{36}</RequestId>")
