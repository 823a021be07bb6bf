"""GloriaFood: the conformance suite, who sent it, and documents of several orders."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from orderhub.errors import NotAuthentic
from orderhub.order.messages import Ignored, OrderSnapshot, Unreadable
from orderhub.platforms.base import Operation, StoreRef
from orderhub.platforms.gloriafood import PLATFORM
from orderhub.platforms.http_types import Answer, Request
from tests.platforms.conformance import NOW, Conformance, connection_for, load_sample, request_for

OK = Answer(200, '{"status":"ok"}', {"content-type": "application/json"})


class TestGloriafood(Conformance):
    slug = "gloriafood"
    signs_body = False

    @staticmethod
    def credentials(*secrets: str) -> dict[str, object]:
        return {"master_keys": list(secrets), "restaurant_keys": ["key-north", "key-south"], "menu_key": "menu-key"}


# The example of the documentation, as Python sees it.
# https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md#push-cloud-system
MASTER_KEY = "e6fIguVkyG5xtT3BYGMI4rfm9iVt24YJ"
CONNECTION = connection_for("gloriafood", {"master_keys": [MASTER_KEY]})


def request(body: object, **headers: str) -> Request:
    return Request("POST", "/webhooks/gloriafood/con_test", headers, {}, json.dumps(body).encode(), NOW)


def order(**fields: object) -> dict[str, object]:
    """The least that is an order, and these fields."""
    return {"id": 1, "status": "accepted", "type": "pickup", **fields}


def messages_in(*orders: object, connection: Any = CONNECTION) -> list[Any]:
    return list(PLATFORM.read(request({"count": len(orders), "orders": list(orders)}), connection).messages)


# --- who sent it ------------------------------------------------------------------------------------------------------


def test_the_documented_master_key_is_accepted_bare_and_made_so() -> None:
    PLATFORM.authenticate(request({}, authorization=MASTER_KEY), CONNECTION)

    assert PLATFORM.sign(request({}), CONNECTION).headers == {"authorization": MASTER_KEY}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": f"Bearer {MASTER_KEY}"},
        {"authorization": MASTER_KEY.lower()},
        {"authorization": MASTER_KEY.swapcase()},
        {"authorization": MASTER_KEY[:-1]},
        {"authorization": f"{MASTER_KEY} "},
        {"x-master-key": MASTER_KEY},
    ],
)
def test_anything_but_the_bare_key_in_its_header_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(request({}, **headers), CONNECTION)


def test_a_polled_connection_takes_no_pushes() -> None:
    polled = connection_for("gloriafood", {"restaurant_keys": ["8yCPCvb3dDo1k"]}, {"mode": "poll"})

    for authorization in ("8yCPCvb3dDo1k", ""):
        with pytest.raises(NotAuthentic):
            PLATFORM.authenticate(request({}, authorization=authorization), polled)


def test_a_look_whether_the_url_is_there_is_answered_and_nothing_else_is() -> None:
    post = request({"count": 0, "orders": []})

    assert (PLATFORM.greet(replace(post, method="GET")), PLATFORM.greet(post)) == (OK, None)


def test_nothing_is_sent_twice_so_what_is_put_aside_is_answered_as_everything_else() -> None:
    assert PLATFORM.quarantine_answer(request({})) == OK
    assert (PLATFORM.sends_again, PLATFORM.pops) == (False, True)


def test_the_key_that_polls_a_restaurant_is_named_as_a_secret() -> None:
    body = json.loads(load_sample("gloriafood", "accepted__delivery_net").body)

    assert set(PLATFORM.secret_fields) == {name for name in body["orders"][0] if name.endswith("_key")}


def test_a_trial_needs_no_more_than_a_master_key() -> None:
    assert PLATFORM.credentials_for("key").master_keys == (SecretStr("key"),)


# --- documents --------------------------------------------------------------------------------------------------------


def test_each_order_of_a_document_is_a_message_and_none_spoils_the_others() -> None:
    sample = load_sample("gloriafood", "several__one_unreadable")

    reading = PLATFORM.read(request_for(sample, CONNECTION), CONNECTION)

    first, bad, table, last = reading.messages
    assert isinstance(first, OrderSnapshot)
    assert isinstance(last, OrderSnapshot)
    assert [one.order.external_id for one in (first, last)] == ["710021", "710024"]
    assert isinstance(bad, Unreadable)
    assert bad.reason == "api_version 1: only version 2 can be read"
    assert isinstance(table, Ignored)
    assert table.reason == "order 710023: a table reservation: there is nothing to be made"
    assert reading.answer == OK


def test_each_message_keeps_its_own_part_of_the_document() -> None:
    sample = load_sample("gloriafood", "several__one_unreadable")

    messages = PLATFORM.read(request_for(sample, CONNECTION), CONNECTION).messages

    parts = [json.loads(message.raw or b"") for message in messages]
    assert parts == json.loads(sample.body)["orders"]


def test_amounts_in_the_kept_part_are_the_numbers_that_came() -> None:
    (message,) = messages_in(order(total_price=75.66, tax_value=6.1923))

    assert b'"total_price":75.66,"tax_value":6.1923' in message.raw


@pytest.mark.parametrize("name", ["accepted__delivery_net", "several__one_unreadable"])
def test_a_part_that_was_put_aside_can_be_read_by_itself(name: str) -> None:
    for message in PLATFORM.read(request_for(load_sample("gloriafood", name), CONNECTION), CONNECTION).messages:
        alone = replace(request({}), body=message.raw or b"")

        assert PLATFORM.read(alone, CONNECTION).messages == [message]


@pytest.mark.parametrize("body", [{"count": 0, "orders": []}, {"count": 0}, {"count": 0, "orders": None}])
def test_a_document_without_orders_says_nothing(body: object) -> None:
    (message,) = PLATFORM.read(request(body), CONNECTION).messages

    assert isinstance(message, Ignored)


def test_what_is_no_order_is_put_aside_alone() -> None:
    good, *bad = messages_in(order(), None, "text", [], {"status": "accepted"})

    assert isinstance(good, OrderSnapshot)
    assert [type(message) for message in bad] == [Unreadable] * 4


@pytest.mark.parametrize("field", ["id", "pos_system_id", "status", "ready", "updated_at"])
def test_a_repeat_is_told_from_a_change_by_what_the_documentation_names(field: str) -> None:
    told: Mapping[str, object] = {"pos_system_id": 28, "ready": False, "updated_at": "2026-10-05T14:42:11.000Z"}
    other = {"id": 2, "pos_system_id": 29, "status": "canceled", "ready": True, "updated_at": "2026-10-05T15:00:00Z"}

    first, again, elsewhere, changed = (
        message.delivery_key
        for message in messages_in(
            order(**told),
            order(**told),
            order(**told, restaurant_key="***", client_order_count=3),
            order(**{**told, field: other[field]}),
        )
    )

    assert first == again == elsewhere != changed


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"updated_at": "2026-10-05T14:42:11.000Z"}, "2026-10-05T14:42:11.000000Z"),
        ({"accepted_at": "2026-10-05T14:42:11.000Z"}, "2026-10-05T14:42:11.000000Z"),
        (
            {"accepted_at": "2026-10-05T14:42:11.000Z", "updated_at": "2026-10-05T14:50:00.000Z"},
            "2026-10-05T14:50:00.000000Z",
        ),
        ({}, None),
    ],
)
def test_the_version_of_an_order_is_when_it_was_changed(fields: dict[str, object], version: str | None) -> None:
    (message,) = messages_in(order(**fields))

    assert message.source_version == version


def test_what_is_put_aside_keeps_its_version_so_that_it_can_come_late() -> None:
    (message,) = messages_in(order(status="missed", updated_at="2026-10-05T14:42:11.000Z"))

    assert isinstance(message, Unreadable)
    assert message.source_version == "2026-10-05T14:42:11.000000Z"


def test_fields_that_are_documented_and_not_read_are_not_called_unknown() -> None:
    sample = load_sample("gloriafood", "accepted__delivery_net")

    assert PLATFORM.read(request_for(sample, CONNECTION), CONNECTION).unknown_fields == []


def test_new_fields_are_named_once_each_however_many_orders_have_them() -> None:
    reading = PLATFORM.read(request({"orders": [order(brand_new=1), order(id=2, brand_new=1)]}), CONNECTION)

    assert reading.unknown_fields == ["brand_new"]


# --- whose order it is ------------------------------------------------------------------------------------------------

EAST, WEST = StoreRef("sto_east", "America/New_York", "USD"), StoreRef("sto_west", "America/Denver", "USD")


@pytest.mark.parametrize(
    ("fields", "store"),
    [
        ({"restaurant_id": 195}, "sto_east"),
        ({"restaurant_id": 195, "restaurant_token": "WEST"}, "sto_east"),
        ({"restaurant_id": 9, "restaurant_token": "WEST"}, "sto_west"),
        ({"restaurant_id": 9, "restaurant_token": "sto_east"}, "sto_east"),
        ({"restaurant_token": "sto_main"}, "sto_main"),
    ],
)
def test_a_restaurant_is_known_by_its_id_or_by_the_token_it_has_set(fields: dict[str, object], store: str) -> None:
    connection = connection_for("gloriafood", {"master_keys": ["k"]}, stores={"195": EAST, "WEST": WEST})

    (message,) = messages_in(order(**fields), connection=connection)

    assert message.order.store_id == store


def test_an_order_of_a_restaurant_that_is_not_on_the_map_is_put_aside() -> None:
    connection = connection_for("gloriafood", {"master_keys": ["k"]}, stores={"195": EAST})

    known, unknown = messages_in(
        order(restaurant_id=195), order(restaurant_id=196, restaurant_token="NORTH"), connection=connection
    )

    assert known.order.store_id == "sto_east"
    assert isinstance(unknown, Unreadable)
    assert unknown.reason == "restaurant '196' (token 'NORTH') is none of this connection's stores"


@pytest.mark.parametrize(("stores", "settings"), [({}, {}), ({"195": EAST}, {"known_restaurants_only": False})])
def test_without_a_map_or_by_choice_it_goes_to_the_default_store(
    stores: dict[str, StoreRef], settings: dict[str, object]
) -> None:
    connection = connection_for("gloriafood", {"master_keys": ["k"]}, settings, stores=stores)

    (message,) = messages_in(order(restaurant_id=196), connection=connection)

    assert (message.order.store_id, message.order.store_external_id) == ("sto_main", "196")


# --- what it can do ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "interval"), [("push", None), ("poll", timedelta(minutes=1))])
def test_only_a_connection_that_is_not_pushed_to_is_polled(mode: str, interval: timedelta | None) -> None:
    assert PLATFORM.poll_interval(PLATFORM.Settings.model_validate({"mode": mode})) == interval


def test_staff_are_told_for_each_action_where_to_do_it() -> None:
    (message,) = messages_in(order())
    actions = (Operation.ACCEPT, Operation.DENY, Operation.CANCEL, Operation.READY, Operation.SET_READY_TIME)

    told = {action: PLATFORM.why_not(action, message.order) or "" for action in actions}

    assert [action for action, why in told.items() if "act in GloriaFood's order-taking app too" not in why] == []
    assert set(PLATFORM.why) == set(Operation) - PLATFORM.capabilities
