"""Toast: what its messages do to an order that is known."""

from __future__ import annotations

import copy
from typing import Any

from orderhub.order.merge import Effect, Identity, apply
from orderhub.order.messages import OrderSnapshot
from orderhub.order.models import (
    Fulfillment,
    Order,
)
from orderhub.order.status import Status
from tests.platforms.conformance import NOW
from tests.platforms.test_toast import read, sample_body
from tests.platforms.test_toast_mapping import bare, mapped, payload


def after(current: Order | None, message: Any) -> Order:
    identity = Identity(
        order_id=message.order.id,
        platform="toast",
        connection_id="con_test",
        external_id=message.order.external_id,
        store_id="sto_larkspur",
        currency="USD",
    )
    outcome = apply(current, message, NOW, identity)
    assert outcome.effect is Effect.APPLIED
    assert outcome.order is not None
    return outcome.order


def fetched(name: str, **changes: object) -> OrderSnapshot:
    told = payload(name)
    version = str(changes.get("modifiedDate", "2026-10-05T14:42:01.004000Z"))
    order = mapped({**told, "order": {**told["order"], **changes}})
    return OrderSnapshot(delivery_key=f"fetch-{version}", source_version=version, order=order)


def test_the_fetch_fills_in_the_guest_and_the_next_webhook_leaves_it() -> None:
    (webhook,) = read(sample_body("order_updated__delivery"))

    first = after(None, webhook)
    filled = after(first, fetched("order_updated__delivery"))
    body = sample_body("order_updated__delivery")
    body["details"]["order"]["voided"] = True
    (again,) = read(body)
    last = after(filled, again)

    assert (first.customer, first.address, first.fulfillment) == (None, None, None)
    assert filled.customer is not None
    assert (filled.customer.name, filled.fulfillment) == ("Robin Park", Fulfillment.DELIVERY)
    assert (last.customer, last.address, last.fulfillment, last.source) == (
        filled.customer,
        filled.address,
        filled.fulfillment,
        filled.source,
    )
    assert last.status is Status.CANCELLED


def test_a_closed_check_may_be_opened_again() -> None:
    closed = after(None, fetched("order_updated__closed", modifiedDate="2026-10-05T16:00:00.000000Z"))
    reopened = after(
        closed, fetched("order_updated__closed", closedDate=None, modifiedDate="2026-10-05T16:05:00.000000Z")
    )

    assert (closed.status, reopened.status) == (Status.COMPLETED, Status.ACCEPTED)


def test_a_tip_that_comes_after_closing_is_kept() -> None:
    closed = fetched("order_updated__closed", modifiedDate="2026-10-05T16:00:00.000000Z")
    more = copy.deepcopy(bare("order_updated__closed"))
    more["checks"][0]["payments"][0]["tipAmount"] = 5
    adjusted = OrderSnapshot(
        delivery_key="later", source_version="2026-10-05T18:00:00.000000Z", order=mapped({"order": more})
    )

    assert after(after(None, closed), adjusted).amounts.tip == 500
