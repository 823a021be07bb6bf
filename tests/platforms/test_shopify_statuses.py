"""Shopify: where an order stands, and how it travels."""

from __future__ import annotations

import pytest

from orderhub.errors import Ignore
from orderhub.order.models import (
    Check,
    DeliveredBy,
    Fulfillment,
    StatusReason,
)
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.shopify.statuses import CANCEL_REASONS
from tests.platforms.test_shopify_mapping import Json, delivery, mapped, parcel_order

COD = ["Cash on Delivery (COD)"]
SENT = {"status": "success", "shipment_status": None}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"cancelled_at": "2026-10-05T13:00:00Z", "fulfillment_status": "fulfilled"}, Status.CANCELLED),
        ({"cancelled_at": "2026-10-05T13:00:00Z", "financial_status": "voided"}, Status.CANCELLED),
        ({"financial_status": "paid"}, Status.INCOMING),
        ({"financial_status": "authorized"}, Status.INCOMING),
        ({"financial_status": "partially_paid"}, Status.INCOMING),
        ({"financial_status": "pending", "payment_gateway_names": COD}, Status.INCOMING),
        ({"financial_status": "refunded"}, Status.INCOMING),
        ({"financial_status": "partially_refunded"}, Status.INCOMING),
        ({"fulfillment_status": "partial"}, Status.BAGGING),
        ({"fulfillment_status": "partial", "financial_status": "partially_refunded"}, Status.BAGGING),
        ({"fulfillment_status": "fulfilled"}, Status.COMPLETED),
        (
            {"fulfillment_status": "fulfilled", "financial_status": "pending", "payment_gateway_names": COD},
            Status.COMPLETED,
        ),
        ({"fulfillment_status": "restocked"}, Status.CANCELLED),
        ({"fulfillment_status": "fulfilled", "fulfillments": [SENT]}, Status.COMPLETED),
        (
            {"fulfillment_status": "fulfilled", "fulfillments": [SENT, {**SENT, "shipment_status": "in_transit"}]},
            Status.PICKED_UP,
        ),
    ],
)
def test_each_row_of_the_status_table(changes: Json, status: Status) -> None:
    assert mapped(delivery(**changes)).status is status


@pytest.mark.parametrize(
    "changes",
    [
        {"financial_status": "pending"},
        {"financial_status": "pending", "fulfillment_status": "fulfilled"},
        {"financial_status": "voided"},
        {"financial_status": "expired"},
        {"fulfillment_status": "pending"},
    ],
)
def test_the_rows_of_orders_that_are_not_to_be_made(changes: Json) -> None:
    with pytest.raises(Ignore):
        mapped(delivery(**changes))


@pytest.mark.parametrize(
    ("shipments", "status"),
    [
        ([], Status.PICKED_UP),
        ([None], Status.PICKED_UP),
        (["delivered", "in_transit"], Status.PICKED_UP),
        (["delivered", "delivered"], Status.COMPLETED),
        (["label_printed"], Status.BAGGING),
        (["failure"], Status.PICKED_UP),
    ],
)
def test_what_is_shipped_is_picked_up_until_all_of_it_is_delivered(shipments: list[str | None], status: Status) -> None:
    parcels = [{**SENT, "shipment_status": shipment} for shipment in shipments]
    body = parcel_order(fulfillment_status="fulfilled", fulfillments=parcels)

    assert mapped(body, {"fulfillment_with_address": "shipping"}).status is status


def test_a_local_delivery_can_wait_for_the_word_that_it_arrived() -> None:
    body = delivery(fulfillment_status="fulfilled", fulfillments=[SENT])
    delivered = delivery(fulfillment_status="fulfilled", fulfillments=[{**SENT, "shipment_status": "delivered"}])
    settings = {"delivered_ends_delivery": True}

    assert [mapped(one, settings).status for one in (body, delivered)] == [Status.PICKED_UP, Status.COMPLETED]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"financial_status": "on_credit"}, "financial_status 'on_credit' is new to us"),
        ({"financial_status": None}, "financial_status '' is new to us"),
        ({"fulfillment_status": "beamed"}, "fulfillment_status 'beamed' is new to us"),
    ],
)
def test_an_unknown_status_is_flagged_and_the_order_taken_in(changes: Json, message: str) -> None:
    order = mapped(delivery(**changes))

    assert order.status is Status.INCOMING
    assert order.checks == [Check(code="UNKNOWN_STATUS", message=message)]


@pytest.mark.parametrize(("word", "code"), CANCEL_REASONS.items())
def test_each_reason_of_a_cancellation_is_one_of_ours(word: str, code: CancelReason) -> None:
    order = mapped(delivery(cancelled_at="2026-10-05T13:00:00Z", cancel_reason=word))

    details = f"Shopify: {word}" if code is CancelReason.OTHER else None
    assert order.status_reason == StatusReason(code=code, source_code=word, details=details)


def test_an_unknown_reason_is_kept_in_shopifys_word() -> None:
    order = mapped(delivery(cancelled_at="2026-10-05T13:00:00Z", cancel_reason="eclipse"))

    assert order.status_reason == StatusReason(source_code="eclipse")


@pytest.mark.parametrize(
    ("fulfillments", "state", "flags"),
    [
        ([{**SENT, "name": "#1.1", "status": "cancelled"}], None, ["fulfillment #1.1: cancelled"]),
        ([{**SENT, "name": "#1.1", "status": "error"}], "partial", ["fulfillment #1.1: error"]),
        ([{**SENT, "name": "#1.1", "status": "cancelled"}, SENT], "fulfilled", []),
        ([{**SENT, "name": "#1.1", "shipment_status": "failure"}], "fulfilled", ["fulfillment #1.1: failure"]),
    ],
)
def test_a_parcel_that_went_wrong_is_flagged_until_it_is_made_good(
    fulfillments: list[Json], state: str | None, flags: list[str]
) -> None:
    order = mapped(delivery(fulfillments=fulfillments, fulfillment_status=state))

    assert order.checks == [Check(code="NEEDS_STAFF", message=message) for message in flags]


# --- how it travels ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "settings", "fulfillment", "by"),
    [
        (True, {}, Fulfillment.DELIVERY, DeliveredBy.STORE),
        (True, {"fulfillment_with_address": "shipping"}, Fulfillment.SHIPPING, DeliveredBy.STORE),
        (False, {}, Fulfillment.PICKUP, None),
        (False, {"fulfillment_without_address": "dine_in"}, Fulfillment.DINE_IN, None),
    ],
)
def test_without_the_api_an_address_decides_how_an_order_travels(
    address: bool, settings: Json, fulfillment: Fulfillment, by: DeliveredBy | None
) -> None:
    order = mapped(delivery() if address else delivery(shipping_address=None), settings)

    assert (order.fulfillment, order.delivered_by) == (fulfillment, by)
