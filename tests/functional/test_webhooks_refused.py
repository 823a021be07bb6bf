"""Requests that do not prove who sent them: one answer for all of them, and no trace."""

from __future__ import annotations

import pytest

from orderhub.service import connections
from orderhub.service.connections import ConnectionChange
from tests.functional.cloud import items
from tests.functional.conftest import Clock, Metrics
from tests.functional.hub import ADMIN, HUB_URL, Hub, Reply
from tests.functional.vendors import NEW_SECRET, OLD_SECRET, PLATFORMS

REFUSED = Reply(401, '{"error":"NOT_AUTHENTIC"}', {"content-type": "application/json"})


@pytest.fixture(params=tuple(PLATFORMS))
def connection_id(request: pytest.FixtureRequest, hub: Hub) -> str:
    return hub.connect(request.param)


def notification(hub: Hub, connection_id: str) -> tuple[dict[str, str], bytes]:
    played = PLATFORMS[hub.slug(connection_id)]
    return played.told(played.first, played.order(1), "delivery-1")


def test_a_wrong_signature_is_refused(hub: Hub, connection_id: str) -> None:
    headers, body = notification(hub, connection_id)

    assert hub.send(connection_id, body, headers, secret="not-the-secret") == REFUSED
    assert items() == []


def test_a_signature_of_other_bytes_is_refused(hub: Hub, connection_id: str) -> None:
    headers, body = notification(hub, connection_id)

    assert hub.send(connection_id, body + b" ", headers, proof=hub.sign(connection_id, body)) == REFUSED
    assert items() == []


def test_no_signature_is_refused(hub: Hub, connection_id: str) -> None:
    headers, body = notification(hub, connection_id)

    assert hub.send(connection_id, body, headers, proof={}) == REFUSED
    assert items() == []


def test_a_body_that_is_not_json_and_not_signed_leaves_no_trace(hub: Hub, connection_id: str) -> None:
    assert hub.send(connection_id, b"{", proof={}) == REFUSED
    assert items() == []


def test_an_unknown_connection_looks_the_same(hub: Hub, connection_id: str) -> None:
    headers, body = notification(hub, connection_id)
    slug = hub.slug(connection_id)

    proof = hub.sign(connection_id, body)
    assert hub.send("con_unknown", body, headers, slug=slug, proof=proof) == REFUSED


def test_a_connection_of_another_platform_looks_the_same(hub: Hub, square: str, uber: str) -> None:
    headers, body = notification(hub, uber)

    assert hub.send(square, body, headers, slug="uber_eats", proof=hub.sign(uber, body)) == REFUSED
    assert items() == []


def test_a_connection_that_is_switched_off_looks_the_same(hub: Hub, connection_id: str) -> None:
    headers, body = notification(hub, connection_id)
    connections.change_connection(ADMIN, connection_id, ConnectionChange(active=False), HUB_URL, None)

    assert hub.send(connection_id, body, headers) == REFUSED
    assert items() == []


def test_a_connection_that_was_removed_looks_the_same(hub: Hub, connection_id: str) -> None:
    headers, body = notification(hub, connection_id)
    slug, proof = hub.slug(connection_id), hub.sign(connection_id, body)
    assert hub.send(connection_id, body, headers).status == 200
    connections.delete_connection(ADMIN, connection_id)

    assert hub.send(connection_id, body, headers, slug=slug, proof=proof) == REFUSED


def test_refusals_are_counted(hub: Hub, connection_id: str, metrics: Metrics) -> None:
    slug = hub.slug(connection_id)
    hub.send(connection_id, b"{}", proof={})
    hub.send("con_unknown", b"{}", slug=slug, proof={})

    assert metrics() == {f"RejectedSignatures {slug}": [1, 1]}


def test_a_rotated_secret_is_picked_up_by_the_first_webhook_that_is_signed_with_it(
    hub: Hub, connection_id: str, clock: Clock
) -> None:
    headers, body = notification(hub, connection_id)
    assert hub.send(connection_id, body, headers).status == 200
    hub.rotate(connection_id, NEW_SECRET)
    clock.wait(16)

    assert hub.send(connection_id, body, headers, secret=NEW_SECRET).status == 200


def test_after_a_rotation_the_old_secret_is_worth_nothing(hub: Hub, connection_id: str, clock: Clock) -> None:
    headers, body = notification(hub, connection_id)
    old = PLATFORMS[hub.slug(connection_id)].secret
    assert hub.send(connection_id, body, headers).status == 200
    hub.rotate(connection_id, NEW_SECRET)
    clock.wait(16)
    assert hub.send(connection_id, body, headers, secret=NEW_SECRET).status == 200

    assert hub.send(connection_id, body, headers, secret=old) == REFUSED


def test_both_secrets_are_valid_while_they_are_rotated(hub: Hub) -> None:
    both = {"signature_keys": [NEW_SECRET, OLD_SECRET], "access_token": "token"}
    connection_id = hub.connect("square", credentials=both)
    headers, body = notification(hub, connection_id)

    for secret in (NEW_SECRET, OLD_SECRET):
        assert hub.send(connection_id, body, headers, secret=secret).status == 200


def test_a_stranger_who_guesses_does_not_make_us_read_the_secret_each_time(
    hub: Hub, connection_id: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.send(connection_id, b"{}", proof={})
    clock.wait(1)
    reads: list[str] = []
    monkeypatch.setattr("orderhub.intake.connections.secrets.get", reads.append)

    for _ in range(5):
        hub.send(connection_id, b"{}", slug=hub.slug(connection_id), proof={})

    assert reads == []
