"""What template.yaml says of tables, functions and event filters, read from it so that the figures follow it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from benchmarks.units import Index, Table

ROOT = Path(__file__).parents[1]
# What the attributes of a pattern may be compared with; see
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
_OPERATORS = ("prefix", "exists", "anything-but")


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function, parameters of the template at their defaults.

    folder: of its code; memory: MB; tracing: whether X-Ray is on; reported: whether Lambda logs start and end of calls.
    """

    name: str
    folder: Path
    memory: int
    tracing: bool
    reported: bool


@cache
def template() -> dict[str, Any]:
    """template.yaml with the short forms of CloudFormation spelled out."""
    read: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    return read


@cache
def functions() -> dict[str, Function]:
    """The functions by logical id."""
    shared = template()["Globals"]["Function"]
    found = {}
    for name, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            own = {**shared, **resource["Properties"]}
            logging = {**shared.get("LoggingConfig", {}), **own.get("LoggingConfig", {})}
            found[name] = Function(
                name,
                folder=ROOT / own["CodeUri"],
                memory=int(own.get("MemorySize", 128)),
                tracing=_value(own.get("Tracing")) == "Active",
                reported=_value(logging.get("SystemLogLevel", "INFO")) != "WARN",
            )
    return found


def _value(given: Any) -> Any:
    """A value as it is written, or the default of the parameter it refers to."""
    if isinstance(given, Mapping) and "Ref" in given:
        return template()["Parameters"][given["Ref"]]["Default"]
    return given


def webhook_function(slug: str) -> str:
    """The logical id of a platform's webhook function."""
    folder = ROOT / "functions" / "webhooks" / slug
    return next(function.name for function in functions().values() if function.folder == folder)


def count_of(kind: str) -> int:
    """How many resources of a type there are."""
    return sum(resource["Type"] == kind for resource in template()["Resources"].values())


def table_properties(name: str) -> dict[str, Any]:
    """The properties of a table, as CreateTable takes them too."""
    given = template()["Resources"][name]["Properties"]
    return {
        part: given[part]
        for part in ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
        if part in given
    }


def table(name: str) -> Table:
    """The keys and indexes of a table."""
    given = table_properties(name)
    indexes = (_index(index) for index in given.get("GlobalSecondaryIndexes", []))
    return Table(_keys(given), tuple(indexes))


def _keys(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in given["KeySchema"])


def _index(given: Mapping[str, Any]) -> Index:
    projection = given["Projection"]
    included = None if projection["ProjectionType"] == "ALL" else frozenset(projection.get("NonKeyAttributes", ()))
    return Index(given["IndexName"], _keys(given), included)


def passes_filter(mapping: str, record: Mapping[str, Any]) -> bool:
    """Whether an event source mapping hands a record to its function."""
    criteria = template()["Resources"][mapping]["Properties"].get("FilterCriteria")
    if criteria is None:
        return True
    return any(_matches(json.loads(one["Pattern"]), record) for one in criteria["Filters"])


def _matches(pattern: Mapping[str, Any], value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return all(
        _matches(wanted, value.get(name, {})) if isinstance(wanted, Mapping) else _one_of(wanted, value, name)
        for name, wanted in pattern.items()
    )


def _one_of(alternatives: list[Any], values: Mapping[str, Any], name: str) -> bool:
    return any(_accepts(one, values, name) for one in alternatives)


def _accepts(wanted: Any, values: Mapping[str, Any], name: str) -> bool:
    value = values.get(name)
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    ((operator, operand),) = wanted.items()
    match operator:
        case "prefix":
            return isinstance(value, str) and value.startswith(operand)
        case "exists":
            return (name in values) is bool(operand)
        case "anything-but":
            refused = operand if isinstance(operand, list) else [operand]
            return name in values and value not in refused
        case _:
            raise ValueError(f"no filter rule for {operator!r}; there are {', '.join(_OPERATORS)}")
