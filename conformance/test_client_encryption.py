"""What is encrypted before it reaches a store: the S3 and DynamoDB encryption clients, and a column of a database that two Regions share.

S3 and DynamoDB themselves are not judged here: a shelf and a dictionary keep what they are given. The databases are real.
"""

import http.server
import json
import logging
import threading

import boto3
from botocore.config import Config
from dynamodb_encryption_sdk.encrypted import CryptoConfig
from dynamodb_encryption_sdk.encrypted.item import decrypt_python_item, encrypt_python_item
from dynamodb_encryption_sdk.exceptions import UnwrappingError
from dynamodb_encryption_sdk.identifiers import CryptoAction
from dynamodb_encryption_sdk.material_providers.aws_kms import AwsKmsCryptographicMaterialsProvider
from dynamodb_encryption_sdk.structures import AttributeActions, EncryptionContext
from s3_encryption import S3EncryptionClient, S3EncryptionClientConfig
from s3_encryption.exceptions import S3EncryptionClientError
from s3_encryption.materials.kms_keyring import KmsKeyring

from databases import SUPERUSER, PostgreSql
from judge import Case
from sealing import Sealing

HERE, THERE = "us-east-1", "ap-southeast-2"
CARD = "4111 1111 1111 1111"


class Shelf(http.server.BaseHTTPRequestHandler):
    """Keeps objects with their metadata, as S3 does, and nothing more."""

    objects = {}

    def do_PUT(self):
        metadata = {name: value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta-")}
        self.objects[self.path] = metadata, self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, {"ETag": '"none"'}, b"")

    def do_GET(self):
        metadata, body = self.objects[self.path]
        self.answer(200, metadata | {"ETag": '"none"'}, body)

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


class S3Encryption(Case):
    def setUp(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.shelf = f"http://127.0.0.1:{server.server_port}"

    def s3(self, key, credentials=None):
        """The encryption client over the shelf, with keys of that key, as somebody."""
        config = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
        stored = boto3.client(
            "s3", endpoint_url=self.shelf, region_name=HERE, aws_access_key_id="any", aws_secret_access_key="any", config=config
        )
        self.addCleanup(stored.close)
        keyring = KmsKeyring(self.client("kms", credentials), key)
        return S3EncryptionClient(stored, S3EncryptionClientConfig(keyring))

    def test_an_object_is_stored_encrypted_and_opens_with_its_context_for_who_may_decrypt(self):
        key = self.key()["Arn"]
        context = {"department": "finance"}
        body = CARD.encode() * 100
        self.s3(key).put_object(Bucket="cards", Key="all", Body=body, EncryptionContext=context)
        _, stored = Shelf.objects["/cards/all"]
        self.assertNotIn(CARD.encode(), stored)
        wanted = {"Bucket": "cards", "Key": "all"}
        opened = self.s3(key).get_object(**wanted, EncryptionContext=context)["Body"].read()
        self.assertEqual(opened, body)
        with self.assertRaises(S3EncryptionClientError):
            self.s3(key).get_object(**wanted, EncryptionContext={"department": "sales"})
        _, writer = self.user(("Allow", "kms:GenerateDataKey", key))
        with self.assertRaises(S3EncryptionClientError) as denied:
            self.s3(key, writer).get_object(**wanted, EncryptionContext=context)["Body"].read()
        self.assertIn("AccessDenied", str(denied.exception))


class DynamoDbEncryption(Case):
    def setUp(self):
        # The client logs what it refuses.
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def provider(self, key, region, credentials=None):
        client = self.client("kms", credentials, region=region)
        return AwsKmsCryptographicMaterialsProvider(key_id=key, regional_clients={region: client})

    def config(self, provider):
        """One attribute is encrypted, all are signed."""
        actions = AttributeActions(CryptoAction.SIGN_ONLY, {"card": CryptoAction.ENCRYPT_AND_SIGN})
        actions.set_index_keys("customer")
        context = EncryptionContext(
            table_name="customers", partition_key_name="customer", attributes={"customer": {"S": "alice"}}
        )
        return CryptoConfig(materials_provider=provider, encryption_context=context, attribute_actions=actions)

    def test_an_item_of_one_region_opens_in_the_other_by_its_own_key_and_for_nobody_without_the_right(self):
        primary = self.key(MultiRegion=True)["Arn"]
        self.client("kms").replicate_key(KeyId=primary, ReplicaRegion=THERE)
        replica = primary.replace(HERE, THERE)
        item = {"customer": "alice", "card": CARD, "town": "Perth"}
        stored = encrypt_python_item(item, self.config(self.provider(primary, HERE)))
        self.assertEqual((stored["customer"], stored["town"]), ("alice", "Perth"))
        self.assertNotIn(CARD.encode(), bytes(stored["card"]))
        replicated = dict(stored)
        self.assertEqual(decrypt_python_item(replicated, self.config(self.provider(replica, THERE))), item)
        _, administrator = self.user(("Allow", "kms:DescribeKey", "*"))
        with self.assertRaises(UnwrappingError):
            decrypt_python_item(dict(stored), self.config(self.provider(replica, THERE, administrator)))
        swapped = dict(stored) | {"town": "Sydney"}
        with self.assertRaises(Exception) as altered:
            decrypt_python_item(swapped, self.config(self.provider(replica, THERE)))
        self.assertIn("Signature", type(altered.exception).__name__)


class Published(PostgreSql):
    """A server whose changes others can follow."""

    settings = ("wal_level=logical",)


class EncryptedColumn(Sealing, Case):
    """A table in two Regions, replicated by the databases, with a column that only the program reads."""

    def setUp(self):
        self.here, self.there = Published(), PostgreSql()
        self.addCleanup(self.here.close)
        self.addCleanup(self.there.close)

    def sql(self, server, statement):
        done = server.client(SUPERUSER, "superuser", statement)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_the_second_region_decrypts_by_a_local_call_and_the_administrator_sees_ciphertext(self):
        primary = self.key(MultiRegion=True)["Arn"]
        self.client("kms").replicate_key(KeyId=primary, ReplicaRegion=THERE)
        replica = primary.replace(HERE, THERE)
        for server in [self.here, self.there]:
            self.sql(server, "CREATE TABLE customers (name text PRIMARY KEY, card bytea)")
        self.sql(self.here, "CREATE PUBLICATION customers FOR TABLE customers")
        follow = f"host=127.0.0.1 port={self.here.port} user={SUPERUSER} password=superuser dbname=postgres"
        self.sql(self.there, f"CREATE SUBSCRIPTION customers CONNECTION '{follow}' PUBLICATION customers")

        context = {"column": "customers.card"}
        sealed, _ = self.done_in("python", "encrypt", CARD.encode(), [primary], context, mrk=True)
        self.sql(self.here, f"INSERT INTO customers VALUES ('alice', '\\x{sealed.hex()}')")

        def replicated():
            card = self.sql(self.there, "SELECT encode(card, 'hex') FROM customers WHERE name = 'alice'")
            self.assertNotEqual(card, "")
            return bytes.fromhex(card)

        card = self.eventually(replicated, seconds=30)
        # What an administrator of either database can see of it.
        for server in [self.here, self.there]:
            dump = self.sql(server, "SELECT name, encode(card, 'escape') FROM customers")
            self.assertIn("alice", dump)
            self.assertNotIn(CARD, dump)
        there = {"region": THERE, "mrk": True}
        opened, told = self.done_in("python", "decrypt", card, [replica], **there)
        self.assertEqual(opened.decode(), CARD)
        self.assertLessEqual(context.items(), told.items())
        _, administrator = self.user(("Allow", "kms:DescribeKey", "*"))
        refused = self.run_in("python", "decrypt", card, [replica], credentials=administrator, **there)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("AccessDenied", refused.stderr)
        self.assertEqual(self.decrypted_in(HERE, primary), [])
        self.assertEqual(self.decrypted_in(THERE, replica), ["AccessDenied", None])

    def decrypted_in(self, region, key):
        """The Decrypts of a key that a Region's event history has, newest first: how each was refused."""
        wanted = [{"AttributeKey": "ResourceName", "AttributeValue": key}]
        trail = self.client("cloudtrail", region=region).lookup_events(LookupAttributes=wanted)["Events"]
        events = [json.loads(event["CloudTrailEvent"]) for event in trail]
        return [event.get("errorCode") for event in events if event["eventName"] == "Decrypt"]
