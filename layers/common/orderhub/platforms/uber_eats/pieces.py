"""What the mappers of both generations are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from orderhub.errors import Quarantine
from orderhub.order.models import Amounts, Check, DeliveredBy, Fulfillment, Item, Payment, PaymentMethod
from orderhub.order.pricing import complete
from orderhub.order.status import PROGRESS, Status, rank
from orderhub.platforms import pieces
from orderhub.platforms.uber_eats.models import MenuItem
from orderhub.platforms.uber_eats.statuses import COURIER_MOVES, FUNDED_BY, INTERACTIONS, TYPES

UNKNOWN_STATUS = "UNKNOWN_STATUS"
UNKNOWN_TYPE = "UNKNOWN_TYPE"
PARTS_MISSING = "PARTS_MISSING"
FULFILLMENT_ISSUE = "FULFILLMENT_ISSUE"
ADDRESS_INCOMPLETE = "ADDRESS_INCOMPLETE"

# Uber's menus nest options a few levels deep; far beyond that it is no menu.
DEEPEST = 20

_OTHER_ALLERGEN = "OTHER"


def joined(texts: Iterable[str | None], separator: str = "\n") -> str | None:
    """The texts there are, each once; None when there is none."""
    return separator.join(dict.fromkeys(text for text in texts if text)) or None


def reached(status: Status, couriers: Iterable[str | None]) -> Status:
    """How far an order is that has been accepted: its own status, or where all of its couriers are, the later one.

    couriers: the states of the deliveries; those that failed have been given to somebody else.
    """
    if status not in PROGRESS or status is Status.INCOMING:
        return status
    moves = [COURIER_MOVES.get(state or "", status) for state in couriers if state != "FAILED"]
    return max([status, min(moves, key=rank)] if moves else [status], key=rank)


def unknown_status(told: str | None) -> Check:
    """The flag for a state that is in no table."""
    return Check(code=UNKNOWN_STATUS, message=f"Uber says the order is {told or 'in no state'}")


def how(told: str | None, checks: list[Check]) -> tuple[Fulfillment | None, DeliveredBy | None]:
    """How the goods reach the customer, and whose courier brings them."""
    known = TYPES.get(told or "")
    if known is None:
        checks.append(Check(code=UNKNOWN_TYPE, message=f"Uber says the order is of type {told or 'unknown'}"))
        return None, None
    return known


def later(at: datetime | None, span: timedelta) -> datetime | None:
    """The moment that much later; None when there is none."""
    try:
        return at + span if at is not None else None
    except OverflowError:
        return None


def drop_off(interaction: str | None, note: str | None) -> str | None:
    """What the courier should know: how to hand over, and the customer's own words."""
    known = INTERACTIONS.get(interaction or "", interaction)
    return joined([known, note], "; ")


def vehicle(*words: str | None, plate: str | None, kind: str | None = None) -> str | None:
    """A courier's vehicle in words: colour, make and model, else its kind, and the plate."""
    return joined([joined(words, " ") or kind, plate], ", ")


def cash_or_online(due: int | None) -> Payment:
    """Paid in Uber's app, unless there is cash to collect. due: minor units."""
    if due is not None and due > 0:
        return Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=due)
    return Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0)


def funder(told: str | None) -> DeliveredBy | None:
    """Who pays for a promotion."""
    return FUNDED_BY.get((told or "").upper())


def plus(amounts: Iterable[int | None]) -> int | None:
    """The sum of the amounts there are, None when there is none."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def completed(amounts: Amounts, items: list[Item]) -> Amounts:
    """The amounts with missing sums worked out. Raises ValidationError for sums beyond all prices."""
    return Amounts.model_validate(dict(complete(amounts, items)))


def allergens(named: Iterable[tuple[str | None, str | None]]) -> list[str]:
    """Names of allergens given as type and free text; the text counts where the type is OTHER."""
    words = [text if kind in (None, _OTHER_ALLERGEN) and text else kind for kind, text in named]
    return list(dict.fromkeys(word for word in words if word))


def allergy_note(names: Sequence[str], instructions: Iterable[str | None]) -> str | None:
    """The line that nobody in the kitchen may overlook."""
    told = joined([", ".join(names), *instructions], "; ")
    return f"ALLERGY: {told}" if told else None


def name_of(item: MenuItem) -> str:
    """What to call a line."""
    return item.title or item.external_data or item.id or "(no name)"


class LineIds(pieces.LineIds):
    """The hub's ids of the lines of one order."""

    def removed(self, path: tuple[str, ...], item: MenuItem, group: str | None) -> Item:
        """What the customer took off a dish: a modifier that costs nothing and says so to the kitchen."""
        return Item(
            id=self.new((*path, "removed", item.id or "")),
            external_id=item.id,
            sku=item.external_data,
            name=f"No {name_of(item)}",
            quantity=Decimal(1),
            unit_price=0,
            total=0,
            category=group,
        )


def check_depth(path: tuple[str, ...]) -> None:
    """Raises Quarantine for options within options without end. path: a line's key, then two for each level."""
    if len(path) > 1 + 2 * DEEPEST:
        raise Quarantine(f"options are nested more than {DEEPEST} levels deep")
