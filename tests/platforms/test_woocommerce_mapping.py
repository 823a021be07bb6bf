"""WooCommerce's order as ours, field by field."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import (
    Address,
    Amounts,
    Check,
    Customer,
    DeliveredBy,
    Discount,
    Fulfillment,
    Item,
    Order,
    Payment,
    PaymentMethod,
)
from orderhub.order.pricing import check_sums
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef
from orderhub.platforms.woocommerce import PLATFORM
from tests.platforms.conformance import connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection
from tests.platforms.test_woocommerce import BARE, SHOP, connect, credentials

HELSINKI = StoreRef("sto_harbour", "Europe/Helsinki", "EUR")


def message_in(sample: str, connection: AnyConnection | None = None) -> OrderSnapshot:
    there = connection or connect()
    (message,) = PLATFORM.read(request_for(load_sample("woocommerce", sample), there), there).messages
    assert isinstance(message, OrderSnapshot)
    return message


def order_of(settings: dict[str, Any] | None = None, **fields: Any) -> Order:
    """The order of a payload that has little but these fields, at a store in Helsinki."""
    connection = connection_for(
        "woocommerce", credentials("secret"), {"base_url": SHOP, **(settings or {})}, store=HELSINKI
    )
    return PLATFORM.to_order({**BARE, **fields}, connection)


def line(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": number, "name": f"line {number}", "quantity": 1, "subtotal": "1.00", "total": "1.00", **fields}


def wish(of: int, number: int, meta: int, name: str, external_id: str | None = None) -> Item:
    return Item(
        id=item_id(str(of), "meta", str(number), str(meta)),
        external_id=external_id,
        name=name,
        quantity=Decimal(1),
        unit_price=0,
        total=0,
    )


def test_a_delivery_is_mapped_whole() -> None:
    connection = connect()

    message = message_in("order_created__delivery", connection)

    assert message == OrderSnapshot(
        delivery_key=message.delivery_key,
        source_version="2026-10-05T14:42:12.000000Z",
        is_new=True,
        order=Order(
            id=connection.order_id("3101"),
            platform="woocommerce",
            connection_id="con_test",
            channel="woocommerce",
            external_id="3101",
            display_id="2026-0101",
            store_id="sto_main",
            store_external_id=SHOP,
            status=Status.INCOMING,
            fulfillment=Fulfillment.DELIVERY,
            delivered_by=DeliveredBy.STORE,
            placed_at=datetime(2026, 10, 5, 14, 42, 10, tzinfo=UTC),
            customer=Customer(name="Ada Brook", phone="+1 555 0131", email="ada.brook@example.com", external_id="41"),
            address=Address(
                line1="5 Harbour Lane", line2="Flat 2", city="Porthaven", postal_code="00150", country="FI"
            ),
            items=[
                Item(
                    id=item_id("611"),
                    external_id="611",
                    sku="PIZZA-RYE-L",
                    name="Rye pizza \N{EN DASH} Large",
                    quantity=Decimal(2),
                    unit_price=1140,
                    total=2280,
                    tax=287,
                    modifiers=[
                        wish(611, 0, 7001, "Size: Large"),
                        wish(611, 1, 7002, "Extra topping (+1,50 \N{EURO SIGN}): Feta & olives", "1650000001"),
                    ],
                ),
                Item(
                    id=item_id("612"),
                    external_id="612",
                    sku="94",
                    name="Beetroot soup",
                    quantity=Decimal(1),
                    unit_price=570,
                    total=570,
                    tax=72,
                    modifiers=[
                        wish(612, 0, 7005, "Spoons: 2"),
                        wish(612, 1, 7006, 'Allergies: ["nuts", "celery"]'),
                    ],
                ),
            ],
            amounts=Amounts(
                currency="EUR",
                subtotal=2850,
                tax=422,
                tax_included=False,
                delivery_fee=351,
                service_fee=100,
                tip=200,
                discount=285,
                total=3638,
            ),
            discounts=[Discount(code="autumn10", amount=285, funded_by=DeliveredBy.STORE)],
            payment=Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=3638),
            notes="Please leave it at the door",
            source={
                "created_via": "store-api",
                "payment_method": "cod",
                "payment_method_title": "Cash & carry at the door",
                "prices_include_tax": "true",
                "shipping_tax": "49",
                "shipping": "Bike courier (flat_rate)",
                "fees": "Packaging=100+14; Tip for the kitchen=200+0",
                "taxes": "VAT=373+49",
                "line_totals": "611=2052 612=513",
                "line_subtotal_taxes": "611=319 612=80",
                "meta:_delivery_date": "2026-10-05",
                "meta:_delivery_time": "18:30",
            },
        ),
    )
    assert check_sums(message.order) == []


def part(number: int, name: str, quantity: int, total: int, sku: str, modifiers: list[Item] | None = None) -> Item:
    return Item(
        id=item_id(str(number)),
        external_id=str(number),
        sku=sku,
        name=name,
        quantity=Decimal(quantity),
        unit_price=total // quantity,
        total=total,
        tax=0,
        modifiers=modifiers or [],
    )


def test_the_parts_of_a_combo_stand_below_it_for_one_unit_of_it() -> None:
    order = message_in("order_created__combo").order

    assert order.items == [
        Item(
            id=item_id("651"),
            external_id="651",
            sku="201",
            name="Brunch for four",
            quantity=Decimal(2),
            unit_price=2000,
            total=5600,
            tax=0,
            modifiers=[
                part(652, "Bread basket", 1, 0, "202", [
                    part(654, "Rye roll", 3, 0, "204", [wish(654, 0, 7301, "Toasted: Yes")]),
                ]),
                part(653, "Fresh juice", 4, 800, "JUICE"),
            ],
        ),
        part(655, "Napkins", 1, 400, "205"),
    ]  # fmt: skip
    assert (order.amounts.subtotal, check_sums(order)) == (6000, [])


@pytest.mark.parametrize(
    ("parents", "tops"),
    [
        pytest.param({1: 2, 2: 1}, ["1", "2"], id="each other's"),
        pytest.param({1: 1}, ["1", "2"], id="its own"),
        pytest.param({1: 99, 2: ""}, ["1", "2"], id="of a line that is not there"),
        pytest.param({1: 0, 2: "0"}, ["1", "2"], id="zero"),
        pytest.param({2: [1]}, ["1"], id="in a list"),
        pytest.param({2: []}, ["1", "2"], id="in an empty list"),
        pytest.param({2: "1"}, ["1"], id="as text"),
    ],
)
@pytest.mark.parametrize("key", ["composite_parent", "bundled_by"])
def test_no_line_gets_lost_whatever_its_parent(parents: dict[int, Any], tops: list[str], key: str) -> None:
    lines = [line(number, **({key: parents[number]} if number in parents else {})) for number in (1, 2)]

    order = order_of(line_items=lines)

    assert [item.external_id for item in order.items] == tops
    assert order.amounts.subtotal == 200


def test_a_long_row_of_parents_is_cut_and_no_line_is_lost() -> None:
    lines = [line(number, bundled_by=number - 1) for number in range(1, 2001)]

    order = order_of(line_items=lines)

    assert (len(order.items) > 1, order.amounts.subtotal) == (True, 200_000)


def test_lines_under_one_id_all_count() -> None:
    order = order_of(line_items=[line(1), line(1), line(2, bundled_by=1)])

    assert (len(order.items), order.amounts.subtotal) == (2, 300)


def test_a_combo_of_none_keeps_its_parts() -> None:
    lines = [line(1, quantity=0, subtotal="0.00"), line(2, quantity=3, subtotal="3.00", composite_parent=1)]

    (combo,) = order_of(line_items=lines).items

    assert (combo.unit_price, combo.total, combo.modifiers[0].quantity) == (None, 300, Decimal(3))


def test_a_pickup_of_an_older_shop() -> None:
    order = message_in("order_created__pickup").order

    assert (order.fulfillment, order.delivered_by) == (Fulfillment.PICKUP, None)
    assert order.customer == Customer(name="Noor Field", phone="+1 555 0132", email="noor@example.com")
    assert order.address == Address(
        line1="5 Harbour Lane",
        line2="Flat 2",
        city="Porthaven",
        postal_code="00150",
        country="FI",
        company="Field & Co",
    )
    assert [(item.sku, [one.name for one in item.modifiers]) for item in order.items] == [
        ("95", []),
        ("23", ["pa_colour: green", "weight: 100 g"]),
    ]
    assert order.payment == Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0)
    assert order.source["transaction_id"] == "ch_3102"


def test_yen_have_no_cents_and_a_parcel_goes_to_a_pickup_point() -> None:
    order = message_in("order_created__pickup_point").order

    assert order.amounts == Amounts(
        currency="JPY", subtotal=1200, tax=132, tax_included=False, delivery_fee=118, discount=0, total=1450
    )
    assert order.items[0].unit_price == 400
    assert order.source["pickup_point_code"] == "FI-00180-4"
    assert order.address is not None
    assert order.address.instructions == "For Kai Brook"


@pytest.mark.parametrize(
    "key", ["_woo_carrier_agent_id", "_wc_posti_pickup_id", "_wc_schenker_pickup_id", "_budbee_locker"]
)
@pytest.mark.parametrize("place", ["order", "shipping line"])
def test_a_pickup_point_is_passed_on(key: str, place: str) -> None:
    meta = [{"id": 1, "key": key, "value": 4711}]

    order = order_of(meta_data=meta) if place == "order" else order_of(shipping_lines=[{"meta_data": meta}])

    assert order.source["pickup_point_code"] == "4711"


@pytest.mark.parametrize(
    ("methods", "settings", "expected"),
    [
        (["local_pickup"], {}, Fulfillment.PICKUP),
        (["pickup_location"], {}, Fulfillment.PICKUP),
        (["pickup_location:7"], {}, Fulfillment.PICKUP),
        (["flat_rate"], {}, Fulfillment.DELIVERY),
        (["free_shipping:2"], {}, Fulfillment.DELIVERY),
        (["wc_posti"], {"brought_as": "shipping"}, Fulfillment.SHIPPING),
        (["local_pickup"], {"brought_as": "shipping"}, Fulfillment.PICKUP),
        (["local_pickup", "flat_rate"], {}, Fulfillment.DELIVERY),
        (["drive_by:1"], {"pickup_methods": ["drive_by"]}, Fulfillment.PICKUP),
        ([None], {}, Fulfillment.DELIVERY),
        ([], {}, None),
    ],
)
def test_how_it_travels(methods: list[str | None], settings: dict[str, Any], expected: Fulfillment | None) -> None:
    order = order_of(settings, shipping_lines=[{"id": 1, "method_id": method} for method in methods])

    assert order.fulfillment is expected
    assert order.delivered_by == (DeliveredBy.STORE if expected not in (None, Fulfillment.PICKUP) else None)


@pytest.mark.parametrize(
    ("method", "paid", "expected"),
    [
        ("cod", None, Payment(method=PaymentMethod.CASH, prepaid=False, amount_due=990)),
        ("cod", "2026-10-05T15:00:00", Payment(method=PaymentMethod.CASH, prepaid=True, amount_due=0)),
        ("bacs", None, Payment(method=PaymentMethod.OTHER)),
        ("cheque", "2026-10-05T15:00:00", Payment(method=PaymentMethod.OTHER, prepaid=True, amount_due=0)),
        ("stripe", "2026-10-05T15:00:00", Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0)),
        ("", "2026-10-05T15:00:00", Payment(prepaid=True, amount_due=0)),
        ("", None, None),
    ],
)
def test_how_it_is_paid(method: str, paid: str | None, expected: Payment | None) -> None:
    order = order_of(payment_method=method, date_paid_gmt=paid, total="9.90")

    assert order.payment == expected


def test_a_shop_may_collect_by_other_methods() -> None:
    order = order_of({"collect_methods": ["card_at_door"]}, payment_method="card_at_door", total="9.90")

    assert order.payment == Payment(method=PaymentMethod.ONLINE, prepaid=False, amount_due=990)


@pytest.mark.parametrize(
    ("name", "settings", "field"),
    [
        ("Tip", {}, "tip"),
        ("A TIP for us", {}, "tip"),
        ("Juomaraha", {}, "tip"),
        ("Gratuity &amp; thanks", {}, "tip"),
        ("Tipping over insurance", {}, "service_fee"),
        ("Small order", {}, "service_fee"),
        ("Dricks", {"tip_words": ["dricks"]}, "tip"),
    ],
)
def test_a_fee_is_a_tip_by_its_name(name: str, settings: dict[str, Any], field: str) -> None:
    order = order_of(settings, fee_lines=[{"id": 1, "name": name, "total": "2.50"}])

    found = {each: getattr(order.amounts, each) for each in ("tip", "service_fee")}
    assert found == {**dict.fromkeys(("tip", "service_fee")), field: 250}


def test_a_fee_below_zero_is_a_discount() -> None:
    order = order_of(
        discount_total="1.00",
        coupon_lines=[{"id": 1, "code": "one", "discount": "1.00"}],
        fee_lines=[{"id": 2, "name": "Loyalty &amp; tip", "total": "-2.50"}, {"id": 3, "name": "Bag", "total": 0.5}],
    )

    assert (order.amounts.discount, order.amounts.service_fee, order.amounts.tip) == (350, 50, None)
    assert order.discounts == [
        Discount(code="one", amount=100, funded_by=DeliveredBy.STORE),
        Discount(name="Loyalty & tip", amount=250, funded_by=DeliveredBy.STORE),
    ]


def test_sums_may_be_off_by_a_cent_and_goods_by_weight_have_fractions() -> None:
    order = message_in("order_updated__odd_sums").order

    assert [(item.quantity, item.unit_price, item.total) for item in order.items] == [
        (Decimal("1.5"), 723, 1085),
        (Decimal(3), 133, 400),
    ]
    assert (order.customer, order.address, order.payment, order.fulfillment) == (None, None, None, None)
    assert [check.code for check in check_sums(order)] == ["TOTAL_MISMATCH"]


def test_the_float_of_a_line_is_never_money() -> None:
    order = order_of(line_items=[line(1, quantity=3, subtotal="7.90", price=10.799999999999999)])

    assert (order.items[0].unit_price, order.items[0].total) == (263, 790)
    assert check_sums(order) == []


def test_a_blank_amount_is_one_that_is_not_told() -> None:
    order = order_of(line_items=[line(1, subtotal="", total="", total_tax="")], total="", shipping_total=None)

    assert (order.items[0].unit_price, order.items[0].total, order.items[0].tax) == (None, None, None)
    assert order.amounts == Amounts(currency="EUR", tax_included=False)


def test_discounted_lines_keep_what_is_left_of_them() -> None:
    order = order_of(line_items=[line(1, total="0.80", subtotal_tax="0.14", total_tax="0.11"), line(2)])

    assert (order.source["line_totals"], order.source["line_subtotal_taxes"]) == ("1=80", "1=14")


def test_what_the_payload_leaves_out_is_the_store_s() -> None:
    connection = connection_for("woocommerce", credentials("secret"), {"base_url": SHOP}, store=HELSINKI)

    message = message_in("order_updated__bare", connection)

    order = message.order
    assert (order.display_id, order.amounts.currency, order.items[0].name) == ("3109", "EUR", "line 691")
    assert order.placed_at == datetime(2026, 10, 5, 7, 42, 10, tzinfo=UTC)
    assert message.source_version == "2026-10-05T07:42:12.000000Z"
    text = "no currency is said: EUR of the store is assumed"
    assert order.checks == [Check(code="CURRENCY_ASSUMED", message=text)]


# --- when it is wanted --------------------------------------------------------------------------------------------

DAY_AND_TIME = [{"key": "_delivery_date", "value": "2026-10-05"}, {"key": "_delivery_time", "value": "18:30"}]
KEYS = ["_delivery_date", "_delivery_time"]


@pytest.mark.parametrize(
    ("meta", "settings", "expected"),
    [
        pytest.param(DAY_AND_TIME, {}, None, id="nobody told us of the plugin"),
        pytest.param(
            DAY_AND_TIME, {"schedule_keys": KEYS}, datetime(2026, 10, 5, 15, 30, tzinfo=UTC), id="on the store's clock"
        ),
        pytest.param(
            DAY_AND_TIME[:1], {"schedule_keys": KEYS}, datetime(2026, 10, 4, 21, 0, tzinfo=UTC), id="a day alone"
        ),
        pytest.param(
            [{"key": "pickup_date", "value": "5.10.2026 klo 18.30"}],
            {"schedule_keys": ["pickup_date"], "schedule_formats": ["%d.%m.%Y klo %H.%M"]},
            datetime(2026, 10, 5, 15, 30, tzinfo=UTC),
            id="another plugin",
        ),
        pytest.param([], {"schedule_keys": KEYS}, None, id="for now"),
    ],
)
def test_when_it_is_wanted(meta: list[dict[str, Any]], settings: dict[str, Any], expected: datetime | None) -> None:
    order = order_of(settings, meta_data=meta)

    assert (order.scheduled_for, order.checks) == (expected, [])


def test_a_time_that_cannot_be_read_is_flagged() -> None:
    order = order_of({"schedule_keys": KEYS}, meta_data=[{"key": "_delivery_date", "value": "next week"}])

    text = "the customer asks for 'next week'"
    assert (order.scheduled_for, order.checks) == (None, [Check(code="SCHEDULE_UNREADABLE", message=text)])


def test_values_of_plugins_are_kept_as_they_are() -> None:
    order = order_of({"kept_meta": ["gate_code", "floor"]}, meta_data=[{"key": "gate_code", "value": "12#"}])

    assert order.source["meta:gate_code"] == "12#"
    assert "meta:floor" not in order.source


# --- which shop ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"base_url": SHOP}, SHOP),
        ({"base_url": f"{SHOP}/"}, SHOP),
        ({"base_url": "http://10.0.0.5", "shop_url": f"{SHOP}/"}, SHOP),
        ({}, "https://other.example.com"),
    ],
)
def test_the_shop_is_as_set_else_as_the_webhook_tells(settings: dict[str, Any], expected: str) -> None:
    connection = connection_for("woocommerce", credentials("secret"), settings, stores={expected: HELSINKI})
    sample = load_sample("woocommerce", "order_created__delivery")
    sent = request_for(sample, connection).with_headers({"X-WC-Webhook-Source": "https://other.example.com/"})

    (message,) = PLATFORM.read(sent, connection).messages

    assert isinstance(message, OrderSnapshot)
    assert (message.order.store_external_id, message.order.store_id) == (expected, "sto_harbour")


# --- what is no order ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoiled",
    [
        {"id": None},
        {"total": "twelve"},
        {"total": "99999999999999999"},
        {"total": True},
        {"currency": "EURO", "total": "1.00"},
        {"date_created_gmt": "yesterday"},
        {"line_items": [line(1, quantity=-1)]},
        {"line_items": {"id": 1}},
        {"customer_note": "\ud800"},
        {"meta_data": [{"key": "_delivery_date", "value": "\ud800"}]},
    ],
)
def test_what_makes_no_sense_goes_to_quarantine(spoiled: dict[str, Any]) -> None:
    with pytest.raises(Quarantine):
        order_of(**spoiled)
