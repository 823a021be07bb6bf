"""What is left to tell a fleet or warehouse about an order, one step at a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from orderhub.order.hand_overs import wanted
from orderhub.order.ids import digest
from orderhub.order.models import Order
from orderhub.order.status import Status, rank

# What they are told of an order.
_CONTENT = frozenset(
    {
        *("customer", "address", "items", "amounts", "discounts", "payment", "notes"),
        *("ready_at", "delivery_at", "scheduled_for", "include_cutlery"),
    }
)
_STAFFS_WORD = (Status.READY, Status.PICKED_UP, Status.COMPLETED)
_NOT_A_NUMBER = re.compile("[^A-Za-z0-9-]+")
_LONGEST_NUMBER = 40


class Step(StrEnum):
    """One thing to do."""

    CREATE = "create"
    NOTE = "note"  # write on the order who has it
    CHANGE = "change"
    ASSIGN = "assign"
    MOVE = "move"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a store wants its orders handed over.

    target: what for; starts_at: from which status on; paid: not before they are; names_courier: the hub says who brings
    them; hears_moves: whoever has them is told where staff say they are; is_fixed_at: from which status on nothing can
    be changed there any more.
    """

    target: str
    starts_at: Status
    paid: bool = False
    names_courier: bool = False
    hears_moves: bool = False
    is_fixed_at: Status = Status.PICKED_UP


def next_step(order: Order, state: Mapping[str, Any], policy: Policy) -> Step | None:
    """The next step from what they know (state: of the link) to what the order is; None when there is none."""
    refused = state.get("refused") or {}
    return next((step for step in _steps(order, state, policy) if refused.get(step) != refusal_of(order)), None)


def _steps(order: Order, state: Mapping[str, Any], policy: Policy) -> Iterator[Step]:
    """What is left, in order; one that is refused does not keep the others from being made."""
    made = "made" in state
    if order.status in (Status.CANCELLED, Status.DENIED):
        if made or "asked" in state:
            yield Step.REMOVE
        return
    if not made:
        due = wanted(order) == policy.target and order.is_open and not order.is_waiting and not _is_owed(order, policy)
        if due and rank(order.status) >= rank(policy.starts_at):
            yield Step.CREATE
        return
    if policy.target not in order.hand_overs:
        yield Step.NOTE
    if policy.names_courier and "courier" not in state and order.is_open:
        yield Step.ASSIGN
    if rank(order.status) < rank(policy.is_fixed_at) and state["made"] != content_of(order):
        yield Step.CHANGE
    moved_by_staff = policy.hears_moves and order.status in _STAFFS_WORD and order.status_by is not None
    if moved_by_staff and state.get("moved") != order.status:
        yield Step.MOVE


def _is_owed(order: Order, policy: Policy) -> bool:
    """Whether money is still to come that has to be there first."""
    return policy.paid and not (order.payment is not None and order.payment.prepaid)


def content_of(order: Order) -> str:
    """Stands for all that they are told of an order."""
    return digest(order.model_dump_json(include=set(_CONTENT)))


def refusal_of(order: Order) -> str:
    """Stands for the order as it was when a step was refused: that is not tried again until it is another."""
    return f"{order.status}-{content_of(order)}"


def number_of(order: Order) -> str:
    """What they know the order by: what people call it, and what makes that one of a kind, for ever."""
    shown = _NOT_A_NUMBER.sub("", order.display_id or order.external_id)[: _LONGEST_NUMBER - 9]
    return f"{shown}-{order.id[-8:]}".lstrip("-")
