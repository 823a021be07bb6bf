"""Handing an order over, and keeping whoever has it up to what it is. Once, however often it is tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from orderhub.actions.outside import adapter, held, reason, state_after
from orderhub.actions.receivers import Job, receiver_of
from orderhub.actions.worker import Task
from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.handover import plan
from orderhub.handover.plan import Step, next_step
from orderhub.intake.record import record_order
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.messages import HandedOver
from orderhub.order.models import HandOver, Order, Sync, SyncState
from orderhub.platforms.base import Done
from orderhub.platforms.targets import ID_OF, Target
from orderhub.runtime import now
from orderhub.storage import links, orders, references, timelines
from orderhub.storage.links import Link

_MOST_ROUNDS = 6


def hand_over(task: Task, target: Target) -> None:
    """Brings a fleet or warehouse up to an order as it now is. Raises Retry, Misconfigured; the rest is in the link.

    again: in the message, when staff ask for what was refused to be tried once more.
    """
    order_id, at = str(task.body["order_id"]), now()
    with held(order_id, target, at) as mine:
        if task.body.get("again"):
            mine.link = replace(mine.link, state={**mine.link.state, "refused": {}})
        mine.link, problem = _bring_up_to_date(order_id, target, mine.link, task, at)
    if isinstance(problem, (Retry, Misconfigured)):
        raise problem


def _bring_up_to_date(
    order_id: str, target: Target, link: Link, task: Task, at: datetime
) -> tuple[Link, HubError | None]:
    for _ in range(_MOST_ROUNDS):
        order = orders.get(order_id)
        if order is None:
            raise Retry("the order is not stored yet")
        work = _Work(order, target, link, at)
        try:
            with adapter():
                is_done = work.next(str(task.body["connection_id"]))
        except HubError as problem:
            return _noted(work, problem, task), problem
        link = work.link
        if is_done:
            return link, None
        links.save(link)  # whatever becomes of the next step, this one is not made twice
    return link, Retry("the order changes faster than it can be told")


class _Work:
    """What is done about one order as it is. link: what is known of the other side, also when a call fails."""

    def __init__(self, order: Order, target: Target, link: Link, at: datetime) -> None:
        self.order, self.target, self.link, self.at = order, target, link, at
        self.step: Step | None = None

    def next(self, connection_id: str) -> bool:
        """Does the next step; whether there was none left. Raises HubError."""
        self._receiver = receiver_of(self.target, self.order, connection_id)
        self.step = next_step(self.order, self.link.state, self._receiver.policy)
        if self.step is None:
            return True
        {
            Step.CREATE: self._create,
            Step.NOTE: self._note,
            Step.CHANGE: self._change,
            Step.ASSIGN: self._assign,
            Step.MOVE: self._move,
            Step.REMOVE: self._remove,
        }[self.step]()
        self.link = replace(self.link, sync=Sync(state=SyncState.CONFIRMED, version=self.order.version, at=self.at))
        return False

    def learn(self, **news: Any) -> None:
        """Adds to what is known."""
        self.link = replace(self.link, state={**self.link.state, **news})

    def forget(self, *names: str) -> None:
        """Takes away from what is known."""
        kept = {name: value for name, value in self.link.state.items() if name not in names}
        self.link = replace(self.link, state=kept)

    def _create(self) -> None:
        receiver, job = self._receiver, self._job()
        if not references.put(receiver.connection.id, job.number, self.order.id):
            raise Reject("NUMBER_TAKEN", f"another order has the number {job.number}")
        done = receiver.find(job) if "asked" in self.link.state else None
        if done is None:
            self.learn(number=job.number, asked=True)
            links.save(self.link)  # from here on there may be one, whatever we hear
            done = receiver.create(job)
        self.learn(made=plan.content_of(self.order))
        self._keep(done)

    def _note(self) -> None:
        receiver = self._receiver
        theirs = self.link.ids.get(ID_OF[self.target])
        to = HandOver(connection_id=receiver.connection.id, platform=receiver.connection.platform, id=theirs)
        self._record(HandedOver(delivery_key=f"{self.target}-made-{theirs}", target=self.target, to=to))

    def _change(self) -> None:
        self._keep(self._receiver.change(self._job()))
        self.learn(made=plan.content_of(self.order))

    def _assign(self) -> None:
        receiver, job = self._receiver, self._job()
        done = receiver.find_courier(job) if "asked_courier" in self.link.state else None
        if done is None:
            self.learn(asked_courier=True)
            links.save(self.link)  # a second courier would be paid, too
            done = receiver.assign_courier(job)
        self.learn(courier=done.note or "named")
        self._keep(done)

    def _move(self) -> None:
        self._keep(self._receiver.move(self._job()))
        self.learn(moved=self.order.status.value)

    def _remove(self) -> None:
        job = self._job()
        if "made" not in self.link.state:
            found = self._receiver.find(job)
            job = replace(job, ids=found.ids) if found is not None else job
        if job.ids:
            self._receiver.remove(job)
        self._record(HandedOver(delivery_key=f"{self.target}-gone-{job.number}", target=self.target, to=None))
        self.forget("made", "asked", "moved", "courier", "asked_courier")

    def _job(self) -> Job:
        number = self.link.state.get("number") or plan.number_of(self.order)
        return Job(self.order, number, self.link.ids)

    def _keep(self, done: Done) -> None:
        self.link = replace(self.link, ids={**self.link.ids, **done.ids})

    def _record(self, message: HandedOver) -> None:
        record_order(self.order, message, None, Cause(Actor.SYSTEM, f"hand over: {self.target}"), self.at)


def _noted(work: _Work, problem: HubError, task: Task) -> Link:
    """Writes what went wrong to the timeline; returns the link that says it too."""
    order, step, state = work.order, work.step, state_after(problem, last=task.last)
    timelines.add_event(
        Event(
            order_id=order.id,
            key=f"{work.target}-{step or 'open'}-{state}-{order.version}-{work.at.timestamp():.3f}",
            type=f"{work.target}.{state}",
            effect="failed",
            at=work.at,
            cause=Cause(Actor.SYSTEM, f"hand over: {work.target}"),
            platform=order.platform,
            connection_id=order.connection_id,
            version=order.version,
            summary={"step": step, "attempt": task.attempt, **reason(problem)},
        )
    )
    if step is not None and isinstance(problem, Reject):
        work.learn(refused={**(work.link.state.get("refused") or {}), step.value: plan.refusal_of(order)})
    sync = Sync(state=state, version=order.version, detail=str(problem), attempts=task.attempt, at=work.at)
    return replace(work.link, sync=sync)
