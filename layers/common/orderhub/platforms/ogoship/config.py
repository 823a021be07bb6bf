"""What a connection to OGOship needs, and what can be chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from orderhub.order.status import Status
from orderhub.platforms import base
from orderhub.platforms.base import Connection

SCOPE = "read:order write:order read:product write:product read:webhook write:webhook read:metadata write:metadata"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


Url = Annotated[str, Field(max_length=500), AfterValidator(_without_slash)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class OgoshipCredentials(base.Credentials):
    """webhook_keys: the keys that our webhooks were made with, the newest first; any of them proves a request.

    merchant_id, secret_token: of *Edit Merchant > Integrations > API information* in myOGO. client_id, client_secret:
    what OGOship gave us as an API client; the older API does without. api_key: sent in place of a token, by setting.
    """

    webhook_keys: tuple[SecretStr, ...] = ()
    merchant_id: str | None = None
    secret_token: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    api_key: SecretStr | None = None


class OgoshipSettings(base.Settings):
    """Choices for one merchant."""

    base_url: Url = Field("https://api.ogoship.com", description="Where the REST API is")
    my_url: Url = Field("https://my.ogoship.com", description="Where tokens and the older API are")
    api: Literal["rest", "legacy"] = Field("rest", description="legacy: the older API, for merchants without a client")
    sign_in: Literal["token", "api_key"] = Field("token", description="How the REST API is told who we are")
    scope: str = Field(SCOPE, max_length=500, description="What a token is for")

    send_as: Literal["new", "draft"] = Field("new", description="draft: orders are held until somebody releases them")
    edit_through_draft: bool = Field(
        default=True, description="An order that is not a draft is made one before it is changed"
    )
    test: bool = Field(default=False, description="Every order is a trial")
    shipping_codes: Mapping[str, str] = Field(
        {},
        description="The shop's shipping method, or our word for the kind of delivery -> code of the shipping method",
    )
    shipping_code: str = Field("", max_length=100, description="The code for all other orders; empty for none")
    default_country: str = Field(
        "", pattern=r"^([A-Za-z]{2})?$", description="The country of addresses without one, ISO 3166-1 alpha-2"
    )
    address_length: int = Field(35, ge=0, le=500, description="The longest first line of an address; 0 for any")
    vat_percentages: tuple[Percent, ...] = Field(
        (), description="The rates that the shop sells at: one worked out from sums becomes the nearest of them"
    )
    prices_after_discount: bool = Field(default=False, description="Unit prices are those after the order's discount")
    receipt_url: str = Field(
        "", max_length=500, description="Where a receipt to print is; {reference} and {display_id} are filled in"
    )
    language: str = Field("en", pattern=r"^[a-z]{2}$", description="The language that products are described in")

    statuses: Mapping[str, Status | None] = Field({}, description="What a status means here, where not the usual")
    trouble_statuses: tuple[str, ...] = Field(
        ("reserved", "locked"), description="In these somebody has to act, or the order never ships"
    )
    carriers: Mapping[str, str] = Field({}, description="Code of a shipping method -> name of the carrier")
    reference_prefixes: tuple[str, ...] = Field(
        (), description="How the references of our orders start; all others are passed over. None: all are ours"
    )
    time_zone: str = Field("UTC", max_length=64, description="Whose clock times without an offset are by, IANA")

    poll_minutes: int = Field(5, ge=1, le=24 * 60, description="How often to ask which orders changed")
    stock_minutes: int = Field(0, ge=0, le=24 * 60, description="How often to ask which stock changed; 0: each time")
    full_stock_hours: int = Field(24, ge=1, le=24 * 31, description="How often to read the stock of all products")
    overlap_minutes: int = Field(5, ge=0, le=24 * 60, description="How much of what was seen is looked at again")
    page_size: int = Field(250, ge=1, le=250, description="Rows a page")
    first_poll_hours: int = Field(24, ge=1, le=24 * 31, description="How far back the first poll looks for orders")


OgoshipConnection = Connection[OgoshipCredentials, OgoshipSettings]
