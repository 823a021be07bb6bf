"""What all work at an outside system has in common: one worker at a time, what failures mean, and what staff see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orderhub.errors import HubError, Reject, Retry, Unsupported
from orderhub.order.models import SyncState
from orderhub.platforms.base import Connection, Done
from orderhub.runtime import logger
from orderhub.storage import links
from orderhub.storage.links import Link

LEASE = timedelta(seconds=75)  # longer than any of these functions may run: 60 seconds


@dataclass(slots=True)
class Held:
    """A link that nobody else may act on just now. link: as it is to be stored in the end."""

    link: Link


@contextmanager
def held(thing_id: str, target: str, at: datetime) -> Iterator[Held]:
    """Holds the link of a thing (an order, a stock) to a target; stores what has become of it.

    When the work fails with an error the link stays as it was last saved. Raises Retry while another worker has it.
    """
    link = links.claim(thing_id, target, at, LEASE)
    if link is None:
        raise Retry("another worker is at it just now", after=3)
    mine = Held(link)
    try:
        yield mine
    except BaseException:
        links.release(link)
        raise
    links.finish(mine.link)


@contextmanager
def adapter() -> Iterator[None]:
    """Around calls of an adapter. Raises HubError: a bug of ours as Retry, for it must show to staff as well."""
    try:
        yield
    except HubError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever it is, it must show)
        logger.exception("the adapter failed")
        raise Retry(f"the adapter failed: {type(error).__name__}") from None


def state_after(problem: HubError | None, *, last: bool) -> SyncState:
    """What staff see. last: whether nobody tries again."""
    match problem:
        case None:
            return SyncState.CONFIRMED
        case Unsupported():
            return SyncState.UNSUPPORTED
        case Retry() if not last:
            return SyncState.RETRYING
        case _:
            return SyncState.FAILED


def reason(problem: HubError | None) -> dict[str, str]:
    """Code and sentence of a problem, for a line of the timeline."""
    if problem is None:
        return {}
    code = problem.code if isinstance(problem, Reject) else type(problem).__name__.upper()
    return {"code": code, "reason": str(problem)}


def store_ids(store_id: str, connection: Connection[Any, Any]) -> list[str]:
    """A platform's ids of one of our stores; an empty one where the connection is the store's alone and names none.

    Raises Reject STORE_NOT_CONNECTED.
    """
    theirs = sorted(one for one, store in connection.stores.items() if store.id == store_id)
    if not theirs and (connection.stores or connection.default_store.id != store_id):
        raise Reject("STORE_NOT_CONNECTED", f"connection {connection.id} no longer has store {store_id}")
    return theirs or [""]


def notes(done: Iterable[Done]) -> str | None:
    """What a platform's calls have to say to staff, each sentence once."""
    return "; ".join(dict.fromkeys(one.note for one in done if one.note)) or None
