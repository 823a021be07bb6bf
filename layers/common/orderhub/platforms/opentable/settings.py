"""What a connection to OpenTable knows: credentials, how it works, and how many guests each restaurant takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr

from orderhub.order.messages import TableRules
from orderhub.order.status import Status
from orderhub.platforms.base import Connection, Credentials, Settings
from orderhub.platforms.opentable.models import LARGEST_PARTY
from orderhub.platforms.opentable.statuses import PUSH, SYNC

NO_RESTAURANT = "no restaurant is on this connection's map: put OpenTable's rid there"


class OpenTableCredentials(Credentials):
    """client_id, client_secret: for our calls. webhook_secrets: prove OpenTable's, any of them; the newest first.

    For the proof `basic` a secret is `user:password`. Without a secret every call is refused.
    """

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    webhook_secrets: tuple[SecretStr, ...] = ()


class Restaurant(BaseModel):
    """What can be chosen for all restaurants of a connection, and otherwise for each.

    mode: `sync`, its reservations are read from OpenTable; or `push`, OpenTable asks the hub for each. The rest counts
    in push mode. seats: guests at the tables at any one time; 0 gives no table to anybody, for the hub cannot know how
    many there are. largest: guests of one party, as many as there are seats when left out. turn_minutes: how long a
    table is taken. hold_seconds: how long a lock lasts. service: spans of local times in which tables are given out, at
    any time when left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["sync", "push"] = SYNC
    seats: int = Field(default=0, ge=0, le=100_000)
    largest: int | None = Field(default=None, ge=1, le=LARGEST_PARTY)
    turn_minutes: int = Field(default=120, ge=1, le=1_440)
    hold_seconds: int = Field(default=180, ge=1, le=86_400)
    service: tuple[tuple[time, time], ...] = ()


class OpenTableSettings(Settings, Restaurant):
    """What can be chosen for a connection.

    base_url: of Sync. update_url: of reservation updates. token_url: of access tokens. restaurants: rid -> what is
    different there.

    proof: where OpenTable's calls carry a secret of `webhook_secrets`; proof_name: of that header or query parameter,
    `X-Orderhub-Secret` or `token` when left out. allowed_addresses: networks that calls may come from, any when left
    out. remember_days: how long an answer is given again to the same X-Request-Id; repeat_minutes: to the same body
    without one.

    booked_state: the state that tells OpenTable of a table that is booked. update_time_field: the name of the time of
    change in an update. no_show_words: when staff's reason for cancelling holds one, the guests did not come.

    states: state -> status, for states that mean something else here. page_size: reservations in one page.
    overlap_hours: how much of what a poll has seen is looked at again by the next. guest_parameter: by which one guest
    is asked for; empty, and guests are not asked for.
    """

    base_url: str = "https://platform.opentable.com"
    update_url: str = "https://restaurant-api.opentable.com"
    token_url: str = "https://oauth.opentable.com/api/v2/oauth/token"  # noqa: S105  (an address)
    restaurants: Mapping[str, Restaurant] = {}

    proof: Literal["path", "query", "header", "bearer", "basic"] = "path"
    proof_name: str = ""
    allowed_addresses: tuple[IPvAnyNetwork, ...] = ()
    remember_days: int = Field(default=7, ge=1, le=365)
    repeat_minutes: int = Field(default=10, ge=1, le=1_440)

    booked_state: str = "Pending"
    update_time_field: str = "UpdateDT_UTC"
    no_show_words: tuple[str, ...] = ("no show",)

    states: Mapping[str, Status] = {}
    page_size: int = Field(default=100, ge=1, le=1_000)
    overlap_hours: Annotated[float, Field(ge=0, le=24 * 31)] = 48
    guest_parameter: str = "guest_id"

    def restaurant(self, rid: str) -> Restaurant:
        """What was chosen for a restaurant."""
        common = {name: getattr(self, name) for name in Restaurant.model_fields}
        own = self.restaurants.get(rid)
        return Restaurant.model_validate({**common, **(own.model_dump(exclude_unset=True) if own else {})})


OpenTableConnection = Connection[OpenTableCredentials, OpenTableSettings]


def restaurants(connection: OpenTableConnection, mode: str) -> list[str]:
    """The restaurants on the connection's map that work this way, by rid."""
    return [rid for rid in sorted(connection.stores) if connection.settings.restaurant(rid).mode == mode]


def rules_of(rid: str, connection: OpenTableConnection) -> TableRules:
    """How many guests a restaurant takes: none where it is not on the connection's map, or not in push mode."""
    chosen = connection.settings.restaurant(rid)
    seats = chosen.seats if rid in restaurants(connection, PUSH) else 0
    return TableRules(
        seats=seats,
        largest=chosen.largest or seats or LARGEST_PARTY,
        turn=timedelta(minutes=chosen.turn_minutes),
        hold=timedelta(seconds=chosen.hold_seconds),
        service=chosen.service,
    )
