"""Which event asks for which action, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from orderhub.dispatch.rules import Action, actions_for
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.merge import Effect
from orderhub.order.status import Status

FETCH, PUSH = (Action.FETCH_ORDER,), (Action.PUSH_STATUS,)
BY_PLATFORM = (Actor.PLATFORM, Actor.POLL, Actor.FETCH, Actor.SYSTEM)
ROWS: list[tuple[str, tuple[Actor, ...], tuple[Action, ...]]] = [
    ("order.offered", BY_PLATFORM, PUSH),
    ("order.ready_time_changed", (Actor.STAFF,), PUSH),
    ("order.accepted", (Actor.STAFF, Actor.SYSTEM), PUSH),
    ("order.denied", (Actor.STAFF,), PUSH),
    ("order.cancelled", (Actor.STAFF,), PUSH),
    ("order.bagging", (Actor.STAFF,), PUSH),
    ("order.ready", (Actor.STAFF,), PUSH),
    ("order.picked_up", (Actor.STAFF,), PUSH),
    ("order.completed", (Actor.STAFF,), PUSH),
    ("order.resend_asked", (Actor.STAFF,), PUSH),
    ("refund.asked", (Actor.STAFF,), (Action.SEND_REFUND,)),
    ("cart.changed", (Actor.STAFF,), (Action.SEND_CART,)),
    # Where whoever has the order says it is, its platform hears, and of the parcels.
    *((f"order.{status}", (Actor.TARGET,), PUSH) for status in Status),
    ("tracking.updated", (Actor.TARGET,), PUSH),
    ("courier.updated", (Actor.TARGET,), ()),
    ("delivery.trouble", (Actor.TARGET,), ()),
    # What a platform says of itself it need not be told.
    *((f"order.{status}", BY_PLATFORM, ()) for status in Status if status is not Status.ACCEPTED),
    ("order.accepted", (Actor.PLATFORM, Actor.POLL, Actor.FETCH), ()),
    ("order.created", BY_PLATFORM, ()),
    ("order.updated", BY_PLATFORM, ()),
    ("courier.updated", BY_PLATFORM, ()),
    ("tracking.updated", BY_PLATFORM, ()),
    ("stock.reported", BY_PLATFORM, ()),
    # What came of an action asks for none, or the hub would never rest.
    ("push.confirmed", (Actor.SYSTEM,), ()),
    ("push.retrying", (Actor.SYSTEM,), ()),
    ("push.failed", (Actor.SYSTEM,), ()),
    ("push.unsupported", (Actor.SYSTEM,), ()),
    ("fetch.failed", (Actor.SYSTEM,), ()),
    *((f"cart.{state}", (Actor.SYSTEM,), ()) for state in ("confirmed", "retrying", "failed", "unsupported")),
    *((f"refund.{state}", (Actor.SYSTEM,), ()) for state in ("confirmed", "retrying", "failed", "unsupported")),
    *((f"delivery.{state}", (Actor.SYSTEM,), ()) for state in ("created", "changed", "removed", "failed")),
    ("something.new", tuple(Actor), ()),
]
CASES = [(kind, actor, actions) for kind, actors, actions in ROWS for actor in actors]


def event(kind: str, actor: Actor, effect: str = Effect.APPLIED, ref: Mapping[str, str] | None = None) -> Event:
    return Event(
        order_id="ord_1",
        key="k-1",
        type=kind,
        effect=effect,
        at=datetime(2026, 10, 5, tzinfo=UTC),
        cause=Cause(actor),
        platform="toy",
        connection_id="con_1",
        ref=ref,
    )


@pytest.mark.parametrize(("kind", "actor", "actions"), CASES, ids=[f"{kind} by {actor}" for kind, actor, _ in CASES])
def test_an_event_asks_for_what_the_table_says(kind: str, actor: Actor, actions: tuple[Action, ...]) -> None:
    assert tuple(actions_for(event(kind, actor))) == actions


@pytest.mark.parametrize("effect", [Effect.STALE, Effect.DROPPED])
@pytest.mark.parametrize(("kind", "actor", "actions"), CASES, ids=[f"{kind} by {actor}" for kind, actor, _ in CASES])
def test_what_changed_nothing_because_it_was_late_or_not_theirs_to_say_asks_for_nothing(
    kind: str, actor: Actor, actions: tuple[Action, ...], effect: Effect
) -> None:
    assert tuple(actions_for(event(kind, actor, effect))) == ()


def test_a_button_pressed_again_is_pushed_again() -> None:
    assert tuple(actions_for(event("order.accepted", Actor.STAFF, Effect.UNCHANGED))) == PUSH


@pytest.mark.parametrize(("kind", "actor", "actions"), CASES, ids=[f"{kind} by {actor}" for kind, actor, _ in CASES])
def test_what_an_event_refers_to_is_fetched_besides(kind: str, actor: Actor, actions: tuple[Action, ...]) -> None:
    assert tuple(actions_for(event(kind, actor, ref={"external_id": "41"}))) == (*FETCH, *actions)


def test_what_a_late_event_refers_to_is_not_fetched() -> None:
    assert tuple(actions_for(event("order.referenced", Actor.PLATFORM, Effect.STALE, {"external_id": "41"}))) == ()
