"""What OGOship answers, as far as we read it. Both APIs fit in here once names are in lower case.

https://openapi.ogoship.com/ ; its own clients do not mind the case of names, so neither do we.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from orderhub.errors import Quarantine, Retry
from orderhub.platforms.base import parse_as
from orderhub.platforms.http_types import Reply
from orderhub.platforms.payload import Id, Payload, Text

P = TypeVar("P", bound=Payload)


def listed(value: Any, name: str) -> list[Any]:
    """Things as a list: the older API has them below their name, a single one bare, and "" or null for none."""
    if isinstance(value, dict) and name in value:
        value = value[name]
    if isinstance(value, list):
        return value
    return [value] if value else []


def _lines(value: Any) -> list[Any]:
    return listed(value, "orderline")


def _blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Count = Annotated[Annotated[int, Field(ge=-(10**9), le=10**9)] | None, BeforeValidator(_blank)]


class Line(Payload):
    """One line of an order. quantity: pieces."""

    code: Text = None
    quantity: Count = None


class Order(Payload):
    """An order as OGOship has it. trackingnumber: may hold several, joined by commas; edittime: of the last change."""

    reference: Id
    id: Text = None
    status: Text = None
    shippingcode: Text = None
    shipping: Text = None
    trackingnumber: Text = None
    trackingurl: Text = None
    warehousecomments: Text = None
    edittime: Text = None
    orderlines: Annotated[list[Line], BeforeValidator(_lines)] = []

    @property
    def state(self) -> str:
        """Its status in lower case; empty when none is said."""
        return (self.status or "").lower()

    @property
    def pieces(self) -> Counter[str]:
        """How many of each product."""
        found: Counter[str] = Counter()
        for line in self.orderlines:
            found[line.code or ""] += line.quantity or 0
        return found


class Stock(Payload):
    """How much there is of a product. stockavailable: free to sell; less than nothing when more was sold."""

    productcode: Id
    stockavailable: Count = None
    modified: Text = None


class Product(Payload):
    """A product; the fields that we write are compared by name."""

    code: Id
    id: Text = None
    eancode: Text = None


class LegacyProduct(Payload):
    """A product in the list of changes of the older API."""

    code: Id
    stockavailable: Count = None


class Info(Payload):
    """How a call of the older API went; its names start with an at sign."""

    success: Text = Field(None, alias="@success")
    error: Text = Field(None, alias="@error")
    timestamp: Text = Field(None, alias="@timestamp")


class Trigger(Payload):
    """What a webhook is about, by one of these."""

    reference: Text = None
    productcode: Text = None


class Problem(Payload):
    """An error of the REST API."""

    statusdescription: Text = None
    message: Text = None


def lowered(value: Any) -> Any:
    """The JSON with all names in lower case. Raises Quarantine when it is nested too deeply."""
    try:
        return _lowered(value)
    except RecursionError:
        raise Quarantine("nested too deeply") from None


def read_as(model: type[P], payload: Any) -> P:
    """The payload as a model, whatever the case of its names. Raises Quarantine."""
    return parse_as(model, lowered(payload))


def rows_of(reply: Reply) -> list[Any]:
    """The rows of a list; `null` is an empty one. Raises Retry when OGOship answered with something else."""
    try:
        rows = reply.json()
    except Quarantine as error:
        raise Retry(f"OGOship did not answer with JSON: {error}") from None
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise Retry("OGOship did not answer with a list")
    return rows


def _lowered(value: Any) -> Any:
    match value:
        case dict():
            return {name.lower(): _lowered(one) for name, one in value.items()}
        case list():
            return [_lowered(one) for one in value]
        case _:
            return value
