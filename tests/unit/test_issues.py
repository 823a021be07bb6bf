"""Complaints about an order: moves, times, and what the timeline says of a change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.order.issues import (
    AFTER_CLOSING,
    DONE,
    MANAGERS_MOVES,
    MOST_ATTACHMENTS,
    MOST_COMMENTS,
    MOVES,
    TIME_TO_RESOLVE,
    UNDONE,
    Attachment,
    Comment,
    Issue,
    IssueStatus,
    IssueType,
    Priority,
    attach,
    change,
    comment,
)
from tests.unit.made import LATER, NOW

ROBIN = "Robin (key_robin)"
NOTE = Comment(id="com_1", text="called her", by=ROBIN, at=LATER)
PHOTO = Attachment(id="att_1", name="a.png", content_type="image/png", size=9, by=ROBIN, at=LATER)
OTHERS: dict[str, Any] = {
    "type": IssueType.WRONG_ITEMS,
    "description": "another",
    "priority": Priority.HIGH,
    "customer_contacted": True,
    "customer_satisfied": False,
    "assigned_to": "emp_1",
    "resolution_description": "sent again",
    "follow_up_date": date(2026, 10, 7),
}


def an_issue(**told: Any) -> Issue:
    least: dict[str, Any] = {
        "id": "iss_1",
        "order_id": "ord_1",
        "store_id": "sto_1",
        "platform": "toy",
        "type": IssueType.OTHER,
        "description": "cold",
        "priority": Priority.MEDIUM,
        "due_at": NOW + timedelta(hours=24),
        "opened_at": NOW,
        "opened_by": "Kim (key_kim)",
        "updated_at": NOW,
        "updated_by": "Kim (key_kim)",
    }
    return Issue(**{**least, **told})


def changed(issue: Issue, **asked: Any) -> Issue:
    made = change(issue, asked, ROBIN, LATER)
    assert made is not None
    return made[0]


def test_types_priorities_and_statuses_are_the_words_of_the_api() -> None:
    assert list(IssueType) == [
        *("wrong_items", "missing_items", "quality_issues", "delivery_issues", "pricing_discrepancies", "other")
    ]
    assert list(Priority) == ["low", "medium", "high", "urgent"]
    assert list(IssueStatus) == ["open", "investigating", "in_progress", "escalated", "resolved", "closed"]


def test_every_status_is_to_be_done_or_done() -> None:
    assert set(IssueStatus) == UNDONE | DONE
    assert sorted(DONE) == ["closed", "resolved"]


def test_the_more_urgent_the_less_time() -> None:
    assert {priority: time / timedelta(hours=1) for priority, time in TIME_TO_RESOLVE.items()} == {
        "low": 72,
        "medium": 24,
        "high": 4,
        "urgent": 1,
    }


@pytest.mark.parametrize("status", IssueStatus)
def test_what_is_undone_goes_anywhere_but_back_to_open_and_what_is_done_is_reopened(status: IssueStatus) -> None:
    expected = {
        "resolved": {"open", "closed"},
        "closed": {"open"},
    }.get(status, {"investigating", "in_progress", "escalated", "resolved", "closed"} - {status})

    assert MOVES[status] == expected


def test_only_reopening_what_is_closed_needs_a_manager() -> None:
    assert {(IssueStatus.CLOSED, IssueStatus.OPEN)} == MANAGERS_MOVES


@pytest.mark.parametrize("target", IssueStatus)
@pytest.mark.parametrize("status", IssueStatus)
def test_an_issue_makes_the_moves_of_the_table_and_no_others(status: IssueStatus, target: IssueStatus) -> None:
    issue = an_issue(status=status)

    if target == status:
        assert change(issue, {"status": target}, ROBIN, LATER) is None
    elif target in MOVES[status]:
        assert changed(issue, status=target).status == target
    else:
        with pytest.raises(Reject) as refused:
            change(issue, {"status": target}, ROBIN, LATER)
        assert refused.value.code == "ISSUE_NOT_MODIFIABLE"
        assert refused.value.details == {"status": status, "allowed": sorted(MOVES[status])}


def test_a_change_is_the_next_version_by_whoever_made_it() -> None:
    issue = changed(an_issue(version=4), priority=Priority.HIGH)

    assert (issue.version, issue.updated_by, issue.updated_at) == (5, ROBIN, LATER)
    assert (issue.opened_by, issue.opened_at) == ("Kim (key_kim)", NOW)


@pytest.mark.parametrize("field", OTHERS)
def test_what_is_so_already_is_no_change(field: str) -> None:
    issue = an_issue(**OTHERS)

    assert change(issue, {field: OTHERS[field]}, ROBIN, LATER) is None


@pytest.mark.parametrize("priority", Priority)
def test_the_time_follows_the_priority_from_when_it_was_opened(priority: Priority) -> None:
    issue = an_issue(priority=Priority.LOW if priority is not Priority.LOW else Priority.HIGH)

    assert changed(issue, priority=priority).due_at == NOW + TIME_TO_RESOLVE[priority]


def test_resolving_and_closing_are_noted_with_their_times() -> None:
    resolved = changed(an_issue(), status=IssueStatus.RESOLVED)
    closed = change(resolved, {"status": IssueStatus.CLOSED}, ROBIN, LATER + timedelta(hours=1))

    assert (resolved.resolved_at, resolved.closed_at) == (LATER, None)
    assert closed is not None
    assert (closed[0].resolved_at, closed[0].closed_at) == (LATER, LATER + timedelta(hours=1))


def test_what_is_closed_at_once_is_resolved_as_well() -> None:
    closed = changed(an_issue(), status=IssueStatus.CLOSED)

    assert (closed.resolved_at, closed.closed_at) == (LATER, LATER)


@pytest.mark.parametrize("status", sorted(DONE))
def test_what_is_reopened_has_its_whole_time_again(status: IssueStatus) -> None:
    done = an_issue(status=status, resolved_at=NOW, closed_at=NOW, priority=Priority.URGENT)

    issue = changed(done, status=IssueStatus.OPEN)

    assert (issue.resolved_at, issue.closed_at, issue.reopened_at) == (None, None, LATER)
    assert issue.due_at == LATER + timedelta(hours=1)


@pytest.mark.parametrize("field", OTHERS)
def test_on_a_closed_issue_only_what_is_learned_afterwards_is_noted(field: str) -> None:
    issue = an_issue(status=IssueStatus.CLOSED)

    if field in AFTER_CLOSING:
        assert getattr(changed(issue, **{field: OTHERS[field]}), field) == OTHERS[field]
    else:
        with pytest.raises(Reject) as refused:
            change(issue, {field: OTHERS[field]}, ROBIN, LATER)
        assert refused.value.code == "ISSUE_NOT_MODIFIABLE"


@pytest.mark.parametrize("field", OTHERS)
def test_anything_may_be_changed_while_reopening(field: str) -> None:
    issue = changed(an_issue(status=IssueStatus.CLOSED), status=IssueStatus.OPEN, **{field: OTHERS[field]})

    assert (issue.status, getattr(issue, field)) == ("open", OTHERS[field])


@pytest.mark.parametrize(("hours", "overdue"), [(23, False), (24, False), (25, True)])
def test_an_issue_is_overdue_after_its_time(hours: int, overdue: bool) -> None:
    assert an_issue().is_overdue(NOW + timedelta(hours=hours)) is overdue
    assert not an_issue(status=IssueStatus.RESOLVED).is_overdue(NOW + timedelta(hours=hours))


def test_the_timeline_is_told_what_changed_and_no_free_text() -> None:
    made = change(an_issue(), {**OTHERS, "status": IssueStatus.RESOLVED}, ROBIN, LATER)

    assert made is not None
    assert made[1] == {
        "changed": sorted([*OTHERS, "status"]),
        "from": "open",
        "to": "resolved",
        "type": "wrong_items",
        "priority": "high",
        "assigned_to": "emp_1",
    }


def test_comments_and_attachments_are_kept_in_order() -> None:
    other = NOTE.model_copy(update={"id": "com_2"})
    issue = attach(comment(comment(an_issue(), NOTE, LATER), other, LATER), PHOTO, LATER)

    assert (issue.comments, issue.attachments) == ([NOTE, other], [PHOTO])
    assert (issue.version, issue.updated_by) == (4, ROBIN)


def test_there_is_an_end_to_comments_and_attachments() -> None:
    full = an_issue(comments=[NOTE] * MOST_COMMENTS, attachments=[PHOTO] * MOST_ATTACHMENTS)

    with pytest.raises(Reject, match="at most"):
        comment(full, NOTE, LATER)
    with pytest.raises(Reject, match="at most") as refused:
        attach(full, PHOTO, LATER)
    assert refused.value.code == "INVALID_ATTACHMENT"
