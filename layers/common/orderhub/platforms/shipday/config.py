"""What a connection to Shipday is made of."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from orderhub.platforms.base import Connection, Credentials, Settings

LONGEST_TOKEN = 32
"""Characters of the webhook's token. https://docs.shipday.com/reference/shipday-webhoks"""


class ShipdayCredentials(Credentials):
    """api_key: in the dashboard under My Account. webhook_tokens: the newest first; any of them proves a request."""

    api_key: SecretStr
    webhook_tokens: tuple[Annotated[SecretStr, Field(max_length=LONGEST_TOKEN)], ...] = ()


class ShipdaySettings(Settings):
    """What can be chosen for a connection.

    starts_at: the order's status from which on it goes to Shipday. source_name: in front of the order's channel, tells
    whose orders are ours. calling_code: of telephone numbers without one, such as `1`. pickup_instructions: told to
    drivers with each order. delivery_minutes: how long the way takes, for orders that name no time of delivery; None
    tells of these when they can be fetched, and no more. branches: our store's id -> Shipday's `clientRestaurantId`.
    catering: whether these are orders of a caterer.

    courier: who is named by the hub after the order was made: nobody (Shipday assigns by itself), one of the merchant's
    own drivers, a service on demand, or the cheapest of them. drivers: their ids or e-mail addresses, the preferred one
    first. provider: the service. most_fee: what a service may cost, in minor units of the order's currency. quote_by:
    `availability` asks for a quote at the time of the pickup, `estimate` for the order as Shipday has it.
    contactless, proof: told to the service; Shipday's words for the proof of delivery.

    deleted_is_cancelled: an order that somebody deletes at Shipday is cancelled, not just trouble. proof_completes: a
    proof of delivery stands for the delivery. poll_minutes: how often to look for what no webhook told, 0 for never;
    poll_hours: how long an order is looked at after it was placed; poll_overlap_minutes: how much of the time before is
    looked at again; poll_page_size: orders a page; poll_status: Shipday's filter, empty for none. api_key_header: the
    key goes as `x-api-key` as well.
    """

    base_url: str = "https://api.shipday.com"
    starts_at: Literal["incoming", "accepted", "ready"] = "accepted"
    source_name: str = Field(default="orderhub", min_length=1, pattern=r"^[^:]+$")
    calling_code: str = Field(default="", pattern=r"^\d{0,3}$")
    pickup_instructions: str = ""
    delivery_minutes: int | None = Field(default=None, ge=0, le=24 * 60)
    branches: dict[str, int] = {}
    catering: bool = False
    courier: Literal["none", "driver", "provider", "cheapest"] = "none"
    drivers: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    provider: str = ""
    most_fee: int | None = Field(default=None, ge=0)
    quote_by: Literal["availability", "estimate"] = "availability"
    contactless: bool | None = None
    proof: tuple[Literal["PHOTO", "SIGNATURE", "PIN", "NONE"], ...] = ()
    deleted_is_cancelled: bool = False
    proof_completes: bool = False
    poll_minutes: int = Field(default=5, ge=0, le=24 * 60)
    poll_hours: int = Field(default=24, ge=1, le=24 * 31)
    poll_overlap_minutes: int = Field(default=15, ge=0, le=24 * 60)
    poll_page_size: int = Field(default=100, ge=1, le=1000)
    poll_status: str = ""
    api_key_header: bool = False

    @model_validator(mode="after")
    def _says_who(self) -> Self:  # noqa: N804  (it is given the finished model)
        if self.courier == "driver" and not self.drivers:
            raise ValueError("courier is 'driver', and drivers names none")
        if self.courier == "provider" and not self.provider:
            raise ValueError("courier is 'provider', and provider names none")
        return self


ShipdayConnection = Connection[ShipdayCredentials, ShipdaySettings]
