"""Lists of orders: /v1/orders, what they count to, and a store's orders with their export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import AwareDatetime, BaseModel

from orderhub.api.call import caller
from orderhub.api.orders import Cursor, Limit, OrderView, Statuses, view
from orderhub.errors import Reject
from orderhub.order.export import Format
from orderhub.order.listing import Wanted
from orderhub.order.models import Fulfillment
from orderhub.order.status import Status
from orderhub.service import listing
from orderhub.service.listing import Days
from orderhub.service.range_summary import RangeSummary, summarise
from orderhub.storage.config import LONGEST_ID
from orderhub.storage.orders import OrderPage

router = Router()

_CONTENT_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSONL: "application/jsonl"}
_EXPORTED: dict[int, OpenAPIResponse] = {
    200: {
        "description": "orders as text; `X-Next-Cursor` leads to the next page, and is missing on the last",
        "content": {kind: {"schema": {"type": "string"}} for kind in ("text/csv", "application/jsonl")},
    }
}

StoreId = Annotated[str, Path(description="the hub's id of the store")]
OneStore = Annotated[
    str | None, Query(min_length=1, max_length=LONGEST_ID, description="one store; all of yours when left out")
]
Platforms = Annotated[list[str] | None, Query(description="only of these platforms (slugs); may be given repeatedly")]
Channels = Annotated[list[str] | None, Query(description="only of these marketplaces; may be given repeatedly")]
Fulfillments = Annotated[list[Fulfillment] | None, Query(description="only these; may be given repeatedly")]
Since = Annotated[AwareDatetime | None, Query(description="only orders that changed after that time (ISO 8601)")]
ScheduledFrom = Annotated[AwareDatetime | None, Query(description="only orders scheduled for that time or later")]
ScheduledTo = Annotated[AwareDatetime | None, Query(description="only orders scheduled for that time or earlier")]
Waiting = Annotated[
    bool, Query(description="in place of the open orders those that wait for their time, by `enters_at`")
]
Summary = Annotated[bool, Query(description="with what all orders of the days come to, on the first page")]
Day = Annotated[date | None, Query(alias="date", description="one day in the store's time zone; today when left out")]
FirstDay = Annotated[date | None, Query(description="the first day, in the store's time zone")]
LastDay = Annotated[date | None, Query(description="the last day, itself included; 31 days at most")]
Text = Annotated[
    str,
    Query(max_length=200, description="part of display id or name, or the last digits of the phone (3 at least)"),
]


class Sort(StrEnum):
    """Which orders come first, by the time they were placed."""

    NEWEST = "newest"
    OLDEST = "oldest"


class OrderList(BaseModel):
    """Part of a list of orders."""

    orders: list[OrderView]
    next_cursor: str | None


class StoreOrderList(OrderList):
    """Part of a list of a store's orders.

    summary: what all orders of the days come to, on the first page where it is asked for; no_summary: why there is none
    where it was.
    """

    summary: RangeSummary | None
    no_summary: str | None


class OrderCounts(BaseModel):
    """Orders, counted; a second copy of an order is not.

    open: those that are open now; statuses: of each, the closed ones of today (placed today, where the store is).
    platforms: the same per platform. late: past `accept_by` while incoming, or past `ready_at` and not ready.
    unacknowledged: nobody has answered yet. complete: false when there are more than are counted in one call.
    """

    open: int
    statuses: dict[Status, int]
    platforms: dict[str, dict[Status, int]]
    late: int
    unacknowledged: int
    complete: bool


@router.get("/orders", summary="Open orders, oldest first", tags=["orders"])
def list_open(
    store_id: OneStore = None,
    status: Statuses = None,
    platform: Platforms = None,
    channel: Channels = None,
    fulfillment: Fulfillments = None,
    since: Since = None,
    scheduled_from: ScheduledFrom = None,
    scheduled_to: ScheduledTo = None,
    waiting: Waiting = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderList:
    """Open orders of one store or of all stores the key is for. With filters a page may be short and still go on."""
    wanted = _wanted(status, platform, channel, fulfillment, since, scheduled_from, scheduled_to)
    return _listed(listing.list_open(caller(router), store_id, wanted, waiting=waiting, limit=limit, cursor=cursor))


@router.get("/orders/counts", summary="Orders of now and today, counted", tags=["orders"])
def count_open(store_id: OneStore = None) -> OrderCounts:
    """How many orders are in each status, by platform too, and how many are late or wait for an answer."""
    counts = listing.count_open(caller(router), store_id)
    return OrderCounts(
        open=counts.open,
        statuses=dict(counts.statuses),
        platforms={platform: dict(statuses) for platform, statuses in counts.platforms.items()},
        late=counts.late,
        unacknowledged=counts.unacknowledged,
        complete=counts.complete,
    )


@router.get("/stores/<store_id>/orders", summary="A store's orders of a day or some days", tags=["orders"])
def list_days(
    store_id: StoreId,
    day: Day = None,
    date_from: FirstDay = None,
    date_to: LastDay = None,
    q: Text = "",
    sort: Annotated[Sort, Query(description="by the time they were placed")] = Sort.NEWEST,
    status: Statuses = None,
    platform: Platforms = None,
    channel: Channels = None,
    fulfillment: Fulfillments = None,
    since: Since = None,
    scheduled_from: ScheduledFrom = None,
    scheduled_to: ScheduledTo = None,
    summary: Summary = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> StoreOrderList:
    """All orders of the store's days, open or not. With filters a page may be short or empty, and still go on."""
    wanted = replace(_wanted(status, platform, channel, fulfillment, since, scheduled_from, scheduled_to), text=q)
    days = _days(day, date_from, date_to)
    found = listing.list_days(
        caller(router),
        store_id,
        days,
        wanted,
        newest_first=sort is Sort.NEWEST,
        limit=limit,
        cursor=cursor,
    )
    summed = summarise(caller(router), store_id, days, wanted) if summary and cursor is None else None
    return StoreOrderList(
        orders=[view(order) for order in found.orders],
        next_cursor=found.next_cursor,
        summary=summed if isinstance(summed, RangeSummary) else None,
        no_summary=summed if isinstance(summed, str) else None,
    )


@router.get(
    "/stores/<store_id>/orders/export", summary="A store's orders as a file", tags=["orders"], responses=_EXPORTED
)
def export(
    store_id: StoreId,
    date_from: FirstDay = None,
    date_to: LastDay = None,
    written: Annotated[Format, Query(alias="format", description="CSV with fixed columns, or JSON Lines")] = Format.CSV,
    status: Statuses = None,
    platform: Platforms = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response[str]:
    """All orders of the store's days, oldest first, a page at a time; pages put together are one file."""
    wanted = _wanted(status, platform)
    days = _days(None, date_from, date_to)
    text, next_cursor = listing.export(caller(router), store_id, days, wanted, written, limit=limit, cursor=cursor)
    headers: dict[str, str | list[str]] = {
        "content-disposition": f'attachment; filename="orders.{written}"',
        **({"x-next-cursor": next_cursor} if next_cursor is not None else {}),
    }
    return Response(200, _CONTENT_TYPES[written], text, headers=headers)


def _wanted(
    status: list[Status] | None,
    platform: list[str] | None,
    channel: list[str] | None = None,
    fulfillment: list[Fulfillment] | None = None,
    since: datetime | None = None,
    scheduled_from: datetime | None = None,
    scheduled_to: datetime | None = None,
) -> Wanted:
    """What the filters of a list ask for."""
    return Wanted(
        statuses=frozenset(status or ()),
        platforms=frozenset(platform or ()),
        channels=frozenset(channel or ()),
        fulfillments=frozenset(fulfillment or ()),
        changed_after=since,
        scheduled_from=scheduled_from,
        scheduled_to=scheduled_to,
    )


def _days(day: date | None, first: date | None, last: date | None) -> Days:
    if day is None:
        return Days(first, last)
    if first is not None or last is not None:
        raise Reject("INVALID_FIELD_VALUE", "give either date, or date_from and date_to")
    return Days(day, day)


def _listed(page: OrderPage) -> OrderList:
    return OrderList(orders=[view(order) for order in page.orders], next_cursor=page.next_cursor)
