"""Connections ready for use: configuration and credentials put together, kept in memory for minutes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from orderhub.errors import Misconfigured, Reject
from orderhub.platforms.base import Connection, Platform, StoreRef
from orderhub.platforms.registry import load
from orderhub.storage import config, secrets
from orderhub.storage.config import Collection

_KEEP = 300.0  # seconds
_RELOAD_AFTER = 15.0  # seconds; a refused signature may mean that a secret was rotated

_memory: dict[str, tuple[Connection[Any, Any], float]] = {}


def open_connection(platform: Platform[Any, Any], connection_id: str, *, fresh: bool = False) -> Connection[Any, Any]:
    """The connection with its credentials. fresh: read it again unless that was done seconds ago.

    Raises Reject CONNECTION_NOT_FOUND (none of this id on this platform, or switched off), Misconfigured, Retry.
    """
    held = _memory.get(connection_id)
    age = time.monotonic() - held[1] if held else 0.0
    if held is not None and held[0].platform == platform.slug and age < (_RELOAD_AFTER if fresh else _KEEP):
        return held[0]
    entry = config.get(Collection.CONNECTIONS, connection_id)
    if entry is None or entry.document.get("platform") != platform.slug or not entry.document.get("active", True):
        _memory.pop(connection_id, None)
        raise Reject("CONNECTION_NOT_FOUND", f"there is no connection {connection_id} to {platform.name}")
    connection = assemble(platform, connection_id, entry.document, secrets.get(connection_id))
    _memory[connection_id] = (connection, time.monotonic())
    return connection


def connection_of(connection_id: str) -> tuple[Platform[Any, Any], Connection[Any, Any]]:
    """A connection of any platform, with the platform. Raises as `open_connection`."""
    held = _memory.get(connection_id)
    if held is not None:
        slug = held[0].platform
    else:
        entry = config.get(Collection.CONNECTIONS, connection_id)
        if entry is None:
            raise Reject("CONNECTION_NOT_FOUND", f"there is no connection {connection_id}")
        slug = entry.document["platform"]
    platform = load(slug)
    return platform, open_connection(platform, connection_id)


def assemble(
    platform: Platform[Any, Any], connection_id: str, document: Mapping[str, Any], credentials: Mapping[str, Any]
) -> Connection[Any, Any]:
    """A connection from its parts: settings, stores (the platform's store id -> ours) and default_store.

    Raises Misconfigured that names the fields that do not fit, never their values.
    """
    try:
        return Connection(
            id=connection_id,
            platform=platform.slug,
            credentials=platform.Credentials.model_validate(credentials),
            settings=platform.Settings.model_validate(document.get("settings", {})),
            default_store=StoreRef(**document["default_store"]),
            stores={theirs: StoreRef(**ours) for theirs, ours in document.get("stores", {}).items()},
            auto_accept=_policies(document.get("auto_accept", {})),
        )
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Misconfigured(f"connection {connection_id}: {places}") from None


def _policies(given: Mapping[str, Any]) -> dict[str, Any]:
    """Our store's id -> what it accepts by itself."""
    if not given:
        return {}
    from orderhub.order.acceptance import AutoAccept  # noqa: PLC0415  (few stores accept by themselves)

    return {store_id: AutoAccept.model_validate(policy) for store_id, policy in given.items()}


def forget_connections() -> None:
    """Empties the memory."""
    _memory.clear()
