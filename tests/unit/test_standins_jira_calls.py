"""Our own calls to the stand-in for Jira: a ticket's whole life, and every way in which an answer can get lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from local.standins.jira import GATEWAY
from local.standins.samples import jira as samples
from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.order.issues import Priority
from orderhub.order.messages import TicketReport
from orderhub.platforms.jira import PLATFORM
from orderhub.platforms.targets import Ticket
from tests.unit.standins_client import START
from tests.unit.test_standins_jira import HOOK, Desk

SERVICE = {"service_desk_id": "10", "request_type_id": "25"}
LABELLED = {**SERVICE, "request_fields": ["labels", "priority"]}
TICKET = Ticket(
    key="issue-iss_1",
    title="[order 10042] Refund failed",
    text="The refund failed.\n\nSee https://hub.example.com/orders/ord_1.",
    priority=Priority.URGENT,
    opened_at=START,
    facts={"Store": "Corner Kitchen", "Phone": "+15550101"},
    links={"Photo": "https://files.example.com/a/1.jpg"},
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """The site, on a clock that is everybody's."""
    with time_machine.travel(START, tick=False):
        yield Desk()


@pytest.fixture(params=["issue", "gateway", "request", "request with labels"])
def settings(request: pytest.FixtureRequest, desk: Desk) -> dict[str, Any]:
    """The ways to open tickets."""
    match request.param:
        case "gateway":
            desk.settle(scoped=True)
            return {"base_url": f"https://api.test/jira{GATEWAY}"}
        case "request":
            return SERVICE
        case "request with labels":
            desk.settle(request_fields=["summary", "description", "labels", "priority"])
            return LABELLED
    return {}


class Hub:
    """Our side of one ticket, which tries as the hub's worker does: it looks for the ticket before it opens one."""

    def __init__(self, desk: Desk, **settings: Any) -> None:
        self.desk, self.connection, self.vendor = desk, desk.connect(**settings), desk.http(**settings)
        self.ticket, self.asked = TICKET, False

    def open(self) -> None:
        """One try. Raises HubError."""
        done = PLATFORM.find_ticket(self.ticket, self.connection, self.vendor) if self.asked else None
        self.asked = True
        done = done or PLATFORM.open_ticket(self.ticket, self.connection, self.vendor)
        self.ticket = replace(self.ticket, ids=done.ids)

    def open_in_the_end(self) -> None:
        """As many tries as it takes, each after the wait that the last one asked for."""
        for _ in range(5):
            try:
                return self.open()
            except Retry as error:
                self.desk.wait(seconds=error.after or 1)
        raise AssertionError("the ticket is not open after five tries")

    def do(self, operation: str, *arguments: Any) -> None:
        getattr(PLATFORM, f"{operation}_ticket")(self.ticket, *arguments, self.connection, self.vendor)

    @property
    def held(self) -> Any:
        return self.desk.held_issue(self.ticket.ids["ticket"])

    @property
    def count(self) -> int:
        return len(self.desk.control("GET", "jira/orders")["ids"])


def test_a_ticket_is_opened_with_all_there_is_to_say(desk: Desk, settings: dict[str, Any]) -> None:
    hub = Hub(desk, **settings)

    hub.open()

    held = hub.held
    assert (held["summary"], held["labels"][0]) == ("[order 10042] Refund failed", "orderhub")
    assert held["labels"][1].startswith("orderhub-k-")
    assert held["priority"] == ("Medium" if settings == SERVICE else "Highest")
    said = samples.plain(held["description"])
    assert all(one in said for one in ("The refund failed.", "Store: Corner Kitchen", "Photo"))
    assert "+15550101" not in str(held)
    assert hub.ticket.ids["url"] == f"{samples.SITE_URL}/browse/{held['key']}"


def test_a_ticket_is_found_by_its_reference_once_a_search_shows_it(desk: Desk, settings: dict[str, Any]) -> None:
    desk.settle(search_lag_seconds=60)
    hub = Hub(desk, **settings)
    hub.open()

    seen = [PLATFORM.find_ticket(TICKET, hub.connection, hub.vendor)]
    desk.wait(seconds=60)
    seen.append(PLATFORM.find_ticket(TICKET, hub.connection, hub.vendor))
    other = PLATFORM.find_ticket(replace(TICKET, key="issue-iss_2"), hub.connection, hub.vendor)

    assert seen[0] is None
    assert seen[1] is not None
    assert seen[1].ids == hub.ticket.ids
    assert other is None


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_one_ticket_though_the_answer_was_lost_and_search_lags(
    desk: Desk, settings: dict[str, Any], status: int
) -> None:
    desk.settle(search_lag_seconds=60)
    hub = Hub(desk, **settings)
    path = "/rest/servicedeskapi/request" if "service_desk_id" in settings else "/rest/api/3/issue"
    desk.fault("jira", match={"method": "POST", "path_contains": path}, status=status, after_effect=True)

    hub.open_in_the_end()

    assert hub.count == 1
    assert hub.held["summary"] == "[order 10042] Refund failed"


def test_one_request_though_nobody_could_label_it(desk: Desk) -> None:
    desk.settle(search_lag_seconds=60)
    hub = Hub(desk, **SERVICE)
    desk.fault("jira", match={"method": "PUT"}, status=503)

    hub.open()
    desk.wait(seconds=60)
    hub.ticket = TICKET  # as if the hub had been killed before it kept the id
    hub.open_in_the_end()

    assert (hub.count, hub.held["labels"]) == (1, [])


def test_twenty_tries_make_one_ticket(desk: Desk, settings: dict[str, Any]) -> None:
    hub = Hub(desk, **settings)
    for _ in range(20):
        hub.ticket = TICKET
        hub.open()

    assert hub.count == 1


def test_without_priorities_and_labels_a_ticket_is_opened_all_the_same(desk: Desk) -> None:
    desk.settle(screen=["description"])
    hub = Hub(desk)

    hub.open()

    assert (hub.held["labels"], hub.held["priority"]) == ([], "Medium")
    desk.wait(seconds=1)
    hub.ticket = TICKET
    hub.open()
    assert hub.count == 1, "it is found by its text"


def test_a_request_type_that_lost_its_fields_takes_the_rest(desk: Desk) -> None:
    hub = Hub(desk, **LABELLED)

    hub.open()

    assert len(hub.held["labels"]) == 2, "labelled afterwards"


def test_a_field_that_only_a_person_can_fill_in_opens_nothing(desk: Desk) -> None:
    desk.settle(required_fields=["customfield_10050"])
    hub = Hub(desk)

    with pytest.raises(Reject, match="customfield_10050"):
        hub.open()
    assert hub.count == 0

    filled = Hub(desk, extra_fields={"customfield_10050": "Shop"})
    filled.open()
    assert filled.count == 1


def test_comments_are_for_the_team_and_made_once(desk: Desk, settings: dict[str, Any]) -> None:
    hub = Hub(desk, **settings)
    hub.open()
    for text in ("Priority is now urgent", "Priority is now urgent", "See https://files.example.com/a/2.jpg"):
        hub.do("comment", text)

    comments = hub.held["comments"]
    said = [samples.plain(one["body"]).partition("[ref")[0].strip() for one in comments]
    assert said == ["Priority is now urgent", "See https://files.example.com/a/2.jpg"]
    assert {one["public"] for one in comments} == {False}


def test_one_comment_though_the_answer_was_lost(desk: Desk, settings: dict[str, Any]) -> None:
    hub = Hub(desk, **settings)
    hub.open()
    desk.fault("jira", match={"method": "POST", "path_contains": "/comment"}, status=503, after_effect=True)

    with pytest.raises(Retry):
        hub.do("comment", "Hello")
    hub.do("comment", "Hello")

    assert len(hub.held["comments"]) == 1


@pytest.mark.parametrize("start", ["To Do", "In Progress"])
def test_a_ticket_is_resolved_and_reopened(desk: Desk, settings: dict[str, Any], start: str) -> None:
    hub = Hub(desk, **settings)
    hub.open()
    if start != "To Do":
        desk.change(hub.ticket.ids["ticket"], status=start)

    for operation, status, resolution in (("resolve", "Done", "Done"), ("reopen", "To Do", None)):
        for _ in range(2):  # a repeat changes nothing
            hub.do(operation)
            assert (hub.held["status"], hub.held["resolution"]) == (status, resolution)

    moves = [one for one in hub.held["events"] if one["body"].get("issue_event_type_name") == "issue_generic"]
    assert len(moves) == (2 if start == "To Do" else 3)


def test_a_resolution_that_no_workflow_clears_is_cleared_by_us(desk: Desk) -> None:
    desk.settle(resolution_on_screen=True, clears_resolution=False, sets_resolution=False)
    hub = Hub(desk, resolution="Won't Do")
    hub.open()

    hub.do("resolve")
    resolved = hub.held["resolution"]
    hub.do("reopen")

    assert (resolved, hub.held["resolution"], hub.held["status"]) == ("Won't Do", None, "To Do")


def test_what_somebody_resolved_there_is_not_resolved_again(desk: Desk) -> None:
    hub = Hub(desk)
    hub.open()
    desk.change(hub.ticket.ids["ticket"], resolution="Won't Do")

    hub.do("resolve")

    assert (hub.held["status"], hub.held["resolution"]) == ("To Do", "Won't Do")


@pytest.mark.parametrize("operation", ["resolve", "reopen", "comment"])
def test_a_ticket_that_somebody_has_deleted_is_told_to_be_gone(desk: Desk, operation: str) -> None:
    hub = Hub(desk)
    hub.open()
    desk.change(hub.ticket.ids["ticket"], deleted=True)

    with pytest.raises(Reject) as refused:
        hub.do(operation, *(["Hello"] if operation == "comment" else []))

    assert refused.value.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("status", "error"), [(401, Misconfigured), (403, Misconfigured), (409, Retry), (429, Retry), (500, Retry)]
)
@pytest.mark.parametrize("operation", ["resolve", "reopen", "comment"])
def test_what_jira_answers_says_what_to_do(desk: Desk, operation: str, status: int, error: type[HubError]) -> None:
    hub = Hub(desk)
    hub.open()
    if operation == "reopen":
        hub.do("resolve")
    desk.fault("jira", match={"method": "POST"}, status=status, headers={"Retry-After": "7"})

    with pytest.raises(error):
        hub.do(operation, *(["Hello"] if operation == "comment" else []))
    hub.do(operation, *(["Hello"] if operation == "comment" else []))


def test_a_token_for_the_gateway_is_refused_at_the_site(desk: Desk) -> None:
    desk.settle(scoped=True)

    with pytest.raises(Misconfigured, match="gateway"):
        PLATFORM.verify_connection(desk.connect(), desk.http())


def test_a_connection_is_verified_however_tickets_are_opened(desk: Desk, settings: dict[str, Any]) -> None:
    done = PLATFORM.verify_connection(desk.connect(**settings), desk.http(**settings))

    opened_as = "request type 25 of service desk 10, project OPS" if settings.get("service_desk_id") else "project OPS"
    assert (done.note or "").startswith(opened_as)


def poll(desk: Desk, hub: Hub, cursor: dict[str, str]) -> tuple[list[TicketReport], dict[str, str], bool]:
    page = PLATFORM.poll(cursor, hub.connection, hub.vendor, desk.now)
    assert all(isinstance(one, TicketReport) for one in page.messages)
    return [one for one in page.messages if isinstance(one, TicketReport)], dict(page.cursor), page.more


def test_a_poll_finds_what_no_webhook_told(desk: Desk) -> None:
    hub = Hub(desk)
    hub.open()
    desk.put("jira", {"summary": "None of ours"})
    desk.wait(minutes=30)
    _, cursor, _ = poll(desk, hub, {})
    desk.wait(minutes=20)
    desk.change(hub.ticket.ids["ticket"], status="Done", silently=True)
    desk.wait(minutes=1)

    (message,), cursor, more = poll(desk, hub, cursor)

    assert (message.external_id, message.state) == (hub.ticket.ids["ticket"], "resolved")
    assert (message.at, more) == (desk.now - timedelta(minutes=1), False)
    desk.wait(minutes=30)
    (again,), cursor, _ = poll(desk, hub, cursor)
    assert again.delivery_key == message.delivery_key, "what is seen twice counts once"
    desk.wait(minutes=30)
    assert poll(desk, hub, cursor)[0] == []


def test_a_poll_goes_through_all_pages_and_says_each_change_under_one_key(desk: Desk) -> None:
    hub = Hub(desk, poll_page_size=2)
    for number in range(5):
        desk.made(labels=["orderhub"], summary=f"Ticket {number}")
        desk.wait(seconds=1)

    def all_of(cursor: dict[str, str]) -> list[str]:
        keys, more = [], True
        while more:
            messages, cursor, more = poll(desk, hub, cursor)
            keys += [one.delivery_key for one in messages]
        return keys

    first, again = all_of({}), all_of({})

    assert first == again
    assert len(set(first)) == 5


def test_a_webhook_and_the_poll_agree_and_the_poll_is_never_ahead(desk: Desk) -> None:
    desk.settle(webhook_url=HOOK)
    hub = Hub(desk)
    hub.open()
    desk.wait(minutes=1)
    desk.change(hub.ticket.ids["ticket"], status="Done")

    (told,) = PLATFORM.read(desk.sent[-1], hub.connection).messages
    (polled,), _, _ = poll(desk, hub, {})

    assert isinstance(told, TicketReport)
    assert (polled.external_id, polled.state, polled.name) == (told.external_id, told.state, told.name)
    assert (polled.source_version or "") <= (told.source_version or "")


def test_what_the_hub_did_itself_comes_back_as_no_news(desk: Desk, settings: dict[str, Any]) -> None:
    desk.settle(webhook_url=HOOK)
    hub = Hub(desk, **settings)
    hub.open()
    hub.do("comment", "Hello")
    hub.do("resolve")
    hub.do("reopen")

    heard = [type(one).__name__ for sent in desk.sent for one in PLATFORM.read(sent, hub.connection).messages]

    assert heard == ["Ignored"] * len(desk.sent)
    assert len(desk.sent) >= 4
