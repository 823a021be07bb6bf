"""Shipday: what each of its webhooks says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderhub.order.ids import digest
from orderhub.order.messages import HandOverReport, Ignored, InboundMessage
from orderhub.order.models import Courier
from orderhub.order.status import Status
from orderhub.order.times import sortable
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.shipday import PLATFORM
from orderhub.platforms.shipday.statuses import DELETED_THERE, STATES
from orderhub.platforms.targets import DeliveryReport
from tests.platforms.samples import NOW, load_sample, request_for
from tests.platforms.test_shipday import connected

PLACED = datetime(2026, 10, 5, 14, 30, tzinfo=UTC)
DANA = Courier(
    name="Dana Ruiz",
    phone="+15555550142",
    vehicle="Grey van, HUB 417",
    tracking_url="https://tracking.example.com/t/CK-1042",
)


def report_in(sample: str, **settings: Any) -> DeliveryReport:
    connection = connected(**settings)
    (message,) = PLATFORM.read(request_for(load_sample("shipday", sample), connection), connection).messages
    assert isinstance(message, DeliveryReport)
    return message


def message_of(body: dict[str, Any], *, received_at: datetime = NOW, **settings: Any) -> InboundMessage:
    request = Request("POST", "/webhooks/shipday/con_test", {}, {}, json.dumps(body).encode(), received_at)
    reading = PLATFORM.read(request, connected(**settings))
    assert reading.answer == Answer(200)
    (message,) = reading.messages
    return message


def told(changes: dict[str, Any] | None = None, *, received_at: datetime = NOW, **order: Any) -> DeliveryReport:
    """What is told by a driver who has picked it up, but for these changes of the event and of its order."""
    message = message_of(changed(changes, **order), received_at=received_at)
    assert isinstance(message, DeliveryReport)
    return message


def changed(changes: dict[str, Any] | None = None, **order: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(load_sample("shipday", "order_pikedup__own_driver").body)
    body["order"] = {**body["order"], **order}
    return {**body, **(changes or {})}


# --- whole reports -------------------------------------------------------------------------------------------------


def test_a_driver_of_the_merchant_has_the_goods() -> None:
    at = PLACED + timedelta(minutes=31)

    assert report_in("order_pikedup__own_driver") == DeliveryReport(
        delivery_key=digest("51007301", "ORDER_PIKEDUP", "PICKED_UP", sortable(at)),
        source_version=sortable(at),
        number="CK-1042",
        external_id="51007301",
        state="PICKED_UP",
        at=at,
        status=Status.PICKED_UP,
        courier=DANA.model_copy(update={"status": "PICKED_UP", "eta": PLACED + timedelta(minutes=53)}),
        source="orderhub:gloriafood",
    )


def test_a_courier_on_demand_is_named_apart_from_the_drivers() -> None:
    at = PLACED + timedelta(minutes=53)

    assert report_in("order_completed__courier_on_demand") == DeliveryReport(
        delivery_key=digest("51007302", "ORDER_COMPLETED", "ALREADY_DELIVERED", sortable(at)),
        source_version=sortable(at),
        number="CK-1043",
        external_id="51007302",
        state="ALREADY_DELIVERED",
        at=at,
        status=Status.COMPLETED,
        courier=Courier(
            name="Jude (Uber)",
            phone="+15555550177",
            status="DELIVERED",
            eta=PLACED + timedelta(minutes=52),
            tracking_url="https://tracking.example.com/t/CK-1042",
        ),
        source="orderhub:gloriafood",
        proof=("https://example.com/pod/1042.jpg",),
    )


def test_it_is_what_the_hub_takes_for_news_of_a_hand_over() -> None:
    assert isinstance(report_in("order_pikedup__own_driver"), HandOverReport)


# --- statuses ------------------------------------------------------------------------------------------------------

ROWS: list[tuple[str, str, Status | None]] = [
    ("order_inserted__waits_for_a_driver", "NOT_ASSIGNED", None),
    ("order_unassigned__driver_gave_up", "NOT_ASSIGNED", None),
    ("order_assigned__proposed", "NOT_ACCEPTED", None),
    ("order_assigned__accepted", "NOT_STARTED_YET", None),
    ("order_accepted_and_started__to_the_store", "STARTED", None),
    ("order_pikedup__own_driver", "PICKED_UP", Status.PICKED_UP),
    ("order_ontheway__own_driver", "READY_TO_DELIVER", Status.PICKED_UP),
    ("order_completed__own_driver", "ALREADY_DELIVERED", Status.COMPLETED),
    ("order_failed__nobody_home", "FAILED_DELIVERY", None),
    ("order_incomplete__address", "INCOMPLETE", None),
    ("order_delete__dispatcher", "ORDER_DELETE", None),
    ("order_pikedup_removed__slip", "STARTED", None),
    ("order_ontheway_removed__slip", "PICKED_UP", Status.PICKED_UP),
    ("order_pod_upload__picture", "ALREADY_DELIVERED", None),
]
TROUBLE = {
    "order_failed__nobody_home": "Shipday says that the delivery failed",
    "order_incomplete__address": "Shipday has the delivery as incomplete",
    "order_delete__dispatcher": DELETED_THERE,
    "order_inserted__no_available_carrier": "Shipday finds no driver who is available",
}


@pytest.mark.parametrize(("sample", "state", "status"), ROWS, ids=str)
def test_an_event_says_where_the_delivery_stands(sample: str, state: str, status: Status | None) -> None:
    report = report_in(sample)

    assert (report.state, report.status) == (state, status)


@pytest.mark.parametrize(("state", "meaning"), STATES.items(), ids=str)
def test_what_counts_is_the_status_after_the_event_whatever_the_event(state: str, meaning: Any) -> None:
    report = told({"order_status": state, "event": "ORDER_SOMETHING_NEW"})

    assert (report.state, report.status, report.trouble) == (state, meaning.status, meaning.trouble)


def test_words_are_read_in_any_case() -> None:
    report = told({"order_status": " picked_up ", "event": "order_pikedup"})

    assert (report.state, report.status) == ("PICKED_UP", Status.PICKED_UP)


@pytest.mark.parametrize("sample", [*(row[0] for row in ROWS), "order_inserted__no_available_carrier"])
def test_only_what_somebody_has_to_look_at_is_trouble(sample: str) -> None:
    assert report_in(sample).trouble == TROUBLE.get(sample)


@pytest.mark.parametrize("sample", [row[0] for row in ROWS])
def test_a_step_is_undone_where_the_goods_are_at_the_store_again(sample: str) -> None:
    assert report_in(sample).undone == (sample == "order_pikedup_removed__slip")


@pytest.mark.parametrize("event", ["ORDER_PIKEDUP_REMOVED", "ORDER_ONTHEWAY_REMOVED"])
@pytest.mark.parametrize("state", ["NOT_ASSIGNED", "NOT_ACCEPTED", "NOT_STARTED_YET", "STARTED", "", "NEW_WORD", None])
def test_a_removed_step_is_undone_whatever_is_left(event: str, state: str | None) -> None:
    report = told({"event": event, "order_status": state})

    assert (report.undone, report.status) == (True, None)


@pytest.mark.parametrize("sample", [row[0] for row in ROWS])
def test_only_unassigning_takes_the_courier_away(sample: str) -> None:
    report = report_in(sample)

    assert report.no_courier == (sample == "order_unassigned__driver_gave_up")
    assert not (report.no_courier and report.courier)


@pytest.mark.parametrize("state", ["NOT_ASSIGNED", "PICKED_UP", "", None])
@pytest.mark.parametrize(("chosen", "status"), [(False, None), (True, Status.CANCELLED)])
def test_a_deletion_there_is_trouble_and_a_cancellation_where_the_merchant_says_so(
    state: str | None, chosen: bool, status: Status | None
) -> None:
    message = message_of(changed({"event": "ORDER_DELETE", "order_status": state}), deleted_is_cancelled=chosen)

    assert isinstance(message, DeliveryReport)
    assert (message.state, message.status, message.trouble) == ("ORDER_DELETE", status, DELETED_THERE)


@pytest.mark.parametrize(("chosen", "status"), [(False, None), (True, Status.COMPLETED)])
def test_a_proof_of_delivery_completes_the_order_where_the_merchant_says_so(
    chosen: bool, status: Status | None
) -> None:
    report = report_in("order_pod_upload__picture", proof_completes=chosen)

    assert report.status == status
    assert report.proof == ("https://example.com/pod/1.jpg", "https://example.com/pod/2.jpg")


@pytest.mark.parametrize(
    ("assignment", "state", "trouble"),
    [
        ("NO_AVAILABLE_CARRIER", "NOT_ASSIGNED", "Shipday finds no driver who is available"),
        ("NO_VALID_CARRIER", "NOT_ASSIGNED", "Shipday finds no driver who may take it"),
        ("no_available_carrier", "NOT_ASSIGNED", "Shipday finds no driver who is available"),
        ("NO_AVAILABLE_CARRIER", "STARTED", None),
        ("NO_AVAILABLE_CARRIER", "FAILED_DELIVERY", "Shipday says that the delivery failed"),
        ("NOT_ASSIGNED", "NOT_ASSIGNED", None),
        ("ASSIGNED", "NOT_ACCEPTED", None),
        (None, "NOT_ASSIGNED", None),
    ],
)
def test_nobody_to_bring_it_is_trouble_until_somebody_does(
    assignment: str | None, state: str, trouble: str | None
) -> None:
    assert told({"order_status": state}, auto_assignment_status=assignment).trouble == trouble


# --- what is no news of a delivery -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"event": "LOCATION_UPDATE", "orderId": 1, "latitude": 1.5}, "positions of drivers"),
        ({"event": "location_update", "order": {"id": 1}}, "positions of drivers"),
        ({"event": "COMPANY_SETTINGS_CHANGED"}, "about no order"),
        (changed({"order_status": "TELEPORTED"}), "'TELEPORTED' is a status that is new to us"),
        (changed({"order_status": None}), "'' is a status that is new to us"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_ignored_and_says_why(body: dict[str, Any], reason: str) -> None:
    message = message_of(body)

    assert isinstance(message, Ignored)
    assert reason in message.reason


# --- whose it is ---------------------------------------------------------------------------------------------------


def test_a_delivery_that_others_made_says_so() -> None:
    report = report_in("order_inserted__of_others")

    assert (report.number, report.external_id, report.source) == ("77", "51007388", "NOT PROVIDED")


def test_a_delivery_may_take_the_place_of_another() -> None:
    assert report_in("order_inserted__again").instead_of == "51007301"


@pytest.mark.parametrize("parent", [0, "0", None, "", -1, "none"])
def test_no_parent_is_no_other_delivery(parent: object) -> None:
    assert told(parent_id=parent).instead_of is None


@pytest.mark.parametrize("number", ["CK-1042", 12, None, ""])
def test_a_number_is_text_and_empty_where_there_is_none(number: object) -> None:
    assert told(order_number=number).number == str(number or "")


# --- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("eta", ["", 0, "0", None, -1, False, True, "soon", [], {}, 10**30])
def test_a_time_that_is_none_is_never_1970(eta: object) -> None:
    courier = told(eta=eta).courier

    assert courier is not None
    assert courier.eta is None


@pytest.mark.parametrize("eta", [1791213780000, "1791213780000", 1791213780000.0])
def test_an_expected_arrival_is_in_milliseconds(eta: object) -> None:
    courier = told(eta=eta).courier

    assert courier is not None
    assert courier.eta == datetime(2026, 10, 5, 15, 23, tzinfo=UTC)


@pytest.mark.parametrize("timestamp", [0, "", None, "yesterday"])
def test_an_event_without_a_time_happened_when_it_came(timestamp: object) -> None:
    later = NOW + timedelta(hours=1)
    report = told({"timestamp": timestamp})

    assert (report.at, report.source_version) == (NOW, None)
    assert told({"timestamp": timestamp}, received_at=later).delivery_key == report.delivery_key


# --- couriers --------------------------------------------------------------------------------------------------------

SERVICE = {"thirdPartyName": "Uber", "status": "STARTED", "driverName": "Jude", "driverPhone": "+15555550177"}


@pytest.mark.parametrize(
    ("carrier", "service", "name", "phone", "status"),
    [
        ({"name": "Dana", "phone": "+1"}, None, "Dana", "+1", "PICKED_UP"),
        ({"name": "Dana"}, SERVICE, "Dana", None, "PICKED_UP"),
        (None, SERVICE, "Jude (Uber)", "+15555550177", "STARTED"),
        ({}, SERVICE, "Jude (Uber)", "+15555550177", "STARTED"),
        ("", SERVICE, "Jude (Uber)", "+15555550177", "STARTED"),
        ({"id": 0, "name": "", "phone": ""}, SERVICE, "Jude (Uber)", "+15555550177", "STARTED"),
        (None, {**SERVICE, "driverName": None}, "Uber", "+15555550177", "STARTED"),
        (None, {**SERVICE, "thirdPartyName": ""}, "Jude", "+15555550177", "STARTED"),
    ],
)
def test_who_brings_it_is_in_one_of_two_places(
    carrier: object, service: object, name: str, phone: str | None, status: str
) -> None:
    courier = told({"carrier": carrier, "thirdPartyDeliveryOrder": service}).courier

    assert courier is not None
    assert (courier.name, courier.phone, courier.status) == (name, phone, status)


def test_nobody_and_nothing_known_is_no_news_of_the_courier() -> None:
    body = changed(eta="")
    for name in ("carrier", "trackingUrl"):
        body.pop(name)

    message = message_of(body)

    assert isinstance(message, DeliveryReport)
    assert (message.courier, message.no_courier) == (None, False)


def test_a_tracking_link_alone_is_news() -> None:
    assert told({"carrier": None}, eta="").courier == Courier(tracking_url=DANA.tracking_url)


@pytest.mark.parametrize(
    ("pods", "proof"),
    [
        (["https://example.com/1.jpg"], ("https://example.com/1.jpg",)),
        (["javascript:alert(1)", 7, None, "http://example.com/2.jpg"], ("http://example.com/2.jpg",)),
        (None, ()),
        ("", ()),
        ({}, ()),
    ],
)
def test_proof_of_delivery_is_links_and_nothing_else(pods: object, proof: tuple[str, ...]) -> None:
    assert told(podUrls=pods).proof == proof


# --- again, and in any order -----------------------------------------------------------------------------------------


def test_an_event_that_comes_again_has_the_same_key() -> None:
    again = told({"company": {"id": 8}}, delivery_note="other", received_at=NOW + timedelta(days=1))

    assert again.delivery_key == told().delivery_key


@pytest.mark.parametrize(
    "other",
    [
        {"event": "ORDER_ONTHEWAY"},
        {"order_status": "READY_TO_DELIVER"},
        {"timestamp": 1791212460001},
        {"order": {"id": 51007302, "order_number": "CK-1042"}},
    ],
    ids=str,
)
def test_another_event_has_another_key(other: dict[str, Any]) -> None:
    assert told(other).delivery_key != told().delivery_key


def test_every_sample_has_a_key_of_its_own() -> None:
    samples = [row[0] for row in ROWS] + ["order_inserted__no_available_carrier", "order_inserted__of_others"]

    assert len({report_in(sample).delivery_key for sample in samples}) == len(samples)


def test_events_sort_by_their_time() -> None:
    names = ("order_assigned__proposed", "order_pikedup__own_driver", "order_completed__own_driver")
    versions = [report_in(name).source_version or "" for name in names]

    assert versions == sorted(versions)
    assert all(versions)


def test_what_is_documented_is_not_counted_as_new() -> None:
    connection = connected()
    sample = load_sample("shipday", "order_completed__courier_on_demand")

    request = request_for(sample, connection)
    more = replace(request, body=json.dumps({**json.loads(sample.body), "weather": "rain"}).encode())

    assert PLATFORM.read(request, connection).unknown_fields == []
    assert PLATFORM.read(more, connection).unknown_fields == ["weather"]


def test_fractions_where_whole_numbers_are_documented_do_no_harm() -> None:
    assert told(driving_duration=1631365.2152700785, driving_distance=0.5) == told()
