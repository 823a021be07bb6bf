"""What a Retry-After header asks for. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orderhub.outbound.waiting import retry_after

NOW = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Mon, 05 Oct 2026 15:02:00 GMT", 120.0),
        ("Mon, 05 Oct 2026 17:02:00 +0200", 120.0),
        ("Monday, 05-Oct-26 15:02:00 GMT", 120.0),
        ("Mon, 05 Oct 2026 15:02:00", 120.0),
        ("Mon, 05 Oct 2026 14:00:00 GMT", 0.0),
    ],
)
def test_seconds_and_dates_are_understood(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "-5",
        "1.5.1",
        "Mon, 99 Oct 2026 15:02:00 GMT",
        "Mon, 05 Oct 99999 15:02:00 GMT",
        "²",
        "nan",
        "9" * 400,
    ],
)
def test_what_says_nothing_is_nothing(value: str | None) -> None:
    assert retry_after(value, NOW) is None
