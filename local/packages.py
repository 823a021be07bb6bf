"""Zips of our own code for the engine: third-party packages are already there, functions run on our interpreter.

Every module goes in compiled as well. The engine unpacks a package anew for each process it starts, so without that
each cold start would compile everything; and code that does not compile is found before it is deployed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import marshal
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from local.settings import LaunchError

LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache"}
EPOCH = (1980, 1, 1, 0, 0, 0)
# "Unchecked hash" in the header of compiled code: use it without looking at the source.
UNCHECKED = (1).to_bytes(4, "little")
SOURCES_REMEMBERED = 4096


@dataclass(frozen=True)
class Package:
    """A zip to upload under ``key``, which is made of its content: the same code gives the same key."""

    key: str
    body: bytes


def make_package(name: str, folder: Path, *, layer: bool) -> Package:
    """Package a function's folder, or of a layer's folder its packages (under ``python/``, as on AWS).

    Raises LaunchError, naming file and line, for code that does not compile.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for inside, content in contents(folder, layer=layer):
            entry = zipfile.ZipInfo(str(Path("python") / inside if layer else inside), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    body = buffer.getvalue()
    return Package(f"{name}/{hashlib.sha256(body).hexdigest()}.zip", body)


def contents(folder: Path, *, layer: bool) -> Iterator[tuple[Path, bytes]]:
    """The files to package, sorted, by path within ``folder``; each module is followed by its compiled form."""
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if not file.is_file() or LEFT_OUT.intersection(inside.parts) or (layer and not in_package(inside)):
            continue
        content = file.read_bytes()
        yield inside, content
        if inside.suffix == ".py":
            try:
                yield Path(importlib.util.cache_from_source(str(inside))), compiled(str(inside), content)
            except SyntaxError as error:
                raise LaunchError(f"{file}, line {error.lineno}: {error.msg}") from error


def in_package(inside: Path) -> bool:
    """Whether a file of a layer's folder is code: a module, or anything within a package folder."""
    return inside.suffix == ".py" or (len(inside.parts) > 1 and not inside.parts[0].startswith("."))


@lru_cache(maxsize=SOURCES_REMEMBERED)
def compiled(name: str, source: bytes) -> bytes:
    """A module's compiled form, as Python caches it. Raises SyntaxError."""
    code = compile(source, name, "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(source) + marshal.dumps(code)
