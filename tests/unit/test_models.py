from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orderhub.order import models
from orderhub.order.models import Address, Amounts, Courier, Customer, Discount, Order, Payment, Sync
from orderhub.order.status import CLOSED, Status
from tests.unit.made import NOW, an_item, an_order

WORDS: dict[str, list[str]] = {
    "Fulfillment": ["delivery", "pickup", "dine_in", "curbside", "shipping"],
    "DeliveredBy": ["platform", "store"],
    "PaymentMethod": ["card", "cash", "online", "wallet", "voucher", "other"],
    "SyncState": ["not_needed", "pending", "retrying", "confirmed", "failed", "unsupported"],
}


@pytest.mark.parametrize(("name", "words"), WORDS.items(), ids=WORDS)
def test_the_words_of_an_order_are_those_of_the_api(name: str, words: list[str]) -> None:
    kind: type[StrEnum] = getattr(models, name)

    assert [word.value for word in kind] == words


def test_an_order_with_everything_comes_back_from_json_as_it_was() -> None:
    order = an_order(
        items=[an_item(quantity=Decimal("2.250"), unit_price=0, modifiers=[an_item(id="itm_2", allergens=["nuts"])])],
        amounts=Amounts(currency="KWD", subtotal=-1, total=0, computed=["total"]),
        address=Address(lat=40.7, lng=-74.0),
        customer=Customer(name="Zoë \U0001f355"),
        placed_at=NOW,
        sync=Sync(version=3, at=NOW),
        source={"fulfillment": "abc"},
    )

    assert Order.model_validate_json(order.model_dump_json()) == order


@pytest.mark.parametrize(
    ("quantity", "text"),
    [("2", "2"), ("2.00", "2"), ("2.250", "2.25"), ("100", "100"), ("0", "0"), ("0.0", "0"), ("1E+2", "100")],
)
def test_equal_quantities_are_equal_text(quantity: str, text: str) -> None:
    assert str(an_item(quantity=Decimal(quantity)).quantity) == text


@pytest.mark.parametrize("quantity", ["-1", "NaN", "Infinity", "1000000000"])
def test_a_quantity_is_a_sane_number(quantity: str) -> None:
    with pytest.raises(ValidationError):
        an_item(quantity=Decimal(quantity))


def test_times_are_kept_in_utc() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))

    order = an_order(placed_at=datetime(2026, 10, 5, 20, 45, tzinfo=kathmandu))

    assert order.model_dump()["placed_at"].isoformat() == "2026-10-05T15:00:00+00:00"


def test_a_time_without_a_zone_is_no_time() -> None:
    with pytest.raises(ValidationError):
        an_order(placed_at=datetime(2026, 10, 5, 20, 45))  # noqa: DTZ001  (that it is naive is the point)


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (Address, {"lat": float("inf")}),
        (Address, {"lng": float("nan")}),
        (Courier, {"lat": float("-inf")}),
        (Courier, {"lat": 181.0}),
        (Customer, {"name": "\ud800"}),
        (Customer, {"nickname": "Zoë"}),
        (Discount, {"amount": 10**16}),
        (Payment, {"amount_due": 1.5}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else value.__name__,
)
def test_what_cannot_be_stored_is_not_taken(model: type[models.Model], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model(**wrong)


def test_an_order_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        an_order().status = Status.READY  # type: ignore[misc]


@pytest.mark.parametrize("status", list(Status))
def test_an_order_is_open_until_it_is_closed(status: Status) -> None:
    assert an_order(status=status).is_open == (status not in CLOSED)


@given(st.decimals(0, 10**9 - 1, allow_nan=False))
def test_any_quantity_comes_back_from_json_as_it_was(quantity: Decimal) -> None:
    item = an_item(quantity=quantity)

    assert type(item).model_validate_json(item.model_dump_json()) == item
