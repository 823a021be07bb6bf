"""Fresh processes for measurements: a task as a file in, one line of JSON out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.blueprint import ROOT
from benchmarks.settings import ENVIRONMENT

LAYER = ROOT / "layers" / "common"


def run(module: str, task: Mapping[str, Any], *, options: Sequence[str] = ()) -> tuple[dict[str, Any], str]:
    """What the module answers, and what it wrote to standard error. options: of the interpreter.

    Raises RuntimeError when it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "task.json"
        file.write_text(json.dumps(task), encoding="utf-8")
        command = [sys.executable, *options, "-m", module, str(file)]
        done = subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{module}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer, done.stderr


def environment() -> dict[str, str]:
    """The functions' environment, with what a process needs to start."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **ENVIRONMENT, "PYTHONPATH": str(LAYER), "AWS_LAMBDA_FUNCTION_NAME": "bench"}
