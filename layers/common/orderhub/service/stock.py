"""What staff do with the stock of a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from orderhub.errors import Reject, Retry
from orderhub.order.ids import digest
from orderhub.order.stock import LONGEST_SKU, Kind, Movement, Place, Stock, moved, thousandths
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.changes import cause_of
from orderhub.service.stock_views import MovementView, StockDetails, StockView, line, on_platform, shown, view
from orderhub.service.store_status import connected
from orderhub.service.stores import get_store
from orderhub.storage import movements, stock
from orderhub.storage.stock import MOST_AT_ONCE, Adjustment

MOST_COUNTS = 100
_TRIES = 8
_LARGEST = 10**9  # pieces

Pieces = Annotated[Decimal, Field(gt=-_LARGEST, lt=_LARGEST, decimal_places=3, allow_inf_nan=False)]
Threshold = Annotated[Decimal, Field(ge=0, lt=_LARGEST, decimal_places=3, allow_inf_nan=False)]
Reason = Annotated[str | None, Field(min_length=1, max_length=200)]
SkuText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SKU)]
Decide = Callable[[Stock | None], Movement]


class StockCount(BaseModel):
    """How many of an item there are on the shelf, those for open orders included.

    low_threshold: what is left when it is low, null for never; it stays when left out, and takes a store manager.
    """

    model_config = ConfigDict(extra="forbid")

    on_hand: Pieces
    low_threshold: Threshold | None = None
    reason: Reason = None


class SkuCount(StockCount):
    """The count of one of several items."""

    sku: SkuText


class StockCounts(BaseModel):
    """Counts of several items."""

    model_config = ConfigDict(extra="forbid")

    counts: list[SkuCount] = Field(min_length=1, max_length=MOST_COUNTS)


class StockChange(BaseModel):
    """What is to change of how an item is kept; what is left out stays.

    external_item_ids: platform or connection id -> the item's id there, where it is not the SKU.
    """

    model_config = ConfigDict(extra="forbid")

    low_threshold: Threshold | None = None
    external_item_ids: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(
        default={}, max_length=100
    )


class StockAdjustment(BaseModel):
    """How many more (or fewer) of an item there are on the shelf."""

    model_config = ConfigDict(extra="forbid")

    delta: Pieces
    reason: Reason = None


# --- reads ------------------------------------------------------------------------------------------------------------


def get_stock(caller: Caller, store_id: str, sku: str) -> StockDetails:
    """A stock with what platforms know of it. Raises Reject INVALID_STORE, ITEM_NOT_FOUND; Retry."""
    get_store(caller, store_id)
    kept = _find(Place(store_id, sku))
    told = stock.told(kept.place)
    rows = [on_platform(kept, one, told.get(one.id)) for one in connected(store_id)]
    return StockDetails(**shown(kept), platforms=rows)


def list_stock(
    caller: Caller, store_id: str, *, low: bool, limit: int, cursor: str | None
) -> tuple[list[StockView], str | None]:
    """The stocks of a store by SKU; low: only what is low or out. Raises Reject INVALID_STORE, INVALID_CURSOR."""
    get_store(caller, store_id)
    read = stock.low_page if low else stock.page
    page = read(store_id, limit=limit, cursor=cursor)
    return [view(kept) for kept in page.stocks], page.next_cursor


def history(
    caller: Caller, store_id: str, sku: str, *, limit: int, cursor: str | None
) -> tuple[list[MovementView], str | None]:
    """What moved a stock, newest first; also of an item that is no longer kept. Raises Reject INVALID_STORE."""
    get_store(caller, store_id)
    found, next_cursor = movements.history(Place(store_id, sku), limit=limit, cursor=cursor)
    return [line(movement) for movement in found], next_cursor


# --- changes ----------------------------------------------------------------------------------------------------------


def count(caller: Caller, store_id: str, sku: str, given: StockCount, expected_version: int | None) -> StockView:
    """Says how many there are; from the first time on the item is kept. Platforms are told, though it be the same.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, VERSION_CONFLICT; Retry.
    """
    _check_may_count(caller, store_id, [given])
    stock.mark_kept()

    def decide(before: Stock | None) -> Movement:
        _check_version(before, expected_version)
        return _counted(caller, Place(store_id, sku), given, before)

    return view(_move(caller, Place(store_id, sku), decide))


def count_many(caller: Caller, store_id: str, given: StockCounts) -> list[StockView]:
    """Says how many there are of each of several items, each as `count`; repeating it is harmless.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, INVALID_FIELD_VALUE for an item named twice; Retry.
    """
    _check_may_count(caller, store_id, given.counts)
    wanted = {Place(store_id, one.sku): one for one in given.counts}
    if len(wanted) < len(given.counts):
        raise Reject("INVALID_FIELD_VALUE", "an item is counted twice", details={"field": "counts"})
    stock.mark_kept()
    done: list[Stock] = []
    places = list(wanted)
    for start in range(0, len(places), MOST_AT_ONCE):
        done += _count_together(caller, {place: wanted[place] for place in places[start : start + MOST_AT_ONCE]})
    return [view(kept) for kept in done]


def change(caller: Caller, store_id: str, sku: str, given: StockChange, expected_version: int | None) -> StockView:
    """Changes how an item is kept.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, ITEM_NOT_FOUND, INVALID_FIELD_VALUE, VERSION_CONFLICT; Retry.
    """
    caller.require(Role.STORE_MANAGER)
    get_store(caller, store_id)

    def decide(before: Stock | None) -> Movement:
        kept = _kept(Place(store_id, sku), before)
        _check_version(kept, expected_version)
        update: dict[str, Any] = {}
        if "low_threshold" in given.model_fields_set:
            update["low_threshold"] = _threshold(given.low_threshold)
        if "external_item_ids" in given.model_fields_set:
            _check_names(given.external_item_ids, store_id)
            update |= {"external_ids": given.external_item_ids, "asked": kept.asked + 1}
        return _moved(caller, kept, replace(kept, **update), Kind.CHANGED)

    return view(_move(caller, Place(store_id, sku), decide))


def adjust(caller: Caller, store_id: str, sku: str, given: StockAdjustment, idempotency_key: str | None) -> StockView:
    """Adds to what there is, or takes from it; once for each Idempotency-Key, and a repeat answers what there is now.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, ITEM_NOT_FOUND, INVALID_FIELD_VALUE, IDEMPOTENCY_KEY_REUSED; Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    get_store(caller, store_id)
    place, delta = Place(store_id, sku), thousandths(given.delta)
    if not delta:
        raise Reject("INVALID_FIELD_VALUE", "an adjustment by nothing", details={"field": "delta"})
    once = None
    if idempotency_key:
        once = Adjustment(place, digest(caller.id, idempotency_key), digest(str(delta), given.reason or ""))

    def decide(before: Stock | None) -> Movement:
        kept = _kept(place, before)
        return _moved(caller, kept, replace(kept, on_hand=kept.on_hand + delta), Kind.ADJUSTED, given.reason)

    return view(_move(caller, place, decide, once))


def stop(caller: Caller, store_id: str, sku: str, expected_version: int | None) -> None:
    """Keeps an item no longer: orders hold none of it any more, and platforms keep the number they know.

    Raises Reject PERMISSION_DENIED, INVALID_STORE, ITEM_NOT_FOUND, VERSION_CONFLICT; Retry.
    """
    caller.require(Role.STORE_MANAGER)
    get_store(caller, store_id)

    def decide(before: Stock | None) -> Movement:
        kept = _kept(Place(store_id, sku), before)
        _check_version(kept, expected_version)
        return replace(_moved(caller, kept, replace(kept, on_hand=0, reserved=0), Kind.REMOVED), events=())

    _move(caller, Place(store_id, sku), decide)


def _move(caller: Caller, place: Place, decide: Decide, once: Adjustment | None = None) -> Stock:
    """Stores what is decided of the stock as it is, and again when somebody else was faster; the stock after it."""
    for _ in range(_TRIES):
        before = stock.get(place)
        if once is not None and _is_repeat(once):
            return _kept(place, before)
        movement = decide(before)
        if stock.write([movement], cause_of(caller), once):
            return movement.stock
    raise Retry("the stock is being changed by many at once")


def _is_repeat(once: Adjustment) -> bool:
    known = stock.adjusted(once.place, once.key)
    if known is not None and known != once.request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")
    return known is not None


def _count_together(caller: Caller, wanted: dict[Place, SkuCount]) -> list[Stock]:
    for _ in range(_TRIES):
        before = stock.get_many(wanted)
        moves = [_counted(caller, place, given, before.get(place)) for place, given in wanted.items()]
        if stock.write(moves, cause_of(caller)):
            return [movement.stock for movement in moves]
    raise Retry("the stocks are being changed by many at once")


def _counted(caller: Caller, place: Place, given: StockCount, before: Stock | None) -> Movement:
    at = now()
    kept = before or Stock(place=place, since=at, counted_at=at)
    update: dict[str, Any] = {"on_hand": thousandths(given.on_hand), "counted_at": at, "asked": kept.asked + 1}
    if "low_threshold" in given.model_fields_set:
        update["low_threshold"] = _threshold(given.low_threshold)
    after = replace(kept, **update, changed_by=cause_of(caller).name, changed_at=at)
    return moved(before, after, Kind.COUNTED, at, by=after.changed_by, reason=given.reason)


def _moved(caller: Caller, before: Stock, after: Stock, kind: Kind, reason: str | None = None) -> Movement:
    at, by = now(), cause_of(caller).name
    return moved(before, replace(after, changed_by=by, changed_at=at), kind, at, by=by, reason=reason)


def _check_may_count(caller: Caller, store_id: str, given: Sequence[StockCount]) -> None:
    caller.require(Role.STORE_EMPLOYEE)
    if any("low_threshold" in one.model_fields_set for one in given):
        caller.require(Role.STORE_MANAGER)
    get_store(caller, store_id)


def _check_names(given: Mapping[str, str], store_id: str) -> None:
    known = {name for one in connected(store_id) for name in (one.id, one.platform)}
    strange = sorted(set(given) - known)
    if strange:
        raise Reject("INVALID_FIELD_VALUE", f"external_item_ids: the store is not on {', '.join(strange)[:200]}")


def _check_version(before: Stock | None, expected: int | None) -> None:
    version = before.version if before is not None else 0
    if expected is not None and expected != version:
        why = f"the stock has changed since: it is at version {version} now"
        raise Reject("VERSION_CONFLICT", why, details={"version": version})


def _find(place: Place) -> Stock:
    return _kept(place, stock.get(place))


def _kept(place: Place, found: Stock | None) -> Stock:
    if found is None:
        raise Reject("ITEM_NOT_FOUND", f"the store keeps no stock of {place.sku}")
    return found


def _threshold(given: Decimal | None) -> int | None:
    return None if given is None else thousandths(given)
