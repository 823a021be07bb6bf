"""Asking a platform for other lines: once, until it has said yes or no; and what the order shows of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.standins.played import played
from orderhub.errors import Misconfigured, Reject, Retry, Unsupported
from orderhub.intake.connections import forget_connections
from orderhub.order.events import Actor, Cause
from orderhub.order.models import Order, SyncState
from orderhub.platforms.base import CartEdit, Done
from orderhub.platforms.registry import load
from orderhub.storage import links, orders
from tests.functional.conftest import Clock
from tests.functional.hub import Hub
from tests.functional.test_api_cart import edit, reduce, remove

EDITABLE = ("doordash", "shopify", "square", "uber_eats", "woocommerce")
Calls = list[tuple[str, list[CartEdit]]]


@pytest.fixture
def order(hub: Hub, square: str) -> Order:
    """An order at Square."""
    return hub.order(hub.receive(square))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Square says yes to everything; what it was asked for."""
    made: Calls = []

    def edit_cart(order: Order, edits: Any, connection: Any, http: Any) -> Done:
        made.append((order.id, list(edits)))
        return Done(note="taken")

    monkeypatch.setattr(load("square"), "edit_cart", edit_cart)
    return made


def refuse(monkeypatch: pytest.MonkeyPatch, *answers: Exception | Done) -> Calls:
    """Square answers so, one call after the other, the last for ever."""
    made: Calls = []

    def edit_cart(order: Order, edits: Any, connection: Any, http: Any) -> Done:
        made.append((order.id, list(edits)))
        answer = answers[min(len(made), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(load("square"), "edit_cart", edit_cart)
    return made


def shown(hub: Hub, order_id: str) -> tuple[str, str | None, int]:
    asked = hub.order(order_id).cart
    assert asked is not None
    return asked.state, asked.detail, asked.attempts


def names(order: Order) -> list[str]:
    return [item.name for item in order.items]


def carts(hub: Hub, order_id: str) -> list[str]:
    return [kind for kind, _ in hub.told(order_id) if kind.startswith("cart.")]


# --- yes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", EDITABLE)
def test_each_platform_that_takes_edits_takes_one_and_the_order_follows(hub: Hub, slug: str) -> None:
    order = received(hub, slug)
    *_, last = order.items

    reply = edit(hub, order.id, remove(last.id))
    assert (reply.status, reply.json["order"]["cart"]["state"]) == (200, "pending")
    assert hub.run() == 0

    after = hub.order(order.id)
    assert after.cart is not None
    assert (after.cart.state, after.cart.attempts) == (SyncState.CONFIRMED, 1)
    assert names(after) == names(order)[:-1]
    assert after.amounts.total == reply.json["difference"]["after"]
    assert carts(hub, order.id) == ["cart.changed", "cart.confirmed"]


def received(hub: Hub, slug: str) -> Order:
    """A new order of a platform; accepted where its lines cannot be changed before."""
    connection_id, platform = hub.connect(slug), played()[slug]
    made = platform.order(1)
    hub.vendors.put(slug, made)
    assert hub.tell(connection_id, platform.first, made, "first").status in (200, 202)
    hub.run()
    order_id = hub.connection(connection_id).order_id(*platform.identity_of(made))
    if slug in ("doordash", "uber_eats"):
        assert hub.api("PUT", f"/v1/orders/{order_id}/accept").status == 200
        assert hub.run() == 0
    return hub.order(order_id)


def test_edits_are_told_in_the_words_of_the_contract(hub: Hub, order: Order, calls: Calls) -> None:
    wrap, lemonade = (item.id for item in order.items)
    water = {"name": "Water", "external_id": "V77", "sku": "W", "unit_price": 100, "quantity": 3}
    other = {"action": "substitute_item", "item_id": lemonade, "item": water, "note": "sold out"}
    edit(hub, order.id, reduce(wrap, 1), other, approved=True)

    assert hub.run() == 0

    told = [
        CartEdit("reduce", wrap, Decimal(1)),
        CartEdit("substitute", lemonade, Decimal(3), "V77", "sold out"),
    ]
    assert calls == [(order.id, told)]
    after = hub.order(order.id)
    assert [(item.name, int(item.quantity), item.total) for item in after.items] == [
        ("Falafel wrap (Regular)", 1, 1125),
        ("Water", 3, 300),
    ]
    assert shown(hub, order.id) == ("confirmed", "taken", 1)


def test_a_substitute_may_be_known_by_its_sku(hub: Hub, order: Order, calls: Calls) -> None:
    item = {"name": "Water", "sku": "W", "unit_price": 100}
    edit(hub, order.id, {"action": "substitute_item", "item_id": order.items[1].id, "item": item}, approved=True)
    hub.run()

    ((_, (told,)),) = calls
    assert (told.quantity, told.substitute_external_id) == (None, "W")
    assert hub.order(order.id).items[1].quantity == 2  # as many as there were


def test_the_hub_makes_the_change_in_the_name_of_nobody(hub: Hub, order: Order, calls: Calls) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    hub.run()

    event = hub.timeline(order.id)[-1]
    assert (event.type, event.cause) == ("cart.confirmed", Cause(Actor.SYSTEM, "send_cart"))
    assert event.summary == {"detail": "taken", "attempt": 1}


def test_what_staff_do_meanwhile_is_kept(hub: Hub, order: Order, calls: Calls) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    hub.api("PUT", f"/v1/orders/{order.id}/accept")

    assert hub.run() == 0

    after = hub.order(order.id)
    assert (after.status, names(after)) == ("accepted", ["Falafel wrap (Regular)"])
    assert (after.sync.state, shown(hub, order.id)[0]) == ("confirmed", "confirmed")


def test_what_the_platform_sends_afterwards_wins(hub: Hub, square: str, order: Order, calls: Calls) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    hub.run()

    platform = played()["square"]
    again = platform.order(1)
    again["order"]["version"] = int(again["order"]["version"]) + 1
    hub.vendors.put("square", again)
    assert hub.tell(square, "order.updated", again, "second").status == 200
    hub.run()

    after = hub.order(order.id)
    assert names(after) == names(order)
    assert shown(hub, order.id)[0] == "confirmed"


# --- once -------------------------------------------------------------------------------------------------------------


def test_a_message_that_comes_again_asks_nobody(hub: Hub, order: Order, calls: Calls) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    hub.run()
    before = hub.timeline(order.id)
    hub.dispatched = {key for key in hub.dispatched if not key[1].startswith("E#staff")}

    assert hub.run() == 0

    assert len(calls) == 1
    assert hub.timeline(order.id) == before


def test_a_platform_that_said_yes_is_not_asked_again_when_our_own_write_fails(
    hub: Hub, order: Order, calls: Calls, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    hub.dispatch()
    with monkeypatch.context() as broken:
        broken.setattr(orders, "write", failing)
        assert hub.work("send_cart") == 1
    assert shown(hub, order.id)[0] == "pending"

    clock.wait(minutes=10)
    assert hub.run() == 0

    assert len(calls) == 1
    assert shown(hub, order.id)[:2] == ("confirmed", "taken")


def failing(*_given: Any, **_more: Any) -> None:
    raise Retry("too many writers")


def test_two_workers_do_not_ask_at_the_same_time(hub: Hub, order: Order, calls: Calls, clock: Clock) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    hub.dispatch()
    target = f"cart-{hub.timeline(order.id)[-1].key}"
    held = links.claim(order.id, target, clock.now, timedelta(seconds=75))
    assert held is not None

    assert hub.work("send_cart") == 1
    assert calls == []

    clock.wait(minutes=10)
    assert hub.run() == 0
    assert len(calls) == 1


# --- no ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (Reject("PAID", "Square will not"), "failed", "Square will not"),
        (Misconfigured("the key is refused"), "failed", "the key is refused"),
        (
            Unsupported("edit_cart", "Square", "not this one"),
            "unsupported",
            "Square is not told of 'edit cart': not this one",
        ),
    ],
)
def test_a_no_leaves_the_order_as_it_was_and_says_why(
    hub: Hub, order: Order, monkeypatch: pytest.MonkeyPatch, answer: Exception, state: str, detail: str
) -> None:
    calls = refuse(monkeypatch, answer)
    edit(hub, order.id, remove(order.items[1].id))

    assert hub.run() == 0

    after = hub.order(order.id)
    assert (after.items, after.amounts) == (order.items, order.amounts)
    assert shown(hub, order.id) == (state, detail, 1)
    assert carts(hub, order.id) == ["cart.changed", f"cart.{state}"]
    assert len(calls) == 1
    assert edit(hub, order.id, remove(order.items[1].id)).status == 200  # there may be another


def test_a_platform_that_does_not_answer_is_asked_again(
    hub: Hub, order: Order, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    calls = refuse(monkeypatch, Retry("busy"), RuntimeError("a bug"), Done())
    edit(hub, order.id, remove(order.items[1].id))

    assert hub.run() == 1
    assert shown(hub, order.id) == ("pending", "waiting for Square to take the change", 0)
    clock.wait(minutes=5)
    assert hub.run() == 1
    clock.wait(minutes=5)
    assert hub.run() == 0

    assert len(calls) == 3
    assert shown(hub, order.id) == ("confirmed", None, 3)
    assert carts(hub, order.id) == ["cart.changed", "cart.retrying", "cart.retrying", "cart.confirmed"]
    reasons = [event.summary["reason"] for event in hub.timeline(order.id) if event.type == "cart.retrying"]
    assert reasons == ["busy", "the adapter failed: RuntimeError"]


def test_one_that_never_answers_is_a_no_before_long(
    hub: Hub, order: Order, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    calls = refuse(monkeypatch, Retry("busy"))
    edit(hub, order.id, remove(order.items[1].id))

    tries = 1
    while hub.run():
        clock.wait(minutes=5)
        tries += 1

    assert (tries, len(calls)) == (8, 8)
    assert shown(hub, order.id) == ("failed", "busy", 8)
    assert names(hub.order(order.id)) == names(order)


def test_an_order_that_has_gone_meanwhile_is_not_asked_about(hub: Hub, order: Order, calls: Calls) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    hub.api("PUT", f"/v1/orders/{order.id}/cancel", {"reason": "OUT_OF_STOCK"})

    assert hub.run() == 0

    assert calls == []
    assert shown(hub, order.id) == ("failed", "the order is cancelled by now", 1)


def test_a_connection_that_is_gone_is_a_no(hub: Hub, square: str, order: Order) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    assert hub.api("DELETE", f"/v1/connections/{square}").status == 204
    forget_connections()

    assert hub.run() == 0

    assert shown(hub, order.id)[0] == "failed"


def test_what_becomes_impossible_meanwhile_is_said(hub: Hub, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(hub, order.id, remove(order.items[1].id))
    monkeypatch.setattr(load("square"), "why_not", lambda *_: "it is of the till by now")

    assert hub.run() == 0

    assert shown(hub, order.id)[:2] == ("unsupported", "Square is not told of 'edit cart': it is of the till by now")
