"""OpenTable's calls to us: what they ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.messages import TableRequest, TableRules, TableStep
from orderhub.order.models import Amounts, Customer, Fulfillment, Order, Reservation
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef
from orderhub.platforms.http_types import Request
from orderhub.platforms.opentable import PLATFORM
from tests.platforms.conformance import MAIN_STORE, NOW, connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection

SECRET = "the-secret-of-today"
STORES = {"888": MAIN_STORE, "999": StoreRef("sto_west", "America/Los_Angeles", "USD")}
RULES = TableRules(seats=40, largest=40, turn=timedelta(hours=2), hold=timedelta(minutes=3))
LOCK: dict[str, Any] = {"rid": 888, "date": "2026-10-09T18:15", "party_size": 2}
MAKE: dict[str, Any] = {"rid": 888, "date_time": "2026-10-09T18:15", "party_size": 2}
CANCEL: dict[str, Any] = {"rid": 888, "confirmation_number": 556}


def connect(**settings: Any) -> AnyConnection:
    chosen = {"mode": "push", "seats": 40, **settings}
    return connection_for("opentable", {"webhook_secrets": [SECRET]}, chosen, stores=STORES)


def call(name: str, body: Mapping[str, Any] | None, *, method: str = "POST", **headers: str) -> Request:
    """A call as `read` gets it: proved, with the secret in its path blanked."""
    path = f"/webhooks/opentable/con_test/***/{name}" if name else "/webhooks/opentable/con_test"
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    return Request(method, path, given, {}, b"" if body is None else json.dumps(body).encode(), NOW)


def asked(request: Request, connection: AnyConnection | None = None) -> TableRequest:
    (message,) = PLATFORM.read(request, connection or connect()).messages
    assert isinstance(message, TableRequest)
    return message


def sample(name: str) -> TableRequest:
    connection = connect()
    return asked(request_for(load_sample("opentable", name), connection), connection)


# --- what is asked for -----------------------------------------------------------------------------------------------


def test_a_lock_asks_to_hold_a_table() -> None:
    message = sample("lock__two_guests")

    assert message == TableRequest(
        delivery_key=message.delivery_key,
        step=TableStep.HOLD,
        store_external_id="888",
        rules=RULES,
        remember=timedelta(days=7),
        at=datetime(2026, 10, 9, 22, 15, tzinfo=UTC),
        party_size=2,
    )


def test_a_make_asks_for_a_whole_reservation() -> None:
    message = sample("make__with_lock")

    assert message == TableRequest(
        delivery_key=message.delivery_key,
        step=TableStep.MAKE,
        store_external_id="888",
        rules=RULES,
        remember=timedelta(days=7),
        at=datetime(2026, 10, 9, 22, 15, tzinfo=UTC),
        party_size=2,
        hold=965665361,
        order=Order(
            id=connect().order_id(""),
            platform="opentable",
            connection_id="con_test",
            channel="opentable",
            external_id="",
            store_id="sto_main",
            store_external_id="888",
            status=Status.INCOMING,
            fulfillment=Fulfillment.DINE_IN,
            placed_at=NOW,
            scheduled_for=datetime(2026, 10, 9, 22, 15, tzinfo=UTC),
            customer=Customer(
                name="Robin Ashdown", phone="+13125550101", email="robin@example.com", external_id="130050001"
            ),
            amounts=Amounts(currency="USD"),
            notes="A quiet table, please\nOffer: welcome drink",
            reservation=Reservation(party_size=2),
            source={
                "mode": "push",
                "lock_id": "965665361",
                "phone": "312.555.0101",
                "phone_type": "Mobile",
                "phone_country_code": "1",
            },
        ),
    )


def test_a_newer_make_has_mail_for_the_reservation_and_says_whether_it_is_for_more() -> None:
    message = sample("make__opted_in")

    assert message.order is not None
    assert message.order.customer == Customer(
        name="Noor Hadley", phone="+441632960104", email="noor@example.com", external_id="130050002"
    )
    assert message.order.source == {
        "mode": "push",
        "lock_id": "965665362",
        "phone": "+44 1632 960104",
        "phone_type": "Home",
        "phone_country_code": "44",
        "marketing_opt_in": "yes",
    }
    assert message.hold == 965665362


def test_an_update_asks_for_another_time_and_party() -> None:
    message = sample("update__more_guests_later")

    assert (message.step, message.number, message.hold) == (TableStep.CHANGE, 556, None)
    assert (message.at, message.party_size) == (datetime(2026, 10, 10, 0, 0, tzinfo=UTC), 4)
    assert message.order is not None
    assert (message.order.scheduled_for, message.order.reservation) == (message.at, Reservation(party_size=4))
    assert message.order.placed_at is None, "only a make is when it was placed"
    assert message.order.source["marketing_opt_in"] == "no"


def test_a_cancellation_names_our_number() -> None:
    message = sample("cancel__by_guest")

    assert message == TableRequest(
        delivery_key=message.delivery_key,
        step=TableStep.CANCEL,
        store_external_id="888",
        rules=RULES,
        remember=timedelta(days=7),
        number=556,
    )


def test_times_are_local_to_the_restaurant() -> None:
    message = sample("make__no_request_id")

    assert message.at == datetime(2026, 10, 11, 3, 0, tzinfo=UTC)
    assert message.order is not None
    assert message.order.store_id == "sto_west"


@pytest.mark.parametrize(
    ("guest", "phone"),
    [
        ({"number": "312.555.0101", "country_code": 1}, "+13125550101"),
        ({"number": "312.555.0101"}, "312.555.0101"),
        ({"number": "+1 312 555 0101", "country_code": 1}, "+13125550101"),
        ({"number": "ask at the desk", "country_code": 1}, "ask at the desk"),
        ({"country_code": 1}, None),
    ],
)
def test_a_telephone_number_has_its_country(guest: dict[str, Any], phone: str | None) -> None:
    order = asked(call("make", {**MAKE, "guest": {"gpid": 1, "phone": guest}})).order

    assert order is not None
    assert order.customer == Customer(external_id="1", phone=phone)


def test_a_guest_may_be_missing() -> None:
    order = asked(call("make", MAKE)).order

    assert order is not None
    assert (order.customer, order.notes, order.source) == (None, None, {"mode": "push"})


@pytest.mark.parametrize(
    ("body", "step"),
    [
        (LOCK, TableStep.HOLD),
        (MAKE, TableStep.MAKE),
        ({**MAKE, "confirmation_number": 556}, TableStep.CHANGE),
        (CANCEL, TableStep.CANCEL),
    ],
)
def test_without_a_path_the_body_tells_which_call_it_is(body: dict[str, Any], step: TableStep) -> None:
    assert asked(call("", body)).step is step


def test_the_path_counts_before_the_body() -> None:
    with pytest.raises(Quarantine):
        PLATFORM.read(call("update", CANCEL), connect())


@pytest.mark.parametrize("name", ["lock", "make", "update", "cancel"])
@pytest.mark.parametrize(
    "change",
    [
        {"rid": None},
        {"rid": 0},
        {"rid": 2**31},
        {"rid": True},
        {"party_size": 0, "confirmation_number": 0},
        {"party_size": -2, "confirmation_number": "x"},
        {"party_size": 2.5, "confirmation_number": 2.5},
        {"party_size": 10**6, "confirmation_number": 2**31},
        {"date": "soon", "date_time": "soon", "confirmation_number": None},
        {"date": "", "date_time": None, "confirmation_number": []},
    ],
)
def test_a_call_that_makes_no_sense_goes_to_quarantine(name: str, change: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"lock": LOCK, "make": MAKE, "update": {**MAKE, **CANCEL}, "cancel": CANCEL}[name]

    with pytest.raises(Quarantine):
        PLATFORM.read(call(name, {**whole, **change}), connect())


@pytest.mark.parametrize("name", ["lock", "make", "update", "cancel", ""])
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'"make"', b"\xff", b'{"rid":888', b'{"party_size":2}'])
def test_a_body_that_is_none_goes_to_quarantine(name: str, body: bytes) -> None:
    with pytest.raises(Quarantine):
        PLATFORM.read(replace(call(name, None), body=body), connect())


def test_numbers_may_come_as_text() -> None:
    message = asked(call("update", {**MAKE, "rid": "888", "party_size": "2", "confirmation_number": "556"}))

    assert (message.store_external_id, message.party_size, message.number) == ("888", 2, 556)


# --- how many guests a restaurant takes ------------------------------------------------------------------------------


def test_a_restaurant_can_differ_from_the_others() -> None:
    connection = connect(
        turn_minutes=90,
        hold_seconds=60,
        service=[["11:30", "14:30"], ["17:00", "22:00"]],
        restaurants={"999": {"seats": 12, "largest": 6, "service": []}},
    )
    both = (time(11, 30), time(14, 30)), (time(17), time(22))

    rules = {rid: asked(call("lock", {**LOCK, "rid": rid}), connection).rules for rid in (888, 999)}

    turn, hold = timedelta(minutes=90), timedelta(seconds=60)
    assert rules == {
        888: TableRules(seats=40, largest=40, turn=turn, hold=hold, service=both),
        999: TableRules(seats=12, largest=6, turn=turn, hold=hold),
    }


@pytest.mark.parametrize(
    ("rid", "settings"),
    [
        (777, {}),
        (888, {"mode": "sync"}),
        (888, {"restaurants": {"888": {"mode": "sync"}}}),
        (888, {"seats": 0}),
    ],
    ids=["not on the map", "in sync mode", "this one in sync mode", "seats unknown"],
)
def test_no_table_is_given_out_of_a_restaurant_whose_book_we_do_not_keep(rid: int, settings: dict[str, Any]) -> None:
    assert asked(call("lock", {**LOCK, "rid": rid}), connect(**settings)).rules.seats == 0


def test_by_default_no_table_is_given_out() -> None:
    bare = connection_for("opentable", {"webhook_secrets": [SECRET]}, {"mode": "push"}, stores=STORES)

    assert asked(call("lock", LOCK), bare).rules.seats == 0


# --- once ------------------------------------------------------------------------------------------------------------


def test_a_request_id_makes_a_call_the_same_and_nothing_else_does() -> None:
    first = asked(call("make", MAKE, x_request_id="r-1"))
    again = asked(call("make", {**MAKE, "party_size": 3}, x_request_id="r-1"))
    others = [
        asked(call("make", MAKE, x_request_id="r-2")),
        asked(call("lock", LOCK, x_request_id="r-1")),
        asked(call("make", {**MAKE, "rid": 999}, x_request_id="r-1")),
        asked(call("make", MAKE)),
    ]

    assert again.delivery_key == first.delivery_key
    assert len({one.delivery_key for one in (first, *others)}) == 5


def test_without_a_request_id_the_same_body_is_the_same_call_for_ten_minutes() -> None:
    first, again, other = (asked(call("make", body)) for body in (MAKE, MAKE, {**MAKE, "party_size": 3}))

    assert (first.delivery_key, first.remember) == (again.delivery_key, timedelta(minutes=10))
    assert other.delivery_key != first.delivery_key


def test_how_long_a_call_is_remembered_is_a_setting() -> None:
    connection = connect(remember_days=2, repeat_minutes=3)

    known = asked(call("make", MAKE, x_request_id="r-1"), connection).remember
    guessed = asked(call("make", MAKE), connection).remember

    assert (known, guessed) == (timedelta(days=2), timedelta(minutes=3))
