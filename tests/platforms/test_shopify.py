"""Shopify: what comes in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from orderhub.errors import Misconfigured, NotAuthentic, Quarantine
from orderhub.order import merge
from orderhub.order.messages import (
    Ignored,
    InboundMessage,
    OrderReference,
    OrderSnapshot,
    StockReport,
    TrackingReport,
)
from orderhub.order.models import Fulfillment, Tracking
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef, TokenRequest
from orderhub.platforms.http_types import Call, Request, parse_json
from orderhub.platforms.shopify import PLATFORM
from tests.platforms.conformance import MAIN_STORE, NOW, Conformance, connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection

CALL = Call("GET", "https://api.example.com/")
SHOP = "harbour-kitchen.myshopify.com"
LOCATION = "71500000001"
OLD_MILL = StoreRef("sto_mill", "Europe/Paris", "EUR")


class TestShopify(Conformance):
    slug = "shopify"
    settings: ClassVar[Mapping[str, Any]] = {"shop": SHOP}

    @staticmethod
    def credentials(*secrets: str) -> dict[str, object]:
        current, previous = (*secrets, None, None)[:2]
        return {"client_id": "app", "client_secret": current or "", "previous_client_secret": previous}


def connected(settings: Mapping[str, Any] | None = None, **credentials: Any) -> AnyConnection:
    given = credentials or {"client_id": "app", "client_secret": "hush_client_secret"}
    return connection_for("shopify", given, {"shop": SHOP, **(settings or {})}, stores={LOCATION: OLD_MILL})


def body_of(sample: str) -> Any:
    return json.loads(load_sample("shopify", sample).body)


def heard(topic: str, body: Any, connection: AnyConnection | None = None, shop: str = "") -> list[InboundMessage]:
    """What is read in this body under this topic; no topic header when it is blank."""
    named = {"x-shopify-topic": topic, "x-shopify-webhook-id": "w-1"} if topic else {}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request("POST", "/", {**named, "x-shopify-shop-domain": shop}, {}, raw, NOW)
    return list(PLATFORM.read(request, connection or connected()).messages)


def only(topic: str, body: Any, connection: AnyConnection | None = None, *, shop: str = "") -> Any:
    (message,) = heard(topic, body, connection, shop)
    return message


# --- signatures ----------------------------------------------------------------------------------------------------

BODY = (
    rb'{"id":5900000000001,"name":"#1042","currency":"EUR","total_price":"32.90",'
    rb'"order_status_url":"https:\/\/shop.example.com\/o\/1"}'
)
SIGNATURE = "c0uE2aMbsavpqHgSEIoAwynK88dGc4Agf35GTrrCiiU="


def signed_by(header: str, signature: str = SIGNATURE, body: bytes = BODY) -> Request:
    return Request("POST", "/", {header: signature}, {}, body, NOW)


def test_the_vector_is_signed_as_shopify_signs_it() -> None:
    assert len(BODY) == 128
    assert PLATFORM.sign(signed_by("x"), connected()).header("x-shopify-hmac-sha256") == SIGNATURE


@pytest.mark.parametrize("header", ["x-shopify-hmac-sha256", "shopify-hmac-sha256"])
def test_the_vector_is_authentic_under_both_names_of_the_header(header: str) -> None:
    PLATFORM.authenticate(signed_by(header), connected())


def test_a_body_that_was_parsed_and_written_again_is_refused() -> None:
    rewritten = json.dumps(json.loads(BODY), separators=(",", ":")).encode()

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(signed_by("x-shopify-hmac-sha256", body=rewritten), connected())


@pytest.mark.parametrize("place", ["client_secret", "previous_client_secret", "notification_secret"])
def test_each_secret_of_the_connection_may_have_signed(place: str) -> None:
    secrets: dict[str, Any] = {"client_secret": "another", place: "hush_client_secret"}
    connection = connected(**secrets)

    PLATFORM.authenticate(signed_by("x-shopify-hmac-sha256"), connection)


def test_an_access_token_is_no_webhook_secret() -> None:
    connection = connected(client_secret="another", access_token="hush_client_secret")

    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(signed_by("x-shopify-hmac-sha256"), connection)


def test_a_secret_alone_is_enough_to_check_a_signature() -> None:
    connection = replace(connected(), credentials=PLATFORM.credentials_for("hush_client_secret"))

    PLATFORM.authenticate(signed_by("x-shopify-hmac-sha256"), connection)


# --- topics --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "is_new"),
    [
        ("orders_create__local_delivery", True),
        ("orders_paid__gift_card_and_parcel", False),
        ("orders_updated__new_note", False),
        ("orders_cancelled__out_of_stock", False),
        ("orders_partially_fulfilled__download_sent", False),
        ("orders_fulfilled__parcel_on_its_way", False),
    ],
)
def test_an_order_comes_whole_with_its_version_and_delivery(sample: str, is_new: bool) -> None:
    connection = connected()
    request = request_for(load_sample("shopify", sample), connection)
    (message,) = PLATFORM.read(request, connection).messages

    assert message == OrderSnapshot(
        delivery_key=request.headers["x-shopify-webhook-id"],
        source_version=message.source_version,
        order=PLATFORM.to_order(body_of(sample), connection),
        is_new=is_new,
        guessed=frozenset({"fulfillment", "delivered_by", "store_id", "store_external_id"}),
    )


def test_the_version_of_an_order_is_when_it_last_changed_in_utc() -> None:
    assert only("orders/updated", body_of("orders_updated__partly_refunded")).source_version == (
        "2026-10-05T12:41:00.000000Z"
    )


def test_the_newer_webhooks_say_the_same_without_the_x() -> None:
    connection = connected()
    sample = load_sample("shopify", "orders_create__pickup")
    (message,) = PLATFORM.read(request_for(sample, connection), connection).messages

    assert "shopify-topic" in sample.headers
    assert message.delivery_key == sample.headers["shopify-webhook-id"]


def test_the_shop_is_known_from_the_header_where_the_settings_do_not_say() -> None:
    connection = connected({"shop": ""})
    body = body_of("orders_create__local_delivery")

    message = only("orders/create", body, connection, shop="other.myshopify.com")

    assert message.order.store_external_id == "other.myshopify.com"


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("orders_create__local_delivery", OrderSnapshot),
        ("orders_edited__line_added", OrderReference),
        ("refunds_create__one_line", OrderReference),
        ("fulfillments_update__delivered", TrackingReport),
        ("inventory_levels_update__sold_out", StockReport),
    ],
)
def test_without_headers_the_shape_of_a_body_tells_its_topic(sample: str, kind: type) -> None:
    message = only("", body_of(sample))

    assert isinstance(message, kind)
    assert message == only("", body_of(sample))


@pytest.mark.parametrize("body", [{"hello": 1}, [], "text", None])
def test_a_body_that_does_not_tell_its_topic_goes_to_quarantine(body: Any) -> None:
    with pytest.raises(Quarantine):
        heard("", body)


@pytest.mark.parametrize("topic", ["products/update", "customers/redact", "orders/delete", "app/scopes_update"])
def test_other_topics_are_left_alone_whatever_they_hold(topic: str) -> None:
    assert only(topic, b"not even JSON") == Ignored(delivery_key="w-1", reason=f"nothing to do for topic {topic!r}")


def test_an_edit_names_the_order_to_read() -> None:
    sample = "orders_edited__line_added"

    assert only("orders/edited", body_of(sample)) == OrderReference(delivery_key="w-1", external_id="6200000001102")


def test_a_refund_names_the_order_to_read() -> None:
    sample = "refunds_create__one_line"

    assert only("refunds/create", body_of(sample)) == OrderReference(delivery_key="w-1", external_id="6200000001111")


def test_an_uninstalled_app_is_told_with_what_to_do() -> None:
    message = only("app/uninstalled", body_of("app_uninstalled__shop"), shop=SHOP)

    assert message == Ignored(
        delivery_key="w-1",
        reason=f"the app was removed from {SHOP}: install it again, or delete this connection",
    )


@pytest.mark.parametrize(("available", "quantity"), [(0, Decimal(0)), (-2, Decimal(-2)), (None, None)])
def test_a_stock_level_is_of_an_inventory_item_at_a_location(available: Any, quantity: Decimal | None) -> None:
    body = {**body_of("inventory_levels_update__sold_out"), "available": available}

    assert only("inventory_levels/update", body) == StockReport(
        delivery_key="w-1",
        source_version="2026-10-05T12:02:12.000000Z",
        external_item_id="46100000000011",
        store_external_id=LOCATION,
        quantity=quantity,
    )


SPLIT = {"split_shipments": True}

# --- parcels -------------------------------------------------------------------------------------------------------

PARCEL = {
    "id": 1,
    "order_id": 6200000001105,
    "name": "#HK1105.1",
    "status": "success",
    "shipment_status": None,
    "tracking_company": "Aramex",
    "tracking_numbers": ["A1", "A2"],
    "tracking_urls": ["https://tracking.example.com/A1"],
}


def test_a_parcel_is_reported_with_its_numbers_and_never_stale() -> None:
    assert only("fulfillments/create", PARCEL) == TrackingReport(
        delivery_key="w-1",
        external_id="6200000001105",
        tracking=(
            Tracking(carrier="Aramex", code="A1", url="https://tracking.example.com/A1"),
            Tracking(carrier="Aramex", code="A2"),
        ),
        status=Status.PICKED_UP,
    )


@pytest.mark.parametrize(
    ("shipment", "status"),
    [
        (None, Status.PICKED_UP),
        ("confirmed", Status.ACCEPTED),
        ("label_purchased", Status.BAGGING),
        ("label_printed", Status.BAGGING),
        ("ready_for_pickup", Status.READY),
        ("in_transit", Status.PICKED_UP),
        ("out_for_delivery", Status.PICKED_UP),
        ("attempted_delivery", Status.PICKED_UP),
        ("delayed", Status.PICKED_UP),
        ("carrier_picked_up", Status.PICKED_UP),
        ("delivered", Status.COMPLETED),
        ("a word of tomorrow", None),
    ],
)
def test_each_word_for_a_shipment_is_a_status_of_the_order(shipment: str | None, status: Status | None) -> None:
    assert only("fulfillments/update", {**PARCEL, "shipment_status": shipment}).status is status


@pytest.mark.parametrize(
    "change", [{"status": "cancelled"}, {"status": "error"}, {"status": "failure"}, {"shipment_status": "failure"}]
)
def test_a_parcel_that_needs_staff_has_the_order_read_to_show_it(change: dict[str, str]) -> None:
    report, reference = heard("fulfillments/update", {**PARCEL, **change})

    assert isinstance(report, TrackingReport)
    assert report.status is None
    assert reference == OrderReference(delivery_key="w-1:order", external_id="6200000001105")


def test_a_cancelled_parcel_brings_no_number() -> None:
    report, _ = heard("fulfillments/update", {**PARCEL, "status": "cancelled"})

    assert isinstance(report, TrackingReport)
    assert report.tracking == ()


@pytest.mark.parametrize("status", ["pending", "open", "something new"])
def test_a_fulfillment_that_has_not_succeeded_yet_says_nothing(status: str) -> None:
    assert only("fulfillments/create", {**PARCEL, "status": status}).status is None


def test_where_orders_are_split_a_parcel_moves_nothing_and_the_order_is_read() -> None:
    report, reference = heard("fulfillments/update", {**PARCEL, "shipment_status": "delivered"}, connected(SPLIT))

    assert isinstance(report, TrackingReport)
    assert (report.status, len(report.tracking)) == (None, 2)
    assert isinstance(reference, OrderReference)


# --- orders that are not taken in ----------------------------------------------------------------------------------


def test_an_order_that_is_not_paid_is_left_alone_until_it_is() -> None:
    unpaid = body_of("orders_create__awaiting_payment")

    waiting = only("orders/create", unpaid)
    paid = only("orders/paid", {**unpaid, "financial_status": "paid"})

    assert waiting == Ignored(
        delivery_key="w-1", reason="order #HK1104: it is not paid yet: Shopify tells when it is (orders/paid)"
    )
    assert paid.order.status is Status.INCOMING


def test_a_test_order_is_kept_and_marked() -> None:
    order = only("orders/create", body_of("orders_create__test_notification")).order

    assert (order.is_test, order.status, order.external_id) == (True, Status.CANCELLED, "820982911946154508")


def test_a_test_order_is_dropped_where_the_settings_say_so() -> None:
    message = only("orders/create", body_of("orders_create__test_notification"), connected({"test_orders": "drop"}))

    assert message == Ignored(delivery_key="w-1", reason="order #9999: it is a test")


def test_read_through_the_api_an_order_is_a_hint_with_its_version() -> None:
    connection = connected({"read_through_api": True})

    assert only("orders/create", body_of("orders_create__local_delivery"), connection) == OrderReference(
        delivery_key="w-1", source_version="2026-10-05T12:02:10.000000Z", external_id="6200000001101"
    )


def test_read_through_the_api_an_order_that_is_not_paid_is_not_even_a_hint() -> None:
    connection = connected({"read_through_api": True})

    assert isinstance(only("orders/create", body_of("orders_create__awaiting_payment"), connection), Ignored)


# --- what is guessed -----------------------------------------------------------------------------------------------


def test_what_the_api_knows_of_an_order_outlives_the_guess_of_the_next_webhook() -> None:
    connection = connected({"shop": ""})
    fetched = PLATFORM.to_order(
        parse_json(load_sample("shopify", "refunds_create__one_line").fetched or b""), connection
    )
    webhook = only("orders/updated", {**body_of("orders_updated__partly_refunded"), "shipping_address": None})
    known = fetched.model_copy(update={"fulfillment": Fulfillment.DELIVERY})
    identity = merge.Identity(known.id, "shopify", connection.id, known.external_id, known.store_id, "EUR")

    after = merge.apply(known, webhook, NOW + timedelta(hours=1), identity).order

    assert known.store_id == OLD_MILL.id
    assert after is not None
    assert (after.fulfillment, after.store_id) == (Fulfillment.DELIVERY, OLD_MILL.id)


def test_a_till_knows_its_store() -> None:
    message = only("orders/create", body_of("orders_create__till"))

    assert (message.order.store_id, message.order.store_external_id) == (OLD_MILL.id, LOCATION)
    assert message.guessed == {"fulfillment", "delivered_by"}


# --- the connection ------------------------------------------------------------------------------------------------


def test_a_token_is_asked_for_with_the_apps_credentials() -> None:
    assert PLATFORM.token_request(connected()) == TokenRequest(
        url=f"https://{SHOP}/admin/oauth/access_token",
        form={"grant_type": "client_credentials", "client_id": "app", "client_secret": "hush_client_secret"},
        lifetime=timedelta(seconds=86_399),
    )
    assert PLATFORM.authorize(CALL, connected(), "tok").headers == {"X-Shopify-Access-Token": "tok"}


def test_a_fixed_token_takes_the_place_of_all_that() -> None:
    connection = connected(client_secret="s", access_token="shpat_1")

    assert PLATFORM.token_request(connection) is None
    assert PLATFORM.authorize(CALL, connection, None).headers == {"X-Shopify-Access-Token": "shpat_1"}


def test_calls_need_a_client_id_or_a_fixed_token() -> None:
    with pytest.raises(Misconfigured, match="client_id"):
        PLATFORM.token_request(connected(client_secret="s"))


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"shop": "harbour-kitchen"}, f"https://{SHOP}"),
        ({"shop": SHOP}, f"https://{SHOP}"),
        ({"shop": SHOP, "base_url": "http://127.0.0.1:4567/shopify/"}, "http://127.0.0.1:4567/shopify"),
    ],
)
def test_calls_go_to_the_shops_own_host_or_where_the_settings_say(settings: dict[str, str], url: str) -> None:
    assert PLATFORM.base_url(connected(settings)) == url


def test_without_a_shop_there_is_nowhere_to_call() -> None:
    with pytest.raises(Misconfigured, match=r"myshopify\.com"):
        PLATFORM.base_url(connected({"shop": ""}))


@pytest.mark.parametrize("shop", ["evil.example.com", "a/b", "Harbour", "-x", "harbour-kitchen.myshopify.com.evil"])
def test_a_shop_is_a_myshopify_domain_and_nothing_else(shop: str) -> None:
    with pytest.raises(ValidationError):
        connected({"shop": shop})


def test_the_store_of_a_webhook_is_the_shops() -> None:
    connection = connection_for("shopify", {"client_secret": "s"}, {"shop": SHOP}, stores={SHOP: OLD_MILL})

    order = only("orders/create", body_of("orders_create__local_delivery"), connection).order

    assert (order.store_id, order.store_external_id) == (OLD_MILL.id, SHOP)
    assert connection.default_store == MAIN_STORE


def test_reading_a_webhook_loads_nothing_that_calls() -> None:
    code = (
        "import sys; from orderhub.platforms.shopify import PLATFORM;"
        "print([name for name in sys.modules if name.startswith('orderhub.platforms.shopify.') and "
        "name.rpartition('.')[2] in {'graphql', 'queries', 'nodes', 'client', 'fulfilment', 'inventory', 'refunds', "
        "'reads'} or name in {'requests', 'iso4217', 'botocore'}])"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
