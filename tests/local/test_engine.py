"""The launcher on a small stack: what it starts, serves, refuses, redeploys, keeps, and leaves behind."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path

import pytest

from tests.local.shop import (
    KEY,
    ROOT,
    Shop,
    environment,
    free_port,
    make_project,
    open_shop,
    run_to_end,
    wait_until,
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(make_project(tmp_path_factory.mktemp("engine")), free_port()) as running:
        yield running


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_function_gets_its_layer_its_parameters_and_the_bytes_sent(shop: Shop) -> None:
    status, answer = shop.call("/webhooks/bytes", b"\x00\xff\x01", {"Content-Type": "application/octet-stream"})
    assert (status, answer) == (202, {"greeting": "hello", "stage": "dev", "url": shop.api_url, "size": 3})


def test_a_write_travels_through_stream_and_queue_once(shop: Shop) -> None:
    shop.call("/webhooks/travels", b"{}")
    wait_until(lambda: shop.work_done("travels") > 0)
    assert shop.work_done("travels") == 1


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (401, {"message": "Unauthorized"})),
        ({"Authorization": "Bearer bad"}, (403, {"message": "Forbidden"})),
        (KEY, (200, {"caller": "ann", "done": 0})),
    ],
)
def test_the_authorizer_decides(shop: Shop, headers: dict[str, str], expected: tuple[int, object]) -> None:
    assert shop.call("/v1/orders/nobody", headers=headers) == expected


def test_a_function_may_do_only_what_its_role_allows(shop: Shop) -> None:
    status, answer = shop.call("/open")  # the conditional function, whose role may not read the table
    assert status == 502
    assert "AccessDeniedException" in answer["errorMessage"]


def test_browsers_get_the_cors_headers_of_the_template(shop: Shop) -> None:
    headers = {**KEY, "Origin": "https://console.example.com"}
    with urllib.request.urlopen(urllib.request.Request(f"{shop.api_url}/v1/orders/x", headers=headers)) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "https://console.example.com"


def test_the_hub_file_names_the_api_for_its_owner_only(shop: Shop) -> None:
    file = shop.project / ".local" / "hub.json"
    assert json.loads(file.read_text()) == {"api_url": shop.api_url, "api_key": "", "connections": {}, "standins": {}}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_start_from_the_folder_is_refused_in_one_sentence(shop: Shop) -> None:
    second = run_to_end(shop.project, free_port())
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"Orderhub already runs from this folder: process {shop.process.pid}, port {shop.port}. Stop that one first.\n"
    )


def test_the_status_view_shows_queues_metrics_and_firing_alarms(shop: Shop) -> None:
    shop.call("/webhooks/counted", b"{}")
    view = subprocess.run(
        [sys.executable, "-m", "local.status", "--json"],
        cwd=shop.project,
        env=environment(shop.port),
        capture_output=True,
        text=True,
        check=True,
    )
    status = json.loads(view.stdout)
    assert [row["queue"] for row in status["queues"]] == ["DeadLetters", "Queue"]
    metric = status["metrics"][0]
    assert (metric["metric"], metric["dimensions"], metric["last"]) == ("Shop/OrdersReceived", {"service": "shop"}, 1.0)
    assert {row["alarm"].split("-")[2]: row["state"] for row in status["alarms"]} == {
        "Backlog": "ok",
        "NoOrders": "alarm",
    }


def test_an_edit_is_redeployed_and_a_broken_one_leaves_the_version_before(shop: Shop) -> None:
    module = shop.project / "layers/common/shop/__init__.py"
    working = module.read_text()
    module.write_text(working + "\ndef broken(:\n")
    assert "not redeployed, the version before goes on." in shop.wait_for_line("redeployed")
    assert shop.call("/webhooks/edited", b"{}")[1]["greeting"] == "hello"
    module.write_text(working.replace('"hello"', '"good evening"'))
    shop.wait_for_line("] redeployed")
    assert shop.call("/webhooks/edited", b"{}")[1]["greeting"] == "good evening"

    template = shop.project / "template.yaml"
    working = template.read_text()
    template.write_text(working + "  Broken: [\n")
    assert "template.yaml cannot be read" in shop.wait_for_line("redeployed")
    renamed = template.with_suffix(".new")  # as editors do that replace a file
    renamed.write_text(working.replace("Path: /open }", "Path: /opened }"))
    renamed.replace(template)
    shop.wait_for_line("] redeployed")
    assert (shop.call("/opened")[0], shop.call("/open")[0]) == (502, 404)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_and_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with open_shop(make_project(tmp_path), free_port()) as shop:
        shop.call("/webhooks/last", b"{}")
        started = shop.descendants()
        assert len(started) >= 3, "engine, stand-ins and a function's process"
        assert shop.stop(number) == 0
    assert [pid for pid in started if alive(pid)] == []
    left = {path.name for path in (shop.project / ".local").iterdir()}
    assert left == {"ministack.log", "standins.log", "run.lock"}


def test_the_engine_ending_by_itself_ends_the_launcher(tmp_path: Path) -> None:
    with open_shop(make_project(tmp_path), free_port()) as shop:
        listing = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(maxsplit=1) for line in listing.splitlines()]
        engines = {int(pid) for pid, command in rows if "local.engine_process" in command} & shop.descendants()
        os.kill(engines.pop(), signal.SIGTERM)
        shop.wait_for_line("The local AWS engine ended by itself.")
        assert shop.process.wait(30) == 1


def test_kept_state_survives_with_the_stream_records_no_function_had_seen(tmp_path: Path) -> None:
    project, port = make_project(tmp_path), free_port()
    outbox = project / "functions/outbox/app.py"
    working = outbox.read_text()
    outbox.write_text(working.replace("import boto3\n", "import boto3_is_missing\n"))
    with open_shop(project, port, KEEP="1") as shop:
        assert shop.call("/webhooks/kept", b"{}")[0] == 202
        wait_until(lambda: "boto3_is_missing" in (project / ".local/ministack.log").read_text())
        assert shop.stop() == 0
    outbox.write_text(working)
    with open_shop(project, port, KEEP="1") as shop:
        wait_until(lambda: shop.work_done("kept") > 0)
        assert shop.work_done("kept") == 1
        assert shop.stop() == 0
    with open_shop(project, port) as shop:
        assert shop.work_done("kept") == 0, "without KEEP=1 a run starts empty"


def test_stopped_in_the_middle_of_a_burst_each_accepted_order_is_worked_on_once(tmp_path: Path) -> None:
    project, port = make_project(tmp_path), free_port()
    with open_shop(project, port, KEEP="1") as shop, ThreadPoolExecutor(4) as senders:
        sent = {senders.submit(shop.accepts, f"order-{number}"): f"order-{number}" for number in range(400)}
        accepted = {sent[done] for done in islice(as_completed(sent), 20) if done.result()}
        shop.stop()
        accepted |= {order for done, order in sent.items() if done.result()}
    assert 20 <= len(accepted) < 400
    with open_shop(project, port, KEEP="1") as shop:
        wait_until(lambda: all(shop.work_done(order) for order in accepted))
        assert {shop.work_done(order) for order in accepted} == {1}


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        refused = run_to_end(make_project(tmp_path), port)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Port {port} is already in use by another program. Stop it, or choose a port: make run PORT=14566\n"
    )


def test_a_deployment_that_fails_names_the_resource_and_the_reason(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    template = project / "template.yaml"
    template.write_text(template.read_text().replace("VisibilityTimeout: 30", "VisibilityTimeout: 43201"))
    failed = run_to_end(project, free_port())
    assert failed.returncode == 1
    first, second = failed.stderr.splitlines()
    assert first == "The deployment failed:"
    assert second.startswith("  Queue (AWS::SQS::Queue): Invalid value for the parameter VisibilityTimeout.")


def test_a_folder_without_a_template_is_one_sentence(tmp_path: Path) -> None:
    refused = run_to_end(tmp_path, free_port())
    assert refused.returncode == 1
    assert refused.stderr == f"There is no {tmp_path}/template.yaml: run this in the project's folder.\n"
    assert list(tmp_path.iterdir()) == []


def test_the_status_view_says_when_no_hub_runs(tmp_path: Path) -> None:
    view = subprocess.run(
        [sys.executable, "-m", "local.status"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (view.returncode, view.stderr) == (1, "No hub runs from this folder: start it with make run.\n")
