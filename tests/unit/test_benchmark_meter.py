"""How the benchmarks count a request, replay an answer, and read the template."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks import blueprint
from benchmarks.events import stream_record
from benchmarks.meter import Aim, Read, aims, read, writes
from benchmarks.units import Write
from benchmarks.wire import Answer, Call, Exchange, Replay, from_json, to_json

DYNAMODB = "dynamodb.us-east-1.amazonaws.com"
KEYS = {"orders": ("pk", "sk")}
KEY = {"pk": {"S": "O#1"}, "sk": {"S": "ORDER"}}
ITEM = {**KEY, "doc": {"S": "x" * 5000}}
OK = Answer(200, {}, b"{}")


def call(operation: str, **parameters: Any) -> Call:
    headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}
    return Call(DYNAMODB, "POST", "/", headers, json.dumps(parameters).encode())


class Database:
    """A table of one item, that notes what it is asked."""

    def __init__(self, item: dict[str, Any] | None = ITEM) -> None:
        self.item = item
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, parameters))
        found: dict[str, Any] = {} if self.item is None else {"Item": self.item}
        return {"Items": [self.item, self.item]} if operation == "Query" else found


def test_a_put_aims_at_the_item_of_its_keys() -> None:
    assert aims(call("PutItem", TableName="orders", Item=ITEM), KEYS, Database(None)) == [
        Aim("orders", "PutItem", KEY, None, transactional=False)
    ]


def test_a_transaction_aims_at_each_of_its_items_as_they_were() -> None:
    asked = call(
        "TransactWriteItems",
        TransactItems=[
            {"Put": {"TableName": "orders", "Item": ITEM}},
            {"Update": {"TableName": "orders", "Key": KEY, "UpdateExpression": "SET a = :a"}},
        ],
    )
    assert aims(asked, KEYS, Database()) == [
        Aim("orders", "PutItem", KEY, ITEM, transactional=True),
        Aim("orders", "UpdateItem", KEY, ITEM, transactional=True),
    ]


@pytest.mark.parametrize("asked", [call("GetItem", TableName="orders", Key=KEY), Call("sqs.x", "POST", "/", {}, b"{}")])
def test_a_request_that_does_not_write_aims_at_nothing(asked: Call) -> None:
    assert aims(asked, KEYS, Database()) == []


def test_a_batch_is_refused_rather_than_left_uncounted() -> None:
    with pytest.raises(NotImplementedError, match="BatchWriteItem"):
        aims(call("BatchWriteItem", RequestItems={}), KEYS, Database())


def test_a_write_is_told_with_the_item_before_and_after_it() -> None:
    aimed = [Aim("orders", "PutItem", KEY, None, transactional=True)]
    assert writes(aimed, Database()) == [Write("orders", "PutItem", None, ITEM, transactional=True)]


def test_a_read_counts_the_whole_item_though_it_asks_for_a_part() -> None:
    database = Database()
    asked = call(
        "GetItem",
        TableName="orders",
        Key=KEY,
        ConsistentRead=True,
        ProjectionExpression="#p",
        ExpressionAttributeNames={"#p": "pk"},
    )
    assert read(asked, OK, database) == Read("orders", "GetItem", 5015, 2)
    assert database.asked == [("GetItem", {"TableName": "orders", "Key": KEY, "ConsistentRead": True})]


def test_a_query_of_an_index_is_counted_by_all_it_reads_together() -> None:
    asked = call(
        "Query",
        TableName="orders",
        IndexName="open",
        KeyConditionExpression="#k = :k",
        ExpressionAttributeNames={"#k": "open_pk", "#p": "platform"},
        ProjectionExpression="#p",
    )
    assert read(asked, OK, Database()) == Read("orders/open", "Query", 10030, 1.5)


def test_a_missing_item_costs_as_much_as_a_small_one() -> None:
    asked = call("GetItem", TableName="orders", Key=KEY)
    assert read(asked, OK, Database(None)) == Read("orders", "GetItem", 0, 0.5)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [(call("PutItem", TableName="orders", Item=ITEM), OK), (call("GetItem", TableName="orders"), Answer(400, {}, b""))],
)
def test_what_does_not_read_or_is_refused_counts_as_no_read(asked: Call, answer: Answer) -> None:
    assert read(asked, answer, Database()) is None


@pytest.mark.parametrize(
    ("host", "service"),
    [(DYNAMODB, "dynamodb"), ("sqs.us-east-1.amazonaws.com", "sqs"), ("platforms.example.com", "http")],
)
def test_a_call_knows_its_service(host: str, service: str) -> None:
    assert Call(host, "GET", "/", {}, b"").service == service


def test_exchanges_survive_being_written_down() -> None:
    exchanges = [Exchange(call("GetItem", TableName="orders"), Answer(200, {"A": "b"}, b"\x00{}"))]
    assert from_json(json.loads(json.dumps(to_json(exchanges)))) == exchanges


def test_a_replay_answers_the_same_request_the_same_in_the_order_of_the_answers() -> None:
    asked = call("GetItem", TableName="orders", Key=KEY)
    replay = Replay([Exchange(asked, Answer(200, {}, b"1")), Exchange(asked, Answer(200, {}, b"2"))])
    assert [replay(asked).body for _ in range(3)] == [b"1", b"2", b"1"]


def test_a_replay_answers_a_request_with_another_time_in_it_like_those_of_its_table() -> None:
    told = [Exchange(call("PutItem", TableName=name, Item={}), Answer(200, {}, name.encode())) for name in "ab"]
    assert Replay(told)(call("PutItem", TableName="b", Item=ITEM)).body == b"b"


def test_a_replay_prefers_the_same_request_to_a_like_one_and_the_first_layer_to_the_second() -> None:
    one, two = call("GetItem", TableName="t", Key=1), call("GetItem", TableName="t", Key=2)
    replay = Replay([Exchange(one, Answer(200, {}, b"1"))], [Exchange(two, Answer(200, {}, b"2"))])
    assert [replay(asked).body for asked in (one, two, call("GetItem", TableName="t", Key=3))] == [b"1", b"2", b"1"]


def test_a_request_that_was_never_made_has_no_answer() -> None:
    with pytest.raises(LookupError, match="PutItem"):
        Replay([])(call("PutItem", TableName="orders"))


CHANGED = {**ITEM, "a": {"N": "1"}}


@pytest.mark.parametrize(
    ("before", "after", "kind"), [(None, ITEM, "INSERT"), (ITEM, CHANGED, "MODIFY"), (ITEM, None, "REMOVE")]
)
def test_the_stream_tells_what_a_write_changed(before: Any, after: Any, kind: str) -> None:
    record = stream_record(Write("orders", "PutItem", before, after), ("pk", "sk"), 1)
    assert record is not None
    assert (record["eventName"], record["dynamodb"]["Keys"], record["dynamodb"].get("NewImage")) == (kind, KEY, after)


def test_the_stream_says_nothing_of_a_write_that_changed_nothing() -> None:
    assert stream_record(Write("orders", "PutItem", ITEM, ITEM), ("pk", "sk"), 1) is None


FILTERS = {
    "equal": '{"eventName": ["INSERT", "MODIFY"]}',
    "prefix": '{"dynamodb": {"Keys": {"sk": {"S": [{"prefix": "E#"}]}}}}',
    "exists": '{"dynamodb": {"NewImage": {"raw": [{"exists": false}]}}}',
    "but": '{"dynamodb": {"NewImage": {"actor": {"S": [{"anything-but": ["system"]}]}}}}',
}


@pytest.mark.parametrize(
    ("rule", "record", "passes"),
    [
        ("equal", {"eventName": "INSERT"}, True),
        ("equal", {"eventName": "REMOVE"}, False),
        ("prefix", {"dynamodb": {"Keys": {"sk": {"S": "E#1"}}}}, True),
        ("prefix", {"dynamodb": {"Keys": {"sk": {"S": "ORDER"}}}}, False),
        ("prefix", {}, False),
        ("exists", {"dynamodb": {"NewImage": {}}}, True),
        ("exists", {"dynamodb": {"NewImage": {"raw": {}}}}, False),
        ("but", {"dynamodb": {"NewImage": {"actor": {"S": "staff"}}}}, True),
        ("but", {"dynamodb": {"NewImage": {"actor": {"S": "system"}}}}, False),
        ("but", {"dynamodb": {"NewImage": {}}}, False),
    ],
)
def test_an_event_filter_is_applied_as_lambda_does(
    monkeypatch: pytest.MonkeyPatch, rule: str, record: dict[str, Any], passes: bool
) -> None:
    source = {"Properties": {"FilterCriteria": {"Filters": [{"Pattern": FILTERS[rule]}]}}}
    monkeypatch.setattr(blueprint, "template", lambda: {"Resources": {"Source": source}})
    assert blueprint.passes_filter("Source", record) is passes


def test_without_a_filter_every_record_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blueprint, "template", lambda: {"Resources": {"Source": {"Properties": {}}}})
    assert blueprint.passes_filter("Source", {"eventName": "REMOVE"}) is True


def test_the_tables_keys_and_indexes_are_those_of_the_template() -> None:
    table = blueprint.table("OrdersTable")
    given = blueprint.table_properties("OrdersTable")["GlobalSecondaryIndexes"]
    assert (table.keys, [index.name for index in table.indexes]) == (("pk", "sk"), [one["IndexName"] for one in given])


def test_each_function_is_found_with_its_code() -> None:
    assert [name for name, one in blueprint.functions().items() if not (one.folder / "app.py").is_file()] == []
