"""The one HTTP client for calls to platforms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from orderhub.errors import Retry
from orderhub.outbound import guard, tokens
from orderhub.outbound.waiting import retry_after
from orderhub.platforms.base import Connection, Platform
from orderhub.platforms.http_types import Call, Http, Reply
from orderhub.runtime import logger, now

_TIMEOUT = (3.05, 10)  # seconds to connect, seconds between bytes
_LARGEST_ANSWER = 20 * 1024 * 1024
_MOST_REMEMBERED = 1000

_remembered: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[Reply, datetime]] = {}


class PlatformHttp(Http):
    """Calls to the platform of one connection: base URL, token, timeouts and errors are seen to here."""

    def __init__(self, platform: Platform[Any, Any], connection: Connection[Any, Any]) -> None:
        self._platform = platform
        self._connection = connection
        self.last_body = b""  # of the latest answer: what to keep when nobody can read it

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Sends one request and returns an answer below 400; a refused token is renewed once.

        Raises Retry (no answer, 429, 5xx), Misconfigured (credentials), Reject and whatever the platform reads in it.
        """
        whole = not path.startswith("/")
        call = Call(
            method,
            path if whole else self._platform.base_url(self._connection) + path,
            params=dict(params or {}),
            headers=dict(headers or {}),
            json=json,
        )
        wanted = self._platform.token_request(self._connection)
        token = tokens.access_token(self._connection.id, wanted) if wanted else None
        reply = self._send(call, token)
        if reply.status == 401 and wanted is not None and token is not None:
            tokens.forget(self._connection.id, wanted, token)
            reply = self._send(call, tokens.access_token(self._connection.id, wanted))
        if not self._platform.is_refusal(reply):
            return reply
        error = self._platform.refusal(reply)
        if isinstance(error, Retry) and error.after is None:
            error.after = retry_after(reply.headers.get("retry-after"), now())
        raise error

    def remembered(self, path: str, *, headers: Mapping[str, str] | None = None, keep: timedelta) -> Reply:
        """What GET answers, or answered this process not longer than `keep` ago. Raises as `request`."""
        key = (self._connection.id, path, tuple(sorted((headers or {}).items())))
        known = _remembered.get(key)
        if known is not None and known[1] > now():
            return known[0]
        reply = self.request("GET", path, headers=headers)
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = (reply, now() + keep)
        return reply

    def _send(self, call: Call, token: str | None) -> Reply:
        call = self._platform.authorize(call, self._connection, token)
        guard.check_url(call.url, plain_http=self._platform.plain_http)
        try:
            answer = _session().request(
                call.method,
                call.url,
                json=call.json,
                params=call.params,
                headers=call.headers,
                timeout=_TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            body = answer.raw.read(_LARGEST_ANSWER + 1, decode_content=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Retry(f"{self._platform.name} does not answer: {type(error).__name__}") from None
        if len(body) > _LARGEST_ANSWER:
            raise Retry(f"{self._platform.name} answered with more than {_LARGEST_ANSWER} bytes")
        self.last_body = body
        logger.debug(
            "called", extra={"method": call.method, "path": urlsplit(call.url).path, "status": answer.status_code}
        )
        return Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, body)


def forget_remembered() -> None:
    """Empties the memory of reference data."""
    _remembered.clear()


@cache
def _session() -> requests.Session:
    return guard.session()
