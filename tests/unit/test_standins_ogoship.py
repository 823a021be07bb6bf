"""The stand-in for OGOship: both APIs, the warehouse behind them, its webhooks; and the adapter's own calls to it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from werkzeug.test import TestResponse

from local.standins import ogoship_hooks as hooks
from local.standins import ogoship_legacy
from local.standins.ogoship import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    MERCHANT_ID,
    SECRET_TOKEN,
    WEBHOOK_KEY,
    Ogoship,
    connection_settings,
)
from local.standins.vendor import Json
from orderhub.errors import Misconfigured, Reject, Retry
from orderhub.order.messages import HandOverReport, PollNow, StockReport
from orderhub.order.models import Tracking
from orderhub.order.status import Status
from orderhub.platforms.base import Page
from orderhub.platforms.http_types import Request
from orderhub.platforms.ogoship import PLATFORM
from orderhub.platforms.ogoship.proof import sha1
from orderhub.platforms.targets import Product, Shipment
from tests.platforms.exchange import minimal_order
from tests.platforms.samples import AnyConnection, connection_for
from tests.unit.standins_client import START, Caller, VendorHttp

ROOT = "http://localhost/ogoship"
API, MY = "/ogoship/api/v1", f"/ogoship/merchant/{MERCHANT_ID}"
GRANT = {
    "grant_type": "password",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "username": MERCHANT_ID,
    "password": SECRET_TOKEN,
}
CUSTOMER = {
    "name": "Aino Example",
    "address1": "Mallikuja 4",
    "city": "Tampere",
    "countryCode": "FI",
    "phone": "+15550117",
}
ORDER: Json = {"reference": "WC-1", "orderLines": [{"code": "COOKIE-OAT", "quantity": 2}], "customer": CUSTOMER}
LINES = ORDER["orderLines"]


def connect(**settings: Any) -> AnyConnection:
    credentials = Ogoship().credentials()
    return connection_for("ogoship", credentials, {**connection_settings(ROOT), **settings})


class Warehouse(Caller, VendorHttp):
    """A caller with the API key, and an Http as the hub has it. told: the webhooks that were sent."""

    def __init__(self) -> None:
        super().__init__()
        vendor = self.app.vendors["ogoship"]
        assert isinstance(vendor, Ogoship)
        self.vendor = vendor
        self.told: list[tuple[str, Mapping[str, str], bytes]] = []
        self.vendor.send = lambda url, headers, body: self.told.append((url, headers, body))
        VendorHttp.__init__(self, self, connect(sign_in="api_key"))

    def api(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self.call(method, f"{API}{path}", body, **{"X-OgoKey": API_KEY})

    def old(self, method: str, path: str, words: tuple[str, ...], body: Any = None, **more: str) -> Any:
        """A call to the older API: what is in its Response."""
        query = {"SHA1": sha1(words, SECRET_TOKEN), **more}
        reply = self.client.open(f"{MY}{path}", method=method, json=body, query_string=query)
        assert reply.status_code == 200
        return reply.get_json()["Response"]

    def order(self, **changes: Any) -> TestResponse:
        return self.api("POST", "/Orders", {**ORDER, **changes})

    def state(self, reference: str = "WC-1") -> str:
        return str(self.held("ogoship", reference)["status"])

    def drive(self, reference: str = "WC-1", **changes: Any) -> None:
        self.control("PATCH", f"ogoship/orders/{reference}", changes)

    def settle(self, **settings: Any) -> None:
        self.control("PATCH", "ogoship/settings", settings)

    def stock(self, code: str = "COOKIE-OAT") -> tuple[int, int, int]:
        (row,) = self.api("GET", f"/Stock?productCode={code}&limit=1&page=1").get_json()
        return row["stock"], row["reserved"], row["stockAvailable"]

    def shelve(self, pieces: int, code: str = "COOKIE-OAT") -> TestResponse:
        return self.call("PUT", f"/ogoship/_floor/stock/{code}", {"stock": pieces})

    def poll(self, cursor: Mapping[str, str] | None = None) -> list[Page]:
        """All pages until there are no more."""
        pages = [PLATFORM.poll(cursor or {}, self.connection, self, self.now)]
        while pages[-1].more:
            pages.append(PLATFORM.poll(pages[-1].cursor, self.connection, self, self.now))
        return pages


@pytest.fixture
def ogoship() -> Warehouse:
    return Warehouse()


def message(reply: TestResponse) -> str:
    body = reply.get_json()
    assert body["statusCode"] == reply.status_code
    return str(body["message"])


# --- who may call ----------------------------------------------------------------------------------------------------


def token(ogoship: Warehouse, **changes: str) -> TestResponse:
    return ogoship.client.post("/ogoship/OAuth/Token", data={**GRANT, **changes})


def orders_by(ogoship: Warehouse, bearer: str) -> int:
    return ogoship.call("GET", f"{API}/Orders?limit=1&page=1", Authorization=f"Bearer {bearer}").status_code


def test_a_password_grant_gives_a_token_for_an_hour_and_a_half(ogoship: Warehouse) -> None:
    given = token(ogoship).get_json()
    now = orders_by(ogoship, given["access_token"])
    ogoship.wait(minutes=91)

    assert (given["token_type"], given["expires_in"]) == ("bearer", 5400)
    assert (now, orders_by(ogoship, given["access_token"])) == (200, 401)


def test_a_refresh_token_is_good_for_one_use(ogoship: Warehouse) -> None:
    first = token(ogoship).get_json()["refresh_token"]
    again = {"grant_type": "refresh_token", "refresh_token": first}

    assert token(ogoship, **again).get_json()["refresh_token"] != first
    assert token(ogoship, **again).status_code == 400


@pytest.mark.parametrize(
    "change",
    [{"client_secret": "guess"}, {"username": "1"}, {"password": "guess"}, {"grant_type": "client_credentials"}],
)
def test_a_wrong_grant_gives_none(ogoship: Warehouse, change: dict[str, str]) -> None:
    assert token(ogoship, **change).status_code == 400


def test_a_grant_is_a_form_and_not_json(ogoship: Warehouse) -> None:
    assert ogoship.call("POST", "/ogoship/OAuth/Token", GRANT).status_code == 400


def test_without_a_good_token_or_key_nothing_is_told(ogoship: Warehouse) -> None:
    revoked = token(ogoship).get_json()["access_token"]
    ogoship.control("DELETE", "ogoship/tokens")

    assert [orders_by(ogoship, one) for one in ("", "guess", revoked)] == [401, 401, 401]
    assert ogoship.control("GET", "ogoship/stats")["token_requests"] == 1


def test_the_case_of_a_path_does_not_matter(ogoship: Warehouse) -> None:
    paths = ("/Orders?limit=1&page=1", "/orders?limit=1&page=1", "/Nothing", "/")

    assert [ogoship.api("GET", path).status_code for path in paths] == [200, 200, 404, 404]


# --- orders ----------------------------------------------------------------------------------------------------------


def test_an_order_holds_its_stock(ogoship: Warehouse) -> None:
    made = ogoship.order().get_json()

    assert (made["status"], made["trackingNumber"], made["editTime"]) == ("new", None, "2026-10-05T17:00:00.000")
    assert ogoship.stock() == (50, 2, 48)
    assert ogoship.control("GET", "ogoship/orders")["ids"] == ["WC-1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reference": ""}, "reference"),
        ({"orderLines": []}, "orderLines"),
        ({"orderLines": [{"code": "NOTHING", "quantity": 1}]}, "Product NOTHING does not exist"),
        ({"orderLines": [{"code": "COOKIE-OAT", "quantity": 1.5}]}, "quantity"),
        ({"orderLines": [{"code": "COOKIE-OAT", "quantity": 0}]}, "quantity"),
        ({"customer": None}, "name, address1, city, countryCode"),
        ({"customer": {**CUSTOMER, "city": ""}}, "needs city"),
        ({"status": "boiling"}, "status"),
    ],
)
def test_an_order_that_is_not_whole_is_refused(ogoship: Warehouse, change: Json, words: str) -> None:
    reply = ogoship.order(**change)

    assert (reply.status_code, words in message(reply)) == (400, True)
    assert ogoship.control("GET", "ogoship/orders")["ids"] == []


def test_a_reference_is_taken_once(ogoship: Warehouse) -> None:
    ogoship.order()

    assert "same reference" in message(ogoship.order())
    assert ogoship.stock() == (50, 2, 48)


@pytest.mark.parametrize(
    ("codes", "change", "status"),
    [
        ([], {}, "new"),
        (["A"], {}, "new"),
        (["A", "B"], {"shippingCode": "B"}, "new"),
        (["A", "B"], {"shippingCode": "C"}, "reserved"),
        ([], {"customer": {**CUSTOMER, "phone": ""}}, "reserved"),
        ([], {"orderLines": [{"code": "COOKIE-OAT", "quantity": 51}]}, "pending"),
        ([], {"status": "draft"}, "draft"),
        ([], {"status": "NEW"}, "new"),
    ],
)
def test_an_order_that_cannot_go_on_is_set_aside_in_silence(
    ogoship: Warehouse, codes: list[str], change: Json, status: str
) -> None:
    ogoship.settle(shipping_codes=codes)

    assert ogoship.order(**change).get_json()["status"] == status


def test_with_several_shipping_methods_one_has_to_be_named(ogoship: Warehouse) -> None:
    ogoship.settle(shipping_codes=["A", "B"])

    assert "shippingCode" in message(ogoship.order())


def test_an_order_that_waits_for_stock_goes_on_when_it_is_there(ogoship: Warehouse) -> None:
    ogoship.order(orderLines=[{"code": "COOKIE-OAT", "quantity": 60}])
    ogoship.order(reference="WC-2", orderLines=[{"code": "COOKIE-OAT", "quantity": 60}])
    ogoship.wait(minutes=1)

    ogoship.shelve(100)

    assert [ogoship.state(reference) for reference in ("WC-1", "WC-2")] == ["new", "pending"]
    assert ogoship.held("ogoship", "WC-1")["editTime"] == "2026-10-05T17:01:00.000"


def test_what_is_new_is_a_draft_before_its_lines_change(ogoship: Warehouse) -> None:
    ogoship.order()
    more = [{"code": "COOKIE-OAT", "quantity": 5}]

    at_once = ogoship.api("PUT", "/Orders/WC-1", {"status": "new", "orderLines": more})
    ogoship.api("PUT", "/Orders/WC-1", {"status": "draft"})
    through_draft = ogoship.api("PUT", "/Orders/WC-1", {"status": "new", "orderLines": more})

    assert (at_once.status_code, through_draft.get_json()["status"]) == (400, "new")
    assert ogoship.stock() == (50, 5, 45)


def test_an_order_that_is_taken_back_holds_nothing(ogoship: Warehouse) -> None:
    ogoship.order()

    assert ogoship.api("PUT", "/Orders/WC-1", {"status": "cancelled"}).get_json()["status"] == "cancelled"
    assert ogoship.stock() == (50, 0, 50)
    assert ogoship.api("PUT", "/Orders/WC-1", {"status": "new"}).status_code == 400


@pytest.mark.parametrize("status", ["collecting", "shipped", "returned"])
def test_what_the_warehouse_has_begun_with_is_no_longer_changed(ogoship: Warehouse, status: str) -> None:
    ogoship.order()
    ogoship.drive(status="collecting")
    ogoship.drive(status=status)

    assert ogoship.api("PUT", "/Orders/WC-1", {"status": "cancelled"}).status_code == 400
    assert (ogoship.state(), ogoship.stock()) == (status, (48, 0, 48))


def test_an_order_that_is_not_there_is_not_found(ogoship: Warehouse) -> None:
    assert "WC-9" in message(ogoship.api("PUT", "/Orders/WC-9", {"status": "new"}))
    assert ogoship.api("GET", "/Orders?reference=WC-9&limit=1&page=1").get_json() == []


# --- lists -----------------------------------------------------------------------------------------------------------


def test_orders_are_listed_by_change_in_pages(ogoship: Warehouse) -> None:
    for number in range(3):
        ogoship.order(reference=f"WC-{number}")
        ogoship.wait(minutes=1)

    def listed(query: str) -> list[str]:
        return [one["reference"] for one in ogoship.api("GET", f"/Orders?{query}").get_json()]

    assert [listed(f"limit=2&page={page}") for page in (1, 2, 3)] == [["WC-0", "WC-1"], ["WC-2"], []]
    assert listed("limit=9&page=1&modifiedAfter=2026-10-05T17:00:30Z") == ["WC-1", "WC-2"]
    assert listed("limit=9&page=1&modifiedAfter=2026-10-05T19:01:30%2B02:00") == ["WC-2"]
    assert listed("limit=9&page=1&reference=WC-1") == ["WC-1"]


@pytest.mark.parametrize(
    "query", ["", "limit=5", "limit=0&page=1", "limit=251&page=1", "limit=5&page=0", "limit=5&page=1&modifiedAfter=now"]
)
def test_a_list_that_is_asked_for_in_a_wrong_way_is_refused(ogoship: Warehouse, query: str) -> None:
    assert ogoship.api("GET", f"/Orders?{query}").status_code == 400


# --- products, stock -------------------------------------------------------------------------------------------------


def test_a_product_is_made_changed_and_renamed(ogoship: Warehouse) -> None:
    body = {"code": "AB/12 å", "languageCode": "en", "name": "Old", "eanCode": "1"}
    ogoship.api("POST", "/Products", body)
    ogoship.shelve(3, "AB/12 å")

    changed = ogoship.api("PUT", "/Products/QUIvMTIgw6U?base64url=true", {"name": "New", "eanCode": "2"}).get_json()
    ogoship.api("PUT", "/Products/QUIvMTIgw6U?base64url=true", {"code": "AB-12"})

    assert (changed["name"], changed["eanCode"], changed["languageCode"]) == ("New", "1", "en")
    assert ogoship.stock("AB-12") == (3, 0, 3)
    assert ogoship.api("GET", "/Products?eanCode=1&limit=1&page=1").get_json()[0]["code"] == "AB-12"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/Products", {"code": "NEW"}, 400),
        ("POST", "/Products", {"code": "NEW", "languageCode": "eng"}, 400),
        ("POST", "/Products", {"code": "COOKIE-OAT", "languageCode": "en"}, 400),
        ("PUT", "/Products/COOKIE-OAT", {"languageCode": ""}, 400),
        ("PUT", "/Products/NEW", {"name": "New"}, 404),
        ("PUT", "/Products/_w?base64url=true", {"name": "New"}, 400),
    ],
)
def test_a_product_that_is_not_whole_or_not_there_is_refused(
    ogoship: Warehouse, method: str, path: str, body: Json, status: int
) -> None:
    assert ogoship.api(method, path, body).status_code == status
    assert ogoship.stock() == (50, 0, 50)


def test_goods_that_nobody_knows_cannot_come_in(ogoship: Warehouse) -> None:
    assert "NEW" in message(ogoship.shelve(1, "NEW"))


def test_stock_is_listed_by_change(ogoship: Warehouse) -> None:
    ogoship.wait(minutes=1)
    ogoship.shelve(7)

    rows = ogoship.api("GET", "/Stock?limit=9&page=1&modifiedAfter=2026-10-05T17:00:30Z").get_json()

    expected = {"productCode": "COOKIE-OAT", "stock": 7, "stockAvailable": 7, "reserved": 0}
    assert rows == [{**expected, "modified": "2026-10-05T17:01:00.000"}]


# --- webhooks --------------------------------------------------------------------------------------------------------

HOOK = {"url": "https://hub.example.com/webhooks/ogoship/con_1", "key": WEBHOOK_KEY, "type": hooks.ORDER_SHIPPED}


def test_webhooks_are_made_changed_and_taken_away(ogoship: Warehouse) -> None:
    none = ogoship.api("GET", "/webhooks").get_data(as_text=True)
    made = ogoship.api("POST", "/webhooks", HOOK).get_json()
    path = f"/webhooks/{made['id']}"
    ogoship.api("PUT", path, {**HOOK, "type": hooks.STOCK_CHANGED})

    assert none == "null"
    assert ogoship.api("GET", path).get_json()["type"] == hooks.STOCK_CHANGED
    assert len(ogoship.api("GET", "/webhooks").get_json()) == 1
    assert [ogoship.api("DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert ogoship.api("POST", "/webhooks", {"url": "x"}).status_code == 400


def test_that_an_order_was_shipped_is_told_once_and_signed(ogoship: Warehouse) -> None:
    ogoship.api("POST", "/webhooks", {**HOOK, "customHeaders": {"X-Own": "yes"}})
    ogoship.api("POST", "/webhooks", {**HOOK, "type": hooks.STOCK_CHANGED})
    ogoship.order()

    ogoship.drive(status="collecting")
    ogoship.drive(status="shipped", trackingNumber="JJFI1")
    ogoship.drive(trackingUrl="https://t.example.com/JJFI1")

    ((url, headers, body),) = ogoship.told
    request = Request("POST", url, {name.lower(): text for name, text in headers.items()}, {}, body, START)
    PLATFORM.authenticate(request, connect())
    (read,) = PLATFORM.read(request, connect()).messages
    assert (url, headers["X-Own"]) == (HOOK["url"], "yes")
    assert isinstance(read, PollNow)
    assert json.loads(body)["trackingNumber"] == "JJFI1"


def test_that_stock_changed_is_told(ogoship: Warehouse) -> None:
    ogoship.api("POST", "/webhooks", {**HOOK, "type": hooks.STOCK_CHANGED})

    ogoship.shelve(7)

    ((_, _, body),) = ogoship.told
    assert json.loads(body)["productCode"] == "COOKIE-OAT"


def test_nobody_to_hear_a_webhook_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def post(*args: Any, **more: Any) -> None:
        sent.append((args, more["data"]))
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "post", post)
    hooks.send_over_http("https://hub.example.com", {}, b"{}")

    assert sent == [(("https://hub.example.com",), b"{}")]


# --- the older API ---------------------------------------------------------------------------------------------------

OLD: Json = {
    "OrderLine": [{"Code": "COOKIE-OAT", "Quantity": 2}],
    "Customer": {"Name": "Aino", "Address1": "Mallikuja 4", "City": "Tampere", "Country": "FI", "Phone": "+15550117"},
}
YES = {"@Success": "true"}


def failure(response: Json) -> str:
    assert response["Info"]["@Success"] == "false"
    return str(response["Info"]["@Error"])


def test_the_older_api_makes_reads_changes_and_cancels_an_order(ogoship: Warehouse) -> None:
    made = ogoship.old("PUT", "/Order/1-a", ("order", "add", "1-a"), {"Order": OLD})
    lines = [{"Code": "COOKIE-OAT", "Quantity": 5}]
    ogoship.old("POST", "/Order/1-a", ("order", "update", "1-a"), {"Order": {**OLD, "OrderLine": lines}})
    read = ogoship.old("GET", "/Order/1-a", ("order", "info", "1-a"))
    ogoship.old("DELETE", "/Order/1-a", ("order", "remove", "1-a"))

    assert made == {"Info": YES}
    assert (read["Order"]["Status"], ogoship.state("1-a")) == ("NEW", "cancelled")
    assert read["Order"]["OrderLines"] == {"OrderLine": {"Code": "COOKIE-OAT", "Quantity": "5"}}


def test_the_older_api_answers_200_and_says_what_is_wrong(ogoship: Warehouse) -> None:
    add, info = ("order", "add", "1-a"), ("order", "info", "1-a")
    ogoship.old("PUT", "/Order/1-a", add, {"Order": OLD})
    answers = [
        ogoship.old("PUT", "/Order/1-a", add, {"Order": OLD}),
        ogoship.old("PUT", "/Order/1-b", ("order", "add", "1-b"), {"Order": {**OLD, "Comments": None}}),
        ogoship.old("PUT", "/Order/1-b", ("order", "add", "1-b"), {"Order": {**OLD, "Customer": {}}}),
        ogoship.old("GET", "/Order/1-b", info),
        ogoship.old("GET", "/Order/1-b", ("order", "info", "1-b")),
        ogoship.old("POST", "/Products", ("product", "all"), {"Products": {"Product": [{"Name": "?", "Code": ""}]}}),
        ogoship.old("POST", "/Products", ("product", "none"), {}),
        ogoship.old("GET", "/LatestChanges", ("order", "latestchanges", "1"), TimeStamp="2"),
    ]
    words = ["same reference already", "Object reference", "needs name", "SHA1", "not found", "code", "SHA1", "SHA1"]

    assert [word in failure(one) for word, one in zip(words, answers, strict=True)] == [True] * len(answers)


def test_the_older_api_tells_what_changed_and_collapses_it(ogoship: Warehouse) -> None:
    def changes(since: int) -> Any:
        return ogoship.old("GET", "/LatestChanges", ("order", "latestchanges", str(since)), TimeStamp=str(since))

    start = int(START.timestamp())
    before = changes(start)
    ogoship.wait(minutes=1)
    ogoship.order()
    one = changes(start)
    ogoship.order(reference="WC-2")
    two = changes(start)

    assert (before["Orders"], before["Products"]) == ("", "")
    assert one["Info"]["@Timestamp"] == str(start + 60)
    assert one["Orders"]["Order"]["Reference"] == "WC-1"
    assert one["Products"]["Product"] == {"Code": "COOKIE-OAT", "StockAvailable": "48"}
    assert [row["Reference"] for row in two["Orders"]["Order"]] == ["WC-1", "WC-2"]


def test_every_verb_of_the_older_api_has_a_word() -> None:
    assert ogoship_legacy.ORDER == {"PUT": "add", "POST": "update", "DELETE": "remove", "GET": "info"}


# --- over a restart, and what tests do -------------------------------------------------------------------------------


def test_what_it_holds_outlives_a_restart(ogoship: Warehouse) -> None:
    ogoship.order()
    refresh = token(ogoship).get_json()["refresh_token"]
    memory = pickle.loads(pickle.dumps(ogoship.vendor.memory()))  # noqa: S301 - our own
    again = Ogoship(clock=lambda: START)

    again.recall(memory)

    assert (again.order_ids(), refresh in again.refresh_tokens) == (["WC-1"], True)
    assert again.floor.clock() == START


def test_an_order_has_two_names_and_may_be_put_there_by_hand(ogoship: Warehouse) -> None:
    ogoship.put("ogoship", ORDER)
    number = ogoship.held("ogoship", "WC-1")["id"]

    assert ogoship.vendor.aliases("WC-1") == {number}
    assert ogoship.vendor.aliases("WC-9") == set()
    assert ogoship.client.post("/_control/ogoship/orders", json={}).status_code == 400


def test_a_reset_forgets_all(ogoship: Warehouse) -> None:
    ogoship.order()
    ogoship.api("POST", "/webhooks", HOOK)

    ogoship.control("POST", "ogoship/reset")

    assert (ogoship.vendor.order_ids(), ogoship.vendor.settings["webhooks"]) == ([], [])


# --- the adapter's own calls -----------------------------------------------------------------------------------------

BOTH = pytest.mark.parametrize("api", ["rest", "legacy"])


def shipment(pieces: int = 2, reference: str = "WC-1", **told: Any) -> Shipment:
    told.setdefault("customer", {"name": "Aino Example", "phone": "+15550117"})
    told.setdefault("address", {"line1": "Mallikuja 4", "city": "Tampere", "country": "FI"})
    item = {"id": "itm_1", "name": "Cookie", "sku": "COOKIE-OAT", "quantity": pieces, "unit_price": 325}
    order = minimal_order(connect(), {"items": [item], **told})
    return Shipment(order, reference, order.items)


def at(ogoship: Warehouse, api: str, **settings: Any) -> AnyConnection:
    """The connection to one of the two APIs."""
    ogoship.connection = connect(api=api, sign_in="api_key", **settings)
    return ogoship.connection


@BOTH
@pytest.mark.parametrize("reference", ["WC-1", "A/1 å", "50%25"])
def test_an_order_is_made_once_however_often_it_is_tried(ogoship: Warehouse, reference: str, api: str) -> None:
    connection = at(ogoship, api)
    sent = shipment(reference=reference)

    for _ in range(20):
        PLATFORM.create_shipment(sent, connection, ogoship)
    PLATFORM.change_shipment(sent, connection, ogoship)

    found = PLATFORM.find_shipment(sent, connection, ogoship)
    assert found is not None
    assert found.ids["state"] == "new"
    assert (ogoship.vendor.order_ids(), ogoship.stock()) == ([reference], (50, 2, 48))


@BOTH
def test_an_order_whose_answer_got_lost_is_found(ogoship: Warehouse, api: str) -> None:
    connection = at(ogoship, api)
    assert PLATFORM.find_shipment(shipment(), connection, ogoship) is None
    ogoship.fault("ogoship", match={"path_contains": "Order"}, status=500, after_effect=True)

    with pytest.raises(Retry):
        PLATFORM.create_shipment(shipment(), connection, ogoship)

    assert PLATFORM.find_shipment(shipment(), connection, ogoship) is not None
    assert PLATFORM.create_shipment(shipment(), connection, ogoship).note == "OGOship had this order already"


@BOTH
def test_another_order_of_the_reference_is_not_taken_for_this_one(ogoship: Warehouse, api: str) -> None:
    connection = at(ogoship, api)
    PLATFORM.create_shipment(shipment(), connection, ogoship)

    with pytest.raises(Reject) as refused:
        PLATFORM.create_shipment(shipment(3), connection, ogoship)

    assert refused.value.code == "REFERENCE_TAKEN"


@BOTH
def test_an_order_is_changed_and_taken_back_until_it_is_collected(ogoship: Warehouse, api: str) -> None:
    connection = at(ogoship, api)
    for reference in ("WC-1", "WC-2", "WC-3"):
        PLATFORM.create_shipment(shipment(reference=reference), connection, ogoship)

    PLATFORM.change_shipment(shipment(5), connection, ogoship)
    for _ in range(2):
        PLATFORM.cancel_shipment(shipment(reference="WC-2"), connection, ogoship)
    ogoship.drive("WC-3", status="collecting")

    assert [ogoship.state(one) for one in ("WC-1", "WC-2", "WC-3")] == ["new", "cancelled", "collecting"]
    assert ogoship.held("ogoship", "WC-1")["orderLines"][0]["quantity"] == 5
    for ask in (PLATFORM.change_shipment, PLATFORM.cancel_shipment):
        with pytest.raises(Reject) as refused:
            ask(shipment(reference="WC-3"), connection, ogoship)
        assert refused.value.code == "WAREHOUSE_HAS_IT"


def test_without_the_draft_the_change_is_refused_there(ogoship: Warehouse) -> None:
    connection = at(ogoship, "rest", edit_through_draft=False)
    PLATFORM.create_shipment(shipment(), connection, ogoship)

    with pytest.raises(Reject, match="set to draft"):
        PLATFORM.change_shipment(shipment(5), connection, ogoship)


@BOTH
def test_a_product_is_made_and_then_changed(ogoship: Warehouse, api: str) -> None:
    connection = at(ogoship, api)
    product = Product("AB/12 å", "Old", picture_url="https://shop.example.com/a.jpg", price=1250, currency="EUR")

    for title in ("Old", "New", "New"):
        PLATFORM.put_product(Product(product.code, title, price=1250, currency="EUR"), connection, ogoship)

    (row,) = ogoship.api("GET", "/Products?code=AB/12 å&limit=1&page=1").get_json()
    assert (row["name"], row["salesPrice"], row["languageCode"]) == ("New", 12.5, "en")
    assert len(ogoship.vendor.floor.products) == 7


def reported(pages: list[Page]) -> list[HandOverReport]:
    return [one for page in pages for one in page.messages if isinstance(one, HandOverReport)]


def counted(pages: list[Page]) -> dict[str | None, Any]:
    return {one.sku: one.quantity for page in pages for one in page.messages if isinstance(one, StockReport)}


@BOTH
def test_what_happens_in_the_warehouse_comes_back(ogoship: Warehouse, api: str) -> None:
    connection = at(ogoship, api)
    ogoship.wait(minutes=1)
    PLATFORM.create_shipment(shipment(), connection, ogoship)
    first = ogoship.poll()
    ogoship.wait(minutes=15)
    ogoship.drive(status="shipped", trackingNumber="JJFI1,JJFI2")

    second = ogoship.poll(first[-1].cursor)

    assert [(one.number, one.status) for one in reported(first)] == [("WC-1", Status.ACCEPTED)]
    assert counted(first)["COOKIE-OAT"] == 48
    (shipped,) = reported(second)
    assert (shipped.status, shipped.tracking) == (Status.PICKED_UP, (Tracking(code="JJFI1"), Tracking(code="JJFI2")))
    assert shipped.at == ogoship.now
    assert counted(second)["COOKIE-OAT"] == 48


def test_a_poll_reads_all_pages_and_what_comes_again_has_the_same_keys(ogoship: Warehouse) -> None:
    at(ogoship, "rest", page_size=2, stock_minutes=10)
    for number in range(5):
        ogoship.order(reference=f"WC-{number}")

    first = ogoship.poll()
    again = ogoship.poll(first[-1].cursor)

    assert [one.number for one in reported(first)] == [f"WC-{number}" for number in range(5)]
    assert {one.delivery_key for one in reported(again)} <= {one.delivery_key for one in reported(first)}
    assert len(counted(first)) == 6
    assert counted(again) == {}


def test_an_order_that_is_set_aside_is_trouble(ogoship: Warehouse) -> None:
    done = PLATFORM.create_shipment(shipment(customer={"name": "Aino"}), ogoship.connection, ogoship)

    (report,) = reported(ogoship.poll())

    assert done.ids["state"] == "reserved"
    assert report.trouble
    assert report.trouble.endswith("Validation failed: phone number or shipping method")


def test_its_refusals_say_what_to_do(ogoship: Warehouse) -> None:
    ogoship.fault("ogoship", status=429, headers={"Retry-After": "7"})
    with pytest.raises(Retry):
        PLATFORM.verify_connection(ogoship.connection, ogoship)

    ogoship.connection = connect()
    with pytest.raises(Misconfigured, match="denied"):
        PLATFORM.verify_connection(ogoship.connection, ogoship)

    ogoship.token = token(ogoship).get_json()["access_token"]
    assert PLATFORM.verify_connection(ogoship.connection, ogoship).note == "connected to OGOship"
