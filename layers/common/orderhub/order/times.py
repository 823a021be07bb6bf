"""Time: aware and in UTC inside the hub; a naive source time is read in the zone of its store."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orderhub.errors import Misconfigured, Quarantine

# Offsets such as -0500 are common and datetime.fromisoformat of 3.11 reads them; longer fractions it does not.
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)(?:\.\d+)?S)?)?"
)
_MILLISECONDS_FROM = 10**11  # as seconds this is the year 5138, as milliseconds 1973


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name ("Europe/Helsinki"). Raises Misconfigured when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misconfigured(f"{name!r} is not a time zone of the IANA list") from None


def parse_time(text: str, time_zone: str = "UTC") -> datetime:
    """An ISO 8601 time as aware UTC; without an offset it is local time of `time_zone`.

    Raises Quarantine when the text is no time.
    """
    try:
        value = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", text.strip()))
        if value.tzinfo is None:
            value = value.replace(tzinfo=zone(time_zone))
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Quarantine(f"{text[:40]!r} is not an ISO 8601 time") from None


def from_epoch(value: float | Decimal) -> datetime:
    """Unix time as aware UTC; seconds and milliseconds are told apart by size.

    Raises Quarantine when the number is no time.
    """
    try:
        return datetime.fromtimestamp(float(value) / (1000 if value >= _MILLISECONDS_FROM else 1), UTC)
    except (ArithmeticError, ValueError, OSError):
        raise Quarantine(f"{str(value)[:40]!r} is not a unix time") from None


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks to seconds ("PT20M", "P1W3D"). Raises Quarantine when it is none."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise Quarantine(f"{text[:40]!r} is not an ISO 8601 duration")
    try:
        return timedelta(**{unit: int(count) for unit, count in match.groupdict().items() if count})
    except (OverflowError, ValueError):
        raise Quarantine(f"{text[:40]!r} is too long a duration") from None


def business_date(at: datetime, time_zone: str) -> date:
    """The calendar day of a moment in the store's zone."""
    return at.astimezone(zone(time_zone)).date()


def sortable(at: datetime) -> str:
    """A UTC time as text that sorts as the times do: 2026-10-05T14:42:11.000000Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def sortable_number(version: int) -> str:
    """A platform's version counter as text that sorts as the numbers do."""
    return f"{version:020d}"
