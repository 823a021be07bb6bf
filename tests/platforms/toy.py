"""A platform small enough to see that the conformance suite tells sound from broken."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, SecretStr

from orderhub.errors import Quarantine
from orderhub.order.ids import item_id
from orderhub.order.messages import Ignored, InboundMessage, OrderSnapshot, StatusReport
from orderhub.order.models import Amounts, Item, Order
from orderhub.order.status import Status
from orderhub.order.times import sortable_number
from orderhub.platforms.base import Connection, Credentials, Done, Operation, Platform, Reading, Settings, parse_as
from orderhub.platforms.http_types import Http, Request
from orderhub.platforms.payload import Id, NullAsEmpty, Payload, Text, unknown_fields
from orderhub.platforms.signing import Hmac

SCHEME = Hmac(headers=("x-toy-signature",))
STATUSES = {"new": Status.INCOMING, "gone": Status.CANCELLED}
Cents = Annotated[int, Field(ge=0, le=10**9)]


class ToyCredentials(Credentials):
    """secrets: those that are valid, the current one first."""

    secrets: list[SecretStr]


class Line(Payload):
    """One line."""

    name: Text = None
    price: Cents


class ToyOrder(Payload):
    """The order as the toy sends it."""

    id: Id
    version: Cents
    status: str
    lines: Annotated[list[Line], NullAsEmpty] = []
    total: Cents | None = None


class Event(Payload):
    """What the toy sends."""

    event: Id
    type: str
    order: ToyOrder | None = None


class Toy(Platform[ToyCredentials, Settings]):
    """A sound adapter."""

    slug = "toy"
    capabilities = frozenset({Operation.ACCEPT})  # its one call is a method: a module of functions would be too much
    name = "Toy"
    docs_url = "https://example.com/toy"
    Credentials = ToyCredentials
    Settings = Settings

    def credentials_for(self, secret: str) -> ToyCredentials:
        return ToyCredentials(secrets=[SecretStr(secret)])

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        SCHEME.verify(request, request.body, _secrets(connection))

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        return request.with_headers(SCHEME.sign(request.body, _secrets(connection)[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        event = parse_as(Event, request.json())
        key = self.delivery_key(event, request)
        message = self.message(event, key, connection) or Ignored(delivery_key=key, reason=f"event {event.type!r}")
        return Reading([message], unknown_fields=unknown_fields(event))

    def delivery_key(self, event: Event, request: Request) -> str:
        return event.event

    def message(self, event: Event, key: str, connection: Connection[Any, Any]) -> InboundMessage | None:
        if event.type not in {"order", "status"}:
            return None
        if event.order is None:
            raise Quarantine("an event about no order")
        version = self.version(event.order)
        order = self.to_order(event.order.model_dump(), connection)
        if event.type == "order":
            return OrderSnapshot(delivery_key=key, source_version=version, order=order)
        return StatusReport(
            delivery_key=key, source_version=version, external_id=order.external_id, status=order.status
        )

    def version(self, order: ToyOrder) -> str | None:
        return sortable_number(order.version)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        order = parse_as(ToyOrder, payload)
        lines = [
            Item(
                id=item_id(str(place)),
                name=line.name or "",
                quantity=Decimal(1),
                unit_price=line.price,
                total=line.price,
            )
            for place, line in enumerate(order.lines)
        ]
        return Order(
            id=connection.order_id(order.id),
            platform=self.slug,
            connection_id=connection.id,
            channel=self.slug,
            external_id=order.id,
            store_id=connection.default_store.id,
            status=self.status(order),
            items=lines,
            amounts=Amounts(currency="USD", subtotal=sum(line.price for line in order.lines), total=order.total),
        )

    def status(self, order: ToyOrder) -> Status:
        return STATUSES.get(order.status, Status.INCOMING)

    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        http.request("POST", f"/accept/{order.external_id}", json={"ready": 5})
        return Done("Toy knows")


def _secrets(connection: Connection[Any, Any]) -> list[str]:
    return [secret.get_secret_value() for secret in connection.credentials.secrets]
