"""What Shipday takes of an order, and what it refuses.

https://docs.shipday.com/reference/insert-delivery-order and https://docs.shipday.com/reference/edit-order
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from local.standins.vendor import Json, Refused

REQUIRED = ("customerName", "customerAddress", "customerPhoneNumber", "restaurantName", "restaurantAddress")
AMOUNTS = ("totalOrderCost", "deliveryFee", "tips", "tip", "tax", "discountAmount")
PAYMENTS = ("cash", "credit_card")
_FORMS = {
    "expectedDeliveryDate": re.compile(r"\d{4}-\d\d-\d\d"),
    "expectedDeliveryTime": re.compile(r"\d\d:\d\d:\d\d"),
    "expectedPickupTime": re.compile(r"\d\d:\d\d:\d\d"),
    "customerPhoneNumber": re.compile(r"\+?\d{4,15}"),
    "restaurantPhoneNumber": re.compile(r"\+?\d{4,15}"),
}
_PLACES = (("deliveryLatitude", "deliveryLongitude"), ("pickupLatitude", "pickupLongitude"))
_PICTURE = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")


def refused(message: str, code: str = "VALIDATION_ERROR") -> Refused:
    """400 with what is wrong."""
    return Refused(400, {"errorCode": code, "errorMessage": message})


def nothing() -> Refused:
    """400 and not a word, as the reference shows it."""
    return Refused(400, {})


def check_insert(body: Json) -> None:
    """Raises Refused for an order that cannot be inserted."""
    if "orderId" in body:
        raise refused("orderId is not for new orders")
    _check(body, ("orderNumber", *REQUIRED), may_be_empty=frozenset())
    _check_items(body.get("orderItem", []))


def check_edit(body: Json, order_id: int) -> None:
    """Raises Refused for an edit that is not whole."""
    if body.get("orderId") != order_id:
        raise refused("orderId is not that of the path")
    if not isinstance(body.get("customerEmail"), str):
        raise refused("customerEmail is required")
    if not isinstance(body.get("totalCost", ""), str):
        raise refused("totalCost is text")
    _check(body, ("orderNo", *REQUIRED), may_be_empty=frozenset({"customerEmail"}))
    _check_items(body.get("orderItems", []))


def _check(body: Json, required: tuple[str, ...], may_be_empty: frozenset[str]) -> None:
    missing = [name for name in required if not isinstance(body.get(name), str) or not body[name].strip()]
    if missing:
        raise refused(f"{missing[0]} is required")
    empty = [name for name, value in body.items() if value in ("", None) and name not in may_be_empty]
    if empty:
        raise refused(f"{empty[0]} is empty")
    for problem in _problems(body):
        raise refused(problem)


def _problems(body: Json) -> Iterator[str]:
    yield from (f"{name} is not an amount" for name in AMOUNTS if name in body and not _is_amount(body[name]))
    yield from (f"{name} has another form" for name, form in _FORMS.items() if not form.fullmatch(_or_good(body, name)))
    yield from (f"{one} and {other} go together" for one, other in _PLACES if (one in body) != (other in body))
    if body.get("paymentMethod", PAYMENTS[0]) not in PAYMENTS:
        yield "paymentMethod is cash or credit_card"
    if any(_PICTURE.search(text) for text in _texts(body)):
        yield "there is a character that cannot be stored"
    for name in ("dropoff", "pickup"):
        if not isinstance(body.get(name, {"address": {}}), dict) or not isinstance(_address(body, name), dict):
            yield f"{name} has an address"


def _or_good(body: Json, name: str) -> str:
    """The value, or one of the right form where there is none."""
    good = {"expectedDeliveryDate": "2026-01-01"}.get(name, "00:00:00" if "Time" in name else "+15555550100")
    return str(body.get(name, good))


def _address(body: Json, name: str) -> Any:
    return body.get(name, {"address": {}}).get("address")


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _check_items(items: Any) -> None:
    for item in items if isinstance(items, list) else [None]:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not item["name"]:
            raise refused("an item has a name")
        if type(item.get("quantity")) is not int or item["quantity"] < 1:
            raise refused("the quantity of an item is a whole number from 1")
        if not all(isinstance(one, str) for one in item.get("addOns", [])):
            raise refused("addOns are texts")
        if "unitPrice" in item and not isinstance(item["unitPrice"], int | float):
            raise refused("unitPrice is an amount")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)
