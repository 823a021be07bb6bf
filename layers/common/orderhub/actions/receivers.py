"""Those that orders are handed to, as the one worker for all of them sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from orderhub.errors import Misconfigured
from orderhub.handover.plan import Policy
from orderhub.intake.connections import connection_of
from orderhub.order.models import Order
from orderhub.order.status import Status
from orderhub.outbound.http import PlatformHttp
from orderhub.platforms.base import Connection, Done
from orderhub.platforms.http_types import Http
from orderhub.platforms.targets import Delivery, Fleet, Pickup, Shipment, Target, Warehouse
from orderhub.storage import config
from orderhub.storage.config import Collection

D = TypeVar("D", bound=Done | None)


@dataclass(frozen=True, slots=True)
class Job:
    """An order to hand over. number: what it is known by there; ids: what was answered so far."""

    order: Order
    number: str
    ids: Mapping[str, str] = field(default_factory=dict)


def _never(_: Job) -> NoReturn:
    raise TypeError("nothing of the kind is planned for whoever has this order")


@dataclass(frozen=True, slots=True)
class Receiver:
    """A fleet or warehouse that serves the order's store. Its calls raise HubError.

    policy: when it is handed what; find: what an earlier try has made; change: all of it again; move: where it stands.
    """

    connection: Connection[Any, Any]
    policy: Policy
    find: Callable[[Job], Done | None]
    create: Callable[[Job], Done]
    change: Callable[[Job], Done]
    remove: Callable[[Job], Done]
    move: Callable[[Job], Done] = _never
    find_courier: Callable[[Job], Done | None] = _never
    assign_courier: Callable[[Job], Done] = _never


def receiver_of(target: Target, order: Order, connection_id: str) -> Receiver:
    """Whoever has the order, else whoever serves its store. Raises Misconfigured, Reject, Retry."""
    has_it = order.hand_overs.get(target)
    platform, connection = connection_of(has_it.connection_id if has_it is not None else connection_id)
    if target is Target.DELIVERY and isinstance(platform, Fleet):
        return _fleet(platform, connection)
    if target is Target.WAREHOUSE and isinstance(platform, Warehouse):
        return _warehouse(platform, connection)
    raise Misconfigured(f"{platform.name} takes no orders for {target}")


def _fleet(fleet: Fleet[Any, Any], connection: Connection[Any, Any]) -> Receiver:
    http = PlatformHttp(fleet, connection)

    def of(call: Callable[[Delivery, Connection[Any, Any], Http], D]) -> Callable[[Job], D]:
        return lambda job: call(_delivery(job), connection, http)

    starts_at, names_courier = fleet.starts_at(connection), fleet.wants_courier(connection)
    return Receiver(
        connection,
        Policy(Target.DELIVERY, starts_at, names_courier=names_courier, hears_moves=True),
        find=of(fleet.find_delivery),
        create=of(fleet.create_delivery),
        change=of(fleet.change_delivery),
        remove=of(fleet.remove_delivery),
        move=of(fleet.move_delivery),
        find_courier=of(fleet.find_courier),
        assign_courier=of(fleet.assign_courier),
    )


def _warehouse(warehouse: Warehouse[Any, Any], connection: Connection[Any, Any]) -> Receiver:
    http = PlatformHttp(warehouse, connection)

    def of(call: Callable[[Shipment, Connection[Any, Any], Http], D]) -> Callable[[Job], D]:
        return lambda job: call(_shipment(job), connection, http)

    return Receiver(
        connection,
        # From the moment it is being collected the warehouse takes no changes.
        Policy(Target.WAREHOUSE, Status.INCOMING, paid=True, is_fixed_at=Status.BAGGING),
        find=of(warehouse.find_shipment),
        create=of(warehouse.create_shipment),
        change=of(warehouse.change_shipment),
        remove=of(warehouse.cancel_shipment),
    )


def _delivery(job: Job) -> Delivery:
    entry = config.get(Collection.STORES, job.order.store_id)
    return Delivery(job.order, job.number, Pickup.of(entry.document if entry is not None else {}), job.ids)


def _shipment(job: Job) -> Shipment:
    items = [item for item in job.order.items if item.sku and item.quantity > 0]
    return Shipment(job.order, job.number, items, job.ids)
