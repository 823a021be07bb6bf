"""What staff are shown of the past, over HTTP: to the cent what the orders come to, though all of them is told twice.

A day of four stores, two currencies and three platforms; the sums are taken here once more, in the plainest way.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median_low
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

CHICAGO, MADRID = "America/Chicago", "Europe/Madrid"  # Chicago: of the stores that `connect` makes
LOST = ("cancelled", "denied")
ENDED = ("completed", *LOST)
MONEY = ("subtotal", "discount", "tax", "tip")
MEDIANS = {"median_seconds_to_accept": ("placed_at", "accepted"), "median_seconds_to_ready": ("accepted", "ready")}
DENIAL = {"reason": "OUT_OF_STOCK", "confirmed": True}
TEA: Json = {"name": "Tea", "sku": "TEA", "unit_price": 310, "quantity": 3}
BREAD: Json = {"name": "Bread, by weight", "unit_price": 499, "quantity": "0.35"}
CROQUETTES: Json = {
    "name": "Croquettes",
    "sku": "CROQ",
    "unit_price": 775,
    "modifiers": [{"name": "Alioli", "unit_price": 45}],
}


@dataclass(frozen=True)
class Day:
    """All that was lived at some stores. zones: of the stores, by id; key: of their manager, for these stores alone."""

    key: str
    zones: dict[str, str]
    orders: list[Json]
    issues: list[Json]

    @property
    def query(self) -> str:
        """The days of the orders and issues, as they are asked for."""
        days = [*map(self.day, self.orders), *map(self.opened, self.issues)]
        return f"date_from={min(days)}&date_to={max(days)}"

    def placed(self, order: Json) -> datetime:
        """When an order was placed, by the clock on its store's wall."""
        return datetime.fromisoformat(order["placed_at"]).astimezone(ZoneInfo(self.zones[order["store_id"]]))

    def day(self, order: Json) -> date:
        return self.placed(order).date()

    def opened(self, issue: Json) -> date:
        """The day an issue was opened on."""
        return datetime.fromisoformat(issue["opened_at"]).astimezone(ZoneInfo(self.zones[issue["store_id"]])).date()

    def come_to(self, orders: Sequence[Json]) -> Json:
        """The figures of some orders, but for the medians."""
        statuses = Counter(order["status"] if order["status"] in ENDED else "open" for order in orders)
        lost = [order for order in orders if order["status"] in LOST]
        sold = [order for order in orders if order["status"] not in LOST]
        ended = sum(statuses[status] for status in ENDED)
        valued = Counter(currency_of(order) for order in sold if order["amounts"]["total"] is not None)
        revenue = added(sold, told("total"))
        hours = Counter(self.placed(order).hour for order in orders)
        return {
            "orders": len(orders),
            **{status: statuses[status] for status in ("open", *ENDED)},
            "completion_rate": round(statuses["completed"] / ended, 4) if ended else None,
            "cancellation_rate": round(len(lost) / ended, 4) if ended else None,
            "revenue": {one: revenue[one] for one in valued},
            "average_order_value": {one: round(Decimal(revenue[one]) / number) for one, number in valued.items()},
            **{name: money(sold, told(name)) for name in MONEY},
            "refunds": money(orders, given_back),
            "reasons": dict(Counter(order["status_reason"]["code"] for order in lost)),
            "peak_hour": min(hours, key=lambda hour: (-hours[hour], hour)) if hours else None,
        }


def currency_of(order: Json) -> str:
    return str(order["amounts"]["currency"])


def given_back(order: Json) -> int:
    return sum(one["amount"] for one in order["refunds"] if one["state"] == "confirmed")


def told(name: str) -> Callable[[Json], int | None]:
    """One of an order's amounts, None where its platform does not tell it."""
    return lambda order: order["amounts"][name]


def added(orders: Iterable[Json], amount: Callable[[Json], int | None]) -> Counter[str]:
    """Amounts of orders by currency, in minor units."""
    sums = Counter[str]()
    for order in orders:
        sums[currency_of(order)] += amount(order) or 0
    return sums


def money(orders: Iterable[Json], amount: Callable[[Json], int | None]) -> dict[str, int]:
    """The same, of the currencies that have any."""
    return {currency: number for currency, number in added(orders, amount).items() if number}


def plain(shown: Json, *names: str) -> Json:
    """What is shown of some orders, without the medians and what tells which orders they are."""
    return {name: value for name, value in shown.items() if name not in (*MEDIANS, *names)}


# --- the day ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lines(hub: RunningHub) -> list[Line]:
    return [connect(hub, "uber_eats"), connect(hub, "square")]


@pytest.fixture(scope="module")
def own(hub: RunningHub) -> list[str]:
    """Two stores that make their orders themselves, each with a currency of its own."""
    return [
        hub.add_store(name="Cocina", time_zone=MADRID, currency="EUR"),
        hub.add_store(name="Counter", time_zone=MADRID, currency="USD"),
    ]


@pytest.fixture(scope="module")
def day(hub: RunningHub, lines: list[Line], own: list[str]) -> Day:
    """Orders that were completed, cancelled and denied, paid back in part, and open; and all of it told twice."""
    stores = [*(line.store_id for line in lines), *own]
    key = hub.add_key("store_manager", *stores)
    ids = [order_id for line in lines for order_id in of_platform(hub, line)]
    ids += [order_id for store_id in own for order_id in of_our_own(hub, store_id)]
    for order_id in (ids[0], ids[4]):
        hub.ask("POST", f"/orders/{order_id}/refunds", {"amount": 137, "reason": "cold"}, key=key)
    hub.wait_for(ids[4], lambda order: [one["state"] for one in order["refunds"]] == ["confirmed"])
    issues = [
        complained(hub, ids[0], "missing_items", "high", status="resolved", customer_satisfied=True),
        complained(hub, ids[0], "quality_issues", "low", customer_satisfied=False),
        complained(hub, ids[4], "missing_items", "critical", status="resolved"),
        complained(hub, ids[8], "other", "medium"),
    ]
    zones = {store_id: MADRID if store_id in own else CHICAGO for store_id in stores}
    return Day(key, zones, [hub.wait_told(order_id) for order_id in ids], issues)


def of_platform(hub: RunningHub, line: Line) -> list[str]:
    """Two that were completed, one that was denied, one that is being made; all of them told of again at the end."""
    made = [line.receive() for _ in range(4)]
    for order in made[:2]:
        for action in ("accept", "ready", "complete"):
            line.act(order, action)
    line.act(made[2], "deny", DENIAL)
    line.act(made[3], "accept")
    for order in made:
        hub.wait_told(line.order_id(order))
        assert line.tell(line.played.first, order).ok
    return [line.order_id(order) for order in made]


def of_our_own(hub: RunningHub, store_id: str) -> list[str]:
    """One that was completed, one cancelled after it was accepted, one denied, one new; and one that waits."""
    least = {"store_id": store_id, "items": [TEA, BREAD]}
    orders: list[Json] = [
        {**least, "tax": 91, "tip": 150, "discounts": [{"name": "Friends", "amount": 99}]},
        {**least, "items": [CROQUETTES]},
        {**least, "channel": "Telephone", "tax": 10_000},
        {**least, "channel": "Telephone", "items": [CROQUETTES, TEA, TEA]},
    ]
    ids = [str(hub.ask("POST", "/orders", order)["id"]) for order in orders]
    for order_id, action, body in (
        *((ids[0], action, None) for action in ("accept", "bagging", "ready", "picked_up", "complete")),
        (ids[1], "accept", None),
        (ids[1], "cancel", {"reason": "CUSTOMER_REQUEST"}),
        (ids[2], "deny", DENIAL),
    ):
        hub.ask("PUT", f"/orders/{order_id}/{action}", body)
    waits = (datetime.now(UTC) + timedelta(hours=9)).isoformat()
    hub.ask("POST", "/orders", {**least, "scheduled_for": waits})  # not open yet, so in no figure
    return ids


def complained(hub: RunningHub, order_id: str, kind: str, priority: str, **changes: Any) -> Json:
    """An issue as it is after some changes."""
    path = f"/orders/{order_id}/issues"
    issue = hub.ask("POST", path, {"type": kind, "description": "not as ordered", "priority": priority})
    return hub.ask("PATCH", f"{path}/{issue['id']}", changes) if changes else issue


def shown(hub: RunningHub, day: Day, query: str = "") -> Json:
    """The history of all stores of the day, once the stream has brought what ended."""
    whole = f"/orders/history?{day.query}"
    right = day.come_to(day.orders)
    eventually(lambda: plain(hub.ask("GET", whole, key=day.key)["period_summary"]), lambda found: found == right)
    return hub.ask("GET", f"{whole}{query}", key=day.key)


# --- what is shown of it ----------------------------------------------------------------------------------------------


def test_the_day_has_something_of_everything(day: Day) -> None:
    """So that the sums below cannot be about nothing."""
    right = day.come_to(day.orders)

    assert {name: right[name] for name in ("orders", "open", *ENDED)} == {
        "orders": 16,
        "open": 4,
        "completed": 6,
        "cancelled": 2,
        "denied": 4,
    }
    assert right["reasons"] == {"OUT_OF_STOCK": 4, "CUSTOMER_REQUEST": 2}
    assert (set(right["revenue"]), set(right["tip"])) == ({"EUR", "USD"}, {"EUR", "USD"})
    assert right["refunds"] == {"USD": 137}  # Uber Eats gives nothing back


def test_the_summary_is_what_the_orders_come_to(hub: RunningHub, day: Day) -> None:
    found = shown(hub, day)

    summary = found["period_summary"]
    assert plain(summary) == day.come_to(day.orders)
    for name, steps in MEDIANS.items():
        right = median_low(took(order, *steps) for order in day.orders if set(steps) <= {*order["times"], "placed_at"})
        assert abs(summary[name] - right) <= max(right / 10, 1), name


def took(order: Json, since: str, until: str) -> int:
    """Whole seconds from one step of an order to another."""
    steps = {**order["times"], "placed_at": order["placed_at"]}
    return int((datetime.fromisoformat(steps[until]) - datetime.fromisoformat(steps[since])).total_seconds())


def test_so_is_each_platform_each_store_each_hour_and_the_days_before_are_empty(hub: RunningHub, day: Day) -> None:
    found = shown(hub, day, "&granularity=hour&compare=true")

    platforms = {(one["platform"], one["channel"]): plain(one, "platform", "channel") for one in found["by_platform"]}
    assert platforms == grouped(day, lambda order: (order["platform"], order["channel"]))
    assert set(platforms) == {
        ("uber_eats", "uber_eats"),
        ("square", "online_store"),
        ("direct", "LulaDirect"),
        ("direct", "Telephone"),
    }
    stores = {one["store_id"]: plain(one, "store_id") for one in found["by_store"]}
    assert stores == grouped(day, lambda order: order["store_id"])
    hours = {one["period"]: plain(one, "period") for one in found["series"] if one["orders"]}
    assert hours == grouped(day, lambda order: f"{day.placed(order):%Y-%m-%dT%H}")
    assert found["comparison"]["previous_period"]["orders"] == 0
    assert set(found["comparison"]["revenue_growth"].values()) == {None}


def grouped(day: Day, key: Callable[[Json], Any]) -> dict[Any, Json]:
    """What the orders of each group come to."""
    groups: dict[Any, list[Json]] = {}
    for order in day.orders:
        groups.setdefault(key(order), []).append(order)
    return {one: day.come_to(orders) for one, orders in groups.items()}


def test_a_platform_a_channel_or_a_store_may_be_asked_for_alone(hub: RunningHub, day: Day) -> None:
    store_id = day.orders[-1]["store_id"]
    for query, name, value in (
        ("platform=square", "platform", "square"),
        ("channel=Telephone", "channel", "Telephone"),
        (f"store_id={store_id}", "store_id", store_id),
    ):
        found = shown(hub, day, f"&{query}")["period_summary"]
        assert plain(found) == day.come_to([order for order in day.orders if order[name] == value]), query


def test_the_items_that_were_sold_are_those_of_the_orders(hub: RunningHub, day: Day) -> None:
    shown(hub, day)
    sold: dict[tuple[str, str], Counter[str]] = {}
    for order in day.orders:
        for item in order["items"] if order["status"] not in LOST else ():
            sums = sold.setdefault((currency_of(order), item["sku"] or item["name"]), Counter())
            sums["amount"] += item["total"]
            sums["thousandths"] += int(Decimal(item["quantity"]) * 1000)

    for by in ("amount", "quantity"):
        items = hub.ask("GET", f"/analytics/items?{day.query}&limit=500&sort_by={by}", key=day.key)["items"]
        assert {
            (one["currency"], one["sku"] or one["name"]): {
                "amount": one["amount"],
                "thousandths": int(Decimal(one["quantity"]) * 1000),
            }
            for one in items
        } == sold
        first = [Decimal(one[by]) for one in items]
        assert first == sorted(first, reverse=True)
    assert sold["EUR", "TEA"] == {"amount": 9 * 310, "thousandths": 9000}
    assert sold["USD", "Bread, by weight"] == {"amount": 175, "thousandths": 350}


def test_the_hours_and_weekdays_are_those_on_the_wall_of_each_store(hub: RunningHub, day: Day) -> None:
    shown(hub, day)
    found = hub.ask("GET", f"/analytics/hours?{day.query}", key=day.key)

    assert [one["hour"] for one in found["hours"]] == list(range(24))
    hours = {one["hour"]: plain(one, "hour") for one in found["hours"] if one["orders"]}
    assert hours == grouped(day, lambda order: day.placed(order).hour)
    weekdays = {one["weekday"]: plain(one, "weekday") for one in found["weekdays"] if one["orders"]}
    assert weekdays == grouped(day, lambda order: day.placed(order).isoweekday())


def test_issues_are_counted_by_type_priority_platform_store_and_day(hub: RunningHub, day: Day) -> None:
    path = f"/analytics/issues?{day.query}"
    done = [issue for issue in day.issues if issue["status"] == "resolved"]
    found = eventually(
        lambda: hub.ask("GET", path, key=day.key),
        lambda told: (told["period_summary"]["issues"], told["period_summary"]["done"]) == (4, len(done)),
    )

    assert told_of(found["by_type"], "type") == {"missing_items": (2, 2), "quality_issues": (1, 0), "other": (1, 0)}
    assert found["by_priority"] == {"low": 1, "medium": 1, "high": 1, "urgent": 1}
    for by, name in (("by_platform", "platform"), ("by_store", "store_id")):
        right = {
            value: (len(those), sum(issue in done for issue in those))
            for value in {issue[name] for issue in day.issues}
            if (those := [issue for issue in day.issues if issue[name] == value])
        }
        assert told_of(found[by], name) == right
    assert {one["day"]: one["issues"] for one in found["series"] if one["issues"]} == Counter(
        str(day.opened(issue)) for issue in day.issues
    )
    summary = found["period_summary"]
    assert (summary["satisfied"], summary["unsatisfied"], summary["late"]) == (1, 1, 0)


def told_of(figures: Iterable[Json], name: str) -> dict[str, tuple[int, int]]:
    """How many issues there are of what has any, and how many of them are done."""
    return {one[name]: (one["issues"], one["done"]) for one in figures if one["issues"]}


def test_a_key_of_another_store_is_told_nothing(hub: RunningHub, lines: list[Line], day: Day) -> None:
    elsewhere = hub.add_key("store_manager", hub.add_store(name="Another Kitchen"))

    for path in ("orders/history", "analytics/items", "analytics/hours", "analytics/issues"):
        foreign = hub.api("GET", f"/{path}?store_id={lines[0].store_id}&{day.query}", key=elsewhere)
        assert foreign.status_code == 404
        assert hub.api("GET", f"/{path}?{day.query}", key=elsewhere).status_code == 200
    assert hub.ask("GET", f"/orders/history?{day.query}", key=elsewhere)["period_summary"]["orders"] == 0
