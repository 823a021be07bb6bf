"""/v1/audit, and what is noted for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import AwareDatetime, BaseModel

from orderhub.api.call import caller
from orderhub.api.gate import given
from orderhub.api.orders import Cursor, Limit
from orderhub.service import audit
from orderhub.service.access import from_context

router = Router()

_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_WITH_TIMELINE = "/v1/orders"


class ChangeView(BaseModel):
    """A request that changed something. actor: who; fields: names of what the request gave, without their values."""

    at: AwareDatetime
    actor: str
    method: str
    path: str
    fields: list[str]
    request_id: str


class ChangeList(BaseModel):
    """Part of the changes."""

    changes: list[ChangeView]
    next_cursor: str | None


@router.get("/audit", summary="Who changed what of the configuration", tags=["audit"])
def list_changes(limit: Limit = 50, cursor: Cursor = None) -> ChangeList:
    """Newest first: stores, connections, keys, people, availability and stock. Orders have timelines of their own."""
    found, next_cursor = audit.list_changes(caller(router), limit=limit, cursor=cursor)
    return ChangeList(changes=[ChangeView(**asdict(change)) for change in found], next_cursor=next_cursor)


def note_change(event: Mapping[str, Any], status: int) -> None:
    """Notes a request that was answered, if it changed something that has no timeline. Raises Retry."""
    context = event["requestContext"]
    method, path = context["http"]["method"], event["rawPath"]
    if method not in _CHANGES or not 200 <= status < 300 or path.startswith(_WITH_TIMELINE):
        return
    who = from_context(context["authorizer"]["lambda"])
    audit.note(who, method, path, list(given(event)), context["requestId"])
