"""Whether a store takes orders, platform by platform: what staff want, and what each platform has confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.errors import Reject, Retry, Unsupported
from orderhub.order.models import SyncState
from orderhub.order.times import business_date, zone
from orderhub.platforms.base import NO_SUCH_CALL, Operation
from orderhub.platforms.registry import SLUGS, load
from orderhub.runtime import logger, now
from orderhub.service.access import Caller, Role
from orderhub.service.stores import Store, get_store
from orderhub.storage import config, orders, wishes
from orderhub.storage.config import Collection
from orderhub.storage.wishes import Asked, Wish

Name = Annotated[str, Field(min_length=1, max_length=200)]

_LATEST = 20  # orders of today that are looked at for the last of each platform
_LONGEST = timedelta(days=366)


class StatusChange(BaseModel):
    """What staff want of a store. platforms: slugs or connection ids, all of the store's when left out.

    until: when a pause ends by itself; reason: a word or sentence that the platform may show.
    """

    model_config = ConfigDict(extra="forbid")

    platforms: list[Name] | None = Field(default=None, min_length=1, max_length=100)
    is_open: bool
    until: AwareDatetime | None = None
    reason: str | None = Field(default=None, min_length=1, max_length=200)


class Told(BaseModel):
    """What has become of the last change at the platform. detail: a sentence for staff; attempts: made so far."""

    state: SyncState = SyncState.NOT_NEEDED
    detail: str | None = None
    attempts: int = 0
    at: AwareDatetime | None = None


class Failure(BaseModel):
    """What the platform, or the way to it, last had against a change; it stays after one that worked."""

    detail: str
    at: AwareDatetime


class PlatformStatus(BaseModel):
    """A store on one platform. active: whether the connection is switched on; is_open, until, reason: as staff want it.

    last_order_at: when the last order came from there, as far as it is one of the store's latest of today.
    """

    connection_id: str
    platform: str
    name: str
    active: bool
    is_open: bool
    until: AwareDatetime | None = None
    reason: str | None = None
    changed_by: str | None = None
    changed_at: AwareDatetime | None = None
    sync: Told
    last_order_at: AwareDatetime | None = None
    last_error: Failure | None = None


class StoreStatusView(BaseModel):
    """A store on all its platforms. local_time: its own clock, with the offset; is_open: on at least one of them."""

    store_id: str
    local_time: AwareDatetime
    time_zone: str
    is_open: bool
    platforms: list[PlatformStatus]


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection that a store is on."""

    id: str
    platform: str
    name: str
    active: bool


def get_status(caller: Caller, store_id: str) -> StoreStatusView:
    """A store's status. Raises Reject INVALID_STORE, Retry."""
    store = get_store(caller, store_id)
    return _view(store, connected(store_id))


def change_status(caller: Caller, store_id: str, change: StatusChange) -> StoreStatusView:
    """Stores what is wanted and has the platforms told; asking for it again tells them again.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, NOTHING_CONNECTED, INVALID_FIELD_VALUE; Retry.
    """
    caller.require(Role.STORE_MANAGER)
    store = get_store(caller, store_id)
    check_until(change.until, off=not change.is_open)
    there = connected(store_id)
    asked = [
        Asked(
            connection_id=one.id,
            platform=one.platform,
            sku=None,
            on=change.is_open,
            until=change.until,
            reason=change.reason,
            external_id=None,
            by=caller.cause_name,
            at=now(),
            untold=untold(one.platform, Operation.SET_STORE_STATUS),
        )
        for one in _wanted(there, change.platforms)
    ]
    ask(store_id, asked)
    return _view(store, there)


# --- what the availability of items needs as well ---------------------------------------------------------------------


def connected(store_id: str) -> list[Connected]:
    """The connections a store is on, by platform and name. Raises Retry."""
    found = [
        Connected(entry.id, entry.document["platform"], entry.document["name"], entry.document.get("active", True))
        for entry in config.every(Collection.CONNECTIONS)
        if _has(entry.document, store_id)
    ]
    return sorted(found, key=lambda one: (one.platform, one.name, one.id))


def active(there: Sequence[Connected]) -> list[Connected]:
    """Those that are switched on. Raises Reject NOTHING_CONNECTED when there are none."""
    found = [one for one in there if one.active and one.platform in SLUGS]
    if not found:
        raise Reject("NOTHING_CONNECTED", "the store is on no platform: there is nobody to tell")
    return found


def untold(slug: str, operation: Operation) -> str | None:
    """Why a platform is never told of an operation, as a sentence for staff; None when it can be."""
    platform = load(slug)
    if operation in platform.capabilities:
        return None
    return str(Unsupported(operation, platform.name, platform.why.get(operation, NO_SUCH_CALL)))


def check_until(until: datetime | None, *, off: bool) -> None:
    """Raises Reject INVALID_FIELD_VALUE for an end that is not in the year to come, or of nothing that could end."""
    if until is None:
        return
    if not off:
        raise Reject("INVALID_FIELD_VALUE", "`until` says when a pause ends: leave it out")
    if not now() < until <= now() + _LONGEST:
        raise Reject("INVALID_FIELD_VALUE", "`until` is in the past, or more than a year away")


def ask(store_id: str, asked: Sequence[Asked]) -> None:
    """Stores wishes, and asks for a worker for those that somebody can be told of. Raises Retry."""
    wishes.put(store_id, asked)
    try:
        wishes.send(wishes.Place(store_id, one.key, one.connection_id, one.platform) for one in asked if not one.untold)
    except Retry as error:
        # It is stored, and the schedule finds it: nobody has to press the button again.
        logger.warning("the queue does not take it now", extra={"store_id": store_id, "reason": str(error)})


def told(wish: Wish | None, slug: str, operation: Operation) -> Told:
    """What has become of a wish; where there is none, whether the platform could be told."""
    if wish is None:
        why = untold(slug, operation) if slug in SLUGS else None
        return Told(state=SyncState.UNSUPPORTED, detail=why) if why else Told()
    if wish.sync is SyncState.PENDING:
        return Told(state=SyncState.PENDING)
    return Told(state=wish.sync, detail=wish.detail, attempts=wish.attempts, at=wish.tried_at)


def failure(wish: Wish | None) -> Failure | None:
    """What last went wrong."""
    if wish is None or wish.last_error is None or wish.last_error_at is None:
        return None
    return Failure(detail=wish.last_error, at=wish.last_error_at)


# --- one store --------------------------------------------------------------------------------------------------------


def _has(document: Mapping[str, Any], store_id: str) -> bool:
    """Whether a store is on a connection: on its map, or the only one where the platform names no stores."""
    mapped = [store["id"] for store in document["stores"].values()]
    return store_id in (mapped or [document["default_store"]["id"]])


def _wanted(there: Sequence[Connected], names: Sequence[str] | None) -> list[Connected]:
    found = active(there)
    if names is None:
        return found
    strange = [name for name in names if not any(name in (one.id, one.platform) for one in found)]
    if strange:
        known = sorted({one.platform for one in found})
        raise Reject(
            "INVALID_FIELD_VALUE", f"the store is not on {', '.join(strange)[:200]}", details={"platforms": known}
        )
    return [one for one in found if one.id in names or one.platform in names]


def _view(store: Store, there: Sequence[Connected]) -> StoreStatusView:
    wanted = wishes.of_store(store.id)
    last = _last_orders(store)
    rows = [_row(one, wanted.get(one.id), last.get(one.id)) for one in there]
    return StoreStatusView(
        store_id=store.id,
        local_time=now().astimezone(zone(store.time_zone)),
        time_zone=store.time_zone,
        is_open=not rows or any(row.is_open for row in rows),
        platforms=rows,
    )


def _row(one: Connected, wish: Wish | None, last_order_at: datetime | None) -> PlatformStatus:
    return PlatformStatus(
        connection_id=one.id,
        platform=one.platform,
        name=one.name,
        active=one.active,
        is_open=wish is None or wish.on,
        until=wish.until if wish else None,
        reason=wish.reason if wish else None,
        changed_by=wish.changed_by if wish else None,
        changed_at=wish.changed_at if wish else None,
        sync=told(wish, one.platform, Operation.SET_STORE_STATUS),
        last_order_at=last_order_at,
        last_error=failure(wish),
    )


def _last_orders(store: Store) -> dict[str, datetime]:
    """When each connection's last order of today was placed, among the store's latest."""
    page = orders.list_day(store.id, business_date(now(), store.time_zone), limit=_LATEST)
    found: dict[str, datetime] = {}
    for order in page.orders:
        if order.placed_at is not None:
            found[order.connection_id] = max(order.placed_at, found.get(order.connection_id, order.placed_at))
    return found
