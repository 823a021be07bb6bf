"""Requests for a table: decided from the hub's own book, answered once and for all, and never over the seats."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from threading import Barrier, Lock, get_ident
from typing import Any

import pytest

from orderhub.errors import Quarantine, Retry
from orderhub.intake.replay import replay_event
from orderhub.intake.tables import answer_request
from orderhub.order.events import Actor, Raw
from orderhub.order.messages import Decision, TableRequest, TableRules, TableStep
from orderhub.order.models import Order, Reservation, StatusReason, Sync, SyncState
from orderhub.order.status import CLOSED, Status
from orderhub.order.tables import Book, Seating
from orderhub.platforms.base import Connection, Reading
from orderhub.platforms.http_types import Answer
from orderhub.platforms.registry import load
from orderhub.runtime import measured
from orderhub.storage import orders, tables, timelines
from tests.functional.cloud import items, waiting
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import STORE, Hub, queue_url
from tests.functional.vendors import PLATFORMS
from tests.unit.made import an_order

THEIRS = PLATFORMS["square"].store
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SEVEN = NOW + timedelta(hours=8)  # in the evening of the same day, in New York
TODAY = date(2026, 10, 5)
FIRST = 213_375_601  # numbers begin at the seconds from 2020 to NOW
RULES = TableRules(seats=10, largest=8, turn=90 * MINUTE, hold=5 * MINUTE)
RAW = Raw(b'{"asked": "for a table"}', {"content-type": "application/json"})


def word(decision: Decision) -> Answer:
    """An answer that says all there is to say."""
    told = {**asdict(decision), "expires_in": decision.expires_in and decision.expires_in.total_seconds()}
    return Answer(201 if decision.granted else 409, json.dumps(told), {"x-number": str(decision.number)})


def granted(number: int, *, seconds: float | None = None) -> Answer:
    return word(Decision(granted=True, number=number, expires_in=timedelta(seconds=seconds) if seconds else None))


def refused(why: str) -> Answer:
    return word(Decision(granted=False, why=why))


@dataclass
class Desk:
    """A platform that asks for tables. Each request is a new one unless it has a key."""

    hub: Hub
    connection: Connection[Any, Any]
    keys: Any = field(default_factory=count)

    def request(self, step: TableStep, key: str | None = None, store: str = THEIRS, **told: Any) -> TableRequest:
        least = {"rules": RULES, "remember": 10 * MINUTE, "delivery_key": key or f"asked-{next(self.keys)}"}
        return TableRequest(**{**least, "step": step, "store_external_id": store, **told})

    def ask(self, step: TableStep, **told: Any) -> Answer:
        return self.answer(self.request(step, **told))

    def answer(self, request: TableRequest) -> Answer:
        return answer_request(request, word, self.connection, RAW, self.now)

    @property
    def now(self) -> datetime:
        return datetime.now(NOW.tzinfo)

    def reservation(self, at: datetime, size: int, **told: Any) -> Order:
        """A reservation as an adapter maps it: it knows nothing of numbers."""
        named = {"id": "", "external_id": "", "platform": "square", "channel": "square", "store_id": STORE}
        table = {"placed_at": self.now, "scheduled_for": at, "reservation": Reservation(party_size=size)}
        return an_order(**{**named, "connection_id": self.connection.id, **table, **told})

    def hold(self, at: datetime = SEVEN, size: int = 2, **told: Any) -> Answer:
        return self.ask(TableStep.HOLD, at=at, party_size=size, **told)

    def make(self, at: datetime = SEVEN, size: int = 2, **told: Any) -> Answer:
        return self.ask(TableStep.MAKE, at=at, party_size=size, **{"order": self.reservation(at, size), **told})

    def change(self, number: int, at: datetime = SEVEN, size: int = 2, **told: Any) -> Answer:
        asked = {"order": self.reservation(at, size), "number": number, "at": at, "party_size": size}
        return self.ask(TableStep.CHANGE, **{**asked, **told})

    def cancel(self, number: int, **told: Any) -> Answer:
        return self.ask(TableStep.CANCEL, number=number, **told)

    def order_id(self, number: int, store: str = THEIRS) -> str:
        return self.connection.order_id(store, str(number))

    def order(self, number: int) -> Order:
        found = orders.get(self.order_id(number))
        assert found is not None
        return found

    def seated(self, day: date = TODAY, store: str = THEIRS) -> list[Seating]:
        """Who is in the book."""
        return list(tables.book(self.connection.id, store, day).seatings)


@pytest.fixture
def desk(hub: Hub, square: str) -> Desk:
    return Desk(hub, hub.connection(square))


def found(status: Status | None = None) -> list[dict[str, Any]]:
    """The orders there are."""
    return [row for row in items() if row["sk"] == "ORDER" and status in (None, row["status"])]


# --- a table is held --------------------------------------------------------------------------------------------------


def test_a_table_is_held_for_a_moment_and_makes_no_order(desk: Desk) -> None:
    assert desk.hold(size=4) == granted(FIRST, seconds=300)

    assert desk.seated() == [Seating(FIRST, SEVEN, 4, NOW + 5 * MINUTE)]
    assert found() == []


def test_seats_that_are_held_are_not_given_to_others_until_the_lock_runs_out(desk: Desk, clock: Clock) -> None:
    desk.hold(size=8)
    early = desk.hold(size=3)
    clock.wait(300)

    assert (early, desk.hold(size=3)) == (refused("full"), granted(FIRST + 1, seconds=300))
    assert [one.number for one in desk.seated()] == [FIRST + 1]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"size": 9}, "too_large"),
        ({"size": 0}, "too_large"),
        ({"rules": TableRules(10, 8, MINUTE, MINUTE, ((SEVEN.time(), SEVEN.time()),))}, "closed"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason_and_leaves_no_trace(desk: Desk, told: Any, why: str) -> None:
    assert desk.hold(**told) == refused(why)
    assert (desk.seated(), found()) == ([], [])


# --- a reservation is made --------------------------------------------------------------------------------------------


def test_a_reservation_is_an_order_that_is_accepted_and_that_its_platform_has_yet_to_hear_of(desk: Desk) -> None:
    assert desk.make(size=4, source_version="7") == granted(FIRST)

    assert desk.order(FIRST) == desk.reservation(SEVEN, 4).model_copy(
        update={
            "id": desk.order_id(FIRST),
            "external_id": str(FIRST),
            "display_id": str(FIRST),
            "status": Status.ACCEPTED,
            "source_status": Status.INCOMING,
            "source_version": "7",
            "sync": Sync(state=SyncState.PENDING, version=1, status=Status.ACCEPTED, at=NOW),
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "times": {Status.INCOMING: NOW, Status.ACCEPTED: NOW},
        }
    )
    assert desk.seated() == [Seating(FIRST, SEVEN, 4)]


def test_the_timeline_says_that_the_hub_accepted_it_and_what_it_was_asked(desk: Desk) -> None:
    desk.make()

    (event,) = desk.hub.timeline(desk.order_id(FIRST))
    assert (event.type, event.effect, event.version, event.cause.actor) == (
        *("order.accepted", "applied", 1),
        Actor.SYSTEM,
    )
    assert event.summary == {"to": "accepted", "number": FIRST}
    assert timelines.received(desk.order_id(FIRST), event.key) == RAW


def test_a_reservation_is_told_to_its_platform(desk: Desk) -> None:
    desk.make()
    desk.hub.dispatch()

    (message,) = waiting(queue_url("push_status"))
    assert (message["order_id"], message["connection_id"]) == (desk.order_id(FIRST), desk.connection.id)


def test_a_reservation_is_among_the_open_orders_of_its_store_s_day(desk: Desk) -> None:
    desk.make()

    (row,) = desk.hub.api("GET", f"/v1/stores/{STORE}/orders").json["orders"]
    assert (row["id"], row["status"]) == (desk.order_id(FIRST), "accepted")


def test_the_seats_of_a_lock_are_those_of_the_guests_who_hold_it(desk: Desk) -> None:
    desk.hold(size=8)

    assert desk.make(size=8) == refused("full")
    assert desk.make(size=8, hold=FIRST) == granted(FIRST + 1)
    assert desk.seated() == [Seating(FIRST + 1, SEVEN, 8)]


def test_a_lock_serves_one_reservation(desk: Desk) -> None:
    desk.hold(size=8)
    desk.make(size=8, hold=FIRST)

    assert desk.make(size=8, hold=FIRST) == refused("full")


def test_a_lock_that_has_run_out_does_no_harm_while_there_is_room(desk: Desk, clock: Clock) -> None:
    desk.hold(size=8)
    clock.wait(301)

    assert desk.make(size=8, hold=FIRST) == granted(FIRST + 1)
    assert desk.seated() == [Seating(FIRST + 1, SEVEN, 8)]


def test_a_lock_that_has_run_out_keeps_no_seats(desk: Desk, clock: Clock) -> None:
    desk.hold(size=8)
    clock.wait(301)
    desk.make(size=8)

    assert desk.make(size=8, hold=FIRST) == refused("full")


def test_a_lock_that_nobody_has_given_changes_nothing(desk: Desk) -> None:
    assert desk.make(hold=7) == granted(FIRST)


def test_a_lock_that_is_a_reservation_of_others_does_not_take_their_seats(desk: Desk) -> None:
    desk.make(size=8)

    assert desk.make(size=8, hold=FIRST) == refused("full")
    assert desk.seated() == [Seating(FIRST, SEVEN, 8)]


def test_a_new_reservation_is_counted_once(desk: Desk, metrics: Metrics) -> None:
    for _ in range(2):
        with measured("square"):
            desk.make(key="asked-again")

    assert metrics() == {"OrdersReceived square": [1]}


# --- nobody is given too much -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "why", "details"),
    [({"size": 8}, "full", "full"), ({"size": 9}, "too_large", "too large")],
)
def test_guests_that_are_sent_away_are_on_record(desk: Desk, told: Any, why: str, details: str) -> None:
    desk.make(size=8)

    assert desk.make(**told) == refused(why)

    (row,) = found(Status.DENIED)
    denied = orders.get(row["pk"][2:])
    assert denied is not None
    assert (denied.status_reason, denied.display_id, denied.sync.state) == (
        *(StatusReason(details=details), None),
        SyncState.NOT_NEEDED,
    )
    assert denied.reservation == Reservation(party_size=told["size"])
    assert [(event.type, event.cause.actor) for event in desk.hub.timeline(denied.id)] == [
        ("order.denied", Actor.SYSTEM)
    ]
    assert [one.number for one in desk.seated()] == [FIRST]


def test_of_guests_that_were_sent_away_no_platform_is_told(desk: Desk) -> None:
    desk.make(size=9)
    desk.hub.dispatch()

    assert len(found(Status.DENIED)) == 1
    assert waiting(queue_url("push_status")) == []


def test_each_day_and_each_restaurant_has_a_book_of_its_own(desk: Desk) -> None:
    answers = [desk.make(size=8), desk.make(SEVEN + DAY, 8), desk.make(size=8, store="elsewhere")]

    assert answers == [granted(FIRST), granted(FIRST + 1), granted(FIRST)]
    assert desk.seated() == [Seating(FIRST, SEVEN, 8)]
    assert desk.seated(date(2026, 10, 6)) == [Seating(FIRST + 1, SEVEN + DAY, 8)]
    assert desk.seated(store="elsewhere") == [Seating(FIRST, SEVEN, 8)]
    assert len(found(Status.ACCEPTED)) == 3


def test_who_comes_before_midnight_and_who_comes_after_share_a_page(desk: Desk) -> None:
    before_midnight, after = SEVEN + 270 * MINUTE, SEVEN + 330 * MINUTE
    desk.make(before_midnight, 8)

    assert desk.make(after, 8) == refused("full")


def test_numbers_grow_and_none_is_given_twice(desk: Desk, clock: Clock) -> None:
    desk.hold()
    desk.make(size=1)
    desk.cancel(FIRST + 1)
    clock.wait(days=3)

    assert [desk.make(SEVEN + 4 * DAY), desk.hold(SEVEN + 4 * DAY)] == [
        granted(FIRST + 2),
        granted(FIRST + 3, seconds=300),
    ]


def test_a_connection_made_anew_gives_out_no_number_that_the_one_before_gave(desk: Desk, clock: Clock) -> None:
    for _ in range(3):
        desk.make()
    clock.wait(60)
    anew = Desk(desk.hub, desk.hub.connection(desk.hub.connect("square", name="anew")))

    assert anew.make() == granted(FIRST + 60)


# --- asked again ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["hold", "make", "sent away", "change", "cancel"])
def test_a_request_that_comes_again_is_answered_with_the_very_same_words(desk: Desk, clock: Clock, step: str) -> None:
    desk.make()
    asking: dict[str, Callable[[], Answer]] = {
        "hold": lambda: desk.hold(key="again"),
        "make": lambda: desk.make(key="again"),
        "sent away": lambda: desk.make(size=9, key="again"),
        "change": lambda: desk.change(FIRST, size=3, key="again"),
        "cancel": lambda: desk.cancel(FIRST, key="again"),
    }
    first = asking[step]()
    before = items()
    clock.wait(599)

    assert asking[step]() == first
    assert items() == before


def test_a_refusal_stands_although_there_is_room_by_now(desk: Desk) -> None:
    desk.make(size=8)
    desk.make(size=8, key="again")
    desk.cancel(FIRST)

    assert desk.make(size=8, key="again") == refused("full")


def test_an_answer_is_the_connection_s_own(desk: Desk) -> None:
    other = Desk(desk.hub, desk.hub.connection(desk.hub.connect("square", name="other")))
    desk.make(size=8, key="same")

    assert other.make(size=9, key="same") == refused("too_large")


def test_a_request_is_another_one_when_its_answer_is_no_longer_remembered(desk: Desk, clock: Clock) -> None:
    desk.make(key="again")
    clock.wait(601)

    assert desk.make(key="again") == granted(FIRST + 1)
    assert len(found(Status.ACCEPTED)) == 2


@pytest.mark.parametrize("step", ["sent away", "change", "cancel"])
def test_a_request_that_is_forgotten_can_be_decided_again(desk: Desk, clock: Clock, step: str) -> None:
    desk.make()
    asking: dict[str, Callable[[], Answer]] = {
        "sent away": lambda: desk.make(size=9, key="again"),
        "change": lambda: desk.change(FIRST, size=3, key="again"),
        "cancel": lambda: desk.cancel(FIRST, key="again"),
    }
    first = asking[step]()
    clock.wait(601)

    assert asking[step]() == first


def test_how_long_an_answer_counts_is_what_the_request_says(desk: Desk, clock: Clock) -> None:
    desk.make(key="again", remember=DAY)
    clock.wait(hours=23)

    assert desk.make(key="again", remember=DAY) == granted(FIRST)


# --- a reservation is changed -----------------------------------------------------------------------------------------


def test_guests_come_at_another_time_with_others(desk: Desk) -> None:
    desk.make(size=8)
    made, later = desk.order(FIRST), SEVEN + 60 * MINUTE

    assert desk.change(FIRST, later, 3, source_version="9") == granted(FIRST)

    assert desk.order(FIRST) == made.model_copy(
        update={
            "scheduled_for": later,
            "reservation": Reservation(party_size=3),
            "version": 2,
            "source_version": "9",
        }
    )
    assert desk.seated() == [Seating(FIRST, later, 3)]
    event = desk.hub.timeline(made.id)[-1]
    assert (event.type, event.cause.actor, event.summary) == ("order.updated", Actor.PLATFORM, {"party_size": 3})


def test_guests_who_change_their_time_do_not_stand_in_their_own_way(desk: Desk) -> None:
    desk.make(size=8)

    assert desk.change(FIRST, SEVEN + 30 * MINUTE, 8) == granted(FIRST)


def test_guests_who_come_another_day_leave_their_seats_of_the_first(desk: Desk) -> None:
    desk.make(size=8)

    assert desk.change(FIRST, SEVEN + DAY, 8) == granted(FIRST)

    assert (desk.seated(), desk.seated(date(2026, 10, 6))) == ([], [Seating(FIRST, SEVEN + DAY, 8)])
    assert [desk.make(size=8), desk.make(SEVEN + DAY, 8)] == [granted(FIRST + 1), refused("full")]


@pytest.mark.parametrize(("at", "size", "why"), [(SEVEN, 9, "too_large"), (SEVEN + DAY, 3, "full"), (SEVEN, 3, "full")])
def test_a_change_that_cannot_be_leaves_all_as_it_was(desk: Desk, at: datetime, size: int, why: str) -> None:
    desk.make(size=2)
    desk.make(size=8)
    desk.make(SEVEN + DAY, 8)
    before = desk.order(FIRST), desk.seated(), desk.seated(date(2026, 10, 6))

    assert desk.change(FIRST, at, size) == refused(why)

    assert (desk.order(FIRST), desk.seated(), desk.seated(date(2026, 10, 6))) == before


def test_what_the_store_had_promised_for_the_time_before_is_no_promise_any_more(desk: Desk) -> None:
    desk.make()
    path = f"/v1/orders/{desk.order_id(FIRST)}/ready-time"
    assert desk.hub.api("PATCH", path, {"prep_minutes": 45}).status == 200
    promised = desk.order(FIRST)

    desk.change(FIRST, SEVEN + 30 * MINUTE)

    changed = desk.order(FIRST)
    assert (promised.prep_minutes, promised.ready_at, promised.promised_at) == (45, NOW + 45 * MINUTE, NOW)
    assert (changed.prep_minutes, changed.ready_at, changed.promised_at) == (None, None, None)


def test_a_reservation_that_nobody_made_cannot_be_changed(desk: Desk) -> None:
    assert desk.change(FIRST) == refused("unknown")
    assert (desk.seated(), found()) == ([], [])


def test_a_reservation_of_another_restaurant_is_unknown(desk: Desk) -> None:
    desk.make()

    assert [desk.change(FIRST, store="elsewhere"), desk.cancel(FIRST, store="elsewhere")] == [refused("unknown")] * 2
    assert desk.order(FIRST).status is Status.ACCEPTED


@pytest.mark.parametrize("action", ["cancel", "complete"])
def test_a_reservation_that_is_over_cannot_be_changed(desk: Desk, action: str) -> None:
    desk.make()
    staff_does(desk, action)

    assert desk.change(FIRST, size=3) == refused("unknown")


# --- a reservation is cancelled ---------------------------------------------------------------------------------------


def test_guests_who_cancel_give_their_seats_back(desk: Desk) -> None:
    desk.make(size=8)

    assert desk.cancel(FIRST) == granted(FIRST)

    cancelled = desk.order(FIRST)
    assert (cancelled.status, cancelled.source_status, cancelled.version) == (
        *(Status.CANCELLED, Status.CANCELLED),
        2,
    )
    assert desk.seated() == []
    assert desk.make(size=8) == granted(FIRST + 1)
    event = desk.hub.timeline(cancelled.id)[-1]
    assert (event.type, event.cause.actor) == ("order.cancelled", Actor.PLATFORM)


def test_guests_who_moved_and_cancel_give_back_the_seats_they_have(desk: Desk) -> None:
    desk.make(size=8)
    desk.change(FIRST, SEVEN + DAY, 8)

    desk.cancel(FIRST)

    assert (desk.seated(), desk.seated(date(2026, 10, 6))) == ([], [])


def test_to_cancel_twice_is_no_error_and_one_cancellation(desk: Desk) -> None:
    desk.make()
    answers = [desk.cancel(FIRST), desk.cancel(FIRST)]

    assert answers == [granted(FIRST), granted(FIRST)]
    assert desk.hub.told(desk.order_id(FIRST)) == [("order.accepted", "applied"), ("order.cancelled", "applied")]


def test_what_staff_cancelled_the_platform_may_cancel_too(desk: Desk) -> None:
    desk.make()
    staff_does(desk, "cancel")

    assert desk.cancel(FIRST) == granted(FIRST)
    assert (desk.order(FIRST).status, desk.seated()) == (Status.CANCELLED, [])


@pytest.mark.parametrize("number", [FIRST, 0, None])
def test_a_reservation_that_nobody_made_cannot_be_cancelled(desk: Desk, number: int) -> None:
    assert desk.cancel(number) == refused("unknown")
    assert found() == []


# --- what staff did meanwhile -----------------------------------------------------------------------------------------


def staff_does(desk: Desk, action: str, number: int = FIRST) -> None:
    body = {"reason": "OTHER", "details": "no show"} if action == "cancel" else None
    assert desk.hub.api("POST", f"/v1/orders/{desk.order_id(number)}/{action}", body).status == 200
    assert (desk.order(number).status in CLOSED) is (action in ("cancel", "complete"))


@pytest.mark.parametrize("step", ["hold", "make", "change"])
@pytest.mark.parametrize("action", ["cancel", "complete"])
def test_seats_of_guests_whom_staff_cancelled_or_saw_leave_are_found_free(desk: Desk, action: str, step: str) -> None:
    desk.make(size=8)
    desk.make(SEVEN + DAY, 8)
    staff_does(desk, action)
    asking: dict[str, Callable[[], Answer]] = {
        "hold": lambda: desk.hold(size=8),
        "make": lambda: desk.make(size=8),
        "change": lambda: desk.change(FIRST + 1, size=8),
    }

    answer = asking[step]()

    assert answer.status == 201
    assert [one.number for one in desk.seated()] == [int(answer.headers["x-number"])]


@pytest.mark.parametrize("action", ["ready", "picked_up"])
def test_guests_who_sit_there_keep_their_seats(desk: Desk, action: str) -> None:
    desk.make(size=8)
    staff_does(desk, action)

    assert desk.make(size=8) == refused("full")


def test_only_as_many_seats_are_free_as_guests_were_cancelled(desk: Desk) -> None:
    desk.make(size=5)
    desk.make(size=5)
    staff_does(desk, "cancel")

    assert [desk.make(size=6), desk.make(size=5)] == [refused("full"), granted(FIRST + 2)]


# --- many at once -----------------------------------------------------------------------------------------------------


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Lets something else happen between the next decision and its storing."""
    real = tables.commit

    def arrange(happens: Callable[[], Any]) -> None:
        def commit(*given: Any, **named: Any) -> bool:
            monkeypatch.setattr(tables, "commit", real)
            happens()
            return real(*given, **named)

        monkeypatch.setattr(tables, "commit", commit)

    return arrange


Meanwhile = Callable[[Callable[[], Any]], None]


def test_of_two_who_want_the_last_seats_at_once_one_gets_them(desk: Desk, meanwhile: Meanwhile) -> None:
    desk.make(size=4)
    faster: list[Answer] = []
    meanwhile(lambda: faster.append(desk.make(size=6)))

    assert desk.make(size=6) == refused("full")

    assert [answer.status for answer in faster] == [201]
    assert sum(one.size for one in desk.seated()) == 10
    assert (len(found(Status.ACCEPTED)), len(found(Status.DENIED))) == (2, 1)


def test_two_first_guests_of_a_day_at_once_are_both_in_the_book(desk: Desk, meanwhile: Meanwhile) -> None:
    meanwhile(desk.make)

    assert desk.make().status == 201
    assert [one.size for one in desk.seated()] == [2, 2]


def test_one_request_that_comes_twice_at_once_is_decided_once(desk: Desk, meanwhile: Meanwhile) -> None:
    faster: list[Answer] = []
    meanwhile(lambda: faster.append(desk.make(key="same")))

    assert [desk.make(key="same")] == faster
    assert (len(desk.seated()), len(found())) == (1, 1)


def test_a_reservation_cancelled_while_it_is_changed_stays_cancelled(desk: Desk, meanwhile: Meanwhile) -> None:
    desk.make(size=8)
    meanwhile(lambda: desk.cancel(FIRST))

    assert desk.change(FIRST, size=3) == refused("unknown")
    assert (desk.order(FIRST).status, desk.seated()) == (Status.CANCELLED, [])


def test_a_reservation_cancelled_by_staff_while_it_is_changed_stays_cancelled(desk: Desk, meanwhile: Meanwhile) -> None:
    desk.make(size=8)
    meanwhile(lambda: staff_does(desk, "cancel"))

    assert desk.change(FIRST, size=3) == refused("unknown")
    assert desk.order(FIRST).status is Status.CANCELLED


def test_when_others_are_always_faster_the_platform_is_to_ask_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Any] = []

    def too_late(*given: Any, **_: Any) -> bool:
        tries.append(given)
        return False

    monkeypatch.setattr(tables, "commit", too_late)

    with pytest.raises(Retry, match="many ask for tables of this day at once"):
        desk.make()

    assert (len(tries), found(), desk.seated()) == (10, [], [])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[Desk, list[TableRequest]], list[Answer]]:
    """Answers requests in threads of their own, each of which looks at the book before any of them writes."""
    one_by_one, looked = Lock(), set[int]()

    def atomic(real: Callable[..., Any]) -> Callable[..., Any]:
        """A call that is atomic in DynamoDB, and in moto is not."""

        def call(*given: Any, **named: Any) -> Any:
            with one_by_one:
                return real(*given, **named)

        return call

    def answer_all(desk: Desk, requests: list[TableRequest]) -> list[Answer]:
        everybody = Barrier(len(requests), timeout=30)
        look = atomic(tables.book)

        def book(*given: Any) -> Book:
            page: Book = look(*given)
            if get_ident() not in looked:
                looked.add(get_ident())
                everybody.wait()
            return page

        with monkeypatch.context() as crowd, ThreadPoolExecutor(len(requests)) as pool:
            for name in ("commit", "next_number", "answered"):
                crowd.setattr(tables, name, atomic(getattr(tables, name)))
            crowd.setattr(tables, "book", book)
            return list(pool.map(desk.answer, requests))

    return answer_all


def test_of_many_at_once_as_many_get_a_table_as_there_are_seats(
    desk: Desk, at_once: Callable[[Desk, list[TableRequest]], list[Answer]]
) -> None:
    told: dict[str, Any] = {"at": SEVEN, "party_size": 3, "order": desk.reservation(SEVEN, 3)}

    answers = at_once(desk, [desk.request(TableStep.MAKE, **told) for _ in range(8)])

    assert sorted(answer.status for answer in answers) == [201] * 3 + [409] * 5
    numbers = {int(answer.headers["x-number"]) for answer in answers if answer.status == 201}
    assert {(one.number, one.size) for one in desk.seated()} == {(number, 3) for number in numbers}
    assert (len(found(Status.ACCEPTED)), len(found(Status.DENIED))) == (3, 5)


def test_one_request_that_comes_many_times_at_once_makes_one_reservation(
    desk: Desk, at_once: Callable[[Desk, list[TableRequest]], list[Answer]]
) -> None:
    same = desk.request(TableStep.MAKE, at=SEVEN, party_size=3, order=desk.reservation(SEVEN, 3))

    answers = at_once(desk, [same] * 4)

    assert (answers, answers[0].status) == ([answers[0]] * 4, 201)
    assert (len(desk.seated()), len(found())) == (1, 1)


# --- what makes no sense ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (TableStep.HOLD, {"at": None}),
        (TableStep.MAKE, {"at": None}),
        (TableStep.MAKE, {"at": SEVEN, "order": None}),
    ],
)
def test_a_request_that_does_not_say_what_it_wants_is_put_aside_undecided(
    desk: Desk, step: TableStep, told: dict[str, Any]
) -> None:
    with pytest.raises(Quarantine):
        desk.ask(step, **{"party_size": 2, "order": desk.reservation(SEVEN, 2), **told})

    assert (found(), desk.seated()) == ([], [])


# --- from the webhook -------------------------------------------------------------------------------------------------


@pytest.fixture
def asking(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[TableRequest], None]:
    """Lets the platform's webhooks be this request."""

    def read_as(request: TableRequest) -> None:
        told = Reading([request], Answer(500, "nobody decided"), decided=word)
        monkeypatch.setattr(type(load("square")), "read", lambda *_: told)

    return read_as


def wanted(desk: Desk, **told: Any) -> TableRequest:
    return desk.request(TableStep.MAKE, at=SEVEN, party_size=2, order=desk.reservation(SEVEN, 2), **told)


def test_the_answer_to_the_webhook_is_the_decision(desk: Desk, asking: Callable[[TableRequest], None]) -> None:
    asking(wanted(desk))

    reply = desk.hub.send(desk.connection.id, b"{}")

    assert (reply.status, reply.headers["x-number"]) == (201, str(FIRST))
    assert len(found(Status.ACCEPTED)) == 1


def test_a_reservation_is_not_made_again_by_a_replay(desk: Desk, asking: Callable[[TableRequest], None]) -> None:
    asking(wanted(desk))
    desk.hub.send(desk.connection.id, b"{}")
    order_id, before = desk.order_id(FIRST), items()
    (event,) = desk.hub.timeline(order_id)

    assert replay_event(order_id, event.key, NOW) == []
    assert items() == before


def test_while_others_are_always_faster_the_webhook_is_answered_with_503(
    desk: Desk, asking: Callable[[TableRequest], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asking(wanted(desk))
    monkeypatch.setattr(tables, "commit", lambda *_, **__: False)

    assert desk.hub.send(desk.connection.id, b"{}").status == 503
