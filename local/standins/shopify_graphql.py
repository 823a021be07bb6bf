"""Runs GraphQL against the shop: one schema, one resolver, idempotency keys, and the cost of a query.

The schema (`shopify.graphql`) is executed by graphql-core, so a field, argument or enum value that Shopify does not
have fails here too. https://shopify.dev/docs/api/usage/idempotent-requests and https://shopify.dev/docs/api/usage/rate-limits
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationType,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
    value_from_ast_untyped,
)

from local.standins.shopify_edits import EDIT_MUTATIONS
from local.standins.shopify_fulfillments import FULFILLMENT_MUTATIONS
from local.standins.shopify_reads import FIELDS, QUERIES, page_of_list
from local.standins.shopify_shop import Shop, problem
from local.standins.shopify_writes import ORDER_MUTATIONS
from local.standins.vendor import Json

MUTATIONS: Mapping[str, Callable[[Shop, Json], Json]] = {
    **EDIT_MUTATIONS,
    **FULFILLMENT_MUTATIONS,
    **ORDER_MUTATIONS,
}
KEYED = frozenset({"inventoryActivate", "inventorySetQuantities", "refundCreate"})
"""Mutations that need the directive `@idempotent` since version 2026-04."""
MUTATION_COST = 10


@cache
def schema() -> GraphQLSchema:
    """The schema, read once."""
    return build_schema(Path(__file__).with_name("shopify.graphql").read_text(encoding="utf-8"))


def read_query(text: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
    """The document in a request, or what is wrong with it."""
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, [error]
    return document, validate(schema(), document)


def run(shop: Shop, document: DocumentNode, variables: Json | None, operation: str | None) -> ExecutionResult:
    """Execute a valid document."""
    return execute_sync(
        schema(),
        document,
        root_value={},
        context_value=shop,
        variable_values=variables,
        operation_name=operation,
        field_resolver=_resolve,
    )


def cost(document: DocumentNode, operation: str | None) -> int:
    """What a document costs, near enough: 10 for a mutation, 1 for each object asked for."""
    chosen = get_operation_ast(document, operation)
    if chosen is None:
        return 0
    if chosen.operation is OperationType.MUTATION:
        return MUTATION_COST * len(chosen.selection_set.selections)
    return str(chosen.to_dict()).count("'kind': 'selection_set'")


class Bucket:
    """The points a caller may spend: at most `size`, coming back at `rate` a second."""

    def __init__(self) -> None:
        self._spent, self._at = 0.0, None  # type: float, datetime | None

    def left(self, now: datetime, size: float, rate: float) -> float:
        """Points there are now."""
        if self._at is not None:
            self._spent = max(0.0, self._spent - rate * (now - self._at).total_seconds())
        self._at = now
        return size - self._spent

    def spend(self, points: float) -> None:
        """Points used."""
        self._spent += points


def _resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    if info.parent_type.name == "QueryRoot":
        return QUERIES[info.field_name](info.context, arguments)
    if info.parent_type.name == "Mutation":
        return _mutate(info, arguments)
    leads_on = FIELDS.get((info.parent_type.name, info.field_name))
    if leads_on is not None:
        return leads_on(info.context, source, arguments)
    value = source.get(info.field_name)
    if isinstance(value, dict) and "nodes" in value and "pageInfo" not in value:
        return page_of_list(value["nodes"], arguments)
    if isinstance(value, list) and arguments.get("first") is not None:
        return value[: arguments["first"]]
    return value


def _mutate(info: GraphQLResolveInfo, arguments: Json) -> Json:
    name, shop = info.field_name, info.context
    if name not in KEYED:
        return MUTATIONS[name](shop, arguments)
    key = _idempotency_key(info.field_nodes[0], info.variable_values)
    if not key.strip():
        raise GraphQLError(f"The @idempotent directive is required for {name}", extensions={"code": "BAD_REQUEST"})
    told = json.dumps([name, arguments], sort_keys=True, default=str)
    if key in shop.attempts:
        return _repeat(shop, key, told)
    shop.attempts[key] = (told, None)
    result = MUTATIONS[name](shop, arguments)
    if not result["userErrors"]:
        shop.attempts[key] = (told, result)
    return result


def _repeat(shop: Shop, key: str, told: str) -> Json:
    """A key seen before gives the first result again, unless the call was another one or failed."""
    before, result = shop.attempts[key]
    if before != told:
        code, message = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "The key was used with other parameters."
    elif result is None:
        code, message = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "The attempt with this key failed; use a new one."
    else:
        return result
    return {"userErrors": [problem(message, code=code)]}


def _idempotency_key(field: FieldNode, variables: Mapping[str, Any]) -> str:
    for directive in field.directives:
        if directive.name.value == "idempotent":
            return str(value_from_ast_untyped(directive.arguments[0].value, dict(variables)) or "")
    return ""
