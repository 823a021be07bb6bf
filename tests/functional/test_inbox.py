"""Polls of a platform that hands out each order once: what it gave is stored first, and survives whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.standins.gloriafood import PLAYED
from local.standins.samples import gloriafood as samples
from orderhub.errors import Quarantine, Retry
from orderhub.intake import inbox
from orderhub.intake.replay import replay_held
from orderhub.platforms.base import Page, Platform, Reading
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.registry import load
from orderhub.service import connections
from orderhub.service.listing import list_open
from orderhub.storage import config, orders, quarantine, timelines
from orderhub.storage.config import Collection
from orderhub.storage.quarantine import Held
from tests.functional.cloud import Cloud, aws, events, items, waiting
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import ADMIN, HUB_URL, STORE, Hub, function, queue_url
from tests.functional.vendors import BASE_URL

FIRST, SECOND = samples.STORE_ID, "20999"
KEYS = {restaurant: samples.poll_key(restaurant) for restaurant in (FIRST, SECOND)}
GLORIA = load("gloriafood")
Read = Callable[[Platform[Any, Any], Request, Any], Reading]


def connect(*restaurant_keys: str, **settings: Any) -> str:
    """A connection that is polled; its id."""
    new = connections.NewConnection(
        platform="gloriafood",
        name="gloriafood",
        default_store_id=STORE,
        stores={FIRST: STORE, SECOND: STORE},
        settings={"base_url": f"{BASE_URL}/gloriafood", "mode": "poll", **settings},
        credentials={**PLAYED.credentials(PLAYED.secret), "restaurant_keys": list(restaurant_keys)},
    )
    return connections.create_connection(ADMIN, new, HUB_URL, None).id


@pytest.fixture
def gloria(hub: Hub) -> str:
    hub.vendors.control("PATCH", "gloriafood/settings", {"polled_restaurants": [FIRST, SECOND]})
    return connect(KEYS[FIRST])


def wait_in_line(hub: Hub, *numbers: int, restaurant: str = FIRST, **changes: Any) -> list[str]:
    """Orders that wait to be taken off the queue; their ids."""
    made = [samples.order(n, placed_at=NOW - timedelta(minutes=60 - n), **changes) for n in numbers]
    for order in made:
        samples.at_store(order, restaurant)
    return [hub.vendors.put("gloriafood", order) for order in made]


def poll(hub: Hub, clock: Clock) -> int:
    """A minute later: the schedule, and the polls that it asks for; how many of them come back."""
    clock.wait(61)
    function("schedules.poll")({"source": "aws.scheduler"}, None)
    return hub.work("poll")


def found() -> list[str]:
    """The platform's ids of the open orders, oldest first."""
    return [order.external_id for order in list_open(ADMIN, STORE, limit=100, cursor=None).orders]


def pops(hub: Hub) -> int:
    return len(hub.vendors.made("gloriafood"))


def the_one_held() -> Held:
    (listed,) = quarantine.page().held
    return quarantine.get(listed.id)


def stored() -> Held:
    """The one body that was popped."""
    (held_id,) = (row["pk"][2:] for row in items() if row.get("kind") == "popped")
    return quarantine.get(held_id)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Request], Any]], None]:
    """Lets something happen each time the adapter is about to read."""
    real: Read = type(GLORIA).read

    def first(happens: Callable[[Request], Any]) -> None:
        def read(platform: Platform[Any, Any], request: Request, connection: Any) -> Reading:
            happens(request)
            return real(platform, request, connection)

        monkeypatch.setattr(type(GLORIA), "read", read)

    return first


Before = Callable[[Callable[[Request], Any]], None]


class Killed:
    """The process dies the first times."""

    def __init__(self, times: int = 1) -> None:
        self.left = times

    def __call__(self, _: Request) -> None:
        self.left -= 1
        if self.left >= 0:
            raise SystemExit(137)


# --- what is popped is recorded ---------------------------------------------------------------------------------------


def test_all_orders_of_a_document_are_recorded(hub: Hub, gloria: str, clock: Clock) -> None:
    made = wait_in_line(hub, 1, 2, 3)

    assert poll(hub, clock) == 0

    assert found() == made
    assert [(row["type"], row["effect"], row["actor"]) for row in events()] == [
        ("order.created", "applied", "poll")
    ] * 3
    assert (quarantine.inbox(gloria), quarantine.page().held) == ([], [])


def test_what_was_popped_is_kept_after_it_is_read(hub: Hub, gloria: str, clock: Clock) -> None:
    (made,) = wait_in_line(hub, 1)
    poll(hub, clock)

    held = stored()

    assert (held.kind, held.platform, held.connection_id, held.replayed_at) == (
        *("popped", "gloriafood", gloria),
        clock.now,
    )
    assert f'"id":{made}'.encode() in held.raw.body


def test_an_empty_queue_leaves_nothing(hub: Hub, gloria: str, clock: Clock) -> None:
    assert poll(hub, clock) == 0

    assert (pops(hub), items()) == (1, [])


def test_the_same_document_again_is_the_same_orders(hub: Hub, gloria: str, clock: Clock) -> None:
    made = wait_in_line(hub, 1, 2)
    poll(hub, clock)
    before = [row for row in items() if row.get("kind") != "popped"]
    wait_in_line(hub, 1, 2)

    assert poll(hub, clock) == 0

    assert (found(), pops(hub), quarantine.inbox(gloria)) == (made, 2, [])
    assert [row for row in items() if row.get("kind") != "popped"] == before


def test_a_document_too_large_for_an_item_is_stored_and_read_too(
    hub: Hub, gloria: str, clock: Clock, cloud: Cloud
) -> None:
    made = wait_in_line(hub, 1, instructions="x" * 310_000)

    assert poll(hub, clock) == 0

    assert found() == made
    assert aws("s3").list_objects_v2(Bucket=cloud.ids["BlobsBucket"])["KeyCount"] > 0


# --- stored before it is read -----------------------------------------------------------------------------------------


def test_a_document_is_stored_before_anybody_looks_into_it(
    hub: Hub, gloria: str, clock: Clock, reading: Before
) -> None:
    wait_in_line(hub, 1)
    seen: list[tuple[bool, str]] = []

    def look(request: Request) -> None:
        (held_id,) = quarantine.inbox(gloria)
        seen.append((quarantine.get(held_id).raw.body == request.body, quarantine.get(held_id).kind))

    reading(look)
    poll(hub, clock)

    assert seen == [(True, "popped")]


def test_what_is_stored_and_not_read_yet_is_not_for_people(
    hub: Hub, gloria: str, clock: Clock, reading: Before, metrics: Metrics
) -> None:
    wait_in_line(hub, 1)
    seen: list[list[Held]] = []
    reading(lambda _: seen.append(quarantine.page().held))

    poll(hub, clock)

    assert seen == [[]]
    assert "Quarantined gloriafood" not in metrics()


def test_a_process_that_dies_before_it_has_read_loses_nothing(
    hub: Hub, gloria: str, clock: Clock, reading: Before
) -> None:
    made = wait_in_line(hub, 1, 2)
    reading(Killed())
    with pytest.raises(SystemExit):
        poll(hub, clock)
    assert (found(), len(quarantine.inbox(gloria))) == ([], 1)

    assert poll(hub, clock) == 0

    assert found() == made
    assert (quarantine.inbox(gloria), quarantine.page().held, pops(hub)) == ([], [], 2)


def test_a_process_that_dies_again_and_again_loses_nothing(
    hub: Hub, gloria: str, clock: Clock, reading: Before
) -> None:
    made = wait_in_line(hub, 1)
    reading(Killed(3))
    for _ in range(3):
        with pytest.raises(SystemExit):
            poll(hub, clock)

    assert (poll(hub, clock), found(), quarantine.inbox(gloria)) == (0, made, [])


def test_a_process_that_dies_between_two_orders_records_each_once(
    hub: Hub, gloria: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = wait_in_line(hub, 1, 2, 3), orders.write
    with monkeypatch.context() as dying:
        lives = iter([real])

        def write(*given: Any, **named: Any) -> Any:
            try:
                return next(lives)(*given, **named)
            except StopIteration:
                raise SystemExit(137) from None

        dying.setattr(orders, "write", write)
        with pytest.raises(SystemExit):
            poll(hub, clock)
    assert len(found()) == 1

    assert poll(hub, clock) == 0

    assert found() == made
    assert [(row["type"], row["effect"]) for row in events()] == [("order.created", "applied")] * 3


def test_while_the_database_is_busy_the_poll_comes_back_and_nothing_is_lost(
    hub: Hub, gloria: str, clock: Clock, reading: Before
) -> None:
    made, busy = wait_in_line(hub, 1), iter([True])

    def read(_: Request) -> None:
        if next(busy, False):
            raise Retry("DynamoDB is busy")

    reading(read)
    assert poll(hub, clock) == 1
    clock.wait(30)

    assert (hub.work("poll"), found(), pops(hub)) == (0, made, 2)


def test_what_was_left_over_is_read_oldest_first_and_before_anything_new(
    hub: Hub, gloria: str, clock: Clock, reading: Before
) -> None:
    connection = hub.connection(gloria)
    for n in (7, 2, 5):
        clock.wait(1)
        document = samples.wire(samples.document(samples.order(n, placed_at=NOW)))
        inbox.keep(document, GLORIA, connection, clock.now)
    wait_in_line(hub, 1)
    read: list[int] = []
    reading(lambda request: read.append(request.json()["orders"][0]["id"] - 5_000_000))

    poll(hub, clock)

    assert read == [7, 2, 5, 1]


def test_what_was_left_over_by_one_connection_is_not_read_by_another(hub: Hub, gloria: str, clock: Clock) -> None:
    other = connect(KEYS[SECOND])
    document = samples.wire(samples.document(samples.order(1, placed_at=NOW)))
    inbox.keep(document, GLORIA, hub.connection(gloria), clock.now)

    inbox.take_kept(GLORIA, hub.connection(other), clock.now)

    assert (found(), len(quarantine.inbox(gloria))) == ([], 1)


# --- what cannot be read ----------------------------------------------------------------------------------------------


def test_a_body_that_cannot_be_read_ends_in_quarantine_and_raises_the_alarm(
    hub: Hub, gloria: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, metrics: Metrics
) -> None:
    body = b'{"count": 1, "orders": [{"id": 1'
    page = iter([Page(cursor={"next": "0"}, body=body)])
    monkeypatch.setattr(type(GLORIA), "poll", lambda *_: next(page, Page(cursor={"next": "0"})))

    assert poll(hub, clock) == 0

    held = the_one_held()
    assert held == Held(
        id=held.id,
        platform="gloriafood",
        connection_id=gloria,
        kind="popped",
        reason=held.reason,
        at=clock.now,
        raw=held.raw,
        about={"method": "POST", "path": "/", "query": {}},
    )
    assert (held.raw.body, "JSON" in held.reason) == (body, True)
    assert quarantine.inbox(gloria) == []
    assert metrics()["Quarantined gloriafood"] == [1]


def test_what_is_in_quarantine_is_not_read_with_each_poll(
    hub: Hub, gloria: str, clock: Clock, reading: Before, metrics: Metrics
) -> None:
    wait_in_line(hub, 1)
    read: list[Request] = []

    def fails(request: Request) -> None:
        read.append(request)
        raise Quarantine("too odd")

    reading(fails)
    for _ in range(3):
        poll(hub, clock)

    assert (len(read), the_one_held().reason) == (1, "too odd")
    assert metrics()["Quarantined gloriafood"] == [1]


@pytest.mark.parametrize("failure", [KeyError("id"), RecursionError(), Quarantine("too odd")])
def test_what_our_own_adapter_cannot_read_is_kept_and_read_when_it_is_mended(
    hub: Hub, gloria: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    made = wait_in_line(hub, 1, 2)
    with monkeypatch.context() as broken:

        def read(*_: Any) -> Reading:
            raise failure

        broken.setattr(type(GLORIA), "read", read)
        assert poll(hub, clock) == 0
    assert found() == []

    results = replay_held(the_one_held().id, clock.now)

    assert ([one.effect for one in results], found()) == (["applied"] * 2, made)
    assert quarantine.page().held == []


def test_of_several_orders_the_one_that_cannot_be_read_is_held_alone(
    hub: Hub, gloria: str, clock: Clock, metrics: Metrics
) -> None:
    first, odd, third = (*wait_in_line(hub, 1), *wait_in_line(hub, 2, total_price="much"), *wait_in_line(hub, 3))
    metrics()

    assert poll(hub, clock) == 0

    held = the_one_held()
    assert found() == [first, third]
    assert (held.kind, held.platform, held.connection_id) == ("row", "gloriafood", gloria)
    told = Request("POST", "/", {}, {}, held.raw.body, NOW).json()
    assert (str(told["id"]), told["total_price"], "orders" in told) == (odd, "much", False)
    assert (quarantine.inbox(gloria), metrics()["Quarantined gloriafood"]) == ([], [1])


def test_an_order_held_alone_can_be_replayed_by_itself(
    hub: Hub, gloria: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [*wait_in_line(hub, 1), *wait_in_line(hub, 2, total_price="much")]
    poll(hub, clock)
    held, plain = the_one_held(), type(GLORIA).to_order

    def mended(platform: Any, payload: Any, connection: Any) -> Any:
        return plain(platform, {**payload, "total_price": 10}, connection)

    monkeypatch.setattr(type(GLORIA), "to_order", mended)
    replay_held(held.id, clock.now)

    assert (found(), quarantine.page().held) == (made, [])


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_secret_of_the_body_is_stored_anywhere(hub: Hub, gloria: str, clock: Clock) -> None:
    menu_key = PLAYED.credentials("")["menu_key"]
    first, _ = wait_in_line(hub, 1, instructions=f"my {menu_key}"), wait_in_line(hub, 2, total_price="much")
    poll(hub, clock)
    order_id = hub.connection(gloria).order_id(*first)

    (event,) = hub.timeline(order_id)
    received = timelines.received(order_id, event.key)

    assert received is not None
    bodies = (stored().raw.body, the_one_held().raw.body, received.body)
    assert [body.count(b'"restaurant_key":"***"') for body in bodies] == [2, 1, 1]
    assert [secret for secret in (KEYS[FIRST], menu_key) for body in bodies if secret.encode() in body] == []
    assert hub.order(order_id).notes == "my ***"


# --- troubles, and how often ------------------------------------------------------------------------------------------


def test_a_restaurant_that_cannot_be_asked_is_told_of_and_keeps_no_other_waiting(
    hub: Hub, gloria: str, clock: Clock, metrics: Metrics, logged: Callable[[], str]
) -> None:
    connections.change_connection(ADMIN, gloria, connections.ConnectionChange(active=False), HUB_URL, None)
    connect("revoked", KEYS[SECOND])
    made = wait_in_line(hub, 1, restaurant=SECOND)
    metrics()

    assert poll(hub, clock) == 0

    assert found() == made
    assert metrics()["ActionFailed gloriafood"] == [1]
    assert "not all could be asked" in logged()
    assert "restaurant key 1 of 2: GloriaFood answered 401" in logged()


def test_a_page_without_trouble_counts_no_failure(hub: Hub, gloria: str, clock: Clock, metrics: Metrics) -> None:
    poll(hub, clock)

    assert "ActionFailed gloriafood" not in metrics()


def test_a_connection_is_polled_as_often_as_its_settings_say(hub: Hub, gloria: str, clock: Clock) -> None:
    connect(KEYS[SECOND], mode="push")

    function("schedules.poll")({"source": "aws.scheduler"}, None)

    assert waiting(queue_url("poll")) == [{"connection_id": gloria, "platform": "gloriafood"}]


def test_a_connection_that_is_due_every_minute_is_polled_by_each_minute_s_schedule(
    hub: Hub, gloria: str, clock: Clock
) -> None:
    sent = []
    for seconds in (60.3, 59.8, 60, 59.9):  # it is never on the dot
        function("schedules.poll")({"source": "aws.scheduler"}, None)
        sent.append(len(waiting(queue_url("poll"))))
        clock.wait(seconds)

    assert sent == [1, 1, 1, 1]


def test_a_connection_whose_settings_do_not_fit_keeps_no_other_from_being_polled(hub: Hub, gloria: str) -> None:
    odd = {"platform": "gloriafood", "name": "x", "default_store": {"id": STORE}, "settings": {"mode": "guess"}}
    config.put(Collection.CONNECTIONS, "con_odd", odd)

    function("schedules.poll")({"source": "aws.scheduler"}, None)

    assert {body["connection_id"] for body in waiting(queue_url("poll"))} == {gloria, "con_odd"}


def test_a_platform_that_hands_out_orders_twice_stores_no_bodies(hub: Hub, square: str, clock: Clock) -> None:
    assert poll(hub, clock) == 0

    assert [row for row in items() if row.get("kind") == "popped"] == []


def test_the_answer_that_a_push_would_get_goes_nowhere(
    hub: Hub, gloria: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_in_line(hub, 1)
    monkeypatch.setattr(type(GLORIA), "read", lambda *_: Reading([], Answer(500, "no")))

    assert poll(hub, clock) == 0
    assert quarantine.inbox(gloria) == []
