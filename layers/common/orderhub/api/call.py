"""What every route needs of the call: who makes it, and the headers that guard a change."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any, TypeVar, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel

from orderhub.errors import Reject
from orderhub.order.models import Order
from orderhub.runtime import settings
from orderhub.service import access
from orderhub.service.orders import advice, allowed_actions

_LONGEST_KEY = 255
_VERSION = re.compile(r"([0-9]{1,18})(?:-[0-9]{1,18})?")
V = TypeVar("V", bound=BaseModel)


def event(router: Router) -> APIGatewayProxyEventV2:
    """The request as API Gateway gave it."""
    return cast("APIGatewayProxyEventV2", router.current_event)


def caller(router: Router) -> access.Caller:
    """Who the authorizer let in. The actor of every change is this, never a field of the body."""
    authorizer: Any = event(router).request_context.authorizer
    return access.from_context(authorizer.get_lambda if authorizer is not None else {})


def idempotency_key(router: Router) -> str | None:
    """The Idempotency-Key header. Raises Reject INVALID_FIELD_VALUE when it is too long."""
    key = router.current_event.headers.get("idempotency-key")
    if key is not None and len(key) > _LONGEST_KEY:
        raise Reject("INVALID_FIELD_VALUE", f"an Idempotency-Key has at most {_LONGEST_KEY} characters")
    return key or None


def expected_version(router: Router) -> int | None:
    """The version in the If-Match header; None for none or `*`. Raises Reject INVALID_FIELD_VALUE."""
    given = router.current_event.headers.get("if-match")
    if not given or given.strip() == "*":
        return None
    number = given.strip().removeprefix("W/").strip('"')
    found = _VERSION.fullmatch(number)
    if found is None:
        raise Reject("INVALID_FIELD_VALUE", "If-Match takes the ETag of an earlier answer")
    return int(found[1])  # what follows names what is shown besides


def is_known(router: Router, tag: str) -> bool:
    """Whether the If-None-Match header names this: one ETag, a list of them, or `*` (RFC 9110)."""
    given = router.current_event.headers.get("if-none-match") or ""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")}
    return bool(tags & {tag, "*"})


def base_url(router: Router) -> str:
    """Where this API is reached from outside, without a slash at the end."""
    if settings().public_url:
        return settings().public_url.rstrip("/")
    scheme = event(router).headers.get("x-forwarded-proto", "https")
    return f"{scheme}://{event(router).request_context.domain_name}"


def versioned(shown: V, version: int, status: int = 200) -> Response[V]:
    """A JSON answer with the ETag of what it shows."""
    return Response(status, "application/json", shown, headers={"etag": f'"{version}"'})


def shown(order: Order) -> dict[str, Any]:
    """An order as the API shows it: the canonical order, and what staff may do with it now."""
    told = [asdict(one) for one in advice(order)]
    return {**order.model_dump(mode="json"), "allowed_actions": allowed_actions(order), "advice": told}
