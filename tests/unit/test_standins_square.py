"""The stand-in for Square: tokens, orders with versions and idempotency, search, stock, refunds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from local.standins.samples import kitchen
from local.standins.samples import square as samples
from local.standins.square import (
    ACCESS_TOKEN,
    APPLICATION_ID,
    APPLICATION_SECRET,
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
)
from tests.unit.standins_client import START, Caller

CLIENT = {"client_id": APPLICATION_ID, "client_secret": APPLICATION_SECRET}


class Square(Caller):
    """A caller with the personal access token."""

    token = ACCESS_TOKEN

    def api(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self.call(method, f"/square{path}", body, Authorization=f"Bearer {self.token}")

    def update(self, order_id: str, key: str | None, **sparse: Any) -> TestResponse:
        body = {"order": {"location_id": samples.LOCATION_ID, **sparse}} | ({"idempotency_key": key} if key else {})
        return self.api("PUT", f"/v2/orders/{order_id}", body)

    def enter(self, order_id: str, state: str, **details: Any) -> TestResponse:
        order = self.held("square", order_id)["order"]
        entry = {"uid": order["fulfillments"][0]["uid"], "state": state, **details}
        return self.update(order_id, f"{state}-{order['version']}", version=order["version"], fulfillments=[entry])


@pytest.fixture
def square() -> Square:
    return Square()


@pytest.fixture
def order_id(square: Square) -> str:
    return square.put("square", samples.order(1, placed_at=START))


def test_an_order_is_read_as_it_was_put(square: Square, order_id: str) -> None:
    assert square.api("GET", f"/v2/orders/{order_id}").get_json() == samples.order(1, placed_at=START)


def test_an_unknown_order_is_not_found(square: Square) -> None:
    answer = square.api("GET", "/v2/orders/NOTHING")
    error = answer.get_json()["errors"][0]
    assert (answer.status_code, error["category"], error["code"]) == (404, "INVALID_REQUEST_ERROR", "NOT_FOUND")


@pytest.mark.parametrize(
    "proof",
    [
        {"grant_type": "authorization_code", "code": AUTHORIZATION_CODE},
        {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN},
    ],
)
def test_oauth_gives_a_token_of_thirty_days(square: Square, proof: dict[str, str]) -> None:
    answer = square.call("POST", "/square/oauth2/token", {**CLIENT, **proof}).get_json()
    square.token = answer["access_token"]
    assert answer["expires_at"] == "2026-11-04T17:00:00.000Z"
    assert square.api("GET", "/v2/locations").status_code == 200
    square.wait(days=30)
    assert square.api("GET", "/v2/locations").get_json()["errors"][0]["code"] == "ACCESS_TOKEN_EXPIRED"


def test_a_revoked_token_says_so(square: Square) -> None:
    body = {**CLIENT, "grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
    square.token = square.call("POST", "/square/oauth2/token", body).get_json()["access_token"]
    square.control("DELETE", "square/tokens")
    answer = square.api("GET", "/v2/locations")
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (401, "ACCESS_TOKEN_REVOKED")


@pytest.mark.parametrize("body", [{}, CLIENT, {**CLIENT, "grant_type": "refresh_token", "refresh_token": "guess"}])
def test_oauth_without_proof_is_refused(square: Square, body: dict[str, str]) -> None:
    assert square.call("POST", "/square/oauth2/token", body).status_code == 401


def test_an_unknown_token_is_refused(square: Square) -> None:
    square.token = "guess"
    answer = square.api("GET", "/v2/locations")
    assert answer.get_json()["errors"][0] | {"detail": ""} == {
        "category": "AUTHENTICATION_ERROR",
        "code": "UNAUTHORIZED",
        "detail": "",
    }


def test_a_pickup_goes_through_its_states_and_versions(square: Square, order_id: str) -> None:
    for minutes, state in enumerate(("RESERVED", "PREPARED", "COMPLETED")):
        square.now = START + timedelta(minutes=minutes)
        assert square.enter(order_id, state).status_code == 200
    order = square.held("square", order_id)["order"]
    details = order["fulfillments"][0]["pickup_details"]
    assert (order["version"], order["updated_at"], order["state"]) == (4, "2026-10-05T17:02:00.000Z", "OPEN")
    assert {name: details[name] for name in ("accepted_at", "ready_at", "picked_up_at")} == {
        "accepted_at": "2026-10-05T17:00:00.000Z",
        "ready_at": "2026-10-05T17:01:00.000Z",
        "picked_up_at": "2026-10-05T17:02:00.000Z",
    }
    assert square.update(order_id, "end", version=4, state="COMPLETED").get_json()["order"]["state"] == "COMPLETED"


def test_a_stale_version_is_a_mismatch_and_changes_nothing(square: Square, order_id: str) -> None:
    assert square.update(order_id, "one", version=1, ticket_name="B1").status_code == 200
    answer = square.update(order_id, "two", version=1, ticket_name="B2")
    error = answer.get_json()["errors"][0]
    assert (answer.status_code, error["code"], error["field"]) == (400, "VERSION_MISMATCH", "order.version")
    assert square.held("square", order_id)["order"]["ticket_name"] == "B1"


def test_an_update_without_a_version_is_a_bad_request(square: Square, order_id: str) -> None:
    error = square.update(order_id, "one", ticket_name="B1").get_json()["errors"][0]
    assert (error["code"], error["field"]) == ("BAD_REQUEST", "order.version")


def test_a_key_used_before_is_answered_200_with_nothing_changed(square: Square, order_id: str) -> None:
    assert square.update(order_id, "same", version=1, ticket_name="B1").status_code == 200
    again = square.update(order_id, "same", version=2, ticket_name="B2")
    assert (again.status_code, again.get_json()["order"]["ticket_name"]) == (200, "B1")
    assert square.held("square", order_id)["order"]["version"] == 2


def test_updates_without_a_key_each_count(square: Square, order_id: str) -> None:
    answers = [square.update(order_id, None, version=version, ticket_name="B").status_code for version in (1, 2)]
    assert answers == [200, 200]


def test_an_order_of_the_point_of_sale_app_cannot_be_updated(square: Square) -> None:
    order_id = square.put("square", samples.pos_order(1, placed_at=START))
    assert square.update(order_id, "one", version=1, ticket_name="B").status_code == 400


@pytest.mark.parametrize("state", ["PROPOSED", "RESERVED", "UNHEARD_OF"])
def test_a_fulfillment_does_not_go_backwards(square: Square, order_id: str, state: str) -> None:
    square.enter(order_id, "PREPARED")
    assert square.enter(order_id, state).status_code == 400


def test_a_fulfillment_that_ended_stays_ended(square: Square, order_id: str) -> None:
    square.enter(order_id, "CANCELED", pickup_details={"cancel_reason": "Oven broke"})
    details = square.held("square", order_id)["order"]["fulfillments"][0]["pickup_details"]
    assert (details["cancel_reason"], details["rejected_at"]) == ("Oven broke", "2026-10-05T17:00:00.000Z")
    assert square.enter(order_id, "RESERVED").status_code == 400


def test_an_accepted_fulfillment_is_cancelled_not_rejected(square: Square, order_id: str) -> None:
    square.enter(order_id, "RESERVED")
    square.enter(order_id, "CANCELED")
    details = square.held("square", order_id)["order"]["fulfillments"][0]["pickup_details"]
    assert "canceled_at" in details
    assert "rejected_at" not in details


def test_a_reason_has_at_most_a_hundred_characters(square: Square, order_id: str) -> None:
    assert square.enter(order_id, "CANCELED", pickup_details={"cancel_reason": "x" * 101}).status_code == 400


def test_an_order_is_completed_only_when_paid_and_fulfilled(square: Square) -> None:
    unpaid = square.put("square", samples.order(2, placed_at=START, paid=False))
    square.enter(unpaid, "COMPLETED")
    assert square.update(unpaid, "end", version=2, state="COMPLETED").status_code == 400
    paid = square.put("square", samples.order(3, placed_at=START))
    assert square.update(paid, "end", version=1, state="COMPLETED").status_code == 400


def test_only_an_unpaid_order_is_canceled(square: Square, order_id: str) -> None:
    assert square.update(order_id, "end", version=1, state="CANCELED").status_code == 400
    unpaid = square.put("square", samples.order(2, placed_at=START, paid=False))
    assert square.update(unpaid, "end", version=1, state="CANCELED").status_code == 200
    assert square.update(unpaid, "more", version=2, ticket_name="B").status_code == 400


def test_changed_lines_change_the_sums(square: Square, order_id: str) -> None:
    before = square.held("square", order_id)["order"]
    line = before["line_items"][0]
    change = [{"uid": line["uid"], "quantity": str(int(line["quantity"]) + 1)}]
    after = square.update(order_id, "more", version=1, line_items=change).get_json()["order"]
    gross = line["gross_sales_money"]["amount"] // int(line["quantity"])
    assert after["total_money"]["amount"] == before["total_money"]["amount"] + gross + kitchen.tax_on(
        after["line_items"][0]["gross_sales_money"]["amount"]
    ) - kitchen.tax_on(line["gross_sales_money"]["amount"])


def test_a_line_is_removed_by_clearing_it(square: Square, order_id: str) -> None:
    uids = [line["uid"] for line in samples.order(1)["order"]["line_items"]]
    body = {
        "idempotency_key": "clear",
        "order": {"version": 1},
        "fields_to_clear": [f"line_items[{uids[0]}]"],
    }
    after = square.api("PUT", f"/v2/orders/{order_id}", body).get_json()["order"]
    assert [line["uid"] for line in after["line_items"]] == uids[1:]


def test_the_vendors_own_change_is_a_new_version(square: Square, order_id: str) -> None:
    square.wait(minutes=3)
    changed = square.control("PATCH", f"square/orders/{order_id}", {"ticket_name": "Z"})["order"]
    assert (changed["version"], changed["updated_at"]) == (2, "2026-10-05T17:03:00.000Z")


def _search(start: str, cursor: str | None = None, **changes: Any) -> dict[str, Any]:
    query = {
        "filter": {
            "state_filter": {"states": ["OPEN", "COMPLETED", "CANCELED"]},
            "date_time_filter": {"updated_at": {"start_at": start}},
        },
        "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
    }
    body = {"location_ids": [samples.LOCATION_ID], "limit": 2, "query": query, **changes}
    return body | ({"cursor": cursor} if cursor else {})


def test_a_search_goes_through_what_changed_in_pages(square: Square) -> None:
    ids = [square.put("square", samples.order(n, placed_at=START + timedelta(minutes=n))) for n in range(6)]
    pos = square.put("square", samples.pos_order(7, placed_at=START + timedelta(minutes=7)))
    seen, cursor = [], None
    while True:
        answer = square.api("POST", "/v2/orders/search", _search("2026-10-05T17:01:00Z", cursor)).get_json()
        seen += [order["id"] for order in answer["orders"]]
        cursor = answer.get("cursor")
        if cursor is None:
            break
    assert seen == [*ids[1:], pos]


def test_a_cursor_stays_right_while_orders_change(square: Square) -> None:
    ids = [square.put("square", samples.order(n, placed_at=START + timedelta(minutes=n))) for n in range(4)]
    first = square.api("POST", "/v2/orders/search", _search("2026-10-05T17:00:00Z")).get_json()
    square.wait(minutes=30)
    square.enter(ids[0], "RESERVED")
    second = square.api("POST", "/v2/orders/search", _search("2026-10-05T17:00:00Z", first["cursor"])).get_json()
    third = square.api("POST", "/v2/orders/search", _search("2026-10-05T17:00:00Z", second["cursor"])).get_json()
    assert [order["id"] for page in (first, second, third) for order in page["orders"]] == [*ids, ids[0]]


@pytest.mark.parametrize(
    "changes",
    [
        {"location_ids": []},
        {"location_ids": ["L"] * 11},
        {"limit": 1001},
        {"query": {"sort": {"sort_field": "CREATED_AT"}, "filter": {"date_time_filter": {"updated_at": {}}}}},
        {"query": {"sort": {"sort_field": "TICKET_NAME"}}},
        {"cursor": "bm90aGluZw=="},
    ],
    ids=["no location", "eleven locations", "a long page", "another sort field", "an unknown field", "a false cursor"],
)
def test_a_search_that_the_vendor_refuses(square: Square, changes: dict[str, Any]) -> None:
    answer = square.api("POST", "/v2/orders/search", _search("2026-10-05T17:00:00Z", **changes))
    assert answer.status_code == 400


def test_a_cursor_is_good_only_for_its_query(square: Square) -> None:
    for n in range(3):
        square.put("square", samples.order(n, placed_at=START))
    first = square.api("POST", "/v2/orders/search", _search("2026-10-05T17:00:00Z")).get_json()
    other = square.api("POST", "/v2/orders/search", _search("2026-10-05T16:00:00Z", first["cursor"]))
    assert other.get_json()["errors"][0]["code"] == "INVALID_CURSOR"


def test_several_orders_are_read_at_once(square: Square, order_id: str) -> None:
    answer = square.api("POST", "/v2/orders/batch-retrieve", {"order_ids": [order_id, "NOTHING"]}).get_json()
    assert [order["id"] for order in answer["orders"]] == [order_id]


def _count(quantity: str, at: str = "2026-10-05T17:00:00.000Z") -> dict[str, Any]:
    count = {
        "catalog_object_id": samples.variation_id("FRIES-L"),
        "location_id": samples.LOCATION_ID,
        "state": "IN_STOCK",
        "quantity": quantity,
        "occurred_at": at,
    }
    return {"type": "PHYSICAL_COUNT", "physical_count": count}


def test_stock_is_set_once_for_a_key(square: Square) -> None:
    path, variation = "/v2/inventory/changes/batch-create", samples.variation_id("FRIES-L")
    square.api("POST", path, {"idempotency_key": "a", "changes": [_count("0")]})
    square.api("POST", path, {"idempotency_key": "a", "changes": [_count("9")]})
    assert square.api("GET", f"/v2/inventory/{variation}").get_json()["counts"][0]["quantity"] == "0"


@pytest.mark.parametrize("at", ["2026-10-04T16:59:59Z", "2026-10-05T17:10:00Z", "yesterday"])
def test_a_count_must_be_of_the_last_day(square: Square, at: str) -> None:
    body = {"idempotency_key": "a", "changes": [_count("0", at)]}
    assert square.api("POST", "/v2/inventory/changes/batch-create", body).status_code == 400


def test_a_variation_is_found_by_sku(square: Square) -> None:
    exact = {"attribute_name": "sku", "attribute_value": "FRIES-L"}
    body = {"object_types": ["ITEM_VARIATION"], "query": {"exact_query": exact}}
    found = square.api("POST", "/v2/catalog/search", body).get_json()["objects"]
    assert [entry["id"] for entry in found] == [samples.variation_id("FRIES-L")]


def test_a_refund_is_made_once_for_a_key_and_never_over_the_payment(square: Square, order_id: str) -> None:
    tender = square.held("square", order_id)["order"]["tenders"][0]
    body = {
        "idempotency_key": "r1",
        "payment_id": tender["payment_id"],
        "amount_money": {"amount": 100, "currency": "USD"},
    }
    first, again = (square.api("POST", "/v2/refunds", body).get_json() for _ in range(2))
    assert first == again
    too_much = square.api(
        "POST", "/v2/refunds", {**body, "idempotency_key": "r2", "amount_money": tender["amount_money"]}
    )
    assert too_much.get_json()["errors"][0]["category"] == "REFUND_ERROR"
    assert [entry["id"] for entry in square.held("square", order_id)["refunds"]] == [first["refund"]["id"]]
    assert square.api("POST", "/v2/refunds", {**body, "payment_id": "NONE", "idempotency_key": "r3"}).status_code == 404
    assert len(square.calls("square", order_id=order_id)) == 3


@pytest.mark.parametrize("key", [None, "x" * 46])
def test_a_refund_needs_a_key_of_at_most_45_characters(square: Square, key: str | None) -> None:
    assert square.api("POST", "/v2/refunds", {"idempotency_key": key}).status_code == 400


def test_locations_and_customers_are_read(square: Square, order_id: str) -> None:
    location = square.api("GET", "/v2/locations").get_json()["locations"][0]
    assert square.api("GET", f"/v2/locations/{location['id']}").get_json()["location"] == location
    customer_id = square.held("square", order_id)["order"]["customer_id"]
    assert square.api("GET", f"/v2/customers/{customer_id}").get_json() == samples.customer(kitchen.customer(1))
    assert [square.api("GET", f"/v2/{path}/NONE").status_code for path in ("customers", "locations")] == [404, 404]
