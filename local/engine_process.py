"""The engine's own process: ministack, made to stop in order and to keep what a restart needs.

ministack 1.5.33 saves its state when told to stop, but forgets stream records that no function has seen yet, and saves
while functions still run. On AWS neither happens, so here:

* unread stream records are saved with the tables, beside the read positions ministack already keeps;
* before saving, event sources pause, API callers get 503 (platforms try again) and running functions finish;
* event sources start only once the server answers, or restored work would meet a closed port;
* API requests above a limit wait for their turn, since ministack starts a Python process for each concurrent call;
* it ends when its launcher is gone, even when that was killed.

These reach into ministack's modules, hence the exact version.
"""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.metadata import version
from typing import Any

MINISTACK_VERSION = "1.5.33"
API_PATH = "/_aws/execute-api/"
CONCURRENT_API_REQUESTS = max(8, 4 * (os.cpu_count() or 1))
DRAIN_STEP_SECONDS = 0.02
UNREAD = "orderhub_unread_stream_records"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Gate:
    """Stands before ministack's ASGI application and its event source pollers, and knows when all work has ended."""

    def __init__(self, application: Application, functions: Any) -> None:
        """``functions`` is ministack's Lambda service module; its pollers run only while this gate is open."""
        self.application = application
        self.functions = functions
        self.open = False
        self.draining = False
        self.requests = 0
        self.polling = threading.Lock()
        self.slots = asyncio.Semaphore(CONCURRENT_API_REQUESTS)
        for name in ("_poll_sqs", "_poll_dynamodb_streams", "_poll_kinesis"):
            setattr(functions, name, self._gated(getattr(functions, name)))

    def _gated(self, poll: Callable[[], bool]) -> Callable[[], bool]:
        def poll_while_open() -> bool:
            with self.polling:
                return self.open and poll()

        return poll_while_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the first one proves that the server answers."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        self.open = not self.draining
        if not scope["path"].startswith(API_PATH):
            await self.application(scope, receive, send)
        elif self.draining:
            await refuse(send)
        else:
            self.requests += 1
            try:
                async with self.slots:
                    await self.application(scope, receive, send)
            finally:
                self.requests -= 1

    async def drain(self, seconds: float) -> None:
        """Let nothing new in and wait, up to ``seconds``, until what is inside has finished."""
        self.draining, self.open = True, False
        deadline = time.monotonic() + seconds
        while self.busy() and time.monotonic() < deadline:  # noqa: ASYNC110 (threads of ministack's set no event)
            await asyncio.sleep(DRAIN_STEP_SECONDS)

    def busy(self) -> bool:
        """Whether a request, a function, a queue batch or a poll is under way."""
        running, _ = self.functions.executions_in_flight()
        return bool(self.requests or running or self.functions._esm_inflight or self.polling.locked())


async def refuse(send: Send) -> None:
    """Answer that the engine is stopping, so that the sender tries again."""
    headers = [(b"content-type", b"application/json"), (b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"message":"Service Unavailable"}'})


def keep_stream_records(tables: Any, functions: Any) -> None:
    """Save and restore unread stream records with the tables (``tables``: ministack's DynamoDB module)."""
    save, restore = tables.get_state, tables.load_persisted_state

    def get_state() -> dict[str, Any]:
        return {**save(), UNREAD: unread_stream_records(tables, functions)}

    def load_persisted_state(data: dict[str, Any]) -> None:
        restore(data)
        for account, region, table, first, records in data.get(UNREAD, []):
            tables._stream_trimmed.set_scoped(account, region, table, first)
            tables._stream_records.set_scoped(account, region, table, records)

    tables.get_state, tables.load_persisted_state = get_state, load_persisted_state


def unread_stream_records(tables: Any, functions: Any) -> list[tuple[str, str, str, int, list[Any]]]:
    """Account, region, table, position of the first unread record, and the records from there on, of each stream."""
    unread = []
    for (account, region, table), _ in list(tables._stream_records.all_items()):
        scope = {"account_id": account, "region": region}
        positions = [
            functions._dynamodb_stream_positions.get_scoped(account, region, mapping["UUID"], 0)
            for key, mapping in functions._esms.all_items()
            if key[:2] == (account, region) and f":table/{table}/stream/" in mapping.get("EventSourceArn", "")
        ]
        end = tables.stream_end_position(table, **scope)
        first = max(min([*positions, end]), tables.stream_start_position(table, **scope))
        unread.append((account, region, table, first, tables.stream_records_since(table, first, end - first, **scope)))
    return unread


async def serve(host: str, port: int, drain_seconds: float) -> None:
    """Serve ministack until SIGTERM, SIGINT or the end of standard input; drain, save, stop."""
    hypercorn, config = importlib.import_module("hypercorn.asyncio"), importlib.import_module("hypercorn.config")
    engine = importlib.import_module("ministack.app")
    tables = importlib.import_module("ministack.services.dynamodb")
    functions = importlib.import_module("ministack.services.lambda_svc")
    keep_stream_records(tables, functions)
    gate = Gate(engine.app, functions)

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    threading.Thread(target=stop_at_end_of_input, args=(loop, stop), daemon=True).start()

    async def stopped() -> None:
        await stop.wait()
        await gate.drain(drain_seconds)

    settings = config.Config()
    settings.bind = [f"{host}:{port}"]
    settings.keep_alive_timeout = 75
    await hypercorn.serve(gate, settings, shutdown_trigger=stopped)


def stop_at_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Wait for the launcher's end of the pipe to close, which its death does as well."""
    while os.read(sys.stdin.fileno(), 1):  # not through the buffer: its lock is taken when the interpreter ends
        pass
    loop.call_soon_threadsafe(stop.set)


def main() -> int:
    """Run with ministack's own variables (BIND_HOST, GATEWAY_PORT, ...) and DRAIN_SECONDS."""
    found = version("ministack")
    if found != MINISTACK_VERSION:
        print(f"The local engine needs ministack {MINISTACK_VERSION}, found {found}: run make setup again.")
        return 1
    try:
        asyncio.run(
            serve(
                os.environ["BIND_HOST"],
                int(os.environ["GATEWAY_PORT"]),
                float(os.environ.get("DRAIN_SECONDS", "0")),
            )
        )
    finally:
        importlib.import_module("ministack.core.lambda_runtime").reset()
    return 0


if __name__ == "__main__":
    sys.exit(main())
