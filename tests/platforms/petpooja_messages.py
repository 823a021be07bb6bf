"""What the tests of Petpooja share: the merchant's connection, and bodies that have the least that they must have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orderhub.order.messages import InboundMessage
from orderhub.order.models import Order
from orderhub.platforms.base import Reading, StoreRef
from orderhub.platforms.http_types import Request
from orderhub.platforms.petpooja import PLATFORM
from tests.platforms.conformance import NOW, connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection

RESTAURANT = "ck4c0rner1"
KOLKATA = StoreRef("sto_india", "Asia/Kolkata", "INR")
KEYS = {"app_key": "a" * 32, "app_secret": "b" * 40, "access_token": "c" * 40}
TOKEN = "hub-demo-token"
PATH_SECRET = "a-part-of-the-path-that-nobody-guesses"
CREDENTIALS = {"keys": [KEYS], "bill_tokens": [TOKEN], "path_secrets": [PATH_SECRET], "pull_cookie": "cookie-value"}
WEBHOOK = "/webhooks/petpooja/con_test"

Json = dict[str, Any]


def connected(
    credentials: Mapping[str, Any] | None = None, stores: Mapping[str, StoreRef] | None = None, **settings: Any
) -> AnyConnection:
    """The merchant's connection; with a map of the one restaurant unless another is given."""
    known = {RESTAURANT: KOLKATA} if stores is None else stores
    return connection_for(
        "petpooja", CREDENTIALS if credentials is None else credentials, settings, store=KOLKATA, stores=known
    )


def sent(body: Any, path: str = WEBHOOK, **headers: str) -> Request:
    """A request as it comes, without any proof but what is in the body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("POST", path, headers, {}, raw, NOW)


def read(body: Any, connection: AnyConnection | None = None) -> Reading:
    """What is in a body."""
    return PLATFORM.read(sent(body), connection or connected())


def message_in(body: Any, connection: AnyConnection | None = None) -> InboundMessage:
    """The only message in a body."""
    (message,) = read(body, connection).messages
    return message


def messages_of(sample: str, connection: AnyConnection | None = None) -> list[InboundMessage]:
    """The messages in a sample."""
    connection = connection or connected()
    return list(PLATFORM.read(request_for(load_sample("petpooja", sample), connection), connection).messages)


def save_order(*lines: Json, customer: Json | None = None, discounts: Any = (), **details: Any) -> Json:
    """A save_order with these fields of its details."""
    told = {"orderID": "A-1", "order_type": "H", "created_on": "2026-10-05 20:12:11", **details}
    info = {
        "Restaurant": {"details": {"restID": RESTAURANT}},
        "Order": {"details": told},
        "OrderItem": {"details": list(lines)},
        "Customer": {"details": customer or {}},
        "Discount": {"details": list(discounts)},
    }
    return {"orderinfo": {"OrderInfo": info}}


def ordered(*lines: Json, connection: AnyConnection | None = None, **details: Any) -> Order:
    """The order in such a save_order."""
    return PLATFORM.to_order(save_order(*lines, **details), connection or connected())


def line(price: str, quantity: str = "1", *addons: Json, **fields: Any) -> Json:
    """A line of a save_order."""
    return {"id": "1", "name": "Wrap", "price": price, "quantity": quantity, "AddonItem": {"details": addons}, **fields}


def bill(*lines: Json, customer: Any = None, **details: Any) -> Json:
    """A bill with these fields of its order."""
    told = {"orderID": 41, "order_type": "Dine In", "created_on": "2026-10-05 21:05:00", **details}
    return {"Restaurant": {"restID": RESTAURANT}, "Customer": customer, "Order": told, "OrderItem": list(lines)}


def billed(*lines: Json, connection: AnyConnection | None = None, **details: Any) -> Order:
    """The order in such a bill."""
    return PLATFORM.to_order(bill(*lines, **details), connection or connected())


def bill_line(price: Any, total: Any = None, quantity: Any = 1, *addons: Json, **fields: Any) -> Json:
    """A line of a bill."""
    return {
        "itemid": 7,
        "name": "Thali",
        "price": price,
        "total": total,
        "quantity": quantity,
        "addon": addons,
    } | fields
