"""Sending a GraphQL document, and reading the two kinds of errors that come with status 200.

https://shopify.dev/docs/api/admin-graphql#status_and_error_codes
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry
from orderhub.platforms.http_types import Http, Reply
from orderhub.platforms.shopify.mapper import ShopConnection

# Codes of errors at the top of an answer that pass by themselves, and those that a person has to settle.
PASSING = frozenset({"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT", "IDEMPOTENCY_CONCURRENT_REQUEST"})
FOR_PEOPLE = frozenset({"ACCESS_DENIED", "SHOP_INACTIVE"})
# Codes of a mutation's own errors that pass.
PASSING_USER_ERRORS = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST", "INTERNAL_ERROR"})

# https://shopify.dev/docs/api/usage/response-codes
TOO_MANY = 429
STATUS_FOR_PEOPLE: Mapping[int, str] = {
    402: "the shop is frozen until its bill is paid",
    404: "there is no such shop, or no such API version",
    423: "the shop is locked",
}


_OPERATION = re.compile(r"\s*(?:query|mutation) (\w+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """root: the value of the document's one field; body: the whole answer; raw: its bytes; version: that answered."""

    root: Any
    body: Any
    raw: bytes
    version: str | None


def ask(document: str, variables: Mapping[str, Any], connection: ShopConnection, http: Http) -> Answer:
    """Sends a document.

    Raises Retry when Shopify throttles or stumbles, Misconfigured when the app lacks a permission, Reject.
    """
    path = f"/admin/api/{connection.settings.api_version}/graphql.json"
    name = _OPERATION.match(document)
    sent = {"query": document.strip(), "operationName": name and name[1], "variables": dict(variables)}
    reply = http.request("POST", path, json=sent)
    body = _body(reply)
    data = body.get("data")
    root = next(iter(data.values()), None) if isinstance(data, dict) else None
    _raise_errors(body, root)
    return Answer(root, body, reply.body, reply.headers.get("x-shopify-api-version"))


def mutate(document: str, variables: Mapping[str, Any], connection: ShopConnection, http: Http) -> dict[str, Any]:
    """Sends a mutation and returns its payload. Raises Reject with the code of its first user error, and as `ask`."""
    payload = ask(document, variables, connection, http).root
    if not isinstance(payload, dict):
        raise Reject("EMPTY_ANSWER", "Shopify answered without a result")
    errors = [one for name, found in payload.items() if name.endswith("serErrors") for one in found or ()]
    if errors:
        raise _user_error(errors)
    return payload


def gid(kind: str, number: str) -> str:
    """A global id."""
    return number if number.startswith("gid://") else f"gid://shopify/{kind}/{number}"


def refusal(reply: Reply) -> HubError | None:
    """The error for an HTTP status that is particular to Shopify, None for all others."""
    if reply.status == TOO_MANY:
        return Retry("Shopify answered 429", after=_seconds(reply.headers.get("retry-after")))
    why = STATUS_FOR_PEOPLE.get(reply.status)
    return Misconfigured(f"Shopify answered {reply.status}: {why}") if why else None


def _seconds(text: str | None) -> float | None:
    """Shopify writes Retry-After with a fraction ("2.0"), which HTTP does not know."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _body(reply: Reply) -> dict[str, Any]:
    try:
        body = reply.json()
    except Quarantine as error:
        raise Retry(f"Shopify answered without JSON: {error}") from None
    if not isinstance(body, dict):
        raise Retry("Shopify answered without an object")
    return body


def _raise_errors(body: Mapping[str, Any], root: Any) -> None:
    """A permission that is missing for a part only (a customer's name) leaves that part empty, and is no failure."""
    told = body.get("errors")
    errors = told if isinstance(told, list) else [told] if told else []
    for error in errors:
        code, message = _read_error(error)
        if code in PASSING:
            raise Retry(f"Shopify: {message}", after=_wait(body) if code == "THROTTLED" else None)
        if code in FOR_PEOPLE and root is None:
            raise Misconfigured(f"Shopify: {message}")
        if code not in FOR_PEOPLE:
            raise Reject(code, f"Shopify: {message}")


def _read_error(error: Any) -> tuple[str, str]:
    if not isinstance(error, dict):
        return "GRAPHQL_ERROR", str(error)[:300]
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return str(code or "GRAPHQL_ERROR"), str(error.get("message"))[:300]


def _wait(body: Mapping[str, Any]) -> float | None:
    """Seconds until the bucket holds enough points for the same query again; None when the answer does not tell."""
    try:
        cost = body["extensions"]["cost"]
        bucket = cost["throttleStatus"]
        missing = float(cost["requestedQueryCost"]) - float(bucket["currentlyAvailable"])
        return max(1.0, float(math.ceil(missing / float(bucket["restoreRate"]))))
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def _user_error(errors: Sequence[Any]) -> HubError:
    known = [one for one in errors if isinstance(one, dict)]
    code = next((str(one["code"]) for one in known if one.get("code")), "REFUSED")
    message = "Shopify: " + "; ".join(str(one.get("message"))[:200] for one in known[:5])
    if code in PASSING_USER_ERRORS:
        return Retry(message)
    return Reject(code, message)
