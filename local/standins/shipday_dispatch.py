"""The deliveries of an account: what becomes of them, and what is to be told of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from local.standins.shipday_shapes import event, milliseconds
from local.standins.vendor import Clock, Json

DELETED = "ORDER_DELETE"
# Event -> the status after it, and the time that it sets.
EVENTS: dict[str, tuple[str | None, str | None]] = {
    "ORDER_INSERTED": ("NOT_ASSIGNED", None),
    "ORDER_ASSIGNED": ("NOT_ACCEPTED", "assigned"),
    "ORDER_ACCEPTED_AND_STARTED": ("STARTED", "start"),
    "ORDER_PIKEDUP": ("PICKED_UP", "pickedup"),
    "ORDER_ONTHEWAY": ("READY_TO_DELIVER", "arrived"),
    "ORDER_COMPLETED": ("ALREADY_DELIVERED", "delivery"),
    "ORDER_FAILED": ("FAILED_DELIVERY", "failed"),
    "ORDER_INCOMPLETE": ("INCOMPLETE", None),
    "ORDER_UNASSIGNED": ("NOT_ASSIGNED", None),
    "ORDER_PIKEDUP_REMOVED": ("STARTED", None),
    "ORDER_ONTHEWAY_REMOVED": ("PICKED_UP", None),
    "ORDER_POD_UPLOAD": (None, None),
    DELETED: (None, None),
}
# Status that can be set by a call -> its event.
SET_BY_CALL = {
    "STARTED": "ORDER_ACCEPTED_AND_STARTED",
    "PICKED_UP": "ORDER_PIKEDUP",
    "READY_TO_DELIVER": "ORDER_ONTHEWAY",
    "ALREADY_DELIVERED": "ORDER_COMPLETED",
    "INCOMPLETE": "ORDER_INCOMPLETE",
    "FAILED_DELIVERY": "ORDER_FAILED",
}
FINAL = frozenset({"ALREADY_DELIVERED", "FAILED_DELIVERY", "INCOMPLETE"})
UNSET = {"ORDER_PIKEDUP_REMOVED": "pickedup", "ORDER_ONTHEWAY_REMOVED": "arrived"}
# What a courier on demand is at, by the event about the delivery.
ON_DEMAND = {
    "ORDER_ACCEPTED_AND_STARTED": "STARTED",
    "ORDER_PIKEDUP": "PICKEDUP",
    "ORDER_COMPLETED": "DELIVERED",
    "ORDER_FAILED": "FAILED",
}
LIVE = frozenset({"REQUESTED", "ASSIGNED", "STARTED", "PICKEDUP"})


@dataclass
class Dispatch:
    """Deliveries by id. told: every event, in order; untold: those that have not been sent yet."""

    clock: Clock
    orders: dict[int, Json] = field(default_factory=dict)
    told: list[Json] = field(default_factory=list)
    untold: list[Json] = field(default_factory=list)
    quotes: dict[str, Json] = field(default_factory=dict)
    last_id: int = 51_007_300

    def insert(self, body: Json, carriers: list[Json], parent: int = 0) -> Json:
        """A new delivery, whether or not there is one of its number."""
        self.last_id += 1
        order: Json = {
            "orderId": self.last_id,
            "body": copy.deepcopy(body),
            "edits": 0,
            "status": "NOT_ASSIGNED",
            "times": {"placement": milliseconds(self.clock())},
            "carrierId": None,
            "service": None,
            "bookings": [],
            "readyToPickup": False,
            "parentId": parent,
            "auto": "NOT_ASSIGNED",
            "eta": 0,
            "proof": [],
            "deleted": False,
        }
        self.orders[self.last_id] = order
        self.happen(order, "ORDER_INSERTED", carriers)
        return order

    def edit(self, order: Json, body: Json) -> None:
        """Replace all that is told of it; it has the names of an edit, kept by those of an insert where they differ."""
        names = {"orderNo": "orderNumber", "orderItems": "orderItem", "tip": "tips"}
        order["body"] = {names.get(name, name): value for name, value in body.items() if name != "orderId"}
        order["edits"] += 1

    def there(self, order_id: int) -> Json | None:
        """A delivery that was not deleted."""
        order = self.orders.get(order_id)
        return None if order is None or order["deleted"] else order

    def of_number(self, number: str) -> list[Json]:
        """The deliveries of a number; there may be several."""
        return [one for one in self.orders.values() if one["body"]["orderNumber"] == number and not one["deleted"]]

    def happen(self, order: Json, name: str, carriers: list[Json]) -> None:
        """An event of `EVENTS`: the delivery is changed by it, and it is to be told. Raises KeyError."""
        status, time = EVENTS[name]
        at = milliseconds(self.clock())
        order["status"] = status or order["status"]
        order["deleted"] = order["deleted"] or name == DELETED
        if time is not None:
            order["times"][time] = at
        order["times"].pop(UNSET.get(name, ""), None)
        if order["service"] is not None and name in ON_DEMAND:
            order["service"]["status"] = ON_DEMAND[name]
        self._tell(order, name, carriers, at)
        if name == "ORDER_UNASSIGNED":
            order["carrierId"] = None

    def assign(self, order: Json, carrier_id: int, carriers: list[Json]) -> None:
        """Propose it to a driver."""
        order["carrierId"] = carrier_id
        self.happen(order, "ORDER_ASSIGNED", carriers)

    def book(self, order: Json, name: str, fee: float, carriers: list[Json], told: Json | None = None) -> Json:
        """A courier on demand; each booking is paid for."""
        reference = f"del_{order['orderId']}_{len(order['bookings']) + 1}"
        order["service"] = {
            "thirdPartyName": name,
            "referenceId": reference,
            "status": "REQUESTED",
            "insertedAt": milliseconds(self.clock()),
            "thirdPartyFee": fee,
            "driverName": "Jude",
            "driverPhone": "+15555550177",
        }
        order["bookings"].append({"referenceId": reference, "told": told or {}})
        self.happen(order, "ORDER_ASSIGNED", carriers)
        return dict(order["service"])

    def quote(self, name: str, fee: float) -> str:
        """The id of a price that was given out."""
        number = f"quote-{len(self.quotes) + 1}"
        self.quotes[number] = {"name": name, "fee": fee}
        return number

    def take_untold(self) -> list[Json]:
        """What has to be told now."""
        untold, self.untold = self.untold, []
        return untold

    def _tell(self, order: Json, name: str, carriers: list[Json], at: int) -> None:
        """No two events have the same time: events that follow are a millisecond later."""
        last = self.told[-1]["timestamp"] if self.told else 0
        body = event(order, name, order["status"], carrier_of(order, carriers), max(at, last + 1))
        self.told.append(copy.deepcopy(body))
        self.untold.append(self.told[-1])


def carrier_of(order: Json, carriers: list[Json]) -> Json | None:
    """The driver who has it."""
    return next((one for one in carriers if one["id"] == order["carrierId"]), None)


def newest_first(orders: dict[int, Json]) -> list[Json]:
    """Deliveries that were not deleted, by when they were placed."""
    there = [one for one in orders.values() if not one["deleted"]]
    return sorted(there, key=lambda one: (-one["times"]["placement"], -one["orderId"]))
