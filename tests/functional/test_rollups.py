"""The rollups: whatever comes of the stream, in whatever order and however often, they are what there is to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderhub.actions.count_orders import count_orders
from orderhub.errors import Reject, Retry
from orderhub.order import facts, refunds
from orderhub.order.issues import Issue, IssueStatus, IssueType, Priority, change
from orderhub.order.merge import apply
from orderhub.order.messages import OrderMessage, OrderSnapshot, StaffChange
from orderhub.order.models import Amounts, Item, Order, Refund, StatusReason, SyncState
from orderhub.order.status import CancelReason, Status
from orderhub.order.times import sortable_number
from orderhub.runtime import settings as stack
from orderhub.storage import bulk, issues, orders, rollups, timelines
from orderhub.storage.aws import client
from tests.functional import cloud
from tests.functional.cloud import Cloud, aws
from tests.functional.conftest import NOW
from tests.functional.hub import STORE, ZONE, Hub, function, stream_record
from tests.functional.made import an_event, changed, store
from tests.unit.made import IDENTITY, a_report, an_item, an_order

DAY = "2026-10-05"
MINUTE = timedelta(minutes=1)
OTHER = "sto_other"
ZONES = {STORE: ZONE, OTHER: "Asia/Tokyo"}
FLAT = Amounts(currency="USD", total=1000)
Records = list[dict[str, Any]]
Sums = dict[tuple[str, str], dict[str, int]]


@pytest.fixture
def stores(hub: Hub) -> None:
    hub.add_store(OTHER, time_zone=ZONES[OTHER])


@pytest.fixture
def requests(cloud: Cloud) -> Iterator[Callable[[], list[str]]]:
    """The operations of DynamoDB that the hub asked for since this was asked last."""
    made: list[str] = []
    heard = client("dynamodb").meta.events
    heard.register("before-call.dynamodb", lambda model, **_: made.append(model.name), unique_id="requests")

    def read() -> list[str]:
        asked = list(made)
        made.clear()
        return asked

    yield read
    heard.unregister("before-call.dynamodb", unique_id="requests")


def count(records: Records) -> None:
    count_orders({"Records": records}, None)


def record(order: Order, name: str = "MODIFY") -> dict[str, Any]:
    """What the stream tells of an order that was just stored."""
    key = {"pk": {"S": f"O#{order.id}"}, "sk": {"S": orders.ORDER_KEY}}
    return stream_record(aws("dynamodb").get_item(TableName=stack().orders_table, Key=key)["Item"], name)


def sums() -> Sums:
    """Every number of every rollup, but for those that are 0; a day's items in one."""
    found: Sums = {}
    for row in cloud.items():
        if row["pk"].startswith("R#"):
            sk = row["sk"].rpartition("#")[0] if row["sk"].startswith("ITEMS#") else row["sk"]
            numbers = {name: number for name, number in row.items() if name not in ("pk", "sk") and number}
            kept = found.setdefault((row["pk"], sk), {})
            assert not kept.keys() & numbers.keys(), "an item lies in two places"
            kept.update(numbers)
    return {key: numbers for key, numbers in found.items() if numbers}


def from_scratch(those: Iterable[Order], complaints: Iterable[Issue] = ()) -> Sums:
    """What the rollups have to hold of orders and issues as they are now, added up one by one."""
    found: dict[tuple[str, str], Counter[str]] = {}
    ended = [facts.contribution(order, ZONES[order.store_id]) for order in those if not order.is_open]
    for adds in (*filter(None, ended), *(facts.issue_contribution(one, ZONES[one.store_id]) for one in complaints)):
        for sk, numbers in (
            (f"DAY#{adds.day}", adds.figures),
            (f"HOUR#{adds.day}T{adds.hour:02}", adds.figures),
            (f"ITEMS#{adds.day}", adds.items),
            (f"ISSUES#{adds.day}", adds.issues),
        ):
            found.setdefault((f"R#{adds.store_id}", sk), Counter()).update(numbers)
    plain = {key: {name: number for name, number in numbers.items() if number} for key, numbers in found.items()}
    return {key: numbers for key, numbers in plain.items() if numbers}


def day_of(store_id: str = STORE, day: str = DAY) -> dict[str, int]:
    """The sums of a store's day."""
    return sums().get((f"R#{store_id}", f"DAY#{day}"), {})


def ended(order_id: str = "ord_1", status: Status = Status.COMPLETED, **told: Any) -> Order:
    """An order that has ended, stored."""
    given = {"store_id": STORE, "placed_at": NOW, "created_at": NOW, "amounts": FLAT, "times": {status: NOW}, **told}
    return store(an_order(id=order_id, status=status, version=1, **given), time_zone=ZONE)


# --- what is counted -------------------------------------------------------------------------------------------------


def test_an_order_is_counted_by_day_and_hour_and_item(stores: None) -> None:
    count([record(ended(items=[an_item(sku="P-1", total=1000)]))])

    figures = {"orders": 1, "completed": 1, "sold": 1, "valued": 1, "revenue": 1000, "hour:11": 1}
    named = {f"toy||USD|{figure}": number for figure, number in figures.items()}
    assert sums() == {
        (f"R#{STORE}", "DAY#2026-10-05"): named,
        (f"R#{STORE}", "HOUR#2026-10-05T11"): named,
        (f"R#{STORE}", "ITEMS#2026-10-05"): {
            "toy||USD|quantity|P-1|Pizza": 1000,
            "toy||USD|amount|P-1|Pizza": 1000,
        },
    }


def test_an_item_lies_in_one_row_of_its_day_whoever_sells_it(stores: None) -> None:
    line = an_item(sku="P-1", total=1000)
    count([record(ended(items=[line])), record(ended("ord_2", platform="square", channel="door|dash", items=[line]))])

    rows = [row for row in cloud.items() if row["sk"].startswith("ITEMS#")]
    assert [(row["pk"], len(row)) for row in rows] == [(f"R#{STORE}", 2 + 4)]


def test_a_rollup_is_read_as_what_it_was_written_as(stores: None) -> None:
    order = ended(items=[an_item(sku="P-1", total=1000)])
    count([record(order), noted(an_issue())])

    day, figures = date(2026, 10, 5), day_of()
    for kind, hour, numbers in (
        (rollups.Kind.DAY, 0, figures),
        (rollups.Kind.HOUR, 11, figures),
        (rollups.Kind.ITEMS, 0, {"toy||USD|quantity|P-1|Pizza": 1000, "toy||USD|amount|P-1|Pizza": 1000}),
        (rollups.Kind.ISSUES, 0, {"toy|||issues:missing_items": 1, "toy|||priority:high": 1}),
    ):
        assert list(rollups.read(STORE, kind, day, day)) == [rollups.Rollup(day, hour, numbers)]
        assert list(rollups.read(STORE, kind, day + timedelta(days=1), day + timedelta(days=9))) == []


def test_a_change_writes_only_the_sums_that_it_changes(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ended(items=[an_item(sku="P-1", total=1000)])
    count([record(order)])
    found = record(store(changed(order, amounts=Amounts(currency="USD", total=1200)), time_zone=ZONE))
    transact, asked = bulk.transact, list[Any]()

    def told(writes: Any) -> Any:
        asked.append(writes)
        return transact(writes)

    monkeypatch.setattr(bulk, "transact", told)
    count([found])

    _, (_, *updates) = asked  # first without a look at what is counted
    names = [(one["Update"]["Key"]["sk"]["S"], *one["Update"]["ExpressionAttributeNames"].values()) for one in updates]
    assert names == [("DAY#2026-10-05", "toy||USD|revenue"), ("HOUR#2026-10-05T11", "toy||USD|revenue")]


def test_the_function_of_the_stream_counts(stores: None) -> None:
    function("streams.books")({"Records": [record(ended())]}, None)

    assert day_of()["toy||USD|orders"] == 1


def test_an_order_is_counted_in_one_request_and_a_repeat_changes_nothing(
    stores: None, requests: Callable[[], list[str]]
) -> None:
    records = [record(ended())]
    requests()

    count(records)
    assert requests() == ["GetItem", "TransactWriteItems"]  # the store's zone, and the count
    before = cloud.images()
    count(records)

    assert requests() == ["GetItem", "TransactWriteItems"]
    assert cloud.images() == before


def test_of_several_versions_in_a_batch_the_newest_is_counted_alone(
    stores: None, requests: Callable[[], list[str]]
) -> None:
    first = ended()
    older = record(first)
    newer = record(store(changed(first, amounts=Amounts(currency="USD", total=700)), time_zone=ZONE))
    requests()

    count([newer, older])

    assert requests() == ["GetItem", "TransactWriteItems"]
    assert day_of()["toy||USD|revenue"] == 700


def test_a_change_after_the_end_replaces_what_was_counted(stores: None) -> None:
    order = ended()
    count([record(order)])
    corrected = changed(order, status=Status.CANCELLED, status_reason=StatusReason(code=CancelReason.FRAUD_SUSPECTED))
    count([record(store(corrected, time_zone=ZONE))])

    assert day_of() == {
        "toy||USD|orders": 1,
        "toy||USD|cancelled": 1,
        "toy||USD|reason:FRAUD_SUSPECTED": 1,
        "toy||USD|hour:11": 1,
    }


def test_an_older_version_that_comes_late_changes_nothing(stores: None) -> None:
    order = ended()
    late = record(order)
    count([record(store(changed(order, amounts=Amounts(currency="USD", total=700)), time_zone=ZONE))])
    before = cloud.images()

    count([late])

    assert cloud.images() == before


def test_an_order_that_its_platform_opens_again_is_taken_out_and_stays_out(stores: None) -> None:
    order = ended(items=[an_item(total=1000)])
    late = record(order)
    again = record(store(changed(order, status=Status.ACCEPTED), time_zone=ZONE))

    count([again])
    count([late])

    assert sums() == {}


def test_an_order_that_moves_to_another_day_and_store_leaves_nothing_behind(stores: None) -> None:
    order = ended(items=[an_item(total=1000)])
    count([record(order)])
    moved = changed(order, store_id=OTHER, placed_at=NOW + timedelta(days=3))
    count([record(store(moved, time_zone=ZONES[OTHER]))])

    assert sums() == from_scratch([moved])
    assert {pk for pk, _ in sums()} == {f"R#{OTHER}"}


def test_an_order_is_counted_for_the_day_that_it_is_listed_under(stores: None, hub: Hub) -> None:
    found = record(ended(placed_at=NOW + timedelta(hours=10)))
    hub.api("PATCH", f"/v1/stores/{STORE}", {"time_zone": "Asia/Tokyo"})

    count([found])

    assert {sk for _, sk in sums()} == {"DAY#2026-10-05", "HOUR#2026-10-05T10"}


@pytest.mark.parametrize("told", [{"duplicate_of": "ord_9"}, {"is_test": True}])
def test_copies_and_test_orders_are_not_counted(stores: None, told: dict[str, Any]) -> None:
    count([record(ended(**told))])

    assert sums() == {}


def test_an_order_that_turns_out_to_be_a_copy_is_taken_out(stores: None) -> None:
    order = ended()
    count([record(order)])
    count([record(store(changed(order, duplicate_of="ord_9"), time_zone=ZONE))])

    assert sums() == {}


def test_what_is_no_order_or_has_not_ended_is_passed_by(stores: None, requests: Callable[[], list[str]]) -> None:
    store(an_order(version=1, created_at=NOW))
    records = [stream_record(image) for image in cloud.images().values()]
    removed = {"eventName": "REMOVE", "dynamodb": {"Keys": records[0]["dynamodb"]["Keys"]}}
    requests()

    count([*records, removed])

    assert requests() == []
    assert sums() == {}


def test_what_the_counting_itself_writes_and_what_is_of_no_order_is_passed_by(
    stores: None, requests: Callable[[], list[str]]
) -> None:
    count([record(ended()), noted(an_issue())])
    written = {key: image for key, image in cloud.images().items() if not key[0].startswith("O#")}
    assert {pk[:2] for pk, _ in written} == {"R#", "C#"}
    requests()

    count([stream_record(image) for image in written.values()])
    count([stream_record({"pk": {"S": f"W#{STORE}"}, "sk": {"S": "I#olives"}})])

    assert requests() == []


def test_a_store_that_is_gone_counts_in_utc(cloud: Cloud) -> None:
    count([record(ended(store_id="sto_gone"))])

    assert ("R#sto_gone", "HOUR#2026-10-05T15") in sums()


def test_a_batch_that_cannot_be_stored_is_given_back_whole(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [record(ended("ord_1")), record(ended("ord_2"))]
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "transact", troubled(iter(["fine", "before"])))
        with pytest.raises(Retry):
            count(records)
    assert day_of()["toy||USD|orders"] == 1

    count(records)

    assert day_of()["toy||USD|orders"] == 2


def test_two_that_count_the_same_order_at_once_count_it_once(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ended()
    older = record(order)
    newer = record(store(changed(order, amounts=Amounts(currency="USD", total=700)), time_zone=ZONE))
    transact = bulk.transact

    def overtaken(writes: Any) -> Any:
        monkeypatch.setattr(bulk, "transact", transact)
        count([newer])
        return transact(writes)

    monkeypatch.setattr(bulk, "transact", overtaken)
    count([older])

    assert day_of()["toy||USD|revenue"] == 700


def test_who_is_overtaken_a_second_time_looks_again(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = [ended()]
    records = [record(versions[0])]
    for total in (700, 30):
        versions.append(store(changed(versions[-1], amounts=Amounts(currency="USD", total=total)), time_zone=ZONE))
        records.append(record(versions[-1]))
    count(records[:1])
    transact, tries = bulk.transact, iter(range(9))

    def overtaken(writes: Any) -> Any:
        if next(tries) == 1:  # after it has seen what is counted
            with monkeypatch.context() as patch:
                patch.setattr(bulk, "transact", transact)
                count(records[2:])
        return transact(writes)

    monkeypatch.setattr(bulk, "transact", overtaken)
    count(records[1:2])

    assert day_of()["toy||USD|revenue"] == 30


def test_an_order_that_is_being_counted_by_ever_more_comes_back(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = record(ended())
    lost: Any = [{"Code": "ConditionalCheckFailed"}]
    monkeypatch.setattr(bulk, "transact", lambda _: lost)

    with pytest.raises(Retry):
        count([found])


def test_a_large_order_fits_into_one_transaction_though_all_of_it_changes(
    stores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto takes what is too large; these are DynamoDB's limits."""
    many = [an_item(id=str(n), sku=f"SKU-{n}", name=f"Part number {n}", total=n + 1) for n in range(facts.MOST_ITEMS)]
    order = ended(items=many)
    first = record(order)
    other = [line.model_copy(update={"sku": f"NEW-{line.id}"}) for line in many]
    last = record(store(changed(order, items=other, placed_at=NOW + timedelta(days=1)), time_zone=ZONE))
    asked: list[list[dict[str, Any]]] = []

    def transact(writes: list[dict[str, Any]]) -> Any:
        asked.append(writes)
        known = asked[0][0]["Put"]["Item"]
        return [{"Code": "ConditionalCheckFailed", "Item": known}] if len(asked) == 2 else None

    monkeypatch.setattr(bulk, "transact", transact)
    count([first])
    count([last])

    assert len(asked) == 3
    for writes in asked:
        assert len(writes) <= 100
        for update in (one["Update"] for one in writes[1:]):
            assert len(update["UpdateExpression"]) <= 4096
            assert update["UpdateExpression"].count(",") + 1 <= 300
    assert len(asked[2]) == 1 + 2 * (2 + rollups.SHARDS)


# --- issues ----------------------------------------------------------------------------------------------------------


def an_issue(**told: Any) -> Issue:
    least = {
        "id": "iss_1",
        "order_id": "ord_1",
        "store_id": STORE,
        "platform": "toy",
        "type": IssueType.MISSING_ITEMS,
        "description": "no olives",
        "priority": Priority.HIGH,
        "due_at": NOW + timedelta(hours=4),
        "opened_at": NOW,
        "opened_by": "Robin",
        "updated_at": NOW,
        "updated_by": "Robin",
    }
    return Issue(**{**least, **told})


def noted(issue: Issue) -> dict[str, Any]:
    """Stores an issue; what the stream tells of it."""
    event = an_event(issue.order_id, f"{issue.id}-{issue.version}", type="issue.updated")
    assert issues.write(issue, event) == timelines.Written()
    key = {"pk": {"S": f"O#{issue.order_id}"}, "sk": {"S": f"I#{issue.id}"}}
    return stream_record(aws("dynamodb").get_item(TableName=stack().orders_table, Key=key)["Item"])


def resolved(issue: Issue, hours: float) -> Issue:
    found = change(issue, {"status": IssueStatus.RESOLVED}, "Robin", NOW + timedelta(hours=hours))
    assert found is not None
    return found[0]


def test_an_issue_is_counted_on_the_day_it_was_opened_and_again_when_it_is_resolved(stores: None) -> None:
    first = an_issue()
    records = [noted(first), noted(resolved(first, 5))]

    count(records[:1])
    day = (f"R#{STORE}", "ISSUES#2026-10-05")
    assert sums() == {day: {"toy|||issues:missing_items": 1, "toy|||priority:high": 1}}
    for shuffled in (records, records[::-1]):
        count(shuffled)

    done = {"done:missing_items": 1, "late:missing_items": 1, f"resolve:missing_items:{facts.bucket(5 * 3600)}": 1}
    figures = {"issues:missing_items": 1, "priority:high": 1, **done}
    assert sums() == {day: {f"toy|||{figure}": number for figure, number in figures.items()}}


def test_an_issue_that_is_opened_again_is_done_no_more(stores: None) -> None:
    first = an_issue()
    done = resolved(first, 1)
    again = change(done, {"status": IssueStatus.OPEN, "customer_satisfied": False}, "Robin", NOW + timedelta(hours=2))
    assert again is not None
    records = [noted(first), noted(done), noted(again[0])]

    for one in records:
        count([one])

    figures = {"issues:missing_items": 1, "priority:high": 1, "unsatisfied:missing_items": 1}
    assert sums() == {
        (f"R#{STORE}", "ISSUES#2026-10-05"): {f"toy|||{figure}": number for figure, number in figures.items()}
    }


def test_an_order_and_its_issues_are_counted_side_by_side(stores: None) -> None:
    count([record(ended()), noted(an_issue()), noted(an_issue(id="iss_2", type=IssueType.OTHER))])

    assert day_of()["toy||USD|orders"] == 1
    assert sums()[f"R#{STORE}", "ISSUES#2026-10-05"] == {
        "toy|||issues:missing_items": 1,
        "toy|||issues:other": 1,
        "toy|||priority:high": 2,
    }


# --- a day, replayed ------------------------------------------------------------------------------------------------

MENU = [("P-1", "Pizza", 1150), ("P-1", "Pizza, large", 1475), (None, "Olives", 333), ("D-7", "Lemonade", 299)]
PLATFORMS = [("toy", "toy", "USD"), ("toy", "doordash", "USD"), ("lula", "grubhub", "EUR")]
lines: st.SearchStrategy[list[Item]] = st.lists(
    st.builds(
        lambda kind, quantity: an_item(sku=kind[0], name=kind[1], quantity=quantity, total=round(kind[2] * quantity)),
        st.sampled_from(MENU),
        st.sampled_from([Decimal(1), Decimal(2), Decimal("0.35")]),
    ),
    max_size=3,
)
contents = st.fixed_dictionaries(
    {
        "status": st.sampled_from(Status),
        "items": lines,
        "total": st.none() | st.integers(-500, 20_000),
        "tip": st.none() | st.integers(0, 900),
        "placed": st.integers(-14 * 60, 14 * 60),
        "store_id": st.sampled_from([STORE, STORE, OTHER]),
        "duplicate_of": st.sampled_from([None, None, None, "ord_elsewhere"]),
    }
)
KINDS = ["snapshot", "report", "staff", "staff", "refund", "issue"]
ways = st.tuples(st.sampled_from(KINDS), st.sampled_from(Status), contents)
# What happens on the day: to which order, and what. A platform's word has the number of the step as its version.
days = st.lists(st.tuples(st.integers(0, 3), ways), min_size=4, max_size=18)
# What befalls a transaction; a number: another reader of the stream counts that record just before it.
Moment = str | int
moments = st.lists(st.sampled_from(["fine", "fine", "before", "after"]) | st.integers(0, 20), max_size=16)


def message(step: int, number: int, way: tuple[str, Status, dict[str, Any]]) -> OrderMessage:
    kind, status, told = way
    version = sortable_number(step)
    if kind == "report":
        return a_report(status, version)
    if kind == "staff":
        reason = StatusReason(code=CancelReason.KITCHEN_CLOSED) if status is Status.CANCELLED else None
        return StaffChange(delivery_key=f"staff-{step}", status=status, reason=reason)
    platform, channel, currency = PLATFORMS[number % 3]
    order = an_order(
        id=f"ord_{number}",
        platform=platform,
        channel=channel,
        amounts=Amounts(currency=currency, total=told["total"], tip=told["tip"]),
        placed_at=NOW + told["placed"] * MINUTE,
        **{name: told[name] for name in ("status", "items", "store_id", "duplicate_of")},
    )
    return OrderSnapshot(delivery_key=f"snapshot-{step}", source_version=version, order=order)


def paid_back(order: Order | None, step: int, told: dict[str, Any]) -> Order | None:
    """The order with some money given back; None when there is no order."""
    if order is None:
        return None
    refund = Refund(id=f"ref_{step}", amount=abs(told["total"] or 1), asked_by="Robin", at=NOW)
    state = SyncState.CONFIRMED if told["tip"] is None else SyncState.PENDING
    after = refunds.put(order, refund.model_copy(update={"state": state}))
    return after.model_copy(update={"version": order.version + 1})


def complained(issue: Issue | None, order: Order, at: datetime) -> Issue:
    """An issue of an order; one that is known is resolved, or opened again."""
    if issue is None:
        return an_issue(id=f"iss_{order.id}", order_id=order.id, store_id=order.store_id, opened_at=at)
    status = IssueStatus.OPEN if issue.is_done else IssueStatus.RESOLVED
    news = change(issue, {"status": status, "customer_satisfied": issue.is_done}, "Robin", at)
    assert news is not None
    return news[0]


@dataclass
class Lived:
    """A day: its orders and issues as they are at its end, and all that the stream told of it, one by one."""

    orders: dict[str, Order] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    told: Records = field(default_factory=list)

    def happen(self, step: int, number: int, way: tuple[str, Status, dict[str, Any]]) -> None:
        """Lets something happen, if it may."""
        order_id, at = f"ord_{number}", NOW + step * MINUTE
        known = self.orders.get(order_id)
        if way[0] == "issue":
            if known is not None:
                self.issues[order_id] = complained(self.issues.get(order_id), known, at)
                self.told.append(noted(self.issues[order_id]))
            return
        try:
            identity = replace(IDENTITY, order_id=order_id, store_id=STORE)
            refund = way[0] == "refund"
            order = (
                paid_back(known, step, way[2])
                if refund
                else apply(known, message(step, number, way), at, identity).order
            )
        except Reject:
            return
        if order is not None:
            event = an_event(order_id, f"step-{step}", at=at)
            assert orders.write(order, event, time_zone=ZONES[order.store_id]) == timelines.Written()
            self.told.append(record(order, "INSERT" if known is None else "MODIFY"))
            self.orders[order_id] = order


def lived(day: list[tuple[int, Any]]) -> Lived:
    """Lets a day happen."""
    found = Lived()
    for step, (number, way) in enumerate(day):
        found.happen(step, number, way)
    return found


def troubled(moments: Iterator[Moment], told: Sequence[dict[str, Any]] = ()) -> Callable[[Any], Any]:
    """Transactions that fail, before they are stored or just after (then nobody hears that they were), or come late."""
    transact = bulk.transact

    def sometimes(writes: Any) -> Any:
        moment = next(moments, "fine")
        if moment == "before":
            raise Retry("DynamoDB is away")
        if isinstance(moment, int) and told:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(bulk, "transact", transact)
                count([told[moment % len(told)]])
        answer = transact(writes)
        if moment == "after":
            raise Retry("the answer is lost")
        return answer

    return sometimes


def deliver(batches: Iterable[Records], moments: Iterable[Moment], told: Records) -> None:
    """Gives batches as Lambda does: again and again until it is taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "transact", troubled(iter(moments), told))
        for batch in batches:
            while not taken(batch):
                pass


def taken(batch: Records) -> bool:
    try:
        count(batch)
    except Retry:
        return False
    return True


def wipe(account: Cloud) -> None:
    """A table made anew: moto copies a table with all that its stream ever told for each transaction."""
    aws("dynamodb").delete_table(TableName=stack().orders_table)
    account._make_table(stack().orders_table)


# Each example is some fifty transactions.
@settings(
    max_examples=settings().max_examples // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(day=days, data=st.data())
def test_random_replay_of_a_day_s_events_gives_the_same_analytics_to_the_cent(
    stores: None, cloud: Cloud, day: list[tuple[int, Any]], data: st.DataObject
) -> None:
    """All that the stream told, in any order, in batches of any size, some of it more than once and by two readers
    at the same moment; and then all of it a second time."""
    wipe(cloud)
    found = lived(day)
    right = from_scratch(found.orders.values(), found.issues.values())

    for _ in range(2):
        more = data.draw(st.lists(st.sampled_from(found.told), max_size=6)) if found.told else []
        shuffled = data.draw(st.permutations([*found.told, *more]))
        size = data.draw(st.integers(1, 5))
        batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        deliver(batches, data.draw(moments), found.told)

        assert sums() == right
        assert kept(sums()) == plainly(found)


PLAIN = ("orders", "completed", "cancelled", "denied", "revenue", "tip", "refunds")


def kept(found: Sums) -> dict[tuple[str, str], int]:
    """What the rollups of all days say, by currency and figure; of items the amount alone, of issues their number."""
    total = Counter[tuple[str, str]]()
    for (_, sk), numbers in found.items():
        for name, number in numbers.items():
            _, _, currency, figure = name.split("|", 3)
            kind, figure = sk.partition("#")[0], figure.partition("|")[0].partition(":")[0]
            if (kind == "DAY" and figure in PLAIN) or (kind, figure) in {("ITEMS", "amount"), ("ISSUES", "issues")}:
                total[currency, figure] += number
    return {key: number for key, number in total.items() if number}


def plainly(found: Lived) -> dict[tuple[str, str], int]:
    """The same of the orders and issues themselves, the plainest way there is."""
    total = Counter({("", "issues"): len(found.issues)})
    for order in found.orders.values():
        if not order.is_open and order.duplicate_of is None:
            currency = order.amounts.currency
            total[currency, "orders"] += 1
            total[currency, order.status.value] += 1
            total[currency, "refunds"] += sum(one.amount for one in order.refunds if one.state is SyncState.CONFIRMED)
            if order.status is Status.COMPLETED:
                total[currency, "revenue"] += order.amounts.total or 0
                total[currency, "tip"] += order.amounts.tip or 0
                total[currency, "amount"] += sum(item.total or 0 for item in order.items)
    return {key: number for key, number in total.items() if number}


def test_the_replayed_day_is_one_with_orders_that_ended_and_were_opened_again(stores: None) -> None:
    """So that the test above cannot be about nothing: such days are among those that it draws."""
    plain = {"items": [], "total": 1, "tip": None, "placed": 0, "store_id": STORE, "duplicate_of": None}
    found = lived(
        [
            (0, ("snapshot", Status.COMPLETED, {**plain, "status": Status.COMPLETED})),
            (0, ("report", Status.ACCEPTED, {})),
            (0, ("report", Status.CANCELLED, {})),
            (0, ("refund", Status.CANCELLED, {"total": 70, "tip": None})),
            (0, ("issue", Status.CANCELLED, {})),
            (0, ("issue", Status.CANCELLED, {})),
        ]
    )

    images = [one["dynamodb"]["NewImage"] for one in found.told]
    assert [image["status"]["S"] for image in images[:4]] == ["completed", "accepted", "cancelled", "cancelled"]
    day = from_scratch(found.orders.values())[f"R#{STORE}", f"DAY#{date(2026, 10, 5)}"]
    assert (day["toy||USD|cancelled"], day["toy||USD|refunds"]) == (1, 70)
    assert found.orders["ord_0"].times[Status.COMPLETED] == datetime(2026, 10, 5, 15, 0, tzinfo=NOW.tzinfo)
    assert plainly(found) == {
        ("USD", "orders"): 1,
        ("USD", "cancelled"): 1,
        ("USD", "refunds"): 70,
        ("", "issues"): 1,
    }
    assert (found.issues["ord_0"].is_done, found.issues["ord_0"].version) == (True, 2)
