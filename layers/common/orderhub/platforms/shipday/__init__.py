"""Shipday: dispatch of local deliveries, by the merchant's own drivers or by couriers on demand.

Orders are handed to it; no orders come from it. https://docs.shipday.com/reference
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, Operation, Reading
from orderhub.platforms.http_types import Call, Reply, Request
from orderhub.platforms.shipday import refusals, webhook
from orderhub.platforms.shipday.config import ShipdayCredentials, ShipdaySettings
from orderhub.platforms.signing import StaticToken
from orderhub.platforms.targets import Fleet, TargetOperation

# A text of the merchant's own, sent back as it is: nothing is signed.
# https://docs.shipday.com/reference/shipday-webhoks
TOKEN = StaticToken("header", "token")


class Shipday(Fleet[ShipdayCredentials, ShipdaySettings]):
    """The adapter."""

    slug: ClassVar[str] = "shipday"
    name: ClassVar[str] = "Shipday"
    docs_url: ClassVar[str] = "https://docs.shipday.com/reference"
    poll_every: ClassVar[timedelta | None] = timedelta(minutes=5)
    sends_again: ClassVar[bool] = False  # that it repeats what was answered with an error is nowhere said
    calls: ClassVar[Mapping[Any, str]] = {
        Operation.POLL: "polling.poll",
        Operation.VERIFY_CONNECTION: "couriers.verify_connection",
        TargetOperation.FIND_DELIVERY: "client.find_delivery",
        TargetOperation.CREATE_DELIVERY: "client.create_delivery",
        TargetOperation.CHANGE_DELIVERY: "client.change_delivery",
        TargetOperation.REMOVE_DELIVERY: "removal.remove_delivery",
        TargetOperation.MOVE_DELIVERY: "client.move_delivery",
        TargetOperation.FIND_COURIER: "couriers.find_courier",
        TargetOperation.ASSIGN_COURIER: "couriers.assign_courier",
    }
    Credentials = ShipdayCredentials
    Settings = ShipdaySettings

    def credentials_for(self, secret: str) -> ShipdayCredentials:
        """Credentials that know nothing but a webhook token."""
        return ShipdayCredentials(api_key=SecretStr(""), webhook_tokens=(SecretStr(secret),))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """A webhook token in the header `token`. Raises NotAuthentic."""
        TOKEN.verify(request, _tokens(connection))

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the token in it. Raises Misconfigured when there is none."""
        tokens = _tokens(connection)
        if not tokens:
            raise Misconfigured("this connection to Shipday has no webhook token")
        return request.with_headers(TOKEN.sign(tokens[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """What a webhook says of a delivery. Raises Quarantine."""
        return webhook.read(request, connection)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """The key as it is: it is not the base64 of a user and a password, whatever the scheme's name says."""
        key = connection.credentials.api_key.get_secret_value()
        headers = {
            "Authorization": f"Basic {key}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            **({"x-api-key": key} if connection.settings.api_key_header else {}),
        }
        return call.with_headers(headers)

    def is_refusal(self, reply: Reply) -> bool:
        """By its status, or by `success: false` with status 200."""
        return super().is_refusal(reply) or refusals.says_no(reply)

    def refusal(self, reply: Reply) -> HubError:
        """The error in Shipday's answer."""
        return refusals.error_of(reply) or super().refusal(reply)

    def poll_interval(self, settings: Any) -> timedelta | None:
        """As the merchant has chosen."""
        return timedelta(minutes=settings.poll_minutes) if settings.poll_minutes else None

    # --- when it is asked --------------------------------------------------------------------------------------------

    def starts_at(self, connection: Connection[Any, Any]) -> Status:
        """As the merchant has chosen."""
        return Status(connection.settings.starts_at)

    def wants_courier(self, connection: Connection[Any, Any]) -> bool:
        """Unless Shipday assigns by itself."""
        return bool(connection.settings.courier != "none")


def _tokens(connection: Connection[Any, Any]) -> list[str]:
    return [token.get_secret_value() for token in connection.credentials.webhook_tokens]


PLATFORM = Shipday()
