"""The contract of a platform: one class, one instance per slug, named PLATFORM in its folder.

Every operation answers `Unsupported` until a platform overrides it, so that the table of capabilities is read off the
code. An adapter holds no state and opens no connection: it is given the connection and, for calls, an `Http`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry, Unsupported
from orderhub.order.ids import digest, order_id
from orderhub.order.messages import InboundMessage, OrderReference
from orderhub.order.models import Order
from orderhub.platforms.http_types import Answer, Http, Reply, Request


class Credentials(BaseModel):
    """What proves us to a platform, and it to us. Secrets are SecretStr. Kept in SSM only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(BaseModel):
    """What can be chosen for a connection. base_url: where the platform's API is, without a slash at the end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = ""


C_co = TypeVar("C_co", bound=Credentials, covariant=True)
S_co = TypeVar("S_co", bound=Settings, covariant=True)


@dataclass(frozen=True, slots=True)
class StoreRef:
    """What an adapter needs to know of one of our stores. time_zone: IANA name; currency: ISO 4217."""

    id: str
    time_zone: str = "UTC"
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Connection(Generic[C_co, S_co]):
    """One merchant account on one platform. stores: the platform's store id -> our store."""

    id: str
    platform: str
    credentials: C_co
    settings: S_co
    default_store: StoreRef
    stores: Mapping[str, StoreRef] = field(default_factory=dict)

    def store(self, external_id: str | None) -> StoreRef:
        """Our store for the platform's store id; the default one when it is not on the map, so nothing is lost."""
        return self.stores.get(external_id or "", self.default_store)

    def order_id(self, external_id: str) -> str:
        """The hub's id of an order of this connection."""
        return order_id(self.platform, self.id, external_id)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request says, and the HTTP answer to give. unknown_fields: names a model did not expect."""

    messages: Sequence[InboundMessage]
    answer: Answer = field(default_factory=Answer)
    unknown_fields: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """One order as the platform's API gave it. payload: what `to_order` takes; raw: the bytes it came as."""

    payload: Any
    raw: bytes
    source_version: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a poll. cursor: to be stored once the messages are; more: ask again at once."""

    messages: Sequence[InboundMessage]
    cursor: Mapping[str, str]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The platform has taken an action. note: a sentence for staff; ids: the platform's ids of what it made."""

    note: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """How to get an access token. form: the fields, sent as a form, or as_json; lifetime: when the answer says none."""

    url: str
    form: Mapping[str, str]
    as_json: bool = False
    lifetime: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CartEdit:
    """One change to the lines of an order: `remove`, `reduce` to a quantity, or `substitute` by another item."""

    action: str
    item_id: str
    quantity: Decimal | None = None
    substitute_external_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ItemAvailability:
    """An item that a store has or has not. until: when it comes back, None for until further notice."""

    store_external_id: str
    external_item_id: str
    available: bool
    sku: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many of an item a store has. known: what the platform was last known to hold, None to skip its check."""

    store_external_id: str
    external_item_id: str
    quantity: int
    sku: str | None = None
    known: int | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to give back. amount: minor units; item_ids: the lines it is for, none for the whole order."""

    amount: int
    item_ids: Sequence[str] = ()
    reason: str | None = None
    key: str = ""


class Operation(StrEnum):
    """What can be asked of a platform; each is a method of Platform."""

    FETCH = "fetch"
    POLL = "poll"
    ACCEPT = "accept"
    DENY = "deny"
    CANCEL = "cancel"
    BAGGING = "bagging"
    READY = "ready"
    PICKED_UP = "picked_up"
    COMPLETE = "complete"
    SET_READY_TIME = "set_ready_time"
    EDIT_CART = "edit_cart"
    REFUND = "refund"
    SET_ITEM_AVAILABILITY = "set_item_availability"
    SET_STORE_STATUS = "set_store_status"
    ADD_TRACKING = "add_tracking"
    SET_STOCK = "set_stock"
    VERIFY_CONNECTION = "verify_connection"


class Platform(Generic[C_co, S_co]):
    """Base of the adapters.

    accept_within: how long the store has to answer an order; poll_every: how often to look for missed orders; why:
    operation -> why the platform has none, shown to staff and in the table of capabilities. exact_versions: the version
    of a notification and that of the order fetched for it come from one counter or clock of the platform, so that what
    we hold already need not be fetched.
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    docs_url: ClassVar[str]
    accept_within: ClassVar[timedelta | None] = None
    poll_every: ClassVar[timedelta | None] = None
    why: ClassVar[Mapping[str, str]] = {}
    exact_versions: ClassVar[bool] = False
    Credentials: type[C_co]
    Settings: type[S_co]

    def credentials_for(self, secret: str) -> C_co:
        """Credentials that know nothing but the secret the platform signs with; for samples and trials."""
        self._unsupported("credentials_for")

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """Proves who sent the raw bytes. Raises NotAuthentic."""
        self._unsupported("authenticate")

    def sign(self, request: Request, connection: Connection[Any, Any]) -> dict[str, str]:
        """The headers the platform would send with this body; for samples and trials."""
        self._unsupported("sign")

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The messages in an authentic request and the answer to it. Raises Quarantine when it is not understood."""
        self._unsupported("read")

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps one full order.

        Raises Quarantine when the payload is not of the documented shape, Ignore when there is nothing to do about it
        yet (a draft, an order not paid).
        """
        self._unsupported("to_order")

    def quarantine_answer(self) -> Answer:
        """The answer to an authentic request that we do not understand: one that keeps our webhook enabled."""
        return Answer(200)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def base_url(self, connection: Connection[Any, Any]) -> str:
        """Where the platform's API is, without a slash at the end."""
        return str(connection.settings.base_url)

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest | None:
        """How to get a token for the calls; None when there is nothing to get."""
        return None

    def authorization(self, connection: Connection[Any, Any], token: str | None) -> Mapping[str, str]:
        """The headers that every call carries."""
        return {"Authorization": f"Bearer {token}"} if token else {}

    def refusal(self, reply: Reply) -> HubError:
        """The error for an answer of status 400 or above."""
        message = f"{self.name} answered {reply.status}"
        if reply.status in (408, 425, 429) or reply.status >= 500:
            return Retry(message)
        if reply.status in (401, 403):
            return Misconfigured(f"{message}: the credentials of this connection are refused")
        return Reject(f"HTTP_{reply.status}", message)

    # --- reads -----------------------------------------------------------------------------------------------------

    def fetch(self, reference: OrderReference, connection: Connection[Any, Any], http: Http, now: datetime) -> Fetched:
        """Reads one whole order."""
        self._unsupported(Operation.FETCH)

    def poll(self, cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
        """Reads what has changed since the cursor ({} the first time). One page a call."""
        self._unsupported(Operation.POLL)

    def verify_connection(self, connection: Connection[Any, Any], http: Http) -> Done:
        """One cheap read that proves the credentials."""
        self._unsupported(Operation.VERIFY_CONNECTION)

    # --- what the store tells the platform; each reads the order as it is now -----------------------------------------

    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the store makes the order, ready at `order.ready_at`."""
        self._unsupported(Operation.ACCEPT)

    def deny(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the store does not take the order, for `order.status_reason`."""
        self._unsupported(Operation.DENY)

    def cancel(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that an order already accepted will not be made, for `order.status_reason`."""
        self._unsupported(Operation.CANCEL)

    def bagging(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the order is being prepared."""
        self._unsupported(Operation.BAGGING)

    def ready(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the order waits for whoever takes it."""
        self._unsupported(Operation.READY)

    def picked_up(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the order has left the store."""
        self._unsupported(Operation.PICKED_UP)

    def complete(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the customer has the order."""
        self._unsupported(Operation.COMPLETE)

    def set_ready_time(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells a new `order.ready_at`."""
        self._unsupported(Operation.SET_READY_TIME)

    def edit_cart(self, order: Order, edits: Sequence[CartEdit], connection: Connection[Any, Any], http: Http) -> Done:
        """Changes lines of the order, all of the edits or none."""
        self._unsupported(Operation.EDIT_CART)

    def refund(self, order: Order, refund: RefundRequest, connection: Connection[Any, Any], http: Http) -> Done:
        """Gives money back."""
        self._unsupported(Operation.REFUND)

    def add_tracking(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells the parcels in `order.tracking`."""
        self._unsupported(Operation.ADD_TRACKING)

    def set_item_availability(self, change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
        """Puts an item on sale or takes it off at one store."""
        self._unsupported(Operation.SET_ITEM_AVAILABILITY)

    def set_stock(self, level: StockLevel, connection: Connection[Any, Any], http: Http) -> Done:
        """Sets how many of an item one store has."""
        self._unsupported(Operation.SET_STOCK)

    def set_store_status(
        self,
        store_external_id: str,
        *,
        is_open: bool,
        until: datetime | None,
        connection: Connection[Any, Any],
        http: Http,
    ) -> Done:
        """Opens or pauses a store on the platform. until: when a pause ends."""
        self._unsupported(Operation.SET_STORE_STATUS)

    # --- about the adapter itself -------------------------------------------------------------------------------------

    @cached_property
    def capabilities(self) -> frozenset[Operation]:
        """The operations this platform has: those its class defines."""
        mine = type(self)
        return frozenset(op for op in Operation if getattr(mine, op) is not getattr(Platform, op))

    def _unsupported(self, operation: str) -> NoReturn:
        raise Unsupported(operation, self.name, self.why.get(operation, "its API offers no such call"))


M = TypeVar("M", bound=BaseModel)


def parse_as(model: type[M], payload: Any) -> M:
    """The payload as a model of its platform. Raises Quarantine that names the first fields that do not fit."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise Quarantine(f"not the documented shape of {model.__name__}: {places}") from None
    except RecursionError:
        raise Quarantine(f"{model.__name__} is nested too deeply") from None


def body_key(request: Request, *parts: str) -> str:
    """A delivery key for a message without an id of its own: what identifies it and a hash of the body."""
    return digest(*parts, request.body.decode("latin-1"))
