"""WooCommerce: shops on WordPress, each at its merchant's own host, each with plugins of its own.

Webhooks carry whole orders and are never sent again, so that a poll has to find what they missed.
https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, Operation, Platform, Reading, parse_as
from orderhub.platforms.http_types import Answer, Call, Reply, Request
from orderhub.platforms.signing import Hmac
from orderhub.platforms.woocommerce import mapper, models, topics
from orderhub.platforms.woocommerce.settings import WooCommerceCredentials, WooCommerceSettings

# https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks
_SIGNATURE = Hmac(headers=("x-wc-webhook-signature",), digest="sha256", encoding="base64", key="text")
_PING = re.compile(rb"webhook_id=\d+")
# Shops from before 2019 sign with the secret as they store it, with the entities of HTML.
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#039;"))
_QUOTES = 3  # the entities in front of those for quotes, which not every shop stores so


class WooCommerce(Platform[WooCommerceCredentials, WooCommerceSettings]):
    """One shop. Nobody waits for its orders to be accepted, so there is no deadline."""

    slug = "woocommerce"
    name = "WooCommerce"
    docs_url = "https://woocommerce.github.io/woocommerce-rest-api-docs/"
    poll_every = timedelta(minutes=5)
    sends_again = False
    plain_http = True  # over http each call is signed, see proof.py
    why: ClassVar[Mapping[str, str]] = {
        Operation.SET_STORE_STATUS: "a shop cannot be paused through its API; switch off a product or the checkout",
    }
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.FETCH: "reads.fetch",
        Operation.POLL: "reads.poll",
        Operation.VERIFY_CONNECTION: "reads.verify_connection",
        Operation.ACCEPT: "actions.accept",
        Operation.DENY: "actions.cancel",
        Operation.CANCEL: "actions.cancel",
        Operation.BAGGING: "actions.bagging",
        Operation.READY: "actions.ready",
        Operation.PICKED_UP: "actions.picked_up",
        Operation.COMPLETE: "actions.complete",
        Operation.SET_READY_TIME: "actions.set_ready_time",
        Operation.ADD_TRACKING: "actions.add_tracking",
        Operation.EDIT_CART: "changes.edit_cart",
        Operation.REFUND: "changes.refund",
        Operation.SET_STOCK: "stock.set_stock",
        Operation.SET_ITEM_AVAILABILITY: "stock.set_item_availability",
    }
    Credentials = WooCommerceCredentials
    Settings = WooCommerceSettings

    def credentials_for(self, secret: str) -> WooCommerceCredentials:
        """Credentials that know nothing but a webhook secret."""
        nothing = SecretStr("")
        return WooCommerceCredentials(
            consumer_key=nothing, consumer_secret=nothing, webhook_secrets=(SecretStr(secret),)
        )

    # --- what comes in ---------------------------------------------------------------------------------------------

    def greet(self, request: Request) -> Answer | None:
        """200 to the ping of a webhook that is saved: it is unsigned, and an error would count against the webhook."""
        ping = _PING.fullmatch(request.body) and not request.header("x-wc-webhook-topic")
        return Answer() if ping else None

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """HMAC-SHA256 of the raw body with a webhook secret, in base64. Raises NotAuthentic."""
        _SIGNATURE.verify(request, request.body, [form for one in _secrets(connection) for form in _forms(one)])

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the header that would come with this body. Raises Misconfigured without a webhook secret."""
        secrets = _secrets(connection)
        if not secrets:
            raise Misconfigured("this connection to WooCommerce has no webhook secret")
        return request.with_headers(_SIGNATURE.sign(request.body, secrets[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The message of one webhook. Raises Quarantine."""
        return topics.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps an order as webhooks and the API carry it. Raises Quarantine, Ignore when there is nothing to make."""
        return mapper.to_order(parse_as(models.Order, payload), connection)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def base_url(self, connection: Connection[Any, Any]) -> str:
        """The shop's own host. Raises Misconfigured when no shop is set."""
        from orderhub.platforms.woocommerce import proof  # noqa: PLC0415  (webhooks call nobody)

        return proof.api_url(connection)

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """The API key over https, a signature by it over plain http; there is no token to get."""
        from orderhub.platforms.woocommerce import proof  # noqa: PLC0415

        return proof.proved(call, connection)

    def is_refusal(self, reply: Reply) -> bool:
        """Errors, redirects, and pages in place of an answer."""
        from orderhub.platforms.woocommerce import refusals  # noqa: PLC0415

        return refusals.is_refusal(reply)

    def refusal(self, reply: Reply) -> HubError:
        """Tells the shop's own errors from those of its host."""
        from orderhub.platforms.woocommerce import refusals  # noqa: PLC0415

        return refusals.read(reply)


def _secrets(connection: Connection[Any, Any]) -> list[str]:
    given = (secret.get_secret_value() for secret in connection.credentials.webhook_secrets)
    return [secret for secret in given if secret]


def _forms(secret: str) -> list[str]:
    """A secret as it is, and as older shops store it."""
    forms, encoded = [secret], secret
    for number, (sign, entity) in enumerate(_ENTITIES, 1):
        encoded = encoded.replace(sign, entity)
        if number >= _QUOTES:
            forms.append(encoded)
    return list(dict.fromkeys(forms))


PLATFORM = WooCommerce()
