"""What the tests stand on: one installation for all of them, names that nobody else uses, and refusals told exactly."""

import atexit
import contextlib
import itertools
import json
import time
import unittest

from botocore.exceptions import ClientError

from installation import Credentials, Installation

_shared = []
_numbers = itertools.count(1)

USUAL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def shared():
    """The installation that tests share; it ends with the suite, and must end well."""
    if not _shared:
        _shared.append(Installation())
        atexit.register(_shared[0].close)
    return _shared[0]


def named(what):
    """A name that no other test uses."""
    return f"{what}-{next(_numbers)}"


def policy(*statements):
    """A policy document of statements `(effect, actions, resources)`, or whole ones."""
    whole = []
    for statement in statements:
        if isinstance(statement, tuple):
            effect, actions, resources = statement
            statement = {"Effect": effect, "Action": actions, "Resource": resources}
        whole.append(statement)
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


def trust(principal, condition=None, actions="sts:AssumeRole"):
    """A role's trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions}
    if condition:
        statement["Condition"] = condition
    return policy(statement)


class Case(unittest.TestCase):
    """A test over the shared installation."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.home = shared()
        cls.account_id = cls.home.account_id

    def client(self, service, credentials=None, **options):
        """A client, as the root user unless told otherwise."""
        client = self.home.client(service, credentials, **options)
        self.addCleanup(client.close)
        return client

    @contextlib.contextmanager
    def refused(self, code, status=400, says=None):
        """The call inside is refused with that code and HTTP status, in words that match."""
        with self.assertRaises(ClientError) as caught:
            yield caught
        answer = caught.exception.response
        told = (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
        self.assertEqual(told, (code, status), answer["Error"].get("Message"))
        self.assertTrue(answer["ResponseMetadata"].get("RequestId"), "a refusal has a request id")
        if says:
            self.assertRegex(answer["Error"]["Message"], says)

    def eventually(self, check, seconds=5):
        """What a job does is done soon after it is due."""
        begun = time.monotonic()
        while True:
            try:
                return check()
            except AssertionError:
                if time.monotonic() - begun > seconds:
                    raise
                time.sleep(0.05)

    def user(self, *statements, credentials=None, name=None, path="/"):
        """A new user who is allowed what the statements say; name and credentials."""
        iam = self.client("iam", credentials)
        name = name or named("user")
        iam.create_user(UserName=name, Path=path)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="allowed", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return name, Credentials.of(key)

    def role(self, *statements, trusting=None, credentials=None, **options):
        """A new role that its account may assume; its description."""
        iam = self.client("iam", credentials)
        account = credentials.account_id if credentials else self.account_id
        document = trusting or trust({"AWS": f"arn:aws:iam::{account}:root"})
        name = named("role")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **options)["Role"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=policy(*statements))
        return role

    def assumed(self, role, credentials, **options):
        """A session of the role; its credentials."""
        answer = self.client("sts", credentials).assume_role(RoleArn=role["Arn"], RoleSessionName="session", **options)
        return Credentials.of(answer["Credentials"])

    def key(self, credentials=None, **options):
        """A new KMS key; its metadata."""
        return self.client("kms", credentials).create_key(**options)["KeyMetadata"]
