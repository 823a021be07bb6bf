"""An Http whose answers a test gives: what the recorded exchanges are too whole for."""

from __future__ import annotations

import json as as_json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from orderhub.errors import HubError
from orderhub.platforms.http_types import Reply


class Answers:
    """Answers calls in turn, and keeps what was asked: calls of method, path and body, their bodies, their parameters.

    An answer is JSON, the bytes of one, or an error to raise. always: what every further call gets; without it there
    must be no further call.
    """

    def __init__(self, *answers: Any, always: bytes | HubError | None = None) -> None:
        self._answers = list(answers)
        self._always = always
        self.calls: list[tuple[str, str, Any]] = []
        self.params: list[Mapping[str, str]] = []

    @property
    def bodies(self) -> list[Any]:
        """The JSON of each call."""
        return [body for _, _, body in self.calls]

    def remembered(self, path: str, *, headers: Mapping[str, str] | None = None, keep: timedelta) -> Reply:
        return self.request("GET", path, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        self.calls.append((method, path, json))
        self.params.append(params or {})
        assert self._answers or self._always is not None, f"a call more than was expected: {method} {path}"
        answer = self._answers.pop(0) if self._answers else self._always
        if isinstance(answer, HubError):
            raise answer
        return Reply(200, {}, answer if isinstance(answer, bytes) else as_json.dumps(answer).encode())
