"""GloriaFood (by GlobalFood, today a product of Oracle): online orders that a restaurant has accepted already.

The same document of whole orders comes in one of two ways: GloriaFood pushes it, or it waits on a queue per restaurant
that is emptied by reading it. Nothing goes back. https://github.com/GlobalFood/integration_docs
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import SecretStr

from orderhub.errors import Misconfigured
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, Credentials, Operation, Platform, Reading, Settings
from orderhub.platforms.gloriafood import mapper, reading
from orderhub.platforms.http_types import Answer, Request
from orderhub.platforms.signing import StaticToken

# The bare key, without a scheme.
# https://github.com/GlobalFood/integration_docs/blob/master/accepted_orders/README.md#push-cloud-system
_MASTER_KEY = StaticToken(where="header", name="authorization")

_ORDERS_COME_ACCEPTED = "the restaurant has accepted it in GloriaFood's order-taking app before it came here"
_TAKES_NOTHING_BACK = "its API takes nothing back, so act in GloriaFood's order-taking app too"


class GloriafoodCredentials(Credentials):
    """The keys of GloriaFood's integrations, one integration for each use.

    master_keys: any of them proves a push. restaurant_keys: for polling, one for each restaurant. menu_key: of a "Fetch
    Menu" integration, to try the connection with.
    """

    master_keys: tuple[SecretStr, ...] = ()
    restaurant_keys: tuple[SecretStr, ...] = ()
    menu_key: SecretStr | None = None


class GloriafoodSettings(Settings):
    """What can be chosen for a connection.

    mode: how orders come; polling takes them off a queue that no one else must read. known_restaurants_only: where
    stores are on the map, orders of a restaurant that is not are put aside, and not made at the default store.
    """

    base_url: str = "https://pos.globalfoodsoft.com"
    mode: Literal["push", "poll"] = "push"
    known_restaurants_only: bool = True


class Gloriafood(Platform[GloriafoodCredentials, GloriafoodSettings]):
    """The adapter."""

    slug = "gloriafood"
    name = "GloriaFood"
    docs_url = "https://github.com/GlobalFood/integration_docs"
    poll_every = timedelta(minutes=1)
    why: ClassVar[Mapping[str, str]] = {
        Operation.FETCH: "it hands each order out once, and has no call to read one again",
        Operation.ACCEPT: f"{_ORDERS_COME_ACCEPTED}; {_TAKES_NOTHING_BACK}",
        Operation.DENY: f"{_ORDERS_COME_ACCEPTED}; {_TAKES_NOTHING_BACK}",
        **dict.fromkeys(
            (
                *(Operation.CANCEL, Operation.BAGGING, Operation.READY, Operation.PICKED_UP, Operation.COMPLETE),
                *(Operation.SET_READY_TIME, Operation.EDIT_CART, Operation.ADD_TRACKING),
            ),
            _TAKES_NOTHING_BACK,
        ),
        Operation.REFUND: "its API takes nothing back, so give the money back at the payment provider",
        Operation.SET_ITEM_AVAILABILITY: "its menu can be read and not changed, so take the item off in GloriaFood too",
        Operation.SET_STOCK: "its menu can be read and not changed, and knows no stock",
        Operation.SET_STORE_STATUS: "its API has no call to open or pause a restaurant, so do it in GloriaFood",
    }
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.POLL: "client.poll",
        Operation.VERIFY_CONNECTION: "client.verify",
    }
    pops = True
    sends_again = False  # that it repeats what was answered with an error is nowhere said
    secret_fields = ("restaurant_key",)  # the key that polls the restaurant's queue
    Credentials = GloriafoodCredentials
    Settings = GloriafoodSettings

    def credentials_for(self, secret: str) -> GloriafoodCredentials:
        """Credentials that know nothing but a master key."""
        return GloriafoodCredentials(master_keys=(SecretStr(secret),))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def greet(self, request: Request) -> Answer | None:
        """GET asks whether the URL is there."""
        return reading.OK if request.method == "GET" else None

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """One of the master keys, exactly and bare, in `Authorization`. Raises NotAuthentic."""
        _MASTER_KEY.verify(request, _master_keys(connection))

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the first master key. Raises Misconfigured without one."""
        keys = _master_keys(connection)
        if not keys:
            raise Misconfigured("this connection to GloriaFood has no master key")
        return request.with_headers(_MASTER_KEY.sign(keys[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """One message for each order of a document, pushed or popped. Raises Quarantine when it is none."""
        return reading.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps one order of a document. Raises Quarantine, Ignore for a table reservation."""
        return mapper.to_order(payload, connection)

    def quarantine_answer(self, request: Request) -> Answer:
        """As for any other: what we cannot read is ours to mend."""
        return reading.OK

    # --- reads -----------------------------------------------------------------------------------------------------

    def poll_interval(self, settings: Any) -> timedelta | None:
        """None for a connection that is pushed to."""
        return self.poll_every if settings.mode == "poll" else None


def _master_keys(connection: Connection[Any, Any]) -> list[str]:
    return [key.get_secret_value() for key in connection.credentials.master_keys]


PLATFORM = Gloriafood()
