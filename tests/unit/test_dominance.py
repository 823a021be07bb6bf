from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderhub.order.dominance import KEPT_AFTER_ACCEPT, OWNERS, STAFF_ITEM_FIELDS, Owner, settle
from orderhub.order.models import (
    Address,
    Amounts,
    Check,
    Courier,
    Customer,
    DeliveredBy,
    Discount,
    Fulfillment,
    HandOver,
    Item,
    Order,
    Payment,
    Refund,
    Reservation,
    StatusReason,
    Sync,
    SyncState,
    Tracking,
)
from orderhub.order.status import Status
from tests.unit.made import NOW, an_item, an_order

EARLIER = NOW - timedelta(hours=1)
# Order field -> what we know, and what the platform says when it sends the order again.
BOTH: dict[str, tuple[Any, Any]] = {
    "id": ("ord_1", "ord_2"),
    "version": (4, 0),
    "created_at": (EARLIER, None),
    "updated_at": (EARLIER, None),
    "times": ({Status.ACCEPTED: EARLIER}, {}),
    "sync": (Sync(state=SyncState.CONFIRMED), Sync()),
    "handed_to": ("Sam", None),
    "hand_overs": ({"delivery": HandOver(connection_id="con_9", platform="fleet")}, {}),
    "status_by": ("Robin", None),
    "enters_at": (EARLIER, None),
    "cart": (Sync(state=SyncState.PENDING), None),
    "erased_at": (EARLIER, None),
    "refunds": ([Refund(id="ref_1", amount=1, asked_by="a", at=EARLIER)], []),
    "status": (Status.ACCEPTED, Status.READY),
    "status_reason": (StatusReason(details="ours"), StatusReason(details="theirs")),
    "prep_minutes": (20, 30),
    "promised_at": (EARLIER, NOW),
    "courier": (Courier(name="Ours"), Courier(name="Theirs")),
    "tracking": ([Tracking(code="1")], [Tracking(code="2")]),
    "platform": ("toy", "toy2"),
    "connection_id": ("con_1", "con_2"),
    "channel": ("toy", "market"),
    "external_id": ("A1", "A2"),
    "display_id": ("#1", "#2"),
    "store_id": ("sto_1", "sto_2"),
    "store_external_id": ("s1", "s2"),
    "fulfillment": (Fulfillment.PICKUP, Fulfillment.DELIVERY),
    "delivered_by": (DeliveredBy.STORE, DeliveredBy.STORE),
    "placed_at": (EARLIER, NOW),
    "scheduled_for": (EARLIER, NOW),
    "accept_by": (EARLIER, NOW),
    "ready_at": (EARLIER, NOW),
    "delivery_at": (EARLIER, NOW),
    "customer": (Customer(name="A"), Customer(name="B")),
    "address": (Address(line1="A"), Address(line1="B")),
    "items": ([an_item(name="A")], [an_item(name="B")]),
    "amounts": (Amounts(currency="USD", total=1), Amounts(currency="USD", total=2)),
    "discounts": ([Discount(amount=1)], []),
    "payment": (Payment(prepaid=True), Payment(prepaid=False)),
    "notes": ("a", "b"),
    "include_cutlery": (True, False),
    "reservation": (Reservation(party_size=2), Reservation(party_size=3)),
    "duplicate_of": ("ord_a", "ord_b"),
    "is_test": (True, False),
    "brand": ("a", "b"),
    "source_status": (Status.INCOMING, Status.READY),
    "source_version": ("1", "2"),
    "offer": ("1", "2"),
    "source": ({"a": "1"}, {"b": "2"}),
    "checks": ([Check(code="A", message="a")], []),
}
KNOWN = {name: ours for name, (ours, _) in BOTH.items()}
SENT = {name: theirs for name, (_, theirs) in BOTH.items()}


def test_every_field_of_an_order_has_an_owner() -> None:
    assert set(OWNERS) == set(Order.model_fields)


def test_every_field_that_staff_keep_is_one_of_the_order_or_its_lines() -> None:
    assert set(Order.model_fields) >= KEPT_AFTER_ACCEPT
    assert set(STAFF_ITEM_FIELDS) <= set(Item.model_fields)


@pytest.mark.parametrize("field", BOTH)
def test_a_field_ends_with_the_value_of_its_owner(field: str) -> None:
    kept_after_accept = field in KEPT_AFTER_ACCEPT
    expected = SENT[field] if OWNERS[field] is Owner.SOURCE and not kept_after_accept else KNOWN[field]

    settled = settle(an_order(**KNOWN), an_order(**SENT))

    assert getattr(settled, field) == expected


def test_the_table_of_this_test_has_every_field() -> None:
    assert set(BOTH) == set(Order.model_fields)


@pytest.mark.parametrize("field", sorted(name for name, field in Order.model_fields.items() if field.default is None))
def test_silence_is_not_a_deletion(field: str) -> None:
    settled = settle(an_order(**KNOWN), an_order(**{**SENT, field: None}))

    assert getattr(settled, field) == KNOWN[field]


@pytest.mark.parametrize("field", ["items", "tracking"])
def test_a_read_that_does_not_carry_a_list_does_not_empty_it(field: str) -> None:
    known = {**KNOWN, "delivered_by": DeliveredBy.PLATFORM}

    settled = settle(an_order(**known), an_order(**{**SENT, "delivered_by": DeliveredBy.PLATFORM, field: []}))

    assert getattr(settled, field) == KNOWN[field]


def test_a_discount_that_is_no_longer_sent_is_gone() -> None:
    assert settle(an_order(**KNOWN), an_order(**{**SENT, "discounts": []})).discounts == []


@pytest.mark.parametrize("field", ["status_reason", "courier", "tracking"])
def test_a_gap_of_ours_is_filled_by_the_platform(field: str) -> None:
    empty: Any = [] if field == "tracking" else None

    settled = settle(an_order(**{**KNOWN, field: empty}), an_order(**SENT))

    assert getattr(settled, field) == SENT[field]


@pytest.mark.parametrize("field", ["courier", "tracking"])
def test_a_courier_of_the_platform_is_the_platforms_to_tell(field: str) -> None:
    settled = settle(an_order(**KNOWN), an_order(**{**SENT, "delivered_by": DeliveredBy.PLATFORM}))

    assert getattr(settled, field) == SENT[field]


def test_until_staff_promise_a_ready_time_the_platforms_prediction_is_followed() -> None:
    settled = settle(an_order(ready_at=EARLIER, prep_minutes=20), an_order(ready_at=NOW, prep_minutes=30))

    assert (settled.ready_at, settled.prep_minutes, settled.promised_at) == (NOW, 30, None)


def test_what_staff_have_promised_stays_whatever_the_platform_predicts() -> None:
    current = an_order(ready_at=EARLIER, prep_minutes=0, promised_at=EARLIER)

    settled = settle(current, an_order(ready_at=NOW, prep_minutes=15))

    assert (settled.ready_at, settled.prep_minutes, settled.promised_at) == (EARLIER, 0, EARLIER)


@pytest.mark.parametrize(("known", "expected"), [("from before", "from before"), (None, "a guess")])
def test_a_guess_fills_a_gap_and_replaces_nothing(known: str | None, expected: str) -> None:
    settled = settle(an_order(notes=known), an_order(notes="a guess"), frozenset({"notes"}))

    assert settled.notes == expected


def test_what_staff_noted_on_a_line_stays_when_the_line_is_sent_again() -> None:
    picked = an_item(id="itm_1", status="picked", picked_quantity=Decimal(2))
    current = an_order(items=[picked, an_item(id="itm_2")])
    incoming = an_order(items=[an_item(id="itm_1", name="Larger pizza"), an_item(id="itm_3")])

    assert settle(current, incoming).items == [
        an_item(id="itm_1", name="Larger pizza", status="picked", picked_quantity=Decimal(2)),
        an_item(id="itm_3"),
    ]


def test_the_same_order_sent_again_changes_nothing() -> None:
    order = an_order(**KNOWN)

    assert settle(order, order) == order


def test_a_text_that_staff_wrote_stays_when_the_platform_sends_its_own() -> None:
    written = an_item(notes="no onions, called", edited=["notes"])

    (line,) = settle(an_order(items=[written]), an_order(items=[an_item(name="Calzone", notes="no onions")])).items

    assert line == an_item(name="Calzone", notes="no onions, called", edited=["notes"])
