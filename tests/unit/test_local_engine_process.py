"""The engine stops in order: nothing new comes in, what runs finishes, and unread stream records are kept."""

import asyncio
from collections.abc import MutableMapping
from types import SimpleNamespace
from typing import Any

import pytest

from local import engine_process
from local.engine_process import Gate, Scope

API = {"type": "http", "path": "/_aws/execute-api/abcd1234/webhooks/shopify/c1"}
AWS_CALL = {"type": "http", "path": "/"}


class Scoped(dict[tuple[str, str, str], Any]):
    """Values by account, region and name, with the methods ministack's own mapping has."""

    def all_items(self) -> Any:
        return self.items()

    def get_scoped(self, account: str, region: str, name: str, default: Any = None) -> Any:
        return self.get((account, region, name), default)

    def set_scoped(self, account: str, region: str, name: str, value: Any) -> None:
        self[account, region, name] = value


def lambda_service(**more: Any) -> Any:
    """Stands in for ministack's Lambda service: what the gate needs of it."""
    service = SimpleNamespace(_esm_inflight={}, executions_in_flight=lambda: (0, {}), **more)
    for name in ("_poll_sqs", "_poll_dynamodb_streams", "_poll_kinesis"):
        setattr(service, name, lambda: True)
    return service


class Answers:
    """An ASGI application that waits to be released before it answers 200, and records the statuses sent."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.statuses: list[int] = []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        await self.released.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])

    async def receive(self) -> MutableMapping[str, Any]:
        return {}


def test_event_sources_wait_until_the_server_answers() -> None:
    async def scenario() -> list[bool]:
        application, service = Answers(), lambda_service()
        application.released.set()
        gate = Gate(application, service)
        before = service._poll_sqs()
        await gate(AWS_CALL, application.receive, application.send)
        return [before, service._poll_sqs(), service._poll_dynamodb_streams()]

    assert asyncio.run(scenario()) == [False, True, True]


def test_draining_waits_for_the_request_inside_and_refuses_the_next() -> None:
    async def scenario() -> tuple[list[int], bool]:
        application, service = Answers(), lambda_service()
        gate = Gate(application, service)
        inside = asyncio.create_task(gate(API, application.receive, application.send))
        await asyncio.sleep(0)
        drained = asyncio.create_task(gate.drain(30))
        await asyncio.sleep(0)
        await gate(API, application.receive, application.send)
        assert not drained.done()
        application.released.set()
        await asyncio.gather(inside, drained)
        return application.statuses, service._poll_sqs()

    assert asyncio.run(scenario()) == ([503, 200], False)


def test_functions_still_reach_the_services_while_draining() -> None:
    async def scenario() -> tuple[list[int], bool]:
        application, service = Answers(), lambda_service()
        application.released.set()
        gate = Gate(application, service)
        await gate.drain(0)
        await gate(AWS_CALL, application.receive, application.send)
        return application.statuses, service._poll_sqs()

    assert asyncio.run(scenario()) == ([200], False)


@pytest.mark.parametrize(
    "work", [{"executions_in_flight": lambda: (1, {"Worker": 1})}, {"_esm_inflight": {"mapping": 1}}]
)
def test_running_functions_and_queue_batches_count_as_work(work: dict[str, Any]) -> None:
    service = lambda_service()
    vars(service).update(work)
    assert Gate(Answers(), service).busy()


def test_draining_gives_up_in_time() -> None:
    service = lambda_service()
    service._esm_inflight["stuck"] = 1
    asyncio.run(Gate(Answers(), service).drain(0.05))


HERE = ("000000000000", "us-east-1")


def dynamodb_service(records: dict[str, list[str]], trimmed: dict[str, int]) -> Any:
    """Stands in for ministack's DynamoDB service: streams that hold ``records`` after ``trimmed`` expired ones."""
    service = SimpleNamespace(
        _stream_records=Scoped({(*HERE, table): list(found) for table, found in records.items()}),
        _stream_trimmed=Scoped({(*HERE, table): count for table, count in trimmed.items()}),
        get_state=lambda: {"tables": "saved"},
        restored=[],
    )

    def start(table: str, *, account_id: str, region: str) -> int:
        return int(service._stream_trimmed.get((account_id, region, table), 0))

    def end(table: str, *, account_id: str, region: str) -> int:
        return start(table, account_id=account_id, region=region) + len(records[table])

    def since(table: str, position: int, limit: int, *, account_id: str, region: str) -> list[str]:
        offset = position - start(table, account_id=account_id, region=region)
        return records[table][offset : offset + limit]

    service.stream_start_position, service.stream_end_position, service.stream_records_since = start, end, since
    service.load_persisted_state = service.restored.append
    return service


def mappings(positions: dict[str, tuple[str, int]]) -> Any:
    """Stands in for the Lambda service: event source mappings by id, each with its table and position."""
    source = "arn:aws:dynamodb:us-east-1:000000000000:table/{}/stream/1"
    return SimpleNamespace(
        _esms=Scoped({(*HERE, m): {"UUID": m, "EventSourceArn": source.format(t)} for m, (t, _) in positions.items()}),
        _dynamodb_stream_positions=Scoped({(*HERE, m): position for m, (_, position) in positions.items()}),
    )


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ({"a": ("orders", 12)}, (12, ["r12", "r13"])),
        ({"a": ("orders", 14)}, (14, [])),
        ({"fast": ("orders", 13), "slow": ("orders", 11)}, (11, ["r11", "r12", "r13"])),
        ({"late": ("orders", 3)}, (10, ["r10", "r11", "r12", "r13"])),
        ({"other": ("stores", 0)}, (14, [])),
    ],
    ids=["one reader", "all read", "the slower reader counts", "expired records are gone", "no reader"],
)
def test_what_a_reader_has_not_seen_is_kept(
    positions: dict[str, tuple[str, int]], expected: tuple[int, list[str]]
) -> None:
    tables = dynamodb_service({"orders": ["r10", "r11", "r12", "r13"]}, {"orders": 10})
    assert engine_process.unread_stream_records(tables, mappings(positions)) == [(*HERE, "orders", *expected)]


def test_kept_records_come_back_at_their_positions() -> None:
    before = dynamodb_service({"orders": ["r10", "r11"]}, {"orders": 10})
    engine_process.keep_stream_records(before, mappings({"a": ("orders", 11)}))
    saved = before.get_state()
    after = dynamodb_service({}, {})
    engine_process.keep_stream_records(after, mappings({}))
    after.load_persisted_state(saved)
    assert after.restored == [saved]
    assert after._stream_records == {(*HERE, "orders"): ["r11"]}
    assert after._stream_trimmed == {(*HERE, "orders"): 11}
