"""OpenTable's Sync: rows as orders, states, and what is told of a reservation afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderhub.errors import Ignore, Quarantine
from orderhub.order.merge import Effect, Identity, apply
from orderhub.order.messages import Ignored, OrderSnapshot, Unreadable
from orderhub.order.models import Amounts, Customer, Fulfillment, Order, Reservation, StatusReason
from orderhub.order.status import Status
from orderhub.platforms.base import Page
from orderhub.platforms.opentable import PLATFORM
from orderhub.platforms.opentable.polling import poll
from orderhub.platforms.opentable.statuses import STATES, plain
from tests.platforms import any_json
from tests.platforms.answers import Answers
from tests.platforms.conformance import MAIN_STORE, NOW, connection_for, load_sample, request_for
from tests.platforms.samples import ROOT, AnyConnection

FIXTURES = ROOT / "tests" / "platforms" / "fixtures" / "opentable"


def connect(**settings: Any) -> AnyConnection:
    credentials = {"client_id": "id", "client_secret": "very secret", "webhook_secrets": ["the-secret-of-today"]}
    return connection_for("opentable", credentials, settings, stores={"888": MAIN_STORE})


def order_of(state: str = "Booked", **fields: Any) -> Order:
    return PLATFORM.to_order({"id": "888-1", "rid": 888, "state": state, **fields}, connect())


def polled(*answers: Any) -> Page:
    http: Any = Answers(*answers)
    return poll({}, connect(), http, NOW)


def rows_of(name: str) -> list[Any]:
    connection = connect()
    return list(PLATFORM.read(request_for(load_sample("opentable", name), connection), connection).messages)


# --- rows ------------------------------------------------------------------------------------------------------------


def test_a_row_is_mapped_whole() -> None:
    message = rows_of("sync_page__evening")[0]

    assert (message.source_version, message.order) == (
        "2026-10-05T14:00:05.000000Z",
        Order(
            id=connect().order_id("888-70001"),
            platform="opentable",
            connection_id="con_test",
            channel="opentable",
            external_id="888-70001",
            display_id="70001",
            store_id="sto_main",
            store_external_id="888",
            status=Status.ACCEPTED,
            fulfillment=Fulfillment.DINE_IN,
            placed_at=datetime(2026, 10, 1, 14, 0, tzinfo=UTC),
            scheduled_for=datetime(2026, 10, 7, 23, 30, tzinfo=UTC),
            customer=Customer(name="Lena Brook", phone="+13125550101", email="guest1@example.com", external_id="g-1"),
            amounts=Amounts(currency="USD"),
            notes="Window table",
            reservation=Reservation(party_size=3),
            source={"mode": "sync", "state": "Booked"},
        ),
    )


def test_a_row_of_other_names_is_mapped_whole() -> None:
    message = rows_of("sync_page__sparse")[0]

    assert (message.source_version, message.order) == (
        "2026-10-05T14:10:00.123000Z",
        Order(
            id=connect().order_id("888-70011"),
            platform="opentable",
            connection_id="con_test",
            channel="opentable",
            external_id="888-70011",
            display_id="70011",
            store_id="sto_main",
            status=Status.ACCEPTED,
            fulfillment=Fulfillment.DINE_IN,
            placed_at=datetime(2026, 10, 1, 13, 30, tzinfo=UTC),
            scheduled_for=datetime(2026, 10, 9, 23, 30, tzinfo=UTC),
            customer=Customer(external_id="g-11"),
            amounts=Amounts(currency="USD"),
            notes="Allergic to nuts\nRegular\nPram",
            reservation=Reservation(party_size=8, table="21, 22"),
            source={"mode": "sync", "state": "Confirmed"},
        ),
    )


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"scheduled_time_utc": "2026-10-09T23:30:00", "scheduled_time": "2026-10-01T00:00"}, (9, 23, 30)),
        ({"scheduled_time": "2026-10-09T19:30:00", "date_time": "2026-10-01T00:00"}, (9, 23, 30)),
        ({"date_time": "2026-10-09T19:30"}, (9, 23, 30)),
        ({"date_time": "2026-10-09T19:30+02:00"}, (9, 17, 30)),
    ],
)
def test_a_time_without_a_zone_is_utc_or_the_restaurants(fields: dict[str, str], at: tuple[int, int, int]) -> None:
    assert order_of(**fields).scheduled_for == datetime(2026, 10, *at, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "table"),
    [
        ({"table_number": 12, "tables": ["21"]}, "12"),
        ({"tables": "21"}, "21"),
        ({"tables": [21, "22", None, {"id": 1}]}, "21, 22"),
        ({"tables": []}, None),
    ],
)
def test_a_table_is_a_number_or_several(fields: dict[str, Any], table: str | None) -> None:
    assert order_of(**fields).reservation == Reservation(table=table)


def test_a_waiter_is_kept_and_is_no_table() -> None:
    order = order_of(server="Kim")

    assert (order.source["server"], order.reservation) == ("Kim", Reservation())


@pytest.mark.parametrize("phone", ["+13125550101", {"number": "312.555.0101", "country_code": "1"}])
def test_a_telephone_number_may_come_in_parts(phone: Any) -> None:
    assert order_of(guest={"phone": phone}).customer == Customer(phone="+13125550101")


@pytest.mark.parametrize("fields", [{}, {"guest": None}, {"guest": {"first_name": " ", "email": None}}])
def test_a_guest_may_be_unknown(fields: dict[str, Any]) -> None:
    assert order_of(**fields).customer is None


# https://github.com/opentable/slate (OpenTable Developer's Guide, "Reservation States"); others as Sync spells them.
@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("BOOKED", Status.ACCEPTED),
        ("Confirmed", Status.ACCEPTED),
        ("Pending", Status.INCOMING),
        ("NotConfirmed", Status.INCOMING),
        ("Requested", Status.INCOMING),
        ("Waitlist", Status.INCOMING),
        ("Arrived", Status.READY),
        ("PartiallyArrived", Status.READY),
        ("PartiallySeated", Status.READY),
        ("SEATED", Status.PICKED_UP),
        ("ASSUMED_SEATED", Status.PICKED_UP),
        ("DONE", Status.COMPLETED),
        ("CANCELED", Status.CANCELLED),
        ("CANCELLED", Status.CANCELLED),
        ("NOSHOW", Status.CANCELLED),
        ("NO_SHOW", Status.CANCELLED),
    ],
)
def test_a_state_is_read_in_any_spelling(state: str, status: Status) -> None:
    spelled = {state, state.lower(), state.title(), state.replace("_", "-"), f" {state.replace('_', ' ')} "}

    assert {order_of(one).status for one in spelled} == {status}
    assert plain(state) in STATES


def test_bagging_is_never_read() -> None:
    assert Status.BAGGING not in STATES.values()


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("No Show", StatusReason(source_code="No Show", details="The guests did not come")),
        ("Canceled", StatusReason(source_code="Canceled")),
        ("Booked", None),
    ],
)
def test_a_cancelled_reservation_says_why(state: str, reason: StatusReason | None) -> None:
    assert order_of(state).status_reason == reason


def test_a_state_nobody_knows_is_left_alone() -> None:
    with pytest.raises(Ignore):
        order_of("Teleported")


def test_what_a_state_means_is_a_setting() -> None:
    connection = connect(states={"Late": "accepted", "ASSUMED_SEATED": "completed"})
    rows = [{"id": "1", "state": state} for state in ("late", "Assumed Seated", "Seated")]

    assert [PLATFORM.to_order(row, connection).status for row in rows] == ["accepted", "completed", "picked_up"]


@pytest.mark.parametrize("name", [path.stem for path in sorted(FIXTURES.glob("*.json"))])
def test_no_spoiled_row_breaks_reading(name: str) -> None:
    row = any_json.decode((FIXTURES / f"{name}.json").read_bytes())

    for what, body in any_json.spoiled({"items": [row], "hasNextPage": False}, set()):
        try:
            page = polled(body)
        except Quarantine:
            continue  # the page itself
        for message in page.messages:
            assert isinstance(message, OrderSnapshot | Unreadable | Ignored), what
            if isinstance(message, Unreadable):
                assert message.raw, what
            if isinstance(message, OrderSnapshot):
                assert Order.model_validate_json(message.order.model_dump_json()) == message.order, what


# --- rows that come again --------------------------------------------------------------------------------------------


def told(state: str, minute: int) -> OrderSnapshot:
    row = {"id": "888-1", "state": state, "updated_at_utc": f"2026-10-05T14:{minute:02}:00Z"}
    (message,) = polled({"items": [row]}).messages
    assert isinstance(message, OrderSnapshot)
    return message


def effects(*messages: OrderSnapshot) -> tuple[list[Effect], Status | None]:
    order: Order | None = None
    found = []
    for message in messages:
        identity = Identity(message.order.id, "opentable", "con_test", "888-1", "sto_main", "USD")
        outcome = apply(order, message, NOW, identity)
        order = outcome.order or order
        found.append(outcome.effect)
    return found, order.status if order else None


def test_a_row_read_again_is_the_same_message() -> None:
    assert told("Booked", 1).delivery_key == told("Booked", 1).delivery_key != told("Booked", 2).delivery_key


def test_a_row_of_an_older_page_changes_nothing() -> None:
    assert effects(told("Seated", 5), told("Booked", 4)) == ([Effect.APPLIED, Effect.STALE], Status.PICKED_UP)


def test_a_no_show_may_be_taken_back_in_guest_center() -> None:
    found = effects(told("NoShow", 5), told("Seated", 9), told("Done", 10))

    assert found == ([Effect.APPLIED] * 3, Status.COMPLETED)


# --- the poll --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "every"),
    [
        ({}, timedelta(minutes=5)),
        ({"mode": "push"}, None),
        ({"mode": "push", "restaurants": {"888": {"mode": "sync"}}}, timedelta(minutes=5)),
        ({"mode": "push", "restaurants": {"888": {"seats": 4}}}, None),
    ],
)
def test_only_sync_is_polled(settings: dict[str, Any], every: timedelta | None) -> None:
    assert PLATFORM.poll_interval(connect(**settings).settings) == every


@pytest.mark.parametrize(("rid", "whose"), [(None, "888"), (999, "999")])
def test_a_row_is_of_the_restaurant_that_was_asked_for_unless_it_names_one(rid: int | None, whose: str) -> None:
    (message,) = polled({"items": [{"id": "1", "state": "Booked", "rid": rid}]}).messages

    assert isinstance(message, OrderSnapshot)
    assert message.order.store_external_id == whose
    assert PLATFORM.to_order(json.loads(message.raw or b""), connect()) == message.order, "a replay reads the same"


def test_a_guest_who_is_named_by_id_is_read_once() -> None:
    rows = [{"id": f"888-{number}", "state": "Booked", "guest_id": "g-9"} for number in (1, 2)]
    guest = {"items": [{"id": "g-8"}, {"id": "g-9", "first_name": "Lena", "last_name": "Brook"}]}
    http: Any = _Remembering({"items": rows}, guest)

    page = poll({}, connect(), http, NOW)

    customers = [message.order.customer for message in page.messages if isinstance(message, OrderSnapshot)]
    assert customers == [Customer(name="Lena Brook", external_id="g-9")] * 2
    assert http.paths == ["/sync/v2/guests?rid=888&guest_id=g-9&limit=1"]


class _Remembering(Answers):
    """Answers reads of reference data once."""

    def __init__(self, page: Any, guest: Any) -> None:
        super().__init__(page, guest)
        self._known: dict[str, Any] = {}
        self.paths: list[str] = []

    def remembered(self, path: str, *, headers: Any = None, keep: timedelta) -> Any:
        if path not in self._known:
            self.paths.append(path)
            self._known[path] = self.request("GET", path)
        return self._known[path]
