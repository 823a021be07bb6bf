"""What staff are shown of the past, over HTTP: counted by the stream, whatever comes twice, with what is still open."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

ZONE = ZoneInfo("America/Chicago")  # of the store that `connect` makes


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "uber_eats")


@pytest.fixture(scope="module")
def lived(hub: RunningHub, line: Line) -> list[Json]:
    """Orders of a store: two that were completed, one that was denied, one that is open; with an issue of the first."""
    made = [line.receive() for _ in range(4)]
    for order in made[:2]:
        for action in ("accept", "ready", "complete"):
            line.act(order, action)
    line.act(made[2], "deny", {"reason": "OUT_OF_STOCK", "confirmed": True})
    for order in made:
        assert line.tell("orders.notification", order).ok
    issue = {"type": "missing_items", "description": "no olives", "priority": "high"}
    opened = hub.ask("POST", f"/orders/{line.order_id(made[0])}/issues", issue)
    hub.ask("PATCH", f"/orders/{line.order_id(made[0])}/issues/{opened['id']}", {"status": "resolved"})
    return [hub.wait_for(line.order_id(order)) for order in made]


@pytest.fixture(scope="module")
def days(lived: list[Json]) -> str:
    """The days of the orders, as the query asks for them."""
    placed = [day_of(order) for order in lived]
    return f"date_from={min(placed)}&date_to={max(placed)}"


def day_of(order: Json) -> date:
    return datetime.fromisoformat(order["placed_at"]).astimezone(ZONE).date()


def total(orders: list[Json]) -> dict[str, int]:
    """The money of orders, by currency."""
    sums = Counter[str]()
    for order in orders:
        sums[order["amounts"]["currency"]] += order["amounts"]["total"]
    return dict(sums)


def history(hub: RunningHub, line: Line, query: str) -> Json:
    """The history of the store, once the stream has brought all that ended."""
    path = f"/orders/history?store_id={line.store_id}&{query}"
    return eventually(
        lambda: hub.ask("GET", path),
        lambda shown: (shown["period_summary"]["completed"], shown["period_summary"]["denied"]) == (2, 1),
    )


def test_what_ended_is_counted_once_and_what_is_open_as_it_is(
    hub: RunningHub, line: Line, lived: list[Json], days: str
) -> None:
    found = history(hub, line, days)["period_summary"]

    assert (found["orders"], found["open"], found["cancelled"]) == (4, 1, 0)
    assert (found["completion_rate"], found["cancellation_rate"]) == (0.6667, 0.3333)
    assert found["revenue"] == total([*lived[:2], lived[3]])
    assert found["reasons"] == {"OUT_OF_STOCK": 1}
    assert found["median_seconds_to_accept"] is not None
    assert found["median_seconds_to_ready"] is not None


def test_it_is_shown_by_hour_by_platform_and_against_the_days_before(
    hub: RunningHub, line: Line, lived: list[Json], days: str
) -> None:
    last = max(map(day_of, lived))
    days_before = f"date_from={last - timedelta(days=6)}&date_to={last}"
    found = history(hub, line, f"{days_before}&compare=true")
    by_hour = history(hub, line, f"{days}&granularity=hour&platform=uber_eats")

    assert [(one["platform"], one["orders"]) for one in found["by_platform"]] == [("uber_eats", 4)]
    assert [(one["store_id"], one["orders"]) for one in found["by_store"]] == [(line.store_id, 4)]
    assert sum(one["orders"] for one in found["series"]) == 4
    assert found["comparison"]["previous_period"]["orders"] == 0
    placed = Counter(f"{datetime.fromisoformat(order['placed_at']).astimezone(ZONE):%Y-%m-%dT%H}" for order in lived)
    assert {one["period"]: one["orders"] for one in by_hour["series"] if one["orders"]} == dict(placed)


def test_the_items_that_were_sold_and_the_hours_they_were_sold_in(
    hub: RunningHub, line: Line, lived: list[Json], days: str
) -> None:
    history(hub, line, days)
    sold = Counter[str]()
    for order in (*lived[:2], lived[3]):
        for item in order["items"]:
            sold[item["name"]] += item["total"]

    items = hub.ask("GET", f"/analytics/items?store_id={line.store_id}&{days}")["items"]
    hours = hub.ask("GET", f"/analytics/hours?store_id={line.store_id}&{days}")

    assert {one["name"]: one["amount"] for one in items} == {name: amount for name, amount in sold.items() if amount}
    assert [one["amount"] for one in items] == sorted((one["amount"] for one in items), reverse=True)
    assert sum(one["orders"] for one in hours["hours"]) == 4
    assert sum(one["orders"] for one in hours["weekdays"]) == 4


def test_issues_are_counted_by_type(hub: RunningHub, line: Line, lived: list[Json]) -> None:
    path = f"/analytics/issues?store_id={line.store_id}"
    found = eventually(lambda: hub.ask("GET", path), lambda shown: shown["period_summary"]["done"] == 1)

    assert {one["type"]: one["issues"] for one in found["by_type"] if one["issues"]} == {"missing_items": 1}
    assert found["by_priority"]["high"] == 1


def test_a_key_of_another_store_is_told_nothing(hub: RunningHub, line: Line, lived: list[Json], days: str) -> None:
    elsewhere = hub.add_key("store_manager", hub.add_store(name="Another Kitchen"))

    for path in ("orders/history", "analytics/items", "analytics/hours", "analytics/issues"):
        assert hub.api("GET", f"/{path}?store_id={line.store_id}&{days}", key=elsewhere).status_code == 404
        assert hub.api("GET", f"/{path}?{days}", key=elsewhere).status_code == 200
    assert hub.ask("GET", f"/orders/history?{days}", key=elsewhere)["period_summary"]["orders"] == 0
