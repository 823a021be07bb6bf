"""The figures that staff are shown of many orders, and how they come of what was added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from orderhub.order.facts import Tally, median
from orderhub.order.issues import IssueType, Priority
from orderhub.order.models import Quantity


class Granularity(StrEnum):
    """How long a period of a series is. Weeks begin on Monday (ISO 8601)."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class OrderFigures(BaseModel):
    """What some orders come to. Money by currency, in minor units.

    completed, cancelled, denied, open: how many are that now. completion_rate: completed of those that have ended;
    cancellation_rate: cancelled or denied of them; None while none has. revenue: totals of all orders that were not
    cancelled or denied, open ones too; average_order_value: that by the orders that have a total; subtotal, discount,
    tax, tip: of the same orders, as far as platforms tell them; refunds: what was given back of any. Medians are right
    within a tenth: to accept from placed, to ready from accepted. reasons: of those cancelled or denied, by code.
    peak_hour: the hour of the day with the most orders, None without any.
    """

    orders: int
    open: int
    completed: int
    cancelled: int
    denied: int
    completion_rate: float | None
    cancellation_rate: float | None
    revenue: dict[str, int]
    average_order_value: dict[str, int]
    subtotal: dict[str, int]
    discount: dict[str, int]
    tax: dict[str, int]
    tip: dict[str, int]
    refunds: dict[str, int]
    median_seconds_to_accept: int | None
    median_seconds_to_ready: int | None
    reasons: dict[str, int]
    peak_hour: int | None


class PeriodFigures(OrderFigures):
    """One period of a series: `2026-10-05T14`, `2026-10-05`, `2026-W41` or `2026-10`."""

    period: str


class PlatformFigures(OrderFigures):
    """The orders of one platform. channel: the marketplace behind it, the platform itself where there is none."""

    platform: str
    channel: str


class StoreFigures(OrderFigures):
    """The orders of one store."""

    store_id: str


class HourFigures(OrderFigures):
    """The orders placed in one hour of the day, 0 to 23, of any day."""

    hour: int


class WeekdayFigures(OrderFigures):
    """The orders placed on one day of the week, 1 (Monday) to 7, of any week."""

    weekday: int


class PeriodComparison(BaseModel):
    """As many days as are asked for, just before them.

    growth: of the orders, and of money by currency; 0.1 is a tenth more, None where there was nothing before.
    """

    date_from: date
    date_to: date
    previous_period: OrderFigures
    orders_growth: float | None
    revenue_growth: dict[str, float | None]
    average_order_value_growth: dict[str, float | None]


class OrderHistory(BaseModel):
    """What the orders of some days come to, both ends included."""

    date_from: date
    date_to: date
    granularity: Granularity
    period_summary: OrderFigures
    series: list[PeriodFigures]
    by_platform: list[PlatformFigures]
    by_store: list[StoreFigures]
    comparison: PeriodComparison | None


class BusyHours(BaseModel):
    """When the orders of some days were placed."""

    date_from: date
    date_to: date
    hours: list[HourFigures]
    weekdays: list[WeekdayFigures]


class SoldItem(BaseModel):
    """What was sold of one item, by its SKU or, without one, its name. amount: minor units, before discounts."""

    sku: str | None
    name: str
    currency: str
    quantity: Quantity
    amount: int


class SoldItems(BaseModel):
    """The items that were sold most, of orders that were not cancelled or denied."""

    date_from: date
    date_to: date
    items: list[SoldItem]
    next_cursor: str | None = None


class IssueFigures(BaseModel):
    """What some issues come to.

    done: how many are resolved or closed; late: how many of those later than they should have been. The median, from
    opened to resolved, is right within a tenth. satisfied, unsatisfied: customers who said so.
    """

    issues: int
    done: int
    late: int
    median_seconds_to_resolve: int | None
    satisfied: int
    unsatisfied: int


class IssueTypeFigures(IssueFigures):
    """The issues of one type."""

    type: IssueType


class IssuePlatformFigures(IssueFigures):
    """The issues of one platform's orders."""

    platform: str


class IssueStoreFigures(IssueFigures):
    """The issues of one store."""

    store_id: str


class IssueDayFigures(IssueFigures):
    """The issues that were opened on one day."""

    day: date


class IssueHistory(BaseModel):
    """What the issues come to that were opened on some days."""

    date_from: date
    date_to: date
    period_summary: IssueFigures
    by_type: list[IssueTypeFigures]
    by_priority: dict[Priority, int]
    by_platform: list[IssuePlatformFigures]
    by_store: list[IssueStoreFigures]
    series: list[IssueDayFigures]


def issue_fields(tally: Tally, *kinds: IssueType) -> dict[str, Any]:
    """The fields of an IssueFigures of what was added up, of some types of issues; of all when none is named."""
    chosen = kinds or tuple(IssueType)
    took = Counter[int]()
    for kind in chosen:
        took.update({int(begins): number for begins, number in tally.by(f"resolve:{kind}").items()})
    figures = ("issues", "done", "late", "satisfied", "unsatisfied")
    return {
        **{figure: sum(tally.total(f"{figure}:{kind}") for kind in chosen) for figure in figures},
        "median_seconds_to_resolve": median(took),
    }


def summarised(tally: Tally) -> OrderFigures:
    """The figures of what was added up."""
    return OrderFigures.model_validate(fields(tally))


def fields(tally: Tally) -> dict[str, Any]:
    """The fields of OrderFigures of what was added up."""
    statuses = {status: tally.total(status) for status in ("open", "completed", "cancelled", "denied")}
    lost = statuses["cancelled"] + statuses["denied"]
    ended = statuses["completed"] + lost
    revenue, valued, by_hour = tally.money("revenue"), tally.money("valued"), tally.by("hour")
    return {
        "orders": tally.total("orders"),
        **statuses,
        "completion_rate": round(statuses["completed"] / ended, 4) if ended else None,
        "cancellation_rate": round(lost / ended, 4) if ended else None,
        "revenue": {currency: revenue.get(currency, 0) for currency in valued},
        "average_order_value": {one: _rounded(revenue.get(one, 0), number) for one, number in valued.items()},
        **{name: tally.money(name) for name in ("subtotal", "discount", "tax", "tip", "refunds")},
        "median_seconds_to_accept": tally.median("accept"),
        "median_seconds_to_ready": tally.median("ready"),
        "reasons": tally.by("reason"),
        "peak_hour": int(max(by_hour, key=lambda hour: by_hour[hour])) if by_hour else None,
    }


def _rounded(amount: int, by: int) -> int:
    return round(Decimal(amount) / by)


def compared(after: OrderFigures, before: OrderFigures, first: date, last: date) -> PeriodComparison:
    """A summary held against that of the days before."""
    return PeriodComparison(
        date_from=first,
        date_to=last,
        previous_period=before,
        orders_growth=_growth(after.orders, before.orders),
        revenue_growth=_growths(after.revenue, before.revenue),
        average_order_value_growth=_growths(after.average_order_value, before.average_order_value),
    )


def _growths(after: Mapping[str, int], before: Mapping[str, int]) -> dict[str, float | None]:
    return {one: _growth(after.get(one, 0), before.get(one, 0)) for one in sorted({*after, *before})}


def _growth(after: int, before: int) -> float | None:
    return round((after - before) / before, 4) if before > 0 else None
