"""The timeline: one event for each thing that happened to an order, kept for ever with its cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Actor(StrEnum):
    """Who caused an event."""

    PLATFORM = "platform"  # by its webhook
    POLL = "poll"  # found by asking the platform
    FETCH = "fetch"  # read after a notification
    STAFF = "staff"  # a person or script with an API key
    TARGET = "target"  # whoever an order was handed to
    SYSTEM = "system"  # the hub by itself


@dataclass(frozen=True, slots=True)
class Cause:
    """Who, and for staff which key or person."""

    actor: Actor
    name: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """What was received, kept whole. headers: without those that carry secrets."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a timeline.

    key: makes it count once within its order. version: of the order after it. ref: what is needed to fetch what it
    speaks of. raw: what was received, None when nothing was or when it lies elsewhere (raw_at, an S3 key).
    """

    order_id: str
    key: str
    type: str
    effect: str
    at: datetime
    cause: Cause
    platform: str
    connection_id: str
    version: int = 0
    source_version: str | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)
    ref: Mapping[str, str] | None = None
    raw: Raw | None = None
    raw_at: str | None = None
