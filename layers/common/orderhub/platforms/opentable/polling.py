"""Asking Sync what has changed: the only way reservations reach us where OpenTable does not ask us for them.

How these lists are sorted is not documented. Rows move while a list is read, so much of it is read again each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from orderhub.errors import Misconfigured, Quarantine, Reject
from orderhub.order.times import parse_time, sortable, zone
from orderhub.platforms.base import Done, Page, parse_as
from orderhub.platforms.http_types import Http
from orderhub.platforms.opentable import sync
from orderhub.platforms.opentable.models import SyncPage
from orderhub.platforms.opentable.settings import NO_RESTAURANT, OpenTableConnection, restaurants
from orderhub.platforms.opentable.statuses import SYNC

_RESERVATIONS = "/sync/v2/reservations"
_GUESTS = "/sync/v2/guests"
_GUESTS_KEPT = timedelta(hours=12)
_SINCE = "since:"


def poll(cursor: Mapping[str, str], connection: OpenTableConnection, http: Http, now: datetime) -> Page:
    """One page of the reservations of one restaurant.

    cursor: `since:<rid>`, the latest change seen of each restaurant; while a run is under way also the `rid` that is
    read, where in its list (`offset`, or `next` as OpenTable gave it), and the latest change seen so far (`newest`).
    Raises Misconfigured when there is no restaurant on the map.
    """
    rids = restaurants(connection, SYNC)
    if not connection.stores:
        raise Misconfigured(NO_RESTAURANT)
    if not rids:
        return Page()
    rid = next((one for one in rids if one >= cursor.get("rid", "")), rids[0])
    run = dict(cursor) if rid == cursor.get("rid") else _kept(cursor)
    following = next((one for one in rids if one > rid), None)
    try:
        page = _list(rid, run, connection, http, now)
    except Reject as refusal:
        if len(rids) == 1:
            raise
        return Page(
            [], _after(run, rid, following, None), following is not None, trouble=f"restaurant {rid}: {refusal}"
        )
    rows = [_whole(row, rid, connection, http) for row in page.items]
    messages = sync.messages_of(rows, connection)
    seen = [run.get("newest", run.get(_SINCE + rid)), *map(sync.changed_at, rows)]
    newest = max((at for at in seen if at), default=sortable(now))
    place = _next_place(page, run, connection)
    if place is not None:
        return Page(messages, {**_kept(run), "rid": rid, "newest": newest, **place}, more=True)
    latest = min(newest, sortable(now))  # a clock that runs ahead must not hide what is still to come
    return Page(messages, _after(run, rid, following, latest), more=following is not None)


def read_one(rid: str, http: Http) -> Done:
    """The least that can be asked of a restaurant."""
    http.request("GET", _RESERVATIONS, params={"rid": rid, "limit": "1", "offset": "0"})
    return Done(note=f"OpenTable lists the reservations of restaurant {rid}")


def _list(rid: str, run: Mapping[str, str], connection: OpenTableConnection, http: Http, now: datetime) -> SyncPage:
    if "next" in run and _is_theirs(run["next"], connection):
        return parse_as(SyncPage, http.request("GET", run["next"]).json())
    params = {
        "rid": rid,
        "limit": str(connection.settings.page_size),
        "offset": run.get("offset", "0"),
        **_window(rid, run, connection, now),
    }
    return parse_as(SyncPage, http.request("GET", _RESERVATIONS, params=params).json())


def _window(rid: str, run: Mapping[str, str], connection: OpenTableConnection, now: datetime) -> dict[str, str]:
    """What changed since the last run and some time before; in the first run what is still to come."""
    since = run.get(_SINCE + rid)
    if since is not None:
        start = parse_time(since) - timedelta(hours=connection.settings.overlap_hours)
        return {"updated_after": f"{start:%Y-%m-%dT%H:%M:%SZ}"}
    today = now.astimezone(zone(connection.store(rid).time_zone))
    return {"scheduled_time_from": f"{today:%Y-%m-%dT00:00:00}"}


def _whole(row: Any, rid: str, connection: OpenTableConnection, http: Http) -> Any:
    """The row with the restaurant that was asked for, and with its guest where it names only an id."""
    if not isinstance(row, dict):
        return row
    whole = {**row, "rid": row.get("rid") or rid}
    guest_id = row.get("guest_id")
    if row.get("guest") or not guest_id or not connection.settings.guest_parameter:
        return whole
    guest = _guest(rid, str(guest_id), connection, http)
    return {**whole, "guest": guest} if guest else whole


def _guest(rid: str, guest_id: str, connection: OpenTableConnection, http: Http) -> Any:
    """One guest; None when OpenTable does not show it. A reservation is taken without it, too."""
    query = urlencode({"rid": rid, connection.settings.guest_parameter: guest_id, "limit": "1"})
    try:
        page = parse_as(SyncPage, http.remembered(f"{_GUESTS}?{query}", keep=_GUESTS_KEPT).json())
    except (Reject, Quarantine):
        return None
    return next((one for one in page.items if isinstance(one, dict) and str(one.get("id")) == guest_id), None)


def _next_place(page: SyncPage, run: Mapping[str, str], connection: OpenTableConnection) -> dict[str, str] | None:
    if not page.has_next or not page.items:
        return None
    if page.next_url and page.next_url != run.get("next") and _is_theirs(page.next_url, connection):
        return {"next": page.next_url}
    offset = page.offset if page.offset is not None else int(run.get("offset", "0"))
    return {"offset": str(offset + len(page.items))}


def _is_theirs(url: str, connection: OpenTableConnection) -> bool:
    """Whether a link leads to where reservations are listed: our token goes nowhere else."""
    try:
        there, here = urlsplit(url), urlsplit(connection.settings.base_url + _RESERVATIONS)
    except ValueError:
        return False
    return (there.scheme, there.netloc, there.path) == (here.scheme, here.netloc, here.path)


def _after(run: Mapping[str, str], rid: str, following: str | None, latest: str | None) -> dict[str, str]:
    """The cursor once a restaurant is through."""
    seen = {_SINCE + rid: latest} if latest else {}
    return {**_kept(run), **seen, **({"rid": following} if following else {})}


def _kept(run: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in run.items() if name.startswith(_SINCE)}
