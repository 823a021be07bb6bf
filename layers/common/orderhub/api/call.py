"""What every route needs of the call: who makes it, and the headers that guard a change.

A route takes a header as a parameter of its type, `if_match: IfMatch = None`, which describes it, too, and hands it to
the function here that understands it.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Annotated, Any, TypeVar, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel, Field

from orderhub.errors import Reject
from orderhub.order.models import Order
from orderhub.runtime import settings
from orderhub.service import access
from orderhub.service.orders import advice, allowed_actions

_LONGEST_KEY = 255
_VERSION = re.compile(r"([0-9]{1,18})(?:-[0-9]{1,18})?")
V = TypeVar("V", bound=BaseModel | None)

# --- what a route declares --------------------------------------------------------------------------------------------

# The schemas of headers are only told: what does not fit them is refused by the functions below, in words of their own.
_Tag = Annotated[str, Field(json_schema_extra={"pattern": r'^(|\*|(W/)?"?[0-9]{1,18}(-[0-9]{1,18})?"?)$'})]
_Key = Annotated[str, Field(json_schema_extra={"maxLength": _LONGEST_KEY})]
_IF_MATCH = "the ETag of an earlier answer: the change is made only if nobody was faster; `*` for whatever it is now"
_IF_NONE_MATCH = "the ETag of an earlier answer: 304 without a body if it is still that"
_ONCE = "makes it count once however often it is sent: any text of yours that is new for each change, as a UUID"

IfMatch = Annotated[_Tag | None, Header(alias="If-Match", description=_IF_MATCH)]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description=_IF_NONE_MATCH)]
IdempotencyKey = Annotated[_Key | None, Header(alias="Idempotency-Key", description=_ONCE)]

# An answer that has an ETag, as `versioned` makes it.
ETAG = "ETag"
Versioned = Response[Annotated[V, ETAG]]

# --- what a route asks of a call --------------------------------------------------------------------------------------


def event(router: Router) -> APIGatewayProxyEventV2:
    """The request as API Gateway gave it."""
    return cast("APIGatewayProxyEventV2", router.current_event)


def caller(router: Router) -> access.Caller:
    """Who the authorizer let in. The actor of every change is this, never a field of the body."""
    authorizer: Any = event(router).request_context.authorizer
    return access.from_context(authorizer.get_lambda if authorizer is not None else {})


def idempotency_key(given: str | None) -> str | None:
    """The key in an Idempotency-Key header. Raises Reject INVALID_FIELD_VALUE when it is too long."""
    if given is not None and len(given) > _LONGEST_KEY:
        raise Reject("INVALID_FIELD_VALUE", f"an Idempotency-Key has at most {_LONGEST_KEY} characters")
    return given or None


def expected_version(given: str | None) -> int | None:
    """The version in an If-Match header; None for none or `*`. Raises Reject INVALID_FIELD_VALUE."""
    if not given or given.strip() == "*":
        return None
    number = given.strip().removeprefix("W/").strip('"')
    found = _VERSION.fullmatch(number)
    if found is None:
        raise Reject("INVALID_FIELD_VALUE", "If-Match takes the ETag of an earlier answer")
    return int(found[1])  # what follows names what is shown besides


def is_known(given: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names this: one ETag, a list of them, or `*` (RFC 9110)."""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in (given or "").split(",")}
    return bool(tags & {tag, "*"})


def base_url(router: Router) -> str:
    """Where this API is reached from outside, without a slash at the end."""
    if settings().public_url:
        return settings().public_url.rstrip("/")
    scheme = event(router).headers.get("x-forwarded-proto", "https")
    return f"{scheme}://{event(router).request_context.domain_name}"


def versioned(shown: V, version: int, status: int = 200) -> Versioned[V]:
    """A JSON answer with the ETag of what it shows."""
    return Response(status, "application/json", shown, headers={"etag": f'"{version}"'})


def shown(order: Order) -> dict[str, Any]:
    """An order as the API shows it: the canonical order, and what staff may do with it now."""
    told = [asdict(one) for one in advice(order)]
    return {**order.model_dump(mode="json"), "allowed_actions": allowed_actions(order), "advice": told}
