"""What holds for every queue and for what reads it, and for the stream."""

import re

import pytest

from tests.template.cloudformation import ROOT, Template, load, names, properties, text
from tests.template.rules import queues

TEMPLATE = load()
QUEUES = names(TEMPLATE, queues.QUEUE)
MAPPINGS = names(TEMPLATE, queues.MAPPING)
STREAMS = [name for name in MAPPINGS if text(properties(TEMPLATE, name)["EventSourceArn"]).endswith(".StreamArn}")]

every_queue = pytest.mark.parametrize("queue", QUEUES)
every_queue_consumer = pytest.mark.parametrize("mapping", [name for name in MAPPINGS if name not in STREAMS])
every_stream_consumer = pytest.mark.parametrize("mapping", STREAMS)


@every_queue
def test_a_queue_has_a_dead_letter_queue_or_is_one(stack: Template, queue: str) -> None:
    assert queues.queue_gives_up_into_a_dead_letter_queue(stack, queue) == []


@every_queue
def test_a_queue_raises_an_alarm_when_messages_wait_or_die(stack: Template, queue: str) -> None:
    assert queues.queue_has_an_alarm(stack, queue) == []


@every_queue
def test_a_queue_is_encrypted(stack: Template, queue: str) -> None:
    assert queues.queue_is_encrypted(stack, queue) == []


@every_queue
def test_a_queue_is_read_by_one_function_and_a_dead_letter_queue_by_none(stack: Template, queue: str) -> None:
    assert queues.queue_has_one_consumer(stack, queue) == []


@every_queue_consumer
def test_a_queue_consumer_works_one_message_at_a_time_and_reports_failures(stack: Template, mapping: str) -> None:
    assert queues.queue_consumer_works_one_message_at_a_time(stack, mapping) == []


@every_queue_consumer
def test_a_message_stays_hidden_for_six_times_the_functions_timeout(stack: Template, mapping: str) -> None:
    assert queues.queue_hides_a_message_while_it_is_worked_on(stack, mapping) == []


@every_queue_consumer
def test_a_worker_knows_after_how_many_tries_its_queue_gives_up(mapping: str) -> None:
    source = properties(TEMPLATE, mapping)
    queue = text(source["EventSourceArn"]).removeprefix("${").removesuffix(".Arn}")
    folder = properties(TEMPLATE, text(source["FunctionName"]).strip("${}"))["CodeUri"]
    attempts = re.findall(r"attempts=(\d+)", (ROOT / folder / "app.py").read_text())
    assert attempts == [str(properties(TEMPLATE, queue)["RedrivePolicy"]["maxReceiveCount"])]


@every_stream_consumer
def test_a_stream_consumer_loses_nothing_and_is_held_up_by_nothing(stack: Template, mapping: str) -> None:
    assert queues.stream_consumer_loses_nothing(stack, mapping) == []


def test_the_orders_stream_has_two_readers_which_is_as_many_as_a_shard_takes() -> None:
    readers = {text(properties(TEMPLATE, name)["FunctionName"]) for name in STREAMS}
    assert readers == {"${Dispatch}", "${KeepBooks}"}
