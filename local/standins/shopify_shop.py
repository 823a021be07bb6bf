"""The shop Shopify holds: orders as REST bodies, their fulfillment orders, the events of fulfillments, and stock.

REST is the master copy, because webhooks carry it; the GraphQL API shows nodes made from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from local.standins.samples import kitchen
from local.standins.samples import shopify as samples
from local.standins.samples.shopify_filled import filled
from local.standins.samples.shopify_lines import gid, variant_number
from local.standins.samples.shopify_node import (
    ACTIONS,
    fulfillment_node,
    fulfillment_order,
    location_node,
    order_node,
    supported,
)
from local.standins.vendor import Clock, Json

OPENING_STOCK = 50
NO_ORDER = "Order does not exist"
SCOPES = (
    "read_orders write_orders read_customers read_products read_inventory write_inventory read_locations "
    "read_merchant_managed_fulfillment_orders write_merchant_managed_fulfillment_orders "
    "read_assigned_fulfillment_orders write_assigned_fulfillment_orders"
)


def number_of(global_id: str) -> int:
    """The number at the end of a global id; 0 if there is none."""
    tail = global_id.rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0


@dataclass
class Shop:
    """Everything the stand-in remembers. Fulfillment orders are kept in the GraphQL shape, by their global id."""

    clock: Clock
    orders: dict[int, Json] = field(default_factory=dict)
    fulfillment_orders: dict[str, Json] = field(default_factory=dict)
    routed_ids: dict[int, list[str]] = field(default_factory=dict)
    """The global ids of an order's fulfillment orders."""
    fulfilled: dict[int, int] = field(default_factory=dict)
    """The order of a fulfillment, by their numbers."""
    events: dict[int, list[Json]] = field(default_factory=dict)
    stock: dict[int, int] = field(default_factory=dict)
    prepared: set[str] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)
    attempts: dict[str, tuple[str, Json | None]] = field(default_factory=dict)
    """By idempotency key: the parameters, and the result of an attempt that worked."""
    edits: dict[str, Json] = field(default_factory=dict)
    """Edits that are begun and not committed, by the global id of their calculated order."""
    last_number: int = 0

    def next_number(self) -> int:
        """A number no other thing here has."""
        self.last_number += 1
        return 8_800_000_000 + self.last_number

    def now(self) -> str:
        """The present with the shop's offset, as REST bodies have it."""
        return samples.local_time(self.clock())

    def put(self, body: Json, method: Json | None) -> int:
        """Hold an order with the fulfillment order it would have; `method` says more of how it is delivered."""
        order = filled(body)
        order_id = int(order["id"])
        routed = fulfillment_order(order, method)
        self.orders[order_id] = order
        self.routed_ids[order_id] = [routed["id"]]
        self.fulfillment_orders[routed["id"]] = routed
        self.fulfilled.update({entry["id"]: order_id for entry in order["fulfillments"]})
        return order_id

    def touch(self, order: Json) -> None:
        """The order changed now."""
        order["updated_at"] = self.now()

    def order(self, global_id: str) -> Json | None:
        """The order with this global id."""
        return self.orders.get(number_of(global_id)) if "/Order/" in global_id else None

    def routed(self, order_id: int) -> list[Json]:
        """The fulfillment orders of an order."""
        return [self.fulfillment_orders[global_id] for global_id in self.routed_ids.get(order_id, ())]

    def fulfillment(self, global_id: str) -> tuple[Json, Json] | None:
        """A fulfillment and its order."""
        wanted = number_of(global_id)
        order = self.orders.get(self.fulfilled.get(wanted, 0))
        entries = order["fulfillments"] if order else []
        return next(((entry, order) for entry in entries if order and entry["id"] == wanted), None)

    def show_order(self, order: Json) -> Json:
        """The Order node."""
        routed = self.routed(order["id"])
        node = order_node(order, routed, self.events)
        if routed and routed[0]["status"] in {"IN_PROGRESS", "ON_HOLD", "SCHEDULED"}:
            node["displayFulfillmentStatus"] = routed[0]["status"]
        return node

    def show_routed(self, routed: Json) -> Json:
        """The FulfillmentOrder node."""
        return {**routed, "supportedActions": supported(routed)}

    def show_fulfillment(self, entry: Json, order: Json) -> Json:
        """The Fulfillment node."""
        return fulfillment_node(entry, order, self.events.get(entry["id"], []))

    def show_variant(self, sku: str) -> Json:
        """The ProductVariant node of a SKU of the menu."""
        number = variant_number(sku)
        title, price = _sold()[sku]
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", 43_600_000_000_000 + number),
            "sku": sku,
            "title": title,
            "price": price,
            "inventoryPolicy": "DENY",
        }

    def show_item(self, sku: str) -> Json:
        """The InventoryItem node of a SKU of the menu."""
        global_id = item_id(variant_number(sku))
        return {
            "__typename": "InventoryItem",
            "id": global_id,
            "legacyResourceId": str(number_of(global_id)),
            "sku": sku,
            "tracked": True,
            "requiresShipping": True,
        }

    def show_level(self, sku: str) -> Json:
        """The InventoryLevel node of a SKU at the one location."""
        number = variant_number(sku)
        return {
            "__typename": "InventoryLevel",
            "id": gid("InventoryLevel", f"{samples.LOCATION_ID}?inventory_item_id={number_of(item_id(number))}"),
            "location": location_node(),
            "item": self.show_item(sku),
            "stock": {"available": self.available(number), "on_hand": self.available(number)},
        }

    def available(self, number: int) -> int:
        """What is for sale of a variant."""
        return self.stock.get(number, OPENING_STOCK)


def item_id(number: int) -> str:
    """The global id of a variant's inventory item."""
    return gid("InventoryItem", 45_700_000_000_000 + number)


def skus() -> list[str]:
    """All SKUs for sale."""
    return list(_sold())


def _sold() -> dict[str, tuple[str, str]]:
    options = {option.sku: option for dish in kitchen.MENU for option in dish.options if option.price}
    return {dish.sku: (dish.variation, f"{dish.price / 100:.2f}") for dish in kitchen.MENU} | {
        sku: ("Default Title", f"{option.price / 100:.2f}") for sku, option in options.items()
    }


def allows(routed: Json, action: str) -> bool:
    """Whether a fulfillment order lets its caller do this now."""
    return action in ACTIONS.get(routed["status"], ())


def problem(message: str, *field: str, code: str | None = None) -> Json:
    """A user error; `field` is the path of the argument that is wrong."""
    return {"field": list(field) or None, "message": message, "code": code}
