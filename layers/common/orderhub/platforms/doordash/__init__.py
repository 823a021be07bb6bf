"""DoorDash Marketplace: whole orders of DoorDash, Caviar and Storefront, in webhooks.

The status of our answer is an answer: 202 takes an order in, to be confirmed within minutes by a call of ours; anything
but 200 and 202 makes it fail. So nothing that is authentic is ever answered otherwise. DoorDash Drive, which delivers
orders taken elsewhere, is another product. https://developer.doordash.com/en-US/docs/marketplace/overview/about_marketplace/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured, NotAuthentic
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, Operation, Platform, Reading
from orderhub.platforms.doordash import mapper, webhook
from orderhub.platforms.doordash.config import DoorDashCredentials, DoorDashSettings
from orderhub.platforms.doordash.statuses import ACCEPT_WITHIN, SWITCHES_OFF
from orderhub.platforms.http_types import Answer, Call, Reply, Request
from orderhub.platforms.signing import StaticToken

# The token typed into the Developer Portal. One page shows it as a bearer token, the others name no form:
# https://developer.doordash.com/en-US/docs/marketplace/how_to/menu_status_callback
_BARE = StaticToken("header", "authorization")
_BEARER = StaticToken("header", "authorization", prefix="Bearer ")

READY_PATH = "/events/order_ready_for_pickup"
NO_RETURNS = "it takes returns of shops that are on its list for them, and decides on all other refunds itself"


class DoorDash(Platform[DoorDashCredentials, DoorDashSettings]):
    """The adapter."""

    slug = "doordash"
    name = "DoorDash"
    docs_url = "https://developer.doordash.com/en-US/docs/marketplace/overview/about_marketplace/"
    accept_within = ACCEPT_WITHIN
    sends_again = False
    side_effects: ClassVar = {Operation.CANCEL: SWITCHES_OFF}
    why: ClassVar[Mapping[str, str]] = {
        Operation.FETCH: "it sends each order once, in a webhook, and has no call to read one",
        Operation.POLL: "it has no call that lists orders",
        Operation.BAGGING: "between accepted and ready it has no further step",
        Operation.PICKED_UP: "it hears that from its Dashers, and has no call for pickup or the store's own couriers",
        Operation.COMPLETE: "it hears that from its Dashers, and has no call for pickup or the store's own couriers",
        Operation.SET_READY_TIME: "it takes the preparation time with the acceptance and at no other time",
        Operation.ADD_TRACKING: "its orders travel with couriers, not as parcels",
        Operation.SET_STOCK: "its menu knows items on sale and items taken off, not how many there are",
    }
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.ACCEPT: "client.accept",
        Operation.DENY: "client.deny",
        Operation.CANCEL: "client.cancel",
        Operation.READY: "client.ready",
        Operation.EDIT_CART: "edits.edit_cart",
        Operation.REFUND: "returns.refund",
        Operation.SET_ITEM_AVAILABILITY: "stores.set_item_availability",
        Operation.SET_STORE_STATUS: "stores.set_store_status",
        Operation.VERIFY_CONNECTION: "stores.verify_connection",
    }
    Credentials = DoorDashCredentials
    Settings = DoorDashSettings

    def credentials_for(self, secret: str) -> DoorDashCredentials:
        """Credentials that know nothing but a webhook token."""
        return DoorDashCredentials(
            developer_id="", key_id="", signing_secret=SecretStr(""), webhook_tokens=(SecretStr(secret),)
        )

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """A webhook token in the Authorization header, bare or as a bearer token. Raises NotAuthentic."""
        tokens = _tokens(connection)
        try:
            _BEARER.verify(request, tokens)
        except NotAuthentic:
            _BARE.verify(request, tokens)

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the token as it was typed into the portal. Raises Misconfigured when there is none."""
        tokens = _tokens(connection)
        if not tokens:
            raise Misconfigured("this connection to DoorDash has no webhook token")
        return request.with_headers(_BARE.sign(tokens[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The messages in a webhook, whichever it is. Raises Quarantine."""
        return webhook.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps an order, in its event or bare. Raises Quarantine."""
        return mapper.to_order(payload, connection)

    def quarantine_answer(self, request: Request) -> Answer:
        """As to an order: it may be one, and it must not fail because we cannot read it."""
        return webhook.TAKEN

    # --- how calls are made ----------------------------------------------------------------------------------------

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """A token that we sign ourselves, anew for each call; the ready call may have one of its own."""
        from orderhub.platforms.doordash import proof  # noqa: PLC0415  (webhooks need none)

        credentials = connection.credentials
        if credentials.ready_token is not None and call.url.endswith(READY_PATH):
            bearer = credentials.ready_token.get_secret_value()
        else:
            bearer = proof.token(credentials)
        headers = {
            "Authorization": f"Bearer {bearer}",
            "auth-version": "v2",
            "User-Agent": f"{_camel_case(connection.settings.provider_type)}/1.0",
        }
        return call.with_headers(headers)

    def refusal(self, reply: Reply) -> HubError:
        """Reads DoorDash's error: what may be tried again, what a person has to see to, what is final."""
        from orderhub.platforms.doordash import refusals  # noqa: PLC0415

        return refusals.read(reply) or super().refusal(reply)

    # --- about the adapter itself -------------------------------------------------------------------------------------

    def why_not(self, operation: Operation, order: Order) -> str | None:
        """As for any platform; and goods are taken back by shops only."""
        if operation is Operation.REFUND and order.source.get("returns") != "yes":
            return NO_RETURNS
        return super().why_not(operation, order)


def _tokens(connection: Connection[Any, Any]) -> list[str]:
    return [token.get_secret_value() for token in connection.credentials.webhook_tokens]


def _camel_case(words: str) -> str:
    """merchant_sandbox as MerchantSandbox; what is written so already stays as it is."""
    return "".join(word[0].upper() + word[1:] for word in re.split(r"[ _-]", words))


PLATFORM = DoorDash()
