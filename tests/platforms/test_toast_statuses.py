"""Toast: where its orders stand, and why they ended."""

from __future__ import annotations

import pytest

from orderhub.errors import Ignore
from orderhub.order.models import (
    Order,
    StatusReason,
)
from orderhub.order.status import Status
from tests.platforms.test_toast_mapping import Json, bare, mapped, of_check, one_check, payload, with_line


def _delivery(state: str | None) -> Json:
    return {"deliveryInfo": {"address1": "12 Sample Street", "deliveryState": state}}


READY = {"fulfillmentStatus": "READY"}
CLOSED = {"paymentStatus": "CLOSED"}


@pytest.mark.parametrize(
    ("order", "check", "line", "status"),
    [
        pytest.param({"voided": True}, {}, {}, Status.CANCELLED, id="voided"),
        pytest.param({"deleted": True}, {}, {}, Status.CANCELLED, id="deleted"),
        pytest.param({"approvalStatus": "NOT_APPROVED"}, {}, {}, Status.DENIED, id="not approved"),
        pytest.param({"closedDate": "2026-10-05T16:00:00Z"}, CLOSED, {}, Status.COMPLETED, id="closed"),
        pytest.param({"closedDate": None}, CLOSED, {}, Status.ACCEPTED, id="check closed, order not"),
        pytest.param({"closedDate": "2026-10-05T16:00:00Z"}, {}, {}, Status.ACCEPTED, id="opened again"),
        pytest.param(_delivery("DELIVERED"), {}, {}, Status.COMPLETED, id="delivered"),
        pytest.param(_delivery("PICKED_UP"), {}, {}, Status.PICKED_UP, id="picked up"),
        pytest.param(_delivery("IN_PROGRESS"), {}, {}, Status.PICKED_UP, id="in progress"),
        pytest.param({}, {}, READY, Status.READY, id="ready"),
        pytest.param({"approvalStatus": "NEEDS_APPROVAL"}, {}, {}, Status.INCOMING, id="needs approval"),
        pytest.param({"approvalStatus": "FUTURE"}, {}, {}, Status.ACCEPTED, id="future"),
        pytest.param({"approvalStatus": "APPROVED"}, {}, {}, Status.ACCEPTED, id="approved"),
        pytest.param({"approvalStatus": None}, {}, {}, Status.ACCEPTED, id="no approval told"),
        pytest.param({}, {}, {"fulfillmentStatus": "NEW"}, Status.ACCEPTED, id="new"),
        pytest.param({}, {}, {"fulfillmentStatus": "HOLD"}, Status.ACCEPTED, id="on hold"),
        pytest.param({}, {}, {"fulfillmentStatus": "SENT"}, Status.ACCEPTED, id="sent"),
        pytest.param(_delivery("PENDING"), {}, {}, Status.ACCEPTED, id="pending"),
        pytest.param(_delivery(None), {}, {}, Status.ACCEPTED, id="no delivery state"),
        pytest.param({}, {"paymentStatus": "OPEN"}, {}, Status.ACCEPTED, id="open"),
        pytest.param({}, {"paymentStatus": "PAID"}, {}, Status.ACCEPTED, id="paid"),
        pytest.param({"voided": True, "approvalStatus": "NOT_APPROVED"}, {}, {}, Status.CANCELLED, id="void first"),
        pytest.param({"approvalStatus": "NOT_APPROVED"}, {}, READY, Status.DENIED, id="denied before ready"),
        pytest.param(_delivery("PICKED_UP"), {}, READY, Status.PICKED_UP, id="on its way before ready"),
        pytest.param(
            {"approvalStatus": "NEEDS_APPROVAL", **_delivery("DELIVERED")},
            {},
            {},
            Status.COMPLETED,
            id="delivered first",
        ),
    ],
)
def test_the_first_row_that_holds_says_where_an_order_stands(
    order: Json, check: Json, line: Json, status: Status
) -> None:
    told = one_check(**order)
    told["checks"][0] |= check
    told["checks"][0]["selections"][0] |= line

    found = mapped(told)

    assert (found.status, found.checks) == (status, [])


def test_one_line_that_is_not_ready_keeps_the_order_from_being_ready() -> None:
    told = one_check()
    line = told["checks"][0]["selections"][0]
    told["checks"][0]["selections"] = [{**line, **READY}, {**line, "guid": "another"}]

    assert mapped(told).status is Status.ACCEPTED


def test_a_voided_line_needs_not_be_ready() -> None:
    told = one_check()
    line = told["checks"][0]["selections"][0]
    told["checks"][0]["selections"] = [{**line, **READY}, {**line, "guid": "another", "voided": True}]

    assert mapped(told).status is Status.READY


@pytest.mark.parametrize(
    ("told", "message", "status"),
    [
        (one_check(approvalStatus="PONDERED"), "approvalStatus 'PONDERED'", Status.INCOMING),
        (one_check(**_delivery("LOST")), "deliveryState 'LOST'", Status.ACCEPTED),
    ],
)
def test_a_word_that_is_not_known_is_flagged(told: Json, message: str, status: Status) -> None:
    order = mapped(told)

    assert order.status is status
    assert [(flag.code, flag.message) for flag in order.checks] == [("UNKNOWN_STATUS", f"Toast says {message}")]


@pytest.mark.parametrize("order", [with_line(fulfillmentStatus="BURNT"), of_check(paymentStatus="OWED")])
def test_unknown_words_of_lines_and_checks_are_flagged_too(order: Order) -> None:
    assert (order.status, [flag.code for flag in order.checks]) == (Status.ACCEPTED, ["UNKNOWN_STATUS"])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"voided": True}, StatusReason(source_code="voided")),
        ({"approvalStatus": "NOT_APPROVED"}, StatusReason(source_code="NOT_APPROVED")),
        (
            {"deleted": True},
            StatusReason(source_code="deleted", details="deleted on the POS, or combined with another order there"),
        ),
        ({}, None),
    ],
)
def test_an_order_that_ended_says_why(fields: Json, reason: StatusReason | None) -> None:
    assert mapped(one_check(**fields)).status_reason == reason


def test_nothing_on_it_is_no_order_yet() -> None:
    with pytest.raises(Ignore):
        mapped(bare("order_updated__empty"))


def test_an_order_whose_lines_are_all_voided_is_no_order_either() -> None:
    told = one_check()
    told["checks"][0] |= {"customer": None}
    told["checks"][0]["selections"][0]["voided"] = True

    with pytest.raises(Ignore):
        mapped(told)


def test_a_voided_order_that_held_something_is_cancelled() -> None:
    order = mapped(payload("order_updated__voided"))

    assert (order.status, order.items, order.display_id) == (Status.CANCELLED, [], "42")
