"""When the customer wants the order: a promised time window, or what an app wrote into the order's attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from orderhub.errors import Quarantine
from orderhub.order.models import Check, Fulfillment
from orderhub.order.times import parse_time, zone
from orderhub.platforms.base import StoreRef
from orderhub.platforms.shopify.models import Order, Pair
from orderhub.platforms.shopify.settings import Settings

SCHEDULE_UNREADABLE = "SCHEDULE_UNREADABLE"

# "18:30 - 19:00", "5 PM to 6 PM": the beginning counts.
_RANGE = re.compile(r"\s+(?:-|to|until)\s+|\s*[\u2013\u2014]\s*|(?<=\d)-(?=\d)|(?<=[AaPp][Mm])-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Schedule:
    """scheduled_for: when it is wanted; delivery_at: until when it is promised; checks: what could not be read."""

    scheduled_for: datetime | None = None
    delivery_at: datetime | None = None
    checks: tuple[Check, ...] = ()


def schedule_of(
    order: Order, fulfillment: Fulfillment | None, placed_at: datetime | None, store: StoreRef, settings: Settings
) -> Schedule:
    """The order's times. A parcel's window is the carrier's estimate, and no date for the store to make it.

    Raises Quarantine when a window is no time.
    """
    windows = [one.delivery_method for one in order.fulfillment_orders if one.delivery_method]
    starts = [parse_time(one.min_delivery_date_time, store.time_zone) for one in windows if one.min_delivery_date_time]
    ends = [parse_time(one.max_delivery_date_time, store.time_zone) for one in windows if one.max_delivery_date_time]
    until = max(ends, default=None)
    if fulfillment is Fulfillment.SHIPPING:
        return Schedule(delivery_at=until)
    if starts:
        return Schedule(min(starts), until)
    asked_day, asked_time = _asked(order, settings.date_attributes), _asked(order, settings.time_attributes)
    if not asked_day and not asked_time:
        return Schedule(delivery_at=until)
    wanted = _read(asked_day, asked_time, placed_at, store, settings)
    if wanted is None:
        message = f"the customer asks for {' '.join(filter(None, (asked_day, asked_time)))!r}"
        return Schedule(delivery_at=until, checks=(Check(code=SCHEDULE_UNREADABLE, message=message),))
    return Schedule(wanted, until)


def is_about_time(pair: Pair, settings: Settings) -> bool:
    """Whether an attribute of the order tells when it is wanted."""
    return _plain(pair.name) in {_plain(name) for name in (*settings.date_attributes, *settings.time_attributes)}


def _asked(order: Order, names: tuple[str, ...]) -> str | None:
    wanted = {_plain(name) for name in names}
    return next((pair.value for pair in order.note_attributes if pair.value and _plain(pair.name) in wanted), None)


@lru_cache(maxsize=256)
def _plain(name: str | None) -> str:
    """Names compare without case, blanks, dashes and underscores: apps are not of one mind."""
    return re.sub(r"[\s_-]", "", name or "").lower()


def _read(
    asked_day: str | None, asked_time: str | None, placed_at: datetime | None, store: StoreRef, settings: Settings
) -> datetime | None:
    """The moment in UTC; midnight of the store when there is a day alone, None when a part cannot be read."""
    local = zone(store.time_zone)
    day = _day(asked_day, placed_at.astimezone(local).date() if placed_at else None, settings.date_formats)
    hour = _hour(asked_time, settings.time_formats)
    if day is not None and hour is not None:
        try:
            return datetime.combine(day, hour, local).astimezone(UTC)
        except OverflowError:
            return None
    return _moment(asked_day, store) if not asked_time else None


def _day(text: str | None, otherwise: date | None, formats: tuple[str, ...]) -> date | None:
    if not text:
        return otherwise
    return next((day.date() for day in (_strptime(text, one) for one in formats) if day), None)


def _hour(text: str | None, formats: tuple[str, ...]) -> time | None:
    if not text:
        return time()
    start = _RANGE.split(text.strip(), maxsplit=1)[0].strip()
    return next((hour.time() for hour in (_strptime(start, one) for one in formats) if hour), None)


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)  # the zone is set by whoever asked
    except ValueError:
        return None


def _moment(text: str | None, store: StoreRef) -> datetime | None:
    """A day that is written with its time, in ISO 8601."""
    try:
        return parse_time(text or "", store.time_zone)
    except Quarantine:
        return None
