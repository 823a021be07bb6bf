"""What the command prints: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table, for programs.")]

_out = Console()
_err = Console(stderr=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints rows under their headings."""
    shown = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        shown.add_column(column, overflow="fold", no_wrap=number == 0)  # the first names the row
    for row in rows:
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    _out.print(shown)


def as_json(value: Any) -> None:
    """Prints a value as indented JSON."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def say(text: str) -> None:
    """Prints a sentence."""
    _out.print(Text(text), soft_wrap=True)


def fail(text: str) -> None:
    """Prints a sentence to standard error."""
    _err.print(Text(text, style="red"), soft_wrap=True)


def read_bytes(path: Path) -> bytes:
    """A file's bytes; `-` is standard input. Ends the command with 2 when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        fail(f"{path}: {error.strerror}")
        raise typer.Exit(2) from None


def read_object(path: Path) -> dict[str, Any]:
    """A file's JSON object. Ends the command with 2 when it is none."""
    value = read_json(path)
    if not isinstance(value, dict):
        fail(f"{path} holds no JSON object")
        raise typer.Exit(2)
    return value


def read_json(path: Path) -> Any:
    """A file's JSON. Ends the command with 2 when it is none."""
    try:
        return json.loads(read_bytes(path))
    except ValueError as error:
        fail(f"{path} is not JSON: {error}")
        raise typer.Exit(2) from None
