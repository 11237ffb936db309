"""Parses our answers to the output vectors with botocore's own parsers, and compares with what the vectors want.

    cargo run -p alcazar-codec --example answer_vectors | python3 codec/conformance/parse_answers.py

Ends with `agreed N of M` and status 0 when the disagreements are those below, each with its reason; else with status 1.
"""

import base64
import datetime
import json
import math
import pathlib
import sys

from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import PROTOCOL_PARSERS, ResponseParserError

VECTORS = pathlib.Path(__file__).parents[1] / "tests" / "data" / "wire-vectors" / "output"

# Where botocore's parsers do not give what the published vectors want, from the vectors' own bytes neither.
FLAT = "botocore names the items of a flattened list by the list's element"
NO_BLOB = "botocore takes an absent payload for an empty one"
UNSET = "botocore refuses an absent union as payload"
DATES = "botocore splits lists in headers at every comma"
NO_OUTPUT = "botocore looks for the request id only where there is an output"
KNOWN = {
    ("query", "QueryXmlLists"): FLAT,
    ("ec2", "Ec2XmlLists"): FLAT,
    ("rest-xml", "XmlLists"): FLAT,
    ("rest-json", "RestJsonHttpPayloadTraitsWithNoBlobBody"): NO_BLOB,
    ("rest-xml", "HttpPayloadTraitsWithNoBlobBody"): NO_BLOB,
    ("rest-json", "RestJsonHttpPayloadWithUnsetUnion"): UNSET,
    ("rest-xml", "RestXmlHttpPayloadWithUnsetUnion"): UNSET,
    ("rest-json", "RestJsonInputAndOutputWithQuotedStringHeaders"): DATES,
    ("rest-json", "RestJsonInputAndOutputWithTimestampHeaders"): DATES,
    ("rest-xml", "InputAndOutputWithTimestampHeaders"): DATES,
    ("rest-xml", "BodyWithXmlName"): "botocore takes the name of a nested structure's shape for the member's",
    ("smithy-rpc-v2-cbor", "no_output"): NO_OUTPUT,
    ("smithy-rpc-v2-cbor", "NoOutputClientAllowsEmptyCbor"): NO_OUTPUT,
    ("smithy-rpc-v2-cbor", "NoOutputClientAllowsEmptyBody"): NO_OUTPUT,
}
# Headers that every answer has, and a map of all headers takes.
EVERY_ANSWER = {"content-length", "content-type", "x-amzn-requestid"}


def main():
    cases = load()
    agreed, disagreements = 0, []
    lines = [json.loads(line) for line in sys.stdin]
    for line in lines:
        key = (line["file"], line["id"])
        suite, case = cases.pop(key)
        try:
            why = judge(suite, case, line)
        except ResponseParserError as error:
            why = f"not parsed: {error}"
        if why is None and key in KNOWN:
            disagreements.append(f"{key}: listed as known, and agrees")
        elif why is None:
            agreed += 1
        elif key not in KNOWN:
            disagreements.append(f"{key}: {why}")
        else:
            print(f"known: {key}: {KNOWN[key]}")
    for disagreement in disagreements:
        print(disagreement)
    missing = len(cases)
    print(f"agreed {agreed} of {len(lines)}")
    sys.exit(1 if disagreements or missing else 0)


def load():
    cases = {}
    for path in sorted(VECTORS.glob("*.json")):
        for suite in json.loads(path.read_text()):
            for case in suite["cases"]:
                cases[path.stem, case["id"]] = (suite, case)
    return cases


def judge(suite, case, line):
    given = case["given"]
    service = ServiceModel({"metadata": suite["metadata"], "shapes": suite["shapes"], "operations": {given["name"]: given}})
    operation = OperationModel(given, service)
    protocol = service.metadata["protocol"]
    parser = PROTOCOL_PARSERS[protocol](timestamp_parser=timestamp)
    body = base64.b64decode(line["body"])
    # The length is the HTTP layer's.
    headers = HeadersDict({**line["headers"], "content-length": str(len(body))})
    response = {"body": body, "headers": headers, "status_code": line["status"]}
    # A parser of a query answer looks for the wrapper only where the model names it, as real models do.
    shape = operation.output_shape
    if protocol == "query" and shape is not None and "resultWrapper" not in shape.serialization:
        shape.serialization["resultWrapper"] = given["name"] + "Result"
    parsed = parser.parse(response, shape)
    metadata = parsed.pop("ResponseMetadata", {})
    if metadata.get("RequestId") != "request-1":
        return f"request id {metadata.get('RequestId')!r}"
    if "errorCode" in case:
        return judge_error(case, parsed)
    return compare(parsed or {}, case["result"])


def judge_error(case, parsed):
    error = parsed.get("Error", {})
    if error.get("Code") != case["errorCode"]:
        return f"code {error.get('Code')!r}"
    wanted = case.get("errorMessage") or case["error"].get("message") or case["error"].get("Message") or ""
    if (error.get("Message") or "") != wanted:
        return f"message {error.get('Message')!r}"
    return None


def timestamp(value):
    """Like botocore's test parser: seconds since the epoch, from any of the three forms."""
    from botocore.utils import parse_timestamp

    return parse_timestamp(value)


def compare(ours, wanted):
    """None where they say the same."""
    if isinstance(ours, datetime.datetime):
        return None if abs(ours.timestamp() - wanted) < 0.001 else f"{ours} for {wanted}"
    if isinstance(ours, bytes):
        return None if ours == wanted.encode() else f"{ours} for {wanted!r}"
    if hasattr(ours, "read"):
        return compare(ours.read(), wanted)
    if isinstance(ours, float) and isinstance(wanted, str):
        return None if math.isnan(ours) and wanted == "NaN" or ours == float(wanted.replace("Infinity", "inf")) else f"{ours} for {wanted}"
    if isinstance(ours, float) or isinstance(wanted, float):
        return None if math.isclose(ours, wanted, rel_tol=1e-6) else f"{ours} for {wanted}"
    if isinstance(wanted, str) and not isinstance(ours, str):
        return compare(ours, json.loads(wanted))
    if isinstance(ours, dict) and isinstance(wanted, dict):
        ours = {key: value for key, value in ours.items() if key not in EVERY_ANSWER}
        if ours.keys() != wanted.keys():
            return f"members {sorted(ours)} for {sorted(wanted)}"
        return next((f"{key}: {why}" for key in ours if (why := compare(ours[key], wanted[key])) is not None), None)
    if isinstance(ours, list) and isinstance(wanted, list):
        if len(ours) != len(wanted):
            return f"{len(ours)} items for {len(wanted)}"
        return next((why for a, b in zip(ours, wanted) if (why := compare(a, b)) is not None), None)
    return None if ours == wanted else f"{ours!r} for {wanted!r}"


if __name__ == "__main__":
    main()
