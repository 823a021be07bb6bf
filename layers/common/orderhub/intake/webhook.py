"""What every webhook function does: prove the sender, read the messages, record them, answer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from orderhub.errors import HubError, Ignore, Misconfigured, NotAuthentic, Quarantine, Reject, Retry
from orderhub.intake.connections import open_connection
from orderhub.intake.quarantine import hold_request, kept_headers
from orderhub.intake.record import record
from orderhub.order.events import Actor, Cause, Raw
from orderhub.platforms.base import Connection, Platform, Reading
from orderhub.platforms.http_types import Answer, Request
from orderhub.quickstart import loaded
from orderhub.runtime import Metric, count, logger, measured, now

Handler = Callable[[dict[str, Any], object], dict[str, Any]]

# One answer for an unknown connection and for a bad signature: outside, the two must look the same.
_REFUSED = Answer(401, '{"error":"NOT_AUTHENTIC"}', {"content-type": "application/json"})
_LATER = Answer(503, '{"error":"TRY_AGAIN"}', {"content-type": "application/json", "retry-after": "5"})


def webhook_handler(platform: Platform[Any, Any]) -> Handler:
    """The Lambda handler of one platform's webhook, for API Gateway's payload format 2.0."""

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        with measured(platform.slug):
            request = request_of(event, now())
            connection_id = event.get("pathParameters", {}).get("connection_id", "")
            answer = receive(platform, connection_id, request)
        loaded()
        return {"statusCode": answer.status, "body": answer.body, "headers": dict(answer.headers)}

    return handler


def receive(platform: Platform[Any, Any], connection_id: str, request: Request) -> Answer:
    """Takes in one request. Every way out either has it stored or makes the platform send it again."""
    try:
        connection = _authenticated(platform, connection_id, request)
    except NotAuthentic as error:
        count(Metric.REJECTED_SIGNATURES)
        logger.warning("refused", extra={"platform": platform.slug, "connection": connection_id, "reason": str(error)})
        return _REFUSED
    except (Retry, Misconfigured) as error:
        logger.error("cannot check who sent this", extra={"connection": connection_id, "reason": str(error)})
        return _LATER
    try:
        return _record_all(platform, connection, request)
    except Retry as error:
        logger.error("not recorded", extra={"connection": connection_id, "reason": str(error)})
        return _LATER


def request_of(event: Mapping[str, Any], received_at: datetime) -> Request:
    """The request in an API Gateway event of payload format 2.0."""
    body = event.get("body") or ""
    http = event["requestContext"]["http"]
    return Request(
        method=http["method"],
        path=event.get("rawPath", http["path"]),
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        query=event.get("queryStringParameters") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass"),
        received_at=received_at,
    )


def read_safely(platform: Platform[Any, Any], request: Request, connection: Connection[Any, Any]) -> Reading:
    """The platform's reading. Raises Quarantine, also for an error in our own adapter: nothing is lost by a bug."""
    try:
        return platform.read(request, connection)
    except Ignore as error:
        logger.info("ignored", extra={"platform": platform.slug, "reason": str(error)})
        return Reading([])
    except HubError:
        raise
    except Exception as error:
        logger.exception("the adapter failed")
        raise Quarantine(f"the adapter failed: {type(error).__name__}") from error


def _authenticated(platform: Platform[Any, Any], connection_id: str, request: Request) -> Connection[Any, Any]:
    try:
        connection = open_connection(platform, connection_id)
    except Reject as error:
        raise NotAuthentic(str(error)) from None
    try:
        platform.authenticate(request, connection)
    except NotAuthentic:
        connection = open_connection(platform, connection_id, fresh=True)  # the secret may have been rotated
        platform.authenticate(request, connection)
    return connection


def _record_all(platform: Platform[Any, Any], connection: Connection[Any, Any], request: Request) -> Answer:
    try:
        reading = read_safely(platform, request, connection)
    except (Quarantine, Reject, Misconfigured) as error:
        hold_request(request, platform.slug, connection.id, str(error))
        return platform.quarantine_answer()
    raw = Raw(request.body, kept_headers(request.headers))
    for message in reading.messages:
        try:
            recorded = record(message, connection, raw, Cause(Actor.PLATFORM), request.received_at)
        except (Quarantine, Reject, Misconfigured) as error:
            hold_request(request, platform.slug, connection.id, str(error))
            return platform.quarantine_answer()
        logger.info(
            "recorded",
            extra={
                "platform": platform.slug,
                "order_id": recorded.order_id,
                "effect": recorded.effect,
                **({"unknown_fields": list(reading.unknown_fields)} if reading.unknown_fields else {}),
            },
        )
    return reading.answer
