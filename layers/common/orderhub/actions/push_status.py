"""Telling a platform what became of its order: the difference between what it knows and what is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from orderhub.actions.fetch_order import fetch_and_record
from orderhub.actions.outside import adapter, held, reason, state_after
from orderhub.actions.plan import Step, plan, told
from orderhub.actions.worker import Task
from orderhub.errors import HubError, Ignore, Misconfigured, Quarantine, Reject, Retry, Unsupported
from orderhub.intake.connections import connection_of
from orderhub.order import native
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.messages import OrderReference
from orderhub.order.models import Order, Sync, SyncState
from orderhub.order.status import Status, rank
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Connection, Done, Operation, Platform
from orderhub.runtime import logger, now
from orderhub.storage import links, orders, timelines
from orderhub.storage.links import SOURCE, Link

_MOST_ROUNDS = 3
_ANSWERS = (SyncState.CONFIRMED, SyncState.UNSUPPORTED)
_ENDS = (Status.CANCELLED, Status.DENIED)


def push_status(task: Task) -> None:
    """Brings the platform up to the order as it is now. Raises Retry, Misconfigured.

    Whatever happens is in the order's `sync` and in its timeline.
    """
    if task.body["platform"] == native.PLATFORM:
        return  # the store made it itself: there is nobody to tell
    order_id = str(task.body["order_id"])
    at = now()
    with held(order_id, SOURCE, at) as mine:
        mine.link, problem = _bring_up_to_date(order_id, mine.link, task, at)
    if isinstance(problem, (Retry, Misconfigured)):
        raise problem


def _bring_up_to_date(order_id: str, link: Link, task: Task, at: datetime) -> tuple[Link, HubError | None]:
    """Makes the difference, and again if the order moved on meanwhile. Returns the link, and what went wrong."""
    for _ in range(_MOST_ROUNDS):
        order = orders.get(order_id)
        if order is None:
            raise Retry("the order is not stored yet")
        before = link
        link, problem = _tell(order, link)
        if isinstance(problem, Reject):
            order, problem = _settle_refusal(order, problem, at)
        if problem is not None or link.state != before.state or _is_owed_an_answer(order, link):
            link = _note(order, link, problem, task, at)
        after = orders.get(order_id)
        if problem is not None or after is None or after.version == order.version or not plan(after, link.state):
            return link, problem
        links.save(link)
    return link, Retry("the order changes faster than it can be told")


def _tell(order: Order, link: Link) -> tuple[Link, HubError | None]:
    """Makes the calls that are left; returns the link with what was confirmed, and what went wrong."""
    steps = plan(order, link.state)
    if not steps:
        return link, None
    try:
        platform, connection = connection_of(order.connection_id)
    except HubError as error:
        return link, error
    http = PlatformHttp(platform, connection)
    missing: Unsupported | None = None
    told_any = False
    for number, step in enumerate(steps, start=1):
        try:
            with adapter():
                done = _make(step, order, platform, connection, http)
        except Unsupported as error:
            missing = error
            link = replace(link, state={**link.state, **step.state})  # as good as told: there is no one to tell
            continue
        except HubError as error:
            return link, error
        told_any = True
        link = replace(link, state=_confirmed(link.state, step, done), ids={**link.ids, **done.ids})
        if number < len(steps):
            links.save(link)  # whatever becomes of the next step, this one is not made twice
    return link, None if told_any else missing


def _make(
    step: Step, order: Order, platform: Platform[Any, Any], connection: Connection[Any, Any], http: PlatformHttp
) -> Done:
    operation = step.operation
    if operation is Operation.DENY and Operation.DENY not in platform.capabilities:
        operation = Operation.CANCEL
    why = platform.why_not(operation, order)
    if why is not None:
        raise Unsupported(operation, platform.name, why)
    done: Done = getattr(platform, operation)(order, connection, http)
    return done


def _confirmed(state: Mapping[str, Any], step: Step, done: Done) -> dict[str, Any]:
    kept = {name: value for name, value in state.items() if name != "note"}
    return {**kept, **step.state, **({"note": done.note} if done.note else {})}


def _settle_refusal(order: Order, refusal: Reject, at: datetime) -> tuple[Order, HubError | None]:
    """After a refusal, looks at the order at its platform: it may be where we want it, or have ended.

    Returns the order as it then is, and the problem that is left.
    """
    try:
        platform, connection = connection_of(order.connection_id)
        if Operation.FETCH not in platform.capabilities:
            return order, refusal
        key = f"push-{order.version}-{refusal.code}"
        reference = OrderReference(delivery_key=key, external_id=order.external_id, ref=dict(order.source))
        fetch_and_record(platform, connection, reference, at)
    except (Reject, Ignore, Quarantine, Unsupported) as error:
        logger.info("no second opinion", extra={"order_id": order.id, "reason": str(error)})
        return order, refusal
    newer = orders.get(order.id) or order
    known = told(newer, {})
    reached = known == order.status or (known not in _ENDS and rank(known) >= rank(order.status) > 0)
    return newer, None if reached else refusal


def _note(order: Order, link: Link, problem: HubError | None, task: Task, at: datetime) -> Link:
    """Writes what came of it to the timeline; returns the link that says it too."""
    version = max(order.sync.version, link.sync.version if link.sync else 0) or order.version
    sync = Sync(
        state=state_after(problem, last=task.last),
        version=version,
        status=order.sync.status or order.status,
        detail=str(problem) if problem is not None else link.state.get("note"),
        attempts=task.attempt,
        at=at,
    )
    event = Event(
        order_id=order.id,
        key=f"push-{version}-{sync.state}-{task.body['event']}-{task.attempt}",
        type=f"push.{sync.state}",
        effect="applied" if problem is None else "failed",
        at=at,
        cause=Cause(Actor.SYSTEM, "push_status"),
        platform=order.platform,
        connection_id=order.connection_id,
        version=order.version,
        summary={"status": order.status, "attempt": task.attempt, **reason(problem)},
    )
    timelines.add_event(event)
    return replace(link, sync=sync)


def _is_owed_an_answer(order: Order, link: Link) -> bool:
    """Whether staff asked for something of which nobody has said yet that the platform has it."""
    if order.sync.version == 0:
        return False
    known = link.sync
    return known is None or known.version < order.sync.version or known.state not in _ANSWERS
