from dataclasses import replace

import pytest

from orderhub.order.merge import CONTENT_MISSING, Effect, Identity, Outcome, apply
from orderhub.order.messages import (
    CourierReport,
    OrderMessage,
    StatusReport,
    TrackingReport,
)
from orderhub.order.models import (
    Amounts,
    Check,
    Courier,
    DeliveredBy,
    StatusReason,
    Tracking,
)
from orderhub.order.status import CLOSED, OPEN, Status
from tests.unit.made import (
    LATER,
    NOW,
    a_report,
    a_snapshot,
    an_item,
    an_order,
    by_staff,
    changed,
    courier,
    parcels,
    then,
    told,
)

FIRST = Tracking(carrier="Post", code="1")
SECOND = Tracking(carrier="Post", code="2")


# --- the platform reports on the order -----------------------------------------------------------------------------


def test_a_report_moves_the_order() -> None:
    reason = StatusReason(source_code="OUT", details="no dough")
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

    outcome = then(current, a_report(Status.CANCELLED, "2", reason=StatusReason(source_code="theirs")))

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


# --- a report before the order -------------------------------------------------------------------------------------


def test_a_report_on_an_unknown_order_makes_a_placeholder() -> None:
    outcome = then(None, a_report(Status.CANCELLED, "2", reason=StatusReason(source_code="gone")))

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
            times={Status.CANCELLED: LATER},
            created_at=LATER,
            updated_at=LATER,
        ),
        {"from": None, "to": Status.CANCELLED},
    )


def test_a_placeholder_is_filled_by_an_older_snapshot_and_stays_cancelled() -> None:
    current = told(a_report(Status.CANCELLED, "2", reason=StatusReason(source_code="gone")))

    outcome = then(current, a_snapshot("1", items=[an_item()], notes="no onions", display_id="#7"))

    expected = changed(current, items=[an_item()], notes="no onions", display_id="#7", checks=[])
    assert outcome == Outcome(Effect.APPLIED, "order.created", expected, {"to": Status.CANCELLED})


@pytest.mark.parametrize("sent", list(Status))
@pytest.mark.parametrize("reported", list(Status))
def test_an_older_snapshot_fills_a_placeholder_and_moves_it_nowhere(reported: Status, sent: Status) -> None:
    current = told(a_report(reported, "2"))

    outcome = then(current, a_snapshot("1", status=sent, notes="no onions"))

    assert outcome.order is not None
    told_now = (outcome.order.status, outcome.order.source_status, outcome.order.source_version, outcome.order.notes)
    assert told_now == (reported, reported, "2", "no onions")


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

    assert one.model_copy(update={"times": other.times}) == other
    assert (set(one.times), set(other.times)) == ({Status.INCOMING, Status.CANCELLED}, {Status.CANCELLED})


# --- couriers and parcels ------------------------------------------------------------------------------------------


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


# --- reports that are no news of an order we never had -------------------------------------------------------------

IF_KNOWN: list[StatusReport | CourierReport | TrackingReport] = [
    a_report(Status.CANCELLED, "2", only_if_known=True),
    replace(courier("2", Status.PICKED_UP, name="Sam"), only_if_known=True),
    replace(parcels(FIRST, version="2", status=Status.COMPLETED), only_if_known=True),
]


@pytest.mark.parametrize("report", IF_KNOWN, ids=["status", "courier", "tracking"])
def test_a_report_that_is_news_of_known_orders_only_makes_no_placeholder(report: OrderMessage) -> None:
    outcome = then(None, report)

    assert (outcome.effect, outcome.order, outcome.summary) == (Effect.UNCHANGED, None, {})


@pytest.mark.parametrize("report", IF_KNOWN, ids=["status", "courier", "tracking"])
def test_a_report_that_is_news_of_known_orders_only_changes_one_as_any_other(
    report: StatusReport | CourierReport | TrackingReport,
) -> None:
    current = told(a_snapshot("1"))

    assert then(current, report) == then(current, replace(report, only_if_known=False))
    assert then(current, report).effect is Effect.APPLIED


@pytest.mark.parametrize("report", IF_KNOWN, ids=["status", "courier", "tracking"])
def test_a_placeholder_is_a_known_order(report: OrderMessage) -> None:
    assert then(told(a_report(Status.INCOMING, "1")), report).effect is Effect.APPLIED


def test_a_report_that_is_news_of_known_orders_only_can_be_stale_too() -> None:
    assert then(told(a_snapshot("3")), IF_KNOWN[1]).effect is Effect.STALE


# --- what an order is told apart by --------------------------------------------------------------------------------

ELSEWHERE = Identity(
    order_id="ord_2", platform="toy", connection_id="con_1", external_id="A1", store_id="sto_2", currency="EUR"
)


def test_a_placeholder_has_the_identity_and_the_store_that_the_report_led_to() -> None:
    report = a_report(Status.CANCELLED, identity=("S2", "A1"), store_external_id="S2")

    placeholder = apply(None, report, LATER, ELSEWHERE).order

    assert placeholder is not None
    assert (placeholder.id, placeholder.external_id, placeholder.store_id, placeholder.amounts) == (
        *("ord_2", "A1", "sto_2"),
        Amounts(currency="EUR"),
    )


def test_a_report_leaves_an_order_at_the_store_it_is_at() -> None:
    current = told(a_snapshot("1"))

    after = apply(current, a_report(Status.CANCELLED, "2", store_external_id="S2"), LATER, ELSEWHERE).order

    assert after == changed(current, status=Status.CANCELLED, source_status=Status.CANCELLED, source_version="2")
