"""What staff see of an order's hand-overs: who has it, and what came of telling them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from orderhub.order.models import Order, SyncState
from orderhub.platforms.targets import Target
from orderhub.storage import links


class HandOverView(BaseModel):
    """One hand-over of an order.

    target: what for; id: theirs; url: for people; status: their own word; state: what became of telling them, with the
    last error in detail; at: when that was.
    """

    target: Target
    platform: str | None
    connection_id: str | None
    id: str | None
    url: str | None
    status: str | None
    state: SyncState
    detail: str | None
    attempts: int
    at: datetime | None


def of_order(order: Order) -> list[HandOverView]:
    """The hand-overs of an order, those that failed as well. Raises Retry."""
    found = {link.target: link for link in links.of_order(order.id) if link.target in set(Target)}
    views = []
    for target, link in sorted(found.items()):
        has_it, sync = order.hand_overs.get(target), link.sync
        views.append(
            HandOverView(
                target=Target(target),
                platform=has_it.platform if has_it else None,
                connection_id=has_it.connection_id if has_it else None,
                id=has_it.id if has_it else None,
                url=link.ids.get("url"),
                status=has_it.state if has_it else None,
                state=sync.state if sync else SyncState.PENDING,
                detail=sync.detail if sync else None,
                attempts=sync.attempts if sync else 0,
                at=sync.at if sync else None,
            )
        )
    return views
