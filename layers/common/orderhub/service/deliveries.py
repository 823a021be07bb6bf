"""What subscriptions were sent, what came of it, and sending it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.errors import Reject
from orderhub.order.ids import digest
from orderhub.order.models import Utc
from orderhub.reporting.catalogue import MEANINGS, EventType
from orderhub.reporting.examples import example
from orderhub.reporting.messages import body_of
from orderhub.reporting.subscription import IN_DELIVERECT, MessageFormat, Subscription
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.once import new_id
from orderhub.service.subscriptions import entry_of
from orderhub.storage import config, reports, subscriptions
from orderhub.storage.config import Collection
from orderhub.storage.reports import Attempt, Report, ReportState, Trigger

MOST_AT_ONCE = 100
"""Messages that one request sends again."""

_KEPT_FOR = timedelta(days=1)
_NOT_DELIVERED = (ReportState.FAILED, ReportState.HELD)
_ENDED = (*_NOT_DELIVERED, ReportState.DELIVERED)


class AttemptView(BaseModel):
    """One attempt.

    trigger: auto, manual, replay or test; status: of the answer, null when there was none; error: dns, connect, tls,
    timeout, blocked_address or http, null for a success; answer: how it begins.
    """

    number: int
    at: Utc
    trigger: Trigger
    status: int | None
    error: str | None
    answer: str
    seconds: float


class ReportView(BaseModel):
    """A message to a subscription. event_at: of its event; due_at: when it is tried next; last: its last attempt."""

    id: str
    subscription_id: str
    type: str
    state: ReportState
    order_id: str | None
    event_at: Utc
    created_at: Utc
    due_at: Utc | None
    attempts: int
    last: AttemptView | None


class ReportDetails(ReportView):
    """A message with the very text that is sent, null once it was erased, and its attempts; the last twenty."""

    body: str | None
    log: list[AttemptView]


class EventTypeView(BaseModel):
    """A type of event. formats: those that have a message for it; example: in the format orderhub."""

    type: EventType
    meaning: str
    formats: list[MessageFormat]
    example: dict[str, Any]


class ExampleEvent(BaseModel):
    """Which event to make up."""

    model_config = ConfigDict(extra="forbid")

    type: EventType = EventType.ORDER_CREATED


class Replay(BaseModel):
    """Which messages to send again: of events since a time, until another, which is excluded.

    only_failed: those that were never delivered, also because the subscription was disabled; cursor: next_cursor of the
    answer before.
    """

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime
    until: AwareDatetime | None = None
    only_failed: bool = True
    cursor: str | None = Field(default=None, max_length=2000)


class Replayed(BaseModel):
    """How many messages are sent again. next_cursor: to go on with, null when those were all."""

    replayed: int
    next_cursor: str | None


def list_deliveries(
    caller: Caller,
    subscription_id: str,
    *,
    since: datetime | None,
    until: datetime | None,
    states: Sequence[ReportState],
    kind: EventType | None,
    order_id: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[ReportView], str | None]:
    """What a subscription was sent, newest event first. Raises Reject SUBSCRIPTION_NOT_FOUND, INVALID_CURSOR; Retry."""
    caller.require(Role.STORE_MANAGER)
    entry_of(caller, subscription_id)
    asked = {"kind": kind.value if kind is not None else None, "order_id": order_id}
    found, next_cursor = reports.page(
        subscription_id,
        since=since,
        until=until,
        only={name: value for name, value in asked.items() if value is not None},
        states=states,
        limit=limit,
        cursor=cursor,
    )
    return [ReportView(**_fields(one)) for one in found], next_cursor


def get_delivery(caller: Caller, subscription_id: str, delivery_id: str) -> ReportDetails:
    """One message. Raises Reject SUBSCRIPTION_NOT_FOUND, DELIVERY_NOT_FOUND; Retry."""
    caller.require(Role.STORE_MANAGER)
    return _details(_report(caller, subscription_id, delivery_id))


def replay_one(caller: Caller, subscription_id: str, delivery_id: str) -> ReportView:
    """Sends a message again, whatever came of it: a repeat of this while it waits changes nothing.

    Raises Reject as `get_delivery`, SUBSCRIPTION_DISABLED; Retry.
    """
    caller.require(Role.STORE_MANAGER)
    report = _report(caller, subscription_id, delivery_id)
    _require_on(caller, subscription_id)
    _ask_again(report, Trigger.MANUAL)
    return ReportView(**_fields(_report(caller, subscription_id, delivery_id)))


def replay_range(caller: Caller, subscription_id: str, asked: Replay, idempotency_key: str | None) -> Replayed:
    """Sends messages of a time again, a hundred at a time. Raises Reject as `replay_one`, INVALID_CURSOR; Retry."""
    caller.require(Role.STORE_MANAGER)
    _require_on(caller, subscription_id)

    def send() -> dict[str, Any]:
        found, next_cursor = reports.page(
            subscription_id,
            since=asked.since,
            until=asked.until,
            only={},
            states=_NOT_DELIVERED if asked.only_failed else _ENDED,
            limit=MOST_AT_ONCE,
            cursor=asked.cursor,
        )
        return {"replayed": sum(_ask_again(one, Trigger.REPLAY) for one in found), "next_cursor": next_cursor}

    return Replayed(**_once(caller, idempotency_key, f"replay {subscription_id}", send))


def send_test(caller: Caller, subscription_id: str, asked: ExampleEvent, idempotency_key: str | None) -> ReportView:
    """Sends an example of an event, once and also while the subscription is disabled.

    Raises Reject SUBSCRIPTION_NOT_FOUND, INVALID_FIELD_VALUE when its format has no such message; Retry.
    """
    caller.require(Role.STORE_MANAGER)
    subscription = subscriptions.of_entry(entry_of(caller, subscription_id))

    def send() -> dict[str, Any]:
        return {"id": _make_test(subscription, asked.type)}

    made = _once(caller, idempotency_key, f"test {subscription_id}", send)
    return ReportView(**_fields(_report(caller, subscription_id, made["id"])))


def event_types(caller: Caller) -> list[EventTypeView]:
    """All types, with what they mean and an example."""
    caller.require(Role.VIEWER)
    return [
        EventTypeView(
            type=kind,
            meaning=meaning,
            formats=[MessageFormat.ORDERHUB, *([MessageFormat.DELIVERECT] if kind in IN_DELIVERECT else [])],
            example=example(kind).shown(),
        )
        for kind, meaning in MEANINGS.items()
    ]


def _make_test(subscription: Subscription, kind: EventType) -> str:
    at = now()
    store_id = subscription.store_ids[0] if subscription.store_ids else "sto_example"
    news = example(kind, at=at, store_id=store_id, key=new_id("", subscription.id, None))
    body = body_of(news, subscription)
    if body is None:
        raise Reject("INVALID_FIELD_VALUE", f"the format {subscription.format} has no message for {kind}")
    report = Report(
        subscription_id=subscription.id,
        id=news.id,
        kind=kind.value,
        at=at,
        created_at=at,
        state=ReportState.PENDING,
        store_id=news.store_id,
        trigger=Trigger.TEST,
        due_at=at,
        body=body,
    )
    reports.add(report)
    reports.send(subscription.id, [report.id])
    return report.id


def _ask_again(report: Report, trigger: Trigger) -> bool:
    """Whether there is something to send."""
    at = now()
    if not reports.ask_again(report, trigger, at):
        return False
    reports.send(report.subscription_id, [report.id])
    return True


def _report(caller: Caller, subscription_id: str, delivery_id: str) -> Report:
    entry_of(caller, subscription_id)
    report = reports.get(subscription_id, delivery_id)
    if report is None:
        raise Reject("DELIVERY_NOT_FOUND", f"there is no delivery {delivery_id}")
    return report


def _require_on(caller: Caller, subscription_id: str) -> None:
    if not subscriptions.of_entry(entry_of(caller, subscription_id)).is_on:
        raise Reject("SUBSCRIPTION_DISABLED", "enable the subscription first: nothing is sent while it is disabled")


def _once(caller: Caller, key: str | None, what: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `make` answers; for a repeat with the same idempotency key what it answered then."""
    if key is None:
        return make()
    entry_id = digest(caller.id, what, key)
    known = config.get(Collection.IDEMPOTENCY, entry_id)
    if known is not None:
        return known.document
    answer = make()
    config.put(Collection.IDEMPOTENCY, entry_id, answer, expires_at=now() + _KEPT_FOR)
    return answer


def _details(report: Report) -> ReportDetails:
    body = report.body.decode() if report.body is not None else None
    return ReportDetails(**_fields(report), body=body, log=[_attempt(one) for one in report.attempts])


def _fields(report: Report) -> dict[str, Any]:
    return {
        "id": report.id,
        "subscription_id": report.subscription_id,
        "type": report.kind,
        "state": report.state,
        "order_id": report.order_id,
        "event_at": report.at,
        "created_at": report.created_at,
        "due_at": report.due_at,
        "attempts": report.tries,
        "last": _attempt(report.attempts[-1]) if report.attempts else None,
    }


def _attempt(attempt: Attempt) -> AttemptView:
    names = ("number", "at", "trigger", "status", "error", "answer", "seconds")
    return AttemptView.model_validate({name: getattr(attempt, name) for name in names})
