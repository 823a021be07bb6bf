"""Creating a thing once: its id is computed from the caller's idempotency key, so that a repeat meets the first."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from orderhub.errors import Reject
from orderhub.order.ids import digest
from orderhub.storage import config
from orderhub.storage.codec import to_json
from orderhub.storage.config import Collection, Entry

_REQUEST = "created_by_request"


def new_id(prefix: str, caller_id: str, idempotency_key: str | None) -> str:
    """An id for something to be created: the same for the same caller and key, else drawn."""
    return prefix + (digest(caller_id, idempotency_key) if idempotency_key else digest(secrets.token_hex(16)))


def kept(entry: Entry) -> dict[str, Any]:
    """What a change of the document has to keep, so that a repeat of its creation is still known as one."""
    return {_REQUEST: entry.document[_REQUEST]} if _REQUEST in entry.document else {}


def create(collection: Collection, entry_id: str, document: Mapping[str, Any], asked: Any) -> tuple[Entry, bool]:
    """Stores a new document, or returns the one that the same request made before; True when it is new.

    asked: what the request asked for; its hash tells a repeat from another request. Raises Reject ALREADY_EXISTS,
    Retry.
    """
    request = digest(to_json(asked))
    try:
        return config.put(collection, entry_id, {**document, _REQUEST: request}, expected_version=0), True
    except Reject:
        entry = config.get(collection, entry_id)
        if entry is None or entry.document.get(_REQUEST) != request:
            raise Reject("ALREADY_EXISTS", f"{entry_id} exists already, made by another request") from None
        return entry, False
