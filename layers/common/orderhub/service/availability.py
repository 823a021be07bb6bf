"""Which items a store has run out of, on all its platforms at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.errors import Reject
from orderhub.platforms.base import Operation
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.store_status import (
    Connected,
    Failure,
    Told,
    active,
    ask,
    check_until,
    connected,
    failure,
    told,
    untold,
)
from orderhub.service.stores import get_store
from orderhub.storage import wishes
from orderhub.storage.wishes import Asked, Wish

LONGEST_SKU = 100
Id = Annotated[str, Field(min_length=1, max_length=200)]

_OPERATION = Operation.SET_ITEM_AVAILABILITY


class AvailabilityChange(BaseModel):
    """Whether a store has an item. until: when it comes back by itself.

    external_item_ids: platform or connection id -> the item's id there, where it is not the SKU; what was said once is
    known until the item is back everywhere.
    """

    model_config = ConfigDict(extra="forbid")

    available: bool
    until: AwareDatetime | None = None
    reason: str | None = Field(default=None, min_length=1, max_length=200)
    external_item_ids: dict[Id, Id] = Field(default={}, max_length=100)


class ItemOnPlatform(BaseModel):
    """An item of a store on one platform. available, until, reason: as staff want it; sync: what has come of that."""

    sku: str
    connection_id: str
    platform: str
    name: str
    external_item_id: str | None = None
    available: bool
    until: AwareDatetime | None = None
    reason: str | None = None
    changed_by: str | None = None
    changed_at: AwareDatetime | None = None
    sync: Told
    last_error: Failure | None = None


class ItemView(BaseModel):
    """An item of a store on all its platforms. available: on every one of them."""

    sku: str
    available: bool
    platforms: list[ItemOnPlatform]


def change_availability(caller: Caller, store_id: str, sku: str, change: AvailabilityChange) -> ItemView:
    """Stores whether a store has an item, and has the platforms told; asking for it again tells them again.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, NOTHING_CONNECTED, INVALID_FIELD_VALUE; Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    get_store(caller, store_id)
    check_until(change.until, off=not change.available)
    there = connected(store_id)
    reached = active(there)
    ids = _external_ids(change.external_item_ids, reached)
    asked = [
        Asked(
            connection_id=one.id,
            platform=one.platform,
            sku=sku,
            on=change.available,
            until=change.until,
            reason=change.reason,
            external_id=ids.get(one.id),
            by=caller.cause_name,
            at=now(),
            untold=untold(one.platform, _OPERATION),
        )
        for one in reached
    ]
    ask(store_id, asked)
    return _view(store_id, sku, there)


def get_availability(caller: Caller, store_id: str, sku: str) -> ItemView:
    """An item of a store; one that nobody ever spoke of is available. Raises Reject INVALID_STORE, Retry."""
    get_store(caller, store_id)
    return _view(store_id, sku, connected(store_id))


def list_unavailable(
    caller: Caller, store_id: str, *, limit: int, cursor: str | None
) -> tuple[list[ItemOnPlatform], str | None]:
    """What a store has run out of, or is not back everywhere, by SKU. Raises Reject INVALID_STORE, Retry."""
    get_store(caller, store_id)
    there = {one.id: one for one in connected(store_id)}
    found, next_cursor = wishes.items(store_id, limit=limit, cursor=cursor)
    rows = [
        _row(wish.sku or "", there[wish.place.connection_id], wish)
        for wish in found
        if wish.place.connection_id in there
    ]
    return rows, next_cursor


def _external_ids(given: Mapping[str, str], there: Sequence[Connected]) -> dict[str, str]:
    """The platform's ids of the item by connection id."""
    names = {name for one in there for name in (one.id, one.platform)}
    strange = sorted(set(given) - names)
    if strange:
        raise Reject("INVALID_FIELD_VALUE", f"external_item_ids: the store is not on {', '.join(strange)[:200]}")
    return {
        one.id: given.get(one.id, given.get(one.platform, "")) for one in there if {one.id, one.platform} & set(given)
    }


def _view(store_id: str, sku: str, there: Sequence[Connected]) -> ItemView:
    wanted = wishes.of_item(store_id, sku)
    rows = [_row(sku, one, wanted.get(one.id)) for one in there]
    return ItemView(sku=sku, available=all(row.available for row in rows), platforms=rows)


def _row(sku: str, one: Connected, wish: Wish | None) -> ItemOnPlatform:
    return ItemOnPlatform(
        sku=sku,
        connection_id=one.id,
        platform=one.platform,
        name=one.name,
        external_item_id=(wish.external_id or None) if wish else None,
        available=wish is None or wish.on,
        until=wish.until if wish else None,
        reason=wish.reason if wish else None,
        changed_by=wish.changed_by if wish else None,
        changed_at=wish.changed_at if wish else None,
        sync=told(wish, one.platform, _OPERATION),
        last_error=failure(wish),
    )
