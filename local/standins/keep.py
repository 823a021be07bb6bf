"""Keeps what the stand-ins hold over a restart, so that the vendors do not forget orders the hub still works on."""

from __future__ import annotations

import pickle
from pathlib import Path

from local.standins.server import StandIns


def save(standins: StandIns, path: Path) -> None:
    """Write what all stand-ins hold to a file, whole or not at all."""
    memory = {slug: (vendor.memory(), standins.journals[slug].memory()) for slug, vendor in standins.vendors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(pickle.dumps(memory))
    fresh.replace(path)


def load(standins: StandIns, path: Path) -> None:
    """Go on from what `save` wrote; nothing happens without such a file."""
    if not path.exists():
        return
    memory = pickle.loads(path.read_bytes())  # noqa: S301 - a file of our own, written by `save`
    for slug, (held, calls) in memory.items():
        standins.vendors[slug].recall(held)
        standins.journals[slug].recall(calls)
