"""Runs the launcher on a small project with one of everything, for the tests of the launcher itself."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.local.processes import descendants

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "fixtures" / "shop"
LAUNCHER = "from local.launcher import BareScene, run_from_environment; exit(run_from_environment(BareScene()))"
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05
KEY = {"Authorization": "Bearer good"}


def make_project(folder: Path) -> Path:
    project = folder / "shop"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    return project


def free_port() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            second.bind(("127.0.0.1", port + 1))
            return port


def environment(port: int, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PORT": str(port), "DEMO": "0", **more}


def run_to_end(project: Path, port: int) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    command = [sys.executable, "-c", LAUNCHER]
    return subprocess.run(
        command, cwd=project, env=environment(port), capture_output=True, text=True, timeout=60, check=False
    )


class Shop:
    """A running launcher."""

    def __init__(self, project: Path, port: int, **more: str) -> None:
        self.project, self.port = project, port
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER],
            cwd=project,
            env=environment(port, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.wait_for_line("Ctrl-C stops everything")
        self.api_url: str = json.loads((project / ".local" / "hub.json").read_text())["api_url"]

    def wait_for_line(self, text: str) -> str:
        assert self.process.stdout
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if text in line:
                return line
        raise AssertionError(f"the launcher ended without saying {text!r}:\n{''.join(seen)}")

    def call(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON of a request to the API."""
        request = urllib.request.Request(f"{self.api_url}{path}", data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def accepts(self, order: str) -> bool:
        """Whether the intake takes an order; not while the engine stops or when it is gone."""
        try:
            return self.call(f"/webhooks/{order}", b"{}")[0] == 202
        except OSError:
            return False

    def work_done(self, order: str) -> int:
        """How often the queue's worker worked on an order."""
        _, answer = self.call(f"/v1/orders/{order}", headers=KEY)
        return int(answer["done"])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal the launcher; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def descendants(self) -> set[int]:
        """The processes the launcher started, and those they started."""
        return descendants(self.process.pid)


@contextlib.contextmanager
def open_shop(project: Path, port: int, **more: str) -> Iterator[Shop]:
    shop = Shop(project, port, **more)
    try:
        yield shop
    finally:
        shop.stop()


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in other processes; fails after half a minute."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(POLL_SECONDS)
