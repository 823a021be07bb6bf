"""DoorDash's adapter against its stand-in: what it sends is taken, and what it sends back is read."""

from __future__ import annotations

import json as as_json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.standins.doordash import PLAYED
from local.standins.samples import doordash as samples
from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import Item, Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import CartEdit, Connection, Done, ItemAvailability, RefundRequest, StoreRef, StoreStatus
from orderhub.platforms.doordash import PLATFORM, proof
from orderhub.platforms.http_types import Request
from tests.unit.standins_client import START, Caller, VendorHttp

STANDIN = "http://vendors.test/doordash"


def connect(**settings: object) -> Connection[Any, Any]:
    store = StoreRef("sto_1", "America/Chicago", "USD")
    return Connection(
        id="con_1",
        platform="doordash",
        credentials=PLATFORM.Credentials.model_validate(PLAYED.credentials("token")),
        settings=PLATFORM.Settings.model_validate({**PLAYED.settings(STANDIN), **settings}),
        default_store=store,
        stores={samples.STORE_ID: store},
    )


class Shop(Caller):
    """A store that has a new order at DoorDash."""

    def __init__(self, **settings: object) -> None:
        super().__init__()
        self.connection = connect(**settings)
        self.http = VendorHttp(self, self.connection)
        self.id = self.put("doordash", samples.order(1, placed_at=START))
        self.order = self.read()

    def read(self) -> Order:
        """The order as the hub reads it of a webhook that carries what DoorDash holds."""
        held = {name: value for name, value in self.held("doordash", self.id).items() if name != "phase"}
        body = as_json.dumps(samples.notification("OrderCreate", held)).encode()
        (message,) = PLATFORM.read(Request("POST", "/", {}, {}, body, START), self.connection).messages
        assert isinstance(message, OrderSnapshot)
        return message.order

    def do(self, operation: str, order: Order | None = None, *more: Any) -> Done:
        done: Done = getattr(PLATFORM, operation)(order or self.order, *more, self.connection, self.http)
        return done

    def accept(self) -> None:
        self.do("accept")

    def because(self, code: CancelReason, *items: Item) -> Order:
        reason = StatusReason(code=code, details="So it is", items=[item.id for item in items])
        return self.order.model_copy(update={"status_reason": reason})

    def shown(self, *names: str) -> list[Any]:
        """Fields of the order at DoorDash."""
        held = self.held("doordash", self.id)
        return [held.get(name) for name in names]


@pytest.fixture(autouse=True)
def at_the_stand_in_s_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "now", lambda: START)


def test_acceptance_is_taken_with_the_time_that_was_promised() -> None:
    shop = Shop(pickup_instructions="Side door")
    ready_at = START + timedelta(minutes=25)
    promised = shop.order.model_copy(update={"promised_at": START, "ready_at": ready_at})

    shop.do("accept", promised)

    assert shop.shown("phase", "client_order_id", "prep_time", "pickup_instructions") == [
        "confirmed",
        shop.order.id,
        "2026-10-05T17:25:00Z",
        "Side door",
    ]


def test_doordash_s_own_estimate_is_not_echoed() -> None:
    shop = Shop()

    shop.accept()

    assert isinstance(shop.order.ready_at, datetime)
    assert shop.shown("phase", "prep_time") == ["confirmed", None]


@pytest.mark.parametrize("reason", list(CancelReason))
def test_each_denial_is_taken(reason: CancelReason) -> None:
    shop = Shop()

    shop.do("deny", shop.because(reason, shop.order.items[0]))

    assert shop.shown("phase") == ["failed"]


@pytest.mark.parametrize("reason", list(CancelReason))
def test_each_cancellation_is_taken(reason: CancelReason) -> None:
    shop = Shop()
    shop.accept()

    shop.do("cancel", shop.because(reason))

    store = shop.http.request("GET", f"/api/v1/stores/{samples.STORE_ID}/store_details").json()
    off = reason in {CancelReason.KITCHEN_CLOSED, CancelReason.STAFF_SHORTAGE}
    assert (shop.shown("phase", "cancel_details"), store["is_active"]) == (["cancelled", "So it is"], not off)


def test_readiness_is_taken() -> None:
    shop = Shop()
    shop.accept()

    shop.do("ready")

    assert shop.shown("ready") == [True]


def test_lines_and_options_are_changed_and_the_hub_reads_the_same() -> None:
    shop = Shop()
    shop.accept()
    first, second = shop.order.items
    option = next(one for one in first.modifiers if one.unit_price)

    shop.do("edit_cart", None, [CartEdit("remove", option.id), CartEdit("reduce", second.id, Decimal(1))])

    changed = shop.read()
    assert [one.quantity for one in changed.items] == [first.quantity, Decimal(1)]
    assert option.id not in {one.id for one in changed.items[0].modifiers}
    assert changed.amounts.subtotal == sum(item.total or 0 for item in changed.items)


def test_an_item_comes_in_place_of_another() -> None:
    shop = Shop(environment="sandbox")
    shop.control("PATCH", "doordash/settings", {"sandbox": True})
    shop.accept()

    shop.do("edit_cart", None, [CartEdit("substitute", shop.order.items[1].id, substitute_external_id="FRIES-L")])

    assert [item.sku for item in shop.read().items] == [shop.order.items[0].sku, "FRIES-L"]


def test_goods_come_back_once() -> None:
    shop = Shop(retail_returns=True)
    shop.accept()
    everything = RefundRequest(amount=shop.order.amounts.total or 0)

    done = shop.do("refund", None, everything)

    assert (set(done.ids), len(shop.shown("returned")[0])) == ({"return_id"}, len(shop.order.items))
    with pytest.raises(Reject) as refused:
        shop.do("refund", None, everything)
    assert refused.value.code == "DUPLICATE_REQUEST"


def test_an_item_and_the_store_go_off_and_on() -> None:
    shop = Shop()

    for on in (False, True):
        item = ItemAvailability(samples.STORE_ID, "FRIES-L", available=on)
        PLATFORM.set_item_availability(item, shop.connection, shop.http)
        status = StoreStatus(samples.STORE_ID, is_open=on, until=START + timedelta(hours=1), reason="Oven")
        PLATFORM.set_store_status(status, shop.connection, shop.http)
        store = shop.http.request("GET", f"/api/v1/stores/{samples.STORE_ID}/store_details").json()
        assert store["is_active"] is on


def test_a_connection_is_verified() -> None:
    shop = Shop()

    done = PLATFORM.verify_connection(shop.connection, shop.http)

    assert done == Done(note=f"DoorDash knows store {samples.STORE_ID}")


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Reject), (401, Misconfigured), (403, Misconfigured), (404, Reject), (429, Retry), (500, Retry)],
)
def test_each_refusal_is_told_apart(status: int, error: type[HubError]) -> None:
    shop = Shop()
    shop.fault("doordash", status=status)

    with pytest.raises(error):
        shop.accept()


def test_an_order_that_expired_is_refused_for_good() -> None:
    shop = Shop()
    shop.wait(seconds=180)

    with pytest.raises(Reject, match="has expired"):
        shop.accept()


def test_another_access_key_is_refused() -> None:
    shop = Shop()
    credentials = shop.connection.credentials.model_copy(update={"key_id": "another"})
    shop.http.connection = Connection(
        **{name: getattr(shop.connection, name) for name in ("id", "platform", "settings", "default_store", "stores")},
        credentials=credentials,
    )

    with pytest.raises(Misconfigured):
        shop.accept()


@pytest.mark.parametrize("n", range(1, 13))
@pytest.mark.parametrize("fulfillment", ["dx_delivery", "pickup", "mx_fleet_delivery"])
def test_every_sample_order_adds_up(n: int, fulfillment: str) -> None:
    made = samples.order(n, placed_at=START, fulfillment=fulfillment)

    order = PLATFORM.to_order(made, connect())

    assert order.amounts.subtotal == sum(item.total or 0 for item in order.items)
    assert made == samples.order(n, placed_at=START, fulfillment=fulfillment)
    assert samples.order(n)["order"]["id"] != samples.order(n + 1)["order"]["id"]
