"""What a notification of Uber says. It carries ids and what happened, never the order.

https://developer.uber.com/docs/eats/guides/webhooks
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from orderhub.errors import Quarantine
from orderhub.order.messages import CourierReport, Ignored, InboundMessage, OrderReference, StatusReport
from orderhub.order.models import Courier, StatusReason
from orderhub.order.status import Status
from orderhub.order.times import from_epoch, sortable
from orderhub.platforms.base import Connection, Reading, body_key, parse_as
from orderhub.platforms.http_types import Request
from orderhub.platforms.payload import unknown_fields
from orderhub.platforms.uber_eats.models import Meta, Notification
from orderhub.platforms.uber_eats.statuses import COURIER_MOVES

# The paths of `resource_href` that tell the generation of an order.
_GENERATIONS: Mapping[str, str] = {"/v1/delivery/order/": "v1", "/v2/eats/order/": "v2"}

# What `OrderReference.ref["purpose"]` says: why the order is to be fetched.
OFFER = "offer"
SCHEDULED_OFFER = "scheduled_offer"
ISSUES_RESOLVED = "issues_resolved"
FAILURE = "failure"

RELEASED = "RELEASED"
"""The courier's status when Uber tells the store to have the order packed: its courier is near (orders.release)."""


@dataclass(frozen=True, slots=True)
class _Event:
    """A notification. key: its delivery key; version: its time as text that sorts, None when it tells none."""

    told: Notification
    key: str
    version: str | None
    connection: Connection[Any, Any]

    @property
    def meta(self) -> Meta:
        return self.told.meta or Meta()

    @property
    def order_id(self) -> str:
        found = self.meta.resource_id or self.meta.order_id
        if found is None:
            raise Quarantine(f"{self.told.event_type} does not say which order it is about")
        return found


def read(request: Request, connection: Connection[Any, Any]) -> Reading:
    """The messages in an authentic request. Raises Quarantine when it cannot be understood."""
    told = parse_as(Notification, request.json())
    version = sortable(from_epoch(told.event_time)) if told.event_time is not None else None
    event = _Event(told, told.event_id or body_key(request, told.event_type), version, connection)
    return Reading(_messages(event, request.header("x-environment")), unknown_fields=unknown_fields(told))


def _messages(event: _Event, environment: str | None) -> Sequence[InboundMessage]:
    ours, theirs = event.connection.settings.environment, (environment or "").strip().lower()
    if theirs == "sandbox" and ours == "production":
        return [Ignored(delivery_key=event.key, reason="an event of the sandbox on a production connection")]
    if theirs == "production" and ours == "sandbox":
        raise Quarantine("a production event on a connection whose setting `environment` is sandbox")
    reader = _READERS.get(event.told.event_type)
    if reader is not None:
        return reader(event)
    known = event.told.event_type in _NO_ORDERS
    reason = "about the store, not about an order" if known else "an event type we do not know"
    return [Ignored(delivery_key=event.key, reason=f"{event.told.event_type}: {reason}")]


def _reference(event: _Event, purpose: str, *, key: str) -> OrderReference:
    ref = {"generation": _generation(event), "purpose": purpose}
    if event.version is not None:
        ref["since"] = event.version
    return OrderReference(delivery_key=key, source_version=event.version, external_id=event.order_id, ref=ref)


def _to_fetch(purpose: str) -> Callable[[_Event], Sequence[InboundMessage]]:
    return lambda event: [_reference(event, purpose, key=event.key)]


def _cancelled(event: _Event) -> Sequence[InboundMessage]:
    """A v2 order is over; there is nothing more to learn of it."""
    return [
        StatusReport(
            delivery_key=event.key,
            source_version=event.version,
            external_id=event.order_id,
            status=Status.CANCELLED,
            reason=StatusReason(source_code=event.told.event_type),
        )
    ]


def _failed(event: _Event) -> Sequence[InboundMessage]:
    """A v1 order is over, at once; why, and whether it was denied, is read after that, for Uber may not know it yet."""
    return [
        StatusReport(
            delivery_key=event.key,
            source_version=event.version,
            external_id=event.order_id,
            status=Status.CANCELLED,
        ),
        _reference(event, FAILURE, key=f"{event.key}:details"),
    ]


def _courier(event: _Event, status: str | None) -> Sequence[InboundMessage]:
    return [
        CourierReport(
            delivery_key=event.key,
            source_version=event.version,
            external_id=event.order_id,
            courier=Courier(status=status),
            status=COURIER_MOVES.get(status or ""),
        )
    ]


def _generation(event: _Event) -> str:
    """The generation that `resource_href` tells. Its address is looked at and never called."""
    href, settings = event.told.resource_href, event.connection.settings
    if href is None:
        return str(settings.generation)
    host, path = _host_and_path(href)
    own = _host_and_path(settings.base_url)[0]
    if host != own and not any(host == domain or host.endswith(f".{domain}") for domain in settings.hosts):
        raise Quarantine(f"resource_href points to {host[:100]!r}, which is no host of Uber")
    for start, generation in _GENERATIONS.items():
        if path.startswith(start):
            return generation
    raise Quarantine(f"resource_href is of no generation we know: {path[:100]!r}")


def _host_and_path(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.path
    except ValueError:
        raise Quarantine(f"{url[:100]!r} is not a URL") from None


_READERS: Mapping[str, Callable[[_Event], Sequence[InboundMessage]]] = {
    "orders.notification": _to_fetch(OFFER),
    "orders.scheduled.notification": _to_fetch(SCHEDULED_OFFER),
    # The reference spells it one way, the guide the other.
    "orders.fulfillment_issues.resolved": _to_fetch(ISSUES_RESOLVED),
    "order.fulfillment_issues.resolved": _to_fetch(ISSUES_RESOLVED),
    "orders.cancel": _cancelled,
    "orders.failure": _failed,
    "orders.release": lambda event: _courier(event, RELEASED),
    "delivery.state_changed": lambda event: _courier(event, event.meta.status),
}

_NO_ORDERS = frozenset(
    {
        "store.provisioned",
        "store.deprovisioned",
        "store.status.changed",
        "eats.store.status.notification",
        "store.menu_refresh_request",
        "eats.report.success",
    }
)
