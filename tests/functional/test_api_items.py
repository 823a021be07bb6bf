"""The lines of an order: listing them, looking at one, writing on one. And what was received of an order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderhub.dispatch.rules import actions_for
from orderhub.order.events import Actor, Cause, Raw
from orderhub.order.models import Item, Order
from orderhub.order.status import CLOSED, Status
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.storage import timelines
from orderhub.storage.blobs import INLINE_LIMIT
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, Reply
from tests.functional.made import an_event, stored
from tests.functional.vendors import PLATFORMS
from tests.unit.made import an_item

LINES, LINE = "/v1/orders/ord_1/items", "/v1/orders/ord_1/items/itm_1"
OTHER = "sto_other"
PIZZA = an_item(category="mains", quantity=Decimal(2), unit_price=900, total=1800, notes="no olives")
SOUP = an_item(id="itm_2", name="Soup", category="mains", unit_price=500, status="ready")
COLA = an_item(id="itm_3", name="Cola", quantity=Decimal("1.5"), unit_price=200, total=300)


def who(role: Role, *stores: str) -> Caller:
    return Caller(f"key_{role}", f"a {role}", role, frozenset(stores or (STORE,)))


def here(*items: Item, **told: Any) -> Order:
    return stored(store_id=STORE, placed_at=NOW, items=list(items or (PIZZA, SOUP, COLA)), **told)


def edited(hub: Hub, path: str = LINE, *, by: Role = Role.STORE_EMPLOYEE, **fields: Any) -> Reply:
    return hub.api("PATCH", path, fields, caller=who(by))


def listed(hub: Hub, **query: str) -> list[str]:
    reply = hub.api("GET", LINES, query=query)
    assert reply.status == 200, reply
    return [item["id"] for item in reply.json["items"]]


# --- the list ---------------------------------------------------------------------------------------------------------


def test_lines_are_listed_with_what_they_come_to(hub: Hub) -> None:
    here()

    reply = hub.api("GET", LINES, caller=who(Role.VIEWER))

    assert (reply.status, reply.headers["etag"]) == (200, '"1"')
    assert reply.json == {
        "order_id": "ord_1",
        "items": [item.model_dump(mode="json") for item in (PIZZA, SOUP, COLA)],
        "summary": {
            "total_items": 3,
            "total_quantity": "4.5",
            "subtotal": 2600,
            "categories": {"mains": {"lines": 2, "quantity": "3"}, "": {"lines": 1, "quantity": "1.5"}},
            "statuses": {"pending": {"lines": 2, "quantity": "3.5"}, "ready": {"lines": 1, "quantity": "1"}},
        },
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "ready"}, ["itm_2"]),
        ({"status": "pending"}, ["itm_1", "itm_3"]),
        ({"status": "pending,ready"}, ["itm_1", "itm_2", "itm_3"]),
        ({"category": "mains"}, ["itm_1", "itm_2"]),
        ({"category": "mains", "status": "pending"}, ["itm_1"]),
        ({"category": "drinks"}, []),
        ({"status": "completed"}, []),
    ],
)
def test_lines_are_filtered(hub: Hub, query: dict[str, str], expected: list[str]) -> None:
    here()

    assert listed(hub, **query) == expected


def test_the_summary_is_of_all_lines_whichever_are_shown(hub: Hub) -> None:
    here()

    shown = [hub.api("GET", LINES, query=query).json["summary"] for query in ({}, {"status": "completed"})]

    assert shown[0] == shown[1]


def test_an_order_without_lines_has_none(hub: Hub) -> None:
    stored(store_id=STORE)

    assert hub.api("GET", LINES).json["items"] == []


def test_a_status_that_is_none_is_refused(hub: Hub) -> None:
    here()

    assert hub.api("GET", LINES, query={"status": "burnt"}).error == (422, "VALIDATION_ERROR")


# --- one line ---------------------------------------------------------------------------------------------------------


def test_a_line_is_shown_with_its_own_history(hub: Hub, clock: Clock) -> None:
    here()
    edited(hub, status="preparing")
    clock.wait(minutes=1)
    edited(hub, f"{LINES}/itm_2", notes="hot")
    clock.wait(minutes=1)
    hub.api("PUT", "/v1/orders/ord_1/accept")
    edited(hub, status="ready", picked_quantity="1.5", by=Role.STORE_MANAGER)

    reply = hub.api("GET", LINE, caller=who(Role.VIEWER))

    history = reply.json.pop("history")
    assert reply.headers["etag"] == '"5"'
    expected = PIZZA.model_copy(update={"status": "ready", "picked_quantity": Decimal("1.5")})
    assert {name: value for name, value in reply.json.items() if name != "history"} == expected.model_dump(mode="json")
    assert [(event["type"], event["version"], event["cause"]) for event in history] == [
        ("item.changed", 2, {"actor": "staff", "name": "a store_employee (key_store_employee)"}),
        ("item.changed", 5, {"actor": "staff", "name": "a store_manager (key_store_manager)"}),
    ]
    assert history[1]["at"] == "2026-10-05T15:02:00Z"
    assert history[1]["summary"] == {
        "item": "itm_1",
        "changes": {
            "status": {"from": "preparing", "to": "ready"},
            "picked_quantity": {"from": None, "to": "1.5"},
        },
    }


def test_a_line_that_is_not_there_is_not_found(hub: Hub) -> None:
    here()

    for reply in (hub.api("GET", f"{LINES}/itm_9"), edited(hub, f"{LINES}/itm_9", notes="x")):
        assert reply.error == (404, "ITEM_NOT_FOUND")
        assert reply.json["details"] == {"order_item_id": "itm_9"}


# --- writing on it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Pizza Bianca"},
        {"notes": "extra olives"},
        {"notes": None},
        {"category": "specials"},
        {"category": None},
        *({"status": status} for status in ("preparing", "ready", "completed")),
        {"picked_quantity": "0"},
        {"picked_quantity": "1.25"},
        {"name": "é 🌶", "notes": "x" * 500, "status": "completed", "picked_quantity": "2"},
    ],
)
def test_what_is_given_is_changed_and_the_rest_stays(hub: Hub, fields: dict[str, Any]) -> None:
    order = here()

    reply = edited(hub, **fields)

    before = PIZZA.model_dump(mode="json")
    shown = {name: value for name, value in reply.json.items() if name not in ("history", "edited")}
    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert shown == {name: value for name, value in {**before, **fields}.items() if name != "edited"}
    after = hub.order("ord_1")
    assert after.items[1:] == order.items[1:]
    assert (after.status, after.sync, after.amounts) == (order.status, order.sync, order.amounts)


def test_a_line_goes_back_to_pending(hub: Hub) -> None:
    here()

    assert edited(hub, f"{LINES}/itm_2", status="pending").json["status"] == "pending"


@pytest.mark.parametrize("field", ["quantity", "price", "unit_price", "total", "tax", "modifiers"])
def test_what_is_ordered_and_its_price_are_changed_in_the_cart(hub: Hub, field: str) -> None:
    here()

    reply = hub.api("PATCH", LINE, {field: 1, "notes": "x"})

    assert reply.error == (422, "INVALID_FIELD_VALUE")
    assert "/cart" in reply.json["message"]
    assert reply.json["details"] == {"fields": [field], "use": "/cart"}
    assert hub.order("ord_1").version == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": None},
        {"name": "x" * 201},
        {"notes": "x" * 501},
        {"notes": "\ud800"},
        {"status": "burnt"},
        {"status": None},
        {"picked_quantity": -1},
        {"picked_quantity": "many"},
        {"picked_quantity": "NaN"},
        {"picked_quantity": "1e-999999"},
        {"picked_quantity": "0.0001"},
        {"picked_quantity": 1_000_000},
        {"id": "itm_7"},
        {"edited": []},
        {"updated_by": "somebody else"},
    ],
)
def test_what_does_not_fit_is_refused(hub: Hub, fields: dict[str, Any]) -> None:
    here()

    assert edited(hub, **fields).error == (422, "VALIDATION_ERROR")
    assert hub.order("ord_1").version == 1


@pytest.mark.parametrize("body", ["[]", "7", '"x"', "null", "{"])
def test_a_body_that_is_no_object_is_refused(hub: Hub, body: str) -> None:
    here()

    assert hub.api("PATCH", LINE, body).error == (422, "VALIDATION_ERROR")


def test_no_change_at_all_is_refused(hub: Hub) -> None:
    here()

    assert edited(hub).error == (422, "INVALID_FIELD_VALUE")


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_lines_of_an_order_that_is_over_stay(hub: Hub, status: Status) -> None:
    here(status=status)

    assert edited(hub, notes="x").error == (409, "ORDER_NOT_MODIFIABLE")


def test_a_change_of_a_version_that_is_no_more_is_refused(hub: Hub) -> None:
    here()
    edited(hub, notes="one")

    assert hub.api("PATCH", LINE, {"notes": "two"}, if_match='"1"').error == (412, "VERSION_CONFLICT")
    assert hub.api("PATCH", LINE, {"notes": "two"}, if_match='"2"').json["notes"] == "two"


def test_a_repeat_with_the_same_key_counts_once(hub: Hub) -> None:
    here()
    path = f"{LINES}/itm_2"
    first = hub.api("PATCH", LINE, {"notes": "one"}, idempotency_key="k-1")
    hub.api("PATCH", LINE, {"notes": "two"})

    again = hub.api("PATCH", LINE, {"notes": "one"}, idempotency_key="k-1")

    assert (first.json["notes"], again.status, again.json["notes"]) == ("one", 200, "two")
    for line, fields in ((LINE, {"notes": "three"}), (path, {"notes": "one"})):
        other = hub.api("PATCH", line, fields, idempotency_key="k-1")
        assert other.error == (409, "IDEMPOTENCY_KEY_REUSED")
    assert hub.order("ord_1").version == 3


def test_the_order_and_its_event_are_written_together_and_nobody_is_told(hub: Hub) -> None:
    here()
    edited(hub, status="ready")

    event = hub.timeline("ord_1")[-1]

    assert (event.type, event.effect, event.version, event.cause.actor) == ("item.changed", "applied", 2, Actor.STAFF)
    assert hub.order("ord_1").version == 2
    assert list(actions_for(event)) == []


def test_what_it_says_already_is_noted_and_changes_nothing(hub: Hub) -> None:
    here()

    reply = edited(hub, notes="no olives")

    assert (reply.status, reply.headers["etag"]) == (200, '"1"')
    assert hub.told("ord_1")[-1] == ("item.changed", "unchanged")


def test_what_staff_wrote_survives_the_platform_sending_the_order_again(hub: Hub, shopify: str) -> None:
    sent = PLATFORMS["shopify"].order(1, placed_at=NOW)
    order_id = hub.receive(shopify, order=sent)
    ours, theirs = hub.order(order_id).items[:2]
    wrote = {"name": "Ours", "notes": None, "status": "preparing", "picked_quantity": "1"}
    assert hub.api("PATCH", f"/v1/orders/{order_id}/items/{ours.id}", wrote).status == 200

    lines = [{**line, "title": "Theirs", "name": "Theirs"} for line in sent["line_items"]]
    hub.tell(shopify, "orders/updated", sent, "delivery-2", at=NOW + timedelta(minutes=1), line_items=lines)

    assert hub.told(order_id)[-2:] == [("item.changed", "applied"), ("order.updated", "applied")]
    after = hub.order(order_id)
    kept = after.items[0].model_dump(mode="json")
    assert {name: kept[name] for name in wrote} == wrote
    assert after.items[1].name != theirs.name
    assert after.items[1].name.startswith("Theirs")


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_viewer_reads_and_does_not_write(hub: Hub) -> None:
    here()

    assert hub.api("GET", LINES, caller=who(Role.VIEWER)).status == 200
    assert hub.api("GET", LINE, caller=who(Role.VIEWER)).status == 200
    assert edited(hub, by=Role.VIEWER, notes="x").error == (403, "PERMISSION_DENIED")
    for role in (Role.STORE_EMPLOYEE, Role.STORE_MANAGER, Role.ADMIN):
        assert edited(hub, by=role, notes=f"by {role}").status == 200


@pytest.mark.parametrize(("method", "path"), [("GET", LINES), ("GET", LINE), ("PATCH", LINE)])
def test_lines_of_another_store_are_not_there(hub: Hub, method: str, path: str) -> None:
    here()
    hub.add_store(OTHER)
    body = {"notes": "x"} if method == "PATCH" else None

    there = hub.api(method, path, body, caller=who(Role.ADMIN, OTHER))
    nowhere = hub.api(method, path.replace("ord_1", "ord_9"), body, caller=who(Role.ADMIN, OTHER))

    assert there.error == nowhere.error == (404, "ORDER_NOT_FOUND")
    assert hub.order("ord_1").version == 1


# --- what was received ------------------------------------------------------------------------------------------------


def received(hub: Hub, caller: Caller | None = None) -> Reply:
    return hub.api("GET", "/v1/orders/ord_1", query={"source": "true"}, caller=caller or who(Role.ADMIN, EVERY_STORE))


def sent(key: str, body: bytes, minutes: int = 1) -> None:
    raw = Raw(body, {"content-type": "application/json"})
    timelines.add_event(an_event(key=key, at=NOW + timedelta(minutes=minutes), raw=raw, version=1))


def test_admins_see_what_the_platform_sent_last(hub: Hub) -> None:
    here()
    sent("first", b'{"n": 1}', 1)
    sent("second", '{"n": "zwölf"}'.encode(), 2)
    timelines.add_event(an_event(key="staff", at=NOW + timedelta(minutes=3), cause=Cause(Actor.STAFF, "Robin")))

    reply = received(hub)

    assert (reply.status, reply.headers["etag"]) == (200, '"1"')
    shown = reply.json
    assert shown["received"] == {
        "event": "second",
        "type": "order.updated",
        "at": "2026-10-05T15:02:00Z",
        "headers": {"content-type": "application/json"},
        "size": 15,
        "encoding": "utf-8",
        "body": '{"n": "zwölf"}',
    }
    without = {name: value for name, value in shown.items() if name != "received"}
    assert without == hub.api("GET", "/v1/orders/ord_1").json


def test_what_is_no_text_is_shown_in_base64(hub: Hub) -> None:
    here()
    sent("k", b"\xff\xfe")

    told = received(hub).json["received"]

    assert (told["encoding"], told["body"], told["size"]) == ("base64", "//4=", 2)


def test_what_was_large_is_found_and_shown_in_part(hub: Hub) -> None:
    here()
    sent("k", b"x" * (INLINE_LIMIT + 1_000_000))

    told = received(hub).json["received"]

    assert (told["size"], told["body"]) == (INLINE_LIMIT + 1_000_000, "x" * 1_000_000)


def test_of_an_order_that_nobody_sent_nothing_was_received(hub: Hub) -> None:
    here()

    assert received(hub).json["received"] is None


def test_it_is_shown_though_the_caller_knows_the_version(hub: Hub) -> None:
    here()

    reply = hub.api("GET", "/v1/orders/ord_1", query={"source": "true"}, if_none_match='"1"')

    assert reply.status == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STORE_EMPLOYEE, Role.STORE_MANAGER])
def test_only_admins_see_it(hub: Hub, role: Role) -> None:
    here()

    assert received(hub, who(role)).error == (403, "PERMISSION_DENIED")


def test_nobody_sees_another_store_s(hub: Hub) -> None:
    here()
    hub.add_store(OTHER)

    assert received(hub, who(Role.ADMIN, OTHER)).error == (404, "ORDER_NOT_FOUND")
    assert received(hub, who(Role.ADMIN)).status == 200
