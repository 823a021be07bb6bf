import pytest

from orderhub.order.merge import Effect, Outcome
from orderhub.order.models import (
    Amounts,
    Check,
    StatusReason,
)
from orderhub.order.status import CLOSED, Status, rank
from tests.unit.made import (
    LATER,
    NOW,
    a_report,
    a_snapshot,
    an_item,
    by_staff,
    changed,
    then,
    told,
)

# --- the platform sends the order ----------------------------------------------------------------------------------


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
                "times": {Status.INCOMING: LATER},
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


# --- corrections ---------------------------------------------------------------------------------------------------


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
