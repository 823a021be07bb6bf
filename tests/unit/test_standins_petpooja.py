"""The stand-in for Petpooja and an ordering app: its rules, and our adapter's own calls against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from local.standins.petpooja import ACCESS_TOKEN, APP_KEY, APP_SECRET, COOKIE, LISTING, PLAYED
from local.standins.samples import petpooja as samples
from orderhub.errors import Misconfigured, Reject
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import Order, StatusReason
from orderhub.order.pricing import check_sums
from orderhub.order.status import CancelReason
from orderhub.platforms.base import ItemAvailability, StoreRef, StoreStatus
from orderhub.platforms.petpooja import PLATFORM
from tests.platforms.samples import connection_for
from tests.unit.standins_client import START, Caller, VendorHttp

ROOT = "http://standins.test/petpooja"
KEYS = {"app_key": APP_KEY, "app_secret": APP_SECRET, "access_token": ACCESS_TOKEN}
TODAY = "2026-10-05"
KITCHEN = StoreRef("sto_main", samples.ZONE, "INR")


class App(Caller):
    """A caller, and our connection to what it calls."""

    def __init__(self, **credentials: Any) -> None:
        super().__init__()
        self.client = Client(self.app, use_cookies=False)  # its own jar would take away the cookie that is sent
        self.connection = connection_for(
            "petpooja",
            {**PLAYED.credentials(PLAYED.secret), **credentials},
            {**PLAYED.settings(ROOT), "modes": ["bill_pull"]},
            store=KITCHEN,
            stores={samples.STORE_ID: KITCHEN},
        )
        self.http = VendorHttp(self, self.connection)

    def api(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.call("POST", f"/petpooja{path}", body, **headers)

    def bills(self, cookie: str = COOKIE, **told: Any) -> Any:
        body = {**KEYS, "restID": samples.STORE_ID, "order_date": TODAY, "refId": "", **told}
        answer = self.api(LISTING, body, Cookie=f"PETPOOJA_API={cookie}")
        assert answer.status_code == 200
        return answer.get_json()

    def order(self, n: int = 1, **fields: Any) -> Order:
        """An order that the app holds, as the hub has it."""
        body = samples.order(n, placed_at=START, callback_url=f"{ROOT}/callback", **fields)
        self.put("petpooja", body)
        return PLATFORM.to_order(body, self.connection)

    def status(self, order: Order) -> str:
        return str(self.held("petpooja", order.external_id)["status"])


@pytest.fixture
def app() -> App:
    return App()


def news(order: Order, **told: Any) -> dict[str, Any]:
    return {"restID": samples.STORE_ID, "orderID": order.external_id, "cancel_reason": "", **told}


# --- its rules -------------------------------------------------------------------------------------------------------


def test_an_order_goes_forward_and_not_back(app: App) -> None:
    order = app.order()

    answers = [app.api("/callback", news(order, status=one)).get_json() for one in ("1", "1", "5", "4", "5", "10", "4")]

    assert [one.get("status", one.get("errorCode")) for one in answers] == [
        "success",
        "success",
        "success",
        "success",
        "UOS_105",
        "success",
        "UOS_105",
    ]
    assert app.status(order) == "10"


@pytest.mark.parametrize(
    "told", [{"orderID": "NOBODYS"}, {"restID": "elsewhere"}, {"status": "6"}, {"status": ""}, {"status": "-1"}]
)
def test_news_that_make_no_sense_are_refused_with_status_200(app: App, told: dict[str, str]) -> None:
    answer = app.api("/callback", {**news(app.order(), status="1"), **told})

    assert (answer.status_code, answer.get_json()["success"]) == (200, "0")


def test_what_was_told_is_shown(app: App) -> None:
    order = app.order()
    told = news(order, status="-1", cancel_reason="No paneer")

    app.api("/callback", told)

    assert app.held("petpooja", order.external_id)["told"] == told


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        ({"app_key": "x"}, "100", "Invalid client credentials."),
        ({"app_secret": APP_SECRET + "\n"}, "100", "Invalid client credentials."),
        ({"access_token": ""}, "101", "Invalid Token."),
        ({"cookie": "other"}, "100", "Invalid client credentials."),
        ({"restID": "elsewhere"}, "103", "There were some error in restaurant mapping."),
        ({"order_date": "today"}, "101", "The order date is not valid."),
    ],
)
def test_petpooja_refuses_with_status_200(app: App, told: dict[str, str], code: str, message: str) -> None:
    refusal = app.bills(**told)

    assert (refusal["code"], refusal["success"], refusal["message"]) == (code, "0", message)
    assert "order_json" not in refusal


def test_bills_are_those_of_a_day_and_of_the_day_before(app: App) -> None:
    for days in range(4):
        app.put("petpooja", samples.bill(days, printed_at=START - timedelta(days=days)))
    app.put("petpooja", samples.bill(9, printed_at=START) | {"Restaurant": {"restID": "elsewhere"}})

    assert [row["Order"]["orderID"] for row in app.bills()["order_json"]] == [0, 1]
    app.control("PATCH", "petpooja/settings", {"lags_by_days": 1})
    assert [row["Order"]["orderID"] for row in app.bills()["order_json"]] == [1, 2]
    assert [
        row["Order"]["orderID"] for row in app.bills(restID="elsewhere", order_date="2026-10-06")["order_json"]
    ] == [9]


def test_the_documented_get_does_not_reach_petpooja(app: App) -> None:
    answer = app.call("GET", f"/petpooja{LISTING}", KEYS)

    assert (answer.status_code, answer.mimetype) == (403, "text/html")


def test_items_that_are_out_need_a_time(app: App) -> None:
    out = {"restID": samples.STORE_ID, "type": "item", "inStock": False, "itemID": ["1"]}

    assert app.api("/stock", out).get_json()["code"] == "400"
    assert app.api("/stock", {**out, "type": "dish"}).get_json()["code"] == "400"
    assert app.api("/stock", {**out, "customTurnOnTime": "2026-10-06 10:00"}).get_json()["code"] == 200


def test_a_path_that_neither_has_is_not_found(app: App) -> None:
    assert app.api("/V1/nothing", {}).status_code == 404


def test_a_bill_is_changed_and_orders_and_bills_are_held_side_by_side(app: App) -> None:
    order, bill_id = app.order(), app.put("petpooja", samples.bill(7, printed_at=START))

    app.control("PATCH", f"petpooja/orders/{bill_id}", {"status": "Cancelled"})

    assert app.held("petpooja", bill_id)["Order"]["status"] == "Cancelled"
    assert app.control("GET", "petpooja/orders")["ids"] == [order.external_id, bill_id]


def test_the_keys_that_are_good_are_of_petpoojas_lengths() -> None:
    assert [len(value) for value in KEYS.values()] == [32, 40, 40]


# --- our adapter -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "code"),
    [("accept", "1"), ("ready", "5"), ("picked_up", "4"), ("complete", "10"), ("deny", "-1"), ("cancel", "-1")],
)
def test_the_app_takes_what_our_adapter_tells(app: App, operation: str, code: str) -> None:
    order = app.order().model_copy(update={"status_reason": StatusReason(code=CancelReason.OUT_OF_STOCK)})

    getattr(PLATFORM, operation)(order, app.connection, app.http)

    assert app.status(order) == code


def test_the_app_sees_no_key_of_ours(app: App) -> None:
    PLATFORM.accept(app.order(), app.connection, app.http)

    (call,) = app.calls("petpooja")
    seen = f"{call['body']} {call['headers']} {call['query']}"
    assert [value for value in (*KEYS.values(), COOKIE) if value in seen] == []


def test_the_app_refuses_an_order_that_it_has_given_up(app: App) -> None:
    order = app.order()
    app.control("PATCH", f"petpooja/orders/{order.external_id}", {"status": "-1"})

    with pytest.raises(Reject) as refused:
        PLATFORM.accept(order, app.connection, app.http)

    assert refused.value.code == "UOS_105"


def test_the_app_is_told_of_items_and_pauses(app: App) -> None:
    until = datetime(2026, 10, 6, 14, tzinfo=UTC)

    for item in ("1", "addon:2"):
        PLATFORM.set_item_availability(
            ItemAvailability(samples.STORE_ID, item, available=False), app.connection, app.http
        )
    status = StoreStatus(samples.STORE_ID, is_open=False, until=until, reason="Too busy")
    PLATFORM.set_store_status(status, app.connection, app.http)

    bodies = [call["body"] for call in app.calls("petpooja")]
    assert [body.get("itemID") for body in bodies] == [["1"], ["2"], None]
    assert (bodies[1]["type"], bodies[2]["store_status"], bodies[2]["turn_on_time"]) == (
        "addon",
        0,
        "2026-10-06 10:00:00",
    )


def test_bills_are_asked_for_and_read(app: App) -> None:
    for n, channel in ((1, "POS"), (2, "Zomato"), (3, "Swiggy")):
        app.put("petpooja", samples.bill(n, printed_at=START, order_from=channel))
    messages: list[Any] = []
    cursor: Mapping[str, str] = {}

    while True:
        page = PLATFORM.poll(cursor, app.connection, app.http, START)
        messages += page.messages
        cursor = page.cursor
        if not page.more:
            break

    assert {message.order.channel for message in messages if isinstance(message, OrderSnapshot)} == {
        "petpooja",
        "zomato",
        "swiggy",
    }
    assert len({message.delivery_key for message in messages}) == 3


def test_a_restaurant_of_others_is_told_of(app: App) -> None:
    elsewhere = connection_for(
        "petpooja",
        PLAYED.credentials(PLAYED.secret),
        {**PLAYED.settings(ROOT), "modes": ["bill_pull"]},
        stores={"elsewhere": KITCHEN},
    )

    page = PLATFORM.poll({}, elsewhere, VendorHttp(app, elsewhere), START)

    assert "not mapped to these keys" in (page.trouble or "")


@pytest.mark.parametrize(
    "wrong", [{"app_key": "x" * 32}, {"app_secret": "x" * 40}, {"access_token": "x" * 40}, {"pull_cookie": "other"}]
)
def test_wrong_keys_are_for_a_person_to_mend(wrong: dict[str, str]) -> None:
    keys = {**KEYS, **wrong}
    app = App(keys=[{name: keys[name] for name in KEYS}], pull_cookie=wrong.get("pull_cookie", COOKIE))

    with pytest.raises(Misconfigured, match="refuses the keys"):
        PLATFORM.poll({}, app.connection, app.http, START)


def test_the_connection_is_verified_with_a_list_of_bills(app: App) -> None:
    assert (
        PLATFORM.verify_connection(app.connection, app.http).note == "Petpooja lists 0 bills of restaurant ck4c0rner1"
    )


# --- the samples -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(12))
@pytest.mark.parametrize("order_type", ["H", "P", "D"])
def test_sample_orders_add_up(app: App, n: int, order_type: str) -> None:
    order = app.order(n, order_type=order_type)

    assert [*order.checks, *check_sums(order)] == []
    assert order.id == app.connection.order_id(*PLAYED.identity_of(samples.order(n)))


@pytest.mark.parametrize("n", range(6))
@pytest.mark.parametrize("order_from", ["POS", "Zomato"])
def test_a_sample_bill_is_the_same_pushed_and_listed(app: App, n: int, order_from: str) -> None:
    listed = samples.bill(n, printed_at=START, order_from=order_from)

    orders = [PLATFORM.to_order(one, app.connection) for one in (listed, samples.pushed(listed))]

    assert orders[0].id == orders[1].id
    assert orders[0].amounts == orders[1].amounts
