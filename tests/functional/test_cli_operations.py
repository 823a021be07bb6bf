"""orderhub quarantine, replay, redrive, doctor, keys: looking after a deployed hub."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from orderhub.cli import target
from orderhub.cli.operations import QUEUES, READERS
from orderhub.order.events import Raw
from orderhub.platforms.registry import load
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.service.api_keys import caller_of_key
from orderhub.storage import config, quarantine, queues
from orderhub.storage.config import Collection
from orderhub.storage.quarantine import Held
from tests.functional.cloud import Cloud, waiting
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import STORE, Hub
from tests.functional.vendors import PLATFORMS
from tests.unit.command import Command, Result

STACK = "orderhub-dev"


@pytest.fixture(autouse=True)
def environment(cloud: Cloud) -> Iterator[None]:
    """The stack is deployed. What a command sets in the environment is gone after the test."""
    cloud.deploy(STACK)
    with patch.dict(os.environ, {"ORDERHUB_STACK": STACK}):
        yield


@pytest.fixture
def orderhub(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def hold(hub: Hub, connection_id: str, body: bytes = b"[") -> str:
    """A message in quarantine; its id."""
    known = {held.id for held in quarantine.page().held}
    hub.send(connection_id, body)
    (held_id,) = {held.id for held in quarantine.page().held} - known
    return held_id


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Shopify's adapter cannot read anything, until it is mended."""

    def read(*_: Any) -> None:
        raise KeyError("total")

    monkeypatch.setattr(type(load("shopify")), "read", read)
    return monkeypatch.undo


# --- quarantine -------------------------------------------------------------------------------------------------------


def test_an_empty_quarantine_is_an_empty_list(orderhub: Command) -> None:
    assert orderhub("quarantine", "list", "--json").json == []
    assert orderhub("quarantine", "list").code == 0


def test_quarantine_is_listed_oldest_first(orderhub: Command, hub: Hub, square: str, clock: Clock) -> None:
    first = hold(hub, square, b"[1")
    clock.wait(60)
    second = hold(hub, square, b"[2")

    listed = orderhub("quarantine", "list", "--json").json

    assert [one["id"] for one in listed] == [first, second]
    assert listed[0] == {
        "id": first,
        "at": "2026-10-05T15:00:00.000000Z",
        "platform": "square",
        "connection_id": square,
        "kind": "request",
        "reason": listed[0]["reason"],
        "replayed_at": None,
    }
    assert listed[0]["reason"].startswith("the body is not JSON")


def test_quarantine_is_listed_for_people(orderhub: Command, hub: Hub, square: str) -> None:
    held_id = hold(hub, square)

    result = orderhub("quarantine", "list")

    assert result.code == 0
    assert "Quarantine" in result.out
    assert held_id[:8] in result.out


def test_a_list_that_is_cut_says_that_there_is_more(orderhub: Command, hub: Hub, square: str) -> None:
    for number in range(3):
        hold(hub, square, f"[{number}".encode())

    assert "(there is more)" in orderhub("quarantine", "list", "--limit", "2").out
    assert len(orderhub("quarantine", "list", "--limit", "2", "--json").json) == 2


def test_a_held_message_is_shown_whole(orderhub: Command, hub: Hub, square: str) -> None:
    held_id = hold(hub, square, b'{"name": "\xff"')

    shown = orderhub("quarantine", "show", held_id).json

    assert (shown["id"], shown["body"]) == (held_id, '{"name": "\\xff"')
    assert shown["headers"]["content-type"] == "application/json"
    assert shown["about"]["method"] == "POST"


def test_a_message_that_is_not_there_ends_with_2(orderhub: Command) -> None:
    result = orderhub("quarantine", "show", "qm_none")

    assert result == Result(2, "", "NOT_FOUND: nothing in quarantine has the id qm_none\n")


# --- replay -----------------------------------------------------------------------------------------------------------


def test_a_replay_after_a_fix_says_what_came_of_it(
    orderhub: Command, hub: Hub, shopify: str, broken: Callable[[], None]
) -> None:
    played = PLATFORMS["shopify"]
    order = played.order(1)
    hub.tell(shopify, "orders/create", order, "delivery-1")
    (held,) = quarantine.page().held
    broken()

    result = orderhub("replay", held.id)

    order_id = hub.connection(shopify).order_id(played.external_id(order))
    assert result == Result(0, f"{held.id}: applied {order_id}\n", "")
    assert orderhub("quarantine", "list", "--json").json == []


def test_a_replay_that_fails_again_ends_with_1(orderhub: Command, hub: Hub, square: str) -> None:
    held_id = hold(hub, square)

    result = orderhub("replay", held_id)

    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{held_id}: still not understood: the body is not JSON")
    assert len(quarantine.page().held) == 1


def test_all_that_waits_is_replayed_and_one_that_fails_stops_no_other(
    orderhub: Command, hub: Hub, square: str, shopify: str, broken: Callable[[], None]
) -> None:
    hold(hub, square)
    hub.tell(shopify, "orders/create", PLATFORMS["shopify"].order(1), "delivery-1")
    broken()

    assert orderhub("replay", "--all").code == 1
    assert [held.platform for held in quarantine.page().held] == ["square"]


def test_a_message_of_a_connection_that_was_removed_stops_no_other(
    orderhub: Command, hub: Hub, square: str, shopify: str, broken: Callable[[], None], clock: Clock
) -> None:
    hold(hub, square)
    clock.wait(1)
    hub.tell(shopify, "orders/create", PLATFORMS["shopify"].order(1), "delivery-1")
    broken()
    hub.api("DELETE", f"/v1/connections/{square}")

    result = orderhub("replay", "--all")

    assert result.code != 0
    assert f"there is no connection {square}" in result.err
    assert [held.platform for held in quarantine.page().held] == ["square"]


def test_an_event_of_an_order_is_replayed(orderhub: Command, hub: Hub, shopify: str) -> None:
    order_id = hub.receive(shopify)
    (event,) = hub.timeline(order_id)

    assert orderhub("replay", order_id, "--event", event.key) == Result(0, f"{order_id}: duplicate {order_id}\n", "")


def test_a_replay_of_nothing_ends_with_2(orderhub: Command) -> None:
    assert orderhub("replay") == Result(2, "", "say which, or --all\n")


def test_a_replay_of_what_is_not_there_ends_with_2(orderhub: Command, hub: Hub) -> None:
    assert orderhub("replay", "qm_none").code == 2
    assert orderhub("replay", "ord_none", "--event", "x").code == 2


# --- redrive ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "dead", "queue"),
    [
        ("fetch_order", "FetchOrderDLQ", "FetchOrderQueue"),
        ("push_status", "PushStatusDLQ", "PushStatusQueue"),
        ("poll", "PollDLQ", "PollQueue"),
    ],
)
def test_dead_letters_are_put_back(orderhub: Command, cloud: Cloud, name: str, dead: str, queue: str) -> None:
    queues.send(cloud.ids[dead], [("con_1", {"n": 1}), ("con_1", {"n": 2})])

    assert orderhub("redrive", name) == Result(0, f"{name}: 2 put back\n", "")
    assert sorted(body["n"] for body in waiting(cloud.ids[queue])) == [1, 2]


def test_all_dead_letters_are_put_back(orderhub: Command, cloud: Cloud) -> None:
    queues.send(cloud.ids["PollDLQ"], [("con_1", {"n": 1})])

    result = orderhub("redrive", "all")

    assert result.code == 0
    put_back = {**dict.fromkeys(QUEUES, 0), "poll": 1}
    assert result.out.splitlines() == [
        *(f"{queue}: {number} put back" for queue, number in put_back.items()),
        *(f"{reader}: 0 batches of the stream read again" for reader in READERS),
    ]


def test_a_queue_that_is_not_there_ends_with_2(orderhub: Command) -> None:
    result = orderhub("redrive", "nothing")

    assert result.code == 2
    assert result.err.strip() == f"there is no queue nothing: {', '.join([*QUEUES, *READERS])}, all"


# --- doctor -----------------------------------------------------------------------------------------------------------


def findings(result: Result) -> dict[str, tuple[bool, str]]:
    return {one["subject"]: (one["ok"], one["message"]) for one in result.json}


def test_a_healthy_hub_is_found_so(orderhub: Command, hub: Hub, square: str, uber: str, shopify: str) -> None:
    result = orderhub("doctor", "--json")

    found = findings(result)
    assert result.code == 0
    assert all(ok for ok, _ in found.values())
    assert {f"square square ({square})", f"uber_eats uber_eats ({uber})", f"shopify shopify ({shopify})"} <= set(found)
    assert {"quarantine", "dead letters of fetch_order", "dead letters of push_status"} <= set(found)


def test_what_is_wrong_is_found_and_ends_with_1(orderhub: Command, hub: Hub, cloud: Cloud, square: str) -> None:
    wrong = {"signature_keys": ["key"], "access_token": "revoked"}
    other = hub.connect("square", name="second", credentials=wrong)
    hold(hub, square)
    queues.send(cloud.ids["PollDLQ"], [("con_1", {"n": 1})])

    result = orderhub("doctor", "--json")

    bad = {subject: message for subject, (ok, message) in findings(result).items() if not ok}
    assert result.code == 1
    assert set(bad) == {f"square second ({other})", "quarantine", "dead letters of poll"}
    assert "401" in bad[f"square second ({other})"]
    assert bad["quarantine"] == "1 messages wait: `orderhub quarantine list`"
    assert bad["dead letters of poll"] == "1 messages given up on: see the log, then `orderhub redrive poll`"


def test_a_hub_without_connections_is_told_what_to_do(orderhub: Command, hub: Hub) -> None:
    result = orderhub("doctor", "--json")

    assert result.code == 1
    assert findings(result)["connections"] == (False, "there are none: make one with POST /v1/connections")


def test_one_connection_that_cannot_be_looked_at_stops_no_other(orderhub: Command, hub: Hub, square: str) -> None:
    config.put(
        Collection.CONNECTIONS, "con_gone", {"platform": "long_gone", "name": "x", "default_store": {"id": STORE}}
    )

    found = findings(orderhub("doctor", "--json"))

    assert found["long_gone x (con_gone)"][0] is False
    assert found[f"square square ({square})"][0] is True


def test_a_connection_that_is_switched_off_is_not_tried(orderhub: Command, hub: Hub, square: str) -> None:
    hub.api("PATCH", f"/v1/connections/{square}", {"active": False})

    assert findings(orderhub("doctor", "--json"))[f"square square ({square})"] == (True, "switched off")


def test_the_findings_are_printed_for_people(orderhub: Command, hub: Hub) -> None:
    result = orderhub("doctor")

    assert (result.code, "Doctor" in result.out, "WRONG" in result.out) == (1, True, True)


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_is_made_and_printed_once(orderhub: Command) -> None:
    result = orderhub("keys", "create", "till", "--role", "store_manager", "--store", "sto_1", "--store", "sto_2")

    key = result.out.strip()
    holder = caller_of_key(key)
    assert (result.code, result.err) == (0, "")
    assert holder == Caller("key_" + key.split("_")[1], "till", Role.STORE_MANAGER, frozenset({"sto_1", "sto_2"}))


def test_a_key_is_for_an_employee_of_all_stores_unless_told_otherwise(orderhub: Command) -> None:
    holder = caller_of_key(orderhub("keys", "create", "till").out.strip())

    assert holder is not None
    assert (holder.role, holder.stores) == (Role.STORE_EMPLOYEE, frozenset({EVERY_STORE}))


def test_keys_are_listed_without_the_keys(orderhub: Command) -> None:
    key = orderhub("keys", "create", "till").out.strip()

    result = orderhub("keys", "list", "--json")

    key_id = "key_" + key.split("_")[1]
    about = {"id": key_id, "name": "till", "role": "store_employee", "stores": ["*"], "employee_id": None}
    assert result.json == [about]
    assert key.split("_", 2)[2] not in result.out + orderhub("keys", "list").out


def test_a_key_is_revoked(orderhub: Command) -> None:
    key = orderhub("keys", "create", "till").out.strip()
    key_id = "key_" + key.split("_")[1]

    assert orderhub("keys", "revoke", key_id) == Result(0, f"{key_id} is revoked\n", "")
    assert caller_of_key(key) is None
    assert orderhub("keys", "revoke", key_id).code == 2


@pytest.mark.parametrize("arguments", [("create", "till", "--role", "owner"), ("create",), ("create", "")])
def test_a_key_that_does_not_fit_ends_with_2(orderhub: Command, arguments: tuple[str, ...]) -> None:
    result = orderhub("keys", *arguments)

    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err


# --- which hub --------------------------------------------------------------------------------------------------------


def test_a_stack_that_is_not_there_ends_with_1_and_a_sentence(orderhub: Command) -> None:
    result = orderhub("quarantine", "list", "--stack", "orderhub-typo")

    assert result == Result(1, "", "Misconfigured: there is no stack orderhub-typo in this account and region\n")


def test_without_a_stack_it_is_the_running_hub_of_this_folder(
    orderhub: Command, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "hub.json").write_text(json.dumps({"api_url": "http://127.0.0.1:4566/api"}))
    monkeypatch.chdir(tmp_path)
    cloud.deploy(target.LOCAL_STACK)
    os.environ["AWS_PROFILE"] = "production"

    target.use("")

    assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert {os.environ["AWS_ACCESS_KEY_ID"], os.environ["ALLOW_PRIVATE_ADDRESSES"]} == {"test", "true"}
    assert "AWS_PROFILE" not in os.environ


def test_without_a_running_hub_it_ends_with_1_and_says_what_to_do(
    orderhub: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = orderhub("quarantine", "list", "--stack", "")

    told = "Misconfigured: no hub runs from this folder: start one with `make run`, or name a --stack\n"
    assert result == Result(1, "", told)


def test_a_held_message_with_odd_text_is_printed_as_it_is(orderhub: Command, hub: Hub) -> None:
    quarantine.put(Held("qm_1", "square", "con_1", "request", "[bold]odd[/] é [/x]", NOW, Raw(b"\xf0\x9f\x8c\xb6")))

    assert orderhub("quarantine", "list", "--json").json[0]["reason"] == "[bold]odd[/] é [/x]"
    assert "[bold]odd[/]" in orderhub("quarantine", "list").out.replace("\n", "")
