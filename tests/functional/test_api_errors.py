"""Every way in which the API refuses has one shape."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from orderhub.api.errors import STATUSES
from orderhub.errors import HubError, Ignore, Misconfigured, NotAuthentic, Quarantine, Reject, Retry, Unsupported
from orderhub.service import stores
from orderhub.storage.aws import client
from tests.functional.hub import STORE, Hub, function

STORES = f"/v1/stores/{STORE}"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Lets GET /v1/stores/{id} fail."""

    def fail(error: Exception) -> None:
        def get_store(*_: Any) -> None:
            raise error

        monkeypatch.setattr(stores, "get_store", get_store)

    return fail


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *STATUSES.items(),
        ("INVALID_CURSOR", 400),
        ("ANYTHING_ELSE", 400),
    ],
)
def test_each_refusal_has_its_status(hub: Hub, failing: Callable[[Exception], None], code: str, status: int) -> None:
    failing(Reject(code, "a sentence", details={"why": [1, None]}))

    reply = hub.api("GET", STORES)

    assert reply.error == (status, code)
    assert (reply.json["message"], reply.json["details"]) == ("a sentence", {"why": [1, None]})


@pytest.mark.parametrize(
    ("error", "status", "code", "details"),
    [
        (Unsupported("set_ready_time", "Shopify", "no"), 409, "UNSUPPORTED", {"operation": "set_ready_time"}),
        (Misconfigured("a setting"), 409, "MISCONFIGURED", {}),
        (Retry("busy"), 503, "TRY_AGAIN", {}),
        (Quarantine("odd"), 422, "NOT_UNDERSTOOD", {}),
        (Ignore("nothing"), 422, "NOT_UNDERSTOOD", {}),
        (HubError("what"), 422, "NOT_UNDERSTOOD", {}),
        (NotAuthentic("who"), 400, "NOT_AUTHENTIC", {}),
    ],
)
def test_each_kind_of_error_has_its_status(
    hub: Hub, failing: Callable[[Exception], None], error: Exception, status: int, code: str, details: dict[str, Any]
) -> None:
    failing(error)

    reply = hub.api("GET", STORES)

    assert reply.error == (status, code)
    assert reply.json["details"].items() >= details.items()


@pytest.mark.parametrize(("after", "header"), [(None, "1"), (7.4, "8"), (0.2, "1")])
def test_what_can_be_tried_again_says_when(
    hub: Hub, failing: Callable[[Exception], None], after: float | None, header: str
) -> None:
    failing(Retry("busy", after=after))

    assert hub.api("GET", STORES).headers["retry-after"] == header


def test_aws_away_is_to_be_tried_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example.com")

    monkeypatch.setattr(client("dynamodb"), "get_item", away)

    assert hub.api("GET", STORES).error == (503, "TRY_AGAIN")


def test_a_bug_of_ours_tells_nothing_but_where_to_look(
    hub: Hub, failing: Callable[[Exception], None], logged: Callable[[], str]
) -> None:
    failing(KeyError("internal-detail"))

    reply = hub.api("GET", STORES)

    assert reply.error == (500, "INTERNAL_ERROR")
    assert "internal-detail" not in reply.body
    assert "internal-detail" in logged()


def test_a_bug_s_log_line_names_the_request(
    hub: Hub, failing: Callable[[Exception], None], logged: Callable[[], str]
) -> None:
    failing(KeyError("internal-detail"))
    hub.api("GET", STORES)

    assert "request-1" in logged()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/nothing"), ("GET", "/"), ("DELETE", STORES), ("PATCH", "/v1/orders"), ("GET", "/v1/stores/a/b/c")],
)
def test_a_route_that_is_not_there_is_not_found(hub: Hub, method: str, path: str) -> None:
    reply = hub.api(method, path)

    assert reply.error == (404, "NO_SUCH_ROUTE")
    assert reply.json["message"] == f"there is no {method} {path}"


@pytest.mark.parametrize("body", ["{", "", "nul", "\x00", '{"name": "x"', "\ud800", "[" * 100_000])
def test_a_body_that_is_not_json_is_refused(hub: Hub, body: str) -> None:
    reply = hub.api("POST", "/v1/stores", body)

    assert reply.error[0] in (400, 422), reply


@pytest.mark.parametrize("body", [None, [], 7, "text", {"name": "\ud800"}, {"name": {"deep": []}}])
def test_a_body_of_another_shape_is_refused(hub: Hub, body: Any) -> None:
    reply = hub.api("POST", "/v1/stores", body)

    assert reply.error[0] in (400, 422), reply


def test_a_body_in_base64_is_read(hub: Hub) -> None:
    event = {
        "version": "2.0",
        "rawPath": "/v1/stores",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": "POST", "path": "/v1/stores"},
            "requestId": "request-1",
            "domainName": "hub.example.com",
            "stage": "$default",
            "authorizer": {"lambda": {"id": "x", "name": "x", "role": "admin", "stores": "*"}},
        },
        "body": base64.b64encode(b'{"id": "sto_2", "name": "Z\xc3\xb6e"}').decode(),
        "isBase64Encoded": True,
    }

    answer = function("api")(event, None)

    assert answer["statusCode"] == 201
    assert hub.api("GET", "/v1/stores/sto_2").json["name"] == "Zöe"


@pytest.mark.parametrize("path", ["/v1/orders/%00", "/v1/orders/a%2Fb", "/v1/orders/" + "x" * 3000, "/v1/orders/é"])
def test_any_text_may_be_asked_for_as_an_id(hub: Hub, path: str) -> None:
    assert hub.api("GET", path).error[0] == 404
