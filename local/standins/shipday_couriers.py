"""Who brings the deliveries of the stand-in for Shipday: drivers of the merchant's own, and couriers on demand.

https://docs.shipday.com/reference/assign and https://docs.shipday.com/reference/on-demand-delivery-details-object
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from local.standins.shipday_checks import nothing, refused
from local.standins.shipday_dispatch import LIVE, Dispatch
from local.standins.shipday_shapes import milliseconds
from local.standins.vendor import Json, Vendor, answer, body_of

_ID = "<int:order_id>"
ROUTES = (
    ("PUT", f"/orders/assign/{_ID}/<int:carrier_id>", "assign_driver"),
    ("PUT", f"/orders/unassign/{_ID}", "unassign_driver"),
    ("GET", "/carriers", "list_carriers"),
    ("GET", "/on-demand/services", "list_services"),
    ("POST", "/on-demand/availability", "quote"),
    ("GET", f"/on-demand/estimate/{_ID}", "estimate"),
    ("POST", "/on-demand/assign", "book_courier"),
    ("GET", f"/on-demand/details/{_ID}", "read_courier"),
    ("POST", f"/on-demand/cancel/{_ID}", "cancel_courier"),
)


class Couriers(Vendor):
    """The calls about couriers."""

    dispatch: Dispatch

    @property
    def drivers(self) -> list[Json]:
        """The merchant's own."""
        return list(self.settings["carriers"])

    @property
    def services(self) -> list[Json]:
        """Those on demand, with what they ask."""
        return list(self.settings["services"])

    def there(self, order_id: Any) -> Json:
        """A delivery that was not deleted. Raises Refused."""
        order = self.dispatch.there(order_id) if isinstance(order_id, int) else None
        if order is None:
            raise nothing()
        return order

    def list_carriers(self, _request: Request) -> Response:
        """The drivers."""
        return answer([{"personalId": None, "companyId": 7, **one} for one in self.drivers])

    def assign_driver(self, _request: Request, order_id: int, carrier_id: int) -> Response:
        """A driver who is on shift."""
        order = self.there(order_id)
        driver = next((one for one in self.drivers if one["id"] == carrier_id), None)
        if driver is None or not driver.get("isOnShift"):
            raise nothing()
        self.dispatch.assign(order, carrier_id, self.drivers)
        return answer(status=204)

    def unassign_driver(self, _request: Request, order_id: int) -> Response:
        """Frees the driver; the delivery stays."""
        order = self.there(order_id)
        if order["carrierId"] is None:
            raise nothing()
        self.dispatch.happen(order, "ORDER_UNASSIGNED", self.drivers)
        return answer({"success": True})

    def list_services(self, _request: Request) -> Response:
        """The services on demand."""
        return answer([{"name": one["name"], "status": True, "prod": True} for one in self.services])

    def quote(self, request: Request) -> Response:
        """What each service asks for a way."""
        body = body_of(request)
        if not body.get("pickupAddress") or not body.get("deliveryAddress"):
            raise refused("pickupAddress and deliveryAddress are required")
        if any(time_of(body[name]) is None for name in ("pickUpTime", "deliveryTime") if name in body):
            raise refused("a time is not ISO 8601")
        return answer(self._quotes())

    def estimate(self, _request: Request, order_id: int) -> Response:
        """What each service asks for a delivery."""
        self.there(order_id)
        return answer(self._quotes())

    def book_courier(self, request: Request) -> Response:
        """A courier on demand, at the price of a quote where one is named. Nothing keeps it from being done twice."""
        body = body_of(request)
        order = self.there(body.get("orderId"))
        service = next((one for one in self.services if one["name"] == body.get("name")), None)
        if service is None or service.get("error"):
            raise refused("the service is not available", "SERVICE_NOT_AVAILABLE")
        known = self.dispatch.quotes.get(body.get("estimateReference", ""))
        if "estimateReference" in body and (known is None or known["name"] != service["name"]):
            raise refused("there is no such estimate", "ESTIMATE_NOT_FOUND")
        fee = known["fee"] if known else service["fee"]
        booked = self.dispatch.book(order, service["name"], fee, self.drivers, body)
        return answer({**booked, "shipdayCharge": 0.5, "totalBillableAmount": fee + 0.5})

    def read_courier(self, _request: Request, order_id: int) -> Response:
        """The courier on demand, also one who is not coming any more."""
        service = self.there(order_id)["service"]
        if service is None:
            raise nothing()
        return answer({**service, "trackingUrl": f"https://courier.example.com/{service['referenceId']}"})

    def cancel_courier(self, _request: Request, order_id: int) -> Response:
        """Not guaranteed."""
        order = self.there(order_id)
        service = order["service"]
        if service is None or service["status"] not in LIVE:
            raise nothing()
        if not self.settings["cancels_couriers"] or service["status"] == "PICKEDUP":
            return answer({"success": False, "response": "The courier cannot be cancelled any more"})
        service["status"] = "CANCELLED"
        self.dispatch.happen(order, "ORDER_UNASSIGNED", self.drivers)
        return answer({"success": True})

    def _quotes(self) -> list[Json]:
        return [self._quote(one) for one in self.services]

    def _quote(self, service: Json) -> Json:
        name, asked = service["name"], not service.get("error")
        return {
            "id": self.dispatch.quote(name, service["fee"]) if asked else None,
            "name": name,
            "fee": service["fee"] if asked else None,
            "error": not asked,
            "errorMessage": None if asked else "No service available",
            "minBillableFee": service.get("minBillableFee"),
            "regulatoryFee": service.get("regulatoryFee", 0),
        }


def time_of(text: Any) -> int | None:
    """Milliseconds of an ISO time with its offset; None for anything else."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return None if at.tzinfo is None else milliseconds(at)
