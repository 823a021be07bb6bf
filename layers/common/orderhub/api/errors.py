"""Errors as HTTP answers: one shape, {"error": CODE, "message", "details", "request_id"}."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import BaseModel

from orderhub.errors import HubError, Misconfigured, Reject, Retry, Unsupported
from orderhub.storage.codec import to_json


class Problem(BaseModel):
    """What every error answers. error: a word for programs; message: a sentence; request_id: leads to the log."""

    error: str
    message: str
    details: dict[str, Any]
    request_id: str


# Code of a Reject -> HTTP status; any other is a 400.
STATUSES: dict[str, int] = {
    "ORDER_NOT_FOUND": 404,
    "ITEM_NOT_FOUND": 404,
    "CONNECTION_NOT_FOUND": 404,
    "NOT_FOUND": 404,
    "INVALID_STORE": 404,
    "PERMISSION_DENIED": 403,
    "ORDER_NOT_MODIFIABLE": 409,
    "ORDER_ALREADY_PROCESSED": 409,
    "ACCEPTANCE_WINDOW_EXPIRED": 409,
    "ALREADY_EXISTS": 409,
    "CONFIRMATION_REQUIRED": 409,
    "CART_CHANGE_PENDING": 409,
    "NOTHING_CONNECTED": 409,
    "EMPLOYEE_NOT_FOUND": 404,
    "IDEMPOTENCY_KEY_REUSED": 409,
    "VERSION_CONFLICT": 412,
    "REQUEST_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RATE_LIMITED": 429,
    "TRY_AGAIN": 503,
    "INVALID_FIELD_VALUE": 422,
    "VALIDATION_ERROR": 422,
    "UNKNOWN_PLATFORM": 422,
    "INVALID_ATTACHMENT": 422,
    "REFUND_FAILED": 409,
    "ISSUE_NOT_MODIFIABLE": 409,
    "ISSUE_NOT_FOUND": 404,
    "SUBSCRIPTION_NOT_FOUND": 404,
    "DELIVERY_NOT_FOUND": 404,
    "SUBSCRIPTION_DISABLED": 409,
}


def refused(app: APIGatewayHttpResolver, error: HubError) -> Response[Any]:
    """The answer to what the hub itself refuses or cannot do now."""
    match error:
        case Reject():
            return _answer(app, STATUSES.get(error.code, 400), error.code, str(error), error.details)
        case Unsupported():
            details = {"operation": error.operation, "platform": error.platform}
            return _answer(app, 409, "UNSUPPORTED", str(error), details)
        case Misconfigured():
            return _answer(app, 409, "MISCONFIGURED", str(error))
        case Retry():
            headers = {"retry-after": str(max(1, math.ceil(error.after or 1)))}
            return _answer(app, 503, "TRY_AGAIN", str(error), headers=headers)
        case _:
            return _answer(app, 422, "NOT_UNDERSTOOD", str(error))


def turned_away(event: Mapping[str, Any], error: Reject) -> dict[str, Any]:
    """The answer, in payload format 2.0, to a request that is not even read."""
    request_id = event["requestContext"]["requestId"]
    problem = Problem(error=error.code, message=str(error), details=error.details, request_id=request_id)
    wait = error.details.get("retry_after")
    return {
        "statusCode": STATUSES.get(error.code, 400),
        "headers": {"content-type": "application/json", **({"retry-after": str(wait)} if wait is not None else {})},
        "body": to_json(problem.model_dump()),
        "isBase64Encoded": False,
    }


def invalid(app: APIGatewayHttpResolver, error: RequestValidationError) -> Response[Any]:
    """The answer to a request whose fields do not fit: each with its place and what is wrong, never its value."""
    fields = [{"field": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in error.errors()]
    return _answer(app, 422, "VALIDATION_ERROR", "the request does not fit", {"fields": fields})


def unknown_route(app: APIGatewayHttpResolver, _error: Exception) -> Response[Any]:
    """The answer for a path or method that is not there."""
    event = app.current_event
    return _answer(app, 404, "NO_SUCH_ROUTE", f"there is no {event.http_method} {event.path}")


def failed(app: APIGatewayHttpResolver, _error: Exception) -> Response[Any]:
    """The answer to a bug of ours: the request id leads to it in the log."""
    return _answer(app, 500, "INTERNAL_ERROR", "the hub failed; the request id leads to the log")


def _answer(
    app: APIGatewayHttpResolver,
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    request_id = app.current_event.request_context.request_id
    problem = Problem(error=code, message=message, details=dict(details or {}), request_id=request_id)
    return Response(status, "application/json", to_json(problem.model_dump()), headers=dict(headers or {}))
