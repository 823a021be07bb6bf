"""The running hub against its own description: thousands of made-up requests, and no answer that is not described.

tests/functional/test_api_openapi_fuzzed.py tries what is just beyond each field's schema; here it is the gateway, the
authorizer and the engine's own storage that answer.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests import contract
from tests.local.hub import RunningHub
from tests.local.line import connect

EXAMPLES = 8
WORKERS = 2
LEAST = 2_000


@pytest.mark.timeout(900)
def test_no_answer_is_other_than_described(hub: RunningHub, measured: Callable[[str], None]) -> None:
    def ask(method: str, path: str, body: Any) -> Any:
        return hub.ask(method, path.removeprefix("/v1"), body)

    known = contract.things(ask, [connect(hub, "square").id, connect(hub, "shopify").id])
    key = hub.add_key("admin")
    config = contract.configuration(key, known, examples=EXAMPLES, edges="positive", workers=WORKERS)

    found = contract.run(contract.of_url(hub.file.api_url, config))

    measured(str(found))
    assert not found.wrong, found.report
    assert found.requests >= LEAST
