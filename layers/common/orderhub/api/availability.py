"""/v1/stores/{store_id}/items: what a store has run out of."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel

from orderhub.api.call import caller
from orderhub.api.orders import Cursor, Limit
from orderhub.service import availability
from orderhub.service.availability import LONGEST_SKU, AvailabilityChange, ItemOnPlatform, ItemView

router = Router()

StoreId = Annotated[str, Path(description="one of your stores")]
Sku = Annotated[str, Path(min_length=1, max_length=LONGEST_SKU, description="your own id of the item")]


class ItemList(BaseModel):
    """Part of the list of items that are off: a row for each platform."""

    items: list[ItemOnPlatform]
    next_cursor: str | None


@router.get("/stores/<store_id>/items/availability", summary="What a store has run out of", tags=["stores"])
def list_unavailable(store_id: StoreId, limit: Limit = 50, cursor: Cursor = None) -> ItemList:
    """Items that are off, or not back on every platform yet, by SKU: a row for each platform."""
    found, next_cursor = availability.list_unavailable(caller(router), store_id, limit=limit, cursor=cursor)
    return ItemList(items=found, next_cursor=next_cursor)


@router.get("/stores/<store_id>/items/<sku>/availability", summary="One item on all platforms", tags=["stores"])
def get_availability(store_id: StoreId, sku: Sku) -> ItemView:
    """Whether the store has an item, and what each platform has confirmed of that."""
    return availability.get_availability(caller(router), store_id, sku)


@router.put("/stores/<store_id>/items/<sku>/availability", summary="Take an item off, or put it back", tags=["stores"])
def change_availability(store_id: StoreId, sku: Sku, change: Annotated[AvailabilityChange, Body()]) -> ItemView:
    """On all platforms of the store at once, until a time if one is given. They are told after the answer: see sync."""
    return availability.change_availability(caller(router), store_id, sku, change)
