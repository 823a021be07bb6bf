"""What staff do with complaints about orders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from orderhub.errors import Reject, Retry
from orderhub.intake.record import staff_key
from orderhub.order import issues as rules
from orderhub.order.events import Actor, Cause, Event
from orderhub.order.ids import digest
from orderhub.order.issues import DONE, MANAGERS_MOVES, UNDONE, Comment, Issue, IssueStatus, IssueType, Priority
from orderhub.order.merge import Effect
from orderhub.order.models import Order
from orderhub.runtime import now
from orderhub.service.access import Caller, Role
from orderhub.service.orders import get_order
from orderhub.service.stores import store_ids
from orderhub.storage import issues, timelines
from orderhub.storage.issues import IssuePage, Worklist

_TRIES = 8


def _canonical(priority: object) -> object:
    return Priority.URGENT if priority == "critical" else priority


# `critical` is another word for urgent.
GivenPriority = Annotated[Priority, BeforeValidator(_canonical, json_schema_input_type=Priority | Literal["critical"])]
ItemIds = Annotated[list[str], Field(max_length=500)]


class NewIssue(BaseModel):
    """A complaint. item_ids: ids of the order lines it is about, none for the whole order."""

    model_config = ConfigDict(extra="forbid")

    type: IssueType
    description: str = Field(min_length=1, max_length=4000)
    priority: GivenPriority = Priority.MEDIUM
    item_ids: ItemIds = []
    customer_contacted: bool = False


class IssueChange(BaseModel):
    """What is to change of an issue; what is left out stays.

    assigned_to: whoever sees to it, null for nobody. follow_up_date: when to ask the customer again, null for never.
    """

    model_config = ConfigDict(extra="forbid")

    type: IssueType = IssueType.OTHER
    description: str = Field(default_factory=str, min_length=1, max_length=4000)
    priority: GivenPriority = Priority.MEDIUM
    status: IssueStatus = IssueStatus.OPEN
    customer_contacted: bool = False
    customer_satisfied: bool | None = None
    assigned_to: str | None = Field(default=None, min_length=1, max_length=200)
    resolution_description: str | None = Field(default=None, min_length=1, max_length=4000)
    follow_up_date: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to an issue. key: of its event, the same for a repeat; request: stands for all that was asked."""

    type: str
    key: str
    request: str
    by: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which issues a list is to hold; all to be done when it says nothing. assignee: as in `assigned_to`."""

    statuses: Collection[IssueStatus] = ()
    priorities: Collection[Priority] = ()
    assignee: str | None = None
    overdue: bool | None = None

    def takes(self, issue: Issue) -> bool:
        """Whether an issue belongs in the list."""
        return (
            issue.status in (self.statuses or UNDONE)
            and (not self.priorities or issue.priority in self.priorities)
            and self.assignee in (None, issue.assigned_to)
            and self.overdue in (None, issue.is_overdue(now()))
        )


def open_issue(caller: Caller, order_id: str, new: NewIssue, idempotency_key: str | None) -> Issue:
    """Opens an issue of an order.

    Raises Reject ORDER_NOT_FOUND, INVALID_FIELD_VALUE, IDEMPOTENCY_KEY_REUSED, PERMISSION_DENIED; Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    order = get_order(caller, order_id)
    step = step_of(caller, order_id, "issue.opened", idempotency_key, new.model_dump(mode="json"))
    known = _repeated(order_id, step)
    if known is not None:
        return known
    _check_items(order, new.item_ids)
    at = now()
    issue = Issue(
        id="iss_" + uuid4().hex,
        order_id=order.id,
        order_display_id=order.display_id,
        store_id=order.store_id,
        platform=order.platform,
        due_at=at + rules.TIME_TO_RESOLVE[new.priority],
        opened_at=at,
        opened_by=step.by,
        updated_at=at,
        updated_by=step.by,
        **new.model_dump(),
    )
    summary = {"type": issue.type, "priority": issue.priority, "items": len(issue.item_ids)}
    match issues.write(issue, _event(order, issue, step, summary)):
        case timelines.Duplicate():
            return _repeated(order_id, step) or issue
        case _:
            return issue


def get_issue(caller: Caller, order_id: str, issue_id: str) -> Issue:
    """An issue. Raises Reject ORDER_NOT_FOUND, ISSUE_NOT_FOUND."""
    get_order(caller, order_id)
    return _find(order_id, issue_id)


def list_of_order(caller: Caller, order_id: str, *, limit: int, cursor: str | None) -> IssuePage:
    """The issues of an order. Raises Reject ORDER_NOT_FOUND, INVALID_CURSOR."""
    get_order(caller, order_id)
    return issues.of_order(order_id, limit=limit, cursor=cursor)


def tickets_of(order: Order) -> list[Issue]:
    """The issues of an order that the caller sees, a hundred at most. Raises Retry."""
    return issues.of_order(order.id, limit=100).issues


def list_issues(caller: Caller, store_id: str | None, wanted: Wanted, *, limit: int, cursor: str | None) -> IssuePage:
    """Issues of a store, or of all the caller's stores: those to be done with the most urgent first, then those done.

    A page may hold fewer than `limit` issues, or none, and still go on. Raises Reject INVALID_STORE, INVALID_CURSOR.
    """
    if store_id is not None:
        caller.require_store(store_id)
    stores = [store_id] if store_id is not None else sorted(store_ids(caller))
    asked = set(wanted.statuses or UNDONE)
    halves = [done for done, part in ((False, UNDONE), (True, DONE)) if asked & part and not (done and wanted.overdue)]
    worklists = [Worklist(store, done=done) for store in stores for done in halves]
    at, found = now(), list[Issue]()
    for _ in worklists:  # one query for each, at most
        page = issues.page(
            worklists,
            limit=limit - len(found),
            cursor=cursor,
            due_before=at if wanted.overdue else None,
        )
        found += filter(wanted.takes, page.issues)
        cursor = page.next_cursor
        if cursor is None or len(found) >= limit:
            break
    return IssuePage(found, cursor if worklists else None)


def change_issue(
    caller: Caller,
    order_id: str,
    issue_id: str,
    change: IssueChange,
    *,
    expected_version: int | None,
    idempotency_key: str | None,
) -> Issue:
    """Changes what is given; nothing when all is so already.

    Raises Reject ORDER_NOT_FOUND, ISSUE_NOT_FOUND, ISSUE_NOT_MODIFIABLE, VERSION_CONFLICT, INVALID_FIELD_VALUE,
    PERMISSION_DENIED (reopening a closed one needs a store manager), IDEMPOTENCY_KEY_REUSED; Retry.
    """
    asked = {name: getattr(change, name) for name in change.model_fields_set}

    def make(issue: Issue, step: Step) -> tuple[Issue, dict[str, Any]] | None:
        if (issue.status, asked.get("status")) in MANAGERS_MOVES:
            caller.require(Role.STORE_MANAGER)
        return rules.change(issue, asked, step.by, now())

    told = change.model_dump(mode="json", exclude_unset=True)
    step = step_of(caller, order_id, "issue.changed", idempotency_key, issue_id, told)
    return apply(caller, order_id, issue_id, step, make, expected_version)


def comment(
    caller: Caller,
    order_id: str,
    issue_id: str,
    text: str,
    *,
    expected_version: int | None,
    idempotency_key: str | None,
) -> Issue:
    """Notes something on an issue, whatever its status. Raises as `change_issue`."""

    def make(issue: Issue, step: Step) -> tuple[Issue, dict[str, Any]]:
        at = now()
        note = Comment(id="com_" + digest(issue_id, step.key), text=text, by=step.by, at=at)
        return rules.comment(issue, note, at), {"comment": note.id}

    step = step_of(caller, order_id, "issue.commented", idempotency_key, issue_id, text)
    return apply(caller, order_id, issue_id, step, make, expected_version)


def apply(
    caller: Caller,
    order_id: str,
    issue_id: str,
    step: Step,
    make: Callable[[Issue, Step], tuple[Issue, dict[str, Any]] | None],
    expected_version: int | None,
) -> Issue:
    """Does one step to an issue as it is, and again when somebody else was faster; a repeat is answered as the first.

    make: the issue as it shall be and what the timeline says of it, None for no change. Raises Reject VERSION_CONFLICT
    when it is at another version than expected, Retry.
    """
    caller.require(Role.STORE_EMPLOYEE)
    order = get_order(caller, order_id)
    known = _repeated(order_id, step)
    if known is not None:
        return known
    current = _find(order_id, issue_id)
    for _ in range(_TRIES):
        _check_version(current, expected_version)
        made = make(current, step)
        if made is None:
            return current
        issue = made[0].model_copy(update={"store_id": order.store_id})
        match issues.write(issue, _event(order, issue, step, made[1])):
            case timelines.Duplicate():
                return _repeated(order_id, step) or current
            case issues.Conflict(current=Issue() as newer):
                current = newer
            case _:
                return issue
    raise Retry("the issue is being changed by many at once")


def step_of(caller: Caller, order_id: str, kind: str, idempotency_key: str | None, *asked: object) -> Step:
    """A step of a caller. asked: all that the request says."""
    key = staff_key(order_id, caller.id, kind, idempotency_key or uuid4().hex)
    return Step(kind, key, digest(*map(repr, asked)) if idempotency_key else "", caller.cause_name)


def _check_items(order: Order, item_ids: Sequence[str]) -> None:
    """Raises Reject INVALID_FIELD_VALUE for ids that are not lines of the order, or named twice."""
    unknown = sorted(set(item_ids) - {item.id for item in order.items})
    if unknown or len(set(item_ids)) < len(item_ids):
        message = "the order has no such lines" if unknown else "a line is named twice"
        raise Reject("INVALID_FIELD_VALUE", message, details={"items": unknown})


def _find(order_id: str, issue_id: str) -> Issue:
    issue = issues.get(order_id, issue_id)
    if issue is None:
        raise Reject("ISSUE_NOT_FOUND", f"the order has no issue {issue_id}")
    return issue


def _check_version(issue: Issue, expected: int | None) -> None:
    if expected is not None and expected != issue.version:
        raise Reject(
            "VERSION_CONFLICT",
            f"the issue has changed since: it is at version {issue.version} now",
            details={"version": issue.version},
        )


def _repeated(order_id: str, step: Step) -> Issue | None:
    """The issue as it is now, when this very step was made before under its Idempotency-Key."""
    event = timelines.get_event(order_id, step.key) if step.request else None
    if event is None:
        return None
    if event.summary.get("request") != step.request:
        raise Reject("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used for another request")
    return _find(order_id, str(event.summary["issue"]))


def _event(order: Order, issue: Issue, step: Step, summary: dict[str, Any]) -> Event:
    return Event(
        order_id=order.id,
        key=step.key,
        type=step.type,
        effect=Effect.APPLIED,
        at=issue.updated_at,
        cause=Cause(Actor.STAFF, step.by),
        platform=order.platform,
        connection_id=order.connection_id,
        version=order.version,
        summary={"issue": issue.id, **summary, **({"request": step.request} if step.request else {})},
    )
