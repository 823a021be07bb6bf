"""The stand-in for OpenTable: tokens, updates and echoes, lists; and the adapter's own calls against it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from local.standins.opentable import CLIENT_SECRET, PLAYED
from local.standins.samples import opentable as samples
from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import Order
from orderhub.platforms.base import Page
from orderhub.platforms.http_types import Request
from orderhub.platforms.opentable import PLATFORM
from tests.platforms.conformance import MAIN_STORE, connection_for
from tests.platforms.exchange import minimal_order
from tests.platforms.samples import AnyConnection
from tests.unit.standins_client import START, Caller, VendorHttp

BASIC = {"Authorization": "Basic " + base64.b64encode(f"{samples.CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()}
TOKEN = "/opentable/api/v2/oauth/token"
GRANT = {"grant_type": "client_credentials"}
UPDATE = "/opentable/resoupdate/resoupdate"
RESERVATIONS = "/opentable/sync/v2/reservations"
ROOT = "http://localhost/opentable"
RID = samples.RID


class OpenTable(Caller, VendorHttp):
    """A caller with a token, and an Http as the hub has it."""

    def __init__(self) -> None:
        super().__init__()
        answer = self.client.post(TOKEN, data={"grant_type": "client_credentials"}, headers=BASIC).get_json()
        VendorHttp.__init__(self, self, connect(), str(answer["access_token"]))

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call(method, path, body, Authorization=f"bearer {self.token}", **headers)

    def setting(self, **settings: Any) -> None:
        self.control("PATCH", "opentable/settings", settings)

    def poll(self, cursor: Mapping[str, str] | None = None) -> Page:
        return PLATFORM.poll(cursor or {}, self.connection, self, self.now)


def connect(**settings: Any) -> AnyConnection:
    chosen = {**PLAYED.settings(ROOT), "mode": "sync", **settings}
    return connection_for("opentable", PLAYED.credentials("secret"), chosen, stores={str(RID): MAIN_STORE})


@pytest.fixture
def opentable() -> OpenTable:
    return OpenTable()


def sample(n: int, **fields: Any) -> dict[str, Any]:
    return samples.order(n, placed_at=START, **fields)


def booked(opentable: OpenTable, number: int = 217_000_001, **fields: Any) -> Order:
    """A reservation that was booked with us, as the hub has it."""
    row = sample(1, confirmation_number=number)
    opentable.put("opentable", row)
    least = {
        "external_id": str(number),
        "store_external_id": str(RID),
        "source": {"mode": "push"},
        "scheduled_for": "2026-10-07T21:00:00Z",
        "updated_at": "2026-10-05T17:00:00Z",
        "reservation": {"party_size": 2},
    }
    return minimal_order(opentable.connection, {**least, **fields})


# --- tokens --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_is_given_for_the_grant_in_the_query(opentable: OpenTable, method: str) -> None:
    answer = opentable.call(method, f"{TOKEN}?grant_type=client_credentials", **BASIC)

    told = answer.get_json()
    assert (answer.status_code, told["token_type"], told["expires_in"], told["scope"]) == (
        200,
        "bearer",
        2_419_181,
        "DEFAULT",
    )


def test_the_hub_s_own_request_for_a_token_is_granted(opentable: OpenTable) -> None:
    wanted = PLATFORM.token_request(opentable.connection)

    answer = opentable.client.post(
        wanted.url.removeprefix("http://localhost"), data=dict(wanted.form), headers=dict(wanted.headers)
    )

    assert (answer.status_code, bool(answer.get_json()["access_token"])) == (200, True)


def test_a_token_needs_the_right_client_and_grant(opentable: OpenTable) -> None:
    assert opentable.client.post(TOKEN, data=GRANT, headers={"Authorization": "Basic Z3Vlc3M6"}).status_code == 401
    assert opentable.client.post(TOKEN, data=GRANT).status_code == 401
    assert opentable.client.post(TOKEN, data={"grant_type": "password"}, headers=BASIC).status_code == 400


def test_a_call_without_a_good_token_is_refused(opentable: OpenTable) -> None:
    missing = opentable.call("POST", UPDATE, {})
    unknown = opentable.call("POST", UPDATE, {}, Authorization="bearer guess")
    opentable.wait(days=29)
    expired = opentable.api("POST", UPDATE, {})

    assert [(one.status_code, one.get_json()["error"]) for one in (missing, unknown, expired)] == [
        (400, "invalid_request"),
        (401, "invalid_token"),
        (401, "invalid_token"),
    ]


# --- updates -------------------------------------------------------------------------------------------------------

GOOD = {
    "ConfirmationNumber": 217_000_001,
    "DateTime": "2026-10-07 17:00",
    "PartySize": 2,
    "ReservationState": "Pending",
    "RID": RID,
    "SequenceNumber": 0,
    "UpdateDT_UTC": "2026-10-05 17:00",
}


@pytest.mark.parametrize(
    "change",
    [
        {"ConfirmationNumber": 0},
        {"ConfirmationNumber": "217000001"},
        {"ConfirmationNumber": 2**31},
        {"DateTime": "2026-10-07T17:00"},
        {"DateTime": "2026-10-07 5:00"},
        {"PartySize": 0},
        {"PartySize": None},
        {"ReservationState": "Booked"},
        {"ReservationState": "Canceled"},
        {"RID": None},
        {"SequenceNumber": 1},
        {"UpdateDT_UTC": None},
        {"UpdateDT_UTC": "2026-10-05T17:00:00Z"},
    ],
)
def test_an_update_with_a_bad_field_is_refused(opentable: OpenTable, change: dict[str, Any]) -> None:
    assert opentable.api("POST", UPDATE, GOOD).status_code == 200
    assert opentable.api("POST", UPDATE, {**GOOD, **change}).status_code == 400


def test_a_cancellation_needs_no_party(opentable: OpenTable) -> None:
    assert (
        opentable.api("POST", UPDATE, {**GOOD, "PartySize": None, "ReservationState": "Cancelled"}).status_code == 200
    )


def test_an_update_changes_the_reservation_once(opentable: OpenTable) -> None:
    booked(opentable)
    request_id = {"X-Request-Id": "r-1"}

    opentable.api("POST", UPDATE, {**GOOD, "DateTime": "2026-10-07 19:15", "PartySize": 5}, **request_id)
    opentable.api("POST", UPDATE, {**GOOD, "ReservationState": "NoShow"}, **request_id)

    held = opentable.held("opentable", "217000001")
    assert (held["state"], held["scheduled_time"], held["party_size"]) == ("Booked", "2026-10-07T19:15:00", 5)


def test_the_echo_of_a_booking_that_is_just_being_made_gives_it_its_number(opentable: OpenTable) -> None:
    row = sample(1)
    opentable.put("opentable", row)
    when = row["scheduled_time"][:16].replace("T", " ")

    opentable.api("POST", UPDATE, {**GOOD, "DateTime": when, "PartySize": row["party_size"]})

    assert opentable.held("opentable", row["id"])["confirmation_number"] == 217_000_001
    assert opentable.held("opentable", "217000001")["id"] == row["id"]


def test_the_echo_of_an_unknown_booking_is_a_ghost(opentable: OpenTable) -> None:
    assert opentable.api("POST", UPDATE, GOOD).status_code == 200
    vendor: Any = opentable.app.vendors["opentable"]
    assert vendor.ghosts == [GOOD]

    opentable.put("opentable", sample(1, confirmation_number=217_000_001))
    assert vendor.ghosts == []


# --- lists ---------------------------------------------------------------------------------------------------------


def listed(opentable: OpenTable, **asked: Any) -> Any:
    answer = opentable.client.get(
        RESERVATIONS, query_string={"rid": RID, **asked}, headers={"Authorization": f"bearer {opentable.token}"}
    )
    return answer.get_json()


def test_a_list_comes_in_pages_that_link_to_the_next(opentable: OpenTable) -> None:
    for n in range(5):
        opentable.put("opentable", sample(n))

    first = listed(opentable, limit=2)
    second = opentable.api("GET", first["nextPageUrl"].removeprefix("http://localhost")).get_json()
    last = listed(opentable, limit=2, offset=4)

    assert [len(page["items"]) for page in (first, second, last)] == [2, 2, 1]
    assert (first["hasNextPage"], last["hasNextPage"], last["nextPageUrl"], second["offset"]) == (True, False, None, 2)


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["888-70001", "888-70002"]),
        ({"rid": 12}, []),
        ({"state": "Seated"}, ["888-70002"]),
        ({"confirmation_id": 70_001}, ["888-70001"]),
        ({"guest_id": 130_050_002}, ["888-70002"]),
        ({"updated_after": "2026-10-05T17:00:00Z"}, ["888-70002"]),
        ({"scheduled_time_from": "2026-10-08T00:00:00"}, ["888-70002"]),
        ({"scheduled_time_to": "2026-10-07T23:00:00"}, ["888-70001"]),
    ],
)
def test_a_list_can_be_narrowed(opentable: OpenTable, asked: dict[str, Any], ids: list[str]) -> None:
    opentable.put("opentable", sample(1))
    opentable.put("opentable", sample(2))
    opentable.wait(minutes=5)
    opentable.control("PATCH", "opentable/orders/888-70002", {"state": "Seated"})

    assert [row["id"] for row in listed(opentable, **asked)["items"]] == ids


def test_a_list_without_a_restaurant_or_of_too_many_is_refused(opentable: OpenTable) -> None:
    assert opentable.api("GET", RESERVATIONS).status_code == 400
    assert opentable.api("GET", f"{RESERVATIONS}?rid=888&limit=1001").status_code == 400
    assert opentable.api("GET", "/opentable/sync/v2/tables").status_code == 404


# --- the adapter's own calls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "fields", "state"),
    [
        ("accept", {}, "Booked"),
        ("picked_up", {}, "Seated"),
        ("cancel", {"status_reason": {"code": "KITCHEN_CLOSED"}}, "Canceled"),
        ("cancel", {"status_reason": {"code": "OTHER", "details": "No show"}}, "NoShow"),
    ],
)
def test_what_the_hub_tells_reaches_the_reservation(
    opentable: OpenTable, operation: str, fields: dict[str, Any], state: str
) -> None:
    order = booked(opentable, **fields)

    getattr(PLATFORM, operation)(order, opentable.connection, opentable)

    assert opentable.held("opentable", order.external_id)["state"] == state


def test_another_time_reaches_the_reservation_as_local_time(opentable: OpenTable) -> None:
    order = booked(opentable, ready_at="2026-10-08T00:15:00Z", promised_at="2026-10-05T17:00:00Z")

    PLATFORM.set_ready_time(order, opentable.connection, opentable)

    assert opentable.held("opentable", order.external_id)["scheduled_time"] == "2026-10-07T20:15:00"


@pytest.mark.parametrize(
    ("setting", "error", "code"),
    [
        ({"database_down": True}, Retry, None),
        ({"refused_rids": [RID]}, Reject, "NO_RID_ROUTING"),
        ({"client_known": False}, Misconfigured, None),
        ({"update_time_field": "UpdatedDT_UTC"}, Reject, "HTTP_400"),
    ],
)
def test_a_refusal_says_what_to_do(
    opentable: OpenTable, setting: dict[str, Any], error: type[HubError], code: str | None
) -> None:
    order = booked(opentable)
    opentable.setting(**setting)

    with pytest.raises(error) as refused:
        PLATFORM.accept(order, opentable.connection, opentable)

    assert getattr(refused.value, "code", None) == code


@pytest.mark.parametrize("token", ["", "of yesterday"])
def test_a_token_that_is_not_taken_is_for_a_person_to_mend(opentable: OpenTable, token: str) -> None:
    opentable.token = token

    with pytest.raises(Misconfigured):
        PLATFORM.accept(booked(opentable), opentable.connection, opentable)


def test_the_other_name_of_the_time_of_change_is_a_setting(opentable: OpenTable) -> None:
    opentable.setting(update_time_field="UpdatedDT_UTC")
    opentable.connection = connect(update_time_field="UpdatedDT_UTC")

    order = booked(opentable)
    PLATFORM.picked_up(order, opentable.connection, opentable)

    assert opentable.held("opentable", order.external_id)["state"] == "Seated"


def ids(page: Page) -> list[str]:
    return [one.order.external_id for one in page.messages if isinstance(one, OrderSnapshot)]


@pytest.mark.parametrize("next_urls", [True, False])
def test_a_poll_reads_all_pages_and_then_only_what_changed(opentable: OpenTable, next_urls: bool) -> None:
    opentable.setting(next_urls=next_urls)
    opentable.connection = connect(page_size=2, overlap_hours=0)
    rows = [sample(n) for n in range(5)]
    for row in rows:
        opentable.put("opentable", row)

    page, found = opentable.poll(), list[str]()
    while page.more:
        found += ids(page)
        page = opentable.poll(page.cursor)
    found += ids(page)
    opentable.wait(minutes=5)
    opentable.control("PATCH", f"opentable/orders/{rows[3]['id']}", {"state": "Done"})

    assert found == [row["id"] for row in rows]
    assert ids(opentable.poll(page.cursor)) == [rows[3]["id"]]


def test_a_row_that_moved_away_while_the_list_was_read_is_found_by_the_overlap(opentable: OpenTable) -> None:
    opentable.setting(next_urls=False)
    opentable.connection = connect(page_size=2, overlap_hours=1)
    rows = [sample(n, updated_at_utc=f"2026-10-05T16:{n:02}:00.000Z") for n in range(4)]
    for row in rows:
        opentable.put("opentable", row)

    first = opentable.poll()
    opentable.control("PATCH", f"opentable/orders/{rows[0]['id']}", {"state": "Seated"})
    second = opentable.poll(first.cursor)
    missed = {row["id"] for row in rows} - {*ids(first), *ids(second)}
    again = ids(opentable.poll(second.cursor))

    assert missed == {rows[2]["id"]}
    assert missed <= set(again)


def test_a_guest_named_by_id_is_read(opentable: OpenTable) -> None:
    opentable.put("opentable", sample(1))
    opentable.put("opentable", sample(6, guest=None, guest_id="130050001"))

    (known, named) = [one.order for one in opentable.poll().messages if isinstance(one, OrderSnapshot)]

    assert named.customer == known.customer
    assert named.customer is not None


def test_the_connection_is_tried_by_one_read(opentable: OpenTable) -> None:
    assert PLATFORM.verify_connection(opentable.connection, opentable).note
    opentable.setting(refused_rids=[RID])

    with pytest.raises(Reject, match="no right"):
        PLATFORM.verify_connection(opentable.connection, opentable)


# --- OpenTable's calls to us ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["lock", "make", "update", "cancel"])
def test_its_calls_are_those_that_the_adapter_reads(event: str) -> None:
    connection = connect(mode="push")
    order = {**sample(7), "confirmation_number": 217_000_001}
    headers, body = PLAYED.told(event, order, "key")
    given = {name.lower(): value for name, value in headers.items()}
    bare = Request("POST", f"/webhooks/opentable/con_test{PLAYED.path(event)}", given, {}, body, START)
    request = PLATFORM.sign(bare, connection)

    PLATFORM.authenticate(request, connection)

    assert PLATFORM.read(request, connection).unknown_fields == []
