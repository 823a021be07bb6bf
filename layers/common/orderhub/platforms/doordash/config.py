"""What a connection to DoorDash is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from orderhub.platforms.base import Credentials, Settings


class DoorDashCredentials(Credentials):
    """An access key of the Developer Portal, and the tokens that DoorDash sends with its webhooks.

    webhook_tokens: the newest first; any of them proves a request. ready_token: for the ready call alone, where
    DoorDash has given one out; without it that call goes by the access key, too.
    """

    developer_id: str
    key_id: str
    signing_secret: SecretStr
    webhook_tokens: tuple[SecretStr, ...]
    ready_token: SecretStr | None = None


class DoorDashSettings(Settings):
    """What can be chosen for a connection.

    provider_type: our name at DoorDash, for the User-Agent. environment: of the access key; orders of a sandbox are
    marked as tests. pickup_instructions: told to Dashers with each acceptance. retail_returns: whether the store is a
    shop whose returns DoorDash takes. return_location_id: where goods are returned, when not at the order's store.
    """

    base_url: str = "https://openapi.doordash.com/marketplace"
    provider_type: str = Field(default="Orderhub", pattern=r"^[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*$")
    environment: Literal["production", "sandbox"] = "production"
    pickup_instructions: str = Field(default="", max_length=128)
    retail_returns: bool = False
    return_location_id: str = ""
