"""Reporting an event: a message for each subscription that hears of it, written once with the bytes that are sent."""

from __future__ import annotations

from collections.abc import Iterator

from orderhub.actions.worker import Task
from orderhub.errors import Retry
from orderhub.order.events import Event
from orderhub.order.models import Order
from orderhub.reporting.catalogue import reported
from orderhub.reporting.messages import News, body_of, is_wanted
from orderhub.reporting.subscription import Subscription
from orderhub.runtime import logger, now
from orderhub.storage import config, orders, reports, subscriptions, timelines
from orderhub.storage.config import Collection
from orderhub.storage.reports import Report, ReportState


def report_event(task: Task) -> None:
    """Writes the messages of one line of a timeline and asks for a worker for each. Raises Retry.

    A repeat finds what was written before, and asks again, which is harmless.
    """
    event = timelines.get_event(str(task.body["order_id"]), str(task.body["event"]))
    if event is None:
        raise Retry("the event is not there yet")
    made = 0
    for news in _news(event):
        for subscription in subscriptions.known():
            made += is_wanted(news, subscription) and _report(news, subscription)
    logger.info("reported", extra={"event": event.key, "messages": made})


def _news(event: Event) -> Iterator[News]:
    order = None
    for kind in reported(event):
        if kind.is_of_stock:
            yield News(kind=kind, event=event, order=None)
            continue
        order = order or orders.get(event.order_id)
        if order is not None:
            yield News(kind=kind, event=event, order=order, time_zone=_time_zone(order))


def _report(news: News, subscription: Subscription) -> bool:
    """Whether there was a message to write that nobody had written."""
    body = body_of(news, subscription)
    if body is None:
        return False
    at = now()
    report = Report(
        subscription_id=subscription.id,
        id=news.id,
        kind=news.kind.value,
        at=news.event.at,
        created_at=at,
        state=ReportState.PENDING if subscription.is_on else ReportState.HELD,
        order_id=news.order.id if news.order is not None else None,
        store_id=news.store_id,
        due_at=at if subscription.is_on else None,
        body=body,
    )
    written = reports.add(report)
    if subscription.is_on:
        reports.send(subscription.id, [report.id])
    return written


def _time_zone(order: Order) -> str:
    """The zone of the order's store; UTC when there is no such store any more."""
    entry = config.get(Collection.STORES, order.store_id)
    return str(entry.document.get("time_zone", "UTC")) if entry is not None else "UTC"
