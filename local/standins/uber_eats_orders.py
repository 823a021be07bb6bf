"""The orders Uber Eats holds, of both API generations, and the moves it allows on them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.standins.samples.kitchen import utc
from local.standins.vendor import Json

PHASES = {
    "CREATED": "offered",
    "OFFERED": "offered",
    "ACCEPTED": "accepted",
    "HANDED_OFF": "handed_off",
}
"""What a state lets its caller do, v1 and v2; every other state is the end."""

STATES = {
    "v1": {
        "offered": "OFFERED",
        "accepted": "ACCEPTED",
        "denied": "FAILED",
        "cancelled": "FAILED",
        "handed_off": "HANDED_OFF",
        "completed": "SUCCEEDED",
    },
    "v2": {
        "offered": "CREATED",
        "accepted": "ACCEPTED",
        "denied": "DENIED",
        "cancelled": "CANCELED",
        "handed_off": "ACCEPTED",
        "completed": "FINISHED",
    },
}
"""How each generation writes where an order is."""

EXPANDABLE = ("carts", "deliveries", "payment")
"""Left out of a v1 order unless asked for with `expand`."""


@dataclass
class HeldOrder:
    """An order as the vendor would answer it, bare; `offered_at` is when the store was last asked to accept it."""

    body: Json
    offered_at: datetime
    changed_at: datetime

    @property
    def generation(self) -> str:
        """v1 or v2, by shape."""
        return "v2" if "current_state" in self.body else "v1"

    @property
    def phase(self) -> str:
        """offered, accepted, handed_off or closed."""
        return PHASES.get(self.body[self._state_field], "closed")

    @property
    def by_merchant(self) -> bool:
        """Whether the store's own couriers deliver it."""
        return str(self.body.get("fulfillment_type") or self.body.get("type")) in {
            "DELIVERY_BY_MERCHANT",
            "DELIVERY_BY_RESTAURANT",
        }

    @property
    def _state_field(self) -> str:
        return "current_state" if self.generation == "v2" else "state"

    def move(self, where: str, now: datetime) -> None:
        """Go to a place of `STATES`."""
        self.body[self._state_field] = STATES[self.generation][where]
        self.changed_at = now
        if self.generation == "v1" and where in {"denied", "cancelled", "completed"}:
            self.body["status"] = "COMPLETED"
            self.body["completed_time"] = utc(now)

    def fail(self, where: str, now: datetime, reason: str, party: str, *, paid: bool | None = None) -> None:
        """End as denied or cancelled; v1 orders say why in `failure_info`."""
        self.move(where, now)
        if self.generation == "v1":
            told = {"reason": reason, "failure_attributed_to_party": party}
            self.body["failure_info"] = told if paid is None else told | {"will_merchant_be_paid": paid}

    def expire(self, now: datetime, accept_within: timedelta) -> None:
        """End the order if the store let its time to accept pass."""
        if self.phase == "offered" and now >= self.offered_at + accept_within:
            self.fail("cancelled", now, "ACCEPT_TIMED_OUT", "MERCHANT")

    def accept(self, now: datetime, reference: str | None, ready_at: str | None) -> None:
        """The store takes the order."""
        self.move("accepted", now)
        if reference:
            self.body["external_id" if self.generation == "v1" else "external_reference_id"] = reference
        if ready_at:
            self.set_ready_time(ready_at)

    def set_ready_time(self, ready_at: str) -> None:
        """The store's own estimate, RFC 3339."""
        if self.generation == "v1":
            self.body["preparation_time"] = {
                **self.body.get("preparation_time", {}),
                "source": "MERCHANT_PROVIDED",
                "ready_for_pickup_time": ready_at,
            }
        else:
            self.body["estimated_ready_for_pickup_at"] = ready_at

    def shown(self, expand: set[str]) -> Json:
        """A copy, with the expandable parts only where asked for."""
        left_out = set(EXPANDABLE) - expand if self.generation == "v1" else set()
        return {name: copy.deepcopy(value) for name, value in self.body.items() if name not in left_out}
