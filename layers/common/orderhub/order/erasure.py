"""What of an order is a person's, and what stays for the books when that is erased. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orderhub.order.issues import Issue
from orderhub.order.models import Courier, Item, Order, StatusReason, Sync, SyncState

# Words of platforms by which their adapters act on an order that has ended; what else they say may be anything.
KEPT_OF_SOURCE: frozenset[str] = frozenset(
    {"generation", "gid", "pos", "dialect", "callback_url", "mode", "returns", "restaurant", "void", "request"}
)
# Facts of timelines: ids, statuses, times and numbers. Texts are in none of them.
KEPT_OF_SUMMARIES: frozenset[str] = frozenset(
    {
        *("from", "to", "correction", "status", "state", "attempt", "request", "why", "known_version"),
        *("ready_at", "prep_minutes", "promised_at", "refund", "amount", "customer_approved", "party_size", "number"),
        *("issue", "comment", "attachment", "type", "priority", "changed", "items", "item", "job", "code"),
    }
)
# There people write what an order is called, and often it is the customer's name: Square's ticket_name, and ours.
_NAMED_BY_PEOPLE = frozenset({"square", "direct"})
_UNDER_WAY = (SyncState.PENDING, SyncState.RETRYING)
# By then every worker has given up.
_GIVEN_UP_AFTER = timedelta(days=1)


def needs_its_customer(order: Order, now: datetime) -> bool:
    """Whether somebody has work with the order for which they need to know whose it is, or what was said."""
    told = [(order.sync.state, order.sync.at), *((one.state, one.at) for one in order.refunds)]
    told += [(order.cart.state, order.cart.at)] if order.cart is not None else []
    under_way = any(state in _UNDER_WAY and (at is None or now - at < _GIVEN_UP_AFTER) for state, at in told)
    return order.is_open or under_way


def without_person(order: Order) -> Order:
    """The order without what tells whose it was: ids, times, statuses, goods and money stay."""
    reason, courier = order.status_reason, order.courier
    gone: dict[str, Any] = dict.fromkeys(("customer", "address", "notes", "handed_to"))
    return order.model_copy(
        update={
            **gone,
            "display_id": _called(order.platform, order.id, order.display_id),
            "status_reason": _bare_reason(reason) if reason is not None else None,
            # A courier's position is the customer's door in the end, and their page shows both people.
            "courier": _bare_courier(courier) if courier is not None else None,
            "tracking": [],
            "items": [_bare_item(item) for item in order.items],
            "refunds": [one.model_copy(update={"reason": None, "detail": None}) for one in order.refunds],
            "sync": bare_sync(order.sync),
            "cart": bare_sync(order.cart) if order.cart is not None else None,
            # Some quote what the customer wrote.
            "checks": [one.model_copy(update={"message": ""}) for one in order.checks],
            "source": {name: value for name, value in order.source.items() if name in KEPT_OF_SOURCE},
        }
    )


def without_texts(issue: Issue) -> Issue:
    """The issue without what people wrote of it, and without its files."""
    return issue.model_copy(
        update={
            "order_display_id": _called(issue.platform, issue.order_id, issue.order_display_id),
            "description": "",
            "resolution_description": None,
            "comments": [one.model_copy(update={"text": ""}) for one in issue.comments],
            "attachments": [],
        }
    )


def bare_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of a line of the timeline."""
    kept = {name: value for name, value in summary.items() if name in KEPT_OF_SUMMARIES}
    return {**kept, "job": {**kept["job"], "display_id": None}} if "job" in kept else kept


def bare_sync(sync: Sync) -> Sync:
    """What became of a change, without the sentence, which may quote the platform."""
    return sync.model_copy(update={"detail": None})


def _called(platform: str, order_id: str, display_id: str | None) -> str | None:
    """What an order is called once its customer is erased; as those are that nobody gave a name."""
    return order_id[-6:].upper() if display_id and platform in _NAMED_BY_PEOPLE else display_id


def _bare_item(item: Item) -> Item:
    modifiers = [_bare_item(one).model_copy(update={"name": _bare_name(one)}) for one in item.modifiers]
    return item.model_copy(update={"notes": None, "modifiers": modifiers})


def _bare_name(modifier: Item) -> str:
    """What is no article and costs nothing may be the customer's own words, as `On the cake: ...` in online shops."""
    is_article = modifier.sku or modifier.unit_price or modifier.total
    return modifier.name if is_article else modifier.name.partition(": ")[0]


def _bare_reason(reason: StatusReason) -> StatusReason:
    return reason.model_copy(update={"details": None})


def _bare_courier(courier: Courier) -> Courier:
    return Courier(status=courier.status, delivered_by=courier.delivered_by)
