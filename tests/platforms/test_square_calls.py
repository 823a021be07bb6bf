"""Square: the calls, beyond what the recorded exchanges show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from orderhub.errors import Misconfigured, Reject
from orderhub.order import merge
from orderhub.order.messages import OrderReference, OrderSnapshot
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import Page, RefundRequest
from orderhub.platforms.http_types import Reply, parse_json
from orderhub.platforms.square import PLATFORM
from orderhub.platforms.square.client import reason_text
from orderhub.platforms.square.statuses import REASONS
from tests.platforms.answers import Answers
from tests.platforms.samples import MAIN_STORE, NOW, AnyConnection
from tests.platforms.test_square import LOCATION, connected

Json = dict[str, Any]


def idempotency_keys(http: Answers) -> list[str]:
    return [body["idempotency_key"] for body in http.bodies if body]


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def an_order(connection: AnyConnection, **fields: Any) -> Order:
    return PLATFORM.to_order(theirs(**fields), connection)


def theirs(version: int | None = 3, state: str = "PROPOSED", **fields: Any) -> Json:
    fulfillment = {"uid": "ff-1", "type": "PICKUP", "state": state, "pickup_details": {}}
    order: Json = {"id": "ORD1", "location_id": LOCATION, "state": "OPEN", "fulfillments": [fulfillment]}
    return {"order": order | ({} if version is None else {"version": version}) | fields}


# --- idempotency ---------------------------------------------------------------------------------------------------


def keys_of(operation: str, *seen: Json, **fields: Any) -> list[str]:
    connection = connected()
    order = an_order(connection).model_copy(update=fields)
    found = []
    for one in seen:
        http = Answers(one, theirs())
        getattr(PLATFORM, operation)(order, connection, http)
        found += idempotency_keys(http)
    return found


def test_a_repeat_of_a_step_on_the_same_version_has_the_same_key() -> None:
    first, again = keys_of("accept", theirs(), theirs())

    assert first == again
    assert len(first) <= 45


def test_a_new_version_another_step_and_other_content_have_keys_of_their_own() -> None:
    reason = StatusReason(code=CancelReason.WEATHER_RELATED)
    keys = [
        *keys_of("accept", theirs(3), theirs(4)),
        *keys_of("ready", theirs(3)),
        *keys_of("cancel", theirs(3)),
        *keys_of("cancel", theirs(3), status_reason=reason),
    ]

    assert len(set(keys)) == 5


# --- reasons -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CancelReason)
def test_a_reason_is_told_in_words_with_its_details(code: CancelReason) -> None:
    bare = reason_text(StatusReason(code=code))
    detailed = reason_text(StatusReason(code=code, details="sorry"))

    assert bare == REASONS[code]
    assert detailed == ("sorry" if code is CancelReason.OTHER else f"{REASONS[code]}: sorry")


def test_without_a_reason_something_is_said() -> None:
    assert {reason_text(None), reason_text(StatusReason())} == {"Cancelled by the store"}
    assert reason_text(StatusReason(details="closed early")) == "closed early"


# --- refunds -------------------------------------------------------------------------------------------------------

PAID = [{"id": f"PAY{n}", "payment_id": f"PAY{n}", "amount_money": {"amount": 1000, "currency": "USD"}} for n in (1, 2)]


def test_a_refund_that_broke_off_half_way_is_finished_and_not_begun_again() -> None:
    connection = connected()
    order, request = an_order(connection), RefundRequest(1500, key="k-1")
    first = Answers(theirs(tenders=PAID), {"refund": {"id": "R1"}}, {"refund": {"id": "R2"}})
    PLATFORM.refund(order, request, connection, first)
    sent = first.calls[1][2]
    done = {"id": "R1", "tender_id": "PAY1", "amount_money": sent["amount_money"], "reason": sent["reason"]}

    again = Answers(theirs(tenders=PAID, refunds=[done]), {"refund": {"id": "R2"}})
    result = PLATFORM.refund(order, request, connection, again)

    assert again.calls[1] == first.calls[2]
    assert result.ids == {"refund.PAY1": "R1", "refund.PAY2": "R2"}


def test_a_repeat_before_square_shows_the_refund_has_the_same_keys() -> None:
    connection = connected()
    order, request = an_order(connection), RefundRequest(1500, key="k-1")
    sent = []
    for _ in range(2):
        http = Answers(theirs(tenders=PAID), {"refund": {"id": "R1"}}, {"refund": {"id": "R2"}})
        PLATFORM.refund(order, request, connection, http)
        sent.append(idempotency_keys(http))

    assert sent[0] == sent[1]
    assert len(set(sent[0])) == 2


def test_another_refund_has_keys_of_its_own() -> None:
    connection = connected()
    order, sent = an_order(connection), []
    for key in ("k-1", "k-2"):
        http = Answers(theirs(tenders=PAID), {"refund": {"id": "R1"}})
        PLATFORM.refund(order, RefundRequest(500, key=key), connection, http)
        sent += idempotency_keys(http)

    assert len(set(sent)) == 2
    assert max(map(len, sent)) <= 45


# --- reads ---------------------------------------------------------------------------------------------------------


def test_what_is_kept_of_a_fetch_maps_to_the_same_order_again() -> None:
    connection = connected()
    http = Answers(theirs(customer_id="CUS1"), {"customer": {"given_name": "Ada"}})
    reference = OrderReference(delivery_key="d", external_id="ORD1")

    fetched = PLATFORM.fetch(reference, connection, http, NOW)

    order = PLATFORM.to_order(fetched.payload, connection)
    assert PLATFORM.to_order(parse_json(fetched.raw), connection) == order
    assert order.customer is not None
    assert order.customer.name == "Ada"


# --- polling -------------------------------------------------------------------------------------------------------


def pages(connection: AnyConnection, http: Answers, cursor: Mapping[str, str] | None = None) -> Iterable[Page]:
    page = Page([], cursor or {}, more=True)
    while page.more:
        page = PLATFORM.poll(page.cursor, connection, http, NOW)
        yield page


def test_locations_are_searched_ten_at_a_time() -> None:
    stores = {f"L{number:02}": MAIN_STORE for number in range(23)}
    http = Answers({}, {"cursor": "P2"}, {}, {})

    ended = list(pages(replace(connected(), stores=stores), http))

    asked = [(body["location_ids"][0], len(body["location_ids"]), body.get("cursor")) for _, _, body in http.calls]
    assert asked == [("L00", 10, None), ("L10", 10, None), ("L10", 10, "P2"), ("L20", 3, None)]
    assert len({_bytes(body["query"]) for _, _, body in http.calls}) == 1
    assert ended[-1].cursor == {"since": "2026-10-05T15:00:00.000000Z"}


def test_without_a_map_all_active_locations_are_searched() -> None:
    locations = [{"id": "LA", "status": "ACTIVE"}, {"id": "LB", "status": "INACTIVE"}, {"id": "LC"}]
    http = Answers({"locations": locations}, {})

    list(pages(replace(connected(), stores={}), http))

    assert [(method, path) for method, path, _ in http.calls] == [
        ("GET", "/v2/locations"),
        ("POST", "/v2/orders/search"),
    ]
    assert http.calls[1][2]["location_ids"] == ["LA", "LC"]


def test_a_merchant_without_locations_cannot_be_polled() -> None:
    with pytest.raises(Misconfigured):
        list(pages(replace(connected(), stores={}), Answers({"locations": []})))


def test_a_row_seen_again_has_the_same_key_and_a_row_that_changed_another() -> None:
    def key(**fields: Any) -> str:
        [page] = pages(connected(), Answers({"orders": [theirs(**fields)["order"]]}))
        return page.messages[0].delivery_key

    same = {key(version=3, updated_at="2026-10-05T14:00:00Z") for _ in range(2)}
    others = {
        key(version=4, updated_at="2026-10-05T14:00:00Z"),
        key(version=None, updated_at="2026-10-05T14:00:00Z"),
        key(version=None, updated_at="2026-10-05T14:00:01Z"),
        key(version=None),
        key(version=3, id="ORD2", updated_at="2026-10-05T14:00:00Z"),
    }

    assert len(same) == 1
    assert len(same | others) == 6


def test_a_row_is_kept_as_it_came() -> None:
    row = theirs(version=3, total_money={"amount": 5, "currency": "USD"}, new_field={"x": 1.5})["order"]

    [page] = pages(connected(), Answers({"orders": [row]}))

    message = page.messages[0]
    assert isinstance(message, OrderSnapshot)
    assert PLATFORM.to_order(parse_json(message.raw or b""), connected()) == message.order
    assert set(json.loads(message.raw or b"")) == set(row)


def test_a_refused_search_is_an_error_and_not_an_empty_page() -> None:
    class Refusing(Answers):
        def request(self, *_: Any, **__: Any) -> Reply:
            raise Reject("BAD_REQUEST", "no such location")

    with pytest.raises(Reject):
        list(pages(connected(), Refusing()))


# --- what meets ----------------------------------------------------------------------------------------------------


def test_a_fetch_and_a_poll_of_one_order_agree_and_an_older_one_changes_nothing() -> None:
    connection = connected()
    identity = merge.Identity(connection.order_id("ORD1"), "square", connection.id, "ORD1", MAIN_STORE.id, "USD")

    def snapshot(version: int, state: str) -> OrderSnapshot:
        fetched = PLATFORM.fetch(
            OrderReference(delivery_key="d", external_id="ORD1"), connection, Answers(theirs(version, state)), NOW
        )
        order = PLATFORM.to_order(fetched.payload, connection)
        return OrderSnapshot(delivery_key=f"v{version}", source_version=fetched.source_version, order=order)

    [page] = pages(connection, Answers({"orders": [theirs(10, "RESERVED")["order"]]}))
    polled = page.messages[0]
    assert isinstance(polled, OrderSnapshot)
    known = merge.apply(None, polled, NOW, identity).order

    effects = [
        merge.apply(known, message, NOW, identity).effect
        for message in (snapshot(10, "RESERVED"), snapshot(9, "PROPOSED"))
    ]

    assert effects == [merge.Effect.UNCHANGED, merge.Effect.STALE]
