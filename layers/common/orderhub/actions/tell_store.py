"""Telling platforms how staff want a store and its items to be: open or paused, on sale or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from orderhub.actions.outside import LEASE, adapter, notes, state_after, store_ids
from orderhub.actions.worker import Task
from orderhub.errors import HubError, Misconfigured, Reject, Retry, Unsupported
from orderhub.intake.connections import connection_of
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Connection, Done, ItemAvailability, Platform, StoreStatus
from orderhub.runtime import logger, now
from orderhub.storage import wishes
from orderhub.storage.wishes import GRACE, Outcome, Wish

BY_ITSELF = "the hub, as the time was over"

_MOST_ROUNDS = 3


def send_due_wishes() -> None:
    """Ends the pauses whose time is over, and asks for a worker for them and for what none has taken. Raises Retry."""
    at = now()
    places = wishes.due(at)
    ended = 0
    for place in places:
        if wishes.end(place, at, BY_ITSELF):
            ended += 1
        else:
            wishes.postpone(place, at + GRACE)
    wishes.send(places)
    logger.info("wishes", extra={"due": len(places), "ended": ended})


def tell_store(task: Task) -> None:
    """Makes a platform as staff want it to be. What comes of it is in the wish. Raises Retry, Misconfigured."""
    at = now()
    wish = wishes.get(str(task.body["store_id"]), str(task.body["wish"]))
    if wish is None or wish.is_told:
        return
    held = wishes.claim(wish, at, LEASE)
    if held is None:
        raise Retry("another worker is telling the platform just now", after=3)
    try:
        problem = _bring_about(held, task, at)
    except BaseException:
        wishes.release(held)
        raise
    if isinstance(problem, (Retry, Misconfigured)):
        raise problem


def _bring_about(wish: Wish, task: Task, at: datetime) -> HubError | None:
    """Tells the platform, and again if staff change their mind meanwhile. Returns what went wrong."""
    for _ in range(_MOST_ROUNDS):
        on = wish.is_on(at)
        note, problem = _tell(wish, on=on)
        told_off = wish.told_off if problem is not None else not on
        outcome = Outcome(
            state=state_after(problem, last=task.last),
            detail=str(problem) if problem is not None else note,
            attempts=task.attempt,
            at=at,
            error=None if problem is None or isinstance(problem, Unsupported) else str(problem),
            told_off=told_off,
        )
        over = not told_off and _leaves_nothing(wish, problem)
        if wishes.forget(wish) if over else wishes.settle(wish, outcome):
            return problem
        newer = wishes.get(wish.place.store_id, wish.place.key)
        if newer is None:
            return None
        wish = replace(newer, told_off=told_off)
    raise Retry("it changes faster than the platform can be told")


def _leaves_nothing(wish: Wish, problem: HubError | None) -> bool:
    """Whether an item is on sale again and staff need not hear of it any more.

    Also where the platform never took it off: it cannot be told, or it refused both in the same words.
    """
    if wish.sku is None or not wish.on:
        return False
    refused = isinstance(problem, Reject) and str(problem) == wish.last_error
    return problem is None or isinstance(problem, Unsupported) or refused


def _tell(wish: Wish, *, on: bool) -> tuple[str | None, HubError | None]:
    """Makes the calls; returns the platform's note for staff, and what went wrong."""
    try:
        with adapter():
            platform, connection = connection_of(wish.place.connection_id)
            http = PlatformHttp(platform, connection)
            theirs = store_ids(wish.place.store_id, connection)
            done = [_call(wish, one, platform, connection, http, on=on) for one in theirs]
    except HubError as error:
        return None, error
    return notes(done), None


def _call(
    wish: Wish,
    theirs: str,
    platform: Platform[Any, Any],
    connection: Connection[Any, Any],
    http: PlatformHttp,
    *,
    on: bool,
) -> Done:
    until = None if on else wish.until
    try:
        if wish.sku is None:
            status = StoreStatus(theirs, is_open=on, until=until, reason=None if on else wish.reason)
            return platform.set_store_status(status, connection, http)
        item = ItemAvailability(theirs, wish.external_id, available=on, sku=wish.sku, until=until)
        return platform.set_item_availability(item, connection, http)
    except Reject as refusal:
        if theirs:
            raise
        hint = f"{refusal}; no store of {platform.name} is on this connection's map"
        raise Reject(refusal.code, hint, details=refusal.details) from None
