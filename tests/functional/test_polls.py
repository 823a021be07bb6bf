"""Polling: what no webhook told is found, once, and nothing between two pages is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.standins.samples import square as samples
from orderhub.errors import Quarantine
from orderhub.intake import record as recording
from orderhub.order.messages import InboundMessage, OrderReference
from orderhub.order.status import Status
from orderhub.order.times import sortable
from orderhub.platforms.base import Page
from orderhub.platforms.registry import load
from orderhub.service import connections
from orderhub.service.connections import ConnectionChange
from orderhub.service.listing import list_open
from orderhub.storage import config, quarantine
from orderhub.storage.aws import client
from orderhub.storage.config import Collection
from tests.functional.cloud import aws, events, items, waiting
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import ADMIN, HUB_URL, STORE, Hub, function, queue_url, sqs_record
from tests.functional.vendors import PLATFORMS

MINUTE = timedelta(minutes=1)


def schedule() -> None:
    function("schedules.poll")({"source": "aws.scheduler"}, None)


def poll(hub: Hub) -> int:
    """The schedule's minute, and the polls that it asks for; how many of them come back."""
    schedule()
    return hub.work("poll")


def hold(hub: Hub, count: int) -> list[str]:
    """Square holds orders of which no webhook came; their ids."""
    return [hub.vendors.put("square", samples.order(n, placed_at=NOW - (60 - n) * MINUTE)) for n in range(1, count + 1)]


def found() -> list[str]:
    """The platform's ids of the open orders, oldest first."""
    return [order.external_id for order in list_open(ADMIN, STORE, limit=100, cursor=None).orders]


def cursor_of(connection_id: str) -> dict[str, Any]:
    entry = config.get(Collection.CURSORS, connection_id)
    return dict(entry.document) if entry is not None else {}


def searches(hub: Hub) -> list[Any]:
    """The bodies of the searches that were made."""
    return [call["body"] for call in hub.vendors.calls("square") if call["path"].endswith("/search")]


# --- when -------------------------------------------------------------------------------------------------------------


def test_each_connection_that_is_due_is_polled(hub: Hub, square: str, uber: str, shopify: str) -> None:
    schedule()

    assert sorted(waiting(queue_url("poll")), key=str) == sorted(
        [
            {"connection_id": square, "platform": "square"},
            {"connection_id": uber, "platform": "uber_eats"},
            {"connection_id": shopify, "platform": "shopify"},
        ],
        key=str,
    )


def test_a_connection_is_polled_once_in_an_interval(hub: Hub, square: str, clock: Clock) -> None:
    sent = []
    for _ in range(12):
        schedule()
        sent.append(len(waiting(queue_url("poll"))))
        clock.wait(61)

    assert sent == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]


def test_a_connection_that_is_switched_off_is_not_polled(hub: Hub, square: str) -> None:
    connections.change_connection(ADMIN, square, ConnectionChange(active=False), HUB_URL, None)

    schedule()

    assert waiting(queue_url("poll")) == []


def test_a_platform_that_cannot_be_polled_is_not(hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(load("square")), "poll_every", None)

    schedule()

    assert waiting(queue_url("poll")) == []


def test_no_connection_is_no_poll(hub: Hub) -> None:
    schedule()

    assert waiting(queue_url("poll")) == []


def test_how_late_a_poll_is_is_measured(hub: Hub, square: str, clock: Clock, metrics: Metrics) -> None:
    poll(hub)
    metrics()
    clock.wait(minutes=4)
    schedule()
    early = metrics()
    clock.wait(minutes=4)
    schedule()

    assert (early, metrics()) == ({"PollLagSeconds square": [0]}, {"PollLagSeconds square": [180]})


def test_a_connection_of_a_platform_that_is_no_more_keeps_no_other_from_being_polled(hub: Hub, square: str) -> None:
    gone = {"platform": "long_gone", "name": "x", "default_store": {"id": STORE}}
    config.put(Collection.CONNECTIONS, "con_gone", gone)

    schedule()

    assert waiting(queue_url("poll")) == [{"connection_id": square, "platform": "square"}]


# --- what -------------------------------------------------------------------------------------------------------------


def test_orders_whose_webhooks_never_came_are_found(hub: Hub, square: str, metrics: Metrics) -> None:
    held = hold(hub, 3)
    metrics()

    assert poll(hub) == 0

    assert found() == held
    assert [(row["type"], row["effect"], row["actor"]) for row in events()] == [
        ("order.created", "applied", "poll")
    ] * 3
    counted = metrics()
    assert (counted["PollRows square"], counted["OrdersReceived square"]) == ([3], [1, 1, 1])


def test_a_sale_at_the_counter_that_no_webhook_tells_is_found(hub: Hub, square: str) -> None:
    hub.vendors.put("square", samples.pos_order(1, placed_at=NOW - MINUTE))

    poll(hub)

    (order,) = (row for row in items() if row["sk"] == "ORDER")
    assert order["status"] == Status.COMPLETED


def test_what_is_known_already_leaves_no_event(hub: Hub, square: str, clock: Clock) -> None:
    hold(hub, 2)
    poll(hub)
    before = items()
    clock.wait(minutes=6)

    assert poll(hub) == 0

    assert len(searches(hub)) == 2
    assert items() == before


def test_what_a_webhook_told_is_not_told_again(hub: Hub, square: str) -> None:
    hub.receive(square)
    before = items()

    poll(hub)

    assert items() == before


def test_what_has_changed_is_applied(hub: Hub, square: str, clock: Clock) -> None:
    (held,) = hold(hub, 1)
    poll(hub)
    clock.wait(minutes=6)
    hub.vendors.control("PATCH", f"square/orders/{held}", {"ticket_name": "Z99"})

    poll(hub)

    (order,) = list_open(ADMIN, STORE, limit=10, cursor=None).orders
    assert (order.display_id, order.version) == ("Z99", 2)


def test_a_row_that_cannot_be_read_goes_to_quarantine_by_itself(hub: Hub, square: str) -> None:
    good, bad = hold(hub, 2)
    hub.vendors.control("PATCH", f"square/orders/{bad}", {"line_items": "none", "updated_at": "2026-10-05T14:59:00Z"})

    poll(hub)
    hub.run()

    assert found() == [good]
    (held,) = quarantine.page().held
    assert (held.kind, bad.encode() in quarantine.get(held.id).raw.body) == ("row", True)


def test_a_row_that_cannot_be_recorded_goes_to_quarantine_and_the_rest_is_taken(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = hold(hub, 2)
    real = recording.record

    def record(message: Any, *given: Any) -> Any:
        if message.order.external_id == first:
            raise Quarantine("too odd to keep")
        return real(message, *given)

    monkeypatch.setattr("orderhub.actions.poll_connection.record", record)

    assert poll(hub) == 0

    (held,) = quarantine.page().held
    assert (held.kind, held.reason) == ("row", "too odd to keep")
    assert first.encode() in quarantine.get(held.id).raw.body
    assert found() == [second]


# --- references -------------------------------------------------------------------------------------------------------


def rows(*messages: InboundMessage) -> Callable[..., Page]:
    def poll_once(*_: Any) -> Page:
        return Page(list(messages), {"since": "now"})

    return poll_once


@pytest.mark.parametrize(
    ("version", "asked"),
    [("00000000000000000000", 0), ("00000000000000000001", 0), ("00000000000000000002", 1), (None, 1)],
)
def test_a_reference_to_what_we_hold_in_that_version_is_not_fetched(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch, version: str | None, asked: int
) -> None:
    order_id = hub.receive(square)
    known = hub.order(order_id)
    assert known.source_version == "00000000000000000001"
    row = OrderReference(delivery_key="row-1", source_version=version, external_id=known.external_id)
    monkeypatch.setattr(type(load("square")), "poll", rows(row))

    poll(hub)
    hub.dispatch()

    assert len(waiting(queue_url("fetch_order"))) == asked


def test_a_reference_to_what_we_do_not_hold_is_fetched(hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (held,) = hold(hub, 1)
    row = OrderReference(delivery_key="row-1", source_version="1", external_id=held)
    monkeypatch.setattr(type(load("square")), "poll", rows(row))

    poll(hub)
    hub.run()

    assert found() == [held]


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def paged(hub: Hub) -> str:
    return hub.connect("square", settings={"poll_page_size": 2})


def test_a_poll_goes_on_until_the_last_page(hub: Hub, paged: str) -> None:
    held = hold(hub, 5)

    assert poll(hub) == 0

    assert found() == held
    assert len(searches(hub)) == 3
    assert cursor_of(paged) == {"cursor": {"since": sortable(NOW)}, "polled_at": sortable(NOW)}


def test_the_cursor_moves_only_when_a_page_is_stored(
    hub: Hub, paged: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = hold(hub, 4)
    real = client("dynamodb").transact_write_items
    with monkeypatch.context() as broken:
        answers = iter([True, True, True])

        def transact(**given: Any) -> Any:
            if next(answers, False):
                return real(**given)
            raise ClientError({"Error": {"Code": "InternalServerError"}}, "TransactWriteItems")

        broken.setattr(client("dynamodb"), "transact_write_items", transact)
        assert poll(hub) == 1

    assert found() == held[:3]
    assert cursor_of(paged)["cursor"]["page"]
    clock.wait(30)
    assert hub.work("poll") == 0

    assert found() == held
    pages = [search.get("cursor") for search in searches(hub)]
    assert pages == [None, pages[1], pages[1]]


def test_a_poll_that_takes_long_leaves_the_rest_to_the_next_message(
    hub: Hub, paged: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = hold(hub, 6)
    real = type(load("square")).poll

    def slow(*given: Any) -> Page:
        clock.wait(30)
        return real(*given)

    monkeypatch.setattr(type(load("square")), "poll", slow)
    schedule()
    (message,) = aws("sqs").receive_message(QueueUrl=queue_url("poll"), AttributeNames=["All"])["Messages"]

    answer = function("actions.poll_connection")({"Records": [sqs_record(message)]}, None)

    assert (answer, found()) == ({"batchItemFailures": []}, held[:4])
    assert hub.work("poll") == 0
    assert found() == held


def test_a_platform_that_is_busy_is_polled_again_from_the_same_place(hub: Hub, square: str, clock: Clock) -> None:
    (held,) = hold(hub, 1)
    hub.vendors.fault("square", match={"path_contains": "search"}, status=503, times=1)

    assert poll(hub) == 1
    assert "polled_at" not in cursor_of(square)

    clock.wait(30)
    assert (hub.work("poll"), found()) == (0, [held])


def test_one_connection_that_fails_delays_no_other(hub: Hub, square: str) -> None:
    hold(hub, 2)
    wrong: Mapping[str, Any] = {**PLATFORMS["square"].credentials("key"), "access_token": "revoked"}
    hub.connect("square", name="other", credentials=dict(wrong))

    assert poll(hub) == 1

    assert len(found()) == 2


def test_messages_of_a_page_are_taken_in_their_order(hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    messages: Sequence[InboundMessage] = [
        OrderReference(delivery_key=f"row-{number}", external_id=f"E{number}") for number in range(3)
    ]
    monkeypatch.setattr(type(load("square")), "poll", rows(*messages))
    monkeypatch.setattr(
        "orderhub.actions.poll_connection.record", lambda message, *_: taken.append(message.delivery_key)
    )

    poll(hub)

    assert taken == ["row-0", "row-1", "row-2"]
