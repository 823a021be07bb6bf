"""What a store has decided beforehand: the orders it takes without anybody being asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from orderhub.order.acceptance import AutoAccept, EscalationStep, Hours
from orderhub.order.models import Reservation
from orderhub.order.status import Status
from tests.unit.made import an_order

MONDAY = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)  # 11:00 in New York
ZONE = "America/New_York"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of that week on the store's clock; October 5 is a Monday."""
    return datetime(2026, 10, day, hour, minute)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("days", "opens", "closes", "moment", "within"),
    [
        (["mon"], "11:00", "14:00", at(5, 11), True),
        (["mon"], "11:00", "14:00", at(5, 10, 59), False),
        (["mon"], "11:00", "14:00", at(5, 13, 59), True),
        (["mon"], "11:00", "14:00", at(5, 14), False),
        (["tue", "sun"], "11:00", "14:00", at(5, 12), False),
        (["mon"], "22:00", "02:00", at(5, 23), True),
        (["mon"], "22:00", "02:00", at(6, 1, 59), True),
        (["mon"], "22:00", "02:00", at(6, 2), False),
        (["mon"], "22:00", "02:00", at(5, 1), False),
        (["sun"], "22:00", "02:00", at(5, 1), True),
        (["mon"], "00:00", "00:00", at(5, 12), True),
        (["mon"], "00:00", "00:00", at(6, 0), False),
        (["mon"], "08:00", "08:00", at(6, 7, 59), True),
    ],
)
def test_hours_hold_from_when_they_open_until_they_close(
    days: list[str], opens: str, closes: str, moment: datetime, within: bool
) -> None:
    assert Hours.model_validate({"days": days, "opens": opens, "closes": closes}).hold(moment) is within


@pytest.mark.parametrize("wrong", ["24:00", "7:00", "07:60", "", "noon", "07:00:00"])
def test_a_clock_has_hours_and_minutes(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate({"days": ["mon"], "opens": wrong, "closes": "12:00"})


def test_hours_are_on_the_store_s_clock() -> None:
    policy = AutoAccept.model_validate({"hours": [{"days": ["mon"], "opens": "11:00", "closes": "12:00"}]})

    assert policy.takes(an_order(), MONDAY, ZONE)
    assert not policy.takes(an_order(), MONDAY, "Europe/Helsinki")


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ({}, True),
        ({"status": Status.ACCEPTED}, False),
        ({"status": Status.CANCELLED}, False),
        ({"reservation": Reservation(party_size=2)}, False),
        ({"duplicate_of": "ord_2"}, False),
    ],
)
def test_only_orders_that_wait_are_taken_no_tables_and_no_copies(told: dict[str, Any], taken: bool) -> None:
    assert AutoAccept().takes(an_order(**told), MONDAY, ZONE) is taken


def test_a_policy_may_be_for_some_platforms() -> None:
    order = an_order()

    assert AutoAccept(platforms=[order.platform]).takes(order, MONDAY, ZONE)
    assert not AutoAccept(platforms=["another"]).takes(order, MONDAY, ZONE)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_step_is_within_the_time_there_is(percent: int) -> None:
    with pytest.raises(ValidationError):
        EscalationStep.model_validate({"at_percent": percent, "action": "event"})
