"""What a platform is told of a change, why it is not, and what it does besides: every way there is, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.order.models import Order, Sync, SyncState
from orderhub.order.status import STAFF_MOVES, CancelReason, Status
from orderhub.platforms.base import NO_SUCH_CALL, Operation
from orderhub.platforms.telling import operations, side_effect, untold
from tests.platforms.toy import Toy
from tests.unit.made import an_order

ALL = frozenset(Operation)
BUSY = "it charges a fee"

# Where an order stands -> where staff bring it -> what the platform has to be told.
MOVES: dict[str, dict[str, str]] = {
    "incoming": {"accepted": "accept", "denied": "deny", "cancelled": "deny"},
    "accepted": {
        "bagging": "bagging",
        "ready": "bagging ready",
        "picked_up": "bagging ready picked_up",
        "completed": "bagging ready picked_up complete",
        "cancelled": "cancel",
    },
    "bagging": {
        "ready": "ready",
        "picked_up": "ready picked_up",
        "completed": "ready picked_up complete",
        "cancelled": "cancel",
    },
    "ready": {"picked_up": "picked_up", "completed": "picked_up complete", "cancelled": "cancel"},
    "picked_up": {"completed": "complete", "cancelled": "cancel"},
    "completed": {},
    "cancelled": {},
    "denied": {},
}


def platform(able: frozenset[Operation], **told: Any) -> Toy:
    """A platform that can do these operations."""
    made: Toy = type("Made", (Toy,), {"capabilities": able, **told})()
    return made


def at(status: str, sync: SyncState = SyncState.NOT_NEEDED) -> Order:
    return an_order(status=Status(status), sync=Sync(state=sync))


def test_the_table_has_every_move_that_staff_may_make() -> None:
    assert {known: set(row) for known, row in MOVES.items()} == {
        known: set(allowed) for known, allowed in STAFF_MOVES.items()
    }


@pytest.mark.parametrize(
    ("known", "target", "calls"),
    [(known, target, calls) for known, row in MOVES.items() for target, calls in row.items()],
)
def test_a_move_is_told_step_by_step(known: str, target: str, calls: str) -> None:
    assert " ".join(operations(platform(ALL), at(known), Status(target))) == calls


def test_a_platform_that_knows_no_refusal_is_told_of_a_cancellation() -> None:
    able = platform(ALL - {Operation.DENY})

    told = [operations(able, at("incoming"), target) for target in (Status.DENIED, Status.CANCELLED)]

    assert told == [[Operation.CANCEL], [Operation.CANCEL]]


@pytest.mark.parametrize("known", ["completed", "cancelled", "denied"])
@pytest.mark.parametrize("target", [Status.ACCEPTED, Status.BAGGING, Status.READY, Status.PICKED_UP])
def test_of_an_order_that_is_over_no_progress_is_told(known: str, target: Status) -> None:
    assert operations(platform(ALL), at(known), target) == []
    assert untold(platform(ALL), at(known), target) is None


# --- nobody to tell ---------------------------------------------------------------------------------------------------

WHY = {Operation.CANCEL: "orders cannot be taken back", Operation.PICKED_UP: "its couriers say so"}
ACCEPTS, READIES = frozenset({Operation.ACCEPT}), frozenset({Operation.READY})


def why_of(sentence: str | None) -> str | None:
    """The reason at the end of the sentence that staff read."""
    return None if sentence is None else sentence.partition(": ")[2]


@pytest.mark.parametrize(
    ("able", "known", "target", "why"),
    [
        pytest.param(ACCEPTS, "incoming", "accepted", None, id="it is told"),
        pytest.param(frozenset(), "incoming", "accepted", NO_SUCH_CALL, id="no reason given"),
        pytest.param(ACCEPTS, "accepted", "cancelled", WHY[Operation.CANCEL], id="a reason given"),
        pytest.param(ACCEPTS, "incoming", "denied", WHY[Operation.CANCEL], id="a refusal would be a cancellation"),
        pytest.param(READIES, "accepted", "picked_up", None, id="one step of three is told"),
        pytest.param(ACCEPTS, "accepted", "picked_up", WHY[Operation.PICKED_UP], id="the last step says why"),
        pytest.param(frozenset(), "accepted", "accepted", None, id="there is nothing to tell"),
    ],
)
def test_a_platform_hears_nothing_when_no_step_can_be_told(
    able: frozenset[Operation], known: str, target: str, why: str | None
) -> None:
    assert why_of(untold(platform(able, why=WHY), at(known), Status(target))) == why


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (SyncState.NOT_NEEDED, NO_SUCH_CALL),
        (SyncState.CONFIRMED, NO_SUCH_CALL),
        (SyncState.UNSUPPORTED, NO_SUCH_CALL),
        (SyncState.PENDING, None),
        (SyncState.RETRYING, None),
        (SyncState.FAILED, None),
    ],
)
def test_what_still_has_to_be_told_is_told_with_what_cannot_be(state: SyncState, why: str | None) -> None:
    assert why_of(untold(platform(frozenset()), at("accepted", state), Status.READY)) == why


def test_a_platform_may_say_why_of_one_order_and_not_of_another() -> None:
    def why_not(self: Toy, operation: Operation, order: Order) -> str | None:
        return "too late" if order.notes else None

    able = platform(ALL, why_not=why_not)
    late = an_order(status=Status.ACCEPTED, notes="x")

    assert [untold(able, order, Status.READY) for order in (late, at("accepted"))] == [
        "Toy is not told of 'ready': too late",
        None,
    ]


# --- what it does besides ---------------------------------------------------------------------------------------------

FEES = {
    Operation.DENY: {CancelReason.KITCHEN_CLOSED: "it closes the store"},
    Operation.CANCEL: {CancelReason.OUT_OF_STOCK: BUSY},
    Operation.READY: {CancelReason.OUT_OF_STOCK: "never"},
}
CLOSED, EMPTY, OTHER = CancelReason.KITCHEN_CLOSED, CancelReason.OUT_OF_STOCK, CancelReason.OTHER


@pytest.mark.parametrize(
    ("able", "known", "target", "reason", "effect"),
    [
        pytest.param(ALL, "incoming", "denied", CLOSED, "it closes the store", id="of a refusal"),
        pytest.param(ALL, "incoming", "cancelled", CLOSED, "it closes the store", id="a cancellation is a refusal"),
        pytest.param(ALL, "accepted", "cancelled", EMPTY, BUSY, id="of a cancellation"),
        pytest.param(ALL, "accepted", "cancelled", CLOSED, None, id="of a refusal only"),
        pytest.param(ALL, "incoming", "denied", EMPTY, None, id="of a cancellation only"),
        pytest.param(ALL, "incoming", "denied", OTHER, None, id="not with this reason"),
        pytest.param(ALL, "incoming", "denied", None, None, id="no reason"),
        pytest.param(ALL, "accepted", "ready", EMPTY, None, id="no end"),
        pytest.param(ACCEPTS, "incoming", "denied", EMPTY, BUSY, id="a refusal that is told as a cancellation"),
    ],
)
def test_what_a_platform_does_besides_is_warned_of(
    able: frozenset[Operation], known: str, target: str, reason: CancelReason | None, effect: str | None
) -> None:
    assert side_effect(platform(able, side_effects=FEES), at(known), Status(target), reason) == effect


def test_a_platform_without_side_effects_warns_of_none() -> None:
    found = {side_effect(platform(ALL), at("incoming"), Status.DENIED, reason) for reason in CancelReason}

    assert found == {None}
