"""Lets botocore sign requests and writes them down: tests/data/botocore.json.

    python3 tests/botocore_vectors.py > tests/data/botocore.json

Time, keys and the random generator are fixed, so that the same botocore writes the same file. Nothing is sent: whole
clients are stopped at `before-send`, and single signers sign requests that are never prepared for the network.
"""

import base64
import datetime
import io
import json
import random
import sys
import uuid
from urllib.parse import quote, urlsplit

import botocore
import botocore.auth
import botocore.httpchecksum
import botocore.session
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials

NOW = datetime.datetime(2015, 8, 30, 12, 36, 0)
ACCESS_KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUu=="
REGION = "eu-central-1"

signed = {}
vectors = []


def freeze():
    """Fixes the signers' clock and the invocation ids, and keeps what the signers computed last."""
    numbers = random.Random(1)
    uuid.uuid4 = lambda: uuid.UUID(int=numbers.getrandbits(128), version=4)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW
    canonical, to_sign = botocore.auth.SigV4Auth.canonical_request, botocore.auth.SigV4Auth.string_to_sign

    def canonical_request(self, request):
        signed["canonical_request"] = canonical(self, request)
        return signed["canonical_request"]

    def string_to_sign(self, request, canonical_request):
        signed["string_to_sign"] = to_sign(self, request, canonical_request)
        signed["scope"] = self.credential_scope(request)
        return signed["string_to_sign"]

    botocore.auth.SigV4Auth.canonical_request = canonical_request
    botocore.auth.SigV4Auth.string_to_sign = string_to_sign


def b64(data):
    return base64.b64encode(data).decode()


def text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def keep(name, method, url, headers, body, decoded=None):
    """Writes down a signed request as it would go over the wire."""
    parts = urlsplit(url)
    # The user agent tells of the machine, and is not signed.
    headers = [[key.lower(), "any" if key.lower() == "user-agent" else text(value)] for key, value in headers]
    if not any(key == "host" for key, _ in headers):
        headers.append(["host", parts.netloc])
    _, region, service, _ = signed["scope"].split("/")
    vector = {"name": name, "service": service, "region": region, "method": method, "path": parts.path,
              "query": parts.query, "headers": headers, "body": b64(body),
              "canonical_request": signed["canonical_request"], "string_to_sign": signed["string_to_sign"]}
    if decoded is not None:
        vector["decoded"] = b64(decoded)
    vectors.append(vector)
    signed.clear()


def drained(body):
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return body.read()


def client(service, token=None, **config):
    session = botocore.session.Session()
    session.set_credentials(ACCESS_KEY_ID, SECRET, token)
    return session.create_client(service, region_name=REGION, config=Config(retries={"max_attempts": 0}, **config))


class Stopped(Exception):
    pass


def call(name, service, operation, arguments, decoded=None, token=None, **config):
    """Lets a whole client make and sign a call, and stops it before it is sent."""

    def stop(request, **_):
        keep(name, request.method, request.url, request.headers.items(), drained(request.body), decoded)
        raise Stopped

    this = client(service, token, **config)
    this.meta.events.register("before-send", stop)
    try:
        getattr(this, operation)(**arguments)
    except Stopped:
        return
    raise AssertionError(f"{name} was not sent")


KEYS = ["plain", "with space", "a+b=c&d", "slash//double", "../up/./here", "unicode/\u1234-\u00e9-\U0001f600", "100%25",
        "tilde~(paren)'quote'!*", "trailing/", "semi;colon:at@", "%41", "q?x#y", "\u00e0\u0300", "back\\slash|pipe^`\"<>"]


def clients():
    call("kms encrypt", "kms", "encrypt", {"KeyId": "alias/a", "Plaintext": b"secret" * 100})
    call("kms decrypt with token", "kms", "decrypt", {"CiphertextBlob": b"\0\1\2"}, token=TOKEN)
    call("sts get-caller-identity", "sts", "get_caller_identity", {})
    call("iam create-user", "iam", "create_user", {"UserName": "\u00e9ve+x", "Path": "/a/b/"})
    call("sqs send-message", "sqs", "send_message", {"QueueUrl": "https://sqs/1/q", "MessageBody": "x \u1234"})
    call("dynamodb get-item", "dynamodb", "get_item", {"TableName": "t", "Key": {"k": {"S": "\u1234"}}})
    call("secretsmanager get", "secretsmanager", "get_secret_value", {"SecretId": "a/b c"}, token=TOKEN)
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:f o+o"
    call("lambda list-tags with arn", "lambda", "list_tags", {"Resource": arn})
    call("lambda list with query", "lambda", "list_functions", {"Marker": "a b+c/d=e&f~", "MaxItems": 5})
    call("route53 list", "route53", "list_hosted_zones", {"Marker": "x/y z"})
    call("guardduty untag", "guardduty", "untag_resource", {"ResourceArn": "arn:aws:guardduty:x/y", "TagKeys": ["b c", "a", "B"]})
    call("cloudwatch put", "cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5}]})
    for place, key in enumerate(KEYS):
        call(f"s3 get key {place}", "s3", "get_object", {"Bucket": "bucket", "Key": key}, token=TOKEN if place % 2 else None)
        call(f"s3 list prefix {place}", "s3", "list_objects_v2", {"Bucket": "buck.et", "Prefix": key, "Delimiter": "/"})
        body = (key * 50).encode()
        call(f"s3 put key {place}", "s3", "put_object",
             {"Bucket": "bucket", "Key": key, "Body": io.BytesIO(body), "Metadata": {"a": "x  y", "b": f" {place} "}}, decoded=body)
        url = client("s3", TOKEN if place % 2 else None, signature_version="s3v4").generate_presigned_url(
            "get_object", {"Bucket": "bucket", "Key": key, "ResponseContentType": "text/plain; x=\u00e9"}, ExpiresIn=60 + place)
        keep(f"s3 presigned key {place}", "GET", url, [], b"")
    for algorithm in ["CRC32", "SHA1", "SHA256"]:
        body = bytes(range(256)) * 90
        call(f"s3 put in chunks {algorithm}", "s3", "put_object",
             {"Bucket": "bucket", "Key": "k", "Body": io.BytesIO(body), "ChecksumAlgorithm": algorithm}, decoded=body)
    call("s3 upload-part", "s3", "upload_part",
         {"Bucket": "bucket", "Key": "k", "PartNumber": 7, "UploadId": "a.b_c", "Body": io.BytesIO(b"")}, decoded=b"")
    call("s3 put signed payload", "s3", "put_object", {"Bucket": "bucket", "Key": "k", "Body": b"x" * 1000},
         s3={"payload_signing_enabled": True}, request_checksum_calculation="when_required")
    call("s3 put unsigned payload", "s3", "put_object", {"Bucket": "bucket", "Key": "k", "Body": b"x" * 1000},
         s3={"payload_signing_enabled": False}, request_checksum_calculation="when_required")
    for place, (operation, arguments) in enumerate([("get_caller_identity", {}),
                                                    ("assume_role", {"RoleArn": "arn:aws:iam::1:role/a+b", "RoleSessionName": "s p"})]):
        url = client("sts", TOKEN if place else None).generate_presigned_url(operation, arguments, ExpiresIn=60, HttpMethod="GET")
        keep(f"sts presigned {operation}", "GET", url, [], b"")


SIGNERS = {"header": botocore.auth.SigV4Auth, "query": botocore.auth.SigV4QueryAuth,
           "s3 header": botocore.auth.S3SigV4Auth, "s3 query": botocore.auth.S3SigV4QueryAuth}
ALPHABET = "abcXYZ019-._~ +/=&?%:;,@!$'()*[]\u00e9\u1234\U0001f600"


def some(random, longest, alphabet=ALPHABET):
    return "".join(random.choice(alphabet) for _ in range(random.randrange(longest)))


def odd_request(random, s3):
    segments = [some(random, 8) or random.choice(["", ".", "..", "x"]) for _ in range(random.randrange(5))]
    path = quote("/" + "/".join(segments), safe="/~")
    pairs = [(some(random, 6, "abAB-._~ /+\u00e9") or "k", some(random, 8)) for _ in range(random.randrange(5))]
    pairs += random.sample(pairs, random.randrange(len(pairs) + 1))
    query = "&".join(f"{quote(key, safe='-._~')}={quote(value, safe='-._~')}" for key, value in pairs)
    url = f"https://{'bucket.s3' if s3 else 'service'}.example.com{random.choice(['', ':8443'])}{path}"
    body = some(random, 200).encode() if random.random() < 0.6 else b""
    request = AWSRequest(method=random.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]), url=url + (f"?{query}" if query else ""), data=body)
    for place in range(random.randrange(5)):
        value = random.choice(["", " ", "a", "a  b", "  a \t b  ", "\"a   b\"", "x,y ,z", "\u00e9 \u1234", some(random, 30)])
        for _ in range(random.randrange(1, 4)):
            request.headers.add_header(random.choice([f"X-Amz-Meta-{place}", f"My-Header{place}", f"x_{place}"]), value)
    if random.random() < 0.5:
        request.headers["Content-Type"] = "application/x-amz-json-1.1"
    request.headers["User-Agent"] = "not signed"
    return request, body


def single_signers():
    generator = random.Random(20150830)
    for kind, signer in SIGNERS.items():
        s3 = kind.startswith("s3")
        for place in range(40):
            request, body = odd_request(generator, s3)
            if "query" in kind:
                # A body at hand would be moved into the query; S3 takes any body with a presigned request later.
                request.data, body = b"", body if s3 else b""
            credentials = Credentials(ACCESS_KEY_ID, SECRET, TOKEN if generator.random() < 0.3 else None)
            signer(credentials, "s3" if s3 else "service", "us-east-1").add_auth(request)
            keep(f"{kind} {place}", request.method, request.url, request.headers.items(), body)


botocore.httpchecksum.AwsChunkedWrapper._DEFAULT_CHUNK_SIZE = 10_000
freeze()
clients()
single_signers()
json.dump({"botocore": botocore.__version__, "access_key_id": ACCESS_KEY_ID,
           "secret": SECRET, "time": "20150830T123600Z",
           "vectors": vectors}, sys.stdout, indent=None, separators=(',\n', ':'))
sys.stdout.write("\n")
