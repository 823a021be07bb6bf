"""What is wrong with a hub, if anything: each connection tried, each queue looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from orderhub.errors import HubError, Unsupported
from orderhub.intake.connections import open_connection
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.registry import load
from orderhub.storage import config, quarantine, queues
from orderhub.storage.config import Collection


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    subject: str
    ok: bool
    message: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def connections() -> list[Finding]:
    """One finding for each connection: its settings fit, its credentials are there and the platform takes them."""
    entries = config.every(Collection.CONNECTIONS)
    if not entries:
        return [Finding("connections", ok=False, message="there are none: make one with POST /v1/connections")]
    return [_connection(entry.id, entry.document) for entry in entries]


def dead_letters(urls: Mapping[str, str]) -> list[Finding]:
    """One finding for each dead-letter queue, by the name of its queue."""
    found = []
    for name, url in urls.items():
        waiting = queues.depth(url)
        message = f"{waiting} messages given up on: see the log, then `orderhub redrive {name}`" if waiting else "empty"
        found.append(Finding(f"dead letters of {name}", waiting == 0, message))
    return found


def in_quarantine() -> list[Finding]:
    """A finding about what waits in quarantine."""
    page = quarantine.page(limit=100)
    waiting = f"{len(page.held)}{' or more' if page.next_cursor else ''}"
    message = f"{waiting} messages wait: `orderhub quarantine list`" if page.held else "empty"
    return [Finding("quarantine", not page.held, message)]


def _connection(connection_id: str, document: Mapping[str, Any]) -> Finding:
    subject = f"{document['platform']} {document['name']} ({connection_id})"
    if not document.get("active", True):
        return Finding(subject, ok=True, message="switched off")
    try:
        platform = load(document["platform"])
        connection = open_connection(platform, connection_id, fresh=True)
        done = platform.verify_connection(connection, PlatformHttp(platform, connection))
    except Unsupported as error:
        return Finding(subject, ok=True, message=f"not tried: {error.why}")
    except HubError as error:
        return Finding(subject, ok=False, message=str(error))
    return Finding(subject, ok=True, message=done.note or "the platform takes the credentials")
