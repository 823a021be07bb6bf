from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.order.merge import CONTENT_MISSING, Effect, Outcome, apply, asked_for, reason_given
from orderhub.order.messages import (
    CourierReport,
    OrderMessage,
    OrderReference,
    StaffChange,
    TrackingReport,
)
from orderhub.order.models import (
    Amounts,
    Check,
    Courier,
    DeliveredBy,
    Order,
    StatusReason,
    Sync,
    SyncState,
    Tracking,
)
from orderhub.order.status import CLOSED, OPEN, STAFF_MOVES, CancelReason, Status, rank
from tests.unit.made import IDENTITY, NOW, a_report, a_snapshot, an_item, an_order

LATER = NOW + timedelta(minutes=5)
FIRST = Tracking(carrier="Post", code="1")
SECOND = Tracking(carrier="Post", code="2")


def told(*messages: OrderMessage) -> Order:
    """The order after these messages, each at the next minute."""
    current: Order | None = None
    for minute, message in enumerate(messages):
        current = apply(current, message, NOW + timedelta(minutes=minute), IDENTITY).order or current
    assert current is not None
    return current


def then(current: Order | None, message: OrderMessage) -> Outcome:
    return apply(current, message, LATER, IDENTITY)


def changed(current: Order, **update: Any) -> Order:
    """The order as a change at LATER leaves it."""
    return current.model_copy(update={"version": current.version + 1, "updated_at": LATER, **update})


def by_staff(status: Status | None = None, **more: Any) -> StaffChange:
    return StaffChange(delivery_key="staff", status=status, **more)


def courier(version: str | None = None, status: Status | None = None, **news: Any) -> CourierReport:
    return CourierReport(
        delivery_key="courier", source_version=version, external_id="A1", courier=Courier(**news), status=status
    )


def parcels(*tracking: Tracking, version: str | None = None, status: Status | None = None) -> TrackingReport:
    return TrackingReport(
        delivery_key="parcels", source_version=version, external_id="A1", tracking=tracking, status=status
    )


# --- the platform sends the order -----------------------------------------------------------------------------------


def test_the_first_snapshot_makes_the_order() -> None:
    message = a_snapshot("1", items=[an_item(unit_price=900)], amounts=Amounts(currency="USD", subtotal=900, total=900))

    assert then(None, message) == Outcome(
        Effect.APPLIED,
        "order.created",
        message.order.model_copy(
            update={
                "source_status": Status.INCOMING,
                "source_version": "1",
                "version": 1,
                "created_at": LATER,
                "updated_at": LATER,
            }
        ),
        {"to": Status.INCOMING},
    )


def test_sums_that_do_not_agree_are_flagged_once_and_beside_the_adapters_own_flags() -> None:
    own = Check(code="UNKNOWN_STATUS", message="status 'odd'")
    message = a_snapshot(amounts=Amounts(currency="USD", subtotal=900, total=1000), checks=[own])

    flagged = told(message)

    assert [check.code for check in flagged.checks] == ["UNKNOWN_STATUS", "TOTAL_MISMATCH"]
    assert told(a_snapshot(amounts=flagged.amounts, checks=flagged.checks)).checks == flagged.checks


def test_the_same_snapshot_again_changes_nothing() -> None:
    assert then(told(a_snapshot("1")), a_snapshot("1")) == Outcome(Effect.UNCHANGED, "order.updated")


def test_a_newer_snapshot_replaces_what_the_platform_owns() -> None:
    current = told(a_snapshot("1", notes="no onions", display_id="#1"))

    outcome = then(current, a_snapshot("2", notes="no onions please"))

    expected = changed(current, notes="no onions please", source_version="2")
    assert outcome == Outcome(Effect.APPLIED, "order.updated", expected)


def test_a_newer_snapshot_moves_the_order_forward_and_is_named_after_the_move() -> None:
    current = told(a_snapshot("1"))

    outcome = then(current, a_snapshot("2", status=Status.READY))

    expected = changed(current, status=Status.READY, source_status=Status.READY, source_version="2")
    assert outcome == Outcome(Effect.APPLIED, "order.ready", expected, {"from": Status.INCOMING, "to": Status.READY})


def test_an_older_snapshot_is_stale() -> None:
    current = told(a_snapshot("2"))

    outcome = then(current, a_snapshot("1", status=Status.READY))

    assert outcome == Outcome(Effect.STALE, "order.updated", summary={"known_version": "2"})


def test_a_snapshot_without_a_version_is_taken_and_keeps_the_version_that_is_known() -> None:
    current = told(a_snapshot("2"))

    outcome = then(current, a_snapshot(None, notes="hi"))

    assert outcome == Outcome(Effect.APPLIED, "order.updated", changed(current, notes="hi"))


def test_an_end_told_by_a_snapshot_comes_with_its_reason() -> None:
    reason = StatusReason(source_code="customer")
    current = told(a_snapshot("1"))

    cancelled = then(current, a_snapshot("2", status=Status.CANCELLED, status_reason=reason)).order

    assert cancelled is not None
    assert (cancelled.status, cancelled.status_reason) == (Status.CANCELLED, reason)


def test_an_order_offered_again_says_so_and_stays_accepted() -> None:
    current = told(a_snapshot("1", offer="first", accept_by=NOW), by_staff(Status.ACCEPTED))

    outcome = then(current, a_snapshot("2", offer="second", accept_by=LATER))

    expected = changed(current, offer="second", accept_by=LATER, source_version="2")
    assert outcome == Outcome(Effect.APPLIED, "order.offered", expected)


def test_an_offer_that_the_platform_has_taken_as_accepted_is_no_new_offer() -> None:
    current = told(a_snapshot("1", offer="first"))

    assert then(current, a_snapshot("2", offer="second", status=Status.ACCEPTED)).type == "order.accepted"


def test_a_guess_does_not_replace_what_is_known() -> None:
    current = told(a_snapshot("1", notes="known"))
    guess = a_snapshot("2", notes="guessed", brand="new")

    guessed = type(guess)(
        delivery_key="d", source_version="2", order=guess.order, guessed=frozenset({"notes", "brand"})
    )

    assert then(current, guessed).order == changed(current, brand="new", source_version="2")


@pytest.mark.parametrize("known", list(Status))
@pytest.mark.parametrize("sent", list(Status))
def test_what_staff_did_is_never_undone_by_what_the_platform_still_thinks(known: Status, sent: Status) -> None:
    current = told(a_snapshot("1")).model_copy(update={"status": known})

    outcome = then(current, a_snapshot("2", status=sent))

    status = outcome.order.status if outcome.order else known
    if known in CLOSED:
        assert status == known
    else:
        assert status in CLOSED or rank(status) == max(rank(known), rank(sent))


# --- the platform reports on the order ------------------------------------------------------------------------------


def test_a_report_moves_the_order() -> None:
    reason = reason_given("OUT", "no dough")
    current = told(a_snapshot("1"))

    outcome = then(current, a_report(Status.CANCELLED, "2", reason=reason))

    assert outcome == Outcome(
        Effect.APPLIED,
        "order.cancelled",
        changed(
            current,
            status=Status.CANCELLED,
            source_status=Status.CANCELLED,
            source_version="2",
            status_reason=StatusReason(source_code="OUT", details="no dough"),
        ),
        {"from": Status.INCOMING, "to": Status.CANCELLED},
    )


def test_the_same_report_again_changes_nothing() -> None:
    message = a_report(Status.READY, "2")

    assert then(told(a_snapshot("1"), message), message) == Outcome(Effect.UNCHANGED, "order.ready")


def test_a_report_of_a_step_already_passed_is_noted_and_moves_nothing() -> None:
    current = told(a_snapshot("1"), by_staff(Status.ACCEPTED), by_staff(Status.READY))

    outcome = then(current, a_report(Status.ACCEPTED, "2"))

    expected = changed(current, source_status=Status.ACCEPTED, source_version="2")
    assert outcome == Outcome(Effect.APPLIED, "order.accepted", expected)


def test_a_report_without_a_version_keeps_the_version_that_is_known() -> None:
    current = told(a_snapshot("1"))

    assert then(current, a_report(Status.READY)).order == changed(
        current, status=Status.READY, source_status=Status.READY
    )


def test_the_reason_of_an_end_that_did_not_happen_is_not_taken() -> None:
    current = told(a_snapshot("1"), by_staff(Status.DENIED, reason=StatusReason(details="ours")))

    outcome = then(current, a_report(Status.CANCELLED, "2", reason=reason_given("theirs")))

    assert outcome.order == changed(current, source_status=Status.CANCELLED, source_version="2")


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_older_report_is_stale(status: Status) -> None:
    current = told(a_snapshot("2"))

    outcome = then(current, a_report(status, "1"))

    assert outcome == Outcome(Effect.STALE, f"order.{status}", summary={"known_version": "2"})


@pytest.mark.parametrize("end", sorted(CLOSED))
@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_end_that_is_told_late_is_still_an_end(status: Status, end: Status) -> None:
    current = told(a_snapshot("2", status=status))

    outcome = then(current, a_report(end, "1"))

    assert (outcome.effect, outcome.order and outcome.order.status) == (Effect.APPLIED, end)


@pytest.mark.parametrize("first", sorted(CLOSED))
@pytest.mark.parametrize("second", sorted(CLOSED))
def test_an_older_end_does_not_replace_the_end_that_is_known(first: Status, second: Status) -> None:
    current = told(a_snapshot("1"), a_report(first, "5"))

    assert then(current, a_report(second, "3")).effect is Effect.STALE


# --- corrections ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", sorted(CLOSED))
@pytest.mark.parametrize("second", sorted(Status))
def test_a_platform_may_take_back_its_own_end_and_that_is_noted_as_a_correction(first: Status, second: Status) -> None:
    current = told(a_snapshot("1"), a_report(first, "2"))

    by_report = then(current, a_report(second, "3"))
    by_snapshot = then(current, a_snapshot("3", status=second))

    moved = {"from": first, "to": second, "correction": True} if first != second else {}
    assert [(by_report.order or current).status, by_report.summary] == [second, moved]
    assert [(by_snapshot.order or current).status, by_snapshot.summary] == [second, moved]


@pytest.mark.parametrize("version", [None, "2"], ids=["without a version", "of the same version"])
def test_only_a_newer_word_of_the_platform_is_a_correction(version: str | None) -> None:
    current = told(a_snapshot("1"), a_report(Status.CANCELLED, "2"))

    for message in (a_report(Status.READY, version), a_snapshot(version, status=Status.READY)):
        outcome = then(current, message)

        assert (outcome.order or current).status is Status.CANCELLED
        assert "correction" not in outcome.summary


def test_an_end_that_staff_made_is_not_the_platforms_to_take_back() -> None:
    current = told(a_snapshot("1"), by_staff(Status.DENIED))

    outcome = then(current, a_report(Status.ACCEPTED, "2"))

    assert outcome == Outcome(
        Effect.APPLIED, "order.accepted", changed(current, source_status=Status.ACCEPTED, source_version="2")
    )


# --- a report before the order --------------------------------------------------------------------------------------


def test_a_report_on_an_unknown_order_makes_a_placeholder() -> None:
    outcome = then(None, a_report(Status.CANCELLED, "2", reason=reason_given("gone")))

    assert outcome == Outcome(
        Effect.APPLIED,
        "order.cancelled",
        an_order(
            status=Status.CANCELLED,
            status_reason=StatusReason(source_code="gone"),
            source_status=Status.CANCELLED,
            source_version="2",
            checks=[Check(code=CONTENT_MISSING, message="the platform reported on this order before it sent it")],
            version=1,
            created_at=LATER,
            updated_at=LATER,
        ),
        {"from": None, "to": Status.CANCELLED},
    )


def test_a_placeholder_is_filled_by_an_older_snapshot_and_stays_cancelled() -> None:
    current = told(a_report(Status.CANCELLED, "2", reason=reason_given("gone")))

    outcome = then(current, a_snapshot("1", items=[an_item()], notes="no onions", display_id="#7"))

    expected = changed(current, items=[an_item()], notes="no onions", display_id="#7", checks=[])
    assert outcome == Outcome(Effect.APPLIED, "order.created", expected, {"to": Status.CANCELLED})


def test_a_placeholder_is_filled_by_a_newer_snapshot_and_follows_it() -> None:
    current = told(a_report(Status.ACCEPTED, "1"))

    outcome = then(current, a_snapshot("2", status=Status.READY, items=[an_item()]))

    expected = changed(
        current, items=[an_item()], checks=[], status=Status.READY, source_status=Status.READY, source_version="2"
    )
    assert outcome == Outcome(Effect.APPLIED, "order.created", expected, {"from": Status.ACCEPTED, "to": Status.READY})


def test_a_newer_snapshot_that_fills_a_placeholder_may_correct_its_end_and_says_so() -> None:
    current = told(a_report(Status.COMPLETED, "1"))

    outcome = then(current, a_snapshot("2", status=Status.CANCELLED))

    assert outcome.summary == {"from": Status.COMPLETED, "to": Status.CANCELLED, "correction": True}


def test_a_placeholder_is_filled_once() -> None:
    filled = told(a_report(Status.READY, "5"), a_snapshot("3", notes="from 3"))

    assert then(filled, a_snapshot("4", notes="from 4")).effect is Effect.STALE


def test_a_placeholder_takes_no_older_report() -> None:
    current = told(a_report(Status.COMPLETED, "5"))

    assert then(current, a_report(Status.CANCELLED, "3")).effect is Effect.STALE


def test_a_promise_that_staff_made_on_a_placeholder_is_kept_when_it_is_filled() -> None:
    current = told(a_report(Status.INCOMING, "1"), by_staff(Status.ACCEPTED, prep_minutes=20))

    filled = then(current, a_snapshot("2", ready_at=NOW, items=[an_item()])).order

    assert filled == changed(current, items=[an_item()], checks=[], source_version="2")


def test_a_cancellation_before_the_order_and_after_it_end_in_the_same_order() -> None:
    created, cancelled = a_snapshot("1", items=[an_item()]), a_report(Status.CANCELLED, "2")

    one, other = told(created, cancelled), told(cancelled, created)

    assert one == other


# --- couriers and parcels -------------------------------------------------------------------------------------------


def test_news_of_the_courier_add_to_what_is_known() -> None:
    current = told(a_snapshot("1"), courier(name="Sam", phone="+1 555 0100"))

    outcome = then(current, courier(phone="+1 555 0101", lat=40.7, lng=-74.0))

    known = Courier(name="Sam", phone="+1 555 0101", lat=40.7, lng=-74.0)
    assert outcome == Outcome(Effect.APPLIED, "courier.updated", changed(current, courier=known))


def test_the_same_news_of_the_courier_change_nothing() -> None:
    message = courier(name="Sam")

    assert then(told(a_snapshot("1"), message), message) == Outcome(Effect.UNCHANGED, "courier.updated")


def test_a_courier_who_has_left_moves_the_order_forward() -> None:
    current = told(a_snapshot("1"), by_staff(Status.ACCEPTED))

    outcome = then(current, courier(status=Status.PICKED_UP, name="Sam"))

    assert outcome == Outcome(
        Effect.APPLIED,
        "courier.updated",
        changed(current, courier=Courier(name="Sam"), status=Status.PICKED_UP),
        {"from": Status.ACCEPTED, "to": Status.PICKED_UP},
    )


@pytest.mark.parametrize("end", sorted(CLOSED))
@pytest.mark.parametrize(
    "report", [courier("9", Status.READY, name="Sam"), parcels(FIRST, version="9", status=Status.READY)]
)
def test_news_of_courier_and_parcels_do_not_reopen_an_order(end: Status, report: OrderMessage) -> None:
    current = told(a_snapshot("1"), a_report(end, "2"))

    outcome = then(current, report)

    assert outcome.order is not None
    assert (outcome.order.status, outcome.summary) == (end, {})


@pytest.mark.parametrize("report", [courier("1", name="Sam"), parcels(FIRST, version="1")])
def test_older_news_of_courier_and_parcels_are_stale(report: OrderMessage) -> None:
    assert then(told(a_snapshot("2")), report).effect is Effect.STALE


def test_news_of_a_courier_of_an_unknown_order_make_a_placeholder() -> None:
    placeholder = told(courier(name="Sam", status=Status.PICKED_UP))

    assert (placeholder.status, placeholder.courier) == (Status.PICKED_UP, Courier(name="Sam"))
    assert [check.code for check in placeholder.checks] == [CONTENT_MISSING]
    assert told(courier(name="Sam")).status is Status.INCOMING


def test_a_courier_known_before_the_order_is_still_known_after_it() -> None:
    filled = told(courier(name="Sam"), a_snapshot("1", items=[an_item()]))

    assert (filled.courier, filled.items, filled.checks) == (Courier(name="Sam"), [an_item()], [])


def test_parcels_are_added_to_those_known_and_none_is_there_twice() -> None:
    current = told(a_snapshot("1"), parcels(FIRST))

    outcome = then(current, parcels(FIRST, SECOND))

    assert outcome == Outcome(Effect.APPLIED, "tracking.updated", changed(current, tracking=[FIRST, SECOND]))


def test_the_same_parcels_again_change_nothing() -> None:
    assert then(told(a_snapshot("1"), parcels(FIRST)), parcels(FIRST)) == Outcome(Effect.UNCHANGED, "tracking.updated")


def test_parcels_known_before_the_order_are_still_known_after_it() -> None:
    assert told(parcels(FIRST), a_snapshot("1", delivered_by=DeliveredBy.PLATFORM)).tracking == [FIRST]


# --- staff ----------------------------------------------------------------------------------------------------------


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
    assert refused.value.details == {"status": known, "allowed": sorted(STAFF_MOVES[known])}


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

    assert (refused.value.code, refused.value.details) == ("VERSION_CONFLICT", {"version": 1})


def test_staff_cannot_change_an_order_that_does_not_exist() -> None:
    with pytest.raises(Reject) as refused:
        then(None, by_staff(Status.ACCEPTED))

    assert refused.value.code == "ORDER_NOT_FOUND"


# --- staff and platform at once -------------------------------------------------------------------------------------


def test_an_order_accepted_here_and_on_the_platforms_tablet_is_accepted_once_whoever_comes_first() -> None:
    created = a_snapshot("1")
    here, there = by_staff(Status.ACCEPTED), a_report(Status.ACCEPTED, "2")

    ends = [told(created, here, there), told(created, there, here)]

    assert [order.status for order in ends] == [Status.ACCEPTED, Status.ACCEPTED]
    assert [order.source_status for order in ends] == [Status.ACCEPTED, Status.ACCEPTED]


def test_a_cancellation_by_the_platform_wins_over_work_of_the_store() -> None:
    working = told(a_snapshot("1"), by_staff(Status.ACCEPTED), by_staff(Status.BAGGING))

    assert told_next(working, a_report(Status.CANCELLED, "2")).status is Status.CANCELLED


def test_work_on_an_order_that_the_platform_has_cancelled_is_refused() -> None:
    cancelled = told(a_snapshot("1"), a_report(Status.CANCELLED, "2"))

    with pytest.raises(Reject) as refused:
        then(cancelled, by_staff(Status.ACCEPTED))

    assert refused.value.code == "ORDER_ALREADY_PROCESSED"


def test_our_own_change_echoed_by_the_platform_moves_nothing() -> None:
    ready = told(a_snapshot("1"), by_staff(Status.ACCEPTED), by_staff(Status.READY))

    echoed = told_next(ready, a_snapshot("2", status=Status.READY))

    assert echoed == changed(ready, source_status=Status.READY, source_version="2")


def test_what_staff_picked_stays_when_the_platform_sends_the_order_again() -> None:
    picked = an_item(status="picked", picked_quantity=Decimal(1))
    current = told(a_snapshot("1", items=[an_item()])).model_copy(update={"items": [picked]})

    assert told_next(current, a_snapshot("2", items=[an_item()], notes="Ring twice")).items == [picked]


def told_next(current: Order, message: OrderMessage) -> Order:
    order = then(current, message).order
    assert order is not None
    return order


# --- the rest -------------------------------------------------------------------------------------------------------


def test_a_change_that_the_platform_has_to_be_told_of_is_pending() -> None:
    order = told(a_snapshot("1"))

    assert asked_for(order, LATER) == order.model_copy(
        update={"sync": Sync(state=SyncState.PENDING, version=1, status=Status.INCOMING, at=LATER)}
    )


def test_what_is_no_message_about_an_order_cannot_be_applied() -> None:
    reference: Any = OrderReference(delivery_key="d", external_id="A1")

    with pytest.raises(TypeError, match="OrderReference"):
        then(None, reference)
