"""Changing the lines of an order: what it then is, what it then costs, and when the customer has to agree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orderhub.errors import Reject
from orderhub.order import cart, pricing
from orderhub.order.cart import Difference
from orderhub.order.edits import Edit, untellable
from orderhub.order.merge import Effect, Outcome
from orderhub.order.messages import CartChange
from orderhub.order.models import Amounts, Check, Item, Order, Payment, Sync, SyncState
from orderhub.order.status import Status
from tests.unit.made import LATER, NOW, an_item, an_order, then

EDITS: TypeAdapter[tuple[Edit, ...]] = TypeAdapter(tuple[Edit, ...])
BURGER = an_item(
    id="burger",
    name="Burger",
    quantity=2,
    unit_price=900,
    total=2000,
    modifiers=[an_item(id="cheese", name="Cheese", quantity=1, unit_price=100, total=100)],
)
TEA = an_item(id="tea", name="Tea", quantity=1, unit_price=300, total=300)


def remove(item_id: str, **more: Any) -> dict[str, Any]:
    return {"action": "remove_item", "item_id": item_id, **more}


def reduce(item_id: str, quantity: Any) -> dict[str, Any]:
    return {"action": "reduce_quantity", "item_id": item_id, "quantity": quantity}


def add(name: str = "Cake", price: int = 400, **more: Any) -> dict[str, Any]:
    return {"action": "add_item", "item": {"name": name, "unit_price": price, **more}}


def update(item_id: str, **changes: Any) -> dict[str, Any]:
    return {"action": "update_item", "item_id": item_id, **changes}


def substitute(item_id: str, price: int = 350, **more: Any) -> dict[str, Any]:
    return {"action": "substitute_item", "item_id": item_id, "item": {"name": "Coffee", "unit_price": price, **more}}


def an_order_of(*items: Item, **told: Any) -> Order:
    """Native, 10 percent tax on top, a fee of 2.00."""
    lines = list(items) or [BURGER, TEA]
    subtotal = sum(item.total or 0 for item in lines)
    tax = subtotal // 10
    amounts = Amounts(currency="USD", subtotal=subtotal, tax=tax, delivery_fee=200, total=subtotal + tax + 200)
    due = Payment(prepaid=False, amount_due=amounts.total)
    return an_order(**{"platform": "direct", "items": lines, "amounts": amounts, "payment": due, **told})


def edited(order: Order, *edits: dict[str, Any], taken: bool = False) -> Order:
    return cart.edited(order, EDITS.validate_python(edits), "key", taken=taken)


def lines(order: Order) -> list[tuple[str, str, int | None]]:
    return [(item.name, str(item.quantity), item.total) for item in order.items]


def sums(order: Order) -> tuple[int | None, int | None, int | None]:
    return order.amounts.subtotal, order.amounts.tax, order.amounts.total


# --- edits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (remove("tea"), [("Burger", "2", 2000)]),
        (reduce("burger", 1), [("Burger", "1", 1000), ("Tea", "1", 300)]),
        (reduce("burger", "0.5"), [("Burger", "0.5", 500), ("Tea", "1", 300)]),
        (add(), [("Burger", "2", 2000), ("Tea", "1", 300), ("Cake", "1", 400)]),
        (add(quantity=3), [("Burger", "2", 2000), ("Tea", "1", 300), ("Cake", "3", 1200)]),
        (update("tea", quantity=4), [("Burger", "2", 2000), ("Tea", "4", 1200)]),
        (
            update("burger", modifiers=[{"name": "Bacon", "unit_price": 150, "quantity": 2}]),
            [("Burger", "2", 2400), ("Tea", "1", 300)],
        ),
        (update("burger", modifiers=[]), [("Burger", "2", 1800), ("Tea", "1", 300)]),
        (update("tea", notes="hot"), [("Burger", "2", 2000), ("Tea", "1", 300)]),
        (substitute("burger"), [("Coffee", "2", 700), ("Tea", "1", 300)]),
        (substitute("burger", quantity=1), [("Coffee", "1", 350), ("Tea", "1", 300)]),
        (remove("cheese"), [("Burger", "2", 1800), ("Tea", "1", 300)]),
        (update("cheese", quantity=3), [("Burger", "2", 2400), ("Tea", "1", 300)]),
    ],
)
def test_each_kind_of_edit(edit: dict[str, Any], expected: Any) -> None:
    order = edited(an_order_of(), edit)

    assert lines(order) == expected
    assert pricing.check_sums(order) == []


def test_sums_and_what_is_due_follow_the_lines() -> None:
    before = an_order_of()
    assert sums(before) == (2300, 230, 2730)

    order = edited(before, remove("tea"), reduce("burger", 1))

    assert sums(order) == (1000, 100, 1300)
    assert order.amounts.computed == ["subtotal", "tax", "total"]
    assert order.payment is not None
    assert order.payment.amount_due == 1300


def test_edits_are_made_one_after_the_other() -> None:
    assert lines(edited(an_order_of(), update("tea", quantity=5), reduce("tea", 2), remove("burger"))) == [
        ("Tea", "2", 600)
    ]


def test_notes_are_replaced_and_taken_off() -> None:
    order = edited(an_order_of(), update("tea", notes="hot"))
    assert order.items[1].notes == "hot"
    assert edited(order, update("tea", notes="")).items[1].notes is None
    assert sums(order) == sums(an_order_of())


def test_new_lines_have_ids_that_a_repeat_gives_again() -> None:
    twice = edited(an_order_of(), add(), add())

    assert len({item.id for item in twice.items}) == 4
    assert edited(an_order_of(), add(), add()) == twice


def test_what_was_picked_is_never_more_than_there_is() -> None:
    picked = TEA.model_copy(update={"quantity": Decimal(5), "picked_quantity": Decimal(4), "total": 1500})

    assert edited(an_order_of(picked), reduce("tea", 2)).items[0].picked_quantity == 2


def test_the_tax_of_a_line_goes_with_its_price() -> None:
    taxed = BURGER.model_copy(update={"tax": 101})

    assert edited(an_order_of(taxed), reduce("burger", 1)).items[0].tax == 51


# --- prices -----------------------------------------------------------------------------------------------------------


def test_a_line_of_a_platform_that_is_no_multiple_of_its_units_is_shared_out() -> None:
    three_for = an_item(id="tea", name="Tea", quantity=3, unit_price=263, total=790)

    assert lines(edited(an_order_of(three_for), reduce("tea", 2))) == [("Tea", "2", 527)]


def test_a_line_without_a_unit_price_is_shared_out() -> None:
    bulk = an_item(id="rice", name="Rice", quantity=4, total=1000)

    assert sums(edited(an_order_of(bulk), reduce("rice", 1)))[0] == 250


def test_where_a_price_is_not_known_the_sums_stay_and_nobody_knows_the_difference() -> None:
    unpriced = an_item(id="rice", name="Rice", quantity=4)
    before = an_order_of(unpriced, TEA)
    after = edited(before, reduce("rice", 1))

    assert after.amounts == before.amounts
    cost = cart.difference(before, after)
    assert (cost.before, cost.after, cost.difference) == (before.amounts.total, None, None)


def test_a_line_without_a_price_that_stays_is_in_nobodys_way() -> None:
    before = an_order_of(an_item(id="rice", name="Rice", quantity=4), TEA)

    assert sums(edited(before, add())) == (700, 70, 970)


def test_tax_that_is_in_the_prices_is_not_added_again() -> None:
    amounts = Amounts(currency="EUR", subtotal=2300, tax=230, tax_included=True, total=2300)

    assert sums(edited(an_order_of(amounts=amounts), remove("tea"))) == (2000, 200, 2000)


def test_a_platform_s_own_rounding_of_the_total_is_kept() -> None:
    amounts = Amounts(currency="USD", subtotal=2300, tax=230, total=2531)

    assert sums(edited(an_order_of(amounts=amounts), remove("tea"))) == (2000, 200, 2201)


def test_an_order_without_sums_gets_a_subtotal_and_no_total() -> None:
    order = an_order_of(amounts=Amounts(currency="USD"), payment=None)

    assert sums(edited(order, remove("tea"))) == (2000, None, None)
    assert cart.difference(order, edited(order, remove("tea"))).difference is None


@pytest.mark.parametrize(
    ("platform", "prepaid", "due", "expected"),
    [("direct", False, 2730, 2400), ("direct", True, 0, 0), ("toy", True, 0, 0), ("toy", False, 2730, 2400)],
)
def test_less_is_due_and_never_less_than_nothing(platform: str, prepaid: bool, due: int, expected: int) -> None:
    order = an_order_of(platform=platform, payment=Payment(prepaid=prepaid, amount_due=due))
    payment = edited(order, remove("tea")).payment

    assert payment is not None
    assert payment.amount_due == expected


@pytest.mark.parametrize(("platform", "expected"), [("direct", 330), ("toy", 0)])
def test_who_has_the_money_of_a_paid_order_collects_the_rest(platform: str, expected: int) -> None:
    order = an_order_of(platform=platform, payment=Payment(prepaid=True, amount_due=0))
    payment = edited(order, update("tea", quantity=2)).payment

    assert payment is not None
    assert payment.amount_due == expected


def test_flags_of_sums_are_worked_out_anew_and_others_stay() -> None:
    stale = [Check(code=pricing.TOTAL_MISMATCH, message="x"), Check(code="ODD", message="y")]

    assert [check.code for check in edited(an_order_of(checks=stale), remove("tea")).checks] == ["ODD"]


# --- refused ----------------------------------------------------------------------------------------------------------


def refused(*edits: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Reject) as caught:
        edited(an_order_of(), *edits)
    return caught.value.code, caught.value.details


@pytest.mark.parametrize(
    "edit", [remove("pie"), reduce("pie", 1), update("pie", quantity=2), substitute("pie"), reduce("itm_1", 1)]
)
def test_an_item_that_is_not_there(edit: dict[str, Any]) -> None:
    assert refused(add(), edit) == ("ITEM_NOT_FOUND", {"order_item_id": edit["item_id"], "edit": 1})


@pytest.mark.parametrize(
    "edit",
    [
        reduce("burger", 2),
        reduce("burger", 3),
        update("burger", quantity=1),
        update("burger"),
        add(price=10**12, quantity=10**5),
        update("tea", modifiers=[{"name": "Gold", "unit_price": 10**12, "quantity": 10**5}]),
    ],
)
def test_an_edit_that_is_not_what_it_says(edit: dict[str, Any]) -> None:
    code, details = refused(edit)

    assert (code, details["edit"]) == ("INVALID_FIELD_VALUE", 0)


@pytest.mark.parametrize(
    "edits",
    [
        [remove("tea"), remove("burger")],
        [remove("tea"), remove("tea")],
        [add("Gold", 10**12, quantity=900), add("Gold", 10**12, quantity=900)],
        [update("tea", modifiers=[{"name": "Gold", "unit_price": 10**12}]), update("tea", quantity=10**4)],
    ],
)
def test_what_cannot_be_as_a_whole(edits: list[dict[str, Any]]) -> None:
    assert refused(*edits)[0] in ("INVALID_FIELD_VALUE", "ITEM_NOT_FOUND")


@pytest.mark.parametrize(
    "edit",
    [
        {"action": "double_item", "item_id": "tea"},
        {"item_id": "tea"},
        reduce("tea", 0),
        reduce("tea", -1),
        add(price=-1),
        add("", 1),
        remove("tea", quantity=1),
        {"action": "add_item", "item_id": "tea"},
    ],
)
def test_what_is_no_edit_does_not_fit(edit: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EDITS.validate_python([edit])


def deep(levels: int) -> dict[str, Any]:
    return {"name": "x", "unit_price": 1, "modifiers": [deep(levels - 1)] if levels > 1 else []}


def test_modifiers_do_not_grow_deeper_edit_by_edit() -> None:
    assert refused(update("cheese", modifiers=[deep(4)]))[0] == "INVALID_FIELD_VALUE"

    assert edited(an_order_of(), update("cheese", modifiers=[deep(3)])).amounts.subtotal == 2300 + 2 * 3


# --- once its platform has taken them ---------------------------------------------------------------------------------


def test_what_the_platform_has_sent_already_is_left_alone() -> None:
    sent = an_order_of(BURGER.model_copy(update={"quantity": Decimal(1), "total": 1000}))

    assert edited(sent, remove("tea"), reduce("burger", 1), substitute("tea"), taken=True) == sent


def test_what_it_has_not_sent_is_made() -> None:
    assert edited(an_order_of(), remove("tea"), taken=True) == edited(an_order_of(), remove("tea"))
    assert edited(an_order_of(), remove("tea"), remove("burger"), taken=True).items == []


# --- the difference ---------------------------------------------------------------------------------------------------


def cost(*edits: dict[str, Any], order: Order | None = None) -> Difference:
    before = order or an_order_of()
    return cart.difference(before, edited(before, *edits))


def test_the_difference_is_told_as_a_whole_and_line_by_line() -> None:
    told = cost(reduce("burger", 1), substitute("tea", sku="C1"))

    assert (told.currency, told.before, told.after, told.difference) == ("USD", 2730, 1685, -1045)
    rows: list[tuple[Any, ...]] = [
        (row.name, row.quantity_before, row.quantity_after, row.before, row.after, row.difference) for row in told.lines
    ]
    assert rows == [
        ("Burger", 2, 1, 2000, 1000, -1000),
        ("Tea", 1, 0, 300, 0, -300),
        ("Coffee", 0, 1, 0, 350, 350),
    ]


def test_lines_that_stay_are_not_in_it() -> None:
    assert [row.item_id for row in cost(remove("tea")).lines] == ["tea"]
    assert cost(update("tea", notes="hot")).difference == 0


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([remove("tea")], False),
        ([reduce("burger", 1)], False),
        ([update("tea", notes="hot")], False),
        ([add()], True),
        ([update("tea", quantity=2)], True),
        ([substitute("tea", 1)], True),
        ([remove("burger"), add()], False),
        ([add(price=0)], False),
    ],
)
def test_the_customer_agrees_to_what_costs_more_or_is_something_else(edits: Any, expected: bool) -> None:
    assert cart.needs_approval(EDITS.validate_python(edits), cost(*edits)) is expected


@pytest.mark.parametrize(("edit", "expected"), [(reduce("rice", 1), False), (update("rice", quantity=5), True)])
def test_where_nobody_knows_the_price_only_less_needs_no_word(edit: dict[str, Any], expected: bool) -> None:
    unpriced = an_order_of(an_item(id="rice", name="Rice", quantity=4), TEA)

    assert cart.needs_approval(EDITS.validate_python([edit]), cost(edit, order=unpriced)) is expected


# --- platforms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (add(), "add_item"),
        (update("tea", quantity=2), "update_item"),
        (substitute("tea"), "external_id or sku"),
        (substitute("tea", sku="C1", modifiers=[{"name": "x", "unit_price": 0}]), "without modifiers"),
    ],
)
def test_what_platforms_cannot_be_told(edit: dict[str, Any], word: str) -> None:
    assert word in (untellable(EDITS.validate_python([remove("tea"), edit])) or "")


@pytest.mark.parametrize("edit", [remove("tea"), reduce("tea", 1), substitute("tea", sku="C1")])
def test_what_platforms_can_be_told(edit: dict[str, Any]) -> None:
    assert untellable(EDITS.validate_python([edit])) is None


# --- what becomes of the order ----------------------------------------------------------------------------------------


def change(*edits: dict[str, Any], state: SyncState = SyncState.NOT_NEEDED, **more: Any) -> CartChange:
    return CartChange(delivery_key="key", edits=EDITS.validate_python(edits), state=state, **more)


def stored(**told: Any) -> Order:
    return an_order_of(version=3, created_at=NOW, **told)


def test_an_order_of_our_own_is_changed_at_once() -> None:
    outcome = then(stored(), change(remove("tea"), request="r", approved=True))

    assert (outcome.effect, outcome.type) == (Effect.APPLIED, "cart.changed")
    assert outcome.order is not None
    assert (lines(outcome.order), outcome.order.version) == ([("Burger", "2", 2000)], 4)
    assert (outcome.order.cart, outcome.order.sync) == (None, Sync())
    assert outcome.summary["request"] == "r"
    assert outcome.summary["customer_approved"] is True
    assert outcome.summary["edits"] == [remove("tea")]
    assert outcome.summary["difference"]["difference"] == -330


def test_an_order_of_a_platform_keeps_its_lines_until_it_has_answered() -> None:
    outcome = then(stored(platform="toy"), change(remove("tea"), state=SyncState.PENDING, detail="waiting"))

    assert outcome.type == "cart.changed"
    assert outcome.order is not None
    assert outcome.order.items == [BURGER, TEA]
    assert outcome.order.cart == Sync(state=SyncState.PENDING, version=4, detail="waiting", at=LATER)
    assert outcome.order.sync == Sync()


@pytest.mark.parametrize(
    ("state", "changes"), [(SyncState.CONFIRMED, True), (SyncState.FAILED, False), (SyncState.UNSUPPORTED, False)]
)
def test_the_answer_makes_the_change_or_leaves_the_order(state: SyncState, changes: bool) -> None:
    asked = Sync(state=SyncState.PENDING, version=3, at=NOW)
    outcome = then(stored(platform="toy", cart=asked), change(remove("tea"), state=state, detail="so", attempts=2))

    assert outcome.type == f"cart.{state}"
    assert outcome.summary == {"detail": "so", "attempt": 2}
    assert outcome.order is not None
    assert outcome.order.cart == Sync(state=state, version=3, detail="so", attempts=2, at=LATER)
    assert [item.id for item in outcome.order.items] == (["burger"] if changes else ["burger", "tea"])


@pytest.mark.parametrize("state", [SyncState.NOT_NEEDED, SyncState.PENDING])
@pytest.mark.parametrize("status", Status)
def test_lines_are_changed_while_the_goods_are_in_the_store(status: Status, state: SyncState) -> None:
    order, message = stored(status=status), change(remove("tea"), state=state)
    if status in (Status.INCOMING, Status.ACCEPTED, Status.BAGGING, Status.READY):
        assert then(order, message).effect is Effect.APPLIED
        return
    with pytest.raises(Reject) as caught:
        then(order, message)
    assert (caught.value.code, caught.value.details["status"]) == ("ORDER_NOT_MODIFIABLE", status)


def test_an_answer_is_noted_wherever_the_order_is_by_then() -> None:
    outcome = then(stored(status=Status.PICKED_UP), change(remove("tea"), state=SyncState.FAILED))

    assert outcome.order is not None
    assert outcome.order.cart is not None
    assert outcome.order.cart.state is SyncState.FAILED


@pytest.mark.parametrize(("minutes", "blocks"), [(29, True), (31, False)])
def test_one_change_at_a_time_but_not_for_ever(minutes: int, blocks: bool) -> None:
    asked = Sync(state=SyncState.PENDING, version=3, at=LATER - cart.PENDING_FOR / 30 * minutes)
    order, message = stored(cart=asked), change(remove("tea"), state=SyncState.PENDING)
    if not blocks:
        assert then(order, message).effect is Effect.APPLIED
        return
    with pytest.raises(Reject) as caught:
        then(order, message)
    assert caught.value.code == "CART_CHANGE_PENDING"


def test_an_edit_that_changes_nothing_is_no_new_version() -> None:
    outcome = then(stored(), change(update("tea", quantity=1)))

    assert isinstance(outcome, Outcome)
    assert (outcome.effect, outcome.order) == (Effect.UNCHANGED, None)


# --- always -----------------------------------------------------------------------------------------------------------

_EDIT = st.one_of(
    st.builds(reduce, st.sampled_from(["burger", "tea", "cheese"]), st.decimals("0.001", 3, places=3)),
    st.builds(
        lambda item, quantity: update(item, quantity=quantity), st.sampled_from(["burger", "tea"]), st.integers(1, 9)
    ),
    st.builds(lambda price: add(price=price), st.integers(0, 10**6)),
    st.builds(remove, st.sampled_from(["burger", "tea", "cheese"])),
    st.builds(substitute, st.sampled_from(["burger", "tea"]), st.integers(0, 10**6)),
)


@given(edits=st.lists(_EDIT, min_size=1, max_size=6))
def test_the_sums_agree_whatever_is_edited_or_all_is_refused(edits: list[dict[str, Any]]) -> None:
    before = an_order_of()
    try:
        after = edited(before, *edits)
    except Reject:
        return
    assert pricing.check_sums(after) == []
    told = cart.difference(before, after)
    assert told.difference == (after.amounts.total or 0) - 2730
    assert Order.model_validate_json(after.model_dump_json()) == after
