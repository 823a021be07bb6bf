"""Shopify: orders as its API tells them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.models import (
    Check,
    Fulfillment,
    Payment,
    PaymentMethod,
)
from orderhub.order.status import Status
from orderhub.platforms.http_types import parse_json
from orderhub.platforms.shopify.statuses import FULFILLMENT_ORDER, METHODS
from tests.platforms.samples import load_sample
from tests.platforms.test_shopify import LOCATION, OLD_MILL, body_of
from tests.platforms.test_shopify_mapping import Json, at, mapped


def fetched(sample: str) -> Any:
    """The answer of the GraphQL API for the order of this sample."""
    return parse_json(load_sample("shopify", sample).fetched or b"")


def test_the_api_tells_the_same_order_as_a_webhook_and_more() -> None:
    same = {**body_of("orders_updated__partly_refunded"), "id": 6200000001111, "name": "#HK1111"}
    for number, line in enumerate(same["line_items"], start=1):
        line["id"] = 15300000011110 + number
    told = mapped({**same, "admin_graphql_api_id": "gid://shopify/Order/6200000001111"})

    read = mapped(fetched("refunds_create__one_line"))

    variants = {item.external_id: item.sku for item in read.items}
    assert read == told.model_copy(
        update={
            "store_id": OLD_MILL.id,
            "store_external_id": LOCATION,
            "status": Status.ACCEPTED,  # its fulfillment order is in progress
            "scheduled_for": at("2026-10-05T19:30:00+02:00"),  # in the zone of the location's store
            "amounts": told.amounts.model_copy(update={"computed": ["subtotal"]}),
            "source": {**read.source, **told.source, "current_total_price": "26.81", "total_outstanding": "0.0"},
        }
    )
    assert (read.source["delivery_method"], read.source["location"]) == ("LOCAL", LOCATION)
    assert variants == {item.external_id: item.sku for item in told.items}


def test_a_pickup_has_its_method_and_its_time_window_from_the_api() -> None:
    order = mapped(fetched("orders_edited__line_added"))

    assert order.fulfillment is Fulfillment.PICKUP
    assert order.delivered_by is None
    assert (order.scheduled_for, order.delivery_at) == (at("2026-10-05T14:00:00Z"), at("2026-10-05T14:15:00Z"))
    assert order.payment == Payment(method=PaymentMethod.CARD, prepaid=False, amount_due=109)


def test_the_window_of_a_parcel_is_no_time_for_the_store() -> None:
    order = mapped(fetched("fulfillments_update__delivery_failed"))

    assert order.fulfillment is Fulfillment.SHIPPING
    assert (order.scheduled_for, order.delivery_at) == (None, at("2026-10-09T18:00:00Z"))
    assert order.checks == [Check(code="NEEDS_STAFF", message="fulfillment #HK1115.2: failure")]
    assert order.status is Status.PICKED_UP


def node(**changes: Any) -> Json:
    """A GraphQL answer, with other values at the top of its order."""
    answer = deepcopy(fetched("orders_edited__line_added"))
    answer["data"]["order"].update(changes)
    return {"data": answer["data"]}


def routed(method: str | None = "LOCAL", status: str = "OPEN", location: str | None = None) -> Json:
    place = {"name": "Here", "location": {"id": f"gid://shopify/Location/{location}"}} if location else None
    told = {"methodType": method} if method else None
    return {"status": status, "deliveryMethod": told, "assignedLocation": place}


@pytest.mark.parametrize(("method", "fulfillment"), METHODS.items())
def test_each_delivery_method_of_the_api_is_one_of_ours(method: str, fulfillment: Fulfillment | None) -> None:
    order = mapped(node(fulfillmentOrders={"nodes": [routed(method)]}))

    assert (order.fulfillment, order.source["delivery_method"]) == (fulfillment, method)


def test_an_unknown_delivery_method_is_flagged_and_guessed() -> None:
    order = mapped(node(fulfillmentOrders={"nodes": [routed("DRONE")]}))

    assert order.fulfillment is Fulfillment.PICKUP
    assert order.checks[0] == Check(code="UNKNOWN_METHOD", message="delivery method 'DRONE' is new to us")


@pytest.mark.parametrize(("word", "status"), FULFILLMENT_ORDER.items())
def test_each_status_of_a_fulfillment_order_is_one_of_ours(word: str, status: Status) -> None:
    assert mapped(node(fulfillmentOrders={"nodes": [routed(status=word)]})).status is status


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["OPEN", "IN_PROGRESS"], Status.INCOMING),
        (["IN_PROGRESS", "CLOSED"], Status.ACCEPTED),
        (["CANCELLED", "OPEN"], Status.INCOMING),
        (["CANCELLED", "CLOSED"], Status.COMPLETED),
    ],
)
def test_of_several_fulfillment_orders_the_slowest_that_is_alive_counts(words: list[str], status: Status) -> None:
    assert mapped(node(fulfillmentOrders={"nodes": [routed(status=word) for word in words]})).status is status


@pytest.mark.parametrize(
    ("word", "code"), [("ON_HOLD", "ON_HOLD"), ("INCOMPLETE", "NEEDS_STAFF"), ("TOMORROW", "UNKNOWN_STATUS")]
)
def test_a_fulfillment_order_that_people_should_look_at_is_flagged(word: str, code: str) -> None:
    order = mapped(node(fulfillmentOrders={"nodes": [routed(status=word)]}))

    assert order.status is Status.INCOMING
    assert code in {check.code for check in order.checks}


def test_the_location_that_makes_an_order_is_its_store_unless_there_are_two() -> None:
    one = mapped(node(fulfillmentOrders={"nodes": [routed(location=LOCATION)] * 2}))
    two = mapped(node(fulfillmentOrders={"nodes": [routed(location=LOCATION), routed(location="9")]}))
    unknown = mapped(node(fulfillmentOrders={"nodes": [routed(location="9")]}))

    assert [order.store_id for order in (one, two, unknown)] == [OLD_MILL.id, "sto_main", "sto_main"]


def test_lines_that_take_several_answers_are_put_together() -> None:
    first = deepcopy(fetched("orders_edited__line_added"))
    lines = first["data"]["order"]["lineItems"]["nodes"]
    second = {"data": {"order": {"id": "x", "lineItems": {"nodes": [lines.pop()]}}}}

    assert mapped([first, second]) == mapped(fetched("orders_edited__line_added"))


def test_a_part_of_an_order_is_mapped_as_far_as_it_goes() -> None:
    part = {"id": "gid://shopify/Order/7", "displayFinancialStatus": "PAID", "displayFulfillmentStatus": "UNFULFILLED"}

    order = mapped({"data": {"order": {**part, "fulfillmentOrders": {"nodes": [routed("PICK_UP")]}}}})

    assert (order.external_id, order.fulfillment, order.status) == ("7", Fulfillment.PICKUP, Status.INCOMING)
    assert order.checks == [Check(code="CURRENCY_ASSUMED", message="no currency is said: USD of the store is assumed")]


def test_a_tip_is_known_through_the_api_by_its_name_and_price() -> None:
    tip = {"id": "gid://shopify/LineItem/9", "name": "Tip", "quantity": 1, "originalUnitPriceSet": money("2.0")}
    lines = {"nodes": [*fetched("orders_edited__line_added")["data"]["order"]["lineItems"]["nodes"], tip]}

    order = mapped(node(lineItems=lines, totalTipReceivedSet=money("2.0")))

    assert [item.name for item in order.items] == ["Chowder - Large", "Sourdough roll", "Oyster crackers"]
    assert order.amounts.tip == 200


def money(amount: str) -> Json:
    return {"shopMoney": {"amount": amount}}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *dict.fromkeys(("UNFULFILLED", "OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED"), Status.INCOMING).items(),
        *dict.fromkeys(("PENDING_FULFILLMENT", "REQUEST_DECLINED"), Status.INCOMING).items(),
        ("PARTIALLY_FULFILLED", Status.BAGGING),
        ("FULFILLED", Status.COMPLETED),
        ("RESTOCKED", Status.CANCELLED),
    ],
)
def test_each_display_status_of_the_api_is_one_of_ours(word: str, status: Status) -> None:
    assert mapped(node(displayFulfillmentStatus=word)).status is status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *dict.fromkeys(("FULFILLED", "MARKED_AS_FULFILLED", "SUBMITTED", "LABEL_VOIDED"), Status.PICKED_UP).items(),
        *dict.fromkeys(("NOT_DELIVERED", "FAILURE", "OUT_FOR_DELIVERY"), Status.PICKED_UP).items(),
        ("DELIVERED", Status.COMPLETED),
        ("READY_FOR_PICKUP", Status.READY),
    ],
)
def test_each_display_status_of_a_parcel_is_one_of_ours(word: str, status: Status) -> None:
    shipped = {"nodes": [routed("SHIPPING", "CLOSED")]}
    parcels = [{"id": "gid://shopify/Fulfillment/1", "status": "SUCCESS", "displayStatus": word}]

    order = mapped(node(displayFulfillmentStatus="FULFILLED", fulfillmentOrders=shipped, fulfillments=parcels))

    assert order.status is status


@pytest.mark.parametrize(
    "payload",
    [
        {"data": None},
        {"data": {"order": None}},
        [],
        [{"data": {"order": None}}],
        {"data": {"order": {"id": "gid://shopify/Order/1", "lineItems": {"nodes": 5}}}},
        {"data": {"order": {"id": "gid://shopify/Order/1", "lineItems": 5}}},
        {"data": {"order": {"id": None}}},
    ],
)
def test_an_answer_without_an_order_goes_to_quarantine(payload: Any) -> None:
    with pytest.raises(Quarantine):
        mapped(payload)
