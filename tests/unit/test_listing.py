"""Which orders a list shows, and when an order is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from orderhub.order.listing import Wanted, late_from
from orderhub.order.models import Customer, Fulfillment
from orderhub.order.status import OPEN, Status
from tests.unit.made import LATER, NOW, an_order

MINUTE = timedelta(minutes=1)
ORDER = an_order(
    platform="lula",
    channel="doordash",
    status=Status.READY,
    fulfillment=Fulfillment.PICKUP,
    display_id="#A-1042",
    customer=Customer(name="Renée Ashdown", phone="+1 (555) 010-4711"),
    scheduled_for=NOW,
    created_at=NOW,
    updated_at=LATER,
)


def test_nothing_asked_fits_every_order() -> None:
    assert Wanted().fits(ORDER)
    assert Wanted().fits(an_order())


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Wanted(statuses=frozenset({Status.READY})), True),
        (Wanted(statuses=frozenset({Status.READY, Status.INCOMING})), True),
        (Wanted(statuses=frozenset({Status.INCOMING})), False),
        (Wanted(platforms=frozenset({"lula"})), True),
        (Wanted(platforms=frozenset({"doordash"})), False),
        (Wanted(channels=frozenset({"doordash"})), True),
        (Wanted(channels=frozenset({"lula"})), False),
        (Wanted(fulfillments=frozenset({Fulfillment.PICKUP, Fulfillment.DELIVERY})), True),
        (Wanted(fulfillments=frozenset({Fulfillment.DELIVERY})), False),
    ],
)
def test_an_order_has_one_of_the_values_asked_for(wanted: Wanted, fits: bool) -> None:
    assert wanted.fits(ORDER) is fits


def test_all_that_is_asked_has_to_fit() -> None:
    fits = Wanted(statuses=frozenset({Status.READY}), text="1042")

    assert fits.fits(ORDER)
    assert not replace(fits, platforms=frozenset({"shopify"})).fits(ORDER)


@pytest.mark.parametrize(
    ("since", "fits"), [(LATER - MINUTE, True), (LATER, False), (LATER + MINUTE, False), (NOW, True)]
)
def test_changed_means_later_than_the_time_given(since: datetime, fits: bool) -> None:
    assert Wanted(changed_after=since).fits(ORDER) is fits


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (NOW, None, True),
        (None, NOW, True),
        (NOW, NOW, True),
        (NOW + MINUTE, None, False),
        (None, NOW - MINUTE, False),
        (NOW - MINUTE, NOW + MINUTE, True),
    ],
)
def test_both_ends_of_the_scheduled_time_are_included(
    first: datetime | None, last: datetime | None, fits: bool
) -> None:
    assert Wanted(scheduled_from=first, scheduled_to=last).fits(ORDER) is fits


def test_an_order_for_now_is_scheduled_for_no_time() -> None:
    assert not Wanted(scheduled_from=NOW).fits(an_order(placed_at=LATER))
    assert not Wanted(scheduled_to=LATER).fits(an_order(placed_at=NOW))


@pytest.mark.parametrize("text", ["1042", "#a-10", "A-1042", "renée", "RENÉE a", "shdow", " 1042 ", "4711", "0104711"])
def test_an_order_is_found_by_display_id_name_or_end_of_the_phone(text: str) -> None:
    assert Wanted(text=text).fits(ORDER)


@pytest.mark.parametrize("text", ["010-4711", "+1 (555) 010 4711", "15550104711"])
def test_a_phone_may_be_written_in_any_way(text: str) -> None:
    assert Wanted(text=text).fits(ORDER)


@pytest.mark.parametrize("text", ["1043", "robin", "555", "0104", "11", "+", "4711x", "٤٧١١"])
def test_other_text_does_not_find_it(text: str) -> None:
    assert not Wanted(text=text).fits(ORDER)


def test_an_order_of_which_nothing_is_known_is_not_found() -> None:
    assert not Wanted(text="4711").fits(an_order())
    assert not Wanted(text="4711").fits(an_order(customer=Customer()))


# --- late -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "late"),
    [
        (Status.INCOMING, NOW),
        (Status.ACCEPTED, LATER),
        (Status.BAGGING, LATER),
        (Status.READY, None),
        (Status.PICKED_UP, None),
        (Status.COMPLETED, None),
        (Status.CANCELLED, None),
        (Status.DENIED, None),
    ],
)
def test_an_order_is_late_when_it_is_not_answered_or_not_ready_in_time(status: Status, late: datetime | None) -> None:
    assert late_from(an_order(status=status, accept_by=NOW, ready_at=LATER)) == late


def test_an_order_that_should_be_ready_is_late_though_nobody_has_answered() -> None:
    assert late_from(an_order(ready_at=NOW)) == NOW
    assert late_from(an_order(ready_at=NOW, accept_by=LATER)) == NOW


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_order_without_times_is_never_late(status: Status) -> None:
    assert late_from(an_order(status=status)) is None
