"""The stream hands over every event that a rule asks something of: what the filter drops, nobody ever does."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from orderhub.dispatch.rules import RULES
from orderhub.order.events import Actor
from orderhub.reporting.catalogue import LINES
from tests.template.cloudformation import load, properties

FILTERS = [json.loads(one["Pattern"]) for one in properties(load(), "DispatchSource")["FilterCriteria"]["Filters"]]


def lets_through(pattern: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether a record has, for each name in a pattern, one of the values there."""
    return all(
        lets_through(wanted, record.get(name, {})) if isinstance(wanted, dict) else matches(wanted, record.get(name))
        for name, wanted in pattern.items()
    )


def matches(wanted: list[Any], value: Any) -> bool:
    return any(accepts(one, value) for one in wanted)


def accepts(wanted: Any, value: Any) -> bool:
    if wanted == {"exists": True}:
        return value is not None
    if isinstance(wanted, dict):
        return isinstance(value, str) and value.startswith(wanted["prefix"])
    return bool(wanted == value)


def record_of(
    kind: str, actor: Actor, *, key: str = "E#delivery", event: str = "INSERT", ref: str | None = None
) -> dict[str, Any]:
    image = {"sk": {"S": key}, "type": {"S": kind}, "actor": {"S": actor.value}}
    if ref is not None:
        image["ref"] = {"S": ref}
    return {"eventName": event, "dynamodb": {"Keys": {"sk": {"S": key}}, "NewImage": image}}


def passes(record: Mapping[str, Any]) -> bool:
    return any(lets_through(pattern, record) for pattern in FILTERS)


@pytest.mark.parametrize(("kind", "actor"), RULES)
def test_an_event_that_asks_for_an_action_comes_through(kind: str, actor: Actor) -> None:
    assert passes(record_of(kind, actor))


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("actor", Actor)
def test_an_event_that_may_be_reported_comes_through(kind: str, actor: Actor) -> None:
    assert passes(record_of(kind, actor))


@pytest.mark.parametrize("kind", ["order.referenced", "order.created", "order.updated"])
def test_an_event_that_refers_to_something_comes_through(kind: str) -> None:
    assert passes(record_of(kind, Actor.PLATFORM, ref='{"external_id":"41"}'))


@pytest.mark.parametrize(
    "record",
    [
        record_of("push.confirmed", Actor.SYSTEM),
        record_of("stock.reported", Actor.PLATFORM),
        record_of("order.accepted", Actor.STAFF, key="ORDER"),
        record_of("order.accepted", Actor.STAFF, event="MODIFY"),
    ],
    ids=["a result", "a number that is only told", "an order", "a change"],
)
def test_what_asks_for_nothing_costs_nothing(record: dict[str, Any]) -> None:
    assert not passes(record)
