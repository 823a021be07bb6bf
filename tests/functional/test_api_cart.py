"""Changing lines over the API: the price first, the customer's word, all or nothing; our orders and platforms'."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.events import Actor, Cause
from orderhub.order.models import Amounts, Sync, SyncState
from orderhub.order.status import Status
from orderhub.service.access import Caller, Role
from orderhub.storage import orders
from tests.functional import cloud
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, Reply
from tests.functional.made import changed, store, stored
from tests.functional.test_api_creation import NEW, ROBIN
from tests.unit.made import an_item

CAKE = {"action": "add_item", "item": {"name": "Cake", "unit_price": 400}}
TEA = an_item(id="tea", name="Tea", quantity=2, unit_price=300, total=600)
PIE = an_item(id="pie", name="Pie", unit_price=500, total=500)


@pytest.fixture
def own(hub: Hub) -> dict[str, Any]:
    """An order that the store made: two burgers and a lemonade."""
    made: dict[str, Any] = hub.api("POST", "/v1/orders", NEW, caller=ROBIN).json
    return made


def theirs(platform: str = "square", **told: Any) -> str:
    """An order of a platform: two teas and a pie."""
    amounts = Amounts(currency="USD", subtotal=1100, total=1100)
    least = {"store_id": STORE, "placed_at": NOW, "platform": platform, "items": [TEA, PIE], "amounts": amounts}
    return stored(**{**least, **told}).id


def edit(hub: Hub, order_id: str, *edits: Any, approved: bool = False, dry_run: bool = False, **more: Any) -> Reply:
    body = {"edits": list(edits), "customer_approved": approved, "dry_run": dry_run}
    return hub.api("PATCH", f"/v1/orders/{order_id}/cart", body, **{"caller": ROBIN, **more})


def shown(hub: Hub, order_id: str) -> dict[str, Any]:
    """The order, without what only a look at one order shows."""
    order = hub.api("GET", f"/v1/orders/{order_id}").json
    return {name: value for name, value in order.items() if name not in ("tickets", "deliveries", "handed_over")}


def remove(item: Any) -> dict[str, Any]:
    return {"action": "remove_item", "item_id": item if isinstance(item, str) else item["id"]}


def reduce(item_id: str, quantity: int) -> dict[str, Any]:
    return {"action": "reduce_quantity", "item_id": item_id, "quantity": quantity}


# --- our own ----------------------------------------------------------------------------------------------------------


def test_an_order_of_our_own_is_changed_at_once(hub: Hub, own: dict[str, Any]) -> None:
    reply = edit(hub, own["id"], remove(own["items"][1]))

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    order, cost = reply.json["order"], reply.json["difference"]
    assert [item["name"] for item in order["items"]] == ["Veggie Burger"]
    assert (order["amounts"]["subtotal"], order["amounts"]["tax"], order["amounts"]["total"]) == (2100, 189, 2888)
    assert order["payment"]["amount_due"] == 2888
    assert (cost["before"], cost["after"], cost["difference"]) == (3215, 2888, -327)
    assert [(line["name"], line["difference"]) for line in cost["lines"]] == [("Lemonade", -300)]
    assert (reply.json["customer_approval_needed"], reply.json["dry_run"]) == (False, False)
    assert (order["cart"], order["sync"]["state"]) == (None, "not_needed")
    assert shown(hub, own["id"]) == order


def test_nobody_is_asked_about_it(hub: Hub, own: dict[str, Any]) -> None:
    edit(hub, own["id"], remove(own["items"][1]))

    assert hub.run() == 0
    assert [kind for kind, _ in hub.told(own["id"])] == ["order.created", "cart.changed"]


def test_the_timeline_has_the_edits_their_price_and_who_made_them(hub: Hub, own: dict[str, Any]) -> None:
    edit(hub, own["id"], CAKE, approved=True)

    event = hub.timeline(own["id"])[-1]
    assert (event.type, event.effect, event.version) == ("cart.changed", "applied", 2)
    assert event.cause == Cause(Actor.STAFF, "Robin (key_robin)")
    assert event.summary["edits"] == [CAKE]
    assert event.summary["difference"]["difference"] == 436
    assert event.summary["customer_approved"] is True


@pytest.mark.parametrize(
    "wanted",
    [
        CAKE,
        {"action": "update_item", "item_id": "<lemonade>", "quantity": 3},
        {"action": "substitute_item", "item_id": "<lemonade>", "item": {"name": "Water", "unit_price": 0}},
    ],
)
def test_what_costs_more_or_is_another_thing_needs_the_customer_s_word(
    hub: Hub, own: dict[str, Any], wanted: dict[str, Any]
) -> None:
    wanted = {**wanted, **({"item_id": own["items"][1]["id"]} if "item_id" in wanted else {})}
    refused = edit(hub, own["id"], wanted)

    assert refused.error == (409, "CONFIRMATION_REQUIRED")
    assert refused.json["details"]["difference"]["lines"] != []
    assert hub.order(own["id"]).version == 1
    assert edit(hub, own["id"], wanted, dry_run=True).json["customer_approval_needed"] is True
    assert edit(hub, own["id"], wanted, approved=True).status == 200


def test_a_dry_run_tells_the_price_and_stores_nothing(hub: Hub, own: dict[str, Any]) -> None:
    before = cloud.items()

    reply = edit(hub, own["id"], CAKE, dry_run=True, idempotency_key="k1")

    assert (reply.status, reply.headers["etag"], reply.json["order"]) == (200, '"1"', own)
    assert (reply.json["difference"]["after"], reply.json["difference"]["difference"]) == (3651, 436)
    assert cloud.items() == before
    assert edit(hub, own["id"], remove(own["items"][0]), idempotency_key="k1").status == 200


def test_all_of_the_edits_are_made_or_none(hub: Hub, own: dict[str, Any]) -> None:
    reply = edit(hub, own["id"], remove(own["items"][1]), remove("itm_none"))

    assert reply.error == (404, "ITEM_NOT_FOUND")
    assert reply.json["details"] == {"order_item_id": "itm_none", "edit": 1}
    assert shown(hub, own["id"]) == own


def test_an_edit_that_changes_nothing_is_answered_as_done(hub: Hub, own: dict[str, Any]) -> None:
    same = {"action": "update_item", "item_id": own["items"][0]["id"], "notes": "no onions"}
    reply = edit(hub, own["id"], same)

    assert (reply.status, reply.json["order"]["version"], reply.json["difference"]["difference"]) == (200, 1, 0)


# --- guards -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("status", [Status.PICKED_UP, Status.COMPLETED, Status.CANCELLED, Status.DENIED])
def test_lines_stay_once_the_goods_are_gone(hub: Hub, status: Status, dry_run: bool) -> None:
    order_id = theirs("direct", status=status)

    assert edit(hub, order_id, remove("tea"), dry_run=dry_run).error == (409, "ORDER_NOT_MODIFIABLE")


@pytest.mark.parametrize("dry_run", [False, True])
def test_who_looked_at_an_older_version_is_told(hub: Hub, own: dict[str, Any], dry_run: bool) -> None:
    hub.api("PUT", f"/v1/orders/{own['id']}/accept")

    refused = edit(hub, own["id"], CAKE, if_match='"1"', dry_run=dry_run)
    assert refused.error == (412, "VERSION_CONFLICT")
    assert refused.json["details"]["version"] == 2
    assert edit(hub, own["id"], CAKE, if_match='"2"', approved=True, dry_run=dry_run).status == 200


def test_who_loses_a_race_is_shown_the_price_of_the_order_as_it_is(
    hub: Hub, own: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, races = orders.write, iter([True])

    def slower(*given: Any, **more: Any) -> Any:
        if next(races, False):
            edit(hub, own["id"], remove(own["items"][1]))
        return write(*given, **more)

    monkeypatch.setattr(orders, "write", slower)
    reply = edit(hub, own["id"], CAKE, approved=True)

    assert (reply.status, reply.json["order"]["version"]) == (200, 3)
    assert (reply.json["difference"]["before"], reply.json["difference"]["difference"]) == (2888, 436)
    assert reply.json["order"]["amounts"]["total"] == 2888 + 436


def test_a_request_sent_again_is_answered_as_the_first(hub: Hub, own: dict[str, Any], clock: Clock) -> None:
    first = edit(hub, own["id"], CAKE, approved=True, idempotency_key="k1", if_match='"1"')
    clock.wait(60)
    again = edit(hub, own["id"], CAKE, approved=True, idempotency_key="k1", if_match='"1"')

    assert (again.status, again.json) == (200, first.json)
    assert len(hub.timeline(own["id"])) == 2
    other = edit(hub, own["id"], remove(own["items"][0]), idempotency_key="k1")
    assert other.error == (409, "IDEMPOTENCY_KEY_REUSED")


def test_without_a_key_each_request_counts(hub: Hub, own: dict[str, Any]) -> None:
    for _ in range(2):
        edit(hub, own["id"], CAKE, approved=True)

    assert len(hub.order(own["id"]).items) == 4


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"edits": []},
        {"edits": [{"action": "double_item", "item_id": "tea"}]},
        {"edits": [{"action": "reduce_quantity", "item_id": "tea", "quantity": 0}]},
        {"edits": [{"action": "add_item", "item": {"name": "x", "unit_price": -1}}]},
        {"edits": [remove("tea")], "updated_by": "somebody else"},
        {"edits": [remove("tea")] * 51},
    ],
)
def test_what_does_not_fit_is_refused(hub: Hub, own: dict[str, Any], body: Any) -> None:
    assert hub.api("PATCH", f"/v1/orders/{own['id']}/cart", body).error == (422, "VALIDATION_ERROR")


def test_nothing_left_is_a_cancellation(hub: Hub, own: dict[str, Any]) -> None:
    reply = edit(hub, own["id"], *(remove(item) for item in own["items"]))

    assert reply.error == (422, "INVALID_FIELD_VALUE")
    assert "cancel" in reply.json["message"]


def test_orders_of_other_stores_are_not_there(hub: Hub, own: dict[str, Any]) -> None:
    elsewhere = Caller("key_e", "elsewhere", Role.ADMIN, frozenset({"sto_other"}))

    assert edit(hub, own["id"], CAKE, caller=elsewhere).error == (404, "ORDER_NOT_FOUND")
    assert edit(hub, "ord_none", CAKE).error == (404, "ORDER_NOT_FOUND")


def test_a_viewer_changes_nothing(hub: Hub, own: dict[str, Any]) -> None:
    viewer = Caller("key_v", "a viewer", Role.VIEWER, frozenset({STORE}))

    assert edit(hub, own["id"], CAKE, caller=viewer, dry_run=True).error == (403, "PERMISSION_DENIED")


# --- of a platform ----------------------------------------------------------------------------------------------------


def test_an_order_of_a_platform_keeps_its_lines_until_that_has_answered(hub: Hub) -> None:
    order_id = theirs()

    reply = edit(hub, order_id, remove("pie"), reduce("tea", 1))

    order, cost = reply.json["order"], reply.json["difference"]
    assert (reply.status, [item["id"] for item in order["items"]]) == (200, ["tea", "pie"])
    assert order["cart"] == {
        "state": "pending",
        "version": 2,
        "status": None,
        "detail": "waiting for Square to take the change",
        "attempts": 0,
        "at": "2026-10-05T15:00:00Z",
    }
    assert (cost["before"], cost["after"], cost["difference"]) == (1100, 300, -800)
    assert shown(hub, order_id) == order


def test_it_is_put_on_the_queue(hub: Hub, cloud: Any) -> None:
    from orderhub.runtime import settings
    from tests.functional.cloud import waiting

    order_id = theirs()
    edit(hub, order_id, remove("pie"))

    hub.dispatch()

    (message,) = waiting(settings().send_cart_queue_url)
    assert (message["order_id"], message["platform"]) == (order_id, "square")
    assert message["event"] == hub.timeline(order_id)[-1].key


def test_one_change_at_a_time(hub: Hub, clock: Clock) -> None:
    order_id = theirs()
    edit(hub, order_id, remove("pie"))

    assert edit(hub, order_id, reduce("tea", 1)).error == (409, "CART_CHANGE_PENDING")
    clock.wait(minutes=31)
    assert edit(hub, order_id, reduce("tea", 1)).status == 200


def test_after_an_answer_there_may_be_another(hub: Hub) -> None:
    order = stored(platform="square", store_id=STORE, items=[TEA, PIE])
    store(changed(order, cart=Sync(state=SyncState.FAILED, version=2, at=NOW)))

    assert edit(hub, order.id, remove("pie")).status == 200


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("slug", ["gloriafood", "opentable", "petpooja", "toast"])
def test_a_platform_that_takes_no_edits_is_a_refusal_with_the_reason(hub: Hub, slug: str, dry_run: bool) -> None:
    order_id = theirs(slug)
    reply = edit(hub, order_id, remove("pie"), dry_run=dry_run)

    assert reply.error == (409, "UNSUPPORTED")
    assert reply.json["details"]["operation"] == "edit_cart"
    assert len(reply.json["message"]) > 40
    assert hub.order(order_id).version == 1


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (CAKE, "add_item"),
        ({"action": "update_item", "item_id": "tea", "quantity": 3}, "update_item"),
        ({"action": "substitute_item", "item_id": "tea", "item": {"name": "Water", "unit_price": 0}}, "external_id"),
    ],
)
def test_an_edit_that_platforms_do_not_know_is_refused_with_the_reason(hub: Hub, wanted: Any, word: str) -> None:
    reply = edit(hub, theirs(), remove("pie"), wanted, approved=True)

    assert reply.error == (409, "UNSUPPORTED")
    assert word in reply.json["message"]


def test_a_substitute_of_a_platform_needs_the_customer_s_word_too(hub: Hub) -> None:
    wanted = {"action": "substitute_item", "item_id": "pie", "item": {"name": "Tart", "sku": "T", "unit_price": 100}}
    order_id = theirs()

    assert edit(hub, order_id, wanted).error == (409, "CONFIRMATION_REQUIRED")
    assert edit(hub, order_id, wanted, approved=True).json["difference"]["difference"] == -400
