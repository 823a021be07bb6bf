from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.order.merge import Effect, Outcome, asked_for
from orderhub.order.messages import (
    OrderReference,
    StaffChange,
)
from orderhub.order.models import (
    StatusReason,
    Sync,
    SyncState,
)
from orderhub.order.status import CLOSED, STAFF_MOVES, CancelReason, Status
from tests.unit.made import (
    LATER,
    NOW,
    a_report,
    a_snapshot,
    after,
    an_item,
    by_staff,
    changed,
    then,
    told,
)

# --- staff ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "wanted"), [(known, wanted) for known, allowed in STAFF_MOVES.items() for wanted in sorted(allowed)]
)
def test_staff_move_an_order_and_its_platform_has_yet_to_confirm_it(known: Status, wanted: Status) -> None:
    current = told(a_snapshot("1")).model_copy(update={"status": known})

    outcome = then(current, by_staff(wanted))

    pending = Sync(state=SyncState.PENDING, version=2, status=wanted, at=LATER)
    expected = changed(current, status=wanted, sync=pending)
    assert outcome == Outcome(Effect.APPLIED, f"order.{wanted}", expected, {"from": known, "to": wanted})


@pytest.mark.parametrize(
    ("known", "wanted"),
    [(known, wanted) for known in Status for wanted in Status if wanted not in {known, *STAFF_MOVES[known]}],
)
def test_a_move_that_staff_may_not_make_is_refused_with_those_they_may(known: Status, wanted: Status) -> None:
    current = told(a_snapshot("1")).model_copy(update={"status": known})

    with pytest.raises(Reject) as refused:
        then(current, by_staff(wanted))

    assert refused.value.code == ("ORDER_ALREADY_PROCESSED" if known in CLOSED else "ORDER_NOT_MODIFIABLE")
    assert refused.value.details == {"status": known, "status_by": None, "allowed": sorted(STAFF_MOVES[known])}


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_an_end_that_is_made_already_takes_no_promise(status: Status) -> None:
    current = told(a_snapshot("1")).model_copy(update={"status": status})

    assert then(current, by_staff(status, prep_minutes=30)) == Outcome(Effect.UNCHANGED, f"order.{status}")


@pytest.mark.parametrize("status", list(Status))
def test_a_move_that_is_made_already_changes_nothing(status: Status) -> None:
    current = told(a_snapshot("1")).model_copy(update={"status": status})

    assert then(current, by_staff(status)) == Outcome(Effect.UNCHANGED, f"order.{status}")


@pytest.mark.parametrize(
    ("promise", "ready_at", "minutes"),
    [
        ({"prep_minutes": 20}, LATER + timedelta(minutes=20), 20),
        ({"ready_at": LATER + timedelta(minutes=30)}, LATER + timedelta(minutes=30), 30),
        ({"ready_at": LATER + timedelta(seconds=100)}, LATER + timedelta(seconds=100), 2),
        ({"ready_at": NOW}, NOW, 0),
        ({"ready_at": NOW, "prep_minutes": 20}, NOW, 0),
        ({}, None, None),
    ],
)
def test_staff_promise_when_the_order_is_ready(promise: dict[str, Any], ready_at: Any, minutes: int | None) -> None:
    accepted = then(told(a_snapshot("1")), by_staff(Status.ACCEPTED, **promise)).order

    assert accepted is not None
    promised_at = LATER if promise else None
    assert (accepted.ready_at, accepted.prep_minutes, accepted.promised_at) == (ready_at, minutes, promised_at)


def test_staff_change_the_ready_time_of_an_open_order() -> None:
    current = told(a_snapshot("1"), by_staff(Status.ACCEPTED, prep_minutes=10))
    promise = {"ready_at": LATER + timedelta(minutes=30), "prep_minutes": 30, "promised_at": LATER}

    outcome = then(current, by_staff(prep_minutes=30))

    pending = Sync(state=SyncState.PENDING, version=3, status=Status.ACCEPTED, at=LATER)
    expected = changed(current, **promise, sync=pending)
    assert outcome == Outcome(Effect.APPLIED, "order.ready_time_changed", expected, promise)


def test_an_order_accepted_again_with_another_promise_takes_the_promise() -> None:
    current = told(a_snapshot("1"), by_staff(Status.ACCEPTED, prep_minutes=10))

    outcome = then(current, by_staff(Status.ACCEPTED, prep_minutes=30))

    assert outcome.effect is Effect.APPLIED
    assert outcome.order is not None
    assert (outcome.order.status, outcome.order.prep_minutes) == (Status.ACCEPTED, 30)
    assert outcome.order.sync.state is SyncState.PENDING


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_the_ready_time_of_a_closed_order_cannot_be_changed(status: Status) -> None:
    current = told(a_snapshot("1")).model_copy(update={"status": status})

    with pytest.raises(Reject) as refused:
        then(current, by_staff(prep_minutes=30))

    assert refused.value.code == "ORDER_NOT_MODIFIABLE"


def test_the_reason_that_staff_give_is_kept() -> None:
    reason = StatusReason(code=CancelReason.OUT_OF_STOCK, items=["itm_1"])

    denied = told(a_snapshot("1"), by_staff(Status.DENIED, reason=reason))

    assert denied.status_reason == reason


def test_staff_who_looked_at_the_order_as_it_is_may_change_it() -> None:
    current = told(a_snapshot("1"))

    assert then(current, by_staff(Status.ACCEPTED, expected_version=1)).effect is Effect.APPLIED


@pytest.mark.parametrize("version", [0, 2])
def test_staff_who_looked_at_another_version_are_told(version: int) -> None:
    current = told(a_snapshot("1"))

    with pytest.raises(Reject) as refused:
        then(current, by_staff(Status.ACCEPTED, expected_version=version))

    assert refused.value.code == "VERSION_CONFLICT"
    assert refused.value.details == {"version": 1, "status": Status.INCOMING}


def test_staff_cannot_change_an_order_that_does_not_exist() -> None:
    with pytest.raises(Reject) as refused:
        then(None, by_staff(Status.ACCEPTED))

    assert refused.value.code == "ORDER_NOT_FOUND"


# --- staff and platform at once ------------------------------------------------------------------------------------


def test_an_order_accepted_here_and_on_the_platforms_tablet_is_accepted_once_whoever_comes_first() -> None:
    created = a_snapshot("1")
    here, there = by_staff(Status.ACCEPTED), a_report(Status.ACCEPTED, "2")

    ends = [told(created, here, there), told(created, there, here)]

    assert [order.status for order in ends] == [Status.ACCEPTED, Status.ACCEPTED]
    assert [order.source_status for order in ends] == [Status.ACCEPTED, Status.ACCEPTED]


def test_a_cancellation_by_the_platform_wins_over_work_of_the_store() -> None:
    working = told(a_snapshot("1"), by_staff(Status.ACCEPTED), by_staff(Status.BAGGING))

    assert after(working, a_report(Status.CANCELLED, "2")).status is Status.CANCELLED


def test_work_on_an_order_that_the_platform_has_cancelled_is_refused() -> None:
    cancelled = told(a_snapshot("1"), a_report(Status.CANCELLED, "2"))

    with pytest.raises(Reject) as refused:
        then(cancelled, by_staff(Status.ACCEPTED))

    assert refused.value.code == "ORDER_ALREADY_PROCESSED"


def test_our_own_change_echoed_by_the_platform_moves_nothing() -> None:
    ready = told(a_snapshot("1"), by_staff(Status.ACCEPTED), by_staff(Status.READY))

    echoed = after(ready, a_snapshot("2", status=Status.READY))

    assert echoed == changed(ready, source_status=Status.READY, source_version="2")


def test_what_staff_picked_stays_when_the_platform_sends_the_order_again() -> None:
    picked = an_item(status="picked", picked_quantity=Decimal(1))
    current = told(a_snapshot("1", items=[an_item()])).model_copy(update={"items": [picked]})

    assert after(current, a_snapshot("2", items=[an_item()], notes="Ring twice")).items == [picked]


# --- the rest ------------------------------------------------------------------------------------------------------


def test_a_change_that_the_platform_has_to_be_told_of_is_pending() -> None:
    order = told(a_snapshot("1"))

    assert asked_for(order, LATER) == order.model_copy(
        update={"sync": Sync(state=SyncState.PENDING, version=1, status=Status.INCOMING, at=LATER)}
    )


def test_a_change_that_the_platform_will_not_be_told_of_says_why() -> None:
    order = told(a_snapshot("1"))

    assert asked_for(order, LATER, "it takes nothing back") == order.model_copy(
        update={
            "sync": Sync(
                state=SyncState.UNSUPPORTED,
                version=1,
                status=Status.INCOMING,
                detail="it takes nothing back",
                at=LATER,
            )
        }
    )


@pytest.mark.parametrize("wanted", [by_staff(Status.READY, untold="why"), by_staff(prep_minutes=30, untold="why")])
def test_what_staff_do_is_marked_at_once_when_the_platform_will_not_be_told(wanted: StaffChange) -> None:
    current = told(a_snapshot("1"), by_staff(Status.ACCEPTED))

    order = after(current, wanted)

    assert order.sync == Sync(
        state=SyncState.UNSUPPORTED, version=3, status=wanted.status or Status.ACCEPTED, detail="why", at=LATER
    )
    assert order == after(current, replace(wanted, untold=None)).model_copy(update={"sync": order.sync})


def test_what_is_told_next_is_pending_again() -> None:
    current = told(a_snapshot("1"), by_staff(Status.ACCEPTED, untold="why"))

    assert after(current, by_staff(Status.READY)).sync == Sync(
        state=SyncState.PENDING, version=3, status=Status.READY, at=LATER
    )


def test_a_change_that_changes_nothing_leaves_what_the_platform_was_told() -> None:
    current = told(a_snapshot("1"), by_staff(Status.ACCEPTED))

    assert then(current, by_staff(Status.ACCEPTED, untold="why")) == Outcome(Effect.UNCHANGED, "order.accepted")


def test_what_is_no_message_about_an_order_cannot_be_applied() -> None:
    reference: Any = OrderReference(delivery_key="d", external_id="A1")

    with pytest.raises(TypeError, match="OrderReference"):
        then(None, reference)
