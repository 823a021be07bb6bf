"""GloriaFood's words for where an order stands, how it goes out and where to, each row of each table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orderhub.errors import Ignore, Quarantine
from orderhub.order.models import (
    Address,
    Fulfillment,
    Order,
    Reservation,
    StatusReason,
)
from orderhub.order.status import Status
from orderhub.platforms.gloriafood import PLATFORM
from tests.platforms.conformance import connection_for

CONNECTION = connection_for("gloriafood", {"master_keys": ["k"]})


def order_of(**fields: object) -> Order:
    """The order of a payload that has nothing but what it must have, and these fields."""
    return PLATFORM.to_order({"id": 1, "status": "accepted", "type": "pickup", **fields}, CONNECTION)


def line(**fields: object) -> dict[str, object]:
    return {"id": 7, "type": "item", "name": "Soup", "quantity": 1, **fields}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "pending"}, Status.INCOMING),
        ({"status": "accepted"}, Status.ACCEPTED),
        ({"status": "accepted", "ready": False}, Status.ACCEPTED),
        ({"status": "accepted", "ready": True}, Status.READY),
        ({"status": "rejected"}, Status.DENIED),
        ({"status": "timed_out"}, Status.DENIED),
        ({"status": "canceled"}, Status.CANCELLED),
        ({"status": "canceled", "ready": True}, Status.CANCELLED),
    ],
)
def test_a_status_is_read(fields: dict[str, object], status: Status) -> None:
    assert order_of(**fields).status == status


@pytest.mark.parametrize("status", ["missed", "", None, "ACCEPTED"])
def test_an_unknown_status_changes_no_order_and_is_looked_at(status: str | None) -> None:
    with pytest.raises(Quarantine, match="which may mean anything"):
        order_of(status=status)


@pytest.mark.parametrize(
    ("word", "details"),
    [
        ("NO_CONNECTION", "the order did not reach the order-taking app"),
        ("TIMED_OUT", "the order reached the order-taking app, and nobody accepted it in time"),
        ("SOMETHING_NEW", None),
    ],
)
def test_a_missed_order_says_why(word: str, details: str | None) -> None:
    order = order_of(status="timed_out", missed_reason=word)

    assert order.status_reason == StatusReason(source_code=word, details=details)


@pytest.mark.parametrize("version", [1, 3])
def test_another_version_of_the_api_is_not_read(version: int) -> None:
    with pytest.raises(Quarantine, match=f"api_version {version}"):
        order_of(api_version=version)


@pytest.mark.parametrize(
    ("word", "fulfillment"),
    [
        ("delivery", Fulfillment.DELIVERY),
        ("pickup", Fulfillment.PICKUP),
        ("dine_in", Fulfillment.DINE_IN),
        ("order_ahead", Fulfillment.DINE_IN),
    ],
)
def test_a_type_is_read(word: str, fulfillment: Fulfillment) -> None:
    assert order_of(type=word).fulfillment == fulfillment


@pytest.mark.parametrize(
    "fields", [{"type": "table_reservation", "items": [line()]}, {"type": "gift_card"}, {"type": None}]
)
def test_what_has_nothing_to_be_made_is_ignored(fields: dict[str, object]) -> None:
    with pytest.raises(Ignore, match="nothing to be made"):
        order_of(**fields)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("in_person", "Hand over in person"),
        ("meet_rider", "The customer meets the rider outside"),
        ("no_contact", "Leave it without contact"),
        ("at_counter", "The customer comes to the counter"),
        ("outside_venue", "Hand over outside the venue"),
        ("curbside_pickup", "Bring it to the customer's car"),
        ("by_drone", None),
        (None, None),
    ],
)
def test_how_to_hand_over_is_said_in_words(option: str | None, words: str | None) -> None:
    brought = order_of(type="delivery", client_address="1 Way", fulfillment_option=option)
    fetched = order_of(fulfillment_option=option)

    assert brought.address is not None
    assert (brought.address.instructions, fetched.notes) == (words, words)
    assert (brought.source.get("fulfillment_option"), brought.notes) == (option, None)


@pytest.mark.parametrize(
    ("parts", "line1", "line2"),
    [
        ({"street": "1 Way", "floor": "2", "intercom": "9"}, "1 Way", "2, 9"),
        ({"full_address": "1 Way, Springfield"}, "1 Way, Springfield", None),
        (None, "1 Way, 01101 Springfield", None),
    ],
)
def test_an_address_comes_in_parts_or_in_one(parts: object, line1: str, line2: str | None) -> None:
    address = order_of(client_address="1 Way, 01101 Springfield", client_address_parts=parts).address

    assert address == Address(line1=line1, line2=line2)


@pytest.mark.parametrize(
    ("latitude", "degrees"), [("40.8025", 40.8025), (40.8025, 40.8025), ("", None), ("north", None), ("400", None)]
)
def test_coordinates_are_text_and_count_only_with_an_address(latitude: object, degrees: float | None) -> None:
    there = order_of(client_address="1 Way", latitude=latitude).address

    assert there is not None
    assert there.lat == degrees
    assert order_of(latitude=latitude).address is None


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ({"type": "delivery", "for_later": True}, {"scheduled_for"}),
        ({"type": "delivery", "for_later": False}, {"delivery_at"}),
        ({"type": "pickup", "for_later": True}, {"scheduled_for"}),
        ({"type": "pickup"}, {"ready_at"}),
        ({"type": "dine_in", "for_later": False}, {"ready_at"}),
    ],
)
def test_the_time_is_asked_for_or_promised(fields: dict[str, object], times: set[str]) -> None:
    order = order_of(fulfill_at="2026-10-05T15:40:19.000Z", **fields)

    told = {name: getattr(order, name) for name in ("scheduled_for", "ready_at", "delivery_at") if getattr(order, name)}
    assert told == dict.fromkeys(times, datetime(2026, 10, 5, 15, 40, 19, tzinfo=UTC))


@pytest.mark.parametrize(
    ("fields", "table"),
    [
        ({"persons": 0}, None),
        ({"persons": 4}, Reservation(party_size=4)),
        ({"table_number": 12, "dine_in_subtype": "room_service"}, Reservation(table="12", seating="room_service")),
        ({"dine_in_subtype": "custom", "dine_in_subtype_custom_name": "Roof"}, Reservation(seating="Roof")),
        ({"dine_in_subtype": "custom"}, Reservation(seating="custom")),
    ],
)
def test_a_table_is_told_as_far_as_it_is_known(fields: dict[str, object], table: Reservation | None) -> None:
    assert order_of(type="dine_in", **fields).reservation == table


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_no_instructions_are_no_notes(blank: str | None) -> None:
    order = order_of(instructions=blank, items=[line(instructions=blank)])

    assert (order.notes, order.items[0].notes) == (None, None)


@pytest.mark.parametrize(("skipped", "told"), [(True, "true"), (False, None), (None, None)])
def test_a_pin_that_the_customer_did_not_set_is_noted(skipped: bool | None, told: str | None) -> None:
    assert order_of(client_address="1 Way", pin_skipped=skipped).source.get("pin_skipped") == told


@pytest.mark.parametrize(("source", "is_test"), [("admin", True), ("ios_branded", False), (None, False)])
def test_only_an_order_of_the_menu_editor_is_a_test(source: str | None, is_test: bool) -> None:
    assert order_of(source=source).is_test is is_test


def test_lines_without_ids_are_told_apart_by_their_place() -> None:
    order = order_of(items=[line(id=None), line(id=None, options=[{"name": "A"}, {"name": "B"}])])

    ids = [one.id for one in (*order.items, *order.items[1].modifiers)]
    assert len(set(ids)) == 4
