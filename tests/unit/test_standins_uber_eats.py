"""The stand-in for Uber Eats: tokens, reads, both generations of actions, polling."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from local.standins.samples import uber_eats as samples
from local.standins.uber_eats import CLIENT_SECRET
from tests.unit.standins_client import START, Caller

FORM = {
    "client_id": samples.CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "grant_type": "client_credentials",
    "scope": "eats.order eats.store",
}


class Uber(Caller):
    """A caller with a token."""

    def __init__(self) -> None:
        super().__init__()
        self.token = self.client.post("/uber_eats/oauth/v2/token", data=FORM).get_json()["access_token"]

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call(method, f"/uber_eats{path}", body, Authorization=f"Bearer {self.token}", **headers)

    def act(self, order_id: str, action: str, body: Any = None) -> TestResponse:
        return self.api("POST", f"/v1/delivery/order/{order_id}/{action}", body if body is not None else {})

    def classic(self, order_id: str, action: str, body: Any) -> TestResponse:
        return self.api("POST", f"/v1/eats/orders/{order_id}/{action}", body)


@pytest.fixture
def uber() -> Uber:
    return Uber()


@pytest.fixture
def order_id(uber: Uber) -> str:
    return uber.put("uber_eats", samples.order(1, placed_at=START))


@pytest.fixture
def classic_id(uber: Uber) -> str:
    return uber.put("uber_eats", samples.order_v2(1, placed_at=START))


def test_a_token_lives_thirty_days(uber: Uber, order_id: str) -> None:
    uber.wait(days=29)
    assert uber.api("GET", f"/v1/delivery/order/{order_id}").status_code == 200
    uber.wait(days=2)
    expired = uber.api("GET", f"/v1/delivery/order/{order_id}")
    assert (expired.status_code, expired.get_json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guess"}, {"Authorization": "Basic abc"}])
def test_a_call_without_a_good_token_is_refused(uber: Uber, order_id: str, headers: dict[str, str]) -> None:
    assert uber.call("GET", f"/uber_eats/v1/delivery/order/{order_id}", **headers).status_code == 401


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [("client_secret", "guess", 401), ("grant_type", "password", 400), ("scope", "", 400)],
)
def test_a_token_needs_the_right_form(uber: Uber, field: str, value: str, status: int) -> None:
    assert uber.client.post("/uber_eats/oauth/v2/token", data={**FORM, field: value}).status_code == status


def test_a_hundred_tokens_an_hour_and_no_more(uber: Uber) -> None:
    answers = [uber.client.post("/uber_eats/oauth/v2/token", data=FORM).status_code for _ in range(100)]
    assert answers == [200] * 99 + [429]
    uber.wait(hours=1, seconds=1)
    assert uber.client.post("/uber_eats/oauth/v2/token", data=FORM).status_code == 200


def test_past_a_hundred_live_tokens_the_oldest_dies(uber: Uber, order_id: str) -> None:
    uber.control("PATCH", "uber_eats/settings", {"tokens_per_hour": 1000})
    for _ in range(99):
        uber.client.post("/uber_eats/oauth/v2/token", data=FORM)
    assert uber.api("GET", f"/v1/delivery/order/{order_id}").status_code == 200
    uber.client.post("/uber_eats/oauth/v2/token", data=FORM)
    assert uber.api("GET", f"/v1/delivery/order/{order_id}").status_code == 401


def test_revoked_tokens_are_refused(uber: Uber, order_id: str) -> None:
    uber.control("DELETE", "uber_eats/tokens")
    assert uber.api("GET", f"/v1/delivery/order/{order_id}").status_code == 401


def test_an_order_shows_its_parts_only_when_asked(uber: Uber, order_id: str) -> None:
    bare = uber.api("GET", f"/v1/delivery/order/{order_id}").get_json()["order"]
    full = uber.api("GET", f"/v1/delivery/order/{order_id}?expand=carts,deliveries,payment").get_json()
    assert {"carts", "deliveries", "payment"}.isdisjoint(bare)
    assert full == samples.order(1, placed_at=START)


def test_an_order_read_is_gzipped_for_those_who_accept_it(uber: Uber, order_id: str) -> None:
    answer = uber.api("GET", f"/v1/delivery/order/{order_id}", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["order"]["id"] == order_id


def test_each_generation_is_read_by_its_own_path(uber: Uber, order_id: str, classic_id: str) -> None:
    assert uber.api("GET", f"/v2/eats/order/{classic_id}").get_json() == samples.order_v2(1, placed_at=START)
    assert uber.api("GET", f"/v2/eats/order/{order_id}").status_code == 404
    assert uber.api("GET", f"/v1/delivery/order/{classic_id}").status_code == 404


def test_accept_keeps_our_reference_and_ready_time(uber: Uber, order_id: str) -> None:
    body = {"ready_for_pickup_time": "2026-10-05T17:25:00.000Z", "external_reference_id": "hub-1", "accepted_by": "Kim"}
    assert (uber.act(order_id, "accept", body).status_code, uber.act(order_id, "accept").status_code) == (200, 400)
    order = uber.held("uber_eats", order_id)["order"]
    assert (order["state"], order["external_id"]) == ("ACCEPTED", "hub-1")
    assert order["preparation_time"]["ready_for_pickup_time"] == "2026-10-05T17:25:00.000Z"
    assert order["preparation_time"]["source"] == "MERCHANT_PROVIDED"


def test_an_order_not_accepted_in_time_fails_and_can_no_longer_be_accepted(uber: Uber, order_id: str) -> None:
    uber.wait(seconds=690)
    refused = uber.act(order_id, "accept")
    assert (refused.status_code, refused.get_json()["code"]) == (400, "bad_request")
    order = uber.held("uber_eats", order_id)["order"]
    assert (order["state"], order["failure_info"]["reason"]) == ("FAILED", "ACCEPT_TIMED_OUT")


def test_a_cancelled_order_cannot_be_accepted(uber: Uber, order_id: str) -> None:
    failure = {"state": "FAILED", "failure_info": {"reason": "CANCELED", "failure_attributed_to_party": "CUSTOMER"}}
    uber.control("PATCH", f"uber_eats/orders/{order_id}", failure)
    assert uber.act(order_id, "accept").status_code == 400


def test_an_unknown_order_is_not_found(uber: Uber) -> None:
    answer = uber.act("11111111-2222-4333-8444-555555555555", "accept")
    assert (answer.status_code, answer.get_json()["message"]) == (404, "Order not found")


def test_a_scheduled_order_is_accepted_twice(uber: Uber) -> None:
    order_id = uber.put("uber_eats", samples.scheduled_order(2, placed_at=START))
    assert uber.act(order_id, "accept").status_code == 200
    uber.wait(hours=2)
    uber.control("PATCH", f"uber_eats/orders/{order_id}", {"status": "ACTIVE", "state": "OFFERED"})
    assert uber.act(order_id, "accept").status_code == 200
    assert [call["path"].rpartition("/")[2] for call in uber.calls("uber_eats", order_id=order_id)] == ["accept"] * 2


def test_deny_needs_a_reason_of_the_list(uber: Uber, order_id: str) -> None:
    wrong = uber.act(order_id, "deny", {"deny_reason": {"type": "NO_MOOD"}})
    assert wrong.get_json()["metadata"] == {"field_violations": ["deny_reason.type"]}
    assert uber.act(order_id, "deny", {"deny_reason": {"type": "ITEM_ISSUE", "info": "Out"}}).status_code == 200
    order = uber.held("uber_eats", order_id)["order"]
    assert (order["state"], order["failure_info"]["reason"]) == ("FAILED", "POS_DENIED")


def test_cancel_answers_204_once(uber: Uber, order_id: str) -> None:
    uber.act(order_id, "accept")
    body = {"cancellation_reason": {"type": "KITCHEN_CLOSED"}}
    assert [uber.act(order_id, "cancel", body).status_code for _ in range(2)] == [204, 400]
    order = uber.held("uber_eats", order_id)["order"]
    assert order["failure_info"] == {
        "reason": "CANCELED",
        "failure_attributed_to_party": "MERCHANT",
        "will_merchant_be_paid": False,
    }


def test_ready_only_after_accept(uber: Uber, order_id: str) -> None:
    assert uber.act(order_id, "ready").status_code == 400
    uber.act(order_id, "accept")
    assert uber.act(order_id, "ready").status_code == 200
    assert uber.held("uber_eats", order_id)["order"]["preparation_status"] == "READY_FOR_HANDOFF"


@pytest.mark.parametrize(("minutes", "status"), [(30, 200), (-1, 400)], ids=["in the future", "in the past"])
def test_a_new_ready_time_must_lie_ahead(uber: Uber, order_id: str, minutes: int, status: int) -> None:
    uber.act(order_id, "accept")
    time = (START + timedelta(minutes=minutes)).isoformat()
    assert uber.act(order_id, "update-ready-time", {"ready_for_pickup_time": time}).status_code == status


def test_a_ready_order_takes_no_new_ready_time(uber: Uber, order_id: str) -> None:
    uber.act(order_id, "accept")
    uber.act(order_id, "ready")
    time = (START + timedelta(minutes=30)).isoformat()
    assert uber.act(order_id, "update-ready-time", {"ready_for_pickup_time": time}).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"amount_e5": 150000, "reason": "REQUESTED_ADD_ONS"}, 200),
        ({"amount_e5": 5000001, "reason": "REQUESTED_ADD_ONS"}, 400),
        ({"amount_e5": 150000, "reason": "BAD_DAY"}, 400),
    ],
)
def test_a_price_changes_within_the_cap_for_a_reason(uber: Uber, order_id: str, body: Any, status: int) -> None:
    uber.act(order_id, "accept")
    assert uber.act(order_id, "adjust-price", body).status_code == status


def test_an_item_that_is_out_makes_the_order_wait_for_the_customer(uber: Uber, order_id: str) -> None:
    uber.act(order_id, "accept")
    item = samples.order(1)["order"]["carts"][0]["items"][0]["cart_item_id"]
    issue = {"issue_type": "OUT_OF_ITEM", "action_type": "ASK_CUSTOMER", "item": {"cart_item_id": item}}
    answer = uber.act(order_id, "resolve-fulfillment-issues", {"fulfillment_issues": [issue]})
    assert answer.get_json() == {"should_wait_for_customer_response": True}
    waiting = uber.held("uber_eats", order_id)["order"]["preparation_status"]
    assert waiting == "OUT_OF_ITEM_PENDING_CUSTOMER_RESPONSE"
    unknown = {**issue, "item": {"cart_item_id": "nothing"}}
    assert uber.act(order_id, "resolve-fulfillment-issues", {"fulfillment_issues": [unknown]}).status_code == 400


def test_the_classic_calls_accept_once_and_then_conflict(uber: Uber, classic_id: str) -> None:
    body = {"reason": "accepted", "pickup_time": int(START.timestamp()) + 1200, "external_reference_id": "hub-2"}
    assert uber.classic(classic_id, "accept_pos_order", body).status_code == 204
    conflict = uber.classic(classic_id, "accept_pos_order", body)
    assert (conflict.status_code, conflict.get_json()["code"]) == (409, "resource_status_conflict")
    order = uber.held("uber_eats", classic_id)
    assert (order["current_state"], order["external_reference_id"]) == ("ACCEPTED", "hub-2")
    assert order["estimated_ready_for_pickup_at"] == "2026-10-05T17:20:00.000Z"


def test_the_classic_deny_needs_code_and_explanation(uber: Uber, classic_id: str) -> None:
    assert uber.classic(classic_id, "deny_pos_order", {"reason": {"code": "CAPACITY"}}).status_code == 400
    reason = {"code": "CAPACITY", "explanation": "Full"}
    assert uber.classic(classic_id, "deny_pos_order", {"reason": reason}).status_code == 204
    assert uber.held("uber_eats", classic_id)["current_state"] == "DENIED"


def test_the_classic_cancel_of_an_order_that_ended_is_not_found(uber: Uber, classic_id: str) -> None:
    answers = [uber.classic(classic_id, "cancel", {"reason": "OUT_OF_ITEMS"}) for _ in range(2)]
    assert [(one.status_code, one.get_json().get("code")) for one in answers] == [
        (200, None),
        (404, "resource_not_found"),
    ]
    assert uber.api("GET", f"/v1/eats/stores/{samples.STORE_ID}/canceled-orders").get_json()["orders"][0]["id"] == (
        classic_id
    )


def test_ready_of_a_classic_order_goes_by_the_new_path(uber: Uber, classic_id: str) -> None:
    uber.classic(classic_id, "accept_pos_order", {"reason": "accepted"})
    assert uber.act(classic_id, "ready").status_code == 200


def test_the_stores_own_courier_delivers(uber: Uber) -> None:
    order_id = uber.put("uber_eats", samples.order(3, placed_at=START, fulfillment="DELIVERY_BY_MERCHANT"))
    uber.act(order_id, "accept")
    path = "restaurantdelivery/status"
    assert [uber.classic(order_id, path, {"status": one}).status_code for one in ("started", "delivered")] == [204, 204]
    assert uber.held("uber_eats", order_id)["order"]["state"] == "SUCCEEDED"


def test_ubers_courier_is_not_ours_to_report(uber: Uber, order_id: str) -> None:
    uber.act(order_id, "accept")
    assert uber.classic(order_id, "restaurantdelivery/status", {"status": "started"}).status_code == 400


def test_carts_of_a_restaurant_cannot_be_patched(uber: Uber, classic_id: str) -> None:
    assert uber.api("PATCH", f"/v2/eats/orders/{classic_id}/cart", {}).status_code == 400


def test_polling_goes_through_a_stores_orders_in_pages(uber: Uber) -> None:
    ids = [uber.put("uber_eats", samples.order(n, placed_at=START + timedelta(minutes=n))) for n in range(5)]
    uber.act(ids[1], "accept")
    path = f"/v1/delivery/store/{samples.STORE_ID}/orders?state=OFFERED,ACCEPTED&page_size=2"
    pages: list[Any] = [uber.api("GET", path).get_json()]
    while token := pages[-1]["pagination_data"].get("next_page_token"):
        pages.append(uber.api("GET", f"{path}&next_page_token={token}").get_json())
    assert [row["order"]["id"] for page in pages for row in page["data"]] == ids
    assert [page["pagination_data"]["page_size"] for page in pages] == [2, 2, 1]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("state=ACCEPTED", [1]),
        ("status=SCHEDULED", [9]),
        ("start_time=2026-10-05T17:02:00Z&end_time=2026-10-05T17:03:00Z", [2, 3]),
    ],
)
def test_polling_can_be_narrowed(uber: Uber, query: str, numbers: list[int]) -> None:
    ids = {n: uber.put("uber_eats", samples.order(n, placed_at=START + timedelta(minutes=n))) for n in range(4)}
    ids[9] = uber.put("uber_eats", samples.scheduled_order(9, placed_at=START))
    uber.act(ids[1], "accept")
    answer = uber.api("GET", f"/v1/delivery/store/{samples.STORE_ID}/orders?{query}").get_json()
    assert [row["order"]["id"] for row in answer["data"]] == [ids[n] for n in numbers]


def test_a_page_has_at_most_fifty_orders(uber: Uber) -> None:
    assert uber.api("GET", f"/v1/delivery/store/{samples.STORE_ID}/orders?page_size=51").status_code == 400


def test_an_item_is_suspended_where_there_is_a_menu(uber: Uber) -> None:
    body = {"suspension_info": {"suspension": {"suspend_until": 1790000000, "reason": "Sold out"}}}
    path = f"/v2/eats/stores/{samples.STORE_ID}/menus/items/FRIES-L"
    assert uber.api("POST", path, body).status_code == 204
    uber.control("PATCH", "uber_eats/settings", {"stores_without_menu": [samples.STORE_ID]})
    assert uber.api("POST", path, body).status_code == 404


def test_a_store_is_paused(uber: Uber) -> None:
    body = {"status": "OFFLINE", "is_offline_until": "2026-10-05T19:00:00.000Z", "reason": "Oven"}
    answer = uber.api("POST", f"/v1/delivery/store/{samples.STORE_ID}/update-store-status", body).get_json()
    assert (answer["status"], answer["previous_status"]) == ("OFFLINE", "ONLINE")
    assert uber.api("GET", f"/v1/delivery/store/{samples.STORE_ID}/status").get_json()["status"] == "OFFLINE"
    assert uber.api("POST", "/v1/delivery/store/nowhere/update-store-status", body).status_code == 404
