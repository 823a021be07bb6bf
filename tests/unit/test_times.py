from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.errors import Misconfigured, Quarantine
from orderhub.order.times import (
    business_date,
    from_epoch,
    parse_duration,
    parse_time,
    sortable,
    sortable_number,
    zone,
)

aware = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-05T14:42:11Z", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        ("2026-10-05T14:42:11+00:00", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        (" 2026-10-05T14:42:11Z ", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        ("2026-10-05T09:42:11-05:00", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        ("2026-10-05T09:42:11-0500", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        ("2026-10-05T20:27:11+05:45", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        ("2026-10-05T20:27:11+0545", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        ("2026-10-06T03:42:11+13:00", datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)),
        ("2026-10-05T14:42:11.5Z", datetime(2026, 10, 5, 14, 42, 11, 500_000, tzinfo=UTC)),
        ("2026-10-05T14:42:11.123Z", datetime(2026, 10, 5, 14, 42, 11, 123_000, tzinfo=UTC)),
        ("2026-10-05T14:42:11.123456Z", datetime(2026, 10, 5, 14, 42, 11, 123_456, tzinfo=UTC)),
        ("2026-10-05T14:42:11.123456789Z", datetime(2026, 10, 5, 14, 42, 11, 123_456, tzinfo=UTC)),
        ("2026-10-05T09:42:11.123456789-0500", datetime(2026, 10, 5, 14, 42, 11, 123_456, tzinfo=UTC)),
        ("2026-10-05 14:42", datetime(2026, 10, 5, 14, 42, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_utc(text: str, expected: datetime) -> None:
    assert parse_time(text) == expected
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "time_zone", "expected"),
    [
        ("2026-10-05T14:42:11", "America/New_York", datetime(2026, 10, 5, 18, 42, 11, tzinfo=UTC)),
        ("2026-01-05T14:42:11", "America/New_York", datetime(2026, 1, 5, 19, 42, 11, tzinfo=UTC)),
        ("2026-10-05T14:42:11", "Asia/Kathmandu", datetime(2026, 10, 5, 8, 57, 11, tzinfo=UTC)),
        ("2026-10-05T14:42:11", "Asia/Kolkata", datetime(2026, 10, 5, 9, 12, 11, tzinfo=UTC)),
        ("2026-10-05", "Europe/Helsinki", datetime(2026, 10, 4, 21, 0, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_local_time_of_the_store(text: str, time_zone: str, expected: datetime) -> None:
    assert parse_time(text, time_zone) == expected


def test_an_offset_wins_over_the_zone_of_the_store() -> None:
    assert parse_time("2026-10-05T14:42:11Z", "Asia/Tokyo") == parse_time("2026-10-05T14:42:11Z")


def test_a_local_time_that_the_clocks_skip_is_read_as_if_they_had_not() -> None:
    assert parse_time("2026-03-08T02:30:00", "America/New_York") == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_a_local_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert parse_time("2026-11-01T01:30:00", "America/New_York") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "junk",
    [
        *("", " ", "soon", "2026-13-01", "2026-02-30T10:00:00Z", "2026-10-05T25:00:00Z", "10/05/2026", "1791211331"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-10-05T14:42:11+99:00", "\ud800"),
    ],
)
def test_what_is_no_time_goes_to_quarantine(junk: str) -> None:
    with pytest.raises(Quarantine, match="not an ISO 8601 time"):
        parse_time(junk)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "Europe", "../../etc/passwd", "/etc/passwd", "\ud800", "A\x00B"])
def test_a_zone_that_does_not_exist_is_for_a_person_to_set_right(name: str) -> None:
    with pytest.raises(Misconfigured, match="IANA"):
        zone(name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_427_343_990, datetime(2015, 3, 26, 4, 26, 30, tzinfo=UTC)),
        (1_729_651_095_000, datetime(2024, 10, 23, 2, 38, 15, tzinfo=UTC)),
        (1_729_651_095_123, datetime(2024, 10, 23, 2, 38, 15, 123_000, tzinfo=UTC)),
        (Decimal("1729651095.5"), datetime(2024, 10, 23, 2, 38, 15, 500_000, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_unix_time_is_read_in_seconds_and_in_milliseconds(value: int | Decimal, expected: datetime) -> None:
    assert from_epoch(value) == expected


@pytest.mark.parametrize(
    "junk", [10**30, -(10**30), 10**400, Decimal("1e400"), Decimal("NaN"), Decimal("-Infinity"), float("nan")]
)
def test_a_number_that_is_no_unix_time_goes_to_quarantine(junk: float | Decimal) -> None:
    with pytest.raises(Quarantine, match="not a unix time"):
        from_epoch(junk)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT20M", timedelta(minutes=20)),
        ("PT1H30M", timedelta(hours=1, minutes=30)),
        ("PT90S", timedelta(seconds=90)),
        ("PT90.5S", timedelta(seconds=90)),
        ("P1W3D", timedelta(days=10)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("PT0S", timedelta(0)),
    ],
)
def test_a_duration_is_read(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("junk", ["", "P", "PT", "20", "20M", "P1Y", "P1M", "-PT5M", "PT" + "9" * 400 + "H", "\ud800"])
def test_what_is_no_duration_goes_to_quarantine(junk: str) -> None:
    with pytest.raises(Quarantine, match="duration"):
        parse_duration(junk)


def test_a_business_day_is_the_day_at_the_store() -> None:
    at = datetime(2026, 10, 6, 3, 30, tzinfo=UTC)

    assert business_date(at, "America/New_York") == date(2026, 10, 5)
    assert business_date(at, "Europe/Helsinki") == date(2026, 10, 6)


def test_a_sortable_time_looks_like_this() -> None:
    assert sortable(datetime(2026, 10, 5, 14, 42, 11, tzinfo=UTC)) == "2026-10-05T14:42:11.000000Z"
    assert sortable(datetime(999, 1, 2, tzinfo=UTC)) == "0999-01-02T00:00:00.000000Z"


@given(aware, aware)
def test_sortable_times_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    assert (sortable(one) < sortable(other)) == (one < other)


@given(st.integers(0, 10**20 - 1), st.integers(0, 10**20 - 1))
def test_sortable_numbers_sort_as_the_numbers_do(one: int, other: int) -> None:
    assert (sortable_number(one) < sortable_number(other)) == (one < other)


@given(aware)
def test_a_sortable_time_reads_back_as_itself(at: datetime) -> None:
    assert parse_time(sortable(at)) == at


@given(st.text(st.characters()) | aware.map(str), st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu"]))
def test_whatever_the_text_it_is_an_aware_time_or_goes_to_quarantine(text: str, time_zone: str) -> None:
    try:
        value = parse_time(text, time_zone)
    except Quarantine:
        return
    assert value.tzinfo is UTC


@given(st.integers() | st.floats() | st.decimals())
def test_whatever_the_number_it_is_an_aware_time_or_goes_to_quarantine(value: float | Decimal) -> None:
    try:
        at = from_epoch(value)
    except Quarantine:
        return
    assert at.tzinfo is UTC


@given(st.text(st.characters()) | st.from_regex(r"P(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?", fullmatch=True))
def test_whatever_the_text_it_is_a_duration_or_goes_to_quarantine(text: str) -> None:
    try:
        duration = parse_duration(text)
    except Quarantine:
        return
    assert duration >= timedelta(0)
