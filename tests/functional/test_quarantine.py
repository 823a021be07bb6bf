"""Authentic messages that are not understood: kept whole, answered so that the webhook stays on, and replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orderhub.errors import Quarantine, Reject
from orderhub.intake.replay import replay_event, replay_held
from orderhub.order.status import Status
from orderhub.platforms.registry import load
from orderhub.storage import quarantine, timelines
from orderhub.storage.quarantine import Held
from tests.functional.cloud import items
from tests.functional.conftest import NOW, Clock, Metrics
from tests.functional.hub import Hub, Reply
from tests.functional.vendors import PLATFORMS

Break = Callable[[str, BaseException], None]


@pytest.fixture(params=tuple(PLATFORMS))
def connection_id(request: pytest.FixtureRequest, hub: Hub) -> str:
    return hub.connect(request.param)


@pytest.fixture
def break_adapter(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Lets a platform's reading fail."""

    def broken(slug: str, error: BaseException) -> None:
        def read(*_: Any) -> None:
            raise error

        monkeypatch.setattr(type(load(slug)), "read", read)

    return broken


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A later version of the adapters."""
    return monkeypatch.undo


def the_one_held() -> Held:
    (listed,) = quarantine.page().held
    return quarantine.get(listed.id)


def notify(hub: Hub, connection_id: str) -> str:
    """A new order is told; its id."""
    played = PLATFORMS[hub.slug(connection_id)]
    order = played.order(1)
    assert hub.tell(connection_id, played.first, order, "delivery-1") == Reply(200, "", {})
    return hub.connection(connection_id).order_id(played.external_id(order))


def told_as(hub: Hub, connection_id: str) -> dict[str, str]:
    """The headers of an event about an order."""
    played = PLATFORMS[hub.slug(connection_id)]
    return played.told(played.first, played.order(1), "delivery-1")[0]


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_a_signed_body_that_is_not_json_is_kept_whole(hub: Hub, square: str) -> None:
    body = b'{"type": "order.created", \xff\x00 and so on'

    answer = hub.send(square, body, {"Square-Version": "2026-08-19", "Authorization": "Bearer x"})

    held = the_one_held()
    assert answer == Reply(200, "", {})
    assert held == Held(
        id=held.id,
        platform="square",
        connection_id=square,
        kind="request",
        reason="the body is not UTF-8",
        at=NOW,
        raw=held.raw,
        about={"method": "POST", "path": f"/webhooks/square/{square}", "query": {}},
    )
    assert held.raw.body == body
    assert held.raw.headers == {
        "content-type": "application/json",
        "square-version": "2026-08-19",
        **hub.sign(square, body),
    }


def test_it_is_counted(hub: Hub, connection_id: str, metrics: Metrics) -> None:
    hub.send(connection_id, b"[", told_as(hub, connection_id))

    assert metrics() == {f"Quarantined {hub.slug(connection_id)}": [1]}


def test_no_platform_gets_an_answer_that_disables_its_webhook(hub: Hub, connection_id: str) -> None:
    assert hub.send(connection_id, b"[", told_as(hub, connection_id)).status == 200
    assert [row["sk"] for row in items()] == ["MESSAGE"]


def test_the_platform_s_repeats_make_no_second_one(hub: Hub, connection_id: str, clock: Clock) -> None:
    hub.send(connection_id, b"[", told_as(hub, connection_id))
    before = items()
    clock.wait(60)

    hub.send(connection_id, b"[", told_as(hub, connection_id))

    assert items() == before


def test_different_bodies_are_kept_apart_oldest_first(hub: Hub, square: str, clock: Clock) -> None:
    for body in (b"[1", b"[2", b"[3"):
        hub.send(square, body)
        clock.wait(1)

    first = quarantine.page(limit=2)
    second = quarantine.page(limit=2, cursor=first.next_cursor)

    found = [quarantine.get(held.id).raw.body for held in (*first.held, *second.held)]
    assert (found, second.next_cursor) == ([b"[1", b"[2", b"[3"], None)


@pytest.mark.parametrize("error", [KeyError("total"), RecursionError(), AssertionError("no"), TypeError("int")])
def test_a_bug_in_an_adapter_loses_nothing(
    hub: Hub, connection_id: str, break_adapter: Break, error: BaseException
) -> None:
    break_adapter(hub.slug(connection_id), error)
    notify(hub, connection_id)

    held = the_one_held()
    assert held.reason == f"the adapter failed: {type(error).__name__}"
    assert held.raw.body != b""


def test_a_body_too_large_for_an_item_is_kept_whole_too(hub: Hub, square: str) -> None:
    body = b"[" + b"0" * 400_000

    assert hub.send(square, body).status == 200
    assert the_one_held().raw.body == body


# --- replay ----------------------------------------------------------------------------------------------------------


def test_after_a_fix_a_replay_makes_what_the_message_asked_for(
    hub: Hub, connection_id: str, break_adapter: Break, mended: Callable[[], None], clock: Clock
) -> None:
    break_adapter(hub.slug(connection_id), KeyError("total"))
    order_id = notify(hub, connection_id)
    held_id = the_one_held().id
    mended()
    clock.wait(3600)

    (result,) = replay_held(held_id, clock.now)

    effect = "applied" if hub.slug(connection_id) == "shopify" else "referenced"
    assert (result.effect, result.order_id) == (effect, order_id)
    assert [(event.key, event.cause.name) for event in timelines.timeline(order_id)] == [
        ("delivery-1", "replay of a request")
    ]


def test_a_replayed_message_leaves_the_list_and_is_kept(
    hub: Hub, shopify: str, break_adapter: Break, mended: Callable[[], None], clock: Clock
) -> None:
    break_adapter("shopify", KeyError("total"))
    notify(hub, shopify)
    held = the_one_held()
    mended()
    clock.wait(3600)

    replay_held(held.id, clock.now)

    assert quarantine.page().held == []
    assert quarantine.get(held.id).replayed_at == clock.now


def test_a_replayed_notification_is_fetched_as_if_it_had_just_come(
    hub: Hub, uber: str, break_adapter: Break, mended: Callable[[], None]
) -> None:
    break_adapter("uber_eats", KeyError("total"))
    hub.vendors.put("uber_eats", PLATFORMS["uber_eats"].order(1))
    order_id = notify(hub, uber)
    mended()

    replay_held(the_one_held().id, NOW)
    hub.run()

    assert hub.order(order_id).status is Status.INCOMING


def test_a_replay_that_fails_again_leaves_the_message_on_the_list(hub: Hub, square: str) -> None:
    hub.send(square, b"[")
    before = the_one_held()

    with pytest.raises(Quarantine, match="the body is not JSON"):
        replay_held(before.id, NOW)

    assert the_one_held() == before


def test_a_replay_that_meets_a_bug_again_leaves_the_message_on_the_list(
    hub: Hub, shopify: str, break_adapter: Break
) -> None:
    break_adapter("shopify", KeyError("total"))
    notify(hub, shopify)

    with pytest.raises(Quarantine, match="the adapter failed: KeyError"):
        replay_held(the_one_held().id, NOW)

    assert len(quarantine.page().held) == 1


def test_a_message_that_was_understood_by_another_way_meanwhile_is_replayed_as_a_duplicate(
    hub: Hub, shopify: str, break_adapter: Break, mended: Callable[[], None]
) -> None:
    break_adapter("shopify", KeyError("total"))
    order_id = notify(hub, shopify)
    mended()
    notify(hub, shopify)
    before = hub.order(order_id)

    assert [result.effect for result in replay_held(the_one_held().id, NOW)] == ["duplicate"]
    assert hub.order(order_id) == before


def test_there_is_nothing_to_replay_under_an_unknown_id(hub: Hub) -> None:
    with pytest.raises(Reject) as refused:
        replay_held("qm_unknown", NOW)

    assert refused.value.code == "NOT_FOUND"


# --- replay of what was understood -----------------------------------------------------------------------------------


def test_an_event_replayed_by_the_same_code_changes_nothing(hub: Hub, connection_id: str) -> None:
    order_id = notify(hub, connection_id)
    before = items()

    assert [(one.effect, one.order_id) for one in replay_event(order_id, "delivery-1", NOW)] == [
        ("duplicate", order_id)
    ]
    assert items() == before


def test_a_fetched_order_can_be_mapped_again(hub: Hub, uber: str) -> None:
    order_id = hub.receive(uber)
    fetched = next(event for event in hub.timeline(order_id) if event.type == "order.created")

    (result,) = replay_event(order_id, fetched.key, NOW)

    assert (result.effect, result.order_id) == ("unchanged", order_id)


@pytest.mark.parametrize("key", ["unknown", "staff"])
def test_an_event_with_which_nothing_was_received_cannot_be_replayed(hub: Hub, shopify: str, key: str) -> None:
    order_id = notify(hub, shopify)
    hub.api("POST", f"/v1/orders/{order_id}/accept")
    accepted = next(event.key for event in hub.timeline(order_id) if event.type == "order.accepted")

    with pytest.raises(Reject) as refused:
        replay_event(order_id, accepted if key == "staff" else key, NOW)

    assert refused.value.code == "NOT_FOUND"
