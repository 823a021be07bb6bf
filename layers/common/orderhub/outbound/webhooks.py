"""One message to one receiver that somebody named: one attempt, within a time, and what came of it."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
import urllib3
from urllib3.exceptions import MaxRetryError, NameResolutionError

from orderhub.errors import Misconfigured
from orderhub.outbound import guard
from orderhub.outbound.deadline import deadline
from orderhub.outbound.guard import Blocked
from orderhub.outbound.waiting import retry_after
from orderhub.runtime import now

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0
_MOST_READ = 16 * 1024
_MOST_KEPT = 1024
_PIECE = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt.

    status: of the answer, None when there was none; error: dns, connect, tls, timeout, blocked_address or http (an
    answer that is not 2xx), None for a success; text: how the answer begins, or what went wrong; wait: seconds that
    the receiver asks for; seconds: how long it took.
    """

    status: int | None
    error: str | None
    text: str
    seconds: float
    wait: float | None = None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Sends a message, and reads some of the answer. Redirects are not followed: they are failures as other answers."""
    began = time.monotonic()
    try:
        guard.check_url(url)
        with deadline(TOTAL_SECONDS) as end:
            status, text, told = _exchange(url, body, headers, began)
        if end.passed:
            return Answer(None, "timeout", "the answer did not end in time", _since(began))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, Misconfigured) as error:
        seconds = _since(began)
        late = seconds >= TOTAL_SECONDS
        return Answer(None, "timeout" if late else error_class(error), _words(error), seconds)
    success = 200 <= status < 300
    wait = None if success else retry_after(told.get("retry-after"), now())
    return Answer(status, None if success else "http", text, _since(began), wait)


def error_class(error: BaseException) -> str:
    """What kind of failure it is that there was no answer."""
    if isinstance(error, Blocked):
        return "blocked_address"
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        return "timeout"
    if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        return "tls"
    return "dns" if _does_not_resolve(error) else "connect"


def _does_not_resolve(error: BaseException) -> bool:
    reason: Any = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, (NameResolutionError, socket.gaierror)) or isinstance(error, NameResolutionError)


def _exchange(url: str, body: bytes, headers: Mapping[str, str], began: float) -> tuple[int, str, Mapping[str, str]]:
    """Status, beginning and headers of the answer."""
    with _session().post(
        url,
        data=body,
        headers=dict(headers),
        timeout=(CONNECT_SECONDS, TOTAL_SECONDS),
        allow_redirects=False,
        stream=True,
    ) as answer:
        read = b""
        while len(read) < _MOST_READ and _since(began) < TOTAL_SECONDS:
            piece = answer.raw.read1(_PIECE)
            if not piece:
                break
            read += piece
        return answer.status_code, read[:_MOST_KEPT].decode("utf-8", "replace"), answer.headers


def _since(began: float) -> float:
    return time.monotonic() - began


def _words(error: BaseException) -> str:
    """What went wrong, without what the request held."""
    return str(error) if isinstance(error, Misconfigured) else type(error).__name__


@cache
def _session() -> requests.Session:
    return guard.session()
