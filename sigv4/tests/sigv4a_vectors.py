"""Lets awscrt, the signer below the AWS CLI, sign requests with SigV4A and writes them down: tests/data/sigv4a.json.

    python3 tests/sigv4a_vectors.py > tests/data/sigv4a.json

These signatures are random: another run writes others, as good.
"""

import datetime
import json
import sys
from hashlib import sha256

import awscrt
from awscrt import auth, http

NOW = datetime.datetime(2015, 8, 30, 12, 36, 0, tzinfo=datetime.timezone.utc)
ACCESS_KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BODY = b"{\"a\": 1}"
TARGETS = ["/", "/a/../b//c%20d?x=1&a=%C3%A9&a=", "/key/with%20space/%E1%88%B4?list-type=2&prefix=a%2Fb"]
REGION_SETS = ["*", "us-east-1", "eu-*, us-east-1", "us-west-2"]

vectors = []
for place, region_set in enumerate(REGION_SETS):
    for target in TARGETS:
        for presigned in [False, True]:
            service = "s3" if target.startswith("/key") else "service"
            headers = http.HttpHeaders([("host", "example.amazonaws.com"), ("my-header", "a  b")])
            token = "the/session+token==" if place % 2 else None
            kind = auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS if presigned else auth.AwsSignatureType.HTTP_REQUEST_HEADERS
            value = auth.AwsSignedBodyValue.UNSIGNED_PAYLOAD if service == "s3" else sha256(BODY).hexdigest()
            config = auth.AwsSigningConfig(
                algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC, signature_type=kind,
                credentials_provider=auth.AwsCredentialsProvider.new_static(ACCESS_KEY_ID, SECRET, token),
                region=region_set, service=service, date=NOW, use_double_uri_encode=service != "s3",
                should_normalize_uri_path=service != "s3", signed_body_value=value,
                signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256 if not presigned
                else auth.AwsSignedBodyHeaderType.NONE,
                expiration_in_seconds=600 if presigned else None)
            request = http.HttpRequest("POST", target, headers)
            auth.aws_sign_request(request, config).result()
            path, _, query = request.path.partition("?")
            vectors.append({"service": service, "region_set": region_set, "presigned": presigned, "path": path, "query": query,
                            "headers": [[name.lower(), text] for name, text in request.headers]})
json.dump({"awscrt": awscrt.__version__, "access_key_id": ACCESS_KEY_ID, "secret": SECRET, "time": "20150830T123600Z",
           "method": "POST", "body": BODY.decode(), "vectors": vectors}, sys.stdout, separators=(",\n", ":"))
sys.stdout.write("\n")
