"""What every platform must do, tested on its own samples (`events/`) and exchanges (`exchanges/`).

A platform's test file subclasses `Conformance`, names its slug and says what its credentials look like:

    class TestShopify(Conformance):
        slug = "shopify"

        @staticmethod
        def credentials(*secrets: str) -> dict[str, object]:
            return {"client_secrets": list(secrets)}

`credentials` is given the webhook secrets that are valid, the current one first: one, two during a rotation, or none.
The other attributes that a platform may set are those of `rules.suite.Suite`.
"""

from __future__ import annotations

from tests.platforms.rules.authenticity import Authenticity
from tests.platforms.rules.operations import Operations
from tests.platforms.rules.orders import Orders
from tests.platforms.rules.quality import Quality
from tests.platforms.rules.reading import Reading
from tests.platforms.rules.recording import Recording
from tests.platforms.rules.robustness import Robustness
from tests.platforms.samples import MAIN_STORE, NOW, connection_for, load_sample, request_for

__all__ = ["MAIN_STORE", "NOW", "Conformance", "connection_for", "load_sample", "request_for"]


class Conformance(Authenticity, Reading, Recording, Orders, Robustness, Operations, Quality):
    """The whole suite."""
