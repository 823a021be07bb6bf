"""Subscriptions: documents of the configuration table. Who asks for every event remembers them for seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from orderhub.errors import Reject
from orderhub.order.times import parse_time
from orderhub.reporting.catalogue import EventType
from orderhub.reporting.signing import Secrets
from orderhub.reporting.subscription import Subscription
from orderhub.storage import config, secrets
from orderhub.storage.config import Collection, Entry

KEPT_SECONDS = 15.0
"""For how long a process goes by the subscriptions that it knows."""

_TRIES = 5
_known: tuple[list[Subscription], float] | None = None
_secrets: dict[str, tuple[int, Secrets]] = {}


def of_entry(entry: Entry) -> Subscription:
    """The subscription in a document."""
    return Subscription.model_validate({**entry.document, "id": entry.id})


def document_of(subscription: Subscription) -> dict[str, Any]:
    """A subscription as it is stored."""
    return subscription.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)


def known() -> list[Subscription]:
    """All subscriptions, as they were some seconds ago at most: all events of that time together cost one query.

    Raises Retry.
    """
    global _known  # noqa: PLW0603  (the memory of this process)
    if _known is None or time.monotonic() - _known[1] >= KEPT_SECONDS:
        _known = [of_entry(entry) for entry in config.every(Collection.SUBSCRIPTIONS)], time.monotonic()
    return _known[0]


def is_wanted(kind: EventType) -> bool:
    """Whether anybody hears of a type, as far as this process knows. Raises Retry."""
    return any(one.wants(kind) for one in known())


def change(subscription_id: str, update: Mapping[str, Any]) -> Subscription | None:
    """Changes fields of a subscription, whoever else changes it; None when it is gone. Raises Retry, Reject."""
    for attempt in range(_TRIES):
        entry = config.get(Collection.SUBSCRIPTIONS, subscription_id)
        if entry is None:
            return None
        document = {**entry.document, **update}
        try:
            return of_entry(
                config.put(Collection.SUBSCRIPTIONS, subscription_id, document, expected_version=entry.version)
            )
        except Reject:
            if attempt == _TRIES - 1:
                raise
    return None


def secrets_of(subscription: Subscription) -> Secrets:
    """What its messages are signed with, from memory unless it changed. Raises Misconfigured for none, Retry."""
    held = _secrets.get(subscription.id)
    if held is not None and held[0] == subscription.secrets_version:
        return held[1]
    read = read_secrets(subscription.id)
    _secrets[subscription.id] = (subscription.secrets_version, read)
    return read


def read_secrets(subscription_id: str) -> Secrets:
    """The secrets as they are stored. Raises Misconfigured for none, Retry."""
    stored = secrets.get_subscription(subscription_id)
    until = stored.get("previous_until")
    return Secrets(
        current=stored["current"],
        previous=stored.get("previous"),
        previous_until=parse_time(until) if until is not None else None,
        headers=stored.get("headers", {}),
    )


def put_secrets(subscription_id: str, values: Secrets) -> None:
    """Stores secrets, in place of those before. Raises Retry."""
    told = {
        "current": values.current,
        "previous": values.previous,
        "previous_until": values.previous_until.isoformat() if values.previous_until is not None else None,
        "headers": dict(values.headers or {}),
    }
    secrets.put_subscription(subscription_id, {name: value for name, value in told.items() if value is not None})


def forget_subscriptions() -> None:
    """Empties the memory."""
    global _known  # noqa: PLW0603
    _known = None
    _secrets.clear()
