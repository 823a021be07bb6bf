"""What the API tells of itself is whole: of every operation its name, parameters, headers, answers and examples."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from orderhub.api import refusals
from orderhub.api.app import app
from orderhub.api.errors import STATUSES
from orderhub.api.examples import Examples
from orderhub.api.openapi import operations
from tests.functional.hub import STORE, Hub
from tests.functional.routes import ROUTES, furnish

Json = dict[str, Any]
ALWAYS = {"401", "403", "429", "500", "503"}
OF_A_BODY = {"413", "415", "422"}


@pytest.fixture
def described(hub: Hub) -> Json:
    found: Json = hub.api("GET", "/v1/openapi.json", caller=None).json
    return found


@pytest.fixture
def named(described: Json) -> dict[str, Json]:
    """Operations by their name."""
    return {operation["operationId"]: operation for _, _, operation in operations(described)}


def validator(described: Json, schema: Json) -> Draft202012Validator:
    """Looks whether something fits a schema of the description."""
    whole: Resource[Any] = Resource.from_contents(described, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:hub", whole)
    placed = json.loads(json.dumps(schema).replace('"#/', '"urn:hub#/'))
    return Draft202012Validator(placed, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def resolved(described: Json, part: Json) -> Json:
    """What a reference leads to."""
    while "$ref" in part:
        found: Any = described
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def bodies(described: Json) -> list[tuple[str, Json]]:
    """Every JSON that goes in or out, by the operation and where it is."""
    return [
        (f"{operation['operationId']} {place}", media)
        for _, _, operation in operations(described)
        for place, part in [("request", operation.get("requestBody", {})), *operation["responses"].items()]
        for kind, media in resolved(described, part).get("content", {}).items()
        if kind == "application/json"
    ]


def test_every_operation_says_what_it_does(named: dict[str, Json]) -> None:
    assert [name for name, one in named.items() if not one.get("summary")] == []
    assert [name for name, one in named.items() if not one.get("description")] == []
    assert [name for name, one in named.items() if len(one.get("tags", [])) != 1] == []


def test_every_operation_is_named_as_a_client_s_method(described: Json, named: dict[str, Json]) -> None:
    assert [name for name in named if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []
    assert len(named) == len(list(operations(described)))


def test_every_tag_is_told_of(described: Json) -> None:
    assert [tag["name"] for tag in described["tags"] if not tag.get("description")] == []


def test_every_parameter_is_told_of(named: dict[str, Json]) -> None:
    untold = [
        f"{name}: {parameter['name']}"
        for name, one in named.items()
        for parameter in one["parameters"]
        if not parameter.get("description") or not parameter.get("schema")
    ]
    assert untold == []


def test_models_have_names_that_a_client_can_use(described: Json) -> None:
    assert [name for name in described["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []


def test_every_status_that_can_come_is_told_of(named: dict[str, Json]) -> None:
    for name, one in named.items():
        statuses = set(one["responses"])
        assert statuses >= ALWAYS, name
        assert "requestBody" not in one or statuses >= OF_A_BODY, name
        assert any(status.startswith("2") for status in statuses), name
        assert {parameter["name"] for parameter in one["parameters"]}.isdisjoint({"If-Match"}) or "412" in statuses


def test_every_status_of_a_refusal_is_among_them() -> None:
    assert {*STATUSES.values(), 400} <= {refusal.status for refusal in refusals.REFUSALS}


def test_every_answer_says_when_it_comes(described: Json, named: dict[str, Json]) -> None:
    answers = [(name, status, answer) for name, one in named.items() for status, answer in one["responses"].items()]

    assert [answer[:2] for answer in answers if not resolved(described, answer[2])["description"]] == []


def test_every_body_has_an_example_that_fits(described: Json) -> None:
    for where, media in bodies(described):
        assert media["examples"], where
        for example in media["examples"].values():
            shown = resolved(described, example)["value"]
            wrong = [
                f"{'.'.join(map(str, error.path))}: {error.message}"
                for error in validator(described, media["schema"]).iter_errors(shown)
            ]
            assert wrong == [], where


def test_every_field_has_a_value_to_show(described: Json) -> None:
    """What is missing belongs into orderhub/api/example_values.py."""
    examples = Examples(described["components"]["schemas"])
    for name in described["components"]["examples"]:
        examples.of_model(name)

    assert sorted(examples.missing) == []


def test_examples_of_parameters_fit(described: Json, named: dict[str, Json]) -> None:
    for name, one in named.items():
        for parameter in one["parameters"]:
            if "example" in parameter:
                fits = validator(described, parameter["schema"]).is_valid(parameter["example"])
                assert fits, f"{name}: {parameter['name']}"


@pytest.mark.parametrize(
    ("name", "taken", "statuses"),
    [
        ("get_order", {"If-None-Match"}, {"200", "304", "404"}),
        ("accept_order", {"If-Match", "Idempotency-Key"}, {"200", "404", "409", "412"}),
        ("create_store", {"Idempotency-Key"}, {"201", "404", "409"}),
        ("create_order", {"Idempotency-Key"}, {"200", "201", "404", "409"}),
        ("delete_connection", set(), {"204", "404", "409"}),
        ("list_stores", set(), {"200", "400"}),
    ],
)
def test_headers_and_statuses_are_those_of_the_code(
    named: dict[str, Json], name: str, taken: set[str], statuses: set[str]
) -> None:
    one = named[name]

    assert {parameter["name"] for parameter in one["parameters"] if parameter["in"] == "header"} == taken
    assert set(one["responses"]) - ALWAYS - OF_A_BODY == statuses


def test_an_answer_with_a_version_has_an_etag(hub: Hub, named: dict[str, Json]) -> None:
    assert "ETag" in named["get_order"]["responses"]["200"]["headers"]
    assert "ETag" in named["get_order"]["responses"]["304"]["headers"]
    assert "content" not in named["get_order"]["responses"]["304"]
    assert "headers" not in named["list_stores"]["responses"]["200"]


def test_no_answer_has_an_etag_that_is_not_told_of(hub: Hub, described: Json) -> None:
    things = furnish(hub, STORE)

    for route in ROUTES:
        method, path, body, query = route.filled(things)
        reply = hub.api(method, path, body, query=query)
        if reply.status < 300:
            answer = described["paths"][route.path][method.lower()]["responses"][str(reply.status)]
            assert ("etag" in reply.headers) == ("ETag" in answer.get("headers", {})), route


def test_what_a_patch_leaves_out_has_no_default(described: Json) -> None:
    changed = described["components"]["schemas"]["StoreChange"]["properties"].values()

    assert [field for field in changed if "default" in field] == []


def test_an_answer_has_all_its_fields(described: Json) -> None:
    order = described["components"]["schemas"]["OrderView"]

    assert order["required"] == list(order["properties"])


def test_it_is_made_when_it_is_asked_for_and_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    first = hub.api("GET", "/v1/openapi.json", caller=None).body
    monkeypatch.setattr(app, "described", pytest.fail)

    assert hub.api("GET", "/v1/stores").status == 200
    assert hub.api("GET", "/v1/openapi.json", caller=None).body == first
