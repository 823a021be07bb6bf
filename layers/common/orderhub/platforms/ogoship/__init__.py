"""OGOship: a warehouse that packs and sends what shops sell.

Orders and products go there; where orders stand, their tracking codes and the stock come back by a poll.
https://openapi.ogoship.com/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError, Misconfigured
from orderhub.platforms.base import Connection, Operation, Reading, TokenRequest
from orderhub.platforms.http_types import Answer, Call, Reply, Request
from orderhub.platforms.ogoship import events
from orderhub.platforms.ogoship.config import OgoshipCredentials, OgoshipSettings
from orderhub.platforms.signing import Hmac
from orderhub.platforms.targets import TargetOperation, Warehouse

# https://openapi.ogoship.com/using-ogoship-openapi-759749m0
_SIGNATURE = Hmac(headers=("x-ogoship-hmac-sha256",), digest="sha256", encoding="base64", key="text")


class OGOship(Warehouse[OgoshipCredentials, OgoshipSettings]):
    """One merchant at OGOship. `Done.ids` of a shipment: `shipment`, its id there, and `state`, their word for it."""

    slug = "ogoship"
    name = "OGOship"
    docs_url = "https://openapi.ogoship.com/"
    poll_every = timedelta(minutes=5)
    sends_again = False
    calls: ClassVar[Mapping[Any, str]] = {
        Operation.POLL: "client.poll",
        Operation.VERIFY_CONNECTION: "client.verify_connection",
        TargetOperation.FIND_SHIPMENT: "client.find_shipment",
        TargetOperation.CREATE_SHIPMENT: "client.create_shipment",
        TargetOperation.CHANGE_SHIPMENT: "client.change_shipment",
        TargetOperation.CANCEL_SHIPMENT: "client.cancel_shipment",
        TargetOperation.PUT_PRODUCT: "client.put_product",
    }
    Credentials = OgoshipCredentials
    Settings = OgoshipSettings

    def credentials_for(self, secret: str) -> OgoshipCredentials:
        """Credentials with this webhook key and nothing else."""
        return OgoshipCredentials(webhook_keys=(SecretStr(secret),))

    # --- what comes in ---------------------------------------------------------------------------------------------

    def greet(self, request: Request) -> Answer | None:
        """200 to a look whether the URL is there."""
        return Answer() if request.method in ("GET", "HEAD") else None

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """HMAC-SHA256 of the raw body with a webhook key, in base64. Raises NotAuthentic."""
        _SIGNATURE.verify(request, request.body, _keys(connection))

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the header that would come with this body. Raises Misconfigured without a webhook key."""
        keys = _keys(connection)
        if not keys:
            raise Misconfigured("this connection to OGOship has no webhook key")
        return request.with_headers(_SIGNATURE.sign(request.body, keys[0]))

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """What a webhook says that there is to look at. Raises Quarantine."""
        return events.read(request)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def base_url(self, connection: Connection[Any, Any]) -> str:
        """The REST API, or the merchant's own place in the older one."""
        from orderhub.platforms.ogoship import proof  # noqa: PLC0415  (webhooks call nobody)

        return proof.api_url(connection)

    def token_request(self, connection: Connection[Any, Any]) -> TokenRequest | None:
        """A password grant, unless calls prove themselves in another way. Raises Misconfigured."""
        from orderhub.platforms.ogoship import proof  # noqa: PLC0415

        return proof.token_request(connection)

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """The token, the API key, or the SHA-1 of the older API. Raises Misconfigured."""
        from orderhub.platforms.ogoship import proof  # noqa: PLC0415

        return proof.proved(call, connection, token)

    def is_refusal(self, reply: Reply) -> bool:
        """Errors by status, and those that the older API answers with 200."""
        from orderhub.platforms.ogoship import refusals  # noqa: PLC0415

        return refusals.is_refusal(reply)

    def refusal(self, reply: Reply) -> HubError:
        """The error with OGOship's own words for it."""
        from orderhub.platforms.ogoship import refusals  # noqa: PLC0415

        return refusals.read(reply, super().refusal(reply))

    # --- reads -----------------------------------------------------------------------------------------------------

    def poll_interval(self, settings: Any) -> timedelta | None:
        """As the settings say."""
        return timedelta(minutes=settings.poll_minutes)


def _keys(connection: Connection[Any, Any]) -> list[str]:
    given = (key.get_secret_value() for key in connection.credentials.webhook_keys)
    return [key for key in given if key]


PLATFORM = OGOship()
