"""Orders that a platform only named: fetched, refused, or not understood."""

from __future__ import annotations

from typing import Any

import pytest

from orderhub.intake.replay import replay_held
from orderhub.order.events import Raw
from orderhub.order.status import Status
from orderhub.platforms.registry import load
from orderhub.storage import quarantine, timelines
from tests.functional.cloud import items, waiting
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import Hub, queue_url
from tests.functional.vendors import PLATFORMS


def announce(hub: Hub, connection_id: str, event: str | None = None, key: str = "delivery-1", **changes: Any) -> str:
    """The platform names its first order, which the stand-in may hold or not; its id here."""
    played = PLATFORMS[hub.slug(connection_id)]
    order = played.order(1)
    order = {**order.get("order", order), **changes}
    assert hub.tell(connection_id, event or played.first, order, key).status == 200
    return hub.connection(connection_id).order_id(played.external_id(order))


def held_by_vendor(hub: Hub, slug: str, **changes: Any) -> dict[str, Any]:
    order = PLATFORMS[slug].order(1)
    hub.vendors.put(slug, order)
    if changes:
        hub.vendors.control("PATCH", f"{slug}/orders/{PLATFORMS[slug].external_id(order)}", changes)
    return order


# --- fetched ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["uber_eats", "square"])
def test_an_order_that_was_named_is_fetched_and_recorded(hub: Hub, slug: str) -> None:
    order = held_by_vendor(hub, slug)
    connection_id = hub.connect(slug)
    order_id = announce(hub, connection_id)

    assert hub.run() == 0

    expected = load(slug).to_order(order, hub.connection(connection_id))
    found = hub.order(order_id)
    assert (found.id, found.status, found.version) == (order_id, Status.INCOMING, 1)
    assert (found.items, found.amounts) == (expected.items, expected.amounts)
    assert hub.told(order_id) == [("order.referenced", "applied"), ("order.created", "applied")]


def test_what_was_fetched_is_kept_with_the_event(hub: Hub, square: str) -> None:
    order_id = hub.receive(square)
    created = next(event for event in hub.timeline(order_id) if event.type == "order.created")

    raw = timelines.received(order_id, created.key)

    assert isinstance(raw, Raw)
    assert b'"line_items"' in raw.body
    assert created.cause.actor == "fetch"


def test_an_uber_order_is_to_be_accepted_in_time(hub: Hub, uber: str) -> None:
    order = hub.order(hub.receive(uber))

    assert order.placed_at is not None
    assert order.accept_by is not None
    assert (order.accept_by - order.placed_at).total_seconds() == 690


def test_the_same_notification_worked_on_twice_makes_one_order(hub: Hub, square: str) -> None:
    order_id = hub.receive(square)
    before = items()
    hub.dispatched.clear()

    hub.run()

    assert items() == before
    assert hub.order(order_id).version == 1


def test_a_version_that_we_hold_is_not_fetched_again(hub: Hub, square: str) -> None:
    order_id = hub.receive(square)
    calls = len(hub.vendors.made("square"))
    announce(hub, square, "order.updated", key="delivery-2")

    assert hub.run() == 0

    assert len(hub.vendors.made("square")) == calls
    assert hub.order(order_id).version == 1


def test_where_notifications_tell_no_version_of_the_order_each_is_fetched(hub: Hub, uber: str, clock: Clock) -> None:
    hub.receive(uber)
    clock.wait(60)
    announce(hub, uber, key="delivery-2")

    hub.run()

    assert len(hub.vendors.made("uber_eats")) == 2


def test_a_newer_version_is_fetched_and_applied(hub: Hub, square: str, clock: Clock) -> None:
    order_id = hub.receive(square)
    clock.wait(60)
    held_by_vendor(hub, "square", ticket_name="Z99")
    announce(hub, square, "order.updated", key="delivery-2", version=2)

    hub.run()

    assert (hub.order(order_id).version, hub.order(order_id).display_id) == (2, "Z99")


def test_what_was_fetched_too_early_is_fetched_again_when_its_version_is_told(
    hub: Hub, square: str, clock: Clock
) -> None:
    order_id = hub.receive(square)
    clock.wait(60)
    announce(hub, square, "order.updated", key="delivery-2", version=2)  # and Square still shows version 1
    hub.run()
    held_by_vendor(hub, "square", ticket_name="Z99")
    announce(hub, square, "order.updated", key="delivery-3", version=2)

    hub.run()

    assert hub.order(order_id).display_id == "Z99"


# --- not fetched ------------------------------------------------------------------------------------------------------


def test_an_order_the_platform_does_not_give_is_a_line_in_the_timeline(hub: Hub, uber: str) -> None:
    order_id = announce(hub, uber)

    assert hub.run() == 1

    failed = next(event for event in hub.timeline(order_id) if event.type == "fetch.failed")
    assert failed.effect == "failed"
    assert failed.summary == {
        "code": "RESOURCE_NOT_FOUND",
        "reason": "Uber Eats answered 404 resource_not_found: Order not found",
    }


def test_the_failure_is_told_once_however_often_it_is_tried(hub: Hub, uber: str, clock: Clock) -> None:
    order_id = announce(hub, uber)
    for _ in range(3):
        hub.run()
        clock.wait(60)

    assert len(hub.vendors.made("uber_eats")) == 3
    assert [kind for kind, _ in hub.told(order_id)].count("fetch.failed") == 1


def test_an_order_that_the_platform_gives_after_all_is_recorded(hub: Hub, uber: str, clock: Clock) -> None:
    order_id = announce(hub, uber)
    hub.run()
    held_by_vendor(hub, "uber_eats")
    clock.wait(60)

    assert hub.run() == 0
    assert hub.order(order_id).status is Status.INCOMING


def test_an_order_that_is_none_to_act_on_is_left_alone(hub: Hub, square: str) -> None:
    order_id = announce(hub, square)  # Square answers 404: a sample of its console

    assert hub.run() == 0

    assert hub.told(order_id) == [("order.referenced", "applied")]


def test_a_draft_is_left_alone(hub: Hub, square: str) -> None:
    held_by_vendor(hub, "square", state="DRAFT")
    order_id = announce(hub, square)

    assert hub.run() == 0

    assert hub.told(order_id) == [("order.referenced", "applied")]


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_platform_that_is_busy_is_asked_again(hub: Hub, uber: str, clock: Clock, status: int) -> None:
    held_by_vendor(hub, "uber_eats")
    hub.vendors.fault("uber_eats", match={"method": "GET"}, status=status, times=2)
    order_id = announce(hub, uber)

    comes_back = []
    for _ in range(3):
        comes_back.append(hub.run())
        clock.wait(60)

    assert comes_back == [1, 1, 0]
    assert hub.order(order_id).status is Status.INCOMING


def test_a_platform_that_does_not_answer_is_asked_again(hub: Hub, uber: str, clock: Clock) -> None:
    held_by_vendor(hub, "uber_eats")
    hub.vendors.down = True
    order_id = announce(hub, uber)
    assert hub.run() == 1

    hub.vendors.down = False
    clock.wait(60)

    assert hub.run() == 0
    assert hub.order(order_id).status is Status.INCOMING


def test_refused_credentials_are_tried_again_slowly(hub: Hub, clock: Clock) -> None:
    held_by_vendor(hub, "square")
    wrong = {"signature_keys": ["key"], "access_token": "revoked"}
    announce(hub, hub.connect("square", credentials=wrong))
    assert hub.run() == 1

    clock.wait(295)
    assert (hub.run(), len(hub.vendors.made("square"))) == (0, 1)
    clock.wait(10)
    assert hub.run() == 1


def test_an_order_that_cannot_be_mapped_goes_to_quarantine_whole(hub: Hub, uber: str, metrics: Metrics) -> None:
    held_by_vendor(hub, "uber_eats", carts="no list")
    order_id = announce(hub, uber)

    assert hub.run() == 0

    (listed,) = quarantine.page().held
    held = quarantine.get(listed.id)
    assert (held.kind, held.platform, held.connection_id, held.at) == ("fetched", "uber_eats", uber, NOW)
    assert held.about["external_id"] == PLATFORMS["uber_eats"].external_id(PLATFORMS["uber_eats"].order(1))
    assert b'"carts":"no list"' in held.raw.body
    assert hub.told(order_id) == [("order.referenced", "applied")]
    assert metrics()["Quarantined uber_eats"] == [1]


def test_after_a_fix_what_was_fetched_is_replayed(hub: Hub, uber: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from orderhub.errors import Quarantine

    def refuse(*_: Any) -> None:
        raise Quarantine("a field nobody expected")

    held_by_vendor(hub, "uber_eats")
    order_id = announce(hub, uber)
    with monkeypatch.context() as broken:
        broken.setattr(type(load("uber_eats")), "to_order", refuse)
        hub.run()

    replay_held(quarantine.page().held[0].id, NOW)

    assert hub.order(order_id).status is Status.INCOMING
    assert quarantine.page().held == []


def test_a_bug_in_the_mapping_of_what_was_fetched_loses_nothing(
    hub: Hub, uber: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("total")

    held_by_vendor(hub, "uber_eats")
    announce(hub, uber)
    monkeypatch.setattr(type(load("uber_eats")), "to_order", fail)

    hub.run()
    clock.wait(60)

    assert len(quarantine.page().held) + len(waiting(queue_url("fetch_order"))) == 1


def test_an_order_of_a_connection_that_was_removed_is_not_lost_silently(hub: Hub, uber: str, clock: Clock) -> None:
    announce(hub, uber)
    assert hub.api("DELETE", f"/v1/connections/{uber}").status == 204

    assert hub.run() == 1
    clock.wait(60)
    assert len(waiting(queue_url("fetch_order"))) == 1


def test_a_failure_told_at_once_is_asked_for_until_the_platform_shows_it(hub: Hub, uber: str, clock: Clock) -> None:
    hub.receive(uber)
    hub.vendors.fault("uber_eats", match={"method": "GET"}, status=404, times=1)
    order_id = announce(hub, uber, "orders.failure", key="delivery-2")

    assert hub.run() == 1
    assert hub.order(order_id).status is Status.CANCELLED
    clock.wait(40)
    assert hub.run() == 0


# --- known already ----------------------------------------------------------------------------------------------------


def test_a_notification_of_a_version_we_hold_is_not_fetched(hub: Hub, square: str) -> None:
    order_id = hub.receive(square)
    before = len(hub.vendors.calls("square"))

    announce(hub, square, "order.updated", key="delivery-echo")
    assert hub.run() == 0

    assert len(hub.vendors.calls("square")) == before
    assert hub.told(order_id).count(("order.referenced", "applied")) == 2


def test_a_notification_of_an_older_version_than_ours_is_stale(hub: Hub, square: str, metrics: Metrics) -> None:
    order_id = hub.receive(square)
    before = hub.order(order_id)

    announce(hub, square, "order.updated", key="delivery-late", version=0)
    assert hub.run() == 0

    assert hub.order(order_id) == before
    assert ("order.updated", "stale") in hub.told(order_id)
    assert metrics()["StaleMessages square"] == [1.0]
