"""Which event asks for which action, as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from orderhub.order.events import Actor, Event
from orderhub.order.merge import Effect
from orderhub.order.status import Status


class Action(StrEnum):
    """Outbound work with a queue of its own."""

    FETCH_ORDER = "fetch_order"
    PUSH_STATUS = "push_status"
    SEND_CART = "send_cart"
    SEND_REFUND = "send_refund"
    REPORT_EVENT = "report_event"
    DELIVER = "deliver"
    FULFILL = "fulfill"


BY_PLATFORM = (Actor.PLATFORM, Actor.POLL, Actor.FETCH, Actor.SYSTEM)

# (event type, who caused it) -> what is to be done, besides fetching what an event refers to. A staff change that
# changed nothing is pushed as well: the person pressed the button because the platform may not know, and pushing what
# it knows already costs one look.
RULES: dict[tuple[str, Actor], tuple[Action, ...]] = {
    **{("order.offered", actor): (Action.PUSH_STATUS,) for actor in BY_PLATFORM},
    **{(f"order.{status}", Actor.STAFF): (Action.PUSH_STATUS,) for status in Status},
    ("order.ready_time_changed", Actor.STAFF): (Action.PUSH_STATUS,),
    ("order.resend_asked", Actor.STAFF): (Action.PUSH_STATUS,),
    ("cart.changed", Actor.STAFF): (Action.SEND_CART,),
    ("refund.asked", Actor.STAFF): (Action.SEND_REFUND,),
    # Where whoever has the order says it is, its platform hears.
    **{(f"order.{status}", Actor.TARGET): (Action.PUSH_STATUS,) for status in Status},
    ("tracking.updated", Actor.TARGET): (Action.PUSH_STATUS,),
    # The hub itself gave a table: some platforms want to hear so a second time.
    ("order.accepted", Actor.SYSTEM): (Action.PUSH_STATUS,),
}


def actions_for(event: Event) -> Iterable[Action]:
    """What an event asks for; nothing when it was stale or dropped."""
    if event.effect in (Effect.STALE, Effect.DROPPED):
        return ()
    fetch = (Action.FETCH_ORDER,) if event.ref is not None else ()
    return (*fetch, *RULES.get((event.type, event.cause.actor), ()))
