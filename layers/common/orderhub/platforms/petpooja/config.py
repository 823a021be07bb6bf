"""What a connection to Petpooja is made of."""

from __future__ import annotations

import re
from datetime import time
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from orderhub.platforms.base import Credentials, Settings


class Mode(StrEnum):
    """One of the ways in which orders come."""

    ORDERING_API = "ordering_api"  # ordering apps push orders to us, as they would to Petpooja
    BILL_PUSH = "bill_push"  # Petpooja pushes the bills it has printed
    BILL_PULL = "bill_pull"  # we ask Petpooja for them


_OF_A_PATH = re.compile(r"[A-Za-z0-9._~-]{16,}")


def _trimmed(secret: SecretStr) -> SecretStr:
    """Without blanks and line ends, which come along when a key is copied and are refused as a wrong key."""
    return SecretStr(secret.get_secret_value().strip())


def is_path_secret(secret: str) -> bool:
    """Whether a secret may stand in a path: as it is, and too long to be guessed."""
    return _OF_A_PATH.fullmatch(secret) is not None


def _of_a_path(secret: SecretStr) -> SecretStr:
    if not is_path_secret(secret.get_secret_value()):
        raise ValueError("16 characters or more: letters, digits and . _ ~ -")
    return secret


Secret = Annotated[SecretStr, AfterValidator(_trimmed)]
PathSecret = Annotated[Secret, AfterValidator(_of_a_path)]


class Keys(Credentials):
    """The three keys of a restaurant, good only together: 32, 40 and 40 characters when they are Petpooja's."""

    app_key: Secret
    app_secret: Secret
    access_token: Secret


class PetpoojaCredentials(Credentials):
    """All are lists with the newest first, any of which is good, so that they can be rotated.

    keys: what ordering apps put into their requests, and what bills are asked for with (the newest). bill_tokens: the
    token in pushed bills. path_secrets: the last part of the URL that bills without a token, and status callbacks, are
    sent to. pull_cookie: the value of the cookie PETPOOJA_API, for asking for bills.
    """

    keys: tuple[Keys, ...] = ()
    bill_tokens: tuple[Secret, ...] = ()
    path_secrets: tuple[PathSecret, ...] = ()
    pull_cookie: Secret | None = None


class PetpoojaSettings(Settings):
    """What can be chosen for a connection.

    modes: ways in which orders come. currency: of all amounts, as orders name none. check_restaurant: whether an order
    of a restaurant that is not on the connection's map of stores goes to quarantine; without a map all are taken.
    price_includes_addons: whether the price of a line is that of one unit with its add-ons. bill_numbers_restart:
    whether bill numbers begin anew each day. day_starts_at: local time at which they do. direct_connections: channel
    (`zomato`, `swiggy`) -> id of the hub's own connection to that marketplace, whose orders come back as bills.
    callback_url: where an ordering app is told what became of an order that names no URL itself. callback_hosts: hosts,
    with their port where they have one, that an order may name. stock_url, store_status_url: where the ordering app is
    told of items and of pauses. poll_minutes: how often to ask for bills; poll_days: of how many business days.
    """

    base_url: str = "https://api.petpooja.com"
    modes: tuple[Mode, ...] = (Mode.ORDERING_API, Mode.BILL_PUSH)
    currency: str = Field(default="INR", pattern="^[A-Z]{3}$")
    check_restaurant: bool = True
    price_includes_addons: bool = True
    bill_numbers_restart: bool = True
    day_starts_at: time = time(0)
    direct_connections: dict[str, str] = {}
    callback_url: str = ""
    callback_hosts: tuple[str, ...] = ()
    stock_url: str = ""
    store_status_url: str = ""
    poll_minutes: int = Field(default=15, ge=1, le=1440)
    poll_days: int = Field(default=2, ge=1, le=31)
