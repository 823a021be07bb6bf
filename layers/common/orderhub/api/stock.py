"""/v1/stores/{store_id}/stock: how many of its items a store has."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel

from orderhub.api.call import IdempotencyKey, IfMatch, Versioned, caller, expected_version, idempotency_key, versioned
from orderhub.api.orders import Cursor, Limit
from orderhub.order.stock import LONGEST_SKU
from orderhub.service import stock
from orderhub.service.stock import StockAdjustment, StockChange, StockCount, StockCounts
from orderhub.service.stock_views import MovementView, StockDetails, StockView

router = Router()

StoreId = Annotated[str, Path(description="one of your stores")]
Sku = Annotated[str, Path(min_length=1, max_length=LONGEST_SKU, description="your own id of the item")]
Low = Annotated[bool, Query(description="only what is low or out")]


class StockList(BaseModel):
    """Part of the list of what a store keeps stock of."""

    stock: list[StockView]
    next_cursor: str | None


class CountedStock(BaseModel):
    """What was counted, in the order it was given."""

    stock: list[StockView]


class StockHistory(BaseModel):
    """Part of what moved a stock."""

    movements: list[MovementView]
    next_cursor: str | None


@router.get("/stores/<store_id>/stock", summary="What a store has", tags=["stock"])
def list_stock(store_id: StoreId, low: Low = False, limit: Limit = 50, cursor: Cursor = None) -> StockList:
    """The items that the store keeps stock of, by SKU."""
    found, next_cursor = stock.list_stock(caller(router), store_id, low=low, limit=limit, cursor=cursor)
    return StockList(stock=found, next_cursor=next_cursor)


@router.put("/stores/<store_id>/stock", summary="Count several items", tags=["stock"])
def count_many(store_id: StoreId, given: Annotated[StockCounts, Body()]) -> CountedStock:
    """Says how many there are of up to 100 items. Repeating it is harmless: do so when it was cut off."""
    return CountedStock(stock=stock.count_many(caller(router), store_id, given))


@router.get("/stores/<store_id>/stock/<sku>", summary="One item", tags=["stock"])
def get_stock(store_id: StoreId, sku: Sku) -> Versioned[StockDetails]:
    """How many there are, and what each platform was told, with its version as ETag."""
    found = stock.get_stock(caller(router), store_id, sku)
    return versioned(found, found.version)


@router.put("/stores/<store_id>/stock/<sku>", summary="Count an item", tags=["stock"])
def count_stock(
    store_id: StoreId, sku: Sku, given: Annotated[StockCount, Body()], if_match: IfMatch = None
) -> Versioned[StockView]:
    """Says how many there are; the first count begins to keep the item. Platforms are told after the answer."""
    return _one(stock.count(caller(router), store_id, sku, given, expected_version(if_match)))


@router.patch("/stores/<store_id>/stock/<sku>", summary="Change how an item is kept", tags=["stock"])
def change_stock(
    store_id: StoreId, sku: Sku, given: Annotated[StockChange, Body()], if_match: IfMatch = None
) -> Versioned[StockView]:
    """Changes what is given: when it is low, and what platforms call it."""
    return _one(stock.change(caller(router), store_id, sku, given, expected_version(if_match)))


@router.delete("/stores/<store_id>/stock/<sku>", summary="Stop keeping an item", tags=["stock"], status_code=204)
def stop_stock(store_id: StoreId, sku: Sku, if_match: IfMatch = None) -> Response[None]:
    """Its stock is forgotten; its history stays, and platforms keep the number they know."""
    stock.stop(caller(router), store_id, sku, expected_version(if_match))
    return Response(204)


@router.post("/stores/<store_id>/stock/<sku>/adjustments", summary="Add to an item, or take away", tags=["stock"])
def adjust_stock(
    store_id: StoreId, sku: Sku, given: Annotated[StockAdjustment, Body()], key: IdempotencyKey = None
) -> Versioned[StockView]:
    """Goods that came in, broke or were found: once for each Idempotency-Key."""
    return _one(stock.adjust(caller(router), store_id, sku, given, idempotency_key(key)))


@router.get("/stores/<store_id>/stock/<sku>/history", summary="What moved an item", tags=["stock"])
def list_movements(store_id: StoreId, sku: Sku, limit: Limit = 50, cursor: Cursor = None) -> StockHistory:
    """Newest first: counts, adjustments, and what orders reserved, released, took and returned."""
    found, next_cursor = stock.history(caller(router), store_id, sku, limit=limit, cursor=cursor)
    return StockHistory(movements=found, next_cursor=next_cursor)


def _one(kept: StockView) -> Versioned[StockView]:
    return versioned(kept, kept.version)
