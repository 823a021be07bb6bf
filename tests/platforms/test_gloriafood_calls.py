"""What GloriaFood is asked, beyond the recorded exchanges: whole rounds of keys, and what is handed on untouched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from orderhub.errors import HubError, Misconfigured, Reject, Retry, Unsupported
from orderhub.order.messages import OrderSnapshot
from orderhub.platforms.base import Page
from orderhub.platforms.gloriafood import PLATFORM
from orderhub.platforms.http_types import Reply, Request
from tests.platforms.conformance import NOW, connection_for
from tests.platforms.samples import AnyConnection

DOCUMENT = b'{"count": 1,\n "orders": [{"id": 5, "status": "accepted", "type": "pickup", "total_price": 75.660}]}\n'


class Queues:
    """What waits under each restaurant key: bodies to hand out, or errors to raise; nothing under any other."""

    def __init__(self, **waiting: bytes | HubError) -> None:
        self.waiting = waiting
        self.asked: list[tuple[str, str, Mapping[str, str] | None, Any]] = []

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        self.asked.append((method, path, headers, json))
        found = self.waiting.get((headers or {})["Authorization"], b'{"count":0,"orders":[]}')
        if isinstance(found, HubError):
            raise found
        return Reply(200, {}, found)

    def remembered(self, *_: Any, **__: Any) -> Reply:
        raise AssertionError("nothing here is remembered")


def polled(*keys: str) -> AnyConnection:
    return connection_for("gloriafood", {"restaurant_keys": list(keys)}, {"mode": "poll"})


def round_of(connection: AnyConnection, http: Queues) -> list[Page]:
    """The pages of one poll, from the start of a round to its end."""
    pages = [PLATFORM.poll({}, connection, http, NOW)]
    while pages[-1].more:
        pages.append(PLATFORM.poll(pages[-1].cursor, connection, http, NOW))
    return pages


def test_a_pop_has_the_bare_key_the_version_and_no_body() -> None:
    http = Queues()

    PLATFORM.poll({}, polled("8yCPCvb3dDo1k"), http, NOW)

    headers = {"Authorization": "8yCPCvb3dDo1k", "Glf-Api-Version": "2", "Accept": "application/json"}
    assert http.asked == [("POST", "/pos/order/pop", headers, None)]


def test_what_was_popped_is_handed_on_untouched_and_unread() -> None:
    assert PLATFORM.poll({}, polled("a"), Queues(a=DOCUMENT), NOW) == Page(cursor={"next": "0"}, body=DOCUMENT)


def test_what_was_popped_is_read_like_what_is_pushed() -> None:
    body = PLATFORM.poll({}, polled("a"), Queues(a=DOCUMENT), NOW).body or b""

    (message,) = PLATFORM.read(Request("POST", "/", {}, {}, body, NOW), polled("a")).messages

    assert isinstance(message, OrderSnapshot)
    assert message.order.amounts.total == 7566


@pytest.mark.parametrize(
    "body", [b'{"count":0,"orders":[]}', b'{"count": 0}', b'{"count":0,"orders":null}', b'{"orders":[]}', b"", b" \n"]
)
def test_an_empty_queue_leaves_nothing_to_keep(body: bytes) -> None:
    assert PLATFORM.poll({}, polled("a"), Queues(a=body), NOW).body is None


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"count":1}', b"{}", b"[]", b'{"count":0,"orders":[{"id":1}]}', b'{"error":"no"}', b"\xff"]
)
def test_what_is_not_surely_empty_is_kept(body: bytes) -> None:
    assert PLATFORM.poll({}, polled("a"), Queues(a=body), NOW).body == body


def test_each_key_has_its_turn_in_a_round_and_no_cursor_knows_a_key() -> None:
    http = Queues(north=DOCUMENT)

    pages = round_of(polled("north", "south", "west"), http)

    assert [headers["Authorization"] for _, _, headers, _ in http.asked if headers] == ["north", "south", "west"]
    assert [page.cursor for page in pages] == [{"next": "1"}, {"next": "2"}, {"next": "0"}]
    assert [page.body for page in pages] == [DOCUMENT, None, None]


@pytest.mark.parametrize("error", [Misconfigured("refused"), Retry("timed out"), Reject("HTTP_404", "not there")])
def test_what_one_key_meets_is_told_and_does_not_keep_the_others_waiting(error: HubError) -> None:
    pages = round_of(polled("north", "south", "west"), Queues(south=error, west=DOCUMENT))

    assert [page.trouble for page in pages] == [None, f"restaurant key 2 of 3: {error}", None]
    assert pages[2].body == DOCUMENT


@pytest.mark.parametrize("error", [Misconfigured("refused"), Retry("timed out"), Reject("HTTP_404", "not there")])
def test_what_the_only_key_meets_is_raised(error: HubError) -> None:
    with pytest.raises(type(error)):
        PLATFORM.poll({}, polled("a"), Queues(a=error), NOW)


def test_polling_without_a_key_is_a_mistake_that_is_told() -> None:
    with pytest.raises(Misconfigured, match="no restaurant key"):
        PLATFORM.poll({}, polled(), Queues(), NOW)


def test_a_connection_is_not_tried_by_taking_orders_off_its_queue() -> None:
    http = Queues()

    with pytest.raises(Unsupported, match="menu_key"):
        PLATFORM.verify_connection(polled("a"), http)

    assert http.asked == []
