"""Toast, a restaurant POS of the USA, Canada, the UK and Ireland, whose orders stay its own: the hub mirrors them.

A webhook carries the whole order without its guest, who is fetched after it. https://doc.toasttab.com/doc/devguide/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr

from orderhub.errors import HubError, Misconfigured, NotAuthentic, Quarantine
from orderhub.order.ids import digest
from orderhub.order.models import Order
from orderhub.order.times import parse_time
from orderhub.platforms.base import Connection, Credentials, Operation, Platform, Reading, Settings, TokenRequest
from orderhub.platforms.http_types import Reply, Request
from orderhub.platforms.signing import Hmac
from orderhub.platforms.toast import limits, mapper, webhook

# https://doc.toasttab.com/doc/devguide/apiMessageSigning.html: the message is the raw body, followed by the text of its
# own `timestamp`.
_SIGNATURE = Hmac(headers=("toast-signature",), digest="sha256", encoding="base64")
_TIMESTAMP = re.compile(rb'("timestamp"\s*:\s*)"[^"\\]*"')

# https://doc.toasttab.com/doc/devguide/apiAuthenticationRateLimit.html: two logins an hour, so a young token that is
# refused is not renewed.
_LOGIN = "/authentication/v1/authentication/login"
_TOKEN_LIFETIME = timedelta(days=1)
_YOUNG = timedelta(minutes=30)


class ToastCredentials(Credentials):
    """client_id, client_secret: of the API account. webhook_secrets: one for each subscription, and old ones."""

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    webhook_secrets: tuple[SecretStr, ...]


class ToastSettings(Settings):
    """What can be chosen for a connection.

    replay_hours: how far from now the timestamp of a webhook may be. body_only_signature: take signatures over the body
    alone as well. dining_options: id -> how it hands orders out, so that webhooks know it without a fetch. own_prefix:
    how the externalId begins of orders that our own client placed; may_void: whether staff may void those. poll_back:
    hours that the first poll looks back; poll_overlap: minutes that each looks back behind the one before.
    """

    base_url: str = "https://ws-api.toasttab.com"
    replay_hours: int = Field(default=24, ge=1, le=24 * 365)
    body_only_signature: bool = False
    dining_options: Mapping[str, Literal["DINE_IN", "TAKE_OUT", "DELIVERY", "CURBSIDE"]] = {}
    own_prefix: str = ""
    may_void: bool = False
    poll_back: int = Field(default=24, ge=1, le=24 * 30)
    poll_overlap: int = Field(default=5, ge=1, le=60)


class Toast(Platform[ToastCredentials, ToastSettings]):
    """The adapter."""

    slug = "toast"
    name = "Toast"
    docs_url = "https://doc.toasttab.com/doc/devguide/devOrdersWebhookRef.html"
    poll_every = timedelta(minutes=5)
    why = limits.WHY
    calls: ClassVar[Mapping[Operation, str]] = {
        Operation.FETCH: "client.fetch",
        Operation.POLL: "polling.poll",
        Operation.VERIFY_CONNECTION: "client.verify_connection",
        Operation.CANCEL: "actions.cancel",
        Operation.PICKED_UP: "actions.picked_up",
        Operation.COMPLETE: "actions.complete",
        Operation.SET_ITEM_AVAILABILITY: "actions.set_item_availability",
        Operation.SET_STOCK: "actions.set_stock",
    }
    Credentials = ToastCredentials
    Settings = ToastSettings

    def credentials_for(self, secret: str) -> ToastCredentials:
        """Credentials that know nothing but the secret of a webhook subscription."""
        return ToastCredentials(webhook_secrets=(SecretStr(secret),))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """HMAC-SHA256 of body and timestamp with the secret of a subscription, and not too old. Raises NotAuthentic."""
        timestamp, settings = _timestamp(request.body), connection.settings
        if timestamp is None:
            raise NotAuthentic("the body has no timestamp")
        try:
            _SIGNATURE.verify(request, request.body + timestamp.encode("utf-8", "replace"), _secrets(connection))
        except NotAuthentic:
            if not settings.body_only_signature:
                raise
            _SIGNATURE.verify(request, request.body, _secrets(connection))
        try:
            age = abs(request.received_at - parse_time(timestamp))
        except Quarantine as error:
            raise NotAuthentic(f"timestamp: {error}") from None
        if age > timedelta(hours=settings.replay_hours):
            raise NotAuthentic(f"the timestamp is {age} from now")

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request as Toast would send it at the time it is received: stamped, and signed with the newest secret."""
        secrets = _secrets(connection)
        if not secrets:
            raise Misconfigured("this connection to Toast has no webhook secret")
        sent = request.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = _TIMESTAMP.sub(rb'\1"' + sent.encode() + b'"', request.body, count=1)
        message = body + (_timestamp(body) or "").encode("utf-8", "replace")
        return replace(request, body=body).with_headers(_SIGNATURE.sign(message, secrets[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """The messages in a webhook; the answer is 200 with an empty body. Raises Quarantine."""
        return webhook.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps an order of a webhook, a fetch or a poll. Raises Quarantine, Ignore while nothing is on the check."""
        return mapper.to_order(payload, connection)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest:
        """A login, whose token all connections of the API account share."""
        credentials, base_url = connection.credentials, self.base_url(connection)
        return TokenRequest(
            url=base_url + _LOGIN,
            form={
                "clientId": credentials.client_id,
                "clientSecret": credentials.client_secret.get_secret_value(),
                "userAccessType": "TOAST_MACHINE_CLIENT",
            },
            as_json=True,
            lifetime=_TOKEN_LIFETIME,
            account=digest(base_url, credentials.client_id),
            token_at=("token", "accessToken"),
            lifetime_at=("token", "expiresIn"),
            min_age=_YOUNG,
        )

    def refusal(self, reply: Reply) -> HubError:
        """Reads Toast's error body, whose request id its support asks for."""
        from orderhub.platforms.toast import refusals  # noqa: PLC0415  (webhooks call nobody)

        return refusals.read(reply) or super().refusal(reply)

    # --- about the adapter itself ------------------------------------------------------------------------------------

    def why_not(self, operation: Operation, order: Order) -> str | None:
        """Why Toast is not told of this about this order; None when it is."""
        return limits.of_this_order(operation, order) or super().why_not(operation, order)


def _secrets(connection: Connection[Any, Any]) -> list[str]:
    return [secret.get_secret_value() for secret in connection.credentials.webhook_secrets]


def _timestamp(body: bytes) -> str | None:
    """The text of the body's `timestamp`, None without one. Nobody has been authenticated when this reads."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    stamp = told.get("timestamp") if isinstance(told, dict) else None
    return stamp if isinstance(stamp, str) else None


PLATFORM = Toast()
