"""The life of one run: start everything, show how to use it, redeploy on edits, and leave nothing behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Protocol

from local import hubfile
from local.child import Child
from local.deploy import Deployer, Stack
from local.engine import Engine, accepts, require_free
from local.hubfile import Hub
from local.settings import LaunchError, Settings, point_at_engine
from local.watch import Edits

STANDINS_START_SECONDS = 30.0
STANDINS_STOP_SECONDS = 5.0
CHECK_SECONDS = 1.0
KEPT_HUB = "hub.json"
KEPT_STANDINS = "standins.json"


class Scene(Protocol):
    """What is set up on a deployed stack and shown on it."""

    def prepare(self, stack: Stack, standins: str) -> Hub:
        """Make the store, connections and API key; ``standins`` is the base URL of the stand-ins."""

    def send_samples(self, hub: Hub) -> None:
        """Send sample orders and print what became of them."""


class BareScene:
    """Nothing set up, nothing shown: for a stack that is not the hub's own."""

    def prepare(self, stack: Stack, standins: str) -> Hub:  # noqa: ARG002
        """A hub of which only the API's address is known."""
        return Hub(api_url=stack.api_url, api_key="")

    def send_samples(self, hub: Hub) -> None:
        """Send none."""


def run_from_environment(scene: Scene) -> int:
    """Run in the current folder with the settings of the environment; the exit code."""
    began = time.monotonic()
    try:
        settings = Settings.from_environment(os.environ, Path.cwd().resolve())
        if not settings.template.is_file():
            raise LaunchError(f"There is no {settings.template}: run this in the project's folder.")
        with stopping_on_signals(), only_launcher(settings):
            point_at_engine(os.environ, settings.endpoint)
            Run(settings, scene, began).stay_up()
    except KeyboardInterrupt:
        return 0
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


class Run:
    """One run, from the first process to the last."""

    def __init__(self, settings: Settings, scene: Scene, began: float) -> None:
        """``began`` is the monotonic time that printed seconds count from."""
        self.settings = settings
        self.scene = scene
        self.began = began

    def stay_up(self) -> None:
        """Start all, then stay until a signal arrives or a process ends. Raises LaunchError when it cannot."""
        settings = self.settings
        require_free(settings.port)
        require_free(settings.standins_port)
        with contextlib.ExitStack() as stopping:
            stopping.callback(settings.hub_file.unlink, missing_ok=True)
            stopping.callback(self.say, "stopped" + (", the state is kept for KEEP=1" if settings.keep else ""))
            standins = self._start_standins()
            stopping.callback(standins.stop, STANDINS_STOP_SECONDS)
            stopping.callback(ignore_signals)
            engine = Engine(settings)
            stopping.callback(engine.stop)
            stopping.callback(ignore_signals)
            engine.wait_until_ready()
            self.say("the AWS engine answers")
            standins.wait_until(lambda: accepts(settings.standins_port), STANDINS_START_SECONDS)
            self.say("the platforms' stand-ins answer")
            deployer = Deployer(settings)
            stack = deployer.deploy(self._previous_hub())
            self.say(f"template.yaml is deployed, {stack.resources} resources")
            with Edits(settings.project) as edits:
                self._open(stack)
                self._redeploy_on_edits(deployer, edits, [engine.child, standins])

    def say(self, text: str) -> None:
        """Print a step with the seconds it came at."""
        print(f"[{time.monotonic() - self.began:5.1f} s] {text}", flush=True)

    def _start_standins(self) -> Child:
        self.settings.folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "local.standins", "--port", str(self.settings.standins_port)]
        if self.settings.keep:
            self.settings.state.mkdir(exist_ok=True)
            command += ["--state", str(self.settings.state / KEPT_STANDINS)]
        return Child("platforms' stand-ins", command, os.environ, self.settings.folder / "standins.log")

    def _previous_hub(self) -> Hub | None:
        """The hub of the run before, if its state was kept."""
        with contextlib.suppress(FileNotFoundError):
            return hubfile.read(self.settings.state / KEPT_HUB)
        return None

    def _open(self, stack: Stack) -> None:
        """Set the scene, tell scripts and people where the hub is, show the samples."""
        settings = self.settings
        hub = self.scene.prepare(stack, settings.standins_url)
        hubfile.write(settings.hub_file, hub)
        hubfile.write(settings.state / KEPT_HUB, hub)
        self.say("the demo store, its connections and an API key are made")
        if settings.demo:
            self.scene.send_samples(hub)
        self.say("ready")
        print("\n" + how_to_use(settings, hub) + "\n", flush=True)

    def _redeploy_on_edits(self, deployer: Deployer, edits: Edits, children: list[Child]) -> None:
        """Redeploy what was edited; an edit that does not work leaves what runs in place."""
        while True:
            names = edits.wait(CHECK_SECONDS)
            for child in children:
                if not child.running():
                    raise LaunchError(f"The {child.name} ended by itself.\n{child.last_words()}")
            if names:
                self.began = time.monotonic()
                self.say(f"edited: {', '.join(names[:5])}{' and more' if len(names) > 5 else ''}")
                try:
                    deployer.deploy()
                    self.say("redeployed")
                except Exception as error:  # noqa: BLE001 (whatever an edit does, the launcher stays up)
                    reason = str(error) if isinstance(error, LaunchError) else repr(error)
                    self.say(f"not redeployed, the version before goes on. {reason}")


def how_to_use(settings: Settings, hub: Hub) -> str:
    """What the person needs now: addresses, key, and something to try."""
    rows = [("API", hub.api_url), ("pages", f"{hub.api_url}/v1/docs")]
    if hub.api_key:
        rows.append(("API key", hub.api_key))
    rows += [(f"{slug} webhook", connection.url) for slug, connection in hub.connections.items()]
    rows += [(f"{slug} stand-in", url) for slug, url in hub.standins.items()]
    rows += [
        ("for scripts", str(settings.hub_file.relative_to(settings.project))),
        ("logs", f"{settings.folder.name}/ministack.log, {settings.folder.name}/standins.log"),
        ("queues, metrics", f"{os.path.relpath(sys.executable, settings.project)} -m local.status"),
        ("try", f"curl -H 'Authorization: Bearer {hub.api_key or '<key>'}' {hub.api_url}/v1/orders"),
    ]
    width = max(len(name) for name, _ in rows)
    table = [f"  {name:<{width}}  {value}" for name, value in rows]
    return "\n".join([*table, "", "  Edits are redeployed. Ctrl-C stops everything."])


@contextlib.contextmanager
def only_launcher(settings: Settings) -> Iterator[None]:
    """Hold this folder's lock while the launcher runs. Raises LaunchError when another one holds it."""
    settings.folder.mkdir(exist_ok=True)
    with settings.lock_file.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = json.loads(lock.read() or "{}")
            raise LaunchError(
                f"Orderhub already runs from this folder: process {holder.get('pid', 'unknown')}, "
                f"port {holder.get('port', 'unknown')}. Stop that one first."
            ) from error
        lock.truncate(0)  # never removed: a start waiting to lock the removed file would not exclude the next one
        json.dump({"pid": os.getpid(), "port": settings.port}, lock)
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Make SIGTERM what SIGINT is, a KeyboardInterrupt, so that both run the same way out."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """From here on finish stopping, whatever else arrives."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
