"""From an order of Uber Eats, of either generation, to ours. Pure."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from orderhub.errors import Quarantine
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, parse_as
from orderhub.platforms.uber_eats import mapper_v1, mapper_v2
from orderhub.platforms.uber_eats.models_v1 import OrderV1
from orderhub.platforms.uber_eats.models_v2 import OrderV2


def to_order(payload: Any, connection: Connection[Any, Any]) -> Order:
    """Maps one full order. The generations are told apart by their shape. Raises Quarantine."""
    try:
        match parse(payload):
            case OrderV1() as order:
                return mapper_v1.to_order(order, connection)
            case OrderV2() as order:
                return mapper_v2.to_order(order, connection)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Quarantine(f"no order can be made of it: {error.title} {place}: {first['msg']}") from None


def parse(payload: Any) -> OrderV1 | OrderV2:
    """The payload as an order of its generation; v1 comes in a wrapper or bare. Raises Quarantine."""
    inner = payload["order"] if isinstance(payload, dict) and isinstance(payload.get("order"), dict) else payload
    if not isinstance(inner, dict):
        raise Quarantine("an order of Uber Eats is a JSON object")
    if "current_state" in inner:
        return parse_as(OrderV2, inner)
    if "state" in inner or "carts" in inner:
        return parse_as(OrderV1, inner)
    raise Quarantine("this is an order of neither generation: it has no state")
