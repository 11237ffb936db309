"""The caching client of Secrets Manager: it reads once, follows what changes, and chooses versions by their labels."""

import json
import time
import unittest.mock

from aws_secretsmanager_caching import InjectKeywordedSecretString, InjectSecretString, SecretCache, SecretCacheConfig
from aws_secretsmanager_caching.cache.items import SecretCacheItem
from botocore.exceptions import ClientError

from judge import Case, named


class SecretCaching(Case):
    def setUp(self):
        self.secrets = self.client("secretsmanager")
        self.calls = []
        # A forced refresh rests for seconds before it asks; here it need not.
        rest = unittest.mock.patch.object(SecretCacheItem, "FORCE_REFRESH_JITTER_SLEEP", 2)
        rest.start()
        self.addCleanup(rest.stop)

    def secret(self, **value):
        """A new secret; its name and the first version's id."""
        name = named("cached")
        made = self.secrets.create_secret(Name=name, **(value or {"SecretString": "one"}))
        return name, made["VersionId"]

    def cache(self, credentials=None, **options):
        """A cache whose calls are written down."""
        client = self.client("secretsmanager", credentials)
        note = lambda model, **_: self.calls.append(model.name)
        client.meta.events.register("before-call.secrets-manager", note)
        return SecretCache(SecretCacheConfig(**options), client)

    def test_a_value_is_read_once(self):
        name, _ = self.secret()
        cache = self.cache()
        self.assertEqual([cache.get_secret_string(name) for _ in range(5)], ["one"] * 5)
        self.assertEqual(self.calls, ["DescribeSecret", "GetSecretValue"])
        bytes_name, _ = self.secret(SecretBinary=bytes(range(256)))
        self.assertEqual(cache.get_secret_binary(bytes_name), bytes(range(256)))
        self.assertIsNone(cache.get_secret_string(bytes_name))

    def test_a_new_value_comes_with_the_refresh(self):
        name, _ = self.secret()
        cache = self.cache()
        self.assertEqual(cache.get_secret_string(name), "one")
        self.secrets.put_secret_value(SecretId=name, SecretString="two")
        self.assertEqual(cache.get_secret_string(name), "one", "as it was, until it looks again")
        self.assertTrue(cache.refresh_secret_now(name))
        self.assertEqual(cache.get_secret_string(name), "two")

    def test_a_new_value_comes_by_itself(self):
        name, _ = self.secret()
        cache = self.cache(secret_refresh_interval=1)
        self.assertEqual(cache.get_secret_string(name), "one")
        self.secrets.put_secret_value(SecretId=name, SecretString="two")
        until = time.monotonic() + 30
        while cache.get_secret_string(name) == "one" and time.monotonic() < until:
            time.sleep(0.1)
        self.assertEqual(cache.get_secret_string(name), "two")

    def test_a_rotation_is_followed_from_label_to_label(self):
        name, first = self.secret()
        cache = self.cache()
        self.assertEqual(cache.get_secret_string(name), "one")
        # As a rotation function does it: the pending version first, the label last.
        put = self.secrets.put_secret_value(SecretId=name, SecretString="two", VersionStages=["AWSPENDING"])
        cache.refresh_secret_now(name)
        self.assertEqual(cache.get_secret_string(name), "one")
        self.assertEqual(cache.get_secret_string(name, "AWSPENDING"), "two")
        self.secrets.update_secret_version_stage(
            SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=put["VersionId"], RemoveFromVersionId=first
        )
        self.secrets.update_secret_version_stage(
            SecretId=name, VersionStage="AWSPENDING", RemoveFromVersionId=put["VersionId"]
        )
        self.calls.clear()
        cache.refresh_secret_now(name)
        told = [cache.get_secret_string(name, stage) for stage in ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"]]
        self.assertEqual(told, ["two", "one", None])
        self.assertEqual(self.calls, ["DescribeSecret"], "both values are known by their versions")

    def test_a_cache_may_prefer_another_label(self):
        name, _ = self.secret()
        self.secrets.put_secret_value(SecretId=name, SecretString="mine", VersionStages=["blue"])
        self.assertEqual(self.cache(default_version_stage="blue").get_secret_string(name), "mine")
        self.assertIsNone(self.cache(default_version_stage="green").get_secret_string(name))

    def test_functions_get_their_secrets(self):
        name, _ = self.secret(SecretString=json.dumps({"username": "app", "password": "hunter2"}))
        cache = self.cache()

        @InjectSecretString(name, cache)
        def whole(secret, further):
            return json.loads(secret)["username"], further

        @InjectKeywordedSecretString(name, cache, user="username", word="password")
        def parts(further, user, word):
            return further, user, word

        @InjectKeywordedSecretString(name, cache, user="nobody")
        def missing(user):
            return user

        self.assertEqual(whole("more"), ("app", "more"))
        self.assertEqual(parts("more"), ("more", "app", "hunter2"))
        with self.assertRaisesRegex(RuntimeError, "nobody"):
            missing()
        self.assertEqual(self.calls, ["DescribeSecret", "GetSecretValue"])

    def test_a_refusal_is_told_and_remembered(self):
        cache = self.cache(exception_retry_delay_base=3600)
        name = named("cached")
        for _ in range(3):
            with self.assertRaises(ClientError) as caught:
                cache.get_secret_string(name)
            self.assertEqual(caught.exception.response["Error"]["Code"], "ResourceNotFoundException")
        self.assertEqual(self.calls, ["DescribeSecret"], "it is not asked for again and again")
