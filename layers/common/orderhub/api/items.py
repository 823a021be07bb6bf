"""/v1/orders/{id}/items: the lines of an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from orderhub.api.call import IdempotencyKey, IfMatch, Versioned, caller, expected_version, idempotency_key, versioned
from orderhub.api.orders import EventView, OrderId, event_view
from orderhub.errors import Reject
from orderhub.order import lines
from orderhub.order.lines import LineStatus
from orderhub.order.models import Item
from orderhub.service import items

router = Router()

ItemId = Annotated[str, Path(description="the hub's id of the line, itm_...")]
Picked = Annotated[Decimal, Field(ge=0, lt=10**6, decimal_places=3, allow_inf_nan=False)]
_OF_THE_CART = frozenset({"quantity", "price", "unit_price", "total", "tax", "modifiers"})


class ItemShare(BaseModel):
    """Some of the lines. quantity: their units."""

    lines: int
    quantity: Decimal


class ItemSummary(BaseModel):
    """All lines of the order. subtotal: minor units; null when a price is not known. categories: "" for none."""

    total_items: int
    total_quantity: Decimal
    subtotal: int | None
    categories: dict[str, ItemShare]
    statuses: dict[str, ItemShare]


class OrderItemList(BaseModel):
    """Lines of an order, and what all of its lines come to, whichever were asked for."""

    order_id: str
    items: list[Item]
    summary: ItemSummary
    next_cursor: str | None = None


class OrderItemView(Item):
    """A line with what was done about it, oldest first."""

    history: list[EventView]


class ItemEdit(BaseModel):
    """What is to change of a line; what is left out stays. picked_quantity: units found of it, null for not known."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default_factory=str, min_length=1, max_length=200)
    notes: str | None = Field(default=None, max_length=500)
    category: str | None = Field(default=None, max_length=200)
    status: LineStatus = Field(default_factory=lambda: LineStatus.PENDING)  # without a default in the description
    picked_quantity: Picked | None = None

    @model_validator(mode="before")
    @classmethod
    def _leaves_the_cart_alone(cls, told: Any) -> Any:
        given = sorted(_OF_THE_CART & told.keys()) if isinstance(told, dict) else []
        if given:
            message = f"{given[0]} cannot be changed here: PATCH /v1/orders/{{order_id}}/cart changes what is ordered"
            raise Reject("INVALID_FIELD_VALUE", message, details={"fields": given, "use": "/cart"})
        return told


@router.get("/orders/<order_id>/items", summary="The lines of an order", tags=["items"])
def list_items(
    order_id: OrderId,
    status: Annotated[list[LineStatus] | None, Query(description="only these; may be given repeatedly")] = None,
    category: Annotated[list[str] | None, Query(description="only these; may be given repeatedly")] = None,
) -> Versioned[OrderItemList]:
    """Lines in the order of the platform, with a summary of all of them. The ETag is the order's."""
    order, found = items.list_items(caller(router), order_id, status or (), category or ())
    summary = ItemSummary.model_validate(lines.summary(order.items), from_attributes=True)
    return versioned(OrderItemList(order_id=order.id, items=found, summary=summary), order.version)


@router.get("/orders/<order_id>/items/<item_id>", summary="One line of an order", tags=["items"])
def get_item(order_id: OrderId, item_id: ItemId) -> Versioned[OrderItemView]:
    """A line with its history. The ETag is the order's."""
    return _one(order_id, item_id)


@router.patch("/orders/<order_id>/items/<item_id>", summary="Change texts or status of a line", tags=["items"])
def change_item(
    order_id: OrderId,
    item_id: ItemId,
    edit: Annotated[ItemEdit, Body()],
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Versioned[OrderItemView]:
    """Name, notes, category, status or picked quantity; the platform does not replace what staff wrote."""
    items.change_item(
        caller(router),
        order_id,
        item_id,
        edit.model_dump(exclude_unset=True),
        expected_version=expected_version(if_match),
        idempotency_key=idempotency_key(key),
    )
    return _one(order_id, item_id)


def _one(order_id: str, item_id: str) -> Versioned[OrderItemView]:
    order, item, history = items.get_item(caller(router), order_id, item_id)
    shown = {**item.model_dump(), "history": [event_view(event) for event in history]}
    return versioned(OrderItemView.model_validate(shown), order.version)
