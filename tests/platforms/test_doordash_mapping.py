"""DoorDash: what becomes of an order's fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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
from orderhub.order.status import Status
from orderhub.platforms.base import StoreRef
from orderhub.platforms.doordash import PLATFORM
from tests.platforms.conformance import NOW, connection_for, load_sample, request_for
from tests.platforms.samples import AnyConnection

CREDENTIALS = {"developer_id": "dev", "key_id": "key", "signing_secret": "c2VjcmV0", "webhook_tokens": ["token"]}
STORE = StoreRef("sto_lake", "America/Chicago", "USD")
PREPAID = Payment(method=PaymentMethod.ONLINE, prepaid=True, amount_due=0)
BURGER, CHEDDAR, MELTED, FRIES = (f"7d1b5a90-1c4e-4b52-8f6b-0a9e3c5d2f{last}" for last in ("01", "11", "12", "02"))
WRAP, TAHINI, COOKIE = (f"c1e4f7a0-2b3d-4c5e-8f90-1a2b3c4d5e{last}" for last in ("01", "11", "02"))


def connect(**settings: object) -> AnyConnection:
    return connection_for("doordash", CREDENTIALS, settings, stores={"CK-014": STORE})


def heard(name: str, connection: AnyConnection | None = None) -> OrderSnapshot:
    connection = connection or connect()
    (message,) = PLATFORM.read(request_for(load_sample("doordash", name), connection), connection).messages
    assert isinstance(message, OrderSnapshot)
    return message


def order_of(connection: AnyConnection | None = None, **fields: Any) -> Order:
    """The order of a payload that has nothing but its id, and these fields."""
    return PLATFORM.to_order({"id": "1", **fields}, connection or connect())


def lines_of(*items: dict[str, Any]) -> list[Item]:
    return order_of(categories=[{"name": "All", "items": list(items)}]).items


def test_an_order_for_a_dasher_is_mapped_whole() -> None:
    connection = connect()
    external_id = "3f0c7a52-8a1e-4b6d-9a35-5d1f0c2e7b11"

    message = heard("order_create__dasher", connection)

    assert message.order == Order(
        id=connection.order_id(external_id),
        platform="doordash",
        connection_id="con_test",
        channel="doordash",
        external_id=external_id,
        display_id="51c80e",
        store_id="sto_lake",
        store_external_id="CK-014",
        status=Status.INCOMING,
        fulfillment=Fulfillment.DELIVERY,
        delivered_by=DeliveredBy.PLATFORM,
        placed_at=NOW,
        accept_by=NOW + timedelta(minutes=3),
        ready_at=datetime(2026, 10, 5, 15, 25, tzinfo=UTC),
        customer=Customer(
            name="Robin A.", phone="+15555550142", email="support@doordash.com", external_id="9007199254741993"
        ),
        items=[
            Item(
                id=item_id(BURGER),
                external_id=BURGER,
                sku="BURGER-DBL",
                name="Smash burger",
                quantity=Decimal(2),
                unit_price=1295,
                total=2890,
                notes="Well done\nIf out of stock: refund",
                category="Burgers",
                modifiers=[
                    Item(
                        id=item_id(BURGER, "grp-cheese", CHEDDAR),
                        external_id=CHEDDAR,
                        sku="OPT-CHEDDAR",
                        name="Extra cheddar",
                        quantity=Decimal(1),
                        unit_price=150,
                        total=150,
                        category="Cheese",
                        modifiers=[
                            Item(
                                id=item_id(BURGER, "grp-cheese", CHEDDAR, "grp-melt", MELTED),
                                external_id=MELTED,
                                sku="OPT-MELTED",
                                name="Well melted",
                                quantity=Decimal(1),
                                unit_price=0,
                                total=0,
                                category="Melted",
                            )
                        ],
                    )
                ],
            ),
            Item(
                id=item_id(FRIES),
                external_id=FRIES,
                sku="FRIES-L",
                name="Fries",
                quantity=Decimal(1),
                unit_price=450,
                total=450,
                category="Sides",
            ),
        ],
        amounts=Amounts(
            currency="USD",
            subtotal=3340,
            tax=276,
            tax_included=False,
            tax_remitted_by_platform=276,
            bag_fee=11,
            tip=200,
            driver_tip=0,
            total=3827,
            computed=["total"],
        ),
        payment=PREPAID,
        notes="Ring the side door",
        include_cutlery=True,
        brand="DOORDASH",
        source={
            "provider_type": "orderhub_demo",
            "store_timezone": "America/New_York",
            "store_order_cart_id": "4410097723",
            "fulfillment_type": "dx_delivery",
            "commission_type": "regular",
            "is_tax_remitted_by_doordash": "yes",
            "subtotal_for_tax": "3340",
            "subtotal_tax_amount": "276",
        },
    )


def test_an_order_that_the_store_delivers_says_where_to_and_what_for() -> None:
    order = heard("order_create__self_delivery").order

    assert (order.fulfillment, order.delivered_by, order.brand) == (
        Fulfillment.DELIVERY,
        DeliveredBy.STORE,
        "STOREFRONT",
    )
    assert order.address == Address(
        line1="7 Specimen Court",
        line2="Floor 3",
        city="Chicago",
        region="IL",
        postal_code="60610",
        country="US",
        lat=41.9033,
        lng=-87.634,
        instructions="The grey door",
    )
    assert order.amounts == Amounts(
        currency="USD",
        subtotal=2275,
        tax=155,
        tax_included=False,
        tax_remitted_by_platform=155,
        delivery_fee=299,
        bag_fee=27,
        other_fees=24,
        tip=100,
        driver_tip=350,
        discount=400,
        total=2830,
        computed=["total"],
    )
    assert order.discounts == [
        Discount(code="FALL4", name="CK-FALL", amount=250, funded_by=DeliveredBy.STORE),
        Discount(code="FALL4", name="CK-FALL", amount=150, funded_by=DeliveredBy.PLATFORM),
    ]
    assert order.source["promo_ids"] == "5c9a1d20-4d0f-4e1c-9d55-3b8e2a7f6c10"
    assert order.source["total_merchant_funded_discount_amount"] == "250"


def test_the_quantity_of_an_option_is_for_one_unit_of_its_line() -> None:
    wrap, cookies = heard("order_create__self_delivery").order.items

    assert (wrap.modifiers[0].quantity, wrap.modifiers[0].total, wrap.total) == (Decimal(2), 150, 1300)
    assert (cookies.quantity, cookies.total) == (Decimal(3), 975)


def test_a_group_order_for_later_says_for_whom_and_what_instead() -> None:
    order = heard("order_create__scheduled_pickup").order

    assert (order.fulfillment, order.delivered_by, order.brand) == (Fulfillment.PICKUP, None, "CAVIAR")
    assert order.scheduled_for == order.ready_at == datetime(2026, 10, 5, 21, 30, tzinfo=UTC)
    assert order.notes == "One bag for each, please"
    assert [item.notes for item in order.items] == [
        "For Noor\nIf out of stock: substitute\nInstead: Carrot salad, Coleslaw",
        "For Eli",
    ]
    assert order.discounts == [Discount(name="CK-SALAD", amount=180, funded_by=DeliveredBy.STORE)]
    assert (order.amounts.discount, order.amounts.total, order.amounts.tax_remitted_by_platform) == (180, 1616, 0)
    assert order.source["snap_amount"] == "750"
    assert order.source["is_tax_remitted_by_doordash"] == "no"


def test_a_bare_order_of_older_fields_is_an_order() -> None:
    message = heard("order_create__bare")

    order = message.order
    assert (order.external_id, order.status, message.is_new) == (
        "0a6f3be9-55d2-4b0e-a3c8-2f7719d4ee08",
        Status.INCOMING,
        True,
    )
    assert order.address == Address(line1="220 Test Avenue, Chicago IL 60605", instructions="Leave it with the porter")
    assert order.customer == Customer(name="Sam", phone="+15555550142", email="support@doordash.com", external_id="31")
    assert order.discounts == [Discount(code="HELLO", amount=100, funded_by=DeliveredBy.STORE)]
    assert order.amounts.total == 1350 - 100 + 111 + 199 + 150


def test_lines_without_a_key_of_doordash_are_told_apart() -> None:
    first, second = heard("order_create__bare").order.items

    assert (first.external_id, second.external_id) == (None, None)
    assert (first.id, second.id) == (item_id("FRIES-L"), item_id("FRIES-L", "1"))


def test_an_order_of_zero_prices_keeps_the_subtotal_as_given() -> None:
    order = heard("order_create__zero_prices").order

    assert (order.items[0].total, order.amounts.subtotal, order.amounts.total) == (0, 2150, 2327)


def test_options_that_lie_on_the_item_itself_are_read() -> None:
    """As in DoorDash's own sample of a self-delivery order."""
    (eggs,) = lines_of({"name": "Eggs", "options": [{"name": "Egg white", "quantity": 1, "price": 109}]})

    assert (eggs.quantity, eggs.unit_price, eggs.total) == (Decimal(1), None, None)
    assert [(one.name, one.unit_price) for one in eggs.modifiers] == [("Egg white", 109)]


def test_options_without_end_go_to_quarantine() -> None:
    option: dict[str, Any] = {"name": "end"}
    for _ in range(22):
        option = {"name": "more", "extras": [{"options": [option]}]}

    with pytest.raises(Quarantine, match="nested more than 20 levels"):
        lines_of({"name": "Eggs", "options": [option]})


@pytest.mark.parametrize(
    ("word", "flag", "how"),
    [
        ("dx_delivery", True, (Fulfillment.DELIVERY, DeliveredBy.PLATFORM)),
        ("pickup", False, (Fulfillment.PICKUP, None)),
        ("mx_fleet_delivery", True, (Fulfillment.DELIVERY, DeliveredBy.STORE)),
        ("mx_delivery", False, (Fulfillment.DELIVERY, DeliveredBy.STORE)),
        (None, True, (Fulfillment.PICKUP, None)),
        (None, False, (Fulfillment.DELIVERY, None)),
        (None, None, (None, None)),
    ],
)
def test_the_type_tells_how_it_goes_out_and_the_flag_only_without_it(
    word: str | None, flag: bool | None, how: tuple[Fulfillment | None, DeliveredBy | None]
) -> None:
    order = order_of(fulfillment_type=word, is_pickup=flag)

    assert ((order.fulfillment, order.delivered_by), order.checks) == (how, [])


def test_an_unknown_type_is_flagged_and_the_flag_counts() -> None:
    order = order_of(fulfillment_type="drone", is_pickup=False)

    flag = Check(code="UNKNOWN_TYPE", message="DoorDash says that it is of type 'drone'")
    assert (order.fulfillment, order.checks) == (Fulfillment.DELIVERY, [flag])


@pytest.mark.parametrize(
    "word",
    ["DOORDASH", "CAVIAR", "STOREFRONT", "WHITE_LABELED", "DOORDASH_CHECKOUT", "ANY_EXPERIENCE", "CATERING"],
)
def test_the_experience_is_the_brand_and_the_channel_stays_doordash(word: str) -> None:
    order = order_of(experience=word)

    assert (order.brand, order.channel) == (word, "doordash")


def test_an_unscheduled_order_is_for_now() -> None:
    order = order_of(is_scheduled=False, estimated_pickup_time="2026-10-05T15:25:00Z")

    assert (order.scheduled_for, order.ready_at) == (None, datetime(2026, 10, 5, 15, 25, tzinfo=UTC))


def test_a_time_without_an_offset_is_local_to_the_store() -> None:
    order = order_of(store={"merchant_supplied_id": "CK-014"}, estimated_pickup_time="2026-10-05T10:25:00")

    assert order.ready_at == datetime(2026, 10, 5, 15, 25, tzinfo=UTC)


def test_a_time_that_cannot_be_read_is_flagged_and_left_out() -> None:
    order = order_of(estimated_pickup_time="soon")

    flag = Check(code="UNREADABLE_TIME", message="estimated_pickup_time: 'soon' is not an ISO 8601 time")
    assert (order.ready_at, order.checks) == (None, [flag])


def test_a_currency_and_a_time_of_creation_are_read_once_doordash_sends_them() -> None:
    order = order_of(currency="cad", created_at="2026-10-05T14:59:00Z", subtotal=1200)

    assert (order.amounts.currency, order.placed_at) == ("CAD", datetime(2026, 10, 5, 14, 59, tzinfo=UTC))


def test_a_currency_without_cents_has_none() -> None:
    order = order_of(currency="JPY", subtotal=1200, tax=120)

    assert (order.amounts.currency, order.amounts.total) == ("JPY", 1320)


def test_without_a_currency_it_is_the_store_s() -> None:
    connection = connection_for("doordash", CREDENTIALS, store=StoreRef("sto_ca", "America/Toronto", "CAD"))

    assert order_of(connection, subtotal=1200).amounts.currency == "CAD"


def test_no_currency_of_this_world_goes_to_quarantine() -> None:
    with pytest.raises(Quarantine):
        order_of(currency="GALLEON")


def test_a_fee_that_is_no_bag_is_another_fee() -> None:
    order = order_of(subtotal=1000, custom_fee=[{"type": "CUP_FEE", "price": 25, "tax": 3}], extra_cart_order_fee=199)

    assert (order.amounts.bag_fee, order.amounts.other_fees, order.amounts.total) == (None, 227, 1227)


def test_the_driver_s_tip_may_be_a_fraction() -> None:
    assert order_of(tip_amount=Decimal("299.6")).amounts.driver_tip == 300


def test_all_tax_is_remitted_when_doordash_says_so_without_an_amount() -> None:
    assert order_of(tax=88, is_tax_remitted_by_doordash=True).amounts.tax_remitted_by_platform == 88


PROMO = {"promo_id": "p1", "external_campaign_id": "C1", "total_discount_amount": 500}


def test_a_promotion_of_the_order_that_is_broken_down_by_item_counts_once() -> None:
    item = {"name": "Fries", "applied_item_discount_details": [PROMO]}

    order = order_of(applied_discounts_details=[PROMO], categories=[{"items": [item]}])

    assert (order.amounts.discount, order.discounts) == (500, [Discount(name="C1", amount=500)])


def test_stacked_promotions_add_up() -> None:
    other = {"promo_id": "p2", "merchant_funded_discount_amount": 100, "doordash_funded_discount_amount": 50}

    order = order_of(applied_discounts_details=[PROMO, other])

    assert order.amounts.discount == 650
    assert order.source["promo_ids"] == "p1,p2"


@pytest.mark.parametrize(
    ("fields", "discount"),
    [
        ({"total_merchant_funded_discount_amount": 300, "discount_amount": 999}, (300, DeliveredBy.STORE)),
        ({"discount_amount": 120, "subtotal_discount_funding_source": "DOORDASH"}, (120, DeliveredBy.PLATFORM)),
        ({"discount_amount": 120, "subtotal_discount_funding_source": "somebody"}, (120, None)),
        ({"applied_discounts": [{"discount_amount": 70}, {"discount_amount": 30}]}, (100, None)),
    ],
)
def test_older_discount_fields_count_only_without_the_new_ones(
    fields: dict[str, Any], discount: tuple[int, DeliveredBy | None]
) -> None:
    order = order_of(**fields)

    assert [(one.amount, one.funded_by) for one in order.discounts] == [discount]
    assert order.amounts.discount == discount[0]


def test_without_any_discount_nothing_is_said_of_one() -> None:
    order = order_of(subtotal=100)

    assert (order.amounts.discount, order.discounts) == (None, [])


def test_orders_of_the_sandbox_are_tests() -> None:
    assert heard("order_create__dasher", connect(environment="sandbox")).order.is_test


def test_an_order_of_a_shop_says_that_it_can_be_returned() -> None:
    assert order_of(connect(retail_returns=True)).source == {"returns": "yes"}


@pytest.mark.parametrize("field", ["consumer", "store", "delivery_address", "categories", "custom_fee", "currency"])
def test_what_may_be_missing_may_be_null(field: str) -> None:
    assert order_of(**{field: None}) == order_of()
