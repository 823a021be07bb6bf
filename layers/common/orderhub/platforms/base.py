"""The contract of a platform: one class, one instance per slug, named PLATFORM in its folder.

Every operation answers `Unsupported` until a platform names the function that does it in `calls`, so that the table of
capabilities is read off the code. An adapter holds no state and opens no connection: it is given the connection and,
for calls, an `Http`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from orderhub.errors import HubError, Misconfigured, Quarantine, Reject, Retry, Unsupported
from orderhub.order.ids import digest, order_id
from orderhub.order.messages import Decision, InboundMessage, OrderReference
from orderhub.order.models import Order
from orderhub.order.status import CancelReason
from orderhub.platforms.http_types import Answer, Call, Http, Reply, Request

if TYPE_CHECKING:
    from orderhub.order.acceptance import AutoAccept


class Credentials(BaseModel):
    """What proves us to a platform, and it to us. Secrets are SecretStr. Kept in SSM only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(BaseModel):
    """What can be chosen for a connection. base_url: where the platform's API is, without a slash at the end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = ""


NO_SUCH_CALL = "its API offers no such call"

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
    """One merchant account on one platform.

    stores: the platform's store id -> our store. auto_accept: our store's id -> the orders that nobody has to accept.
    """

    id: str
    platform: str
    credentials: C_co
    settings: S_co
    default_store: StoreRef
    stores: Mapping[str, StoreRef] = field(default_factory=dict)
    auto_accept: Mapping[str, AutoAccept] = field(default_factory=dict)

    def store(self, external_id: str | None) -> StoreRef:
        """Our store for the platform's store id; the default one when it is not on the map, so nothing is lost."""
        return self.stores.get(external_id or "", self.default_store)

    def order_id(self, *identity: str) -> str:
        """The hub's id of an order of this connection.

        identity: what tells the order from all others at its platform: its id there, and what that is only unique
        within (a store, a business date) where ids are not unique by themselves.
        """
        return order_id(self.platform, self.id, *identity)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request says, and the HTTP answer to give. unknown_fields: names a model did not expect.

    decided: words the answer to a request that asks the hub for a decision (its message is a TableRequest); `answer`
    does not count then.
    """

    messages: Sequence[InboundMessage]
    answer: Answer = field(default_factory=Answer)
    unknown_fields: Sequence[str] = ()
    decided: Callable[[Decision], Answer] | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """One order as the platform's API gave it. payload: what `to_order` takes; raw: the bytes it came as."""

    payload: Any
    raw: bytes
    source_version: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a poll. cursor: to be stored once the messages are; more: ask again at once.

    body: of a platform that hands out each order once and forgets it: what it gave, untouched. It is stored before
    anybody looks into it, and then read like a request with this body; messages stay empty. trouble: what could not be
    asked, for people, where that shall not keep the rest waiting.
    """

    messages: Sequence[InboundMessage] = ()
    cursor: Mapping[str, str] = field(default_factory=dict)
    more: bool = False
    body: bytes | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The platform has taken an action. note: a sentence for staff; ids: the platform's ids of what it made."""

    note: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """How to get an access token.

    form: the fields, sent as a form, or as_json. lifetime: when the answer says none. account: connections with the
    same one share a token; empty for a token of each connection's own. token_at, lifetime_at: where the answer has the
    token and its seconds, from the outside in. min_age: a refused token younger than this is not renewed, for
    platforms that count logins.
    """

    url: str
    form: Mapping[str, str]
    as_json: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    lifetime: timedelta = timedelta(hours=1)
    account: str = ""
    token_at: tuple[str, ...] = ("access_token",)
    lifetime_at: tuple[str, ...] = ("expires_in",)
    min_age: timedelta = timedelta()


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

    @property
    def item(self) -> str:
        """The item for a platform that knows it by one id: its own, else the SKU, often made the same."""
        return self.external_item_id or self.sku or ""


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many of an item a store has. known: what the platform was last known to hold, None to skip its check."""

    store_external_id: str
    external_item_id: str
    quantity: int
    sku: str | None = None
    known: int | None = None

    @property
    def item(self) -> str:
        """As of an item's availability."""
        return self.external_item_id or self.sku or ""


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A store that takes orders or is paused. until: when a pause ends; reason: a word or sentence of staff."""

    store_external_id: str
    is_open: bool
    until: datetime | None = None
    reason: str | None = None


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

    calls: operation -> the function that does it, as `module.function` of the platform's folder, loaded when first
    called; it takes what the method of that name takes. side_effects: what an operation with one of our reasons does
    besides; staff has to confirm it first. sends_again: whether the platform repeats a request that we answer with
    5xx. plain_http: whether calls may go over http, as they prove themselves without a secret in them. pops: its
    poll gives each order once, as `Page.body`. secret_fields: names of body fields that hold secrets of the merchant
    beside those of our credentials; their values are not kept. target: what orders are handed to it for, empty for a
    platform that orders come from (targets.py).
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    docs_url: ClassVar[str]
    accept_within: ClassVar[timedelta | None] = None
    poll_every: ClassVar[timedelta | None] = None
    why: ClassVar[Mapping[str, str]] = {}
    exact_versions: ClassVar[bool] = False
    calls: ClassVar[Mapping[Any, str]] = {}
    side_effects: ClassVar[Mapping[Operation, Mapping[CancelReason, str]]] = {}
    sends_again: ClassVar[bool] = True
    plain_http: ClassVar[bool] = False
    pops: ClassVar[bool] = False
    secret_fields: ClassVar[tuple[str, ...]] = ()
    target: ClassVar[str] = ""
    Credentials: type[C_co]
    Settings: type[S_co]

    def credentials_for(self, secret: str) -> C_co:
        """Credentials that know nothing but the secret the platform signs with; for samples and trials."""
        self._unsupported("credentials_for")

    # --- what comes in ---------------------------------------------------------------------------------------------

    def greet(self, request: Request) -> Answer | None:
        """The answer to a request that proves nothing and asks for nothing (a ping, a look whether the URL is there).

        None for any other. It is given before anybody is authenticated, so it must act on nothing.
        """
        return None

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """Proves who sent the raw bytes. Raises NotAuthentic."""
        self._unsupported("authenticate")

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the platform's proof in it, wherever that belongs; for samples and trials."""
        self._unsupported("sign")

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The messages in an authentic request and the answer to it. Raises Quarantine when it is not understood.

        Values of our credentials and of `secret_fields` are blanked in the request by then.
        """
        self._unsupported("read")

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps one full order.

        Raises Quarantine when the payload is not of the documented shape, Ignore when there is nothing to do about it
        yet (a draft, an order not paid).
        """
        self._unsupported("to_order")

    def quarantine_answer(self, request: Request) -> Answer:
        """The answer to an authentic request that we do not understand: one that keeps our webhook enabled."""
        return Answer(200)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def base_url(self, connection: Connection[Any, Any]) -> str:
        """Where the platform's API is, without a slash at the end."""
        return str(connection.settings.base_url)

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest | None:
        """How to get a token for the calls; None when there is nothing to get."""
        return None

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """The call with our proof in it, wherever the platform wants it."""
        return call.with_headers({"Authorization": f"Bearer {token}"}) if token else call

    def is_refusal(self, reply: Reply) -> bool:
        """Whether an answer says no; some platforms do so with status 200."""
        return reply.status >= 400

    def refusal(self, reply: Reply) -> HubError:
        """The error for an answer that says no."""
        message = f"{self.name} answered {reply.status}"
        if reply.status in (408, 425, 429) or reply.status >= 500:
            return Retry(message)
        if reply.status in (401, 403):
            return Misconfigured(f"{message}: the credentials of this connection are refused")
        return Reject(f"HTTP_{reply.status}", message)

    # --- reads -----------------------------------------------------------------------------------------------------

    def poll_interval(self, settings: Any) -> timedelta | None:
        """How often a connection with these settings is polled; None for never."""
        return self.poll_every

    def fetch(self, reference: OrderReference, connection: Connection[Any, Any], http: Http, now: datetime) -> Fetched:
        """Reads one whole order."""
        fetched: Fetched = self._call(Operation.FETCH, reference, connection, http, now)
        return fetched

    def poll(self, cursor: Mapping[str, str], connection: Connection[Any, Any], http: Http, now: datetime) -> Page:
        """Reads what has changed since the cursor ({} the first time). One page a call."""
        page: Page = self._call(Operation.POLL, cursor, connection, http, now)
        return page

    def verify_connection(self, connection: Connection[Any, Any], http: Http) -> Done:
        """One cheap read that proves the credentials."""
        return self._do(Operation.VERIFY_CONNECTION, connection, http)

    # --- what the store tells the platform; each reads the order as it is now -----------------------------------------

    def accept(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the store makes the order, ready at `order.ready_at`."""
        return self._do(Operation.ACCEPT, order, connection, http)

    def deny(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the store does not take the order, for `order.status_reason`."""
        return self._do(Operation.DENY, order, connection, http)

    def cancel(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that an order already accepted will not be made, for `order.status_reason`."""
        return self._do(Operation.CANCEL, order, connection, http)

    def bagging(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the order is being prepared."""
        return self._do(Operation.BAGGING, order, connection, http)

    def ready(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the order waits for whoever takes it."""
        return self._do(Operation.READY, order, connection, http)

    def picked_up(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the order has left the store."""
        return self._do(Operation.PICKED_UP, order, connection, http)

    def complete(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells that the customer has the order."""
        return self._do(Operation.COMPLETE, order, connection, http)

    def set_ready_time(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells a new `order.ready_at`."""
        return self._do(Operation.SET_READY_TIME, order, connection, http)

    def edit_cart(self, order: Order, edits: Sequence[CartEdit], connection: Connection[Any, Any], http: Http) -> Done:
        """Changes lines of the order, all of the edits or none."""
        return self._do(Operation.EDIT_CART, order, edits, connection, http)

    def refund(self, order: Order, refund: RefundRequest, connection: Connection[Any, Any], http: Http) -> Done:
        """Gives money back."""
        return self._do(Operation.REFUND, order, refund, connection, http)

    def add_tracking(self, order: Order, connection: Connection[Any, Any], http: Http) -> Done:
        """Tells the parcels in `order.tracking`."""
        return self._do(Operation.ADD_TRACKING, order, connection, http)

    def set_item_availability(self, change: ItemAvailability, connection: Connection[Any, Any], http: Http) -> Done:
        """Puts an item on sale or takes it off at one store."""
        return self._do(Operation.SET_ITEM_AVAILABILITY, change, connection, http)

    def set_stock(self, level: StockLevel, connection: Connection[Any, Any], http: Http) -> Done:
        """Sets how many of an item one store has."""
        return self._do(Operation.SET_STOCK, level, connection, http)

    def set_store_status(self, status: StoreStatus, connection: Connection[Any, Any], http: Http) -> Done:
        """Opens or pauses a store on the platform."""
        return self._do(Operation.SET_STORE_STATUS, status, connection, http)

    # --- about the adapter itself -------------------------------------------------------------------------------------

    @cached_property
    def capabilities(self) -> frozenset[Operation]:
        """The operations this platform has."""
        return frozenset(self.calls)

    def why_not(self, operation: Operation, order: Order) -> str | None:
        """Why the platform is not told of this about this order; None when it is."""
        return None if operation in self.capabilities else self.why.get(operation, NO_SUCH_CALL)

    def _do(self, operation: StrEnum, *arguments: Any) -> Done:
        done: Done = self._call(operation, *arguments)
        return done

    def _call(self, operation: StrEnum, *arguments: Any) -> Any:
        place = self.calls.get(operation)
        if place is None:
            self._unsupported(operation)
        module, _, function = place.rpartition(".")
        return getattr(import_module(f"{type(self).__module__}.{module}"), function)(*arguments)

    def _unsupported(self, operation: str) -> NoReturn:
        raise Unsupported(operation, self.name, self.why.get(operation, NO_SUCH_CALL))


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
