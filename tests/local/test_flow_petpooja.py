"""Petpooja, all its ways: orders of ordering apps, and what the apps are told; bills that come, and are asked for."""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.standins.petpooja import ACCESS_TOKEN, APP_KEY, APP_SECRET, COOKIE
from local.standins.samples import petpooja as samples
from orderhub.order.ids import order_id
from orderhub.storage.codec import unpack
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

ZONE = "America/Chicago"  # of the stores that the tests make
KEYS = {"app_key": APP_KEY, "app_secret": APP_SECRET, "access_token": ACCESS_TOKEN}
TOKEN, PATH_SECRET = "a-token-of-the-tests-alone", "a-part-of-a-path-of-the-tests-alone"
DENIAL = {"reason": "OUT_OF_STOCK", "details": "No paneer left"}


@pytest.fixture(scope="module")
def line(hub: RunningHub) -> Line:
    return connect(hub, "petpooja", bill_tokens=[TOKEN], path_secrets=[PATH_SECRET])


def post(line: Line, body: Any, inner: str = "") -> tuple[int, Any]:
    """Status and JSON of the answer to a body as it is, behind the connection's URL."""
    reply = line.post(samples.wire(body), url=line.url + inner)
    return reply.status_code, reply.json()


def told(line: Line, made: Json) -> list[Any]:
    """What the app was told of an order: status, reason, minutes."""
    bodies = [call["body"] for call in line.calls(made, path="/callback")]
    assert {(body["restID"], body["orderID"]) for body in bodies} <= {(line.theirs, line.external_id(made))}
    return [(body["status"], body["cancel_reason"], body["minimum_prep_time"]) for body in bodies]


def a_bill(line: Line, *, at: datetime | None = None, **fields: Any) -> Json:
    """The next bill of the line's restaurant."""
    bill = samples.bill(line.hub.next_number(), printed_at=at, zone=ZONE, **fields)
    samples.move(bill, line.theirs)
    return bill


def id_of(line: Line, bill: Json) -> str:
    """The hub's id of a bill."""
    details = bill["Order"]
    return order_id("petpooja", line.id, str(details["orderID"]), line.theirs, details["created_on"][:10])


def push(line: Line, bill: Json) -> str:
    """Petpooja pushes a bill with its token; the hub's id of it."""
    assert post(line, {**samples.pushed(bill), "token": TOKEN})[0] == 200
    return id_of(line, bill)


def in_quarantine(hub: RunningHub, line: Line) -> list[Json]:
    listed = hub.orderhub("quarantine", "list", "--limit", "1000", "--json")
    assert listed.returncode == 0, listed.stderr
    return [one for one in json.loads(listed.stdout) if one["connection_id"] == line.id]


# --- ordering apps ---------------------------------------------------------------------------------------------------


def test_an_order_is_answered_shown_and_told_of_to_its_end(hub: RunningHub, line: Line) -> None:
    made = line.hold(line.new_order(zone=ZONE))

    reply = line.tell("save_order", made)

    assert (reply.status_code, reply.json()) == (
        200,
        {
            "success": "1",
            "message": "Your order is saved",
            "restID": line.theirs,
            "clientOrderID": line.external_id(made),
            "orderID": line.order_id(made),
        },
    )
    order = hub.wait_for(line.order_id(made))
    assert (order["status"], order["store_id"], order["external_id"]) == (
        "incoming",
        line.store_id,
        line.external_id(made),
    )
    assert order["checks"] == []
    placed = datetime.fromisoformat(order["placed_at"])
    assert abs(datetime.now(UTC) - placed) < timedelta(minutes=2)

    line.act(made, "accept", {"prep_minutes": 25})
    for action in ("ready", "picked_up", "complete"):
        assert hub.wait_told(order["id"])["sync"]["state"] == "confirmed"
        line.act(made, action)
    assert hub.wait_told(order["id"])["sync"]["state"] == "confirmed"
    assert told(line, made) == [("1", "", 25), ("5", "", ""), ("4", "", ""), ("10", "", "")]
    assert line.held(made)["status"] == "10"
    calls = json.dumps(line.calls(made))
    assert [secret for secret in (*KEYS.values(), COOKIE) if secret in calls] == []


def test_an_order_may_name_where_it_wants_to_be_answered(hub: RunningHub, line: Line) -> None:
    address = hub.file.standins["petpooja"]
    made = line.receive(line.new_order(callback_url=f"{address}/callback"))

    line.act(made, "accept")

    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    assert told(line, made) == [("1", "", 15)]


def test_a_host_that_is_not_listed_is_never_called(hub: RunningHub) -> None:
    line = connect(hub, "petpooja", settings={"callback_hosts": ["app.example.com"]})
    made = line.receive(line.new_order(callback_url=f"{hub.file.standins['petpooja']}/callback?other"))

    line.act(made, "accept")

    waiting = eventually(lambda: hub.order(line.order_id(made)) or {}, lambda one: bool(one["sync"]["detail"]))
    assert urlsplit(hub.file.standins["petpooja"]).netloc in waiting["sync"]["detail"]
    assert "callback_hosts" in waiting["sync"]["detail"]
    assert told(line, made) == []


def test_an_order_that_nobody_can_be_told_of_says_so(hub: RunningHub) -> None:
    line = connect(hub, "petpooja", settings={"callback_url": ""})
    made = line.receive()

    line.act(made, "accept")

    told_nobody = hub.wait_told(line.order_id(made))
    assert (told_nobody["status"], told_nobody["sync"]["state"]) == ("accepted", "unsupported")
    assert "no address to be called back at" in told_nobody["sync"]["detail"]


def test_a_denial_is_told_with_its_reason(hub: RunningHub, line: Line) -> None:
    made = line.receive()

    line.act(made, "deny", DENIAL)

    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    assert told(line, made) == [("-1", "Items are out of stock: No paneer left", "")]


def test_a_cancellation_is_told_with_its_reason(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.act(made, "accept")
    hub.wait_told(line.order_id(made))

    line.act(made, "cancel", {"reason": "KITCHEN_CLOSED"})

    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "confirmed"
    assert told(line, made)[1:] == [("-1", "The kitchen is closed", "")]


def test_bagging_is_kept_in_the_hub(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.act(made, "accept")
    hub.wait_told(line.order_id(made))

    line.act(made, "bagging")

    assert hub.wait_told(line.order_id(made))["sync"]["state"] == "unsupported"
    assert [status for status, _, _ in told(line, made)] == ["1"]


def test_a_refusal_with_status_200_is_a_failure_for_all_to_see(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.change(made, status="-1")

    line.act(made, "accept")

    failed = hub.wait_told(line.order_id(made))
    assert failed["sync"]["state"] == "failed"
    assert "UOS_105" in failed["sync"]["detail"]


def test_the_app_cancels_and_nobody_can_accept_any_more(hub: RunningHub, line: Line) -> None:
    made = line.receive()

    reply = line.tell("update_order_status", made)

    assert (reply.status_code, reply.json()["success"], reply.json()["orderID"]) == (200, "1", line.order_id(made))
    order = hub.wait_for(line.order_id(made), lambda one: one["status"] == "cancelled")
    assert order["status_reason"]["details"] == "The customer has changed their mind"
    assert hub.api("PUT", f"/orders/{order['id']}/accept").status_code == 409


def test_news_of_the_rider_move_the_order(hub: RunningHub, line: Line) -> None:
    made = line.receive()

    for status in ("rider-assigned", "pickedup"):
        assert line.tell("rider_status_update", made, status=status).json()["success"] == "success"

    order = hub.wait_for(line.order_id(made), lambda one: one["status"] == "picked_up")
    assert (order["courier"]["name"], order["courier"]["status"]) == ("Sam Okafor", "pickedup")


def test_an_order_that_cannot_be_read_is_kept_and_the_app_is_told(hub: RunningHub) -> None:
    line = connect(hub, "petpooja")
    made = line.new_order(orderID=None)

    status, answer = post(line, {**made, **KEYS}, "/save_order")

    assert (status, answer["success"], answer["errorCode"]) == (200, "0", "SO_105")
    assert len(in_quarantine(hub, line)) == 1


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("wrong", ["", "x" * 40])
def test_with_a_wrong_key_nothing_is_taken_and_nothing_kept(hub: RunningHub, line: Line, name: str, wrong: str) -> None:
    made = line.new_order()
    held = len(in_quarantine(hub, line))

    status, answer = post(line, {**made, **KEYS, name: wrong}, "/save_order")

    assert (status, answer) == (401, {"error": "NOT_AUTHENTIC"})
    assert hub.order(line.order_id(made)) is None
    assert len(in_quarantine(hub, line)) == held


def everything_stored(hub: RunningHub) -> Iterator[bytes]:
    """Every value of every item in the hub's tables, and every kept body; what is compressed, as it was."""
    with hub.aws("dynamodb") as tables:
        for table in ("OrdersTableName", "ConfigTableName"):
            for page in tables.get_paginator("scan").paginate(TableName=hub.output(table)):
                for item in page["Items"]:
                    yield from (_plain(next(iter(value.values()))) for value in item.values())
    with hub.aws("s3") as buckets:
        name = hub.output("BlobsBucketName")
        for one in buckets.list_objects_v2(Bucket=name).get("Contents", []):
            yield _plain(buckets.get_object(Bucket=name, Key=one["Key"])["Body"].read())


def _plain(value: Any) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode()
    try:
        return unpack(value)
    except zlib.error:
        return value


def test_no_secret_is_stored_anywhere(hub: RunningHub, line: Line) -> None:
    made = line.receive()
    line.tell("update_order_status", made)
    hub.wait_for(line.order_id(made), lambda one: one["status"] == "cancelled")
    post(line, {**line.new_order(orderID=None), **KEYS}, "/save_order")
    for inner, token in (("", TOKEN), (f"/{PATH_SECRET}", "")):
        post(line, {**samples.pushed(a_bill(line)), "token": token}, inner)
        post(line, {**samples.pushed(a_bill(line, created_on="")), "token": token}, inner)

    stored = list(everything_stored(hub))

    assert [
        secret for secret in (*KEYS.values(), TOKEN, PATH_SECRET, COOKIE) for one in stored if secret.encode() in one
    ] == []
    assert any(line.external_id(made).encode() in one for one in stored), "the scan sees what is stored"
    assert any(b"***" in one and b"app_secret" in one for one in stored), "bodies are stored, their keys blanked"


# --- bills -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "proof", "status"),
    [
        ("", {"token": TOKEN}, 200),
        ("", {"Token": TOKEN}, 200),
        (f"/{PATH_SECRET}", {"token": ""}, 200),
        (f"/bills/{PATH_SECRET}", {"token": ""}, 401),
        ("", {"token": ""}, 401),
        ("", {"token": "another"}, 401),
        (f"/{PATH_SECRET}x", {}, 401),
        (f"/{PATH_SECRET}", {"token": "another"}, 401),
    ],
)
def test_a_bill_is_taken_by_its_token_or_by_the_path(
    hub: RunningHub, line: Line, inner: str, proof: dict[str, str], status: int
) -> None:
    bill = a_bill(line)

    assert post(line, {**samples.pushed(bill), **proof}, inner)[0] == status

    if status == 401:
        assert hub.order(id_of(line, bill)) is None
        return
    order = hub.wait_for(id_of(line, bill))
    assert (order["status"], order["channel"], order["allowed_actions"]) == ("completed", "petpooja", [])


def test_the_same_number_on_two_days_is_two_orders(hub: RunningHub, line: Line) -> None:
    now = datetime.now(UTC)
    today = a_bill(line, at=now)
    yesterday = a_bill(line, at=now - timedelta(days=1), orderID=today["Order"]["orderID"])

    orders = [hub.wait_for(push(line, bill)) for bill in (today, yesterday)]

    assert orders[0]["external_id"] == orders[1]["external_id"]
    assert orders[0]["id"] != orders[1]["id"]


def test_a_later_bill_of_the_same_number_and_day_is_an_update(hub: RunningHub, line: Line) -> None:
    bill = a_bill(line)
    known = hub.wait_for(push(line, bill))

    bill["Order"]["total"] += 10
    push(line, bill)
    edited = hub.wait_for(known["id"], lambda one: one["version"] == 2)
    bill["Order"]["status"] = "Cancelled"
    push(line, bill)
    cancelled = hub.wait_for(known["id"], lambda one: one["status"] == "cancelled")
    bill["Order"]["status"] = "Success"
    push(line, bill)

    assert edited["amounts"]["total"] == known["amounts"]["total"] + 1000
    assert cancelled["version"] == 3
    after = hub.order(known["id"])
    assert after is not None
    assert (after["status"], after["version"]) == ("cancelled", 3)


def test_a_bill_that_is_pushed_again_is_one_message(hub: RunningHub, line: Line) -> None:
    bill = a_bill(line)

    for _ in range(3):
        push(line, bill)

    assert hub.told(hub.wait_for(id_of(line, bill))["id"]) == [("platform", "order.created", "applied")]


def test_a_bill_of_zomato_says_which_order_it_repeats(hub: RunningHub) -> None:
    zomato = "con_of_zomato"
    line = connect(hub, "petpooja", settings={"direct_connections": {"zomato": zomato}}, bill_tokens=[TOKEN])
    from_zomato, from_swiggy = (a_bill(line, order_from=channel) for channel in ("Zomato", "Swiggy"))

    orders = [hub.wait_for(push(line, bill)) for bill in (from_zomato, from_swiggy)]

    origin = from_zomato["Order"]["order_from_id"]
    assert [(one["channel"], one["duplicate_of"]) for one in orders] == [
        ("zomato", order_id("zomato", zomato, origin)),
        ("swiggy", None),
    ]
    assert [one["source"]["order_from_id"] for one in orders] == [
        bill["Order"]["order_from_id"] for bill in (from_zomato, from_swiggy)
    ]


# --- asking for bills ------------------------------------------------------------------------------------------------


def test_bills_that_nobody_pushed_are_found_once_each(hub: RunningHub) -> None:
    line = connect(hub, "petpooja", bill_tokens=[TOKEN])
    now = datetime.now(UTC)
    bills = [a_bill(line, at=now - timedelta(days=days)) for days in (0, 0, 1)]
    broken, old = a_bill(line, orderID=None), a_bill(line, at=now - timedelta(days=3))
    for bill in (*bills, broken, old):
        line.hold(bill)
    pushed = push(line, bills[0])
    hub.wait_for(pushed)

    line.ask_for_a_poll()
    orders = [hub.wait_for(id_of(line, bill)) for bill in bills]
    line.ask_for_a_poll()
    last = line.hold(a_bill(line))
    line.ask_for_a_poll()
    hub.wait_for(id_of(line, last))

    assert [one["external_id"] for one in orders] == [str(bill["Order"]["orderID"]) for bill in bills]
    created = [sum(kind == "order.created" for _, kind, _ in hub.told(one["id"])) for one in orders]
    assert created == [1, 1, 1]
    assert hub.order(id_of(line, old)) is None
    assert len(in_quarantine(hub, line)) == 1

    bill = bills[1]
    line.hub.vendor("petpooja", "PATCH", f"orders/{samples.bill_id(bill)}", {"status": "Cancelled"})
    line.ask_for_a_poll()
    assert hub.wait_for(id_of(line, bill), lambda one: one["status"] == "cancelled")["version"] == 2
