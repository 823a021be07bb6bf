"""Every error the hub raises, named by what to do about it.

HubError
├── Retry          passing: try again later, no sooner than `after` seconds
├── Reject         final: the other side, or we, refuse it; trying again changes nothing
│   └── NotAuthentic   the request does not prove who sent it
├── Quarantine     authentic but not understood: keep it whole, tell people, replay after a fix
├── Ignore         understood, and nothing to do
├── Unsupported    the platform has no such operation
└── Misconfigured  a person has to change a setting or a credential first
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class HubError(Exception):
    """Base of all errors of the hub. `str(error)` is a sentence that may be shown to staff: never a secret."""


class Retry(HubError):
    """A passing failure.

    after: seconds to wait at least (a platform's Retry-After), None when nobody said.
    """

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Reject(HubError):
    """A final refusal.

    code: upper-case word for programs (`ORDER_NOT_FOUND`); details: further facts, safe to show.
    """

    def __init__(self, code: str, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = dict(details or {})


class NotAuthentic(Reject):
    """The request does not prove who sent it. The reason is for our log, never for the sender."""

    def __init__(self, reason: str) -> None:
        super().__init__("NOT_AUTHENTIC", reason)


class Quarantine(HubError):
    """An authentic message that cannot be understood; its text says what was met and where."""


class Ignore(HubError):
    """A message that is understood and asks for nothing."""


class Unsupported(HubError):
    """The platform has no such operation, or not for this order."""

    def __init__(self, operation: str, platform: str, why: str) -> None:
        super().__init__(f"{platform} is not told of {operation.replace('_', ' ')!r}: {why}")
        self.operation = operation
        self.platform = platform
        self.why = why


class Misconfigured(HubError):
    """A setting or credential is missing or refused; nothing works until a person changes it."""
