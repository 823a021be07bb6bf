"""What we read of Shopify's objects before we act on them.

https://shopify.dev/docs/api/admin-graphql/latest/objects
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from orderhub.platforms.payload import NullAsEmpty, Payload, Text
from orderhub.platforms.shopify.models import Amount

CLOSED = frozenset({"CLOSED", "CANCELLED"})
WORKABLE = frozenset({"OPEN", "IN_PROGRESS"})
# Delivery methods by which somebody brings the goods.
BROUGHT = frozenset({"SHIPPING", "LOCAL", "PICKUP_POINT"})


def _in_connection(value: Any) -> Any:
    return value.get("nodes", []) if isinstance(value, dict) else [] if value is None else value


Nodes = BeforeValidator(_in_connection)
"""For a connection, of which we want the nodes."""


class Node(Payload):
    """Base of the objects; their fields are in camel case."""

    # By both names, as a field may be given by its own in code.
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


class Named(Node):
    """Anything of which the id is enough."""

    id: str


class Action(Node):
    """Something that may be done now."""

    action: Text = None


class Method(Node):
    """How a fulfillment order travels."""

    method_type: Text = None


class AssignedLocation(Node):
    """Who has to make it."""

    name: Text = None
    location: Named | None = None


class FulfillmentOrder(Node):
    """What one location has to do of an order."""

    id: str
    status: str = ""
    supported_actions: Annotated[list[Action], NullAsEmpty] = []
    delivery_method: Method | None = None
    assigned_location: AssignedLocation | None = None

    @property
    def is_fulfillable(self) -> bool:
        """Whether we may fulfill it now: it is open, not held, and ours."""
        return self.status in WORKABLE and any(one.action == "CREATE_FULFILLMENT" for one in self.supported_actions)

    @property
    def is_left(self) -> bool:
        """Whether anything is still to be done."""
        return self.status not in CLOSED

    @property
    def method(self) -> str:
        """SHIPPING, LOCAL, PICK_UP..., blank when it is not said."""
        return (self.delivery_method and self.delivery_method.method_type) or ""

    @property
    def location(self) -> str:
        """The location's id, else its name: one fulfillment is of one location."""
        assigned = self.assigned_location
        return (assigned.location.id if assigned and assigned.location else assigned and assigned.name) or ""

    @property
    def place(self) -> str:
        """The location's name for people."""
        return (self.assigned_location and self.assigned_location.name) or "its location"


class TrackingInfo(Node):
    """One parcel of a fulfillment."""

    company: Text = None
    number: Text = None
    url: Text = None


class Fulfillment(Node):
    """What has been handed over or sent."""

    id: str
    status: str = ""
    display_status: Text = None
    tracking_info: Annotated[list[TrackingInfo], NullAsEmpty] = []


class OrderState(Node):
    """An order, before anything is done to it."""

    id: str
    cancelled_at: Text = None
    fulfillment_orders: Annotated[list[FulfillmentOrder], Nodes] = []
    fulfillments: Annotated[list[Fulfillment], NullAsEmpty] = []

    @property
    def made(self) -> list[Fulfillment]:
        """The fulfillments that stand."""
        return [one for one in self.fulfillments if one.status == "SUCCESS"]


class CalculatedLine(Node):
    """A line of an order in the middle of an edit."""

    id: str
    quantity: int = 0


class CalculatedOrder(Node):
    """An order in the middle of an edit."""

    id: str
    line_items: Annotated[list[CalculatedLine], Nodes] = []


class ShopMoney(Node):
    """An amount."""

    amount: Amount = None


class MoneyBag(Node):
    """An amount in the shop's currency."""

    shop_money: ShopMoney | None = None


class Transaction(Node):
    """A movement of money."""

    id: str
    kind: str = ""
    status: str = ""
    gateway: Text = None
    amount_set: MoneyBag | None = None


class Refundable(Node):
    """What was paid for an order."""

    id: str
    currency_code: str
    presentment_currency_code: Text = None
    transactions: Annotated[list[Transaction], NullAsEmpty] = []


class InventoryItem(Node):
    """What stock is counted of."""

    id: str
    tracked: bool = True


class Variant(Node):
    """A product as it is sold."""

    id: str
    sku: Text = None
    inventory_policy: Text = None
    inventory_item: InventoryItem


class Variants(Node):
    """The answer to a search."""

    nodes: Annotated[list[Variant], NullAsEmpty] = []


class Quantity(Node):
    """One of the numbers that are kept of an item at a location."""

    name: str
    quantity: int


class Level(Node):
    """An item at a location."""

    quantities: Annotated[list[Quantity], NullAsEmpty] = []


class StockedItem(InventoryItem):
    """An item with its level at the location that was asked for; None when it is not stocked there."""

    inventory_level: Level | None = None

    def quantity(self, name: str) -> int | None:
        """One of the level's numbers."""
        level = self.inventory_level
        return next((one.quantity for one in level.quantities if one.name == name), None) if level else None
