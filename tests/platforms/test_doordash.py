"""DoorDash: the conformance suite."""

from __future__ import annotations

from typing import ClassVar

from orderhub.platforms.base import StoreRef
from tests.platforms.conformance import Conformance


class TestDoorDash(Conformance):
    slug = "doordash"
    signs_body = False
    stores: ClassVar = {"CK-014": StoreRef("sto_main", "America/Chicago", "USD")}

    @staticmethod
    def credentials(*secrets: str) -> dict[str, object]:
        return {"developer_id": "dev", "key_id": "key", "signing_secret": "c2VjcmV0", "webhook_tokens": list(secrets)}
