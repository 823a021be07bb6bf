"""When a store takes orders by itself, and what happens while nobody answers one. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from orderhub.order.models import Order
from orderhub.order.status import CancelReason, Status
from orderhub.order.times import zone

_CLOCK = r"^(?:[01]\d|2[0-3]):[0-5]\d$"
Clock = Annotated[str, Field(pattern=_CLOCK, description="HH:MM on the store's clock")]


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_WEEK = tuple(Weekday)


class Policy(BaseModel):
    """Base of what a store has decided beforehand."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Hours(Policy):
    """A stretch of some days. closes: not after opens means on the day after; the same: a whole day and night."""

    days: list[Weekday] = Field(min_length=1, max_length=7)
    opens: Clock
    closes: Clock

    def hold(self, local: datetime) -> bool:
        """Whether a moment on the store's clock lies in them."""
        today, yesterday = _WEEK[local.weekday()], _WEEK[(local - timedelta(days=1)).weekday()]
        opens, closes, clock = time.fromisoformat(self.opens), time.fromisoformat(self.closes), local.time()
        if opens < closes:
            return today in self.days and opens <= clock < closes
        return (today in self.days and clock >= opens) or (yesterday in self.days and clock < closes)


class AutoAccept(Policy):
    """The orders that are accepted as they come. platforms: slugs, all when empty; hours: always when empty.

    prep_minutes: what is promised then; the store's usual minutes when left out.
    """

    platforms: list[str] = Field(default=[], max_length=100)
    hours: list[Hours] = Field(default=[], max_length=50)
    prep_minutes: int | None = Field(default=None, ge=0, le=1440)

    def takes(self, order: Order, at: datetime, time_zone: str) -> bool:
        """Whether an order is accepted at a time without anybody being asked.

        Never a table for guests, and never a second copy of an order that the hub has from its marketplace as well.
        """
        if order.status is not Status.INCOMING or order.reservation is not None or order.duplicate_of is not None:
            return False
        if self.platforms and order.platform not in self.platforms:
            return False
        local = at.astimezone(zone(time_zone))
        return not self.hours or any(one.hold(local) for one in self.hours)


class Escalation(StrEnum):
    """What is done about an order that nobody answers."""

    EVENT = "event"
    WEBHOOK = "webhook"
    TICKET = "ticket"
    ACCEPT = "accept"
    DENY = "deny"
    PAUSE_STORE = "pause_store"


class EscalationStep(Policy):
    """One step. at_percent: of the time that the platform leaves for an answer; platforms: slugs, all when empty.

    reason: to be told with a denial.
    """

    at_percent: int = Field(ge=0, le=100)
    action: Escalation
    platforms: list[str] = Field(default=[], max_length=100)
    reason: CancelReason | None = None
