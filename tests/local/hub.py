"""The whole hub as `make run` starts it, from a copy of the project, spoken to only from outside."""

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import botocore.session
import requests

from local import hubfile
from local.hubfile import Hub
from tests.local.processes import descendants, is_alive

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.1
TIMEOUT_SECONDS = 60.0
COPIED = ("template.yaml", "layers", "functions", "local", "events")
COMMAND = "import sys; from orderhub.cli import main; sys.exit(main())"
TOLD_ALREADY = ("pending", "retrying")

Json = dict[str, Any]
T = TypeVar("T")


def copy_project(folder: Path) -> Path:
    """A copy that a hub can run from, so that one in the project's own folder is left alone."""
    project = folder / "orderhub"
    project.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project / name)
        else:
            shutil.copy2(source, project / name)
    return project


def eventually(look: Callable[[], T], good: Callable[[T], object] = bool, seconds: float = PATIENCE_SECONDS) -> T:
    """What `look` sees, once it is good. Fails with what it saw last."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not good(seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} seconds; seen last: {seen}"
        pause.wait(POLL_SECONDS)
    return seen


class RunningHub:
    """A hub that runs from `project` at `port`; `more` are further variables of the launcher's environment."""

    def __init__(self, project: Path, port: int, **more: str) -> None:
        self.project, self.port = project, port
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(project), str(project / "layers" / "common")]),
        }
        self.launched_with = {**self.environment, "PORT": str(port), "DEMO": "0", **more}
        self.said = project / "launcher.log"
        self.http = requests.Session()
        self.http.trust_env = False
        self._numbers = itertools.count(10_000)
        self.start()

    # --- its life -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local"],
                cwd=self.project,
                env=self.launched_with,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.wait_for_word("Ctrl-C stops everything")
        self.file: Hub = hubfile.read(self.project / ".local" / "hub.json")

    def wait_for_word(self, text: str, after: int = 0) -> None:
        """Wait for what the launcher prints, after the first so many characters."""

        def said() -> str:
            assert self.process.poll() is None, f"the launcher ended:\n{self.said.read_text()}"
            return self.said.read_text()[after:]

        eventually(said, lambda words: text in words)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal the launcher; its exit code. Asserts that it was still there, and that no process of it is left."""
        assert self.process.poll() is None, f"the launcher ended before:\n{self.said.read_text()}"
        started = descendants(self.process.pid)
        self.process.send_signal(number)
        code = self.process.wait(90)
        assert [pid for pid in started if is_alive(pid)] == []
        return code

    def close(self) -> None:
        """Stop it if it still runs."""
        if self.process.poll() is None:
            self.stop()
        self.http.close()

    # --- its staff API ------------------------------------------------------------------------------------------------

    def api(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> requests.Response:
        """A call to the staff API, with the admin's key if no other is given. headers: if_match for If-Match."""
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.http.request(
            method,
            f"{self.file.api_url}/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {key or self.file.api_key}", **given},
            timeout=TIMEOUT_SECONDS,
        )

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Json:
        """The JSON of a call to the staff API that works."""
        reply = self.api(method, path, body, key=key, **headers)
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        return dict(reply.json())

    def order(self, order_id: str) -> Json | None:
        """An order; None while there is none."""
        reply = self.api("GET", f"/orders/{order_id}")
        assert reply.status_code in (200, 404), reply.text
        return dict(reply.json()) if reply.ok else None

    def wait_for(self, order_id: str, good: Callable[[Json], object] = bool) -> Json:
        """The order, once it is good."""
        found = eventually(lambda: self.order(order_id), lambda order: order is not None and good(order))
        assert found is not None
        return found

    def wait_told(self, order_id: str) -> Json:
        """The order, once its platform has answered to our last change."""
        return self.wait_for(order_id, lambda order: order["sync"]["state"] not in TOLD_ALREADY)

    def open_orders(self, store_id: str | None = None, key: str | None = None) -> list[Json]:
        """All open orders, page by page."""
        found: list[Json] = []
        query = f"limit=100&store_id={store_id}" if store_id else "limit=100"
        cursor = ""
        while True:
            page = self.ask("GET", f"/orders?{query}{cursor}", key=key)
            found += page["orders"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def timeline(self, order_id: str) -> list[Json]:
        events: list[Json] = self.ask("GET", f"/orders/{order_id}/timeline")["events"]
        return events

    def told(self, order_id: str) -> list[tuple[str, str, str]]:
        """Actor, type and effect of each line of an order's timeline."""
        return [(one["cause"]["actor"], one["type"], one["effect"]) for one in self.timeline(order_id)]

    def add_store(self, **fields: Any) -> str:
        """Make a store; its id."""
        told = {"name": "Test Kitchen", "time_zone": "America/Chicago", "prep_minutes": 15, **fields}
        return str(self.ask("POST", "/stores", told)["id"])

    def add_key(self, role: str, *stores: str) -> str:
        """Make an API key."""
        return str(self.ask("POST", "/api-keys", {"name": f"a {role}", "role": role, "stores": stores or ["*"]})["key"])

    # --- the stand-ins, the engine, the command ---------------------------------------------------------------------

    def vendor(self, slug: str, method: str, path: str, body: Any = None) -> Json:
        """A call to the control of a stand-in."""
        root = self.file.standins[slug].removesuffix(slug)
        reply = self.http.request(method, f"{root}_control/{slug}/{path}", json=body, timeout=TIMEOUT_SECONDS)
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        return dict(reply.json()) if reply.content else {}

    @contextlib.contextmanager
    def aws(self, service: str) -> Iterator[Any]:
        """A client of the local engine's AWS."""
        client = botocore.session.get_session().create_client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        with contextlib.closing(client):
            yield client

    def output(self, name: str) -> str:
        """An output of the stack."""
        with self.aws("cloudformation") as formation:
            outputs = formation.describe_stacks(StackName="orderhub-local")["Stacks"][0]["Outputs"]
        return str(next(one["OutputValue"] for one in outputs if one["OutputKey"] == name))

    def invoke(self, function: str) -> None:
        """Call a function as its schedule does."""
        with self.aws("lambda") as functions:
            answer = functions.invoke(FunctionName=f"orderhub-dev-{function}", Payload=b"{}")
        assert "FunctionError" not in answer

    def post_message(self, queue: str, body: Json) -> None:
        """Put a message on a queue, by the name of the output that tells its URL."""
        with self.aws("sqs") as sqs:
            sqs.send_message(QueueUrl=self.output(queue), MessageBody=json.dumps(body))

    def orderhub(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `orderhub` command in the hub's folder."""
        return subprocess.run(
            [sys.executable, "-c", COMMAND, *arguments],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

    def next_number(self) -> int:
        """A number that no sample order has yet."""
        return next(self._numbers)
