"""The `orderhub` command, run in this process."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orderhub.cli import main


@dataclass(frozen=True)
class Result:
    """How a command ended. out, err: what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Command:
    """Runs commands and takes in what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Result:
        self._capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["orderhub", *map(str, arguments)])
            code = main()
        printed = self._capsys.readouterr()
        return Result(code, printed.out, printed.err)
