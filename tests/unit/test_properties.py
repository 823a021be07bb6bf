"""Rules that hold for every sequence of messages: never backwards, never two orders of one, never out of an end."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import get_args

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orderhub.errors import Reject
from orderhub.order.merge import CONTENT_MISSING, Effect, apply
from orderhub.order.messages import (
    CourierReport,
    HandedOver,
    HandOverReport,
    OrderMessage,
    OrderSnapshot,
    StaffChange,
    StaffMessage,
    StatusReport,
    TrackingReport,
)
from orderhub.order.models import Courier, DeliveredBy, Item, Order, StatusReason, Tracking
from orderhub.order.status import CLOSED, PROGRESS, Status, rank
from orderhub.order.times import sortable_number
from tests.unit.made import IDENTITY, NOW, a_report, a_snapshot, an_item, an_order

statuses = st.sampled_from(Status)
versions = st.none() | st.integers(0, 9).map(sortable_number)
lines: st.SearchStrategy[list[Item]] = st.lists(
    st.builds(an_item, id=st.sampled_from(["itm_1", "itm_2"]), unit_price=st.none() | st.integers(0, 999)),
    max_size=2,
    unique_by=lambda item: item.id,
)
orders = st.builds(
    an_order,
    status=statuses,
    items=lines,
    notes=st.none() | st.sampled_from(["a", "b"]),
    offer=st.sampled_from(["", "first", "second"]),
    ready_at=st.none() | st.just(NOW),
    prep_minutes=st.none() | st.just(15),
    delivered_by=st.none() | st.sampled_from(DeliveredBy),
    status_reason=st.none() | st.just(StatusReason(source_code="why")),
)
snapshots = st.builds(
    OrderSnapshot,
    delivery_key=st.just("snapshot"),
    source_version=versions,
    order=orders,
    guessed=st.sampled_from([frozenset[str](), frozenset({"notes", "delivered_by"})]),
)
reports = st.builds(a_report, status=statuses, version=versions)
courier_reports = st.builds(
    CourierReport,
    delivery_key=st.just("courier"),
    source_version=versions,
    external_id=st.just(IDENTITY.external_id),
    courier=st.builds(Courier, name=st.none() | st.sampled_from(["Sam", "Kim"])),
    status=st.none() | statuses,
)
tracking_reports = st.builds(
    TrackingReport,
    delivery_key=st.just("parcels"),
    source_version=versions,
    external_id=st.just(IDENTITY.external_id),
    tracking=st.tuples(st.builds(Tracking, code=st.sampled_from(["1", "2"]))),
    status=st.none() | statuses,
)
platform_messages: st.SearchStrategy[OrderMessage] = snapshots | reports | courier_reports | tracking_reports
staff_changes = st.builds(
    StaffChange,
    delivery_key=st.just("staff"),
    status=st.none() | statuses,
    prep_minutes=st.none() | st.integers(0, 90),
    expected_version=st.none() | st.integers(0, 5),
)


class LifeOfAnOrder(RuleBasedStateMachine):
    """One order, told of by its platform and its store in any order, some of it twice, some of it late."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.order: Order | None = None
        self.said: list[OrderMessage] = []

    @initialize(message=platform_messages)
    def the_platform_is_the_first_to_speak(self, message: OrderMessage) -> None:
        self.tell(message)
        assert self.order is not None

    @rule(message=platform_messages)
    def the_platform_speaks(self, message: OrderMessage) -> None:
        self.tell(message)

    @rule(data=st.data())
    @precondition(lambda self: self.said)
    def the_platform_repeats_itself(self, data: st.DataObject) -> None:
        self.tell(data.draw(st.sampled_from(self.said)))

    @rule(change=staff_changes)
    def staff_decide(self, change: StaffChange) -> None:
        before = self.order
        try:
            self.tell(change)
        except Reject:
            assert self.order == before

    @invariant()
    def the_order_can_be_stored(self) -> None:
        if self.order is not None:
            assert Order.model_validate_json(self.order.model_dump_json()) == self.order

    @invariant()
    def the_order_is_the_one_it_was(self) -> None:
        if self.order is not None:
            assert (self.order.id, self.order.external_id) == (IDENTITY.order_id, IDENTITY.external_id)
            assert self.order.created_at == NOW + timedelta(seconds=1)

    def tell(self, message: OrderMessage) -> None:
        self.now += timedelta(seconds=1)
        before = self.order
        outcome = apply(before, message, self.now, IDENTITY)
        if not isinstance(message, StaffChange):
            self.said.append(message)
        after = outcome.order
        assert (after is not None) == (outcome.effect is Effect.APPLIED)
        if after is None:
            return
        assert after.version == (before.version if before else 0) + 1
        assert after.updated_at == self.now
        if before is not None:
            correction = bool(outcome.summary.get("correction"))
            check_move(before, after, message, correction=correction)
            check_memory(before, after)
            if not isinstance(message, StaffChange):
                check_promise(before, after)
        self.order = after


def check_move(before: Order, after: Order, message: OrderMessage, *, correction: bool) -> None:
    """A status goes forward or to an end; an end is left only by a newer word of the platform that had declared it."""
    if before.status in CLOSED and after.status != before.status:
        assert correction
        assert before.source_status == before.status
        assert message.source_version is not None
        assert message.source_version > (before.source_version or "")
    elif after.status not in {Status.CANCELLED, Status.DENIED}:
        assert rank(after.status) >= rank(before.status)
    assert not correction or before.status != after.status


def check_memory(before: Order, after: Order) -> None:
    """What was known of the content is still known, and the version that the platform gave does not go back."""
    assert before.source_version is None or (
        after.source_version is not None
        and (after.source_version >= before.source_version or after.status in CLOSED - {before.status})
    )
    assert bool(after.items) >= bool(before.items)
    assert before.notes is None or after.notes is not None
    assert {parcel.code for parcel in before.tracking} == set() or after.tracking
    assert is_placeholder(before) or not is_placeholder(after)


def check_promise(before: Order, after: Order) -> None:
    """What the store has promised is changed by the store alone."""
    if before.promised_at is not None:
        promises = [(order.ready_at, order.prep_minutes, order.promised_at) for order in (before, after)]
        assert promises[0] == promises[1]


def is_placeholder(order: Order) -> bool:
    return any(check.code == CONTENT_MISSING for check in order.checks)


TestLifeOfAnOrder = LifeOfAnOrder.TestCase
TestLifeOfAnOrder.settings = settings(stateful_step_count=20, phases=[Phase.generate], report_multiple_bugs=False)


def told(messages: list[OrderMessage]) -> Order:
    current: Order | None = None
    for message in messages:
        current = apply(current, message, NOW, IDENTITY).order or current
    assert current is not None
    return current


# A life as a platform tells it: forward, perhaps to an early end, each word newer than the one before.
@st.composite
def lives(draw: st.DrawFn) -> list[OrderMessage]:
    steps = sorted(draw(st.sets(st.sampled_from(PROGRESS), min_size=1)), key=rank)
    if draw(st.booleans()) and Status.COMPLETED not in steps:
        steps.append(draw(st.sampled_from([Status.CANCELLED, Status.DENIED])))
    return [
        a_snapshot(version, status=status) if draw(st.booleans()) else a_report(status, version)
        for version, status in zip(map(sortable_number, count()), steps, strict=False)
    ]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[OrderMessage], list[OrderMessage]]:
    """A life, and the same messages as they arrive: in any order, some of them again."""
    life = draw(lives())
    return life, draw(st.permutations(life + draw(st.lists(st.sampled_from(life), max_size=3))))


@given(deliveries())
def test_however_messages_arrive_the_order_ends_where_its_platform_left_it(
    delivery: tuple[list[OrderMessage], list[OrderMessage]],
) -> None:
    life, arrived = delivery

    assert told(arrived).status == told(life).status


@given(deliveries())
def test_however_messages_arrive_the_newest_word_of_the_platform_is_the_one_remembered(
    delivery: tuple[list[OrderMessage], list[OrderMessage]],
) -> None:
    life, arrived = delivery

    order = told(arrived)

    assert (order.source_version, order.source_status) == (life[-1].source_version, told(life).source_status)


@given(deliveries())
def test_however_messages_arrive_the_order_has_its_content_if_any_of_them_brought_it(
    delivery: tuple[list[OrderMessage], list[OrderMessage]],
) -> None:
    _, arrived = delivery

    assert is_placeholder(told(arrived)) == all(isinstance(message, StatusReport) for message in arrived)


@given(deliveries())
def test_messages_that_all_arrive_again_change_nothing(
    delivery: tuple[list[OrderMessage], list[OrderMessage]],
) -> None:
    _, arrived = delivery
    order = told(arrived)

    effects = {apply(order, message, NOW, IDENTITY).effect for message in arrived}

    assert effects <= {Effect.UNCHANGED, Effect.STALE}


def test_every_kind_of_message_is_tried() -> None:
    here = {OrderSnapshot, StatusReport, CourierReport, TrackingReport, StaffMessage}
    assert set(get_args(OrderMessage)) - here == {HandOverReport, HandedOver}, "of those see test_hand_overs.py"
