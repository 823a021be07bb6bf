from itertools import pairwise

import pytest

from orderhub.order.status import CLOSED, OPEN, PLATFORM_MOVES, PROGRESS, STAFF_MOVES, CancelReason, Status, rank

EARLY_ENDS = {Status.CANCELLED, Status.DENIED}


def test_the_statuses_are_the_words_that_the_api_and_the_platforms_use() -> None:
    assert [status.value for status in Status] == [
        *("incoming", "accepted", "bagging", "ready", "picked_up", "completed", "cancelled", "denied")
    ]


def test_the_reasons_are_the_words_that_the_api_and_the_platforms_use() -> None:
    assert [reason.value for reason in CancelReason] == [
        *("OUT_OF_STOCK", "KITCHEN_CLOSED", "EQUIPMENT_FAILURE", "STAFF_SHORTAGE", "STORE_EMERGENCY"),
        *("CUSTOMER_REQUEST", "PAYMENT_ISSUE", "DELIVERY_ADDRESS_ISSUE", "PLATFORM_ERROR", "DUPLICATE_ORDER"),
        *("FRAUD_SUSPECTED", "WEATHER_RELATED", "OTHER"),
    ]


def test_every_status_is_open_or_closed() -> None:
    assert set(OPEN | CLOSED) == set(Status)
    assert not OPEN & CLOSED
    assert set(CLOSED) == {Status.COMPLETED, Status.CANCELLED, Status.DENIED}


def test_every_status_is_on_the_way_or_an_early_end() -> None:
    assert set(PROGRESS) | EARLY_ENDS == set(Status)
    assert [rank(status) for status in PROGRESS] == [0, 1, 2, 3, 4, 5]
    assert {rank(status) for status in EARLY_ENDS} == {-1}


@pytest.mark.parametrize("moves", [STAFF_MOVES, PLATFORM_MOVES], ids=["staff", "platform"])
def test_moves_are_said_for_every_status(moves: dict[Status, frozenset[Status]]) -> None:
    assert set(moves) == set(Status)


@pytest.mark.parametrize("moves", [STAFF_MOVES, PLATFORM_MOVES], ids=["staff", "platform"])
@pytest.mark.parametrize("status", list(Status))
def test_no_move_goes_back_or_stays_or_leaves_a_closed_order(
    status: Status, moves: dict[Status, frozenset[Status]]
) -> None:
    backwards = {to for to in moves[status] if to not in EARLY_ENDS and rank(to) <= rank(status)}

    assert backwards == set()
    assert status not in moves[status]
    assert status in OPEN or moves[status] == set()


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_order_can_always_be_cancelled(status: Status) -> None:
    assert Status.CANCELLED in STAFF_MOVES[status]
    assert {Status.CANCELLED, Status.DENIED} <= PLATFORM_MOVES[status]


@pytest.mark.parametrize(("status", "following"), list(pairwise(PROGRESS)))
def test_every_step_forward_may_be_taken(status: Status, following: Status) -> None:
    assert following in STAFF_MOVES[status]
    assert following in PLATFORM_MOVES[status]


def test_staff_answer_an_order_before_they_work_on_it() -> None:
    assert STAFF_MOVES[Status.INCOMING] == {Status.ACCEPTED, Status.DENIED, Status.CANCELLED}
    assert {status for status in Status if Status.DENIED in STAFF_MOVES[status]} == {Status.INCOMING}


@pytest.mark.parametrize("status", sorted(OPEN))
def test_a_platform_may_skip_steps_that_it_never_tells(status: Status) -> None:
    later = set(PROGRESS[rank(status) + 1 :])

    assert PLATFORM_MOVES[status] == later | EARLY_ENDS
