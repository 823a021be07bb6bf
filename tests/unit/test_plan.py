"""What is left to tell a platform: every status against everything that it may know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhub.actions.plan import Step, plan, told
from orderhub.order.models import HandOver, Order, Tracking
from orderhub.order.status import PROGRESS, Status
from orderhub.order.times import sortable
from orderhub.platforms.base import Operation
from tests.unit.made import NOW, an_order

READY_AT = NOW + timedelta(minutes=20)

# What the platform knows -> what the order is -> the calls to make.
TABLE: dict[str, dict[str, str]] = {
    "incoming": {
        "incoming": "",
        "accepted": "accept",
        "bagging": "accept bagging",
        "ready": "accept bagging ready",
        "picked_up": "accept bagging ready picked_up",
        "completed": "accept bagging ready picked_up complete",
        "cancelled": "deny",
        "denied": "deny",
    },
    "accepted": {
        "incoming": "",
        "accepted": "",
        "bagging": "bagging",
        "ready": "bagging ready",
        "picked_up": "bagging ready picked_up",
        "completed": "bagging ready picked_up complete",
        "cancelled": "cancel",
        "denied": "cancel",
    },
    "bagging": {
        "incoming": "",
        "accepted": "",
        "bagging": "",
        "ready": "ready",
        "picked_up": "ready picked_up",
        "completed": "ready picked_up complete",
        "cancelled": "cancel",
        "denied": "cancel",
    },
    "ready": {
        "incoming": "",
        "accepted": "",
        "bagging": "",
        "ready": "",
        "picked_up": "picked_up",
        "completed": "picked_up complete",
        "cancelled": "cancel",
        "denied": "cancel",
    },
    "picked_up": {
        "incoming": "",
        "accepted": "",
        "bagging": "",
        "ready": "",
        "picked_up": "",
        "completed": "complete",
        "cancelled": "cancel",
        "denied": "cancel",
    },
    # What has ended there is over.
    "completed": dict.fromkeys(Status, ""),
    "cancelled": dict.fromkeys(Status, ""),
    "denied": dict.fromkeys(Status, ""),
}
CASES = [(known, status, calls) for known, row in TABLE.items() for status, calls in row.items()]


def calls_of(order: Order, state: dict[str, Any]) -> str:
    return " ".join(step.operation for step in plan(order, state))


def test_the_table_is_whole() -> None:
    assert {(known, status) for known, status, _ in CASES} == {(known, status) for known in Status for status in Status}


@pytest.mark.parametrize(("known", "status", "calls"), CASES)
def test_what_the_platform_said_itself_is_not_told_again(known: str, status: str, calls: str) -> None:
    assert calls_of(an_order(status=Status(status), source_status=Status(known)), {}) == calls


@pytest.mark.parametrize(("known", "status", "calls"), CASES)
def test_what_we_have_told_is_not_told_again(known: str, status: str, calls: str) -> None:
    assert calls_of(an_order(status=Status(status)), {"offer": "", "status": known}) == calls


@pytest.mark.parametrize("by_itself", PROGRESS)
@pytest.mark.parametrize("by_us", PROGRESS)
def test_the_platform_knows_the_further_of_what_it_said_and_what_it_was_told(by_itself: Status, by_us: Status) -> None:
    order = an_order(status=Status.COMPLETED, source_status=by_itself)

    assert told(order, {"offer": "", "status": by_us.value}) == max(by_itself, by_us, key=PROGRESS.index)


@pytest.mark.parametrize("end", [Status.CANCELLED, Status.DENIED])
def test_an_end_counts_whoever_said_it(end: Status) -> None:
    assert told(an_order(source_status=end), {"offer": "", "status": "ready"}) == end
    assert told(an_order(source_status=Status.READY), {"offer": "", "status": end.value}) == end


def test_each_step_says_what_is_known_once_it_is_made() -> None:
    assert plan(an_order(status=Status.READY, offer="2"), {}) == [
        Step(Operation.ACCEPT, {"offer": "2", "status": "accepted"}),
        Step(Operation.BAGGING, {"offer": "2", "status": "bagging"}),
        Step(Operation.READY, {"offer": "2", "status": "ready"}),
    ]


@pytest.mark.parametrize(
    ("known", "operation"), [(Status.INCOMING, Operation.DENY), (Status.ACCEPTED, Operation.CANCEL)]
)
def test_a_refusal_says_how_the_order_ended(known: Status, operation: Operation) -> None:
    order = an_order(status=Status.CANCELLED, source_status=known)

    assert plan(order, {}) == [Step(operation, {"offer": "", "status": "cancelled"})]


# --- offers -----------------------------------------------------------------------------------------------------------


def test_an_offer_that_is_made_again_is_accepted_again() -> None:
    order = an_order(status=Status.ACCEPTED, source_status=Status.INCOMING, offer="2")

    assert calls_of(order, {"offer": "1", "status": "accepted"}) == "accept"
    assert calls_of(order, {"offer": "2", "status": "accepted"}) == ""


def test_an_offer_that_was_refused_once_is_refused_again() -> None:
    order = an_order(status=Status.DENIED, source_status=Status.INCOMING, offer="2")

    assert calls_of(order, {"offer": "1", "status": "denied"}) == "deny"


def test_an_offer_that_nobody_has_answered_is_not_answered_for_them() -> None:
    assert calls_of(an_order(status=Status.INCOMING, offer="2"), {"offer": "1", "status": "accepted"}) == ""


# --- promises ---------------------------------------------------------------------------------------------------------


def promising(status: Status, **told_of: Any) -> Order:
    return an_order(status=status, **{"ready_at": READY_AT, "prep_minutes": 20, "promised_at": NOW, **told_of})


def test_accepting_tells_the_time_as_well() -> None:
    known = {"offer": "", "status": "accepted", "ready_at": sortable(READY_AT)}

    assert plan(promising(Status.ACCEPTED), {}) == [Step(Operation.ACCEPT, known)]
    assert plan(promising(Status.ACCEPTED), known) == []


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.BAGGING])
def test_another_time_is_told_while_the_order_is_made(status: Status) -> None:
    known = {"offer": "", "status": status.value, "ready_at": sortable(NOW), "note": "kept"}

    assert plan(promising(status), known) == [Step(Operation.SET_READY_TIME, {**known, "ready_at": sortable(READY_AT)})]


@pytest.mark.parametrize("status", [one for one in Status if one not in (Status.ACCEPTED, Status.BAGGING)])
def test_no_time_is_told_before_or_after(status: Status) -> None:
    assert Operation.SET_READY_TIME not in {
        step.operation for step in plan(promising(status), {"offer": "", "status": status.value, "ready_at": "other"})
    }


def test_a_time_the_platform_predicts_is_not_told_to_it() -> None:
    order = an_order(status=Status.ACCEPTED, ready_at=READY_AT, prep_minutes=20)

    assert plan(order, {}) == [Step(Operation.ACCEPT, {"offer": "", "status": "accepted"})]
    assert plan(order, {"offer": "", "status": "accepted"}) == []


def test_a_time_promised_for_an_order_accepted_elsewhere_is_told() -> None:
    order = promising(Status.ACCEPTED, source_status=Status.ACCEPTED)

    assert calls_of(order, {}) == "set_ready_time"


def test_a_new_time_waits_for_the_steps_before_it() -> None:
    order = promising(Status.BAGGING)

    assert calls_of(order, {"offer": "", "status": "accepted", "ready_at": "other"}) == "bagging"


def test_when_an_offer_is_made_again_the_time_goes_with_the_acceptance() -> None:
    order = promising(Status.ACCEPTED, offer="2")

    assert plan(order, {"offer": "1", "status": "accepted", "ready_at": "other"}) == [
        Step(Operation.ACCEPT, {"offer": "2", "status": "accepted", "ready_at": sortable(READY_AT)})
    ]


# --- parcels of a warehouse -------------------------------------------------------------------------------------------


def shipped(**told: Any) -> Order:
    """An order that left the warehouse with two parcels, one of which has an address only."""
    parcels = [Tracking(code="JJFI1"), Tracking(url="https://track.example.com/2")]
    owner = {"warehouse": HandOver(connection_id="con_9", platform="stock")}
    return an_order(**{"status": Status.PICKED_UP, "tracking": parcels, "hand_overs": owner, **told})


def test_parcels_are_told_once_after_the_status() -> None:
    first = plan(shipped(), {"status": "ready"})

    assert [step.operation for step in first] == [Operation.PICKED_UP, Operation.ADD_TRACKING]
    assert first[1].state == {"parcels": ["JJFI1", "https://track.example.com/2"]}
    assert plan(shipped(), {"status": "picked_up", **first[1].state}) == []


def test_one_more_parcel_is_told() -> None:
    (step,) = plan(shipped(), {"status": "picked_up", "parcels": ["JJFI1"]})

    assert step.operation is Operation.ADD_TRACKING


@pytest.mark.parametrize("told", [{"hand_overs": {}}, {"tracking": []}])
def test_parcels_that_the_platform_knows_itself_are_not_told(told: dict[str, Any]) -> None:
    assert plan(shipped(**told), {"status": "picked_up"}) == []
