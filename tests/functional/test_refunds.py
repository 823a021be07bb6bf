"""Giving money back: asked for by managers, never more than was paid, told to the platform once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orderhub.actions.send_refund import send_refund
from orderhub.actions.worker import Task
from orderhub.errors import Misconfigured, Retry
from orderhub.order.events import Actor, Cause
from orderhub.order.models import Amounts, Order, Refund, SyncState
from orderhub.order.status import Status
from orderhub.platforms.base import Done, Operation
from orderhub.platforms.registry import load
from orderhub.service.access import Caller, Role
from orderhub.storage import links, orders, queues
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import ADMIN, STORE, Hub, Reply, queue_url
from tests.functional.made import stored
from tests.functional.vendors import PLATFORMS
from tests.unit.made import an_item

MORGAN = Caller("key_morgan", "Morgan", Role.STORE_MANAGER, frozenset({STORE}))
ROBIN = Caller("key_robin", "Robin", Role.STORE_EMPLOYEE, frozenset({STORE}))
STRANGER = Caller("key_stranger", "a stranger", Role.STORE_MANAGER, frozenset({"sto_other"}))
COLD = {"reason": "It was cold"}
ATTEMPTS = 12


@pytest.fixture
def order_id(hub: Hub, square: str, clock: Clock) -> str:
    """An order of Square, paid: 32.48 dollars. Nothing has been called since it came."""
    received = hub.receive(square)
    hub.vendors.control("DELETE", "square/calls")
    clock.wait(60)
    return received


def ask(hub: Hub, order_id: str, body: Any = None, *, caller: Caller = MORGAN, **headers: Any) -> Reply:
    return hub.api("POST", f"/v1/orders/{order_id}/refunds", {**COLD, **(body or {})}, caller=caller, **headers)


def refunds(hub: Hub, order_id: str) -> list[tuple[int, SyncState, str | None]]:
    return [(one.amount, one.state, one.detail) for one in hub.order(order_id).refunds]


def given_back(hub: Hub, slug: str = "square") -> list[int]:
    """The status of each call for a refund."""
    return [status for method, path, status in hub.vendors.made(slug) if method == "POST" and "refunds" in path]


def lines(hub: Hub, order_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    events = [event for event in hub.timeline(order_id) if event.type.startswith("refund.")]
    return [(event.type, event.effect, dict(event.summary)) for event in events]


def fault(hub: Hub, status: int = 500, times: int = 1, **more: Any) -> None:
    hub.vendors.fault("square", match={"path_contains": "/v2/refunds"}, status=status, times=times, **more)


# --- asking -----------------------------------------------------------------------------------------------------------


def test_a_refund_is_pending_until_the_platform_has_taken_it(hub: Hub, order_id: str) -> None:
    reply = ask(hub, order_id, {"amount": 500})

    assert reply.status == 201
    assert reply.json == {
        "id": reply.json["id"],
        "amount": 500,
        "items": [],
        "reason": "It was cold",
        "state": "pending",
        "detail": None,
        "asked_by": "Morgan (key_morgan)",
        "at": "2026-10-05T15:01:00Z",
    }
    assert reply.headers["etag"] == f'"{hub.order(order_id).version}"'
    assert hub.api("GET", f"/v1/orders/{order_id}").json["refunds"] == [reply.json]

    assert hub.run() == 0

    assert refunds(hub, order_id) == [(500, SyncState.CONFIRMED, None)]


def test_the_platform_is_told_the_amount_the_reason_and_a_key(hub: Hub, order_id: str) -> None:
    ask(hub, order_id, {"amount": 500})
    hub.run()

    (call,) = (call for call in hub.vendors.calls("square") if call["path"] == "/v2/refunds")
    assert call["body"]["amount_money"] == {"amount": 500, "currency": "USD"}
    assert call["body"]["reason"].startswith("It was cold")
    assert call["body"]["idempotency_key"]


def test_both_steps_are_in_the_timeline(hub: Hub, order_id: str) -> None:
    refund_id = ask(hub, order_id, {"amount": 500}).json["id"]
    hub.run()

    asked, confirmed = (event for event in hub.timeline(order_id) if event.type.startswith("refund."))
    assert (asked.type, asked.cause) == ("refund.asked", Cause(Actor.STAFF, "Morgan (key_morgan)"))
    assert (asked.summary["refund"], asked.summary["amount"], asked.summary["state"]) == (refund_id, 500, "pending")
    assert (confirmed.type, confirmed.cause) == ("refund.confirmed", Cause(Actor.SYSTEM, "send_refund"))
    assert confirmed.summary == {"refund": refund_id, "amount": 500, "attempt": 1}
    assert confirmed.version == asked.version + 1 == hub.order(order_id).version


def test_without_an_amount_all_that_is_left_is_given_back(hub: Hub, order_id: str) -> None:
    ask(hub, order_id, {"amount": 1000})

    assert ask(hub, order_id).json["amount"] == 2248
    hub.run()
    assert [state for _, state, _ in refunds(hub, order_id)] == [SyncState.CONFIRMED] * 2
    listed = hub.api("GET", f"/v1/orders/{order_id}/refunds", caller=ROBIN).json
    assert [one["amount"] for one in listed["refunds"]] == [1000, 2248]
    assert listed["balance"] == {"currency": "USD", "paid": 3248, "given_back": 3248, "under_way": 0, "left": 0}


def test_lines_are_given_back_at_what_was_paid_for_them(hub: Hub, order_id: str) -> None:
    first, second = hub.order(order_id).items

    reply = ask(hub, order_id, {"items": [first.id]})

    worth = (first.total or 0) + (first.tax or 0)
    assert (reply.json["amount"], reply.json["items"]) == (worth, [first.id])
    again = ask(hub, order_id, {"items": [second.id, first.id]})
    assert again.error == (422, "INVALID_FIELD_VALUE")
    assert again.json["details"] == {"items": [first.id]}


@pytest.mark.parametrize("slug", ["shopify", "woocommerce", "square"])
def test_each_platform_that_can_gives_money_back_by_amount_and_by_line(hub: Hub, slug: str) -> None:
    order_id = hub.receive(hub.connect(slug))
    ask(hub, order_id, {"amount": 150})
    ask(hub, order_id, {"items": [hub.order(order_id).items[-1].id]})

    assert hub.run() == 0

    assert [state for _, state, _ in refunds(hub, order_id)] == [SyncState.CONFIRMED] * 2


def test_more_than_is_left_is_refused_with_the_amounts(hub: Hub, order_id: str) -> None:
    ask(hub, order_id, {"amount": 3000})
    hub.run()

    reply = ask(hub, order_id, {"amount": 249})

    assert reply.error == (409, "REFUND_FAILED")
    told = {"currency": "USD", "paid": 3248, "given_back": 3000, "under_way": 0, "left": 248, "asked": 249}
    assert reply.json["details"] == told
    assert ask(hub, order_id, {"amount": 248}).status == 201
    assert ask(hub, order_id).error == (409, "REFUND_FAILED")


def test_an_order_without_a_total_gives_nothing_back(hub: Hub) -> None:
    stored(store_id=STORE)

    assert ask(hub, "ord_1", {"amount": 1}).error == (409, "REFUND_FAILED")
    assert hub.api("GET", "/v1/orders/ord_1/refunds").json == {"refunds": [], "balance": None, "next_cursor": None}


@pytest.mark.parametrize(
    "body",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.5},
        {"amount": "5"},
        {"amount": True},
        {"amount": 10**16},
        {"reason": ""},
        {"reason": None},
        {"asked_by": "somebody else"},
        {"state": "confirmed"},
    ],
)
def test_what_does_not_fit_is_refused(hub: Hub, order_id: str, body: Any) -> None:
    assert ask(hub, order_id, body).error == (422, "VALIDATION_ERROR")


def test_either_an_amount_or_lines_are_given_back(hub: Hub, order_id: str) -> None:
    body = {"amount": 1, "items": [hub.order(order_id).items[0].id]}

    assert ask(hub, order_id, body).error == (422, "INVALID_FIELD_VALUE")


# --- who may ----------------------------------------------------------------------------------------------------------


def test_it_takes_a_manager_of_the_store(hub: Hub, order_id: str) -> None:
    assert ask(hub, order_id, caller=ROBIN).error == (403, "PERMISSION_DENIED")
    assert ask(hub, order_id, caller=STRANGER).error == (404, "ORDER_NOT_FOUND")
    assert ask(hub, "ord_none").error == (404, "ORDER_NOT_FOUND")
    path = f"/v1/orders/{order_id}/refunds"
    assert hub.api("GET", path, caller=STRANGER).error == (404, "ORDER_NOT_FOUND")
    assert refunds(hub, order_id) == []


# --- once -------------------------------------------------------------------------------------------------------------


def test_the_same_key_gives_back_once(hub: Hub, order_id: str) -> None:
    first = ask(hub, order_id, {"amount": 500}, idempotency_key="k1")
    hub.run()

    again = ask(hub, order_id, {"amount": 500}, idempotency_key="k1", if_match='"1"')

    assert (again.status, again.json["id"], again.json["state"]) == (201, first.json["id"], "confirmed")
    assert hub.run() == 0
    assert refunds(hub, order_id) == [(500, SyncState.CONFIRMED, None)]
    assert given_back(hub) == [200]


def test_the_same_key_for_another_refund_is_refused(hub: Hub, order_id: str) -> None:
    ask(hub, order_id, {"amount": 500}, idempotency_key="k1")

    assert ask(hub, order_id, {"amount": 501}, idempotency_key="k1").error == (409, "IDEMPOTENCY_KEY_REUSED")
    assert ask(hub, order_id, {"amount": 500}, idempotency_key="k1", caller=ADMIN).status == 201


def test_a_repeat_of_all_that_is_left_is_the_same_refund(hub: Hub, order_id: str) -> None:
    first = ask(hub, order_id, idempotency_key="k1")

    assert ask(hub, order_id, idempotency_key="k1").json == first.json


def test_who_looked_at_an_older_order_is_told_so(hub: Hub, order_id: str) -> None:
    reply = ask(hub, order_id, {"amount": 1}, if_match='"7"')

    assert reply.error == (412, "VERSION_CONFLICT")


def between(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], object]) -> None:
    """Lets something happen just before the next order is written."""
    real, waiting = orders.write, [happen]

    def write(*told: Any, **more: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*told, **more)

    monkeypatch.setattr(orders, "write", write)


def test_two_at_once_cannot_give_back_more_than_was_paid(
    hub: Hub, order_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda: ask(hub, order_id, {"amount": 2000}))

    late = ask(hub, order_id, {"amount": 2000})

    assert late.error == (409, "REFUND_FAILED")
    assert late.json["details"]["under_way"] == 2000
    assert refunds(hub, order_id) == [(2000, SyncState.PENDING, None)]


def test_two_at_once_that_fit_are_both_given_back(hub: Hub, order_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    between(monkeypatch, lambda: ask(hub, order_id, {"amount": 1000}))

    assert ask(hub, order_id, {"amount": 2000}).status == 201

    hub.run()
    assert refunds(hub, order_id) == [(1000, SyncState.CONFIRMED, None), (2000, SyncState.CONFIRMED, None)]


def test_the_same_key_twice_at_once_gives_back_once(hub: Hub, order_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    between(monkeypatch, lambda: ask(hub, order_id, {"amount": 1000}, idempotency_key="k1"))

    assert ask(hub, order_id, {"amount": 1000}, idempotency_key="k1").status == 201

    assert refunds(hub, order_id) == [(1000, SyncState.PENDING, None)]


def test_an_order_that_changes_all_the_time_is_given_up(
    hub: Hub, order_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = hub.order(order_id)
    monkeypatch.setattr(orders, "write", lambda *_, **__: orders.Conflict(order))

    assert ask(hub, order_id, {"amount": 1}).error == (503, "TRY_AGAIN")


# --- platforms that take none -----------------------------------------------------------------------------------------


def test_where_the_platform_takes_no_refunds_the_answer_says_so(hub: Hub, uber: str) -> None:
    order_id = hub.receive(uber)
    hub.vendors.control("DELETE", "uber_eats/calls")

    reply = ask(hub, order_id, {"amount": 100})

    why = load("uber_eats").why[Operation.REFUND]
    assert (reply.status, reply.json["state"]) == (201, "unsupported")
    assert reply.json["detail"] == f"Uber Eats is not told of 'refund': {why}"
    assert hub.run() == 0
    assert refunds(hub, order_id) == [(100, SyncState.UNSUPPORTED, reply.json["detail"])]
    assert [kind for kind, _, _ in lines(hub, order_id)] == ["refund.asked"]
    assert hub.vendors.calls("uber_eats") == []


def test_what_no_platform_gives_back_takes_nothing_off_what_is_left(hub: Hub, uber: str) -> None:
    order_id = hub.receive(uber)
    ask(hub, order_id)

    balance = hub.api("GET", f"/v1/orders/{order_id}/refunds").json["balance"]

    assert (balance["given_back"], balance["under_way"], balance["left"]) == (0, 0, balance["paid"])


def test_an_order_of_no_platform_has_nobody_to_give_the_money_back(hub: Hub) -> None:
    stored(store_id=STORE, amounts=Amounts(currency="USD", total=900), items=[an_item(total=900)])

    reply = ask(hub, "ord_1")

    assert (reply.json["amount"], reply.json["state"]) == (900, "unsupported")
    assert "give it back where it was paid" in reply.json["detail"]


def test_a_platform_that_says_so_only_then_is_believed(
    hub: Hub, order_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(hub, order_id, {"amount": 500})
    monkeypatch.setattr(load("square"), "why_not", lambda *_: "it was sold at the till")

    assert hub.run() == 0

    assert refunds(hub, order_id) == [
        (500, SyncState.UNSUPPORTED, "Square is not told of 'refund': it was sold at the till")
    ]
    assert lines(hub, order_id)[-1][:2] == ("refund.unsupported", "failed")
    assert given_back(hub) == []


# --- when the platform does not take it -------------------------------------------------------------------------------


def test_a_refund_is_tried_again_until_it_is_taken(hub: Hub, order_id: str, clock: Clock) -> None:
    fault(hub, times=3)
    ask(hub, order_id, {"amount": 500})

    comes_back = [hub.run()]
    while comes_back[-1]:
        ((_, state, detail),) = refunds(hub, order_id)
        assert (state, detail) == (SyncState.RETRYING, "Square answered 500")
        clock.wait(60)
        comes_back.append(hub.run())

    assert comes_back == [1, 1, 1, 0]
    assert given_back(hub) == [500, 500, 500, 200]
    assert refunds(hub, order_id) == [(500, SyncState.CONFIRMED, None)]
    told = [(kind, effect, summary.get("attempt")) for kind, effect, summary in lines(hub, order_id)]
    assert told == [
        ("refund.asked", "applied", None),
        *(("refund.retrying", "failed", attempt) for attempt in (1, 2, 3)),
        ("refund.confirmed", "applied", 4),
    ]


def test_tries_that_come_to_the_same_leave_the_order_as_it_is(hub: Hub, order_id: str, clock: Clock) -> None:
    fault(hub, times=3)
    asked = ask(hub, order_id, {"amount": 500}).headers["etag"]
    hub.run()
    once = hub.order(order_id).version
    clock.wait(60)
    hub.run()

    assert (asked, once, hub.order(order_id).version) == (f'"{once - 1}"', once, once)


def test_what_the_platform_refuses_has_failed_and_is_left_to_be_given_back(hub: Hub, order_id: str) -> None:
    fault(hub, status=400, times=1)
    ask(hub, order_id, {"amount": 500})

    assert hub.run() == 0

    ((_, state, detail),) = refunds(hub, order_id)
    assert (state, bool(detail)) == (SyncState.FAILED, True)
    kind, effect, summary = lines(hub, order_id)[-1]
    assert (kind, effect, summary["reason"]) == ("refund.failed", "failed", detail)
    balance = hub.api("GET", f"/v1/orders/{order_id}/refunds").json["balance"]
    assert (balance["under_way"], balance["left"]) == (0, 3248)


def test_what_is_refused_is_not_asked_again_by_a_message_that_comes_twice(hub: Hub, order_id: str) -> None:
    fault(hub, status=400, times=1)
    refund_id = ask(hub, order_id, {"amount": 500}).json["id"]
    hub.run()
    before = hub.timeline(order_id)

    assert again(hub, order_id, refund_id) == 0

    assert given_back(hub) == [400]
    assert hub.timeline(order_id) == before


def again(hub: Hub, order_id: str, refund_id: str) -> int:
    """The message of a refund comes once more."""
    order = hub.order(order_id)
    body = {
        "order_id": order_id,
        "connection_id": order.connection_id,
        "platform": order.platform,
        "event": refund_id,
    }
    queues.send(queue_url("send_refund"), [(order.connection_id, body)])
    return hub.run()


def test_a_message_that_comes_twice_gives_back_once(hub: Hub, order_id: str) -> None:
    refund_id = ask(hub, order_id, {"amount": 500}).json["id"]
    hub.run()

    assert again(hub, order_id, refund_id) == 0

    assert given_back(hub) == [200]
    assert [kind for kind, _, _ in lines(hub, order_id)] == ["refund.asked", "refund.confirmed"]


def give_up(hub: Hub, order_id: str, clock: Clock) -> None:
    """Lets time pass until the refund has been given up."""
    for _ in range(10 * ATTEMPTS):
        hub.run()
        clock.wait(minutes=70)
        if refunds(hub, order_id)[-1][1] is SyncState.FAILED:
            return
    raise AssertionError("it is tried for ever")


def test_in_the_end_it_is_given_up(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.down = True
    ask(hub, order_id, {"amount": 500})

    give_up(hub, order_id, clock)

    attempts = [summary["attempt"] for _, _, summary in lines(hub, order_id)[1:]]
    assert attempts == list(range(1, ATTEMPTS + 1))


def test_what_was_given_up_is_given_back_when_it_is_put_back(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.down = True
    refund_id = ask(hub, order_id, {"amount": 500}).json["id"]
    give_up(hub, order_id, clock)
    hub.vendors.down = False

    assert again(hub, order_id, refund_id) == 0

    assert refunds(hub, order_id) == [(500, SyncState.CONFIRMED, None)]
    assert given_back(hub) == [200]


def test_what_was_given_up_and_given_back_otherwise_is_left_alone(hub: Hub, order_id: str, clock: Clock) -> None:
    hub.vendors.down = True
    refund_id = ask(hub, order_id, {"amount": 2000}).json["id"]
    give_up(hub, order_id, clock)
    hub.vendors.down = False
    ask(hub, order_id, {"amount": 3000})
    hub.run()

    assert again(hub, order_id, refund_id) == 0

    assert [(amount, state) for amount, state, _ in refunds(hub, order_id)] == [
        (2000, SyncState.FAILED),
        (3000, SyncState.CONFIRMED),
    ]
    assert given_back(hub) == [200]


def test_after_a_crash_between_the_call_and_the_note_the_platform_is_not_asked_again(
    hub: Hub, order_id: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund_id = ask(hub, order_id, {"amount": 500}).json["id"]
    real = orders.write
    monkeypatch.setattr(orders, "write", fails)
    assert hub.run() == 1
    monkeypatch.setattr(orders, "write", real)
    assert refunds(hub, order_id) == [(500, SyncState.PENDING, None)]
    clock.wait(60)

    assert hub.run() == 0

    assert refunds(hub, order_id) == [(500, SyncState.CONFIRMED, None)]
    assert given_back(hub) == [200]
    link = links.claim(order_id, f"refund-{refund_id}", clock.now, clock.now - clock.now)
    assert link is not None
    assert list(link.ids) != []


def fails(*_: Any, **__: Any) -> Any:
    raise Retry("DynamoDB has hiccups")


def test_what_happens_to_the_order_meanwhile_stays(hub: Hub, order_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(hub, order_id, {"amount": 500})
    hub.dispatch()
    between(monkeypatch, lambda: hub.api("POST", f"/v1/orders/{order_id}/accept"))

    assert hub.work("send_refund") == 0

    order = hub.order(order_id)
    assert (order.status, order.refunds[0].state) == (Status.ACCEPTED, SyncState.CONFIRMED)


def test_a_platform_that_sends_the_order_again_does_not_undo_refunds(hub: Hub, square: str, order_id: str) -> None:
    ask(hub, order_id, {"amount": 500})
    hub.run()
    played = PLATFORMS["square"]

    assert hub.tell(square, "order.updated", played.order(1), "again").status == 200
    hub.run()

    assert refunds(hub, order_id) == [(500, SyncState.CONFIRMED, None)]


def test_two_workers_never_give_back_at_once(hub: Hub, order_id: str, clock: Clock) -> None:
    refund_id = ask(hub, order_id, {"amount": 500}).json["id"]
    assert links.claim(order_id, f"refund-{refund_id}", clock.now, clock.now - NOW) is not None

    assert hub.run() == 1

    assert given_back(hub) == []


@pytest.mark.parametrize("problem", [Misconfigured("the token was revoked"), ValueError("a bug")])
def test_whatever_goes_wrong_shows_on_the_refund_and_is_tried_again(
    hub: Hub, order_id: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def broken(*_: Any) -> Done:
        raise problem

    ask(hub, order_id, {"amount": 500})
    with monkeypatch.context() as patch:
        patch.setattr(load("square"), "refund", broken)
        assert hub.run() == 1
    ((_, state, detail),) = refunds(hub, order_id)
    assert state is SyncState.RETRYING
    assert detail in ("the token was revoked", "the adapter failed: ValueError")
    clock.wait(minutes=10)

    assert hub.run() == 0
    assert refunds(hub, order_id) == [(500, SyncState.CONFIRMED, None)]


def test_a_refund_that_is_not_stored_comes_back(hub: Hub, order_id: str) -> None:
    with pytest.raises(Retry, match="not stored yet"):
        send_refund(Task({"order_id": order_id, "event": "ref_none"}, 1))


def test_what_an_order_says_of_its_refunds_is_kept_whole(hub: Hub) -> None:
    told = Refund(id="ref_1", amount=5, items=["itm_1"], state=SyncState.FAILED, detail="no", asked_by="a", at=NOW)
    order: Order = stored(store_id=STORE, refunds=[told])

    assert orders.get(order.id) == order
