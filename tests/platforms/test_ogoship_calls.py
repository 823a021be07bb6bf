"""OGOship: what is asked of it, and what becomes of its answers, by recorded exchanges.

A file of `exchanges/ogoship` is as of every platform; it may name a `shipment` (`reference`, `ids`, fields of its
`order`, whose items are those to ship) or a `product`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from orderhub.errors import HubError
from orderhub.platforms.base import Operation
from orderhub.platforms.ogoship import PLATFORM
from orderhub.platforms.targets import Product, Shipment, TargetOperation
from tests.platforms.exchange import RecordedHttp, described, minimal_order, with_wildcards
from tests.platforms.samples import NOW, ROOT, AnyConnection, connection_for
from tests.platforms.test_ogoship import MERCHANT

FOLDER = ROOT / "tests" / "platforms" / "exchanges" / "ogoship"
KNOWN = {"says", "operation", "settings", "shipment", "product", "cursor", "calls", "result", "raises"}
NO_IDS: dict[str, Any] = {"note": None, "ids": {}}


def recorded() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    assert told["says"]
    assert set(told) <= KNOWN
    assert path.stem.partition("__")[0] == told["operation"]
    assert ("result" in told) != ("raises" in told)
    return told


def shipment_of(told: Mapping[str, Any], connection: AnyConnection) -> Shipment:
    items = [
        {"id": f"itm_{number}", "name": item.get("sku", "thing"), **item}
        for number, item in enumerate(told["order"].get("items", ()))
    ]
    order = minimal_order(connection, {**told["order"], "items": items})
    return Shipment(order, told["reference"], order.items, told.get("ids", {}))


def arguments(told: Mapping[str, Any], connection: AnyConnection) -> list[Any]:
    if told["operation"] == Operation.POLL:
        return [told["cursor"]]
    if "product" in told:
        return [Product(**told["product"])]
    return [shipment_of(told["shipment"], connection)] if "shipment" in told else []


def ended(told: Mapping[str, Any], connection: AnyConnection, http: RecordedHttp) -> Any:
    given = [*arguments(told, connection), connection, http]
    if told["operation"] == Operation.POLL:
        given.append(NOW)
    try:
        return getattr(PLATFORM, told["operation"])(*given)
    except HubError as error:
        return error


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_an_exchange_plays_back_as_recorded(path: Path) -> None:
    told = read(path)
    connection = connection_for("ogoship", MERCHANT, told.get("settings", {}))
    http = RecordedHttp(PLATFORM, told["calls"])

    end = ended(told, connection, http)

    found = None if end is None else to_jsonable_python(described(end, PLATFORM, connection))
    wanted = told.get("raises") or told["result"]
    assert isinstance(end, HubError) == ("raises" in told), found
    if "raises" in told:
        found = {name: value for name, value in (found or {}).items() if name in wanted}
    elif found is not None and "ids" in found:
        wanted = {**NO_IDS, **(wanted or {})}
    assert found == with_wildcards(wanted, found)
    assert http.expected == [], "calls that were recorded and not made"


@pytest.mark.parametrize("operation", PLATFORM.calls)
def test_each_call_is_shown(operation: Operation | TargetOperation) -> None:
    assert [path.stem for path in recorded() if path.stem.startswith(f"{operation}__")]
