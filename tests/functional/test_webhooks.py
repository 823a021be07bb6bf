"""Webhooks that are what they should be: what is stored, and what the platform hears."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from orderhub.order.status import Status
from orderhub.service.orders import list_open
from orderhub.storage import orders
from tests.functional.cloud import events, items
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import ADMIN, STORE, Hub, Reply
from tests.functional.vendors import PLATFORMS

SLUGS = tuple(PLATFORMS)


@dataclass(frozen=True)
class Sent:
    """A webhook on its way: the first one of a platform's first order."""

    connection_id: str
    order_id: str
    order: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes
    key: str = "delivery-1"


@pytest.fixture(params=SLUGS)
def sent(request: pytest.FixtureRequest, hub: Hub) -> Sent:
    played = PLATFORMS[request.param]
    connection_id = hub.connect(request.param)
    order = played.order(1)
    headers, body = played.told(played.first, order, "delivery-1")
    order_id = hub.connection(connection_id).order_id(played.external_id(order))
    return Sent(connection_id, order_id, order, headers, body)


def deliver(hub: Hub, sent: Sent, **more: str) -> Reply:
    return hub.send(sent.connection_id, sent.body, {**sent.headers, **more})


def test_the_answer_is_an_empty_200(hub: Hub, sent: Sent) -> None:
    assert deliver(hub, sent) == Reply(200, "", {})


def test_one_event_holds_the_whole_body_and_the_headers_without_secrets(hub: Hub, sent: Sent) -> None:
    secret = {"Authorization": "Bearer x", "Cookie": "a=b", "X-Api-Key": "k", "X-Forwarded-For": "198.51.100.7"}
    deliver(hub, sent, **secret)

    raw = orders.received(sent.order_id, sent.key)

    signature = hub.sign(sent.connection_id, sent.body)
    assert raw is not None
    assert raw.body == sent.body
    assert raw.headers == {
        name.lower(): value for name, value in {**sent.headers, **signature, "content-type": "application/json"}.items()
    }


def test_the_body_is_kept_compressed(hub: Hub, sent: Sent) -> None:
    deliver(hub, sent)

    (event,) = events()

    assert zlib.decompress(event["raw"]).partition(b"\n")[2] == sent.body


@pytest.mark.parametrize(
    ("slug", "kind", "effect"),
    [
        ("shopify", "order.created", "applied"),
        ("uber_eats", "order.referenced", "applied"),
        ("square", "order.referenced", "applied"),
    ],
)
def test_a_whole_order_makes_the_order_and_a_notification_asks_for_it(
    hub: Hub, slug: str, kind: str, effect: str
) -> None:
    played, connection_id = PLATFORMS[slug], hub.connect(slug)
    hub.tell(connection_id, played.first, played.order(1), "delivery-1")

    rows = [(row["sk"], row.get("type"), row.get("effect")) for row in items()]

    order = [("ORDER", None, None)] if kind == "order.created" else []
    assert rows == [("E#delivery-1", kind, effect), *order]


def test_a_shopify_order_is_stored_as_the_platform_sent_it(hub: Hub, shopify: str) -> None:
    order = PLATFORMS["shopify"].order(1)
    hub.tell(shopify, "orders/create", order, "delivery-1")

    (stored,) = list_open(ADMIN, STORE, [], limit=10, cursor=None).orders

    assert stored.model_dump(
        include={"platform", "connection_id", "external_id", "display_id", "store_id", "status", "placed_at", "version"}
    ) == {
        "platform": "shopify",
        "connection_id": shopify,
        "external_id": str(order["id"]),
        "display_id": order["name"],
        "store_id": STORE,
        "status": Status.INCOMING,
        "placed_at": NOW,
        "version": 1,
    }
    assert stored.amounts.total == round(float(order["total_price"]) * 100)


def test_a_request_that_comes_again_is_answered_alike_and_changes_nothing(hub: Hub, sent: Sent) -> None:
    first = deliver(hub, sent)
    before = items()

    again = deliver(hub, sent)

    assert again == first
    assert items() == before


def test_a_request_that_comes_again_is_counted_as_a_duplicate(hub: Hub, sent: Sent, metrics: Metrics) -> None:
    deliver(hub, sent)
    deliver(hub, sent)
    slug = hub.slug(sent.connection_id)

    assert metrics().get(f"DuplicateMessages {slug}") == [1]


def test_a_new_order_is_counted_with_the_time_it_took_to_come(
    hub: Hub, shopify: str, clock: Clock, metrics: Metrics
) -> None:
    order = PLATFORMS["shopify"].order(1)
    clock.wait(2.5)
    hub.tell(shopify, "orders/create", order, "delivery-1")

    assert metrics() == {"OrdersReceived shopify": [1], "OrderLatencyMs shopify": [2500]}


def test_a_body_that_the_gateway_did_not_encode_is_the_same_bytes(hub: Hub, uber: str) -> None:
    order = {**PLATFORMS["uber_eats"].order(1)["order"], "id": "order-ä"}
    _, body = PLATFORMS["uber_eats"].told("orders.notification", order, "delivery-1")

    hub.send(uber, body, encoded=False)

    raw = orders.received(hub.connection(uber).order_id("order-ä"), "delivery-1")
    assert raw is not None
    assert raw.body == body


def test_stock_news_are_a_line_in_the_timeline_of_the_connection(hub: Hub, shopify: str) -> None:
    body = json.dumps({"inventory_item_id": 1, "location_id": 2, "available": 3, "updated_at": NOW.isoformat()})
    headers = {"X-Shopify-Topic": "inventory_levels/update", "X-Shopify-Webhook-Id": "delivery-1"}

    assert hub.send(shopify, body.encode(), headers).status == 200

    assert [(row["pk"], row["sk"], row["type"]) for row in items()] == [
        (f"O#{shopify}", "E#delivery-1", "stock.reported")
    ]


def test_an_event_that_is_none_of_our_business_is_answered_and_leaves_nothing(hub: Hub, square: str) -> None:
    body = json.dumps({"type": "loyalty.account.created", "event_id": "e-1", "merchant_id": "M"}).encode()

    assert hub.send(square, body) == Reply(200, "", {})
    assert items() == []
