"""Webhooks of platforms that do not send again: when the table does not take them, a queue keeps them until it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.standins.played import played
from orderhub.errors import Retry
from orderhub.storage import bulk, quarantine, timelines
from tests.functional.cloud import waiting
from tests.functional.hub import Hub, Reply, queue_url

LATER = Reply(503, '{"error":"TRY_AGAIN"}', {"content-type": "application/json", "retry-after": "5"})
KEPT = Reply(202, "", {})
PLAYED = played()["doordash"]

Mend = Callable[[], None]


@pytest.fixture
def doordash(hub: Hub) -> str:
    hub.add_store()
    return hub.connect("doordash")


@pytest.fixture(params=[Retry("the table is away"), ZeroDivisionError("a bug")], ids=["away", "a bug"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """Nothing can be written; returns what mends that."""

    def refuse(*_: Any, **__: Any) -> None:
        raise request.param

    monkeypatch.setattr(bulk, "transact", refuse)
    monkeypatch.setattr(quarantine, "put", refuse)
    return monkeypatch.undo


def tell(hub: Hub, connection_id: str) -> Reply:
    return hub.tell(connection_id, PLAYED.first, PLAYED.order(1), "delivery-1")


def order_id(hub: Hub, connection_id: str) -> str:
    return hub.connection(connection_id).order_id(*PLAYED.identity_of(PLAYED.order(1)))


def test_what_cannot_be_recorded_is_kept(hub: Hub, doordash: str, broken: Mend) -> None:
    assert tell(hub, doordash) == KEPT
    assert hub.work("record_late") == 1, "it comes back for as long as the table is away"
    broken()


def test_it_is_the_order_that_came_and_counts_once(hub: Hub, doordash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as away:
        away.setattr(bulk, "transact", lambda *_: (_ for _ in ()).throw(Retry("away")))
        assert tell(hub, doordash) == KEPT
        assert tell(hub, doordash) == KEPT

    assert hub.work("record_late") == 0

    found = order_id(hub, doordash)
    assert [kind for kind, _ in hub.told(found)] == ["order.created"]
    assert hub.order(found).items


def test_its_proof_is_not_kept(hub: Hub, doordash: str, broken: Mend) -> None:
    tell(hub, doordash)
    broken()

    (kept,) = waiting(queue_url("record_late"))

    assert PLAYED.secret not in str(kept)
    assert (kept["platform"], kept["connection_id"]) == ("doordash", doordash)


def test_a_large_one_lies_in_the_bucket(hub: Hub, doordash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    order = PLAYED.order(1)
    order["order"]["padding"] = "".join(chr(33 + n * 7919 % 90) for n in range(600_000))
    with monkeypatch.context() as away:
        away.setattr(bulk, "transact", lambda *_: (_ for _ in ()).throw(Retry("away")))
        away.setattr("orderhub.intake.late._LARGEST", 1000)
        assert hub.tell(doordash, PLAYED.first, order, "delivery-1") == KEPT

    assert hub.work("record_late") == 0
    assert hub.order(order_id(hub, doordash)).items


def test_one_that_cannot_be_read_late_goes_to_quarantine(
    hub: Hub, doordash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(quarantine, "put", lambda *_: (_ for _ in ()).throw(Retry("away")))
        assert hub.send(doordash, b'{"event": {"type": "OrderCreate"}, "order": 5}') == KEPT

    assert hub.work("record_late") == 0
    (held,) = quarantine.page().held
    assert (held.platform, held.kind) == ("doordash", "request")


def test_when_the_queue_is_away_too_nothing_is_promised(
    hub: Hub, doordash: str, broken: Mend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderhub.storage.queues.send", lambda *_: (_ for _ in ()).throw(Retry("away")))

    assert tell(hub, doordash) == LATER
    broken()


def test_a_platform_that_sends_again_is_asked_to(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add_store()
    square = hub.connect("square")
    monkeypatch.setattr(timelines, "add_event", lambda *_: (_ for _ in ()).throw(Retry("away")))

    reply = hub.tell(square, played()["square"].first, played()["square"].order(1), "delivery-1")

    assert reply == LATER
    assert waiting(queue_url("record_late")) == []
