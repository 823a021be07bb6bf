"""OpenTable: the conformance suite, and the calls that ask for a decision."""

from __future__ import annotations

from orderhub.order.models import Order
from orderhub.platforms.base import StoreRef
from tests.platforms.conformance import Conformance


class TestOpenTable(Conformance):
    slug = "opentable"
    settings = {"mode": "push", "seats": 40}
    stores = {
        "888": StoreRef("sto_main", "America/New_York", "USD"),
        "999": StoreRef("sto_west", "America/Los_Angeles", "USD"),
    }
    signs_body = False
    answers_decide = True

    @staticmethod
    def credentials(*secrets: str) -> dict[str, object]:
        return {"client_id": "id", "client_secret": "client-secret", "webhook_secrets": list(secrets)}

    @staticmethod
    def identity(order: Order) -> tuple[str, ...]:
        booked_here = order.source["mode"] == "push"
        return (order.store_external_id or "", order.external_id) if booked_here else (order.external_id,)
