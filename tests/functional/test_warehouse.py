"""Orders handed to a warehouse: created there once they are paid; shipped, they are told to the shop once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.standins.samples import shopify as samples
from orderhub.actions.poll_connection import send_due_polls
from orderhub.order.stock import Place, thousandths
from orderhub.storage import stock
from tests.functional.conftest import Clock
from tests.functional.hub import STORE, Hub

PARCEL = {"trackingNumber": "JJFI00000000000000001", "trackingUrl": "https://track.example.com/1"}


@pytest.fixture
def shop(hub: Hub) -> str:
    return hub.connect("shopify", settings={"fulfillment_with_address": "shipping"})


@pytest.fixture
def floor(hub: Hub) -> Any:
    """The warehouse, that serves the store and has all that the shop sells."""
    hub.serve("ogoship")
    standin: Any = hub.vendors.app.vendors["ogoship"]
    for n in range(1, 4):
        for line in samples.order(n)["line_items"]:
            standin.floor.put_product(line["sku"], {"code": line["sku"], "languageCode": "en"})
            standin.floor.set_stock(line["sku"], 50)
    return standin


def paid(hub: Hub, shop: str, n: int = 1) -> str:
    return hub.receive(shop, order=samples.order(n, method="SHIPPING"))


def look(hub: Hub, clock: Clock) -> None:
    """The schedule comes by, and what it finds is worked on."""
    clock.wait(minutes=11)
    send_due_polls({}, None)
    hub.run()


def test_a_paid_order_is_created_once(hub: Hub, shop: str, floor: Any, clock: Clock) -> None:
    order_id = paid(hub, shop)

    (reference,) = floor.order_ids()
    theirs, order = floor.view(reference), hub.order(order_id)
    assert theirs["status"] == "new"
    assert {line["code"] for line in theirs["orderLines"]} == {item.sku for item in order.items}
    assert order.hand_overs["warehouse"].platform == "ogoship"
    for _ in range(20):
        hub.api("POST", f"/v1/orders/{order_id}/resend")
        hub.run()
        look(hub, clock)
    assert floor.order_ids() == [reference]


def test_what_is_shipped_is_told_to_the_shop_once(hub: Hub, shop: str, floor: Any, clock: Clock) -> None:
    order_id = paid(hub, shop)
    (reference,) = floor.order_ids()

    floor.change_order(reference, {"status": "collecting"})
    look(hub, clock)
    collecting = hub.order(order_id).status
    floor.change_order(reference, {"status": "shipped", **PARCEL})
    for _ in range(3):
        look(hub, clock)

    order = hub.order(order_id)
    assert (collecting, order.status) == ("bagging", "picked_up")
    assert [parcel.code for parcel in order.tracking] == [PARCEL["trackingNumber"]]
    assert order.sync.state == "confirmed"
    (fulfillment,) = hub.vendors.held("shopify", order.external_id)["order"]["fulfillments"]
    assert fulfillment["tracking_numbers"] == [PARCEL["trackingNumber"]]


def test_the_warehouse_s_stock_is_what_can_be_sold(hub: Hub, shop: str, floor: Any, clock: Clock) -> None:
    sku = samples.order(1)["line_items"][0]["sku"]
    look(hub, clock)
    kept = stock.get(Place(STORE, sku))
    assert kept is not None
    assert kept.available == thousandths(Decimal(50))

    floor.floor.set_stock(sku, 7)
    look(hub, clock)

    after = stock.get(Place(STORE, sku))
    assert after is not None
    assert (after.available, after.changed_by) == (thousandths(Decimal(7)), "ogoship")


def test_an_order_that_is_not_paid_waits(hub: Hub, shop: str, floor: Any) -> None:
    unpaid = samples.order(2, method="SHIPPING", financial_status="pending")

    hub.receive(shop, order=unpaid)

    assert floor.order_ids() == []
