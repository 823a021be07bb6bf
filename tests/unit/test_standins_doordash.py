"""The stand-in for DoorDash: tokens, confirmation in time, adjustments, returns, the menu and the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from local.standins.doordash import DEVELOPER_ID, KEY_ID, SIGNING_SECRET
from local.standins.samples import doordash as samples
from tests.unit.standins_client import START, Caller

API = "/doordash/marketplace/api/v1"
SUCCESS = {"merchant_supplied_id": "hub-1", "order_status": "success"}
FAIL = {"merchant_supplied_id": "hub-1", "order_status": "fail", "failure_reason": "Pricing Mismatch - Fries - FRIES-L"}
ERROR = {"code": "OTHER", "merchant_supplied_id": "FRIES-L", "message": "No"}


class Dash(Caller):
    """A caller that signs tokens. claims, header, named: what it says differently from what is right."""

    def __init__(self) -> None:
        super().__init__()
        self.claims: dict[str, Any] = {}
        self.header: dict[str, str] = {"dd-ver": "DD-JWT-V1"}
        self.named: dict[str, str] = {}

    def api(self, method: str, path: str, body: Any = None, **more: str) -> TestResponse:
        at = int(self.now.timestamp())
        claims = {"aud": "doordash", "iss": DEVELOPER_ID, "kid": KEY_ID, "iat": at, "exp": at + 300, **self.claims}
        secret = jwt.utils.base64url_decode(SIGNING_SECRET)
        token = jwt.encode(claims, secret, algorithm="HS256", headers=self.header)
        proof = {"Authorization": f"Bearer {token}", "auth-version": "v2", "User-Agent": "OrderhubDemo/1.0"}
        return self.call(method, API + path, body, **{**proof, **self.named, **more})

    def act(self, order_id: str, action: str = "", body: Any = None, **more: str) -> int:
        path = f"/orders/{order_id}" + (f"/{action}" if action else "")
        return self.api("PATCH", path, {} if body is None else body, **more).status_code

    def change(self, order_id: str, *items: dict[str, Any], **more: str) -> int:
        return self.act(order_id, "adjustment", {"items": list(items)}, **more)

    def lines(self, order_id: str) -> list[tuple[str, int]]:
        """Item and quantity of each line."""
        categories = self.held("doordash", order_id)["categories"]
        return [(item["merchant_supplied_id"], item["quantity"]) for one in categories for item in one["items"]]


@pytest.fixture
def dash() -> Dash:
    return Dash()


@pytest.fixture
def order_id(dash: Dash) -> str:
    return dash.put("doordash", samples.order(1, placed_at=START))


@pytest.fixture
def confirmed(dash: Dash, order_id: str) -> str:
    assert dash.act(order_id, body=SUCCESS) == 202
    return order_id


def line(n: int, index: int) -> str:
    categories = samples.order(n)["order"]["categories"]
    return str([item for one in categories for item in one["items"]][index]["line_item_id"])


@pytest.mark.parametrize(
    ("claims", "header", "named", "status"),
    [
        ({}, {}, {}, 202),
        ({"aud": "uber"}, {}, {}, 401),
        ({"iss": "somebody"}, {}, {}, 401),
        ({"kid": "another"}, {}, {}, 401),
        ({"exp": int(START.timestamp()) + 1801}, {}, {}, 401),
        ({"exp": int(START.timestamp())}, {}, {}, 401),
        ({"iat": int(START.timestamp()) + 90}, {}, {}, 401),
        ({}, {"dd-ver": "DD-JWT-V0"}, {}, 401),
        ({}, {}, {"auth-version": "v1"}, 401),
        ({}, {}, {"Authorization": "Bearer guess"}, 401),
        ({}, {}, {"Authorization": ""}, 401),
        ({}, {}, {"User-Agent": "python"}, 403),
    ],
)
def test_a_call_needs_a_token_of_the_developer_s_own(
    dash: Dash, order_id: str, claims: Any, header: Any, named: Any, status: int
) -> None:
    dash.claims, dash.named = claims, named
    dash.header |= header

    assert dash.act(order_id, body=SUCCESS) == status


def test_an_order_is_confirmed_once_and_keeps_our_id(dash: Dash, order_id: str) -> None:
    promise = {"prep_time": "2026-10-05T17:20:00Z", "pickup_instructions": "Side door"}

    assert [dash.act(order_id, body={**SUCCESS, **promise}) for _ in range(2)] == [202, 400]
    order = dash.held("doordash", order_id)
    told = {name: order[name] for name in ("phase", "client_order_id", "prep_time", "pickup_instructions")}
    assert told == {"phase": "confirmed", "client_order_id": "hub-1", **promise}


@pytest.mark.parametrize(
    "change",
    [
        {"merchant_supplied_id": ""},
        {"order_status": "maybe"},
        {"prep_time": "in 20 minutes"},
        {"prep_time": "2026-10-05T13:20:00-04:00"},
        {"pickup_instructions": "x" * 129},
        {"failure_reason": "but yes"},
    ],
)
def test_a_confirmation_has_a_form(dash: Dash, order_id: str, change: dict[str, str]) -> None:
    assert dash.act(order_id, body={**SUCCESS, **change}) == 400


def test_an_order_waits_three_minutes(dash: Dash, order_id: str) -> None:
    dash.wait(seconds=180)

    assert dash.act(order_id, body=SUCCESS) == 400
    assert dash.held("doordash", order_id)["phase"] == "failed"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 202),
        ({"errors": [ERROR]}, 202),
        ({"failure_reason": ""}, 400),
        ({"errors": [{**ERROR, "code": "NO_MOOD"}]}, 400),
        ({"errors": [{"code": "OTHER", "message": "No"}]}, 400),
    ],
)
def test_a_denial_says_why(dash: Dash, order_id: str, change: dict[str, Any], status: int) -> None:
    assert dash.act(order_id, body={**FAIL, **change}) == status


def test_nothing_is_done_with_an_order_that_is_not_confirmed(dash: Dash, order_id: str) -> None:
    answers = [
        dash.act(order_id, "cancellation", {"cancel_reason": "OTHER"}),
        dash.act(order_id, "events/order_ready_for_pickup", {"merchant_supplied_id": "hub-1"}),
        dash.change(order_id, {"line_item_id": line(1, 0), "adjustment_type": "ITEM_REMOVE"}),
    ]

    assert answers == [400, 400, 400]


@pytest.mark.parametrize("path", ["/orders/nothing", "/orders/nothing/cancellation", "/orders/nothing/dance", "/else"])
def test_what_doordash_does_not_know_is_not_found(dash: Dash, path: str) -> None:
    assert dash.api("PATCH", path, SUCCESS).status_code == 404


def test_readiness_may_be_said_again(dash: Dash, confirmed: str) -> None:
    ready = "events/order_ready_for_pickup"

    assert [dash.act(confirmed, ready, {"merchant_supplied_id": "hub-1"}) for _ in range(2)] == [202, 202]
    assert dash.held("doordash", confirmed)["ready"] is True


@pytest.mark.parametrize(
    ("reason", "off"),
    [("OTHER", None), ("ITEM_OUT_OF_STOCK", None), ("KITCHEN_BUSY", {"minutes": 15}), ("STORE_CLOSED", {"hours": 12})],
)
def test_some_cancellations_switch_the_store_off(
    dash: Dash, confirmed: str, reason: str, off: dict[str, float] | None
) -> None:
    path = f"/stores/{samples.STORE_ID}/store_details"
    body = {"cancel_reason": reason, "cancel_details": "So it is"}

    assert [dash.act(confirmed, "cancellation", body) for _ in range(2)] == [202, 400]
    assert dash.held("doordash", confirmed)["phase"] == "cancelled"
    assert dash.api("GET", path).get_json()["is_active"] is (off is None)
    dash.now += timedelta(**(off or {}))
    assert dash.api("GET", path).get_json()["is_active"] is True


def test_a_cancellation_needs_a_reason_of_the_list(dash: Dash, confirmed: str) -> None:
    assert dash.act(confirmed, "cancellation", {"cancel_reason": "NO_MOOD"}) == 400


def test_some_calls_have_to_be_allowed(dash: Dash, confirmed: str) -> None:
    dash.control("PATCH", "doordash/settings", {"allowed": []})

    assert dash.act(confirmed, "cancellation", {"cancel_reason": "OTHER"}) == 403
    assert dash.change(confirmed, {"line_item_id": line(1, 0), "adjustment_type": "ITEM_REMOVE"}) == 403
    assert dash.api("POST", f"/orders/{confirmed}/return", {}).status_code == 403


def test_lines_are_removed_changed_and_replaced(dash: Dash) -> None:
    order_id = dash.put("doordash", samples.order(5, placed_at=START))
    dash.act(order_id, body=SUCCESS)
    (first, many), (second, _), (third, _) = dash.lines(order_id)

    status = dash.change(
        order_id,
        {"line_item_id": line(5, 0), "adjustment_type": "ITEM_UPDATE", "quantity": many - 1},
        {
            "line_item_id": line(5, 1),
            "adjustment_type": "ITEM_SUBSTITUTE",
            "substituted_item": {"merchant_supplied_id": "FRIES-L", "quantity": 2},
        },
        {"line_item_id": line(5, 2), "adjustment_type": "ITEM_REMOVE"},
    )

    assert (status, third in dict(dash.lines(order_id))) == (202, False)
    assert dash.lines(order_id) == [(first, many - 1), ("FRIES-L", 2)]
    assert second != "FRIES-L"


def test_an_option_is_taken_off_and_the_sums_follow(dash: Dash, confirmed: str) -> None:
    before = dash.held("doordash", confirmed)
    first = before["categories"][0]["items"][0]
    priced = next(option for option in first["extras"][0]["options"] if option["price"])
    change = {"line_option_id": priced["line_option_id"], "adjustment_type": "ITEM_REMOVE"}

    item = {"line_item_id": first["line_item_id"], "adjustment_type": "ITEM_UPDATE", "options": [change]}
    assert dash.change(confirmed, item) == 202
    after = dash.held("doordash", confirmed)
    off = priced["price"] * priced["quantity"] * first["quantity"]
    assert (after["subtotal"], after["tax"] < before["tax"]) == (before["subtotal"] - off, True)


def test_an_order_without_lines_is_answered_and_left_as_it_is(dash: Dash, confirmed: str) -> None:
    before = dash.lines(confirmed)
    gone = [{"line_item_id": line(1, index), "adjustment_type": "ITEM_REMOVE"} for index in range(len(before))]

    assert dash.change(confirmed, *gone) == 202
    assert dash.lines(confirmed) == before


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"line_item_id": "nothing", "adjustment_type": "ITEM_REMOVE"}, 404),
        ({"adjustment_type": "ITEM_EAT"}, 400),
        ({"adjustment_type": "ITEM_SUBSTITUTE", "substituted_item": {"merchant_supplied_id": "SOUP"}}, 404),
    ],
)
def test_an_adjustment_that_makes_no_sense_is_refused(
    dash: Dash, confirmed: str, change: dict[str, Any], status: int
) -> None:
    assert dash.change(confirmed, {"line_item_id": line(1, 0), **change}) == status
    assert dash.act(confirmed, "adjustment", {"items": []}) == 400


def test_orders_of_the_sandbox_are_adjusted_with_a_header(dash: Dash, confirmed: str) -> None:
    dash.control("PATCH", "doordash/settings", {"sandbox": True})
    change = {"line_item_id": line(1, 0), "adjustment_type": "ITEM_REMOVE"}

    assert dash.change(confirmed, change) == 403
    assert dash.change(confirmed, change, **{"dd-tenant-id": "doortest:default"}) == 202


def test_goods_come_back_once(dash: Dash, confirmed: str) -> None:
    sku, quantity = dash.lines(confirmed)[0]
    body = {"return_items": [{"merchant_supplied_id": sku, "quantity": quantity}], "return_location_id": "here"}
    more = {**body, "return_items": [{"merchant_supplied_id": sku, "quantity": quantity + 1}]}

    answers = [dash.api("POST", f"/orders/{confirmed}/return", one) for one in (more, {}, body, body)]

    assert [(one.status_code, one.get_json().get("code")) for one in answers] == [
        (400, "VALIDATION_ERROR"),
        (400, "VALIDATION_ERROR"),
        (202, None),
        (409, "DUPLICATE_REQUEST"),
    ]


@pytest.mark.parametrize("kind", ["items", "item_options"])
def test_all_items_are_taken_off_or_none(dash: Dash, kind: str) -> None:
    path = f"/stores/{samples.STORE_ID}/{kind}/status"
    fries, soup = ({"merchant_supplied_id": sku, "is_active": False} for sku in ("FRIES-L", "SOUP"))

    answers = [dash.api("PUT", path, body).status_code for body in ([fries, soup], [fries], {"no": "list"})]

    assert answers == [400, 200, 400]
    assert dash.api("PUT", f"/stores/nowhere/{kind}/status", [fries]).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"is_active": False, "reason": "operational_issues", "notes": "Oven"}, 200),
        ({"is_active": False, "reason": "no mood"}, 400),
        ({"is_active": "no"}, 400),
        ({"is_active": True}, 200),
    ],
)
def test_a_store_is_paused_for_a_reason(dash: Dash, body: dict[str, Any], status: int) -> None:
    assert dash.api("PUT", f"/stores/{samples.STORE_ID}/status", body).status_code == status


def test_a_changed_order_says_where_it_stands(dash: Dash, order_id: str) -> None:
    changed = dash.control("PATCH", f"doordash/orders/{order_id}", {"phase": "cancelled", "subtotal": 1})

    assert (changed["phase"], changed["subtotal"]) == ("cancelled", 1)
    assert dash.act(order_id, body=SUCCESS) == 400


def test_calls_are_found_by_our_id_too(dash: Dash, confirmed: str) -> None:
    assert [call["status"] for call in dash.calls("doordash", order_id=confirmed)] == [202]
    assert dash.control("GET", "doordash/orders") == {"ids": [confirmed]}


def test_doordash_has_no_other_webhooks() -> None:
    with pytest.raises(ValueError, match="OrderEaten"):
        samples.notification("OrderEaten", samples.order(1))
