"""GloriaFood over real HTTP: pushed and popped orders, staff whom it does not listen to, and keys that nobody keeps."""

import json
import os
import signal
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.standins.samples import gloriafood as samples
from orderhub.storage.codec import unpack
from tests.local.hub import TIMEOUT_SECONDS, Json, RunningHub, eventually
from tests.local.line import Line, connect
from tests.local.processes import descendants, is_alive

IN_THE_APP = "act in GloriaFood's order-taking app too"
OK = (200, '{"status":"ok"}')
MANY = 400


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    """A restaurant whose orders are pushed."""
    return connect(hub, "gloriafood")


def polled(hub: RunningHub, *more_keys: str) -> Line:
    """A new restaurant whose orders are popped. more_keys: further keys of its connection, asked first."""
    line = connect(hub, "gloriafood")
    known = hub.vendor("gloriafood", "GET", "settings")["polled_restaurants"]
    hub.vendor("gloriafood", "PATCH", "settings", {"polled_restaurants": [*known, line.theirs]})
    change = {
        "settings": {"base_url": hub.file.standins["gloriafood"], "mode": "poll"},
        "credentials": {"restaurant_keys": [*more_keys, samples.poll_key(line.theirs)]},
    }
    hub.ask("PATCH", f"/connections/{line.id}", change)
    return line


def push(line: Line, *orders: Json, key: str | None = None) -> tuple[int, str]:
    """GloriaFood's push of a document; the answer."""
    headers = {} if key == "" else {"Authorization": key or line.secret}
    reply = line.post(samples.wire(samples.document(*orders)), headers)
    return reply.status_code, reply.text


def in_quarantine(hub: RunningHub, line: Line) -> list[Json]:
    """What waits there of a connection."""
    shown = hub.orderhub("quarantine", "list", "--json", "--limit", "1000")
    assert shown.returncode == 0, shown.stderr
    return [held for held in json.loads(shown.stdout) if held["connection_id"] == line.id]


# --- pushed -----------------------------------------------------------------------------------------------------------


def test_a_pushed_order_is_there_and_accepted(hub: RunningHub, line: Line) -> None:
    made = line.new_order()

    assert push(line, made) == OK

    order = hub.wait_for(line.order_id(made))
    assert (order["external_id"], order["status"], order["store_id"]) == (str(made["id"]), "accepted", line.store_id)
    assert order["amounts"]["total"] == round(made["total_price"] * 100)
    assert [item["name"] for item in order["items"]] == [one["name"] for one in made["items"] if one["type"] == "item"]


@pytest.mark.parametrize("key", ["", "guess", "Bearer {}", "{} {}"])
def test_a_push_without_the_bare_master_key_is_refused(hub: RunningHub, line: Line, key: str) -> None:
    made = line.new_order()

    assert push(line, made, key=key.format(line.secret, line.secret))[0] == 401

    assert hub.order(line.order_id(made)) is None


def test_the_url_answers_a_look_whether_it_is_there(hub: RunningHub, line: Line) -> None:
    reply = hub.http.get(line.url, timeout=TIMEOUT_SECONDS)

    assert (reply.status_code, reply.text) == OK


def test_of_several_orders_in_one_push_an_unreadable_one_waits_alone(hub: RunningHub) -> None:
    line = connect(hub, "gloriafood")
    first, bad, last = (line.new_order() for _ in range(3))
    bad["api_version"] = 1
    table = {**line.new_order(), "type": "table_reservation"}

    assert push(line, first, bad, table, last) == OK

    for made in (first, last):
        assert hub.wait_for(line.order_id(made))["status"] == "accepted"
    assert [hub.order(line.order_id(made)) for made in (bad, table)] == [None, None]
    (held,) = in_quarantine(hub, line)
    assert held["reason"] == "api_version 1: only version 2 can be read"
    kept = json.loads(json.loads(hub.orderhub("quarantine", "show", held["id"]).stdout)["body"])
    assert kept == {**bad, "restaurant_key": "***"}


def test_a_restaurant_that_is_not_on_the_map_waits_until_it_is(hub: RunningHub) -> None:
    line = connect(hub, "gloriafood")
    made = line.new_order()
    samples.at_store(made, "31")

    assert push(line, made) == OK

    (held,) = in_quarantine(hub, line)
    assert held["reason"] == "restaurant '31' (token 'KITCHEN-31') is none of this connection's stores"
    hub.ask("PATCH", f"/connections/{line.id}", {"stores": {"31": line.store_id}})
    replayed = hub.orderhub("replay", held["id"])
    assert replayed.returncode == 0, replayed.stderr
    assert hub.wait_for(line.order_id(made))["store_external_id"] == "31"
    assert in_quarantine(hub, line) == []


def test_an_order_comes_once_goes_on_and_not_back(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    order_id = line.order_id(made)

    for event in ("order.accepted", "order.ready", "order.canceled", "order.accepted"):
        assert line.tell(event, made).status_code == 200

    assert hub.wait_for(order_id, lambda order: order["status"] == "cancelled")["allowed_actions"] == []
    changes = [(kind, effect) for actor, kind, effect in hub.told(order_id) if effect == "applied"]
    assert changes == [("order.created", "applied"), ("order.ready", "applied"), ("order.cancelled", "applied")]


# --- staff ------------------------------------------------------------------------------------------------------------

REASON = {"reason": "KITCHEN_CLOSED", "details": "out of gas"}


@pytest.mark.parametrize(
    ("before", "action", "body", "after"),
    [
        ("pending", "accept", None, "accepted"),
        ("pending", "deny", REASON, "denied"),
        ("accepted", "bagging", None, "bagging"),
        ("accepted", "ready", None, "ready"),
        ("accepted", "cancel", REASON, "cancelled"),
    ],
)
def test_what_staff_do_stays_here_and_they_are_told_where_to_do_it_too(
    hub: RunningHub, line: Line, before: str, action: str, body: Json | None, after: str
) -> None:
    made = line.hold(line.new_order())
    assert line.tell("order.accepted", made, status=before).status_code == 200
    hub.wait_for(line.order_id(made))

    answered = line.act(made, action, body)

    told = hub.wait_told(line.order_id(made))
    for order in (answered, told):
        assert (order["status"], order["sync"]["state"]) == (after, "unsupported")
        assert IN_THE_APP in order["sync"]["detail"]
    assert hub.vendor("gloriafood", "GET", f"calls?order_id={made['id']}")["calls"] == []


def test_an_order_that_was_accepted_there_cannot_be_denied_here(hub: RunningHub, line: Line) -> None:
    made = line.receive()

    reply = hub.api("PUT", f"/orders/{line.order_id(made)}/deny", REASON)

    assert (reply.status_code, reply.json()["error"]) == (409, "ORDER_NOT_MODIFIABLE")


# --- popped -----------------------------------------------------------------------------------------------------------


def test_what_waits_is_popped_once_with_all_that_is_in_it(hub: RunningHub) -> None:
    line = polled(hub)
    orders = [line.hold(line.new_order()) for _ in range(3)]
    bad = line.hold({**line.new_order(), "status": "missed"})

    line.ask_for_a_poll()

    for made in orders:
        assert hub.wait_for(line.order_id(made))["status"] == "accepted"
    assert [held["reason"] for held in eventually(lambda: in_quarantine(hub, line))] == [
        "GloriaFood says that the order is 'missed', which may mean anything"
    ]
    assert hub.order(line.order_id(bad)) is None
    line.change(orders[0], ready=True)
    line.poll_to_the_end()
    assert hub.wait_for(line.order_id(orders[0]))["status"] == "ready"
    assert len(hub.open_orders(line.store_id)) == len(orders) + 1


def test_a_revoked_key_does_not_keep_the_other_restaurants_from_being_polled(hub: RunningHub) -> None:
    line = polled(hub, "a-key-that-was-revoked")

    line.poll_to_the_end()

    told = eventually(lambda: [text for text in logged(hub) if line.id in text and "restaurant key 1 of 2" in text])
    assert "GloriaFood answered 401" in told[0]


def test_a_connection_is_tried_by_its_menu_and_never_by_its_queue(hub: RunningHub) -> None:
    line = polled(hub)
    made = line.hold(line.new_order())
    path = f"/connections/{line.id}"

    without = hub.api("POST", f"{path}/verify")
    keys = {"restaurant_keys": [samples.poll_key(line.theirs)], "menu_key": samples.menu_key(line.theirs)}
    hub.ask("PATCH", path, {"credentials": keys})

    assert (without.status_code, without.json()["error"]) == (409, "UNSUPPORTED")
    assert "take orders off its queue" in without.json()["message"]
    assert hub.ask("POST", f"{path}/verify") == {
        "ok": True,
        "message": f"the menu of restaurant {line.theirs} can be read",
    }
    line.ask_for_a_poll()
    hub.wait_for(line.order_id(made))


@pytest.mark.timeout(180)
def test_a_poll_that_is_killed_between_the_pop_and_the_mapping_loses_nothing(
    hub: RunningHub, measured: Callable[[str], None]
) -> None:
    line = polled(hub)
    orders = [line.hold(line.new_order()) for _ in range(MANY)]

    line.ask_for_a_poll()
    eventually(lambda: left_to_read(hub, line))
    killed = running(hub, "orderhub-dev-poll-connection")
    for pid in killed:
        os.kill(pid, signal.SIGKILL)

    eventually(lambda: killed and not any(map(is_alive, killed)))
    mapped = len(hub.open_orders(line.store_id))
    assert (left_to_read(hub, line), asked_directly(hub, line)) == (1, samples.document())
    assert mapped < MANY
    line.ask_for_a_poll()
    there = eventually(lambda: hub.open_orders(line.store_id), lambda found: len(found) == MANY, 120)
    measured(f"killed when {mapped} of {MANY} orders were mapped; the next poll found the rest")
    assert {order["id"] for order in there} == {line.order_id(made) for made in orders}
    eventually(lambda: left_to_read(hub, line) == 0)
    eventually(lambda: [text for text in logged(hub) if "left over by a poll that did not end" in text])


def left_to_read(hub: RunningHub, line: Line) -> int:
    """How many bodies were stored for a connection and not read to their end."""
    with hub.aws("dynamodb") as tables:
        found = tables.query(
            TableName=hub.output("OrdersTableName"),
            IndexName="worklist",
            KeyConditionExpression="work_pk = :inbox",
            ExpressionAttributeValues={":inbox": {"S": f"inbox#{line.id}"}},
        )
    return int(found["Count"])


def running(hub: RunningHub, function: str) -> list[int]:
    """The processes of a function."""
    name = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode()
    return [pid for pid in descendants(hub.process.pid) if name in environment_of(pid)]


def environment_of(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def asked_directly(hub: RunningHub, line: Line) -> Json:
    """What still waits at GloriaFood."""
    headers = {"Authorization": samples.poll_key(line.theirs), "Glf-Api-Version": "2"}
    reply = hub.http.post(f"{hub.file.standins['gloriafood']}/pos/order/pop", headers=headers, timeout=TIMEOUT_SECONDS)
    assert reply.ok, reply.text
    return dict(reply.json())


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_the_keys_of_the_restaurants_are_kept_nowhere(hub: RunningHub, line: Line) -> None:
    taken_off = polled(hub)
    bad = {**line.new_order(), "api_version": 1}
    assert push(line, line.new_order(), bad) == OK
    seen = [line.receive(), taken_off.hold(taken_off.new_order())]
    taken_off.hold({**taken_off.new_order(), "status": "missed"})
    taken_off.poll_to_the_end()

    kept = list(everything_kept(hub))

    for made in seen:
        assert [data for data in kept if str(made["id"]).encode() in data], "what finds nothing proves nothing"
    for restaurant in (line, taken_off):
        key = samples.poll_key(restaurant.theirs).encode()
        assert [data[:300] for data in kept if key in data] == []
    assert [data[:300] for data in kept if line.secret.encode() in data] == []


def everything_kept(hub: RunningHub) -> Iterator[bytes]:
    """All values in both tables, all objects in the bucket and all lines of the logs; what is packed also unpacked."""
    with hub.aws("dynamodb") as tables:
        for name in ("OrdersTableName", "ConfigTableName"):
            for page in tables.get_paginator("scan").paginate(TableName=hub.output(name)):
                values = [value for item in page["Items"] for one in item.values() for value in one.values()]
                for value in values:
                    yield from also_unpacked(value if isinstance(value, bytes) else str(value).encode())
    with hub.aws("s3") as store:
        bucket = hub.output("BlobsBucketName")
        for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for found in page.get("Contents", []):
                yield from also_unpacked(store.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
    yield from (text.encode() for text in logged(hub))


def logged(hub: RunningHub) -> Iterator[str]:
    """Every line that a function has logged."""
    with hub.aws("logs") as logs:
        for group in logs.describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"]:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                yield from (event["message"] for event in page["events"])


def also_unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    try:
        yield unpack(data)
    except zlib.error:
        return
