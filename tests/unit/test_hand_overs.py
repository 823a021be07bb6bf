"""What becomes of an order by those it was handed to, and who decides what from then on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.handover import plan
from orderhub.handover.plan import Policy, Step, next_step
from orderhub.order.hand_overs import wanted
from orderhub.order.merge import Effect, Outcome, apply
from orderhub.order.messages import HandedOver, HandOverReport, OrderMessage
from orderhub.order.models import Courier, DeliveredBy, Fulfillment, HandOver, Order, Payment, SyncState, Tracking
from orderhub.order.status import CLOSED, PROGRESS, Status, rank
from tests.unit.made import IDENTITY, NOW, a_report, an_item, an_order, changed, courier, parcels, then

FLEET = HandOver(connection_id="con_9", platform="fleet", id="100071")
ON_ACCEPT = Policy("delivery", Status.ACCEPTED, hears_moves=True)
NAMING = Policy("delivery", Status.ACCEPTED, names_courier=True)


def an_order_with(target: str = "delivery", **told: Any) -> Order:
    """An accepted order that was handed over."""
    return an_order(**{"status": Status.ACCEPTED, "version": 3, "hand_overs": {target: FLEET}, **told})


def news(status: Status | None = None, *, minutes: int = 0, target: str = "delivery", **told: Any) -> HandOverReport:
    least = {"delivery_key": f"k-{minutes}-{status}", "number": "A1-1", "external_id": "100071", "state": "STATE"}
    at = NOW + timedelta(minutes=minutes)
    return HandOverReport(**{**least, "at": at, "target": target, "status": status, **told})


def hear(order: Order, message: OrderMessage) -> Outcome:
    return apply(order, message, NOW, IDENTITY)


# --- what is heard ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.PICKED_UP, Status.COMPLETED])
def test_whoever_has_the_order_moves_it_and_its_platform_is_to_be_told(status: Status) -> None:
    outcome = hear(an_order_with(), news(status))

    assert (outcome.effect, outcome.type) == (Effect.APPLIED, f"order.{status}")
    assert outcome.summary == {"state": "STATE", "from": "accepted", "to": status}
    assert outcome.order is not None
    assert (outcome.order.status, outcome.order.sync.state) == (status, SyncState.PENDING)
    assert outcome.order.hand_overs["delivery"] == FLEET.model_copy(update={"state": "STATE", "heard_at": NOW})


@pytest.mark.parametrize("known", PROGRESS)
@pytest.mark.parametrize("said", PROGRESS)
def test_they_move_it_forward_alone(known: Status, said: Status) -> None:
    after = hear(an_order_with(status=known), news(said)).order

    assert after is not None
    forward = rank(said) > rank(known) and known not in CLOSED
    assert after.status == (said if forward else known)


def test_a_fleet_ends_it_early_where_the_merchant_wants_that() -> None:
    after = hear(an_order_with(), news(Status.CANCELLED)).order

    assert after is not None
    assert after.status is Status.CANCELLED


def test_what_is_cancelled_at_the_warehouse_is_for_people() -> None:
    outcome = hear(an_order_with("warehouse"), news(Status.CANCELLED, target="warehouse"))

    assert (outcome.type, outcome.summary["trouble"]) == ("warehouse.trouble", "it was cancelled there")
    assert outcome.order is not None
    assert outcome.order.status is Status.ACCEPTED


@pytest.mark.parametrize("target", ["delivery", "warehouse"])
def test_what_we_had_them_take_back_is_no_trouble(target: str) -> None:
    taken_back = an_order_with(target, status=Status.CANCELLED)

    assert hear(taken_back, news(target=target, trouble="somebody deleted it")).type == f"{target}.updated"
    assert "trouble" not in hear(taken_back, news(Status.CANCELLED, target=target)).summary


def test_a_step_that_was_a_slip_is_taken_back() -> None:
    on_its_way = an_order_with(status=Status.PICKED_UP)

    outcome = hear(on_its_way, news(undone=True))

    assert outcome.order is not None
    assert (outcome.order.status, outcome.type) == (Status.READY, "order.ready")
    assert outcome.summary == {"state": "STATE", "from": "picked_up", "to": "ready", "undone": True}


def test_a_courier_is_added_to_and_leaves() -> None:
    assigned = hear(an_order_with(), news(courier=Courier(name="Sam"))).order
    assert assigned is not None
    reached = hear(assigned, news(minutes=1, courier=Courier(phone="+15550100")))
    assert reached.order is not None
    assert (reached.type, reached.order.courier) == ("courier.updated", Courier(name="Sam", phone="+15550100"))

    left = hear(reached.order, news(minutes=2, no_courier=True)).order

    assert left is not None
    assert left.courier is None


def test_parcels_come_from_the_warehouse_once() -> None:
    parcel = Tracking(code="JJFI1")
    shipped = hear(an_order_with("warehouse"), news(target="warehouse", tracking=(parcel,)))
    assert shipped.order is not None
    assert (shipped.type, shipped.order.tracking) == ("tracking.updated", [parcel])

    again = hear(shipped.order, news(target="warehouse", tracking=(parcel,)))

    assert again.effect is Effect.UNCHANGED


def test_a_parcel_is_told_of_in_more_than_one_go() -> None:
    first = hear(an_order_with("warehouse"), news(target="warehouse", tracking=(Tracking(code="J1"),))).order
    assert first is not None
    fuller = Tracking(code="J1", url="https://track.example.com/1")

    after = hear(first, news(target="warehouse", minutes=1, tracking=(fuller, Tracking(code="J2")))).order

    assert after is not None
    assert after.tracking == [fuller, Tracking(code="J2")]


def test_trouble_moves_nothing_and_is_said() -> None:
    outcome = hear(an_order_with(), news(trouble="the customer was not there"))

    assert (outcome.effect, outcome.type) == (Effect.APPLIED, "delivery.trouble")
    assert outcome.summary == {"trouble": "the customer was not there", "state": "STATE"}
    assert outcome.order is not None
    assert outcome.order.status is Status.ACCEPTED


def test_what_is_older_than_what_was_heard_is_stale() -> None:
    after = hear(an_order_with(), news(Status.PICKED_UP, minutes=5)).order
    assert after is not None

    assert hear(after, news(Status.COMPLETED, minutes=4)).effect is Effect.STALE
    assert hear(after, news(Status.PICKED_UP, minutes=5)).effect is Effect.UNCHANGED
    assert hear(after, news(Status.COMPLETED, minutes=6)).effect is Effect.APPLIED


def test_news_of_an_order_that_is_not_there_are_refused() -> None:
    with pytest.raises(Reject, match="no such order"):
        apply(None, news(), NOW, IDENTITY)


def test_who_has_it_is_written_on_the_order_and_taken_off() -> None:
    def handing(to: HandOver | None) -> HandedOver:
        return HandedOver(delivery_key="k", target="delivery", to=to)

    made = hear(an_order(version=1), handing(FLEET))
    assert made.order is not None
    assert (made.type, made.order.hand_overs) == ("delivery.created", {"delivery": FLEET})
    assert made.summary == {"with": "fleet", "id": "100071"}

    gone = hear(made.order, handing(None))

    assert gone.order is not None
    assert (gone.type, gone.order.hand_overs, gone.summary) == ("delivery.removed", {}, made.summary)


# --- who decides --------------------------------------------------------------------------------------------------

# What the platform says, what the order was handed over for, whose word it is then.
PARCEL = parcels(Tracking(code="1"))
TAKEN_OVER = [
    (courier(name="Theirs"), "delivery", "delivery"),
    (courier(name="Theirs"), "warehouse", None),
    (PARCEL, "warehouse", "warehouse"),
    (PARCEL, "delivery", None),
    (a_report(Status.PICKED_UP), "delivery", "delivery"),
    (a_report(Status.COMPLETED), "delivery", "delivery"),
    (a_report(Status.PICKED_UP), "warehouse", None),
    (a_report(Status.READY), "delivery", None),
    (a_report(Status.CANCELLED), "delivery", None),
    (a_report(Status.CANCELLED), "warehouse", None),
]


@pytest.mark.parametrize(("message", "target", "owner"), TAKEN_OVER)
def test_what_a_platform_says_of_an_order_that_others_have(
    message: OrderMessage, target: str, owner: str | None
) -> None:
    outcome = then(an_order_with(target), message)

    if owner is None:
        assert outcome.effect is Effect.APPLIED
    else:
        assert (outcome.effect, outcome.order, outcome.summary) == (Effect.DROPPED, None, {"owner": owner})


@pytest.mark.parametrize("message", [message for message, _, _ in TAKEN_OVER])
def test_before_that_its_word_counts(message: OrderMessage) -> None:
    assert then(an_order(version=1, status=Status.ACCEPTED), message).effect is Effect.APPLIED


def test_an_echo_of_the_warehouse_s_parcels_is_not_dropped() -> None:
    known = an_order_with("warehouse", tracking=[Tracking(code="1")])

    assert then(known, PARCEL).effect is Effect.UNCHANGED


# --- what is left to tell a fleet ---------------------------------------------------------------------------------


def to_bring(**told: Any) -> Order:
    least = {"fulfillment": Fulfillment.DELIVERY, "delivered_by": DeliveredBy.STORE, "items": [an_item()], "version": 1}
    return an_order(**{**least, "status": Status.ACCEPTED, **told})


@pytest.mark.parametrize(
    ("told", "target"),
    [
        ({}, "delivery"),
        ({"delivered_by": DeliveredBy.PLATFORM}, None),
        ({"delivered_by": None}, None),
        ({"fulfillment": Fulfillment.PICKUP}, None),
        ({"fulfillment": None}, None),
        ({"fulfillment": Fulfillment.SHIPPING}, "warehouse"),
        ({"duplicate_of": "ord_7"}, None),
    ],
)
def test_what_an_order_may_have_to_be_handed_over_for(told: dict[str, Any], target: str | None) -> None:
    assert wanted(to_bring(**told)) == target


@pytest.mark.parametrize("starts_at", [Status.INCOMING, Status.ACCEPTED, Status.READY])
@pytest.mark.parametrize("status", Status)
def test_a_fleet_is_asked_from_the_policy_s_status_on(status: Status, starts_at: Status) -> None:
    due = status not in CLOSED and rank(status) >= rank(starts_at)

    assert next_step(to_bring(status=status), {}, Policy("delivery", starts_at)) == (Step.CREATE if due else None)


def test_an_order_that_waits_for_its_time_is_not_handed_over() -> None:
    waiting = to_bring(status=Status.INCOMING, enters_at=NOW, scheduled_for=NOW)

    assert next_step(waiting, {}, Policy("delivery", Status.INCOMING)) is None


def test_the_steps_of_a_life() -> None:
    order = to_bring()
    made = {"made": plan.content_of(order)}
    assert next_step(order, made, ON_ACCEPT) is Step.NOTE
    order = changed(order, hand_overs={"delivery": FLEET})
    assert next_step(order, made, ON_ACCEPT) is None
    assert next_step(order, made, NAMING) is Step.ASSIGN
    assert next_step(order, {**made, "courier": "1"}, NAMING) is None

    edited = changed(order, notes="ring twice")
    assert next_step(edited, made, ON_ACCEPT) is Step.CHANGE
    assert next_step(changed(edited, status=Status.PICKED_UP), made, ON_ACCEPT) is None, "it has left"

    ready = changed(order, status=Status.READY, status_by="Robin")
    assert next_step(ready, made, ON_ACCEPT) is Step.MOVE
    assert next_step(ready, {**made, "moved": "ready"}, ON_ACCEPT) is None
    by_the_fleet = changed(order, status=Status.COMPLETED, status_by=None)
    assert next_step(by_the_fleet, made, ON_ACCEPT) is None, "what it said is not said back"

    for end in (Status.CANCELLED, Status.DENIED):
        assert next_step(changed(order, status=end), made, ON_ACCEPT) is Step.REMOVE
        assert next_step(changed(order, status=end), {"asked": True}, ON_ACCEPT) is Step.REMOVE, "there may be one"
        assert next_step(changed(order, status=end), {}, ON_ACCEPT) is None


def test_what_was_refused_waits_for_another_order() -> None:
    order = to_bring()
    refused = {"refused": {"create": plan.refusal_of(order)}}

    assert next_step(order, refused, ON_ACCEPT) is None
    assert next_step(changed(order, notes="another door"), refused, ON_ACCEPT) is Step.CREATE
    assert next_step(order, {"refused": {}}, ON_ACCEPT) is Step.CREATE


@pytest.mark.parametrize(
    ("payment", "due"),
    [(None, False), (Payment(prepaid=True), True), (Payment(prepaid=False), False), (Payment(prepaid=None), False)],
)
def test_a_warehouse_ships_what_is_paid(payment: Payment | None, due: bool) -> None:
    order = to_bring(fulfillment=Fulfillment.SHIPPING, payment=payment)

    assert next_step(order, {}, Policy("warehouse", Status.ACCEPTED, paid=True)) == (Step.CREATE if due else None)


def test_a_step_that_is_refused_keeps_no_other_back() -> None:
    order = to_bring(hand_overs={"delivery": FLEET})
    state = {"made": "other", "refused": {"assign": plan.refusal_of(order)}}

    assert next_step(order, state, NAMING) is Step.CHANGE


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ({"display_id": "#1042"}, "1042-deadbeef"),
        ({"display_id": None, "external_id": "A 1/é"}, "A1-deadbeef"),
        ({"display_id": "—"}, "deadbeef"),
        ({"display_id": "x" * 90}, "x" * 31 + "-deadbeef"),
    ],
)
def test_a_number_that_is_one_of_a_kind(told: dict[str, Any], number: str) -> None:
    assert plan.number_of(to_bring(id="ord_0000deadbeef", **told)) == number
