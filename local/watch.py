"""Noticing edits of the template and the code."""

from __future__ import annotations

import os
import queue
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from watchfiles import Change, DefaultFilter, watch

DEBOUNCE_MILLISECONDS = 300
CODE_FOLDERS = ("functions", "layers")


class OnlyTemplate(DefaultFilter):
    """The template, of all that lies in its folder."""

    def __call__(self, change: Change, path: str) -> bool:  # noqa: ARG002
        """Whether this change is one of the template."""
        return Path(path).name == "template.yaml"


class Edits:
    """Watches ``template.yaml`` and the code folders of a project, as a context.

    The template's folder is watched rather than the file: many editors replace a file, which ends a watch on it.
    """

    def __init__(self, project: Path) -> None:
        """``project`` is the folder of the template."""
        self.project = project
        self.batches: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        self.ended = threading.Event()
        folders = [project / name for name in CODE_FOLDERS if (project / name).is_dir()]
        watches = [([project], OnlyTemplate(), False)] + ([(folders, DefaultFilter(), True)] if folders else [])
        self.threads = [threading.Thread(target=self._watch, args=watch, daemon=True) for watch in watches]

    def __enter__(self) -> Self:
        """Start watching."""
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def wait(self, seconds: float) -> list[str]:
        """The files of the next edits, relative to the project, or none when ``seconds`` pass without one."""
        try:
            names = self.batches.get(timeout=seconds)
        except queue.Empty:
            return []
        while not self.batches.empty():
            names += self.batches.get()
        return sorted(set(names))

    def _watch(self, folders: list[Path], which: DefaultFilter, recursive: bool) -> None:
        for changes in watch(
            *folders,
            watch_filter=which,
            debounce=DEBOUNCE_MILLISECONDS,
            stop_event=self.ended,
            recursive=recursive,
            raise_interrupt=False,
        ):
            self.batches.put([os.path.relpath(name, self.project) for _, name in changes])
