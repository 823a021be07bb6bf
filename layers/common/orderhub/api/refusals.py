"""The answers to what does not work, as the description tells them: one table for all routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Traits:
    """What refusals depend on. parameters: names of those in path and query; headers: names of those a route takes."""

    method: str
    parameters: frozenset[str]
    headers: frozenset[str]
    has_body: bool


@dataclass(frozen=True)
class Refusal:
    """An answer to what does not work.

    name: in the description's components; gateway: what API Gateway says when it answers itself, before the hub; error:
    the hub's own code, as an example, with `says`.
    """

    status: int
    name: str
    meaning: str
    applies: Callable[[Traits], bool]
    error: str = ""
    says: str = ""
    gateway: str = ""
    waits: bool = False


def _always(_: Traits) -> bool:
    return True


def _names_something(known: Traits) -> bool:
    return known.has_body or bool(known.parameters - {"limit", "cursor", "status", "platform"})


def _has_body(known: Traits) -> bool:
    return known.has_body


def _takes_anything(known: Traits) -> bool:
    return known.has_body or bool(known.parameters | known.headers)


REFUSALS = (
    Refusal(
        400,
        "Unreadable",
        "The cursor is not one of these answers",
        lambda known: "cursor" in known.parameters,
        "INVALID_CURSOR",
        "the cursor is not one of ours",
    ),
    Refusal(401, "Unauthorized", "There is no token", _always, gateway="Unauthorized"),
    Refusal(
        403,
        "Forbidden",
        "Not with this role; or the token is not valid, which API Gateway answers",
        _always,
        "PERMISSION_DENIED",
        "this needs the role store_manager, you have viewer",
        "Forbidden",
    ),
    Refusal(
        404,
        "NotFound",
        "There is no such thing, or it is another store's; or no such path, which API Gateway answers",
        _names_something,
        "ORDER_NOT_FOUND",
        "there is no order ord_8d1f3c2b7a6e5d4c3b2a190817263544",
        "Not Found",
    ),
    Refusal(
        409,
        "Conflict",
        "Not as things stand; `details` tells how they do",
        lambda known: known.method != "GET",
        "ORDER_NOT_MODIFIABLE",
        "an order that is completed cannot become accepted",
    ),
    Refusal(
        412,
        "VersionConflict",
        "Somebody was faster: it is at another version than If-Match says",
        lambda known: "If-Match" in known.headers,
        "VERSION_CONFLICT",
        "the order has changed since",
    ),
    Refusal(
        413,
        "TooLarge",
        "The body is too large",
        _has_body,
        "REQUEST_TOO_LARGE",
        "a body has at most 262144 bytes",
        "Request Entity Too Large",
    ),
    Refusal(
        415,
        "NotJson",
        "The body is something else than JSON",
        _has_body,
        "UNSUPPORTED_MEDIA_TYPE",
        "the API takes JSON",
    ),
    Refusal(
        422,
        "Invalid",
        "The request does not fit; `details.fields` tells where",
        _takes_anything,
        "VALIDATION_ERROR",
        "the request does not fit",
    ),
    Refusal(
        429,
        "TooMany",
        "Too many requests with this key",
        _always,
        "RATE_LIMITED",
        "too many requests with this key",
        "Too Many Requests",
        waits=True,
    ),
    Refusal(
        500,
        "Failed",
        "The hub failed; the request id leads to the log",
        _always,
        "INTERNAL_ERROR",
        "the hub failed; the request id leads to the log",
        "Internal Server Error",
    ),
    Refusal(
        503,
        "TryAgain",
        "Not just now: try again after the seconds in Retry-After",
        _always,
        "TRY_AGAIN",
        "the store's records are busy",
        "Service Unavailable",
        waits=True,
    ),
)


def references(method: str, operation: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers of an operation that does not work, as references. operation: its description so far."""
    known = _traits(method, operation)
    return {str(one.status): {"$ref": f"#/components/responses/{one.name}"} for one in REFUSALS if one.applies(known)}


def _traits(method: str, operation: Mapping[str, Any]) -> Traits:
    named = [(one["in"] == "header", one["name"]) for one in operation["parameters"]]
    return Traits(
        method=method.upper(),
        parameters=frozenset(name for is_header, name in named if not is_header),
        headers=frozenset(name for is_header, name in named if is_header),
        has_body="requestBody" in operation,
    )


def components() -> dict[str, dict[str, Any]]:
    """Each refusal once, with an example of each shape it comes in."""
    return {one.name: _described(one) for one in REFUSALS}


def _described(refusal: Refusal) -> dict[str, Any]:
    shapes, examples = [], {}
    if refusal.error:
        shapes.append("Problem")
        examples["hub"] = {
            "value": {
                "error": refusal.error,
                "message": refusal.says,
                "details": {},
                "request_id": "Kx3q2hRdoAMEJ9g=",
            }
        }
    if refusal.gateway:
        shapes.append("GatewayProblem")
        examples["gateway"] = {"value": {"message": refusal.gateway}}
    references = [{"$ref": f"#/components/schemas/{shape}"} for shape in shapes]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    waits = {"headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}} if refusal.waits else {}
    return {
        "description": refusal.meaning,
        **waits,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }
