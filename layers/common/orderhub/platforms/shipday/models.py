"""What Shipday sends, as far as we read it. Its three shapes of an order name the same things differently."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderhub.errors import Quarantine
from orderhub.order.times import from_epoch, parse_time
from orderhub.platforms.payload import Id, Payload, Text


def _moment(value: Any) -> datetime | None:
    """Milliseconds since 1970; 0, nothing and blank text are no time at all."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        return None
    try:
        return from_epoch(value)
    except Quarantine:
        return None


def _iso(value: Any) -> datetime | None:
    try:
        return parse_time(value) if isinstance(value, str) and value.strip() else None
    except Quarantine:
        return None


def _object(value: Any) -> Any:
    """An object, or nothing: what is not there may come as null or as empty text."""
    return value if isinstance(value, dict) else None


def _word(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


def _urls(value: Any) -> list[str]:
    told = value if isinstance(value, list) else []
    return [one for one in told if isinstance(one, str) and one.startswith(("https://", "http://"))]


class CamelPayload(Payload):
    """Base of models whose names are in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)  # type: ignore[pydantic-alias]  # never made by name


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
IsoTime = Annotated[datetime | None, BeforeValidator(_iso)]
Word = Annotated[Text, BeforeValidator(_word)]
Name = Annotated[Id, BeforeValidator(_word)]
Urls = Annotated[list[str], BeforeValidator(_urls)]
# The bounds keep a number such as 1E+999999999 from being written out.
Money = Annotated[Decimal, Field(ge=-(10**12), le=10**12, allow_inf_nan=False)]


# --- webhooks: https://docs.shipday.com/reference/order-status-update-2 -----------------------------------------------


# What is documented and not read is `Any`, so that what is new stands out.


class Carrier(Payload):
    """A driver of the merchant's own. status: ONLINE or OFFLINE."""

    id: Text = None
    name: Text = None
    phone: Text = None
    plate_number: Text = None
    vehicle_description: Text = None
    email: Any = None
    status: Any = None
    current_order: Any = None


class ThirdParty(CamelPayload):
    """A courier of a service on demand. Who uses one finds the driver here and nowhere else."""

    third_party_name: Text = None
    status: Text = None
    driver_name: Text = None
    driver_phone: Text = None
    order_id: Any = None
    reference_id: Any = None
    inserted_at: Any = None
    third_party_fee: Any = None


class Order(Payload):
    """The delivery. parent_id: the delivery whose place it took, 0 for none."""

    id: Id
    order_number: Text = None
    order_source: Text = None
    auto_assignment_status: Word = None
    parent_id: Text = None
    proof: Urls = Field([], alias="podUrls")
    eta: Moment = None
    provider: Any = None
    order_item: Any = None
    delivery_note: Any = None
    order_sequence_number: Any = None
    payment_method: Any = None
    total_cost: Any = None
    delivery_fee: Any = None
    predefined_tip: Any = None
    cash_tip: Any = None
    discount_amount: Any = None
    tax: Any = None
    driving_duration: Any = None
    driving_distance: Any = None
    placement_time: Any = None
    expected_pickup_time: Any = None
    expected_delivery_time: Any = None
    assigned_time: Any = None
    start_time: Any = None
    pickedup_time: Any = None
    arrived_time: Any = None
    delivery_time: Any = None


class Event(Payload):
    """A webhook. order_status: where the delivery stands after the event."""

    timestamp: Moment = None
    event: Name
    order_status: Word = None
    order: Order
    carrier: Annotated[Carrier | None, BeforeValidator(_object)] = None
    third_party: Annotated[ThirdParty | None, BeforeValidator(_object)] = Field(None, alias="thirdPartyDeliveryOrder")
    tracking_url: Text = Field(None, alias="trackingUrl")
    company: Any = None
    delivery_details: Any = None
    pickup_details: Any = None


# --- POST /orders/query: https://docs.shipday.com/reference/delivery-orders-query -------------------------------------


class RowCarrier(CamelPayload):
    """As Carrier, in other words. Its status is a number."""

    id: Text = None
    name: Text = None
    phone: Text = None
    vehicle_plate_number: Text = None
    vehicle_description: Text = None


class Row(CamelPayload):
    """A delivery. Times are ISO with their Z. orderItem looks like JSON and is none."""

    order_id: Id
    order_number: Text = None
    additional_id: Text = None
    order_source: Text = None
    status: Word = None
    carrier: Annotated[RowCarrier | None, BeforeValidator(_object)] = None
    placement_time: IsoTime = None
    assigned_time: IsoTime = None
    start_time: IsoTime = None
    pickedup_time: IsoTime = None
    arrived_time: IsoTime = None
    delivery_time: IsoTime = None
    failed_delivery_time: IsoTime = None


# --- answers to calls -------------------------------------------------------------------------------------------------


class Inserted(CamelPayload):
    """The answer to an insert."""

    order_id: Text = None


class Driver(CamelPayload):
    """A row of GET /carriers, and who is assigned in an order that is read."""

    id: Text = None
    name: Text = None
    email: Text = None
    is_on_shift: bool | None = None
    is_active: bool | None = None


class Details(CamelPayload):
    """A row of GET /orders/{orderNumber}."""

    order_id: Id
    order_number: Text = None
    parent_id: Text = None
    assigned_carrier: Annotated[Driver | None, BeforeValidator(_object)] = None


class Quote(CamelPayload):
    """A row of an availability or estimate. Some of what is billed is not in `fee`."""

    id: Text = None
    name: Text = None
    fee: Money | None = None
    error: bool | None = None
    min_billable_fee: Money | None = None
    regulatory_fee: Money | None = None


class OnDemand(CamelPayload):
    """The courier of an order on demand.

    https://docs.shipday.com/reference/on-demand-delivery-details-object
    """

    third_party_name: Text = None
    reference_id: Text = None
    status: Word = None
