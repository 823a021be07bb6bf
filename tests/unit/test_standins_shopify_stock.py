"""Stock at the stand-in for Shopify: known quantities and idempotency keys."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.samples import shopify as samples
from tests.unit.standins_client import START
from tests.unit.standins_shopify import Shopify

STOCK = """mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { reason changes(quantityNames: ["available"]) { name delta quantityAfterChange } }
    userErrors { code field } } }"""

FIND = """{ productVariants(first: 1, query: "sku:FRIES-L") { nodes { sku inventoryItem { id tracked
  inventoryLevels(first: 1) { nodes { location { id } quantities(names: ["available"]) { quantity } } } } } } }"""


@pytest.fixture
def shop() -> Shopify:
    return Shopify()


@pytest.fixture
def gid(shop: Shopify) -> str:
    shop.put("shopify", samples.order(1, placed_at=START))
    return f"gid://shopify/Order/{samples.order_id(1)}"


def _quantity(shop: Shopify, quantity: int, **more: Any) -> dict[str, Any]:
    variant = shop.ask(FIND)["productVariants"]["nodes"][0]
    entry = {
        "inventoryItemId": variant["inventoryItem"]["id"],
        "locationId": variant["inventoryItem"]["inventoryLevels"]["nodes"][0]["location"]["id"],
        "quantity": quantity,
        **more,
    }
    return {"name": "available", "reason": "correction", "quantities": [entry]}


def _available(shop: Shopify) -> int:
    item = shop.ask(FIND)["productVariants"]["nodes"][0]["inventoryItem"]
    quantity: int = item["inventoryLevels"]["nodes"][0]["quantities"][0]["quantity"]
    return quantity


def test_stock_is_set_from_the_known_quantity(shop: Shopify) -> None:
    told = _quantity(shop, 0, changeFromQuantity=50)
    made = shop.ask(STOCK, input=told, key="k1")["inventorySetQuantities"]
    changes = [{"name": "available", "delta": -50, "quantityAfterChange": 0}]
    assert made["inventoryAdjustmentGroup"] == {"reason": "correction", "changes": changes}
    assert _available(shop) == 0


def test_a_stale_quantity_changes_nothing(shop: Shopify) -> None:
    made = shop.ask(STOCK, input=_quantity(shop, 0, changeFromQuantity=49), key="k1")["inventorySetQuantities"]
    field = ["input", "quantities", "0", "changeFromQuantity"]
    assert made["userErrors"] == [{"code": "CHANGE_FROM_QUANTITY_STALE", "field": field}]
    assert _available(shop) == 50


def test_null_skips_the_check_but_nothing_at_all_is_an_error(shop: Shopify) -> None:
    made = shop.ask(STOCK, input=_quantity(shop, 3, changeFromQuantity=None), key="k1")["inventorySetQuantities"]
    assert made["userErrors"] == []
    assert shop.post(STOCK, input=_quantity(shop, 4), key="k2").get_json()["errors"]
    assert _available(shop) == 3


def test_stock_without_the_idempotent_directive_is_an_error(shop: Shopify) -> None:
    bare = STOCK.replace("@idempotent(key: $key)", "").replace(", $key: String!", "")
    answer = shop.post(bare, input=_quantity(shop, 0, changeFromQuantity=None)).get_json()
    assert answer["errors"][0]["path"] == ["inventorySetQuantities"]
    assert _available(shop) == 50


def test_a_repeated_key_gives_the_first_result_and_sets_nothing(shop: Shopify) -> None:
    told = _quantity(shop, 7, changeFromQuantity=None)
    first = shop.ask(STOCK, input=told, key="k1")
    shop.ask(STOCK, input=_quantity(shop, 9, changeFromQuantity=None), key="k2")
    assert shop.ask(STOCK, input=told, key="k1") == first
    assert _available(shop) == 9


def test_a_key_is_good_for_one_call_and_one_attempt(shop: Shopify) -> None:
    stale = _quantity(shop, 0, changeFromQuantity=1)
    shop.ask(STOCK, input=stale, key="k1")
    failed = shop.ask(STOCK, input=stale, key="k1")["inventorySetQuantities"]["userErrors"]
    other = shop.ask(STOCK, input=_quantity(shop, 1, changeFromQuantity=1), key="k1")["inventorySetQuantities"]
    assert [one["code"] for one in failed] == ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]
    assert [one["code"] for one in other["userErrors"]] == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]


def test_everything_wrong_with_a_quantity_is_told(shop: Shopify) -> None:
    entry = {"inventoryItemId": "x", "locationId": "y", "quantity": -1, "changeFromQuantity": None}
    told = {"name": "mood", "reason": "correction", "quantities": [entry]}
    errors = shop.ask(STOCK, input=told, key="k1")["inventorySetQuantities"]["userErrors"]
    assert [error["code"] for error in errors] == [
        "INVALID_NAME",
        "INVALID_INVENTORY_ITEM",
        "INVALID_LOCATION",
        "INVALID_QUANTITY_NEGATIVE",
    ]


def test_a_location_takes_an_item_into_its_stock(shop: Shopify) -> None:
    entry = _quantity(shop, 0)["quantities"][0]
    activate = """mutation ($item: ID!, $place: ID!, $n: Int) {
      inventoryActivate(inventoryItemId: $item, locationId: $place, available: $n) @idempotent(key: "a") {
        inventoryLevel { location { name } } userErrors { field } } }"""
    made = shop.ask(activate, item=entry["inventoryItemId"], place=entry["locationId"], n=4)["inventoryActivate"]
    assert made == {"inventoryLevel": {"location": {"name": "Corner Kitchen"}}, "userErrors": []}
    assert _available(shop) == 4
    wrong = activate.replace('"a"', '"b"')
    assert shop.ask(wrong, item="x", place="y")["inventoryActivate"]["userErrors"] == [{"field": ["inventoryItemId"]}]
