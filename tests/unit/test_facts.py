"""What an order adds to its store's history, and what comes of many such numbers."""

from __future__ import annotations

import statistics
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.order.facts import (
    BOUNDS,
    MOST_ITEMS,
    OTHERS,
    Contribution,
    Name,
    Tally,
    bucket,
    contribution,
    issue_contribution,
    median,
)
from orderhub.order.issues import Issue, IssueStatus, IssueType, Priority, change
from orderhub.order.models import Amounts, Order, Refund, StatusReason, SyncState
from orderhub.order.status import CLOSED, CancelReason, Status
from tests.unit.made import NOW, an_item, an_order

ZONE = "America/New_York"
MINUTE = timedelta(minutes=1)
AMOUNTS = Amounts(currency="USD", subtotal=1000, discount=100, tax=80, tip=200, total=1180)


def ended(status: Status = Status.COMPLETED, **told: Any) -> Order:
    return an_order(**{"status": status, "placed_at": NOW, "created_at": NOW, "amounts": AMOUNTS, **told})


def added(order: Order, time_zone: str = ZONE) -> Contribution:
    found = contribution(order, time_zone)
    assert found is not None
    return found


def figures(order: Order) -> dict[str, int]:
    """What an order adds, by figure alone."""
    return {Name.parse(name).figure: number for name, number in added(order).figures.items()}


def items(order: Order) -> dict[str, int]:
    return {Name.parse(name).figure: number for name, number in added(order).items.items()}


def test_a_completed_order_adds_itself_its_money_and_its_hour() -> None:
    assert figures(ended()) == {
        "orders": 1,
        "completed": 1,
        "sold": 1,
        "valued": 1,
        "revenue": 1180,
        "subtotal": 1000,
        "discount": 100,
        "tax": 80,
        "tip": 200,
        "hour:11": 1,
    }


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.DENIED])
def test_an_order_that_is_lost_adds_no_money_and_no_items(status: Status) -> None:
    order = ended(status, status_reason=StatusReason(code=CancelReason.OUT_OF_STOCK), items=[an_item(total=900)])

    assert figures(order) == {"orders": 1, status.value: 1, "reason:OUT_OF_STOCK": 1, "hour:11": 1}
    assert items(order) == {}


@pytest.mark.parametrize("reason", [None, StatusReason(source_code="STORE_SAYS_NO")])
def test_an_order_that_is_lost_for_no_reason_of_ours_says_so(reason: StatusReason | None) -> None:
    assert figures(ended(Status.CANCELLED, status_reason=reason))["reason:NOT_SAID"] == 1


@pytest.mark.parametrize("status", sorted(set(Status) - CLOSED))
def test_an_open_order_is_open_whatever_is_being_done_with_it(status: Status) -> None:
    found = figures(ended(status))

    assert (found["open"], found["revenue"]) == (1, 1180)
    assert status.value not in found


def test_money_that_nobody_tells_is_not_there_and_a_total_of_nothing_is_a_total() -> None:
    assert "valued" not in figures(ended(amounts=Amounts(currency="USD")))
    free = figures(ended(amounts=Amounts(currency="USD", total=0)))
    assert free["valued"] == 1
    assert "revenue" not in free


def test_money_given_back_beyond_what_was_paid_is_kept_below_zero() -> None:
    assert figures(ended(amounts=Amounts(currency="USD", total=-500)))["revenue"] == -500


def test_what_was_given_back_is_told_apart_and_only_once_it_is_confirmed() -> None:
    def refund(amount: int, state: SyncState) -> Refund:
        return Refund(id=f"ref_{amount}", amount=amount, state=state, asked_by="Robin", at=NOW)

    refunds = [refund(300, SyncState.CONFIRMED), refund(50, SyncState.PENDING), refund(7, SyncState.FAILED)]

    assert figures(ended(refunds=refunds))["refunds"] == 300
    assert figures(ended(refunds=refunds))["revenue"] == 1180
    assert figures(ended(Status.CANCELLED, refunds=refunds))["refunds"] == 300


@pytest.mark.parametrize(
    "told", [{"duplicate_of": "ord_9"}, {"is_test": True}, {"placed_at": None, "created_at": None}]
)
def test_copies_and_tests_add_nothing(told: dict[str, Any]) -> None:
    assert contribution(ended(**told), ZONE) is None


@pytest.mark.parametrize(
    ("placed", "day", "hour"),
    [
        (datetime(2026, 10, 6, 3, 59, tzinfo=UTC), date(2026, 10, 5), 23),
        (datetime(2026, 10, 6, 4, 0, tzinfo=UTC), date(2026, 10, 6), 0),
        # The night the clocks go back: both one o'clocks are one.
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), date(2026, 11, 1), 1),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), date(2026, 11, 1), 1),
    ],
)
def test_the_day_and_hour_are_those_of_the_store_s_wall(placed: datetime, day: date, hour: int) -> None:
    found = added(ended(placed_at=placed))

    assert (found.day, found.hour) == (day, hour)


def test_an_order_that_does_not_say_when_it_was_placed_counts_from_when_it_came() -> None:
    assert added(ended(placed_at=None), "Asia/Tokyo").day == date(2026, 10, 6)


def test_the_day_an_order_is_listed_under_stays_though_the_store_moves() -> None:
    found = contribution(ended(), "Asia/Tokyo", date(2026, 10, 5))

    assert found is not None
    assert (found.day, found.hour) == (date(2026, 10, 5), 0)


def test_a_name_says_platform_channel_and_currency() -> None:
    direct, behind = ended(), ended(channel="door|dash")

    assert Name.parse(next(iter(added(direct).figures))) == Name("toy", "toy", "USD", "orders")
    assert next(iter(added(direct).figures)) == "toy||USD|orders"
    assert Name.parse(next(iter(added(behind).figures))) == Name("toy", "door/dash", "USD", "orders")


def test_a_name_is_kept_short_and_without_what_parts_it() -> None:
    order = ended(channel=f"  door|dash{'x' * 200}", items=[an_item(sku=" P|1 ", name="y" * 200)])

    (quantity, *_) = added(order).items
    assert Name.parse(quantity) == Name("toy", "door/dash" + "x" * 111, "USD", f"quantity|P/1|{'y' * 120}")


# --- times -----------------------------------------------------------------------------------------------------------


def times(**minutes: float) -> dict[Status, datetime]:
    return {Status(status): NOW + after * MINUTE for status, after in minutes.items()}


def seconds(order: Order) -> dict[str, int]:
    """The times an order adds: where their buckets begin."""
    found = [figure.partition(":") for figure in figures(order) if figure.startswith(("accept:", "ready:"))]
    return {head: int(begins) for head, _, begins in found}


def test_it_is_timed_from_placed_to_accepted_to_ready() -> None:
    found = seconds(ended(times=times(incoming=0, accepted=2, ready=12)))

    assert found == {"accept": bucket(120), "ready": bucket(600)}


def test_an_order_that_waited_for_its_time_is_timed_from_when_it_entered() -> None:
    order = ended(times=times(incoming=300, accepted=302), scheduled_for=NOW + 330 * MINUTE)

    assert seconds(order) == {"accept": bucket(120)}


def test_an_order_that_came_accepted_was_not_accepted_by_anybody_here() -> None:
    assert seconds(ended(times=times(accepted=2, ready=12))) == {"ready": bucket(600)}


def test_how_long_a_scheduled_order_lay_is_not_how_long_it_took() -> None:
    order = ended(times=times(incoming=0, accepted=2, ready=600), scheduled_for=NOW + 620 * MINUTE)

    assert seconds(order) == {"accept": bucket(120)}


def test_a_platform_s_clock_that_is_ahead_makes_no_time_below_nothing() -> None:
    assert seconds(ended(times=times(incoming=-2, accepted=-1))) == {"accept": 0}


def test_buckets_grow_by_a_fifth_at_most_beyond_the_first_seconds() -> None:
    assert all(b - a == 1 or b <= a * 1.25 for a, b in pairwise(BOUNDS) if a)
    assert BOUNDS[-1] > timedelta(days=80).total_seconds()


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_a_median_out_of_buckets_is_right_within_a_tenth_or_a_second(times: list[int]) -> None:
    counts: dict[int, int] = {}
    for one in times:
        counts[bucket(one)] = counts.get(bucket(one), 0) + 1

    found, right = median(counts), statistics.median_low(times)

    assert found is not None
    assert abs(found - right) <= max(0.1 * right, 1)


def test_there_is_no_median_of_nothing() -> None:
    assert median({}) is None


def test_a_time_falls_into_its_bucket_with_all_of_its_last_second() -> None:
    assert [bucket(seconds) for seconds in (-5.0, 0.0, 0.99, 1.0, 9.99, 10.0)] == [0, 0, 0, 1, 8, 10]
    assert bucket(BOUNDS[-1] * 3) == BOUNDS[-1]


def test_the_middle_of_a_bucket_lies_within_it_but_for_the_last_which_has_no_end() -> None:
    *_, before, last = BOUNDS

    assert before < (median({before: 1}) or 0) < last
    assert median({last: 1}) == last
    assert median({8: 1}) == 8


# --- items -----------------------------------------------------------------------------------------------------------


def test_items_are_added_by_sku_and_name_in_thousandths_and_minor_units() -> None:
    order = ended(
        items=[
            an_item(id="1", sku="P-1", name="Pizza", quantity=Decimal(2), total=1800),
            an_item(id="2", sku="P-1", name="Pizza", quantity=Decimal(1), total=900),
            an_item(id="3", name="Olives | loose", quantity=Decimal("0.35"), unit_price=1200),
            an_item(id="4", name="A napkin", quantity=Decimal(1)),
        ]
    )

    assert items(order) == {
        "quantity|P-1|Pizza": 3000,
        "amount|P-1|Pizza": 2700,
        "quantity||Olives / loose": 350,
        "amount||Olives / loose": 420,
        "quantity||A napkin": 1000,
    }


def test_of_an_order_with_very_many_items_the_last_ones_are_counted_together() -> None:
    order = ended(items=[an_item(id=str(n), name=f"Part {n:04}", total=1) for n in range(MOST_ITEMS + 7)])

    found = items(order)

    assert len(found) == 2 * (MOST_ITEMS + 1)
    assert (found[f"quantity||{OTHERS}"], found[f"amount||{OTHERS}"]) == (7000, 7)


# --- issues ----------------------------------------------------------------------------------------------------------

MIDNIGHT = datetime(2026, 10, 6, 3, 30, tzinfo=UTC)  # half past eleven in the evening before


def an_issue(opened_at: datetime = MIDNIGHT, **told: Any) -> Issue:
    least = {"id": "iss_1", "order_id": "ord_1", "store_id": "sto_1", "platform": "toy", "description": "no olives"}
    people = {"opened_at": opened_at, "opened_by": "Robin", "updated_at": opened_at, "updated_by": "Robin"}
    due_at = opened_at + 240 * MINUTE
    return Issue(**{**least, **people, "type": IssueType.OTHER, "priority": Priority.HIGH, "due_at": due_at, **told})


def moved(issue: Issue, status: IssueStatus, minutes: float) -> Issue:
    """The issue in another status, so long after it was opened."""
    found = change(issue, {"status": status}, "Robin", issue.opened_at + minutes * MINUTE)
    assert found is not None
    return found[0]


def complained(issue: Issue) -> dict[str, int]:
    """What an issue adds, by figure alone."""
    return {Name.parse(name).figure: number for name, number in issue_contribution(issue, ZONE).issues.items()}


def test_an_issue_counts_on_the_day_it_was_opened_by_the_store_s_wall() -> None:
    found = issue_contribution(an_issue(), ZONE)

    assert (found.store_id, found.day, found.hour) == ("sto_1", date(2026, 10, 5), 23)
    assert found.issues == {"toy|||issues:other": 1, "toy|||priority:high": 1}
    assert (found.figures, found.items) == ({}, {})


@pytest.mark.parametrize(("minutes", "is_late"), [(1, False), (240, False), (240.1, True)])
def test_an_issue_is_late_once_it_took_longer_than_it_should(minutes: float, is_late: bool) -> None:
    found = complained(moved(an_issue(), IssueStatus.RESOLVED, minutes))

    assert ("late:other" in found) is is_late
    assert found["done:other"] == 1
    assert found[f"resolve:other:{bucket(minutes * 60)}"] == 1


def test_an_issue_that_is_closed_took_until_it_was_resolved() -> None:
    resolved = moved(an_issue(), IssueStatus.RESOLVED, 10)

    assert complained(moved(resolved, IssueStatus.CLOSED, 500)) == complained(resolved)
    assert f"resolve:other:{bucket(30_000)}" in complained(moved(an_issue(), IssueStatus.CLOSED, 500))


@pytest.mark.parametrize("status", [IssueStatus.INVESTIGATING, IssueStatus.IN_PROGRESS, IssueStatus.ESCALATED])
def test_an_issue_that_somebody_works_on_is_not_done(status: IssueStatus) -> None:
    assert complained(moved(an_issue(), status, 10)) == complained(an_issue())


def test_an_issue_that_is_opened_again_is_not_done() -> None:
    again = moved(moved(an_issue(), IssueStatus.RESOLVED, 10), IssueStatus.OPEN, 20)

    assert complained(again) == complained(an_issue())


@pytest.mark.parametrize(("said", "figure"), [(True, "satisfied:other"), (False, "unsatisfied:other"), (None, None)])
def test_what_the_customer_says_of_it_is_counted_once_they_say_it(said: bool | None, figure: str | None) -> None:
    found = complained(an_issue(customer_satisfied=said))

    assert found.keys() - complained(an_issue()).keys() == ({figure} if figure else set())


# --- adding up -------------------------------------------------------------------------------------------------------


def test_a_tally_keeps_currencies_apart_and_counts_across_them() -> None:
    tally = Tally()
    for currency, figure, number in [
        ("USD", "revenue", 100),
        ("EUR", "revenue", 5),
        ("USD", "revenue", -30),
        ("USD", "orders", 2),
        ("EUR", "orders", 1),
        ("EUR", "tip", 4),
        ("EUR", "tip", -4),
        ("USD", "reason:OTHER", 1),
        ("EUR", "reason:OTHER", 1),
        ("EUR", "reason:WEATHER_RELATED", 0),
        ("USD", "accept:0", 3),
    ]:
        tally.add(Name("toy", "toy", currency, figure), number)

    assert tally.money("revenue") == {"EUR": 5, "USD": 70}
    assert tally.money("tip") == {}
    assert (tally.total("orders"), tally.total("open")) == (3, 0)
    assert tally.by("reason") == {"OTHER": 2}
    assert (tally.median("accept"), tally.median("ready")) == (0, None)
