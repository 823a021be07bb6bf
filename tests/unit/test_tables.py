"""The book of a day: which page a time is on, who sits beside whom, and whether there is room."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.order.messages import TableRules
from orderhub.order.tables import Book, Seating, day_of, refusal

ZONE = "America/New_York"  # in October four hours behind UTC
DAY = date(2026, 10, 5)
MINUTE = timedelta(minutes=1)
RULES: dict[str, Any] = {"seats": 10, "largest": 6, "turn": timedelta(minutes=90), "hold": timedelta(minutes=5)}


def at(clock: str, day: int = 5) -> datetime:
    """A time of the restaurant's clock in October, in UTC."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC) + timedelta(hours=4)


def seated(number: int, clock: str, size: int = 2, held_until: datetime | None = None) -> Seating:
    return Seating(number, at(clock), size, held_until)


def book(*seatings: Seating) -> Book:
    return Book(DAY, seatings)


def asked(there: Book, clock: str, size: int, **rules: Any) -> str:
    return refusal(there, at(clock), size, TableRules(**{**RULES, **rules}), ZONE)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_page_gains_and_loses_seatings_and_keeps_its_version() -> None:
    first, second, third = (seated(number, "19:00") for number in (1, 2, 3))
    page = Book(DAY, (first, second), version=7)

    assert page.having(third) == Book(DAY, (first, second, third), version=7)
    assert page.without(1) == Book(DAY, (second,), version=7)
    assert page.without(1, 2) == Book(DAY, (), version=7)
    assert page.without(None, 9) == page


def test_a_lock_is_on_the_page_until_it_runs_out() -> None:
    booked, held = seated(1, "19:00"), seated(2, "19:00", held_until=at("12:05"))

    assert book(booked, held).at(at("12:04")) == book(booked, held)
    assert book(booked, held).at(at("12:05")) == book(booked)


@pytest.mark.parametrize(
    ("clock", "beside"),
    [("17:30", False), ("17:31", True), ("20:29", True), ("20:30", False), ("19:00", True), ("23:00", False)],
)
def test_beside_a_turn_are_those_who_sit_there_at_some_time_of_it(clock: str, beside: bool) -> None:
    there = seated(1, "19:00")

    assert book(there).beside(at(clock), 90 * MINUTE) == ((there,) if beside else ())


# --- the day of a time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "zone", "day"),
    [
        ("2026-10-05T23:30:00-04:00", ZONE, "2026-10-05"),
        ("2026-10-06T00:30:00-04:00", ZONE, "2026-10-05"),  # who comes after midnight is on the page of the evening
        ("2026-10-06T04:59:59-04:00", ZONE, "2026-10-05"),
        ("2026-10-06T05:00:00-04:00", ZONE, "2026-10-06"),
        ("2026-10-06T08:59:59Z", ZONE, "2026-10-05"),
        ("2026-10-05T20:00:00Z", "Asia/Tokyo", "2026-10-06"),
        ("2026-10-05T19:59:59Z", "Asia/Tokyo", "2026-10-05"),
        ("2027-01-01T01:00:00Z", "UTC", "2026-12-31"),
        # The clock goes forward at 2:00 on 8 March, and back at 2:00 on 1 November: the page turns at 5:00 of the wall.
        ("2026-03-08T04:59:59-04:00", ZONE, "2026-03-07"),
        ("2026-03-08T05:00:00-04:00", ZONE, "2026-03-08"),
        ("2026-11-01T01:30:00-04:00", ZONE, "2026-10-31"),
        ("2026-11-01T01:30:00-05:00", ZONE, "2026-10-31"),
        ("2026-11-01T04:59:59-05:00", ZONE, "2026-10-31"),
        ("2026-11-01T05:00:00-05:00", ZONE, "2026-11-01"),
    ],
)
def test_a_day_of_the_book_is_that_of_the_restaurant_s_clock_and_begins_at_five(told: str, zone: str, day: str) -> None:
    assert day_of(datetime.fromisoformat(told), zone) == date.fromisoformat(day)


# --- refusals ---------------------------------------------------------------------------------------------------------

LUNCH, LATE = (time(11, 30), time(14)), (time(18), time(1, 30))  # the second reaches over midnight


@pytest.mark.parametrize(
    ("clock", "why"),
    [
        ("11:29", "closed"),
        ("11:30", ""),
        ("14:00", ""),
        ("14:01", "closed"),
        ("17:59", "closed"),
        ("18:00", ""),
        ("23:59", ""),
        ("00:00", ""),
        ("01:30", ""),
        ("01:31", "closed"),
    ],
)
def test_tables_are_given_in_the_hours_of_service(clock: str, why: str) -> None:
    assert asked(book(), clock, 2, service=(LUNCH, LATE)) == why


def test_without_hours_of_service_tables_are_given_at_any_time() -> None:
    assert asked(book(), "03:00", 2) == ""


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("2026-03-08T17:30:00-04:00", ""),
        ("2026-03-07T17:30:00-05:00", ""),
        ("2026-03-08T17:30:00-05:00", "closed"),  # by then it is 18:30
        ("2026-11-01T17:30:00-05:00", ""),
        ("2026-11-01T17:30:00-04:00", "closed"),  # it is 16:30 still
    ],
)
def test_the_hours_of_service_are_those_of_the_wall_clock_whatever_its_offset(told: str, why: str) -> None:
    rules = TableRules(**RULES, service=((time(17), time(18)),))

    assert refusal(book(), datetime.fromisoformat(told), 2, rules, ZONE) == why


@pytest.mark.parametrize(("size", "why"), [(-1, "too_large"), (0, "too_large"), (1, ""), (6, ""), (7, "too_large")])
def test_a_party_has_a_guest_and_no_more_than_the_restaurant_takes(size: int, why: str) -> None:
    assert asked(book(), "19:00", size) == why


def test_a_party_larger_than_the_restaurant_is_refused_however_many_a_party_may_have() -> None:
    assert asked(book(), "19:00", 11, largest=99) == "full"


def test_closed_is_said_before_too_large_and_that_before_full() -> None:
    there, hours = book(seated(1, "19:00", 10)), ((time(18), time(20)),)

    assert asked(there, "21:00", 9, service=hours) == "closed"
    assert asked(there, "19:00", 9, service=hours) == "too_large"
    assert asked(there, "19:00", 6, service=hours) == "full"


@pytest.mark.parametrize(
    ("seatings", "size", "why"),
    [
        pytest.param([("19:00", 4)], 6, "", id="just enough"),
        pytest.param([("19:00", 5)], 6, "full", id="one guest too many"),
        pytest.param([("17:30", 9), ("20:30", 9)], 6, "", id="one leaves as they come, one comes as they leave"),
        pytest.param([("17:31", 9)], 6, "full", id="a minute longer"),
        pytest.param([("20:29", 9)], 6, "full", id="a minute earlier"),
        pytest.param([("18:00", 4), ("19:30", 4)], 6, "", id="one after the other takes the same seats"),
        pytest.param([("18:00", 4), ("19:29", 4)], 6, "full", id="for a minute both are there"),
        pytest.param([("19:30", 3), ("20:00", 2)], 6, "full", id="those who come later meet"),
        pytest.param([("18:00", 3), ("19:15", 1), ("19:30", 4)], 5, "", id="the most is ten at once"),
        pytest.param([("18:00", 3), ("19:15", 1), ("19:30", 5)], 5, "full", id="the most is eleven at once"),
    ],
)
def test_seats_are_counted_at_the_fullest_moment_of_the_turn(
    seatings: list[tuple[str, int]], size: int, why: str
) -> None:
    there = book(*(seated(number, clock, guests) for number, (clock, guests) in enumerate(seatings)))

    assert asked(there, "19:00", size) == why


def test_the_turn_is_an_hour_and_a_half_on_the_night_that_has_an_hour_more() -> None:
    half_past_one = datetime.fromisoformat("2026-11-01T01:30:00-04:00")
    page = Book(date(2026, 10, 31), (Seating(1, half_past_one, 10),))
    rules = TableRules(**RULES)

    assert refusal(page, datetime.fromisoformat("2026-11-01T01:59:00-05:00"), 1, rules, ZONE) == "full"
    assert refusal(page, datetime.fromisoformat("2026-11-01T02:00:00-05:00"), 1, rules, ZONE) == ""


# --- a rule that always holds -----------------------------------------------------------------------------------------

parties = st.lists(st.tuples(st.integers(0, 12 * 60 - 1), st.integers(1, 12)), max_size=40)


def guests(page: Book, minute: datetime, turn: timedelta) -> int:
    return sum(one.size for one in page.seatings if one.at <= minute < one.at + turn)


@given(parties, st.integers(1, 30), st.integers(1, 240))
def test_a_book_never_has_more_guests_at_any_minute_than_seats_and_sends_nobody_away_without_need(
    wanted: list[tuple[int, int]], seats: int, minutes: int
) -> None:
    rules = TableRules(seats=seats, largest=12, turn=minutes * MINUTE, hold=MINUTE)
    page, opens = book(), at("12:00")
    for number, (minute, size) in enumerate(wanted):
        asking = Seating(number, opens + minute * MINUTE, size)
        fuller = page.having(asking)
        most = max(guests(fuller, asking.at + passed * MINUTE, rules.turn) for passed in range(minutes))

        assert refusal(page, asking.at, size, rules, ZONE) == ("full" if most > seats else "")
        page = page if most > seats else fuller

    assert all(guests(page, opens + minute * MINUTE, rules.turn) <= seats for minute in range(16 * 60))
