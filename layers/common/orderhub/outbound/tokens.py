"""Access tokens, one per connection, shared by all functions: vendors count token requests and cap live tokens."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import requests

from orderhub.errors import Misconfigured, Quarantine, Retry
from orderhub.order.times import parse_time, sortable
from orderhub.outbound.guard import check_address
from orderhub.outbound.waiting import retry_after
from orderhub.platforms.base import TokenRequest
from orderhub.platforms.http_types import parse_json
from orderhub.runtime import now
from orderhub.storage import config, secrets
from orderhub.storage.config import Collection

_LEASE = timedelta(seconds=15)
_EARLY = timedelta(minutes=2)  # renewed before it ends, so that no call starts with a dying token
_LONGEST = timedelta(days=365)
_WAIT_FOR_OTHERS = 40  # times a quarter of a second
_TIMEOUT = (3.05, 10)

_memory: dict[str, tuple[str, datetime]] = {}


def access_token(connection_id: str, request: TokenRequest) -> str:
    """A token that is valid for some minutes: from memory, else from storage, else asked for by one caller only.

    Raises Misconfigured when the vendor refuses our credentials, Retry.
    """
    for _ in range(_WAIT_FOR_OTHERS):
        token = _known(connection_id)
        if token is not None:
            return token
        if config.claim(Collection.TOKENS, connection_id, now(), _LEASE):
            return _known(connection_id) or _renew(connection_id, request)
        time.sleep(0.25)  # another caller is asking for it
    raise Retry("waited long for another caller to get an access token", after=5)


def forget(connection_id: str, token: str) -> None:
    """Drops a token that the vendor no longer takes, unless it has been renewed already. Raises Retry."""
    _memory.pop(connection_id, None)
    stored = secrets.get_token(connection_id)
    if stored is not None and stored.get("token") == token:
        secrets.delete_token(connection_id)


def _known(connection_id: str) -> str | None:
    for look in (_memory.get, _stored):
        held = look(connection_id)
        if held is not None and held[1] - _EARLY > now():
            _memory[connection_id] = held
            return held[0]
    return None


def _stored(connection_id: str) -> tuple[str, datetime] | None:
    stored = secrets.get_token(connection_id)
    return (stored["token"], parse_time(stored["expires_at"])) if stored is not None else None


def _renew(connection_id: str, request: TokenRequest) -> str:
    try:
        token, lifetime = _ask(request)
        expires_at = now() + min(max(lifetime, 2 * _EARLY), _LONGEST)
        secrets.put_token(connection_id, {"token": token, "expires_at": sortable(expires_at)})
    finally:
        config.delete(Collection.TOKENS, connection_id)  # the claim
    _memory[connection_id] = (token, expires_at)
    return token


def _ask(request: TokenRequest) -> tuple[str, timedelta]:
    check_address(request.url)
    fields = dict(request.form)
    json, form = (fields, None) if request.as_json else (None, fields)
    try:
        reply = requests.post(request.url, data=form, json=json, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise Retry(f"the token service does not answer: {type(error).__name__}") from None
    if reply.status_code in (408, 425, 429) or reply.status_code >= 500:
        wait = retry_after(reply.headers.get("retry-after"), now())
        raise Retry(f"the token service answered {reply.status_code}", after=wait)
    if reply.status_code != requests.codes.ok:
        raise Misconfigured(f"the token service refuses the credentials of this connection ({reply.status_code})")
    try:
        answer: Any = parse_json(reply.content)
    except Quarantine:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        raise Retry("the token service answered without a token")
    return answer["access_token"], _lifetime(answer, request)


def _lifetime(answer: dict[str, Any], request: TokenRequest) -> timedelta:
    """How long a token lives: seconds in expires_in (some write them as text), else a time in expires_at."""
    try:
        if "expires_in" in answer:
            return timedelta(seconds=int(answer["expires_in"]))
        if "expires_at" in answer:
            return parse_time(str(answer["expires_at"])) - now()
    except (ValueError, TypeError, OverflowError, Quarantine):
        pass
    return request.lifetime
