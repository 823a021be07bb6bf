"""What may be given back of an order."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.order.models import Amounts, Check, Order, Payment, Refund, SyncState
from orderhub.order.refunds import amount_of, balance, find, given_back, put, worth
from orderhub.order.status import Status
from tests.unit.made import NOW, an_item, an_order

COUNTED = (SyncState.PENDING, SyncState.RETRYING, SyncState.CONFIRMED)


def a_refund(amount: int = 300, state: SyncState = SyncState.CONFIRMED, **told: Any) -> Refund:
    return Refund(**{"id": f"ref_{amount}", "amount": amount, "state": state, "asked_by": "a", "at": NOW, **told})


def sold(total: int | None = 1000, *refunds: Refund, **told: Any) -> Order:
    amounts = {name: told.pop(name) for name in list(told) if name in Amounts.model_fields}
    given = {"status": Status.COMPLETED, "amounts": Amounts(currency="EUR", total=total, **amounts), **told}
    return an_order(refunds=list(refunds), **given)


def left(order: Order) -> int:
    money = balance(order)
    assert money is not None
    return money.left


def refused(order: Order, asked: int | None = None, items: tuple[str, ...] = ()) -> Reject:
    with pytest.raises(Reject) as problem:
        amount_of(order, asked, items)
    return problem.value


def test_all_that_was_paid_may_be_given_back() -> None:
    assert left(sold(1000)) == 1000
    assert amount_of(sold(1000), None, ()) == 1000


@pytest.mark.parametrize("state", [one for one in SyncState if one is not SyncState.NOT_NEEDED])
def test_what_may_yet_be_given_back_is_held_back_and_what_came_to_nothing_is_not(state: SyncState) -> None:
    assert left(sold(1000, a_refund(300, state))) == (700 if state in COUNTED else 1000)


def test_the_balance_tells_what_is_sure_from_what_is_under_way() -> None:
    money = balance(sold(1000, a_refund(300), a_refund(200, SyncState.RETRYING), a_refund(100, SyncState.PENDING)))

    assert money is not None
    assert (money.currency, money.paid, money.given_back, money.under_way, money.left) == ("EUR", 1000, 300, 300, 400)


def test_of_an_order_whose_total_nobody_says_nothing_is_given_back() -> None:
    assert balance(sold(None)) is None
    assert refused(sold(None), 1).code == "REFUND_FAILED"


@pytest.mark.parametrize(
    ("status", "paid"),
    [(Status.READY, 200), (Status.CANCELLED, 200), (Status.PICKED_UP, 1000), (Status.COMPLETED, 1000)],
)
def test_what_is_still_to_be_collected_was_not_paid(status: Status, paid: int) -> None:
    assert left(sold(1000, status=status, payment=Payment(amount_due=800))) == paid


@pytest.mark.parametrize(
    ("check", "back"),
    [
        ({"actual": 500}, 500),
        ({"actual": 100}, 300),  # ours is not in it yet
        ({"expected": 1000, "actual": 400}, 600),  # what is left of what was expected
        ({}, 300),
    ],
)
def test_the_platform_s_own_count_of_what_was_given_back_counts(check: dict[str, int], back: int) -> None:
    order = sold(1000, a_refund(300), checks=[Check(code="REFUNDED", message="x", **check)])

    assert given_back(order) == back
    assert left(order) == 1000 - back


def test_other_checks_are_no_money() -> None:
    assert left(sold(1000, checks=[Check(code="TOTAL_CHANGED", message="x", expected=1000, actual=1)])) == 1000


@pytest.mark.parametrize("asked", [701, 10**15])
def test_more_than_is_left_is_refused_with_the_amounts(asked: int) -> None:
    problem = refused(sold(1000, a_refund(300)), asked)

    assert problem.code == "REFUND_FAILED"
    told = {"currency": "EUR", "paid": 1000, "given_back": 300, "under_way": 0, "left": 700, "asked": asked}
    assert problem.details == told
    assert amount_of(sold(1000, a_refund(300)), 700, ()) == 700


def test_when_nothing_is_left_nothing_is_given_back() -> None:
    assert refused(sold(1000, a_refund(1000))).code == "REFUND_FAILED"
    assert refused(sold(0)).code == "REFUND_FAILED"


LINES = [an_item(id="itm_1", total=600), an_item(id="itm_2", total=300), an_item(id="itm_3", total=100)]


@pytest.mark.parametrize(
    ("amounts", "items", "amount"),
    [
        ({}, ("itm_1",), 600),
        ({"subtotal": 1000}, ("itm_1", "itm_3"), 700),
        ({"subtotal": 1000, "discount": 0}, ("itm_2",), 300),
        ({"subtotal": 1000, "discount": 250}, ("itm_1",), 450),
        ({"subtotal": 1000, "discount": 333}, ("itm_3",), 66),
        ({"subtotal": 1000, "discount": 333}, ("itm_1", "itm_2", "itm_3"), 667),
        ({"subtotal": 1000, "tax": 80, "tax_included": False}, ("itm_1",), 648),
        ({"subtotal": 1000, "tax": 80, "tax_in_prices": 30, "tax_included": False}, ("itm_1",), 630),
        ({"subtotal": 1000, "tax": 80, "tax_included": True}, ("itm_1",), 600),
        ({"subtotal": 1000, "tax": 80}, ("itm_1",), 600),
    ],
)
def test_a_line_is_worth_what_was_paid_for_it(amounts: dict[str, Any], items: tuple[str, ...], amount: int) -> None:
    assert worth(sold(10_000, items=LINES, **amounts), items) == amount


def test_a_line_that_tells_its_own_tax_is_believed() -> None:
    lines = [an_item(id="itm_1", total=600, tax=120), an_item(id="itm_2", total=400)]
    order = sold(10_000, items=lines, subtotal=1000, tax=150, tax_included=False)

    assert worth(order, ["itm_1"]) == 720
    assert worth(order, ["itm_1", "itm_2"]) == 1150


def test_a_line_named_twice_is_given_back_once() -> None:
    assert worth(sold(10_000, items=LINES), ["itm_2", "itm_2"]) == 300


@pytest.mark.parametrize(
    ("items", "wrong"),
    [
        (("itm_9", "itm_1"), ["itm_9"]),
        (("itm_0",), ["itm_0"]),
        (("itm_2", "itm_1"), ["itm_2"]),
        (("itm_4",), ["itm_4"]),
    ],
    ids=["unknown", "no price", "given back", "free"],
)
def test_lines_that_cannot_be_given_back_are_named(items: tuple[str, ...], wrong: list[str]) -> None:
    lines = [*LINES, an_item(id="itm_0", total=None), an_item(id="itm_4", total=0)]
    order = sold(10_000, a_refund(300, items=["itm_2"]), items=lines)

    problem = refused(order, None, items)

    assert (problem.code, problem.details) == ("INVALID_FIELD_VALUE", {"items": wrong})


@pytest.mark.parametrize("state", [SyncState.FAILED, SyncState.UNSUPPORTED])
def test_a_line_whose_refund_came_to_nothing_may_be_asked_for_again(state: SyncState) -> None:
    order = sold(10_000, a_refund(300, state, items=["itm_2"]), items=LINES)

    assert amount_of(order, None, ["itm_2"]) == 300


def test_lines_are_given_back_up_to_what_is_left() -> None:
    assert refused(sold(500, items=LINES), None, ("itm_1",)).code == "REFUND_FAILED"


def test_a_refund_takes_the_place_of_its_earlier_self() -> None:
    first, second = a_refund(1, SyncState.PENDING), a_refund(2)
    order = put(put(sold(1000), first), second)
    done = first.model_copy(update={"state": SyncState.CONFIRMED})

    assert put(order, done).refunds == [done, second]
    assert find(order, "ref_1") == first
    assert find(order, "ref_3") is None
