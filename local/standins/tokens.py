"""Access tokens as OAuth servers hand them out: counted, limited, expiring, revocable."""

from __future__ import annotations

import secrets
from collections import deque
from datetime import datetime, timedelta
from enum import Enum


class TokenState(Enum):
    """What a token is worth now."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class Tokens:
    """The tokens of one vendor. `prefix` starts each of them; past `most_alive` live ones the oldest dies."""

    def __init__(self, prefix: str, most_alive: int | None = None) -> None:
        self._prefix = prefix
        self._most_alive = most_alive
        self._expiry: dict[str, datetime] = {}
        self._revoked: set[str] = set()
        self._requests: deque[datetime] = deque()

    def asked_within(self, now: datetime, window: timedelta) -> int:
        """Count this request for a token, and tell how many there were in the window that ends now."""
        self._requests.append(now)
        while self._requests[0] <= now - window:
            self._requests.popleft()
        return len(self._requests)

    def issue(self, now: datetime, lifetime: timedelta) -> str:
        """A new token that lives this long."""
        token = f"{self._prefix}{secrets.token_hex(16)}"
        self._expiry[token] = now + lifetime
        alive = [known for known in self._expiry if self.state(known, now) is TokenState.GOOD]
        if self._most_alive is not None and len(alive) > self._most_alive:
            self._revoked.add(alive[0])
        return token

    def revoke_all(self) -> None:
        """Every token issued so far is worth nothing from now on."""
        self._revoked.update(self._expiry)

    def state(self, token: str, now: datetime) -> TokenState:
        """What this token is worth at `now`."""
        if token not in self._expiry:
            return TokenState.UNKNOWN
        if token in self._revoked:
            return TokenState.REVOKED
        return TokenState.GOOD if now < self._expiry[token] else TokenState.EXPIRED
