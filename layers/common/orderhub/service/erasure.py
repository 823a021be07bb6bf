"""Forgetting whose an order was: the order first, so that nothing of it comes back, then all that lies beside it.

Each step can be repeated, and the way an order is found goes last: whoever is interrupted begins anew, until nothing is
left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import uuid4

from orderhub.errors import Retry
from orderhub.intake.quarantine import held_id
from orderhub.order.erasure import without_texts
from orderhub.order.events import Event
from orderhub.order.issues import Issue, stamped
from orderhub.order.messages import StaffErase
from orderhub.order.models import Order
from orderhub.reporting.messages import ids_of
from orderhub.runtime import now
from orderhub.service.access import Caller
from orderhub.service.changes import cause_of, change_key, record_change
from orderhub.storage import attachments, config, customers, erasure, issues, prints, quarantine, reports, timelines
from orderhub.storage.config import Collection
from orderhub.storage.customers import Entry

_TRIES = 8
_KINDS = ("request", "popped", "fetched", "row")
# Shorter ids of platforms may be any number in a body.
_TELLING_ID = 8
_MOST_READ = 1000


def waiting_for_people(orders: Sequence[Order]) -> dict[str, list[str]]:
    """Order -> ids of what names it of the oldest messages in quarantine, which nobody has understood yet.

    One of them at a time is in memory. Raises Retry.
    """
    of_connection: dict[str, list[Order]] = {}
    for order in orders:
        if len(order.external_id) >= _TELLING_ID:
            of_connection.setdefault(order.connection_id, []).append(order)
    found: dict[str, list[str]] = {}
    for one in quarantine.page(limit=_MOST_READ).held if of_connection else ():
        there = of_connection.get(one.connection_id, ())
        body = quarantine.get(one.id).raw.body if there else b""
        for order in there:
            if _names(body, order):
                found.setdefault(order.id, []).append(one.id)
    return found


def erase_order(caller: Caller, order: Order, found_by: Sequence[Entry], waiting: Iterable[str]) -> Counter[str]:
    """Erases the customer of an order that has ended, for good; how much of what there was, by name.

    found_by: how the index led to it. waiting: ids of what names it in quarantine. Raises Reject
    ORDER_NOT_MODIFIABLE when it was opened again meanwhile, Retry.
    """
    counts = Counter({"quarantined": _erase_held(waiting)})
    if order.erased_at is None:
        key = change_key(caller, order.id, "erase", uuid4().hex)
        order = record_change(caller, order, StaffErase(delivery_key=key))
        counts["orders"] += 1
    counts.update(_erase_events(order))
    for issue in issues.every_of_order(order.id):
        counts.update(_erase_issue(caller, order, issue))
    erasure.blank_links(order.id)
    _erase_reports(order)
    counts.update(_erase_events(order))  # what was on its way while the order was erased
    customers.forget(order.id, found_by)
    return counts


def _erase_events(order: Order) -> Counter[str]:
    counts: Counter[str] = Counter()
    for event in erasure.kept(order.id):
        if event.is_bare:
            continue
        counts["events"] += 1
        counts["bodies"] += event.raw is not None or event.raw_at is not None
        if event.raw is not None:
            ids = (held_id(kind, event.platform, event.connection_id, event.raw.body) for kind in _KINDS)
            counts["quarantined"] += _erase_held(ids)
        if "job" in event.summary:
            prints.remove(order.store_id, event.summary["job"]["id"])
        erasure.blank_event(order.id, event)
    return counts


def _erase_reports(order: Order) -> None:
    """Blanks what subscriptions were sent about an order: the ids of messages are computed of its events."""
    subscription_ids = [entry.id for entry in config.every(Collection.SUBSCRIPTIONS)]
    if not subscription_ids:
        return
    for event in timelines.timeline(order.id):
        for report_id in ids_of(event):
            for subscription_id in subscription_ids:
                reports.erase(subscription_id, report_id)


def _erase_held(ids: Iterable[str]) -> int:
    """Blanks what was received where it lies in quarantine."""
    return sum(quarantine.erase(one, now()) for one in ids)


def _names(body: bytes, order: Order) -> bool:
    """Whether a message is about an order, as far as that can be told of one that is not understood."""
    named = rb"(?<![0-9A-Za-z])" + re.escape(order.external_id.encode()) + rb"(?![0-9A-Za-z])"
    return re.search(named, body) is not None


def _erase_issue(caller: Caller, order: Order, issue: Issue) -> Counter[str]:
    """Deletes an issue's files, then blanks it: while it names a file, that is not forgotten."""
    counts: Counter[str] = Counter()
    current: Issue | None = issue
    for _ in range(_TRIES):
        if current is None or without_texts(current) == current:
            return counts
        for file in current.attachments:
            attachments.delete(attachments.key_of(order.id, current.id, file.id))
        counts["attachments"] += len(current.attachments)
        erased = stamped(without_texts(current), caller.cause_name, now())
        match issues.write(erased, _event(caller, order, erased)):
            case issues.Conflict(current=newer):
                current = newer
            case _:
                counts["issues"] += 1
                return counts
    raise Retry("the issue is being changed by many at once")


def _event(caller: Caller, order: Order, issue: Issue) -> Event:
    return Event(
        order_id=order.id,
        key=f"erased-{issue.id}-{issue.version}",
        type="issue.erased",
        effect="applied",
        at=issue.updated_at,
        cause=cause_of(caller),
        platform=order.platform,
        connection_id=order.connection_id,
        version=order.version,
        summary={"issue": issue.id},
    )
