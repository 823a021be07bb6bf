"""The one HTTP client for calls to platforms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import requests
import urllib3

from orderhub import __version__
from orderhub.errors import Retry
from orderhub.outbound import tokens
from orderhub.outbound.guard import check_address
from orderhub.outbound.waiting import retry_after
from orderhub.platforms.base import Connection, Platform
from orderhub.platforms.http_types import Http, Reply
from orderhub.runtime import logger, now

_TIMEOUT = (3.05, 10)  # seconds to connect, seconds between bytes
_LARGEST_ANSWER = 20 * 1024 * 1024


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
        token = self._token()
        reply = self._send(method, path, token, json=json, params=params, headers=headers)
        if reply.status == 401 and token is not None:
            tokens.forget(self._connection.id, token)
            reply = self._send(method, path, self._token(), json=json, params=params, headers=headers)
        if reply.status < 400:
            return reply
        error = self._platform.refusal(reply)
        if isinstance(error, Retry) and error.after is None:
            error.after = retry_after(reply.headers.get("retry-after"), now())
        raise error

    def _token(self) -> str | None:
        request = self._platform.token_request(self._connection)
        return tokens.access_token(self._connection.id, request) if request is not None else None

    def _send(
        self,
        method: str,
        path: str,
        token: str | None,
        *,
        json: Any,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> Reply:
        url = self._platform.base_url(self._connection) + path
        check_address(url)
        sent = {**self._platform.authorization(self._connection, token), **(headers or {})}
        try:
            answer = _session().request(
                method,
                url,
                json=json,
                params=dict(params or {}),
                headers=sent,
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
        logger.debug("called", extra={"method": method, "path": path, "status": answer.status_code})
        return Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, body)


@cache
def _session() -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = f"Orderhub/{__version__}"
    session.trust_env = False  # no proxies or .netrc credentials from the environment
    return session
