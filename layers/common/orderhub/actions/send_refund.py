"""Giving money back at the platform the order came from, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from orderhub.actions.outside import adapter, held, reason
from orderhub.actions.worker import Task
from orderhub.errors import HubError, Reject, Retry, Unsupported
from orderhub.intake.connections import connection_of
from orderhub.order import refunds
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.models import Order, Refund, SyncState
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Done, Operation, RefundRequest
from orderhub.runtime import logger, now
from orderhub.storage import links, orders, timelines
from orderhub.storage.links import Link

_TRIES = 8
_FINAL = (SyncState.CONFIRMED, SyncState.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking. problem: what went wrong, None when the platform has taken it or had before."""

    state: SyncState
    detail: str | None = None
    problem: HubError | None = None


def send_refund(task: Task) -> None:
    """Has the platform give back what the event asks for. Raises whatever is not final, so that it is tried again.

    What comes of it is in the order's `refunds` and in its timeline. Safe to repeat: the platform is told the same key
    each time, and what it has answered finally is kept on the link before it is noted on the order.
    """
    order_id, refund_id, at = str(task.body["order_id"]), str(task.body["event"]), now()
    with held(order_id, f"refund-{refund_id}", at) as mine:
        mine.link, outcome = _bring_about(order_id, refund_id, mine.link, task, at)
    if outcome is not None and outcome.problem is not None and not _is_final(outcome.problem):
        raise outcome.problem


def _bring_about(order_id: str, refund_id: str, link: Link, task: Task, at: datetime) -> tuple[Link, Outcome | None]:
    order = orders.get(order_id)
    refund = refunds.find(order, refund_id) if order is not None else None
    if order is None or refund is None:
        raise Retry("the refund is not stored yet")
    outcome = _known(link)
    if refund.state in _FINAL or (outcome is not None and refund.state is outcome.state):
        return link, None
    if outcome is None:
        if refund.state is SyncState.FAILED and not _take_up_again(order, refund, task, at):
            return link, None
        outcome, link = _give_back(order, refund, link, task)
    _note(order_id, refund_id, outcome, task, at)
    return link, outcome


def _give_back(order: Order, refund: Refund, link: Link, task: Task) -> tuple[Outcome, Link]:
    try:
        with adapter():
            done = _ask(order, refund)
    except HubError as error:
        outcome = Outcome(_state(error, last=task.last), str(error), error)
    else:
        outcome = Outcome(SyncState.CONFIRMED, done.note)
        link = replace(link, ids={**link.ids, **done.ids})
    if outcome.problem is None or _is_final(outcome.problem):
        link = replace(link, state={"state": outcome.state, "detail": outcome.detail})
        links.save(link)  # whatever becomes of the note on the order, the platform is not asked twice
    return outcome, link


def _ask(order: Order, refund: Refund) -> Done:
    platform, connection = connection_of(order.connection_id)
    why = platform.why_not(Operation.REFUND, order)
    if why is not None:
        raise Unsupported(Operation.REFUND, platform.name, why)
    wanted = RefundRequest(refund.amount, refund.items, refund.reason, refund.id)
    return platform.refund(order, wanted, connection, PlatformHttp(platform, connection))


def _known(link: Link) -> Outcome | None:
    """What the platform has answered finally before."""
    return Outcome(SyncState(link.state["state"]), link.state["detail"]) if "state" in link.state else None


def _take_up_again(order: Order, refund: Refund, task: Task, at: datetime) -> bool:
    """Whether a refund that was given up may be tried again: its money may have been promised otherwise meanwhile."""
    money = refunds.balance(order)
    if money is None or money.left < refund.amount:
        logger.warning("not taken up again: too little is left", extra={"order_id": order.id, "refund": refund.id})
        return False
    if _write(order, refund.model_copy(update={"state": SyncState.RETRYING}), None, task, at) is not None:
        raise Retry("the order is being changed just now", after=1)
    return True


def _note(order_id: str, refund_id: str, outcome: Outcome, task: Task, at: datetime) -> None:
    """Writes what came of it to the order and its timeline, on the order as it is by then."""
    order = orders.get(order_id)
    for _ in range(_TRIES):
        refund = refunds.find(order, refund_id) if order is not None else None
        if order is None or refund is None:
            return
        noted = refund.model_copy(update={"state": outcome.state, "detail": outcome.detail})
        conflict = _write(order, noted, outcome.problem, task, at)
        if conflict is None:
            return
        order = conflict.current
    raise Retry("the order is being changed by many at once")


def _write(order: Order, refund: Refund, problem: HubError | None, task: Task, at: datetime) -> orders.Conflict | None:
    """Stores a refund as it then is; only a line in the timeline when all that is new is one more try."""
    event = _event(order, refund, problem, task, at)
    after = refunds.put(order, refund)
    if after == order:
        timelines.add_event(event)
        return None
    stamped = after.model_copy(update={"version": order.version + 1, "updated_at": at})
    written = orders.write(stamped, replace(event, version=stamped.version))
    return written if isinstance(written, orders.Conflict) else None


def _event(order: Order, refund: Refund, problem: HubError | None, task: Task, at: datetime) -> Event:
    return Event(
        order_id=order.id,
        key=f"{refund.id}-{refund.state}-{order.version}-{at.timestamp():.3f}",  # one for each try, redriven ones too
        type=f"refund.{refund.state}",
        effect="applied" if problem is None else "failed",
        at=at,
        cause=Cause(Actor.SYSTEM, "send_refund"),
        platform=order.platform,
        connection_id=order.connection_id,
        version=order.version,
        summary={"refund": refund.id, "amount": refund.amount, "attempt": task.attempt, **reason(problem)},
    )


def _is_final(problem: HubError) -> bool:
    """Whether trying again changes nothing. An answer that is not understood may hide that the money was given."""
    return isinstance(problem, (Reject, Unsupported))


def _state(problem: HubError, *, last: bool) -> SyncState:
    if isinstance(problem, Unsupported):
        return SyncState.UNSUPPORTED
    return SyncState.FAILED if last or _is_final(problem) else SyncState.RETRYING
