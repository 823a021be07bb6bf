"""/v1/stores, and whether they take orders."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel

from orderhub.api.call import IdempotencyKey, IfMatch, Versioned, caller, expected_version, idempotency_key, versioned
from orderhub.api.orders import Cursor, Limit
from orderhub.service import store_status, stores
from orderhub.service.store_status import StatusChange, StoreStatusView
from orderhub.service.stores import NewStore, Store, StoreChange

router = Router()

StoreId = Annotated[str, Path()]


class StoreList(BaseModel):
    """Part of the list of stores."""

    stores: list[Store]
    next_cursor: str | None


@router.get("/stores", summary="Your stores", tags=["stores"])
def list_stores(limit: Limit = 50, cursor: Cursor = None) -> StoreList:
    """The stores the key is for."""
    found, next_cursor = stores.list_stores(caller(router), limit=limit, cursor=cursor)
    return StoreList(stores=found, next_cursor=next_cursor)


@router.post("/stores", summary="Add a store", tags=["stores"], status_code=201)
def create_store(new: Annotated[NewStore, Body()], key: IdempotencyKey = None) -> Versioned[Store]:
    """Makes a store."""
    return _one(stores.create_store(caller(router), new, idempotency_key(key)), 201)


@router.get("/stores/<store_id>", summary="One store", tags=["stores"])
def get_store(store_id: StoreId) -> Versioned[Store]:
    """The store, with its version as ETag."""
    return _one(stores.get_store(caller(router), store_id))


@router.patch("/stores/<store_id>", summary="Change a store", tags=["stores"])
def change_store(
    store_id: StoreId, change: Annotated[StoreChange, Body()], if_match: IfMatch = None
) -> Versioned[Store]:
    """Changes what is given; connections learn of a new time zone or currency."""
    return _one(stores.change_store(caller(router), store_id, change, expected_version(if_match)))


@router.get("/stores/<store_id>/status", summary="Whether a store takes orders", tags=["stores"])
def get_status(store_id: StoreId) -> StoreStatusView:
    """What staff want of each platform, and what it has confirmed of that."""
    return store_status.get_status(caller(router), store_id)


@router.put("/stores/<store_id>/status", summary="Pause or reopen a store", tags=["stores"])
def change_status(store_id: StoreId, change: Annotated[StatusChange, Body()]) -> StoreStatusView:
    """On some platforms or all; a pause with `until` ends by itself. They are told after the answer: see sync."""
    return store_status.change_status(caller(router), store_id, change)


def _one(store: Store, status: int = 200) -> Versioned[Store]:
    return versioned(store, store.version, status)
