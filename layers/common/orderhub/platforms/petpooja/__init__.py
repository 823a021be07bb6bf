"""Petpooja, an Indian POS: orders that ordering apps push to it, and the bills it prints.

Three ways in, any of which a connection may have: ordering apps push orders to the hub as they would to Petpooja;
Petpooja pushes bills; the hub asks Petpooja for bills. https://onlineorderingapisv210.docs.apiary.io/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from orderhub.errors import HubError
from orderhub.order.models import Order
from orderhub.platforms.base import Connection, Operation, Platform, Reading
from orderhub.platforms.base import Settings as AnySettings
from orderhub.platforms.http_types import Answer, Call, Reply, Request
from orderhub.platforms.petpooja import mapper, proof, webhook
from orderhub.platforms.petpooja.config import Keys, Mode, PetpoojaCredentials, PetpoojaSettings, is_path_secret
from orderhub.platforms.petpooja.reach import unreachable
from orderhub.platforms.petpooja.statuses import TOLD


class Petpooja(Platform[PetpoojaCredentials, PetpoojaSettings]):
    """The adapter."""

    slug = "petpooja"
    name = "Petpooja"
    docs_url = "https://onlineorderingapisv210.docs.apiary.io/"
    why: ClassVar[Mapping[str, str]] = {
        Operation.FETCH: "orders and bills come whole; a single one cannot be asked for",
        Operation.BAGGING: "to Petpooja an accepted order is one in preparation; it has no step in between",
        Operation.SET_READY_TIME: "its callback carries minutes only along with the acceptance",
        Operation.EDIT_CART: "how an order is changed is not public",
        Operation.REFUND: "its API has no refunds; the ordering app gives money back itself",
        Operation.ADD_TRACKING: "its orders travel with riders, not as parcels",
        Operation.SET_STOCK: "its items are in stock or out of stock, not counted",
    }
    calls: ClassVar[Mapping[Operation, str]] = {
        **{operation: f"client.{operation}" for operation in TOLD},
        Operation.SET_ITEM_AVAILABILITY: "client.set_item_availability",
        Operation.SET_STORE_STATUS: "client.set_store_status",
        Operation.VERIFY_CONNECTION: "client.verify_connection",
        Operation.POLL: "polling.poll",
    }
    secret_fields = (*proof.KEYS, *proof.TOKENS)
    Credentials = PetpoojaCredentials
    Settings = PetpoojaSettings

    def credentials_for(self, secret: str) -> PetpoojaCredentials:
        """Credentials that know the secret alone: `app_key.app_secret.access_token`, a token, or a part of a path."""
        parts = secret.split(".")
        names = dict(zip(proof.KEYS, parts if len(parts) == len(proof.KEYS) else [secret] * 3, strict=True))
        one = (SecretStr(secret),)
        return PetpoojaCredentials(
            keys=(Keys.model_validate(names),),
            bill_tokens=one,
            path_secrets=one if is_path_secret(secret) else (),
        )

    # --- what comes in ---------------------------------------------------------------------------------------------

    def authenticate(self, request: Request, connection: Connection[Any, Any]) -> None:
        """Compares the secrets in the body or the path. Raises NotAuthentic."""
        proof.authenticate(request, connection)

    def sign(self, request: Request, connection: Connection[Any, Any]) -> Request:
        """The request with the newest secrets in its body or path. Raises Misconfigured when there are none for it."""
        return proof.sign(request, connection)

    def read(self, request: Request, connection: Connection[Any, Any]) -> Reading:
        """What an ordering app or Petpooja tells, by the shape of the body. Raises Quarantine."""
        return webhook.read(request, connection)

    def to_order(self, payload: Any, connection: Connection[Any, Any]) -> Order:
        """Maps the body of save_order, or a bill. Raises Quarantine; Ignore for a bill that does not count."""
        return mapper.to_order(payload, connection)

    def quarantine_answer(self, request: Request) -> Answer:
        """An ordering app is told that its order was not taken, with status 200; bills are acknowledged."""
        return webhook.refused(request)

    # --- how calls are made ----------------------------------------------------------------------------------------

    def authorize(self, call: Call, connection: Connection[Any, Any], token: str | None) -> Call:
        """Keys and cookie for Petpooja itself, and nothing for ordering apps."""
        from orderhub.platforms.petpooja import pull  # noqa: PLC0415  (webhooks make no calls)

        return pull.authorize(call, connection)

    def is_refusal(self, reply: Reply) -> bool:
        """Whether the status or the body says no: most refusals have status 200. A redirection is one, too."""
        from orderhub.platforms.petpooja import refusals  # noqa: PLC0415

        return reply.status not in range(200, 300) or refusals.is_refusal(reply)

    def refusal(self, reply: Reply) -> HubError:
        """The error in the body, else that of the status."""
        from orderhub.platforms.petpooja import refusals  # noqa: PLC0415

        return refusals.read(reply) or super().refusal(reply)

    def poll_interval(self, settings: AnySettings) -> timedelta | None:
        """As often as the connection wants, if it asks for bills at all."""
        if not isinstance(settings, PetpoojaSettings) or Mode.BILL_PULL not in settings.modes:
            return None
        return timedelta(minutes=settings.poll_minutes)

    # --- about the adapter itself -----------------------------------------------------------------------------------

    def why_not(self, operation: Operation, order: Order) -> str | None:
        """Why nobody is told of this: as for all platforms, or because there is nobody to tell about this order."""
        return super().why_not(operation, order) or (unreachable(order) if operation in TOLD else None)


PLATFORM = Petpooja()
