"""The AWS Encryption SDK for Python, as a user's program has it: one order on standard input, one answer on standard output, both JSON.

An order: `action` (`encrypt` or `decrypt`), `data` (base64), `keys` (ARNs; none is discovery), `context`, `region`, `mrk` (whether keys of other
Regions with the same id count).
"""

import base64
import json
import sys

import aws_encryption_sdk as sdk
from aws_encryption_sdk.key_providers import kms
from aws_encryption_sdk.identifiers import CommitmentPolicy

order = json.load(sys.stdin)
strict = kms.MRKAwareStrictAwsKmsMasterKeyProvider if order["mrk"] else kms.StrictAwsKmsMasterKeyProvider
if order["keys"]:
    provider = strict(key_ids=order["keys"])
elif order["mrk"]:
    provider = kms.MRKAwareDiscoveryAwsKmsMasterKeyProvider(discovery_region=order["region"])
else:
    provider = kms.DiscoveryAwsKmsMasterKeyProvider()
client = sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
data = base64.b64decode(order["data"])
if order["action"] == "encrypt":
    result, header = client.encrypt(source=data, key_provider=provider, encryption_context=order["context"])
else:
    result, header = client.decrypt(source=data, key_provider=provider)
json.dump({"data": base64.b64encode(result).decode(), "context": dict(header.encryption_context)}, sys.stdout)
