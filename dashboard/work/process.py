"""A verb in a process of its own: the page that asked for it stays alive, hears of its progress, and can end it.

UMAP and fits hold the interpreter lock for seconds; in a thread of the server they would stop every visitor's page.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from platonic_atlas.dashboard.work.failure import in_words
from platonic_atlas.engine.errors import PlatonicError, WorkerError
from platonic_atlas.engine.orphans import end_with_parent
from platonic_atlas.engine.store import open_atlas
from platonic_atlas.engine.store.files import Place

END = 5.0  # seconds that an ended process gets to go


@dataclass(frozen=True)
class Report:
    """How a task stands: `what` is being done and its `fraction`; at the end `result`, or `error` in words."""

    what: str = ""
    fraction: float = 0.0
    done: bool = False
    result: Any = None
    error: PlatonicError | None = None


class Task:
    """A function of the engine, running beside this process.

    function : "module:name", taking the arguments (all picklable) and `progress`
    atlas : where the atlas lies that the function takes first, opened in the process; None for one that takes none
    """

    def __init__(self, function: str, *, atlas: Place | None = None, **arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._reports, child = context.Pipe(duplex=False)
        self._last = Report("starting")
        self._process = context.Process(target=_run, args=(child, function, atlas, arguments), daemon=True)
        self._process.start()
        child.close()

    def poll(self) -> Report:
        """The latest report; never waits."""
        try:
            while not self._last.done and self._reports.poll():
                self._last = self._reports.recv()
        except EOFError:
            code = self._process.exitcode
            self._last = Report(done=True, error=WorkerError(
                f"The work ended unexpectedly (exit code {code}).", "It should report a result.",
                "Ask again; if it repeats, run the command of the same name in a terminal."))  # fmt: skip
        except Exception as error:  # a result that this process cannot read
            self._last = Report(done=True, error=in_words("Reading the result", error))
        return self._last

    def cancel(self) -> None:
        """End the process, whatever it is doing."""
        self._last = Report(done=True, what="cancelled")
        self._process.terminate()
        self._process.join(END)
        if self._process.is_alive():
            self._process.kill()


def _run(reports: Any, function: str, atlas: Place | None, arguments: dict[str, Any]) -> None:
    def progress(what: str, done: float, total: float = 1.0, /) -> None:
        reports.send(Report(what, done / total if total else 0.0))

    end_with_parent(os.getppid())
    module, name = function.split(":")
    try:
        verb: Callable[..., Any] = getattr(import_module(module), name)
        opened = [] if atlas is None else [open_atlas(atlas)]
        reports.send(Report(done=True, fraction=1.0, result=verb(*opened, **arguments, progress=progress)))
    except Exception as error:  # also of a result that cannot be sent
        reports.send(Report(done=True, error=in_words(f"The work {name!r}", error)))
