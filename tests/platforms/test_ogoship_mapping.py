"""OGOship: what becomes of an order and a product on their way there, and of rows on their way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.errors import Quarantine, Reject, Retry
from orderhub.order.messages import HandOverReport, StockReport, Unreadable
from orderhub.order.models import Tracking
from orderhub.order.status import Status
from orderhub.platforms.ogoship import PLATFORM, legacy_mapper, mapper, models, reports
from orderhub.platforms.ogoship.lines import lines_of, major
from orderhub.platforms.ogoship.rest import product_path
from orderhub.platforms.ogoship.statuses import STATUSES
from orderhub.platforms.targets import Product, Shipment
from tests.platforms import any_json
from tests.platforms.answers import Answers
from tests.platforms.exchange import minimal_order
from tests.platforms.samples import NOW
from tests.platforms.test_ogoship import connect

Json = dict[str, Any]

CUSTOMER = {"name": "Aino Example", "phone": "+1 555 0117", "email": "aino@example.com"}
ADDRESS = {"line1": "Mallikuja 4", "city": "Tampere", "country": "FI"}


def shipment(items: list[Json] | None = None, **told: Any) -> Shipment:
    lines = [{"sku": "MUG", "quantity": 1}] if items is None else items
    numbered = [{"id": f"itm_{number}", "name": "thing", **item} for number, item in enumerate(lines)]
    least = {"customer": CUSTOMER, "address": ADDRESS, "amounts": {"currency": "EUR"}}
    order = minimal_order(connect(), {**least, **told, "items": numbered})
    return Shipment(order, "WC-1", order.items)


def mapped(sent: Shipment, **settings: Any) -> Json:
    return mapper.order_of(sent, connect(**settings), "new")


def one_line(item: Json, amounts: Json, **settings: Any) -> Json:
    line: Json = mapped(shipment([{"sku": "MUG", **item}], amounts={"currency": "EUR", **amounts}), **settings)[
        "orderLines"
    ][0]
    return {name: value for name, value in line.items() if name in ("unitPrice", "vatPercentage")}


# --- prices and taxes ------------------------------------------------------------------------------------------------

GROSS, NET = {"tax_included": True}, {"tax_included": False}


@pytest.mark.parametrize(
    ("item", "amounts", "line"),
    [
        ({"quantity": 1}, {}, {}),
        ({"quantity": 2, "unit_price": 1250}, {}, {"unitPrice": 12.5}),
        ({"quantity": 2, "unit_price": 0}, GROSS, {"unitPrice": 0.0}),
        ({"quantity": 2, "unit_price": 1250, "tax": 508}, GROSS, {"unitPrice": 12.5, "vatPercentage": 25.5}),
        ({"quantity": 2, "unit_price": 1250, "tax": 0}, GROSS, {"unitPrice": 12.5, "vatPercentage": 0.0}),
        ({"quantity": 2, "unit_price": 996, "tax": 508}, NET, {"unitPrice": 12.5, "vatPercentage": 25.5}),
        ({"quantity": 2, "unit_price": 996}, NET, {"unitPrice": 9.96}),
        # No tax of the line: that of the order.
        (
            {"quantity": 1, "unit_price": 1000},
            {**NET, "subtotal": 1000, "tax": 255},
            {"unitPrice": 12.55, "vatPercentage": 25.5},
        ),
        (
            {"quantity": 1, "unit_price": 1000},
            {**NET, "subtotal": 1000, "delivery_fee": 500, "tax": 383},
            {"unitPrice": 12.55, "vatPercentage": 25.5},
        ),
        # With a discount nobody says what of it is the line's: the rate is that of the whole order.
        (
            {"quantity": 1, "unit_price": 2000, "tax": 255},
            {**NET, "subtotal": 2000, "discount": 1000, "tax": 255},
            {"unitPrice": 25.1, "vatPercentage": 25.5},
        ),
        # Options are part of what one piece costs.
        (
            {
                "quantity": 1,
                "unit_price": 1000,
                "modifiers": [{"id": "m", "name": "Gift wrap", "quantity": 2, "unit_price": 50}],
            },
            GROSS,
            {"unitPrice": 11.0},
        ),
        # What cannot be a rate is none.
        ({"quantity": 1, "unit_price": 1000, "tax": 1000}, GROSS, {"unitPrice": 10.0}),
        ({"quantity": 1, "unit_price": 1000, "tax": -1}, GROSS, {"unitPrice": 10.0}),
        ({"quantity": 1, "unit_price": 1000, "tax": 600}, {"tax_included": True}, {"unitPrice": 10.0}),
    ],
)
def test_a_price_is_of_one_piece_with_tax_in_major_units(item: Json, amounts: Json, line: Json) -> None:
    assert one_line(item, amounts) == line


@pytest.mark.parametrize(
    ("rates", "vat"),
    [([], 25.3), (["10", "13.5", "25.5"], 25.5), (["26"], 26.0), (["27"], None), (["13.5", "10"], None)],
)
def test_a_rate_becomes_the_nearest_that_the_shop_sells_at(rates: list[str], vat: float | None) -> None:
    line = one_line({"quantity": 1, "unit_price": 119, "tax": 24}, GROSS, vat_percentages=rates)

    assert line.get("vatPercentage") == vat


@pytest.mark.parametrize(("second", "rates"), [(255, [25.5, 25.5]), (100, [None, None]), (None, [25.5, 25.5])])
def test_with_a_discount_the_order_tells_the_rate_if_it_has_but_one(
    second: int | None, rates: list[float | None]
) -> None:
    items = [{"sku": name, "quantity": 1, "unit_price": 1000, "tax": tax} for name, tax in (("A", 255), ("B", second))]
    amounts = {"currency": "EUR", **NET, "subtotal": 2000, "discount": 1000, "tax": 255}

    lines = mapped(shipment(items, amounts=amounts), vat_percentages=["10", "25.5"])["orderLines"]

    assert [line.get("vatPercentage") for line in lines] == rates


def test_a_price_can_be_the_one_after_the_discount() -> None:
    amounts = {**GROSS, "subtotal": 2000, "discount": 500}
    prices = [
        one_line({"quantity": 1, "unit_price": 2000}, amounts, prices_after_discount=after)["unitPrice"]
        for after in (False, True)
    ]

    assert prices == [20.0, 15.0]


@pytest.mark.parametrize(
    ("amounts", "price"),
    [({}, 20.0), ({"subtotal": 2000}, 20.0), ({"discount": 500}, 20.0), ({"subtotal": 2000, "discount": 2000}, 0.0)],
)
def test_without_a_discount_to_take_off_the_price_stays(amounts: Json, price: float) -> None:
    line = one_line({"quantity": 1, "unit_price": 2000}, {**GROSS, **amounts}, prices_after_discount=True)

    assert line == {"unitPrice": price}


def test_a_net_price_without_a_rate_gets_the_tax_of_its_line() -> None:
    line = one_line({"quantity": 2, "unit_price": 1000, "tax": 300}, NET, vat_percentages=["25.5"])

    assert line == {"unitPrice": 11.5}


@pytest.mark.parametrize(
    ("minor", "currency", "amount"), [(1250, "EUR", "12.50"), (1250, "JPY", "1250"), (1250, "KWD", "1.250")]
)
def test_amounts_are_decimals_in_major_units(minor: int, currency: str, amount: str) -> None:
    assert str(major(minor, currency)) == amount


def test_a_currency_without_cents_has_none() -> None:
    body = mapped(
        shipment([{"sku": "MUG", "quantity": 1, "unit_price": 500}], amounts={"currency": "JPY", "total": 500})
    )

    assert (body["priceTotal"], body["priceCurrency"], body["orderLines"][0]["unitPrice"]) == (500.0, "JPY", 500.0)


@given(price=st.integers(0, 10**7), tax=st.integers(0, 10**7), quantity=st.integers(1, 999), included=st.booleans())
def test_a_line_is_worth_no_less_with_tax_than_without(price: int, tax: int, quantity: int, included: bool) -> None:
    items = [{"sku": "MUG", "quantity": quantity, "unit_price": price, "tax": tax}]
    (line,) = lines_of(shipment(items, amounts={"currency": "EUR", "tax_included": included}), connect().settings)

    assert line.unit_price is not None
    assert line.net_price is None or line.unit_price >= line.net_price >= 0


def test_a_line_of_none_is_left_out() -> None:
    body = mapped(shipment([{"sku": "MUG", "quantity": 0}, {"sku": "TEA", "quantity": 2}]))

    assert body["orderLines"] == [{"code": "TEA", "quantity": 2}]


# --- cash on delivery ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payment", "due"),
    [
        (None, None),
        ({"prepaid": True, "amount_due": 0}, None),
        ({"prepaid": True, "amount_due": 100}, None),
        ({"prepaid": None, "amount_due": 100}, None),
        ({"prepaid": False, "amount_due": 0}, None),
        ({"prepaid": False, "amount_due": 100}, 1.0),
        ({"prepaid": False}, 24.9),
    ],
)
def test_what_is_not_paid_is_collected_and_nothing_else(payment: Json | None, due: float | None) -> None:
    body = mapped(shipment(payment=payment, amounts={"currency": "EUR", "total": 2490}))

    expected = {"amount": due, "currencyCode": "EUR", "reference": "WC-1"}
    assert body.get("cashOnDelivery") == (expected if due else None)


# --- who gets it, and how --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "what"), [("line1", "a street"), ("city", "a city"), ("country", "a country (two letters)")]
)
def test_an_address_that_is_not_whole_is_refused_before_anybody_is_asked(missing: str, what: str) -> None:
    address = {name: text for name, text in ADDRESS.items() if name != missing}

    with pytest.raises(Reject) as refused:
        mapped(shipment(address=address))

    assert (refused.value.code, refused.value.details) == ("ADDRESS_INCOMPLETE", {"missing": [what]})


@pytest.mark.parametrize(
    ("country", "default", "code"),
    [("fi", "", "FI"), (" SE ", "FI", "SE"), (None, "fi", "FI"), ("Finland", "FI", None), ("F1", "", None)],
)
def test_a_country_is_two_letters(country: str | None, default: str, code: str | None) -> None:
    sent = shipment(address={**ADDRESS, "country": country})
    if code is None:
        with pytest.raises(Reject):
            mapped(sent, default_country=default)
        return

    assert mapped(sent, default_country=default)["customer"]["countryCode"] == code


def test_a_company_is_a_name() -> None:
    body = mapped(shipment(customer=None, address={**ADDRESS, "company": "Example Oy"}))

    assert (body["customer"]["name"], body["customer"]["company"]) == ("Example Oy", "Example Oy")


LONG = "Pitkänimisen Mallikujan Varrella 100 B"


@pytest.mark.parametrize(
    ("line1", "line2", "longest", "lines"),
    [
        ("Mallikuja 4", None, 35, ("Mallikuja 4", None)),
        (LONG, None, 35, ("Pitkänimisen Mallikujan Varrella", "100 B")),
        (LONG, "A 7", 35, ("Pitkänimisen Mallikujan Varrella", "100 B, A 7")),
        (LONG, None, 38, (LONG, None)),
        (LONG, None, 0, (LONG, None)),
        ("x" * 36, "A 7", 35, ("x" * 36, "A 7")),
        ("Mallikuja, 4", None, 10, ("Mallikuja", "4")),
    ],
)
def test_a_long_street_is_parted_at_a_blank(
    line1: str, line2: str | None, longest: int, lines: tuple[str, str | None]
) -> None:
    body = mapped(shipment(address={**ADDRESS, "line1": line1, "line2": line2}), address_length=longest)

    assert (body["customer"]["address1"], body["customer"].get("address2")) == lines


CODES = {"Posti parcel": "A", "posti_parcel:7": "B", "posti_parcel": "C", "SHIPPING": "D", "delivery": "E"}


@pytest.mark.parametrize(
    ("source", "fulfillment", "known", "code"),
    [
        ({"shipping": "Posti parcel (posti_parcel:7)"}, None, CODES, "A"),
        ({"shipping": "Parcel (posti_parcel:7)"}, None, CODES, "B"),
        ({"shipping": "Parcel (posti_parcel:8)"}, None, CODES, "C"),
        ({"shipping": "POSTI PARCEL"}, None, CODES, "A"),
        ({"shipping": "Other; Posti parcel"}, None, CODES, "A"),
        ({"delivery_method": "LOCAL, SHIPPING"}, None, CODES, "D"),
        ({}, "delivery", CODES, "E"),
        ({"shipping": "Parcel (posti_parcel:7)"}, "shipping", {"shipping": "F"}, "F"),
        ({"shipping": "Other"}, "pickup", CODES, "Z"),
        ({}, None, {}, "Z"),
    ],
)
def test_the_shipping_method_has_a_code_by_the_first_word_that_is_known(
    source: dict[str, str], fulfillment: str | None, known: dict[str, str], code: str
) -> None:
    sent = shipment(source=source, fulfillment=fulfillment)

    assert mapped(sent, shipping_codes=known, shipping_code="Z")["shippingCode"] == code


def test_without_a_code_none_is_sent() -> None:
    assert "shippingCode" not in mapped(shipment(fulfillment="shipping"))


@pytest.mark.parametrize(
    ("notes", "instructions", "comments"),
    [
        (None, None, None),
        ("A present", None, "A present"),
        (None, "Ring", "Ring"),
        ("A present", "Ring", "A present\nRing"),
    ],
)
def test_what_the_customer_says_goes_along(notes: str | None, instructions: str | None, comments: str | None) -> None:
    sent = shipment(notes=notes, address={**ADDRESS, "instructions": instructions})

    assert mapped(sent).get("comments") == comments
    assert legacy_mapper.order_of(sent, connect())["Order"].get("Comments") == comments


@pytest.mark.parametrize(("test", "is_test", "told"), [(False, False, False), (True, False, True), (False, True, True)])
def test_a_trial_says_that_it_is_one(test: bool, is_test: bool, told: bool) -> None:
    sent = shipment(is_test=is_test)

    assert mapped(sent, test=test)["test"] is told
    assert legacy_mapper.order_of(sent, connect(test=test))["Order"]["TestOnly"] == str(told).lower()


def test_a_receipt_has_the_names_of_the_order_in_its_address() -> None:
    sent = shipment(display_id="#1 a")

    body = mapped(sent, receipt_url="https://shop.example.com/{display_id}/{reference}.pdf")

    assert body["documents"] == [{"type": "receipt", "url": "https://shop.example.com/%231%20a/WC-1.pdf"}]


@given(any_json.anything)
def test_no_answer_whatever_breaks_a_call(answer: Any) -> None:
    for call in (PLATFORM.find_shipment, PLATFORM.create_shipment, PLATFORM.change_shipment, PLATFORM.cancel_shipment):
        for connection in (connect(), connect(api="legacy")):
            http = Answers(always=any_json.encode(answer))
            try:
                call(shipment(), connection, http)
            except (Reject, Retry):
                continue


@given(any_json.anything)
def test_no_answer_whatever_breaks_the_writing_of_a_product(answer: Any) -> None:
    try:
        PLATFORM.put_product(Product("MUG", "Mug"), connect(), Answers(always=any_json.encode(answer)))
    except (Reject, Retry):
        return


@pytest.mark.parametrize(
    ("code", "path", "params"),
    [
        ("MUG-BIRCH", "/Products/MUG-BIRCH", {}),
        ("mug_1.5~x", "/Products/mug_1.5~x", {}),
        ("AB/12 å", "/Products/QUIvMTIgw6U", {"base64url": "true"}),
        ("..", "/Products/Li4", {"base64url": "true"}),
        ("50%", "/Products/NTAl", {"base64url": "true"}),
    ],
)
def test_a_product_code_is_written_so_that_it_fits_in_a_path(code: str, path: str, params: dict[str, str]) -> None:
    assert product_path(code) == (path, params)


# --- rows on their way back ------------------------------------------------------------------------------------------


def reported(**told: Any) -> HandOverReport:
    settings = told.pop("settings", {})
    row = {"reference": "WC-1", "status": "new", "editTime": "2026-10-05T14:00:00", **told}
    message = reports.order_report(row, connect(**settings), NOW)
    assert isinstance(message, HandOverReport)
    return message


TABLE = {
    "draft": None,
    "new": Status.ACCEPTED,
    "pending": Status.ACCEPTED,
    "reserved": Status.ACCEPTED,
    "locked": Status.ACCEPTED,
    "collecting": Status.BAGGING,
    "shipped": Status.PICKED_UP,
    "cancelled": Status.CANCELLED,
    "returned": None,
}
TROUBLE = {
    "reserved": "OGOship has set this order aside and will not ship it by itself",
    "locked": "OGOship has locked this order: its stock is held until somebody acts",
}


@pytest.mark.parametrize("write", [str.lower, str.upper, str.title], ids=["rest", "older", "neither"])
@pytest.mark.parametrize(("word", "status"), TABLE.items())
def test_a_status_means_the_same_in_any_case(word: str, status: Status | None, write: Any) -> None:
    message = reported(status=write(word))

    assert (message.state, message.status, message.trouble) == (word, status, TROUBLE.get(word))


def test_there_are_no_other_statuses() -> None:
    assert STATUSES.keys() == TABLE.keys()


def test_a_status_that_is_new_to_us_moves_nothing_and_is_told() -> None:
    message = reported(status="Teleported")

    assert (message.state, message.status) == ("teleported", None)
    assert message.trouble == "OGOship says 'teleported', which is new to us"


@pytest.mark.parametrize(
    ("settings", "status", "ours", "trouble"),
    [
        ({"statuses": {"shipped": "completed"}}, "shipped", Status.COMPLETED, None),
        ({"statuses": {"Teleported": "ready"}}, "teleported", Status.READY, None),
        ({"statuses": {"cancelled": None}}, "cancelled", None, None),
        ({"trouble_statuses": []}, "reserved", Status.ACCEPTED, None),
        ({"trouble_statuses": ["Pending"]}, "pending", Status.ACCEPTED, "OGOship waits for stock: Out of mugs"),
        ({"trouble_statuses": ["returned"]}, "returned", None, "the parcel came back to OGOship: Out of mugs"),
        ({"trouble_statuses": ["new"]}, "new", Status.ACCEPTED, "OGOship has this order as 'new': Out of mugs"),
    ],
)
def test_the_settings_say_what_a_status_means(
    settings: Json, status: str, ours: Status | None, trouble: str | None
) -> None:
    message = reported(status=status, warehouseComments="Out of mugs", settings=settings)

    assert (message.status, message.trouble) == (ours, trouble)


def test_what_the_warehouse_remarks_is_cut_before_it_is_a_novel() -> None:
    message = reported(status="locked", warehouseComments="x" * 501)

    assert message.trouble == f"{TROUBLE['locked']}: {'x' * 500}"


U = "https://t.example.com/"


@pytest.mark.parametrize(
    ("number", "url", "parcels"),
    [
        (None, None, []),
        ("", "", []),
        ("A1", None, [("A1", None)]),
        ("A1", f"{U}A1", [("A1", f"{U}A1")]),
        ("A1", U, [("A1", U)]),
        (None, U, [(None, U)]),
        ("A1,B2", None, [("A1", None), ("B2", None)]),
        (" A1 , B2 ,", U, [("A1", U), ("B2", None)]),
        ("A1,B2", f"{U}B2", [("A1", None), ("B2", f"{U}B2")]),
        ("A1,A1", U, [("A1", U)]),
    ],
)
def test_several_codes_are_several_parcels(
    number: str | None, url: str | None, parcels: list[tuple[str | None, str | None]]
) -> None:
    message = reported(trackingNumber=number, trackingUrl=url)

    assert message.tracking == tuple(Tracking(code=code, url=one) for code, one in parcels)


def test_the_carrier_is_known_by_the_shipping_method() -> None:
    settings = {"carriers": {"POSTI_PARCEL": "Posti"}}
    message = reported(trackingNumber="A1", shippingCode="posti_parcel", settings=settings)

    assert message.tracking == (Tracking(carrier="Posti", code="A1"),)


def test_the_same_row_is_one_message_and_any_news_another() -> None:
    news: list[Json] = [
        {},
        {"status": "pending"},
        {"trackingNumber": "A1"},
        {"trackingUrl": U},
        {"warehouseComments": "Hm"},
        {"editTime": "2026-10-05T14:00:01"},
        {"reference": "WC-2"},
    ]
    keys = [reported(**one).delivery_key for one in news]

    assert len(set(keys)) == len(news)
    assert keys == [reported(**one, priceTotal=1).delivery_key for one in news]


def test_later_news_has_a_later_version() -> None:
    versions = [reported(editTime=text).source_version for text in ("2026-10-05T14:00:00", "2026-10-05T14:00:00.5")]

    assert versions == ["2026-10-05T14:00:00.000000Z", "2026-10-05T14:00:00.500000Z"]


def test_a_row_is_kept_as_it_came() -> None:
    assert json.loads(reported(priceTotal=12.5).raw or b"")["priceTotal"] == 12.5


@pytest.mark.parametrize(("available", "quantity"), [(7, Decimal(7)), (0, Decimal(0)), (-2, Decimal(0)), (None, None)])
def test_what_is_free_to_sell_is_the_stock(available: int | None, quantity: Decimal | None) -> None:
    row = {"productCode": "MUG", "stock": 99, "stockAvailable": available, "modified": "2026-10-05T14:00:00"}

    message = reports.stock_report(row, connect())

    assert isinstance(message, StockReport)
    assert (message.sku, message.external_item_id, message.quantity) == ("MUG", "MUG", quantity)
    assert message.source_version == "2026-10-05T14:00:00.000000Z"


def test_stock_that_changed_and_changed_back_is_other_news() -> None:
    rows = [
        {"productCode": "MUG", "stockAvailable": number, "modified": f"2026-10-05T14:00:0{second}"}
        for number, second in ((7, 0), (6, 1), (7, 2), (7, 0))
    ]
    keys = [reports.stock_report(row, connect()).delivery_key for row in rows]

    assert len(set(keys)) == 3
    assert keys[0] == keys[3]


def test_a_time_is_by_the_clock_that_the_settings_name() -> None:
    message = reported(editTime="2026-07-05T14:00:00", settings={"time_zone": "Europe/Helsinki"})

    assert message.at == datetime(2026, 7, 5, 11, tzinfo=UTC)


@given(any_json.anything)
def test_no_row_whatever_breaks_a_poll(row: Any) -> None:
    body = any_json.encode([row])
    for cursor in ({"full_at": "2026-10-05T14:00:00Z"}, {"walk": "stock", "since": ""}):
        try:
            page = PLATFORM.poll(cursor, connect(), Answers(always=body), NOW)
        except Retry:
            continue
        assert all(isinstance(one, HandOverReport | StockReport | Unreadable) for one in page.messages)


@given(any_json.anything)
def test_no_list_of_changes_whatever_breaks_a_poll_of_the_older_api(row: Any) -> None:
    body = b'{"response":{"Info":{"@Success":"true"},"orders":%b,"products":{"Product":%b}}}'
    told = any_json.encode(row)
    try:
        page = PLATFORM.poll({}, connect(api="legacy"), Answers(always=body % (told, told)), NOW)
    except Retry:
        return
    assert all(isinstance(one, HandOverReport | StockReport | Unreadable) for one in page.messages)


@pytest.mark.parametrize(
    ("told", "rows"),
    [
        (None, []),
        ("", []),
        ([], []),
        ({"code": "A"}, ["A"]),
        ([{"code": "A"}, {"code": "B"}], ["A", "B"]),
        ({"OrderLine": {"Code": "A"}}, ["A"]),
        ({"OrderLine": [{"Code": "A"}, {"Code": "B"}]}, ["A", "B"]),
        ({"OrderLine": ""}, []),
        ({"OrderLine": None}, []),
    ],
)
def test_lines_come_in_many_forms(told: Any, rows: list[str]) -> None:
    order = models.read_as(models.Order, {"reference": "1", "orderLines": told})

    assert [line.code for line in order.orderlines] == rows


def test_what_is_nested_too_deeply_cannot_be_read() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]

    with pytest.raises(Quarantine):
        models.lowered(nested)
    while nested:  # taken apart by hand: to drop it at once goes too deep as well
        nested = nested.pop()
