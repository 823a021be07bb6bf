"""Secrets are in the parameter store and nowhere else: in no table, file, log line, metric or answer."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from local.standins.shopify import CLIENT_SECRET as SHOPIFY_SECRET
from local.standins.square import ACCESS_TOKEN, SIGNATURE_KEY
from local.standins.uber_eats import CLIENT_SECRET as UBER_SECRET
from orderhub.outbound import tokens
from orderhub.platforms.registry import load
from orderhub.storage.codec import unpack
from tests.functional.cloud import Cloud, aws, items
from tests.functional.conftest import Clock
from tests.functional.hub import Hub, function
from tests.functional.vendors import PLATFORMS

WRONG = "a-secret-that-was-mistyped"
HEADER_SECRETS = {
    "Authorization": "Bearer secret-in-a-header",
    "Cookie": "secret-in-a-cookie",
    "X-Api-Key": "secret-key-1",
}
SECRETS = (SHOPIFY_SECRET, UBER_SECRET, ACCESS_TOKEN, SIGNATURE_KEY, WRONG, *HEADER_SECRETS.values())


def stored(cloud: Cloud) -> str:
    """Everything in the tables and the bucket, as text."""
    s3, bucket = aws("s3"), cloud.ids["BlobsBucket"]
    files = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    blobs = [s3.get_object(Bucket=bucket, Key=file)["Body"].read() for file in files]
    return unpacked([items("OrdersTable"), items("ConfigTable"), blobs])


def unpacked(value: Any) -> str:
    """A value as text, its compressed parts unpacked."""
    match value:
        case bytes():
            try:
                return unpack(value).decode("utf-8", "replace")
            except zlib.error:
                return value.decode("utf-8", "replace")
        case dict():
            return " ".join(f"{name} {unpacked(one)}" for name, one in value.items())
        case list():
            return " ".join(map(unpacked, value))
        case _:
            return str(value)


def live(hub: Hub, clock: Clock, slug: str) -> None:
    """A connection's life, with all that can go wrong in it."""
    played, connection_id = PLATFORMS[slug], hub.connect(slug)
    path = f"/v1/connections/{connection_id}"
    hub.api("GET", path)
    hub.api("GET", "/v1/connections")
    hub.api("POST", f"{path}/verify")
    order_id = hub.receive(connection_id)
    for action in ("accept", "ready"):
        clock.wait(60)
        hub.api("POST", f"/v1/orders/{order_id}/{action}")
        hub.run()
    hub.api("GET", f"/v1/orders/{order_id}/timeline")
    function("schedules.poll")({}, None)
    hub.run()

    headers, body = played.told(played.first, played.order(2), "delivery-2")
    hub.send(connection_id, body, {**headers, **HEADER_SECRETS})
    hub.send(connection_id, body, headers, proof={"X-Signature": played.secret})
    hub.send(connection_id, b"[" + b"0" * 400_000, {**headers, **HEADER_SECRETS})
    hub.run()

    hub.vendors.fault(slug, status=401, times=3)
    hub.vendors.fault(slug, status=500, times=2)
    hub.api("POST", f"/v1/orders/{order_id}/complete")
    for _ in range(4):
        hub.run()
        clock.wait(400)
    hub.api("PATCH", path, {"credentials": played.credentials(WRONG)})
    hub.api("PATCH", path, {"credentials": {"password": WRONG}})
    hub.api("POST", f"{path}/verify")
    hub.api("POST", "/v1/connections", {"platform": slug, "credentials": {"password": WRONG}})
    hub.vendors.down = True
    hub.api("POST", f"{path}/verify")
    hub.vendors.down = False


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every access token that a platform gave us."""
    found: list[str] = []
    real = tokens._ask

    def ask(*given: Any) -> Any:
        answer = real(*given)
        found.append(answer[0])
        return answer

    monkeypatch.setattr(tokens, "_ask", ask)
    return found


@pytest.mark.parametrize("slug", PLATFORMS)
def test_no_secret_leaves_the_parameter_store(
    hub: Hub,
    cloud: Cloud,
    clock: Clock,
    issued: list[str],
    logged: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
    slug: str,
) -> None:
    live(hub, clock, slug)
    places = {
        "storage": stored(cloud),
        "log": logged(),
        "standard output": "".join(capsys.readouterr()),
        "answers": "".join(f"{reply.body} {dict(reply.headers)}" for reply in hub.answers),
    }

    assert all(len(text) > 1000 for text in places.values())
    assert [(place, secret) for place, text in places.items() for secret in (*SECRETS, *issued) if secret in text] == []


def test_the_parameter_store_holds_them_encrypted(hub: Hub, uber: str, issued: list[str]) -> None:
    hub.receive(uber)

    found = aws("ssm").describe_parameters()["Parameters"]

    assert {(one["Name"], one["Type"]) for one in found} == {
        (f"/orderhub/dev/connections/{uber}", "SecureString"),
        (f"/orderhub/dev/tokens/{uber}", "SecureString"),
    }
    assert len(issued) == 1


def test_an_error_in_an_adapter_logs_no_credentials(
    hub: Hub, square: str, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(request: Any, connection: Any) -> None:
        raise ValueError(f"cannot work with {connection}")

    monkeypatch.setattr(load("square"), "read", read)
    hub.send(square, json.dumps({"type": "order.created"}).encode())

    assert "cannot work with" in logged()
    assert [secret for secret in SECRETS if secret in logged()] == []


def test_a_new_api_key_is_in_its_answer_and_nowhere_else(
    hub: Hub, cloud: Cloud, logged: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    key = hub.api("POST", "/v1/api-keys", {"name": "till", "role": "viewer"}).json["key"]
    function("authorizer")({"headers": {"authorization": f"Bearer {key}"}}, None)
    function("authorizer")({"headers": {"authorization": f"Bearer {key}x"}}, None)
    hub.api("GET", "/v1/api-keys")

    secret = key.split("_", 2)[2]
    assert secret not in stored(cloud) + logged() + "".join(capsys.readouterr())
    assert [secret in reply.body for reply in hub.answers] == [True, False]
