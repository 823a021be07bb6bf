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
from orderhub.intake.redaction import without_secrets
from orderhub.order.events import Actor, Cause, Raw
from orderhub.order.messages import Decision, TableRequest
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
    greeting = platform.greet(request)
    if greeting is not None:
        return greeting
    try:
        connection = _authenticated(platform, connection_id, request)
    except NotAuthentic as error:
        count(Metric.REJECTED_SIGNATURES)
        logger.warning("refused", extra={"platform": platform.slug, "connection": connection_id, "reason": str(error)})
        return _REFUSED
    except (Retry, Misconfigured) as error:
        logger.error("cannot check who sent this", extra={"connection": connection_id, "reason": str(error)})
        return _LATER
    request = without_secrets(request, platform, connection)
    try:
        return _record_all(platform, connection, request)
    except Retry as error:
        logger.error("not recorded", extra={"connection": connection_id, "reason": str(error)})
        return _LATER if platform.sends_again else _kept_for_later(platform, connection_id, request)
    except Exception:
        if platform.sends_again:
            raise  # the gateway answers 500, an alarm rings, and it comes again
        logger.exception("not recorded")
        return _kept_for_later(platform, connection_id, request)


def _kept_for_later(platform: Platform[Any, Any], connection_id: str, request: Request) -> Answer:
    """The platform would not send it again: it goes where it can wait until the table takes it."""
    from orderhub.intake import late  # noqa: PLC0415  (when all goes well nobody needs a queue here)

    try:
        late.keep(request, platform.slug, connection_id)
    except Retry as error:
        logger.error("not kept either", extra={"connection": connection_id, "reason": str(error)})
        return _LATER
    return platform.quarantine_answer(request)


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
        source_ip=http.get("sourceIp", ""),
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
        return take_in(platform, connection, request, Cause(Actor.PLATFORM))
    except (Quarantine, Reject, Misconfigured) as error:
        hold_request(request, platform.slug, connection.id, str(error))
        return platform.quarantine_answer(request)


def take_in(platform: Platform[Any, Any], connection: Connection[Any, Any], request: Request, cause: Cause) -> Answer:
    """Records what is in an authentic request; the answer to it.

    Raises Quarantine, Reject or Misconfigured when it is not understood (what came before in it is recorded), Retry.
    """
    reading = read_safely(platform, request, connection)
    raw = Raw(request.body, kept_headers(request.headers))
    answer = reading.answer
    for message in reading.messages:
        if isinstance(message, TableRequest) and reading.decided is not None:
            answer = _decide(message, reading.decided, connection, raw, request.received_at)
            continue
        recorded = record(message, connection, raw, cause, request.received_at)
        logger.info(
            "recorded",
            extra={
                "platform": platform.slug,
                "order_id": recorded.order_id,
                "effect": recorded.effect,
                **({"unknown_fields": list(reading.unknown_fields)} if reading.unknown_fields else {}),
            },
        )
    return answer


def _decide(
    message: TableRequest,
    decided: Callable[[Decision], Answer],
    connection: Connection[Any, Any],
    raw: Raw,
    now: datetime,
) -> Answer:
    """The answer to a request for a table. Raises Quarantine, Retry."""
    from orderhub.intake import tables  # noqa: PLC0415  (few platforms ask for tables)

    return tables.answer_request(message, decided, connection, raw, now)
