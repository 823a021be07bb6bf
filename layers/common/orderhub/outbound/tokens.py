"""Access tokens, one per connection or account, shared by all functions: vendors count requests and live tokens."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import requests

from orderhub.errors import Misconfigured, Quarantine, Retry
from orderhub.order.ids import digest
from orderhub.order.times import parse_time, sortable
from orderhub.outbound import guard
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
    owner = _owner(connection_id, request)
    for _ in range(_WAIT_FOR_OTHERS):
        token = _known(owner)
        if token is not None:
            return token
        if config.claim(Collection.TOKENS, owner, now(), _LEASE):
            return _known(owner) or _renew(owner, request)
        time.sleep(0.25)  # another caller is asking for it
    raise Retry("waited long for another caller to get an access token", after=5)


def forget(connection_id: str, request: TokenRequest, token: str) -> None:
    """Drops a token that the vendor no longer takes, unless it has been renewed already.

    Raises Retry; Misconfigured for a token so young that another would not be taken either (`min_age`).
    """
    owner = _owner(connection_id, request)
    _memory.pop(owner, None)
    stored = secrets.get_token(owner)
    if stored is None or stored.get("token") != token:
        return
    if "made_at" in stored and now() - parse_time(stored["made_at"]) < request.min_age:
        raise Misconfigured("the platform refuses a token that it gave us a moment ago")
    secrets.delete_token(owner)


def _owner(connection_id: str, request: TokenRequest) -> str:
    """Whose token it is: the connection's own, or that of an account that several connections share."""
    return f"acc_{digest(request.url, request.account)}" if request.account else connection_id


def _known(owner: str) -> str | None:
    for look in (_memory.get, _stored):
        held = look(owner)
        if held is not None and held[1] - _EARLY > now():
            _memory[owner] = held
            return held[0]
    return None


def _stored(owner: str) -> tuple[str, datetime] | None:
    stored = secrets.get_token(owner)
    return (stored["token"], parse_time(stored["expires_at"])) if stored is not None else None


def _renew(owner: str, request: TokenRequest) -> str:
    try:
        token, lifetime = _ask(request)
        made_at = now()
        expires_at = made_at + min(max(lifetime, 2 * _EARLY), _LONGEST)
        times = {"made_at": sortable(made_at), "expires_at": sortable(expires_at)}
        secrets.put_token(owner, {"token": token, **times})
    finally:
        config.delete(Collection.TOKENS, owner)  # the claim
    _memory[owner] = (token, expires_at)
    return token


def _ask(request: TokenRequest) -> tuple[str, timedelta]:
    guard.check_url(request.url)
    fields = dict(request.form)
    json, form = (fields, None) if request.as_json else (None, fields)
    headers = dict(request.headers)
    try:
        reply = _session().post(
            request.url, data=form, json=json, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
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
    token = _inside(answer, request.token_at)
    if not isinstance(token, str) or not token:
        raise Retry("the token service answered without a token")
    return token, _lifetime(answer, request)


@cache
def _session() -> requests.Session:
    return guard.session()


def _inside(answer: Any, place: tuple[str, ...]) -> Any:
    for name in place:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _lifetime(answer: Any, request: TokenRequest) -> timedelta:
    """How long a token lives: its seconds (some write them as text), else until a time in expires_at."""
    seconds = _inside(answer, request.lifetime_at)
    try:
        if seconds is not None:
            return timedelta(seconds=int(seconds))
        if "expires_at" in answer:
            return parse_time(str(answer["expires_at"])) - now()
    except (ValueError, TypeError, OverflowError, Quarantine):
        pass
    return request.lifetime
