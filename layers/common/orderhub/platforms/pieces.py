"""What mappers and calls of several platforms are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.models import Check
from orderhub.order.times import parse_time

UNREADABLE_TIME = "UNREADABLE_TIME"


def joined(texts: Iterable[str | None], separator: str) -> str | None:
    """The texts there are; None when there is none."""
    return separator.join(text for text in texts if text) or None


def optional_time(text: str | None, zone: str, what: str, checks: list[Check]) -> datetime | None:
    """A time that the order can do without: flagged and left out when it cannot be read."""
    if text is None:
        return None
    try:
        return parse_time(text, zone)
    except Quarantine as error:
        checks.append(Check(code=UNREADABLE_TIME, message=f"{what}: {error}"))
        return None


def rfc3339(at: datetime) -> str:
    """A time as most APIs want it: UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def path_part(text: str) -> str:
    """An id as one part of a path."""
    return quote(text, safe="")


class LineIds:
    """The hub's ids of the lines of one order: stable as long as the platform's keys are, and different for each."""

    def __init__(self) -> None:
        self._met: Counter[tuple[str, ...]] = Counter()

    def new(self, path: tuple[str, ...]) -> str:
        """The id of the line at this path of keys, from the outside in; keys that repeat are counted."""
        again = self._met[path]
        self._met[path] += 1
        return item_id(*path, *([str(again)] if again else []))
