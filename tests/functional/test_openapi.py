"""The API's description of itself."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from orderhub import __version__
from tests.functional.hub import Hub
from tests.functional.routes import OPEN, ROUTES


@pytest.fixture
def described(hub: Hub) -> dict[str, Any]:
    reply = hub.api("GET", "/v1/openapi.json", caller=None)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    found: dict[str, Any] = reply.json
    return found


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The operations by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_openapi(described: dict[str, Any]) -> None:
    validate(described)


def test_it_tells_the_version_of_the_hub(described: dict[str, Any]) -> None:
    assert (described["info"]["title"], described["info"]["version"]) == ("Orderhub", __version__)


def test_every_route_is_in_it(described: dict[str, Any]) -> None:
    shapes = set(operations(described))
    expected = {(route.method, route.path) for route in ROUTES}

    assert shapes == expected


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own(described: dict[str, Any]) -> None:
    found = operations(described)

    assert [name for name, operation in found.items() if not operation.get("summary")] == []
    assert [name for name, operation in found.items() if not operation.get("tags")] == []
    assert len({operation["operationId"] for operation in found.values()}) == len(found)


def test_every_operation_asks_for_a_key(described: dict[str, Any]) -> None:
    (scheme,) = described["components"]["securitySchemes"].values()

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert described["security"] == [{name: []} for name in described["components"]["securitySchemes"]]
    assert [name for name, one in operations(described).items() if one.get("security") == []] == []


def test_operations_with_a_body_describe_it(described: dict[str, Any]) -> None:
    with_body = {(method, path) for (method, path), one in operations(described).items() if "requestBody" in one}

    assert {("POST", "/v1/stores"), ("PATCH", "/v1/stores/{store_id}"), ("POST", "/v1/connections")} <= with_body
    assert {("PUT", "/v1/orders/{order_id}/deny"), ("PATCH", "/v1/orders/{order_id}/ready-time")} <= with_body


def test_an_order_is_described_with_its_fields(described: dict[str, Any]) -> None:
    order = described["components"]["schemas"]["OrderView"]["properties"]

    assert {"id", "status", "items", "amounts", "sync", "allowed_actions"} <= set(order)


def test_errors_are_described_in_their_one_shape(described: dict[str, Any]) -> None:
    for name, operation in operations(described).items():
        answer = described["components"]["responses"][operation["responses"]["500"]["$ref"].rsplit("/", 1)[1]]
        told = answer["content"]["application/json"]["schema"]["anyOf"][0]
        shape = described["components"]["schemas"][told["$ref"].rsplit("/", 1)[1]] if "$ref" in told else told
        assert set(shape["properties"]) == {"error", "message", "details", "request_id"}, name


# Powertools leaves the files of the page to be closed by the collector.
left_open = pytest.mark.filterwarnings("ignore:.*swagger-ui:pytest.PytestUnraisableExceptionWarning")


@left_open
@pytest.mark.parametrize("path", [path for _, path in sorted(OPEN)])
def test_the_description_is_open_to_everybody(hub: Hub, path: str) -> None:
    assert hub.api("GET", path, caller=None).status == 200


@left_open
def test_the_pages_show_this_description(hub: Hub) -> None:
    reply = hub.api("GET", "/v1/docs", caller=None)

    assert reply.headers["content-type"] == "text/html"
    assert "swagger" in reply.body.lower()
    assert "/v1/orders/{order_id}/accept" in reply.body or "openapi.json" in reply.body


def test_the_description_names_no_secret_field_of_a_connection_s_answer(described: dict[str, Any]) -> None:
    view = described["components"]["schemas"]["ConnectionView"]["properties"]

    assert "credentials" not in view
