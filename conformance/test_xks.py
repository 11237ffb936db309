"""KMS: keys in an external key store, behind a proxy over TLS: in good order, slow, wrong and gone; and two installations, one of which is the
proxy of the other.

The first proxy is a small one of our own making. It checks the signature of each request with botocore, so that KMS's way of signing has another
judge. What it calls encryption hides nothing, but is bound to key, data and metadata.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import pathlib
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from installation import Installation
from judge import Case, named, policy

ACCESS_KEY_ID = "ABCDEFGHIJKLMNOPQRST"
SECRET = base64.b64encode(bytes(range(32))).decode()
UNREADABLE = "cannot interpret the response"


def certificates(folder, *names):
    """An authority of our own, and a certificate by it for these names."""
    folder = pathlib.Path(folder)
    (folder / "names").write_text("subjectAltName=" + ",".join(names) + "\nbasicConstraints=CA:FALSE\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    constrained = ["-addext", "basicConstraints=critical,CA:TRUE"]
    for arguments in (
        ["req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority"] + constrained,
        ["req", *curve, "-keyout", "proxy.key", "-out", "proxy.csr", "-subj", "/CN=proxy"],
        ["x509", "-req", "-in", "proxy.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
         "-extfile", "names", "-out", "proxy.pem"],
    ):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    return folder


class Proxy:
    """An external key store proxy with its key manager, on a port of its own; `mood` says how it behaves."""

    def __init__(self, folder, tls=True):
        self.mood = None
        self.secret = SECRET
        self.seen = []
        self.connections = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer is one piece on the wire, and does not wait for the last one's acknowledgement.
            wbufsize = -1
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                proxy.connections.append(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = proxy.answer(self, body)
                answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                if status == 302:
                    self.send_header("location", f"https://localhost:{proxy.port}/elsewhere")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # A client that gives up is no news.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "proxy.pem", folder / "proxy.key")
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.stopped = threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        """Gone, with every connection that somebody keeps."""
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def answer(self, request, body):
        self.seen.append((request.path, json.loads(body)))
        if self.mood == "slow":
            self.stopped.wait(3)
        if self.mood == "rubbish":
            return 200, b"<html>Welcome to nginx!</html>"
        if self.mood == "redirects":
            return 302, {}
        if isinstance(self.mood, tuple):
            status, name = self.mood
            return status, {"errorName": name, "errorMessage": "so it is"}
        if not self.signed(request, body):
            return 401, {"errorName": "AuthenticationFailedException"}
        return self.done(request.path, json.loads(body))

    def signed(self, request, body):
        """Whether botocore would have signed it so."""
        claim = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=(\w+)/\d{8}/([\w-]+)/kms-xks-proxy/aws4_request, "
            r"SignedHeaders=host;x-amz-date, Signature=([0-9a-f]{64})",
            request.headers["authorization"],
        )
        if not claim or claim[1] != ACCESS_KEY_ID:
            return False
        auth = SigV4Auth(BotoCredentials(ACCESS_KEY_ID, self.secret), "kms-xks-proxy", claim[2])
        headers = {"host": request.headers["host"], "X-Amz-Date": request.headers["x-amz-date"]}
        ours = AWSRequest("POST", f"https://{request.headers['host']}{request.path}", headers=headers, data=body)
        ours.context["timestamp"] = request.headers["x-amz-date"]
        text = auth.string_to_sign(ours, auth.canonical_request(ours))
        return hmac.compare_digest(auth.signature(text, ours), claim[3])

    def done(self, path, asked):
        parts = path.removeprefix("/ours/kms/xks/v1/").split("/")
        if parts == ["health"]:
            fleet = [{"id": "1", "model": "m", "healthStatus": "ACTIVE"}]
            return 200, {
                "xksProxyFleetSize": 1, "xksProxyVendor": "v", "xksProxyModel": "m", "ekmVendor": "e",
                "ekmFleetDetails": fleet,
            }
        _, key, what = parts
        if what == "metadata":
            return 200, {"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}
        read = lambda name: base64.b64decode(asked.get(name, ""))
        aad = read("additionalAuthenticatedData")
        tag = lambda metadata, sealed: hashlib.sha256(b"|".join([key.encode(), aad, metadata, sealed])).digest()[:16]
        if what == "encrypt":
            metadata, vector, sealed = b"v1", bytes(12), bytes(b ^ 0x5A for b in read("plaintext"))
            whole = aad + metadata + vector + sealed + tag(metadata, sealed)
            value = b"no digest" if self.mood == "corrupts" else hashlib.sha256(whole).digest()
            told = {
                "ciphertext": sealed, "ciphertextMetadata": metadata, "initializationVector": vector,
                "authenticationTag": tag(metadata, sealed), "ciphertextDataIntegrityValue": value,
            }
            return 200, {name: base64.b64encode(part).decode() for name, part in told.items()}
        sealed = read("ciphertext")
        if tag(read("ciphertextMetadata"), sealed) != read("authenticationTag"):
            return 400, {"errorName": "InvalidCiphertextException"}
        return 200, {"plaintext": base64.b64encode(bytes(b ^ 0x5A for b in sealed)).decode()}


class ExternalKeyStore(Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = certificates(folder.name, "DNS:localhost")
        cls.installation = Installation("--trust", str(cls.folder / "ca.pem"))
        cls.addClassCleanup(cls.installation.close)

    def setUp(self):
        self.kms = self.installation.client("kms")
        self.proxy = Proxy(self.folder)
        self.addCleanup(self.proxy.close)

    def parameters(self, proxy=None, endpoint=None, **more):
        given = {
            "CustomKeyStoreName": named("store"),
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
            "XksProxyUriEndpoint": endpoint or f"https://localhost:{(proxy or self.proxy).port}",
            "XksProxyUriPath": "/ours/kms/xks/v1",
            "XksProxyAuthenticationCredential": {"AccessKeyId": ACCESS_KEY_ID, "RawSecretAccessKey": SECRET},
        }
        return given | more

    def store(self, **more):
        """A store; a machine that is busy with something else may be too slow for 250 ms, once."""
        for attempt in range(5):
            try:
                made = self.kms.create_custom_key_store(**self.parameters(**more))
            except self.kms.exceptions.XksProxyUriUnreachableException:
                if attempt == 4:
                    raise
                continue
            self.addCleanup(self.forget, made["CustomKeyStoreId"])
            return made["CustomKeyStoreId"]

    def forget(self, store):
        """Leaves room for others: there are ten stores at most."""
        with contextlib.suppress(self.kms.exceptions.CustomKeyStoreInvalidStateException):
            self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        with contextlib.suppress(self.kms.exceptions.CustomKeyStoreHasCMKsException):
            self.kms.delete_custom_key_store(CustomKeyStoreId=store)

    def connection(self, store):
        """Its state when it has come to one, and the code of a failure."""
        for _ in range(1000):
            [told] = self.kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
            if told["ConnectionState"] != "CONNECTING":
                return told["ConnectionState"], told.get("ConnectionErrorCode")
            time.sleep(0.05)
        self.fail("the store is still connecting")

    def connect(self, store):
        self.kms.connect_custom_key_store(CustomKeyStoreId=store)
        return self.connection(store)

    def connected(self, **more):
        store = self.store(**more)
        for _ in range(5):
            if self.connect(store) == ("CONNECTED", None):
                return store
            self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        self.fail("the store does not connect")

    def key_in(self, store, name="one"):
        made = self.kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId=name)["KeyMetadata"]
        self.assertEqual((made["CustomKeyStoreId"], made["XksKeyConfiguration"]["Id"]), (store, name))
        return made["KeyId"]

    def test_a_key_works_through_its_proxy_until_the_store_is_disconnected(self):
        store = self.connected()
        key = self.key_in(store)
        context = {"app": "x"}
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=context)["CiphertextBlob"]
        self.assertEqual(self.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"], b"secret")
        data_key = self.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        self.assertEqual(self.kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])["Plaintext"], data_key["Plaintext"])
        with self.refused("KMSInvalidStateException", says="ciphertext or encryption context"):
            self.kms.decrypt(CiphertextBlob=blob, EncryptionContext={"app": "y"})
        for path, asked in self.proxy.seen:
            self.assertTrue(path.startswith("/ours/kms/xks/v1/"))
            self.assertNotIn(b"secret", base64.b64decode(asked.get("plaintext", "")))
        operations = {asked["requestMetadata"]["kmsOperation"] for _, asked in self.proxy.seen}
        expected = {"CreateCustomKeyStore", "ConnectCustomKeyStore", "CreateKey", "Encrypt", "Decrypt", "GenerateDataKey"}
        self.assertEqual(operations, expected)

        self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Unavailable")
        with self.refused("KMSInvalidStateException", says="is unavailable"):
            self.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
        with self.refused("CustomKeyStoreInvalidStateException"):
            self.kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="two")
        with self.refused("CustomKeyStoreInvalidStateException"):
            self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        with self.refused("CustomKeyStoreHasCMKsException"):
            self.kms.delete_custom_key_store(CustomKeyStoreId=store)

    def test_every_mood_of_a_proxy_has_its_exception_and_its_code(self):
        store = self.connected()
        key = self.key_in(store)
        for mood, exception, code in [
            ("slow", "XksProxyUriUnreachableException", "XKS_PROXY_TIMED_OUT"),
            ("rubbish", "XksProxyInvalidResponseException", "XKS_PROXY_INVALID_RESPONSE"),
            ("redirects", "XksProxyInvalidResponseException", "XKS_PROXY_INVALID_RESPONSE"),
            ((401, "AuthenticationFailedException"), "XksProxyIncorrectAuthenticationCredentialException", "INVALID_CREDENTIALS"),
            ((403, "AccessDeniedException"), "XksProxyInvalidConfigurationException", "XKS_PROXY_ACCESS_DENIED"),
            ((404, "InvalidUriPathException"), "XksProxyInvalidConfigurationException", "XKS_PROXY_INVALID_CONFIGURATION"),
            ((500, "InternalException"), "XksProxyInvalidResponseException", "XKS_PROXY_INVALID_RESPONSE"),
        ]:
            with self.subTest(mood):
                self.proxy.mood = mood
                with self.refused(exception):
                    self.kms.create_custom_key_store(**self.parameters(XksProxyUriPath="/second/kms/xks/v1"))
                with self.refused("KMSInvalidStateException"):
                    self.kms.encrypt(KeyId=key, Plaintext=b"secret")
                self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
                self.assertEqual(self.connect(store), ("FAILED", code))
                self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
                self.proxy.mood = None
                for _ in range(5):
                    if self.connect(store) == ("CONNECTED", None):
                        break
                    self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        self.proxy.mood = "corrupts"
        with self.refused("KMSInvalidStateException", says=UNREADABLE):
            self.kms.encrypt(KeyId=key, Plaintext=b"secret")

    def test_the_wrong_secret_is_noticed_and_the_right_one_replaces_it(self):
        store = self.connected()
        key = self.key_in(store)
        self.proxy.secret = base64.b64encode(bytes(32)).decode()
        with self.refused("KMSInvalidStateException", says="could not authenticate"):
            self.kms.encrypt(KeyId=key, Plaintext=b"secret")
        credential = {"AccessKeyId": ACCESS_KEY_ID, "RawSecretAccessKey": self.proxy.secret}
        self.kms.update_custom_key_store(CustomKeyStoreId=store, XksProxyAuthenticationCredential=credential)
        self.kms.encrypt(KeyId=key, Plaintext=b"secret")

    def test_a_proxy_that_is_gone_cannot_be_reached(self):
        store = self.connected()
        key = self.key_in(store)
        self.proxy.close()
        with self.refused("KMSInvalidStateException", says="cannot communicate"):
            self.kms.encrypt(KeyId=key, Plaintext=b"secret")
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        self.assertEqual(self.connect(store), ("FAILED", "XKS_PROXY_NOT_REACHABLE"))

    def test_tls_is_wanted_with_the_right_name_by_a_known_authority(self):
        with tempfile.TemporaryDirectory() as folder:
            stranger = Proxy(certificates(folder, "DNS:localhost"))
            self.addCleanup(stranger.close)
            with self.refused("XksProxyUriUnreachableException", says="TLS"):
                self.kms.create_custom_key_store(**self.parameters(stranger))
        with self.refused("XksProxyUriUnreachableException", says="TLS"):
            endpoint = f"https://127.0.0.1:{self.proxy.port}"
            self.kms.create_custom_key_store(**self.parameters(endpoint=endpoint))
        with self.refused("ValidationException"):
            self.kms.create_custom_key_store(**self.parameters(endpoint="http://xks.example.com"))

    def test_plain_http_will_do_on_this_machine(self):
        plain = Proxy(self.folder, tls=False)
        self.addCleanup(plain.close)
        store = self.connected(endpoint=f"http://localhost:{plain.port}")
        key = self.key_in(store)
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
        self.assertEqual(self.kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"secret")

    def test_the_command_shows_stores_without_secrets(self):
        store = self.store()
        done = self.installation.aws("kms", "describe-custom-key-stores", "--custom-key-store-id", store)
        self.assertEqual(done.returncode, 0, done.stderr)
        [told] = json.loads(done.stdout)["CustomKeyStores"]
        self.assertEqual(told["ConnectionState"], "DISCONNECTED")
        self.assertEqual(told["XksProxyConfiguration"]["AccessKeyId"], ACCESS_KEY_ID)
        self.assertNotIn(SECRET, done.stdout)


class TwoInstallations(Case):
    """The keeper has the keys, the asker the custom key store."""

    @classmethod
    def setUpClass(cls):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            cls.port = free.getsockname()[1]
        cls.keeper = Installation("--tls-self", "--xks-listen", f"127.0.0.1:{cls.port}", "--xks-path", "/keeper")
        cls.addClassCleanup(cls.keeper.close)
        cls.asker = Installation("--trust", cls.keeper.bundle)
        cls.addClassCleanup(cls.asker.close)

    def credential(self, user):
        arn = f"arn:aws:iam::{self.keeper.account_id}:user/{user}"
        made = json.loads(self.keeper.alcazar("xks", "create", "--user", arn))
        return made["XksProxyAuthenticationCredential"]

    def patiently(self, ask, *refusals):
        """A machine that is busy with something else may be too slow for 250 ms now and then."""
        for _ in range(5):
            try:
                return ask()
            except refusals as refused:
                if "in time" not in str(refused) and "cannot communicate" not in str(refused):
                    raise
        return ask()

    def connected(self, kms, store):
        for _ in range(5):
            kms.connect_custom_key_store(CustomKeyStoreId=store)
            for _ in range(1000):
                [told] = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
                if told["ConnectionState"] != "CONNECTING":
                    break
                time.sleep(0.05)
            if told["ConnectionState"] == "CONNECTED":
                return
            kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        self.fail(f"the store does not connect: {told}")

    def test_a_key_of_one_backs_a_key_of_the_other(self):
        iam, theirs, kms = self.keeper.client("iam"), self.keeper.client("kms"), self.asker.client("kms")
        iam.create_user(UserName="asker")
        actions = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ListKeyRotations"]
        iam.put_user_policy(UserName="asker", PolicyName="p", PolicyDocument=policy(("Allow", actions, "*")))
        outside = theirs.create_key()["KeyMetadata"]["KeyId"]
        credential = self.credential("asker")
        store = self.patiently(
            lambda: kms.create_custom_key_store(
                CustomKeyStoreName="kept elsewhere",
                CustomKeyStoreType="EXTERNAL_KEY_STORE",
                XksProxyConnectivity="PUBLIC_ENDPOINT",
                XksProxyUriEndpoint=f"https://localhost:{self.port}",
                XksProxyUriPath="/keeper/kms/xks/v1",
                XksProxyAuthenticationCredential=credential,
            ),
            kms.exceptions.XksProxyUriUnreachableException,
        )["CustomKeyStoreId"]
        self.connected(kms, store)
        made = self.patiently(
            lambda: kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId=outside),
            kms.exceptions.CustomKeyStoreInvalidStateException,
        )
        key = made["KeyMetadata"]["KeyId"]
        late = kms.exceptions.KMSInvalidStateException
        context = {"app": "x" * 4000}
        secret = bytes(range(256)) * 16
        blob = self.patiently(
            lambda: kms.encrypt(KeyId=key, Plaintext=secret, EncryptionContext=context)["CiphertextBlob"], late
        )
        opened = lambda: kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"]
        self.assertEqual(self.patiently(opened, late), secret)
        data_key = self.patiently(lambda: kms.generate_data_key(KeyId=key, KeySpec="AES_256"), late)
        told = self.patiently(lambda: kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"]), late)
        self.assertEqual(told["Plaintext"], data_key["Plaintext"])

        # The keeper's history tells who asked, and for whom.
        found = self.keeper.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}]
        )
        event = json.loads(found["Events"][0]["CloudTrailEvent"])
        self.assertEqual(event["userIdentity"]["userName"], "asker")
        self.assertEqual(event["userIdentity"]["accessKeyId"], credential["AccessKeyId"])
        self.assertIn(f"awsPrincipalArn=arn:aws:iam::{self.asker.account_id}:root", event["userAgent"])

        # A request that is longer than any can be is refused in the proxy's words too.
        trust = ssl.create_default_context(cafile=self.keeper.bundle)
        connection = http.client.HTTPSConnection("localhost", self.port, context=trust)
        connection.request("POST", "/keeper/kms/xks/v1/health", body=b" " * 100_000)
        answer = connection.getresponse()
        self.assertEqual((answer.status, json.load(answer)["errorName"]), (400, "ValidationException"))
        connection.close()

        # What was encrypted before the key outside was rotated can be decrypted after it.
        theirs.rotate_key_on_demand(KeyId=outside)
        self.eventually(lambda: self.assertEqual(len(theirs.list_key_rotations(KeyId=outside)["Rotations"]), 1))
        self.assertEqual(self.patiently(opened, late), secret)

        theirs.disable_key(KeyId=outside)
        with self.refused("KMSInvalidStateException", says="is not enabled in the external key manager"):
            self.patiently(opened, late)
        theirs.enable_key(KeyId=outside)

        iam.delete_user_policy(UserName="asker", PolicyName="p")
        with self.refused("KMSInvalidStateException", says="denied access"):
            self.patiently(opened, late)
        iam.put_user_policy(UserName="asker", PolicyName="p", PolicyDocument=policy(("Allow", actions, "*")))

        # One credential follows another without a gap.
        second = self.credential("asker")
        self.patiently(
            lambda: kms.update_custom_key_store(CustomKeyStoreId=store, XksProxyAuthenticationCredential=second),
            kms.exceptions.XksProxyUriUnreachableException,
        )
        self.keeper.alcazar("xks", "delete", credential["AccessKeyId"])
        self.assertEqual(self.patiently(opened, late), secret)
        self.assertNotIn(credential["AccessKeyId"], self.keeper.alcazar("xks", "list"))
        self.keeper.alcazar("xks", "delete", second["AccessKeyId"])
        with self.refused("KMSInvalidStateException", says="could not authenticate"):
            self.patiently(opened, late)
        third = self.credential("asker")
        self.patiently(
            lambda: kms.update_custom_key_store(CustomKeyStoreId=store, XksProxyAuthenticationCredential=third),
            kms.exceptions.XksProxyUriUnreachableException,
        )

        self.keeper.kill()
        with self.refused("KMSInvalidStateException", says="cannot communicate"):
            opened()
        kms.disconnect_custom_key_store(CustomKeyStoreId=store)
        with self.refused("KMSInvalidStateException", says="is unavailable"):
            opened()
        self.keeper.start()
        self.connected(kms, store)
        self.assertEqual(self.patiently(opened, late), secret)
