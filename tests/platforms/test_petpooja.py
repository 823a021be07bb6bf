"""Petpooja: the conformance suite."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from orderhub.order.models import Order
from orderhub.platforms.base import StoreRef
from tests.platforms.conformance import Conformance

RESTAURANT = "ck4c0rner1"
KOLKATA = StoreRef("sto_india", "Asia/Kolkata", "INR")


class TestPetpooja(Conformance):
    slug = "petpooja"
    signs_body = False
    stores = {RESTAURANT: KOLKATA}
    secrets = ("todays-secret-of-forty-letters-and-signs", "formerly-secret-and-forty-letters-long-1")

    @staticmethod
    def credentials(*secrets: str) -> dict[str, object]:
        return {
            "keys": [{"app_key": one[:32], "app_secret": one, "access_token": one} for one in secrets],
            "bill_tokens": list(secrets),
            "path_secrets": list(secrets),
        }

    @staticmethod
    def identity(order: Order) -> tuple[str, ...]:
        of_restaurant = (order.external_id, order.store_external_id or "")
        if order.source["dialect"] == "order":
            return of_restaurant
        assert order.placed_at is not None
        return (*of_restaurant, order.placed_at.astimezone(ZoneInfo("Asia/Kolkata")).date().isoformat())
