"""What the mappers of orders and bills are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.models import Amounts, Item, Reservation
from orderhub.order.money import minor_units
from orderhub.order.pricing import complete, line_total
from orderhub.platforms.base import Connection, parse_as

UNKNOWN_TYPE = "UNKNOWN_TYPE"

ORDER, BILL = "order", "bill"
"""Values of `dialect` in Order.source."""


def restaurant_of(told: str | None, connection: Connection[Any, Any]) -> str:
    """The restaurant a message is about, where it names none: the only one there is. Raises Quarantine."""
    if told is None and len(connection.stores) == 1:
        return next(iter(connection.stores))
    if told is None:
        raise Quarantine("it does not say which restaurant it is about, and the connection has not exactly one")
    if connection.settings.check_restaurant and connection.stores and told not in connection.stores:
        raise Quarantine(f"restaurant {told[:100]!r} is not on the connection's map of stores")
    return told


def reservation_of(table: str | None, persons: int | None) -> Reservation | None:
    """Where guests sit, and how many; "" and 0 are none."""
    return Reservation(table=table, party_size=persons or None) if table or persons else None


def listed(pairs: Iterable[tuple[str | None, object]]) -> str | None:
    """Pairs as one text ("CGST 3.15, SGST 3.15"), those without a value left out; None without any."""
    return ", ".join(f"{name or '?'} {value}" for name, value in pairs if value is not None) or None


def kept(told: Mapping[str, object]) -> dict[str, str]:
    """What is there, as text."""
    return {name: str(value) for name, value in told.items() if value not in (None, "")}


class Purse:
    """Amounts in minor units of one currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def minor(self, amount: Decimal | None) -> int | None:
        """Minor units; None for nothing. Raises Quarantine for what is no sane amount."""
        return None if amount is None else minor_units(amount, self.currency)

    def sum(self, amounts: Iterable[Decimal | None]) -> int | None:
        """Minor units of all there are together; None when there are none."""
        known = [minor_units(amount, self.currency) for amount in amounts if amount is not None]
        return sum(known) if known else None

    def amounts(self, items: list[Item], **told: Decimal | None) -> Amounts:
        """The amounts told, and those that can be worked out. Raises Quarantine for sums beyond all prices."""
        in_minor = {name: self.minor(value) for name, value in told.items()}
        amounts = parse_as(Amounts, {"currency": self.currency, **in_minor})
        return parse_as(Amounts, dict(complete(amounts, items)))  # a sum of sane amounts need not be one


class Lines:
    """Builds the lines of one order, each with an id of its own that stays as long as its keys do."""

    def __init__(self) -> None:
        self._met: Counter[tuple[str, ...]] = Counter()

    def path(self, *keys: str | None) -> tuple[str, ...]:
        """The keys of a line from the outside in, with a number where they were met before."""
        path = tuple(key or "" for key in keys)
        again = self._met[path]
        self._met[path] += 1
        return (*path, str(again)) if again else path

    def item(self, path: tuple[str, ...], modifiers: Sequence[Item] = (), **fields: Any) -> Item:
        """A line or modifier with its total, where its price is known. Raises Quarantine for an insane price."""
        item = parse_as(Item, {"id": item_id(*path), "modifiers": list(modifiers), **fields})
        return parse_as(Item, {**dict(item), "total": line_total(item)})


def addons_total(addons: Iterable[Item]) -> int:
    """Minor units that the add-ons of one unit come to."""
    return sum(addon.total or 0 for addon in addons)
