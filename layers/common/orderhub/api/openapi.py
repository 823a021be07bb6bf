"""The API's description of itself: OpenAPI, and pages made of it.

It is made when it is first asked for, of what Powertools tells of the routes, completed here for all of them alike:
names of operations, every status that can come, examples. A route declares what it takes by its parameters, headers
too, and what it answers by its type and status. `successes` has the words for that, `refusals` the answers to what does
not work, `examples` a value for every field: a route declares none of these.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi import models
from pydantic import BaseModel

from orderhub.api import refusals, successes
from orderhub.api.errors import Problem
from orderhub.api.examples import Examples, parameter_example
from orderhub.api.successes import without_null

_ABOUT = (
    "Orders of every platform, in one place. Money is in minor units of `amounts.currency`; times are UTC. "
    "Send `Authorization: Bearer <key>`. Every POST takes an `Idempotency-Key`; changes take `If-Match` with the ETag "
    "of an earlier answer. Lists answer a part and `next_cursor`. "
    "Errors have one shape: `error`, `message`, `details`, `request_id`."
)
_TAGS = {
    "orders": "Orders of every platform: those that are open, those of some days, one, and what staff do with it",
    "items": "The lines of an order",
    "issues": "What went wrong with an order, and what came of it",
    "refunds": "Money that goes back",
    "stores": "The stores, whether they take orders, and what they have run out of",
    "printing": "Tickets for the kitchen's printers",
    "audit": "Who changed what",
    "stock": "How much of each item a store has",
    "employees": "Who works in a store",
    "customers": "A person's orders, to show, to hand out and to erase",
    "analytics": "What orders come to",
    "connections": "The hub's accounts with the platforms",
    "subscriptions": "Which of your own systems hear of what happens, and what they were sent",
    "api keys": "Keys for this API",
}
# A route's name is its function's, unless that says too little to somebody who sees no more than the name.
_NAMES = {
    "accept": "accept_order",
    "ask_refund": "create_refund",
    "attach": "create_attachment",
    "bagging": "mark_order_bagging",
    "cancel": "cancel_order",
    "change_availability": "change_item_availability",
    "change_item": "change_order_item",
    "change_status": "change_store_status",
    "comment": "comment_on_issue",
    "complete": "complete_order",
    "count_many": "count_all_stock",
    "count_open": "count_open_orders",
    "deny": "deny_order",
    "disable": "disable_subscription",
    "enable": "enable_subscription",
    "export": "export_orders",
    "get_availability": "get_item_availability",
    "get_delivery": "get_order_delivery",
    "get_item": "get_order_item",
    "get_status": "get_store_status",
    "list_movements": "list_stock_movements",
    "open_issue": "create_issue",
    "get_timeline": "get_order_timeline",
    "issue_key": "create_api_key",
    "list_days": "list_store_orders",
    "list_items": "list_order_items",
    "list_keys": "list_api_keys",
    "list_of_order": "list_order_issues",
    "list_open": "list_open_orders",
    "list_unavailable": "list_unavailable_items",
    "picked_up": "mark_order_picked_up",
    "ready": "mark_order_ready",
    "revoke_key": "revoke_api_key",
    "rotate_secret": "rotate_subscription_secret",
    "send_test": "send_test_event",
    "set_ready_time": "change_ready_time",
    "stop_stock": "stop_stock_count",
    "undo": "undo_order_status",
}
_DESCRIPTIONS = {
    "store_id": "one of your stores, sto_...",
    "connection_id": "the hub's id of the connection, con_...",
    "subscription_id": "id of the subscription, sub_...",
    "delivery_id": "id of the message, msg_...: the webhook-id that its receiver is sent",
    "key_id": "id of the key, key_...; not the key itself",
}
_SCHEMAS = "#/components/schemas/"


class GatewayProblem(BaseModel):
    """What API Gateway answers when it does not come to the hub."""

    message: str


class DescribedResolver(APIGatewayHttpResolver):
    """A resolver whose description tells all that there is to tell, in the same way for every route."""

    def get_openapi_schema(self, **about: Any) -> models.OpenAPI:
        """The description as models, for the pages."""
        return models.OpenAPI.model_validate(self.described(**about))

    def described(self, **about: Any) -> dict[str, Any]:
        """The description."""
        bare = super().get_openapi_schema(**about).model_dump(mode="json", by_alias=True, exclude_none=True)
        schemas = _schemas(bare)
        functions = {(route.method.lower(), route.openapi_path): route.func for route in self._routes()}
        named: set[str] = set()
        _drop_defaults(bare, schemas)
        _require_answers(bare, schemas)
        for path, method, operation in operations(bare):
            _complete(operation, method, functions[method, path], named)
        bare["paths"] = dict(sorted(bare["paths"].items()))
        bare["tags"] = _tags(bare)
        bare["components"] |= {"responses": refusals.components(), "headers": successes.HEADERS}
        del bare["components"]["schemas"]  # which has the framework's own shape of errors, too
        bare["components"]["schemas"] = dict(sorted(_reachable(bare, schemas).items()))
        _add_examples(bare)
        return bare

    def _routes(self) -> list[Any]:
        return [*self._dynamic_routes, *self._static_routes]


def publish(app: DescribedResolver, prefix: str, version: str) -> None:
    """Adds the description at /openapi.json and its pages at /docs, both open to everybody."""
    about: dict[str, Any] = {
        "title": "Orderhub",
        "version": version,
        "description": _ABOUT,
        "license_info": models.License(name="Apache-2.0", identifier="Apache-2.0"),
        "security_schemes": {
            "key": models.HTTPBearer(bearerFormat="oh_... or JWT", description="an API key, or a JWT of your issuer")
        },
        "security": [{"key": []}],
    }
    app.enable_swagger(path=f"{prefix}/docs", **about)
    made: list[str] = []

    @app.get(f"{prefix}/openapi.json", include_in_schema=False)
    def describe() -> Response[str]:
        if not made:
            made.append(json.dumps(app.described(**about), separators=(",", ":")))
        return Response(200, "application/json", made[0])


def operations(described: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method in lower case and operation of each."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield path, method, operation


# --- one operation ----------------------------------------------------------------------------------------------------


def _complete(operation: dict[str, Any], method: str, function: Callable[..., Any], named: set[str]) -> None:
    operation["operationId"] = _name(function, method, named)
    operation["description"] = inspect.getdoc(function) or ""
    for parameter in operation.setdefault("parameters", []):
        _complete_parameter(parameter)
    for media in operation.get("requestBody", {}).get("content", {}).values():
        media["schema"] = without_null(media["schema"])  # to send nothing is not to send null
    operation["responses"] = {
        **successes.described(function, operation["responses"]),
        **refusals.references(method, operation),
    }


def _name(function: Callable[..., Any], method: str, named: set[str]) -> str:
    """A name of its own; a function that has two methods is named by the first, and by the second with it."""
    name = _NAMES.get(function.__name__, function.__name__)
    name = name if name not in named else f"{name}_by_{method}"
    named.add(name)
    return name


def _complete_parameter(parameter: dict[str, Any]) -> None:
    if parameter["in"] == "header":
        parameter["name"] = parameter["name"].title()  # the framework tells it in lower case
    name = parameter["name"]
    parameter.setdefault("description", _DESCRIPTIONS.get(name, ""))
    parameter["schema"].pop("description", None)
    parameter["schema"] = without_null(parameter["schema"])  # nor is it in a query
    example = parameter_example(name, parameter["schema"])
    if example is not None:
        parameter["example"] = example


# --- the whole --------------------------------------------------------------------------------------------------------


def _tags(described: Mapping[str, Any]) -> list[dict[str, str]]:
    used = {tag: "" for _, _, operation in operations(described) for tag in operation.get("tags", [])}
    return [{"name": tag, **({"description": _TAGS[tag]} if tag in _TAGS else {})} for tag in sorted(used)]


def _schemas(bare: dict[str, Any]) -> dict[str, Any]:
    """The models' schemas by name, with those of errors."""
    own = {model.__name__: model.model_json_schema() for model in (Problem, GatewayProblem)}
    components = bare.setdefault("components", {})
    return {**components.get("schemas", {}), **own}


def _drop_defaults(bare: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
    """What a PATCH leaves out stays as it is, so its fields have no default, whatever the code has in their place."""
    for _, method, operation in operations(bare):
        if method == "patch":
            for name in _names_in(operation.get("requestBody", {})):
                for field in schemas[name].get("properties", {}).values():
                    field.pop("default", None)


def _require_answers(bare: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
    """An answer has all its fields, whatever the code has in place of one that is not known."""
    asked = _reachable([one.get("requestBody", {}) for _, _, one in operations(bare)], schemas)
    for name in _reachable([one["responses"] for _, _, one in operations(bare)], schemas).keys() - asked.keys():
        if "properties" in schemas[name]:
            schemas[name]["required"] = list(schemas[name]["properties"])


def _reachable(described: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that a part of the description leads to."""
    found: dict[str, Any] = {}
    left = list(_names_in(described))
    while left:
        name = left.pop()
        if name not in found:
            found[name] = schemas[name]
            left += _names_in(schemas[name])
    return found


def _names_in(value: Any) -> Iterator[str]:
    match value:
        case {"$ref": str(reference)}:
            if reference.startswith(_SCHEMAS):
                yield reference.removeprefix(_SCHEMAS)
        case dict():
            for one in value.values():
                yield from _names_in(one)
        case list():
            for one in value:
                yield from _names_in(one)


def _add_examples(described: dict[str, Any]) -> None:
    """An example of each model that goes in or out, once, and a reference to it wherever that is."""
    examples = Examples(described["components"]["schemas"])
    used: dict[str, Any] = {}
    for _, _, operation in operations(described):
        for place in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in place.get("content", {}).values():
                names = _shown(media.get("schema", {}))
                used |= {name: {"value": examples.of_model(name)} for name in names if name not in used}
                if names:
                    media["examples"] = {name: {"$ref": f"#/components/examples/{name}"} for name in names}
    described["components"]["examples"] = dict(sorted(used.items()))


def _shown(schema: Mapping[str, Any]) -> list[str]:
    """Names of the models that a body may be."""
    choices = [schema, *schema.get("anyOf", [])]
    return [one["$ref"].removeprefix(_SCHEMAS) for one in choices if "$ref" in one]
