"""The stream's consumer: new events in, messages for the actions out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from orderhub.errors import Retry
from orderhub.order.events import Actor, Cause, Raw
from orderhub.storage import orders, timelines
from orderhub.storage.aws import client
from tests.functional.cloud import Cloud, aws, images, waiting
from tests.functional.hub import QUEUES, function, queue_url, stream_record
from tests.functional.made import an_event, stored
from tests.unit.made import an_order

REFERENCED = an_event(
    "ord_1", "k-1", type="order.referenced", ref={"external_id": "A1", "generation": "v1"}, source_version="7"
)
ACCEPTED = an_event("ord_2", "k-2", type="order.accepted", cause=Cause(Actor.STAFF), connection_id="con_2")


def records(name: str = "INSERT") -> list[dict[str, Any]]:
    """All items there are as records of the stream."""
    return [stream_record(image, name) for image in images().values()]


def dispatch(found: list[dict[str, Any]]) -> Any:
    return function("streams.dispatch")({"Records": found}, None)


def sent() -> dict[str, list[Any]]:
    """What lies in the queues, by queue; they are emptied."""
    found = {queue: waiting(queue_url(queue)) for queue in QUEUES}
    return {queue: bodies for queue, bodies in found.items() if bodies}


def test_each_event_puts_what_it_asks_for_on_the_queue_of_the_action(cloud: Cloud) -> None:
    timelines.add_event(REFERENCED)
    timelines.add_event(ACCEPTED)
    timelines.add_event(an_event("ord_3", type="courier.updated"))

    assert dispatch(records()) is None

    assert sent() == {
        "fetch_order": [
            {
                "order_id": "ord_1",
                "connection_id": "con_1",
                "platform": "toy",
                "event": "k-1",
                "ref": {"external_id": "A1", "generation": "v1"},
                "source_version": "7",
            }
        ],
        "push_status": [{"order_id": "ord_2", "connection_id": "con_2", "platform": "toy", "event": "k-2"}],
    }


def test_bytes_in_an_image_are_base64_and_no_obstacle(cloud: Cloud) -> None:
    timelines.add_event(replace(REFERENCED, raw=Raw(b"\x00\xff", {"a": "b"})))
    (record,) = records()
    assert isinstance(record["dynamodb"]["NewImage"]["raw"]["B"], str)

    dispatch([record])

    assert [body["event"] for body in sent()["fetch_order"]] == ["k-1"]


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_an_event_that_is_changed_or_removed_asks_for_nothing(cloud: Cloud, name: str) -> None:
    timelines.add_event(REFERENCED)

    dispatch(records(name))

    assert sent() == {}


def test_a_record_without_an_image_asks_for_nothing(cloud: Cloud) -> None:
    keys = {"pk": {"S": "O#ord_1"}, "sk": {"S": "E#k-1"}}

    dispatch([{"eventName": "REMOVE", "dynamodb": {"Keys": keys}}])

    assert sent() == {}


def test_orders_links_and_quarantined_messages_ask_for_nothing(cloud: Cloud) -> None:
    stored("ord_1")
    (order,) = (image for key, image in images().items() if key[1] == "ORDER")
    link: Mapping[str, Any] = {"pk": {"S": "O#ord_1"}, "sk": {"S": "L#source"}, "held_until": {"N": "1"}}
    held: Mapping[str, Any] = {"pk": {"S": "Q#qm_1"}, "sk": {"S": "MESSAGE"}, "raw": {"B": b"x"}}

    dispatch([stream_record(image) for image in (order, link, held)])

    assert sent() == {}


def test_a_batch_in_which_nothing_asks_for_anything_calls_no_queue(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.write(an_order(version=1), an_event(type="order.created"))
    monkeypatch.delattr(type(client("sqs")), "send_message_batch")

    dispatch(records())


def test_a_batch_larger_than_a_request_is_sent_whole(cloud: Cloud) -> None:
    for number in range(25):
        timelines.add_event(replace(REFERENCED, key=f"k-{number}"))

    dispatch(records())

    assert sorted(body["event"] for body in sent()["fetch_order"]) == sorted(f"k-{number}" for number in range(25))


def test_the_same_batch_again_sends_the_same_again(cloud: Cloud) -> None:
    timelines.add_event(REFERENCED)
    batch = records()

    dispatch(batch)
    dispatch(batch)

    assert [body["event"] for body in sent()["fetch_order"]] == ["k-1", "k-1"]


def test_a_queue_that_refuses_a_message_makes_the_batch_come_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    timelines.add_event(REFERENCED)
    answer = {"Failed": [{"Id": "0", "Code": "ServiceUnavailable"}]}
    monkeypatch.setattr(client("sqs"), "send_message_batch", lambda **_: answer)

    with pytest.raises(Retry, match="SQS did not take 1 of 1"):
        dispatch(records())


def test_a_queue_that_is_not_there_makes_the_batch_come_again(cloud: Cloud) -> None:
    timelines.add_event(REFERENCED)
    aws("sqs").delete_queue(QueueUrl=queue_url("fetch_order"))

    with pytest.raises(Retry):
        dispatch(records())
