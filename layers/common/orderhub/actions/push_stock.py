"""Telling a platform how many of an item a store has: always the number as it is now, and only where it differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from orderhub.actions.outside import adapter, held, notes, state_after, store_ids
from orderhub.actions.worker import Task
from orderhub.errors import HubError, Misconfigured, Reject, Retry, Unsupported
from orderhub.intake.connections import connection_of
from orderhub.order.models import Sync
from orderhub.order.stock import Place, Stock
from orderhub.order.stock_telling import Telling, refused_state, telling, told_state
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Done, StockLevel
from orderhub.runtime import now
from orderhub.storage import links, stock
from orderhub.storage.links import Link
from orderhub.storage.movements import stock_id

_MOST_ROUNDS = 3
_RETRIED_WITHIN = timedelta(hours=2)  # longer than a message ever waits for its next attempt
# A platform that holds another number than we think may have sold something of which we have yet to hear. After this
# many attempts we have heard, and our number counts.
_ATTEMPTS_TO_HEAR = 3


def push_stock(task: Task) -> None:
    """Brings one platform up to a stock as it is now. What comes of it is in the link. Raises Retry, Misconfigured.

    A message that fails at once, while an earlier one is being tried again, does not come back: that one tells the
    number as it then is.
    """
    place = Place(str(task.body["store_id"]), str(task.body["sku"]))
    at = now()
    with held(stock_id(place), str(task.body["connection_id"]), at) as mine:
        earlier = task.attempt == 1 and at.timestamp() < mine.link.state.get("retried_until", 0)
        mine.link, problem = _bring_up_to_date(place, mine.link, task, at)
    if isinstance(problem, (Retry, Misconfigured)) and not earlier:
        raise problem


def _bring_up_to_date(place: Place, link: Link, task: Task, at: datetime) -> tuple[Link, HubError | None]:
    """Tells the number, and again if it changes meanwhile. Returns the link, and what went wrong."""
    for _ in range(_MOST_ROUNDS):
        kept = stock.get(place)
        due = None if kept is None else telling(kept, link.target, str(task.body["platform"]), link.state)
        if kept is None or due is None:
            return link, None
        note, problem = _tell(kept, due, link.target, careful=task.attempt <= _ATTEMPTS_TO_HEAR)
        link = _noted(link, kept, due, problem, note, task, at)
        if problem is not None:
            return link, problem
        links.save(link)
    return link, Retry("the stock changes faster than it can be told")


def _tell(kept: Stock, due: Telling, connection_id: str, *, careful: bool) -> tuple[str | None, HubError | None]:
    """Makes the calls; returns the platform's note for staff, and what went wrong."""
    try:
        with adapter():
            platform, connection = connection_of(connection_id)
            http = PlatformHttp(platform, connection)
            ids = kept.external_ids
            item = ids.get(connection_id, ids.get(platform.slug, ""))
            known = due.known if careful else None
            done: list[Done] = [
                platform.set_stock(StockLevel(theirs, item, due.quantity, kept.place.sku, known), connection, http)
                for theirs in store_ids(kept.place.store_id, connection)
            ]
    except HubError as error:
        return None, error
    return notes(done), None


def _noted(
    link: Link, kept: Stock, due: Telling, problem: HubError | None, note: str | None, task: Task, at: datetime
) -> Link:
    """The link with what came of it."""
    if problem is None:
        state = told_state(kept, link.target, due.quantity)
    else:
        lacks = isinstance(problem, Unsupported) or (isinstance(problem, Reject) and problem.code == "ITEM_NOT_FOUND")
        state = refused_state(kept, link.state, lacks=lacks)
        if isinstance(problem, (Retry, Misconfigured)):
            state["retried_until"] = 0 if task.last else int((at + _RETRIED_WITHIN).timestamp())
    sync = Sync(
        state=state_after(problem, last=task.last),
        version=kept.version,
        detail=note if problem is None else str(problem),
        attempts=task.attempt,
        at=at,
    )
    return replace(link, state=state, sync=sync)
