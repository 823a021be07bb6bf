"""What staff are shown of the past: /v1/orders/history and /v1/analytics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderhub.actions.count_orders import count_orders
from orderhub.order.issues import Issue, IssueStatus, IssueType, Priority, change
from orderhub.order.models import Amounts, Order, Refund, StatusReason, SyncState
from orderhub.order.status import CLOSED, CancelReason, Status
from orderhub.service.access import Caller, Role
from orderhub.storage import issues, timelines
from orderhub.storage.aws import client
from tests.functional import cloud
from tests.functional.conftest import NOW
from tests.functional.hub import STORE, ZONE, Hub, stream_record
from tests.functional.made import an_event, store
from tests.unit.made import an_item, an_order

OTHER = "sto_other"
ZONES = {STORE: ZONE, OTHER: "Asia/Tokyo"}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
VIEWER = Caller("key_viewer", "a viewer", Role.VIEWER, frozenset({STORE}))
NOTHING: dict[str, Any] = {
    "orders": 0,
    "open": 0,
    "completed": 0,
    "cancelled": 0,
    "denied": 0,
    "completion_rate": None,
    "cancellation_rate": None,
    "revenue": {},
    "average_order_value": {},
    "subtotal": {},
    "discount": {},
    "tax": {},
    "tip": {},
    "refunds": {},
    "median_seconds_to_accept": None,
    "median_seconds_to_ready": None,
    "reasons": {},
    "peak_hour": None,
}
Asked = Callable[..., Any]
numbers = iter(range(10**6))


@pytest.fixture
def other(hub: Hub) -> None:
    hub.add_store(OTHER, time_zone=ZONES[OTHER])


@pytest.fixture
def ask(hub: Hub) -> Asked:
    """The answer to a question that is taken."""

    def answer(path: str = "/v1/orders/history", caller: Caller = VIEWER, **query: Any) -> Any:
        reply = hub.api("GET", path, caller=caller, query=query)
        assert reply.status == 200, reply
        return reply.json

    return answer


@pytest.fixture
def requests(hub: Hub) -> Iterator[list[str]]:
    """The operations of DynamoDB that the hub asks for."""
    made: list[str] = []
    heard = client("dynamodb").meta.events
    heard.register("before-call.dynamodb", lambda model, **_: made.append(model.name), unique_id="requests")
    yield made
    heard.unregister("before-call.dynamodb", unique_id="requests")


def an_end(status: Status = Status.COMPLETED, at: datetime = NOW, total: int | None = 1000, **told: Any) -> Order:
    """An order as it ended (or still is), stored and not counted yet. at: when it was placed."""
    given = {
        "store_id": STORE,
        "placed_at": at,
        "created_at": at,
        "amounts": Amounts(currency=told.pop("currency", "USD"), total=total),
        "times": {Status.INCOMING: at, status: at},
        **told,
    }
    order = an_order(id=f"ord_{next(numbers)}", status=status, version=1, **given)
    return store(order, time_zone=ZONES[order.store_id])


def count() -> None:
    """Gives all orders and issues there are to the stream's consumer."""
    records = [stream_record(image) for image in cloud.images().values()]
    count_orders({"Records": records}, None)


def figures(shown: dict[str, Any]) -> dict[str, Any]:
    """What is shown of some orders, less what is nothing."""
    return {name: value for name, value in shown.items() if value != NOTHING.get(name, ...)}


# --- the summary of a period -----------------------------------------------------------------------------------------


def test_without_orders_there_is_nothing_and_no_rate_or_median_of_it(ask: Asked) -> None:
    found = ask()

    assert (found["date_from"], found["date_to"], found["granularity"]) == ("2026-09-29", "2026-10-05", "day")
    assert found["period_summary"] == NOTHING
    assert [one["period"] for one in found["series"]] == [f"2026-09-{day}" for day in (29, 30)] + [
        f"2026-10-0{day}" for day in range(1, 6)
    ]
    assert all({**NOTHING, "period": one["period"]} == one for one in found["series"])
    assert (found["by_platform"], found["by_store"]) == ([], [{**NOTHING, "store_id": STORE}])
    assert found["comparison"] is None


def test_the_summary_of_a_day(ask: Asked) -> None:
    def times(accepted: int, ready: int) -> dict[Status, datetime]:
        steps = {Status.ACCEPTED: accepted, Status.READY: ready}
        return {Status.INCOMING: NOW, **{status: NOW + timedelta(seconds=after) for status, after in steps.items()}}

    refund = Refund(id="ref_1", amount=250, state=SyncState.CONFIRMED, asked_by="Robin", at=NOW)
    an_end(total=1000, times=times(100, 700), refunds=[refund])
    an_end(total=2001, times=times(64, 964))
    an_end(total=None, times=times(400, 4000))
    an_end(total=500, currency="EUR", at=NOW + HOUR)
    an_end(Status.CANCELLED, status_reason=StatusReason(code=CancelReason.OUT_OF_STOCK))
    an_end(Status.DENIED, status_reason=StatusReason(code=CancelReason.OUT_OF_STOCK))
    an_end(Status.DENIED)
    an_end(Status.BAGGING, total=99)
    count()

    found = ask(date_from="2026-10-05", date_to="2026-10-05")

    assert figures(found["period_summary"]) == {
        "orders": 8,
        "open": 1,
        "completed": 4,
        "cancelled": 1,
        "denied": 2,
        "completion_rate": 0.5714,
        "cancellation_rate": 0.4286,
        "revenue": {"EUR": 500, "USD": 3100},
        "average_order_value": {"EUR": 500, "USD": 1033},
        "refunds": {"USD": 250},
        "median_seconds_to_accept": 99,
        "median_seconds_to_ready": 939,
        "reasons": {"NOT_SAID": 1, "OUT_OF_STOCK": 2},
        "peak_hour": 11,
    }
    assert found["series"] == [{**found["period_summary"], "period": "2026-10-05"}]


def test_an_open_order_is_counted_until_it_ends_and_then_as_what_it_became(ask: Asked) -> None:
    order = an_end(Status.INCOMING)
    count()
    before = ask()["period_summary"]
    store(order.model_copy(update={"status": Status.COMPLETED, "version": 2}), time_zone=ZONE)
    count()
    after = ask()["period_summary"]

    assert (before["orders"], before["open"], before["completed"], before["revenue"]) == (1, 1, 0, {"USD": 1000})
    assert (after["orders"], after["open"], after["completed"], after["revenue"]) == (1, 0, 1, {"USD": 1000})


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.INCOMING])
def test_copies_and_test_orders_are_in_no_figure(ask: Asked, status: Status) -> None:
    an_end(status, duplicate_of="ord_elsewhere")
    an_end(status, is_test=True)
    count()

    assert ask()["period_summary"] == NOTHING


# --- days, hours, weeks, months --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.INCOMING])
def test_the_days_are_those_of_the_store(ask: Asked, status: Status) -> None:
    midnight = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
    for minutes in (-1, 0, 24 * 60 - 1, 24 * 60):
        an_end(status, at=midnight + timedelta(minutes=minutes))
    count()

    found = ask(date_from="2026-10-04", date_to="2026-10-06")

    assert {one["period"]: one["orders"] for one in found["series"]} == {
        "2026-10-04": 1,
        "2026-10-05": 2,
        "2026-10-06": 1,
    }
    assert ask(date_from="2026-10-05", date_to="2026-10-05")["period_summary"]["orders"] == 2


def test_a_series_of_hours_has_every_hour(ask: Asked) -> None:
    an_end(at=NOW)
    an_end(Status.INCOMING, at=NOW + HOUR)
    count()

    found = ask(date_from="2026-10-05", date_to="2026-10-05", granularity="hour")

    assert [one["period"] for one in found["series"]] == [f"2026-10-05T{hour:02}" for hour in range(24)]
    assert {one["period"]: one["orders"] for one in found["series"] if one["orders"]} == {
        "2026-10-05T11": 1,
        "2026-10-05T12": 1,
    }
    assert found["period_summary"] == ask(date_from="2026-10-05", date_to="2026-10-05")["period_summary"]


@pytest.mark.parametrize(
    ("granularity", "labels"),
    [("week", ["2026-W53", "2027-W01"]), ("month", ["2026-12", "2027-01"])],
)
def test_weeks_and_months_are_the_sums_of_their_days(ask: Asked, granularity: str, labels: list[str]) -> None:
    for day in (datetime(2026, 12, 31, 12, tzinfo=UTC), datetime(2027, 1, 4, 12, tzinfo=UTC)):
        an_end(at=day)
    count()

    found = ask(date_from="2026-12-28", date_to="2027-01-10", granularity=granularity)

    assert [one["period"] for one in found["series"]] == labels
    assert [one["orders"] for one in found["series"]] == [1, 1]


def test_hours_and_weekdays_show_when_orders_come(ask: Asked) -> None:
    for at in (NOW, NOW - DAY, NOW - 7 * DAY, NOW + 2 * HOUR):
        an_end(at=at)
    an_end(Status.INCOMING, at=NOW)
    count()

    found = ask("/v1/analytics/hours", date_from="2026-09-28", date_to="2026-10-05")

    assert [one["hour"] for one in found["hours"]] == list(range(24))
    assert {one["hour"]: one["orders"] for one in found["hours"] if one["orders"]} == {11: 4, 13: 1}
    assert [one["weekday"] for one in found["weekdays"]] == list(range(1, 8))
    assert {one["weekday"]: one["orders"] for one in found["weekdays"] if one["orders"]} == {1: 4, 7: 1}


# --- platforms, stores, the days before ------------------------------------------------------------------------------


def test_platforms_and_channels_are_told_apart_and_can_be_chosen(ask: Asked) -> None:
    an_end(platform="square", channel="square", total=1)
    an_end(platform="lula", channel="doordash", total=20)
    an_end(Status.INCOMING, platform="lula", channel="grubhub", total=300)
    count()

    def shown(**query: str) -> list[tuple[str, str, Any]]:
        return [(one["platform"], one["channel"], one["revenue"]) for one in ask(**query)["by_platform"]]

    assert shown() == [
        ("lula", "doordash", {"USD": 20}),
        ("lula", "grubhub", {"USD": 300}),
        ("square", "square", {"USD": 1}),
    ]
    assert ask(platform="lula")["period_summary"]["revenue"] == {"USD": 320}
    assert shown(channel="grubhub") == [("lula", "grubhub", {"USD": 300})]
    assert shown(platform="nobody") == []


def test_all_stores_of_the_caller_are_added_up_each_by_its_own_days(ask: Asked, other: None) -> None:
    late = datetime(2026, 10, 5, 20, 0, tzinfo=UTC)  # the sixth in Tokyo
    an_end(at=late, total=1)
    an_end(at=late, total=20, store_id=OTHER)
    an_end(Status.INCOMING, at=late, total=300, store_id=OTHER)
    count()
    both = Caller("key_2", "both", Role.VIEWER, frozenset({STORE, OTHER}))

    found = ask(caller=both, date_from="2026-10-05", date_to="2026-10-06")

    assert [(one["period"], one["revenue"]) for one in found["series"]] == [
        ("2026-10-05", {"USD": 1}),
        ("2026-10-06", {"USD": 320}),
    ]
    assert [(one["store_id"], one["orders"]) for one in found["by_store"]] == [(STORE, 1), (OTHER, 2)]
    one = ask(caller=both, store_id=OTHER, date_from="2026-10-05", date_to="2026-10-06")
    assert one["period_summary"]["revenue"] == {"USD": 320}


def test_as_many_days_before_are_compared(ask: Asked) -> None:
    for days, total in ((0, 900), (1, 600), (2, 1000), (3, 500), (4, 5)):
        an_end(at=NOW - days * DAY, total=total)
    an_end(at=NOW, currency="EUR", total=1)
    an_end(Status.INCOMING, at=NOW - 2 * DAY, total=500)
    count()

    found = ask(date_from="2026-10-04", date_to="2026-10-05", compare="true")

    compared = found["comparison"]
    assert found["period_summary"]["revenue"] == {"EUR": 1, "USD": 1500}
    assert (compared["date_from"], compared["date_to"]) == ("2026-10-02", "2026-10-03")
    assert compared["previous_period"]["revenue"] == {"USD": 2000}
    assert compared["orders_growth"] == 0.0
    assert compared["revenue_growth"] == {"EUR": None, "USD": -0.25}
    assert compared["average_order_value_growth"] == {"EUR": None, "USD": round(750 / 667 - 1, 4)}
    assert [one["period"] for one in found["series"]] == ["2026-10-04", "2026-10-05"]


# --- items -----------------------------------------------------------------------------------------------------------


def test_items_are_added_up_by_sku_and_the_most_sold_come_first(ask: Asked) -> None:
    an_end(
        items=[
            an_item(sku="P-1", name="Pizza", quantity=Decimal(2), total=2000),
            an_item(name="Olives", quantity=Decimal("0.35"), total=420),
        ]
    )
    an_end(items=[an_item(sku="P-1", name="Pizza (large)", total=1100)], platform="square")
    an_end(Status.INCOMING, items=[an_item(name="Lemonade", quantity=Decimal(9), total=2700)])
    an_end(items=[an_item(name="Lemonade", total=250)], currency="EUR")
    an_end(Status.CANCELLED, items=[an_item(name="Truffle", total=99_999)])
    count()

    def shown(**query: Any) -> list[tuple[Any, ...]]:
        found = ask("/v1/analytics/items", **query)
        assert found["next_cursor"] is None
        return [(one["sku"], one["name"], one["currency"], one["quantity"], one["amount"]) for one in found["items"]]

    pizza = ("P-1", "Pizza", "USD", "3", 3100)
    olives = (None, "Olives", "USD", "0.35", 420)
    lemonade, imported = (None, "Lemonade", "USD", "9", 2700), (None, "Lemonade", "EUR", "1", 250)
    assert shown() == [pizza, lemonade, olives, imported]
    assert shown(sort_by="quantity") == [lemonade, pizza, imported, olives]
    assert shown(limit=1) == [pizza]
    assert shown(platform="square") == [("P-1", "Pizza (large)", "USD", "1", 1100)]
    assert shown(date_from="2026-10-06", date_to="2026-10-06") == []


# --- issues ----------------------------------------------------------------------------------------------------------


def an_issue(kind: IssueType, at: datetime = NOW, hours: float | None = None, **told: Any) -> None:
    """An issue, stored. hours: how long it took to resolve it, None when it is not."""
    issue = Issue(
        id=f"iss_{next(numbers)}",
        order_id="ord_1",
        store_id=STORE,
        platform=told.pop("platform", "toy"),
        type=kind,
        description="not as ordered",
        priority=told.pop("priority", Priority.HIGH),
        due_at=at + 4 * HOUR,
        opened_at=at,
        opened_by="Robin",
        updated_at=at,
        updated_by="Robin",
        **told,
    )
    done = change(issue, {"status": IssueStatus.RESOLVED}, "Robin", at + hours * HOUR) if hours is not None else None
    for version in (issue, *((done[0],) if done else ())):
        event = an_event("ord_1", f"{issue.id}-{version.version}", type="issue.updated")
        assert issues.write(version, event) == timelines.Written()


def test_issues_are_shown_by_type_and_how_soon_they_were_resolved(ask: Asked) -> None:
    an_issue(IssueType.MISSING_ITEMS, hours=1, customer_satisfied=True)
    an_issue(IssueType.MISSING_ITEMS, hours=5, customer_satisfied=False)
    an_issue(IssueType.MISSING_ITEMS, platform="square", priority=Priority.URGENT)
    an_issue(IssueType.OTHER, at=NOW - DAY, hours=1)
    an_issue(IssueType.OTHER, at=NOW - 30 * DAY, hours=1)
    count()

    found = ask("/v1/analytics/issues")

    hour = 3755  # what an hour is within its bucket
    assert found["period_summary"] == {
        "issues": 4,
        "done": 3,
        "late": 1,
        "median_seconds_to_resolve": hour,
        "satisfied": 1,
        "unsatisfied": 1,
    }
    shown = {one["type"]: (one["issues"], one["done"], one["late"]) for one in found["by_type"]}
    assert {kind: numbers for kind, numbers in shown.items() if numbers[0]} == {
        "missing_items": (3, 2, 1),
        "other": (1, 1, 0),
    }
    assert list(shown) == [kind.value for kind in IssueType]
    assert found["by_priority"] == {"low": 0, "medium": 0, "high": 3, "urgent": 1}
    assert [(one["platform"], one["issues"]) for one in found["by_platform"]] == [("square", 1), ("toy", 3)]
    assert [(one["store_id"], one["issues"]) for one in found["by_store"]] == [(STORE, 4)]
    assert [one["issues"] for one in found["series"]] == [0, 0, 0, 0, 0, 1, 3]


def test_issues_are_in_no_figure_of_orders(ask: Asked) -> None:
    an_issue(IssueType.OTHER)
    count()

    found = ask()

    assert (found["period_summary"], found["by_platform"]) == (NOTHING, [])


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_a_month_answers_from_rollups_with_one_query_for_each_store(
    ask: Asked, other: None, requests: list[str]
) -> None:
    for day in range(30):
        an_end(at=NOW - day * DAY)
        an_end(Status.CANCELLED, at=NOW - day * DAY - HOUR, store_id=OTHER)
    count()
    month = {"date_from": "2026-09-06", "date_to": "2026-10-05"}
    requests.clear()

    found = ask(store_id=STORE, compare="true", **month)

    assert found["period_summary"]["orders"] == 30
    # The store, its days (and the month before), its open orders.
    assert requests == ["GetItem", "Query", "Query"]
    requests.clear()
    both = ask(caller=Caller("key_2", "all", Role.ADMIN, frozenset({"*"})), granularity="week", **month)
    assert both["period_summary"]["orders"] == 60
    # The stores, and of each its days and its open orders.
    assert requests == ["Query"] + ["Query", "Query"] * 2
    for path, made in (
        ("/v1/analytics/items", ["GetItem", "Query", "Query"]),
        ("/v1/analytics/hours", ["GetItem", "Query", "Query"]),
        ("/v1/analytics/issues", ["GetItem", "Query"]),
    ):
        requests.clear()
        ask(path, store_id=STORE, **month)
        assert requests == made, path


def test_open_orders_of_other_days_are_not_read(ask: Asked) -> None:
    for day in (1, 2, 40):
        an_end(Status.INCOMING, at=NOW - day * DAY)
    rows: list[int] = []
    heard = client("dynamodb").meta.events
    heard.register("after-call.dynamodb.Query", lambda parsed, **_: rows.append(parsed["Count"]), unique_id="rows")

    ask(store_id=STORE, date_from="2026-10-03", date_to="2026-10-04")

    heard.unregister("after-call.dynamodb.Query", unique_id="rows")
    assert rows == [0, 2]


# --- what is refused -------------------------------------------------------------------------------------------------

PATHS = ["/v1/orders/history", "/v1/analytics/items", "/v1/analytics/hours", "/v1/analytics/issues"]


@pytest.mark.parametrize("path", PATHS)
def test_another_store_is_as_good_as_none(hub: Hub, other: None, path: str) -> None:
    for store_id in (OTHER, "sto_none"):
        reply = hub.api("GET", path, caller=VIEWER, query={"store_id": store_id})
        assert reply.error == (404, "INVALID_STORE")


def test_nothing_of_other_stores_is_added_up(ask: Asked, other: None) -> None:
    an_end(store_id=OTHER)
    an_end(Status.INCOMING, store_id=OTHER, items=[an_item(total=1)])
    count()

    assert ask()["period_summary"] == NOTHING
    assert [one["store_id"] for one in ask()["by_store"]] == [STORE]
    assert ask("/v1/analytics/items")["items"] == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("date_from", "date_to"),
    [
        ("2026-10-06", "2026-10-05"),
        ("2024-01-01", "2026-10-05"),
        ("1999-12-31", "2000-01-02"),
        ("2199-12-31", "2200-01-01"),
    ],
)
def test_days_that_make_no_sense_or_are_too_many_are_refused(hub: Hub, path: str, date_from: str, date_to: str) -> None:
    reply = hub.api("GET", path, query={"date_from": date_from, "date_to": date_to})

    assert reply.error == (422, "INVALID_FIELD_VALUE")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2000-01-01", "2199-12-31", "2030-01-01"])
@pytest.mark.parametrize("name", ["date_from", "date_to"])
def test_a_day_at_the_end_of_time_is_no_trouble(hub: Hub, name: str, day: str) -> None:
    assert hub.api("GET", "/v1/orders/history", query={name: day, "compare": "true"}).status in (200, 422)


@pytest.mark.parametrize(
    ("path", "granularity", "most"),
    [
        ("/v1/orders/history", "day", 366),
        ("/v1/orders/history", "hour", 31),
        ("/v1/analytics/items", "", 92),
        ("/v1/analytics/hours", "", 31),
        ("/v1/analytics/issues", "", 366),
    ],
)
def test_the_longest_range_is_taken_and_a_day_more_is_not(hub: Hub, path: str, granularity: str, most: int) -> None:
    last = date(2026, 10, 5)
    query = {"date_to": last, **({"granularity": granularity} if granularity else {})}

    assert hub.api("GET", path, query={**query, "date_from": last - (most - 1) * DAY}).status == 200
    reply = hub.api("GET", path, query={**query, "date_from": last - most * DAY})
    assert reply.error == (422, "INVALID_FIELD_VALUE")


@pytest.mark.parametrize("query", [{"granularity": "year"}, {"date_from": "today"}, {"compare": "perhaps"}])
def test_what_does_not_fit_is_refused(hub: Hub, query: dict[str, str]) -> None:
    assert hub.api("GET", "/v1/orders/history", query=query).error == (422, "VALIDATION_ERROR")


def test_every_status_is_one_of_those_that_are_shown() -> None:
    assert {status.value for status in CLOSED} | {"open"} <= NOTHING.keys()
