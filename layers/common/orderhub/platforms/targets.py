"""What the hub asks of those that orders are handed to: fleets, warehouses, ticket desks. Bases of their adapters.

They are platforms like those that orders come from (credentials, settings, webhooks, polls: base.py), with other calls.
Each call is safe to repeat after an answer that was lost: `find_...` looks for what an earlier try may have made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from orderhub.order.issues import Priority
from orderhub.order.messages import HandOverReport
from orderhub.order.models import Address, Item, Order
from orderhub.order.status import Status
from orderhub.platforms.base import C_co, Connection, Done, Platform, S_co
from orderhub.platforms.http_types import Http


class Target(StrEnum):
    """What an order can be handed to; also the name of the order's link to it."""

    DELIVERY = "delivery"
    WAREHOUSE = "warehouse"
    TICKET = "ticket"


# Which of the ids that a target answers (`Done.ids`) is that of what it made.
ID_OF: Mapping[str, str] = {Target.DELIVERY: "delivery", Target.WAREHOUSE: "shipment", Target.TICKET: "ticket"}


class TargetOperation(StrEnum):
    """What can be asked of a target; each is a method of its base."""

    FIND_DELIVERY = "find_delivery"
    CREATE_DELIVERY = "create_delivery"
    CHANGE_DELIVERY = "change_delivery"
    REMOVE_DELIVERY = "remove_delivery"
    MOVE_DELIVERY = "move_delivery"
    FIND_COURIER = "find_courier"
    ASSIGN_COURIER = "assign_courier"
    FIND_SHIPMENT = "find_shipment"
    CREATE_SHIPMENT = "create_shipment"
    CHANGE_SHIPMENT = "change_shipment"
    CANCEL_SHIPMENT = "cancel_shipment"
    PUT_PRODUCT = "put_product"
    FIND_TICKET = "find_ticket"
    OPEN_TICKET = "open_ticket"
    COMMENT_TICKET = "comment_ticket"
    RESOLVE_TICKET = "resolve_ticket"
    REOPEN_TICKET = "reopen_ticket"


# --- delivery ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pickup:
    """Where the goods are fetched: the store. time_zone: IANA."""

    name: str
    phone: str | None
    address: Address | None
    time_zone: str

    @classmethod
    def of(cls, store: Mapping[str, Any]) -> Pickup:
        """Of a store's document."""
        address = store.get("address")
        return cls(
            name=store.get("name", ""),
            phone=store.get("phone"),
            address=Address.model_validate(address) if address else None,
            time_zone=store.get("time_zone", "UTC"),
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """An order as a fleet needs it.

    number: what the fleet knows it by, one of a kind in the merchant's account; ids: what it answered so far
    (`Done.ids`), empty before it is made.
    """

    order: Order
    number: str
    pickup: Pickup
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport(HandOverReport):
    """What a fleet says of a delivery, which may be one that others made.

    source: who made it, as they called themselves there; reference: our id of the order, where the fleet echoes it.
    instead_of: the fleet's id of the delivery whose place it took. proof: URLs of pictures and signatures.
    """

    source: str | None = None
    reference: str | None = None
    instead_of: str | None = None
    proof: tuple[str, ...] = ()


class Fleet(Platform[C_co, S_co]):
    """Base of the adapters of fleets, which bring what a store has to deliver.

    calls: TargetOperation -> the function that does it, as in base.py; each takes the delivery, the connection and
    http. `Done.ids` of create_delivery has what the others need.
    """

    target: ClassVar[str] = Target.DELIVERY

    def starts_at(self, connection: Connection[Any, Any]) -> Status:
        """From which status of an order on the fleet is asked: INCOMING, ACCEPTED or READY."""
        self._unsupported("starts_at")

    def wants_courier(self, connection: Connection[Any, Any]) -> bool:
        """Whether the merchant has the hub name the courier, by the second call after create_delivery."""
        return False

    def find_delivery(self, delivery: Delivery, connection: Connection[Any, Any], http: Http) -> Done | None:
        """The delivery of this number, if there is one."""
        found: Done | None = self._call(TargetOperation.FIND_DELIVERY, delivery, connection, http)
        return found

    def create_delivery(self, delivery: Delivery, connection: Connection[Any, Any], http: Http) -> Done:
        """Asks for the delivery. May make a second one when repeated: look first."""
        return self._do(TargetOperation.CREATE_DELIVERY, delivery, connection, http)

    def change_delivery(self, delivery: Delivery, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells all of the order again, as it is now."""
        return self._do(TargetOperation.CHANGE_DELIVERY, delivery, connection, http)

    def remove_delivery(self, delivery: Delivery, connection: Connection[Any, Any], http: Http) -> Done:
        """Takes the delivery back, its courier first; done as well when it is gone already."""
        return self._do(TargetOperation.REMOVE_DELIVERY, delivery, connection, http)

    def move_delivery(self, delivery: Delivery, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells where the order stands: that it is ready, or what staff say of its way."""
        return self._do(TargetOperation.MOVE_DELIVERY, delivery, connection, http)

    def find_courier(self, delivery: Delivery, connection: Connection[Any, Any], http: Http) -> Done | None:
        """The courier that was assigned, if any."""
        found: Done | None = self._call(TargetOperation.FIND_COURIER, delivery, connection, http)
        return found

    def assign_courier(self, delivery: Delivery, connection: Connection[Any, Any], http: Http) -> Done:
        """Assigns whom the settings prefer. Costs money when repeated: look first."""
        return self._do(TargetOperation.ASSIGN_COURIER, delivery, connection, http)


# --- warehouse --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shipment:
    """An order as a warehouse needs it. reference: one of a kind at the merchant, for ever; items: those it ships."""

    order: Order
    reference: str
    items: Sequence[Item]
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    """What a shop says of a product. code: the SKU; price: minor units, with tax."""

    code: str
    title: str
    description: str | None = None
    picture_url: str | None = None
    page_url: str | None = None
    price: int | None = None
    currency: str | None = None
    barcode: str | None = None


class Warehouse(Platform[C_co, S_co]):
    """Base of the adapters of warehouses. Their `poll` gives HandOverReports and StockReports."""

    target: ClassVar[str] = Target.WAREHOUSE

    def find_shipment(self, shipment: Shipment, connection: Connection[Any, Any], http: Http) -> Done | None:
        """The shipment of this reference, if there is one."""
        found: Done | None = self._call(TargetOperation.FIND_SHIPMENT, shipment, connection, http)
        return found

    def create_shipment(self, shipment: Shipment, connection: Connection[Any, Any], http: Http) -> Done:
        """Has the warehouse ship it."""
        return self._do(TargetOperation.CREATE_SHIPMENT, shipment, connection, http)

    def change_shipment(self, shipment: Shipment, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells all of it again. Raises Reject once it is being collected."""
        return self._do(TargetOperation.CHANGE_SHIPMENT, shipment, connection, http)

    def cancel_shipment(self, shipment: Shipment, connection: Connection[Any, Any], http: Http) -> Done:
        """Takes it back. Raises Reject once it is being collected."""
        return self._do(TargetOperation.CANCEL_SHIPMENT, shipment, connection, http)

    def put_product(self, product: Product, connection: Connection[Any, Any], http: Http) -> Done:
        """Makes the product there, or makes it as it is at the shop."""
        return self._do(TargetOperation.PUT_PRODUCT, product, connection, http)


# --- tickets ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ticket:
    """Something for people. key: one of a kind, stays the same however often it is tried; facts: label -> text.

    links: label -> URL; ids: what the desk answered so far.
    """

    key: str
    title: str
    text: str
    priority: Priority
    opened_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


class TicketDesk(Platform[C_co, S_co]):
    """Base of the adapters of ticket desks. `Done.ids` of open_ticket has `ticket`, and `url` for people.

    shown_after: for how long find_ticket may not see what open_ticket has made: that it finds nothing sooner after a
    try to open the ticket proves nothing.
    """

    target: ClassVar[str] = Target.TICKET
    shown_after: ClassVar[timedelta] = timedelta()

    def find_ticket(self, ticket: Ticket, connection: Connection[Any, Any], http: Http) -> Done | None:
        """The ticket of this key, if there is one. A desk may show a new one only after a while."""
        found: Done | None = self._call(TargetOperation.FIND_TICKET, ticket, connection, http)
        return found

    def open_ticket(self, ticket: Ticket, connection: Connection[Any, Any], http: Http) -> Done:
        """Opens it. May open a second one when repeated: look first."""
        return self._do(TargetOperation.OPEN_TICKET, ticket, connection, http)

    def comment_ticket(self, ticket: Ticket, text: str, connection: Connection[Any, Any], http: Http) -> Done:
        """Adds a comment that only the team sees."""
        return self._do(TargetOperation.COMMENT_TICKET, ticket, text, connection, http)

    def resolve_ticket(self, ticket: Ticket, connection: Connection[Any, Any], http: Http) -> Done:
        """Brings it to where it counts as done; nothing when it is there."""
        return self._do(TargetOperation.RESOLVE_TICKET, ticket, connection, http)

    def reopen_ticket(self, ticket: Ticket, connection: Connection[Any, Any], http: Http) -> Done:
        """Brings it back from done; nothing when it is open."""
        return self._do(TargetOperation.REOPEN_TICKET, ticket, connection, http)
