"""The stand-in for Shipday: who may call, what it takes and refuses, who brings it, and the webhooks it sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from local.standins import keep
from local.standins.journal import Journal
from local.standins.shipday import API_KEY, WEBHOOK_TOKEN, Shipday, connection_settings
from local.standins.shipday_dispatch import EVENTS, SET_BY_CALL
from orderhub.order.messages import InboundMessage
from orderhub.platforms.http_types import Request
from orderhub.platforms.shipday import PLATFORM, mapper
from orderhub.platforms.shipday.statuses import STATES
from orderhub.platforms.targets import DeliveryReport
from tests.platforms.samples import AnyConnection, connection_for
from tests.platforms.test_shipday_mapping import a_delivery
from tests.unit.standins_client import START, Caller, VendorHttp

HOOK = "http://hub.test/webhooks/shipday/con_test"
ADDRESS = "https://api.test/shipday"
Json = dict[str, Any]


class Account(Caller):
    """A caller of the stand-in with a good key. sent: the requests it sent to the hub."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Request] = []
        self.app.vendors["shipday"] = Shipday(lambda: self.now, self._receive)
        self.app.journals["shipday"] = Journal()

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call(method, f"/shipday{path}", body, **{"Authorization": f"Basic {API_KEY}", **headers})

    def told(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that is no refusal."""
        reply = self.api(method, path, body)
        assert reply.status_code < 300, reply.get_data(as_text=True)
        return reply.get_json() if reply.data else None

    def made(self, **changes: Any) -> int:
        """The id of a new delivery."""
        return int(self.told("POST", "/orders", {**insert(), **changes})["orderId"])

    def settle(self, **settings: Any) -> None:
        self.control("PATCH", "shipday/settings", settings)

    def change(self, order_id: int, **changes: Any) -> Any:
        return self.control("PATCH", f"shipday/orders/{order_id}", changes)

    def seen(self, order_id: int) -> Any:
        return self.held("shipday", str(order_id))

    def connect(self, **settings: Any) -> AnyConnection:
        """The hub's connection to it."""
        credentials = self.control("GET", "shipday/credentials")
        return connection_for("shipday", credentials, {**connection_settings(ADDRESS), **settings})

    def http(self, **settings: Any) -> VendorHttp:
        return VendorHttp(self, self.connect(**settings))

    def reports(self) -> list[DeliveryReport]:
        """What the hub reads in all that was sent."""
        connection = self.connect()
        messages: list[InboundMessage] = []
        for request in self.sent:
            PLATFORM.authenticate(request, connection)
            messages += PLATFORM.read(request, connection).messages
        assert all(isinstance(message, DeliveryReport) for message in messages)
        return [message for message in messages if isinstance(message, DeliveryReport)]

    def _receive(self, url: str, headers: dict[str, str], body: bytes) -> None:
        assert url == HOOK
        self.sent.append(Request("POST", "/webhooks/shipday/con_test", {}, {}, body, self.now).with_headers(headers))


@pytest.fixture
def account() -> Iterator[Account]:
    """The account, on a clock that is everybody's."""
    with time_machine.travel(START, tick=False):
        yield Account()


def connection() -> AnyConnection:
    return connection_for("shipday", {"api_key": API_KEY})


def insert() -> Json:
    return mapper.insert(a_delivery(), connection())


def edit(order_id: int) -> Json:
    return mapper.edit(a_delivery(), connection(), order_id)


def without(body: Json, *names: str) -> Json:
    return {name: value for name, value in body.items() if name not in names}


def words(reply: TestResponse) -> tuple[int, str]:
    return reply.status_code, (reply.get_json() or {}).get("errorMessage", "")


# --- who may call ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Basic {API_KEY}", 200),
        ("Basic guess", 403),
        (f"Basic {API_KEY} ", 200),  # HTTP takes blanks at the end of a header away
        (f"Bearer {API_KEY}", 401),
        (API_KEY, 401),
        ("", 401),
    ],
)
def test_the_key_goes_as_it_is(account: Account, authorization: str, status: int) -> None:
    reply = account.api("GET", "/carriers", Authorization=authorization.strip())

    assert reply.status_code == status
    assert bool(reply.data) == (status != 403)


def test_what_is_not_there_is_404(account: Account) -> None:
    assert account.api("GET", "/order/edit/1").status_code == 404


# --- what it takes ---------------------------------------------------------------------------------------------------


def test_an_order_is_taken_and_shown_by_its_number(account: Account) -> None:
    order_id = account.made()

    rows = account.told("GET", "/orders/CK-1042")

    assert [(row["orderId"], row["orderNumber"], row["orderStatus"]["orderState"]) for row in rows] == [
        (order_id, "CK-1042", "NOT_ASSIGNED")
    ]
    assert account.seen(order_id)["body"] == insert()


def test_the_same_order_twice_is_two_deliveries(account: Account) -> None:
    assert account.made() != account.made()
    assert len(account.told("GET", "/orders/CK-1042")) == 2


@pytest.mark.parametrize(("status", "body"), [(200, []), (404, {}), (400, {})])
def test_how_it_answers_for_a_number_that_is_not_there_is_a_setting(account: Account, status: int, body: Any) -> None:
    account.settle(unknown_number=status)

    reply = account.api("GET", "/orders/nowhere")

    assert (reply.status_code, reply.get_json()) == (status, body)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"orderNumber": ""}, "orderNumber is required"),
        ({"orderNumber": 99}, "orderNumber is required"),
        ({"customerName": " "}, "customerName is required"),
        ({"customerAddress": None}, "customerAddress is required"),
        ({"customerPhoneNumber": "call me"}, "customerPhoneNumber has another form"),
        ({"restaurantName": ""}, "restaurantName is required"),
        ({"restaurantAddress": ""}, "restaurantAddress is required"),
        ({"orderId": 1}, "orderId is not for new orders"),
        ({"deliveryInstruction": ""}, "deliveryInstruction is empty"),
        ({"deliveryInstruction": "Ring 🔔"}, "there is a character that cannot be stored"),
        ({"orderItem": [{"name": "🍕", "quantity": 1}]}, "there is a character that cannot be stored"),
        ({"discountAmount": -1}, "discountAmount is not an amount"),
        ({"tips": "2.50"}, "tips is not an amount"),
        ({"totalOrderCost": True}, "totalOrderCost is not an amount"),
        ({"expectedDeliveryDate": "05.10.2026"}, "expectedDeliveryDate has another form"),
        ({"expectedPickupTime": "17:20"}, "expectedPickupTime has another form"),
        ({"paymentMethod": "shells"}, "paymentMethod is cash or credit_card"),
        ({"dropoff": {"street": "1 A St"}}, "dropoff has an address"),
        ({"pickup": "1 A St"}, "pickup has an address"),
        ({"orderItem": "[]"}, "an item has a name"),
        ({"orderItem": [{"quantity": 1}]}, "an item has a name"),
        ({"orderItem": [{"name": "Tea", "quantity": 0}]}, "the quantity of an item is a whole number from 1"),
        ({"orderItem": [{"name": "Tea", "quantity": 0.5}]}, "the quantity of an item is a whole number from 1"),
        ({"orderItem": [{"name": "Tea", "quantity": 1, "addOns": [{"name": "Milk"}]}]}, "addOns are texts"),
        ({"orderItem": [{"name": "Tea", "quantity": 1, "unitPrice": "2"}]}, "unitPrice is an amount"),
    ],
    ids=str,
)
def test_an_order_that_is_not_whole_is_refused(account: Account, changes: Json, why: str) -> None:
    assert words(account.api("POST", "/orders", {**insert(), **changes})) == (400, why)
    assert account.told("GET", "/orders/CK-1042") == []


@pytest.mark.parametrize(
    "name",
    ["orderNumber", "customerName", "customerAddress", "customerPhoneNumber", "restaurantName", "restaurantAddress"],
)
def test_what_is_required_has_to_be_there(account: Account, name: str) -> None:
    assert words(account.api("POST", "/orders", without(insert(), name))) == (400, f"{name} is required")


@pytest.mark.parametrize("name", ["deliveryLatitude", "deliveryLongitude", "pickupLatitude", "pickupLongitude"])
def test_one_coordinate_is_not_a_place(account: Account, name: str) -> None:
    status, why = words(account.api("POST", "/orders", without(insert(), name)))

    assert (status, why.endswith("go together")) == (400, True)


def test_it_can_say_no_with_200(account: Account) -> None:
    account.settle(refuses_inserts="Invalid address")

    assert account.told("POST", "/orders", insert()) == {"success": False, "response": "Invalid address"}
    assert account.told("GET", "/orders") == []


def test_an_edit_replaces_what_was_told(account: Account) -> None:
    order_id = account.made(deliveryInstruction="Old")

    account.told(
        "PUT", f"/order/edit/{order_id}", {**without(edit(order_id), "deliveryInstruction"), "orderNo": "CK-9"}
    )

    held = account.seen(order_id)
    assert ("deliveryInstruction" in held["body"], held["edits"]) == (False, 1)
    assert account.told("GET", "/orders/CK-1042") == []
    assert account.told("GET", "/orders/CK-9")[0]["orderId"] == order_id


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"orderId": 1}, "orderId is not that of the path"),
        ({"orderId": None}, "orderId is not that of the path"),
        ({"orderNo": ""}, "orderNo is required"),
        ({"customerEmail": None}, "customerEmail is required"),
        ({"totalCost": 38.94}, "totalCost is text"),
        ({"orderItems": [{"name": "Tea", "quantity": 0}]}, "the quantity of an item is a whole number from 1"),
        ({"tip": -1}, "tip is not an amount"),
    ],
    ids=str,
)
def test_an_edit_that_is_not_whole_is_refused(account: Account, changes: Json, why: str) -> None:
    order_id = account.made()

    assert words(account.api("PUT", f"/order/edit/{order_id}", {**edit(order_id), **changes})) == (400, why)


def test_an_edit_may_have_an_empty_address_for_mail(account: Account) -> None:
    order_id = account.made()

    assert account.told("PUT", f"/order/edit/{order_id}", {**edit(order_id), "customerEmail": ""})["success"] is True


def test_what_is_over_cannot_be_edited_or_deleted(account: Account) -> None:
    order_id = account.made()
    account.change(order_id, event="ORDER_COMPLETED")

    assert account.told("PUT", f"/order/edit/{order_id}", edit(order_id))["success"] is False
    assert words(account.api("DELETE", f"/orders/{order_id}")) == (400, "The order is delivered")


def test_a_deletion_is_once(account: Account) -> None:
    order_id = account.made()

    assert account.api("DELETE", f"/orders/{order_id}").status_code == 204
    again = account.api("DELETE", f"/orders/{order_id}")

    assert (again.status_code, again.get_json()) == (400, {})
    assert account.told("GET", "/orders/CK-1042") == []
    assert account.seen(order_id)["deleted"] is True


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/order/edit/1", {}),
        ("DELETE", "/orders/1", None),
        ("PUT", "/orders/assign/1/4417", {}),
        ("PUT", "/orders/unassign/1", {}),
        ("PUT", "/orders/1/meta", {"readyToPickup": True}),
        ("PUT", "/orders/1/status", {"status": "STARTED"}),
        ("GET", "/on-demand/estimate/1", None),
        ("GET", "/on-demand/details/1", None),
        ("POST", "/on-demand/cancel/1", {}),
        ("POST", "/on-demand/assign", {"orderId": 1, "name": "Uber"}),
    ],
)
def test_about_a_delivery_that_is_not_there_it_says_400_and_nothing_else(
    account: Account, method: str, path: str, body: Any
) -> None:
    reply = account.api(method, path, body)

    assert (reply.status_code, reply.get_json()) == (400, {})


# --- where it stands -------------------------------------------------------------------------------------------------


def test_that_it_can_be_fetched_is_kept(account: Account) -> None:
    order_id = account.made()

    account.told("PUT", f"/orders/{order_id}/meta", {"readyToPickup": True})

    assert account.seen(order_id)["readyToPickup"] is True
    assert words(account.api("PUT", f"/orders/{order_id}/meta", {})) == (400, "readyToPickup is true or false")


@pytest.mark.parametrize("status", SET_BY_CALL)
def test_a_step_can_be_set(account: Account, status: str) -> None:
    order_id = account.made()

    told = account.told("PUT", f"/orders/{order_id}/status", {"status": status})

    assert (told["orderId"], told["success"]) == (order_id, True)
    assert account.seen(order_id)["status"] == status


def test_a_step_that_there_is_not_cannot_be_set(account: Account) -> None:
    order_id = account.made()

    assert words(account.api("PUT", f"/orders/{order_id}/status", {"status": "LOST"})) == (400, "LOST is not a status")


def test_all_its_statuses_are_known_to_the_hub() -> None:
    assert {status for status, _ in EVENTS.values() if status} | {"NOT_STARTED_YET"} == set(STATES)
    assert set(SET_BY_CALL) <= set(STATES)


def query(account: Account, **told: Any) -> list[Any]:
    window = {"startTime": "2026-10-05T16:00:00Z", "endTime": "2026-10-05T18:00:00Z"}
    found: list[Any] = account.told("POST", "/orders/query", {**window, **told})
    return found


def test_deliveries_are_listed_the_newest_first(account: Account) -> None:
    made = [account.made(), account.made()]
    account.wait(minutes=1)
    made.append(account.made())

    assert [row["orderId"] for row in query(account)] == made[::-1]
    assert [row["orderId"] for row in query(account, startCursor=2, endCursor=2)] == [made[1]]
    assert query(account, endTime="2026-10-05T16:59:00Z") == []
    assert [row["orderId"] for row in query(account, startTime="2026-10-05T17:01:00Z")] == [made[2]]


@pytest.mark.parametrize(
    ("wanted", "found"), [(None, 2), ("ACTIVE", 1), ("ALREADY_DELIVERED", 1), ("STARTED", 0), ("NOT_ASSIGNED", 1)]
)
def test_deliveries_are_listed_by_status(account: Account, wanted: str | None, found: int) -> None:
    account.change(account.made(), event="ORDER_COMPLETED")
    account.made()

    assert len(query(account, orderStatus=wanted)) == found
    assert len(account.told("GET", "/orders")) == 1


@pytest.mark.parametrize(
    "body",
    [{"startTime": ""}, {"endTime": "2026-10-05T18:00:00"}, {"startCursor": 0}, {"startCursor": 5, "endCursor": 4}],
)
def test_a_query_that_is_not_whole_is_refused(account: Account, body: Json) -> None:
    window = {"startTime": "2026-10-05T16:00:00Z", "endTime": "2026-10-05T18:00:00Z"}

    assert words(account.api("POST", "/orders/query", {**window, **body})) == (400, "the query is not whole")


# --- who brings it ---------------------------------------------------------------------------------------------------


def test_a_driver_on_shift_is_assigned_and_freed(account: Account) -> None:
    order_id = account.made()

    assert account.api("PUT", f"/orders/assign/{order_id}/4417", {}).status_code == 204
    assert account.told("GET", "/orders/CK-1042")[0]["assignedCarrier"]["name"] == "Dana Ruiz"
    account.told("PUT", f"/orders/unassign/{order_id}", {})
    assert account.told("GET", "/orders/CK-1042")[0]["assignedCarrier"] is None
    assert account.api("PUT", f"/orders/unassign/{order_id}", {}).status_code == 400


@pytest.mark.parametrize("carrier", [4418, 9999])
def test_nobody_else_can_be_assigned(account: Account, carrier: int) -> None:
    order_id = account.made()
    account.settle(carriers=[{"id": 4418, "name": "Lee Park", "isOnShift": False}])

    assert account.api("PUT", f"/orders/assign/{order_id}/{carrier}", {}).status_code == 400


def test_a_courier_is_booked_at_the_price_of_a_quote(account: Account) -> None:
    order_id = account.made()
    quotes = account.told("POST", "/on-demand/availability", {"pickupAddress": "A", "deliveryAddress": "B"})
    uber = next(one for one in quotes if one["name"] == "Uber")

    booked = account.told(
        "POST", "/on-demand/assign", {"name": "Uber", "orderId": order_id, "estimateReference": uber["id"]}
    )

    assert (booked["thirdPartyName"], booked["status"], booked["thirdPartyFee"]) == ("Uber", "REQUESTED", 9.99)
    assert account.told("GET", f"/on-demand/details/{order_id}")["referenceId"] == booked["referenceId"]


@pytest.mark.parametrize("reference", ["", "nonsense", "of another"])
def test_a_quote_is_of_one_service(account: Account, reference: str) -> None:
    order_id = account.made()
    if reference == "of another":
        quotes = account.told("GET", f"/on-demand/estimate/{order_id}")
        reference = next(one["id"] for one in quotes if one["name"] == "DoorDash")

    reply = account.api(
        "POST", "/on-demand/assign", {"name": "Uber", "orderId": order_id, "estimateReference": reference}
    )

    assert (reply.status_code, reply.get_json()["errorCode"]) == (400, "ESTIMATE_NOT_FOUND")


def test_booking_twice_is_paid_for_twice(account: Account) -> None:
    order_id = account.made()
    for _ in range(2):
        account.told("POST", "/on-demand/assign", {"name": "Uber", "orderId": order_id})

    assert len(account.seen(order_id)["bookings"]) == 2


def test_a_service_that_has_nobody_quotes_nothing(account: Account) -> None:
    order_id = account.made()
    account.settle(services=[{"name": "Uber", "fee": 9.99, "error": True}])

    (row,) = account.told("GET", f"/on-demand/estimate/{order_id}")

    assert (row["id"], row["fee"], row["error"]) == (None, None, True)
    assert account.api("POST", "/on-demand/assign", {"name": "Uber", "orderId": order_id}).status_code == 400


@pytest.mark.parametrize(
    "body", [{}, {"pickupAddress": "A"}, {"pickupAddress": "A", "deliveryAddress": "B", "pickUpTime": "17:00"}]
)
def test_a_quote_needs_both_addresses_and_times_that_are_times(account: Account, body: Json) -> None:
    assert account.api("POST", "/on-demand/availability", body).status_code == 400


def test_a_courier_is_cancelled_unless_it_is_too_late(account: Account) -> None:
    first, second = account.made(), account.made()
    for order_id in (first, second):
        account.change(order_id, service="Uber")
    account.change(second, event="ORDER_PIKEDUP")

    assert account.told("POST", f"/on-demand/cancel/{first}", {}) == {"success": True}
    assert account.told("POST", f"/on-demand/cancel/{second}", {})["success"] is False
    assert account.api("POST", f"/on-demand/cancel/{first}", {}).status_code == 400
    assert account.told("GET", f"/on-demand/details/{first}")["status"] == "CANCELLED"


def test_a_courier_who_was_not_cancelled_comes_though_the_delivery_is_deleted(account: Account) -> None:
    order_id = account.made()
    account.change(order_id, service="Uber")

    account.told("DELETE", f"/orders/{order_id}")

    assert account.seen(order_id)["service"]["status"] == "REQUESTED"


def test_services_and_drivers_are_listed(account: Account) -> None:
    assert [one["name"] for one in account.told("GET", "/on-demand/services")] == ["Uber", "DoorDash"]
    assert [one["isOnShift"] for one in account.told("GET", "/carriers")] == [True, True]


# --- webhooks --------------------------------------------------------------------------------------------------------


def test_without_a_url_nobody_is_told(account: Account) -> None:
    account.made()

    assert account.sent == []


@pytest.mark.parametrize(("token", "told"), [(WEBHOOK_TOKEN, WEBHOOK_TOKEN), ("", None)])
def test_an_event_carries_the_token_where_there_is_one(account: Account, token: str, told: str | None) -> None:
    account.settle(webhook_url=HOOK, webhook_token=token)
    account.made()

    (request,) = account.sent
    assert request.header("token") == told


def test_the_hub_reads_the_whole_life_of_a_delivery(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    order_id = account.made()
    account.told("PUT", f"/orders/assign/{order_id}/4417", {})
    for event in ("ORDER_ACCEPTED_AND_STARTED", "ORDER_PIKEDUP", "ORDER_PIKEDUP_REMOVED", "ORDER_PIKEDUP"):
        account.wait(minutes=5)
        account.change(order_id, event=event)
    account.change(order_id, event="ORDER_ONTHEWAY", eta=1_791_220_800_000)
    account.change(order_id, event="ORDER_COMPLETED", proof=["https://example.com/pod.jpg"])

    reports = account.reports()

    assert [(one.state, one.status, one.undone) for one in reports] == [
        ("NOT_ASSIGNED", None, False),
        ("NOT_ACCEPTED", None, False),
        ("STARTED", None, False),
        ("PICKED_UP", "picked_up", False),
        ("STARTED", None, True),
        ("PICKED_UP", "picked_up", False),
        ("READY_TO_DELIVER", "picked_up", False),
        ("ALREADY_DELIVERED", "completed", False),
    ]
    assert {one.number for one in reports} == {"CK-1042"}
    assert [one.courier.name if one.courier else None for one in reports] == [None] + ["Dana Ruiz"] * 7
    assert [one.at for one in reports] == sorted(one.at for one in reports)
    assert len({one.delivery_key for one in reports}) == len(reports)
    assert reports[-1].proof == ("https://example.com/pod.jpg",)


def test_the_hub_reads_a_courier_on_demand(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    order_id = account.made()
    account.change(order_id, service="Uber")
    account.change(order_id, event="ORDER_PIKEDUP")

    last = account.reports()[-1]

    assert last.courier is not None
    assert (last.courier.name, last.courier.status) == ("Jude (Uber)", "PICKEDUP")


def test_the_hub_reads_troubles(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    order_id = account.made()
    account.change(order_id, auto="NO_AVAILABLE_CARRIER", event="ORDER_INSERTED")
    account.change(order_id, auto="NOT_ASSIGNED", event="ORDER_FAILED")
    account.change(order_id, event="ORDER_INCOMPLETE")
    account.change(order_id, event="ORDER_DELETE")

    assert [bool(one.trouble) for one in account.reports()] == [False, True, True, True, True]


def test_the_hub_reads_that_a_driver_is_off_it(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    order_id = account.made()
    account.change(order_id, carrier=4417)
    account.told("PUT", f"/orders/unassign/{order_id}", {})

    assert [one.no_courier for one in account.reports()] == [False, False, True]


def test_an_event_can_come_again(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    order_id = account.made()
    account.change(order_id, again=True)

    first, again = account.reports()

    assert first == again


def test_an_event_can_get_lost(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    order_id = account.made()
    account.change(order_id, event="ORDER_PIKEDUP", silently=True)

    assert [one.state for one in account.reports()] == ["NOT_ASSIGNED"]
    assert account.seen(order_id)["status"] == "PICKED_UP"


def test_a_delivery_that_is_lost_comes_under_another_id(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    order_id = account.made()

    again = account.change(order_id, dropped=True)

    last = account.reports()[-1]
    assert (last.external_id, last.instead_of, last.number) == (str(again["orderId"]), str(order_id), "CK-1042")


def test_others_make_deliveries_too(account: Account) -> None:
    account.settle(webhook_url=HOOK)
    account.put("shipday", {"orderNumber": 77, "orderSource": "ILGLU"})

    (report,) = account.reports()

    assert (report.number, report.source) == ("77", "ILGLU")


def test_what_cannot_happen_is_refused(account: Account) -> None:
    order_id = account.made()

    for path, body in ((order_id, {"event": "ORDER_EATEN"}), (1, {"event": "ORDER_PIKEDUP"})):
        reply = account.client.patch(f"/_control/shipday/orders/{path}", json=body)
        assert reply.status_code == 404
    assert account.client.post("/_control/shipday/orders", json={}).status_code == 400


# --- faults, restarts ------------------------------------------------------------------------------------------------


def test_an_answer_can_get_lost_after_the_work(account: Account) -> None:
    account.fault("shipday", match={"method": "POST", "path_contains": "/orders"}, status=504, after_effect=True)

    assert account.api("POST", "/orders", insert()).status_code == 504
    assert len(account.told("GET", "/orders/CK-1042")) == 1


def test_a_call_is_found_by_the_number_of_its_delivery(account: Account) -> None:
    order_id = account.made()
    account.told("PUT", f"/orders/{order_id}/meta", {"readyToPickup": True})

    calls = account.calls("shipday", order_id=order_id)

    assert [(call["method"], call["path"]) for call in calls] == [
        ("POST", "/orders"),
        ("PUT", f"/orders/{order_id}/meta"),
    ]
    assert API_KEY not in str(calls)


def test_it_goes_on_after_a_restart(account: Account, tmp_path: Path) -> None:
    order_id = account.made()
    keep.save(account.app, tmp_path / "standins")
    account.control("POST", "shipday/reset")
    assert account.control("GET", "shipday/orders") == {"ids": []}

    keep.load(account.app, tmp_path / "standins")

    assert account.control("GET", "shipday/orders") == {"ids": [str(order_id)]}
    assert account.made() == order_id + 1
