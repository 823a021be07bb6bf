"""From a platform's request to an order: taken in once, refused without a trace, or kept whole in quarantine."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from local.standins.samples import shopify
from tests.local.hub import Json, RunningHub, eventually
from tests.local.line import Line, connect

NOT_JSON = b"this is no JSON, and signed all the same "
NAMELESS_CURRENCY = "ZZZ"
CORRECTION = f"""

_before_the_correction = to_order


def to_order(order, connection, shop=None):
    if order.currency == "{NAMELESS_CURRENCY}":
        order = order.model_copy(update={{"currency": "USD"}})
    return _before_the_correction(order, connection, shop)
"""


def shown(reply: requests.Response) -> tuple[int, str, dict[str, str]]:
    """All of an answer that its sender can tell from another."""
    varying = {"date", "apigw-requestid", "x-amzn-requestid"}
    return (
        reply.status_code,
        reply.text,
        {name: text for name, text in reply.headers.items() if name.lower() not in varying},
    )


def in_quarantine(hub: RunningHub, line: Line) -> list[Json]:
    """What waits of one connection, as the command lists it."""
    listed = hub.orderhub("quarantine", "list", "--limit", "1000", "--json")
    assert listed.returncode == 0, listed.stderr
    return [one for one in json.loads(listed.stdout) if one["connection_id"] == line.id]


def test_a_signed_order_appears_in_the_list(hub: RunningHub, measured: Callable[[str], None]) -> None:
    line = connect(hub, "shopify")
    line.tell("orders/create", line.new_order())  # the functions are warm from here on
    order = line.new_order()
    began = time.perf_counter()
    assert line.tell("orders/create", order).status_code == 200
    answered = time.perf_counter() - began
    found = eventually(lambda: [one for one in hub.open_orders(line.store_id) if one["id"] == line.order_id(order)])
    measured(f"a Shopify order is answered after {answered:.2f} s and listed after {time.perf_counter() - began:.2f} s")
    assert [(one["external_id"], one["status"], one["amounts"]["currency"]) for one in found] == [
        (str(order["id"]), "incoming", "USD")
    ]
    assert found[0]["amounts"]["total"] == round(float(order["total_price"]) * 100)


def test_the_same_request_fifty_times_is_one_order_with_one_event(
    hub: RunningHub, measured: Callable[[str], None]
) -> None:
    line = connect(hub, "shopify")
    order = line.new_order()
    began = time.perf_counter()
    with ThreadPoolExecutor(8) as senders:
        replies = list(senders.map(lambda _: line.tell("orders/create", order, key="the-same").status_code, range(50)))
    measured(f"50 equal requests, 8 at once: {time.perf_counter() - began:.2f} s")
    assert replies == [200] * 50
    assert [one["id"] for one in hub.open_orders(line.store_id)] == [line.order_id(order)]
    assert hub.told(line.order_id(order)) == [("platform", "order.created", "applied")]


def test_a_bad_signature_and_an_unknown_connection_are_refused_alike_and_leave_no_trace(hub: RunningHub) -> None:
    line = connect(hub, "shopify")
    order = line.new_order()
    headers = shopify.headers("orders/create", webhook_id="refused")
    body = shopify.wire(order)
    other = line.proof(body + b" ")
    refused = line.post(body, {**headers, **other})
    unknown = line.post(body, {**headers, **line.proof(body)}, url=line.url.replace(line.id, "con_" + "a" * 26))
    unsigned = line.post(body, headers)
    assert refused.status_code == 401
    assert shown(unknown) == shown(refused)
    assert shown(unsigned) == shown(refused)
    assert hub.order(line.order_id(order)) is None
    assert hub.open_orders(line.store_id) == []
    assert in_quarantine(hub, line) == []


def test_an_authentic_body_that_is_not_json_waits_whole_in_quarantine(hub: RunningHub) -> None:
    line = connect(hub, "shopify")
    headers = shopify.headers("orders/create", webhook_id="garbled")
    for _ in range(2):  # the platform's repeat makes no second one
        assert line.post(NOT_JSON, {**headers, **line.proof(NOT_JSON)}).status_code == 200
    held = in_quarantine(hub, line)
    assert [(one["platform"], one["kind"]) for one in held] == [("shopify", "request")]
    shown_whole = hub.orderhub("quarantine", "show", held[0]["id"])
    whole = json.loads(shown_whole.stdout)
    assert whole["body"] == NOT_JSON.decode()
    assert whole["headers"]["x-shopify-topic"] == "orders/create"
    replayed = hub.orderhub("replay", held[0]["id"])
    assert replayed.returncode == 1
    assert "still not understood" in replayed.stderr
    assert in_quarantine(hub, line) == held
    assert line.secret not in shown_whole.stdout


def test_a_message_is_understood_after_a_setting_was_wrong(hub: RunningHub) -> None:
    line = connect(hub, "uber_eats", settings={"environment": "sandbox"})
    order = line.hold(line.new_order())
    assert line.tell("orders.notification", order).status_code == 200
    held = in_quarantine(hub, line)
    assert len(held) == 1
    assert "sandbox" in held[0]["reason"]
    assert hub.order(line.order_id(order)) is None

    settings = hub.ask("GET", f"/connections/{line.id}")["settings"]
    hub.ask("PATCH", f"/connections/{line.id}", {"settings": {**settings, "environment": "production"}})
    assert hub.orderhub("replay", held[0]["id"]).returncode == 0
    assert hub.wait_for(line.order_id(order))["status"] == "incoming"
    assert in_quarantine(hub, line) == []


def test_a_message_is_understood_after_its_adapter_is_corrected(hub: RunningHub) -> None:
    line = connect(hub, "shopify")
    first, second = (line.new_order(currency=NAMELESS_CURRENCY) for _ in range(2))
    assert line.tell("orders/create", first, key="first").status_code == 200
    held = in_quarantine(hub, line)
    assert len(held) == 1
    assert hub.order(line.order_id(first)) is None

    mapper = hub.project / "layers/common/orderhub/platforms/shopify/mapper.py"
    printed = len(hub.said.read_text())
    with mapper.open("a", encoding="utf-8") as module:
        module.write(CORRECTION)
    hub.wait_for_word("] redeployed", after=printed)
    replayed = hub.orderhub("replay", held[0]["id"])
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert line.order_id(first) in replayed.stdout
    assert in_quarantine(hub, line) == []
    assert line.tell("orders/create", first, key="first").status_code == 200
    assert hub.told(line.order_id(first)) == [("system", "order.created", "applied")]

    assert line.tell("orders/create", second).status_code == 200
    assert hub.wait_for(line.order_id(second))["amounts"]["currency"] == "USD"
