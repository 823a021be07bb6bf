"""``.local/hub.json``: how scripts, samples and tests find the running hub. It exists only while the hub runs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Connection:
    """A connection of the demo store: its id, the secret its messages are signed with, and its webhook URL."""

    id: str
    secret: str
    url: str


@dataclass(frozen=True)
class Hub:
    """A running hub: the API, a key with the admin role, and by platform slug the connections and stand-ins."""

    api_url: str
    api_key: str
    connections: dict[str, Connection] = field(default_factory=dict)
    standins: dict[str, str] = field(default_factory=dict)


def write(path: Path, hub: Hub) -> None:
    """Write the file at one stroke, readable by its owner only: it holds secrets."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(hub), indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def read(path: Path) -> Hub:
    """Read the file back. Raises FileNotFoundError when no hub is running."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    connections = {slug: Connection(**connection) for slug, connection in data["connections"].items()}
    return Hub(data["api_url"], data["api_key"], connections, data["standins"])
