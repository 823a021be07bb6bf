"""Who changed what of the hub's configuration. What is done to an order is in the order's own timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orderhub.order.times import parse_time, sortable
from orderhub.runtime import now
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.storage import config
from orderhub.storage.config import Collection, Entry


@dataclass(frozen=True, slots=True)
class Change:
    """A request that changed something. fields: names of what it gave; values may be secret, and are not kept."""

    at: datetime
    actor: str
    method: str
    path: str
    fields: Sequence[str]
    request_id: str


def note(caller: Caller, method: str, path: str, fields: Sequence[str], request_id: str) -> None:
    """Stores that somebody changed something. Raises Retry."""
    at = sortable(now())
    document = {
        "at": at,
        "actor": caller.cause_name,
        "method": method,
        "path": path,
        "fields": sorted(fields),
        "request_id": request_id,
    }
    config.put(Collection.AUDIT, f"{at}#{request_id}", document)


def list_changes(caller: Caller, *, limit: int, cursor: str | None) -> tuple[list[Change], str | None]:
    """Changes, newest first, and where the list goes on; an admin of some stores sees what was done to those.

    A page may hold fewer than `limit`, or none, and still go on. Raises Reject PERMISSION_DENIED, INVALID_CURSOR.
    """
    caller.require(Role.ADMIN)
    page = config.page(Collection.AUDIT, limit=limit, cursor=cursor, newest_first=True)
    changes = [_change(entry) for entry in page.entries]
    return [change for change in changes if _is_shown(change, caller)], page.next_cursor


def _is_shown(change: Change, caller: Caller) -> bool:
    if EVERY_STORE in caller.stores:
        return True
    _, _, rest = change.path.partition("/stores/")
    return bool(rest) and caller.sees(rest.partition("/")[0])


def _change(entry: Entry) -> Change:
    known: dict[str, Any] = entry.document
    return Change(**{**known, "at": parse_time(known["at"])})
