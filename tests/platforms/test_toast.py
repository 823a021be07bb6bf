"""Toast: the conformance suite, who signed a webhook, and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderhub.errors import Misconfigured, NotAuthentic, Quarantine
from orderhub.order.messages import Ignored, InboundMessage, OrderReference, OrderSnapshot, StatusReport
from orderhub.order.models import StatusReason
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.toast import PLATFORM
from tests.platforms.conformance import NOW, Conformance, connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection

LARKSPUR = "839c5b5c-c430-50e9-8f03-a535c0012b1f"
STORES = {LARKSPUR: StoreRef("sto_larkspur", "America/Chicago", "USD")}


def credentials(*secrets: str) -> dict[str, object]:
    return {"client_id": "larkspur-client", "client_secret": "shh", "webhook_secrets": list(secrets)}


def connect(**settings: object) -> AnyConnection:
    return connection_for("toast", credentials("secret"), settings, stores=STORES)


class TestToast(Conformance):
    slug = "toast"
    stores = STORES
    credentials = staticmethod(credentials)


# --- who sent it --------------------------------------------------------------------------------------------------

VECTOR_SECRET = "toast-demo-secret"
VECTOR_AT = datetime(2024, 3, 28, 15, 11, 1, 50_000, UTC)
VECTOR_BODY = (
    b'{"timestamp":"2024-03-28T15:11:01.050Z","eventCategory":"order_updated","eventType":"order_updated",'
    b'"guid":"534bf25a-b657-45aa-9a63-47f8f35400d6","details":{"restaurantGuid":"11111111-2222-3333-4444-555555555555",'
    b'"order":{"guid":"f6d98b95-2816-4f54-b1ab-7a5d71e83769"}}}'
)
VECTOR_SIGNATURE = "CQqj8RffiVEt0BbBGn46ZLYWfON+U/FPS5UWUDf0Y3M="
OF_THE_BODY_ALONE = "2LRZgSqTOmb7FMF/8w5aIPOGOMu2PvqTEC2BxDpKlg4="


def vector(signature: str = VECTOR_SIGNATURE, **changes: Any) -> Request:
    request = Request("POST", "/", {"toast-signature": signature}, {}, VECTOR_BODY, VECTOR_AT)
    return replace(request, **changes)


def vector_connection(**settings: object) -> AnyConnection:
    return connection_for("toast", credentials(VECTOR_SECRET), settings)


def test_the_vector_is_authentic() -> None:
    PLATFORM.authenticate(vector(), vector_connection())


def test_we_would_sign_the_vector_in_the_same_way() -> None:
    unsigned = vector(headers={})

    assert PLATFORM.sign(unsigned, vector_connection()) == vector()


def test_a_signature_over_the_body_alone_is_refused() -> None:
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(vector(OF_THE_BODY_ALONE), vector_connection())


def test_a_signature_over_the_body_alone_is_taken_where_a_setting_allows_it() -> None:
    PLATFORM.authenticate(vector(OF_THE_BODY_ALONE), vector_connection(body_only_signature=True))


@pytest.mark.parametrize("signature", [VECTOR_SIGNATURE[::-1], "", "AAAA"])
def test_that_setting_lets_no_other_signature_in(signature: str) -> None:
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(vector(signature), vector_connection(body_only_signature=True))


@pytest.mark.parametrize("late", [timedelta(hours=24), timedelta(hours=-24)], ids=["old", "of the future"])
def test_a_timestamp_is_good_for_a_day(late: timedelta) -> None:
    PLATFORM.authenticate(vector(received_at=VECTOR_AT + late), vector_connection())

    with pytest.raises(NotAuthentic, match="timestamp"):
        PLATFORM.authenticate(vector(received_at=VECTOR_AT + late * 1.001), vector_connection())


def test_how_long_a_timestamp_is_good_is_a_setting() -> None:
    late = vector(received_at=VECTOR_AT + timedelta(days=30))

    PLATFORM.authenticate(late, vector_connection(replay_hours=24 * 31))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"timestamp":"2024-03-28T15:11:01.050Z"', id="cut off"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"{}", id="no timestamp"),
        pytest.param(b'{"timestamp":1711638661}', id="a number"),
        pytest.param(b'{"timestamp":"yesterday"}', id="no time"),
        pytest.param(b'{"timestamp":"\\ud800"}', id="no text"),
        pytest.param(b"[" * 100_000, id="without end"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
    ],
)
def test_what_has_no_timestamp_cannot_be_authentic(body: bytes) -> None:
    connection = vector_connection()
    signed = PLATFORM.sign(vector(headers={}, body=body), connection)

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(replace(signed, body=body), connection)


def test_samples_are_stamped_when_they_are_sent() -> None:
    connection, sample = connect(), load_sample("toast", "order_updated__empty")
    later = NOW + timedelta(days=300)

    sent = request_for(sample, connection, received_at=later)

    assert json.loads(sent.body) == {**json.loads(sample.body), "timestamp": "2027-08-01T15:00:00.000Z"}
    PLATFORM.authenticate(sent, connection)


def test_without_a_secret_nothing_can_be_signed() -> None:
    with pytest.raises(Misconfigured):
        PLATFORM.sign(vector(), connection_for("toast", credentials()))


# --- what it says -------------------------------------------------------------------------------------------------


def sample_body(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(load_sample("toast", name).body)
    return body


def read(
    body: Mapping[str, Any], connection: AnyConnection | None = None, headers: Mapping[str, str] | None = None
) -> list[InboundMessage]:
    request = Request("POST", "/webhooks/toast/con_test", headers or {}, {}, json.dumps(body).encode(), NOW)
    return list(PLATFORM.read(request, connection or connect()).messages)


def order_event(**order: object) -> dict[str, Any]:
    """A webhook about an order with a line on it, and these fields."""
    body = sample_body("order_updated__not_approved")
    body["details"]["order"] |= {"approvalStatus": "APPROVED", **order}
    return body


def test_an_order_comes_at_once_and_is_fetched_for_its_guest() -> None:
    body = order_event()
    (snapshot,) = read(body)

    assert isinstance(snapshot, OrderSnapshot)
    assert (snapshot.delivery_key, snapshot.source_version, snapshot.is_new) == (
        body["guid"],
        "2026-10-05T14:42:01.004000Z",
        True,
    )
    assert (snapshot.order.external_id, snapshot.order.status) == (body["details"]["order"]["guid"], Status.ACCEPTED)
    assert snapshot.fetch == {"restaurant": LARKSPUR}


@pytest.mark.parametrize(
    ("created", "modified", "first"),
    [
        ("2026-10-05T14:41:58.120+0000", "2026-10-05T14:42:01.004+0000", True),
        ("2026-10-05T14:41:58.120+0000", "2026-10-05T14:42:09.004+0000", False),
        (None, "2026-10-05T14:42:01.004+0000", False),
        (7, "2026-10-05T14:42:01.004+0000", False),
    ],
)
def test_an_order_changed_within_seconds_of_its_making_is_most_likely_new(
    created: Any, modified: str, first: bool
) -> None:
    body = order_event()
    body["details"]["order"] |= {"createdDate": created, "modifiedDate": modified}
    (snapshot,) = read(body)

    assert isinstance(snapshot, OrderSnapshot)
    assert snapshot.is_new is first


def test_the_guest_a_webhook_leaves_out_is_left_open() -> None:
    (snapshot,) = read(sample_body("order_updated__delivery"))

    assert isinstance(snapshot, OrderSnapshot)
    assert (snapshot.order.customer, snapshot.order.address) == (None, None)


def test_what_a_webhook_tells_in_part_replaces_nothing() -> None:
    (snapshot,) = read(sample_body("order_updated__delivery"))

    assert isinstance(snapshot, OrderSnapshot)
    assert snapshot.guessed == {"customer", "address", "source", "fulfillment"}


def test_a_dining_option_that_the_settings_know_is_no_guess() -> None:
    body = sample_body("order_updated__delivery")
    option = body["details"]["order"]["diningOption"]["guid"]
    (snapshot,) = read(body, connect(dining_options={option: "DELIVERY"}))

    assert isinstance(snapshot, OrderSnapshot)
    assert snapshot.guessed == {"customer", "address", "source"}
    assert snapshot.order.fulfillment == "delivery"


def test_versions_of_fetched_and_sent_orders_are_never_taken_for_equal() -> None:
    assert not PLATFORM.exact_versions


def test_the_restaurant_is_that_of_the_header_where_the_body_has_none() -> None:
    body = order_event()
    del body["details"]["restaurantGuid"]
    two = replace(connect(), stores={**STORES, "another": StoreRef("sto_other")})

    (snapshot,) = read(body, two, {"toast-restaurant-external-id": LARKSPUR})

    assert isinstance(snapshot, OrderSnapshot)
    assert (snapshot.order.store_id, snapshot.order.store_external_id) == ("sto_larkspur", LARKSPUR)
    assert snapshot.fetch == {"restaurant": LARKSPUR}


def test_a_restaurant_that_nobody_names_goes_to_the_default_store() -> None:
    body = order_event()
    del body["details"]["restaurantGuid"]

    (snapshot,) = read(body, connection_for("toast", credentials("secret")))

    assert isinstance(snapshot, OrderSnapshot)
    assert (snapshot.order.store_id, snapshot.order.store_external_id) == ("sto_main", None)
    assert snapshot.fetch == {}


def test_a_check_that_was_only_opened_is_ignored() -> None:
    body = sample_body("order_updated__empty")

    assert read(body) == [
        Ignored(delivery_key=body["guid"], reason="nothing is on the check, and nobody's name"),
    ]


def test_a_check_with_a_name_and_nothing_on_it_is_an_order() -> None:
    body = sample_body("order_updated__empty")
    body["details"]["order"]["checks"][0]["customer"] = {"guid": "c-1", "entityType": "Customer"}

    assert [type(message) for message in read(body)] == [OrderSnapshot]


def test_an_order_that_was_merged_away_ends_for_those_who_knew_it() -> None:
    body = sample_body("order_updated__merged")

    assert read(body) == [
        StatusReport(
            delivery_key=body["guid"],
            source_version="2026-10-05T14:42:01.004000Z",
            external_id=body["details"]["order"]["guid"],
            store_external_id=LARKSPUR,
            only_if_known=True,
            status=Status.CANCELLED,
            reason=StatusReason(
                source_code="deleted", details="deleted on the POS, or combined with another order there"
            ),
        )
    ]


def test_an_order_without_a_time_of_change_has_no_version() -> None:
    assert {message.source_version for message in read(order_event(modifiedDate=None))} == {None}
    assert {message.source_version for message in read(order_event(modifiedDate="just now"))} == {None}


@pytest.mark.parametrize("details", [None, [], {}, {"order": None}, {"order": []}])
def test_an_order_event_without_an_order_goes_to_quarantine(details: object) -> None:
    with pytest.raises(Quarantine, match="without an order"):
        read({**order_event(), "details": details})


# https://doc.toasttab.com/doc/devguide/apiGuestOrderFulfillmentStatusWebhook.html
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("RECEIVED", Status.INCOMING),
        ("IN_PREPARATION", Status.ACCEPTED),
        ("READY_FOR_PICKUP", Status.READY),
        ("CLOSED", Status.COMPLETED),
        ("VOIDED", Status.CANCELLED),
    ],
)
def test_what_a_guest_is_told_is_a_status(word: str, status: Status) -> None:
    body = sample_body(f"guest_order_status__{word.lower()}")

    assert read(body) == [
        StatusReport(
            delivery_key=body["guid"],
            external_id=body["details"]["orderGuid"],
            store_external_id=LARKSPUR,
            status=status,
        )
    ]


def test_a_guest_status_that_is_not_known_lets_the_order_be_read() -> None:
    body = sample_body("guest_order_status__received")
    body["details"]["guestOrderStatus"] = "ON_THE_MOON"

    assert read(body) == [
        OrderReference(
            delivery_key=body["guid"], external_id=body["details"]["orderGuid"], ref={"restaurant": LARKSPUR}
        )
    ]


@pytest.mark.parametrize(
    "sample",
    [
        "menus__menus_updated",
        "ordering_schedule__ordering_schedule_updated",
        "packaging__packaging_updated",
        "partners__partner_added",
        "restaurant_availability__availability_updated",
        "restaurant_availability_toggle__availability_toggled",
        "stock__out_of_stock",
    ],
)
def test_news_about_anything_else_ask_for_nothing(sample: str) -> None:
    body = sample_body(sample)

    assert read(body) == [
        Ignored(delivery_key=body["guid"], reason=f"{body['eventCategory']}: not about an order"),
    ]


def test_an_unknown_event_asks_for_nothing() -> None:
    body = sample_body("unknown__new_event")

    assert read(body) == [Ignored(delivery_key=body["guid"], reason="weather: an event type we do not know")]


def test_an_event_without_an_id_is_known_by_its_body() -> None:
    body = {**sample_body("stock__out_of_stock"), "guid": None}
    one, again = (read(body)[0].delivery_key for _ in range(2))

    assert one == again != read({**body, "timestamp": "2026-10-05T14:43:00.000Z"})[0].delivery_key


def test_everything_is_answered_with_nothing() -> None:
    request = Request("POST", "/", {}, {}, json.dumps(order_event()).encode(), NOW)

    assert PLATFORM.read(request, connect()).answer == Answer(200, "", {}) == PLATFORM.quarantine_answer(request)
