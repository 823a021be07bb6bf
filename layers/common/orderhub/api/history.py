"""/v1/orders/history and /v1/analytics."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from orderhub.api.call import caller
from orderhub.service import history
from orderhub.service.history import Asked, ItemOrder
from orderhub.service.summaries import BusyHours, Granularity, IssueHistory, OrderHistory, SoldItems

router = Router()

StoreId = Annotated[str | None, Query(description="one store; all of yours when left out")]
DateFrom = Annotated[date | None, Query(description="in the store's time zone; seven days in all when left out")]
DateTo = Annotated[date | None, Query(description="the last day, included; today when left out")]
Platform = Annotated[str | None, Query(description="only orders of this platform")]
Channel = Annotated[str | None, Query(description="only orders of this marketplace behind a platform")]


@router.get("/orders/history", summary="What orders come to, by period", tags=["analytics"])
def get_order_history(
    store_id: StoreId = None,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    granularity: Annotated[Granularity, Query(description="of `series`; hours for 31 days at most")] = Granularity.DAY,
    platform: Platform = None,
    channel: Channel = None,
    compare: Annotated[bool, Query(description="with as many days just before")] = False,
) -> OrderHistory:
    """The orders placed on these days, 366 at most: totals, a series, by platform and by store."""
    asked = Asked(store_id, date_from, date_to, platform, channel)
    return history.history(caller(router), asked, granularity, compare=compare)


@router.get("/analytics/hours", summary="When orders are placed", tags=["analytics"])
def get_busy_hours(
    store_id: StoreId = None,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    platform: Platform = None,
    channel: Channel = None,
) -> BusyHours:
    """The orders placed on these days, 31 at most, by hour of the day and by day of the week."""
    return history.hours(caller(router), Asked(store_id, date_from, date_to, platform, channel))


@router.get("/analytics/items", summary="What is sold most", tags=["analytics"])
def list_sold_items(
    store_id: StoreId = None,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    platform: Platform = None,
    channel: Channel = None,
    sort_by: Annotated[ItemOrder, Query(description="the largest first")] = ItemOrder.AMOUNT,
    limit: Annotated[int, Query(ge=1, le=500, description="how many at most")] = 50,
) -> SoldItems:
    """The items of the orders placed on these days, 92 at most; of several currencies, each by itself."""
    asked = Asked(store_id, date_from, date_to, platform, channel)
    return history.items(caller(router), asked, sort_by, limit=limit)


@router.get("/analytics/issues", summary="What issues come to, by type", tags=["analytics"])
def get_issue_history(
    store_id: StoreId = None, date_from: DateFrom = None, date_to: DateTo = None, platform: Platform = None
) -> IssueHistory:
    """The issues that were opened on these days, 366 at most."""
    return history.issues(caller(router), Asked(store_id, date_from, date_to, platform))
