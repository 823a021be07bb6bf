"""Orders of both generations of Uber Eats, for the tests that map them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orderhub.order.models import (
    Order,
)
from orderhub.platforms.uber_eats import PLATFORM
from tests.platforms.conformance import load_sample
from tests.platforms.test_uber_eats import connect

FIXTURES = Path(__file__).parent / "fixtures" / "uber_eats"
Json = dict[str, Any]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def v1() -> Json:
    """The v1 order with every field that Uber documents, without its wrapper."""
    order: Json = json.loads((FIXTURES / "order_v1.json").read_text())["order"]
    return order


def v2() -> Json:
    order: Json = json.loads((FIXTURES / "order_v2.json").read_text())
    return order


def sample(name: str) -> Json:
    fetched = load_sample("uber_eats", name).fetched
    assert fetched is not None
    order: Json = json.loads(fetched)
    inner: Json = order.get("order", order)
    return inner


def mapped(payload: Mapping[str, Any], **settings: object) -> Order:
    return PLATFORM.to_order(payload, connect(**settings))


def flags(order: Order) -> list[str]:
    return [check.code for check in order.checks]


LINE = dict(zip(("dandan", "tea"), (item["cart_item_id"] for item in v1()["carts"][0]["items"]), strict=True))
OPTION = {
    option["id"]: option["cart_item_id"]
    for item in v1()["carts"][0]["items"]
    for group in item["selected_modifier_groups"]
    for option in group["selected_items"]
}
CRISPY = v1()["carts"][0]["items"][0]["selected_modifier_groups"][0]["selected_items"][0]["selected_modifier_groups"][
    0
]["selected_items"][0]["cart_item_id"]
