"""What a connection to Square needs, and what can be chosen for it."""

from __future__ import annotations

from pydantic import Field, SecretStr

from orderhub.order.status import Status
from orderhub.platforms.base import Connection, Credentials, Settings


class SquareCredentials(Credentials):
    """signature_keys: of the webhook subscriptions, the newest first; any of them proves a request.

    For our calls either access_token (the merchant's personal access token, which does not end), or the three of an
    OAuth application in the code flow, whose refresh token stays the same.
    """

    signature_keys: tuple[SecretStr, ...] = ()
    access_token: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None


class SquareSettings(Settings):
    """Choices for a connection.

    notification_url: the webhook address exactly as it is registered at Square; it is part of what is signed.
    merchant_id: events of other merchants are ignored. only_mapped_locations: so are orders of locations that are not
    in the connection's map of stores. delivery_charge_words: a service charge whose name holds one is the delivery fee.
    take_unpaid_tickets: orders without fulfillment count before they are paid. fulfillment_statuses: Square's
    fulfillment state -> our status, in place of the usual one. fetch_customers: ask for the profile of a customer that
    an order only names. first_poll_hours, poll_overlap_minutes, poll_page_size: how far back the first poll looks, how
    much each poll looks at again, orders a page. back_on_sale_quantity: the count to set when an item is back.
    """

    base_url: str = "https://connect.squareup.com"
    api_version: str = "2026-08-19"
    notification_url: str = ""
    merchant_id: str | None = None
    only_mapped_locations: bool = False
    delivery_charge_words: tuple[str, ...] = ("deliver",)
    take_unpaid_tickets: bool = False
    fulfillment_statuses: dict[str, Status] = {}
    fetch_customers: bool = True
    first_poll_hours: int = Field(default=24, ge=1, le=24 * 31)
    poll_overlap_minutes: int = Field(default=10, ge=0, le=24 * 60)
    poll_page_size: int = Field(default=100, ge=1, le=1000)
    back_on_sale_quantity: int | None = Field(default=None, ge=1)


SquareConnection = Connection[SquareCredentials, SquareSettings]
