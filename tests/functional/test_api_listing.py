"""Lists with filters, counts, search, days and the export."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from orderhub.order.models import Amounts, Customer, Fulfillment, Order
from orderhub.order.status import OPEN, Status
from orderhub.service import listing, range_summary
from orderhub.service.access import Caller, Role
from orderhub.storage.aws import client
from tests.functional.cloud import images
from tests.functional.conftest import NOW
from tests.functional.hub import STORE, ZONE, Hub, Reply, function, stream_record
from tests.functional.made import changed, store
from tests.unit.made import an_item, an_order

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OPEN_LIST, DAYS = "/v1/orders", f"/v1/stores/{STORE}/orders"
EXPORT, COUNTS = f"{DAYS}/export", "/v1/orders/counts"
OTHER = "sto_other"
WEEK = {"date_from": "2026-09-29", "date_to": "2026-10-05"}


def here(order_id: str, minutes: float = 0, **told: Any) -> Order:
    """An order of the main store, in storage."""
    at = NOW + minutes * MINUTE
    least = {"store_id": STORE, "placed_at": at, "created_at": at, "updated_at": at, "version": 1}
    return store(an_order(id=order_id, **{**least, **told}), time_zone=ZONE)


def count_all() -> None:
    """Gives all that is stored to the function that keeps the books."""
    function("streams.books")({"Records": [stream_record(image) for image in images().values()]}, None)


@pytest.fixture
def requests() -> Iterator[Callable[[], list[str]]]:
    """The operations of DynamoDB that were asked for since this was asked last."""
    made: list[str] = []
    heard = client("dynamodb").meta.events
    heard.register("before-call.dynamodb", lambda model, **_: made.append(model.name), unique_id="requests")

    def read() -> list[str]:
        asked = list(made)
        made.clear()
        return asked

    yield read
    heard.unregister("before-call.dynamodb", unique_id="requests")


def caller(*stores: str, role: Role = Role.VIEWER) -> Caller:
    return Caller("key_1", "somebody", role, frozenset(stores))


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply
    return [order["id"] for order in reply.json["orders"]]


def listed(hub: Hub, path: str = OPEN_LIST, **query: Any) -> list[str]:
    return ids(hub.api("GET", path, query=query))


def pages(hub: Hub, path: str, **query: Any) -> list[list[str]]:
    """All pages of a list."""
    found: list[list[str]] = []
    while True:
        reply = hub.api("GET", path, query=query)
        found.append(ids(reply))
        if reply.json["next_cursor"] is None:
            return found
        query["cursor"] = reply.json["next_cursor"]
        assert len(found) < 50, "the list does not end"


def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """What is read from the orders table from now on: operation, and its read units."""
    seen: list[tuple[str, float]] = []
    for name in ("query", "get_item", "batch_get_item"):
        real = getattr(client("dynamodb"), name)

        def asked(*, _real: Callable[..., Any] = real, _name: str = name, **given: Any) -> Any:
            answer = _real(**given, ReturnConsumedCapacity="TOTAL")
            consumed = answer["ConsumedCapacity"]
            every = consumed if isinstance(consumed, list) else [consumed]
            seen.append((_name, sum(one["CapacityUnits"] for one in every)))
            return answer

        monkeypatch.setattr(client("dynamodb"), name, asked)
    return seen


# --- filters ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def some(hub: Hub) -> Hub:
    here("a", 0, platform="square", channel="square", fulfillment=Fulfillment.PICKUP)
    here("b", 1, platform="lula", channel="doordash", status=Status.READY, scheduled_for=NOW + DAY)
    here("c", 2, platform="lula", channel="uber_eats", fulfillment=Fulfillment.DELIVERY)
    return hub


@pytest.mark.parametrize("path", [OPEN_LIST, DAYS])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "abc"),
        ({"status": "ready"}, "b"),
        ({"status": "incoming,ready"}, "abc"),
        ({"platform": "lula"}, "bc"),
        ({"platform": "lula,square"}, "abc"),
        ({"platform": "lula", "status": "incoming"}, "c"),
        ({"channel": "doordash"}, "b"),
        ({"fulfillment": "pickup,delivery"}, "ac"),
        ({"since": "2026-10-05T15:01:00Z"}, "c"),
        ({"since": "2026-10-05T17:00:30+02:00"}, "bc"),
        ({"scheduled_from": "2026-10-06T15:00:00Z"}, "b"),
        ({"scheduled_from": "2026-10-06T15:00:01Z"}, ""),
        ({"scheduled_to": "2026-10-06T14:59:59Z"}, ""),
        ({"scheduled_from": "2026-10-06T00:00:00Z", "scheduled_to": "2026-10-07T00:00:00Z"}, "b"),
        ({"platform": "nobody"}, ""),
    ],
)
def test_a_list_is_filtered(some: Hub, path: str, query: dict[str, str], expected: str) -> None:
    assert sorted(listed(some, path, **query)) == list(expected)


def test_filters_hold_over_all_stores_of_the_caller(some: Hub) -> None:
    some.add_store(OTHER)
    store(an_order(id="d", store_id=OTHER, version=1, platform="lula", placed_at=NOW), time_zone=ZONE)

    assert listed(some, platform="lula") == ["b", "c", "d"]
    assert ids(some.api("GET", OPEN_LIST, query={"platform": "lula"}, caller=caller(OTHER))) == ["d"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"since": "2026-10-05T15:00:00"},
        {"scheduled_from": "2026-10-05"},
        {"fulfillment": "by_owl"},
        {"status": "ready,lost"},
        {"sort": "random"},
        {"q": "x" * 201},
        {"date_from": "soon"},
    ],
)
def test_a_filter_that_is_none_is_refused(hub: Hub, query: dict[str, str]) -> None:
    assert hub.api("GET", DAYS, query=query).error == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("path", [OPEN_LIST, COUNTS])
@pytest.mark.parametrize("store_id", ["", "x" * 201])
def test_a_store_id_that_can_be_none_is_refused(hub: Hub, path: str, store_id: str) -> None:
    assert hub.api("GET", path, query={"store_id": store_id}).error == (422, "VALIDATION_ERROR")


def test_the_first_open_page_costs_the_same_however_many_are_open(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def costs() -> list[tuple[str, float]]:
        with monkeypatch.context() as patch:
            seen = counted(patch)
            reply = hub.api("GET", OPEN_LIST, query={"store_id": STORE, "limit": 5, "platform": "toy"})
            assert ids(reply) == [f"o{number}" for number in range(100, 105)]
            return seen

    for number in range(100, 106):
        here(f"o{number}", number)
    with_few = costs()
    for number in range(106, 200):
        here(f"o{number}", number)

    assert costs() == with_few
    assert [name for name, _ in with_few] == ["query"]


# --- days -------------------------------------------------------------------------------------------------------------


def on(order_id: str, days_ago: float, minutes: float = 0, **told: Any) -> Order:
    return here(order_id, minutes - days_ago * 24 * 60, **told)


@pytest.fixture
def week(hub: Hub) -> Hub:
    """Orders of a week with days that have none; the last two are of one day."""
    on("old", 8)
    on("first", 6)
    on("mid", 3, status=Status.COMPLETED)
    on("last", 0)
    on("later", 0, 10, status=Status.DENIED)
    return hub


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_days_are_listed_one_after_the_other(week: Hub, limit: int) -> None:
    newest = pages(week, DAYS, limit=limit, **WEEK)
    oldest = pages(week, DAYS, limit=limit, sort="oldest", **WEEK)

    assert [*chain(*newest)] == ["later", "last", "mid", "first"]
    assert [*chain(*oldest)] == ["first", "mid", "last", "later"]
    assert max(map(len, newest + oldest)) <= limit


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["later", "last"]),
        ({"date": "2026-10-02"}, ["mid"]),
        ({"date_from": "2026-10-02"}, ["later", "last", "mid"]),
        ({"date_to": "2026-10-02"}, ["mid"]),
        ({"date_from": "2026-09-27", "date_to": "2026-10-02"}, ["mid", "first", "old"]),
        ({"date_from": "2026-10-07"}, []),
        ({"date_from": "2026-09-05", "date_to": "2026-10-05"}, ["later", "last", "mid", "first", "old"]),
    ],
)
def test_the_days_are_those_asked_for(week: Hub, query: dict[str, str], expected: list[str]) -> None:
    assert listed(week, DAYS, **query) == expected


def test_days_are_the_store_s(hub: Hub) -> None:
    here("evening", -11 * 60 - 30)  # 23:30 of the 4th in New York, the 5th in UTC
    here("night", -11 * 60 + 30)

    assert listed(hub, DAYS, date="2026-10-04") == ["evening"]
    assert listed(hub, DAYS, date_from="2026-10-05", date_to="2026-10-05") == ["night"]


@pytest.mark.parametrize(
    "query",
    [
        {"date_from": "2026-09-04", "date_to": "2026-10-05"},
        {"date_from": "2026-10-05", "date_to": "2026-10-04"},
        {"date_from": "2026-01-01"},
        {"date_from": "0001-01-01", "date_to": "9999-12-31"},
        {"date": "2026-10-05", "date_from": "2026-10-05"},
    ],
)
def test_days_in_no_order_or_too_many_are_refused(hub: Hub, query: dict[str, str]) -> None:
    assert hub.api("GET", DAYS, query=query).error == (422, "INVALID_FIELD_VALUE")


def test_the_last_day_there_is_can_be_asked_for(hub: Hub) -> None:
    assert listed(hub, DAYS, date_from="9999-12-01", date_to="9999-12-31") == []
    assert listed(hub, DAYS, date="0001-01-01") == []


def test_today_goes_on_as_the_day_it_began_with(hub: Hub, clock: Any) -> None:
    for number in range(3):
        here(f"o{number}", number)
    first = hub.api("GET", DAYS, query={"limit": 2}).json
    clock.wait(days=1)

    assert [order["id"] for order in first["orders"]] == ["o2", "o1"]
    assert listed(hub, DAYS, cursor=first["next_cursor"]) == ["o0"]


def test_a_cursor_of_other_days_is_refused(week: Hub) -> None:
    cursor = week.api("GET", DAYS, query={**WEEK, "limit": 1}).json["next_cursor"]

    reply = week.api("GET", DAYS, query={"date": "2026-10-02", "cursor": cursor})

    assert reply.error == (400, "INVALID_CURSOR")


def test_a_cursor_of_another_store_is_refused(week: Hub) -> None:
    week.add_store(OTHER)
    cursor = week.api("GET", DAYS, query={"limit": 1}).json["next_cursor"]

    assert week.api("GET", f"/v1/stores/{OTHER}/orders", query={"cursor": cursor}).error == (400, "INVALID_CURSOR")


def test_a_page_looks_at_no_more_orders_than_it_may_hold(week: Hub) -> None:
    found = pages(week, DAYS, limit=1, status="completed", **WEEK)

    assert [*chain(*found)] == ["mid"]
    assert found[:2] == [[], []]


# --- search -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(hub: Hub) -> Hub:
    on("a", 0, display_id="#A-1042", customer=Customer(name="Robin Ashdown", phone="+1 555 010 4711"))
    on("b", 1, display_id="17", customer=Customer(name="Ashley, Sam", phone="+15550100"), status=Status.COMPLETED)
    on("c", 20, display_id="1042")
    return hub


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("1042", "a"),
        ("#a-1", "a"),
        ("ASH", "ab"),
        ("ashley, s", "b"),
        ("4711", "a"),
        ("555-0100", "b"),
        ("nobody", ""),
        ("", "ab"),
    ],
)
def test_orders_are_searched_within_the_days(people: Hub, q: str, expected: str) -> None:
    assert sorted(listed(people, DAYS, q=q, **WEEK)) == list(expected)


def test_a_search_goes_with_filters(people: Hub) -> None:
    assert listed(people, DAYS, q="ash", status="completed", **WEEK) == ["b"]


# --- counts -----------------------------------------------------------------------------------------------------------


def none() -> dict[str, int]:
    return {status.value: 0 for status in Status}


def test_nothing_is_counted_of_an_empty_store(hub: Hub) -> None:
    assert hub.api("GET", COUNTS).json == {
        "open": 0,
        "statuses": none(),
        "platforms": {},
        "late": 0,
        "unacknowledged": 0,
        "complete": True,
    }


def test_open_orders_are_counted_by_status_and_platform(hub: Hub) -> None:
    for status in Status:
        here(f"s-{status}", status=status, platform="square")
    here("more", platform="toast")
    here("copy", platform="lula", duplicate_of="ord_7")
    by_status = {status.value: 1 for status in OPEN}

    assert hub.api("GET", COUNTS, query={"store_id": STORE}).json == {
        "open": 6,
        "statuses": {**none(), **by_status, "incoming": 2},
        "platforms": {"square": {**none(), **by_status}, "toast": {**none(), "incoming": 1}},
        "late": 0,
        "unacknowledged": 2,
        "complete": True,
    }


def test_what_is_over_is_counted_for_the_store_s_day_it_was_placed_on(hub: Hub, clock: Any) -> None:
    hub.add_store(OTHER, time_zone="Asia/Tokyo")  # where it is midnight already
    for order_id, status, minutes in (("a", "completed", 0), ("b", "denied", 0), ("c", "completed", -24 * 60)):
        here(order_id, minutes, status=Status(status), platform="square")
    elsewhere = an_order(id="d", status=Status.CANCELLED, platform="toast", store_id=OTHER, version=1, placed_at=NOW)
    store(elsewhere, time_zone="Asia/Tokyo")
    here("e", status=Status.COMPLETED, platform="lula", duplicate_of="a")
    here("f", status=Status.READY, platform="square")
    count_all()

    of_all = hub.api("GET", COUNTS).json
    of_one = hub.api("GET", COUNTS, caller=caller(STORE)).json

    assert of_all["statuses"] == {**none(), "completed": 1, "denied": 1, "cancelled": 1, "ready": 1}
    assert of_all["platforms"]["toast"] == {**none(), "cancelled": 1}
    assert (of_all["open"], of_one["open"]) == (1, 1)
    assert of_one["statuses"] == {**none(), "completed": 1, "denied": 1, "ready": 1}
    assert set(of_one["platforms"]) == {"square"}
    clock.wait(days=1)
    assert hub.api("GET", COUNTS).json["statuses"] == {**none(), "ready": 1}


def test_counting_costs_a_query_for_each_store_and_one_read_of_what_is_over(hub: Hub, requests: Any) -> None:
    for number in range(3):
        hub.add_store(f"sto_{number}")
    requests()

    hub.api("GET", COUNTS)

    assert Counter(requests()) == {"Query": 1 + 4, "BatchGetItem": 1}  # the stores, and each of the four


# --- sums of some days ------------------------------------------------------------------------------------------------


def a_week() -> None:
    """Five orders of the week, one of the week before."""
    told: list[tuple[str, float, str, str, int | None]] = [
        ("a", 0, "completed", "square", 1000),
        ("b", -24 * 60, "completed", "toast", 2001),
        ("c", -48 * 60, "denied", "square", 700),
        ("d", 0, "ready", "square", 500),
        ("e", 0, "accepted", "toast", None),
        ("f", -9 * 24 * 60, "completed", "square", 9000),
    ]
    for order_id, minutes, status, platform, total in told:
        amounts = Amounts(currency="USD", total=total)
        here(order_id, minutes, status=Status(status), platform=platform, channel=platform, amounts=amounts)
    count_all()


def test_what_the_orders_of_some_days_come_to_is_told_with_their_first_page(hub: Hub) -> None:
    a_week()

    page = hub.api("GET", DAYS, query={**WEEK, "summary": "true", "limit": 2}).json

    assert page["no_summary"] is None
    assert page["summary"] == {
        "orders": 5,
        "statuses": {**none(), "completed": 2, "denied": 1, "ready": 1, "accepted": 1},
        "platforms": {"square": 3, "toast": 2},
        "revenue": {"USD": 3501},
        "average_order_value": {"USD": 1167},
    }
    then = hub.api("GET", DAYS, query={**WEEK, "summary": "true", "limit": 2, "cursor": page["next_cursor"]}).json
    assert (then["summary"], then["no_summary"]) == (None, None)
    bare = hub.api("GET", DAYS, query=WEEK).json
    assert (bare["summary"], bare["no_summary"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "orders", "revenue"),
    [
        ({"platform": "square"}, 3, {"USD": 1500}),
        ({"channel": "toast"}, 2, {"USD": 2001}),
        ({"status": "completed"}, 2, {"USD": 3001}),
        ({"status": "ready"}, 1, {"USD": 500}),
        ({"status": "denied"}, 1, {}),
        ({"status": "accepted"}, 1, {}),
        ({"platform": "uber_eats"}, 0, {}),
        ({"date": "2026-10-05"}, 3, {"USD": 1500}),
    ],
)
def test_sums_are_of_what_is_asked_for(hub: Hub, query: dict[str, str], orders: int, revenue: Any) -> None:
    a_week()

    summary = hub.api("GET", DAYS, query={**({} if "date" in query else WEEK), **query, "summary": "true"}).json[
        "summary"
    ]

    assert (summary["orders"], summary["revenue"]) == (orders, revenue)
    assert sum(summary["statuses"].values()) == sum(summary["platforms"].values()) == orders


@pytest.mark.parametrize(
    "query",
    [
        {"q": "Sam"},
        {"fulfillment": "pickup"},
        {"since": "2026-10-05T00:00:00Z"},
        {"scheduled_to": "2026-10-09T00:00:00Z"},
    ],
)
def test_what_would_have_to_be_read_is_not_summed_up(hub: Hub, query: dict[str, str]) -> None:
    a_week()

    page = hub.api("GET", DAYS, query={**WEEK, **query, "summary": "true"}).json

    assert (page["summary"], page["no_summary"]) == (None, "only orders by status, platform and channel are summed up")


def test_too_many_open_orders_are_not_summed_up(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    a_week()
    monkeypatch.setattr(range_summary, "MOST_OPEN", 1)

    page = hub.api("GET", DAYS, query={**WEEK, "summary": "true"}).json

    assert (page["summary"], page["no_summary"]) == (None, "more than 1 orders of these days are open")
    assert len(page["orders"]) == 5


# --- late -------------------------------------------------------------------------------------------------------------


def test_orders_past_their_time_are_counted_as_late(hub: Hub, clock: Any) -> None:
    here("to_answer", accept_by=NOW + 5 * MINUTE)
    here("to_make", status=Status.BAGGING, accept_by=NOW - MINUTE, ready_at=NOW + 10 * MINUTE)
    made = here("made", status=Status.ACCEPTED, ready_at=NOW + MINUTE)
    store(changed(made, status=Status.READY))

    def late() -> int:
        return int(hub.api("GET", COUNTS).json["late"])

    before = late()
    clock.wait(minutes=6)
    then = late()
    clock.wait(minutes=6)
    assert (before, then, late()) == (0, 1, 2)


def test_an_order_that_got_another_time_is_late_by_that(hub: Hub, clock: Any) -> None:
    here("ord_1", status=Status.ACCEPTED, ready_at=NOW + MINUTE)
    hub.api("PATCH", "/v1/orders/ord_1/ready-time", {"prep_minutes": 30})
    clock.wait(minutes=20)
    before = hub.api("GET", COUNTS).json["late"]
    clock.wait(minutes=20)

    assert (before, hub.api("GET", COUNTS).json["late"]) == (0, 1)


def test_the_caller_s_stores_are_counted_together_and_no_other(hub: Hub) -> None:
    hub.add_store(OTHER)
    here("a")
    here("b", store_id=OTHER)
    here("c", store_id=OTHER)

    assert hub.api("GET", COUNTS).json["open"] == 3
    assert hub.api("GET", COUNTS, caller=caller(OTHER)).json["open"] == 2
    assert hub.api("GET", COUNTS, caller=caller(STORE, OTHER), query={"store_id": STORE}).json["open"] == 1
    assert hub.api("GET", COUNTS, caller=caller()).json["open"] == 0
    refused = hub.api("GET", COUNTS, caller=caller(OTHER), query={"store_id": STORE})
    assert refused.error == (404, "INVALID_STORE")


def test_counting_ends_somewhere_and_says_so(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        here(f"o{number}", number)

    def counts(most: int) -> tuple[int, bool]:
        monkeypatch.setattr(listing, "_MOST_COUNTED", most)
        told = hub.api("GET", COUNTS).json
        return told["open"], told["complete"]

    assert [counts(4), counts(6)] == [(4, False), (5, True)]


def test_counting_reads_one_query_and_no_documents(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        here(f"o{number}", number)
    answers: list[Any] = []
    real = client("dynamodb").query

    def watched(**given: Any) -> Any:
        answers.append(real(**given))
        return answers[-1]

    monkeypatch.setattr(client("dynamodb"), "query", watched)
    hub.api("GET", COUNTS, query={"store_id": STORE})

    (answer,) = answers
    assert [sorted(item) for item in answer["Items"]] == [["platform", "status"]] * 5


# --- export -----------------------------------------------------------------------------------------------------------


def exported(hub: Hub, **query: Any) -> list[Reply]:
    """All pages of an export."""
    found: list[Reply] = []
    while True:
        found.append(hub.api("GET", EXPORT, query=query))
        assert found[-1].status == 200, found[-1]
        if "x-next-cursor" not in found[-1].headers:
            return found
        query["cursor"] = found[-1].headers["x-next-cursor"]
        assert len(found) < 50, "the export does not end"


def test_pages_of_csv_are_one_file(week: Hub) -> None:
    whole, parts = exported(week, **WEEK), exported(week, limit=1, **WEEK)

    text = "".join(page.body for page in parts)
    assert (len(whole), [page.body for page in whole]) == (1, [text])
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["id"], row["status"]) for row in rows] == [
        ("first", "incoming"),
        ("mid", "completed"),
        ("last", "incoming"),
        ("later", "denied"),
    ]


def test_an_export_says_what_it_is(week: Hub) -> None:
    (as_csv,) = exported(week)
    (as_lines,) = exported(week, format="jsonl")

    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_csv.headers["content-disposition"] == 'attachment; filename="orders.csv"'
    assert as_lines.headers["content-type"] == "application/jsonl"
    assert as_lines.headers["content-disposition"] == 'attachment; filename="orders.jsonl"'


def test_a_line_of_json_is_an_order(hub: Hub) -> None:
    order = here("ord_1", items=[an_item(notes="très épicé 🌶")])

    (page,) = exported(hub, format="jsonl")

    assert [json.loads(line) for line in page.body.splitlines()] == [order.model_dump(mode="json")]


def test_an_export_takes_filters(week: Hub) -> None:
    (page,) = exported(week, status="completed,denied", format="jsonl", **WEEK)

    assert [json.loads(line)["id"] for line in page.body.splitlines()] == ["mid", "later"]


def test_no_cell_is_a_formula(hub: Hub) -> None:
    here("ord_1", customer=Customer(name="=1+cmd|' /C'!A0", phone="+15550100"), notes="@home")

    (row,) = csv.DictReader(io.StringIO(exported(hub)[0].body, newline=""))

    assert (row["customer_name"], row["customer_phone"], row["notes"]) == (
        "'=1+cmd|' /C'!A0",
        "'+15550100",
        "'@home",
    )


def test_a_page_that_is_too_large_for_an_answer_is_cut(week: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [page.body for page in exported(week, format="jsonl", **WEEK)]
    monkeypatch.setattr(listing, "_LARGEST_EXPORT", 2_500)  # bytes; an order has some 1,100

    parts = [page.body for page in exported(week, format="jsonl", **WEEK)]

    assert len(parts) > 1
    assert ["".join(parts)] == whole


@pytest.mark.parametrize("query", [{"format": "xlsx"}, {"limit": 101}, {"date_from": "x"}])
def test_an_export_of_what_there_is_not_is_refused(hub: Hub, query: dict[str, Any]) -> None:
    assert hub.api("GET", EXPORT, query=query).error == (422, "VALIDATION_ERROR")


def test_too_many_days_are_not_exported(hub: Hub) -> None:
    assert hub.api("GET", EXPORT, query={"date_from": "2026-01-01"}).error == (422, "INVALID_FIELD_VALUE")


def test_another_store_s_orders_are_not_exported(week: Hub) -> None:
    week.add_store(OTHER)

    assert week.api("GET", EXPORT, caller=caller(OTHER)).error == (404, "INVALID_STORE")
    assert week.api("GET", EXPORT, caller=caller(STORE)).status == 200
