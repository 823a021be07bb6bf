"""The stand-in for Shopify: tokens, what GraphQL answers, polling, and the whole schema."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLUnionType, get_named_type, is_leaf_type

from local.standins.samples import shopify as samples
from local.standins.shopify import ADMIN_TOKEN, CLIENT_ID, CLIENT_SECRET
from local.standins.shopify_graphql import read_query, schema
from orderhub.platforms.shopify import queries
from tests.unit.standins_client import START
from tests.unit.standins_shopify import CREATE, EVENT, ROUTED, Shopify

TOKEN = "/shopify/admin/oauth/access_token"

FORM = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}

POLL = """query ($after: String, $query: String) {
  orders(first: 2, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { id name } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


@pytest.fixture
def shop() -> Shopify:
    return Shopify()


@pytest.fixture
def gid(shop: Shopify) -> str:
    shop.put("shopify", samples.order(1, placed_at=START))
    return f"gid://shopify/Order/{samples.order_id(1)}"


def test_client_credentials_give_a_token_of_a_day(shop: Shopify) -> None:
    answer = shop.client.post(TOKEN, data=FORM).get_json()
    assert set(answer) == {"access_token", "scope", "expires_in"}
    shop.token = answer["access_token"]
    assert shop.ask("{ shop { myshopifyDomain } }") == {"shop": {"myshopifyDomain": samples.SHOP_DOMAIN}}
    shop.wait(seconds=answer["expires_in"])
    expired = shop.post("{ shop { name } }")
    assert (expired.status_code, list(expired.get_json())) == (401, ["errors"])


@pytest.mark.parametrize(("field", "value"), [("client_secret", "guess"), ("grant_type", "password")])
def test_a_token_needs_the_right_form(shop: Shopify, field: str, value: str) -> None:
    assert shop.client.post(TOKEN, data={**FORM, field: value}).status_code == 400


def test_credentials_may_come_as_json(shop: Shopify) -> None:
    assert shop.call("POST", TOKEN, FORM).status_code == 200


def test_the_scopes_of_the_token_can_be_read(shop: Shopify) -> None:
    scopes = shop.ask("{ currentAppInstallation { accessScopes { handle } } }")["currentAppInstallation"][
        "accessScopes"
    ]
    assert {"handle": "write_orders"} in scopes


@pytest.mark.parametrize(
    "query",
    [
        "{ order(id: 1) { shoeSize } }",
        "{ orders(sortKey: BY_MOOD, first: 1) { nodes { id } } }",
        "{ shop { name ",
        "mutation { tagsAdd(id: 1) { userErrors { message } } }",
        "{ orders { nodes { id } } }",
        "{ orders(first: 251) { nodes { id } } }",
    ],
    ids=["unknown field", "unknown value", "no grammar", "missing argument", "no page size", "a long page"],
)
def test_what_shopify_would_not_understand_is_answered_200_with_errors(shop: Shopify, query: str) -> None:
    answer = shop.post(query)
    assert (answer.status_code, bool(answer.get_json()["errors"][0]["message"])) == (200, True)


def test_a_call_without_a_query_is_a_bad_request(shop: Shopify) -> None:
    path = "/shopify/admin/api/2026-10/graphql.json"
    assert shop.call("POST", path, {}, **{"X-Shopify-Access-Token": ADMIN_TOKEN}).status_code == 400


def test_an_answer_tells_its_cost(shop: Shopify) -> None:
    cost = shop.post("{ shop { name } }").get_json()["extensions"]["cost"]
    assert cost == {
        "requestedQueryCost": 2,
        "actualQueryCost": 2,
        "throttleStatus": {"maximumAvailable": 20000.0, "currentlyAvailable": 19998, "restoreRate": 1000.0},
    }


def test_a_caller_without_points_is_throttled_until_they_come_back(shop: Shopify) -> None:
    shop.control("PATCH", "shopify/settings", {"bucket_points": 3, "points_per_second": 1})
    answers = [shop.post("{ shop { name } }").get_json() for _ in range(2)]
    assert answers[1]["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert answers[1]["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1
    shop.wait(seconds=1)
    assert "errors" not in shop.post("{ shop { name } }").get_json()


def test_polling_goes_through_what_changed_in_pages(shop: Shopify) -> None:
    for n in range(5):
        shop.put("shopify", samples.order(n, placed_at=START + timedelta(minutes=n)))
    seen, after, query = [], None, "updated_at:>='2026-10-05T17:01:00Z'"
    while True:
        page = shop.ask(POLL, after=after, query=query)["orders"]
        seen += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["#2001", "#2002", "#2003", "#2004"]


def test_a_poll_sees_an_order_again_once_it_changes(shop: Shopify) -> None:
    ids = [shop.put("shopify", samples.order(n, placed_at=START + timedelta(minutes=n))) for n in range(3)]
    first = shop.ask(POLL)["orders"]
    shop.wait(minutes=30)
    shop.control("PATCH", f"shopify/orders/{ids[0]}", {"note": "Changed"})
    second = shop.ask(POLL, after=first["pageInfo"]["endCursor"])["orders"]
    assert [node["name"] for node in first["nodes"] + second["nodes"]] == ["#2000", "#2001", "#2002", "#2000"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name:#2001", ["#2001"]),
        ("status:cancelled", ["#2002"]),
        ("financial_status:paid -status:cancelled", ["#2000", "#2001"]),
        ("fulfillment_status:fulfilled", []),
        ("created_at:<2026-10-05T17:01:00Z", ["#2000"]),
    ],
)
def test_orders_are_found_by_the_search_syntax(shop: Shopify, query: str, names: list[str]) -> None:
    for n in range(3):
        shop.put("shopify", samples.order(n, placed_at=START + timedelta(minutes=n)))
    shop.control("PATCH", f"shopify/orders/{samples.order_id(2)}", {"cancelled_at": "2026-10-05T17:05:00+00:00"})
    assert [node["name"] for node in shop.ask(POLL, query=query)["orders"]["nodes"]] == names


def _everything(kind: Any, above: tuple[str, ...] = ()) -> str:
    """A selection of every field of a type and of what hangs on it, but nothing that leads back up."""
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        parts = (f"... on {one.name} {_everything(one, above)}" for one in schema().get_possible_types(kind))
        return "{ " + " ".join(parts) + " }"
    chosen = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if inner.name in (*above, kind.name) or "locationId" in field.args:
            continue
        paged = "(first: 5)" if "first" in field.args else '(names: ["available"])' if "names" in field.args else ""
        chosen.append(name + paged + ("" if is_leaf_type(inner) else _everything(inner, (*above, kind.name))))
    return "{ " + " ".join(chosen) + " }"


@pytest.mark.parametrize("n", [1, 3])
def test_every_field_of_the_schema_has_a_value(shop: Shopify, n: int) -> None:
    shop.put("shopify", samples.order(n, placed_at=START))
    gid = f"gid://shopify/Order/{samples.order_id(n)}"
    made = shop.fulfil(gid)["fulfillment"]["id"]
    shop.ask(EVENT, id=made)
    shop.refund(gid, "k1", n=n)
    orders = shop.ask(f"{{ orders(first: 1) {{ nodes {_everything(schema().get_type('Order'))} }} }}")["orders"]
    assert orders["nodes"][0]["id"] == gid
    variants = f"{{ productVariants(first: 9) {{ nodes {_everything(schema().get_type('ProductVariant'))} }} }}"
    assert shop.ask(variants)["productVariants"]["nodes"][0]["inventoryItem"]["tracked"] is True
    rest = f"{{ shop {_everything(schema().get_type('Shop'))} locations(first: 1) {{ nodes {{ id name }} }} }}"
    assert shop.ask(rest)["locations"]["nodes"][0]["name"] == "Corner Kitchen"


def test_a_lean_order_is_filled_up(shop: Shopify) -> None:
    line = {"id": 5, "title": "Soup", "quantity": 2, "price": "4.00", "discount_allocations": [{"amount": "1.00"}]}
    refund = {"id": 8, "refund_line_items": [{"line_item_id": 5, "quantity": 1}], "transactions": [{"amount": "3.50"}]}
    shipped = {"id": 6, "tracking_number": "T1", "line_items": [{"id": 5, "quantity": 1}]}
    lean = {
        "id": 77,
        "currency": "USD",
        "created_at": "2026-10-05T12:00:00-05:00",
        "total_price": "8.10",
        "line_items": [line],
        "shipping_lines": [{"title": "Courier", "price": "1.00", "tax_lines": [{"price": "0.10"}]}],
        "fulfillments": [shipped],
        "refunds": [refund],
    }
    shop.put("shopify", lean)
    everything = _everything(schema().get_type("Order"))
    order = shop.ask(f"query ($id: ID!) {{ order(id: $id) {everything} }}", id="gid://shopify/Order/77")["order"]
    assert (order["name"], order["totalRefundedSet"]["shopMoney"]["amount"]) == ("#77", "3.50")
    assert order["lineItems"]["nodes"][0]["discountAllocations"][0]["discountApplication"]["index"] == 0
    assert order["fulfillments"][0]["trackingInfo"] == [{"company": None, "number": "T1", "url": None}]


def test_anything_is_found_by_its_global_id(shop: Shopify, gid: str) -> None:
    made = shop.fulfil(gid)["fulfillment"]["id"]
    query = "query ($id: ID!) { node(id: $id) { __typename id } }"
    found = [shop.ask(query, id=one)["node"] for one in (gid, shop.routed(gid)["id"], made)]
    assert [one["__typename"] for one in found] == ["Order", "FulfillmentOrder", "Fulfillment"]
    assert shop.ask(query, id="nonsense") == {"node": None}


def test_calls_about_an_order_are_found_by_its_other_ids_too(shop: Shopify, gid: str) -> None:
    shop.put("shopify", samples.order(2))
    shop.fulfil(gid)
    queries = [call["body"]["query"] for call in shop.calls("shopify", order_id=samples.order_id(1))]
    assert queries == [ROUTED, CREATE]
    assert shop.calls("shopify", order_id=samples.order_id(2)) == []


@pytest.mark.parametrize("name", [name for name, text in vars(queries).items() if name.isupper() and name[0] != "_"])
def test_every_document_that_the_hub_sends_is_one_the_vendor_understands(name: str) -> None:
    _document, errors = read_query(getattr(queries, name))
    assert errors == []
