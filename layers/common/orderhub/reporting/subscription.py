"""A subscription: who wants to hear of what, and where and how they are told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from orderhub.order.models import Order, Utc
from orderhub.order.status import Status
from orderhub.reporting.catalogue import EventType


class MessageFormat(StrEnum):
    """The shape of messages: our own, signed by Standard Webhooks, or that of Deliverect's reporting webhooks."""

    ORDERHUB = "orderhub"
    DELIVERECT = "deliverect"


class SubscriptionState(StrEnum):
    """Whether messages are sent. auto_disabled: the hub gave up; `reason` says why."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    AUTO_DISABLED = "auto_disabled"


# What the deliverect format has a message for.
IN_DELIVERECT = frozenset(
    {
        EventType.ORDER_CREATED,
        EventType.ORDER_STATUS_CHANGED,
        EventType.ORDER_COURIER_UPDATED,
        EventType.DELIVERY_UPDATED,
    }
)


class DeliverectOptions(BaseModel):
    """What a receiver of the deliverect format wants besides.

    account: told as `account` of each order; channel: number told of all channels, for ours have no numbers there;
    new_order_at: the status at which an order is told as new.
    """

    model_config = ConfigDict(extra="forbid")

    account: str = Field(default="", max_length=100)
    channel: int = Field(default=10000, ge=0, lt=10**9)
    new_order_at: Literal["incoming", "accepted"] = "incoming"


Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=200)]


class SubscriptionFields(BaseModel):
    """What can be said of a subscription at any time.

    url: https; events: types to hear of, none for all; statuses: only when an order has one of these after the event;
    store_ids, platforms, channels: only of these, none for all; rate_limit: messages a second at most.
    """

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2000)
    description: str = Field(default="", max_length=200)
    events: list[EventType] = Field(default=[], max_length=50)
    statuses: list[Status] = Field(default=[], max_length=20)
    store_ids: Ids = []
    platforms: Ids = []
    channels: Ids = []
    rate_limit: int | None = Field(default=None, ge=1, le=1000)
    deliverect: DeliverectOptions = DeliverectOptions()


class Subscription(SubscriptionFields):
    """A subscription as it is stored.

    since: when it came to its state; reason: why. header_names: of the headers sent along; their values are secret.
    secrets_version: grows when a secret or header changes; previous_secret_until: until then messages are signed with
    the secret before, too; rotation: names the request that last rotated it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    format: MessageFormat = MessageFormat.ORDERHUB
    state: SubscriptionState = SubscriptionState.ENABLED
    reason: str | None = None
    since: Utc
    header_names: list[str] = []
    secrets_version: int = 1
    previous_secret_until: Utc | None = None
    rotation: str = ""

    @property
    def is_on(self) -> bool:
        """Whether messages are sent."""
        return self.state is SubscriptionState.ENABLED

    def wants(self, kind: EventType) -> bool:
        """Whether it hears of a type at all."""
        in_format = self.format is not MessageFormat.DELIVERECT or kind in IN_DELIVERECT
        return in_format and (not self.events or kind in self.events or self._tells_new_order_by(kind))

    def _tells_new_order_by(self, kind: EventType) -> bool:
        """Whether a new order may only be told by its change of status, which it therefore has to hear of."""
        late = self.format is MessageFormat.DELIVERECT and self.deliverect.new_order_at != "incoming"
        return late and kind is EventType.ORDER_STATUS_CHANGED and EventType.ORDER_CREATED in self.events

    def is_of_store(self, store_id: str) -> bool:
        """Whether it hears of a store."""
        return not self.store_ids or store_id in self.store_ids

    def wants_order(self, order: Order, status: Status) -> bool:
        """Whether it hears of an order. status: of the order after the event."""
        return (
            self.is_of_store(order.store_id)
            and (not self.statuses or status in self.statuses)
            and (not self.platforms or order.platform in self.platforms)
            and (not self.channels or order.channel in self.channels)
        )

    def changed_to(self, state: SubscriptionState, reason: str | None, at: datetime) -> Subscription:
        """The subscription in another state."""
        return self.model_copy(update={"state": state, "reason": reason, "since": at})
