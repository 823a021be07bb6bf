"""The kitchen behind every sample order: one menu, a few invented customers, and baskets drawn from them by number.

All money here is in cents of US dollars.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

CURRENCY = "USD"
STORE_NAME = "Corner Kitchen"
TAX_BASIS_POINTS = 825
"""Sales tax in hundredths of a percent."""

_NAMESPACE = uuid.UUID("6f1d3c9a-2a54-4a53-9a0e-0b6a3f8f5c21")


@dataclass(frozen=True)
class Option:
    """Something to add to a dish, or to leave out. `price` is in cents for one; 0 is a wish without a price."""

    sku: str
    name: str
    price: int


@dataclass(frozen=True)
class Dish:
    """One dish of the menu. `price` is in cents for one, without options."""

    sku: str
    name: str
    variation: str
    price: int
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line of a basket. `choices` are options with their quantity per single dish."""

    dish: Dish
    quantity: int
    choices: tuple[tuple[Option, int], ...] = ()
    note: str = ""

    @property
    def unit_total(self) -> int:
        """Cents for one dish with its options."""
        return self.dish.price + sum(option.price * quantity for option, quantity in self.choices)

    @property
    def total(self) -> int:
        """Cents for the whole line, before discounts and tax."""
        return self.unit_total * self.quantity


@dataclass(frozen=True)
class Person:
    """An invented customer; the telephone numbers are of the range kept for fiction."""

    first_name: str
    last_name: str
    email: str
    phone: str
    street: str
    unit: str
    postal_code: str
    latitude: float
    longitude: float
    city: str = "Chicago"
    region: str = "IL"
    country: str = "US"

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


CHEDDAR = Option("OPT-CHEDDAR", "Extra cheddar", 120)
PICKLES = Option("OPT-PICKLES", "Pickles", 60)
NO_ONION = Option("OPT-NO-ONION", "No onion", 0)
TAHINI = Option("OPT-TAHINI", "Tahini sauce", 75)
NO_ICE = Option("OPT-NO-ICE", "No ice", 0)

MENU: tuple[Dish, ...] = (
    Dish("BURGER-DBL", "Smash burger", "Double", 1195, (CHEDDAR, PICKLES, NO_ONION)),
    Dish("WRAP-FALAFEL", "Falafel wrap", "Regular", 1050, (TAHINI, NO_ONION)),
    Dish("FRIES-L", "Fries", "Large", 450),
    Dish("LEMONADE-16", "House lemonade", "16 oz", 375, (NO_ICE,)),
    Dish("SALAD-BEET", "Beetroot salad", "Regular", 980, (TAHINI,)),
    Dish("COOKIE-OAT", "Oat cookie", "Single", 325),
)

PEOPLE: tuple[Person, ...] = (
    Person(
        "Robin",
        "Ashdown",
        "robin@example.com",
        "+13125550101",
        "14 Sample Street",
        "Apt 2B",
        "60601",
        41.8853,
        -87.6216,
    ),
    Person("Sam", "Okafor", "sam@example.com", "+13125550102", "220 Test Avenue", "", "60605", 41.8676, -87.6237),
    Person(
        "Lena", "Brook", "lena@example.com", "+13125550103", "7 Specimen Court", "Floor 3", "60610", 41.9033, -87.6340
    ),
    Person("Noor", "Hadley", "noor@example.com", "+13125550104", "981 Mockup Road", "", "60614", 41.9227, -87.6533),
    Person(
        "Eli", "Watts", "eli@example.com", "+13125550105", "55 Placeholder Lane", "Unit 9", "60622", 41.9019, -87.6787
    ),
)


def customer(n: int) -> Person:
    """The customer of sample order `n`."""
    return PEOPLE[n % len(PEOPLE)]


def basket(n: int) -> tuple[Line, ...]:
    """What sample order `n` holds: two or three lines, the first with options; always the same for the same `n`."""
    first = MENU[n % 2]
    priced = next(option for option in first.options if option.price)
    lines = [
        Line(first, 1 + n % 2, ((priced, 1 + n % 3 // 2), (NO_ONION, 1)), "Well done, please" if n % 4 == 0 else ""),
        Line(MENU[2 + n % 4], 1 + n % 3),
    ]
    if n % 5 == 0:
        lines.append(Line(MENU[3], 1, ((NO_ICE, 1),)) if lines[1].dish is not MENU[3] else Line(MENU[5], 2))
    return tuple(lines)


def discount(n: int) -> int:
    """Cents taken off sample order `n` by the merchant: every third order has a voucher."""
    return 300 if n % 3 == 0 else 0


def tip(n: int) -> int:
    """Cents of tip on sample order `n`, where its kind of order can have one."""
    return 250 if n % 2 == 0 else 0


def tax_on(cents: int) -> int:
    """Sales tax on an amount, both in cents, rounded half up."""
    return (cents * TAX_BASIS_POINTS + 5_000) // 10_000


def identity(kind: str, n: int | str) -> str:
    """A UUID that is always the same for a kind of thing and its number."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{n}"))


def moment(at: datetime | None) -> datetime:
    """`at` in UTC, or the present second."""
    return (at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)


def utc(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, `2026-10-05T17:42:10.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def later(at: datetime, minutes: float) -> datetime:
    """`minutes` after `at`."""
    return at + timedelta(minutes=minutes)


def compact(payload: object) -> bytes:
    """The bytes of a JSON body without blanks, as Uber Eats and Square send it."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def merged(base: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """`base` with top-level fields replaced by `overrides`."""
    return {**base, **overrides}


def read_time(text: str) -> datetime:
    """An RFC 3339 time. Raises ValueError if it is none or has no offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return at
