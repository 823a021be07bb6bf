"""The stock of a store as the API shows it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime, BaseModel

from orderhub.order.models import SyncState
from orderhub.order.stock import Kind, Level, Movement, Stock, units
from orderhub.order.stock_telling import telling
from orderhub.platforms.base import Operation
from orderhub.platforms.registry import SLUGS
from orderhub.service.store_status import Connected, Told, untold
from orderhub.storage.links import Link


class StockView(BaseModel):
    """An item that a store keeps stock of.

    available: on_hand less reserved, and what platforms are told; oversold: what was sold beyond what there is;
    counted_at: when somebody last said how many there are.
    """

    store_id: str
    sku: str
    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    oversold: Decimal
    level: Level
    low_threshold: Decimal | None = None
    external_item_ids: dict[str, str] = {}
    counted_at: AwareDatetime
    changed_by: str
    changed_at: AwareDatetime | None = None
    version: int


class StockOnPlatform(BaseModel):
    """An item on one platform. told: the number it has taken last; sync: what has become of the number it is now."""

    connection_id: str
    platform: str
    name: str
    active: bool
    told: int | None = None
    sync: Told


class StockDetails(StockView):
    """An item that a store keeps stock of, and what its platforms know of that."""

    platforms: list[StockOnPlatform]


class MovementView(BaseModel):
    """One change of a stock. on_hand, reserved: how much more or less; events: what it let happen.

    after: the numbers after it; order_id: whose goods they are; version: of the stock after it.
    """

    at: AwareDatetime
    kind: Kind
    on_hand: Decimal
    reserved: Decimal
    on_hand_after: Decimal
    reserved_after: Decimal
    available_after: Decimal
    by: str
    order_id: str | None = None
    reason: str | None = None
    events: list[str]
    version: int


def shown(kept: Stock) -> dict[str, Any]:
    """The fields of a StockView."""
    return {
        **kept.place._asdict(),
        "on_hand": units(kept.on_hand),
        "reserved": units(kept.reserved),
        "available": units(kept.available),
        "oversold": units(max(0, -kept.available)),
        "level": kept.level,
        "low_threshold": None if kept.low_threshold is None else units(kept.low_threshold),
        "external_item_ids": dict(kept.external_ids),
        "counted_at": kept.counted_at,
        "changed_by": kept.changed_by,
        "changed_at": kept.changed_at,
        "version": kept.version,
    }


def view(kept: Stock) -> StockView:
    """A stock."""
    return StockView(**shown(kept))


def on_platform(kept: Stock, one: Connected, link: Link | None) -> StockOnPlatform:
    """A stock on a platform. link: what it was told, None when it never was."""
    told = link.state.get("told") if link is not None and link.state.get("since") == kept.since.isoformat() else None
    return StockOnPlatform(
        connection_id=one.id,
        platform=one.platform,
        name=one.name,
        active=one.active,
        told=told,
        sync=_sync(kept, one, link),
    )


def _sync(kept: Stock, one: Connected, link: Link | None) -> Told:
    why = untold(one.platform, Operation.SET_STOCK) if one.platform in SLUGS else None
    if why is not None:
        return Told(state=SyncState.UNSUPPORTED, detail=why)
    sync = link.sync if link is not None else None
    due = telling(kept, one.id, one.platform, link.state if link is not None else {})
    if sync is None or (due is not None and sync.state is SyncState.CONFIRMED):
        return Told(state=SyncState.PENDING if one.active else SyncState.NOT_NEEDED)
    return Told(state=sync.state, detail=sync.detail, attempts=sync.attempts, at=sync.at)


def line(movement: Movement) -> MovementView:
    """A line of its history."""
    kept = movement.stock
    return MovementView(
        at=movement.at,
        kind=movement.kind,
        on_hand=units(movement.on_hand),
        reserved=units(movement.reserved),
        on_hand_after=units(kept.on_hand),
        reserved_after=units(kept.reserved),
        available_after=units(kept.available),
        by=movement.by,
        order_id=movement.order_id,
        reason=movement.reason,
        events=list(movement.events),
        version=kept.version,
    )
