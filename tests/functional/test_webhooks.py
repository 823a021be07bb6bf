"""Webhooks that are what they should be: what is stored, and what the platform hears."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.intake.replay import replay_held
from orderhub.order.messages import OrderSnapshot, TableRequest, TableRules, TableStep, Unreadable
from orderhub.order.status import Status
from orderhub.platforms.base import Reading
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.registry import load
from orderhub.service.listing import list_open
from orderhub.storage import quarantine, timelines
from orderhub.storage.codec import unpack
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

    raw = timelines.received(sent.order_id, sent.key)

    signature = hub.sign(sent.connection_id, sent.body)
    assert raw is not None
    assert raw.body == sent.body
    assert raw.headers == {
        name.lower(): value for name, value in {**sent.headers, **signature, "content-type": "application/json"}.items()
    }


def test_the_body_is_kept_compressed(hub: Hub, sent: Sent) -> None:
    deliver(hub, sent)

    (event,) = events()

    assert len(event["raw"]) < len(sent.body)
    assert unpack(event["raw"]).partition(b"\n")[2] == sent.body


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

    (stored,) = list_open(ADMIN, STORE, limit=10, cursor=None).orders

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

    raw = timelines.received(hub.connection(uber).order_id("order-ä"), "delivery-1")
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


# --- before anybody is asked who they are -----------------------------------------------------------------------------


def greeting(request: Request) -> Answer | None:
    return Answer(200, "pong", {"x-hub": "here"}) if request.method == "GET" else None


def test_a_request_that_asks_for_nothing_is_greeted_without_any_connection(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, metrics: Metrics
) -> None:
    monkeypatch.setattr(load("square"), "greet", greeting)

    reply = hub.send("con_of_nobody", b"", slug="square", proof={}, method="GET")

    assert reply == Reply(200, "pong", {"x-hub": "here"})
    assert (items(), metrics()) == ([], {})


def test_a_greeting_looks_for_no_connection_and_no_secret(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load("square"), "greet", greeting)
    monkeypatch.setattr("orderhub.intake.webhook.open_connection", None)

    assert hub.send(square, b"", proof={}, method="GET").body == "pong"


def test_any_other_request_of_a_platform_that_greets_has_to_prove_itself(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load("square"), "greet", greeting)

    assert [hub.send(square, b"{}", proof={}).status, hub.send(square, b"{}").status] == [401, 200]


def test_a_platform_that_greets_nobody_asks_everybody_for_proof(hub: Hub, square: str) -> None:
    assert hub.send(square, b"", proof={}, method="GET").status == 401


def test_the_adapter_learns_where_a_request_came_from_by_the_gateway_s_word_alone(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(load("square"), "authenticate", lambda request, _: seen.append(request.source_ip))

    hub.send(square, b"{}", {"X-Forwarded-For": "203.0.113.9"})

    assert seen == ["192.0.2.7"]


# --- what is not understood, and what nobody shall read ---------------------------------------------------------------


def test_the_answer_to_what_is_not_understood_may_depend_on_the_request(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(409, f"not {request.inner_path[-1]}")

    monkeypatch.setattr(load("square"), "quarantine_answer", answer)

    reply = hub.send(square, b"not json", below="/make", query={"page": "7"})

    assert reply == Reply(409, "not make", {})
    (request,) = asked
    assert (request.method, request.body, request.query) == ("POST", b"not json", {"page": "7"})
    assert len(quarantine.page().held) == 1


def test_the_adapter_reads_and_the_hub_keeps_a_request_without_our_secrets(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, seen = PLATFORMS["square"].secret, list[Request]()

    def read(request: Request, _: Any) -> Reading:
        seen.append(request)
        raise Quarantine("too odd")

    monkeypatch.setattr(load("square"), "read", read)
    monkeypatch.setattr(load("square"), "authenticate", lambda *_: None)

    hub.send(square, f'{{"key": "{secret}"}}'.encode(), {"X-Key": secret}, query={"key": secret}, below=f"/{secret}")

    (listed,) = quarantine.page().held
    held = quarantine.get(listed.id)
    assert [seen[0].body, held.raw.body] == [b'{"key": "***"}'] * 2
    assert (held.raw.headers["x-key"], held.about["query"], held.about["path"]) == (
        *("***", {"key": "***"}),
        f"/webhooks/square/{square}/***",
    )


def test_what_proves_a_request_is_looked_at_before_secrets_are_taken_out(hub: Hub, square: str) -> None:
    body = f'{{"type": "x", "note": "{PLATFORMS["square"].secret}"}}'.encode()

    assert hub.send(square, body).status == 200


def test_one_order_of_several_that_cannot_be_read_is_put_aside_and_the_others_are_recorded(
    hub: Hub, shopify: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = PLATFORMS["shopify"].order(1)
    whole = OrderSnapshot(delivery_key="d-2", order=load("shopify").to_order(order, hub.connection(shopify)))
    odd = Unreadable(delivery_key="d-1", raw=b'{"id": 1}', reason="no total")
    told = Reading([odd, whole], Answer(202, "taken"))
    monkeypatch.setattr(load("shopify"), "read", lambda *_: told)

    reply = hub.send(shopify, b'{"orders": []}')

    assert reply == Reply(202, "taken", {})
    assert hub.order(whole.order.id).status is Status.INCOMING
    (listed,) = quarantine.page().held
    assert (listed.kind, listed.reason, quarantine.get(listed.id).raw.body) == ("row", "no total", b'{"id": 1}')


def test_a_request_that_was_put_aside_decides_on_no_table_when_it_is_replayed(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.send(square, b"not json")
    (held,) = quarantine.page().held
    before = [row for row in items() if not row["pk"].startswith("Q#")]
    rules = TableRules(seats=10, largest=8, turn=timedelta(hours=1), hold=timedelta(minutes=5))
    request = TableRequest(
        delivery_key="d",
        step=TableStep.HOLD,
        store_external_id="L",
        rules=rules,
        remember=timedelta(minutes=9),
        at=NOW,
        party_size=2,
    )
    monkeypatch.setattr(load("square"), "read", lambda *_: Reading([request], decided=lambda _: Answer(201)))

    assert replay_held(held.id, NOW) == []
    assert ([row for row in items() if not row["pk"].startswith("Q#")], quarantine.page().held) == (before, [])
