"""/v1/customers over the API: who may, what is asked, what is answered; and the same from the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from orderhub.actions.index_customers import forget_written
from orderhub.order.models import Customer, Order
from orderhub.order.status import Status
from orderhub.service import customers as service
from orderhub.service.access import Caller, Role
from tests.functional import cloud
from tests.functional.cloud import Cloud
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub, Reply, function, stream_record
from tests.functional.made import stored
from tests.unit.command import Command

OTHER = "sto_other"
PHONE = "+1 202 555 0123"
SAM = Customer(name="Sam Sample", phone=PHONE, email="sam@example.com")
CLERK = Caller("key_clerk", "a clerk", Role.STORE_EMPLOYEE, frozenset({STORE}))
MANAGER = Caller("key_manager", "a manager", Role.STORE_MANAGER, frozenset({STORE}))
STRANGER = Caller("key_stranger", "a stranger", Role.ADMIN, frozenset({OTHER}))
NOBODY = Caller("key_none", "of no store", Role.ADMIN, frozenset())


@pytest.fixture(autouse=True)
def memory(hub: Hub) -> Iterator[None]:
    """A process that has indexed nothing yet, and two stores."""
    hub.add_store(OTHER)
    forget_written()
    yield
    forget_written()


def of_sam(order_id: str = "ord_1", **told: Any) -> Order:
    """An order of Sam's, in the index."""
    order = stored(order_id, **{"store_id": STORE, "placed_at": NOW, "customer": SAM, **told})
    images = [image for (pk, sk), image in cloud.images().items() if sk == "ORDER" and pk == f"O#{order_id}"]
    function("streams.books")({"Records": [stream_record(image) for image in images]}, None)
    return order


def ask(hub: Hub, what: str, body: Any, **more: Any) -> Reply:
    return hub.api("POST", f"/v1/customers/{what}", body, **more)


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply
    return [order["id"] for order in reply.json["orders"]]


# --- search -----------------------------------------------------------------------------------------------------------


def test_a_person_s_orders_are_listed_newest_first(hub: Hub) -> None:
    of_sam("ord_1", placed_at=NOW - timedelta(days=2))
    of_sam("ord_2", placed_at=NOW - timedelta(days=1))

    reply = ask(hub, "search", {"phone": "1-202-555-0123", "store_id": STORE}, caller=CLERK)

    assert (ids(reply), reply.json["next_cursor"]) == ([], None)  # the store does not say of which country it is
    assert ids(ask(hub, "search", {"phone": PHONE}, caller=CLERK)) == ["ord_2", "ord_1"]
    assert ids(ask(hub, "search", {"email": "SAM@example.com"}, caller=CLERK)) == ["ord_2", "ord_1"]


def test_a_search_answers_orders_as_every_list_does(hub: Hub) -> None:
    of_sam()

    (order,) = ask(hub, "search", {"phone": PHONE}, caller=CLERK).json["orders"]

    assert order == hub.api("GET", "/v1/orders").json["orders"][0]


def test_pages_go_on_where_they_ended(hub: Hub) -> None:
    for number in range(3):
        of_sam(f"ord_{number}", placed_at=NOW - timedelta(hours=number))
    first = ask(hub, "search", {"phone": PHONE}, query={"limit": 2})
    cursor = first.json["next_cursor"]

    rest = ask(hub, "search", {"phone": PHONE}, query={"limit": 2, "cursor": cursor})

    assert (ids(first), ids(rest), rest.json["next_cursor"]) == (["ord_0", "ord_1"], ["ord_2"], None)


@pytest.mark.parametrize("cursor", ["x", "!!", "WyJhIiwiYiJd", "WzFd", "bnVsbA", "WyIiXQ", "W1tb" * 1000])
def test_a_cursor_that_is_not_ours_is_refused(hub: Hub, cursor: str) -> None:
    reply = ask(hub, "search", {"phone": PHONE}, query={"cursor": cursor})

    assert reply.error == (400, "INVALID_CURSOR")


@pytest.mark.parametrize("what", ["search", "export"])
def test_nobody_sees_another_store_s_orders(hub: Hub, what: str) -> None:
    of_sam()

    assert ids(ask(hub, what, {"phone": PHONE}, caller=STRANGER)) == []
    assert ids(ask(hub, what, {"phone": PHONE}, caller=NOBODY)) == []
    assert ask(hub, what, {"phone": PHONE, "store_id": STORE}, caller=STRANGER).error == (404, "INVALID_STORE")
    assert ask(hub, what, {"order_id": "ord_1"}, caller=STRANGER).error == (404, "ORDER_NOT_FOUND")
    assert ask(hub, what, {"order_id": "ord_1", "store_id": OTHER}).error == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("what", ["search", "export", "erase"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "INVALID_FIELD_VALUE"),
        ({"phone": PHONE, "email": "sam@example.com"}, "INVALID_FIELD_VALUE"),
        ({"phone": "call me"}, "INVALID_FIELD_VALUE"),
        ({"phone": "+1 312 555 0100 x 7"}, "INVALID_FIELD_VALUE"),
        ({"email": "sam"}, "INVALID_FIELD_VALUE"),
        ({"phone": ""}, "VALIDATION_ERROR"),
        ({"phone": "1" * 51}, "VALIDATION_ERROR"),
        ({"name": "Sam"}, "VALIDATION_ERROR"),
    ],
)
def test_what_names_nobody_is_refused(hub: Hub, what: str, body: dict[str, Any], code: str) -> None:
    assert ask(hub, what, body).error == (422, code)


@pytest.mark.parametrize(
    ("what", "least"), [("search", Role.STORE_EMPLOYEE), ("export", Role.STORE_MANAGER), ("erase", Role.ADMIN)]
)
def test_each_needs_its_role(hub: Hub, what: str, least: Role) -> None:
    for role in Role:
        caller = Caller("key", "somebody", role, frozenset({STORE}))
        reply = ask(hub, what, {"phone": PHONE} | ({"confirm": True} if what == "erase" else {}), caller=caller)
        assert (reply.status == 200) == role.covers(least), reply


def test_nothing_personal_is_logged_or_audited(hub: Hub, logged: Any) -> None:
    of_sam(status=Status.COMPLETED)
    for what, body in (("search", {}), ("export", {}), ("erase", {"confirm": True})):
        assert ask(hub, what, {"phone": PHONE, **body}).status == 200

    audit = hub.api("GET", "/v1/audit")

    assert [change["path"].rpartition("/")[2] for change in audit.json["changes"]].count("erase") == 1
    assert "202 555" not in audit.body + logged()
    assert "Sam Sample" not in audit.body + logged()


# --- export -----------------------------------------------------------------------------------------------------------


def test_an_export_holds_orders_timelines_and_issues(hub: Hub) -> None:
    of_sam()
    hub.api("POST", "/v1/orders/ord_1/issues", {"type": "other", "description": "cold"})

    reply = ask(hub, "export", {"phone": PHONE}, caller=MANAGER)

    (record,) = reply.json["orders"]
    assert (reply.json["exported_at"], reply.json["next_cursor"]) == ("2026-10-05T15:00:00Z", None)
    assert record["order"]["customer"]["name"] == "Sam Sample"
    assert sorted(event["type"] for event in record["timeline"]) == ["issue.opened", "order.updated"]
    assert [issue["description"] for issue in record["issues"]] == ["cold"]


def test_an_export_that_is_too_large_comes_in_parts(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_LARGEST_EXPORT", 5_000)
    for number in range(3):
        of_sam(f"ord_{number}", notes="x" * 3000, placed_at=NOW - timedelta(hours=number))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        reply = ask(hub, "export", {"phone": PHONE}, query=cursor)
        assert len(reply.json["orders"]) == 1
        seen += [record["order"]["id"] for record in reply.json["orders"]]
        if reply.json["next_cursor"] is None or len(seen) == 3:
            break
        cursor = {"cursor": reply.json["next_cursor"]}

    assert seen == ["ord_0", "ord_1", "ord_2"]


# --- erase ------------------------------------------------------------------------------------------------------------


def test_without_confirmation_it_says_what_it_would_do(hub: Hub) -> None:
    of_sam("ord_1", status=Status.COMPLETED)
    of_sam("ord_2")

    reply = ask(hub, "erase", {"phone": PHONE})

    assert reply.error == (409, "CONFIRMATION_REQUIRED")
    assert reply.json["details"] == {"orders": 1, "open_orders": ["ord_2"]}
    assert hub.order("ord_1").customer == SAM


def test_erasing_answers_what_was_erased_and_what_is_left(hub: Hub) -> None:
    of_sam("ord_1", status=Status.COMPLETED)
    of_sam("ord_2")

    reply = ask(hub, "erase", {"phone": PHONE, "confirm": True})

    assert reply.json == {
        "orders": 1,
        "events": 0,
        "bodies": 0,
        "issues": 0,
        "attachments": 0,
        "quarantined": 0,
        "open_orders": ["ord_2"],
        "complete": True,
    }
    (shown,) = ask(hub, "search", {"order_id": "ord_1"}).json["orders"]
    assert (shown["customer"], shown["erased_at"]) == (None, "2026-10-05T15:00:00Z")
    assert hub.timeline("ord_1")[-1].cause.name == "the tests (key_admin)"
    assert ids(ask(hub, "search", {"phone": PHONE})) == ["ord_2"]


def test_a_repeat_under_its_key_is_answered_as_the_first(hub: Hub, clock: Clock) -> None:
    of_sam(status=Status.COMPLETED)
    body = {"phone": PHONE, "confirm": True}

    first = ask(hub, "erase", body, idempotency_key="k-1")
    again = ask(hub, "erase", body, idempotency_key="k-1")
    other = ask(hub, "erase", {**body, "phone": "+1 202 555 0199"}, idempotency_key="k-1")
    clock.wait(days=1)
    later = ask(hub, "erase", body, idempotency_key="k-1")

    assert first.json["orders"] == again.json["orders"] == 1
    assert other.error == (409, "IDEMPOTENCY_KEY_REUSED")
    assert later.json["orders"] == 0


def test_nobody_erases_another_store_s_customers(hub: Hub) -> None:
    of_sam(status=Status.COMPLETED)
    body = {"phone": PHONE, "confirm": True}

    assert ask(hub, "erase", body, caller=STRANGER).json["orders"] == 0
    assert ask(hub, "erase", {"order_id": "ord_1", "confirm": True}, caller=STRANGER).error == (404, "ORDER_NOT_FOUND")
    assert hub.order("ord_1").customer == SAM


def test_only_the_orders_of_one_store_are_erased_when_it_is_named(hub: Hub) -> None:
    of_sam("ord_1", status=Status.COMPLETED)
    of_sam("ord_2", status=Status.COMPLETED, store_id=OTHER)

    assert ask(hub, "erase", {"phone": PHONE, "store_id": STORE, "confirm": True}).json["orders"] == 1
    assert hub.order("ord_2").customer == SAM


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def orderhub(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    cloud.deploy("orderhub-dev")
    with patch.dict(os.environ, {"ORDERHUB_STACK": "orderhub-dev"}):
        yield Command(capsys)


def test_export_writes_one_document(orderhub: Command, hub: Hub, tmp_path: Path) -> None:
    of_sam()

    shown = orderhub("export", "--phone", PHONE).json
    result = orderhub("export", "--email", "sam@example.com", "--store", STORE, "--out", tmp_path / "sam.json")

    assert [record["order"]["customer"]["name"] for record in shown["orders"]] == ["Sam Sample"]
    assert result.code == 0
    assert json.loads((tmp_path / "sam.json").read_text(encoding="utf-8"))["orders"] == shown["orders"]


def test_export_to_where_nothing_can_be_written_ends_with_2(orderhub: Command, hub: Hub, tmp_path: Path) -> None:
    result = orderhub("export", "--phone", PHONE, "--out", tmp_path / "none" / "sam.json")

    assert (result.code, "No such file" in result.err) == (2, True)


def test_erase_shows_asks_and_does(orderhub: Command, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    of_sam(status=Status.COMPLETED)
    answers = iter([False, True])
    monkeypatch.setattr("orderhub.cli.people.typer.confirm", lambda *_, **__: next(answers))

    refused = orderhub("erase", "--phone", PHONE)
    kept = hub.order("ord_1").customer
    done = orderhub("erase", "--phone", PHONE)

    assert (refused.code, kept, done.code) == (1, SAM, 0)
    assert "To be erased" in refused.out
    assert "orders: 1" in done.out
    assert hub.order("ord_1").customer is None


def test_erase_leaves_open_orders_and_says_so(orderhub: Command, hub: Hub) -> None:
    of_sam("ord_1", status=Status.COMPLETED)
    of_sam("ord_2")

    result = orderhub("erase", "--phone", PHONE, "--yes", "--json")

    assert (result.code, result.json["orders"], result.json["open_orders"]) == (1, 1, ["ord_2"])
    assert "ord_2 is still needed" in result.err


def test_many_orders_are_erased_in_one_go(orderhub: Command, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ERASED", 2)
    for number in range(5):
        of_sam(f"ord_{number}", status=Status.CANCELLED)

    assert orderhub("erase", "--phone", PHONE, "--yes", "--json").json["orders"] == 5


@pytest.mark.parametrize("arguments", [(), ("--phone", PHONE, "--email", "sam@example.com")])
@pytest.mark.parametrize("command", ["erase", "export"])
def test_whose_has_to_be_said(orderhub: Command, command: str, arguments: tuple[str, ...]) -> None:
    assert orderhub(command, *arguments).code == 2


def test_a_person_whom_nobody_knows_ends_with_2(orderhub: Command, hub: Hub) -> None:
    assert orderhub("erase", "--phone", PHONE, "--yes").err == "NOT_FOUND: nobody is known by that\n"
