"""What a platform hears while the database, the bucket or the secrets are away: it is to send the message again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from local.standins.samples import shopify as shopify_samples
from orderhub.storage.aws import client
from tests.functional.cloud import aws, items
from tests.functional.conftest import NOW
from tests.functional.hub import Hub, Reply
from tests.functional.vendors import PLATFORMS

Failing = Callable[..., None]
LATER = Reply(503, '{"error":"TRY_AGAIN"}', {"content-type": "application/json", "retry-after": "5"})
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "TransactWriteItems")
AWAY = EndpointConnectionError(endpoint_url="https://dynamodb.example.com")


@pytest.fixture(params=[THROTTLED, AWAY], ids=["throttled", "away"])
def failing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Lets one call of DynamoDB or S3 fail."""

    def fail(operation: str, service: str = "dynamodb") -> None:
        def refuse(**_: Any) -> None:
            raise request.param

        monkeypatch.setattr(client(service), operation, refuse)

    return fail


@pytest.mark.parametrize(
    ("slug", "operation"),
    [("shopify", "transact_write_items"), ("uber_eats", "put_item"), ("square", "put_item")],
)
def test_what_cannot_be_stored_is_answered_so_that_it_comes_again(
    hub: Hub, failing: Failing, slug: str, operation: str
) -> None:
    played, connection_id = PLATFORMS[slug], hub.connect(slug)
    failing(operation)

    assert hub.tell(connection_id, played.first, played.order(1), "delivery-1") == LATER
    assert items() == []


def test_quarantine_that_cannot_be_stored_is_answered_so_that_it_comes_again(
    hub: Hub, square: str, failing: Failing
) -> None:
    failing("put_item")

    assert hub.send(square, b"[") == LATER


def test_a_connection_that_cannot_be_read_is_not_the_sender_s_fault(hub: Hub, square: str, failing: Failing) -> None:
    proof = hub.sign(square, b"{}")
    failing("get_item")

    assert hub.send(square, b"{}", slug="square", proof=proof) == LATER


def test_a_large_body_that_cannot_be_stored_leaves_no_event(hub: Hub, shopify: str, failing: Failing) -> None:
    failing("put_object", "s3")

    assert (
        hub.tell(shopify, "orders/create", shopify_samples.order(1, placed_at=NOW, note="x" * 310_000), "delivery-1")
        == LATER
    )
    assert items() == []


def test_what_comes_again_after_a_failure_is_stored(
    hub: Hub, shopify: str, failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = shopify_samples.order(1, placed_at=NOW)
    failing("transact_write_items")
    assert hub.tell(shopify, "orders/create", order, "delivery-1") == LATER
    monkeypatch.undo()

    assert hub.tell(shopify, "orders/create", order, "delivery-1").status == 200
    assert hub.order(hub.connection(shopify).order_id(str(order["id"]))).version == 1


def test_credentials_that_are_missing_are_not_the_sender_s_fault(hub: Hub, square: str) -> None:
    proof = hub.sign(square, b"{}")
    aws("ssm").delete_parameter(Name=f"/orderhub/dev/connections/{square}")

    assert hub.send(square, b"{}", slug="square", proof=proof) == LATER


def test_one_of_two_messages_in_a_request_that_is_stored_is_not_stored_twice(
    hub: Hub, square: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = {"catalog_object_id": "V1", "state": "IN_STOCK", "location_id": "L1", "quantity": "4"}
    told = {"inventory_counts": [count, {**count, "catalog_object_id": "V2"}]}
    event = {"type": "inventory.count.updated", "event_id": "e-1", "merchant_id": "M"}
    body = json.dumps({**event, "data": {"object": told}}).encode()
    real, calls = client("dynamodb").put_item, iter([True, False, True, True])

    def sometimes(**given: Any) -> Any:
        if not next(calls):
            raise THROTTLED
        return real(**given)

    monkeypatch.setattr(client("dynamodb"), "put_item", sometimes)

    assert [hub.send(square, body).status for _ in range(2)] == [503, 200]
    assert [row["sk"] for row in items()] == ["E#e-1#0", "E#e-1#1"]
