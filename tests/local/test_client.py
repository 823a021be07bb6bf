"""The typed client, generated from what a running hub serves, and the code that the documentation shows."""

import contextlib
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Timeout

from local.client import generate
from tests.local.hub import ROOT, TIMEOUT_SECONDS, Json, RunningHub

GUIDE = ROOT / "docs" / "client.md"
LINE = {"name": "Margherita", "sku": "PIZZA-MARGHERITA", "unit_price": 1100, "quantity": 2}


@pytest.fixture(scope="module")
def package(hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the client can be imported from."""
    folder = tmp_path_factory.mktemp("client") / "orderhub-client"
    generate(hub.http.get(f"{hub.file.api_url}/v1/openapi.json", timeout=TIMEOUT_SECONDS).text, folder)
    sys.path.insert(0, str(folder))
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def example(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide's code, as one program."""
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    program = tmp_path_factory.mktemp("example") / "example.py"
    program.write_text("\n\n".join(blocks))
    return program


def ordered(hub: RunningHub, store_id: str) -> Json:
    """A new order of the store's own."""
    new = {"store_id": store_id, "fulfillment": "pickup", "customer": {"phone": "+1 555 0100"}, "items": [LINE]}
    return hub.ask("POST", "/orders", new)


@contextlib.contextmanager
def client_of(hub: RunningHub, key: str | None = None) -> Iterator[Any]:
    made = importlib.import_module("orderhub_client").AuthenticatedClient
    with made(base_url=hub.file.api_url, token=key or hub.file.api_key, timeout=Timeout(TIMEOUT_SECONDS)) as client:
        yield client


def operation(name: str) -> Any:
    return importlib.import_module(f"orderhub_client.api.{name}")


def test_the_code_of_the_guide_accepts_all_open_orders(hub: RunningHub, package: Path, example: Path) -> None:
    store_id = hub.add_store()
    orders = [ordered(hub, store_id) for _ in range(3)]
    hub.ask("PUT", f"/orders/{orders[0]['id']}/accept")

    done = subprocess.run(
        [sys.executable, example],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(package),
            "ORDERHUB_URL": hub.file.api_url,
            "ORDERHUB_KEY": hub.file.api_key,
            "ORDERHUB_STORE": store_id,
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{order['id']} accepted" for order in orders[1:]]
    assert {order["status"] for order in hub.open_orders(store_id)} == {"accepted"}


def test_the_code_of_the_guide_fits_the_client_s_types(package: Path, example: Path, tmp_path: Path) -> None:
    assert (package / "orderhub_client" / "py.typed").exists()
    strict = ["--strict", "--follow-imports=silent", f"--config-file={os.devnull}", f"--cache-dir={tmp_path}"]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *strict, str(example)],
        env={"PATH": os.environ["PATH"], "MYPYPATH": str(package)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_who_was_slower_is_told_so_in_a_type(hub: RunningHub, package: Path) -> None:
    models = importlib.import_module("orderhub_client.models")
    order = ordered(hub, hub.add_store())
    guarded = {"body": models.Promise(prep_minutes=20), "if_match": f'"{order["version"]}"'}
    refusal = models.Refusal(reason=models.CancelReason.OUT_OF_STOCK)

    with client_of(hub) as client:
        first = operation("orders.accept_order").sync(order["id"], client=client, **guarded)
        second = operation("orders.accept_order").sync_detailed(order["id"], client=client, **guarded)
        denied = operation("orders.deny_order").sync_detailed(order["id"], client=client, body=refusal)

    assert (type(first), first.status) == (models.OrderView, models.Status.ACCEPTED)
    assert (second.status_code, type(second.parsed)) == (412, models.Problem)
    assert second.parsed.error == "VERSION_CONFLICT"
    assert second.parsed.details["version"] == first.version
    assert (denied.status_code, denied.parsed.error) == (409, "ORDER_NOT_MODIFIABLE")


def test_what_is_unchanged_is_not_sent_again(hub: RunningHub, package: Path) -> None:
    order = ordered(hub, hub.add_store())
    seen = f'"{order["version"]}"'

    with client_of(hub) as client:
        answer = operation("orders.get_order").sync_detailed(order["id"], client=client, if_none_match=seen)

    assert (answer.status_code, answer.parsed, answer.headers["etag"]) == (304, None, seen)


def test_who_is_not_let_in_is_told_so_in_a_type(hub: RunningHub, package: Path) -> None:
    models = importlib.import_module("orderhub_client.models")

    with client_of(hub, "oh_nobody_knows") as stranger, client_of(hub, hub.add_key("viewer")) as viewer:
        unknown = operation("stores.list_stores").sync_detailed(client=stranger)
        refused = operation("connections.list_connections").sync(client=viewer)

    assert (unknown.status_code, type(unknown.parsed)) == (403, models.GatewayProblem)
    assert (type(refused), refused.error) == (models.Problem, "PERMISSION_DENIED")


def test_a_list_is_read_part_by_part(hub: RunningHub, package: Path) -> None:
    store_id = hub.add_store()
    ids = [ordered(hub, store_id)["id"] for _ in range(3)]

    found, cursor = [], importlib.import_module("orderhub_client.types").UNSET
    with client_of(hub) as client:
        while cursor is not None:
            asked = {"store_id": store_id, "limit": 1, "cursor": cursor}
            page = operation("orders.list_open_orders").sync(client=client, **asked)
            found += [order.id for order in page.orders]
            cursor = page.next_cursor

    assert found == ids
