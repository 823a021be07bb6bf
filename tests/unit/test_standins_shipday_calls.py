"""Our own calls to the stand-in for Shipday: a delivery's whole life, and every way in which an answer can get lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import time_machine

from orderhub.errors import Misconfigured, Reject, Retry
from orderhub.order.models import Address
from orderhub.platforms.base import Done
from orderhub.platforms.shipday import PLATFORM
from orderhub.platforms.targets import Delivery, DeliveryReport
from tests.platforms.test_shipday_mapping import a_delivery
from tests.unit.standins_client import START
from tests.unit.test_standins_shipday import HOOK, Account

LOST = {"status": 504, "after_effect": True}
CHEAPEST = {"courier": "cheapest"}
DRIVER = {"courier": "driver", "drivers": ["nobody@example.com", "lee@example.com", "4417"]}


@pytest.fixture
def account() -> Iterator[Account]:
    """The account, on a clock that is everybody's."""
    with time_machine.travel(START, tick=False):
        yield Account()


class Hub:
    """Our side of one delivery, which tries as the hub's worker does: it looks before it makes anything again."""

    def __init__(self, account: Account, **settings: Any) -> None:
        self.account, self.http = account, account.http(**settings)
        self.connection = self.http.connection
        self.delivery = a_delivery()

    @property
    def shipday_id(self) -> int:
        return int(self.delivery.ids["delivery"])

    def hand_over(self) -> None:
        self._once(PLATFORM.find_delivery, PLATFORM.create_delivery)

    def assign(self) -> None:
        self._once(PLATFORM.find_courier, PLATFORM.assign_courier)

    def tell(self, call: Callable[..., Done], **changes: Any) -> Done:
        """A call that can be repeated as it is, tried until it is answered."""
        self.delivery = replace(self.delivery, order=a_delivery(**changes).order) if changes else self.delivery
        for _ in range(5):
            try:
                return call(self.delivery, self.connection, self.http)
            except Retry:
                continue
        raise AssertionError("no answer")

    def _once(self, find: Callable[..., Done | None], make: Callable[..., Done]) -> None:
        for _ in range(5):
            try:
                found = find(self.delivery, self.connection, self.http) or make(
                    self.delivery, self.connection, self.http
                )
            except Retry:
                continue
            self.delivery = Delivery(
                self.delivery.order, self.delivery.number, self.delivery.pickup, {**self.delivery.ids, **found.ids}
            )
            return
        raise AssertionError("no answer")


@pytest.fixture
def hub(account: Account) -> Hub:
    return Hub(account)


# --- a delivery's life -----------------------------------------------------------------------------------------------


def test_an_order_is_handed_over_changed_moved_and_taken_back(account: Account, hub: Hub) -> None:
    hub.hand_over()
    hub.tell(PLATFORM.change_delivery, address=Address(line1="2 Other Street", city="Chicago"), customer=None)
    hub.tell(PLATFORM.move_delivery, status="ready")

    held = account.seen(hub.shipday_id)
    assert (held["body"]["customerAddress"], held["body"]["customerEmail"]) == ("2 Other Street, Chicago", "")
    assert "deliveryLatitude" not in held["body"]
    assert (held["readyToPickup"], held["edits"]) == (True, 1)

    assert hub.tell(PLATFORM.remove_delivery) == Done()
    assert account.told("GET", "/orders/CK-1042") == []
    assert hub.tell(PLATFORM.remove_delivery).note == "Shipday does not have it any more"


@pytest.mark.parametrize(("status", "theirs"), [("picked_up", "PICKED_UP"), ("completed", "ALREADY_DELIVERED")])
def test_staff_may_say_where_it_is(account: Account, hub: Hub, status: str, theirs: str) -> None:
    hub.hand_over()
    hub.tell(PLATFORM.move_delivery, status=status)

    assert account.seen(hub.shipday_id)["status"] == theirs


def test_handed_over_twenty_times_it_is_one_delivery(account: Account, hub: Hub) -> None:
    for _ in range(20):
        hub.delivery = replace(hub.delivery, ids={})
        hub.hand_over()

    assert len(account.told("GET", "/orders/CK-1042")) == 1


@pytest.mark.parametrize("unknown", [200, 400, 404])
def test_however_it_says_that_there_is_none_one_is_made(account: Account, hub: Hub, unknown: int) -> None:
    account.settle(unknown_number=unknown)
    hub.hand_over()

    assert account.seen(hub.shipday_id)["body"]["orderNumber"] == "CK-1042"
    hub.tell(PLATFORM.remove_delivery)
    assert account.seen(hub.shipday_id)["deleted"] is True


def test_a_preferred_driver_on_shift_gets_it(account: Account) -> None:
    hub = Hub(account, **DRIVER)
    hub.hand_over()
    hub.assign()

    assert hub.delivery.ids["driver"] == "4418"
    assert account.seen(hub.shipday_id)["carrierId"] == 4418


def test_who_is_off_shift_is_skipped_and_nobody_is_a_refusal(account: Account) -> None:
    hub = Hub(account, **DRIVER)
    hub.hand_over()
    drivers = account.control("GET", "shipday/settings")["carriers"]
    account.settle(carriers=[{**one, "isOnShift": one["id"] == 4417} for one in drivers])
    hub.assign()
    assert hub.delivery.ids["driver"] == "4417"

    account.settle(carriers=[{**one, "isOnShift": False} for one in drivers])
    with pytest.raises(Reject) as refused:
        PLATFORM.assign_courier(hub.delivery, hub.connection, hub.http)
    assert refused.value.code == "NO_DRIVER_ON_SHIFT"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (CHEAPEST, "Uber"),
        ({**CHEAPEST, "quote_by": "estimate"}, "Uber"),
        ({**CHEAPEST, "most_fee": 999}, "Uber"),
        ({"courier": "provider", "provider": "doordash"}, "DoorDash"),
    ],
)
def test_a_courier_on_demand_is_booked_at_the_best_price(
    account: Account, settings: Mapping[str, Any], name: str
) -> None:
    hub = Hub(account, **settings)
    hub.hand_over()
    hub.assign()

    (booking,) = account.seen(hub.shipday_id)["bookings"]
    assert hub.delivery.ids["service"] == booking["told"]["name"] == name
    assert booking["told"]["estimateReference"]
    assert booking["told"]["tip"] == 2.5


def test_a_courier_who_asks_too_much_is_not_booked(account: Account) -> None:
    hub = Hub(account, **CHEAPEST, most_fee=998)
    hub.hand_over()

    with pytest.raises(Reject) as refused:
        hub.assign()

    assert refused.value.code == "COURIER_TOO_EXPENSIVE"
    assert account.seen(hub.shipday_id)["bookings"] == []


def test_assigned_twenty_times_one_courier_is_paid(account: Account) -> None:
    hub = Hub(account, **CHEAPEST)
    hub.hand_over()
    for _ in range(20):
        hub.assign()

    assert len(account.seen(hub.shipday_id)["bookings"]) == 1


def test_whom_a_dispatcher_has_chosen_already_stays(account: Account) -> None:
    hub = Hub(account, **CHEAPEST)
    hub.hand_over()
    account.change(hub.shipday_id, carrier=4417)
    hub.assign()

    assert hub.delivery.ids["driver"] == "4417"
    assert account.seen(hub.shipday_id)["bookings"] == []


def test_a_courier_who_cancelled_is_replaced(account: Account) -> None:
    hub = Hub(account, **CHEAPEST)
    hub.hand_over()
    hub.assign()
    account.told("POST", f"/on-demand/cancel/{hub.shipday_id}", {})
    hub.assign()

    assert len(account.seen(hub.shipday_id)["bookings"]) == 2


def test_a_courier_is_cancelled_before_the_delivery_goes(account: Account) -> None:
    hub = Hub(account, **CHEAPEST)
    hub.hand_over()
    hub.assign()
    hub.tell(PLATFORM.remove_delivery)

    held = account.seen(hub.shipday_id)
    assert (held["service"]["status"], held["deleted"]) == ("CANCELLED", True)


def test_a_driver_is_freed_before_the_delivery_goes(account: Account, hub: Hub) -> None:
    account.settle(webhook_url=HOOK)
    hub.hand_over()
    account.change(hub.shipday_id, carrier=4417)
    hub.tell(PLATFORM.remove_delivery)

    assert [one["event"] for one in account.seen(hub.shipday_id)["events"]] == [
        "ORDER_INSERTED",
        "ORDER_ASSIGNED",
        "ORDER_UNASSIGNED",
        "ORDER_DELETE",
    ]


def test_while_the_courier_comes_all_the_same_the_delivery_stays(account: Account) -> None:
    hub = Hub(account, **CHEAPEST)
    hub.hand_over()
    hub.assign()
    account.settle(cancels_couriers=False)

    with pytest.raises(Reject):
        hub.tell(PLATFORM.remove_delivery)

    assert account.seen(hub.shipday_id)["deleted"] is False


# --- lost answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [LOST, {"status": 500}, {"status": 429, "headers": {"Retry-After": "1"}}])
def test_an_order_is_handed_over_once_however_its_answers_get_lost(
    account: Account, hub: Hub, how: Mapping[str, Any]
) -> None:
    account.fault("shipday", match={"method": "POST", "path_contains": "/orders"}, **how)
    account.fault("shipday", match={"method": "GET", "path_contains": "/orders/"}, status=503)
    hub.hand_over()

    assert len(account.told("GET", "/orders/CK-1042")) == 1


def test_an_order_that_was_taken_back_is_handed_over_again_once(account: Account, hub: Hub) -> None:
    hub.hand_over()
    first = hub.shipday_id
    hub.tell(PLATFORM.remove_delivery)
    account.fault("shipday", match={"method": "POST", "path_contains": "/orders"}, **LOST)
    hub.hand_over()

    assert hub.shipday_id != first
    assert [row["orderId"] for row in account.told("GET", "/orders/CK-1042")] == [hub.shipday_id]


@pytest.mark.parametrize("how", [LOST, {"status": 500}, {"status": 429, "headers": {"Retry-After": "1"}}])
@pytest.mark.parametrize("path", ["/on-demand/assign", "/on-demand/availability", "/on-demand/details"])
def test_a_courier_is_booked_once_however_its_answers_get_lost(
    account: Account, path: str, how: Mapping[str, Any]
) -> None:
    hub = Hub(account, **CHEAPEST)
    hub.hand_over()
    account.fault("shipday", match={"path_contains": path}, **how)
    hub.assign()

    assert len(account.seen(hub.shipday_id)["bookings"]) == 1
    assert hub.delivery.ids["service"] == "Uber"


@pytest.mark.parametrize("settings", [{}, CHEAPEST, DRIVER], ids=str)
@pytest.mark.parametrize("path", ["/on-demand/cancel", "/on-demand/details", "/orders/unassign", "/orders/51007301"])
def test_a_delivery_is_taken_back_however_its_answers_get_lost(
    account: Account, settings: Mapping[str, Any], path: str
) -> None:
    hub = Hub(account, **settings)
    hub.hand_over()
    if settings:
        hub.assign()
    account.fault("shipday", match={"path_contains": path}, **LOST)
    hub.tell(PLATFORM.remove_delivery)

    held = account.seen(hub.shipday_id)
    assert held["deleted"] is True
    assert (held["service"] or {}).get("status") in (None, "CANCELLED")


@pytest.mark.parametrize("call", ["change_delivery", "move_delivery"])
def test_a_change_may_be_told_again(account: Account, hub: Hub, call: str) -> None:
    hub.hand_over()
    account.fault("shipday", match={"method": "PUT"}, **LOST)
    hub.tell(getattr(PLATFORM, call), status="ready")

    held = account.seen(hub.shipday_id)
    assert held["edits"] == 2 or held["readyToPickup"] is True


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_for_people(account: Account, hub: Hub, status: int) -> None:
    account.fault("shipday", status=status, times=2)

    with pytest.raises(Misconfigured):
        hub.hand_over()
    with pytest.raises(Misconfigured):
        PLATFORM.verify_connection(hub.connection, hub.http)


def test_what_it_does_not_take_is_final(account: Account, hub: Hub) -> None:
    account.settle(refuses_inserts="We do not deliver there")

    with pytest.raises(Reject, match="We do not deliver there"):
        hub.hand_over()


# --- what comes back -------------------------------------------------------------------------------------------------


def test_a_webhook_that_got_lost_is_found_by_the_poll(account: Account, hub: Hub) -> None:
    hub.hand_over()
    account.wait(minutes=10)
    account.change(hub.shipday_id, carrier=4417, event="ORDER_PIKEDUP", silently=True)

    page = PLATFORM.poll({}, hub.connection, hub.http, account.now)
    again = PLATFORM.poll({}, hub.connection, hub.http, account.now)

    (report,) = page.messages
    assert isinstance(report, DeliveryReport)
    assert report == again.messages[0]
    assert (report.number, report.state, report.status) == ("CK-1042", "PICKED_UP", "picked_up")
    assert (report.source, report.reference) == ("orderhub:glovo", hub.delivery.order.id)
    assert report.courier is not None
    assert report.courier.name == "Dana Ruiz"


def test_the_poll_leaves_alone_what_has_not_changed(account: Account, hub: Hub) -> None:
    hub.hand_over()
    account.wait(hours=1)
    page = PLATFORM.poll({}, hub.connection, hub.http, account.now)
    account.wait(minutes=5)

    assert PLATFORM.poll(page.cursor, hub.connection, hub.http, account.now).messages == []
    account.change(hub.shipday_id, event="ORDER_COMPLETED", silently=True)
    (report,) = PLATFORM.poll(page.cursor, hub.connection, hub.http, account.now).messages
    assert isinstance(report, DeliveryReport)
    assert report.status == "completed"


def test_the_poll_reads_all_pages(account: Account) -> None:
    hub = Hub(account, poll_page_size=3)
    made = {str(account.made()) for _ in range(7)}
    cursor: dict[str, str] = {}
    seen: set[str] = set()
    pages, more = 0, True
    while more:
        page = PLATFORM.poll(cursor, hub.connection, hub.http, account.now)
        seen |= {one.external_id for one in page.messages if isinstance(one, DeliveryReport)}
        cursor, more, pages = dict(page.cursor), page.more, pages + 1

    assert (seen, pages) == (made, 3)


def test_a_connection_is_verified(account: Account) -> None:
    hub = Hub(account, courier="driver", drivers=["LEE@example.com"])
    assert PLATFORM.verify_connection(hub.connection, hub.http).note == "Shipday has 2 drivers, 2 of them on shift"

    strange = Hub(account, courier="driver", drivers=["zed@example.com"])
    with pytest.raises(Misconfigured, match=r"zed@example\.com"):
        PLATFORM.verify_connection(strange.connection, strange.http)
