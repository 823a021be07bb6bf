"""One cold start, in a process of its own: started by `cold.py` with the path of a task, answers with one line of JSON.

Imports nothing of note before the clock starts, so that the process is as empty as a new Lambda environment.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any


def main(path: str) -> None:
    """Runs the task and prints what it took, in milliseconds: wall and CPU, in whole and in parts."""
    task = json.loads(Path(path).read_bytes())
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    started = _clocks()
    if task["function"] is None:
        import boto3

        boto3.client("dynamodb")
        parts = {"import": _since(started)}
    else:
        sys.path.insert(0, task["function"])
        import app  # type: ignore[import-not-found]  # the function's

        parts = {"import": _since(started)}
        _answer_with(task["answers"])
        app.handler(task["event"], None)
    told = {"total": _since(started), **parts}
    if task.get("aside"):
        layer = _layer_modules(task["layer"], task["runtime"])
        told["aside"] = {"tls": _load_certificates(), "compile": _compile(layer)}
    os.write(answer, json.dumps(told).encode())


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(started: tuple[float, float]) -> dict[str, float]:
    wall, cpu = _clocks()
    return {"wall": (wall - started[0]) * 1000, "cpu": (cpu - started[1]) * 1000}


def _answer_with(answers: list[dict[str, Any]]) -> None:
    """Answers a request as the same one was answered before, else as the first of its operation and table was."""
    from urllib3 import HTTPResponse
    from urllib3.connectionpool import HTTPConnectionPool

    def urlopen(
        pool: HTTPConnectionPool, *, url: str, body: object = None, headers: object = None, **_: object
    ) -> HTTPResponse:
        sent = body.decode() if isinstance(body, bytes) else str(body)
        target = dict(headers or {}).get("X-Amz-Target", url)  # type: ignore[call-overload]  # some mapping
        target = target.decode() if isinstance(target, bytes) else target
        alike = [one for one in answers if (one["host"], one["target"]) == (pool.host, target) and one["table"] in sent]
        answer = next((one for one in alike if one["sent"] == sent), alike[0])
        content = BytesIO(base64.b64decode(answer["body"]))
        return HTTPResponse(content, answer["headers"], answer["status"], preload_content=False)

    HTTPConnectionPool.urlopen = urlopen  # type: ignore[method-assign,assignment]


def _load_certificates() -> float:
    """CPU milliseconds of loading the certificate authorities, which every first connection to a service does."""
    from botocore.httpsession import create_urllib3_context, get_cert_path

    started = time.process_time()
    create_urllib3_context().load_verify_locations(get_cert_path(True))  # noqa: FBT003  # botocore's own signature
    return (time.process_time() - started) * 1000


def _layer_modules(folders: list[str], runtime: list[str]) -> list[Path]:
    """The sources that are loaded and come with our layer. runtime: what Lambda has itself."""
    files = [str(getattr(module, "__file__", None) or "") for module in sys.modules.values()]
    for folder in folders:
        theirs = tuple(f"{folder}/{name}" for name in runtime)
        files = [file for file in files if not file.startswith(theirs)]
    return [Path(file) for file in files if file.endswith(".py") and file.startswith(tuple(folders))]


def _compile(files: list[Path]) -> float:
    """CPU milliseconds of compiling: what sources cost on each start when there is no bytecode of them."""
    sources = [file.read_bytes() for file in files]
    started = time.process_time()
    for source in sources:
        compile(source, "layer", "exec", dont_inherit=True)
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    main(sys.argv[1])
