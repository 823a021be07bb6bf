"""Shopify: the calls, beyond what the recorded exchanges show; and that the stand-in takes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from local.standins.samples import shopify as samples
from local.standins.shopify import ADMIN_TOKEN
from orderhub.errors import HubError, Reject, Unsupported
from orderhub.order.messages import OrderReference
from orderhub.order.models import Order, StatusReason, Tracking
from orderhub.order.status import CancelReason, Status
from orderhub.platforms.base import CartEdit, ItemAvailability, RefundRequest, StockLevel
from orderhub.platforms.http_types import Call, parse_json
from orderhub.platforms.shopify import PLATFORM, queries
from orderhub.platforms.shopify.statuses import SHOPIFY_REASONS
from tests.platforms.answers import Answers
from tests.platforms.exchange import minimal_order
from tests.platforms.samples import NOW, AnyConnection, load_sample
from tests.platforms.test_shopify import connected
from tests.unit.standins_client import Caller, VendorHttp

CALL = Call("GET", "https://api.example.com/")
Json = dict[str, Any]
DOCUMENTS = {name: value for name, value in vars(queries).items() if name.isupper() and not name.startswith("_")}


def order_of(**told: Any) -> Order:
    return minimal_order(connected(), {"external_id": "6200000001102", **told})


# --- documents -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_has_one_named_operation_with_one_field(document: str) -> None:
    (operation,) = parse(document).definitions

    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert len(operation.selection_set.selections) == 1


def test_no_two_documents_have_one_name() -> None:
    names = [parse(document).definitions[0].name.value for document in DOCUMENTS.values()]  # type: ignore[attr-defined]

    assert sorted(set(names)) == sorted(names)


# --- reasons -------------------------------------------------------------------------------------------------------

CANCELLED = {"data": {"orderCancel": {"job": {"id": "j", "done": False}, "orderCancelUserErrors": []}}}


@pytest.mark.parametrize("reason", list(CancelReason))
def test_each_reason_of_ours_is_one_of_shopifys(reason: CancelReason) -> None:
    http = Answers(CANCELLED)

    PLATFORM.cancel(order_of(status_reason=StatusReason(code=reason, details="because")), connected(), http)

    told = http.bodies[0]["variables"]
    assert (told["reason"], told["staffNote"]) == (SHOPIFY_REASONS[reason], f"{reason}: because")
    assert told["restock"] is (reason is not CancelReason.OUT_OF_STOCK)


def test_a_long_note_is_cut() -> None:
    http = Answers(CANCELLED)

    PLATFORM.deny(order_of(status_reason=StatusReason(code=CancelReason.OTHER, details="x" * 999)), connected(), http)

    assert len(http.bodies[0]["variables"]["staffNote"]) == 255


# --- keys that make a call count once ------------------------------------------------------------------------------

PAID: Json = {
    "data": {
        "order": {
            "id": "gid://shopify/Order/6200000001102",
            "currencyCode": "USD",
            "transactions": [
                {
                    "id": "gid://shopify/OrderTransaction/1",
                    "kind": "SALE",
                    "status": "SUCCESS",
                    "gateway": "shopify_payments",
                    "amountSet": {"shopMoney": {"amount": "20.00"}},
                }
            ],
        }
    }
}
REFUNDED = {"data": {"refundCreate": {"refund": {"id": "r"}, "userErrors": []}}}


def refund_key(wanted: RefundRequest, external_id: str = "6200000001102") -> str:
    http = Answers(PAID, REFUNDED)
    PLATFORM.refund(order_of(external_id=external_id), wanted, connected(), http)
    return str(http.bodies[1]["variables"]["idempotencyKey"])


def test_a_refund_that_is_tried_again_has_the_same_key() -> None:
    assert refund_key(RefundRequest(500, key="k")) == refund_key(RefundRequest(500, key="k"))
    assert refund_key(RefundRequest(500)) == refund_key(RefundRequest(500))


def test_refunds_that_differ_have_keys_that_differ() -> None:
    keys = [
        refund_key(RefundRequest(500, key="k")),
        refund_key(RefundRequest(500, key="l")),
        refund_key(RefundRequest(500)),
        refund_key(RefundRequest(501)),
        refund_key(RefundRequest(500, reason="cold")),
        refund_key(RefundRequest(500), external_id="6200000001103"),
    ]

    assert len(set(keys)) == len(keys)


def test_setting_the_same_stock_tomorrow_is_another_change() -> None:
    done = {"data": {"inventorySetQuantities": {"inventoryAdjustmentGroup": {"id": "g"}, "userErrors": []}}}
    http = Answers(done, done)
    level = StockLevel("71500000001", "gid://shopify/InventoryItem/1", 5)

    for _ in range(2):
        PLATFORM.set_stock(level, connected(), http)

    first, second = (sent["variables"]["idempotencyKey"] for sent in http.bodies)
    assert first != second


# --- reads ---------------------------------------------------------------------------------------------------------

REFERENCE = OrderReference(delivery_key="d", external_id="6200000001102")


def test_a_fetched_order_is_kept_as_the_bytes_it_came_as() -> None:
    answer = json.loads(load_sample("shopify", "orders_edited__line_added").fetched or b"")

    fetched = PLATFORM.fetch(REFERENCE, connected(), Answers(answer), NOW)

    assert fetched.raw == json.dumps(answer).encode()
    assert fetched.payload == parse_json(fetched.raw)


def test_an_order_of_many_answers_can_be_read_again_from_what_is_kept() -> None:
    first = json.loads(load_sample("shopify", "orders_edited__line_added").fetched or b"")
    lines = first["data"]["order"]["lineItems"]
    second = {"data": {"order": {"id": "x", "lineItems": {"nodes": [lines["nodes"].pop()], "pageInfo": {}}}}}
    lines["pageInfo"] = {"hasNextPage": True, "endCursor": "c"}

    fetched = PLATFORM.fetch(REFERENCE, connected(), Answers(first, second), NOW)

    order = PLATFORM.to_order(parse_json(fetched.raw), connected())
    assert order == PLATFORM.to_order(fetched.payload, connected())
    assert len(order.items) == 3


def test_an_order_that_polls_find_twice_is_one_message_until_it_changes() -> None:
    def keys(updated_at: str) -> list[str]:
        row = {"legacyResourceId": "1", "updatedAt": updated_at}
        page = {"data": {"orders": {"nodes": [row], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
        return [one.delivery_key for one in PLATFORM.poll({}, connected(), Answers(page), NOW).messages]

    assert keys("2026-10-05T13:00:00Z") == keys("2026-10-05T13:00:00Z")
    assert keys("2026-10-05T13:00:00Z") != keys("2026-10-05T13:00:01Z")


def test_a_cursor_never_goes_back() -> None:
    row = {"legacyResourceId": "1", "updatedAt": "2026-10-05T12:58:00Z"}  # within the overlap
    page = {"data": {"orders": {"nodes": [row], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
    cursor = {"since": "2026-10-05T13:00:00.000000Z"}

    assert PLATFORM.poll(cursor, connected(), Answers(page), NOW).cursor == cursor


# --- against the stand-in ------------------------------------------------------------------------------------------


class StandIn(VendorHttp):
    """The shop, without a socket."""

    def __init__(self) -> None:
        shop = connected({"base_url": "http://vendors.test/shopify"}, client_secret="s", access_token=ADMIN_TOKEN)
        super().__init__(Caller(), shop)

    def put(self, n: int, method: str) -> None:
        self.caller.put("shopify", samples.order(n, method=method))


@pytest.fixture
def standin() -> StandIn:
    return StandIn()


@pytest.fixture
def connection() -> AnyConnection:
    return connected({"location_id": str(samples.LOCATION_ID)})


def read(n: int, connection: AnyConnection, standin: StandIn) -> Order:
    reference = OrderReference(delivery_key="d", external_id=str(samples.order_id(n)))
    return PLATFORM.to_order(PLATFORM.fetch(reference, connection, standin, NOW).payload, connection)


def ends(*calls: Callable[[], Any]) -> list[str | None]:
    """The note each call ends with, or the code or kind of its error."""
    found: list[str | None] = []
    for call in calls:
        try:
            found.append(call().note)
        except HubError as error:
            found.append(error.code if isinstance(error, Reject) else type(error).__name__)
    return found


def test_an_order_read_of_the_stand_in_is_the_one_it_would_send(standin: StandIn, connection: AnyConnection) -> None:
    standin.put(3, "PICK_UP")

    order, sent = read(3, connection, standin), PLATFORM.to_order(samples.order(3, method="PICK_UP"), connection)

    assert order.items == sent.items
    assert (order.discounts, order.payment) == (sent.discounts, sent.payment)
    assert order.amounts == sent.amounts.model_copy(update={"computed": ["subtotal"]})


def test_a_delivery_from_taken_to_arrived_each_step_told_twice(standin: StandIn, connection: AnyConnection) -> None:
    standin.put(1, "LOCAL")
    order = read(1, connection, standin)
    steps = (PLATFORM.accept, PLATFORM.ready, PLATFORM.picked_up, PLATFORM.complete)

    told = ends(*(lambda step=step: step(order, connection, standin) for step in steps for _ in range(2)))

    already = "Shopify had it as fulfilled already"
    assert told == [None, None, "Unsupported", "Unsupported", None, already, None, already]
    assert read(1, connection, standin).status is Status.COMPLETED


def test_a_pickup_from_ready_to_handed_over_each_step_told_twice(standin: StandIn, connection: AnyConnection) -> None:
    standin.put(3, "PICK_UP")
    order = read(3, connection, standin)
    steps = (PLATFORM.ready, PLATFORM.picked_up, PLATFORM.complete)

    told = ends(*(lambda step=step: step(order, connection, standin) for step in steps for _ in range(2)))

    already = "Shopify had it as fulfilled already"
    assert told == [None, "Shopify had it as ready already", None, already, already, already]


def test_a_parcel_is_told_once_and_the_order_goes_with_it(standin: StandIn, connection: AnyConnection) -> None:
    standin.put(2, "SHIPPING")
    parcel = Tracking(carrier="UPS", code="1Z-1", url="https://tracking.example.com/1Z-1")
    order = read(2, connection, standin).model_copy(update={"tracking": [parcel]})

    told = ends(*(lambda: PLATFORM.add_tracking(order, connection, standin) for _ in range(2)))

    after = read(2, connection, standin)
    assert told == [None, "Shopify had these parcels already"]
    assert (after.tracking, after.status) == ([parcel], Status.PICKED_UP)


def test_a_refusal_told_twice(standin: StandIn, connection: AnyConnection) -> None:
    standin.put(4, "LOCAL")
    reason = StatusReason(code=CancelReason.OUT_OF_STOCK, details="no buns")
    order = read(4, connection, standin).model_copy(update={"status_reason": reason})

    told = ends(*(lambda: PLATFORM.deny(order, connection, standin) for _ in range(2)))

    after = read(4, connection, standin)
    assert told == [None, "Shopify had cancelled it already"]
    assert after.status is Status.CANCELLED
    assert after.status_reason == StatusReason(code=CancelReason.OUT_OF_STOCK, source_code="inventory")


def test_lines_that_became_fewer_and_the_money_for_them(standin: StandIn, connection: AnyConnection) -> None:
    standin.put(5, "LOCAL")
    order = read(5, connection, standin)
    edits = [CartEdit("remove", order.items[0].id), CartEdit("reduce", order.items[1].id, Decimal(1))]
    refund = RefundRequest(300, item_ids=[order.items[2].id], reason="cold", key="k")

    told = ends(
        lambda: PLATFORM.edit_cart(order, edits, connection, standin),
        lambda: PLATFORM.edit_cart(order, edits, connection, standin),
        lambda: PLATFORM.refund(order, refund, connection, standin),
        lambda: PLATFORM.refund(order, refund, connection, standin),
    )

    after = read(5, connection, standin)
    assert told == [None, "Shopify had these quantities already", None, None]
    assert [int(item.quantity) for item in after.items] == [0, 1, 0, 2]
    assert [check.actual for check in after.checks if check.code == "REFUNDED"] == [300]


def test_stock_is_guarded_by_what_was_last_known(standin: StandIn, connection: AnyConnection) -> None:
    def level(quantity: int, known: int | None) -> Any:
        return PLATFORM.set_stock(StockLevel("", "", quantity, sku="FRIES-L", known=known), connection, standin)

    told = ends(lambda: level(7, None), lambda: level(9, 3), lambda: level(9, 7))

    assert told == [None, "Retry", None]


def test_an_item_goes_off_sale_and_comes_back(standin: StandIn) -> None:
    store = str(samples.LOCATION_ID)
    connection = connected({"back_in_stock_quantity": 20})
    off, on = (ItemAvailability(store, "", available, sku="COOKIE-OAT") for available in (False, True))

    told = ends(*(lambda one=one: PLATFORM.set_item_availability(one, connection, standin) for one in (off, on, on)))

    assert told == [None, None, "Shopify has 20 for sale"]


def test_a_poll_walks_through_all_pages(standin: StandIn) -> None:
    connection = connected({"page_size": 2})
    for n in range(1, 6):
        standin.put(n, "LOCAL")

    cursor: Mapping[str, str] = {}
    found, more = [], True
    while more:
        page = PLATFORM.poll(cursor, connection, standin, datetime.now(UTC))
        found += [message.external_id for message in page.messages if isinstance(message, OrderReference)]
        cursor, more = page.cursor, page.more

    assert sorted(found) == [str(samples.order_id(n)) for n in range(1, 6)]
    assert set(cursor) == {"since"}


def test_the_connection_is_proved_by_the_name_of_the_shop(standin: StandIn, connection: AnyConnection) -> None:
    assert PLATFORM.verify_connection(connection, standin).note == "connected to Corner Kitchen"


def test_an_operation_that_shopify_lacks_says_why() -> None:
    with pytest.raises(Unsupported, match="no step between"):
        PLATFORM.bagging(order_of(), connected(), Answers())
