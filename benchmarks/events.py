"""Events as AWS gives them to Lambda functions: HTTP requests, stream records, queue messages."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from benchmarks.units import Write

HOST = "bench.execute-api.us-east-1.amazonaws.com"
_REGION = "us-east-1"

CONTEXT = SimpleNamespace(
    function_name="bench",
    function_version="$LATEST",
    memory_limit_in_mb=512,
    invoked_function_arn=f"arn:aws:lambda:{_REGION}:123456789012:function:bench",
    aws_request_id="11111111-2222-4333-8444-555555555555",
    get_remaining_time_in_millis=lambda: 30_000,
)
"""The second argument of a handler, as far as anyone looks at it."""


def http_event(
    method: str,
    route: str,
    path: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    parameters: Mapping[str, str] | None = None,
    authorizer: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A request of API Gateway's payload format 2.0. authorizer: the context a Lambda authorizer answered."""
    text = headers.get("content-type", "").startswith(("application/json", "text/"))
    known = {"host": HOST, "x-forwarded-proto": "https", "content-length": str(len(body)), "user-agent": "bench"}
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "bench",
        "domainName": HOST,
        "domainPrefix": "bench",
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"},
        "requestId": "bench-request=",
        "routeKey": route,
        "stage": "$default",
        "time": "05/Oct/2026:15:00:00 +0000",
        "timeEpoch": 1791212400000,
    }
    if authorizer is not None:
        context["authorizer"] = {"lambda": dict(authorizer)}
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {**known, **{name.lower(): value for name, value in headers.items()}},
        "requestContext": context,
        **({"pathParameters": dict(parameters)} if parameters else {}),
        **({"body": body.decode() if text else base64.b64encode(body).decode()} if body else {}),
        "isBase64Encoded": bool(body) and not text,
    }


def authorizer_event(method: str, path: str, token: str) -> dict[str, Any]:
    """What API Gateway asks a Lambda authorizer of payload format 2.0."""
    asked = http_event(method, f"{method} {path}", path, headers={"authorization": f"Bearer {token}"})
    return {
        **asked,
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{_REGION}:123456789012:bench/$default/{method}{path}",
        "identitySource": [f"Bearer {token}"],
    }


def stream_record(write: Write, keys: Sequence[str], number: int) -> dict[str, Any] | None:
    """What the table's stream tells of a write; None for one that changed nothing."""
    if write.before == write.after:
        return None
    image = write.after or write.before or {}
    kind = "INSERT" if write.before is None else "REMOVE" if write.after is None else "MODIFY"
    told: dict[str, Any] = {
        "ApproximateCreationDateTime": 1791212400,
        "Keys": {key: image[key] for key in keys},
        "SequenceNumber": str(number),
        "SizeBytes": 1,
        "StreamViewType": "NEW_IMAGE",
    }
    if write.after is not None:
        told["NewImage"] = dict(write.after)
    return {
        "eventID": f"{number:032x}",
        "eventName": kind,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": _REGION,
        "dynamodb": told,
        "eventSourceARN": f"arn:aws:dynamodb:{_REGION}:123456789012:table/{write.table}/stream/bench",
    }


def queue_event(entry: Mapping[str, Any], queue_url: str) -> dict[str, Any]:
    """One message of a queue, as sent in an entry of SendMessageBatch, handed over for the first time."""
    name = queue_url.rpartition("/")[2]
    record = {
        "messageId": str(uuid4()),
        "receiptHandle": "bench-receipt",
        "body": entry["MessageBody"],
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1791212400000",
            "SenderId": "bench",
            "ApproximateFirstReceiveTimestamp": "1791212400001",
            **({"MessageGroupId": entry["MessageGroupId"]} if "MessageGroupId" in entry else {}),
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{_REGION}:123456789012:{name}",
        "awsRegion": _REGION,
    }
    return {"Records": [record]}


def staff_body(action: str) -> bytes:
    """The body staff send with an action."""
    return json.dumps({"prep_minutes": 15}).encode() if action == "accept" else b""
