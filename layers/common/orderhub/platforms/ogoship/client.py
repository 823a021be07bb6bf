"""What can be asked of OGOship, at the API that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import ModuleType

from orderhub.platforms.base import Done, Page
from orderhub.platforms.http_types import Http
from orderhub.platforms.ogoship import changes, legacy, models, polling, rest
from orderhub.platforms.ogoship.config import OgoshipConnection
from orderhub.platforms.targets import Product, Shipment


def find_shipment(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done | None:
    """The order of this reference, if there is one."""
    there: models.Order | None = _api(connection).find(shipment, http)
    return rest.done(there) if there else None


def create_shipment(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Has it shipped. An order of the same reference and lines is this one."""
    done: Done = _api(connection).create(shipment, connection, http)
    return done


def change_shipment(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Tells all of it again."""
    done: Done = _api(connection).change(shipment, connection, http)
    return done


def cancel_shipment(shipment: Shipment, connection: OgoshipConnection, http: Http) -> Done:
    """Takes it back."""
    done: Done = _api(connection).cancel(shipment, connection, http)
    return done


def put_product(product: Product, connection: OgoshipConnection, http: Http) -> Done:
    """Makes the product there, or makes it as it is at the shop."""
    done: Done = _api(connection).put_product(product, connection, http)
    return done


def verify_connection(connection: OgoshipConnection, http: Http) -> Done:
    """One cheap read."""
    done: Done = _api(connection).verify(http)
    return done


def poll(cursor: Mapping[str, str], connection: OgoshipConnection, http: Http, now: datetime) -> Page:
    """What has changed."""
    ask = changes.poll if connection.settings.api == "legacy" else polling.poll
    return ask(cursor, connection, http, now)


def _api(connection: OgoshipConnection) -> ModuleType:
    return legacy if connection.settings.api == "legacy" else rest
