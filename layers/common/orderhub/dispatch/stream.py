"""The stream's consumer: each new event puts what it asks for on the action's queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orderhub.dispatch.hand_over import asked_of
from orderhub.dispatch.rules import Action, actions_for
from orderhub.order.events import Event
from orderhub.reporting.catalogue import reported
from orderhub.runtime import logger, settings
from orderhub.storage import queues, subscriptions, timelines


def dispatch(batch: Mapping[str, Any], _context: object) -> None:
    """Handles a batch of stream records. Raises Retry when a queue does not take a message.

    Then Lambda gives the whole batch again: messages may be sent twice, which is harmless, as actions look at what is
    left to do.
    """
    for action, messages in asked_of(batch["Records"]).items():
        queues.send(queue_url(action), messages)
        logger.info("handed over", extra={"action": action, "orders": len(messages)})
    asked: dict[Action, list[Event]] = {}
    for event in _new_events(batch["Records"]):
        for action in actions_for(event):
            asked.setdefault(action, []).append(event)
        if any(map(subscriptions.is_wanted, reported(event))):
            asked.setdefault(Action.REPORT_EVENT, []).append(event)
    for action, events in asked.items():
        queues.send(queue_url(action), [(event.connection_id, message(event)) for event in events])
        logger.info("dispatched", extra={"action": action, "events": len(events)})


def message(event: Event) -> dict[str, Any]:
    """What an action is told: which order, and which event asked."""
    return {
        "order_id": event.order_id,
        "connection_id": event.connection_id,
        "platform": event.platform,
        "event": event.key,
        **({"ref": dict(event.ref), "source_version": event.source_version} if event.ref is not None else {}),
    }


def queue_url(action: Action) -> str:
    """The queue of an action."""
    return str(getattr(settings(), f"{action}_queue_url"))


def _new_events(records: Iterable[Mapping[str, Any]]) -> Iterable[Event]:
    for record in records:
        image = record["dynamodb"].get("NewImage", {})
        if record["eventName"] == "INSERT" and image.get("sk", {}).get("S", "").startswith("E#"):
            yield timelines.event_of_image(_lean(image))


def _lean(image: Mapping[str, Any]) -> dict[str, Any]:
    """The image without what was received: the only bytes in it, which Lambda gives as text and nobody here needs."""
    return {name: value for name, value in image.items() if name != "raw"}
